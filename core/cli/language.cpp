#include "cli/language.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "host/registry.hpp"

namespace casebridge::cli {

void choose_language(int argc, char** argv) {
  std::string_view wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--lang" && i + 1 < argc) wanted = argv[i + 1];
    if (arg.starts_with("--lang=")) wanted = arg.substr(7);
  }
  for (const char* name : {"CASEBRIDGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (!wanted.empty()) break;
    if (const char* value = std::getenv(name)) wanted = value;
  }
  const std::string here = host::program_folder().string();
  // Installed: PREFIX/bin and PREFIX/share/locale. In a build tree: bin and share beside it, the same shape.
  set_language(wanted.starts_with("fr") ? Language::fr : Language::en, here + "/../share/locale");
}

}  // namespace casebridge::cli
