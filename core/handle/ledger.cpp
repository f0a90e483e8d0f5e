#include "handle/ledger.hpp"

namespace casebridge::handle {

std::string_view rule_id(Rule rule) noexcept {
  switch (rule) {
    case Rule::access_ended: return "H1 access-ended";
    case Rule::extrajudicial: return "H2 extrajudicial-measures";
    case Rule::youth: return "H3 youth-record";
    case Rule::originator: return "H4 originator-control";
    case Rule::release_to: return "H5 release-to";
    case Rule::private_record: return "H7 private-record";
    case Rule::publication_ban: return "H8 publication-ban";
    case Rule::victim: return "H9 victim-not-suspect";
    case Rule::safe_location: return "H10 safe-location";
    case Rule::protected_person: return "H11 protected-person";
    case Rule::legal_call: return "H12 legal-call";
    case Rule::missing_person: return "H13 missing-person-purpose";
    case Rule::unwilling: return "H15 no-contact-wanted";
    case Rule::governed: return "H16 governed-data";
    case Rule::suspended: return "H18 record-suspension";
    case Rule::informer: return "H19 informer-or-witness";
    case Rule::purpose: return "H20 purpose";
    case Rule::consent: return "H23 consent-withdrawn";
    case Rule::caveat: return "caveat";
    case Rule::tlp: return "tlp";
    case Rule::condition: return "condition";
    case Rule::type: return "record-type";
    case Rule::withdrawn: return "withdrawn";
    case Rule::reference: return "reference";
    case Rule::cluster: return "H4 cluster";
    case Rule::unreadable: return "H27 unreadable";
    case Rule::media: return "H6 media";
    case Rule::trait: return "H22 sensitive-trait";
    case Rule::clear_number: return "H26 clear-number";
    case Rule::field_mark: return "field-mark";
    case Rule::field_policy: return "field-policy";
    case Rule::field_reference: return "field-reference";
    case Rule::unmapped: return "unmapped-field";
    case Rule::count_: break;
  }
  return "";
}

std::vector<std::pair<std::string, uint64_t>> Ledger::rows() const {
  std::vector<std::pair<std::string, uint64_t>> out;
  for (size_t i = 0; i < counts_.size(); ++i)
    if (const uint64_t n = counts_[i].load(std::memory_order_relaxed)) out.emplace_back(rule_id(static_cast<Rule>(i)), n);
  return out;
}

}  // namespace casebridge::handle
