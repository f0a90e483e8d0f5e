// The first eyes on an XML input: a tokenizer that enforces the caps before any other parser sees a byte, and the
// source of every position (libxml2's own byte positions are not reliable). It works on a sliding window: a token is
// whole, or next() says `need` and the caller refills. Indices of a token are into the window and hold until refill().
// DOCTYPE is refused; so is every entity reference but the five of XML itself.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "read/xml_source.hpp"

namespace casebridge::read {

struct XmlLimits {
  uint32_t depth = 256;        // open elements
  uint32_t attributes = 1000;  // of one element
  uint32_t names = 100000;     // different names in one input
  uint32_t name_bytes = 1000;
  uint32_t names_bytes = 16u << 20;            // of all different names and namespaces together
  uint32_t attribute_bytes = 1u << 20;         // of one value
  uint32_t tag_bytes = 2u << 20;               // of one start tag
  uint32_t text_bytes = 8u << 20;              // between two tags
  uint32_t context_bytes = 1u << 20;           // kept of what stands outside the source records and is complete
  uint32_t open_bytes = 16u << 20;             // of that, with the elements that are still open
  uint64_t record_bytes = uint64_t(64) << 20;  // one source record as a tree
  uint64_t id_bytes = uint64_t(48) << 20;      // the index of identifiers
};

enum class XmlTokenKind : uint8_t { start, end, text, cdata, other, need, finish, failed };

struct XmlAttribute {
  size_t name, name_end, value, value_end;  // value without its quotes
  bool plain;                               // nothing to decode: no reference, no line end or tabulator
};

struct XmlToken {
  XmlTokenKind kind = XmlTokenKind::need;
  size_t begin = 0, end = 0;   // the whole token
  size_t first = 0, last = 0;  // name of a tag; characters of text and CDATA
  bool empty = false;          // <x/>
  bool plain = true;           // as XmlAttribute
  bool blank = false;          // text: white space only, nothing decoded
};

class XmlPrescan {
 public:
  XmlPrescan(XmlSource& source, const XmlLimits& limits) : source_(source), limits_(limits) {}

  XmlTokenKind next(XmlToken& token);
  // Forgets everything before the present position and makes the window longer. When nothing more comes, next() ends.
  void refill();

  const std::vector<XmlAttribute>& attributes() const { return attributes_; }
  std::string_view text(size_t begin, size_t end) const { return {source_.data() + begin, end - begin}; }
  size_t position() const { return position_; }        // the window is tokenized up to here
  size_t body() const { return body_; }                // the bytes after the XML declaration begin here
  const Finding& failure() const { return failure_; }  // after `failed`
  cb_status status() const { return status_; }

  // For the caller, who knows about names: the same end as a problem found here.
  XmlTokenKind fail(std::string_view code, std::vector<std::string> args, size_t begin, size_t end, cb_status status = CB_E_INPUT);
  XmlTokenKind cut(std::vector<std::string> args);  // the input ends too early: E-XML-TRUNCATED, or why it stopped

  // The text with references resolved and line ends as LF (in an attribute: white space as blanks). The references are
  // known to be sound.
  static void decode(std::string_view raw, bool attribute, std::string& out);

 private:
  XmlTokenKind start_tag(XmlToken&);
  XmlTokenKind end_tag(XmlToken&);
  XmlTokenKind text_run(XmlToken&);
  XmlTokenKind cdata(XmlToken&);
  XmlTokenKind comment(XmlToken&);
  XmlTokenKind instruction(XmlToken&);
  XmlTokenKind incomplete(size_t begin);  // need, or the finding that the input ends inside a token
  // Index after the reference that begins at `at`; 0 = not complete yet; npos = refused, failure is set.
  size_t reference(size_t at, size_t end);
  size_t name_end(size_t at, size_t end) const;
  XmlTokenKind limit(std::string_view what, uint64_t most, size_t begin, size_t end);
  bool starts(std::string_view word) const { return text(position_, source_.size()).starts_with(word); }

  XmlSource& source_;
  const XmlLimits& limits_;
  std::vector<XmlAttribute> attributes_;
  size_t position_ = 0, body_ = 0;
  uint64_t run_ = 0;  // bytes of text since the last tag
  bool began_ = false, ended_ = false;
  Finding failure_;
  cb_status status_ = CB_OK;
  static constexpr size_t kChunk = size_t(128) << 10;
};

}  // namespace casebridge::read
