// casebridge-link-bench people.csv clusters.csv [--columns FILE] [--threads N] [--memory MIB] [--shuffle]
// Links one people CSV and writes record_id,entity_id; times, counts and peak memory go to standard error as one JSON line.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "link/explain.hpp"
#include "link/linker.hpp"
#include "link/load_csv.hpp"

using namespace casebridge::link;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void write_clusters(const PersonTable& t, const Clusters& c, const std::string& path) {
  FILE* f = std::fopen(path.c_str(), "wb");
  if (!f) throw std::runtime_error(path + ": cannot be written");
  std::string out = "record_id,entity_id\n";
  out.reserve(size_t{1} << 20);
  for (uint32_t row = 0; row < t.size(); ++row) {
    const std::string_view id = t.local_id(row);
    const bool quote = id.find_first_of(",\"\n") != std::string_view::npos;
    if (quote) out += '"';
    for (const char ch : id) {
      if (ch == '"') out += '"';
      out += ch;
    }
    if (quote) out += '"';
    out += ",E";
    uint64_t key = t.persons[c.of[row]].key;
    for (int i = 0; i < 16; ++i, key <<= 4) out += "0123456789abcdef"[key >> 60];
    out += '\n';
    if (out.size() > (size_t{1} << 20) - 512) {
      std::fwrite(out.data(), 1, out.size(), f);
      out.clear();
    }
  }
  std::fwrite(out.data(), 1, out.size(), f);
  if (std::fclose(f) != 0) throw std::runtime_error(path + ": cannot be written");
}

void print_explanation(const PersonTable& t, const LinkResult& r, const std::string& a, const std::string& b) {
  uint32_t x = t.size(), y = t.size();
  for (uint32_t row = 0; row < t.size(); ++row) {
    if (t.local_id(row) == a) x = row;
    if (t.local_id(row) == b) y = row;
  }
  if (x == t.size() || y == t.size()) throw std::runtime_error("no such record: " + (x == t.size() ? a : b));
  const TableWeights weights = bind_weights(r.model, t, 1);
  const Scorer scorer(r.model, t, weights);
  const PairExplanation e = explain_pair(t, scorer, {}, x, y);
  std::fprintf(stderr, "%s\n", sentences(e).c_str());
  for (const FieldScore& f : e.fields) {
    std::fprintf(stderr, "  %-10s %-40s %8.2f\n", std::string(field_name[f.field]).c_str(), std::string(level_name(f.field, f.level)).c_str(), f.weight / 100.0);
  }
  std::fprintf(stderr, "  base %.2f relatives %.2f score %.2f\n", e.base / 100.0, e.relatives / 100.0, e.score / 100.0);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> files;
    std::vector<CsvColumn> columns = people_columns();
    LinkOptions options;
    bool verbose = false;
    std::string explain_a, explain_b;
    for (int i = 1; i < argc; ++i) {
      const std::string a = argv[i];
      const auto next = [&]() -> std::string { return ++i < argc ? argv[i] : throw std::runtime_error(a + " needs a value"); };
      if (a == "--columns") columns = read_columns(next());
      else if (a == "--threads") options.threads = static_cast<unsigned>(std::atoi(next().c_str()));
      else if (a == "--memory") options.memory_limit = std::strtoull(next().c_str(), nullptr, 10) << 20;
      else if (a == "--cap") options.limits.cap = static_cast<uint32_t>(std::atoi(next().c_str()));
      else if (a == "--hard") options.limits.hard = static_cast<uint32_t>(std::atoi(next().c_str()));
      else if (a == "--verbose") verbose = true;
      else if (a == "--explain") explain_a = next(), explain_b = next();
      else files.push_back(a);
    }
    if (files.size() != 2) throw std::runtime_error("usage: casebridge-link-bench people.csv clusters.csv [--columns FILE] [--threads N] [--memory MIB]");
    std::string phases;
    const double start = now();
    options.on_phase = [&](const char* name, double s) {
      char text[80];
      std::snprintf(text, sizeof text, "%s\"%s\":%.3f", phases.empty() ? "" : ",", name, s);
      phases += text;
    };
    PersonTable table = build_table(*open_people_csv(files[0], columns), options.threads);
    options.on_phase("load", now() - start);
    const LinkResult r = link_table(table, options);
    const double before = now();
    write_clusters(table, r.clusters, files[1]);
    options.on_phase("write", now() - before);
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    std::fprintf(stderr,
                 "{\"records\":%u,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"peak_mib\":%ld,\"planned_mib\":%lu,\"pairs\":%lu,\"planned_pairs\":%lu,\"edges\":%zu,"
                 "\"clusters\":%u,\"recut\":%u,\"review\":%zu,\"match\":%.0f,\"household\":%.0f,\"twin\":%.0f,\"parted\":%zu,\"phases\":{%s}}\n",
                 table.size(), now() - start,
                 static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec),
                 u.ru_maxrss / 1024, r.plan.memory_bytes >> 20, r.compared, r.plan.pairs, r.edges.size(), r.clusters.count, r.clusters.recut,
                 r.review.size(), r.model.match_pairs, r.model.household_pairs, r.model.twin_pairs, r.model.parted.keys().size(), phases.c_str());
    if (verbose) {
      for (unsigned i = 0; i < rules.size(); ++i) {
        const RuleCost& c = r.plan.costs[i];
        std::fprintf(stderr, "%-48s blocks %9lu pairs %9lu refined %7lu skipped %6lu (%lu pairs)\n", std::string(rules[i].name).c_str(), c.blocks, c.pairs,
                     c.refined, c.skipped, c.skipped_pairs);
      }
      for (unsigned f = 0; f < fields; ++f) {
        for (unsigned l = 1; l < level_count[f]; ++l) {
          const auto& w = r.model.weight[f][l];
          std::fprintf(stderr, "%-10s %2u  M %6d U %6d H %6d T %6d\n", std::string(field_name[f]).c_str(), l, w[0], w[1], w[2], w[3]);
        }
      }
    }
    if (!explain_a.empty()) print_explanation(table, r, explain_a, explain_b);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "casebridge-link-bench: %s\n", e.what());
    return 1;
  }
}
