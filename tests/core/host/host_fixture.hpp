// Scratch files and the test plugins, for every test of the host.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "host/recognise.hpp"
#include "host/registry.hpp"
#include "host/session.hpp"

namespace casebridge::host::test {

namespace fs = std::filesystem;

struct Scratch {
  fs::path folder;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "casebridge-test-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~Scratch() { fs::remove_all(folder); }
  fs::path write(const std::string& name, std::string_view bytes) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return folder / name;
  }
};

inline const Registry& registry() {
  static const Registry r(std::vector<fs::path>{CASEBRIDGE_TEST_PLUGINS});
  return r;
}

inline std::unique_ptr<Input> open_file(const fs::path& path) {
  Finding problem;
  return Input::open({.name = path.filename().string(), .path = path}, {}, problem);
}

struct Outcome {
  std::string cells;  // "field=text@place;" of every cell
  uint64_t units = 0, records = 0;
  std::vector<Finding> findings;
  cb_status status = CB_OK;
};

inline Outcome read_all(const PluginInfo& plugin, Input& input, Request request) {
  Outcome out;
  Finding problem;
  request.inputs = {&input};
  auto session = open_session(plugin, request, problem);
  if (!session) return {.findings = {problem}, .status = CB_E_INTERNAL};
  cb_batch b;
  while ((out.status = session->next(b)) == CB_OK) {
    out.units += b.n_units;
    out.records += b.n_records;
    for (uint32_t r = 0; r < b.n_records; ++r)
      for (uint32_t c = b.records[r].first_cell; c < b.records[r].first_cell + b.records[r].n_cells; ++c)
        out.cells += std::to_string(b.cells[c].field) + "=" + std::string(b.heap + b.cells[c].offset, b.cells[c].length) + "@" +
                     std::to_string(b.records[r].source_offset + static_cast<uint64_t>(b.cells[c].source_delta)) + ";";
  }
  session->close();
  out.findings = session->take_findings();
  return out;
}

}  // namespace casebridge::host::test
