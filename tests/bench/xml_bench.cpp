// Reading and validating booking reports: ours (pre-scan, tree, positions, identifiers, libxml2 with the schema) beside
// libxml2's SAX parser with the schema alone, on the same bytes in the same run, in turns. The input is made on the fly
// from xml_record.xml, so that memory shows what the readers need. usage: xml_bench [MEGABYTES [ROUNDS]]
//   xml_bench write FILE [MEGABYTES]   the same document as a file, for the whole way to case data (run.py)
//   xml_bench peer FILE                libxml2's SAX parser with the schema alone, over a file: exit 0 where it is valid
#include <libxml/xmlschemas.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "read/xml_libxml.hpp"
#include "read/xml_tree.hpp"
#include "validate/xsd.hpp"

using namespace casebridge;
using namespace casebridge::read;

namespace {

std::string slurp(const std::string& path) {
  std::stringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  return all.str();
}

// The document as a stream: head, the record again and again under a new number, tail.
class Stream {
 public:
  Stream(const std::string& record, uint64_t bytes) : record_(record), left_(bytes / record.size() + 1) {
    for (size_t at = record.find("@NUMBER@"); at != std::string::npos; at = record.find("@NUMBER@", at + 1)) holes_.push_back(at);
    ready_ =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<b:BookingReports xmlns:b=\"urn:example:booking\" "
        "xmlns:s=\"urn:example:niem/structures/1\">\n";
    input.struct_size = sizeof input;
    input.self = this;
    input.size = -1;
    input.read = [](void* self, void* into, uint64_t size) { return static_cast<Stream*>(self)->read(into, size); };
  }
  explicit Stream(const char* path) : left_(0), file_(path, std::ios::binary) {}
  int64_t read(void* into, uint64_t size) {
    if (file_.is_open()) {
      file_.read(static_cast<char*>(into), static_cast<std::streamsize>(size));
      total += static_cast<uint64_t>(file_.gcount());
      return file_.gcount();
    }
    uint64_t done = 0;
    while (done < size) {
      if (at_ == ready_.size() && !refill()) break;
      const size_t n = std::min<uint64_t>(size - done, ready_.size() - at_);
      std::memcpy(static_cast<char*>(into) + done, ready_.data() + at_, n);
      at_ += n;
      done += n;
    }
    total += done;
    return static_cast<int64_t>(done);
  }
  cb_input input{};
  uint64_t total = 0;

 private:
  bool refill() {
    at_ = 0;
    if (left_ == 0) {
      ready_ = ended_ ? "" : "</b:BookingReports>\n";
      ended_ = true;
      return !ready_.empty();
    }
    --left_;
    ready_ = record_;
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08u", number_++);
    for (const size_t hole : holes_) ready_.replace(hole, 8, digits, 8);
    return true;
  }
  std::string record_, ready_;
  std::vector<size_t> holes_;
  size_t at_ = 0;
  uint64_t left_;
  unsigned number_ = 0;
  bool ended_ = false;
  std::ifstream file_;
};

// libxml2 alone: the parser that reads, the schema plugged into it, nothing else.
bool peer(Stream& stream, xmlSchema* schema) {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = [](void*, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int, const xmlChar**) {};
  sax.endElementNs = [](void*, const xmlChar*, const xmlChar*, const xmlChar*) {};
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&sax, nullptr, nullptr, 0, nullptr);
  xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_COMPACT);
  xmlSchemaValidCtxtPtr valid = schema ? xmlSchemaNewValidCtxt(schema) : nullptr;
  xmlSchemaSAXPlugPtr plug = valid ? xmlSchemaSAXPlug(valid, &context->sax, &context->userData) : nullptr;
  std::string chunk(128 << 10, '\0');
  for (int64_t n; (n = stream.read(chunk.data(), chunk.size())) > 0;) xmlParseChunk(context, chunk.data(), static_cast<int>(n), 0);
  xmlParseChunk(context, nullptr, 0, 1);
  const bool good = context->wellFormed && (!valid || xmlSchemaIsValid(valid) == 1);
  if (plug) xmlSchemaSAXUnplug(plug);
  if (valid) xmlSchemaFreeValidCtxt(valid);
  xmlFreeParserCtxt(context);
  return good;
}

bool ours(Stream& stream, const validate::XsdSet* set, validate::XsdSet::Mode mode) {
  const auto judge = set ? set->judge(mode) : nullptr;
  XmlOptions options;
  options.each = "BookingReport";
  options.judge = judge.get();
  if (set) options.ids = &set->ids();
  Names names;
  size_t findings = 0;
  XmlReader reader(stream.input, options, names, [&](Finding finding) {
    if (finding.code != "E-XML-ID-LIMIT" && findings++ < 3) std::fprintf(stderr, "%s\n", message_of(finding).c_str());
  });
  for (Tree tree; reader.next(tree);) {}
  return reader.status() == CB_END && findings == 0;
}

long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 2 ? argv[1] : "";
  if (what == "write") {
    Stream stream(slurp(CASEBRIDGE_SOURCE_DIR "/tests/bench/xml_record.xml"), (argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 100) << 20);
    std::ofstream out(argv[2], std::ios::binary);
    std::string chunk(1 << 20, '\0');
    for (int64_t n; (n = stream.read(chunk.data(), chunk.size())) > 0;) out.write(chunk.data(), n);
    return out.flush() ? 0 : 1;
  }
  const uint64_t megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const std::string here = CASEBRIDGE_SOURCE_DIR "/tests/bench/", record = slurp(here + "xml_record.xml");
  validate::XsdSet set;
  const XmlReport report = [](Finding finding) { std::fprintf(stderr, "%s: %s\n", finding.input.c_str(), message_of(finding).c_str()); };
  if (!set.load({here + "xml_booking.xsd"}, {}, report)) return 1;
  for (const auto mode : {validate::XsdSet::Mode::fast, validate::XsdSet::Mode::strict})
    if (!set.preload("urn:example:booking", "BookingReports", mode, report)) return 1;
  // The peer compiles its own copy: the set does not lend its own.
  std::string booking = slurp(here + "xml_booking.xsd");
  read::schema_loader() = [](void* self, const char*) { return std::string_view(*static_cast<std::string*>(self)); };
  std::string structures = slurp(here + "xml_structures.xsd");
  read::schema_loader_self() = &structures;
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewMemParserCtxt(booking.data(), static_cast<int>(booking.size()));
  xmlSchema* schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  read::schema_loader() = nullptr;
  if (!schema) return 1;

  if (what == "peer") {
    Stream file(argv[2]);
    const bool good = peer(file, schema);
    xmlSchemaFree(schema);
    return good ? 0 : 1;
  }

  using Mode = validate::XsdSet::Mode;
  const struct {
    const char* name;
    std::function<bool(Stream&)> run;
  } ways[] = {
      {"libxml2 SAX", [&](Stream& s) { return peer(s, nullptr); }},
      {"libxml2 SAX + XSD", [&](Stream& s) { return peer(s, schema); }},
      {"casebridge tree", [&](Stream& s) { return ours(s, nullptr, Mode::fast); }},
      {"casebridge tree + XSD", [&](Stream& s) { return ours(s, &set, Mode::fast); }},
      {"casebridge tree + XSD strict", [&](Stream& s) { return ours(s, &set, Mode::strict); }},
  };
  std::vector<std::vector<double>> speed(std::size(ways));
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < std::size(ways); ++i) {
      if (i == 4 && round > 0) continue;
      Stream stream(record, megabytes << 20);
      const auto begin = std::chrono::steady_clock::now();
      if (!ways[i].run(stream)) {
        std::fprintf(stderr, "%s does not find the document valid\n", ways[i].name);
        return 1;
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      speed[i].push_back(static_cast<double>(stream.total) / 1e6 / took.count());
    }
  }
  const auto median = [](std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
  };
  for (size_t i = 0; i < std::size(ways); ++i) std::printf("xml: %s\t%.0f MB/s\t\t\n", ways[i].name, median(speed[i]));
  const double ratio = median(speed[3]) / median(speed[1]);
  std::printf("xml: ratio to libxml2 SAX + XSD\t%.2f\t>= 0.50\t%s\n", ratio, ratio >= 0.5 ? "met" : "MISSED");
  std::printf("xml: peak memory of all\t%ld MiB\t\t\n", peak_mib());
  xmlSchemaFree(schema);
  return 0;
}
