#include "read/mapping/sorted_bytes.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "casebridge/batch.hpp"

using namespace casebridge;
using namespace casebridge::read::mapping;

namespace {

struct Room {  // a spill file in memory
  std::string bytes;
  cb_spill raw{sizeof(cb_spill),
               0,
               this,
               0,
               [](void* self, const void* from, uint64_t size) -> int64_t {
                 std::string& to = static_cast<Room*>(self)->bytes;
                 const auto at = static_cast<int64_t>(to.size());
                 to.append(static_cast<const char*>(from), size);
                 return at;
               },
               [](void* self, uint64_t offset, void* into, uint64_t size) -> cb_status {
                 const std::string& from = static_cast<Room*>(self)->bytes;
                 if (offset + size > from.size()) return CB_E_IO;
                 from.copy(static_cast<char*>(into), size, offset);
                 return CB_OK;
               }};
};

using Pieces = std::map<std::pair<uint64_t, uint64_t>, std::string>;

Pieces fill(SortedBytes& sorted, size_t n) {
  Pieces all;
  std::mt19937_64 random(11);
  for (size_t i = 0; i < n; ++i) {
    const uint64_t a = random() % (n / 3 + 1);
    const std::string text(random() % 300, static_cast<char>('a' + i % 26));
    sorted.add(a, i, text);
    all[{a, i}] = text;
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_order_is_the_same_in_memory_and_beyond) {
  for (const uint64_t memory : {uint64_t(1) << 30, uint64_t(20'000), uint64_t(400)}) {  // none, some, and more runs than are merged at once
    Room room;
    SortedBytes sorted(&room.raw, memory, "test");
    const Pieces all = fill(sorted, 3000);
    sorted.sort();
    BOOST_TEST(sorted.spilled() == (memory < (1u << 30)));
    auto next = all.begin();
    for (SortedBytes::Piece p; sorted.next(p); ++next) {
      BOOST_REQUIRE(next != all.end());
      BOOST_REQUIRE((p.a == next->first.first && p.b == next->first.second && p.bytes == next->second));
    }
    BOOST_TEST((next == all.end()));
  }
}

BOOST_AUTO_TEST_CASE(every_piece_is_found_by_its_number_and_no_other) {
  for (const uint64_t memory : {uint64_t(1) << 30, uint64_t(5'000)}) {
    Room room;
    SortedBytes sorted(&room.raw, memory, "test");
    const Pieces all = fill(sorted, 2000);
    for (uint64_t a = 0; a < 700; ++a) {
      std::vector<uint64_t> found, expected;
      sorted.find(a, [&](const SortedBytes::Piece& p) {
        BOOST_REQUIRE((p.bytes == all.at({p.a, p.b})));
        found.push_back(p.b);
      });
      for (const auto& [key, text] : all)
        if (key.first == a) expected.push_back(key.second);
      BOOST_REQUIRE((found == expected));
    }
    sorted.sort();  // and all of them in order after that
    size_t n = 0;
    for (SortedBytes::Piece p; sorted.next(p);) ++n;
    BOOST_TEST(n == all.size());
  }
}

BOOST_AUTO_TEST_CASE(without_room_the_limit_is_a_failure_with_its_words) {
  SortedBytes sorted(nullptr, 1000, "the size of a joined table");
  try {
    for (uint64_t i = 0; i < 100; ++i) sorted.add(i, 0, std::string(50, 'x'));
    BOOST_FAIL("it held more than it may");
  } catch (const Failure& f) {
    BOOST_TEST(f.status == CB_E_LIMIT);
    BOOST_TEST(f.code == "E-MAP-TOO-MUCH");
  }
}
