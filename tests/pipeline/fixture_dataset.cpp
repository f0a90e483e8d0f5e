// Prints the data set of the minimal and full record of every type, as JSON Lines; --xml: as XML.
#include <cstring>
#include <iostream>

#include "schema/fixtures.hpp"

int main(int argc, char** argv) {
  const bool xml = argc > 1 && std::strcmp(argv[1], "--xml") == 0;
  std::cout << (xml ? casebridge::fixtures::dataset_xml() : casebridge::fixtures::dataset_jsonl());
  return std::cout.flush() ? 0 : 1;
}
