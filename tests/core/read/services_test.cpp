#include "read/services.hpp"

#include <boost/test/unit_test.hpp>

#include "casebridge/cursors.hpp"
#include "core/read/memory_input.hpp"

using casebridge::DelimitedRows;
using casebridge::Failure;
using casebridge::FixedRows;
using casebridge::JsonTrees;
using casebridge::XmlTrees;
using casebridge::test::MemoryInput;

namespace {

cb_text words(std::string_view t) { return {t.data(), t.size()}; }

// A host as a plugin meets it.
struct Lender : casebridge::test::Host {
  cb_host raw = *get();
  casebridge::Host host{&raw};
  Lender() {
    raw.extension = [](void*, const char* id) { return casebridge::read::parser_service(id); };
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_plugin_reads_rows_through_the_host) {
  Lender lender;
  MemoryInput memory("name;born\nTESTARD;2099-01-02\nEXEMPLE\n\"x\n");
  DelimitedRows rows(lender.host, casebridge::Input(&*memory));
  const int born = rows.column("born");
  BOOST_TEST(born == 1);
  BOOST_TEST(rows.column("sex") == -1);
  const cb_row* row = rows.next();
  BOOST_TEST(rows.text(*row, born) == "2099-01-02");
  BOOST_TEST(memory.at(row->slots[born].offset, row->slots[born].length) == "2099-01-02");
  row = rows.next();
  BOOST_TEST(rows.text(*row, born) == "");
  row = rows.next();
  BOOST_TEST(std::string(row->refused) == "E-CSV-UNCLOSED");
  BOOST_TEST(rows.next() == nullptr);
  BOOST_TEST(lender.said() == "E-CSV-RAGGED(1,2)@29+7 E-CSV-UNCLOSED()@37+1");
  BOOST_TEST(rows.encoding() == "ASCII");
}

BOOST_AUTO_TEST_CASE(a_plugin_reads_fixed_columns_through_the_host) {
  Lender lender;
  MemoryInput memory("4ON01\n5ON02\n");
  const cb_fixed_column all[] = {{words("level"), 1, 1}}, victim[] = {{words("ori"), 2, 5}};
  const cb_fixed_kind kinds[] = {{words("victim"), words("level"), words("4"), victim, 1, 0}};
  cb_fixed_options options{};
  options.columns = all;
  options.kinds = kinds;
  options.n_columns = options.n_kinds = 1;
  FixedRows rows(lender.host, casebridge::Input(&*memory), options);
  const cb_row* row = rows.next();
  BOOST_TEST(row->kind == 0u);
  BOOST_TEST(row->n_slots == 2u);
  BOOST_TEST(std::string(row->slots[1].text.data, row->slots[1].text.size) == "ON01");
  row = rows.next();
  BOOST_TEST(row->kind == CB_NO_KIND);
  BOOST_TEST(row->unread == 4u);
  BOOST_TEST(rows.next() == nullptr);
}

BOOST_AUTO_TEST_CASE(a_plugin_reads_json_and_xml_as_the_same_trees) {
  Lender lender;
  MemoryInput json(R"({"reports":[{"id":"A1"},{"id":"A2"}]})"), xml("<set><report><id>A1</id></report><report><id>A2</id></report></set>");
  cb_json_options of_json{};
  of_json.each = words("/reports");
  cb_xml_options of_xml{};
  of_xml.each = words("report");
  JsonTrees from_json(lender.host, casebridge::Input(&*json), of_json);
  XmlTrees from_xml(lender.host, casebridge::Input(&*xml), of_xml);
  BOOST_TEST(from_xml.name(from_xml.root().name) == "set");
  const auto ids = [](auto& trees, const MemoryInput& input) {
    std::string out;
    const uint32_t id = trees.intern("id");
    while (const cb_tree* tree = trees.next()) {
      const cb_node* node = trees.child(*tree, tree->unit, id);
      BOOST_REQUIRE(node != nullptr);
      BOOST_TEST(input.at(node->text_offset, node->text_length) == trees.text(node));
      out += std::string(trees.text(node)) + " ";
    }
    return out;
  };
  BOOST_TEST(ids(from_json, json) == "A1 A2 ");
  BOOST_TEST(ids(from_xml, xml) == "A1 A2 ");
  BOOST_TEST(lender.said() == "");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_says_what_to_do) {
  Lender lender;
  MemoryInput empty(""), cut("{\"a\":"), utf32(std::string("\xFF\xFE\0\0", 4));
  const auto status = [](auto&& work) {
    try {
      work();
    } catch (const Failure& failure) { return failure.status; }
    return CB_OK;
  };
  BOOST_TEST(status([&] { DelimitedRows rows(lender.host, casebridge::Input(&*empty)); }) == CB_E_INPUT);
  BOOST_TEST(status([&] { DelimitedRows rows(lender.host, casebridge::Input(&*utf32)); }) == CB_E_UNSUPPORTED);
  BOOST_TEST(status([&] {
               JsonTrees trees(lender.host, casebridge::Input(&*cut));
               const cb_tree* tree = trees.next();
               BOOST_TEST(std::string(tree->refused) == "E-JSON-CUT");
               trees.next();
             }) == CB_E_INPUT);
  BOOST_TEST(casebridge::read::parser_service("casebridge.json/2") == nullptr);
  // A table of a caller that knows less than we ask for is refused, not read past its end.
  const auto* json = static_cast<const cb_json_service*>(casebridge::read::parser_service(CB_SERVICE_JSON));
  cb_json_options small{};
  small.struct_size = 8;
  cb_trees* trees = nullptr;
  BOOST_TEST(json->open(&lender.raw, &*cut, &small, &trees) == CB_E_INTERNAL);
}
