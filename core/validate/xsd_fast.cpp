// libxml2's schema validator plugged into the parser that reads the document: one pass, constant memory.
#include <libxml/uri.h>
#include <libxml/xmlschemas.h>

#include <cstring>

#include "read/xml_libxml.hpp"
#include "validate/xsd_compiled.hpp"

namespace casebridge::validate {
using read::xml_finding;
namespace {

// While one of these lives, libxml2 may load what the index holds, under the names of the index; else nothing.
class Loading {
 public:
  Loading(const XsdIndex& index, uint32_t entry) : index_(index) {
    for (const uint32_t file : index.closure(entry))
      for (const XsdLink& link : index.files()[file].links)
        if (const auto to = index.resolve(file, link); to && !link.location.empty()) locations_.emplace(absolute(file, link.location), *to);
    read::schema_loader() = [](void* self, const char* url) { return static_cast<Loading*>(self)->find(url); };
    read::schema_loader_self() = this;
  }
  ~Loading() { read::schema_loader() = nullptr; }

 private:
  std::string absolute(uint32_t file, const std::string& location) const {
    xmlChar* uri =
        xmlBuildURI(reinterpret_cast<const xmlChar*>(location.c_str()), reinterpret_cast<const xmlChar*>(index_.files()[file].url.c_str()));
    std::string out = uri ? reinterpret_cast<const char*>(uri) : location;
    xmlFree(uri);
    return out;
  }
  std::string_view find(const char* url) const {
    const auto known = locations_.find(url);
    if (known != locations_.end()) return index_.files()[known->second].bytes;
    const auto at = index_.find(url);
    return at ? std::string_view(index_.files()[*at].bytes) : std::string_view();
  }
  const XsdIndex& index_;
  std::map<std::string, uint32_t, std::less<>> locations_;
};

struct Compiling {
  const XsdIndex* index;
  const read::XmlReport* report;
  bool failed = false;
};

void on_compile_error(void* self, xmlErrorPtr error) {
  auto& compiling = *static_cast<Compiling*>(self);
  if (error->level < XML_ERR_ERROR) return;
  compiling.failed = true;
  std::string words = error->message ? error->message : "?";
  while (!words.empty() && words.back() == '\n') words.pop_back();
  read::XmlPlace place;
  place.line = error->line > 0 ? static_cast<uint64_t>(error->line) : 0;
  Finding finding = xml_finding("E-XSD-SCHEMA", {words}, place, 0);
  if (error->file) {
    const auto at = compiling.index->find(error->file);
    finding.input = at ? compiling.index->files()[*at].path : error->file;
  }
  (*compiling.report)(std::move(finding));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) c == '&' ? out += "&amp;" : c == '"' ? out += "&quot;" : c == '<' ? out += "&lt;" : out += c;
  return out;
}

std::string_view code_of(int code) {
  switch (code) {
    case XML_SCHEMAV_CVC_ELT_1: return "E-XSD-ROOT";
    case XML_SCHEMAV_ELEMENT_CONTENT: return "E-XSD-CONTENT";
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4:
    case XML_SCHEMAV_CVC_WILDCARD:
    case XML_SCHEMAV_CVC_TYPE_3_1_1:
    case XML_SCHEMAV_CVC_TYPE_3_1_2: return "E-XSD-CONTENT";
    case XML_SCHEMAV_CVC_ENUMERATION_VALID: return "E-XSD-CODE";
    case XML_SCHEMAV_CVC_LENGTH_VALID:
    case XML_SCHEMAV_CVC_MINLENGTH_VALID:
    case XML_SCHEMAV_CVC_MAXLENGTH_VALID:
    case XML_SCHEMAV_CVC_MININCLUSIVE_VALID:
    case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID:
    case XML_SCHEMAV_CVC_MINEXCLUSIVE_VALID:
    case XML_SCHEMAV_CVC_MAXEXCLUSIVE_VALID:
    case XML_SCHEMAV_CVC_TOTALDIGITS_VALID:
    case XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID:
    case XML_SCHEMAV_CVC_PATTERN_VALID:
    case XML_SCHEMAV_CVC_FACET_VALID: return "E-XSD-VALUE";
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3: return "E-XSD-TYPE";
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
    case XML_SCHEMAV_CVC_ATTRIBUTE_1:
    case XML_SCHEMAV_CVC_ATTRIBUTE_2:
    case XML_SCHEMAV_CVC_ATTRIBUTE_3:
    case XML_SCHEMAV_CVC_ATTRIBUTE_4:
    case XML_SCHEMAV_CVC_AU: return "E-XSD-ATTRIBUTE";
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4: return "E-XSD-ATTRIBUTE-MISSING";
    case XML_SCHEMAV_CVC_ELT_3_1:
    case XML_SCHEMAV_CVC_ELT_3_2_1:
    case XML_SCHEMAV_CVC_ELT_3_2_2: return "E-XSD-NIL";
    case XML_SCHEMAV_CVC_ELT_4_1:
    case XML_SCHEMAV_CVC_ELT_4_2:
    case XML_SCHEMAV_CVC_ELT_4_3:
    case XML_SCHEMAV_CVC_TYPE_2: return "E-XSD-XSI-TYPE";
    case XML_SCHEMAV_CVC_IDC: return "E-XSD-KEY";
    default: return "E-XSD-OTHER";
  }
}

class FastJudge : public read::LibxmlJudge {
 public:
  explicit FastJudge(const XsdSet& set) : set_(set) {}
  ~FastJudge() override {
    if (plug_) xmlSchemaSAXUnplug(plug_);
    if (valid_) xmlSchemaFreeValidCtxt(valid_);
    close();
  }

  void begin(std::string_view ns, std::string_view name, const read::XmlReport& report) override {
    compiled_ = set_.compiled(ns, name, XsdSet::Mode::fast);
    if (!compiled_) report(xml_finding("E-XSD-NO-SCHEMA", {std::string(name), std::string(ns)}, {0, 1, 1}, 0));
    else if (compiled_->broken) report(xml_finding("E-XSD-UNCHECKED", {compiled_->path}, {0, 1, 1}, 0));
    LibxmlJudge::begin(ns, name, report);
  }

  void plug(xmlParserCtxtPtr context) override {
    if (!compiled_ || compiled_->broken) return;
    valid_ = xmlSchemaNewValidCtxt(compiled_->fast);
    if (!valid_) throw std::bad_alloc();
    xmlSchemaSetValidStructuredErrors(
        valid_, [](void* self, xmlErrorPtr error) { static_cast<FastJudge*>(self)->on_error(error); }, this);
    plug_ = xmlSchemaSAXPlug(valid_, &context->sax, &context->userData);
  }

 private:
  void on_error(xmlErrorPtr error) {
    std::string words = error->message ? error->message : "?";
    // libxml2 says twice that a value is wrong: which facet, and then that the type is not met.
    const bool type = error->code == XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1;
    if (type && facet_ == mark().place.offset + (mark().start ? 0 : 1)) return;
    const std::string_view code = code_of(error->code);
    if (code == "E-XSD-CODE" || code == "E-XSD-VALUE") facet_ = mark().place.offset + (mark().start ? 0 : 1);
    std::string element;
    if (const size_t at = words.find("Element '"); at != std::string::npos)
      element = words.substr(at + 9, words.find('\'', at + 9) - at - 9);
    if (const size_t brace = element.find('}'); brace != std::string::npos) element.erase(0, brace + 1);
    // The element is said already; an attribute stays in the words.
    if (const size_t at = words.find("': "); words.starts_with("Element '") && at != std::string::npos && words.find("', attribute") > at)
      words.erase(0, at + 3);
    report_(xsd_finding(code, element, std::move(words), mark(), attributes(), path_));
  }

  const XsdSet& set_;
  const CompiledXsd* compiled_ = nullptr;
  xmlSchemaValidCtxtPtr valid_ = nullptr;
  xmlSchemaSAXPlugPtr plug_ = nullptr;
  uint64_t facet_ = UINT64_MAX;
};

}  // namespace

CompiledXsd::~CompiledXsd() {
  if (fast) xmlSchemaFree(fast);
}

bool compile_fast(const XsdIndex& index, uint32_t file, CompiledXsd& into, const read::XmlReport& report) {
  read::prepare_libxml();
  bool sound = true;
  for (const uint32_t one : index.closure(file)) {  // a file that is not even XML: its own words, not those of its importer
    const XsdFile& part = index.files()[one];
    if (part.problem.empty()) continue;
    Finding finding = xml_finding("E-XSD-SCHEMA", {part.problem}, {0, part.problem_line, 0}, 0);
    finding.input = part.path;
    report(std::move(finding));
    sound = false;
  }
  if (!sound) return false;
  Loading loading(index, file);
  Compiling compiling{&index, &report};
  // An import without a location finds what was imported before it: so those come first, from a schema of ours.
  std::map<std::string, uint32_t> first;
  for (const uint32_t one : index.closure(file))
    for (const XsdLink& link : index.files()[one].links)
      if (link.import && link.location.empty())
        if (const auto to = index.resolve(one, link); to && *to != file) first.emplace(link.ns, *to);
  const XsdFile& entry = index.files()[file];
  xmlSchemaParserCtxtPtr parser = nullptr;
  std::string wrapper;
  if (first.empty()) {
    parser = xmlSchemaNewParserCtxt(entry.url.c_str());
  } else {
    wrapper = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">";
    for (const auto& [ns, to] : first)
      wrapper += "<xs:import namespace=\"" + escaped(ns) + "\" schemaLocation=\"" + escaped(index.files()[to].url) + "\"/>";
    wrapper += entry.ns.empty() ? "<xs:include schemaLocation=\"" + escaped(entry.url) + "\"/>"
                                : "<xs:import namespace=\"" + escaped(entry.ns) + "\" schemaLocation=\"" + escaped(entry.url) + "\"/>";
    wrapper += "</xs:schema>";
    parser = xmlSchemaNewMemParserCtxt(wrapper.data(), static_cast<int>(wrapper.size()));
  }
  if (!parser) throw std::bad_alloc();
  xmlSchemaSetParserStructuredErrors(parser, on_compile_error, &compiling);
  into.fast = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  if (!into.fast && !compiling.failed) {
    Finding finding = xml_finding("E-XSD-SCHEMA", {"-"}, {}, 0);
    finding.input = entry.path;
    report(std::move(finding));
  }
  return into.fast && !compiling.failed;
}

std::unique_ptr<read::XmlJudge> make_fast_judge(const XsdSet& set) { return std::make_unique<FastJudge>(set); }

}  // namespace casebridge::validate
