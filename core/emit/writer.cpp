#include "emit/writer.hpp"

#include <algorithm>
#include <stdexcept>

#include "casebridge/batch.hpp"
#include "emit/escape.hpp"

namespace casebridge::emit {
namespace {

using Counts = std::vector<std::pair<const model::Node*, uint64_t>>;

class JsonEncoder final : public Encoder {
 public:
  explicit JsonEncoder(const WriteOptions& options) : line_(options) {}
  void records(std::span<const Record> records, Chunk& into) override {
    for (const Record& record : records) {
      line_.append(into.bytes, record);
      into.count(record.type);
    }
  }

 private:
  JsonLine line_;
};

class XmlEncoder final : public Encoder {
 public:
  // The hash is of the JSON Lines spelling with the same places: equal hashes mean equal data.
  explicit XmlEncoder(const WriteOptions& options) : json_(options), xml_(options) {}
  void records(std::span<const Record> records, Chunk& into) override {
    for (const Record& record : records) {
      xml_.append(into.bytes, record);
      json_.append(into.hashed, record);
      into.count(record.type);
    }
  }

 private:
  JsonLine json_;
  XmlLine xml_;
};

class LineWriter final : public CaseWriter {
 public:
  LineWriter(Sink& sink, const WriteOptions& options, bool xml) : sink_(sink), options_(options), xml_(xml) {}

  std::unique_ptr<Encoder> encoder() const override {
    if (xml_) return std::make_unique<XmlEncoder>(options_);
    return std::make_unique<JsonEncoder>(options_);
  }
  void head() override {
    if (xml_) sink_.write(kXmlHead);
  }
  void put(const Chunk& chunk) override {
    hash_.add(xml_ ? chunk.hashed : chunk.bytes);
    sink_.write(chunk.bytes);
    add_counts(chunk);
  }
  void finish() override {
    const std::string sha256 = hash_.hex();
    sink_.write(xml_ ? end_line_xml(sources_, counts_, sha256) : end_line_json(sources_, counts_, sha256));
    if (xml_) sink_.write(kXmlFoot);
    sink_.commit();
  }

 private:
  Sink& sink_;
  WriteOptions options_;
  bool xml_;
  Sha256 hash_;
};

}  // namespace

void Chunk::clear() {
  bytes.clear();
  hashed.clear();
  counts.clear();
  tables.clear();
  if (batch) batch->clear();
}

void Chunk::count(const model::Node* type) {
  for (auto& [known, n] : counts)
    if (known == type) return void(++n);
  counts.emplace_back(type, 1);
}

void CaseWriter::begin(const handle::Cleared& dataset) {
  if (dataset.records().size() != 1 || dataset.records()[0].type != WirePlan::get().dataset)
    throw std::logic_error("a data set begins with one Dataset record");
  head();
  lines(dataset);
}

void CaseWriter::lines(const handle::Cleared& cleared) {
  if (!own_) own_ = encoder();
  scratch_.clear();
  own_->encode(cleared, scratch_);
  put(scratch_);
}

void CaseWriter::add_counts(const Chunk& chunk) {
  const WirePlan& plan = WirePlan::get();
  for (const auto& [type, n] : chunk.counts) {
    if (type == plan.dataset) continue;
    if (type == plan.source_line) {
      sources_ += n;
      continue;
    }
    const auto at = std::lower_bound(counts_.begin(), counts_.end(), type->name,
                                     [](const auto& c, std::string_view name) { return c.first->name < name; });
    if (at != counts_.end() && at->first == type) at->second += n;
    else counts_.insert(at, {type, n});
  }
}

uint64_t CaseWriter::records() const {
  uint64_t sum = 0;
  for (const auto& [type, n] : counts_) sum += n;
  return sum;
}

std::string end_line_json(uint64_t sources, const Counts& counts, std::string_view sha256) {
  std::string out = "{\"recordType\":\"DatasetEnd\",\"sources\":";
  append_number(out, sources);
  for (const auto& [type, n] : counts) {  // without records there are no counts
    out.append(&type == &counts.front().first ? ",\"counts\":{\"" : ",\"").append(type->name).append("\":");
    append_number(out, n);
  }
  if (!counts.empty()) out += '}';
  out.append(",\"sha256\":\"").append(sha256).append("\"}\n");
  return out;
}

std::string end_line_xml(uint64_t sources, const Counts& counts, std::string_view sha256) {
  std::string out = "<DatasetEnd><sources>";
  append_number(out, sources);
  out += "</sources>";
  for (const auto& [type, n] : counts) {
    out.append("<counts name=\"").append(type->name).append("\">");
    append_number(out, n);
    out += "</counts>";
  }
  out.append("<sha256>").append(sha256).append("</sha256></DatasetEnd>\n");
  return out;
}

std::unique_ptr<CaseWriter> make_jsonl_writer(Sink& sink, const WriteOptions& options) {
  return std::make_unique<LineWriter>(sink, options, false);
}
std::unique_ptr<CaseWriter> make_xml_writer(Sink& sink, const WriteOptions& options) {
  return std::make_unique<LineWriter>(sink, options, true);
}

}  // namespace casebridge::emit
