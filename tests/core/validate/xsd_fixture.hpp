// Schemas written to a folder of the test, and documents read against them.
#pragma once
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/read/xml_fixture.hpp"
#include "validate/xsd.hpp"

namespace casebridge::validate {

struct SchemaFolder {
  std::filesystem::path path;
  explicit SchemaFolder(const std::map<std::string, std::string>& files) {
    static std::atomic<int> number = 0;
    path = std::filesystem::path(CASEBRIDGE_BINARY_DIR) / "tests" / ("xsd-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    for (const auto& [name, text] : files) {
      std::filesystem::create_directories((path / name).parent_path());
      std::ofstream(path / name, std::ios::binary) << text;
    }
  }
  ~SchemaFolder() { std::filesystem::remove_all(path); }
};

inline std::unique_ptr<read::XmlRun> check_xml(const XsdSet& set, XsdSet::Mode mode, std::string_view bytes, read::XmlOptions options = {},
                                               size_t piece = 1009) {
  const auto judge = set.judge(mode);
  options.judge = judge.get();
  options.ids = &set.ids();
  return read::read_xml(bytes, std::move(options), piece);
}

}  // namespace casebridge::validate
