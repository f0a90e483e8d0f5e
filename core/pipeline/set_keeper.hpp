// A Keeper that can take the files of one feed together: related tables, of which each has its own books and its own Source
// line and which are known or withdrawn only as a whole. Asked for by dynamic_cast where a feed has several files.
#pragma once
#include <span>
#include <string>

#include "model/record.hpp"
#include "pipeline/books.hpp"

namespace casebridge::pipeline {

class SetKeeper {
 public:
  virtual ~SetKeeper() = default;
  // As Keeper::begin_feed, once for the whole set; the books and the lines stand in the order of the files.
  virtual bool begin_set(std::span<const FeedBooks>, std::span<const Record> source_lines, std::string& why_not) = 0;
};

}  // namespace casebridge::pipeline
