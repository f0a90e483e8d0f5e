#include "worker/warm_up.hpp"

#include <cstring>
#include <mutex>

#include "base/sha256.hpp"
#include "model/model.hpp"
#include "read/xml_tree.hpp"
#include "validate/json_schema/schema.hpp"

namespace casebridge {
namespace {

// One small document through the whole reader, in the encoding of its bytes.
void read_xml(std::string_view bytes) {
  struct Memory {
    std::string_view left;
    static int64_t read(void* self, void* into, uint64_t size) {
      std::string_view& left = static_cast<Memory*>(self)->left;
      const size_t n = std::min<size_t>(size, left.size());
      std::memcpy(into, left.data(), n);
      left.remove_prefix(n);
      return static_cast<int64_t>(n);
    }
  } memory{bytes};
  const cb_input input{sizeof(cb_input), 0, &memory, {"", 0}, -1, Memory::read, nullptr};
  read::Names names;
  read::XmlReader reader(input, {}, names, [](Finding) {});
  read::Tree tree;
  while (reader.next(tree)) {}
}

}  // namespace

void warm_up() {
  static std::once_flag once;
  std::call_once(once, [] {
    Sha256 hash;  // OpenSSL reads its configuration
    hash.add("x");
    hash.hex();
    model::nodes();
    read_xml("<a b='\xC3\xA9'>x</a>");
    read_xml("<?xml version='1.0' encoding='windows-1252'?><a>\xE9</a>");
    read_xml(std::string_view("\xFF\xFE<\0a\0/\0>\0", 10));
    read_xml("<a");  // its error path, too
    // A pattern that only ICU can run, and one of RE2.
    schema::CompileError error;
    const auto schema = schema::Schema::compile(R"({"pattern":"^(?=\\p{L})(.)\\1$"})", "casebridge:warm", {}, {}, error);
    if (schema) schema->check("\"\xC3\xA9\xC3\xA9\"");
  });
}

}  // namespace casebridge
