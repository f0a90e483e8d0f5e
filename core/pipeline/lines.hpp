// The lines of a data set that are not records of a feed: Dataset, and one Source for each input.
#pragma once
#include <string>
#include <vector>

#include "model/record.hpp"
#include "pipeline/books.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::pipeline {

// Sets fields of a record by their path and keeps the values in the model's order. Text is kept in the batch's arena.
class LineBuilder {
 public:
  LineBuilder(RecordBatch& batch, std::string_view type);                                     // a new record, the last of the batch
  LineBuilder(RecordBatch& batch, const Record& from);                                        // a copy to complete
  LineBuilder& set(std::string_view path, std::string_view text);                             // replaces; empty text: nothing happens
  LineBuilder& fill(std::string_view path, std::string_view text);                            // only where nothing stands
  LineBuilder& fill_handling(const std::vector<std::pair<std::string, std::string>>& marks);  // only where none of a kind stands
  std::string_view get(std::string_view path) const;
  Record& record() { return batch_.records.back(); }
  void done();  // sorts

 private:
  RecordBatch& batch_;
};

void add_dataset_line(RecordBatch&, const Plan&, const std::string& program_version);
// From what the mapping says of its feed (`said`, a Source record of the normaliser) and what we know of the file.
void add_source_line(RecordBatch&, const Record& said, uint32_t number, const FeedBooks&, const std::string& importer, const Plan&);

}  // namespace casebridge::pipeline
