// htcds, htcds-xlsx: the Human Trafficking Case Data Standard 2.0 as a table, as CSV or as a workbook: one row for each person
// whom a source says to be or perhaps to be a victim, under the names of the standard. The reader of the same format is the
// plugin htcds. The columns of the perpetrator context (per_) are not written: a row is a victim's.
#include <algorithm>
#include <map>

#include "emit/escape.hpp"
#include "emit/exporting/words.hpp"
#include "emit/exporting/workbook.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;

constexpr const char* kNoVictim = "HTCDS has rows for victims only";
constexpr const char* kNoValue = "HTCDS has no value for this code";
constexpr const char* kOne = "HTCDS has room for one of them";

constexpr std::string_view kColumns[] = {"cas_CaseOwner",
                                         "prs_FirstName",
                                         "prs_MiddleName",
                                         "prs_SecondName",
                                         "con_Consent",
                                         "prs_Birthdate",
                                         "prs_Gender",
                                         "prs_Deceased",
                                         "prs_PrimaryLanguage",
                                         "prs_SecondaryLanguage",
                                         "prs_Citizenship",
                                         "prs_IdentityNumber",
                                         "prs_Email",
                                         "prs_HomePhone",
                                         "prs_MobilePhone",
                                         "prs_MailingStreet",
                                         "prs_MailingCity",
                                         "prs_MailingState",
                                         "prs_MailingPostalCode",
                                         "prs_MailingCountry",
                                         "prs_MailingLongitude",
                                         "prs_MailingLatitude",
                                         "vic_TraffickingStatus",
                                         "vic_TraffickingStatusDecisionMakingOrg",
                                         "vic_RelationshipToTrafficker",
                                         "vic_AgeWhenTrafficked",
                                         "vic_MethodOfRecruitment",
                                         "vic_MethodsOfControl",
                                         "vic_TypeOfExploitation",
                                         "vic_ForcedLabourIndustry",
                                         "vic_TypeOfSexExploitation",
                                         "vic_LocationOfExploitation",
                                         "vic_ExploitationWebsitesAndApps",
                                         "cas_Status",
                                         "cas_ReasonForCaseClosure",
                                         "cas_ReferringOrganisation",
                                         "cas_IncomingReferralDate",
                                         "cas_ReasonForIncomingReferral",
                                         "cas_ReferredOrganisation",
                                         "cas_OutgoingReferralDate",
                                         "cas_ReasonForOutgoingReferral"};
constexpr size_t kCount = std::size(kColumns);

constexpr size_t column(std::string_view name) {
  for (size_t i = 0; i < kCount; ++i)
    if (kColumns[i] == name) return i;
  return kCount;
}

// Our code -> the value of the standard. What is not here has none.
struct Value2 {
  std::string_view code, value;
};
constexpr Value2 kGender[] = {{"FEMININE", "Feminine"},
                              {"MASCULINE", "Masculine"},
                              {"TRANS_FEMININE", "TransgenderFeminine"},
                              {"TRANS_MASCULINE", "TransgenderMasculine"},
                              {"NON_CONFORMING", "NonConforming"},
                              {"UNKNOWN", "NonSpecifiedUnknown"}};
constexpr Value2 kStatus[] = {
    {"POSSIBLE", "PossibleVictimOfTrafficking"}, {"ACTUAL", "ActualVictimOfTrafficking"}, {"NOT_VICTIM", "NotAVictimOfTrafficking"}};
constexpr Value2 kBody[] = {{"POLICE", "Police"},
                            {"NGO", "NGO"},
                            {"COURT_PROSECUTION", "CourtOrProsecution"},
                            {"OTHER_GOVERNMENT", "NonPoliceGovernmentalOrganization"},
                            {"OTHER", "Other"}};
constexpr Value2 kRelationship[] = {{"INTIMATE_PARTNER", "Acquainted"},
                                    {"FRIEND", "Acquainted"},
                                    {"ACQUAINTANCE", "Acquainted"},
                                    {"FAMILY", "Familial"},
                                    {"STRANGER", "Unaquainted"}};  // so spelt in the standard
constexpr Value2 kRecruitment[] = {{"PLACE_OF_BUSINESS", "AtAPlaceOfBusiness"},
                                   {"SCHOOL", "AtAnEducationalInstitution"},
                                   {"WORK", "AtWork"},
                                   {"ONLINE_SOCIAL", "ThroughOnlineSocialNetworks"},
                                   {"ONLINE_AD", "ThroughAnOnlineAdvertisement"},
                                   {"TELEVISION_AD", "ThroughATelevisionAdvert"},
                                   {"NEWSPAPER_AD", "ThroughANewspaperAdvert"},
                                   {"FAMILY", "ThroughFamilyOrFamilyEvents"},
                                   {"FRIENDS_SOCIAL", "ThroughFriendsOrSocialEvents"},
                                   {"OTHER", "Other"}};
constexpr Value2 kControl[] = {{"PSYCHOLOGICAL_MANIPULATION", "PsychologicalAbuse"},
                               {"EMOTIONAL_ABUSE", "PsychologicalAbuse"},
                               {"LIES_FALSE_PROMISES", "FalsePromises"},
                               {"INDUCED_ADDICTION", "PsychoactiveSubstance"},
                               {"THREATS_PHYSICAL", "PhysicalThreats"},
                               {"THREATS_FAMILY", "ThreatensChildrenFamily"},
                               {"THREATS_AUTHORITIES", "ThreatsLawEnforcement"},
                               {"VIOLENCE_PHYSICAL", "PhysicalAbuse"},
                               {"VIOLENCE_SEXUAL", "SexualAbuse"},
                               {"DOCUMENTS_TAKEN", "WithholdsDocuments"},
                               {"MONEY_TAKEN", "TakesEarnings"},
                               {"FINANCIAL_ACCESS", "RestrictsFinancialAccess"},
                               {"DEBT_BONDAGE", "DebtBondage"},
                               {"NECESSITIES_WITHHELD", "WithholdsNecessities"},
                               {"MEDICAL_CARE_RESTRICTED", "RestrictsMedicalCare"},
                               {"EXCESSIVE_HOURS", "ExcessiveWorkingHours"},
                               {"OTHER", "Other"}};
constexpr Value2 kExploitation[] = {{"SEXUAL", "SexualExploitation"},
                                    {"FORCED_LABOUR", "ForcedLabour"},
                                    {"CHILD_LABOUR", "ChildLabour"},
                                    {"SERVITUDE", "Servitude"},
                                    {"FORCED_MARRIAGE", "ForcedMarriage"},
                                    {"FORCED_MILITARY", "ForcedMilitaryByNonStateActors"},
                                    {"ORGAN_REMOVAL", "OrganRemoval"},
                                    {"FORCED_BEGGING", "ForcedBegging"},
                                    {"FORCED_ADOPTION", "ForcedAdoption"},
                                    {"SURROGACY", "Surrogacy"},
                                    {"OTHER", "Other"}};
constexpr Value2 kIndustry[] = {{"A", "A_AgricultureForestryAndFishing"},
                                {"B", "B_MiningAndQuarrying"},
                                {"C", "C_Manufacturing"},
                                {"D", "D_ElectricityGasSteamAndAirConditioningSupply"},
                                {"E", "E_WaterSupplySewerageWasteManagement"},
                                {"F", "F_Construction"},
                                {"G", "G_WholesaleAndRetailTradeRepairOfMotorVehicles"},
                                {"H", "H_TransportationAndStorage"},
                                {"I", "I_AccommodationAndFoodServiceActivities"},
                                {"J", "J_InformationAndCommunication"},
                                {"K", "K_FinancialAndInsuranceActivities"},
                                {"L", "L_RealEstateActivities"},
                                {"M", "M_ProfessionalScientificAndTechnicalActivities"},
                                {"N", "N_AdministrativeAndSupportServiceActivities"},
                                {"O", "O_PublicAdministrationAndDefence"},
                                {"P", "P_Education"},
                                {"Q", "Q_HumanHealthAndSocialWorkActivities"},
                                {"R", "R_ArtsEntertainmentAndRecreation"},
                                {"S", "S_OtherServiceActivities"},
                                {"T", "T_ActivitiesOfHouseholdsAsEmployers"},
                                {"U", "U_ActivitiesOfExtraterritorialOrganizations"}};
constexpr Value2 kSex[] = {{"PROSTITUTION", "Prostitution"},
                           {"PORNOGRAPHY", "Pornography"},
                           {"REMOTE_INTERACTIVE", "RemoteInteractiveServices"},
                           {"PRIVATE_SEXUAL", "PrivateSexualServices"}};
constexpr Value2 kPlatform[] = {{"FACEBOOK", "Facebook"},
                                {"INSTAGRAM", "Instagram"},
                                {"WHATSAPP", "WhatsApp"},
                                {"TELEGRAM", "Telegram"},
                                {"FACEBOOK_MESSENGER", "FacebookMessenger"},
                                {"VIBER", "Viber"},
                                {"SNAPCHAT", "SnapChat"},
                                {"LINE", "Line"},
                                {"4SALE", "4Sale"},
                                {"WECHAT", "WeChat"},
                                {"QQ", "QQ"},
                                {"QZONE", "QZone"},
                                {"TIKTOK", "TikTok"},
                                {"X_TWITTER", "Twitter"},
                                {"OTHER", "Other"}};
constexpr Value2 kCase[] = {{"ACTIVE", "Active"}, {"FOLLOW_UP", "FollowUp"}, {"CLOSED", "Closed"}, {"CLOSED_REFERRED", "ClosedReferred"}};
constexpr Value2 kReason[] = {
    {"ADDITIONAL_SERVICES", "AdditionalServicesRequired"}, {"RELOCATION", "MigrationOrChangeOfLocation"}, {"OTHER", "Other"}};

using Row = std::vector<std::string>;

class Htcds : public emit::DataSetWriter {
 public:
  explicit Htcds(OpenOutput open) : DataSetWriter(open), workbook_(open.options.format() == "htcds-xlsx") {}

 private:
  struct Victim {
    const Record* person = nullptr;
    std::vector<const Record*> episodes, assessments, links, referrals;
  };

  static void put(Row& row, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    std::string& cell = row[column(name)];
    if (cell.empty()) cell = text;
    else if ((";" + cell + ";").find(";" + std::string(text) + ";") == std::string::npos) cell.append(";").append(text);
  }
  void code(Row& row, std::string_view name, const char* field, std::span<const Value2> list, std::string_view code) {
    if (code.empty()) return;
    for (const Value2& v : list)
      if (v.code == code) return put(row, name, v.value);
    set_->lose(field, kNoValue);
  }
  // A column of one value: the first holds, the others are told.
  void first(Row& row, std::string_view name, const char* field, std::string_view text) {
    if (text.empty()) return;
    if (row[column(name)].empty()) put(row, name, text);
    else if (row[column(name)] != text) set_->lose(field, kOne);
  }

  void emit(DataSet& set) override {
    set_ = &set;
    std::map<const Record*, size_t> at;
    std::vector<Victim> victims;
    const auto victim = [&](const Record* who, bool make) -> Victim* {
      if (!who || who->type->name != "Person" || (!make && !at.count(who))) return nullptr;
      const auto [found, fresh] = at.emplace(who, victims.size());
      if (fresh) victims.push_back({who, {}, {}, {}, {}});
      return &victims[found->second];
    };
    for (const bool make : {true, false})
      for (const Record* r : set.records()) {
        const std::string_view type = r->type->name;
        if (type == "Episode" && make) {
          if (Victim* v = victim(set.find(emit::raw_text(*r, "victim")), true)) v->episodes.push_back(r);
        } else if (type == "Assessment" && make && !emit::raw_text(*r, "traffickingStatus").empty()) {
          if (Victim* v = victim(set.find(emit::raw_text(*r, "subject")), true)) v->assessments.push_back(r);
        } else if (type == "Link" && make) {
          const std::string_view role = emit::raw_text(*r, "role"), by = emit::raw_text(*r, "assertedBy");
          if ((role == "VICTIM" || role == "POTENTIAL_VICTIM") && (by == "SOURCE" || by == "ANALYST"))
            victim(set.find(emit::raw_text(*r, "from")), true);
        } else if (type == "Referral" && !make) {
          if (Victim* v = victim(set.find(emit::raw_text(*r, "subject")), false)) v->referrals.push_back(r);
        }
        if (type == "Link" && !make)
          if (Victim* v = victim(set.find(emit::raw_text(*r, "from")), false)) v->links.push_back(r);
      }
    for (const Record* r : set.records())
      if (r->type->name == "Person" && !at.count(r)) set.lose("Person", kNoVictim);
    std::vector<Row> rows;
    for (const Victim& v : victims) rows.push_back(row(v));
    if (workbook_) write_workbook(rows);
    else write_csv(rows);
  }

  Row row(const Victim& v) {
    Row out(kCount);
    Fields f(*set_, *v.person);
    bool named = false;
    for (const Item& n : f.items("names")) {
      const std::string_view type = emit::raw_item(*v.person, n.block(), "type");
      if (named || (!type.empty() && type != "LEGAL")) continue;
      named = true;
      put(out, "prs_FirstName", n.text("given"));
      put(out, "prs_MiddleName", n.text("middle"));
      put(out, "prs_SecondName", n.text("family"));
      if (out[column("prs_FirstName")].empty() && out[column("prs_SecondName")].empty()) put(out, "prs_SecondName", n.text("full"));
    }
    put(out, "prs_Birthdate", f.text("birthDate"));
    code(out, "prs_Gender", "Person.gender", kGender, f.text("gender"));
    if (const auto dead = f.text("deceased"); !dead.empty()) put(out, "prs_Deceased", dead == "true" ? "Yes" : "No");
    const auto languages = f.all("languages");
    if (!languages.empty()) put(out, "prs_PrimaryLanguage", languages[0]);
    for (size_t i = 1; i < languages.size(); ++i) first(out, "prs_SecondaryLanguage", "Person.languages", languages[i]);
    for (const auto c : f.all("citizenship")) put(out, "prs_Citizenship", c);
    for (const Item& id : f.items("identifiers")) first(out, "prs_IdentityNumber", "Person.identifiers.value", id.text("value"));
    if (const auto given = f.text("consent/given"); !given.empty()) put(out, "con_Consent", given == "true" ? "Yes" : "No");
    const Record* cas = nullptr;
    for (const Record* l : v.links) {
      Fields lf(*set_, *l);
      const Record* to = set_->find(emit::raw_text(*l, "to"));
      if (!to) continue;
      const std::string_view type = to->type->name;
      if (type == "Selector") selector(out, lf, *to);
      else if (type == "Location" && emit::raw_text(*l, "type") == "RESIDES_AT")
        lf.text("type"), lf.text("from"), lf.text("to"), address(out, *to);
      else if (type == "Case" && !cas) lf.text("type"), lf.text("from"), lf.text("to"), lf.text("role"), cas = to;
    }
    for (const Record* a : v.assessments) {  // the last holds: a series in time
      Fields af(*set_, *a);
      out[column("vic_TraffickingStatus")].clear();
      out[column("vic_TraffickingStatusDecisionMakingOrg")].clear();
      af.text("subject");
      code(out, "vic_TraffickingStatus", "Assessment.traffickingStatus", kStatus, af.text("traffickingStatus"));
      code(out, "vic_TraffickingStatusDecisionMakingOrg", "Assessment.decisionBody", kBody, af.text("decisionBody"));
    }
    if (v.assessments.empty())
      put(out, "vic_TraffickingStatus", "PossibleVictimOfTrafficking");  // named a victim by a source, and assessed by nobody
    for (const Record* e : v.episodes) episode(out, *e);
    if (cas) {
      Fields cf(*set_, *cas);
      code(out, "cas_Status", "Case.status", kCase, cf.text("status"));
      put(out, "cas_ReasonForCaseClosure", cf.text("closureReason"));
      put(out, "cas_CaseOwner", set_->agency(*cas));
    }
    for (const Record* r : v.referrals) {
      Fields rf(*set_, *r);
      rf.text("subject");
      if (const Record* from = rf.ref("from")) first(out, "cas_ReferringOrganisation", "Referral.from", emit::title(*from, lang()));
      if (const Record* to = rf.ref("to")) first(out, "cas_ReferredOrganisation", "Referral.to", emit::title(*to, lang()));
      first(out, "cas_OutgoingReferralDate", "Referral.sent", rf.text("sent"));
      code(out, "cas_ReasonForOutgoingReferral", "Referral.reason", kReason, rf.text("reason"));
    }
    return out;
  }

  void selector(Row& out, Fields& link, const Record& r) {
    Fields f(*set_, r);
    const std::string_view kind = emit::raw_text(r, "kind");
    const std::string_view name = kind == "PHONE" ? "prs_MobilePhone" : kind == "EMAIL" ? "prs_Email" : std::string_view();
    if (name.empty()) return;
    if (!out[column(name)].empty()) return set_->lose("Selector.value", kOne);
    put(out, name, f.text("value"));
    f.text("kind"), link.text("type"), link.text("from"), link.text("to");
  }
  void address(Row& out, const Record& r) {
    if (!out[column("prs_MailingCity")].empty() || !out[column("prs_MailingStreet")].empty()) return set_->lose("Location", kOne);
    Fields f(*set_, r);
    std::string street(f.text("civic/unit"));
    if (!street.empty()) street += '-';
    street.append(f.text("civic/number"));
    if (const auto s = f.text("civic/street"); !s.empty()) street.append(street.empty() ? "" : " ").append(s);
    if (const auto full = f.text("civic/full"); street.empty()) street = full;
    put(out, "prs_MailingStreet", street);
    put(out, "prs_MailingCity", f.text("civic/city"));
    put(out, "prs_MailingState", f.text("civic/province"));
    put(out, "prs_MailingPostalCode", f.text("civic/postalCode"));
    put(out, "prs_MailingCountry", f.text("civic/country"));
    put(out, "prs_MailingLongitude", f.text("geo/lon"));
    put(out, "prs_MailingLatitude", f.text("geo/lat"));
  }
  void episode(Row& out, const Record& r) {
    Fields f(*set_, r);
    f.text("victim");
    code(out, "vic_RelationshipToTrafficker", "Episode.relationship", kRelationship, f.text("relationship"));
    first(out, "vic_AgeWhenTrafficked", "Episode.ageAtStart", f.text("ageAtStart"));
    for (const auto c : f.all("recruitment")) code(out, "vic_MethodOfRecruitment", "Episode.recruitment", kRecruitment, c);
    for (const auto c : f.all("controls")) code(out, "vic_MethodsOfControl", "Episode.controls", kControl, c);
    for (const auto c : f.all("purposes")) code(out, "vic_TypeOfExploitation", "Episode.purposes", kExploitation, c);
    for (const auto c : f.all("sexualForms")) code(out, "vic_TypeOfSexExploitation", "Episode.sexualForms", kSex, c);
    for (const auto c : f.all("platforms")) code(out, "vic_ExploitationWebsitesAndApps", "Episode.platforms", kPlatform, c);
    code(out, "vic_ForcedLabourIndustry", "Episode.industry", kIndustry, f.text("industry"));
    for (const Record* place : f.refs("locations")) put(out, "vic_LocationOfExploitation", emit::title(*place, lang()));
  }

  void write_csv(const std::vector<Row>& rows) {
    std::string text;
    for (size_t i = 0; i < kCount; ++i) text.append(i ? "," : "").append(kColumns[i]);
    text += "\r\n";
    for (const Row& row : rows) {
      for (size_t i = 0; i < kCount; ++i) {
        if (i) text += ',';
        const bool number =
            !row[i].empty() && row[i].find_first_not_of("0123456789.-") == std::string::npos && row[i].find('-', 1) == std::string::npos;
        if (number || (row[i].starts_with('+') && row[i].find_first_not_of("0123456789", 1) == std::string::npos))
          text += row[i];  // -75.7 and +1613...: no formula
        else emit::append_csv_safe(text, row[i]);
      }
      text += "\r\n";
      if (text.size() > (size_t(1) << 20)) out().write(text), text.clear();
    }
    out().write(text);
  }

  void write_workbook(const std::vector<Row>& rows) {
    if (rows.size() > 1'048'575) throw Failure(CB_E_LIMIT, "more victims than a sheet has rows");
    emit::Workbook workbook;
    workbook.about("HTCDS 2.0", std::string(set_->producer()), set_->produced_at());
    lxw_worksheet* sheet = workbook_add_worksheet(workbook.raw(), "HTCDS");
    lxw_format* head = workbook_add_format(workbook.raw());
    format_set_bold(head);
    format_set_bg_color(head, 0xDDE6F0);
    for (size_t c = 0; c < kCount; ++c) {
      size_t width = kColumns[c].size();
      emit::write_text(sheet, 0, static_cast<lxw_col_t>(c), kColumns[c], head);
      for (size_t r = 0; r < rows.size(); ++r) {
        if (rows[r][c].empty()) continue;
        width = std::max(width, rows[r][c].size());
        if (!emit::write_text(sheet, static_cast<lxw_row_t>(r + 1), static_cast<lxw_col_t>(c), rows[r][c], nullptr))
          set_->lose(std::string(kColumns[c]), "cut to what a cell can hold");
      }
      worksheet_set_column(sheet, static_cast<lxw_col_t>(c), static_cast<lxw_col_t>(c),
                           static_cast<double>(std::min<size_t>(width + 2, 48)), nullptr);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(rows.size()), static_cast<lxw_col_t>(kCount - 1));
    workbook.bytes([&](std::string_view bytes) { out().write(bytes); });
  }

  bool workbook_;
  DataSet* set_ = nullptr;
};

constexpr cb_format kFormats[] = {
    {"htcds", "HTCDS 2.0 case table", "Tableau de dossiers HTCDS 2.0", "2.0", "csv", nullptr, CB_WRITES},
    {"htcds-xlsx", "HTCDS 2.0 case table (Excel)", "Tableau de dossiers HTCDS 2.0 (Excel)", "2.0", "xlsx", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 =
    casebridge::writer_plugin<casebridge::Htcds>({.id = "htcds-writer",
                                                  .version = "1.0.0",
                                                  .title_en = "HTCDS 2.0 case table, written",
                                                  .title_fr = "Tableau de dossiers HTCDS 2.0, écriture"},
                                                 casebridge::kFormats, casebridge::emit::kLanguageOnly);
