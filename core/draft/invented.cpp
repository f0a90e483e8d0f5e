#include "draft/invented.hpp"

#include <algorithm>
#include <memory>

namespace casebridge::draft {
namespace {

std::string padded(int n, size_t width) {
  const std::string digits = std::to_string(n);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// `column` keeps two columns of one kind apart.
std::string one(const Column& c, const Guess& g, int n, int column) {
  const std::string apart = std::to_string((column * 3 + n) % 90 + 10);
  static const char* const kFamilies[] = {"EXEMPLE", "SPECIMEN", "TESTARD"};
  static const char* const kGiven[] = {"Testine", "Maya", "Anouk"};
  static const char* const kCities[] = {"Exampleville", "Ville-Exemple", "Sampleton"};
  const size_t k = static_cast<size_t>(n - 1) % 3;
  const std::string id = g.meaning ? g.meaning->id : "";
  if (g.date) return g.date->example;
  double share = 0;
  std::vector<const DateForm*> rivals;
  if (const DateForm* date = c.shapes.date(share, rivals); date && share >= 0.9) return date->example;
  if (!g.mapped()) return c.shapes.values && c.shapes.share(Shape::digits) >= 0.9 ? std::to_string(n) : "synthetic " + std::to_string(n);
  if (id.starts_with("family")) return kFamilies[k];
  if (id == "given" || id == "middle") return kGiven[k];
  if (id == "full") return std::string(kGiven[k]) + " " + kFamilies[k];
  if (id == "alias") return "Star " + std::string(kFamilies[k]);
  if (id == "birth" || id == "reported" || id == "start" || id == "end") return "2099-07-0" + std::to_string(n);
  if (id == "sin") return "046454286";
  if (id == "city" || id == "birthplace") return kCities[k];
  if (id == "summary") return "synthetic";
  if (id == "full_address") return std::to_string(n) + " Test Road";
  if (id == "street") return "Test Road";
  if (id == "province") return "ON";
  if (id == "venue") return "Example Motel";
  switch (g.meaning->shape) {
    case Shape::gender: return k == 1 ? "M" : "F";
    case Shape::role: return k == 1 ? "Witness" : "Victim";
    case Shape::country: return "CA";
    case Shape::postal: return "P0L 1Y0";
    case Shape::latitude: return "46.49" + std::to_string(n);
    case Shape::longitude: return "-81.01" + std::to_string(n);
    case Shape::plate: return "TEST 10" + std::to_string(n);
    case Shape::vin: return "1M8GDM9AXKP042788";
    case Shape::year: return "2019";
    case Shape::phone: return "705-555-01" + apart;
    case Shape::email: return "exemple" + apart + "@example.org";
    case Shape::url: return "https://example.org/" + apart;
    case Shape::ip: return "192.0.2." + apart;
    case Shape::imei: return "490154203237518";
    case Shape::digits: return "3027201234567" + apart;
    case Shape::mac: return "00:00:5E:00:53:" + apart;
    case Shape::hash32: return padded(n, 32);
    case Shape::hash40: return padded(n, 40);
    case Shape::hash64: return padded(n, 64);
    case Shape::id: return "EX99-" + apart;
    default: return "exemple " + apart;
  }
}

// Names as branches, values as leaves.
struct Branch {
  std::string name, value;
  std::vector<std::unique_ptr<Branch>> below;
  Branch& child(std::string_view step) {
    for (const auto& b : below)
      if (b->name == step) return *b;
    below.push_back(std::make_unique<Branch>());
    below.back()->name = step;
    return *below.back();
  }
};

Branch tree(const Observed& o, const std::vector<std::string>& values) {
  Branch root;
  for (size_t i = 0; i < o.columns.size(); ++i) {
    if (values[i].empty()) continue;
    Branch* at = &root;
    const std::string_view place = o.columns[i].place;
    for (size_t from = 0; from <= place.size();) {
      const size_t end = std::min(place.find('/', from), place.size());
      at = &at->child(place.substr(from, end - from));
      from = end + 1;
    }
    at->value = values[i];
  }
  return root;
}

std::string escaped(std::string_view text, bool json) {
  std::string out;
  for (const char c : text) {
    if (json && (c == '"' || c == '\\')) out += '\\';
    if (!json && c == '&') out += "&amp;";
    else if (!json && c == '<') out += "&lt;";
    else if (!json && c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string json(const Branch& b) {
  if (b.below.empty()) return "\"" + escaped(b.value, true) + "\"";
  std::string out = "{";
  for (const auto& c : b.below) out += (out.size() > 1 ? ", \"" : "\"") + escaped(c->name, true) + "\": " + json(*c);
  return out + "}";
}

std::string xml(const Branch& b, const std::string& name) {
  std::string attributes, inside;
  for (const auto& c : b.below)
    if (c->name.starts_with('@')) attributes += " " + c->name.substr(1) + "=\"" + escaped(c->value, false) + "\"";
    else inside += xml(*c, c->name);
  return "<" + name + attributes + ">" + escaped(b.value, false) + inside + "</" + name + ">";
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::vector<std::string> invented(const Observed& o, const Guesses& g, int n) {
  std::vector<std::string> out;
  for (size_t i = 0; i < o.columns.size(); ++i) out.push_back(one(o.columns[i], g.columns[i], n, static_cast<int>(i)));
  if (g.key >= 0) out[static_cast<size_t>(g.key)] = "EX99-000" + std::to_string(n);
  // A name with text and branches of its own has no text in JSON.
  for (size_t i = 0; i < o.columns.size(); ++i)
    if (o.reader == Reader::json || o.reader == Reader::jsonl)
      for (const Column& other : o.columns)
        if (other.place.starts_with(o.columns[i].place + "/")) out[i].clear();
  return out;
}

std::string document(const Observed& o, const std::vector<std::vector<std::string>>& records) {
  std::string out;
  switch (o.reader) {
    case Reader::delimited: {
      for (size_t i = 0; i < o.columns.size(); ++i) out += (i ? "," : "") + csv_cell(o.columns[i].place);
      for (const auto& values : records) {
        out += "\n";
        for (size_t i = 0; i < values.size(); ++i) out += (i ? "," : "") + csv_cell(values[i]);
      }
      return out + "\n";
    }
    case Reader::jsonl:
      for (const auto& values : records) out += json(tree(o, values)) + "\n";
      return out;
    case Reader::json: {
      if (o.each.empty()) {
        Branch top = tree(o, records.front());
        for (const std::string& key : o.keys) top.child(key);
        return json(top) + "\n";
      }
      for (const auto& values : records) out += (out.empty() ? "" : ",\n  ") + json(tree(o, values));
      out = "[\n  " + out + "]";
      if (o.each == "/") return out + "\n";
      const std::string first = o.each.substr(1, std::min(o.each.find('/', 1), o.each.size()) - 1);
      std::string inner = out;
      for (size_t slash = o.each.rfind('/'); slash != 0; slash = o.each.rfind('/', slash - 1)) {
        const size_t end = std::min(o.each.find('/', slash + 1), o.each.size());
        inner = "{\"" + escaped(o.each.substr(slash + 1, end - slash - 1), true) + "\": " + inner + "}";
      }
      std::string top = "{";
      for (const std::string& key : o.keys)
        top += (top.size() > 1 ? ", \"" : "\"") + escaped(key, true) + "\": " + (key == first ? inner : "\"\"");
      return top + "}\n";
    }
    case Reader::xml: {
      const size_t blank = o.root.rfind(' ');
      const std::string name = blank == o.root.npos ? o.root : o.root.substr(blank + 1);
      const std::string ns = blank == o.root.npos ? "" : " xmlns=\"" + escaped(o.root.substr(0, blank), false) + "\"";
      if (o.each.empty()) {
        std::string whole = xml(tree(o, records.front()), name);
        return whole.insert(1 + name.size(), ns) + "\n";
      }
      for (const auto& values : records) out += "  " + xml(tree(o, values), o.each) + "\n";
      return "<" + name + ns + ">\n" + out + "</" + name + ">\n";
    }
    case Reader::xlsx: break;
  }
  return out;
}

std::string test_input(const Observed& o, const std::vector<std::string>& values, const std::string& indent) {
  std::string out;
  if (o.reader == Reader::delimited || o.reader == Reader::xlsx) {
    for (size_t i = 0; i < values.size(); ++i)
      if (!values[i].empty()) out += "\n" + indent + yaml_word(o.columns[i].place) + ": " + yaml_word(values[i]);
    return out;
  }
  out = " |\n";
  const std::string whole = document(o, {values});
  for (size_t from = 0; from < whole.size();) {
    const size_t end = std::min(whole.find('\n', from), whole.size());
    out += indent + whole.substr(from, end - from) + "\n";
    from = end + 1;
  }
  out.pop_back();
  return out;
}

}  // namespace casebridge::draft
