// An XML input as a row of source records, each a Tree: the whole document, or one for each element of a name.
//
//   XmlReader reader(input, options, report);
//   if (reader.start()) ... reader.root_name(), reader.root_ns() ...
//   Tree tree; while (reader.next(tree)) ...
//   reader.status()  // CB_END: the document ended well; else why it ended, after a finding with the place
//
// Memory is one source record plus what stands around it (XmlLimits). When the document breaks, the source records
// that were complete before are delivered and broken() is the place of the one that was not. Nothing here opens a
// file. One thread at a time.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "read/tree.hpp"
#include "read/xml_ids.hpp"
#include "read/xml_judge.hpp"
#include "read/xml_prescan.hpp"

namespace casebridge::read {

struct XmlOptions {
  std::string each;         // "Custody" (in any namespace) or "{namespace}Custody"; empty: the document is the source record;
                            // "*": every child of the document element
  bool keep_space = false;  // outer white space of a text is part of it (case data of ours); blank text is still none
  bool recover = false;     // leave out what stands before a late XML declaration and go on
  XmlLimits limits;
  XmlJudge* judge = nullptr;                         // borrowed; nullptr: libxml2 without a schema
  const std::vector<XmlIdAttribute>* ids = nullptr;  // borrowed; besides NIEM's own and xml:id
  bool check_ids = true;
  OutsideSink* outside = nullptr;  // borrowed
};

class XmlReader {
 public:
  // `input` and `names` are borrowed; `report` gets every finding, in the order of the document, before the source
  // record it stands in is delivered.
  XmlReader(const cb_input& input, XmlOptions options, Names& names, XmlReport report);
  ~XmlReader();

  bool start();           // reads up to the document element's start tag; next() does it by itself
  bool next(Tree& tree);  // false: see status()

  uint32_t root_name() const { return root_name_; }  // in names; Names::kNone before start()
  uint32_t root_ns() const { return root_ns_; }
  XmlEncoding encoding() const { return source_.encoding(); }
  cb_status status() const { return status_; }  // CB_OK while records come
  struct Span {
    uint64_t offset, length;
  };
  std::optional<Span> broken() const { return broken_; }  // the source record that could not be read whole

 private:
  struct QName {
    std::string raw;
    uint32_t local = Names::kNone, ns = Names::kNone;
    uint32_t prefix = 0;  // bytes of the prefix, 0 = none
    uint64_t epoch = 0;   // ns holds for this state of the bindings
  };
  struct Open {
    uint32_t qname, node, last_child, prior;  // prior: the sibling before, to take the node back
    uint32_t bindings;                        // namespace bindings before this element
    size_t text_begin;                        // in pending_
    size_t heap_begin;                        // in context_text_
    XmlPlace text;                            // where the text begins
    uint64_t text_end;
    XmlPlace outer;  // the same, with the opening of a CDATA section
    uint32_t pieces;
    bool holds_unit;
    XmlPlace place;
  };

  bool step();  // one token; false at the end or after a failure
  bool on_start(const XmlToken&);
  bool on_attribute(const XmlAttribute&, uint32_t element);
  bool on_end(const XmlToken&);
  bool close(uint64_t offset, uint64_t length, size_t index);
  bool on_text(const XmlToken&);
  bool finish();  // end of the input
  bool fail();    // of the pre-scan: report it, set status
  bool fail(std::string_view code, std::vector<std::string> args, size_t begin, size_t end, cb_status status = CB_E_INPUT);
  bool feed(bool last);
  void set_broken(uint64_t end);
  bool too_many_names(size_t bytes);
  uint32_t qname(std::string_view raw);
  uint32_t resolve(QName&, bool attribute, size_t index);
  void begin_unit(uint32_t element);
  uint32_t add_node(const TreeNode&, uint32_t parent);
  void set_text(uint32_t node, std::string_view text);
  std::vector<TreeNode>& nodes() { return unit_depth_ ? tree_->nodes : context_; }
  bool is_unit(const QName&) const;
  void tell_outside(uint32_t node, bool attribute);

  XmlOptions options_;
  Names& names_;
  XmlReport report_;
  XmlSource source_;
  XmlPrescan scan_;
  std::unique_ptr<XmlJudge> own_judge_;
  XmlJudge* judge_;
  XmlIds ids_;
  XmlToken token_;
  Tree spare_;  // of start(), which may already stand inside the first source record
  Tree* tree_ = &spare_;
  std::vector<TreeNode> context_;  // what stands outside the source records and is kept
  std::string context_text_;
  std::vector<std::pair<size_t, size_t>> context_spans_;  // of context_, in context_text_
  std::vector<Open> open_;
  std::deque<QName> qnames_;
  std::unordered_map<std::string_view, uint32_t> qname_ids_;
  struct Binding {
    std::string prefix;
    uint32_t ns;
  };
  std::vector<Binding> bindings_;
  uint64_t epoch_ = 1;
  std::string pending_, scratch_;
  std::vector<uint32_t> path_;  // scratch of tell_outside()
  std::string each_ns_, each_name_;
  std::vector<std::string> each_more_;
  bool each_any_ns_ = true;
  size_t unit_depth_ = 0;  // open elements when the source record began, +1; 0 = outside
  bool unit_ready_ = false, found_ = false, context_full_ = false, rooted_ = false, closed_ = false;
  uint64_t record_bytes_ = 0, name_bytes_ = 0, name_count_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> seen_;
  size_t fed_ = 0;
  uint32_t root_name_ = Names::kNone, root_ns_ = Names::kNone, xsi_ns_, xml_ns_;
  cb_status status_ = CB_OK;
  std::optional<Span> broken_;
};

}  // namespace casebridge::read
