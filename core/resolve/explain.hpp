// Why two records are one person or not, and what holds a cluster together: in words, with both values, their places, the
// level of agreement and its weight. Values pass the gate.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "handle/gate.hpp"
#include "link/decisions.hpp"
#include "link/explain.hpp"
#include "resolve/items.hpp"

namespace casebridge::resolve {

struct FieldRow {
  std::string field;             // name for machines
  std::string label, level;      // in the language of the process
  std::string a, b;              // values, joined by "; " where there are several
  std::string a_place, b_place;  // file and line
  int32_t weight = 0;
};

struct PairReport {
  std::string sentences;
  std::vector<FieldRow> rows;
  link::PairExplanation is;
};

struct Bridge {
  uint32_t a = 0, b = 0;  // items
  int32_t score = 0;
};

class Explainer {
 public:
  // Of these persons only: the model knows how common values are, so the rest of the data is not needed.
  // Throws std::runtime_error: a file that is not what it should be.
  Explainer(const Items& items, std::vector<uint32_t> persons, std::string_view model_json, std::string_view decisions_csv,
            const std::vector<std::string>& deduplicated, const handle::Gate& gate);
  ~Explainer();
  PairReport pair(uint32_t a, uint32_t b) const;  // items
  std::vector<Bridge> path() const;               // of all of them, strongest first; the last is the weakest bridge
  std::string place(uint32_t item) const;

 private:
  struct State;
  std::unique_ptr<State> s_;
};

std::string field_label(unsigned field);  // in the language of the process

}  // namespace casebridge::resolve
