#include <boost/test/unit_test.hpp>

#include <set>

#include "casebridge/model.h"
#include "normalise/ids.hpp"
#include "normalise/ledgers.hpp"

using namespace casebridge;
using namespace casebridge::normalise;

namespace {
Uuid id(uint64_t n) { return uuid5("test " + std::to_string(n)); }
Record record(const Uuid& id, uint64_t content, uint32_t source = 1) {
  Record r;
  r.type = model::record_type("Person");
  r.id = id;
  r.content_hash = content;
  r.source = source;
  return r;
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_same_id_again_is_a_repeat_or_a_new_version) {
  VersionLedger ledger("/tmp");
  using V = VersionLedger::Verdict;
  Record a = record(id(1), 10), b = record(id(1), 10, 2), c = record(id(1), 11, 3), d = record(id(1), 11, 4), e = record(id(2), 10);
  BOOST_TEST((ledger.see(a) == V::fresh));
  BOOST_TEST((ledger.see(b) == V::repeat));
  BOOST_TEST((ledger.see(c) == V::new_version));
  BOOST_TEST(c.version == 2u);
  BOOST_TEST((ledger.see(d) == V::repeat));
  BOOST_TEST((ledger.see(e) == V::fresh));
  Record back = record(id(1), 10);
  BOOST_TEST((ledger.see(back) == V::new_version));  // as it was at first: again a change, so again a version
  BOOST_TEST(back.version == 3u);
  Record own = record(id(9), 1);
  own.version = 4;
  BOOST_TEST((ledger.see(own) == V::fresh));
  BOOST_TEST(own.version == 4u);
  ledger.seed(id(5), 7, 70);
  Record seeded = record(id(5), 71);
  BOOST_TEST((ledger.see(seeded) == V::new_version));
  BOOST_TEST(seeded.version == 8u);
}

BOOST_AUTO_TEST_CASE(repeats_leave_the_batch_and_units_stay_in_step) {
  VersionLedger ledger("/tmp");
  RecordBatch batch;
  for (const uint64_t n : {1, 2, 1, 3, 2, 4}) batch.records.push_back(record(id(n), n));
  for (uint32_t i = 0; i < 3; ++i) {
    Unit u;
    u.first_record = i * 2;
    u.n_records = 2;
    batch.units.push_back(u);
  }
  BOOST_TEST(ledger.see(batch) == 2u);
  BOOST_REQUIRE(batch.records.size() == 4u);
  BOOST_TEST(batch.units[1].first_record == 2u);
  BOOST_TEST(batch.units[1].n_records == 1u);
  BOOST_TEST((batch.records[batch.units[1].first_record].id == id(3)));
  BOOST_TEST((batch.records[batch.units[2].first_record].id == id(4)));
}

BOOST_AUTO_TEST_CASE(ledgers_give_the_same_answers_from_disk) {
  VersionLedger small("/tmp", 4096 * 40), large("/tmp");
  for (uint64_t n = 0; n < 60000; ++n) {
    Record a = record(id(n % 40000), n % 7), b = a;
    BOOST_REQUIRE((small.see(a) == large.see(b)));
    BOOST_REQUIRE(a.version == b.version);
  }
  std::set<Uuid> spilled, kept;
  for (const bool little : {true, false}) {
    ReferenceLedger refs("/tmp", little ? 1 : size_t(64) << 20);
    for (uint64_t n = 0; n < 20000; ++n) {
      refs.refers({id(n), id(n * 3), tag::Custody_subject, 1, n});
      if (n % 2) refs.exists(id(n * 3 / 2));
    }
    refs.finish([&](const DanglingReference& r) { (little ? spilled : kept).insert(r.to); });
  }
  BOOST_TEST(!kept.empty());
  BOOST_TEST((spilled == kept));
}

BOOST_AUTO_TEST_CASE(references_are_found_forward_backward_and_in_another_file) {
  ReferenceLedger refs("/tmp");
  const auto batch_of = [](const Uuid& from, const std::string& to) {
    auto batch = std::make_unique<RecordBatch>();
    Record r = record(from, 0);
    r.type = model::record_type("Custody");
    Value v;
    v.field = tag::Custody_subject;
    v.text = batch->arena.keep(to);
    r.values.push_back(v);
    batch->records.push_back(r);
    Unit u;
    u.n_records = 1;
    batch->units.push_back(u);
    return batch;
  };
  refs.add(*batch_of(id(1), to_text(id(2))));  // forward
  refs.add(*batch_of(id(2), to_text(id(1))));  // backward
  refs.add(*batch_of(id(3), to_text(id(3))));  // itself
  refs.add(*batch_of(id(4), to_text(id(99))));
  refs.add(*batch_of(id(4), to_text(id(99))));  // told once
  std::vector<DanglingReference> found;
  refs.finish([&](const DanglingReference& r) { found.push_back(r); });
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST((found[0].from == id(4) && found[0].to == id(99) && found[0].field == tag::Custody_subject));
  BOOST_TEST(refs.made() == 0u);
}
