// What a linking run leaves: Cluster and Link records for the case data, and the files beside it.
#pragma once
#include <string>

#include "handle/gate.hpp"
#include "resolve/linking.hpp"

namespace casebridge::resolve {

// A record that an earlier linking run added: a new one replaces it.
bool found_before(const Record& record);

// Cluster and Link records, in an order of their own that does not depend on the input's. Batches of moderate size.
void found_records(const Linking& linking, const std::function<void(RecordBatch&)>& each);

// One row a pair that scored 0 or more, or that is for review: scores per field in bits, and what became of it.
void write_pairs(const Linking& linking, const std::function<void(std::string_view)>& out);
// record_id,entity_id of every person record.
void write_clusters(const Linking& linking, const std::function<void(std::string_view)>& out);

// Counts, blocks and their cost, scores, largest clusters, common values, expected precision and recall. The JSON is for
// machines and reproducible; the text is for people, in the language of the process.
struct Summary {
  uint64_t records = 0, linked = 0, entities = 0, clustered = 0;  // persons; entities: with those that stand alone
  std::array<uint64_t, kKinds> items{}, groups{}, grouped{};      // by kind
  uint64_t links = 0;
  double expected_precision = 1, expected_recall = 1;
  std::map<int, uint64_t> histogram;                 // bits (whole, downwards) -> pairs
  std::vector<std::pair<uint64_t, size_t>> largest;  // entity, records
};
Summary summarise(const Linking& linking);
std::string summary_json(const Linking& linking, const Summary& s);
std::string summary_text(const Linking& linking, const Summary& s, const handle::Gate& gate);

}  // namespace casebridge::resolve
