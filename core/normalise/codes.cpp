#include "normalise/codes.hpp"

#include <unicode/locid.h>
#include <unicode/ucurr.h>
#include <unicode/uloc.h>

#include "normalise/folding.hpp"

namespace casebridge::normalise {

CodeIndex::CodeIndex(const model::CodeList& list) : list_(&list) {
  const auto add = [&](std::string_view word, const model::CodeRow& row) {
    if (word.empty()) return;
    const auto [at, fresh] = words_.emplace(fold(word), &row);
    if (!fresh && at->second != &row) at->second = nullptr;
  };
  for (const model::CodeRow& row : list.rows) {
    add(row.en, row);
    add(row.fr, row);
  }
  // A code beats a label that happens to read like it.
  for (const model::CodeRow& row : list.rows) words_[fold(row.code)] = &row;
}

Normal CodeIndex::find(std::string_view text) const {
  const std::string_view given = trim(text);
  const model::CodeRow* row = list_->find(given);
  if (!row) {
    const auto at = words_.find(fold(given));
    if (at != words_.end()) row = at->second;
  }
  if (row) {
    if (row->unverified) return Normal::noted(std::string(row->code), "E-CODE-UNVERIFIED", std::string(list_->name));
    if (!row->replaced_by.empty()) return Normal::noted(std::string(row->code), "E-CODE-REPLACED", std::string(row->replaced_by));
    return Normal::good(std::string(row->code));
  }
  if (list_->open && list_->accepts(given)) return Normal::good(std::string(given));
  return Normal::unusable("E-CODE-UNKNOWN", std::string(list_->name));
}

namespace {

class Names {
 public:
  enum Kind { country, language };
  explicit Names(Kind kind) {
    for (const char* const* code = kind == country ? icu::Locale::getISOCountries() : icu::Locale::getISOLanguages(); *code; ++code) {
      const icu::Locale locale = kind == country ? icu::Locale("", *code) : icu::Locale(*code);
      const std::string three = kind == country ? locale.getISO3Country() : locale.getISO3Language();
      const std::string normal = kind == country ? std::string(*code) : three;
      if (normal.empty() || (kind == language && three.size() != 3)) continue;
      codes_.emplace(fold(*code), normal);
      if (!three.empty()) codes_.emplace(fold(three), normal);
      for (const char* tongue : {"en", "fr"}) {
        icu::UnicodeString name;
        if (kind == country) locale.getDisplayCountry(icu::Locale(tongue), name);
        else locale.getDisplayLanguage(icu::Locale(tongue), name);
        std::string text;
        name.toUTF8String(text);
        const auto [at, fresh] = names_.emplace(fold(text), normal);
        if (!fresh && at->second != normal) at->second.clear();  // one name for two: no guess
      }
    }
    if (kind == country) {
      for (const auto& [word, code] : {std::pair{"usa", "US"},
                                       {"united states of america", "US"},
                                       {"etats-unis d'amerique", "US"},
                                       {"u.s.a.", "US"},
                                       {"u.s.", "US"},
                                       {"uk", "GB"},
                                       {"great britain", "GB"},
                                       {"england", "GB"},
                                       {"angleterre", "GB"}})
        names_[word] = code;
    } else {
      // Bibliographic codes of ISO 639-2, and the names of languages spoken in Ontario as people write them.
      for (const auto& [word, code] : {std::pair{"fre", "fra"},
                                       {"ger", "deu"},
                                       {"chi", "zho"},
                                       {"dut", "nld"},
                                       {"gre", "ell"},
                                       {"per", "fas"},
                                       {"rum", "ron"},
                                       {"ojibwe", "oji"},
                                       {"ojibway", "oji"},
                                       {"cree", "cre"},
                                       {"cri", "cre"},
                                       {"francais", "fra"},
                                       {"anglais", "eng"},
                                       {"inuktitut", "iku"},
                                       {"farsi", "fas"},
                                       {"mandarin", "zho"}})
        names_[word] = code;
    }
  }
  const std::string* find(std::string_view text) const {
    const std::string word = fold(text);
    if (const auto at = codes_.find(word); at != codes_.end()) return &at->second;
    if (const auto at = names_.find(word); at != names_.end() && !at->second.empty()) return &at->second;
    return nullptr;
  }

 private:
  std::unordered_map<std::string, std::string> codes_, names_;
};

const Names& countries() {
  static const Names n(Names::country);
  return n;
}
const Names& languages() {
  static const Names n(Names::language);
  return n;
}

}  // namespace

void warm_codes() {
  (void)countries();
  (void)languages();
  (void)normalise_currency("CAD");
}

Normal normalise_country(std::string_view text) {
  const std::string* code = countries().find(text);
  return code ? Normal::good(*code) : Normal::unusable("E-CODE-UNKNOWN", "ISO 3166");
}
Normal normalise_language(std::string_view text) {
  const std::string* code = languages().find(text);
  return code ? Normal::good(*code) : Normal::unusable("E-CODE-UNKNOWN", "ISO 639-2");
}
Normal normalise_currency(std::string_view text) {
  const std::string code = upper(trim(text));
  if (code.size() == 3 && letter(code[0]) && letter(code[1]) && letter(code[2])) {
    const char16_t wide[4] = {static_cast<char16_t>(code[0]), static_cast<char16_t>(code[1]), static_cast<char16_t>(code[2]), 0};
    if (ucurr_getNumericCode(wide)) return Normal::good(code);
  }
  return Normal::unusable("E-CODE-UNKNOWN", "ISO 4217");
}

}  // namespace casebridge::normalise
