#include <boost/test/unit_test.hpp>

#include "core/read/mapping_help.hpp"
#include "read/mapping/words.hpp"

using namespace mapping_help;

namespace {
std::string one(const std::string& yaml) {  // the first problem as "line:column CODE"
  std::vector<Finding> found;
  compiled(yaml, &found);
  if (found.empty()) return "none";
  const Finding& f = found[0];
  return std::to_string(f.line) + ":" + std::to_string(f.column) + " " + f.code;
}
std::string message(const std::string& yaml) {
  std::vector<Finding> found;
  compiled(yaml, &found);
  return found.empty() ? "" : message_of(found[0]);
}
std::string with(const std::string& records) { return kHead + records; }
}  // namespace

BOOST_AUTO_TEST_CASE(a_mapping_without_fault_has_no_problem) {
  BOOST_TEST(one(with("records:\n  p: {record: Person, key: A, birthDate: B}\n")) == "none");
}

BOOST_AUTO_TEST_CASE(an_unknown_field_names_its_line_and_the_nearest_right_word) {
  const std::string y = with("records:\n  p:\n    record: Person\n    brithDate: B\n");
  BOOST_TEST(one(y) == "7:5 E-MAP-FIELD");
  BOOST_TEST(message(y).find("birthDate") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_word_of_the_language_is_refused_with_a_suggestion) {
  const std::string y = with("recrods:\n  p: {record: Person}\nrecords:\n  p: {record: Person}\n");
  BOOST_TEST(one(y) == "4:1 E-MAP-WORD");
  BOOST_TEST(message(y).find("records") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_code_that_is_not_in_the_list_of_the_field_is_refused) {
  BOOST_TEST(one(with("records:\n  p: {record: Person, gender: =MAN}\n")) == "5:31 E-MAP-CODE");
  BOOST_TEST(one(with("codes:\n  g: {M: MASCULIN}\nrecords:\n  p: {record: Person, gender: {take: A, codes: g}}\n")).find("E-MAP-CODE") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_let_may_use_only_those_above_it) {
  BOOST_TEST(one(with("let:\n  a: $b\n  b: B\nrecords:\n  p: {record: Person, key: $a}\n")) == "5:6 E-MAP-LET");
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_not_there_and_a_record_type_that_does_not_fit_are_refused) {
  BOOST_TEST(one(with("records:\n  c: {record: Custody, subject: {ref: persn}}\n")).find("E-MAP-RULE") != std::string::npos);
  BOOST_TEST(one(with("records:\n  c: {record: Custody, key: A, subject: {ref: c}}\n")).find("E-MAP-TARGET") != std::string::npos);
  const std::string two =
      "records:\n  p: {record: Person, key: A}\n  o: {record: Organization, key: B, besides: v}\n  v: {record: Vehicle, key: C, rental: "
      "{ref: [o, p]}}\n";
  BOOST_TEST(one(with(two)).find("E-MAP-RULE") != std::string::npos);  // no rule of this name stands above
  BOOST_TEST(one(with(std::string(two).replace(two.find("besides: v"), 10, "besides: p"))).find("E-MAP-TARGET") !=
             std::string::npos);  // each rule named must fit
  BOOST_TEST(one(with("records:\n  p: {record: Person, key: A}\n  q: {record: Person, key: B}\n  c: {record: Custody, key: C, subject: "
                      "{ref: [p, q], key: D}}\n"))
                 .find("E-MAP-KIND") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(anchors_aliases_tags_and_doubled_keys_are_refused_with_their_line) {
  BOOST_TEST(one("mapping: &x t/1\n").find("E-MAP-YAML") != std::string::npos);
  BOOST_TEST(one("mapping: !!str t/1\n").find("E-MAP-YAML") != std::string::npos);
  BOOST_TEST(one(with("records:\n  p: {record: Person}\n  p: {record: Person}\n")) == "6:3 E-MAP-DOUBLE");
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_read_says_where) {
  BOOST_TEST(one(with("records:\n  p: {record: Person, birthDate: 'A[B'}\n")) == "5:34 E-MAP-PATH");
}

BOOST_AUTO_TEST_CASE(a_field_of_the_wrong_kind_is_refused) {
  BOOST_TEST(one(with("records:\n  o: {record: Occurrence, occurred: A}\n")).find("E-MAP-KIND") != std::string::npos);
  BOOST_TEST(one(with("records:\n  o: {record: Occurrence, location: A}\n")).find("E-MAP-KIND") != std::string::npos);
  BOOST_TEST(one(with("records:\n  o: {record: Occurrence, kind: [A, B]}\n")).find("E-MAP-MANY-PLACES") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_core_computes_is_never_mapped) {
  BOOST_TEST(one(with("records:\n  p: {record: Person, isMinorAtReport: A}\n")).find("E-MAP-COMPUTED") != std::string::npos);
}

// The words of rules, blocks and items never hide a field of the model (section 8).
BOOST_AUTO_TEST_CASE(reserved_words_collide_with_no_field_of_the_model) {
  const auto reserved = [](mapping::At at, std::string_view name) { return mapping::is_word(at, name); };
  for (const model::Node& n : model::nodes()) {
    if (n.kind == model::NodeKind::record) continue;
    const model::Node* parent = n.parent ? model::find_node(n.parent) : nullptr;
    if (!parent) continue;  // what every record has: handling is the same word in both
    const mapping::At at = parent->kind == model::NodeKind::record  ? mapping::At::rule
                           : parent->kind == model::NodeKind::block ? mapping::At::block
                                                                    : mapping::At::item;
    BOOST_TEST(!reserved(at, n.name), std::string(parent->name) + "/" + std::string(n.name));
    if (n.kind == model::NodeKind::block) BOOST_TEST(!model::find_node(n.tag)->children.empty());
  }
}
