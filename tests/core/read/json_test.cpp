#include "read/json_cursor.hpp"

#include <boost/test/unit_test.hpp>

#include "core/read/memory_input.hpp"

using namespace casebridge;
using namespace casebridge::read;
using casebridge::test::Host;
using casebridge::test::MemoryInput;

namespace {

// A tree as text: name=text, children in braces, the record in <>. Every value is checked against the bytes it says it has.
std::string show(const Tree& tree, const MemoryInput& input, uint32_t at) {
  const TreeNode& node = tree.nodes[at];
  std::string out = node.name == Names::kNone ? "." : std::string(tree.names->text(node.name));
  if (node.nil) out += "=null";
  if (node.has_text) {
    out += "=" + std::string(node.text);
    const std::string raw = input.at(node.text_offset, node.text_length);
    if (raw.find('\\') == raw.npos && raw.find('\0') == raw.npos &&
        static_cast<signed char>(raw.empty() ? 0 : *std::min_element(raw.begin(), raw.end())) >= 0)
      BOOST_TEST(raw == node.text);
  }
  if (node.first_child != Names::kNone) {
    out += "{";
    for (uint32_t child = node.first_child; child != Names::kNone; child = tree.nodes[child].next_sibling) {
      BOOST_TEST(tree.nodes[child].parent == at);
      out += (child == node.first_child ? "" : " ") + show(tree, input, child);
    }
    out += "}";
  }
  return at == tree.unit ? "<" + out + ">" : out;
}

struct Document {
  std::string trees, findings, places;
  cb_status status;
  uint64_t lines = 0;
};

Document read_json(const std::string& bytes, JsonOptions options = {}, uint64_t step = UINT64_MAX) {
  Host host;
  Reporter reporter(host.get());
  MemoryInput input(bytes, step);
  Names names;
  JsonCursor cursor(*input, options, names, reporter);
  Document out;
  Tree tree;
  while (cursor.next(tree)) {
    if (!tree.nodes.empty() && !tree.refused) {
      out.trees += show(tree, input, 0) + "\n";
      BOOST_TEST(tree.nodes[tree.unit].offset == tree.offset);
      BOOST_TEST(tree.nodes[tree.unit].length == tree.length);
    } else if (tree.refused) {
      out.trees += std::string(tree.refused) + "\n";
    }
    out.places += "[" + input.at(tree.offset, tree.length) + "]";
  }
  out.findings = host.said();
  out.status = cursor.status();
  return out;
}

JsonOptions each(const char* path) {
  JsonOptions options;
  options.each = path;
  return options;
}
JsonOptions lines() {
  JsonOptions options;
  options.lines = true;
  return options;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_document_is_one_tree) {
  const Document d = read_json(R"( {"a": 1, "b": [true, {"c": "x"}, [null, -0.50e+3]], "d": {}, "e": [], "f": ""} )");
  BOOST_TEST(d.trees == "<.{a=1 b=true b{c=x} b=null b=-0.50e+3 d f=}>\n");
  BOOST_TEST(d.findings == "");
  BOOST_TEST(d.status == CB_OK);
  BOOST_TEST(read_json("[1,[2,3]]").trees == "<.{.=1 .=2 .=3}>\n");
  BOOST_TEST(read_json("\"x\"").trees == "<.=x>\n");
  BOOST_TEST(read_json("\xEF\xBB\xBF{\"a\":12345678901234567890.123}").trees == "<.{a=12345678901234567890.123}>\n");
}

BOOST_AUTO_TEST_CASE(records_stream_out_of_a_document_with_what_came_before_them) {
  const Document d = read_json(
      R"({"version": "1", "about": {"x": 1}, "reports": [{"id": 1}, {"id": 2}], "end": true, "reports2": [{"id": 3}]})", each("/reports"));
  BOOST_TEST(d.trees == ".{version=1 <reports{id=1}>}\n.{version=1 <reports{id=2}>}\n");
  BOOST_TEST(d.places == R"([{"id": 1}][{"id": 2}])");
  BOOST_TEST(d.findings == "");
  BOOST_TEST(read_json(R"({"@context": {}, "@graph": [{"@id": "a"}, "b"]})", each("/@graph")).trees ==
             ".{<@graph{@id=a}>}\n.{<@graph=b>}\n");
  BOOST_TEST(read_json(R"([{"a":1},{"a":2}])", each("/")).trees == ".{<.{a=1}>}\n.{<.{a=2}>}\n");
  BOOST_TEST(read_json(R"({"c":[{"n":"p","r":[1,2]},{"n":"q","r":{"z":3}}]})", each("/c/r")).trees ==
             ".{c{n=p <r=1>}}\n.{c{n=p <r=2>}}\n.{c{n=q <r{z=3}>}}\n");
  BOOST_TEST(read_json(R"({"o":{"k1":{"v":1},"k2":{"v":2}}})", each("/o/*")).trees == ".{o{<k1{v=1}>}}\n.{o{<k2{v=2}>}}\n");
  BOOST_TEST(read_json(R"({"a":1})", each("/b")).findings == "E-JSON-EACH(/b)@0+0");
}

BOOST_AUTO_TEST_CASE(a_line_is_a_record_and_a_bad_one_costs_itself) {
  const Document d = read_json("{\"a\":1}\r\n\n{\"a\":\n{\"b\":2}{\n  {\"c\":\"x}\n[01]\n{\"d\":4}", lines());
  BOOST_TEST(d.trees == "<.{a=1}>\nE-JSON-LINE\nE-JSON-TRAILING\nE-JSON-LINE\nE-JSON-SYNTAX\n<.{d=4}>\n");
  BOOST_TEST(d.places == "[{\"a\":1}][{\"a\":][{\"b\":2}{][{\"c\":\"x}][[01]][{\"d\":4}]");
  BOOST_TEST(d.status == CB_OK);
  BOOST_TEST(read_json("{\"a\":1}\n{\"a\":", lines()).trees == "<.{a=1}>\nE-JSON-CUT\n");
}

BOOST_AUTO_TEST_CASE(escapes_are_read_and_their_bytes_are_those_written) {
  const Document d = read_json(R"({"a":"\"\\\/\n\t\u00e9\ud83d\ude00","\u0062":"x"})");
  BOOST_TEST(d.trees == "<.{a=\"\\/\n\t\xC3\xA9\xF0\x9F\x98\x80 b=x}>\n");
  BOOST_TEST(d.findings == "");
  BOOST_TEST(read_json(R"(["\ud83d!","\u0000","C:\x"])").trees == "<.{.=\xEF\xBF\xBD! .=\xEF\xBF\xBD .=C:\\x}>\n");
  BOOST_TEST(read_json(R"(["\ud83d!","\u0000","C:\x"])").findings ==
             "E-JSON-SURROGATE()@2+6 E-TEXT-CHAR(U+0000)@12+6 E-JSON-ESCAPE()@23+2");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_text_are_replaced_and_said) {
  BOOST_TEST(read_json("{\"a\":\"\xC3\xA9\",\"b\":\"x\xFFy\"}").findings == "E-TEXT-UTF8(FF)@16+1");
  BOOST_TEST(read_json(std::string("[\"x\0y\"]", 7)).trees == "<.{.=x\xEF\xBF\xBDy}>\n");
  BOOST_TEST(read_json("[\"Zo\xE9\",\"O\x92N\"]").trees == "<.{.=Zo\xC3\xA9 .=O\xE2\x80\x99N}>\n");
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("{\"a\":[1,\"x\"]}")) wide += std::string{c, '\0'};
  const Document d = read_json(wide);
  BOOST_TEST(d.trees == "<.{a=1 a=x}>\n");
}

BOOST_AUTO_TEST_CASE(a_member_that_stands_twice_is_said) {
  BOOST_TEST(read_json(R"({"x":{"a":1,"b":2,"a":3}})").findings == "E-JSON-DUPLICATE(a)@5+1");
  std::string many = "{";
  for (int i = 0; i < 50; ++i) many += "\"m" + std::to_string(i % 49) + "\":1,";
  many.back() = '}';
  BOOST_TEST(read_json(many).findings == "E-JSON-DUPLICATE(m0)@0+1");
}

BOOST_AUTO_TEST_CASE(input_that_is_cut_keeps_what_was_complete) {
  const std::string whole = R"({"v":"1","r":[{"a":"x"},{"a":"y"},{"b":[1,2,{"c":null}]}],"z":0})";
  for (size_t size = 0; size < whole.size(); ++size) {
    const Document d = read_json(whole.substr(0, size), each("/r"));
    BOOST_TEST(d.status == CB_E_INPUT);
    BOOST_TEST(d.findings.find("E-JSON-CUT()@" + std::to_string(size) + "+0") != std::string::npos);
    const bool two = size + 1 >= whole.find("{\"b\"");
    BOOST_TEST((d.trees.find(".{v=1 <r{a=y}>}") != std::string::npos) == two);
  }
}

BOOST_AUTO_TEST_CASE(a_record_that_is_not_json_is_refused_and_the_next_is_read) {
  const Document d = read_json(R"({"r":[{"a":1},{"a" 2, "b":"}]"},{"a":3}]})", each("/r"));
  BOOST_TEST(d.trees == ".{<r{a=1}>}\nE-JSON-SYNTAX\n.{<r{a=3}>}\n");
  BOOST_TEST(d.places == R"([{"a":1}][{"a" 2, "b":"}]"}][{"a":3}])");
  BOOST_TEST(d.status == CB_OK);
  for (const char* bad : {"{", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "nul", "[tru]", "+1", "01", "1.", "-", "1e", ".5", "\"x", "[1}",
                          "'x'", "{}{}", "", "\xEF\xBB\xBF"}) {
    const Document none = read_json(bad);
    BOOST_TEST(none.status == CB_E_INPUT, bad);
    BOOST_TEST(none.findings != "", bad);
  }
}

BOOST_AUTO_TEST_CASE(limits_refuse_the_record_and_reading_goes_on) {
  JsonOptions options = each("/r");
  options.max_depth = 10;
  options.max_members = 20;
  options.max_nodes = 50;
  options.max_string = 100;
  options.max_text = 1000;
  const auto around = [&](const std::string& bomb) { return read_json("{\"r\":[{\"a\":1}," + bomb + ",{\"a\":3}]}", options); };
  const auto expect = [&](const std::string& bomb, const std::string& code) {
    const Document d = around(bomb);
    BOOST_TEST(d.trees == ".{<r{a=1}>}\n" + code + "\n.{<r{a=3}>}\n");
    BOOST_TEST(d.status == CB_OK);
    BOOST_TEST(d.places.find("[" + bomb + "]") != std::string::npos);
  };
  expect("{\"x\":" + std::string(500, '[') + std::string(500, ']') + "}", "E-JSON-DEPTH");
  std::string members = "{\"m\":0", list = "{\"m\":[0", texts = "{\"m\":[\"\"";
  for (int i = 0; i < 30; ++i) members += ",\"m" + std::to_string(i) + "\":1";
  for (int i = 0; i < 100; ++i) list += ",1";
  for (int i = 0; i < 15; ++i) texts += ",\"" + std::string(90, 't') + "\"";
  expect(members + "}", "E-JSON-MEMBERS");
  expect(list + "]}", "E-JSON-RECORD-SIZE");
  expect(texts + "]}", "E-JSON-RECORD-SIZE");
  expect("{\"s\":\"" + std::string(101, 's') + "\"}", "E-JSON-STRING-LENGTH");
  expect("{\"s\":\"" + std::string(1'000'000, 's') + "\"}", "E-JSON-STRING-LENGTH");
  expect("{\"n\":" + std::string(1'000'000, '1') + "}", "E-JSON-NUMBER-LENGTH");
  expect("{\"" + std::string(1001, 'k').substr(0, 90) + "\":1,\"" + std::string(101, 'k') + "\":2}", "E-JSON-STRING-LENGTH");
}

BOOST_AUTO_TEST_CASE(the_tree_does_not_depend_on_how_the_bytes_arrive) {
  std::string text = "{\"head\":\"2099-01-01\",\"r\":[";
  for (int i = 0; i < 20'000; ++i)
    text += (i ? ",\n" : "") + std::string("{\"id\":") + std::to_string(i) + ",\"name\":\"TESTARD \\\"EXEMPLE\\\" " +
            std::to_string(i * 31) + "\",\"l\":[1,2.5,null,true]}";
  text += "]}";
  const Document whole = read_json(text, each("/r"));
  BOOST_TEST(whole.findings == "");
  BOOST_TEST(std::count(whole.trees.begin(), whole.trees.end(), '\n') == 20'000);
  BOOST_TEST((read_json(text, each("/r"), 4099).trees == whole.trees));
}
