// Xerces-C with a locked grammar pool: slower and stricter than libxml2, the verdict of record. Xerces pulls its input
// and we push ours, so it runs on a stack of its own that is left whenever it asks for bytes that are not there yet.
#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLErrorCodes.hpp>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/framework/XMLValidityCodes.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax2/Attributes.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/BinInputStream.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/TransService.hpp>
#include <xercesc/util/XMLEntityResolver.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "validate/xsd_compiled.hpp"

namespace casebridge::validate {
using read::xml_finding;
namespace xc = xercesc;

struct StrictGrammar {
  std::unique_ptr<xc::XMLGrammarPoolImpl> pool;
};
void StrictDeleter::operator()(StrictGrammar* grammar) const { delete grammar; }

namespace {

void prepare_xerces() {
  static std::once_flag once;
  std::call_once(once, [] {
    setenv("XERCES_DISABLE_DTD", "1", 1);  // read by every scanner: a DOCTYPE is an error
    xc::XMLPlatformUtils::Initialize();
  });
}

std::string utf8(const XMLCh* text) {
  if (!text) return {};
  const xc::TranscodeToStr out(text, "UTF-8");
  return {reinterpret_cast<const char*>(out.str()), out.length()};
}

struct Wide {  // "..." as XMLCh
  explicit Wide(std::string_view text) : out(reinterpret_cast<const XMLByte*>(text.data()), text.size(), "UTF-8") {}
  operator const XMLCh*() const { return out.str(); }
  xc::TranscodeFromStr out;
};

// Schema locations lead into the index and nowhere else.
class Resolver : public xc::XMLEntityResolver {
 public:
  Resolver(const XsdIndex* index, uint32_t entry) : index_(index), entry_(entry) {}
  xc::InputSource* resolveEntity(xc::XMLResourceIdentifier* id) override {
    if (index_) {
      const auto base = index_->find(utf8(id->getBaseURI()));
      const bool import = id->getResourceIdentifierType() == xc::XMLResourceIdentifier::SchemaImport;
      XsdLink link{utf8(id->getNameSpace()), utf8(id->getSchemaLocation()), import};
      if (link.location.empty()) link.location = utf8(id->getSystemId());
      if (const auto to = index_->resolve(base.value_or(entry_), link)) {
        const XsdFile& file = index_->files()[*to];
        return new xc::MemBufInputSource(reinterpret_cast<const XMLByte*>(file.bytes.data()), file.bytes.size(), Wide(file.url), false);
      }
    }
    return new xc::MemBufInputSource(reinterpret_cast<const XMLByte*>(""), 0, Wide("/nowhere"), false);
  }

 private:
  const XsdIndex* index_;
  uint32_t entry_;
};

// Says of every problem which one it is: the interface above this one passes words only.
class Reader : public xc::SAX2XMLReaderImpl {
 public:
  using Words =
      std::function<void(unsigned code, const XMLCh* domain, ErrTypes type, const XMLCh* words, const XMLCh* file, XMLFileLoc line)>;
  Reader(xc::XMLGrammarPool* pool, Words words) : SAX2XMLReaderImpl(xc::XMLPlatformUtils::fgMemoryManager, pool), words_(std::move(words)) {
    using U = xc::XMLUni;
    // Xerces counts &amp; too. Nothing but XML's own five gets past the pre-scan, so honest documents would be refused.
    security_.setEntityExpansionLimit(std::numeric_limits<XMLSize_t>::max());
    setFeature(U::fgSAX2CoreNameSpaces, true);
    setFeature(U::fgSAX2CoreValidation, true);
    setFeature(U::fgXercesDynamic, false);
    setFeature(U::fgXercesSchema, true);
    setFeature(U::fgXercesIdentityConstraintChecking, true);
    setFeature(U::fgXercesLoadExternalDTD, false);
    setFeature(U::fgXercesContinueAfterFatalError, true);  // we decide which of them is the end
    setFeature(U::fgXercesDisableDefaultEntityResolution, true);
    setProperty(U::fgXercesSecurityManager, &security_);
    setErrorHandler(&quiet_);  // without one no problem is reported at all
  }
  void error(const unsigned int code, const XMLCh* const domain, const ErrTypes type, const XMLCh* const words, const XMLCh* const file,
             const XMLCh* const, const XMLFileLoc line, const XMLFileLoc) override {
    words_(code, domain, type, words, file, line);
  }

 private:
  xc::SecurityManager security_;
  xc::DefaultHandler quiet_;
  Words words_;
};

class StrictJudge : public read::XmlJudge, private xc::DefaultHandler {
 public:
  explicit StrictJudge(const XsdSet& set) : set_(set) {}
  ~StrictJudge() override {
    report_ = [](Finding) {};
    closing_ = last_ = true;
    while (fiber_) fiber_ = std::move(fiber_).resume();  // Xerces sees the end of its input and comes back
  }

  void begin(std::string_view ns, std::string_view name, const read::XmlReport& report) override {
    prepare_xerces();
    report_ = report;
    compiled_ = set_.compiled(ns, name, XsdSet::Mode::strict);
    if (!compiled_) report_(xml_finding("E-XSD-NO-SCHEMA", {std::string(name), std::string(ns)}, {0, 1, 1}, 0));
    else if (compiled_->broken) report_(xml_finding("E-XSD-UNCHECKED", {compiled_->path}, {0, 1, 1}, 0));
    if (!compiled_ || compiled_->broken) {  // libxml2 still says whether it is XML at all
      compiled_ = nullptr;
      plain_ = read::make_wellformed_judge();
      plain_->begin(ns, name, report);
      return;
    }
    spacious_ = !ns.empty();
    fiber_ =
        boost::context::fiber(std::allocator_arg, boost::context::fixedsize_stack(size_t(1) << 20), [this](boost::context::fiber&& caller) {
          caller_ = std::move(caller);
          run();
          done_ = true;
          return std::move(caller_);
        });
  }

  bool feed(std::string_view bytes, bool last) override {
    if (plain_) {
      plain_->marks.insert(plain_->marks.end(), marks.begin(), marks.end());
      plain_->attribute_marks.insert(plain_->attribute_marks.end(), attribute_marks.begin(), attribute_marks.end());
      marks.clear();
      attribute_marks.clear();
      return plain_->feed(bytes, last);
    }
    chunk_ = bytes;
    last_ = last;
    while (fiber_ && !done_ && (!chunk_.empty() || last_)) fiber_ = std::move(fiber_).resume();
    if (next_ == marks.size()) {
      marks.clear();
      attribute_marks.clear();
      next_ = next_attribute_ = 0;
    }
    return !failed_;
  }

 private:
  class Stream : public xc::BinInputStream {
   public:
    explicit Stream(StrictJudge& judge) : judge_(judge) {}
    XMLFilePos curPos() const override { return read_; }
    XMLSize_t readBytes(XMLByte* const into, const XMLSize_t most) override {
      while (judge_.chunk_.empty() && !judge_.last_) judge_.caller_ = std::move(judge_.caller_).resume();
      const size_t n = judge_.closing_ ? 0 : std::min<size_t>(most, judge_.chunk_.size());
      std::memcpy(into, judge_.chunk_.data(), n);
      judge_.chunk_.remove_prefix(n);
      read_ += n;
      return n;
    }
    const XMLCh* getContentType() const override { return nullptr; }

   private:
    StrictJudge& judge_;
    XMLFilePos read_ = 0;
  };
  class Source : public xc::InputSource {
   public:
    explicit Source(StrictJudge& judge) : judge_(judge) { setEncoding(xc::XMLUni::fgUTF8EncodingString); }
    xc::BinInputStream* makeStream() const override { return new Stream(judge_); }

   private:
    StrictJudge& judge_;
  };

  void run() {
    try {
      Reader reader(compiled_->strict->pool.get(),
                    [this](unsigned code, const XMLCh* domain, xc::XMLErrorReporter::ErrTypes type, const XMLCh* words, const XMLCh*,
                           XMLFileLoc) { on_error(code, domain, type, utf8(words)); });
      using U = xc::XMLUni;
      // A cached grammar and the fast scanner do not find elements without a namespace; the other one does.
      reader.setProperty(U::fgXercesScannerName, const_cast<XMLCh*>(spacious_ ? U::fgSGXMLScanner : U::fgIGXMLScanner));
      reader.setFeature(U::fgXercesUseCachedGrammarInParse, true);
      reader.setFeature(U::fgXercesLoadSchema, false);
      Resolver nowhere(nullptr, 0);
      reader.setXMLEntityResolver(&nowhere);
      reader.setContentHandler(this);
      reader.parse(Source(*this));
    } catch (const xc::XMLException& wrong) { fail(utf8(wrong.getMessage())); } catch (const xc::SAXException& wrong) {
      fail(utf8(wrong.getMessage()));
    } catch (const xc::OutOfMemoryException&) {
      fail("out of memory");
    } catch (const std::exception& wrong) {  // none may cross from one stack to the other
      fail(wrong.what());
    }
  }

  void fail(std::string words) {
    if (failed_) return;
    failed_ = true;
    const read::XmlMark mark = next_ < marks.size() ? marks[next_] : read::XmlMark{};
    report_(xml_finding("E-XML-SYNTAX", {std::move(words)}, mark.place, mark.length));
  }

  // Xerces reports before it tells of the tag, so the tag at hand is the next mark.
  void on_error(unsigned code, const XMLCh* domain, xc::XMLErrorReporter::ErrTypes type, std::string words) {
    if (failed_ || type == xc::XMLErrorReporter::ErrType_Warning) return;
    const bool hint = code == xc::XMLErrs::BadSchemaLocation && xc::XMLString::equals(domain, xc::XMLUni::fgXMLErrDomain);
    if (type == xc::XMLErrorReporter::ErrType_Fatal && !hint) return fail(std::move(words));
    const bool validity = xc::XMLString::equals(domain, xc::XMLUni::fgValidityDomain);
    using V = xc::XMLValid;
    std::string_view kind = hint ? "E-XSD-HINT" : "E-XSD-OTHER";
    const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
    const bool value = xc::XMLString::equals(domain, xc::XMLUni::fgExceptDomain);  // a value that its data type refused
    if (value) {  // integers are told from other text by a pattern of Xerces' own
      kind = says("not in enumeration")      ? "E-XSD-CODE"
             : says("facet '[+\\-]?[0-9]+'") ? "E-XSD-TYPE"
             : says("facet")                 ? "E-XSD-VALUE"
                                             : "E-XSD-TYPE";
    } else if (validity) {
      switch (code) {
        case V::ReusedIDValue:
        case V::IDNotDeclared: return;  // our own index says so, with both places
        case V::ElementNotDefined: kind = path_.empty() ? "E-XSD-ROOT" : "E-XSD-CONTENT"; break;
        case V::ElementNotValidForContent:
        case V::NotEnoughElemsForCM:
        case V::NoCharDataInCM:
        case V::EmptyNotValidForContent:
        case V::SimpleTypeHasChild:
        case V::NonWSContent:
        case V::EmptyElemHasContent:
        case V::ElementNotQualified:
        case V::ElementNotUnQualified:
        case V::NoDirectUseAbstractElement: kind = "E-XSD-CONTENT"; break;
        case V::AttNotDefined:
        case V::AttNotDefinedForElement:
        case V::ProhibitedAttributePresent:
        case V::AttributeNotQualified:
        case V::AttributeNotUnQualified: kind = "E-XSD-ATTRIBUTE"; break;
        case V::RequiredAttrNotProvided: kind = "E-XSD-ATTRIBUTE-MISSING"; break;
        case V::NillNotAllowed:
        case V::NilAttrNotEmpty: kind = "E-XSD-NIL"; break;
        case V::BadXsiType:
        case V::NonDerivedXsiType:
        case V::NoAbstractInXsiType:
        case V::NoUseAbstractType:
        case V::TypeNoSubforBlock: kind = "E-XSD-XSI-TYPE"; break;
        case V::IC_DuplicateUnique:
        case V::IC_DuplicateKey:
        case V::IC_KeyNotFound: kind = "E-XSD-KEY"; break;
        case V::DatatypeError:
        case V::DatatypeValidationFailure:
        case V::DisplayErrorMessage:
        case V::DoesNotMatchEnumList: kind = says("enumeration") ? "E-XSD-CODE" : "E-XSD-TYPE"; break;
        case V::NotSameAsFixedValue:
        case V::FixedDifferentFromActual: kind = "E-XSD-VALUE"; break;
        case V::IC_AbsentKeyValue:
        case V::IC_KeyNotEnoughValues:
        case V::IC_FieldMultipleMatch:
        case V::IC_KeyRefOutOfScope: kind = "E-XSD-KEY"; break;
        default: break;
      }
    }
    const read::XmlMark mark = next_ < marks.size() ? marks[next_] : read::XmlMark{};
    std::vector<read::XmlAttributeMark> attributes;
    for (uint32_t i = 0; mark.start && i < mark.n_attributes && next_attribute_ + i < attribute_marks.size(); ++i)
      attributes.push_back(attribute_marks[next_attribute_ + i]);
    if (value && attributes.size() == 1 && !says("attribute '")) words = "attribute '" + std::string(attributes[0].name) + "': " + words;
    std::string element;
    if (const size_t at = words.find("element '"); at != std::string::npos)
      element = words.substr(at + 9, words.find('\'', at + 9) - at - 9);
    if (element.empty()) {  // the words do not say it: the element at hand
      std::string_view name = mark.start ? mark.name : path_.empty() ? std::string_view("-") : path_.back().name;
      element = name.substr(name.find(':') == name.npos ? 0 : name.find(':') + 1);
    }
    report_(xsd_finding(kind, element, std::move(words), mark, attributes, path_));
  }

  void step(bool start) {
    if (next_ >= marks.size()) return;
    const read::XmlMark& mark = marks[next_++];
    if (start) {
      path_.push_back(mark);
      next_attribute_ += mark.n_attributes;
    } else if (!path_.empty()) path_.pop_back();
  }
  void startElement(const XMLCh* const, const XMLCh* const, const XMLCh* const, const xc::Attributes&) override { step(true); }
  void endElement(const XMLCh* const, const XMLCh* const, const XMLCh* const) override { step(false); }

  const XsdSet& set_;
  const CompiledXsd* compiled_ = nullptr;
  std::unique_ptr<read::XmlJudge> plain_;
  read::XmlReport report_;
  boost::context::fiber fiber_, caller_;
  std::string_view chunk_;
  std::vector<read::XmlMark> path_;
  size_t next_ = 0, next_attribute_ = 0;
  bool last_ = false, done_ = false, failed_ = false, closing_ = false, spacious_ = true;
};

}  // namespace

bool compile_strict(const XsdIndex& index, uint32_t file, CompiledXsd& into, const read::XmlReport& report) {
  prepare_xerces();
  into.strict.reset(new StrictGrammar{std::make_unique<xc::XMLGrammarPoolImpl>()});
  bool good = true;
  const auto complain = [&](std::string words, const std::string& url, uint64_t line) {
    good = false;
    Finding finding = xml_finding("E-XSD-SCHEMA", {std::move(words)}, {0, line, 0}, 0);
    const auto at = index.find(url);
    finding.input = index.files()[at.value_or(file)].path;
    report(std::move(finding));
  };
  Reader reader(into.strict->pool.get(),
                [&](unsigned, const XMLCh*, xc::XMLErrorReporter::ErrTypes type, const XMLCh* words, const XMLCh* where, XMLFileLoc line) {
                  if (type != xc::XMLErrorReporter::ErrType_Warning) complain(utf8(words), utf8(where), line);
                });
  reader.setFeature(xc::XMLUni::fgXercesSchemaFullChecking, true);
  reader.setFeature(xc::XMLUni::fgXercesHandleMultipleImports, true);
  Resolver resolver(&index, file);
  reader.setXMLEntityResolver(&resolver);
  const XsdFile& entry = index.files()[file];
  const xc::MemBufInputSource source(reinterpret_cast<const XMLByte*>(entry.bytes.data()), entry.bytes.size(), Wide(entry.url), false);
  try {
    if (!reader.loadGrammar(source, xc::Grammar::SchemaGrammarType, true) && good) complain("-", entry.url, 0);
  } catch (const xc::XMLException& wrong) { complain(utf8(wrong.getMessage()), entry.url, 0); } catch (const xc::SAXException& wrong) {
    complain(utf8(wrong.getMessage()), entry.url, 0);
  }
  into.strict->pool->lockPool();
  return good;
}

std::unique_ptr<read::XmlJudge> make_strict_judge(const XsdSet& set) { return std::make_unique<StrictJudge>(set); }

}  // namespace casebridge::validate
