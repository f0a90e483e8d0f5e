#include "emit/case_plugin.hpp"

#include <algorithm>

#include "emit/batch_form.hpp"
#include "read/json_cursor.hpp"
#include "read/xml_tree.hpp"

namespace casebridge::emit {
namespace {

std::string joined(const std::vector<std::string>& args) {
  std::string out;
  for (size_t i = 0; i < args.size(); ++i) out.append(i > 0 ? "\x1F" : "").append(args[i]);
  return out;
}

[[noreturn]] void fail(const char* code, std::vector<std::string> args = {}) { throw Failure(CB_E_INPUT, code, joined(args)); }

bool later_version(std::string_view theirs, std::string_view ours) {  // "1.2.0": the same MAJOR, a greater MINOR
  const auto part = [](std::string_view& text) {
    uint64_t n = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9' && n < 1'000'000)
      n = n * 10 + static_cast<uint64_t>(text[0] - '0'), text.remove_prefix(1);
    if (!text.empty()) text.remove_prefix(1);
    return n;
  };
  const uint64_t a = part(theirs), b = part(ours);
  return a > b || (a == b && part(theirs) > part(ours));
}

// The lines of a data set in their order, whatever the spelling: head, sources, records, end; nothing after it.
class Lines {
 public:
  Lines(Host host, bool xml) : host_(host), xml_(xml), tree_(xml), check_(xml) {}

  // One source record of the file. What is wrong with it goes to quarantine; what is wrong with the file ends it.
  void take(const read::Tree& tree, BatchBuilder& out) {
    const Range at{tree.offset, tree.length};
    if (ended_) fail("E-CASE-AFTER-END");
    const std::string_view type = tree.refused ? std::string_view() : CaseTree::type_of(tree, tree.unit, xml_);
    if (!begun_ && type != "Dataset") fail("E-CASE-NO-HEAD");
    if (begun_ && type == "Dataset") fail("E-CASE-SHAPE", {"Dataset"});
    begun_ = true;
    if (type == "DatasetEnd") {
      EndLine end;
      if (const auto refusal = tree_.end(tree, tree.unit, end)) fail("E-CASE-SHAPE", {"DatasetEnd"});
      ended_ = true;
      if (!check_.settle(end, tree_.had_unknown())) host_.report(CB_WARNING, "E-CASE-HASH-UNVERIFIED", "", at);
      return;
    }
    check_.count(type);
    batch_.records.clear();
    batch_.arena.clear();
    std::optional<Refusal> refusal;
    if (!tree.refused) refusal = tree_.record(tree, tree.unit, batch_);
    if (tree.refused || refusal) {
      check_.refused();
      if (refusal) {
        if (type == "Dataset" || type == "Source") fail(refusal->code.c_str(), refusal->args);  // without it no record can be understood
        host_.report(CB_ERROR, finding_code(refusal->code)->code.data(), joined(refusal->args), {refusal->offset, refusal->length});
      }
      out.begin_unit(at);
      out.refuse(refusal ? refusal->code : std::string(tree.refused));
      return;
    }
    check_.line(batch_.records[0]);
    add_record(out, batch_.records[0], at);
  }

  void raw(std::string_view bytes) { check_.raw(bytes); }
  void finish() const {
    if (!begun_) fail("E-CASE-NO-HEAD");
    if (!ended_) fail("E-CASE-CUT-OFF");
  }

 private:
  Host host_;
  bool xml_, begun_ = false, ended_ = false;
  CaseTree tree_;
  CaseCheck check_;
  RecordBatch batch_;
};

// The bytes that go by, until it is known whether they stand before the end line.
class Tee {
 public:
  explicit Tee(const cb_input* from) : from_(from) {
    input_ = *from;
    input_.self = this;
    input_.read = [](void* self, void* into, uint64_t size) {
      Tee& tee = *static_cast<Tee*>(self);
      const int64_t got = tee.from_->read(tee.from_->self, into, size);
      if (got > 0) tee.kept_.append(static_cast<const char*>(into), static_cast<size_t>(got));
      return got;
    };
    input_.seek = nullptr;
  }
  Tee(const Tee&) = delete;
  const cb_input& input() const { return input_; }
  template <class Each>
  void up_to(uint64_t offset, Each&& each) {  // bytes before `offset` that were not given yet
    if (offset <= given_) return;
    const auto n = static_cast<size_t>(std::min<uint64_t>(offset - given_, kept_.size() - from_kept_));
    each(std::string_view(kept_).substr(from_kept_, n));
    from_kept_ += n;
    given_ += n;
    if (from_kept_ > (size_t(1) << 20)) kept_.erase(0, std::exchange(from_kept_, 0));
  }

 private:
  const cb_input* from_;
  cb_input input_;
  std::string kept_;
  size_t from_kept_ = 0;
  uint64_t given_ = 0;
};

}  // namespace

void CaseCheck::line(const Record& record) {
  const WirePlan& plan = WirePlan::get();
  if (record.type == plan.dataset && !record.values.empty() && model::node(record.values[0].field).name == "schemaVersion")
    later_ = later_version(record.values[0].text, model::schema_version());
  scratch_.clear();
  WriteOptions options;
  const auto placed = [](const Value& v) { return v.length > 0; };
  options.value_places = std::any_of(record.values.begin(), record.values.end(), placed) ||
                         std::any_of(record.block_values.begin(), record.block_values.end(), placed);
  if (options.value_places) JsonLine(options).append(scratch_, record);
  else json_.append(scratch_, record);
  canonical_.add(scratch_);
}

void CaseCheck::count(std::string_view type) {
  if (type == "Source") ++sources_;
  if (type == "Source" || type == "Dataset") return;
  for (auto& [name, n] : counts_)
    if (name == type) return void(++n);
  counts_.emplace_back(type, 1);
}

bool CaseCheck::settle(const EndLine& end, bool unknown_fields) const {
  if (end.sources != sources_) fail("E-CASE-COUNTS", {std::to_string(end.sources), "Source", std::to_string(sources_)});
  const auto said = [&](std::string_view name) {
    for (const auto& [known, n] : end.counts)
      if (known == name) return n;
    return uint64_t(0);
  };
  const auto seen = [&](std::string_view name) {
    for (const auto& [known, n] : counts_)
      if (known == name) return n;
    return uint64_t(0);
  };
  for (const auto& list : {end.counts, counts_})
    for (const auto& [name, n] : list)
      if (said(name) != seen(name)) fail("E-CASE-COUNTS", {std::to_string(said(name)), name, std::to_string(seen(name))});
  if (canonical_.hex() == end.sha256 || (!xml_ && raw_.hex() == end.sha256)) return true;
  if (xml_ && (lost_ || (unknown_fields && later_))) return false;
  fail("E-CASE-HASH", {xml_ ? canonical_.hex() : raw_.hex(), end.sha256});
}

struct CaseJsonReader::Work {
  Host host;
  Tee tee;
  read::Names names;
  read::Reporter reporter;
  read::JsonCursor cursor;
  read::Tree tree;
  Lines lines;
  explicit Work(Open open)
      : host(open.host),
        tee(open.input.raw()),
        reporter(open.host.raw()),
        cursor(tee.input(), options(), names, reporter),
        lines(open.host, false) {}
  static read::JsonOptions options() {
    read::JsonOptions o;
    o.lines = true;
    o.encoding = "UTF-8";
    return o;
  }
};

CaseJsonReader::CaseJsonReader(Open open) : work_(std::make_unique<Work>(open)) {}
CaseJsonReader::~CaseJsonReader() = default;

uint32_t CaseJsonReader::probe(std::string_view, std::string_view, std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  if (line.starts_with("{\"recordType\":\"Dataset\",\"schemaVersion\":")) return 100;
  return line.find("\"recordType\"") != std::string_view::npos && line.find("\"Dataset\"") != std::string_view::npos &&
                 line.find("\"schemaVersion\"") != std::string_view::npos
             ? 95
             : 0;
}

bool CaseJsonReader::read(BatchBuilder& out) {
  Work& w = *work_;
  const auto hashed = [&](std::string_view bytes) { w.lines.raw(bytes); };
  while (!out.full()) {
    if (!w.cursor.next(w.tree)) {
      w.reporter.finish();
      if (w.cursor.status() < 0) throw Failure(w.cursor.status(), "E-CASE-CUT-OFF", "");
      w.lines.finish();
      return false;
    }
    w.tee.up_to(w.tree.offset, hashed);
    w.lines.take(w.tree, out);
  }
  return true;
}

struct CaseXmlReader::Work {
  Host host;
  read::Names names;
  read::XmlReader reader;
  read::Tree tree;
  Lines lines;
  bool started = false;
  explicit Work(Open open)
      : host(open.host), reader(*open.input.raw(), options(), names, [this](Finding f) { tell(f); }), lines(open.host, true) {}
  static read::XmlOptions options() {
    read::XmlOptions o;
    o.each = "*";
    o.keep_space = true;
    o.check_ids = false;  // ids of case data are UUIDs of records, not of elements
    return o;
  }
  void tell(const Finding& f) const {
    const FindingCode* known = finding_code(f.code);
    host.report(f.severity == Severity::error     ? CB_ERROR
                : f.severity == Severity::warning ? CB_WARNING
                                                  : CB_NOTE,
                known ? known->code.data() : "E-CASE-SHAPE", joined(f.args), {f.offset, f.length});
  }
};

CaseXmlReader::CaseXmlReader(Open open) : work_(std::make_unique<Work>(open)) {}
CaseXmlReader::~CaseXmlReader() = default;

uint32_t CaseXmlReader::probe(std::string_view, std::string_view, std::string_view head) {
  const size_t root = head.find("<dataset");
  return root != std::string_view::npos && head.substr(root, 400).find("urn:casebridge:case:1") != std::string_view::npos ? 100 : 0;
}

bool CaseXmlReader::read(BatchBuilder& out) {
  Work& w = *work_;
  if (!w.started) {
    w.started = true;
    if (w.reader.start() && (w.names.text(w.reader.root_name()) != "dataset" || w.reader.root_ns() == read::Names::kNone ||
                             w.names.text(w.reader.root_ns()) != "urn:casebridge:case:1"))
      fail("E-CASE-NO-HEAD");
  }
  while (!out.full()) {
    if (!w.reader.next(w.tree)) {
      if (w.reader.status() < 0) throw Failure(w.reader.status(), "E-CASE-CUT-OFF", "");
      w.lines.finish();
      return false;
    }
    w.lines.take(w.tree, out);
  }
  return true;
}

BatchWriter::BatchWriter(OpenOutput open, bool xml) : sink_(open.output) {
  WriteOptions options;
  options.value_places = open.options.find("positions") == std::string_view("value");
  writer_ = xml ? make_xml_writer(sink_, options) : make_jsonl_writer(sink_, options);
  encoder_ = writer_->encoder();
}

void BatchWriter::write(const cb_batch& batch) {
  RecordBatch records;
  from_batch(batch, records);
  if (records.records.empty()) return;
  if (!begun_) {
    if (records.records[0].type != WirePlan::get().dataset) throw Failure(CB_E_INTERNAL, "a data set begins with one Dataset record");
    writer_->head();
    begun_ = true;
  }
  chunk_.clear();
  encoder_->records(records.records, chunk_);
  writer_->put(chunk_);
}

void BatchWriter::finish() {
  if (!begun_) throw Failure(CB_E_INTERNAL, "a data set begins with one Dataset record");
  writer_->finish();
}

}  // namespace casebridge::emit
