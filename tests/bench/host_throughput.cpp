// How fast records cross, in process and through the sandboxed worker, and what a worker and a listing of formats cost.
// usage: host_throughput [rows]          prints one line per measurement
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/recognise.hpp"
#include "host/registry.hpp"
#include "host/session.hpp"

using namespace casebridge;
using namespace casebridge::host;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

double seconds(Clock::time_point since) { return std::chrono::duration<double>(Clock::now() - since).count(); }

// Processor seconds of this process and its ended workers: what a busy machine does not change.
double processor() {
  double all = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage u{};
    ::getrusage(who, &u);
    all += static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
  }
  return all;
}

void session(const PluginInfo& plugin, const fs::path& file, bool in_process) {
  Finding problem;
  const auto since = Clock::now();
  const double before = processor();
  auto input = Input::open({.name = "rows.csv", .path = file}, {}, problem);
  Request request{.format = "booking-csv", .settings = {{"date-order", "dmy"}}, .inputs = {input.get()}, .in_process = in_process};
  auto session = open_session(plugin, request, problem);
  if (!session) {
    std::printf("failed: %s\n", message_of(problem).c_str());
    std::exit(1);
  }
  uint64_t records = 0, cells = 0, bytes = 0;
  cb_batch b;
  while (session->next(b) == CB_OK) records += b.n_records, cells += b.n_cells, bytes += b.heap_size;
  session->close();
  const double read = seconds(since);
  const auto result = input->finish();
  session.reset();
  std::printf(
      "%-28s %9.2f M records/s %7.0f MB/s of input, %4.0f ns of processor each  (%llu records, %llu cells; hashed and indexed at %.0f "
      "MB/s)\n",
      in_process ? "in process" : "sandboxed worker", static_cast<double>(records) / read / 1e6,
      static_cast<double>(result.bytes) / read / 1e6, (processor() - before) / static_cast<double>(records) * 1e9,
      static_cast<unsigned long long>(records), static_cast<unsigned long long>(cells),
      static_cast<double>(result.bytes) / seconds(since) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3'000'000;
  const Registry registry(std::vector<fs::path>{CASEBRIDGE_TEST_PLUGINS});
  const PluginInfo* plugin = registry.plugin("booking-csv");
  if (!plugin) return 1;
  std::string name = (fs::temp_directory_path() / "casebridge-bench-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  {
    std::ofstream out(folder / "rows.csv");
    out << "booking_id,family,given\n";
    for (uint64_t i = 0; i < rows; ++i) out << i << ",TESTARD,EXEMPLE\n";
    std::ofstream(folder / "one.csv") << "booking_id,family,given\n1,TESTARD,EXEMPLE\n";
  }
  for (int round = 0; round < 3; ++round)
    for (const bool in_process : {true, false}) session(*plugin, folder / "rows.csv", in_process);
  const auto since = Clock::now();
  constexpr int kSmall = 50;
  for (int i = 0; i < kSmall; ++i) {
    Finding problem;
    auto input = Input::open({.name = "one.csv", .path = folder / "one.csv"}, {}, problem);
    Request request{.format = "booking-csv", .settings = {{"date-order", "dmy"}}, .inputs = {input.get()}};
    auto s = open_session(*plugin, request, problem);
    for (cb_batch b; s && s->next(b) == CB_OK;) {}
  }
  std::printf("%-28s %9.2f ms each\n", "a worker for a small file", seconds(since) / kSmall * 1e3);
  for (int i = 0; i < 50; ++i) {
    PluginInfo copy = *plugin;
    copy.id = copy.formats[0].id = "plugin-" + std::to_string(i);
    fs::create_directories(folder / "plugins" / copy.id);
    std::ofstream(folder / "plugins" / copy.id / "plugin.json") << to_json(copy);
  }
  const auto listing = Clock::now();
  const Registry fifty(std::vector<fs::path>{folder / "plugins"});
  std::printf("%-28s %9.2f ms\n", "a registry of 50 plugins", seconds(listing) * 1e3);
  fs::remove_all(folder);
  return fifty.plugins().size() == 50 ? 0 : 1;
}
