// Related tables that lie together are one feed: which inputs belong together, of which format, and which table each is.
// A format says in its signatures ("table=NAME|FILE|A,B|optional", plugin.h) which tables it needs and how each is told.
//
// Together are the tables of one folder (or folder of an archive); those the user names one by one may lie anywhere. Where
// every table is there twice, the feeds are told apart by what the * of the patterns stands for (persons-0701.csv with
// occurrences-0701.csv); where that leaves a doubt, or a table is missing, the set is refused and nothing of it is read.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/input.hpp"
#include "host/registry.hpp"

namespace casebridge::host {

struct RelatedTable {
  std::string name, file, header;  // file, header: empty where they tell nothing; header as in "csv-header="
  bool optional = false;
};
std::vector<RelatedTable> tables_of(const FormatInfo&);  // in the format's order; empty: it has one input

// What one session reads: one input, or the tables of one feed in the format's order.
struct InputSet {
  std::vector<InputRef> refs;
  std::vector<std::string> tables;  // which table each is; empty: a single input of any format
  std::string format;               // of the tables
  std::optional<Finding> problem;   // E-TABLES-MISSING, E-TABLES-TWICE ...: it is not read
};

// `format`: what the user named (--from), or empty. Looks into files and members that may be tables; reads nothing else.
std::vector<InputSet> into_sets(const Registry&, std::vector<InputRef>, const std::string& format, const InputLimits& = {});

}  // namespace casebridge::host
