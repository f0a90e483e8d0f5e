#include "handle/release.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "base/sha256.hpp"
#include "casebridge/model.h"
#include "handle/mask.hpp"
#include "handle/offences.hpp"
#include "handle/scrub.hpp"
#include "model/pointers.hpp"

namespace casebridge::handle {
namespace {

constexpr char kUnit = '\x1F';

model::Tag tag(std::string_view type, std::string_view path) {
  const model::Node* record = model::record_type(type);
  const model::Node* node = record ? model::field(*record, path) : nullptr;
  if (!node) throw std::logic_error("the model has no field " + std::string(type) + '/' + std::string(path));
  return node->tag;
}

bool parse(std::string_view text, Uuid& id) {
  size_t nibble = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v < 0 || nibble >= 32) return false;
    id.bytes[nibble / 2] = static_cast<uint8_t>(nibble % 2 == 0 ? v << 4 : id.bytes[nibble / 2] | v);
    ++nibble;
  }
  return nibble == 32;
}

std::string written(const Uuid& id) {
  std::string hex = to_hex(id.bytes.data(), id.bytes.size());
  for (const size_t at : {8, 13, 18, 23}) hex.insert(at, 1, '-');
  return hex;
}

// A pointer without its indexes: items may have gone, and a mark on all of them is the stricter one.
std::string_view without_index(std::string_view pointer) {
  for (size_t at = pointer.find('/'); at != std::string_view::npos; at = pointer.find('/', at + 1))
    if (at + 1 < pointer.size() && pointer[at + 1] >= '0' && pointer[at + 1] <= '9') return pointer.substr(0, at);
  return pointer;
}

bool sensitive_identifier(const Value& v) {
  return is_token(v.text) || (model::node(v.field).name == "type" && (v.text == "SIN" || v.text == "SSN" || v.text == "HEALTH_CARD"));
}

struct Caveats {
  uint64_t ejm = caveats({"YCJA_EJM"}), youth = caveats({"YCJA_RECORD", "YCJA_SEPARATE_DESTROY"}), third = caveats({"THIRD_PARTY"}),
           safe = caveats({"SAFE_LOCATION"}), mpa = caveats({"MPA_ONLY"}), fn = caveats({"FN_GOVERNED"}),
           suspended = caveats({"RECORD_SUSPENSION"}), informer = caveats({"INFORMER", "WITNESS_PROTECTION"}), sealed = caveats({"SEALED"}),
           cc278 = caveats({"CC278_RECORD", "CC278_THERAPEUTIC"}), ban = caveats({"PUBLICATION_BAN", "YCJA_PUBLICATION"}),
           apart = caveats({"YCJA_SEPARATE_DESTROY"}), intercept = caveats({"INTERCEPT"}), consent = caveats({"SURVIVOR_CONSENT"});
  static const Caveats& get() {
    static const Caveats caveats;
    return caveats;
  }
};

}  // namespace

Release::Release(RecipientPolicy policy, uint64_t purpose, uint64_t authority, std::string purpose_code, std::string run_date)
    : policy_(std::move(policy)),
      purpose_(purpose),
      authority_(authority),
      context_(policy_.name + kUnit + purpose_code),
      run_date_(std::move(run_date)),
      tags_{tag("Order", "conditions"),
            tag("Order", "protected"),
            tag("Cluster", "canonicalView"),
            tag("Evidence", "hashes"),
            tag("Evidence", "hashes/algorithm"),
            tag("Person", "handling/releasableTo"),
            tag("Person", "handling/fieldMarks"),
            tag("Person", "handling/fieldMarks/field"),
            tag("Person", "handling/fieldMarks/releasableTo"),
            tag("Charge", "youth"),
            tag("Location", "kind")} {
  for (const model::Node& node : model::nodes()) {
    if (fields_.size() <= node.tag) fields_.resize(size_t(node.tag) + 1);
    for (const model::Node* up = &node; up; up = model::find_node(up->parent)) {
      const auto in = [&](const std::vector<model::Tag>& list) { return std::find(list.begin(), list.end(), up->tag) != list.end(); };
      if (in(policy_.withhold)) fields_[node.tag] = Field::policy;
      else if (up->sensitive && !in(policy_.traits)) fields_[node.tag] = Field::trait;
    }
  }
}

bool Release::mark_allows(const FieldMark& mark) const {
  if (!mark.releasable_to.empty() &&
      std::find(mark.releasable_to.begin(), mark.releasable_to.end(), policy_.agency) == mark.releasable_to.end())
    return false;
  return (mark.caveats & ~policy_.caveats) == 0;
}

std::optional<Rule> Release::withheld(const Record& record, const Handling& h, std::string_view agency) const {
  const Caveats& c = Caveats::get();
  const uint64_t had = h.caveats;
  if (date_passed(h.access_ends, run_date_) || date_passed(h.destroy_by, run_date_)) return Rule::access_ended;
  if (std::find(policy_.types.begin(), policy_.types.end(), record.type->name) == policy_.types.end()) return Rule::type;
  if (!record.status.empty() && record.status != "CURRENT" && !policy_.withdrawn) return Rule::withdrawn;
  // Release-to restricts to those listed, whatever other marks say (H5); being listed lifts the third-party rule only.
  const bool listed =
      h.releasable_to && std::find(h.releasable_to->begin(), h.releasable_to->end(), policy_.agency) != h.releasable_to->end();
  if (h.releasable_to && !listed) return Rule::release_to;
  const auto said = [&](model::Tag field) {
    const Value* v = record.find(field);
    return v ? v->text : std::string_view();
  };
  if (!said(tag::Person_consent_withdrawn).empty() || ((had & c.consent) != 0 && said(tag::Person_consent_given) == "false"))
    return Rule::consent;
  if ((had & c.ejm) != 0 || said(tag::Charge_outcome) == "EJM") return Rule::extrajudicial;
  if (said(tag::Custody_legalCall) == "true") return Rule::legal_call;
  if ((had & c.intercept) != 0 && authority_ != *purpose_bits().bit("CC_INTERCEPT")) return Rule::caveat;
  if (policy_.publisher && (had & c.ban) != 0) return Rule::publication_ban;
  if ((had & c.informer) != 0) return Rule::informer;
  if ((had & c.suspended) != 0) return Rule::suspended;
  if ((had & c.safe) != 0) return Rule::safe_location;
  if ((had & c.sealed) != 0) return Rule::caveat;
  const Value* youth = record.find(tags_.youth);
  if (((had & c.youth) != 0 || (youth && youth->text != "false")) && policy_.youth_basis.empty()) return Rule::youth;
  if ((had & c.apart) != 0 && h.destroy_by.empty()) return Rule::youth;  // s. 125(6): a copy that nobody would destroy
  if ((had & c.fn) != 0 || !h.grant_id.empty() || !h.governance_body.empty()) {
    const bool granted = !h.grant_id.empty() && std::find(policy_.grants.begin(), policy_.grants.end(), h.grant_id) != policy_.grants.end();
    if (!granted || h.grant_expires.empty() || date_passed(h.grant_expires, run_date_)) return Rule::governed;
  }
  if ((had & c.mpa) != 0) {
    static const uint64_t locating = *purpose_bits().bit("MPA_4") | *purpose_bits().bit("MPA_5") | *purpose_bits().bit("MPA_6");
    if ((purpose_ & locating) == 0) return Rule::missing_person;
  }
  const std::string_view originator = h.originator.empty() ? agency : h.originator;
  if ((had & c.third) != 0 && !listed && originator != policy_.agency &&
      std::find(policy_.consents.begin(), policy_.consents.end(), originator) == policy_.consents.end())
    return Rule::originator;
  if ((had & ~policy_.caveats & ~c.third & ~c.cc278) != 0) return Rule::caveat;
  if (!h.releasable_to && !policy_.unlisted) return Rule::originator;
  if (h.purposes && (*h.purposes & purpose_) == 0) return Rule::purpose;
  const Tlp tlp = h.tlp.value_or(policy_.unstated_tlp);
  if (tlp > policy_.ceiling || (tlp == Tlp::red && !listed)) return Rule::tlp;  // RED: named recipients only
  if (h.conditional && !policy_.conditional) return Rule::condition;
  const Value* kind = record.find(tags_.kind);
  if (kind && kind->text == "SAFE_LOCATION") return Rule::safe_location;
  // The last rule: of what another rule keeps back too, not even a notice (Gate::notices) may tell.
  if ((had & c.cc278 & ~policy_.caveats) != 0) return Rule::private_record;
  return std::nullopt;
}

// What of a record may be shown that is under a ban (H8), or tells where a person is who does not want to be found (H15).
bool Release::shows(const Record& record, model::Tag field, bool banned, bool unwilling) const {
  const model::Node& node = model::node(field);
  if (node.path.starts_with("handling/")) return true;
  if (unwilling)  // that they were located, and nothing else
    return node.required || field == tag::Occurrence_reportedAt || field == tag::Occurrence_missing_circumstances ||
           field == tag::Occurrence_missing_outcome;
  if (!banned) return true;
  using model::ValueType;
  if (record.type->tag == tag::Charge && field == tag::Charge_victim) return false;
  return node.type == ValueType::code || node.type == ValueType::openCode || node.type == ValueType::boolean || node.type == ValueType::ref;
}

bool Release::perceptual(const Record& record, const Block& block) const {
  if (block.tag != tags_.hashes) return false;
  for (const Value& v : record.block_of(block))
    if (v.field == tags_.hash_algorithm) return v.text != "MD5" && v.text != "SHA1" && v.text != "SHA256" && v.text != "SHA512";
  return true;
}

std::optional<Record> Release::trimmed(const Record& in, const Handling& h, const Alive& alive, uint32_t source, Arena& arena,
                                       Ledger* ledger) const {
  const auto count = [&](Rule rule, uint64_t n = 1) {
    if (ledger && n > 0) ledger->add(rule, n);
  };
  std::vector<std::string_view> closed;  // pointers under a mark that does not let them pass
  for (const FieldMark& mark : h.marks)
    if (!mark_allows(mark)) closed.push_back(mark.pointer);
  std::vector<uint8_t> marked(closed.empty() ? 0 : in.values.size() + in.block_values.size());
  if (!closed.empty()) {
    size_t at = 0;
    const auto look = [&](const std::string& pointer, size_t index) {
      for (const std::string_view outer : closed) marked[index] = marked[index] || pointer_covers(outer, pointer);
    };
    each_pointer(in, [&](const std::string& pointer, const Value& value) {
      const bool own = at < in.values.size();
      look(pointer, own ? at : in.values.size() + static_cast<size_t>(&value - in.block_values.data()));
      ++at;
    });
  }

  const Value* file = in.find(tag::Charge_courtFile);
  const bool banned = policy_.publisher && banned_charge(in) &&
                      !(file && std::find(policy_.bans_lifted.begin(), policy_.bans_lifted.end(), file->text) != policy_.bans_lifted.end());
  const Value* outcome = in.find(tag::Occurrence_missing_outcome);
  const bool unwilling = outcome && outcome->text == "LOCATED_NO_DISCLOSE";

  Record out;
  out.type = in.type;
  out.id = pseudonym(in.id);
  out.version = in.version;
  out.status = in.status;
  if (!in.supersedes.nil() && alive(in.supersedes)) out.supersedes = pseudonym(in.supersedes);
  out.source = source;
  if (source > 0) out.place = {0, 0, 1, 1};  // real places would tell of what stood between

  const auto keep = [&](const Value& value, size_t index, Value& made) {
    if (fields_[value.field] != Field::pass) return count(fields_[value.field] == Field::trait ? Rule::trait : Rule::field_policy), false;
    if (!marked.empty() && marked[index]) return count(Rule::field_mark), false;
    if ((banned || unwilling) && !shows(in, value.field, banned, unwilling))
      return count(unwilling ? Rule::unwilling : Rule::publication_ban), false;
    if (value.field == tags_.releasable && value.text != policy_.agency) return false;
    // For others a text that holds such a number or a picture goes as a whole: a mask would show that something was there.
    if (needs_scrub(value)) return count(Rule::clear_number), false;
    made = value;
    made.offset = made.length = 0;
    if (!policy_.originals) made.original = {}, made.normal_differs = false;
    if (model::node(value.field).type != model::ValueType::ref) return true;
    Uuid id;
    if (!parse(value.text, id) || !alive(id)) return count(Rule::field_reference), false;
    made.text = arena.keep(written(pseudonym(id)));
    return true;
  };

  std::vector<model::Tag> lost;  // required fields of the record's own that had a value, and single blocks that go with them
  Value made;
  for (size_t i = 0; i < in.values.size(); ++i) {
    if (keep(in.values[i], i, made)) out.values.push_back(made);
    else if (model::node(in.values[i].field).required) lost.push_back(in.values[i].field);
  }
  std::vector<model::Tag> closed_blocks;
  for (const model::Tag field : lost) {
    if (std::any_of(out.values.begin(), out.values.end(), [&](const Value& v) { return v.field == field; }))
      continue;  // of a list, some are left
    const model::Node* up = model::find_node(model::node(field).parent);
    while (up && up->kind == model::NodeKind::block && up->required) up = model::find_node(up->parent);
    if (!up || up->kind != model::NodeKind::block) return std::nullopt;
    closed_blocks.push_back(up->tag);
  }
  const auto inside_closed = [&](model::Tag field) {
    for (const model::Node* up = model::find_node(field); up; up = model::find_node(up->parent))
      if (std::find(closed_blocks.begin(), closed_blocks.end(), up->tag) != closed_blocks.end()) return true;
    return false;
  };
  if (!closed_blocks.empty()) std::erase_if(out.values, [&](const Value& v) { return inside_closed(v.field); });

  const bool protects = in.find(tags_.protected_) != nullptr;
  std::vector<int32_t> moved(in.blocks.size(), -1);
  for (size_t b = 0; b < in.blocks.size(); ++b) {
    const Block& block = in.blocks[b];
    const model::Node& node = model::node(block.tag);
    if (block.tag == tags_.canonical) continue;  // made again for each recipient, from what is left
    if (fields_[block.tag] != Field::pass) {
      count(fields_[block.tag] == Field::trait ? Rule::trait : Rule::field_policy);
      continue;
    }
    if (protects && block.tag == tags_.conditions) {
      count(Rule::protected_person);
      continue;
    }  // it says where she is
    if (perceptual(in, block)) {
      count(Rule::media);
      continue;
    }
    // A sensitive number does not leave, not even as a token: the same token in two data sets would join them.
    if (node.name == "identifiers" &&
        std::any_of(in.block_of(block).begin(), in.block_of(block).end(), [](const Value& v) { return sensitive_identifier(v); })) {
      count(Rule::clear_number);
      continue;
    }
    Block item{block.tag, static_cast<uint32_t>(out.block_values.size()), 0};
    bool whole = true;
    for (size_t i = block.first; whole && i < size_t(block.first) + block.count; ++i) {
      const Value& value = in.block_values[i];
      if (block.tag == tags_.marks && value.field == tags_.mark_releasable) continue;
      if (block.tag == tags_.marks && value.field == tags_.mark_field) {
        whole = std::find(closed.begin(), closed.end(), value.text) == closed.end();
        made = value;
        made.text = without_index(value.text);
        if (whole) out.block_values.push_back(made), ++item.count;
        continue;
      }
      if (keep(value, in.values.size() + i, made)) out.block_values.push_back(made), ++item.count;
      else if (model::node(value.field).required) whole = false;
    }
    if (!whole || item.count == 0) {
      out.block_values.resize(item.first);
      continue;
    }
    moved[b] = static_cast<int32_t>(out.blocks.size());
    out.blocks.push_back(item);
  }
  for (const Block& block : in.blocks) {
    if (!model::node(block.tag).required) continue;
    if (std::none_of(out.blocks.begin(), out.blocks.end(), [&](const Block& b) { return b.tag == block.tag; })) return std::nullopt;
  }
  for (const Absent& absent : in.absent) {
    if (fields_[absent.field] != Field::pass || inside_closed(absent.field)) continue;
    if (absent.block >= 0 && moved[static_cast<size_t>(absent.block)] < 0) continue;
    const std::string pointer = absent_pointer(in, absent);
    if (std::any_of(closed.begin(), closed.end(), [&](std::string_view outer) { return pointer_covers(outer, pointer); })) continue;
    out.absent.push_back({absent.field, absent.block < 0 ? -1 : moved[static_cast<size_t>(absent.block)], absent.reason});
  }
  if (policy_.ext && !banned && !unwilling) out.ext = in.ext;
  else count(Rule::unmapped, in.ext.size());
  return out;
}

Uuid Release::pseudonym(const Uuid& id) const {
  std::string what = "id" + std::string(1, kUnit) + context_ + kUnit;
  what.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  const Digest digest = hmac_sha256(policy_.key, what);
  Uuid out;
  std::memcpy(out.bytes.data(), digest.data(), out.bytes.size());
  out.bytes[6] = static_cast<uint8_t>((out.bytes[6] & 0x0F) | 0x80);  // version 8 of RFC 9562: made by rules of our own
  out.bytes[8] = static_cast<uint8_t>((out.bytes[8] & 0x3F) | 0x80);
  return out;
}

std::string Release::pseudonym(std::string_view what, std::string_view text) const {
  return to_hex(hmac_sha256(policy_.key, std::string(what) + kUnit + context_ + kUnit + std::string(text)));
}

}  // namespace casebridge::handle
