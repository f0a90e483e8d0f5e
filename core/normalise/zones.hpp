// Time zones as tables of local intervals, made once from ICU's rules; looking up an offset touches no ICU afterwards.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::normalise {

class Zone {
 public:
  enum class Kind : uint8_t { plain, gap, overlap };
  struct Local {
    Kind kind;
    int32_t offset;  // seconds east of UTC. gap: the offset before the change; overlap: the one of the first passing
  };
  // nullptr: no such zone. Loads it at the first call; the table lives as long as the program. [any-thread]
  static const Zone* find(std::string_view name);

  Local at(int64_t local_seconds) const;  // seconds since 1970-01-01T00:00 on the zone's own clocks
  int32_t offset_at(int64_t utc_seconds) const;
  const std::string& name() const { return name_; }

 private:
  struct Piece {
    int64_t from;
    int32_t offset;
    Kind kind;
  };
  std::string name_;
  std::vector<Piece> local_;                      // by local time
  std::vector<std::pair<int64_t, int32_t>> utc_;  // from this instant on, this offset
};

}  // namespace casebridge::normalise
