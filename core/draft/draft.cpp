#include "draft/draft.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "draft/invented.hpp"
#include "normalise/folding.hpp"

namespace casebridge::draft {
namespace {

using Words = std::vector<std::string>;

// One rule, with its lines; a comment stands behind the line it explains.
struct Rule {
  std::string name, text, expect;  // expect: how a test says what it makes
};

class Writer {
 public:
  Writer(const Observed& o, const Guesses& g, std::string id) : o_(o), g_(g), id_(std::move(id)) {}

  Draft draft(const std::string& sample_name) {
    rules();
    Draft out;
    out.id = id_;
    out.records = o_.records;
    out.cut = o_.cut;
    out.key_words = g_.key_words;
    out.lines = lines();
    out.files.push_back({"mapping.yaml", mapping()});
    out.files.push_back({"README.md", readme(sample_name, out.lines)});
    if (o_.reader != Reader::xlsx) {
      std::vector<std::vector<std::string>> records;
      for (int n = 1; n <= 3; ++n) records.push_back(invented(o_, g_, n));
      out.files.push_back(
          {"samples/example." + std::string(o_.reader == Reader::delimited ? "csv" : reader_word(o_.reader)), document(o_, records)});
      out.files.push_back({"samples/README.md", fill(tr("Invented records in the layout of {0}; nobody's data."), Words{id_}) + "\n"});
    }
    return out;
  }

 private:
  bool table() const { return o_.reader == Reader::delimited || o_.reader == Reader::xlsx; }
  std::string place(size_t i) const { return place_word(o_.columns[i].place, o_.reader); }
  // The place as YAML; with its way of writing dates, its table of codes.
  std::string value(size_t i) const {
    const Guess& g = g_.columns[i];
    if (g.date && !g.date->pattern.empty()) return "{take: " + yaml_word(place(i)) + ", date: " + yaml_word(g.date->pattern) + "}";
    if (g.meaning->shape == Shape::gender || g.meaning->shape == Shape::role)
      return "{take: " + yaml_word(place(i)) + ", codes: " + (g.meaning->shape == Shape::gender ? "gender" : "role") + "}";
    return yaml_word(place(i));
  }
  std::string each(size_t i) const {  // one for each value, also where a cell holds several
    const std::string at = yaml_word(place(i));
    return o_.columns[i].shapes.separated ? "{take: " + at + ", split: \";\"}" : at;
  }
  std::string line(const std::string& indent, const std::string& field, size_t i) const {
    return indent + field + ": " + value(i) + "   # " + g_.columns[i].evidence + "\n";
  }
  std::vector<size_t> of(Part part, const char* role = nullptr) const {
    std::vector<size_t> out;
    for (size_t i = 0; i < g_.columns.size(); ++i)
      if (g_.columns[i].mapped() && g_.columns[i].meaning->part == part && (!role || g_.columns[i].role == role)) out.push_back(i);
    return out;
  }
  int column(Part part, std::string_view field, const char* role = nullptr) const {
    for (const size_t i : of(part, role))
      if (field == g_.columns[i].meaning->field) return static_cast<int>(i);
    return -1;
  }
  std::string fields(const std::string& indent, Part part, std::initializer_list<const char*> names, const char* role = nullptr) const {
    std::string out;
    for (const char* name : names)
      if (const int i = column(part, name, role); i >= 0) out += line(indent, name, static_cast<size_t>(i));
    return out;
  }
  std::string key_line() {
    if (keyed_) return {};
    keyed_ = true;
    if (g_.key < 0) return "    # " + g_.key_words + "\n";
    return "    key: " + yaml_word(place(static_cast<size_t>(g_.key))) + "   # " + g_.key_words + "\n";
  }
  void put(const std::string& name, const std::string& text, const std::string& expect) { rules_.push_back({name, text, expect}); }
  std::string key_expected() const { return g_.key >= 0 ? "{key: EX99-0001}" : "{}"; }

  std::string location(const std::string& indent) const {
    std::string out = indent + "kind: =OTHER\n" + fields(indent, Part::location, {"name", "area"});
    if (const std::string civic =
            fields(indent + "  ", Part::location, {"full", "unit", "number", "street", "city", "province", "postalCode", "country"});
        !civic.empty())
      out += indent + "civic:\n" + civic;
    if (const int lat = column(Part::location, "lat"), lon = column(Part::location, "lon"); lat >= 0 && lon >= 0)
      out +=
          indent + "geo:\n" + line(indent + "  ", "lat", static_cast<size_t>(lat)) + line(indent + "  ", "lon", static_cast<size_t>(lon));
    return out;
  }
  bool somewhere() const {
    const std::vector<size_t> all = of(Part::location);
    return std::any_of(all.begin(), all.end(),
                       [&](size_t i) {
                         const std::string_view field = g_.columns[i].meaning->field;
                         return field != "lat" && field != "lon";
                       }) ||
           (column(Part::location, "lat") >= 0 && column(Part::location, "lon") >= 0);
  }

  void event() {
    std::string text = "    record: Occurrence\n" + key_line();
    const int number = column(Part::occurrence, "occurrenceNumber");
    if (number >= 0) {
      const auto n = static_cast<size_t>(number);
      text += "    occurrenceNumber: {first: [" + yaml_word(place(n)) + ", {absent: UNKNOWN}]}   # " + g_.columns[n].evidence + "\n";
    } else {
      text += "    occurrenceNumber: {absent: UNKNOWN}\n";
    }
    text += "    kind: =OTHER   # " +
            tr("of the list occurrence_kind: CRIME, TIP, MISSING_PERSON … Say it, or map a column through codes") + "\n";
    text += fields("    ", Part::occurrence, {"reportedAt", "division"});
    std::string when;
    for (const auto& [field, name] : {std::pair{"occurredStart", "start"}, {"occurredEnd", "end"}})
      if (const int i = column(Part::occurrence, field); i >= 0) when += line("      ", name, static_cast<size_t>(i));
    if (!when.empty()) text += "    occurred:\n" + when;
    if (const int i = column(Part::occurrence, "summary"); i >= 0) text += "    summary:\n" + line("      ", "und", static_cast<size_t>(i));
    if (somewhere()) text += "    location:\n      record: Location\n" + location("      ");
    put("event", text, "Occurrence: " + key_expected());
    if (somewhere()) rules_.back().expect += "\n      - Location: {}";
    main_ = "event";
  }

  void person(const std::string& role) {
    const std::string name = role.empty() ? "person" : normalise::lower(role == "MISSING_PERSON" ? "missing" : role);
    std::string text = "    record: Person\n" + (main_.empty() ? key_line() : std::string());
    const std::string said = fields("        ", Part::person, {"full", "family", "given", "middle"}, role.c_str());
    const std::vector<size_t> aliases = of(Part::alias, role.c_str());
    if (!said.empty() || !aliases.empty()) text += "    names:\n";
    if (!said.empty()) text += "      - type: =LEGAL\n" + said;
    for (const size_t i : aliases) text += "      - {each: " + each(i) + ", type: =ALIAS, full: .}   # " + g_.columns[i].evidence + "\n";
    const std::vector<size_t> numbers = of(Part::identifier, role.c_str());
    if (!numbers.empty()) text += "    identifiers:\n";
    for (const size_t i : numbers)
      text += "      - {type: =" + std::string(g_.columns[i].meaning->field) + ", value: " + yaml_word(place(i)) + "}   # " +
              g_.columns[i].evidence + "\n";
    text += fields("    ", Part::person, {"birthDate", "gender", "citizenship", "birthPlace", "occupation"}, role.c_str());
    put(name, text, "Person: " + (main_.empty() ? key_expected() : std::string("{}")));
    people_.emplace_back(role, name);
    if (main_.empty()) {
      main_ = name;
      return;
    }
    std::string link = "    record: Link\n    type: =ROLE_IN\n    from: {ref: " + name + "}\n    to: {ref: " + main_ + "}\n";
    if (const std::vector<size_t> roles = of(Part::role); !role.empty()) link += "    role: =" + role + "\n";
    else if (!roles.empty()) link += line("    ", "role", roles.front());
    else link += "    # " + tr("role: whoever this person is in the event (of the list person_role); the sample does not say") + "\n";
    if (main_ == "event") put(name + "InEvent", link, "Link: {type: ROLE_IN}");
  }

  void thing(Part part) {
    std::string name, text, expect, link;
    if (part == Part::vehicle) {
      name = "vehicle";
      text = "    record: Vehicle\n" + (main_.empty() ? key_line() : std::string()) +
             fields("    ", part, {"plate", "vin", "make", "model", "year", "colour"});
      expect = "Vehicle: ";
    } else if (part == Part::location) {
      name = "place";
      text = "    record: Location\n" + (main_.empty() ? key_line() : std::string()) + location("    ");
      expect = "Location: ";
    } else {
      name = "item";
      text = "    record: Evidence\n" + (main_.empty() ? key_line() : std::string()) +
             "    type: =HASH_ONLY\n    heldBy: {absent: UNKNOWN}\n    containsCsaem: {absent: UNKNOWN}   # " +
             tr("true where the feed is of such material") + "\n" + fields("    ", part, {"fileName", "exhibitNumber"});
      std::string hashes;
      for (const char* kind : {"MD5", "SHA1", "SHA256"})
        if (const int i = column(part, kind); i >= 0)
          hashes += "      - {when: " + yaml_word(place(static_cast<size_t>(i))) + ", algorithm: =" + kind +
                    ", value: " + yaml_word(place(static_cast<size_t>(i))) + "}   # " + g_.columns[static_cast<size_t>(i)].evidence + "\n";
      if (!hashes.empty()) text += "    hashes:\n" + hashes;
      expect = "Evidence: ";
    }
    put(name, text, expect + (main_.empty() ? key_expected() : std::string("{}")));
    if (main_.empty()) {
      main_ = name;
      return;
    }
    const bool from_person = !people_.empty() && main_ == people_.front().second;
    const std::string type = main_ == "event" ? "PART_OF" : part == Part::location && from_person ? "LOCATED_AT" : "OTHER";
    link = "    record: Link\n    type: =" + type;
    if (from_person)
      link += "   # " + (part == Part::vehicle    ? tr("OWNS or USES, if the source says so")
                         : part == Part::location ? tr("RESIDES_AT, if it is where the person lives")
                                                  : tr("say how the two belong together"));
    link += "\n    from: {ref: " + (from_person ? main_ : name) + "}\n    to: {ref: " + (from_person ? name : main_) + "}\n";
    put(name + "Link", link, "Link: {type: " + type + "}");
  }

  void account(size_t i, size_t number) {
    const Guess& g = g_.columns[i];
    const std::string kind = g.meaning->field, name = std::string(g.meaning->id) + (number > 1 ? std::to_string(number) : "");
    const std::string selector = "{record: Selector, kind: =" + kind + ", value: .}";
    std::string owner;
    for (const auto& [role, rule] : people_)
      if (role == g.role || (owner.empty() && role.empty())) owner = rule;
    const std::string comment = "   # " + g.evidence + "\n";
    if (!owner.empty()) {
      put(name,
          "    record: Link\n    each: " + each(i) + comment + "    type: =USES\n    from: {ref: " + owner + "}\n    to: " + selector +
              "\n",
          "Link: {type: USES}\n      - Selector: {kind: " + kind + "}");
    } else if (!main_.empty() && main_.substr(0, 7) != "account") {
      put(name,
          "    record: Link\n    each: " + each(i) + comment + "    type: =PART_OF\n    from: " + selector + "\n    to: {ref: " + main_ +
              "}\n",
          "Link: {type: PART_OF}\n      - Selector: {kind: " + kind + "}");
    } else {
      put(name, "    record: Selector\n    each: " + each(i) + comment + "    kind: =" + kind + "\n    value: .\n",
          "Selector: {kind: " + kind + "}");
      main_ = "account";
    }
  }

  void rules() {
    if (g_.events) event();
    std::vector<std::string> roles;
    for (const Part part : {Part::person, Part::identifier, Part::alias})
      for (const size_t i : of(part))
        if (std::find(roles.begin(), roles.end(), g_.columns[i].role) == roles.end()) roles.push_back(g_.columns[i].role);
    std::stable_sort(roles.begin(), roles.end());
    for (const std::string& role : roles) person(role);
    if (!of(Part::vehicle).empty()) thing(Part::vehicle);
    if (!g_.events && somewhere()) thing(Part::location);
    if (!of(Part::evidence).empty()) thing(Part::evidence);
    std::map<std::string, size_t> seen;
    for (const size_t i : of(Part::selector)) account(i, ++seen[g_.columns[i].meaning->id]);
    if (rules_.empty()) event();
  }

  std::string mapping() const {
    std::string out = "# " + tr("A draft, made from the names and the forms of a sample's columns. Read every line before it is used:") +
                      "\n# " + tr("behind each stands why it is there. What is not clear is kept in ext, with the reason.") + "\n";
    std::string system = normalise::upper(id_);
    out += "mapping: " + id_ + "/1\ntitle: {en: " + yaml_word("Feed " + id_) + ", fr: " + yaml_word("Flux " + id_) +
           "}\n\nreads:\n  reader: " + reader_word(o_.reader) + "\n";
    const auto list = [](const std::vector<std::string>& words, size_t most) {
      std::string text;
      for (size_t i = 0; i < words.size() && i < most; ++i) text += (i ? ", " : "") + yaml_word(words[i]);
      return "[" + text + "]";
    };
    if (o_.reader == Reader::xml) out += "  root: " + yaml_word(o_.root) + "\n";
    else if (table()) out += "  header: " + list(o_.header, 400) + "   # " + tr("recognises the format: all of these columns") + "\n";
    else if (const std::string keys = telling_keys(); !keys.empty())
      out += "  keys: [" + yaml_word(keys) + "]   # " + tr("recognises the format: all of these members") + "\n";
    if (!o_.each.empty())
      out += "  each: " + yaml_word(o_.each) + "   # " +
             fill(tr("one source record; the sample has {0}"), Words{std::to_string(o_.records)}) + "\n";
    out += "\nsource:   # " + tr("who speaks: part of every id. To be said by you") +
           "\n  agency: example-agency\n  agencyName: {en: Example agency, fr: Organisme d'exemple}\n  agencyType: OTHER\n  system: " +
           yaml_word(system) + "\n  legalAuthority: CSPA_DUTY   # " +
           tr("under which authority it was collected (of the list legal_authority)") + "\n  timeZone: America/Toronto   # " +
           tr("of times without an offset") + "\n  region: CA   # " + tr("of telephone numbers without a country") +
           "\nhandling: {handlingCode: C, conditions: " + yaml_word(tr("Nobody has decided yet how this feed may be handled")) +
           ", caveats: [THIRD_PARTY]}\n";
    if (uses(Shape::gender) || uses(Shape::role)) out += "\ncodes:\n";
    const auto codes = [&](Shape shape, const char* name, const std::vector<CodeWord>& words, const char* otherwise) {
      if (!uses(shape)) return;
      out += std::string("  ") + name + ": {";
      for (const CodeWord& w : words) out += yaml_word(w.word) + ": " + w.code + ", ";
      out += std::string("otherwise: ") + otherwise + "}\n";
    };
    codes(Shape::gender, "gender", gender_words(), "UNKNOWN");
    codes(Shape::role, "role", role_words(), "OTHER");
    out += "\nrecords:\n";
    for (size_t r = 0; r < rules_.size(); ++r)
      out += (r ? "\n  " : "  ") + rules_[r].name + ":\n" + rules_[r].text + (r == 0 ? left() : std::string());
    const std::vector<std::string> values = invented(o_, g_, 1);
    out += "\ntests:\n  - name: " + yaml_word(tr("an invented source record")) + "\n    given:" + test_input(o_, values, "      ") +
           "\n    expect:\n";
    for (const Rule& rule : rules_) out += "      - " + rule.expect + "\n";
    return out;
  }
  bool uses(Shape shape) const {
    return std::any_of(g_.columns.begin(), g_.columns.end(), [&](const Guess& g) { return g.mapped() && g.meaning->shape == shape; });
  }
  std::string telling_keys() const {  // members that must all be there
    std::string out;
    size_t n = 0;
    for (const std::string& key : o_.keys)
      if (!key.empty() && key.find_first_of("=+>*\"\\") == key.npos && n++ < 8) out += (out.empty() ? "" : " + ") + key;
    return out;
  }
  // Columns that no rule takes: named under ext where a rule may take them, else only spoken of.
  std::string left() const {
    std::string named, spoken;
    std::vector<std::string> taken;
    for (size_t i = 0; i < g_.columns.size(); ++i) {
      const Guess& g = g_.columns[i];
      if (g.mapped() || static_cast<int>(i) == g_.key) continue;
      const std::string& name = o_.columns[i].place;
      const std::string why = "   # " + (g.evidence.empty() ? std::string() : g.evidence + ". ") + g.left;
      if (g.multiple || place(i).empty() || name.find('=') != name.npos) spoken += "    # " + yaml_word(name) + why + "\n";
      else named += "      " + yaml_word(name) + ": " + yaml_word(place(i)) + why + "\n";
    }
    std::string out;
    if (!named.empty()) out += "    ext:\n" + named;
    if (o_.hidden)
      spoken += "    # " +
                fill(tr("{0} columns whose names look like somebody's data are not named here"), Words{std::to_string(o_.hidden)}) + "\n";
    if (!spoken.empty()) out += "    # " + tr("Kept in ext by themselves:") + "\n" + spoken;
    return out;
  }

  std::vector<Line> lines() const {
    std::vector<Line> out;
    for (size_t i = 0; i < g_.columns.size(); ++i) {
      const Guess& g = g_.columns[i];
      Line one{o_.columns[i].place, {}, {}, g.mapped(), g.meaning && (g.meaning->flags & (kSensitive | kTrait | kSecret))};
      if (static_cast<int>(i) == g_.key) one.becomes = tr("key of the source record");
      if (g.mapped() && g.meaning->part != Part::key) one.becomes += (one.becomes.empty() ? "" : ", ") + target(g);
      if (!g.mapped() && one.becomes.empty()) one.becomes = "ext";
      one.why = g.evidence + (g.evidence.empty() || g.left.empty() ? "" : ". ") + g.left;
      if (static_cast<int>(i) == g_.key) one.why += (one.why.empty() ? "" : "; ") + g_.key_words;
      out.push_back(std::move(one));
    }
    return out;
  }
  static std::string target(const Guess& g) {
    const std::string field = g.meaning->field, role = g.role.empty() ? "" : " (" + g.role + ")";
    switch (g.meaning->part) {
      case Part::person: return "Person " + field + role;
      case Part::alias: return "Person names ALIAS" + role;
      case Part::identifier: return "Person identifiers " + field + role;
      case Part::occurrence: return "Occurrence " + field;
      case Part::location: return "Location " + field;
      case Part::vehicle: return "Vehicle " + field;
      case Part::selector: return "Selector " + field + role;
      case Part::evidence: return "Evidence " + field;
      case Part::role: return "Link role";
      default: return field;
    }
  }

  std::string readme(const std::string& sample, const std::vector<Line>& all) const {
    const auto cell = [](std::string text) {
      for (size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
      return text;
    };
    std::string out =
        "# " + id_ + "\n\n" +
        (sample.empty()
             ? tr("A template for a mapping plugin: an invented layout, to be replaced by yours.")
             : fill(tr("A draft of a mapping plugin, made from a sample of {0} source records. Nothing in it is a value of the sample."),
                    Words{std::to_string(o_.records)})) +
        "\n\n";
    if (o_.cut) out += tr("The sample is large: only its first 32 MiB were read.") + "\n\n";
    out += "| " + tr("source") + " | " + tr("becomes") + " | " + tr("why") + " |\n|---|---|---|\n";
    for (const Line& l : all) out += "| `" + cell(l.place) + "` | " + cell(l.becomes) + " | " + cell(l.why) + " |\n";
    out += "\n**" + tr("Before it is used") + "**: " +
           tr("say in `mapping.yaml` who speaks (`source`), how the feed is handled (`handling`) and of what kind its records are; decide "
              "about each line that says ext; write a test for each case that the sample shows; then run `casebridge plugin test` on this "
              "folder.") +
           "\n";
    return out;
  }

  const Observed& o_;
  const Guesses& g_;
  const std::string id_;
  std::vector<Rule> rules_;
  std::vector<std::pair<std::string, std::string>> people_;  // role, rule
  std::string main_;                                         // rule of the main record
  bool keyed_ = false;
};

}  // namespace

std::string id_from(const std::string& file) {
  std::string out;
  for (const char c : normalise::fold(std::filesystem::path(file).stem().string())) {
    if ((c >= 'a' && c <= 'z') || normalise::digit(c)) out += c;
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  if (out.empty() || normalise::digit(out.front())) out = "feed-" + out;
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.substr(0, 60);
}

bool good_id(const std::string& id) {
  return !id.empty() && id.size() <= 60 && id.front() >= 'a' && id.front() <= 'z' && id.back() != '-' && id.find("--") == id.npos &&
         std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || normalise::digit(c) || c == '-'; });
}

Draft from_sample(const std::string& file, const std::string& id, const Safety& safety) {
  const Observed seen = observe(file, safety);
  const Guesses guesses = guess(seen);
  return Writer(seen, guesses, id).draft(file);
}

// The template is the draft of a layout that nobody has.
Draft empty_template(const std::string& id) {
  Observed o;
  o.records = 3;
  for (const auto& [name, value] : {std::pair{"TIP_NO", "EX99-000"},
                                    {"DATE_RECEIVED", "2099-07-0"},
                                    {"SUMMARY", "synthetic "},
                                    {"CALLER_PHONE", "705-555-010"},
                                    {"CLERK", "x"}}) {
    o.header.push_back(name);
    o.columns.push_back({name, {}, 3, 1});
    for (int n = 1; n <= 3; ++n) o.columns.back().shapes.see(value + std::to_string(n));
  }
  const Guesses guesses = guess(o);
  return Writer(o, guesses, id).draft("");
}

}  // namespace casebridge::draft
