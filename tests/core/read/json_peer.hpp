// RapidJSON's verdict on a document of plain ASCII, against which ours is held.
#pragma once
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <string>
#include <string_view>

#include "core/read/memory_input.hpp"
#include "read/json_cursor.hpp"

namespace casebridge::test {

enum class Verdict {
  good,
  bad,
  limit
};  // limit: one of the two gave up for another reason (RapidJSON lets the second half of a
    // character stand alone)

inline Verdict peer_verdict(std::string_view text) {
  using namespace rapidjson;
  MemoryStream stream(text.data(), text.size());
  Reader reader;
  BaseReaderHandler<> ignore;
  const ParseResult result = reader.Parse<kParseIterativeFlag | kParseValidateEncodingFlag | kParseNumbersAsStringsFlag>(stream, ignore);
  if (result.IsError()) return result.Code() == kParseErrorNumberTooBig ? Verdict::limit : Verdict::bad;
  return Verdict::good;
}

inline Verdict our_verdict(std::string_view text) {
  Host host;
  read::Reporter reporter(host.get());
  MemoryInput input(text);
  read::Names names;
  read::JsonCursor cursor(*input, {}, names, reporter);
  read::Tree tree;
  bool refused = false;
  while (cursor.next(tree)) refused |= tree.refused != nullptr;
  for (const Reported& r : host.found) {
    if (r.code == "E-JSON-DEPTH" || r.code == "E-JSON-NUMBER-LENGTH" || r.code == "E-JSON-NAME-LENGTH" || r.code == "E-JSON-SURROGATE")
      return Verdict::limit;
    if (r.code == "E-JSON-ESCAPE" || r.code == "E-JSON-CONTROL") refused = true;
  }
  return refused || cursor.status() != CB_OK ? Verdict::bad : Verdict::good;
}

inline bool plain_json_text(std::string_view text) {  // what both read alike: no other encoding, no bytes to mend
  for (const char c : text)
    if (static_cast<signed char>(c) <= 0) return false;
  return true;
}

inline bool verdicts_agree(std::string_view text) {
  if (!plain_json_text(text)) return true;
  const Verdict ours = our_verdict(text), theirs = peer_verdict(text);
  return ours == theirs || ours == Verdict::limit || theirs == Verdict::limit;
}

}  // namespace casebridge::test
