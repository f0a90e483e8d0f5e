// The inside of a state; shared by state.cpp and state_file.cpp only.
#pragma once
#include <map>
#include <optional>
#include <unordered_map>

#include "link/state.hpp"

namespace casebridge::link {

struct LinkState::Body {
  PersonTable table;
  Model model;
  std::vector<Edge> edges;       // all that were ever found; those of withdrawn rows are passed over
  std::vector<char> alive;       // by row
  std::vector<uint64_t> entity;  // by row, 0 = withdrawn
  std::vector<uint32_t> leader;  // by row
  KeyIndex index;
  std::vector<Decision> decisions;
  // Made again after loading:
  TableWeights weights;
  FlatMap loaded_rows;                                             // key of a record -> row + 1, of those that were loaded
  std::unordered_map<uint64_t, uint32_t> new_rows;                 // of those that came since
  std::vector<uint32_t> first_edge, edge_at;                       // edges of a row, those loaded
  std::unordered_map<uint32_t, std::vector<uint32_t>> neighbours;  // edges of a row, those found since
  std::optional<Scorer> cached_scorer;

  std::vector<std::string> one_record;  // sources to be marked by the next apply()

  std::string index_in;  // the directory that holds the large part of the index as it is here

  void bind();
  // The living row of a record, or the number of rows.
  uint32_t row_of(uint64_t key) const {
    const auto it = new_rows.find(key);
    const uint32_t row = it != new_rows.end() ? it->second : loaded_rows.find(key) - 1;
    return row < table.size() && alive[row] ? row : table.size();
  }
  // A scorer refers to the table and the weights, which stay where they are in the body.
  const Scorer& scorer() {
    if (!cached_scorer) cached_scorer.emplace(model, table, weights);
    return *cached_scorer;
  }
  template <class Visit>
  void each_edge(uint32_t row, Visit&& visit) const;
  std::vector<uint32_t> candidates(const Person& p) const;
  void recluster(const std::vector<uint32_t>& touched, Constraints rules, const std::vector<std::pair<uint64_t, uint32_t>>& gone,
                 const std::map<uint32_t, uint64_t>& replaced, uint32_t first, unsigned threads, NightReport& report);
  // Gives entities to the clusters of these rows; `of` is by row. Rows from `first` on are new.
  void settle(const std::vector<uint32_t>& rows, const std::vector<uint32_t>& of, const std::vector<std::pair<uint64_t, uint32_t>>& gone,
              const std::map<uint32_t, uint64_t>& replaced, uint32_t first, Cause other, NightReport& report);
  std::vector<uint32_t> decided;  // rows whose decisions changed tonight, sorted
};

}  // namespace casebridge::link
