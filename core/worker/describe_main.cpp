// casebridge-describe: writes plugin.json from a plugin's own descriptor, or from a mapping. Run by the build.
//   casebridge-describe LIBRARY OUT [NAME-OF-LIBRARY-IN-FOLDER]
//   casebridge-describe --mapping MAPPING.yaml OUT
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include "host/builtin.hpp"
#include "host/library.hpp"
#include "host/manifest.hpp"
#include "worker/builtins.hpp"

int main(int argc, char** argv) {
  using namespace casebridge::host;
  if (argc < 3) {
    std::fprintf(stderr, "usage: casebridge-describe LIBRARY OUT [NAME] | --mapping MAPPING.yaml OUT\n");
    return 2;
  }
  casebridge::install_builtins();
  const std::string first = argv[1];
  try {
    PluginInfo info;
    std::filesystem::path out;
    if (first == "--mapping" && argc == 4) {
      if (!builtins().describe_mapping) throw std::runtime_error("this build has no mapping engine");
      info = builtins().describe_mapping(argv[2]);
      out = argv[3];
    } else {
      info = describe(Library::open(std::filesystem::absolute(first))->plugin());
      info.library = argc > 3 ? argv[3] : std::filesystem::path(first).filename().string();
      out = argv[2];
    }
    std::ofstream file(out, std::ios::binary | std::ios::trunc);
    file << to_json(info);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + out.string());
    read_manifest(out);  // what was written is what the registry will accept
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", first == "--mapping" ? argv[2] : argv[1], e.what());
    return 1;
  }
}
