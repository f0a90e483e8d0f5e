// libxml2's push parser with the safe switches, counting tags in step with the marks. Shared by the two judges that
// use it: well-formedness alone, and XML Schema. Internal.
#pragma once
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "read/xml_judge.hpp"

namespace casebridge::read {

// What libxml2 may load in this thread, and by what name: nothing, unless a schema is being compiled.
using SchemaLoader = std::string_view (*)(void* self, const char* url);
SchemaLoader& schema_loader();
void*& schema_loader_self();

void prepare_libxml();  // once per process, before the sandbox closes: refuses every entity and every file

class LibxmlJudge : public XmlJudge {
 public:
  ~LibxmlJudge() override;
  void begin(std::string_view ns, std::string_view name, const XmlReport& report) override;
  bool feed(std::string_view utf8, bool last) override;

 protected:
  virtual void plug(xmlParserCtxtPtr) {}  // before the first bytes
  virtual void unplug() {}
  const XmlMark& mark() const { return mark_; }                            // of the tag libxml2 is at
  const std::vector<XmlAttributeMark>& attributes() const { return at_; }  // of that start tag
  void close();
  XmlReport report_;
  std::vector<XmlMark> path_;  // start marks of the open elements
  XmlMark mark_;

 private:
  static void on_start(void* self, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int, const xmlChar**);
  static void on_end(void* self, const xmlChar*, const xmlChar*, const xmlChar*);
  static void on_subset(void* self, const xmlChar*, const xmlChar*, const xmlChar*);
  void step(bool start);
  xmlParserCtxtPtr context_ = nullptr;
  std::vector<XmlAttributeMark> at_;
  size_t next_mark_ = 0, next_attribute_ = 0;
  bool pop_ = false, failed_ = false;
};

}  // namespace casebridge::read
