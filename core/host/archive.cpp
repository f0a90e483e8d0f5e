#include "host/archive.hpp"

namespace casebridge::host {

bool ArchiveSource::start(Input&, const InputRef& ref, const InputLimits&, Finding& problem) {
  problem = {.code = "E-INPUT-UNSUPPORTED", .args = {ref.name}, .input = ref.name};
  return false;
}
void ArchiveSource::finish(Input&, bool, std::optional<Finding>&) {}
void ArchiveSource::stop(Input&) noexcept {}

}  // namespace casebridge::host
