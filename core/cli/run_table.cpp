#include "cli/run_table.hpp"

#include <csignal>

#include "base/text.hpp"

namespace casebridge::cli {
namespace {

volatile std::sig_atomic_t g_signal = 0;
void on_signal(int number) { g_signal = number; }

std::string counts(const std::map<std::string, uint64_t>& map) {
  std::string out;
  for (const auto& [what, n] : map) out += (out.empty() ? "" : ", ") + grouped(n) + "\u00a0" + what;
  return out;
}

std::string finding_counts(const pipeline::FeedBooks& feed) {
  std::string out;
  const auto add = [&](uint64_t n, const char* one, const char* many) {
    if (n) out += (out.empty() ? "" : ", ") + grouped(n) + "\u00a0" + trn(one, many, n);
  };
  add(feed.errors, "error", "errors");
  add(feed.warnings, "warning", "warnings");
  add(feed.notes, "note", "notes");
  return out;
}

std::string number_or_nothing(uint64_t n) { return n ? grouped(n) : std::string(); }

}  // namespace

std::string run_table(const pipeline::RunResult& result) {
  Table table({tr("Feed"), tr("Format"), tr("In"), tr("Case records out"), tr("Findings"), tr("Quarantined"), tr("Skipped"), tr("MB/s")});
  for (const auto& feed : result.books.feeds) {
    const std::string rate =
        feed.seconds > 0.0005 && feed.bytes > 100'000 ? decimal_text(static_cast<double>(feed.bytes) / feed.seconds / 1e6, 1) : "";
    table.row({feed.input, feed.format.empty() ? "?" : feed.format, grouped(feed.units), counts(feed.records), finding_counts(feed),
               number_or_nothing(feed.quarantined), counts(feed.skipped), rate});
  }
  std::string out = table.text();
  const auto all = result.books.total();
  out += "\n" +
         fill(tr("Source records: {0} = {1} mapped + {2} quarantined + {3} skipped. Case records: {4}."),
              std::vector<std::string>{grouped(all.units), grouped(all.mapped), grouped(all.quarantined), grouped(all.skipped_units()),
                                       grouped(all.records_out())}) +
         "\n";
  for (const auto& words : result.words) out += words + "\n";
  if (!result.next.empty()) out += fill(tr("Next: {0}"), std::vector<std::string>{result.next}) + "\n";
  out.pop_back();
  return out;
}

void Watcher::feed(const std::string& name, uint64_t bytes) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  progress_ = std::make_unique<Progress>(name, bytes, quiet_);
}

void Watcher::at(uint64_t bytes, uint64_t records) {
  if (progress_) progress_->at(bytes, records);
}

void Watcher::finding(const std::string& line) {
  constexpr uint64_t kShown = 20;  // the rest stands in the reports
  if (++shown_ > kShown) return;
  if (progress_) progress_->clear();
  say(line);
  if (shown_ == kShown) say(dim(tr("More findings stand in the reports.")));
}

bool Watcher::cancelled() { return g_signal != 0; }
void Watcher::done() { progress_.reset(); }

}  // namespace casebridge::cli
