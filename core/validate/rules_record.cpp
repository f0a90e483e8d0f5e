// Rules within one record: R-V4, R-V8, R-V9, R-V14, R-V16, R-V17.
#include "normalise/folding.hpp"
#include "validate/rules_internal.hpp"

namespace casebridge::validate {
namespace {

std::string_view prefix_of(std::string_view stage) {
  if (stage == "AT_RISK") return "AR_";
  if (stage == "TRANSITIONING_IN") return "TI_";
  if (stage == "ENTRENCHED") return "EN_";
  if (stage == "TRANSITIONING_AWAY") return "TA_";
  return {};
}

// Words of identity in English and French, folded. As whole words: "isolation" is no identity.
bool names_identity(std::string_view text) {
  const std::string padded = " " + normalise::letters_only(text) + " ";
  for (const char* word : {" indigenous",
                           " aboriginal",
                           " native ",
                           " first nation",
                           " metis ",
                           " inuit",
                           " autochtone",
                           " amerindien",
                           " premieres nations",
                           " premiere nation",
                           " lgbt",
                           " 2slgbt",
                           " two spirit",
                           " bispirituel",
                           " gay ",
                           " lesbian",
                           " lesbienne",
                           " bisexual",
                           " bisexuel",
                           " transgender",
                           " transgenre",
                           " trans ",
                           " queer",
                           " sexual orientation",
                           " orientation sexuelle",
                           " gender identity",
                           " identite de genre",
                           " race ",
                           " ethnic",
                           " ethnie"})
    if (padded.find(word) != padded.npos) return true;
  return false;
}

bool is_number(std::string_view t) {
  bool digits = false;
  for (const char c : t) {
    digits = digits || normalise::digit(c);
    if (!normalise::digit(c) && c != '.' && c != ',' && c != '%' && c != '/' && c != ' ' && c != '+' && c != '-') return false;
  }
  return digits;
}

}  // namespace

void Rules::Work::records(const Record& r) {
  if (r.type->tag == tag::Assessment) {
    const Value *stage = r.find(tag::Assessment_stage), *status = r.find(tag::Assessment_traffickingStatus),
                *confidence = r.find(tag::Assessment_confidence);
    bool risks = false, strengths = false;
    for (const Value& v : r.values) {
      if (v.field == tag::Assessment_indicators && stage && !prefix_of(stage->text).empty() && !v.text.starts_with(prefix_of(stage->text)))
        report(r, "E-RULE-STAGE", "R-V4", {std::string(v.text), std::string(stage->text)}, tag::Assessment_indicators);
      if (v.field == tag::Assessment_strengths) strengths = true;
      if (v.field != tag::Assessment_riskFactors) continue;
      risks = true;
      if (names_identity(v.original)) report(r, "E-RULE-IDENTITY-RISK", "R-V17", {}, tag::Assessment_riskFactors);
    }
    for (const Ext& e : r.ext) {
      if (e.name == "/riskFactors" && names_identity(e.value)) report(r, "E-RULE-IDENTITY-RISK", "R-V17", {}, tag::Assessment_riskFactors);
      const std::string name = normalise::letters_only(e.name);
      if ((name.find("score") != name.npos || name.find("probab") != name.npos) && is_number(e.value))
        report(r, "E-RULE-SCORE", "R-V16", {std::string(e.name)});
    }
    for (const Absent& a : r.absent) strengths = strengths || a.field == tag::Assessment_strengths;
    if (risks && !strengths) report(r, "E-RULE-STRENGTHS", "R-V17", {}, tag::Assessment_strengths);
    if (status && status->text == "ACTUAL" && !r.find(tag::Assessment_decisionBody))
      report(r, "E-RULE-DECISION", "R-V14", {}, tag::Assessment_decisionBody);
    if (confidence && is_number(confidence->text)) report(r, "E-RULE-CONFIDENCE", "R-V16", {}, tag::Assessment_confidence);
  } else if (r.type->tag == tag::Order) {
    const Value *issued = r.find(tag::Order_issued), *expires = r.find(tag::Order_expires), *type = r.find(tag::Order_type);
    if (issued && expires && normalise::compare_dates(issued->text, expires->text) > 0)
      report(r, "E-RULE-EXPIRES", "R-V8", {std::string(issued->text), std::string(expires->text)}, tag::Order_expires);
    bool conditions = false;
    for (const Block& b : r.blocks) conditions = conditions || b.tag == tag::Order_conditions;
    for (const Absent& a : r.absent) conditions = conditions || a.field == tag::Order_conditions;
    if (type && type->text == "RELEASE_ORDER" && !conditions) report(r, "E-RULE-RELEASE-CONDITIONS", "R-V8", {}, tag::Order_conditions);
  } else if (r.type->tag == tag::Charge) {
    const Value* code = r.find(tag::Charge_statute_code);
    const Days offence = interval(r, tag::Charge_offenceDate_start, tag::Charge_offenceDate_end);
    const model::CodeRow* row = code ? model::node(tag::Charge_statute_code).codes->find(code->text) : nullptr;
    if (!row || !offence.known) return;
    const Days from = days_of(row->valid_from), to = days_of(row->valid_to);
    if ((from.known && offence.last < from.first) || (to.known && offence.first > to.last))
      report(r, "E-RULE-NOT-IN-FORCE", "R-V9", {std::string(code->text), std::string(row->valid_from), std::string(row->valid_to)},
             tag::Charge_statute_code);
  }
}

}  // namespace casebridge::validate
