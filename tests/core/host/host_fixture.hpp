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

}  // namespace casebridge::host::test
