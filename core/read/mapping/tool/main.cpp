// mappingtool: the build's hand on the mapping language.
//   mappingtool check FILE...                  compile, print the problems
//   mappingtool rows FILE INPUT.csv [--dump]   run a delimited mapping and print counts per type and the loss
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "read/mapping/evaluate.hpp"
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
  explicit FileInput(const std::string& path) : file(std::fopen(path.c_str(), "rb")) {
    raw.struct_size = sizeof raw;
    raw.self = this;
    raw.size = -1;
    raw.read = [](void* self, void* into, uint64_t n) { return static_cast<int64_t>(std::fread(into, 1, n, static_cast<FileInput*>(self)->file)); };
  }
  ~FileInput() { if (file) std::fclose(file); }
};

struct PrintLoss : mapping::Loss {
  void count(std::string_view place, mapping::Disposition d, std::string_view reason, uint64_t n) override {
    static constexpr const char* kNames[] = {"none", "unmapped", "dropped", "ext", "mapped"};
    std::cout << "  " << place << ": " << kNames[static_cast<int>(d)] << " " << n << (reason.empty() ? "" : " (") << reason << (reason.empty() ? "" : ")") << "\n";
  }
};

void dump(const cb_batch& b) {
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    std::cout << "unit " << unit.outcome << " " << std::string(b.heap + unit.reason_offset, unit.reason_length) << " @" << unit.source_offset << "+" << unit.source_length << "\n";
    for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r) {
      const cb_record& rec = b.records[r];
      std::cout << "  #" << r << " " << model::node(static_cast<model::Tag>(rec.type)).name << (rec.parent == CB_NONE ? "" : " of #" + std::to_string(rec.parent)) << "\n";
      for (uint32_t c = rec.first_cell; c < rec.first_cell + rec.n_cells; ++c) {
        const cb_cell& cell = b.cells[c];
        std::cout << "    " << (cell.field >= CB_FIELD_FIRST ? std::string(model::node(static_cast<model::Tag>(cell.field)).path) : cell.field == 0 ? "ext" : cell.field == 1 ? "key" : cell.field == 2 ? "rule" : "also")
                  << (cell.kind == CB_REF ? " ->" : cell.kind == CB_ABSENT ? " absent" : cell.kind == CB_TOKEN ? " token" : "")
                  << (cell.flags & CB_CELL_ORIGINAL ? " (word)" : "") << (cell.flags & CB_CELL_CONSTANT ? " (constant)" : "") << " ";
        if (cell.flags & CB_CELL_INDEX && cell.kind == CB_REF) std::cout << "#" << cell.offset;
        else std::cout << std::string(b.heap + cell.offset, cell.length);
        if (cell.hint && cell.kind == CB_TEXT && cell.field) std::cout << " {" << std::string(b.heap + b.hints[cell.hint - 1].offset, b.hints[cell.hint - 1].length) << "}";
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
      std::cerr << "finding " << issue->code << " " << std::string(issue->message.data, issue->message.size) << " @" << issue->source_offset << "\n";
    };
    raw.cancelled = [](void*) { return 0; };
  }
};

int rows(const std::string& path, const std::string& csv, bool show) {
  int errors = 0;
  const auto program = load(path, errors);
  if (errors) return 1;
  HostPrint host;
  Reporter reporter(&host.raw, 20);
  FileInput in(csv);
  const auto start = std::chrono::steady_clock::now();
  Delimited table(in.raw, {}, reporter);
  std::vector<std::string> header;
  for (const Column& c : table.header()) header.push_back(c.name);
  mapping::RowSource source(*program, header);
  mapping::Engine engine(program, &reporter);
  BatchBuilder out;
  std::map<uint32_t, uint64_t> counts;
  uint64_t cells = 0, n = 0, bytes = 0;
  const auto flush = [&] {
    const cb_batch b = out.view();
    cells += b.n_cells;
    for (uint32_t r = 0; r < b.n_records; ++r) ++counts[b.records[r].type];
    if (show) dump(b);
    out.clear();
    engine.new_batch();
  };
  while (const Row* row = table.next()) {
    source.row(*row);
    if (!n++) engine.source_line(source, out);
    engine.unit(source, out);
    bytes = row->offset + row->length;
    if (out.full()) flush();
  }
  flush();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << n << " rows, " << cells << " cells, " << static_cast<uint64_t>(static_cast<double>(n) / seconds) << " rows/s, " << static_cast<double>(bytes) / seconds / 1e6 << " MB/s\n";
  for (const auto& [tag, count] : counts) std::cout << "  " << model::node(static_cast<model::Tag>(tag)).path <<  model::node(static_cast<model::Tag>(tag)).name << " " << count << "\n";
  PrintLoss loss;
  source.tell(loss);
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
  if (args.size() >= 3 && args[0] == "rows") return rows(args[1], args[2], args.size() > 3);
  std::cerr << "usage: mappingtool check FILE... | rows MAPPING INPUT [--dump]\n";
  return 2;
} catch (const std::exception& e) {
  std::cerr << "mappingtool: " << e.what() << "\n";
  return 1;
}
