#include "resolve/labels.hpp"

#include <cmath>
#include <stdexcept>

#include "base/text.hpp"
#include "emit/escape.hpp"

namespace casebridge::resolve {
namespace {

std::vector<std::string> cells_of(std::string_view line) {  // no line breaks inside quotes: ids and words
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') out.back() += line[i++];
    else if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) out.emplace_back();
    else if (c != '\r') out.back() += c;
  }
  return out;
}

std::string percent(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", v * 100);
  std::string out = text;
  if (french()) out[out.find('.')] = ',';
  return out + (french() ? "\u00a0%" : "%");
}
std::string with_interval(const Rate& r) {
  const auto [low, high] = r.interval();
  return fill(tr("{0} ({1} to {2})"), std::vector<std::string>{percent(r.share()), percent(low), percent(high)});
}
std::string json_rate(const Rate& r) {
  char text[128];
  const auto [low, high] = r.interval();
  std::snprintf(text, sizeof text, "{\"rate\":%.5f,\"low\":%.5f,\"high\":%.5f,\"pairs\":%llu}", r.share(), low, high,
                static_cast<unsigned long long>(r.of));
  return text;
}

}  // namespace

Labels read_labels(std::string_view csv) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  Labels out;
  size_t id = 0, entity = 0, pattern = SIZE_MAX, number = 0, width = 0;
  while (!csv.empty()) {
    const size_t end = csv.find('\n');
    const std::vector<std::string> cells = cells_of(csv.substr(0, end));
    csv = end == csv.npos ? std::string_view() : csv.substr(end + 1);
    if (++number == 1) {
      id = entity = SIZE_MAX;
      for (size_t i = 0; i < cells.size(); ++i) {
        if (cells[i] == "record_id" || cells[i] == "rec_id") id = i;
        else if (cells[i] == "entity_id") entity = i;
        else if (cells[i] == "pattern") pattern = i;
      }
      if (id == SIZE_MAX || entity == SIZE_MAX) throw std::runtime_error("labels: no column record_id or no column entity_id");
      width = std::max(id, entity) + 1;
      continue;
    }
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() < width) throw std::runtime_error("labels: line " + std::to_string(number) + " has too few columns");
    if (!out.of.emplace(cells[id], Labels::Label{cells[entity], pattern < cells.size() ? cells[pattern] : ""}).second)
      throw std::runtime_error("labels: line " + std::to_string(number) + ": a record stands twice");
  }
  return out;
}

std::pair<double, double> Rate::interval() const {
  if (!of) return {0, 1};
  const double z = 1.959964, size = static_cast<double>(of), p = share();
  const double middle = (p + z * z / (2 * size)) / (1 + z * z / size);
  const double half = z * std::sqrt(p * (1 - p) / size + z * z / (4 * size * size)) / (1 + z * z / size);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double Judgement::f1() const {
  const double p = precision.share(), r = recall.share();
  return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

Judgement judge(const Linking& l, const Labels& labels) {
  struct One {
    const Labels::Label* label;
    uint64_t found;
  };
  std::map<std::string, std::vector<One>> truth;
  std::map<uint64_t, std::vector<One>> found;
  Judgement j;
  for (const uint32_t i : l.items().of(Kind::person)) {
    const auto at = labels.of.find(l.items().local_id(l.items().at(i)));
    if (at == labels.of.end()) continue;
    ++j.records;
    const One one{&at->second, l.entity_of(i)};
    truth[one.label->entity].push_back(one);
    found[one.found].push_back(one);
  }
  const auto pairs = [&](const std::vector<One>& all, auto&& each) {
    for (size_t i = 0; i < all.size(); ++i)
      for (size_t k = i + 1; k < all.size(); ++k) each(all[i], all[k]);
  };
  for (const auto& [entity, all] : truth)
    pairs(all, [&](const One& a, const One& b) {
      const bool missed = a.found != b.found;
      ++j.recall.of, j.recall.n += !missed;
      for (const One* one : {&a, &b})
        if (!one->label->pattern.empty()) ++j.by_pattern[one->label->pattern].first.of, j.by_pattern[one->label->pattern].first.n += missed;
    });
  for (const auto& [entity, all] : found)
    pairs(all, [&](const One& a, const One& b) {
      const bool wrong = a.label->entity != b.label->entity;
      ++j.precision.of, j.precision.n += !wrong;
      for (const One* one : {&a, &b})
        if (!one->label->pattern.empty())
          ++j.by_pattern[one->label->pattern].second.of, j.by_pattern[one->label->pattern].second.n += wrong;
    });
  return j;
}

std::string judgement_text(const Judgement& j) {
  const auto say = [](const char* english, std::vector<std::string> args) { return fill(tr(english), args) + '\n'; };
  std::string out = say("Against {0} labelled records: precision {1}, recall {2}, F1 {3}.",
                        {std::to_string(j.records), with_interval(j.precision), with_interval(j.recall), percent(j.f1())});
  out += "  " +
         tr("The model was estimated with these labels in view (unless --model gave it), so where they are few the figures flatter it.") +
         '\n';
  for (const auto& [pattern, r] : j.by_pattern)
    out +=
        "  " + say("names of pattern {0}: missed links {1}, false merges {2}", {pattern, with_interval(r.first), with_interval(r.second)});
  return out;
}

std::string judgement_json(const Judgement& j) {
  char f1[32];
  std::snprintf(f1, sizeof f1, "%.5f", j.f1());
  std::string out = "{\"records\":" + std::to_string(j.records) + ",\"precision\":" + json_rate(j.precision) +
                    ",\"recall\":" + json_rate(j.recall) + ",\"f1\":" + f1 + ",\"byPattern\":{";
  bool first = true;
  for (const auto& [pattern, r] : j.by_pattern) {
    if (!first) out += ',';
    first = false;
    emit::append_json_string(out, pattern);
    out += ":{\"missed\":" + json_rate(r.first) + ",\"false\":" + json_rate(r.second) + "}";
  }
  return out + "}}";
}

namespace {
// What is to be measured (the generator's own words), whether or not labels name it. Indigenous names have no cited public
// source in this project, so the last one stays not measured until labels bring it.
constexpr std::string_view kPatterns[] = {"english", "french", "transliterated", "compound", "single", "changed", "indigenous"};

std::pair<std::vector<std::string>, std::vector<std::string>> measured(const Judgement* j) {
  std::pair<std::vector<std::string>, std::vector<std::string>> out;
  if (j)
    for (const auto& [pattern, rates] : j->by_pattern) out.first.push_back(pattern);
  for (const std::string_view p : kPatterns)
    if (!j || !j->by_pattern.contains(std::string(p))) out.second.emplace_back(p);
  return out;
}
}  // namespace

std::string fairness_text(const Judgement* j) {
  std::string list;
  for (const std::string& p : measured(j).second) list += (list.empty() ? "" : ", ") + p;
  return fill(tr("Fairness: missed links and false merges are not measured for names of the patterns {0}; --labels with a column pattern "
                 "measures them."),
              std::vector<std::string>{list}) +
         '\n';
}

std::string fairness_json(const Judgement* j) {
  const auto [known, unknown] = measured(j);
  const auto list = [](const std::vector<std::string>& words) {
    std::string out = "[";
    for (const std::string& w : words) {
      if (out.size() > 1) out += ',';
      emit::append_json_string(out, w);
    }
    return out + "]";
  };
  return "{\"measured\":" + list(known) + ",\"notMeasured\":" + list(unknown) + "}";
}

}  // namespace casebridge::resolve
