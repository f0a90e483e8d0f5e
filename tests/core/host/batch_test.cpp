#include <boost/test/unit_test.hpp>

#include "casebridge/sdk.hpp"

using namespace casebridge;

namespace {
std::string cell_text(const cb_batch& b, uint32_t i) { return {b.heap + b.cells[i].offset, b.cells[i].length}; }
std::string all_of(const cb_batch& b, uint32_t record) {
  std::string out;
  for (uint32_t i = 0; i < b.records[record].n_cells; ++i) out += cell_text(b, b.records[record].first_cell + i) + ";";
  return out;
}
}  // namespace

BOOST_AUTO_TEST_CASE(cells_belong_to_the_record_made_last) {
  BatchBuilder out;
  out.begin_unit({100, 50});
  const auto person = out.record(20, {100, 50});
  out.key("4711", {100, 4});
  out.text(30, "13/05/2099", {105, 10}, out.hint("date=d/M/yyyy"));
  const auto name = out.record(40, {120, 10}, person);
  out.text(41, "TESTARD EXEMPLE", {120, 15});
  out.end_unit();
  const cb_batch b = out.view();
  BOOST_TEST(b.n_units == 1u);
  BOOST_TEST(b.units[0].n_records == 2u);
  BOOST_TEST(all_of(b, person) == "4711;13/05/2099;");
  BOOST_TEST(all_of(b, name) == "TESTARD EXEMPLE;");
  BOOST_TEST(b.records[name].parent == person);
  BOOST_TEST(b.cells[1].source_delta == 5);
  BOOST_TEST(b.cells[1].hint == 1u);
  BOOST_TEST(std::string(b.heap + b.hints[0].offset, b.hints[0].length) == "date=d/M/yyyy");
}

BOOST_AUTO_TEST_CASE(records_may_be_filled_in_any_order) {
  BatchBuilder out;
  out.begin_unit({0, 9});
  const auto a = out.record(20, {0, 9});
  out.text(21, "a1");
  const auto b = out.record(20, {0, 9}, a);
  out.text(21, "b1");
  out.select(a);
  out.text(22, "a2");
  out.original("A zwei");
  out.select(b);
  out.text(22, "b2");
  const auto c = out.record(20, {0, 9}, a);
  const cb_batch v = out.view();
  BOOST_TEST(all_of(v, a) == "a1;a2;A zwei;");
  BOOST_TEST(all_of(v, b) == "b1;b2;");
  BOOST_TEST(all_of(v, c) == "");
  BOOST_TEST((v.cells[2].flags & CB_CELL_ORIGINAL) != 0);
  for (uint32_t i = 0; i < v.n_records; ++i) BOOST_TEST(v.records[i].first_cell + v.records[i].n_cells <= v.n_cells);
}

BOOST_AUTO_TEST_CASE(a_refused_unit_takes_its_records_back_and_keeps_its_place_and_reason) {
  BatchBuilder out;
  out.begin_unit({0, 10});
  out.record(20, {0, 10});
  out.text(21, "kept");
  out.end_unit();
  out.begin_unit({10, 7});
  out.record(20, {10, 7});
  out.text(21, "gone");
  const Hint late = out.hint("region=CA");
  out.refuse("E-CSV-QUOTE");
  out.begin_unit({17, 3});
  out.skip("DELETE");
  const cb_batch b = out.view();
  BOOST_TEST(b.n_units == 3u);
  BOOST_TEST(b.n_records == 1u);
  BOOST_TEST(b.n_cells == 1u);
  BOOST_TEST(b.units[1].outcome == uint32_t(CB_UNIT_REFUSED));
  BOOST_TEST(std::string(b.heap + b.units[1].reason_offset, b.units[1].reason_length) == "E-CSV-QUOTE");
  BOOST_TEST(std::string(b.heap + b.units[2].reason_offset, b.units[2].reason_length) == "DELETE");
  BOOST_TEST(std::string(b.heap + b.hints[late.id - 1].offset, b.hints[late.id - 1].length) == "region=CA");
}

BOOST_AUTO_TEST_CASE(hints_outlive_clear_and_an_ext_name_may_hold_an_equals_sign) {
  BatchBuilder out;
  const Hint ca = out.hint("region=CA");
  for (int round = 0; round < 3; ++round) {
    out.clear();
    out.begin_unit({});
    out.record(20, {});
    out.text(21, "705-555-0100", {}, ca);
    out.ext("a=b", "c");
    const cb_batch b = out.view();
    BOOST_TEST(b.n_hints == 1u);
    BOOST_TEST(cell_text(b, 1) == "a=b=c");
    BOOST_TEST(b.cells[1].hint == 3u);
  }
  BOOST_TEST(out.hint("region=CA").id == ca.id);
}

BOOST_AUTO_TEST_CASE(misuse_is_a_failure_that_blames_the_plugin) {
  BatchBuilder out;
  BOOST_CHECK_THROW(out.record(20, {}), Failure);
  out.begin_unit({});
  BOOST_CHECK_THROW(out.text(21, "no record"), Failure);
  const auto first = out.record(20, {});
  out.end_unit();
  out.begin_unit({});
  BOOST_CHECK_THROW(out.record(20, {}, first), Failure);
  BOOST_CHECK_THROW(out.select(first), Failure);
}

namespace {
struct TextInput {
  std::string bytes;
  size_t at = 0, chunk = 7;
  cb_input raw{sizeof(cb_input),
               0,
               this,
               {"t", 1},
               -1,
               [](void* self, void* into, uint64_t size) -> int64_t {
                 auto& t = *static_cast<TextInput*>(self);
                 const size_t n = std::min({size_t(size), t.chunk, t.bytes.size() - t.at});
                 std::memcpy(into, t.bytes.data() + t.at, n);
                 t.at += n;
                 return int64_t(n);
               },
               nullptr};
};
}  // namespace

BOOST_AUTO_TEST_CASE(lines_know_where_they_began_whatever_the_chunks) {
  for (size_t chunk : {1u, 2u, 7u, 100u}) {
    TextInput in{.bytes = "one\r\ntwo\n\nlast", .chunk = chunk};
    Lines lines{Input(&in.raw)};
    std::string seen;
    while (const auto line = lines.next()) seen += std::to_string(line->at) + ":" + std::string(line->text) + "|";
    BOOST_TEST(seen == "0:one|5:two|9:|10:last|");
  }
  TextInput endless{.bytes = std::string(5000, 'x'), .chunk = 1000};
  Lines lines(Input(&endless.raw), 2000);
  BOOST_CHECK_THROW(lines.next(), Failure);
}
