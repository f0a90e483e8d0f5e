// Takes from this process what a reader of untrusted bytes never needs. In this order: no_new_privs, limits, (the plugin
// is loaded and prepared), Landlock, seccomp. Afterwards: no open, no socket, no exec, no fork, no signal to others, no
// new executable memory; descriptors that are open stay usable. Cannot be undone.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

namespace casebridge::host {

struct SandboxLimits {
  uint64_t memory = 0;
  uint64_t cpu_seconds = 0;
  uint64_t files = 0;
  uint64_t file_bytes = 0;  // of a file that it may write: only one that is open already
};

void limit_process(const SandboxLimits&);  // throws std::runtime_error

// Empty when everything closed; else what this kernel lacks. A forbidden call writes 1 + its number to *forbidden and ends
// the process with kExitForbidden.
enum class Threads : bool { none, allowed };  // allowed: further threads of this process, and nothing else that clone() makes
std::string close_sandbox(std::atomic<int64_t>* forbidden, Threads threads = Threads::none);

std::string syscall_name(int64_t number);

}  // namespace casebridge::host
