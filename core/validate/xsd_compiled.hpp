// One entry point compiled for either validator. Internal to core/validate.
#pragma once
#include <memory>

#include "validate/xsd.hpp"

typedef struct _xmlSchema xmlSchema;

namespace casebridge::validate {

struct StrictGrammar;  // Xerces; in xsd_strict.cpp
struct StrictDeleter {
  void operator()(StrictGrammar*) const;
};

struct CompiledXsd {
  ~CompiledXsd();
  xmlSchema* fast = nullptr;
  std::unique_ptr<StrictGrammar, StrictDeleter> strict;
  bool broken = false;
  std::string path;
};

// Both report E-XSD-SCHEMA with file and line, and return false, when the schema itself is broken.
bool compile_fast(const XsdIndex& index, uint32_t file, CompiledXsd& into, const read::XmlReport& report);
bool compile_strict(const XsdIndex& index, uint32_t file, CompiledXsd& into, const read::XmlReport& report);
std::unique_ptr<read::XmlJudge> make_fast_judge(const XsdSet& set);
std::unique_ptr<read::XmlJudge> make_strict_judge(const XsdSet& set);

// Where a problem of the present tag stands: the attribute the words name, the text, or the tag. `path`: start marks of
// the open elements. Where one of them is named after a sensitive number (an SSN), the validator's words, which quote the
// value, are left out.
Finding xsd_finding(std::string_view code, std::string element, std::string words, const read::XmlMark& mark,
                    const std::vector<read::XmlAttributeMark>& attributes, const std::vector<read::XmlMark>& path);

}  // namespace casebridge::validate
