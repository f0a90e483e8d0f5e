// JSON and JSON Lines as one tree per source record, with the bytes of every value. See tree.hpp for the shape.
//   lines     one line is one source record; a bad line costs that line
//   document  the whole document is one source record, or, with `each`, every value at that path: an array there gives its
//             elements. The document is never held: memory is that of one source record.
// Strict RFC 8259, iterative. Numbers are text. What is wrong inside a source record refuses that record (Tree::refused)
// and reading goes on behind it where the brackets still tell where that is; input that was cut off gives what was
// complete, says where it stopped, and ends with CB_E_INPUT.
// Where the design names RapidJSON's SAX parser this is a tokenizer of our own, because places in bytes, strings over
// window ends, bytes that are not UTF-8 and going on behind an error cannot be had from it; the tests hold it to
// RapidJSON's verdicts. One thread at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/plugin.h"
#include "read/encoding.hpp"
#include "read/report.hpp"
#include "read/text_window.hpp"
#include "read/tree.hpp"

namespace casebridge::read {

struct JsonOptions {
  bool lines = false;
  // Document: names joined by "/", "*" for any ("/reports", "/@graph", "/cases/*/persons"; "~1" is "/" inside a name, "~0" "~").
  // Empty: the document is the record. "/": the elements of an array at the top.
  std::string each;
  std::string encoding;            // as declared; empty: find it
  OutsideSink* outside = nullptr;  // borrowed
  bool must_be_there = true;       // nothing at `each` is a finding
  uint32_t max_depth = 256;
  uint32_t max_members = 100'000;  // of one object
  uint32_t max_nodes = 1'000'000;  // of one source record
  uint32_t max_names = 200'000;    // different names in one input
  uint64_t max_string = uint64_t(16) << 20;
  uint64_t max_text = uint64_t(64) << 20;  // all text of one source record
};

class JsonCursor {
 public:
  // `input`, `names` and `reporter` are borrowed for life.
  JsonCursor(const cb_input& input, JsonOptions options, Names& names, Reporter& reporter);

  // The next source record into `tree`, which is cleared first. false: the end, or see status().
  bool next(Tree& tree);
  // CB_OK; CB_E_INPUT: the input is cut off or not JSON from some place on (records before it were good); CB_E_LIMIT;
  // CB_E_UNSUPPORTED encoding; CB_E_IO and others from the input.
  cb_status status() const { return status_ != CB_OK ? status_ : window_.status(); }
  Encoding encoding() const { return window_.bytes_are_input() ? decoder_.encoding() : window_.detected().encoding; }
  std::string encoding_why() const { return decoder_.why().empty() ? window_.detected().why : decoder_.why(); }

 private:
  static constexpr uint32_t kNone = Names::kNone;
  enum class State : uint8_t { value, value_or_end, key, key_or_end, after_value, done };
  enum class Step : uint8_t { go_on, unit, stop };
  struct Frame {
    bool array = false;
    int32_t matched = -1;       // steps of `each` met so far; -1: off the path
    int32_t next_matched = -1;  // of the member whose value comes now
    uint32_t name = kNone;      // that the values of this frame get: array: its own; object: of the last key
    uint32_t owner = 0;         // the frame whose node gets the children (arrays are transparent)
    uint32_t node = kNone;      // object: its node in the tree or in the context
    uint32_t last_child = kNone;
    uint32_t members = 0;
    size_t keys = 0;       // where this object's names begin in keys_
    uint32_t context = 0;  // size of context_ before this frame, and the sibling whose link it took
    uint32_t before = kNone;
  };
  struct Text {
    std::string_view text;
    uint64_t offset;
    uint32_t length;
  };  // a string without its marks

  bool run();
  bool next_line();
  Step step();
  Step fail(const char* code, std::string_view what);  // syntax: refuse the record and find its end, or stop
  Step cut();
  void refuse(const char* code);
  bool here();  // a byte stands at at_ (reads on when needed)
  bool skip_space();
  bool skip_line();
  bool skip_brackets(uint32_t levels);  // behind the bracket that closes so many levels
  bool skip_string();                   // at_ stands behind the opening mark
  Step open(bool array);
  Step close();
  Step value_done();
  Step read_value();
  Step read_key();
  Step read_literal(std::string_view word);
  Step read_number();
  bool read_string(Text& out, Arena& arena);  // false: see failed_
  std::string_view unescape(std::string_view raw, uint64_t offset, uint32_t whole, Arena& arena);
  void begin_value(bool array);  // where it stands, whether it is a record
  void begin_unit();
  uint32_t add_node(std::vector<TreeNode>& nodes, uint32_t name);
  bool room(size_t text);  // for one more node and its text, else the record is refused
  Step scalar(const Text& text, bool nil, const char* end);
  void check_names(const Frame& frame);
  void tell_outside(const Text& text, uint32_t name);
  bool building() const { return in_unit_ && !tree_->refused; }

  JsonOptions options_;
  Names* names_;
  Reporter* reporter_;
  TextWindow window_;
  Decoder decoder_;
  std::vector<std::string> steps_;
  bool whole_ = false;  // the document is the record
  Tree* tree_ = nullptr;
  const char* at_ = nullptr;
  uint64_t line_ = 1;
  State state_ = State::value;
  std::vector<Frame> stack_;
  bool in_unit_ = false;
  bool met_ = false;       // a value stood at `each`
  size_t unit_depth_ = 0;  // frames below the record
  uint64_t unit_text_ = 0;
  uint64_t value_offset_ = 0, value_line_ = 0;
  int32_t value_matched_ = -1;
  std::vector<uint32_t> path_;  // scratch of tell_outside()
  std::vector<uint32_t> keys_;
  // Ancestors of the records with their earlier simple members, as Tree wants them.
  std::vector<TreeNode> context_;
  std::deque<std::string> context_text_;  // one for each node of context_
  Arena scratch_;
  Step failed_ = Step::go_on;
  cb_status status_ = CB_OK;
};

}  // namespace casebridge::read
