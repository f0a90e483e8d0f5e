// What the values of a column look like, counted and never kept.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace casebridge::draft {

enum class Shape : uint8_t {
  any,
  text,
  name,
  id,
  digits,
  date,
  gender,
  role,
  country,
  postal,
  latitude,
  longitude,
  plate,
  vin,
  year,
  phone,
  email,
  url,
  ip,
  imei,
  mac,
  hash32,
  hash40,
  hash64,
  count
};

// A way to write dates: an LDML pattern (empty: ISO 8601) and an invented date written so.
struct DateForm {
  std::string pattern, example;
};
const std::vector<DateForm>& date_forms();

// The words of the tables that a draft writes under codes; matched in any case.
struct CodeWord {
  const char *word, *code;
};
const std::vector<CodeWord>& gender_words();
const std::vector<CodeWord>& role_words();

class Shapes {
 public:
  void see(std::string_view value);

  uint64_t values = 0;
  uint64_t separated = 0;  // of them: several telephone numbers, mail addresses … with a semicolon between
  uint64_t distinct() const { return hashes_.size(); }
  bool distinct_known() const { return !overflow_; }
  double share(Shape) const;  // of the values; text and any: 1
  // The form that most of the values that were tried have; the first of `rivals` has another order of day and month and
  // fits as many. nullptr: no form at all.
  const DateForm* date(double& share, std::vector<const DateForm*>& rivals) const;

 private:
  static constexpr size_t kDatesTried = 2000, kDistinct = 200'000;
  std::array<uint64_t, static_cast<size_t>(Shape::count)> fits_{};
  std::vector<uint64_t> dates_;
  uint64_t tried_ = 0;
  std::unordered_set<size_t> hashes_;
  bool overflow_ = false;
};

}  // namespace casebridge::draft
