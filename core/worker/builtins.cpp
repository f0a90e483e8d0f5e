#include "worker/builtins.hpp"

#include <array>

#include "case_jsonl/case_jsonl.hpp"
#include "case_xml/case_xml.hpp"
#include "host/builtin.hpp"

namespace casebridge {

void install_builtins() {
  static constexpr std::array kPlugins{&case_jsonl_plugin, &case_xml_plugin};
  host::Builtins b;
  b.plugins = kPlugins;
  host::use_builtins(b);
}

}  // namespace casebridge
