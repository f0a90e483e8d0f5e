#include "handle/gate.hpp"

#include "handle/mask.hpp"

namespace casebridge::handle {

struct Gate::State {
  std::string recipient = "self", run_date;
};

Gate::Gate(std::unique_ptr<State> state) : state_(std::move(state)) {}
Gate::~Gate() = default;

std::unique_ptr<Gate> Gate::for_self(std::string run_date) {
  auto state = std::make_unique<State>();
  state->run_date = std::move(run_date);
  return std::unique_ptr<Gate>(new Gate(std::move(state)));
}

const std::string& Gate::recipient() const { return state_->recipient; }

std::optional<ClearedFinding> Gate::pass(const Finding& finding) const {
  Finding shown = finding;
  for (std::string& arg : shown.args) arg = masked(arg, Care::listing);
  shown.input = masked(shown.input, Care::listing);
  shown.field_path = masked(shown.field_path, Care::listing);
  return ClearedFinding(std::move(shown));
}

ClearedText Gate::show(std::string_view raw) const { return ClearedText(masked(raw, Care::listing)); }

}  // namespace casebridge::handle
