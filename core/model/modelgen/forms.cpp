#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

#define CB_MONTHS_31 "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
#define CB_MONTHS_30 "(0[469]|11)-(0[1-9]|[12][0-9]|30)"
#define CB_LEAP_YEAR "([1-9][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|[2468][048]|[3579][26])00)"
// Years 1000 to 9999. A day is one that the calendar has, 29 February of leap years included.
#define CB_DAY "([1-9][0-9]{3}-(" CB_MONTHS_31 "|" CB_MONTHS_30 "|02-(0[1-9]|1[0-9]|2[0-8]))|" CB_LEAP_YEAR "-02-29)"
#define CB_DATE CB_DAY "|[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?"
#define CB_TIME CB_DAY "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
// Whole numbers stay below 2^53, so that no reader of JSON rounds them.
#define CB_NUMBER "(0|[1-9][0-9]{0,14})"
#define CB_UUID "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

const std::vector<Form> kForms = {
    {"text", "text", "", "string"},
    {"code", "code", "", "string"},
    {"date", "date", CB_DATE, "string"},
    {"dateTime", "dateTime", CB_TIME, "string"},
    {"when", "when", CB_DATE "|" CB_TIME, "string"},
    {"integer", "integer", "0|-?[1-9][0-9]{0,14}", "integer"},
    {"count", "integer", CB_NUMBER, "integer"},
    {"version", "integer", "[1-9][0-9]{0,8}", "integer"},
    {"year", "integer", "[1-9][0-9]{3}", "integer"},
    {"boolean", "boolean", "true|false", "boolean"},
    {"decimal", "decimal", "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?", "string"},
    {"latitude", "decimal", "-?(([0-9]|[1-8][0-9])(\\.[0-9]{1,18})?|90(\\.0{1,18})?)", "string"},
    {"longitude", "decimal", "-?(([0-9]|[1-9][0-9]|1[0-7][0-9])(\\.[0-9]{1,18})?|180(\\.0{1,18})?)", "string"},
    {"share", "decimal", "0(\\.[0-9]{1,18})?|1(\\.0{1,18})?", "string"},
    {"ref", "ref", CB_UUID, "string"},
    {"uuid", "uuid", CB_UUID, "string"},
    {"pointer", "pointer", "(/([^/~]|~[01])*)+", "string"},
    {"agencyKey", "agencyKey", "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", "string"},
    {"country", "country", "[A-Z]{2}", "string"},
    {"language", "language", "[a-z]{3}", "string"},
    {"currency", "currency", "[A-Z]{3}", "string"},
    {"sha256", "sha256", "[0-9a-f]{64}", "string"},
    {"url", "url", "[^ \\t\\r\\n]+", "string"},
    {"semver", "text", CB_NUMBER "\\." CB_NUMBER "\\." CB_NUMBER, "string"},
    // Place of a record, as XML writes it: 0 alone, or number, offset, length, line, column.
    {"place", "place", "0|[1-9][0-9]{0,14}( " CB_NUMBER "){2}( [1-9][0-9]{0,14}){2}", "place"},
    {"map", "map", "", "map"},
};

}  // namespace

const std::vector<Form>& forms() { return kForms; }

const Form* find_form(const std::string& name) {
  for (const Form& form : kForms)
    if (form.name == name) return &form;
  return nullptr;
}

}  // namespace modelgen
