// Which fixtures there are: for every record type one minimal, one full, and one that breaks each constraint alone.
#include <cstdio>
#include <functional>
#include <set>

#include "model/modelgen/fixtures.hpp"

namespace modelgen {
namespace {

bool is_map(const Field& f) { return f.form && f.form->json_type == std::string("map"); }

class FixtureWriter {
 public:
  explicit FixtureWriter(const Model& model) : model_(model) {}

  std::string write() {
    for (const Record& record : model_.records) {
      record_ = &record;
      add("minimal", "minimal", draft(nullptr), true, true);
      add("full", "full", full(), true, true);
      whole_record();
      for (const Field* field : fields_of(model_, record)) walk(*field, {});
      for (const auto& group : record.any_of) missing_group(group);
    }
    return out_;
  }

 private:
  using Chain = std::vector<const Field*>;
  enum class Spelling { both, json, xml };

  // --- making -------------------------------------------------------------------------------------------------------

  bool wanted(const Field& f, const Chain& chain) const {
    if (f.required) return true;
    for (const Field* link : chain)
      if (link == &f) return true;
    if (record_->handling && (f.path == "handling" || f.path == "handling/handlingCode")) return true;
    for (const auto& group : record_->any_of)
      if (!no_groups_ && f.path == group.back() && f.parent == record_->tag) return true;
    return false;
  }

  Part make(const Field& f, const Chain& chain) const {
    Part part{&f};
    if (f.kind != Kind::leaf) {
      part.items.push_back(inside(f.parts, chain));
    } else if (is_map(f)) {
      part.texts = f.name == "ext"      ? std::vector<std::string>{"zone", "Z4"}
                   : f.name == "counts" ? std::vector<std::string>{"Person", "2"}
                                        : std::vector<std::string>{};
    } else if (f.name == "id" && f.parent == 0) {  // no two fixtures share one
      char id[40];
      std::snprintf(id, sizeof id, "00000000-0000-5000-8000-%012x", ++ids_);
      part.texts.push_back(id);
    } else {
      part.texts.push_back(sample_of(model_, f, 0));
    }
    return part;
  }
  std::vector<Part> inside(const std::vector<Field>& fields, const Chain& chain) const {
    std::vector<Part> parts;
    for (const Field& f : fields)
      if (wanted(f, chain)) parts.push_back(make(f, chain));
    if (parts.empty()) parts.push_back(make(fields.front(), chain));
    return parts;
  }

  Draft draft(const Field* target, const Chain& above = {}) const {
    Chain chain = above;
    if (target) chain.push_back(target);
    Draft draft;
    draft.record = record_;
    draft.type_name = record_->name;
    for (const Field* f : fields_of(model_, *record_))
      if (wanted(*f, chain) && f->name != "original" && f->name != "places") draft.parts.push_back(make(*f, chain));
    return draft;
  }

  // Every field; lists with two values; of repeated blocks the second item is as small as may be.
  Draft full() const {
    Draft draft;
    draft.record = record_;
    draft.type_name = record_->name;
    std::function<Part(const Field&)> all = [&](const Field& f) {
      Part part = make(f, {});
      if (f.kind == Kind::leaf && !is_map(f) && f.many) part.texts.push_back(sample_of(model_, f, 1));
      if (f.kind == Kind::leaf) return part;
      part.items.assign(1, {});
      for (const Field& inner : f.parts) part.items[0].push_back(all(inner));
      if (f.many) part.items.push_back(inside(f.parts, {}));
      return part;
    };
    for (const Field* f : fields_of(model_, *record_))
      if (f->name != "original" && f->name != "places") draft.parts.push_back(all(*f));
    if (record_->line) return draft;
    for (Part& part : draft.parts)
      if (part.field->name == "absent") {
        part.items.resize(1);
        part.items[0][0].texts = {"/handling/fieldMarks/1/caveats"};
      }
    beside(draft);
    return draft;
  }

  // Original and place of the first plain value among the record's own.
  void beside(Draft& draft) const {
    for (const Part& part : draft.parts) {
      if (part.field->kind != Kind::leaf || part.field->parent != record_->tag || part.texts.empty()) continue;
      const std::string pointer = "/" + part.field->name + (part.field->many ? "/0" : "");
      draft.original[pointer] = "as \"written\"";
      draft.places[pointer] = "12 5 1 13";
      break;
    }
    put_maps(draft);
  }
  void put_maps(Draft& draft) const {
    const auto put = [&](const char* name, const std::map<std::string, std::string>& entries) {
      for (const Field& f : model_.trailer) {
        if (f.name != name || entries.empty()) continue;
        Part part{&f};
        for (const auto& [pointer, text] : entries) part.texts.push_back(pointer), part.texts.push_back(text);
        auto at = draft.parts.begin();
        while (at != draft.parts.end() && at->field->rank < f.rank) ++at;
        draft.parts.insert(at, std::move(part));
      }
    };
    put("original", draft.original);
    put("places", draft.places);
  }

  static Part* find(std::vector<Part>& parts, const Field& field) {
    for (Part& part : parts) {
      if (part.field == &field) return &part;
      for (auto& item : part.items)
        if (Part* found = find(item, field)) return found;
    }
    return nullptr;
  }
  static bool remove(std::vector<Part>& parts, const Field& field) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].field == &field) {
        parts.erase(parts.begin() + std::ptrdiff_t(i));
        return true;
      }
      for (auto& item : parts[i].items)
        if (remove(item, field)) return true;
    }
    return false;
  }

  // --- breaking -----------------------------------------------------------------------------------------------------

  void whole_record() {
    Draft d = draft(nullptr);
    d.stray = "notAField";
    add("unknown-field", "unknown field", d, false, false);
    d = draft(nullptr);
    d.stray_attribute = "notAnAttribute";
    add("unknown-attribute", "unknown attribute", d, false, false, Spelling::xml);
    d = draft(nullptr);
    d.type_name = "NotARecord";
    add("unknown-type", "unknown record type", d, false, false);
    d = full();
    d.swapped = true;
    add("order", "order of elements", d, false, false, Spelling::xml);
  }

  void walk(const Field& f, Chain above) {
    if (f.name == "recordType" || f.name == "original" || f.name == "places") return;
    if (f.kind == Kind::leaf) leaf(f, above);
    else block(f, above);
    missing(f, above);
    above.push_back(&f);
    for (const Field& part : f.parts) walk(part, above);
  }

  template <class Edit>
  Draft edited(const Field& f, const Chain& above, Edit edit) const {
    Draft d = draft(&f, above);
    edit(*find(d.parts, f));
    return d;
  }

  void leaf(const Field& f, const Chain& above) {
    if (is_map(f)) return;
    const auto text = [&](const std::string& value) { return edited(f, above, [&](Part& p) { p.texts = {value}; }); };
    const bool first = seen_.insert(f.codes.empty() ? f.form->name : f.codes).second;
    if (!f.codes.empty()) {
      add(f.path + ":not-a-code", "code list", text("NOT_A_CODE"), false, false);
      const List& list = model_.lists.at(f.codes);
      if (!list.open_form.empty())
        add(f.path + ":open-code", "open code list", text(list.open_form[0] == 'X' ? "X-LOCAL_1" : "9998"), true, true);
      if (first) add(f.path + ":code-in-lower-case", "code list", text("x-local"), false, false);
    } else {
      size_t n = 0;
      for (const auto& bad : bad_of(*f.form)) {
        if (n && !first) break;
        add(f.path + ":bad-" + std::to_string(n++), std::string("form ") + f.form->name, text(bad), false, false);
      }
      n = 0;
      if (first && !(f.form->name == std::string("place") && f.many))
        for (const auto& good : good_of(*f.form))
          if (!(f.attribute && f.form->name == std::string("text")))
            add(f.path + ":good-" + std::to_string(n++), std::string("form ") + f.form->name, text(good), true, true);
    }
    add(f.path + ":empty", "no empty text",
        edited(f, above,
               [](Part& p) {
                 p.texts = {""};
                 p.json_raw = p.field->form->json_type == std::string("place") ? "[]" : "";
               }),
        false, false);
    const bool number = f.form->json_type != std::string("string");
    add(f.path + ":json-type", "JSON type", edited(f, above, [&](Part& p) { p.json_raw = number ? "\"1\"" : "5"; }), false, false,
        Spelling::json);
    add(f.path + ":null", "no null", edited(f, above, [](Part& p) { p.json_raw = "null"; }), false, false, Spelling::json);
    if (f.many)
      add(f.path + ":empty-list", "no empty list", edited(f, above, [](Part& p) { p.json_raw = "[]"; }), false, false, Spelling::json);
    else if (!f.attribute)
      add(f.path + ":twice", "one value", edited(f, above, [](Part& p) { p.texts.push_back(p.texts[0]); }), false, false);
    if (first && f.form->name == std::string("text") && f.codes.empty())
      add(f.path + ":control-character", "characters of XML", text("a\x01z"), false, false, Spelling::json);
  }

  void block(const Field& f, const Chain& above) {
    if (f.many) {
      add(f.path + ":empty-item", "no empty block", edited(f, above, [](Part& p) { p.empty_item = true; }), false, false);
      add(f.path + ":empty-list", "no empty list", edited(f, above, [](Part& p) { p.json_raw = "[]"; }), false, false, Spelling::json);
      add(f.path + ":not-a-list", "JSON type", edited(f, above, [](Part& p) { p.json_raw = "{}"; }), false, false, Spelling::json);
    } else {
      add(f.path + ":empty", "no empty block",
          edited(f, above,
                 [](Part& p) {
                   p.items.clear();
                   p.empty_item = true;
                 }),
          false, false);
      add(f.path + ":twice", "one value", edited(f, above, [](Part& p) { p.items.push_back(p.items[0]); }), false, false);
    }
    add(f.path + ":unknown-part", "unknown field", edited(f, above, [](Part& p) { p.stray = "notAField"; }), false, false);
  }

  // A required field that is missing: hard ones are a matter of structure, others need an absent entry.
  void missing(const Field& f, const Chain& above) {
    const bool floor = record_->handling && (f.path == "handling" || f.path == "handling/handlingCode");
    if (!f.required && !floor) return;
    Draft d = draft(&f, above);
    if (!remove(d.parts, f)) throw ModelError("no part " + f.path);
    if (above.size() && only_part(f, above)) fill(d, f, above);
    if (f.hard || floor) {
      add(f.path + ":missing", "required always", d, false, false);
      return;
    }
    add(f.path + ":missing", "required", d, true, false);
    if (record_->line) return;
    for (const Field& field : model_.trailer) {
      if (field.name != "absent") continue;
      Part absent{&field};
      absent.items.push_back({Part{&field.parts[0], {pointer_of(f, above)}}, Part{&field.parts[1], {"UNKNOWN"}}});
      auto at = d.parts.begin();
      while (at != d.parts.end() && at->field->rank < field.rank) ++at;
      d.parts.insert(at, std::move(absent));
    }
    add(f.path + ":excused", "required, excused by absent", d, true, true);
  }
  // Without its one required part a block would be empty: another part stands in it instead.
  static bool only_part(const Field& f, const Chain& above) {
    for (const Field& part : above.back()->parts)
      if (&part != &f && part.required) return false;
    return true;
  }
  void fill(Draft& d, const Field& f, const Chain& above) const {
    Part* block = find(d.parts, *above.back());
    if (!block || !block->items[0].empty()) return;
    for (const Field& part : above.back()->parts)
      if (&part != &f) {
        block->items[0].push_back(make(part, {}));
        return;
      }
  }
  static std::string pointer_of(const Field& f, const Chain& above) {
    std::string out;
    for (const Field* link : above) out += "/" + link->name + (link->many ? "/0" : "");
    return out + "/" + f.name;
  }

  void missing_group(const std::vector<std::string>& group) {
    no_groups_ = true;
    std::string name;
    for (const auto& word : group) name += (name.empty() ? "" : "|") + word;
    add(name + ":missing", "one of a group", draft(nullptr), true, false);
    for (const auto& word : group)
      for (const Field& f : record_->parts)
        if (f.name == word) add(word + ":alone", "one of a group", draft(&f), true, true);
    no_groups_ = false;
  }

  // --- writing ------------------------------------------------------------------------------------------------------

  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') (out += '\\') += c;
      else if (c == '\n') out += "\\n";
      else if (c == '\t') out += "\\t";
      else out += c;
    }
    return out + "\"";
  }
  void add(const std::string& name, const std::string& constraint, const Draft& draft, bool structure, bool complete,
           Spelling spelling = Spelling::both) {
    out_ += "{\"name\":" + quoted(record_->name + "/" + name) + ",\"record\":" + quoted(record_->name) +
            ",\"constraint\":" + quoted(constraint) + ",\"structure\":" + (structure ? "true" : "false") +
            ",\"complete\":" + (complete ? "true" : "false") + ",\"json\":" + quoted(spelling == Spelling::xml ? "" : to_json(draft)) +
            ",\"xml\":" + quoted(spelling == Spelling::json ? "" : to_xml(draft)) + "}\n";
  }

  const Model& model_;
  const Record* record_ = nullptr;
  bool no_groups_ = false;
  mutable unsigned ids_ = 0x1000;
  std::set<std::string> seen_;
  std::string out_;
};

}  // namespace

void write_fixtures(const Model& model, Files& files) { files["fixtures.jsonl"] = FixtureWriter(model).write(); }

}  // namespace modelgen
