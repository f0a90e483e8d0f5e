#include <boost/test/unit_test.hpp>

#include "core/read/xml_fixture.hpp"

using namespace casebridge;
using namespace casebridge::read;

BOOST_AUTO_TEST_SUITE(xml_tree)

BOOST_AUTO_TEST_CASE(a_document_is_one_tree_with_attributes_first_and_text_trimmed) {
  const auto run = read_xml("<a x='1' y=\"two\"><b>  one  </b><c/>\n<b>\n two &amp; three&#33;</b></a>");
  BOOST_TEST(run->codes() == "");
  BOOST_TEST(run->status == CB_END);
  BOOST_REQUIRE(run->trees.size() == 1u);
  BOOST_TEST(show(run->trees[0]) == "a(@x=1 @y=two b=one c b=two & three!)");
}

BOOST_AUTO_TEST_CASE(names_are_resolved_in_their_namespaces_and_bindings_end_with_their_element) {
  const auto run = read_xml("<a xmlns='urn:d' xmlns:p='urn:p' p:k='v' k='w'><p:b xmlns:p='urn:q'><p:c/></p:b><p:b/><d xmlns=''/></a>");
  BOOST_TEST(run->codes() == "");
  BOOST_REQUIRE(run->trees.size() == 1u);
  BOOST_TEST(show(run->trees[0]) == "{urn:d}a(@{urn:p}k=v @k=w {urn:q}b({urn:q}c) {urn:p}b d)");
}

BOOST_AUTO_TEST_CASE(mixed_content_cdata_and_line_ends_read_as_xml_says) {
  const auto run = read_xml("<a>one<b>x</b> two<!-- no --><![CDATA[ <three> ]]>\r\nfour\t<?p i?></a>");
  BOOST_TEST(run->codes() == "");
  BOOST_TEST(show(run->trees.at(0)) == "a=one two <three> \nfour(b=x)");
}

BOOST_AUTO_TEST_CASE(white_space_in_attributes_becomes_blanks_but_references_stay) {
  const auto run = read_xml("<a k='1\t2\r\n3&#10;4&quot;'/>");
  BOOST_TEST(show(run->trees.at(0)) == "a(@k=1 2 3\n4\")");
}

BOOST_AUTO_TEST_CASE(nil_is_marked) {
  const auto run =
      read_xml("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='true'/><c i:nil=' 1 '/><d i:nil='false'/></a>");
  const std::string text = show(run->trees.at(0));
  BOOST_TEST(text.find("b!nil(") != std::string::npos);
  BOOST_TEST(text.find("c!nil(") != std::string::npos);
  BOOST_TEST(text.find("d!nil") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_element_of_a_name_is_a_record_with_what_stands_around_it) {
  XmlOptions options;
  options.each = "r";
  const auto run =
      read_xml("<f v='9'><when><d>2099</d></when><g n='1'><r>a</r><note>N</note><r k='2'>b</r></g><g n='2'><r/></g><tail/></f>", options);
  BOOST_TEST(run->codes() == "");
  BOOST_REQUIRE(run->trees.size() == 3u);
  BOOST_TEST(show(run->trees[0]) == "f(@v=9 when(d=2099) g(@n=1 r=a))");
  BOOST_TEST(show(run->trees[1]) == "f(@v=9 when(d=2099) g(@n=1 note=N r=b(@k=2)))");
  BOOST_TEST(show(run->trees[2]) == "f(@v=9 when(d=2099) g(@n=2 r))");
  for (const Tree& tree : run->trees) BOOST_TEST(tree.names->text(tree.nodes[tree.unit].name) == "r");
  BOOST_TEST(run->trees[1].nodes[run->trees[1].unit].parent != Names::kNone);
}

BOOST_AUTO_TEST_CASE(each_may_name_a_namespace) {
  XmlOptions options;
  options.each = "{urn:q}r";
  const auto run = read_xml("<f><r/><r xmlns='urn:q'>yes</r></f>", options);
  BOOST_REQUIRE(run->trees.size() == 1u);
  BOOST_TEST(run->trees[0].nodes[run->trees[0].unit].text == "yes");
}

BOOST_AUTO_TEST_CASE(the_name_of_the_root_is_known_before_the_first_record) {
  MemoryInput input("<?xml version='1.0'?><!-- c --><p:a xmlns:p='urn:p'><b>1</b></p:a>");
  Names names;
  XmlReader reader(input.input, {}, names, [](Finding f) { BOOST_ERROR(f.code); });
  BOOST_REQUIRE(reader.start());
  BOOST_TEST(names.text(reader.root_name()) == "a");
  BOOST_TEST(names.text(reader.root_ns()) == "urn:p");
  Tree tree;
  BOOST_REQUIRE(reader.next(tree));
  BOOST_TEST(show(tree) == "{urn:p}a(b=1)");
  BOOST_TEST(!reader.next(tree));
  BOOST_TEST(reader.status() == CB_END);
}

BOOST_AUTO_TEST_CASE(every_refusal_names_its_code_and_its_byte) {
  const struct {
    const char* text;
    const char* code;
    uint64_t offset;
  } cases[] = {
      {"", "E-XML-EMPTY", 0},
      {"  <!-- only -->", "E-XML-EMPTY", 15},
      {"<a><b></a>", "E-XML-TAG", 6},
      {"<a></a></a>", "E-XML-TAG", 7},
      {"<a>&foo;</a>", "E-XML-ENTITY", 3},
      {"<a>x & y</a>", "E-XML-ENTITY", 5},
      {"<a>&#0;</a>", "E-XML-CHARACTER", 3},
      {"<a k='1' k='2'/>", "E-XML-ATTRIBUTE-TWICE", 0},
      {"<a xmlns:p='u' xmlns:q='u' p:k='1' q:k='2'/>", "E-XML-ATTRIBUTE-TWICE", 0},
      {"<a k=1/>", "E-XML-SYNTAX", 3},
      {"<a k='<'/>", "E-XML-SYNTAX", 6},
      {"<a>]]></a>", "E-XML-SYNTAX", 3},
      {"<a><!-- -- --></a>", "E-XML-SYNTAX", 8},
      {"<a/><b/>", "E-XML-AFTER-ROOT", 4},
      {"<a/>x", "E-XML-AFTER-ROOT", 4},
      {"x<a/>", "E-XML-SYNTAX", 0},
      {"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "E-XML-DOCTYPE", 0},
      {"<a><b>text", "E-XML-TRUNCATED", 10},
      {"<a><b k='", "E-XML-TRUNCATED", 9},
      {"<a>\x01</a>", "E-XML-CHARACTER", 3},
      {"<a>\xC3(</a>", "E-XML-ENCODING", 3},
      {"<a>\xEF\xBF\xBF</a>", "E-XML-CHARACTER", 3},
      {"<!-- licence --><?xml version='1.0'?><a/>", "E-XML-DECL-PLACE", 16},
      {"<a><?xml version='1.0'?></a>", "E-XML-DECL-PLACE", 3},
      {"<?xml version='1.0' encoding='EBCDIC-CP-US'?><a/>", "E-XML-ENCODING-UNKNOWN", 0},
      {"<1a/>", "E-XML-SYNTAX", 0},
      {"<a:b:c/>", "E-XML-SYNTAX", 0},
  };
  for (const auto& one : cases) {
    for (const size_t piece : {size_t(1), size_t(7), size_t(1) << 20}) {
      const auto run = read_xml(one.text, {}, piece);
      BOOST_TEST_CONTEXT(one.text << " in pieces of " << piece) {
        BOOST_TEST(run->codes() == one.code);
        BOOST_TEST(run->trees.size() == 0u);
        BOOST_TEST(run->status < 0);
        if (!run->findings.empty()) BOOST_TEST(run->findings[0].offset == one.offset);
      }
    }
  }
  const auto nul = read_xml(std::string_view("<a>x\0y</a>", 10));
  BOOST_TEST(nul->codes() == "E-XML-CHARACTER");
  BOOST_TEST(nul->findings.at(0).offset == 4u);
}

BOOST_AUTO_TEST_CASE(what_the_prescan_lets_pass_libxml2_still_judges) {
  const auto run = read_xml("<a><b\xC3\x97/></a>");  // U+00D7 may not stand in a name
  BOOST_TEST(run->codes() == "E-XML-SYNTAX");
  BOOST_TEST(run->trees.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_late_declaration_is_read_on_request) {
  XmlOptions options;
  options.recover = true;
  const auto run = read_xml("\n<!-- licence -->\n<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>caf\xE9</a>", options);
  BOOST_TEST(run->codes() == "E-XML-DECL-PLACE");
  BOOST_TEST(run->findings[0].line == 3u);
  BOOST_TEST(run->findings[0].column == 1u);
  BOOST_REQUIRE(run->trees.size() == 1u);
  BOOST_TEST(run->trees[0].nodes[0].text == "caf\xC3\xA9");
  BOOST_TEST(run->trees[0].nodes[0].text_offset == 65u);
  BOOST_TEST(run->trees[0].nodes[0].text_length == 4u);
}

BOOST_AUTO_TEST_CASE(a_cut_document_gives_the_records_before_the_cut_and_the_place_of_the_broken_one) {
  XmlOptions options;
  options.each = "r";
  const auto run = read_xml("<f><r>1</r><r>2</r><r><x>3", options);
  BOOST_TEST(run->codes() == "E-XML-TRUNCATED");
  BOOST_TEST(run->trees.size() == 2u);
  BOOST_TEST(run->status == CB_E_INPUT);
  BOOST_REQUIRE(run->broken.has_value());
  BOOST_TEST(run->broken->offset == 19u);
  BOOST_TEST(run->broken->length == 7u);
}

BOOST_AUTO_TEST_CASE(encodings_are_found_and_places_are_of_the_original_bytes) {
  const std::string utf8 = "<a k='\xC3\xA9'>\xE2\x82\xAC uro \xF0\x9F\x98\x80</a>";
  const auto wide = [&](bool big) {
    std::u16string text = u"\uFEFF<a k='\u00E9'>\u20AC uro \U0001F600</a>";
    std::string out;
    for (const char16_t c : text) {
      out += static_cast<char>(big ? c >> 8 : c & 0xFF);
      out += static_cast<char>(big ? c & 0xFF : c >> 8);
    }
    return out;
  };
  for (const std::string& bytes : {utf8, "\xEF\xBB\xBF" + utf8, wide(false), wide(true), wide(false).substr(2), wide(true).substr(2)}) {
    const auto run = read_xml(bytes, {}, 3);
    BOOST_TEST(run->codes() == "");
    BOOST_REQUIRE(run->trees.size() == 1u);
    BOOST_TEST(show(run->trees[0]) == "a=\xE2\x82\xAC uro \xF0\x9F\x98\x80(@k=\xC3\xA9)");
  }
  const auto sixteen = read_xml(wide(false), {}, 3);
  BOOST_TEST(sixteen->trees.at(0).nodes[0].text_offset == 20u);
  BOOST_TEST(sixteen->trees.at(0).nodes[0].text_length == 16u);
  const auto cp = read_xml("<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>");
  BOOST_TEST(cp->trees.at(0).nodes[0].text == "\xE2\x82\xAC");
  const auto lie = read_xml("<?xml version='1.0' encoding='UTF-16'?><a>\xC3\xA9</a>");
  BOOST_TEST(lie->codes() == "E-XML-ENCODING-LIE");
  BOOST_TEST(lie->trees.at(0).nodes[0].text == "\xC3\xA9");
}

BOOST_AUTO_TEST_CASE(identifiers_that_stand_twice_and_references_that_lead_nowhere_are_found) {
  const auto run = read_xml(
      "<a xmlns:s='http://niem.gov/niem/structures/2.0'>\n<b s:ref='late'/><b s:id='one'/><b s:id='one'/>\n<c s:ref='none' s:metadata='one "
      "m2'/><d s:id='late'/></a>");
  BOOST_TEST(run->codes() == "E-XML-ID-TWICE E-XML-REF-DANGLING E-XML-REF-DANGLING");
  BOOST_TEST(run->findings[0].line == 2u);
  BOOST_TEST(run->findings[1].args.at(0) == "none");
  BOOST_TEST(run->findings[2].args.at(0) == "m2");
  BOOST_TEST(run->trees.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_undeclared_prefix_is_a_finding_and_reading_goes_on) {
  const auto run = read_xml("<a><x:b>1</x:b><x:b>2</x:b></a>");
  BOOST_TEST(run->codes() == "E-XML-PREFIX");
  BOOST_TEST(show(run->trees.at(0)) == "a(b=1 b=2)");
}

BOOST_AUTO_TEST_CASE(limits_are_reached_before_memory_is) {
  const auto code = [](const std::string& text, XmlLimits limits = {}) {
    XmlOptions options;
    options.limits = limits;
    const auto run = read_xml(text, options, size_t(1) << 16);
    BOOST_TEST(run->status == CB_E_LIMIT);
    return run->codes();
  };
  std::string deep, wide = "<a";
  for (int i = 0; i < 300; ++i) deep += "<a>";
  for (int i = 0; i < 1001; ++i) wide += " k" + std::to_string(i) + "=''";
  BOOST_TEST(code(deep) == "E-XML-LIMIT");
  BOOST_TEST(code(wide + "/>") == "E-XML-LIMIT");
  BOOST_TEST(code("<a>" + std::string(9u << 20, 'x') + "</a>") == "E-XML-LIMIT");
  BOOST_TEST(code("<a k='" + std::string(2u << 20, 'x') + "'/>") == "E-XML-LIMIT");
  BOOST_TEST(code("<" + std::string(2000, 'x') + "/>") == "E-XML-LIMIT");
  XmlLimits few;
  few.names = 10;
  std::string many = "<a>";
  for (int i = 0; i < 20; ++i) many += "<b" + std::to_string(i) + "/>";
  BOOST_TEST(code(many + "</a>", few) == "E-XML-LIMIT");
  XmlLimits small;
  small.record_bytes = 10000;
  std::string big = "<a>";
  for (int i = 0; i < 1000; ++i) big += "<b>1</b>";
  BOOST_TEST(code(big + "</a>", small) == "E-XML-LIMIT");
}

BOOST_AUTO_TEST_SUITE_END()
