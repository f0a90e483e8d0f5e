#include "worker/builtins.hpp"

#include <array>

#include "host/builtin.hpp"

namespace casebridge {

void install_builtins() {
  host::Builtins b;
  host::use_builtins(b);
}

}  // namespace casebridge
