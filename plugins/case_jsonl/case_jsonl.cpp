// case-jsonl: case data of ours as JSON Lines, read and written.
#include "case_jsonl/case_jsonl.hpp"

#include "emit/case_plugin.hpp"

namespace casebridge {
namespace {
constexpr cb_format kFormats[] = {{"case-jsonl", "Case data (JSON Lines)", "Données de cas (JSON Lines)", "1.0", "jsonl",
                                   "json-key=schemaVersion", CB_READS | CB_WRITES | CB_STREAMS | CB_LOSSLESS}};
}
const cb_plugin case_jsonl_plugin = plugin<emit::CaseJsonReader, emit::CaseJsonWriter>(
    {.id = "case-jsonl", .version = "1.0.0", .title_en = "Case data (JSON Lines)", .title_fr = "Données de cas (JSON Lines)"}, kFormats,
    emit::kPositions);
}  // namespace casebridge
