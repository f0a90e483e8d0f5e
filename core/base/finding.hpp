// A finding: one problem in the data, with its place, its stable code, what was wrong and how to mend it.
// Codes are declared once, in the findings.def of the stage that reports them (see findings.def of core/base for the
// form); English stands there, French in locale/fr.po under the same text. A finding may quote a value of a source:
// findings therefore leave the program through the handle stage only, like records.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge {

enum class Severity : uint8_t { note, warning, error };

struct FindingCode {
  std::string_view code;  // "E-DATE-PARSE": stable for ever
  Severity severity;
  std::string_view message;  // English; {0}, {1} are the arguments
  std::string_view fix;      // English; what the reader can do about it, or empty
};
const FindingCode* finding_code(std::string_view code) noexcept;  // nullptr: not in the catalogue
std::span<const FindingCode> finding_codes();                     // sorted by code

struct Finding {
  std::string code;  // of the catalogue, or "plugin-id/word"
  Severity severity = Severity::error;
  std::vector<std::string> args;    // of the message; a plugin's own message is args[0], its French args[1]
  std::string input;                // name of the input (archive member as "set.zip!persons.csv")
  uint32_t source = 0;              // number of the Source line, 0 = none
  uint64_t offset = 0, length = 0;  // bytes
  uint64_t line = 0, column = 0;    // from 1; 0 = unknown
  uint16_t field = 0;               // model tag, 0 = none
  std::string field_path;           // JSON Pointer in the case record, or the source's own field name
  std::string record_id;            // UUID of the case record, or empty
  std::string rule;                 // R-V3 ..., or empty
  bool sensitive = false;           // the arguments quote a sensitive identifier: already masked, never unmask
};

// In the language of the process (see text.hpp): the message with its arguments, and the fix.
std::string message_of(const Finding&);
std::string fix_of(const Finding&);

}  // namespace casebridge
