// Finding and masking what may never be shown: sensitive identifiers in clear (H26) and media bytes (H6).
// Pure functions over text; any thread; linear time.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::handle {

// record: what is written for certain as such a number (grouped digits with a right check digit, or a number beside its
// name). listing: for text that is shown to a person beside a problem; also bare runs of nine digits with a right check
// digit and of ten with a health card's version letters. There a number too many masked costs less than one too few.
enum class Care { record, listing };

bool holds_sensitive_number(std::string_view text, Care care);
bool holds_media(std::string_view text);                   // a data: URI, or a long run of base64
bool names_sensitive_number(std::string_view field_name);  // "SIN", "social insurance no", "NAS", "healthCard" ...

// The text with every digit of such numbers as '*' (same length), and media as "[media removed]".
std::string masked(std::string_view text, Care care);

// A keyed token made by the normaliser, which may pass where the clear number may not.
bool is_token(std::string_view value);

}  // namespace casebridge::handle
