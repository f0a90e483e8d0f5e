// casebridge-link-bench people.csv clusters.csv [--columns FILE] [--threads N] [--memory MIB] [--state DIR] [--queries N]
// Links one people CSV and writes record_id,entity_id; times, counts and peak memory go to standard error as one JSON line.
// With --state, a first run leaves its state in DIR, and a later one adds its records to it.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "link/explain.hpp"
#include "link/linker.hpp"
#include "link/load_csv.hpp"
#include "link/state.hpp"

using namespace casebridge::link;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class KeyOf>
void write_clusters(const PersonTable& t, const std::string& path, KeyOf&& key_of) {
  FILE* f = std::fopen(path.c_str(), "wb");
  if (!f) throw std::runtime_error(path + ": cannot be written");
  std::string out = "record_id,entity_id\n";
  out.reserve(size_t{1} << 20);
  for (uint32_t row = 0; row < t.size(); ++row) {
    uint64_t key = key_of(row);
    if (!key) continue;
    const std::string_view id = t.local_id(row);
    const bool quote = id.find_first_of(",\"\n") != std::string_view::npos;
    if (quote) out += '"';
    for (const char ch : id) {
      if (ch == '"') out += '"';
      out += ch;
    }
    if (quote) out += '"';
    out += ",E";
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

// One record against the state, in process: the records of the state themselves, drawn evenly, under new ids.
void time_queries(LinkState& state, size_t wanted) {
  const PersonTable& t = state.table();
  std::vector<double> ms;
  size_t found = 0;
  const size_t step = std::max<size_t>(1, t.persons.size() / wanted);
  for (size_t row = 0; row < t.persons.size() && ms.size() < wanted; row += step) {
    const Person p = t.persons[row];
    const std::string given(t.names.text(p.given)), middle(t.names.text(p.middle)), family(t.names.text(p.family)),
        born(t.places.text(p.birth_city)), city(t.places.text(p.city)),
        street = std::to_string(p.number) + " " + std::string(t.places.text(p.street));
    std::string code, phone;
    for (uint64_t c = p.postcode; c; c >>= 8) code += static_cast<char>(c & 0xFF);
    if (p.phones) phone = std::to_string(t.lists(static_cast<uint32_t>(row)).phone(0));
    char date[16] = "";
    if (p.birth.full())
      std::snprintf(date, sizeof date, "%04u-%02u-%02u", p.birth.year() % 10000, p.birth.month() % 100, p.birth.day() % 100);
    RawPerson r;
    r.local_id = "query";
    r.given = given;
    r.middle = middle;
    r.family = family;
    r.birth_date = date;
    r.birth_city = born;
    const RawPerson::RawAddress address{street, city, code};
    r.addresses = {&address, 1};
    const std::string_view phones = phone;
    if (!phone.empty()) r.phones = {&phones, 1};
    const double start = now();
    const auto hits = state.query(r, "bench", "");
    ms.push_back((now() - start) * 1e3);
    found += !hits.empty();
  }
  std::sort(ms.begin(), ms.end());
  std::fprintf(stderr, "{\"queries\":%zu,\"found\":%zu,\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"max_ms\":%.4f}\n", ms.size(), found,
               ms[ms.size() / 2], ms[ms.size() * 99 / 100], ms.back());
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
    std::fprintf(stderr, "  %-10s %-40s %8.2f\n", std::string(field_name[f.field]).c_str(),
                 std::string(level_name(f.field, f.level)).c_str(), f.weight / 100.0);
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
    std::string explain_a, explain_b, state_dir;
    size_t queries = 0;
    for (int i = 1; i < argc; ++i) {
      const std::string a = argv[i];
      const auto next = [&]() -> std::string { return ++i < argc ? argv[i] : throw std::runtime_error(a + " needs a value"); };
      if (a == "--columns") columns = read_columns(next());
      else if (a == "--threads") options.threads = static_cast<unsigned>(std::atoi(next().c_str()));
      else if (a == "--memory") options.memory_limit = std::strtoull(next().c_str(), nullptr, 10) << 20;
      else if (a == "--cap") options.limits.cap = static_cast<uint32_t>(std::atoi(next().c_str()));
      else if (a == "--hard") options.limits.hard = static_cast<uint32_t>(std::atoi(next().c_str()));
      else if (a == "--verbose") verbose = true;
      else if (a == "--state") state_dir = next();
      else if (a == "--queries") queries = std::strtoull(next().c_str(), nullptr, 10);
      else if (a == "--explain") explain_a = next(), explain_b = next();
      else files.push_back(a);
    }
    if (files.size() != 2)
      throw std::runtime_error("usage: casebridge-link-bench people.csv clusters.csv [--columns FILE] [--threads N] [--memory MIB]");
    std::string phases;
    const double start = now();
    options.on_phase = [&](const char* name, double s) {
      char text[80];
      std::snprintf(text, sizeof text, "%s\"%s\":%.3f", phases.empty() ? "" : ",", name, s);
      phases += text;
    };
    if (!state_dir.empty() && std::filesystem::exists(state_dir + "/records.bin")) {
      LinkState state = LinkState::load(state_dir);
      const double loaded = now();
      const auto input = open_people_csv(files[0], columns);
      const NightReport r = state.apply(input.get(), {}, {}, options.threads);
      const double applied = now();
      state.save(state_dir);
      const double saved = now();
      write_clusters(state.table(), files[1], [&](uint32_t row) { return state.entity(row); });
      size_t count[5] = {};
      for (const EntityChange& c : r.changes) ++count[static_cast<size_t>(c.kind)];
      std::fprintf(
          stderr,
          "{\"wall_s\":%.3f,\"load_s\":%.3f,\"apply_s\":%.3f,\"save_s\":%.3f,\"write_s\":%.3f,\"added\":%u,\"changed\":%u,\"pairs\":%lu,"
          "\"created\":%zu,\"joined\":%zu,\"merged\":%zu,\"split\":%zu,\"retired\":%zu}\n",
          now() - start, loaded - start, applied - loaded, saved - applied, now() - saved, r.added, r.changed, r.compared, count[0],
          count[1], count[2], count[3], count[4]);
      if (queries) time_queries(state, queries);
      return 0;
    }
    PersonTable table = build_table(*open_people_csv(files[0], columns), options.threads);
    options.on_phase("load", now() - start);
    LinkResult r = link_table(table, options);
    const double before = now();
    write_clusters(table, files[1], [&](uint32_t row) { return table.persons[r.clusters.of[row]].key; });
    options.on_phase("write", now() - before);
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    std::fprintf(
        stderr,
        "{\"records\":%u,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"peak_mib\":%ld,\"planned_mib\":%lu,\"pairs\":%lu,\"planned_pairs\":%lu,\"edges\":"
        "%zu,"
        "\"clusters\":%u,\"recut\":%u,\"review\":%zu,\"match\":%.0f,\"household\":%.0f,\"twin\":%.0f,\"parted\":%zu,\"common\":%zu,"
        "\"spilled_mib\":%lu,\"phases\":{%s}}\n",
        table.size(), now() - start,
        static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec),
        u.ru_maxrss / 1024, r.plan.memory_bytes >> 20, r.compared, r.plan.pairs, r.edges.size(), r.clusters.count, r.clusters.recut,
        r.review.size(), r.model.match_pairs, r.model.household_pairs, r.model.twin_pairs, r.model.parted.keys().size(), r.common.size(),
        r.plan.spilled_bytes >> 20, phases.c_str());
    if (verbose) {
      for (unsigned i = 0; i < rules.size(); ++i) {
        const RuleCost& c = r.plan.costs[i];
        std::fprintf(stderr, "%-48s blocks %9lu pairs %9lu refined %7lu skipped %6lu (%lu pairs)\n", std::string(rules[i].name).c_str(),
                     c.blocks, c.pairs, c.refined, c.skipped, c.skipped_pairs);
      }
      for (unsigned f = 0; f < fields; ++f) {
        for (unsigned l = 1; l < level_count[f]; ++l) {
          const auto& w = r.model.weight[f][l];
          std::fprintf(stderr, "%-10s %2u  M %6d U %6d H %6d T %6d\n", std::string(field_name[f]).c_str(), l, w[0], w[1], w[2], w[3]);
        }
      }
    }
    if (!explain_a.empty()) print_explanation(table, r, explain_a, explain_b);
    if (!state_dir.empty()) {
      const double begin = now();
      LinkState::start(std::move(table), std::move(r), {}, options.threads).save(state_dir);
      std::fprintf(stderr, "{\"state_s\":%.3f}\n", now() - begin);
    }
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "casebridge-link-bench: %s\n", e.what());
    return 1;
  }
}
