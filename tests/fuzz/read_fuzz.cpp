// libFuzzer over all readers. The first byte of an input chooses the reader, the second its options; the rest is what
// is read. Beside not crashing, every reader must keep its promises (drive.hpp), give the same however the bytes arrive,
// and judge JSON as RapidJSON does.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "core/read/drive.hpp"
#include "core/read/json_peer.hpp"
#include "core/read/memory_input.hpp"
#include "read/xml_tree.hpp"

using namespace casebridge;
using namespace casebridge::read;
using namespace casebridge::test;

namespace {

constexpr const char* kEncodings[] = {"", "utf-8", "windows-1252", "iso-8859-1", "utf-16", "utf-16be", "", ""};

DelimitedOptions delimited_options(uint8_t choice) {
  DelimitedOptions options;
  options.encoding = kEncodings[choice & 7];
  if (choice & 8) options.delimiter = ';';
  if (choice & 16) options.header_row = 0;
  if (choice & 32) options.max_columns = 3, options.max_field = 20, options.max_row = 100;
  if (choice & 64) options.quote = 0;
  if (choice & 128) options.header_row = 3;
  return options;
}

FixedOptions fixed_options(uint8_t choice) {
  FixedOptions options;
  options.encoding = kEncodings[choice & 7];
  options.columns = {{"level", 1, 1}, {"ori", 2, 5}};
  options.kinds = {{"a", {{"level", "4"}}, {{"x", 6, 8}, {"y", 3, 300}}}, {"b", {{"level", "5"}, {"x", ""}}, {{"x", 9, 9}}}};
  if (choice & 8) options.line_bytes = 7;
  if (choice & 16) options.max_line = 20;
  return options;
}

JsonOptions json_options(uint8_t choice) {
  JsonOptions options;
  options.encoding = kEncodings[choice & 7];
  static constexpr const char* kPaths[] = {"", "/", "/r", "/r/*"};
  options.each = kPaths[choice >> 3 & 3];
  options.lines = choice & 32;
  if (choice & 64)
    options.max_depth = 4, options.max_members = 3, options.max_nodes = 12, options.max_names = 10, options.max_string = 20,
    options.max_text = 60;
  return options;
}

template <class Read>
void twice(std::string_view bytes, Read read) {
  std::string said[2];
  for (const int i : {0, 1}) {
    Host host;
    Reporter reporter(host.get());
    MemoryInput input(bytes, i ? 3 : UINT64_MAX);
    const Driven driven = read(*input, reporter);
    said[i] =
        host.said() + " " + std::to_string(driven.records) + " " + std::to_string(driven.refused) + " " + std::to_string(driven.status);
  }
  promise(said[0] == said[1], "the same however the bytes arrive");
}

void run(uint8_t reader, uint8_t choice, std::string_view bytes) {
  switch (reader & 3) {
    case 0:
      return twice(bytes, [&](const cb_input& input, Reporter& reporter) {
        Delimited table(input, delimited_options(choice), reporter);
        return drive(table, bytes.size());
      });
    case 1:
      return twice(bytes, [&](const cb_input& input, Reporter& reporter) {
        FixedWidth fixed(input, fixed_options(choice), reporter);
        return drive(fixed, bytes.size());
      });
    case 2:
      if (choice == 0) promise(verdicts_agree(bytes), "JSON is judged as RapidJSON does");
      return twice(bytes, [&](const cb_input& input, Reporter& reporter) {
        Names names;
        JsonCursor cursor(input, json_options(choice), names, reporter);
        return drive_trees(cursor, bytes.size());
      });
    default: {
      MemoryInput input(bytes);
      Names names;
      XmlOptions options;
      if (choice & 1) options.each = "r";
      options.recover = choice & 2;
      XmlReader xml(*input, std::move(options), names, [](Finding) {});
      drive_trees(xml, bytes.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  try {
    run(data[0], data[1], {reinterpret_cast<const char*>(data) + 2, size - 2});
  } catch (const std::exception& broken) {
    std::cerr << "broken promise: " << broken.what() << "\n";
    std::abort();
  }
  return 0;
}
