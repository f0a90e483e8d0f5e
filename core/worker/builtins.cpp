#include "worker/builtins.hpp"

#include <array>

#include "case_jsonl/case_jsonl.hpp"
#include "case_xml/case_xml.hpp"
#include "host/builtin.hpp"
#include "read/mapping/mapped.hpp"
#include "read/services.hpp"
#include "validate/check_plugin.hpp"
#include "worker/warm_up.hpp"

namespace casebridge {

void install_builtins() {
  static const std::array<const cb_plugin*, 4> kPlugins{&case_jsonl_plugin, &case_xml_plugin, &read::mapping::mapped_plugin(),
                                                        &validate::check_plugin()};
  host::Builtins b;
  b.plugins = kPlugins;
  b.describe_mapping = read::mapping::describe_mapping;
  b.service = read::parser_service;
  b.warm_up = warm_up;
  host::use_builtins(b);
}

}  // namespace casebridge
