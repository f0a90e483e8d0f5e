#include <boost/test/unit_test.hpp>

#include "core/validate/xsd_fixture.hpp"
#include "validate/xsd_compare.hpp"

using namespace casebridge;
using namespace casebridge::validate;

namespace {

const std::string kHead = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' ";
const std::string kNote =
    kHead +
    "xmlns='urn:n' targetNamespace='urn:n' elementFormDefault='qualified'>\n"
    "<xs:element name='note'><xs:complexType><xs:sequence>\n"
    "<xs:element name='to' type='xs:string'/><xs:element name='n' type='xs:int' minOccurs='0' maxOccurs='unbounded'/>\n"
    "<xs:element name='c' minOccurs='0' nillable='true'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration "
    "value='A'/></xs:restriction></xs:simpleType></xs:element>\n"
    "</xs:sequence><xs:attribute name='key' type='xs:ID'/><xs:attribute name='size' "
    "type='xs:int'/></xs:complexType></xs:element></xs:schema>";

struct Collect {
  std::vector<Finding> all;
  read::XmlReport report() {
    return [this](Finding f) { all.push_back(std::move(f)); };
  }
  std::string codes() const {
    std::string out;
    for (const Finding& f : all) out += (out.empty() ? "" : " ") + f.code;
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(xsd)

BOOST_AUTO_TEST_CASE(findings_stand_at_the_tag_the_attribute_or_the_text) {
  SchemaFolder folder({{"note.xsd", kNote}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload("urn:n", "note", XsdSet::Mode::fast, collect.report()));
  BOOST_TEST(collect.codes() == "");
  const std::string good = "<note xmlns='urn:n' key='k'><to>x</to><n>1</n><c>A</c></note>";
  BOOST_TEST(check_xml(set, XsdSet::Mode::fast, good)->codes() == "");
  const std::string bad = "<note xmlns='urn:n' size='big'>\n<n>7</n></note>";
  const auto run = check_xml(set, XsdSet::Mode::fast, bad);
  BOOST_TEST(run->codes() == "E-XSD-TYPE E-XSD-CONTENT");
  BOOST_TEST(run->trees.size() == 1u);
  BOOST_TEST(bad.substr(run->findings[0].offset, run->findings[0].length) == "big");
  BOOST_TEST(bad.substr(run->findings[1].offset, run->findings[1].length) == "<n>");
  BOOST_TEST(run->findings[1].line == 2u);
  BOOST_TEST(run->findings[1].column == 1u);
  const std::string value = "<note xmlns='urn:n'>\n <to/><n> many </n><c>B</c></note>";
  const auto second = check_xml(set, XsdSet::Mode::fast, value);
  BOOST_TEST(second->codes() == "E-XSD-TYPE E-XSD-CODE");
  BOOST_TEST(value.substr(second->findings[0].offset, second->findings[0].length) == "many");
  BOOST_TEST(value.substr(second->findings[1].offset, second->findings[1].length) == "B");
}

BOOST_AUTO_TEST_CASE(an_id_by_schema_is_indexed_by_us) {
  SchemaFolder folder({{"note.xsd", kNote},
                       {"all.xsd", kHead + "xmlns:n='urn:n'><xs:import namespace='urn:n' schemaLocation='note.xsd'/>"
                                           "<xs:element name='all'><xs:complexType><xs:sequence><xs:element ref='n:note' "
                                           "maxOccurs='9'/></xs:sequence></xs:complexType></xs:element></xs:schema>"}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload("", "all", XsdSet::Mode::fast, collect.report()));
  const auto run =
      check_xml(set, XsdSet::Mode::fast, "<all><note xmlns='urn:n' key='k'><to/></note><note xmlns='urn:n' key='k'><to/></note></all>");
  BOOST_TEST(run->codes() == "E-XML-ID-TWICE");
}

BOOST_AUTO_TEST_CASE(findings_come_before_the_record_they_stand_in) {
  SchemaFolder folder({{"l.xsd", kHead + "><xs:element name='l'><xs:complexType><xs:sequence><xs:element name='r' type='xs:int' "
                                         "maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element></xs:schema>"}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload("", "l", XsdSet::Mode::fast, collect.report()));
  const auto judge = set.judge(XsdSet::Mode::fast);
  read::MemoryInput input("<l><r>1</r><r>x</r><r>3</r></l>", 100);
  read::XmlOptions options;
  options.each = "r";
  options.judge = judge.get();
  read::Names names;
  std::string order;
  read::XmlReader reader(input.input, options, names, [&](Finding f) { order += f.code + " "; });
  for (read::Tree tree; reader.next(tree);) order += std::string(tree.nodes[tree.unit].text) + " ";
  BOOST_TEST(order == "1 E-XSD-TYPE x 3 ");
}

BOOST_AUTO_TEST_CASE(a_broken_schema_is_named_with_file_and_line_and_not_the_document) {
  SchemaFolder folder({{"a/bad.xsd", kHead + ">\n<xs:element name='a'\n minOccurs></xs:schema>"},
                       {"b/wrong.xsd", kHead + ">\n\n<xs:element name='b' type='nowhere'/></xs:schema>"}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_TEST(!set.preload("", "b", XsdSet::Mode::fast, collect.report()));
  BOOST_REQUIRE(!collect.all.empty());
  BOOST_TEST(collect.all[0].code == "E-XSD-SCHEMA");
  BOOST_TEST(collect.all[0].input == (folder.path / "b/wrong.xsd").string());
  BOOST_TEST(collect.all[0].line == 3u);
  BOOST_TEST(check_xml(set, XsdSet::Mode::fast, "<b/>")->codes() == "E-XSD-UNCHECKED");
  Collect second;
  XsdSet one;
  BOOST_REQUIRE(one.load({folder.path / "a/bad.xsd"}, {}, second.report()));
  BOOST_TEST(!one.preload_all(XsdSet::Mode::fast, second.report()));
  BOOST_REQUIRE(!second.all.empty());
  BOOST_TEST(second.all[0].line == 3u);
  BOOST_TEST(second.all[0].input == (folder.path / "a/bad.xsd").string());
}

BOOST_AUTO_TEST_CASE(a_schema_that_keeps_the_compiler_busy_is_stopped) {
  std::string slow = kHead + "><xs:element name='a'><xs:complexType><xs:sequence>";
  for (int i = 0; i < 1500; ++i) slow += "<xs:element name='e" + std::to_string(i) + "' minOccurs='0' maxOccurs='5'/>";
  SchemaFolder folder({{"slow.xsd", slow + "</xs:sequence></xs:complexType></xs:element></xs:schema>"}});
  Collect collect;
  XsdSet set;
  XsdOptions options;
  options.compile_seconds = 1;
  BOOST_REQUIRE(set.load({folder.path}, options, collect.report()));
  BOOST_TEST(!set.preload("", "a", XsdSet::Mode::fast, collect.report()));
  BOOST_TEST(collect.codes() == "E-XSD-SCHEMA-TIME");
}

BOOST_AUTO_TEST_CASE(two_subsets_of_one_namespace_live_side_by_side) {
  const auto subset = [](const std::string& type) {
    return kHead + "targetNamespace='urn:core' xmlns='urn:core'><xs:element name='v' type='xs:" + type + "'/></xs:schema>";
  };
  const auto exchange = [](const std::string& name) {
    return kHead + "xmlns:c='urn:core' targetNamespace='urn:" + name +
           "'><xs:import namespace='urn:core' schemaLocation='core.xsd'/>"
           "<xs:element name='" +
           name + "'><xs:complexType><xs:sequence><xs:element ref='c:v'/></xs:sequence></xs:complexType></xs:element></xs:schema>";
  };
  SchemaFolder folder(
      {{"x/core.xsd", subset("int")}, {"x/e.xsd", exchange("one")}, {"y/core.xsd", subset("date")}, {"y/e.xsd", exchange("two")}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload_all(XsdSet::Mode::fast, collect.report()));
  const auto codes = [&](const std::string& name, const std::string& value) {
    return check_xml(set, XsdSet::Mode::fast,
                     "<a:" + name + " xmlns:a='urn:" + name + "' xmlns:c='urn:core'><c:v>" + value + "</c:v></a:" + name + ">")
        ->codes();
  };
  BOOST_TEST(codes("one", "7") == "");
  BOOST_TEST(codes("one", "2099-01-01") == "E-XSD-TYPE");
  BOOST_TEST(codes("two", "2099-01-01") == "");
  BOOST_TEST(codes("two", "7") == "E-XSD-TYPE");
}

BOOST_AUTO_TEST_CASE(imports_by_catalogue_by_namespace_and_never_from_outside) {
  const std::string part = kHead + "targetNamespace='urn:p'><xs:element name='v' type='xs:int'/></xs:schema>";
  const auto entry = [](const std::string& link) {
    return kHead + "xmlns:p='urn:p'><xs:import namespace='urn:p' " + link +
           "/><xs:element name='a'><xs:complexType><xs:sequence>"
           "<xs:element ref='p:v'/></xs:sequence></xs:complexType></xs:element></xs:schema>";
  };
  const auto verdict = [&](const std::map<std::string, std::string>& files, const std::filesystem::path& inside) {
    SchemaFolder folder(files);
    Collect collect;
    XsdSet set;
    BOOST_REQUIRE(set.load({folder.path / inside}, {}, collect.report()));
    if (!set.preload("", "a", XsdSet::Mode::fast, collect.report())) return collect.codes().substr(0, 12);
    return check_xml(set, XsdSet::Mode::fast, "<a><p:v xmlns:p='urn:p'>x</p:v></a>")->codes();
  };
  BOOST_TEST(verdict({{"e.xsd", entry("schemaLocation='http://example.invalid/p.xsd'")}, {"sub/q.xsd", part}}, "") == "E-XSD-TYPE");
  BOOST_TEST(verdict({{"e.xsd", entry("")}, {"sub/q.xsd", part}}, "") == "E-XSD-TYPE");
  BOOST_TEST(
      verdict({{"e.xsd", entry("")}, {"x/q.xsd", part}, {"y/q.xsd", part + " "}, {"catalog.yaml", "namespaces:\n  urn:p: y/q.xsd\n"}},
              "") == "E-XSD-TYPE");
  BOOST_TEST(verdict({{"e.xsd", entry("schemaLocation='http://example.invalid/p.xsd'")},
                      {"x/q.xsd", part},
                      {"y/q.xsd", part + " "},
                      {"catalog.xml",
                       "<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'><system systemId='http://example.invalid/p.xsd' "
                       "uri='x/q.xsd'/></catalog>"}},
                     "") == "E-XSD-TYPE");
  BOOST_TEST(verdict({{"in/e.xsd", entry("schemaLocation='../out/q.xsd'")}, {"out/q.xsd", part}}, "in") == "E-XSD-SCHEMA");
}

BOOST_AUTO_TEST_CASE(a_root_no_schema_declares_is_said_and_the_document_is_read) {
  SchemaFolder folder({{"note.xsd", kNote}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_TEST(set.preload("urn:x", "other", XsdSet::Mode::fast, collect.report()));
  const auto run = check_xml(set, XsdSet::Mode::fast, "<other xmlns='urn:x'/>");
  BOOST_TEST(run->codes() == "E-XSD-NO-SCHEMA");
  BOOST_TEST(run->trees.size() == 1u);
}

BOOST_AUTO_TEST_CASE(strict_finds_the_same_at_the_same_places) {
  SchemaFolder folder({{"note.xsd", kNote},
                       {"bare.xsd", kHead + "><xs:element name='bare'><xs:complexType><xs:sequence><xs:element name='v' "
                                            "type='xs:int'/></xs:sequence></xs:complexType></xs:element></xs:schema>"}});
  Collect collect;
  XsdSet set;
  constexpr auto strict = XsdSet::Mode::strict;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload("urn:n", "note", strict, collect.report()));
  BOOST_REQUIRE(set.preload("", "bare", strict, collect.report()));
  BOOST_TEST(check_xml(set, strict, "<bare><v>1</v></bare>", {}, 5)->codes() == "");
  BOOST_TEST(check_xml(set, strict, "<bare><v>x</v></bare>", {}, 5)->codes() == "E-XSD-TYPE");
  const std::string good = "<?xml version='1.0' encoding='UTF-8'?><note xmlns='urn:n' key='k'><to>x</to><n>1</n><c>A</c></note>";
  BOOST_TEST(check_xml(set, strict, good, {}, 3)->codes() == "");
  const std::string value = "<note xmlns='urn:n' size='big'>\n <to/><n> many </n><c>B</c></note>";
  const auto run = check_xml(set, strict, value, {}, 3);
  BOOST_TEST(run->codes() == "E-XSD-TYPE E-XSD-TYPE E-XSD-CODE");
  BOOST_TEST(run->trees.size() == 1u);
  BOOST_REQUIRE(run->findings.size() == 3u);
  const char* places[] = {"big", "many", "B"};
  for (size_t i = 0; i < 3 && i < run->findings.size(); ++i)
    BOOST_TEST(value.substr(run->findings[i].offset, run->findings[i].length) == places[i]);
  BOOST_TEST(run->findings[1].line == 2u);
  const auto cut = check_xml(set, strict, "<note xmlns='urn:n'><to>x", {}, 3);
  BOOST_TEST(cut->codes() == "E-XML-TRUNCATED");
  const auto entity = check_xml(set, strict, "<!DOCTYPE note><note xmlns='urn:n'/>", {}, 3);
  BOOST_TEST(entity->codes() == "E-XML-DOCTYPE");
}

BOOST_AUTO_TEST_CASE(strict_reads_a_long_document_with_many_references) {
  SchemaFolder folder({{"l.xsd", kHead + "><xs:element name='l'><xs:complexType><xs:sequence><xs:element name='r' type='xs:string' "
                                         "maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element></xs:schema>"}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_REQUIRE(set.preload("", "l", XsdSet::Mode::strict, collect.report()));
  std::string text = "<l>";
  for (int i = 0; i < 5000; ++i) text += "<r>TESTARD &amp; EXEMPLE</r>";
  BOOST_TEST(check_xml(set, XsdSet::Mode::strict, text + "</l>")->codes() == "");
}

BOOST_AUTO_TEST_CASE(strict_names_a_broken_schema_too) {
  SchemaFolder folder({{"b/wrong.xsd", kHead + ">\n\n<xs:element name='b' type='nowhere'/></xs:schema>"}});
  Collect collect;
  XsdSet set;
  BOOST_REQUIRE(set.load({folder.path}, {}, collect.report()));
  BOOST_TEST(!set.preload("", "b", XsdSet::Mode::strict, collect.report()));
  BOOST_REQUIRE(!collect.all.empty());
  BOOST_TEST(collect.all[0].line == 3u);
  BOOST_TEST(collect.all[0].input == (folder.path / "b/wrong.xsd").string());
}

BOOST_AUTO_TEST_CASE(a_disagreement_of_the_two_is_one_line_in_the_log) {
  Finding a, b;
  a.code = b.code = "E-XSD-TYPE";
  a.line = 3;
  b.line = 4;
  const std::vector<Finding> fast{a}, strict{a, b};
  const auto both = compare_verdicts(fast, strict);
  BOOST_TEST(!both.verdict());
  BOOST_TEST(both.any());
  BOOST_TEST(to_log(both, "x.xml") == "x.xml: libxml2 invalid, Xerces-C invalid; lines of libxml2 alone -, of Xerces-C alone 4");
  BOOST_TEST(compare_verdicts({}, strict).verdict());
  BOOST_TEST(!compare_verdicts(fast, fast).any());
}

BOOST_AUTO_TEST_SUITE_END()
