// What a writer needs to know of each field of the model, made ready once: its key as JSON and XML text, the blocks it
// stands in, whether it is a bare number or truth value. Static after the first use; read-only from any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/model.hpp"
#include "model/pointers.hpp"
#include "model/record.hpp"

namespace casebridge::emit {

struct WireNode {
  const model::Node* node = nullptr;
  std::string key;                // "birthDate":
  std::string open, close;        // <birthDate  and </birthDate>
  std::vector<model::Tag> chain;  // single blocks it stands in, outermost first, below the record or the block item
  bool bare = false;              // an integer or a truth value: no quotes
  bool late = false;              // part of provenance or handling: after absent, original and ext
  bool header = false;            // in the record's header, which Record holds by itself
};

class WirePlan {
 public:
  static const WirePlan& get();
  const WireNode& at(model::Tag tag) const { return nodes_[tag]; }  // tags are checked when a record is made
  // Header fields, whose tags a batch uses.
  model::Tag id = 0, version = 0, source = 0, also_source = 0, record_status = 0, supersedes = 0;
  const model::Node *dataset = nullptr, *source_line = nullptr, *dataset_end = nullptr;

 private:
  WirePlan();
  std::vector<WireNode> nodes_;
};

void write_uuid(char* out, const Uuid& id);  // 36 bytes
void append_uuid(std::string& out, const Uuid& id);
bool parse_uuid(std::string_view text, Uuid& out);                                       // lower-case canonical form only
void append_place(std::string& out, uint32_t source, const Place& place, char between);  // "1 0 252 1 1"; source 0: "0"

}  // namespace casebridge::emit
