// Rules about marks: R-V5 (conditions), R-V7 (CSAEM), R-V10 (TLP:CLEAR). The Source line's handling is a floor.
#include <algorithm>

#include "validate/rules_internal.hpp"

namespace casebridge::validate {
namespace {

// Caveats that rest on a statute or on privilege: whoever marks such a record CLEAR has made a mistake.
constexpr std::string_view kStatutory[] = {"YCJA_RECORD",
                                           "YCJA_EJM",
                                           "YCJA_SEPARATE_DESTROY",
                                           "PUBLICATION_BAN",
                                           "YCJA_PUBLICATION",
                                           "CC278_RECORD",
                                           "CC278_THERAPEUTIC",
                                           "CYFSA_CHILD_PROTECTION",
                                           "CSAEM",
                                           "INTIMATE_IMAGE",
                                           "INTERCEPT",
                                           "INFORMER",
                                           "SOLICITOR_CLIENT",
                                           "SEALED",
                                           "MPA_ONLY",
                                           "HEALTH",
                                           "FN_GOVERNED",
                                           "WITNESS_PROTECTION",
                                           "RECORD_SUSPENSION"};
bool statutory(std::string_view caveat) { return std::find(std::begin(kStatutory), std::end(kStatutory), caveat) != std::end(kStatutory); }

bool about_thumbnails(std::string_view name) {
  std::string low;
  for (const char c : name) low += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const std::string_view word : {"thumb", "preview", "vignette", "apercu", "base64", "imagedata"})
    if (low.find(word) != low.npos) return true;
  return false;
}

}  // namespace

void Rules::Work::marks(const Record& r) {
  // Marks stand last in a record, and most records have none: where the Source line is not CLEAR either, there is nothing to
  // weigh. Of CSAEM, Evidence speaks in other fields too.
  static const uint16_t first_mark = model::node(tag::any_handling).rank;
  const SourceMarks* source = floor(r);
  const bool own = !r.values.empty() && model::node(r.values.back().field).rank >= first_mark;
  if (!own && source && source->tlp != "CLEAR" && r.type->tag != tag::Evidence) return;
  const Value *code = r.find(tag::any_handling_handlingCode), *tlp = r.find(tag::any_handling_tlp);
  const bool states = code && code->text == "C";
  if (states && !r.find(tag::any_handling_conditions) && !(source && source->conditions))
    report(r, "E-RULE-CONDITIONS", "R-V5", {}, tag::any_handling_conditions);

  const bool floor_clear = !source || source->tlp.empty() || source->tlp == "CLEAR";
  const bool clear = floor_clear && (tlp ? tlp->text == "CLEAR" : source && source->tlp == "CLEAR");
  if (clear) {
    std::string_view found;
    for (const Value& v : r.values)
      if (v.field == tag::any_handling_caveats && statutory(v.text)) found = v.text;
    if (source)
      for (const std::string& c : source->caveats)
        if (statutory(c)) found = c;
    if (!found.empty()) report(r, "E-RULE-CLEAR", "R-V10", {std::string(found)}, tag::any_handling_tlp);
  }

  if (r.type->tag != tag::Evidence) return;
  const Value* csaem = r.find(tag::Evidence_containsCsaem);
  if (!csaem || csaem->text != "true") return;
  if (r.find(tag::Evidence_uri)) report(r, "E-RULE-CSAEM-URI", "R-V7", {}, tag::Evidence_uri);
  for (const Ext& e : r.ext)
    if (about_thumbnails(e.name)) {
      report(r, "E-RULE-CSAEM-THUMBNAIL", "R-V7", {std::string(e.name)});
      break;
    }
  if (!has_caveat(r, "CSAEM")) report(r, "E-RULE-CSAEM-CAVEAT", "R-V7", {}, tag::any_handling_caveats);
}

}  // namespace casebridge::validate
