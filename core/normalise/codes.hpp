// Words of a source -> codes of the model's lists. A word is the code itself, or its English or French label; case,
// accents and white space do not count. Anything else is unusable: text outside the list never stands in a coded field.
// Immutable after construction; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/model.hpp"
#include "normalise/normal.hpp"

namespace casebridge::normalise {

class CodeIndex {
 public:
  explicit CodeIndex(const model::CodeList&);
  // Issues: E-CODE-UNKNOWN (unusable), E-CODE-UNVERIFIED and E-CODE-REPLACED (normal form stands).
  Normal find(std::string_view text) const;

 private:
  const model::CodeList* list_;
  std::unordered_map<std::string, const model::CodeRow*> words_;  // nullptr: two rows share the word
};

// ISO lists, from ICU's tables: code or English or French name, read once.
Normal normalise_country(std::string_view);   // ISO 3166-1 alpha-2: "Canada", "CAN", "ca", "États-Unis"
Normal normalise_language(std::string_view);  // ISO 639-2: "French", "fr", "fra", "ojibwé"
Normal normalise_currency(std::string_view);  // ISO 4217; "$" is not one
void warm_codes();

}  // namespace casebridge::normalise
