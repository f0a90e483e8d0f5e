#include "job/reading.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/sha256.hpp"
#include "host/inputs.hpp"
#include "host/registry.hpp"
#include "job/content.hpp"
#include "model/model.hpp"
#include "pipeline/set_keeper.hpp"
#include "resolve/found.hpp"
#include "store/loader.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostRefused = 10'000;  // of a feed that may be held back, kept at hand
constexpr uint64_t kMostRefusedBytes = uint64_t(64) << 20;

void add_file(Sha256& hash, const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> buffer(1 << 18);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount())
    hash.add({buffer.data(), static_cast<size_t>(in.gcount())});
}

// Watches for what drift is judged by, and passes the rest on.
class Listener final : public pipeline::Watch {
 public:
  Listener(pipeline::Watch& next, Profile& profile) : next_(next), profile_(profile) {}
  void feed(const std::string& name, uint64_t bytes) override { next_.feed(name, bytes); }
  void at(uint64_t bytes, uint64_t records) override { next_.at(bytes, records); }
  void finding(const std::string&) override {}  // the run says at its end how many there were, and where they stand
  bool cancelled() override { return next_.cancelled(); }
  void told(const Finding& f) override {
    if (f.code == "E-FIXED-RENAMED" && f.args.size() > 2) profile_.renamed.emplace_back(f.args[2], f.args[0]);
    if (f.code == "E-MAP-COLUMN" && !f.args.empty()) profile_.gone.push_back(f.args[0]);
    const std::string field = f.field ? std::string(model::node(f.field).path) : f.field_path;
    if (!field.empty() && f.severity != Severity::note) ++profile_.by_field[f.code + " " + field];
  }

 private:
  pipeline::Watch& next_;
  Profile& profile_;
};

bool governed(const Record& line) {
  const auto says = [](const Value& v) {
    const model::Node& node = model::node(v.field);
    return node.path.starts_with("handling/governance") || v.text == "FN_GOVERNED" || v.text == "MPA_ONLY";
  };
  return std::any_of(line.values.begin(), line.values.end(), says) || std::any_of(line.block_values.begin(), line.block_values.end(), says);
}

// Into the store, with a look at what the Source lines say and a copy of what was refused: should the feed be held back,
// nothing of it is in the store but that.
class FeedKeeper final : public pipeline::Keeper, public pipeline::SetKeeper {
 public:
  FeedKeeper(store::Store& store, Reading& reading, bool linking, std::string job, std::string feed)
      : store_(store), loader_(store), reading_(reading), linking_(linking), job_(std::move(job)), feed_(std::move(feed)) {}
  bool begin_feed(const pipeline::FeedBooks& books, std::span<const Record> lines, std::string& why_not) override {
    return begin_set({&books, 1}, lines, why_not);
  }
  bool begin_set(std::span<const pipeline::FeedBooks> books, std::span<const Record> lines, std::string& why_not) override {
    loader_.read_again(std::any_of(books.begin(), books.end(), [&](const pipeline::FeedBooks& b) { return by_other_settings(b.sha256); }));
    if (!loader_.begin_set(books, lines, why_not)) return false;
    for (const Record& line : lines) reading_.profile.governed |= governed(line);
    return true;
  }
  void record(const Record& record) override {
    if (!linking_ || !resolve::found_before(record)) loader_.record(record);  // else our own linking finds it, or does not
  }
  bool knows(const Uuid& id) const override { return loader_.knows(id); }
  void quarantined(const emit::QuarantineItem& item) override {
    loader_.quarantined(item);
    if (reading_.refused.size() >= kMostRefused || bytes_ + item.raw.size() > kMostRefusedBytes) return;
    bytes_ += item.raw.size();
    reading_.refused.emplace_back(item);
  }
  void finding(const Finding& finding) override { loader_.finding(finding); }
  void end_feed(const pipeline::FeedBooks& books) override { loader_.end_feed(books); }

 private:
  bool by_other_settings(const std::string& sha256) {
    store::Query q(
        store_.db(),
        "SELECT json_extract(d.\"profile\", '$.settings') FROM \"SourceFile\" s JOIN \"FeedFile\" f ON f.\"source\"=s.\"source\" JOIN "
        "\"Feed\" d ON d.\"job\"=f.\"job\" AND d.\"feed\"=f.\"feed\" AND d.\"key\"=f.\"key\" WHERE s.\"sha256\"=? AND "
        "f.\"job\"=? AND f.\"feed\"=? ORDER BY s.\"source\" DESC LIMIT 1");
    q.text(sha256).text(job_).text(feed_);
    return q.step() && q.as_text(0) != reading_.profile.settings;
  }

  store::Store& store_;
  store::Loader loader_;
  Reading& reading_;
  bool linking_;
  std::string job_, feed_;
  uint64_t bytes_ = 0;
};

// Source records of a file that the store knows.
uint64_t units_of(store::Store& store, const std::string& sha256) {
  store::Query q(store.db(),
                 "SELECT l.\"count\" FROM \"SourceFile\" f JOIN \"Ledger\" l ON l.\"run\"=f.\"run\" AND l.\"input\"=f.\"name\" AND "
                 "l.\"what\"='in' WHERE f.\"sha256\"=? AND f.\"part\"=0 LIMIT 1");
  q.text(sha256);
  return q.step() ? static_cast<uint64_t>(q.as_number(0)) : 0;
}

}  // namespace

Refused::Refused(const emit::QuarantineItem& of) : item(of), raw(of.raw) {}

Arrival look_for(const Job& job, const SourcePlan& source, const std::string& mapping) {
  Arrival out;
  for (const std::string& path : source.paths) out.inputs.push_back(job.path(path));
  std::vector<Finding> problems;
  const auto refs = host::expand(out.inputs, {}, problems);
  Sha256 hash;
  const auto part = [&](std::string_view text) { hash.add(text), hash.add(std::string_view("\x1f", 1)); };
  part(CASEBRIDGE_VERSION), part(source.format), part(source.agency), part(source.system);
  for (const auto& [name, value] : source.options) part(name), part(value);
  for (const auto& [name, value] : source.handling) part(name), part(value);
  for (const std::string& code : source.refuse) part(code);
  if (!job.token_key.empty()) part(sha256_hex(content(job.path(job.token_key))));
  if (!mapping.empty()) {
    part(content(mapping));
  } else if (!source.format.empty()) {
    const host::Registry registry = host::Registry::with_defaults();
    if (const host::Choice choice = registry.reader(source.format))
      part(choice.plugin->version), part(choice.plugin->mapping.empty() ? "" : content(choice.plugin->folder / choice.plugin->mapping));
  }
  out.settings = Sha256(hash).hex().substr(0, 24);
  std::set<std::string> seen;
  for (const host::InputRef& ref : refs) {
    part(ref.label.empty() ? fs::path(ref.name).filename().string() : ref.label);
    if (!seen.insert(ref.path).second) continue;
    std::error_code error;
    const auto size = fs::file_size(ref.path, error);
    if (!error) out.bytes += size;
    add_file(hash, ref.path);
  }
  out.missing = refs.empty() && std::none_of(problems.begin(), problems.end(), [](const Finding& f) { return f.code == "E-INPUT-EMPTY"; });
  out.empty = !out.missing && (refs.empty() || out.bytes == 0);
  if (!out.missing && !out.empty) out.key = hash.hex().substr(0, 24);
  return out;
}

Reading read_feed(const Job& job, const SourcePlan& source, const Arrival& arrival, const std::string& mapping, const pipeline::Plan& base,
                  pipeline::Watch& watch, store::Store* store) {
  pipeline::Plan plan = base;
  plan.inputs = arrival.inputs;
  plan.from = source.format;
  plan.settings = source.options;
  plan.agency = source.agency, plan.system = source.system;
  plan.handling = source.handling;
  plan.refuse = source.refuse;
  if (!mapping.empty()) plan.mappings = {mapping};
  if (!job.token_key.empty()) plan.token_key = job.path(job.token_key);
  Reading out;
  Profile& p = out.profile;
  p.settings = arrival.settings;
  Listener listener(watch, p);
  std::unique_ptr<FeedKeeper> keeper;
  if (store) keeper = std::make_unique<FeedKeeper>(*store, out, job.linking.persons || job.linking.shares, job.name, source.name);
  const pipeline::RunResult result = pipeline::run(plan, listener, nullptr, keeper.get());
  p.exit = result.exit;
  if (result.exit == Exit::interrupted || result.exit == Exit::terminated) return out;
  const pipeline::FeedBooks total = result.books.total();
  p.units = total.units, p.mapped = total.mapped, p.quarantined = total.quarantined, p.bytes = total.bytes;
  p.errors = total.errors, p.warnings = total.warnings, p.notes = total.notes;
  p.skipped = total.skipped, p.records = total.records;
  for (const pipeline::FeedBooks& feed : result.books.feeds) {
    ++(feed.left_out == "KNOWN" ? p.known : feed.left_out == "WITHDRAWN" ? p.withdrawn : p.files);
    if (feed.left_out == "KNOWN" && store) p.known_units += units_of(*store, feed.sha256);
    for (const auto& [code, n] : feed.findings) p.findings[code] += n;
    if (p.format.empty())
      p.format = feed.format, p.mapping = feed.mapping, p.agency = feed.agency, p.system = feed.system, p.sha256 = feed.sha256;
  }
  for (const auto& [feed, loss] : result.losses) {
    FieldCount& f = p.fields[loss.field];
    (loss.what == CB_LOSS_MAPPED    ? f.mapped
     : loss.what == CB_LOSS_EXT     ? f.ext
     : loss.what == CB_LOSS_DROPPED ? f.dropped
                                    : f.unkept) += loss.count;
  }
  return out;
}

}  // namespace casebridge::job
