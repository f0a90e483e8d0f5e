// Runs a mapping over files through the reader that plugins use, and counts what came out.
#pragma once
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "core/read/mapping_help.hpp"
#include "read/mapping/reader.hpp"

namespace mapping_help {

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

struct Run {
  uint64_t units = 0, mapped = 0, skipped = 0, refused = 0, failed = 0;
  std::map<std::string, uint64_t> records;                     // by type; without Source lines
  std::map<std::string, std::map<uint32_t, uint64_t>> places;  // CB_LOSS_... -> values
  std::map<std::string, uint64_t> findings;
  std::vector<std::string> lines;  // of the first batches
  uint64_t values_wrong = 0;       // whose place does not hold their text

  uint64_t values(uint32_t what) const {
    uint64_t n = 0;
    for (const auto& [place, whats] : places)
      if (const auto at = whats.find(what); at != whats.end()) n += at->second;
    return n;
  }
};

class NamedInput {  // seekable, with a name
 public:
  NamedInput(std::string name, std::string bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {
    raw_ = {sizeof(cb_input), 0, this, {name_.data(), name_.size()}, static_cast<int64_t>(bytes_.size()), read, seek};
  }
  NamedInput(const NamedInput&) = delete;
  const cb_input* raw() const { return &raw_; }
  const std::string& bytes() const { return bytes_; }

 private:
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& in = *static_cast<NamedInput*>(self);
    const size_t give = std::min<size_t>(size, in.bytes_.size() - in.at_);
    std::memcpy(into, in.bytes_.data() + in.at_, give);
    in.at_ += give;
    return static_cast<int64_t>(give);
  }
  static int64_t seek(void* self, int64_t to) {
    return static_cast<int64_t>(static_cast<NamedInput*>(self)->at_ = static_cast<size_t>(to));
  }
  std::string name_, bytes_;
  size_t at_ = 0;
  cb_input raw_{};
};

// All files are the tables of one feed (as one session), or a session each.
inline void run_inputs(Run& run, const std::shared_ptr<const mapping::Program>& program, std::deque<NamedInput>& inputs) {
  struct Host {
    cb_host raw{};
    cb_inputs inputs{};
    cb_loss loss{};
    Run* run;
  } host;
  host.run = &run;
  host.raw = {CB_ABI_MAJOR,
              CB_ABI_MINOR,
              sizeof(cb_host),
              0,
              &host,
              [](void* self, const cb_issue* issue) { ++static_cast<Host*>(self)->run->findings[issue->code]; },
              [](void*) -> int32_t { return 0; },
              [](void* self, const char* id) -> const void* {
                auto& h = *static_cast<Host*>(self);
                if (std::string_view(id) == "casebridge.loss/1") return &h.loss;
                return std::string_view(id) == "casebridge.inputs/1" ? &h.inputs : nullptr;
              }};
  host.loss = {sizeof(cb_loss), 0, &host, [](void* self, cb_text field, uint32_t what, cb_text, uint64_t n) {
                 static_cast<Host*>(self)->run->places[std::string(field.data, field.size)][what] += n;
               }};
  std::vector<const cb_input*> raw;
  for (const NamedInput& in : inputs) raw.push_back(in.raw());
  host.inputs = {sizeof(cb_inputs), static_cast<uint32_t>(raw.size()), raw.data()};
  cb_args args{};
  args.struct_size = sizeof args;
  args.format = program->id.c_str();
  try {
    mapping::MappedReader reader(Open{casebridge::Host(&host.raw), Options(&args), Input(raw[0])}, program);
    BatchBuilder out(256);
    for (bool more = true; more;) {
      out.clear();
      more = reader.read(out);
      const cb_batch b = out.view();
      if (run.lines.size() < 200)
        for (const std::string& l : lines_of(b)) run.lines.push_back(l);
      for (uint32_t u = 0; u < b.n_units; ++u) {
        const cb_unit& unit = b.units[u];
        if (unit.n_records == 1 && model::node(static_cast<model::Tag>(b.records[unit.first_record].type)).name == "Source") continue;
        ++run.units;
        ++(unit.outcome == CB_UNIT_MAPPED ? run.mapped : unit.outcome == CB_UNIT_SKIPPED ? run.skipped : run.refused);
        const std::string& bytes = inputs[unit.input].bytes();
        for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r) {
          const cb_record& rec = b.records[r];
          if (const model::Node& n = model::node(static_cast<model::Tag>(rec.type)); n.kind == model::NodeKind::record)
            ++run.records[std::string(n.name)];
          for (uint32_t c = rec.first_cell; c < rec.first_cell + rec.n_cells; ++c) {
            const cb_cell& cell = b.cells[c];
            if (cell.kind != CB_TEXT || !cell.source_length || cell.flags || cell.field == CB_FIELD_EXT || cell.field == CB_FIELD_ALSO)
              continue;
            const std::string_view place =
                std::string_view(bytes).substr(rec.source_offset + static_cast<uint64_t>(cell.source_delta), cell.source_length);
            const std::string_view text(b.heap + cell.offset, cell.length);
            // The value is its place's bytes, or begins there, or was made through a table (its word follows) or with escapes.
            const bool coded = c + 1 < rec.first_cell + rec.n_cells && (b.cells[c + 1].flags & CB_CELL_ORIGINAL);
            if (!coded && place != text && text.find(place) == std::string_view::npos && place.find('&') == std::string_view::npos &&
                place.find('"') == std::string_view::npos)
              ++run.values_wrong;
          }
        }
      }
    }
  } catch (const Failure&) { ++run.failed; }
}

inline Run run_files(const std::string& mapping_file, const std::vector<std::string>& files) {
  const auto program = compiled(bytes_of(mapping_file));
  Run run;
  std::deque<NamedInput> inputs;
  for (const std::string& f : files) {
    inputs.emplace_back(f, bytes_of(f));
    if (!program->reads.tables.empty()) continue;
    run_inputs(run, program, inputs);
    inputs.clear();
  }
  if (!inputs.empty()) run_inputs(run, program, inputs);
  return run;
}

}  // namespace mapping_help
