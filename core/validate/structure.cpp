#include "validate/structure.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "casebridge/model.h"
#include "validate/lexical.hpp"
#include "validate/structure_plan.hpp"

namespace casebridge::validate {
namespace {

constexpr uint32_t kWord = 64;

// Which tags stand in a record or in one item of a block.
struct Seen {
  std::array<uint64_t, kMaxTags / kWord> bits{};
  bool get(model::Tag tag) const { return bits[tag / kWord] >> (tag % kWord) & 1; }
  void set(model::Tag tag) { bits[tag / kWord] |= uint64_t(1) << (tag % kWord); }
};

std::string uuid_text(const Uuid& id) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[id.bytes[i] >> 4];
    out += kHex[id.bytes[i] & 15];
  }
  return out;
}

// At most 80 bytes of a value, cut between characters.
std::string shown(std::string_view text) {
  if (text.size() <= 80) return std::string(text);
  size_t at = 77;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return std::string(text.substr(0, at)) + "...";
}

bool is_token(std::string_view text) {  // the form that core/normalise/tokens.hpp gives
  const size_t colon = text.rfind(':');
  if (text.substr(0, 4) != "tok:" || colon == std::string_view::npos || colon <= 4 || text.size() != colon + 33) return false;
  return std::all_of(text.begin() + std::ptrdiff_t(colon) + 1, text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}
bool sensitive_type(std::string_view code) { return code == "SIN" || code == "SSN" || code == "HEALTH_CARD"; }

class Check {
 public:
  Check(const std::vector<Rule>& rules, const TypePlan& type, const Record& record, std::vector<Finding>& found, unsigned passes)
      : rules_(rules), type_(type), record_(record), found_(found), passes_(passes) {}

  bool run() {
    Seen seen;
    values(record_.values, 0, seen, 0);
    const Rule* last = nullptr;
    uint32_t ordinal = 0;
    for (size_t i = 0; i < record_.blocks.size(); ++i) {
      const Block& block = record_.blocks[i];
      const Rule* rule = rule_of(block.tag);
      if (!rule || rule->node->kind != model::NodeKind::blocks || !belongs(*rule)) {
        unknown(block.tag);
        continue;
      }
      ordinal = rule == last ? ordinal + 1 : 0;
      last = rule;
      mark(seen, *rule);
      item(*rule, block, ordinal, int32_t(i));
    }
    needed(type_.needed, seen, -1, 0);
    if (passes_ & kCompleteness) {
      for (const model::AnyOf* group : type_.any_of) any_of(*group, seen);
      for (const Absent& absent : record_.absent) excused_value(absent, seen);
    }
    header();
    return good_;
  }

  // The same for a record of a shape in which run() found nothing: what depends on the shape alone is right again.
  bool run_values() {
    for (const Value& value : record_.values) one(rules_[value.field], value, 0);
    const Rule* last = nullptr;
    uint32_t ordinal = 0;
    for (const Block& block : record_.blocks) {
      const Rule& rule = rules_[block.tag];
      ordinal = &rule == last ? ordinal + 1 : 0;
      last = &rule;
      const std::span<const Value> inside = record_.block_of(block);
      for (const Value& value : inside) one(rules_[value.field], value, ordinal);
      if ((passes_ & kCompleteness) && rule.identifiers) clear_number(rule, inside, ordinal);
    }
    header();
    return good_;
  }

 private:
  const Rule* rule_of(model::Tag tag) const { return tag < rules_.size() && rules_[tag].node ? &rules_[tag] : nullptr; }
  bool belongs(const Rule& rule) const {
    return rule.record == type_.node->tag || (rule.record == 0 && (type_.common || (type_.handling && rule.handling)));
  }

  void mark(Seen& seen, const Rule& rule) const {
    seen.set(rule.node->tag);
    for (model::Tag parent = rule.node->parent; parent != 0 && parent != type_.node->tag && !seen.get(parent);
         parent = rules_[parent].node->parent)
      seen.set(parent);
  }

  // `blocks`: 0 for the record itself, else the repeated block whose item this is.
  void values(std::span<const Value> values, model::Tag blocks, Seen& seen, uint32_t ordinal) {
    const Rule* before = nullptr;
    for (const Value& value : values) {
      const Rule* rule = rule_of(value.field);
      if (!rule || rule->node->kind != model::NodeKind::leaf || rule->blocks != blocks || rule->header || !belongs(*rule)) {
        unknown(value.field, &value);
        continue;
      }
      if (seen.get(value.field) && (!rule->node->many || before != rule)) report("E-MODEL-MANY", *rule, ordinal, &value);
      mark(seen, *rule);
      before = rule;
      one(*rule, value, ordinal);
    }
  }

  void one(const Rule& rule, const Value& value, uint32_t ordinal) {
    if (rule.node->codes) {
      code(rule, value, ordinal);
    } else if (!matches(rule.form, value.text)) {
      if (value.text.empty()) report("E-MODEL-EMPTY", rule, ordinal, &value);
      else if (rule.form == Form::text) report("E-MODEL-TEXT", rule, ordinal, &value);
      else report("E-MODEL-FORM", rule, ordinal, &value, shown(value.text), std::string(rule.node->form));
    }
    if (value.normal_differs && !value.original.empty() && !matches(Form::text, value.original))
      report("E-MODEL-TEXT", rule, ordinal, &value);
  }

  void code(const Rule& rule, const Value& value, uint32_t ordinal) {
    const model::CodeRow* row = rule.node->codes->find(value.text);
    if (!row) {
      if (rule.node->codes->accepts(value.text)) return;
      if (value.text.empty()) report("E-MODEL-EMPTY", rule, ordinal, &value);
      else report("E-MODEL-CODE", rule, ordinal, &value, shown(value.text), std::string(rule.node->codes->name));
      return;
    }
    if (!(passes_ & kCodes)) return;
    if (row->unverified) report("E-MODEL-UNVERIFIED", rule, ordinal, &value, std::string(value.text));
    if (!row->valid_from.empty() || !row->valid_to.empty()) in_force(rule, value, *row, ordinal);
  }

  // Dates may be partial: a code is out of force only where every day that the date may mean lies outside.
  void in_force(const Rule& rule, const Value& value, const model::CodeRow& row, uint32_t ordinal) {
    const Value* from = type_.dated_from ? record_.find(type_.dated_from) : nullptr;
    const Value* to = type_.dated_to ? record_.find(type_.dated_to) : nullptr;
    if (!from && !to) return;
    const std::string_view first = (from ? from : to)->text.substr(0, 10), last = (to ? to : from)->text.substr(0, 10);
    const bool too_early = !row.valid_from.empty() && last < row.valid_from.substr(0, last.size());
    const bool too_late = !row.valid_to.empty() && first.substr(0, first.size()) > row.valid_to.substr(0, first.size());
    if (too_early || too_late)
      report("E-MODEL-NOT-IN-FORCE", rule, ordinal, &value, std::string(value.text), std::string(too_early ? last : first));
  }

  void item(const Rule& rule, const Block& block, uint32_t ordinal, int32_t index) {
    const std::span<const Value> inside = record_.block_of(block);
    if (inside.empty() && rule.node->tag != tag::any_absent) {
      report("E-MODEL-EMPTY", rule, ordinal, nullptr);
      return;
    }
    Seen seen;
    values(inside, rule.node->tag, seen, ordinal);
    needed(rule.needed, seen, index, ordinal);
    if ((passes_ & kCompleteness) && rule.identifiers) clear_number(rule, inside, ordinal);
  }

  void clear_number(const Rule& rule, std::span<const Value> inside, uint32_t ordinal) {
    const Value *type = nullptr, *value = nullptr;
    for (const Value& v : inside) {
      if (rules_[v.field].node->name == "type") type = &v;
      if (rules_[v.field].node->name == "value") value = &v;
    }
    if (type && value && sensitive_type(type->text) && !is_token(value->text)) report("E-MODEL-CLEAR", rule, ordinal, value);
  }

  void needed(const std::vector<Needed>& fields, const Seen& seen, int32_t block, uint32_t ordinal) {
    for (const Needed& field : fields) {
      if (seen.get(field.node->tag) || (field.block && !seen.get(field.block))) continue;
      const Rule& rule = rules_[field.node->tag];
      if (field.hard) {
        if (passes_ & kStructure) report("E-MODEL-NEEDED", rule, ordinal, nullptr);
      } else if ((passes_ & kCompleteness) && !excused(field, block)) {
        report("E-MODEL-REQUIRED", rule, ordinal, nullptr);
      }
    }
  }

  bool excused(const Needed& field, int32_t block) const { return excused(field.node->tag, block); }
  // An entry for a part (/at/start) says as well why the whole is missing.
  bool excused(model::Tag tag, int32_t block) const {
    for (const Absent& absent : record_.absent) {
      if (absent.block != block) continue;
      for (const Rule* rule = rule_of(absent.field); rule; rule = rule_of(rule->node->parent))
        if (rule->node->tag == tag) return true;
    }
    return false;
  }

  void any_of(const model::AnyOf& group, const Seen& seen) {
    std::string names;
    for (const model::Tag tag : group.fields)
      if (seen.get(tag) || excused(tag, -1)) return;
    for (const model::Tag tag : group.fields) names += (names.empty() ? "/" : ", /") + std::string(rules_[tag].node->path);
    Finding finding = start("E-MODEL-ANY-OF", *type_.node);
    finding.args = {names};
    add(std::move(finding));
  }

  void excused_value(const Absent& absent, const Seen& seen) {
    const Rule* rule = rule_of(absent.field);
    if (rule && absent.block < 0 && seen.get(absent.field)) report("E-MODEL-ABSENT", *rule, 0, nullptr);
  }

  void header() {
    if (!(passes_ & kStructure)) return;
    static const model::CodeList& reasons = *model::code_list("absent_reason");
    static const model::CodeList& statuses = *model::code_list("record_status");
    if (type_.common && record_.id.nil()) report("E-MODEL-NEEDED", rules_[tag::any_id], 0, nullptr);
    if (!record_.status.empty() && !statuses.find(record_.status))
      report("E-MODEL-CODE", rules_[tag::any_recordStatus], 0, nullptr, shown(record_.status), "record_status");
    if (!record_.local_id.empty() && !matches(Form::text, record_.local_id)) report("E-MODEL-TEXT", rules_[tag::any_localId], 0, nullptr);
    for (const Absent& absent : record_.absent) {
      const Rule* rule = rule_of(absent.field);
      if (!rule || !belongs(*rule)) unknown(absent.field);
      if (!reasons.find(absent.reason))
        report("E-MODEL-CODE", rules_[tag::any_absent_reason], 0, nullptr, shown(absent.reason), "absent_reason");
    }
    for (const Ext& ext : record_.ext) {
      if (ext.name.empty() || ext.value.empty()) report("E-MODEL-EMPTY", rules_[tag::any_ext], 0, nullptr);
      else if (!matches(Form::text, ext.name) || !matches(Form::text, ext.value)) report("E-MODEL-TEXT", rules_[tag::any_ext], 0, nullptr);
    }
  }

  // --- findings: only here is anything allocated ------------------------------------------------------------------

  Finding start(std::string_view code, const model::Node& node) const {
    Finding finding;
    finding.code = code;
    finding.severity = finding_code(code)->severity;
    finding.source = record_.source;
    finding.offset = record_.place.offset;
    finding.length = record_.place.length;
    finding.line = record_.place.line;
    finding.column = record_.place.column;
    finding.field = node.kind == model::NodeKind::record ? 0 : node.tag;
    if (!record_.id.nil()) finding.record_id = uuid_text(record_.id);
    return finding;
  }
  void add(Finding&& finding) {
    good_ = good_ && finding.severity != Severity::error;
    found_.push_back(std::move(finding));
  }
  static std::string pointer_of(const Rule& rule, uint32_t ordinal) {
    const std::string path(rule.node->path);
    if (rule.blocks_path.empty()) return "/" + path;
    const std::string head = "/" + std::string(rule.blocks_path) + "/" + std::to_string(ordinal);
    return rule.node->kind == model::NodeKind::blocks ? head : head + path.substr(rule.blocks_path.size());
  }
  void report(std::string_view code, const Rule& rule, uint32_t ordinal, const Value* value, std::string first = {},
              std::string second = {}) {
    const bool structural = code != "E-MODEL-REQUIRED" && code != "E-MODEL-CLEAR" && code != "E-MODEL-ABSENT" &&
                            code != "E-MODEL-UNVERIFIED" && code != "E-MODEL-NOT-IN-FORCE";
    if (structural && !(passes_ & kStructure)) return;
    Finding finding = start(code, *rule.node);
    if (value && value->length > 0) {
      if (value->offset != record_.place.offset) finding.line = finding.column = 0;  // of the record, not of the value
      finding.offset = value->offset;
      finding.length = value->length;
    }
    finding.field_path = pointer_of(rule, ordinal);
    finding.args.push_back(finding.field_path);
    if (!first.empty()) finding.args.push_back(std::move(first));
    if (!second.empty()) finding.args.push_back(std::move(second));
    add(std::move(finding));
  }
  void unknown(model::Tag tag, const Value* value = nullptr) {
    if (!(passes_ & kStructure)) return;
    Finding finding = start("E-MODEL-FIELD", *type_.node);
    const model::Node* node = model::find_node(tag);
    finding.args = {node ? std::string(node->path.empty() ? node->name : node->path) : "#" + std::to_string(tag),
                    std::string(type_.node->name)};
    finding.field = tag;
    if (value && value->length > 0) finding.offset = value->offset, finding.length = value->length;
    add(std::move(finding));
  }

  const std::vector<Rule>& rules_;
  const TypePlan& type_;
  const Record& record_;
  std::vector<Finding>& found_;
  const unsigned passes_;
  bool good_ = true;
};

}  // namespace

struct Structure::Plan {
  StructurePlan plan = make_structure_plan();
};

Structure::Structure() : plan_(std::make_unique<const Plan>()) {}
Structure::~Structure() = default;

bool Structure::check(const Record& record, std::vector<Finding>& found, unsigned passes, GoodShapes* known) const {
  const model::Tag tag = record.type ? record.type->tag : 0;
  const StructurePlan& plan = plan_->plan;
  if (tag == 0 || tag >= plan.types.size() || !plan.types[tag].node) {
    Finding finding;
    finding.code = "E-MODEL-TYPE";
    found.push_back(std::move(finding));
    return false;
  }
  Check check(plan.rules, plan.types[tag], record, found, passes);
  if (!known) return check.run();
  known->key_.read(record, passes);
  if (known->shapes_.find(known->key_)) return check.run_values();
  const size_t before = found.size();
  const bool good = check.run();
  if (found.size() == before && known->key_.ordinary()) known->shapes_.put(known->key_, {});
  return good;
}

const Structure& structure() {
  static const Structure one;
  return one;
}

}  // namespace casebridge::validate
