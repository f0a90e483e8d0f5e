#include "worker/builtins.hpp"

#include <array>

#include "base/sha256.hpp"
#include "case_jsonl/case_jsonl.hpp"
#include "case_xml/case_xml.hpp"
#include "host/builtin.hpp"
#include "model/model.hpp"
#include "read/mapping/mapped.hpp"
#include "read/services.hpp"

namespace casebridge {
namespace {

// What a reader would otherwise load from files at its first use, when the sandbox is closed.
void warm_up() {
  Sha256 hash;  // OpenSSL reads its configuration
  hash.add("x");
  hash.hex();
  model::nodes();
}

}  // namespace

void install_builtins() {
  static const std::array<const cb_plugin*, 3> kPlugins{&case_jsonl_plugin, &case_xml_plugin, &read::mapping::mapped_plugin()};
  host::Builtins b;
  b.plugins = kPlugins;
  b.service = read::parser_service;
  b.warm_up = warm_up;
  b.describe_mapping = read::mapping::describe_mapping;
  host::use_builtins(b);
}

}  // namespace casebridge
