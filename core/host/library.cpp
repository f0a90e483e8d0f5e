#include "host/library.hpp"

#include <cstring>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include "host/builtin.hpp"

namespace casebridge::host {

struct Library::Handle {
  boost::dll::shared_library library;
};

Library::~Library() = default;

void Library::take(const cb_plugin& from) {
  if (from.abi_major != CB_ABI_MAJOR)
    throw std::runtime_error("it was built for contract " + std::to_string(from.abi_major) + ", this program offers " +
                             std::to_string(CB_ABI_MAJOR));
  if (from.struct_size < offsetof(cb_plugin, extension)) throw std::runtime_error("its descriptor is cut off");
  std::memcpy(&table_, &from, std::min<size_t>(from.struct_size, sizeof table_));
  table_.struct_size = sizeof table_;
}

std::shared_ptr<const Library> Library::open(const std::filesystem::path& file) {
  auto library = std::shared_ptr<Library>(new Library);
  library->handle_ = std::make_unique<Handle>();
  std::error_code error;
  library->handle_->library.load(file, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) throw std::runtime_error("its library cannot be loaded: " + error.message());
  if (!library->handle_->library.has("casebridge_plugin_v1")) throw std::runtime_error("its library does not export casebridge_plugin_v1");
  library->take(library->handle_->library.get<const cb_plugin>("casebridge_plugin_v1"));
  return library;
}

std::shared_ptr<const Library> Library::open(const PluginInfo& info) {
  if (!info.library.empty()) {
    auto library = open(info.folder / info.library);
    if (library->plugin().id != info.id)
      throw std::runtime_error("its library calls itself \"" + std::string(library->plugin().id) + "\"; build it again");
    return library;
  }
  const cb_plugin* engine = builtin_plugin(info.engine);
  if (!engine) throw std::runtime_error("this program has no engine \"" + info.engine + "\"");
  auto library = std::shared_ptr<Library>(new Library);
  library->take(*engine);
  return library;
}

}  // namespace casebridge::host
