// Records in normal form as a batch of the plugin contract, and back. This is how case data of ours crosses the ABI:
//   - a record is a unit of its own; its header is cells of the header's tags (id, version, source, alsoSource,
//     recordStatus, supersedes), localId is CB_FIELD_KEY; `source` and each `alsoSource` are five numbers with one
//     space between ("1 0 252 1 1"; "0" for what the program found), the number of a Source line is its `source` field
//   - every value is a CB_TEXT cell with CB_CELL_NORMAL, references too (the bare UUID); what the source wrote follows
//     as a CB_CELL_ORIGINAL cell where it differs; `absent` is a CB_ABSENT cell of the record or of the block item
//   - places of values are those of the *original* input that the record came from (cb_record.source_*), as `places`
//     says; the place of the line in the case file is the unit's
// to_batch of from_batch and the other way round give equal records. One thread at a time.
#pragma once
#include "casebridge/batch.hpp"
#include "model/record.hpp"

namespace casebridge::emit {

// As one unit; `unit` is its place in the file being read, or nothing.
void add_record(BatchBuilder& out, const Record& record, Range unit = {});
// Appends; text is copied into the batch's arena. Throws Failure(CB_E_INTERNAL) on a batch that is not in this form.
void from_batch(const cb_batch& batch, RecordBatch& out);

}  // namespace casebridge::emit
