// A second reader of the same document: it gets the bytes that the pre-scan has passed, in order, as UTF-8, and says
// whether they are well formed (libxml2) and, with a schema, valid. Positions come from marks that the pre-scan leaves.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "read/xml_report.hpp"

namespace casebridge::read {

struct XmlAttributeMark {
  std::string_view name;  // as written; lives as long as the reader
  XmlPlace place;         // of the value
  uint64_t length = 0;
};

struct XmlMark {  // one start or end tag, in document order
  bool start = false;
  std::string_view name;  // start tag: as written; lives as long as the reader
  XmlPlace place;         // of the tag
  uint64_t length = 0;    // of the tag
  XmlPlace text;          // end tag: the element's own text
  uint64_t text_length = 0;
  uint32_t n_attributes = 0;  // start tag: so many of the attribute marks are its own
};

class XmlJudge {
 public:
  virtual ~XmlJudge() = default;

  // Before the first bytes, once the name of the document element is known.
  virtual void begin(std::string_view ns, std::string_view name, const XmlReport& report) = 0;
  // False: these bytes are not well-formed XML; it was reported.
  virtual bool feed(std::string_view utf8, bool last) = 0;

  // Filled by the reader ahead of feed(), consumed by the judge.
  std::vector<XmlMark> marks;
  std::vector<XmlAttributeMark> attribute_marks;
};

// libxml2's SAX parser without a schema.
std::unique_ptr<XmlJudge> make_wellformed_judge();

}  // namespace casebridge::read
