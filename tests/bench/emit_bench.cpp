// Writing case data: how fast records become lines, alone and with gate, hash and sink. All records synthetic.
// Lines of name, value, budget and verdict, separated by tabs.
#include <algorithm>
#include <ctime>
#include <cstdio>
#include <string>

#include "emit/writer.hpp"
#include "handle/gate.hpp"

using namespace casebridge;

namespace {

struct Nothing final : emit::Sink {
  uint64_t bytes = 0;
  void write(std::string_view text) override { bytes += text.size(); }
};

model::Tag tag(const char* type, const char* path) { return model::field(*model::record_type(type), path)->tag; }

void value(Arena& arena, std::vector<Value>& into, model::Tag field, std::string text, std::string original = {}) {
  Value v;
  v.field = field;
  v.text = arena.keep(text);
  v.original = arena.keep(original);
  v.normal_differs = !original.empty();
  v.length = 10;
  into.push_back(v);
}

RecordBatch people(size_t n) {
  RecordBatch batch;
  for (size_t i = 0; i < n; ++i) {
    Record& r = batch.records.emplace_back();
    r.type = model::record_type("Person");
    r.id.bytes[0] = static_cast<uint8_t>(i);
    r.id.bytes[15] = static_cast<uint8_t>(i >> 8 | 1);
    r.local_id = batch.arena.keep("P-" + std::to_string(i));
    r.source = 1;
    r.place = {i * 200, 200, i + 2, 1};
    value(batch.arena, r.values, tag("Person", "birthDate"), "2084-03-09", "09/03/2084");
    value(batch.arena, r.values, tag("Person", "gender"), "FEMININE", "F");
    value(batch.arena, r.values, tag("Person", "occupation"), "synthetic occupation number " + std::to_string(i));
    r.blocks.push_back({tag("Person", "names"), 0, 4});
    value(batch.arena, r.block_values, tag("Person", "names/type"), "LEGAL");
    value(batch.arena, r.block_values, tag("Person", "names/full"), "TESTARD EXEMPLE Éloïse " + std::to_string(i));
    value(batch.arena, r.block_values, tag("Person", "names/given"), "Éloïse");
    value(batch.arena, r.block_values, tag("Person", "names/family"), "TESTARD EXEMPLE");
    r.ext.push_back({"zone", batch.arena.keep("Z" + std::to_string(i % 7))});
  }
  return batch;
}

template <class Body>
double seconds(Body&& body) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const std::clock_t from = std::clock();  // processor time: other work on the machine does not count
    body();
    best = std::min(best, double(std::clock() - from) / CLOCKS_PER_SEC);
  }
  return best;
}

void tell(const char* name, double value, double budget) {
  std::printf("%s\t%.0f MB/s\t%s\t%s\n", name, value,
              budget > 0 ? (">= " + std::to_string(static_cast<int>(budget)) + " MB/s").c_str() : "-",
              budget <= 0       ? "-"
              : value >= budget ? "met"
                                : "MISSED");
}

}  // namespace

int main() {
  const size_t n = 20'000;
  RecordBatch batch = people(n);
  const auto gate = handle::Gate::for_self("2099-07-15");
  Record source;
  source.type = model::record_type("Source");
  source.source = 1;
  Arena arena;
  value(arena, source.values, tag("Source", "agency"), "example-ps");
  value(arena, source.values, tag("Person", "handling/handlingCode"), "P");
  gate->source(source);

  std::string out;
  emit::JsonLine json;
  const double lines = seconds([&] {
    out.clear();
    for (const Record& r : batch.records) json.append(out, r);
  });
  tell("JSON lines alone", static_cast<double>(out.size()) / lines / 1e6, 800);
  uint64_t bytes = 0;
  const auto whole = [&](bool xml) {
    return seconds([&] {
      Nothing sink;
      const auto writer = xml ? emit::make_xml_writer(sink) : emit::make_jsonl_writer(sink);
      for (size_t at = 0; at < n; at += 4096)
        writer->lines(gate->pass(std::span(batch.records).subspan(at, std::min<size_t>(4096, n - at))).cleared());
      bytes = sink.bytes;
    });
  };
  double took = whole(false);
  tell("gate, JSON lines and hash", static_cast<double>(bytes) / took / 1e6, 0);
  took = whole(true);
  tell("gate, XML, JSON lines and hash", static_cast<double>(bytes) / took / 1e6, 0);
  took = seconds([&] {
    for (size_t at = 0; at < n; at += 4096) gate->pass(std::span(batch.records).subspan(at, std::min<size_t>(4096, n - at)));
  });
  std::printf("gate alone\t%.1f M records/s\t-\t-\n", static_cast<double>(n) / took / 1e6);
  return 0;
}
