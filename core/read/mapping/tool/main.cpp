// mappingtool: the build's hand on the mapping language.
//   mappingtool check FILE...                  compile, print the problems
//   mappingtool test FILE...                   run the inline tests
//   mappingtool write|fresh DIR                the JSON Schema and the reference pages: write them, or say if they are stale
//   mappingtool run FILE [--dump] INPUT...     run a mapping and print counts per type and what became of the places
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/testing.hpp"
#include "read/mapping/words.hpp"

using namespace casebridge;
using namespace casebridge::read;

namespace {

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

int print(mapping::Problems& problems) {
  int errors = 0;
  for (const Finding& f : problems.take()) {
    std::cerr << f.input << ":" << f.line << ":" << f.column << ": " << message_of(f) << " [" << f.code << "]\n";
    errors += f.severity == Severity::error;
  }
  return errors;
}

std::shared_ptr<const mapping::Program> load(const std::string& path, int& errors) {
  mapping::Problems problems(path);
  std::string dir = path.substr(0, path.find_last_of('/') + 1);
  const auto other = [](void* context, std::string_view name, std::string& into) {
    std::ifstream in(*static_cast<std::string*>(context) + std::string(name), std::ios::binary);
    if (!in) return false;
    into.assign(std::istreambuf_iterator<char>(in), {});
    return true;
  };
  auto program = mapping::compile(slurp(path), problems, other, &dir);
  errors += print(problems);
  return program;
}

struct FileInput {
  std::FILE* file;
  cb_input raw{};
  std::string name;
  explicit FileInput(const std::string& path) : file(std::fopen(path.c_str(), "rb")), name(path) {
    if (!file) throw std::runtime_error(path + " cannot be read");
    raw.struct_size = sizeof raw;
    raw.self = this;
    raw.size = -1;
    raw.name = {name.data(), name.size()};
    raw.seek = [](void* self, int64_t to) -> int64_t {
      return std::fseek(static_cast<FileInput*>(self)->file, to, SEEK_SET) ? CB_E_IO : to;
    };
    raw.read = [](void* self, void* into, uint64_t n) {
      return static_cast<int64_t>(std::fread(into, 1, n, static_cast<FileInput*>(self)->file));
    };
  }
  ~FileInput() {
    if (file) std::fclose(file);
  }
};

void dump(const cb_batch& b) {
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    std::cout << "unit " << unit.outcome << " " << std::string(b.heap + unit.reason_offset, unit.reason_length) << " @"
              << unit.source_offset << "+" << unit.source_length << "\n";
    for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r) {
      const cb_record& rec = b.records[r];
      std::cout << "  #" << r << " " << model::node(static_cast<model::Tag>(rec.type)).name
                << (rec.parent == CB_NONE ? "" : " of #" + std::to_string(rec.parent)) << "\n";
      for (uint32_t c = rec.first_cell; c < rec.first_cell + rec.n_cells; ++c) {
        const cb_cell& cell = b.cells[c];
        std::cout << "    "
                  << (cell.field >= CB_FIELD_FIRST ? std::string(model::node(static_cast<model::Tag>(cell.field)).path)
                      : cell.field == 0            ? "ext"
                      : cell.field == 1            ? "key"
                      : cell.field == 2            ? "rule"
                                                   : "also")
                  << (cell.kind == CB_REF      ? " ->"
                      : cell.kind == CB_ABSENT ? " absent"
                      : cell.kind == CB_TOKEN  ? " token"
                                               : "")
                  << (cell.flags & CB_CELL_ORIGINAL ? " (word)" : "") << (cell.flags & CB_CELL_CONSTANT ? " (constant)" : "") << " ";
        if (cell.flags & CB_CELL_INDEX && cell.kind == CB_REF) std::cout << "#" << cell.offset;
        else std::cout << std::string(b.heap + cell.offset, cell.length);
        if (cell.hint && cell.kind == CB_TEXT && cell.field)
          std::cout << " {" << std::string(b.heap + b.hints[cell.hint - 1].offset, b.hints[cell.hint - 1].length) << "}";
        std::cout << "\n";
      }
    }
  }
}

struct HostPrint {
  cb_host raw{};
  HostPrint() {
    raw.struct_size = sizeof raw;
    raw.report = [](void*, const cb_issue* issue) {
      std::cerr << "finding " << issue->code << " " << std::string(issue->message.data, issue->message.size) << " @" << issue->source_offset
                << "\n";
    };
    raw.cancelled = [](void*) { return 0; };
  }
};

// Runs a mapping in this process: all inputs are the tables of one feed, or one input.
int run(const std::string& path, const std::vector<std::string>& files, bool show, bool quiet) {
  int errors = 0;
  const auto program = load(path, errors);
  if (errors) return 1;
  struct Host : HostPrint {
    std::map<std::string, std::map<uint32_t, uint64_t>> lost;
    std::map<std::string, uint64_t> codes;
    cb_inputs inputs{};
    cb_loss loss{};
    bool quiet = false;
  } host;
  host.quiet = quiet;
  host.raw.self = &host;
  host.raw.report = [](void* self, const cb_issue* issue) {
    auto& h = *static_cast<Host*>(self);
    if (!h.codes[issue->code]++ && !h.quiet)
      std::cerr << "finding " << issue->code << " " << std::string(issue->message.data, issue->message.size) << " @" << issue->source_offset
                << "\n";
  };
  host.raw.extension = [](void* self, const char* id) -> const void* {
    auto& h = *static_cast<Host*>(self);
    return std::string_view(id) == "casebridge.loss/1"     ? static_cast<const void*>(&h.loss)
           : std::string_view(id) == "casebridge.inputs/1" ? &h.inputs
                                                           : nullptr;
  };
  host.loss = {sizeof(cb_loss), 0, &host, [](void* self, cb_text field, uint32_t what, cb_text, uint64_t n) {
                 static_cast<Host*>(self)->lost[std::string(field.data, field.size)][what] += n;
               }};
  std::map<uint32_t, uint64_t> counts;
  uint64_t cells = 0, units = 0, skipped = 0, refused = 0, bytes = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto one = [&](std::vector<std::string> names) {
    std::vector<std::unique_ptr<FileInput>> inputs;
    std::vector<const cb_input*> raw;
    for (const std::string& name : names) {
      inputs.push_back(std::make_unique<FileInput>(name));
      raw.push_back(&inputs.back()->raw);
    }
    host.inputs = {sizeof(cb_inputs), static_cast<uint32_t>(raw.size()), raw.data()};
    cb_args args{};
    args.struct_size = sizeof args;
    args.format = program->id.c_str();
    bool more = true;
    BatchBuilder out;
    try {
      mapping::MappedReader reader(Open{casebridge::Host(&host.raw), Options(&args), Input(raw[0])}, program);
      while (more) {
        out.clear();
        more = reader.read(out);
        const cb_batch b = out.view();
        cells += b.n_cells;
        for (uint32_t u = 0; u < b.n_units; ++u) {
          const bool line =
              b.units[u].n_records == 1 && model::node(static_cast<model::Tag>(b.records[b.units[u].first_record].type)).name == "Source";
          units += !line;
          skipped += b.units[u].outcome == CB_UNIT_SKIPPED;
          refused += b.units[u].outcome == CB_UNIT_REFUSED;
          bytes += b.units[u].source_length;
        }
        for (uint32_t r = 0; r < b.n_records; ++r) ++counts[b.records[r].type];
        if (show) dump(b);
      }
    } catch (const Failure& f) { std::cerr << names[0] << ": " << f.code << " " << f.what() << "\n"; }
  };
  if (program->reads.tables.empty())
    for (const std::string& file : files) one({file});
  else one(files);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << units << " source records (" << skipped << " skipped, " << refused << " refused), " << cells << " cells, "
            << static_cast<uint64_t>(static_cast<double>(units) / seconds) << " units/s, " << static_cast<double>(bytes) / seconds / 1e6
            << " MB/s\n";
  uint64_t records = 0;
  for (const auto& [tag, count] : counts) {
    const model::Node& n = model::node(static_cast<model::Tag>(tag));
    if (n.kind != model::NodeKind::record) continue;
    records += n.name == "Source" ? 0 : count;
    std::cout << "  " << n.name << " " << count << "\n";
  }
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> by;  // what -> places, values
  for (const auto& [place, whats] : host.lost) {
    const uint32_t best = whats.count(CB_LOSS_MAPPED) ? uint32_t(CB_LOSS_MAPPED) : whats.begin()->first;
    ++by[best].first;
    for (const auto& [what, n] : whats) {
      by[what].second += n;
      if (what == CB_LOSS_UNMAPPED) std::cout << "  unmapped " << place << " " << n << "\n";
    }
  }
  static constexpr const char* kWhat[] = {"ext", "dropped", "unkept", "unmapped", "mapped"};
  std::cout << "  " << records << " records, " << host.lost.size() << " places\n";
  for (const auto& [what, n] : by) std::cout << "  " << kWhat[what] << ": " << n.first << " places, " << n.second << " values\n";
  for (const auto& [code, n] : host.codes) std::cout << "  " << code << " " << n << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() >= 2 && args[0] == "check") {
    int errors = 0;
    for (size_t i = 1; i < args.size(); ++i) load(args[i], errors);
    return errors ? 1 : 0;
  }
  if (args.size() == 2 && (args[0] == "write" || args[0] == "fresh")) {
    int stale = 0;
    for (const auto& [name, text] : {std::pair<std::string, std::string>("mapping.schema.json", mapping::mapping_schema()),
                                     {"mapping.en.md", mapping::mapping_page(false)},
                                     {"mapping.fr.md", mapping::mapping_page(true)}}) {
      const std::string file = args[1] + "/" + name;
      if (args[0] == "write") {
        std::ofstream(file, std::ios::binary) << text;
      } else if (std::ifstream in(file, std::ios::binary); !in || std::string(std::istreambuf_iterator<char>(in), {}) != text) {
        std::cerr << file << " is stale: run mappingtool write " << args[1] << "\n";
        ++stale;
      }
    }
    return stale ? 1 : 0;
  }
  if (args.size() >= 2 && args[0] == "test") {
    int failed = 0;
    for (size_t i = 1; i < args.size(); ++i) {
      int errors = 0;
      const auto program = load(args[i], errors);
      failed += errors;
      if (errors) continue;
      std::vector<Finding> warnings;
      for (const mapping::TestResult& r : mapping::run_tests(program, warnings)) {
        std::cout << (r.passed() ? "passed  " : "FAILED  ") << program->id << ": " << r.name << "\n";
        for (const std::string& f : r.failures) std::cout << "    " << args[i] << ":" << r.line << ": " << f << "\n";
        failed += !r.passed();
      }
      for (const Finding& w : warnings) std::cout << args[i] << ":" << w.line << ":" << w.column << ": " << message_of(w) << "\n";
    }
    return failed ? 1 : 0;
  }
  if (args.size() >= 3 && args[0] == "run") {
    std::vector<std::string> files;
    bool show = false, quiet = false;
    for (size_t i = 2; i < args.size(); ++i) {
      if (args[i] == "--dump") show = true;
      else if (args[i] == "--quiet") quiet = true;
      else files.push_back(args[i]);
    }
    return run(args[1], files, show, quiet);
  }
  std::cerr << "usage: mappingtool check FILE... | test FILE... | run MAPPING [--dump] [--quiet] INPUT...\n";
  return 2;
} catch (const std::exception& e) {
  std::cerr << "mappingtool: " << e.what() << "\n";
  return 1;
}
