#include "normalise/zones.hpp"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>
#include <unicode/tzrule.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <mutex>

#include "normalise/civil.hpp"

namespace casebridge::normalise {
namespace {
// Offsets on the wire have minutes only; local mean time before standard time is rounded to them.
int32_t whole_minutes(int64_t seconds) { return static_cast<int32_t>((seconds >= 0 ? seconds + 30 : seconds - 30) / 60 * 60); }
}  // namespace

const Zone* Zone::find(std::string_view name) {
  static std::mutex lock;
  static std::map<std::string, std::unique_ptr<Zone>, std::less<>> known;
  const std::lock_guard hold(lock);
  if (const auto at = known.find(name); at != known.end()) return at->second.get();
  auto& slot = known[std::string(name)];
  std::unique_ptr<icu::TimeZone> tz(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(std::string(name))));
  if (!tz || *tz == icu::TimeZone::getUnknown()) return nullptr;
  const auto* basic = dynamic_cast<const icu::BasicTimeZone*>(tz.get());
  if (!basic) return nullptr;
  auto zone = std::make_unique<Zone>();
  zone->name_ = name;
  int32_t raw = 0, dst = 0;
  UErrorCode status = U_ZERO_ERROR;
  const double begin = static_cast<double>(days_from_civil(1800, 1, 1)) * 86400000.0;
  const int64_t end = days_from_civil(2200, 1, 1) * 86400;
  tz->getOffset(begin, false, raw, dst, status);
  if (U_FAILURE(status)) return nullptr;
  constexpr int64_t kEver = std::numeric_limits<int64_t>::min();
  zone->utc_.emplace_back(kEver, whole_minutes((raw + dst) / 1000));
  icu::TimeZoneTransition change;
  for (double at = begin; basic->getNextTransition(at, false, change);) {
    at = change.getTime();
    const auto seconds = static_cast<int64_t>(at / 1000.0);
    if (seconds >= end) break;
    const int32_t after = whole_minutes((change.getTo()->getRawOffset() + change.getTo()->getDSTSavings()) / 1000);
    if (after != zone->utc_.back().second) zone->utc_.emplace_back(seconds, after);
  }
  zone->local_.push_back({kEver, zone->utc_[0].second, Kind::plain});
  for (size_t i = 1; i < zone->utc_.size(); ++i) {
    const auto [when, after] = zone->utc_[i];
    const int32_t before = zone->utc_[i - 1].second;
    // A change forward skips [when+before, when+after); a change back passes [when+after, when+before) twice.
    zone->local_.push_back({when + std::min(before, after), before, after > before ? Kind::gap : Kind::overlap});
    zone->local_.push_back({when + std::max(before, after), after, Kind::plain});
  }
  slot = std::move(zone);
  return slot.get();
}

Zone::Local Zone::at(int64_t local) const {
  const auto piece = std::upper_bound(local_.begin(), local_.end(), local, [](int64_t l, const Piece& p) { return l < p.from; }) - 1;
  return {piece->kind, piece->offset};
}

int32_t Zone::offset_at(int64_t utc) const {
  return (std::upper_bound(utc_.begin(), utc_.end(), utc, [](int64_t u, const auto& p) { return u < p.first; }) - 1)->second;
}

}  // namespace casebridge::normalise
