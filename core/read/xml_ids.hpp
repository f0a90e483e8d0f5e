// The identifiers of one document and the references to them: ids that stand twice, references that lead nowhere.
// Streaming validators check neither. Bounded: past the limit it says so, once, and stops checking.
#pragma once
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/record.hpp"
#include "read/xml_report.hpp"

namespace casebridge::read {

enum class XmlIdKind : uint8_t { none, id, ref, refs };

struct XmlIdAttribute {  // an attribute that a schema types as xs:ID, xs:IDREF or xs:IDREFS
  std::string ns, name;  // ns empty: without a namespace
  std::string element;   // local name of the element it stands on; empty: on any
  XmlIdKind kind = XmlIdKind::id;
};

// What NIEM's structures namespaces and xml:id say by themselves.
XmlIdKind known_id_attribute(std::string_view ns, std::string_view name);

class XmlIds {
 public:
  explicit XmlIds(uint64_t bytes) : most_(bytes) {}
  void add(XmlIdKind kind, std::string_view value, XmlPlace place, uint64_t length, const XmlReport& report);
  void finish(const XmlReport& report);  // end of the document: what is still open leads nowhere

 private:
  void refer(std::string_view value, XmlPlace place, uint64_t length, const XmlReport& report);
  bool room(size_t bytes, const XmlReport& report, XmlPlace place);
  struct Entry {
    XmlPlace place;
    uint64_t length = 0;
    bool defined = false;
  };
  Arena arena_;
  std::unordered_map<std::string_view, Entry> entries_;
  uint64_t most_, used_ = 0;
  bool full_ = false;
};

}  // namespace casebridge::read
