#include "read/xml_ids.hpp"

#include <algorithm>

namespace casebridge::read {

XmlIdKind known_id_attribute(std::string_view ns, std::string_view name) {
  if (ns == "http://www.w3.org/XML/1998/namespace") return name == "id" ? XmlIdKind::id : XmlIdKind::none;
  if (ns.find("/structures/") == std::string_view::npos || ns.find("niem") == std::string_view::npos) return XmlIdKind::none;
  if (name == "id") return XmlIdKind::id;
  if (name == "ref") return XmlIdKind::ref;
  if (name == "metadata" || name == "linkMetadata" || name == "relationshipMetadata") return XmlIdKind::refs;
  return XmlIdKind::none;
}

bool XmlIds::room(size_t bytes, const XmlReport& report, XmlPlace place) {
  if (full_) return false;
  used_ += bytes + 160;  // the entry, its node and its share of the table
  if (used_ <= most_) return true;
  full_ = true;
  report(xml_finding("E-XML-ID-LIMIT", {std::to_string(entries_.size())}, place, 0));
  return false;
}

void XmlIds::refer(std::string_view value, XmlPlace place, uint64_t length, const XmlReport& report) {
  if (entries_.find(value) != entries_.end() || !room(value.size(), report, place)) return;
  entries_.emplace(arena_.keep(value), Entry{place, length, false});
}

void XmlIds::add(XmlIdKind kind, std::string_view value, XmlPlace place, uint64_t length, const XmlReport& report) {
  if (full_) return;
  constexpr std::string_view kBlank = " \t\r\n";
  if (kind == XmlIdKind::refs) {
    for (size_t at = value.find_first_not_of(kBlank); at != std::string_view::npos;) {
      const size_t end = std::min(value.find_first_of(kBlank, at), value.size());
      refer(value.substr(at, end - at), place, length, report);
      at = value.find_first_not_of(kBlank, end);
    }
    return;
  }
  const size_t first = value.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return;
  value = value.substr(first, value.find_last_not_of(kBlank) - first + 1);
  if (kind == XmlIdKind::ref) return refer(value, place, length, report);
  const auto at = entries_.find(value);
  if (at == entries_.end()) {
    if (room(value.size(), report, place)) entries_.emplace(arena_.keep(value), Entry{place, length, true});
  } else if (at->second.defined) {
    report(xml_finding("E-XML-ID-TWICE", {std::string(value), std::to_string(at->second.place.line)}, place, length));
  } else {
    at->second = Entry{place, length, true};
  }
}

void XmlIds::finish(const XmlReport& report) {
  if (full_) return;  // an id may have been among those not kept
  std::vector<std::pair<Entry, std::string_view>> open;
  for (const auto& [value, entry] : entries_)
    if (!entry.defined) open.emplace_back(entry, value);
  std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) {
    return a.first.place.offset != b.first.place.offset ? a.first.place.offset < b.first.place.offset : a.second < b.second;
  });
  for (const auto& [entry, value] : open) report(xml_finding("E-XML-REF-DANGLING", {std::string(value)}, entry.place, entry.length));
}

}  // namespace casebridge::read
