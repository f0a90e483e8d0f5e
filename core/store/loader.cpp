#include "store/loader.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/report.hpp"
#include "handle/handling.hpp"
#include "handle/mask.hpp"
#include "normalise/ids.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {
namespace {

std::string_view value_at(const Record& record, std::string_view path) {
  const model::Node* node = model::field(*record.type, path);
  const Value* value = node ? record.find(node->tag) : nullptr;
  return value ? value->text : std::string_view();
}

// The handling that a file gives its records: where it changes, its records have changed.
int64_t floor_of(const Record& line) {
  std::string text;
  const auto add = [&](const Value& v) {
    const model::Node& node = model::node(v.field);
    if (node.path.starts_with("handling")) text.append(node.path).append(1, '\x1F').append(v.text).append(1, '\x1E');
  };
  for (const Value& v : line.values) add(v);
  for (const Value& v : line.block_values) add(v);
  return static_cast<int64_t>(normalise::stable_hash(text));
}

constexpr uint64_t kMostRaw = uint64_t(16) << 20;

}  // namespace

Loader::Loader(Store& store) : store_(store) {
  if (!store.in_run()) throw std::logic_error("a loader needs a run");
  any_barred_ = store.db().number("SELECT EXISTS (SELECT 1 FROM \"Barred\")");
  gate_ = handle::Gate::for_self(store.time_.substr(0, 10));
  add_finding_ = std::make_unique<Query>(store.db(), "INSERT INTO \"Finding\" VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add_item_ = std::make_unique<Query>(store.db(),
                                      "INSERT INTO \"Quarantine\" (\"run\", \"source\", \"input\", \"offset\", \"length\", \"line\", "
                                      "\"column\", \"sha256\", \"raw\") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add_reason_ = std::make_unique<Query>(store.db(), "INSERT INTO \"QuarantineReason\" VALUES (?, ?, ?, ?, ?, ?, ?)");
}
Loader::~Loader() = default;

bool Loader::begin_set(std::span<const pipeline::FeedBooks> files, std::span<const Record> lines, std::string& why_not) {
  const std::lock_guard lock(mutex_);
  parts_.clear();
  const auto barred = [&](const pipeline::FeedBooks& b) {
    return store_.barred("file", b.sha256) || store_.barred("source", b.agency) || store_.barred("source", b.agency + "/" + b.system);
  };
  if (any_barred_ && std::any_of(files.begin(), files.end(), barred)) {
    why_not = "WITHDRAWN";
    return false;
  }
  // Related tables are read together: all of them again where one has changed.
  const auto known = [&](const pipeline::FeedBooks& b) {
    return store_.source_of(b.sha256, b.agency, b.system, b.format, b.mapping).has_value();
  };
  if (!again_ && std::all_of(files.begin(), files.end(), known)) {
    why_not = "KNOWN";
    counts_.known += files.size();
    return false;
  }
  Query add(store_.db(), "INSERT INTO \"SourceFile\" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  int64_t part = 0;
  first_ = lines.front().source;
  const bool tables = files.size() > 1;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Record& line = lines[i];
    const pipeline::FeedBooks& books = files[tables ? i : 0];
    const int64_t source = store_.db().number("SELECT max(\"source\") + 1 FROM \"SourceFile\"");
    std::string body;
    write_body(line, body);
    const std::string secret = random_bytes(32);
    const int64_t floor = floor_of(line);
    const std::string_view agency = value_at(line, "agency"), system = value_at(line, "system");
    add.number(source)
        .number(store_.run())
        .text(books.input)
        .text(books.sha256)
        .number(static_cast<int64_t>(books.bytes))
        .text(lines.size() == 1 || tables ? books.agency : agency)
        .text(lines.size() == 1 || tables ? books.system : system)
        .text(books.format)
        .text(books.mapping)
        .bytes(body)
        .number(floor)
        .bytes(secret)
        .number(tables ? 0 : part++)
        .done();
    parts_[line.source] = {source, floor, 0, suspended(line, {})};
    gate_->source(line);
  }
  counts_.files += files.size();
  return true;
}

bool Loader::suspended(const Record& record, const Part& part) const {
  static const uint64_t kSuspension = handle::caveats({"RECORD_SUSPENSION"});
  handle::Handling own;
  return part.suspended || (!handle::read_handling(record, own) && (own.caveats & kSuspension) != 0);
}

void Loader::record(const Record& given) {
  const std::lock_guard lock(mutex_);
  ++counts_.records;
  auto part = parts_.find(given.source);
  if (part == parts_.end()) part = parts_.begin();  // found by the program that made this case data
  if (any_barred_ && store_.barred("record", normalise::to_text(given.id))) {
    ++counts_.barred;
    return;
  }
  // H18: what was known of it goes at the start of the next run.
  if (suspended(given, part->second)) {
    ++counts_.ended;
    if (!store_.has(given.id)) return;
    Query clock(store_.db(), "INSERT OR REPLACE INTO \"Clock\" VALUES (?, 'SUSPENSION', ?, NULL, ?, NULL)");
    const std::string id = normalise::to_text(given.id), day = store_.time_.substr(0, 10);
    clock.text(id).number(store_.run()).text(day).done();
    return;
  }
  // What may not leave for anyone need not come in: unreadable handling and ended access stay out, media and clear numbers
  // are taken out here as they are at the way out.
  const handle::Outgoing out = gate_->pass({&given, 1});
  if (out.cleared().records().empty()) {
    if (out.refused().empty()) {
      ++counts_.ended;
      return;
    }
    ++counts_.refused;
    add_item_->number(store_.run())
        .number(part->second.source)
        .text("")
        .number(static_cast<int64_t>(given.place.offset))
        .number(static_cast<int64_t>(given.place.length))
        .number(static_cast<int64_t>(given.place.line))
        .number(static_cast<int64_t>(given.place.column))
        .text("")
        .null()
        .done();
    const int64_t item = store_.db().last_row();
    const Finding& why = out.refused().front().finding;
    const auto shown = gate_->pass(why);
    add_reason_->number(item)
        .number(0)
        .text(why.code)
        .text(shown ? message_of(shown->get()) : std::string())
        .null()
        .number(static_cast<int64_t>(given.place.line))
        .number(static_cast<int64_t>(given.place.column))
        .done();
    return;
  }
  Record placed;  // other places are named by our number of their file
  const Record* cleared = &out.cleared().records().front();
  if (!cleared->also.empty()) {
    placed = *cleared;
    for (auto& [number, place] : placed.also) {
      const auto of = parts_.find(number);
      number = static_cast<uint32_t>(of == parts_.end() ? part->second.source : of->second.source);
    }
    cleared = &placed;
  }
  const Record& record = *cleared;
  const int64_t ordinal = part->second.ordinal++;
  store_.state_record(record, part->second.source, ordinal);
  const int64_t version = store_.put_version(record, part->second.source, ordinal, store_.run(), record.version, part->second.floor);
  if (!version) ++counts_.unchanged;
  else if (version == 1) ++counts_.added;
  else ++counts_.changed;
}

void Loader::quarantined(const emit::QuarantineItem& item) {
  const std::lock_guard lock(mutex_);
  const auto part = parts_.find(item.source);
  const std::string sha256 = item.raw.empty() ? std::string() : sha256_hex(item.raw);
  const bool keep = !item.raw.empty() && item.raw.size() <= kMostRaw && !handle::holds_media(item.raw);  // H6: no media bytes
  add_item_->number(store_.run());
  if (part == parts_.end()) add_item_->null();
  else add_item_->number(part->second.source);
  add_item_->text(item.input)
      .number(static_cast<int64_t>(item.place.offset))
      .number(static_cast<int64_t>(item.place.length))
      .number(static_cast<int64_t>(item.place.line))
      .number(static_cast<int64_t>(item.place.column))
      .text(sha256);
  if (keep) add_item_->bytes(item.raw);
  else add_item_->null();
  add_item_->done();
  const int64_t number = store_.db().last_row();
  int64_t ordinal = 0;
  for (const Finding& reason : item.reasons) {
    const auto shown = gate_->pass(reason);
    if (!shown) continue;
    const std::string message = message_of(shown->get());
    add_reason_->number(number)
        .number(ordinal++)
        .text(reason.code)
        .text(message)
        .text_or_null(reason.field_path)
        .number(static_cast<int64_t>(reason.line))
        .number(static_cast<int64_t>(reason.column))
        .done();
  }
}

void Loader::finding(const Finding& f) {
  const std::lock_guard lock(mutex_);
  if (parts_.empty()) {  // of a feed that is only being looked at: it may turn out to be known
    early_.push_back(f);
    return;
  }
  const auto part = parts_.find(f.source ? f.source : first_);
  add_finding_->number(store_.run());
  if (part == parts_.end()) add_finding_->null();
  else add_finding_->number(part->second.source);
  const std::string message = message_of(f);
  add_finding_->text(f.input)
      .text(f.code)
      .text(emit::severity_word(f.severity))
      .text(message)
      .number(static_cast<int64_t>(f.offset))
      .number(static_cast<int64_t>(f.length))
      .number(static_cast<int64_t>(f.line))
      .number(static_cast<int64_t>(f.column))
      .text_or_null(f.field_path)
      .text_or_null(f.record_id)
      .done();
}

void Loader::end_feed(const pipeline::FeedBooks& books) {
  std::vector<Finding> early;
  {
    const std::lock_guard lock(mutex_);
    std::swap(early, early_);
  }
  for (const Finding& f : early)
    if (f.input == books.input) finding(f);
    else early_.push_back(f);
  const std::lock_guard lock(mutex_);
  const auto count = [&](const std::string& what, uint64_t n) {
    if (n) store_.put_ledger(books.input, what, n);
  };
  count("in", books.units);
  count("mapped", books.mapped);
  count("quarantined", books.quarantined);
  for (const auto& [reason, n] : books.skipped) count("skipped " + reason, n);
  for (const auto& [type, n] : books.records) count("records " + type, n);
  parts_.clear();
}

}  // namespace casebridge::store
