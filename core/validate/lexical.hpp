// Lexical forms of the case model, matched by hand because every value of every record passes here. The same forms stand
// as patterns in core/model/modelgen/forms.cpp, from where they reach XSD and JSON Schema; a test holds the two together.
#pragma once
#include <cstdint>
#include <string_view>

namespace casebridge::validate {

enum class Form : uint8_t {
  text,
  code,
  date,
  dateTime,
  when,
  integer,
  count,
  version,
  year,
  boolean,
  decimal,
  latitude,
  longitude,
  share,
  uuid,
  pointer,
  agencyKey,
  country,
  language,
  currency,
  sha256,
  url,
  semver,
  other
};

Form form_of(std::string_view name);            // "latitude"; a ref is a uuid; other: not the form of a single value
bool matches(Form, std::string_view) noexcept;  // text: not empty, and XML 1.0 can hold it; code and other: true

}  // namespace casebridge::validate
