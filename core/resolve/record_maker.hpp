// Building the records that linking finds (Cluster, Link) field by field; and the handling that they inherit.
#pragma once
#include <string>
#include <string_view>

#include "handle/handling.hpp"
#include "model/record.hpp"

namespace casebridge::resolve {

class RecordMaker {
 public:
  RecordMaker(RecordBatch& batch, std::string_view type, const Uuid& id);
  RecordMaker& set(model::Tag field, std::string_view text);  // empty text: nothing happens; a list: call again
  RecordMaker& set(model::Tag field, int64_t number) { return set(field, std::to_string(number)); }
  RecordMaker& block(model::Tag blocks);  // what follows stands in a new item of it
  RecordMaker& in_block(model::Tag field, std::string_view text);
  RecordMaker& in_block(model::Tag field, int64_t number) { return in_block(field, std::to_string(number)); }
  RecordMaker& ext(std::string_view name, std::string_view text);  // in the order of names
  RecordMaker& handling(const handle::Handling& h);
  Record& done();  // sorts; the maker is not used afterwards

 private:
  Value value(model::Tag field, std::string_view text);
  RecordBatch& batch_;
  size_t at_;
};

// The strictest of two: what both allow. What the wire cannot say (no purpose is left, nobody is named by both) is said by
// releasableTo with the key of an agency that does not exist.
inline constexpr std::string_view kNobody = "nobody";
handle::Handling strictest(const handle::Handling& a, const handle::Handling& b);

}  // namespace casebridge::resolve
