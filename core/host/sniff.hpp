// What the first bytes of an input show without any plugin: encoding, XML root, JSON keys, first line of a table. Used to
// filter formats by their signatures. Looks at untrusted bytes, so it is small, bounded and builds no tree. Pure.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest.hpp"

namespace casebridge::host {

enum class TextEncoding : uint8_t { utf8, utf8_bom, utf16le, utf16be, windows1252, binary };
const char* name_of(TextEncoding);

constexpr size_t kHeadSize = size_t(64) << 10;

struct Sniffed {
  TextEncoding encoding = TextEncoding::utf8;
  std::string text;                       // the head as UTF-8, without byte order mark
  std::string root_namespace, root_name;  // of XML; root_name empty: not XML
  std::vector<std::string> json_keys;     // of the first object at the top (or in the array at the top), in order
  std::set<std::string> json_paths;       // members of what stands in it, as "response > Event > info"; arrays passed through
  std::vector<std::string> json_texts;    // of each of them: how its text begins; empty where it is no text
  struct SheetRow {
    uint32_t sheet = 0, row = 0;                          // from 1
    std::vector<std::pair<uint32_t, std::string>> cells;  // column from 1, text in upper case, trimmed
  };
  std::vector<SheetRow> sheet_rows;               // of a workbook: the first rows of each of its sheets
  std::vector<std::vector<std::string>> headers;  // the first line split at , ; TAB | : upper case, trimmed
};

Sniffed sniff(std::string_view head);

// How well one signature fits: 0 does not; else 1..95, more for the more telling. `why` says what was seen, in English
// or French as the process.
uint32_t match_signature(std::string_view signature, const Sniffed&, std::string_view raw_head, std::string& why);

}  // namespace casebridge::host
