// From what the user typed to the list of inputs: files, folders, patterns, "-", archives and single members of archives.
// The order is fixed: arguments as given; within a folder or pattern by path, bytewise; within an archive as it has them.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "host/input.hpp"

namespace casebridge::host {

// A folder is walked into (hidden files and symbolic links to folders left out); an archive gives all its members;
// "set.zip!persons.csv" and "set.zip!*.csv" name members. What is missing, empty or given up is a finding: with an error
// among them for an input, nothing of that input is in the list.
std::vector<InputRef> expand(std::span<const std::string> arguments, const InputLimits&, std::vector<Finding>& findings);

}  // namespace casebridge::host
