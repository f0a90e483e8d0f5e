// Drafts of mapping plugins: from a sample, or an empty template. A draft quotes no value of the sample: what stands in its
// tests and in its own sample is invented.
#pragma once
#include <string>
#include <vector>

#include "draft/guess.hpp"

namespace casebridge::draft {

struct Line {  // of the report: one column
  std::string place, becomes, why;
  bool mapped = false, sensitive = false;
};

struct File {
  std::string name, text;  // "mapping.yaml", below the folder
};

struct Draft {
  std::string id;
  std::vector<File> files;
  std::vector<Line> lines;
  uint64_t records = 0;
  bool cut = false;
  std::string key_words;
};

// "Tips of July.csv" -> "tips-of-july": letters, digits and -; never empty.
std::string id_from(const std::string& file);
bool good_id(const std::string& id);

Draft from_sample(const std::string& file, const std::string& id, const Safety&);  // throws NoDraft
Draft empty_template(const std::string& id);

}  // namespace casebridge::draft
