// How fast each cursor reads, on one core, input in memory: MB/s (best of five), records/s, and the peak of this process.
// Lines of name, value, budget and verdict, separated by tabs.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "core/read/memory_input.hpp"
#include "read/delimited.hpp"
#include "read/fixed_width.hpp"
#include "read/json_cursor.hpp"

using namespace casebridge;
using namespace casebridge::read;
using casebridge::test::Host;
using casebridge::test::MemoryInput;

namespace {

constexpr size_t kSize = size_t(100) << 20;

std::string repeat(const std::function<void(std::string&, unsigned)>& row, std::string head = {}) {
  std::string out = std::move(head);
  out.reserve(kSize + 4096);
  for (unsigned i = 0; out.size() < kSize; ++i) row(out, i);
  return out;
}

void narrow(std::string& out, unsigned i) {
  const std::string n = std::to_string(100'000 + i % 900'000);
  out += n + ",TESTARD,EXEMPLE " + n.substr(2) + ",2099-0" + std::to_string(1 + i % 9) + "-1" + std::to_string(i % 10) +
         ",F,416-555-0123,12 Example St,Toronto,ON,M5V 0A1,BOOKED," + n + ",note\n";
}

double best(const std::function<uint64_t()>& run, double& records) {
  double fastest = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto from = std::chrono::steady_clock::now();
    records = static_cast<double>(run());
    fastest = std::min(fastest, std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count());
  }
  return fastest;
}

void measure(const char* name, const std::string& text, double budget, const std::function<uint64_t(const cb_input&, Reporter&)>& read) {
  double records = 0;
  const double seconds = best(
      [&] {
        Host host;
        Reporter reporter(host.get());
        MemoryInput input(std::string_view(text), UINT64_MAX);
        return read(*input, reporter);
      },
      records);
  const double speed = static_cast<double>(text.size()) / 1e6 / seconds;
  std::printf("%s\t%.0f MB/s, %.1f M records/s\t%s\t%s\n", name, speed, records / 1e6 / seconds,
              budget > 0 ? (">= " + std::to_string(static_cast<int>(budget)) + " MB/s").c_str() : "-",
              budget <= 0       ? "-"
              : speed >= budget ? "met"
                                : "MISSED");
}

uint64_t rows(const cb_input& input, Reporter& reporter, DelimitedOptions options = {}) {
  Delimited table(input, std::move(options), reporter);
  uint64_t n = 0, bytes = 0;
  while (const Row* row = table.next()) {
    for (const Cell& cell : row->cells) bytes += cell.length;
    ++n;
  }
  return bytes ? n : 0;
}

uint64_t trees(const cb_input& input, Reporter& reporter, JsonOptions options) {
  Names names;
  JsonCursor cursor(input, std::move(options), names, reporter);
  Tree tree;
  uint64_t n = 0;
  while (cursor.next(tree)) ++n;
  return n;
}

}  // namespace

int main() {
  {
    const std::string head = "id,family,given,born,sex,phone,street,city,region,post,event,booking,note\n";
    const std::string plain = repeat(narrow, head);
    measure("delimited, plain ASCII, 115-byte rows", plain, 600, [](const cb_input& in, Reporter& r) { return rows(in, r); });
    measure("delimited, every cell quoted",
            repeat(
                [](std::string& out, unsigned i) {
                  std::string row;
                  narrow(row, i);
                  row.pop_back();
                  std::string quoted = "\"";
                  for (const char c : row) c == ',' ? quoted += "\",\"" : quoted += c;
                  out += quoted + "\"\n";
                },
                head),
            0, [](const cb_input& in, Reporter& r) { return rows(in, r); });
    measure("delimited, accents in every row (UTF-8)",
            repeat(
                [](std::string& out, unsigned i) {
                  narrow(out, i);
                  out.insert(out.size() - 2, "\xC3\xA9\xC3\xA8");
                },
                head),
            0, [](const cb_input& in, Reporter& r) { return rows(in, r); });
    measure("delimited, accents in every row (windows-1252)",
            repeat(
                [](std::string& out, unsigned i) {
                  narrow(out, i);
                  out.insert(out.size() - 2, "\xE9\xE8");
                },
                head),
            0, [](const cb_input& in, Reporter& r) { return rows(in, r); });
  }
  {
    const std::string wide = repeat([](std::string& out, unsigned i) {
      out += "02FL 12345" + std::to_string(100'000 + i % 900'000) + "  20990101  TESTARD             EXEMPLE   F 035 WN          R\n";
    });
    measure("fixed columns, 8 of 84 bytes", wide, 0, [](const cb_input& in, Reporter& r) {
      FixedOptions options;
      options.columns = {{"level", 1, 2}, {"ori", 3, 10}};
      options.kinds = {{"victim",
                        {{"level", "02"}},
                        {{"id", 11, 16}, {"date", 19, 26}, {"family", 29, 48}, {"given", 49, 58}, {"sex", 59, 59}, {"age", 61, 63}}}};
      FixedWidth fixed(in, options, r);
      uint64_t n = 0;
      while (fixed.next()) ++n;
      return n;
    });
  }
  const auto booking = [](std::string& out, unsigned i) {
    const std::string n = std::to_string(i);
    out += "{\"id\":" + n + ",\"subject\":{\"family\":\"TESTARD\",\"given\":[\"EXEMPLE\",\"ANNE\"],\"born\":\"2099-01-0" +
           std::to_string(1 + i % 9) + "\",\"height\":172.5,\"sex\":\"F\"},\"booking\":{\"number\":\"B-" + n +
           "\",\"at\":\"2099-03-04T05:06:07\",\"facility\":\"EXAMPLE JAIL\",\"bail\":2500.00},"
           "\"charges\":[{\"code\":\"279.01\",\"text\":\"synthetic charge\",\"counts\":2},{\"code\":\"286.2\",\"text\":\"synthetic "
           "\\\"quoted\\\" charge\",\"counts\":1}],\"notes\":null,\"open\":true}";
  };
  {
    const std::string lines = repeat([&](std::string& out, unsigned i) {
      booking(out, i);
      out += '\n';
    });
    measure("JSON lines to trees, 420-byte records", lines, 240, [](const cb_input& in, Reporter& r) {
      JsonOptions options;
      options.lines = true;
      return trees(in, r, options);
    });
  }
  {
    std::string document = repeat(
        [&](std::string& out, unsigned i) {
          booking(out, i);
          out += ",\n";
        },
        "{\"version\":\"1\",\"reports\":[");
    document += "{}]}";
    measure("JSON document to trees, each: /reports", document, 240, [](const cb_input& in, Reporter& r) {
      JsonOptions options;
      options.each = "/reports";
      return trees(in, r, options);
    });
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak of this process, two 100 MB inputs of which are held by the bench\t%ld MiB\t-\t-\n", usage.ru_maxrss / 1024);
}
