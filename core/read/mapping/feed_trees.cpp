// XML and JSON: a tree is a source record.
#include <algorithm>
#include <cstring>

#include "read/json_cursor.hpp"
#include "read/mapping/jsonld.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/trees.hpp"
#include "read/xml_tree.hpp"

namespace casebridge::read::mapping {
namespace {

// Remembers what was read, so that a document in which `each` never came can be read again as a whole.
class Rewindable {
 public:
  static constexpr size_t kLimit = size_t(96) << 20;
  explicit Rewindable(const cb_input& below) : below_(below) { raw_ = {sizeof(cb_input), 0, this, below.name, below.size, read, nullptr}; }
  Rewindable(const Rewindable&) = delete;
  const cb_input& input() const { return raw_; }
  void forget() {
    keep_ = false;
    kept_.clear();
    kept_.shrink_to_fit();
  }
  bool rewind() {
    if (!keep_) return false;
    from_ = 0;
    return true;
  }

 private:
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& me = *static_cast<Rewindable*>(self);
    if (me.keep_ && me.from_ < me.kept_.size()) {
      const size_t give = std::min<size_t>(size, me.kept_.size() - me.from_);
      std::memcpy(into, me.kept_.data() + me.from_, give);
      me.from_ += give;
      return static_cast<int64_t>(give);
    }
    const int64_t got = me.below_.read(me.below_.self, into, size);
    if (got > 0 && me.keep_) {
      if (me.kept_.size() + static_cast<size_t>(got) > kLimit) me.forget();
      else {
        me.kept_.append(static_cast<const char*>(into), static_cast<size_t>(got));
        me.from_ = me.kept_.size();
      }
    }
    return got;
  }
  const cb_input& below_;
  cb_input raw_{};
  std::string kept_;
  size_t from_ = 0;
  bool keep_ = true;
};

class XmlFeed final : public Feed {
 public:
  XmlFeed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& options)
      : program_(p), reporter_(reporter), options_(options), rewind_(input), source_(p, names_) {
    if (options_.check) ids_ = options_.check->ids();
    for (const std::string& name : p.reads.ref_names) id_attribute(name, XmlIdKind::ref);
    id_attribute(p.reads.id_name, XmlIdKind::id);
    std::string each = p.reads.each;
    for (const std::string& more : p.reads.each_more) each += "|" + more;
    open(each);
    if (each.empty()) rewind_.forget();
  }

  bool next(Engine& engine, BatchBuilder& out) override {
    if (!reader_->next(tree_)) {
      if (reader_->status() == CB_END && !any_ && !again_ && !program_.reads.each.empty() && rewind_.rewind()) {
        again_ = true;  // `each` never came: the document is the source record
        source_.forget_outside();
        open("");
        return true;
      }
      return ended(out);
    }
    if (!any_) rewind_.forget();
    any_ = true;
    source_.tree(tree_);
    if (!started_) engine.source_line(source_, out);
    started_ = true;
    engine.unit(source_, out);
    return true;
  }
  void tell(Loss& loss) const override { source_.tell(loss); }

 private:
  void id_attribute(const std::string& name, XmlIdKind kind) {
    if (name.starts_with('@')) ids_.push_back({"", name.substr(1), "", kind});
  }
  void open(const std::string& each) {
    XmlOptions o;
    o.each = each;
    o.ids = ids_.empty() ? nullptr : &ids_;
    o.recover = options_.recover;
    o.outside = each.empty() ? nullptr : &source_;
    reader_.reset();  // before the judge it borrows
    judge_ = options_.check ? options_.check->judge() : nullptr;
    o.judge = judge_.get();
    reader_ = std::make_unique<XmlReader>(rewind_.input(), o, names_, [this](Finding f) { report(f); });
  }
  void report(const Finding& f) {
    if (again_ || f.code == "E-XML-NO-RECORD") return;  // said the first time; and then the document is the source record
    reporter_.relay(f);
    if (f.severity == Severity::error && !f.code.starts_with("E-XSD-")) last_error_ = f.code;
  }
  bool ended(BatchBuilder& out) {
    if (reader_->status() == CB_END) return false;
    if (!told_ && reader_->broken()) {  // the source record that could not be read whole
      told_ = true;
      out.begin_unit({reader_->broken()->offset, reader_->broken()->length});
      out.refuse(last_error_.empty() ? "E-INPUT-BROKEN" : last_error_);
      return true;
    }
    throw Failure(reader_->status() < 0 ? reader_->status() : CB_E_INPUT, "the document cannot be read further");
  }

  const Program& program_;
  Reporter& reporter_;
  const FeedOptions options_;
  Rewindable rewind_;
  Names names_;
  std::vector<XmlIdAttribute> ids_;
  std::unique_ptr<XmlJudge> judge_;
  std::unique_ptr<XmlReader> reader_;
  Tree tree_;
  TreeSource source_;
  std::string last_error_;
  bool any_ = false, again_ = false, started_ = false, told_ = false;
};

// Lets the check see every byte that the cursor takes.
class WatchedInput {
 public:
  WatchedInput(const cb_input& below, std::unique_ptr<JsonCheck> check, Reporter& reporter) : below_(below), check_(std::move(check)) {
    report_ = [&reporter](const Finding& f) { reporter.relay(f); };
    raw_ = {sizeof(cb_input), 0, this, below.name, below.size, read, nullptr};
  }
  WatchedInput(const WatchedInput&) = delete;
  const cb_input& input() const { return check_ ? raw_ : below_; }
  void finish() {
    if (check_) check_->finish(report_);
    check_.reset();
  }

 private:
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& me = *static_cast<WatchedInput*>(self);
    const int64_t got = me.below_.read(me.below_.self, into, size);
    if (got > 0 && me.check_) me.check_->feed({static_cast<const char*>(into), static_cast<size_t>(got)}, me.report_);
    return got;
  }
  const cb_input& below_;
  std::unique_ptr<JsonCheck> check_;
  XmlReport report_;
  cb_input raw_{};
};

class JsonFeed final : public Feed {
 public:
  JsonFeed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& o)
      : program_(p),
        reporter_(reporter),
        watched_(input, o.check ? o.check->json_check(p.reads.reader == Reads::Reader::jsonl) : nullptr, reporter),
        rewind_(watched_.input()),
        source_(p, names_) {
    if (p.reads.each_more.empty()) rewind_.forget();
    open(p.reads.each);
    if (p.reads.together) all_.nodes.emplace_back();
  }

  bool next(Engine& engine, BatchBuilder& out) override {
    if (!cursor_->next(tree_)) {
      if (cursor_->status() == CB_OK && !any_ && tried_ < program_.reads.each_more.size() && rewind_.rewind()) {
        source_.forget_outside();
        open(program_.reads.each_more[tried_++]);  // nothing stood at the place before
        return true;
      }
      watched_.finish();
      if (cursor_->status() < 0) throw Failure(cursor_->status(), "the input cannot be read further");
      if (all_.nodes.size() < 2) return false;
      unit(all_, engine, out);
      all_.clear();
      return true;
    }
    any_ = true;
    rewind_.forget();
    if (tree_.refused) {
      out.begin_unit({tree_.offset, tree_.length});
      out.refuse(tree_.refused);
    } else if (program_.reads.together) {
      add_line();
    } else {
      unit(tree_, engine, out);
    }
    return true;
  }
  void tell(Loss& loss) const override { source_.tell(loss); }

 private:
  static constexpr size_t kMaxTogether = 4'000'000;  // values of all lines, and bytes of their text
  static constexpr size_t kMaxTogetherText = size_t(512) << 20;

  void open(const std::string& each) {
    JsonOptions o;
    o.lines = program_.reads.reader == Reads::Reader::jsonl;
    o.each = each;
    o.encoding = program_.reads.encoding;
    o.outside = o.lines || each.empty() ? nullptr : &source_;
    o.must_be_there = tried_ == program_.reads.each_more.size();
    cursor_ = std::make_unique<JsonCursor>(rewind_.input(), o, names_, reporter_);
  }
  void unit(Tree& tree, Engine& engine, BatchBuilder& out) {
    if (program_.reads.linked) read_as_linked_data(tree);
    source_.tree(tree);
    if (!started_) engine.source_line(source_, out);
    started_ = true;
    engine.unit(source_, out);
  }
  void add_line() {
    std::vector<TreeNode>& nodes = all_.nodes;
    const auto base = static_cast<uint32_t>(nodes.size());
    const auto moved = [&](uint32_t n) { return n == Names::kNone ? n : n - tree_.unit + base; };
    if (nodes.size() + tree_.nodes.size() > kMaxTogether) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", "the values of all lines together");
    if (last_line_ == Names::kNone) nodes[0].first_child = base, all_.offset = tree_.offset;
    else nodes[last_line_].next_sibling = base;
    last_line_ = base;
    for (size_t n = tree_.unit; n < tree_.nodes.size(); ++n) {
      TreeNode& node = nodes.emplace_back(tree_.nodes[n]);
      together_text_ += node.text.size();
      node.text = all_.arena.keep(node.text);
      node.parent = n == tree_.unit ? 0 : moved(node.parent);
      node.first_child = moved(node.first_child);
      node.next_sibling = n == tree_.unit ? Names::kNone : moved(node.next_sibling);
    }
    if (together_text_ > kMaxTogetherText) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", "the text of all lines together");
    nodes[base].name = names_.intern("line");
    all_.names = &names_;
    all_.length = tree_.offset + tree_.length - all_.offset;
    nodes[0].offset = all_.offset;
    nodes[0].length = all_.length;
    if (base == 1) nodes[0].line = tree_.nodes[tree_.unit].line;
  }

  const Program& program_;
  Reporter& reporter_;
  WatchedInput watched_;
  Rewindable rewind_;
  Names names_;
  TreeSource source_;
  std::unique_ptr<JsonCursor> cursor_;
  Tree tree_, all_;
  size_t tried_ = 0, together_text_ = 0;
  uint32_t last_line_ = Names::kNone;
  bool any_ = false, started_ = false;
};

}  // namespace

std::unique_ptr<Feed> xml_feed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& options) {
  return std::make_unique<XmlFeed>(p, input, reporter, options);
}
std::unique_ptr<Feed> json_feed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& options) {
  return std::make_unique<JsonFeed>(p, input, reporter, options);
}

}  // namespace casebridge::read::mapping
