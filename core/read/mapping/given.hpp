// What a test of a mapping gives to read, as inputs in memory: rows become the table or the lines they stand for.
#pragma once
#include <deque>
#include <memory>
#include <string>

#include "casebridge/plugin.h"
#include "read/mapping/program.hpp"

namespace casebridge::read::mapping {

struct Given {                     // one input in memory
  std::string name, bytes, table;  // table: of a feed of several
  size_t at = 0;
  cb_input raw{};
  Given(std::string name, std::string bytes);
  Given(const Given&) = delete;
};

std::deque<Given> inputs_of(const Program&, const Yaml& given);

}  // namespace casebridge::read::mapping
