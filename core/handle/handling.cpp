#include "handle/handling.hpp"

#include <algorithm>
#include <stdexcept>

namespace casebridge::handle {
namespace {

struct Tags {
  model::Tag originator, code, conditions, tlp, caveats, releasable, purposes, access_ends, destroy_by, body, grant, grant_expires, marks,
      mark_field, mark_caveats, mark_releasable;
  static const Tags& get() {
    static const Tags tags;
    return tags;
  }

 private:
  static model::Tag tag(std::string_view path) {
    const model::Node* person = model::record_type("Person");
    const model::Node* node = person ? model::field(*person, path) : nullptr;
    if (!node) throw std::logic_error("the model has no field " + std::string(path));
    return node->tag;
  }
  Tags()
      : originator(tag("handling/originator")),
        code(tag("handling/handlingCode")),
        conditions(tag("handling/conditions")),
        tlp(tag("handling/tlp")),
        caveats(tag("handling/caveats")),
        releasable(tag("handling/releasableTo")),
        purposes(tag("handling/purposes")),
        access_ends(tag("handling/accessEnds")),
        destroy_by(tag("handling/destroyBy")),
        body(tag("handling/governance/body")),
        grant(tag("handling/governance/grantId")),
        grant_expires(tag("handling/governance/grantExpires")),
        marks(tag("handling/fieldMarks")),
        mark_field(tag("handling/fieldMarks/field")),
        mark_caveats(tag("handling/fieldMarks/caveats")),
        mark_releasable(tag("handling/fieldMarks/releasableTo")) {}
};

bool good_date(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  return true;
}

}  // namespace

std::optional<Tlp> tlp_of(std::string_view code) noexcept {
  if (code == "CLEAR") return Tlp::clear;
  if (code == "GREEN") return Tlp::green;
  if (code == "AMBER") return Tlp::amber;
  if (code == "AMBER_STRICT") return Tlp::amber_strict;
  if (code == "RED") return Tlp::red;
  return std::nullopt;
}

CodeBits::CodeBits(std::string_view list) {
  const model::CodeList* codes = model::code_list(list);
  if (!codes || codes->rows.size() > 64)
    throw std::logic_error("handling needs the code list " + std::string(list) + " with at most 64 codes");
  for (const model::CodeRow& row : codes->rows) codes_.push_back(row.code);
}
std::optional<uint64_t> CodeBits::bit(std::string_view code) const noexcept {
  const auto at = std::lower_bound(codes_.begin(), codes_.end(), code);
  if (at == codes_.end() || *at != code) return std::nullopt;
  return uint64_t(1) << (at - codes_.begin());
}
std::string_view CodeBits::name(size_t bit) const { return codes_.at(bit); }

const CodeBits& caveat_bits() {
  static const CodeBits bits("caveat");
  return bits;
}
const CodeBits& purpose_bits() {
  static const CodeBits bits("legal_authority");
  return bits;
}
uint64_t caveats(std::initializer_list<std::string_view> codes) {
  uint64_t set = 0;
  for (const std::string_view code : codes) {
    const auto bit = caveat_bits().bit(code);
    if (!bit) throw std::logic_error("no caveat " + std::string(code));
    set |= *bit;
  }
  return set;
}

std::optional<Unreadable> read_handling(const Record& record, Handling& out) {
  const Tags& t = Tags::get();
  for (const Value& v : record.values) {
    if (v.field == t.originator) out.originator = v.text;
    else if (v.field == t.conditions) out.conditions = v.text;
    else if (v.field == t.body) out.governance_body = v.text;
    else if (v.field == t.grant) out.grant_id = v.text;
    else if (v.field == t.code) {
      if (v.text != "P" && v.text != "C") return Unreadable{"E-HANDLE-UNREADABLE", std::string(v.text)};
      out.stated = true;
      out.conditional = v.text == "C";
    } else if (v.field == t.tlp) {
      if (!(out.tlp = tlp_of(v.text))) return Unreadable{"E-HANDLE-UNREADABLE", std::string(v.text)};
    } else if (v.field == t.caveats) {
      const auto bit = caveat_bits().bit(v.text);
      if (!bit) return Unreadable{"E-HANDLE-CAVEAT", std::string(v.text)};
      out.caveats |= *bit;
    } else if (v.field == t.purposes) {
      const auto bit = purpose_bits().bit(v.text);
      if (!bit) return Unreadable{"E-HANDLE-UNREADABLE", std::string(v.text)};
      out.purposes = out.purposes.value_or(0) | *bit;
    } else if (v.field == t.releasable) {
      if (!out.releasable_to) out.releasable_to.emplace();
      out.releasable_to->push_back(v.text);
    } else if (v.field == t.access_ends || v.field == t.destroy_by || v.field == t.grant_expires) {
      if (!good_date(v.text)) return Unreadable{"E-HANDLE-UNREADABLE", std::string(v.text)};
      (v.field == t.access_ends ? out.access_ends : v.field == t.destroy_by ? out.destroy_by : out.grant_expires) = v.text;
    }
  }
  for (const Block& block : record.blocks) {
    if (block.tag != t.marks) continue;
    FieldMark mark;
    for (const Value& v : record.block_of(block)) {
      if (v.field == t.mark_field) mark.pointer = v.text;
      else if (v.field == t.mark_releasable) mark.releasable_to.push_back(v.text);
      else if (v.field == t.mark_caveats) {
        const auto bit = caveat_bits().bit(v.text);
        if (!bit) return Unreadable{"E-HANDLE-CAVEAT", std::string(v.text)};
        mark.caveats |= *bit;
      }
    }
    if (!mark.pointer.starts_with('/')) return Unreadable{"E-HANDLE-UNREADABLE", std::string(mark.pointer)};
    out.marks.push_back(std::move(mark));
  }
  return std::nullopt;
}

std::string_view earlier(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return a < b ? a : b;
}

bool date_passed(std::string_view date, std::string_view today) {
  if (date.empty()) return false;
  return date.size() < today.size() ? date < today.substr(0, date.size()) : date < today;
}

Handling tightened(const Handling& floor, const Handling& own) {
  Handling out = floor;
  if (!own.originator.empty()) out.originator = own.originator;
  if (!own.governance_body.empty() || !own.grant_id.empty()) {
    out.governance_body = own.governance_body;
    out.grant_id = own.grant_id;
    out.grant_expires = own.grant_expires;
  }
  if (!own.conditions.empty()) out.conditions = own.conditions;
  out.stated = floor.stated || own.stated;
  out.conditional = floor.conditional || own.conditional;
  if (own.tlp && (!out.tlp || *own.tlp > *out.tlp)) out.tlp = own.tlp;
  out.caveats |= own.caveats;
  if (own.purposes) out.purposes = out.purposes ? *out.purposes & *own.purposes : *own.purposes;
  if (own.releasable_to) {
    if (!out.releasable_to) out.releasable_to = own.releasable_to;
    else
      std::erase_if(*out.releasable_to, [&](std::string_view agency) {
        return std::find(own.releasable_to->begin(), own.releasable_to->end(), agency) == own.releasable_to->end();
      });
  }
  out.access_ends = earlier(out.access_ends, own.access_ends);
  out.destroy_by = earlier(out.destroy_by, own.destroy_by);
  out.marks.insert(out.marks.end(), own.marks.begin(), own.marks.end());
  return out;
}

}  // namespace casebridge::handle
