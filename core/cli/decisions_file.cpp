#include "cli/decisions_file.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/link_options.hpp"
#include "emit/escape.hpp"
#include "host/input.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::cli {
namespace {

constexpr size_t kMostText = size_t(64) << 20;  // of a review file: two hundred pairs are a hundredth of it

// One part of a text up to `end`; the rest stays.
std::string_view part(std::string_view& rest, char end) {
  const size_t at = std::min(rest.find(end), rest.size());
  const std::string_view out = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return out;
}

}  // namespace

std::string csv_of_sheet(std::string_view text) {
  std::string csv;
  bool inside = false;
  while (!text.empty()) {
    std::string_view line = part(text, '\n');
    if (line.starts_with("%rows\t")) {
      if (inside) break;  // the first sheet only
      inside = true;
      continue;
    }
    if (line.starts_with("%end\t") && inside) break;
    if (!inside || line.starts_with('%')) continue;
    (void)part(line, '\t');  // the number of the row
    std::map<uint32_t, std::string> cells;
    while (!line.empty()) {
      const std::string_view cell = part(line, '\t');
      const size_t equals = cell.find('=');
      if (equals == cell.npos) continue;
      if (const auto at = read::cell_ref(cell.substr(0, equals)); at && at->column <= 1000)
        cells[at->column] = read::unescaped(cell.substr(equals + 1));
    }
    if (cells.empty()) continue;
    for (uint32_t column = 1; column <= cells.rbegin()->first; ++column) {
      if (column > 1) csv += ',';
      if (const auto cell = cells.find(column); cell != cells.end()) emit::append_csv_cell(csv, cell->second);
    }
    csv += '\n';
  }
  return csv;
}

std::string decisions_text(const std::string& path, bool allow_unsandboxed) {
  std::string text = file_text(path);
  if (!text.starts_with("PK\x03\x04")) return text;
  const auto broken = [&](const std::string& why) {
    return Failure{Exit::usage, fill(tr("{0} cannot be used: {1}"), std::vector<std::string>{path, why}), {}};
  };
  host::InputRef ref;
  ref.name = ref.label = std::filesystem::path(path).filename().string();
  ref.path = path;
  Finding problem;
  const auto input = host::Input::open(ref, {.allow_unsandboxed = allow_unsandboxed}, problem);
  if (!input) throw broken(message_of(problem));
  if (!input->workbook()) throw broken(tr("It is an archive, and no workbook."));
  text.clear();
  const int fd = input->start();
  std::string block(size_t(1) << 16, '\0');
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got <= 0) break;
    text.append(block.data(), static_cast<size_t>(got));
    if (text.size() > kMostText) throw broken(tr("It is too large for a file of decisions."));
  }
  if (const auto result = input->finish(); result.problem) throw broken(message_of(*result.problem));
  return csv_of_sheet(text);
}

}  // namespace casebridge::cli
