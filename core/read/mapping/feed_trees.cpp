// XML and JSON: a tree is a source record.
#include <algorithm>
#include <cstring>

#include "read/json_cursor.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/trees.hpp"
#include "read/xml_tree.hpp"

namespace casebridge::read::mapping {
namespace {

// Remembers what was read, so that a document in which `each` never came can be read again as a whole.
class Rewindable {
 public:
  static constexpr size_t kLimit = size_t(96) << 20;
  explicit Rewindable(const cb_input& below) : below_(below) {
    raw_ = {sizeof(cb_input), 0, this, below.name, below.size, read, nullptr};
  }
  Rewindable(const Rewindable&) = delete;
  const cb_input& input() const { return raw_; }
  void forget() { keep_ = false; kept_.clear(); kept_.shrink_to_fit(); }
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
    open(p.reads.each);
    if (p.reads.each.empty()) rewind_.forget();
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
      : watched_(input, o.check ? o.check->json_check(p.reads.reader == Reads::Reader::jsonl) : nullptr, reporter),
        source_(p, names_), cursor_(watched_.input(), options(p, source_), names_, reporter) {}

  bool next(Engine& engine, BatchBuilder& out) override {
    if (!cursor_.next(tree_)) {
      watched_.finish();
      if (cursor_.status() < 0) throw Failure(cursor_.status(), "the input cannot be read further");
      return false;
    }
    if (tree_.refused) {
      out.begin_unit({tree_.offset, tree_.length});
      out.refuse(tree_.refused);
      return true;
    }
    source_.tree(tree_);
    if (!started_) engine.source_line(source_, out);
    started_ = true;
    engine.unit(source_, out);
    return true;
  }
  void tell(Loss& loss) const override { source_.tell(loss); }

 private:
  static JsonOptions options(const Program& p, TreeSource& source) {
    JsonOptions o;
    o.lines = p.reads.reader == Reads::Reader::jsonl;
    o.each = p.reads.each;
    o.encoding = p.reads.encoding;
    o.outside = o.lines || o.each.empty() ? nullptr : &source;
    return o;
  }
  WatchedInput watched_;
  Names names_;
  TreeSource source_;
  JsonCursor cursor_;
  Tree tree_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Feed> xml_feed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& options) {
  return std::make_unique<XmlFeed>(p, input, reporter, options);
}
std::unique_ptr<Feed> json_feed(const Program& p, const cb_input& input, Reporter& reporter, const FeedOptions& options) {
  return std::make_unique<JsonFeed>(p, input, reporter, options);
}

}  // namespace casebridge::read::mapping
