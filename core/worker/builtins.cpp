#include "worker/builtins.hpp"

#include <array>

#include "case_jsonl/case_jsonl.hpp"
#include "case_xml/case_xml.hpp"
#include "host/builtin.hpp"
#include "read/mapping/mapped.hpp"

namespace casebridge {

void install_builtins() {
  static const std::array<const cb_plugin*, 3> kPlugins{&case_jsonl_plugin, &case_xml_plugin, &read::mapping::mapped_plugin()};
  host::Builtins b;
  b.plugins = kPlugins;
  b.describe_mapping = read::mapping::describe_mapping;
  host::use_builtins(b);
}

}  // namespace casebridge
