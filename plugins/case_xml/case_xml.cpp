// case-xml: case data of ours as XML, read and written.
#include "case_xml/case_xml.hpp"

#include "emit/case_plugin.hpp"

namespace casebridge {
namespace {
constexpr cb_format kFormats[] = {{"case-xml", "Case data (XML)", "Données de cas (XML)", "1.0", "xml",
                                   "root=urn:casebridge:case:1 dataset", CB_READS | CB_WRITES | CB_STREAMS | CB_LOSSLESS}};
}
const cb_plugin case_xml_plugin = plugin<emit::CaseXmlReader, emit::CaseXmlWriter>(
    {.id = "case-xml", .version = "1.0.0", .title_en = "Case data (XML)", .title_fr = "Données de cas (XML)"}, kFormats, emit::kPositions);
}  // namespace casebridge
