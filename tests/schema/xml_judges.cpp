#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <stdexcept>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLString.hpp>
#include <xercesc/util/XMLUni.hpp>
#include <xercesc/validators/common/Grammar.hpp>

#include "schema/judges.hpp"

namespace casebridge::fixtures {
namespace {

using namespace xercesc;

class Xerces : public Judge, private DefaultHandler {
 public:
  explicit Xerces(const std::string& path) {
    XMLPlatformUtils::Initialize();
    reader_.reset(XMLReaderFactory::createXMLReader());
    reader_->setErrorHandler(this);
    reader_->setFeature(XMLUni::fgSAX2CoreValidation, true);
    reader_->setFeature(XMLUni::fgXercesDynamic, false);
    reader_->setFeature(XMLUni::fgXercesSchema, true);
    reader_->setFeature(XMLUni::fgXercesSchemaFullChecking, true);
    reader_->setFeature(XMLUni::fgXercesLoadSchema, false);
    reader_->setFeature(XMLUni::fgXercesUseCachedGrammarInParse, true);
    if (!reader_->loadGrammar(path.c_str(), Grammar::SchemaGrammarType, true) || errors_)
      throw std::runtime_error("Xerces-C refuses case.xsd: " + what_);
    reader_->setFeature(XMLUni::fgXercesSchemaFullChecking, false);
  }
  ~Xerces() override {
    reader_.reset();
    XMLPlatformUtils::Terminate();
  }
  bool valid(const std::string& document) override {
    errors_ = 0;
    const MemBufInputSource source(reinterpret_cast<const XMLByte*>(document.data()), document.size(), "fixture");
    try {
      reader_->parse(source);
    } catch (const SAXParseException&) { return false; }
    return errors_ == 0;
  }

 private:
  void note(const SAXParseException& e) {
    char* text = XMLString::transcode(e.getMessage());
    if (errors_++ == 0) what_ = std::to_string(e.getLineNumber()) + ": " + text;
    XMLString::release(&text);
  }
  void error(const SAXParseException& e) override { note(e); }
  void fatalError(const SAXParseException& e) override { note(e); }
  void warning(const SAXParseException&) override {}

  std::unique_ptr<SAX2XMLReader> reader_;
  int errors_ = 0;
  std::string what_;
};

void quiet(void*, const char*, ...) {}

class Libxml2 : public Judge {
 public:
  explicit Libxml2(const std::string& path) {
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path.c_str());
    schema_ = parser ? xmlSchemaParse(parser) : nullptr;
    xmlSchemaFreeParserCtxt(parser);
    if (!schema_) throw std::runtime_error("libxml2 refuses case.xsd");
    context_ = xmlSchemaNewValidCtxt(schema_);
    xmlSchemaSetValidErrors(context_, quiet, quiet, nullptr);
  }
  ~Libxml2() override {
    xmlSchemaFreeValidCtxt(context_);
    xmlSchemaFree(schema_);
  }
  bool valid(const std::string& document) override {
    xmlDocPtr doc =
        xmlReadMemory(document.data(), int(document.size()), "fixture", nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const bool good = doc && xmlSchemaValidateDoc(context_, doc) == 0;
    xmlFreeDoc(doc);
    return good;
  }

 private:
  xmlSchemaPtr schema_ = nullptr;
  xmlSchemaValidCtxtPtr context_ = nullptr;
};

}  // namespace

std::unique_ptr<Judge> xerces_judge(const std::string& xsd_path) { return std::make_unique<Xerces>(xsd_path); }
std::unique_ptr<Judge> libxml2_judge(const std::string& xsd_path) { return std::make_unique<Libxml2>(xsd_path); }

}  // namespace casebridge::fixtures
