// Which encoding an input has, said with its reason, and how its bytes become UTF-8.
//   - A byte order mark wins over what was declared; a contradiction is reported.
//   - Without mark or declaration: UTF-16 by its pattern of zero bytes; else the decision waits for the first byte past
//     ASCII (until then every encoding reads the same) and the 64 KiB from there decide between UTF-8 and Windows-1252.
//   - What cannot be decoded, and characters that XML 1.0 cannot hold, become U+FFFD, each with a finding that names the
//     exact bytes (design/wire.md, rule 7).
//   - Text that is already good UTF-8 is passed on as a view, without a copy.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "model/record.hpp"  // Arena
#include "read/report.hpp"

namespace casebridge::read {

enum class Encoding : uint8_t {
  ascii,  // nothing but ASCII so far: not decided
  utf8,
  windows_1252,
  iso_8859_1,
  utf16le,
  utf16be,
  unsupported
};
std::string_view encoding_name(Encoding);  // "UTF-8", "windows-1252", ...
// Names as people write them ("UTF8", "cp1252", "Latin-1"); empty: ascii (undecided); unknown: unsupported.
Encoding encoding_of(std::string_view name);

struct Detected {
  Encoding encoding = Encoding::ascii;
  uint32_t bom = 0;  // bytes of the byte order mark
  std::string why;   // "byte order mark", "declared", "every second byte is zero" ...
};
// From the first bytes of the input (4 KiB are enough). Reports E-TEXT-ENCODING where the declaration is contradicted and
// E-TEXT-UNSUPPORTED for UTF-32 or a name we do not know.
Detected detect_encoding(std::string_view head, std::string_view declared, Reporter&);

bool is_plain(std::string_view text);  // printable ASCII, tab, LF, CR only
// Length of the good UTF-8 sequence at the start of `text` (1..4), 0 if there is none. XML's forbidden characters count as good.
uint32_t utf8_length(std::string_view text);
void append_utf8(std::string& out, uint32_t code_point);
char* put_utf8(char* at, uint32_t code_point);  // at most 4 bytes; returns the end

class Decoder {
 public:
  Decoder(Encoding encoding, Reporter& reporter) : encoding_(encoding), reporter_(&reporter) {}
  Encoding encoding() const { return encoding_; }
  bool decided() const { return encoding_ != Encoding::ascii; }
  // Decides between UTF-8 and Windows-1252; `sample` begins at or before the first byte past ASCII, which stands at `offset`.
  void decide(std::string_view sample, uint64_t offset);
  // `raw` in the input's encoding (not UTF-16, which the window has already turned into UTF-8) as UTF-8: a view of `raw`
  // or a copy in the arena. `offset` is where raw stands, for findings.
  std::string_view decode(std::string_view raw, uint64_t offset, Arena& arena) {
    return is_plain(raw) ? raw : decode_slow(raw, offset, arena);
  }
  const std::string& why() const { return why_; }  // of the late decision, or empty

 private:
  std::string_view decode_slow(std::string_view raw, uint64_t offset, Arena& arena);
  std::string_view repair_utf8(std::string_view raw, uint64_t offset, Arena& arena);
  std::string_view from_single_byte(std::string_view raw, uint64_t offset, Arena& arena);
  Encoding encoding_;
  Reporter* reporter_;
  std::string why_;
};

}  // namespace casebridge::read
