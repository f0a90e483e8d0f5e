#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <set>

#include "casebridge/model.h"
#include "casebridge/plugin.h"
#include "model/model.hpp"

namespace model = casebridge::model;
using namespace casebridge;

BOOST_AUTO_TEST_CASE(nineteen_record_types_and_three_lines) {
  size_t records = 0;
  for (const model::Node& node : model::nodes()) records += node.kind == model::NodeKind::record;
  BOOST_TEST(records == 22u);
  BOOST_TEST(model::code_list("record_type")->rows.size() == 19u);
  for (const auto& row : model::code_list("record_type")->rows) BOOST_TEST(model::record_type(row.code) != nullptr, row.code);
}

BOOST_AUTO_TEST_CASE(tags_lead_to_nodes_and_leave_room_for_the_contract) {
  for (const model::Node& node : model::nodes()) {
    BOOST_TEST(node.tag >= CB_FIELD_FIRST);
    BOOST_TEST(&model::node(node.tag) == &node);
  }
  BOOST_TEST(model::find_node(0) == nullptr);
  BOOST_TEST(model::find_node(65535) == nullptr);
  BOOST_CHECK_THROW(model::node(3), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_field_is_found_by_its_path) {
  const model::Node& person = *model::record_type("Person");
  const model::Node* full = model::field(person, "names/full");
  BOOST_REQUIRE(full);
  BOOST_TEST(full->tag == tag::Person_names_full);
  BOOST_TEST(full->tag == CB_TAG_PERSON_NAMES_FULL);
  BOOST_TEST(full->name == "full");
  BOOST_TEST(full->path == "names/full");
  BOOST_CHECK(model::node(full->parent).kind == model::NodeKind::blocks);
  BOOST_TEST(model::field(person, "handling/tlp")->tag == tag::any_handling_tlp);
  BOOST_TEST(model::field(*model::record_type("Source"), "handling/tlp")->tag == tag::any_handling_tlp);
  BOOST_TEST(model::field(*model::record_type("DatasetEnd"), "handling/tlp") == nullptr);
  BOOST_TEST(model::field(person, "names/fulll") == nullptr);
  BOOST_TEST(model::field(person, "") == nullptr);
  const model::Node* start = model::field(*model::record_type("Custody"), "at/start");
  BOOST_REQUIRE(start);
  BOOST_CHECK(start->type == model::ValueType::when);
  BOOST_CHECK(model::field(*model::record_type("Link"), "role")->codes->find("MAJOR_CASE_MANAGER"));
  BOOST_CHECK(model::field(*model::record_type("Link"), "role")->codes->find("VICTIM"));
}

BOOST_AUTO_TEST_CASE(rank_is_the_order_of_the_wire) {
  for (const model::Node& record : model::nodes()) {
    if (record.kind != model::NodeKind::record) continue;
    uint16_t last = 0;
    std::set<std::string_view> names;
    for (const model::Tag child : record.children) {
      const model::Node& node = model::node(child);
      BOOST_TEST(node.rank > last, record.name << "/" << node.path);
      BOOST_TEST(names.insert(node.name).second, record.name << "/" << node.path);
      last = node.rank;
      uint16_t inner = node.rank;
      for (const model::Tag part : node.children) {
        BOOST_TEST(model::node(part).rank > inner);
        inner = model::node(part).rank;
      }
      last = inner;
    }
  }
  std::vector<std::string_view> person;
  for (const model::Tag child : model::record_type("Person")->children) person.push_back(model::node(child).name);
  const std::vector<std::string_view> head(person.begin(), person.begin() + 10);
  const std::vector<std::string_view> want{"recordType", "id",           "version",    "localId",   "source",
                                           "alsoSource", "recordStatus", "supersedes", "effective", "names"};
  BOOST_TEST(head == want, boost::test_tools::per_element());
  const std::vector<std::string_view> tail(person.end() - 6, person.end());
  const std::vector<std::string_view> end{"absent", "original", "ext", "provenance", "handling", "places"};
  BOOST_TEST(tail == end, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(code_lists_know_what_is_open_unverified_and_in_force) {
  const model::CodeList* ucr2 = model::code_list("ucr2_violation");
  BOOST_REQUIRE(ucr2);
  BOOST_TEST(ucr2->open);
  BOOST_TEST(ucr2->accepts("1525"));
  BOOST_TEST(ucr2->accepts("9999"));
  BOOST_TEST(ucr2->find("9999") == nullptr);
  BOOST_TEST(!ucr2->accepts("15255"));
  BOOST_TEST(ucr2->find("1310")->unverified);
  BOOST_TEST(!ucr2->find("1525")->unverified);
  BOOST_TEST(model::code_list("statutory_circumstance_279_04")->find("D_CONTROLLING")->valid_from == "2026-07-18");
  BOOST_TEST(!model::code_list("caveat")->accepts("X-LOCAL"));
  BOOST_TEST(model::code_list("platform")->accepts("X-LOCAL_1"));
  BOOST_TEST(model::code_list("no_such_list") == nullptr);
  for (const model::CodeList& list : model::code_lists())
    BOOST_TEST(std::is_sorted(list.rows.begin(), list.rows.end(), [](const auto& a, const auto& b) { return a.code < b.code; }), list.name);
}

BOOST_AUTO_TEST_CASE(what_must_never_be_a_key_is_none) {
  for (const model::Node& node : model::nodes())
    if (node.sensitive || node.name == "gender") BOOST_TEST(int(node.key) == 0, node.path);
}
