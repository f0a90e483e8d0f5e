#include "host/builtin.hpp"

namespace casebridge::host {
namespace {
Builtins g_builtins;
}

void use_builtins(const Builtins& b) { g_builtins = b; }
const Builtins& builtins() { return g_builtins; }

const cb_plugin* builtin_plugin(std::string_view id) {
  for (const cb_plugin* p : g_builtins.plugins)
    if (p->id == id) return p;
  return nullptr;
}

}  // namespace casebridge::host
