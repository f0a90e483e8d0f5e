// Rows that jobs and reviewers put into a store, through its own interface: what the program found, decisions, quarantine,
// data sets that left, and the key of the keyed hashes.
#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "casebridge/model.h"
#include "model/model.hpp"
#include "normalise/ids.hpp"
#include "pipeline/lines.hpp"
#include "store/audit.hpp"
#include "store/diff.hpp"
#include "store/loader.hpp"
#include "store/store.hpp"

namespace {

using namespace casebridge;
using namespace casebridge::store;
using Names = std::vector<std::string>;

std::string at(int day) { return "2099-01-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T06:00:00Z"; }
std::string id_text(int n) { return "00000000-0000-5000-8000-" + std::string(12 - std::to_string(n).size(), '0') + std::to_string(n); }
Uuid id_of(int n) {
  Uuid out;
  BOOST_REQUIRE(normalise::parse_uuid(id_text(n), out));
  return out;
}

// A store in a folder of its own, and files of people: person n has the local id "P-n".
struct Fixture {
  Fixture() : folder(std::filesystem::temp_directory_path() / ("store_rows_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    Store::create(path(), at(1));
    open();
  }
  ~Fixture() {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  std::string path() const { return (folder / "case.store").string(); }
  void open() { store = std::make_unique<Store>(path(), Store::Mode::write, "test", at(1)); }

  Record& person(RecordBatch& batch, int n, const std::string& name) {
    Record& r = batch.add();
    r.type = model::record_type("Person");
    r.id = id_of(n);
    r.source = 1;
    r.place = {uint64_t(n) * 100, 90, uint64_t(n), 1};
    r.local_id = batch.arena.keep("P-" + std::to_string(n));
    r.blocks.push_back({tag::Person_names, 0, 1});
    r.block_values.push_back({});
    r.block_values[0].field = tag::Person_names_full;
    r.block_values[0].text = batch.arena.keep(name);
    r.content_hash = normalise::stable_hash(name + "," + std::to_string(n));
    return r;
  }

  int64_t load(int day, const std::string& file, const std::vector<std::pair<int, std::string>>& people, bool broken = false) {
    const int64_t run = store->begin_run("load", at(day), file);
    {
      Loader loader(*store);
      pipeline::FeedBooks books;
      books.input = file, books.format = "test", books.sha256 = std::string(63, 'a') + std::to_string(file.size() % 10),
      books.agency = "example-ps";
      books.system = "RMS", books.mapping = "1", books.bytes = 1000;
      RecordBatch lines, batch;
      pipeline::LineBuilder line(lines, "Source");
      line.set("name", file).set("agency", "example-ps").set("system", "RMS").set("handling/handlingCode", "P").done();
      lines.records.back().source = 1;
      std::string why;
      BOOST_REQUIRE(loader.begin_feed(books, lines.records, why));
      for (const auto& [n, name] : people) loader.record(person(batch, n, name));
      if (broken) {
        emit::QuarantineItem item;
        item.source = 1, item.input = file, item.place = {5000, 20, 50, 1}, item.raw = "BROKEN LINE P-990001";
        Finding why_broken;
        why_broken.code = "E-DATE-IMPOSSIBLE", why_broken.line = 50, why_broken.column = 3;
        item.reasons.push_back(why_broken);
        loader.quarantined(item);
      }
      loader.end_feed(books);
    }
    store->commit_run();
    return run;
  }

  // Entities: number -> people.
  Store::Derived link(int day, const std::vector<std::pair<int, std::vector<int>>>& entities, const std::string& cause = "night") {
    store->begin_run("link", at(day), cause);
    RecordBatch batch;
    for (const auto& [n, members] : entities) {
      Record& r = batch.add();
      r.type = model::record_type("Cluster");
      r.id = id_of(900 + n);
      Value type;
      type.field = tag::Cluster_entityType, type.text = "Person";
      r.values.push_back(type);
      for (const int member : members) {
        r.blocks.push_back({tag::Cluster_members, static_cast<uint32_t>(r.block_values.size()), 1});
        Value ref;
        ref.field = tag::Cluster_members_ref, ref.text = batch.arena.keep(id_text(member));
        r.block_values.push_back(ref);
      }
    }
    const auto out = store->put_derived(batch.records);
    store->commit_run();
    return out;
  }

  Names changes(int64_t since) {
    std::vector<GoneCount> gone;
    Names out;
    for (const Change& c : diff(*store, since, gone)) {
      std::string with;
      for (const std::string& one : c.with) with += " " + one.substr(one.size() - 3);
      out.push_back(c.what + " " + c.type + " " + c.id.substr(c.id.size() - 3) + " by " + c.kind + " " + c.cause + ":" + with);
    }
    return out;
  }

  void whole() {
    const AuditReport report = verify(*store);
    for (const std::string& problem : report.problems) BOOST_ERROR(problem);
  }

  std::filesystem::path folder;
  std::unique_ptr<Store> store;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_rows, Fixture)

BOOST_AUTO_TEST_CASE(what_the_program_found_is_put_as_a_whole_and_compared) {
  load(2, "one.csv", {{1, "A"}, {2, "B"}, {3, "C"}, {4, "D"}});
  auto n = link(2, {{1, {1, 2}}, {2, {3, 4}}});
  BOOST_TEST((n.added == 2 && n.changed == 0 && n.ended == 0 && n.unchanged == 0));
  n = link(3, {{2, {3, 4}}, {1, {1, 2}}});
  BOOST_TEST((n.added == 0 && n.changed == 0 && n.ended == 0 && n.unchanged == 2));
  n = link(4, {{1, {1, 2, 3}}});
  BOOST_TEST((n.added == 0 && n.changed == 1 && n.ended == 1 && n.unchanged == 0));
  n = link(5, {{1, {1, 2, 3}}, {2, {3, 4}}});  // one that had ended comes back as a version of its own
  BOOST_TEST((n.added == 1 && n.changed == 0 && n.ended == 0 && n.unchanged == 1));
  BOOST_TEST(store->db().number("SELECT max(\"version\") FROM \"Record\" WHERE \"id\"='" + id_text(902) + "'") == 2);
  BOOST_TEST(store->db().number("SELECT count(*) FROM \"entity_members\"") == 5);
  whole();
}

BOOST_AUTO_TEST_CASE(diff_tells_what_became_of_entities_and_by_what_cause) {
  const int64_t first = load(2, "one.csv", {{1, "A"}, {2, "B"}, {3, "C"}, {4, "D"}, {5, "E"}, {6, "F"}, {7, "G"}});
  link(2, {{1, {1, 2}}, {2, {3, 4}}, {3, {5, 6}}});
  const int64_t linked = store->last_run();
  BOOST_TEST(changes(first) == (Names{"created Cluster 901 by link night: 001 002", "created Cluster 902 by link night: 003 004",
                                      "created Cluster 903 by link night: 005 006"}),
             boost::test_tools::per_element());
  link(3, {{1, {1, 2, 7}}, {2, {3, 4}}, {3, {5, 6}}}, "a new feed");
  BOOST_TEST(changes(linked) == (Names{"joined Cluster 901 by link a new feed: 007"}), boost::test_tools::per_element());
  int64_t before = store->last_run();
  link(4, {{1, {1, 2, 3, 4, 7}}, {3, {5, 6}}}, "decided");
  BOOST_TEST(changes(before) == (Names{"merged Cluster 901 by link decided: 901 902"}), boost::test_tools::per_element());
  before = store->last_run();
  link(5, {{1, {1, 2, 7}}, {2, {3, 4}}, {3, {5, 6}}}, "taken back");
  BOOST_TEST(changes(before) == (Names{"split Cluster 901 by link taken back: 901 902"}), boost::test_tools::per_element());
  before = store->last_run();
  link(6, {{1, {1, 2}}, {2, {3, 4}}}, "less");
  BOOST_TEST(changes(before) == (Names{"ended Cluster 903 by link less:", "left Cluster 901 by link less: 007"}),
             boost::test_tools::per_element());
  // Over several runs the causes are those of the last version.
  const Names all = changes(linked);
  BOOST_TEST(all == (Names{"ended Cluster 903 by link less:"}), boost::test_tools::per_element());
  whole();
}

BOOST_AUTO_TEST_CASE(decisions_are_kept_and_go_with_the_record_they_name) {
  load(2, "one.csv", {{990001, "A"}, {990002, "B"}});
  DecisionRow d{
      "link", "example-ps", "RMS", "P-990001", "example-ps", "RMS", "P-990002", "DIFFERENT", "analyst", at(2), "not the same birthmark"};
  store->put_decision(d);
  d.a_agency = "other-ps";  // another agency's record of the same number
  d.b_local_id = "P-990003";
  store->put_decision(d);
  store->put_decision({"drift", {}, {}, {}, {}, {}, {}, "ACCEPTED", "integrator", at(2), "the sender confirmed"});
  BOOST_TEST(store->decisions().size() == 3u);
  BOOST_TEST(store->decisions("link").size() == 2u);
  BOOST_TEST(store->decisions("link")[0].reason == "not the same birthmark");
  whole();
  store.reset();
  open();
  BOOST_TEST(store->decisions("drift")[0].by == "integrator");
  BOOST_TEST(store->withdraw("one.csv", at(3), "analyst", "test").records == 2u);
  BOOST_REQUIRE(store->decisions("link").size() == 1u);
  BOOST_TEST(store->decisions("link")[0].a_agency == "other-ps");
  BOOST_TEST(store->decisions("drift").size() == 1u);
  whole();
}

BOOST_AUTO_TEST_CASE(an_edited_item_is_a_new_one_and_the_original_stays) {
  load(2, "one.csv", {{1, "A"}}, true);
  BOOST_REQUIRE(store->quarantine().size() == 1u);
  const auto first = store->quarantine("open", true)[0];
  BOOST_TEST(first.raw == "BROKEN LINE P-990001");
  BOOST_TEST(first.reasons.at(0).code == "E-DATE-IMPOSSIBLE");
  const int64_t second = store->edit_quarantine(first.item, "MENDED LINE", "analyst", "the officer's notebook");
  const int64_t third = store->edit_quarantine(second, "MENDED AGAIN", "analyst", "a slip");
  BOOST_TEST(store->quarantine_item(first.item)->state == "edited");
  BOOST_TEST(store->quarantine_item(first.item)->raw == "BROKEN LINE P-990001");
  BOOST_TEST(store->quarantine_item(third)->of == second);
  BOOST_TEST(store->quarantine_item(second)->of == first.item);
  BOOST_TEST(store->quarantine_item(third)->place.line == 50u);
  BOOST_TEST(store->quarantine_item(third)->why == "a slip");
  store->set_quarantine_state(third, "replayed", "analyst", "a slip");
  BOOST_TEST(store->quarantine().empty());
  BOOST_CHECK_THROW(store->set_quarantine_state(4711, "discarded", "analyst", ""), StoreError);
  BOOST_CHECK_THROW(store->edit_quarantine(4711, "x", "analyst", ""), StoreError);
  whole();
  store->withdraw("one.csv", at(3), "analyst", "test");
  BOOST_TEST(store->quarantine({}).empty());  // with all that came of it
  whole();
}

BOOST_AUTO_TEST_CASE(who_has_received_what_is_listed_when_it_is_withdrawn) {
  load(2, "one.csv", {{1, "A"}, {2, "B"}});
  load(3, "seven77.csv", {{3, "C"}});
  const auto send = [&](int day, const std::string& to, const std::string& name, std::initializer_list<int> people) {
    ExportRow row;
    row.time = at(day), row.recipient = to, row.name = name, row.purpose = "CSPA_DUTY", row.sha256 = "-";
    const int64_t number = store->put_export(row);
    std::vector<std::pair<Uuid, uint32_t>> sent;
    for (const int n : people) sent.emplace_back(id_of(n), 1);
    store->put_received(number, to, sent);
  };
  send(4, "joint-force", "joint.jsonl", {1, 2});
  send(5, "joint-force", "joint.jsonl", {1});
  send(6, "crown", "crown.jsonl", {3});
  BOOST_TEST(store->exports().size() == 3u);
  BOOST_TEST(store->db().number("SELECT count(*) FROM \"record_received\"") == 3);
  whole();
  const auto gone = store->withdraw(id_text(1), at(7), "analyst", "test");
  BOOST_TEST(gone.recipients == (Names{"joint-force: joint.jsonl (" + at(4) + ")", "joint-force: joint.jsonl (" + at(5) + ")"}),
             boost::test_tools::per_element());
  BOOST_TEST(store->withdraw(id_text(2), at(7), "analyst", "test").recipients == (Names{"joint-force: joint.jsonl (" + at(4) + ")"}),
             boost::test_tools::per_element());
  BOOST_TEST(store->withdraw("seven77.csv", at(7), "analyst", "test").recipients == (Names{"crown: crown.jsonl (" + at(6) + ")"}),
             boost::test_tools::per_element());
  BOOST_TEST(store->exports().size() == 3u);  // that something was sent stays on record
  whole();
}

BOOST_AUTO_TEST_CASE(without_the_key_nothing_can_be_asked_and_the_chain_still_holds) {
  load(2, "one.csv", {{1, "A"}, {2, "B"}});
  store->withdraw(id_text(1), at(3), "analyst", "test");
  BOOST_REQUIRE(store->taken(id_text(1)));
  BOOST_TEST(store->taken(id_text(1))->rule == "withdrawn");
  BOOST_TEST(store->taken(id_text(1))->records == 1u);
  BOOST_TEST(!store->taken(id_text(2)));
  BOOST_TEST(store->barred("record", id_text(1)));
  const std::string head = verify(*store).head;
  BOOST_TEST(store->destroy_key(at(4), "officer", "retention").found);
  BOOST_CHECK_THROW(store->taken(id_text(1)), StoreError);
  BOOST_TEST(!store->barred("record", id_text(1)));
  const AuditReport report = verify(*store, head);
  BOOST_TEST(report.problems.empty());
  BOOST_TEST(report.head_found);
  BOOST_TEST(!store->destroy_key(at(5)).found);
  BOOST_TEST(store->withdraw(id_text(2), at(6), "analyst", "test").records == 1u);  // taking away needs no key
  whole();
}

BOOST_AUTO_TEST_CASE(a_change_outside_of_a_run_is_all_or_nothing) {
  {
    Store::Change change(*store);
    store->put_decision({"drift", {}, {}, {}, {}, {}, {}, "ACCEPTED", "integrator", at(2), "not meant"});
  }  // not committed
  BOOST_TEST(store->decisions().empty());
  whole();
  store->begin_run("load", at(3));
  store->put_decision({"drift", {}, {}, {}, {}, {}, {}, "ACCEPTED", "integrator", at(2), "not meant"});
  store->abandon_run();
  BOOST_TEST(store->decisions().empty());
  whole();
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_orders_nothing_anew) {
  load(9, "one.csv", {{1, "A"}});
  const int64_t later = load(5, "seven77.csv", {{1, "AA"}});
  BOOST_TEST(store->run_time(later) == at(9));
  BOOST_TEST(store->run_at("2099-01-05") == 1);
  BOOST_TEST(store->run_at("2099-01-09") == later);
  whole();
}

BOOST_AUTO_TEST_SUITE_END()
