// casebridge-worker: reads one untrusted input for casebridge, locked in. Not for people: started by the program.
#include <exception>

#include "host/worker_serve.hpp"
#include "worker/builtins.hpp"

int main() {
  try {
    casebridge::install_builtins();
    return casebridge::host::serve();
  } catch (const std::exception&) {
    return 99;  // kExitBroken: the host says so
  }
}
