#include "read/xml_judge.hpp"

#include <algorithm>
#include <mutex>

#include "read/xml_libxml.hpp"

namespace casebridge::read {
namespace {

void silent(void*, xmlErrorPtr) {}
void silent_words(void*, const char*, ...) {}

xmlParserInputPtr load_entity(const char* url, const char*, xmlParserCtxtPtr context) {
  if (!schema_loader() || !url) return nullptr;
  const std::string_view bytes = schema_loader()(schema_loader_self(), url);
  if (bytes.empty()) return nullptr;
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(bytes.data(), static_cast<int>(bytes.size()), XML_CHAR_ENCODING_NONE);
  xmlParserInputPtr input = buffer ? xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE) : nullptr;
  if (input) input->filename = reinterpret_cast<const char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(url)));
  return input;
}

}  // namespace

SchemaLoader& schema_loader() {
  thread_local SchemaLoader loader = nullptr;
  return loader;
}
void*& schema_loader_self() {
  thread_local void* self = nullptr;
  return self;
}

void prepare_libxml() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(load_entity);
  });
  thread_local const bool quiet = [] {
    xmlSetStructuredErrorFunc(nullptr, silent);
    xmlSetGenericErrorFunc(nullptr, silent_words);
    return true;
  }();
  (void)quiet;
}

LibxmlJudge::~LibxmlJudge() { close(); }

void LibxmlJudge::close() {
  if (context_) xmlFreeParserCtxt(context_);
  context_ = nullptr;
}

void LibxmlJudge::begin(std::string_view, std::string_view, const XmlReport& report) {
  prepare_libxml();
  report_ = report;
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.internalSubset = on_subset;
  context_ = xmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr);
  if (!context_) throw std::bad_alloc();
  // Never NOENT, DTDLOAD, DTDATTR or HUGE. The bytes are UTF-8 whatever the document said of itself.
  xmlCtxtUseOptions(context_, XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC);
  plug(context_);
}

void LibxmlJudge::step(bool start) {
  if (pop_) {
    path_.pop_back();
    pop_ = false;
  }
  at_.clear();
  if (next_mark_ < marks.size() && marks[next_mark_].start == start) {
    mark_ = marks[next_mark_++];
    const size_t end = std::min(attribute_marks.size(), next_attribute_ + mark_.n_attributes);
    if (start)
      for (; next_attribute_ < end; ++next_attribute_) at_.push_back(attribute_marks[next_attribute_]);
  }
  if (start) path_.push_back(mark_);
  else pop_ = !path_.empty();
}

void LibxmlJudge::on_start(void* self, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int, const xmlChar**) {
  static_cast<LibxmlJudge*>(self)->step(true);
}

void LibxmlJudge::on_end(void* self, const xmlChar*, const xmlChar*, const xmlChar*) { static_cast<LibxmlJudge*>(self)->step(false); }

void LibxmlJudge::on_subset(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
  xmlStopParser(static_cast<LibxmlJudge*>(self)->context_);
}

bool LibxmlJudge::feed(std::string_view utf8, bool last) {
  if (failed_) return false;
  constexpr size_t kMost = size_t(1) << 20;  // xmlParseChunk takes an int
  bool good = true;
  while (good && utf8.size() > kMost) {
    good = xmlParseChunk(context_, utf8.data(), static_cast<int>(kMost), 0) == 0 || context_->wellFormed;
    utf8.remove_prefix(kMost);
  }
  if (good) xmlParseChunk(context_, utf8.data(), static_cast<int>(utf8.size()), last);
  if (next_mark_ == marks.size()) {
    marks.clear();
    attribute_marks.clear();
    next_mark_ = next_attribute_ = 0;
  } else if (next_mark_ > 4096) {
    marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(next_mark_));
    attribute_marks.erase(attribute_marks.begin(), attribute_marks.begin() + static_cast<std::ptrdiff_t>(next_attribute_));
    next_mark_ = next_attribute_ = 0;
  }
  if (context_->wellFormed && !context_->disableSAX) return true;
  failed_ = true;
  const xmlError* error = xmlCtxtGetLastError(context_);
  std::string words = error && error->message ? error->message : "?";
  while (!words.empty() && words.back() == '\n') words.pop_back();
  report_(xml_finding("E-XML-SYNTAX", {words}, mark_.place, mark_.length));
  return false;
}

std::unique_ptr<XmlJudge> make_wellformed_judge() { return std::make_unique<LibxmlJudge>(); }

}  // namespace casebridge::read
