// A record as bytes, and back: everything but its source, place and version, which are of the statement and not of what
// it says. Places of values are kept relative to the record, so that an unchanged row that has moved is the same body.
// The form names fields by their tags, which are never reused: a body stays readable over versions of the model.
#pragma once
#include <string>

#include "model/record.hpp"

namespace casebridge::store {

void write_body(const Record& record, std::string& out);  // appends
// Adds a record to the batch; text is copied to its arena. Throws StoreError (integrity) on bytes that are no body.
Record& read_body(std::string_view bytes, RecordBatch& into);

uint64_t content_hash_of(std::string_view body);  // of the record, without reading all of it

void write_places(const std::vector<std::pair<uint32_t, Place>>& places, std::string& out);
void read_places(std::string_view bytes, std::vector<std::pair<uint32_t, Place>>& into);

}  // namespace casebridge::store
