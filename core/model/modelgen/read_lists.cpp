// Code lists: schemas/case/codes/NAME.csv with a fixed header, RFC 4180 quoting, one line per code.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

const std::vector<std::string> kHeader = {"code", "label_en", "label_fr", "source", "valid_from", "valid_to", "replaced_by"};

std::vector<std::vector<std::string>> read_csv(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw ModelError(file + ":1: cannot be read");
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (int c = in.get(); c != EOF; c = in.get()) {
    if (quoted) {
      if (c != '"') row.back() += char(c);
      else if (in.peek() == '"') row.back() += char(in.get());
      else quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::move(row));
      row.assign(1, "");
    } else {
      row.back() += char(c);
    }
  }
  if (quoted || row.size() > 1 || !row[0].empty())
    throw ModelError(file + ":" + std::to_string(rows.size() + 1) + ": the last line does not end");
  return rows;
}

bool day(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

List read_list(const std::filesystem::path& path) {
  List list;
  list.name = path.stem().string();
  const auto rows = read_csv(path.string());
  const auto fail = [&](size_t at, const std::string& what) {
    throw ModelError(path.string() + ":" + std::to_string(at + 1) + ": " + what);
  };
  if (rows.empty() || rows[0] != kHeader) fail(0, "the header must be code,label_en,label_fr,source,valid_from,valid_to,replaced_by");
  std::set<std::string> seen;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    if (row.size() != kHeader.size()) fail(i, "has " + std::to_string(row.size()) + " cells, not " + std::to_string(kHeader.size()));
    if (row[0].empty() || row[1].empty() || row[2].empty() || row[3].empty()) fail(i, "code, both labels and source are needed");
    if (!seen.insert(row[0]).second) fail(i, "code " + row[0] + " stands twice");
    if (row[0].find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") != std::string::npos)
      fail(i, "code " + row[0] + " may hold letters, digits, _ - and . only");
    for (const auto& date : {row[4], row[5]})
      if (!date.empty() && !day(date)) fail(i, date + " is not a date (YYYY-MM-DD)");
    if (!row[4].empty() && !row[5].empty() && row[5] < row[4]) fail(i, "valid_to stands before valid_from");
    if (!row[6].empty() && row[5].empty()) fail(i, "a code that was replaced needs its valid_to");
    const bool unverified = row[3].find("UNVERIFIED") != std::string::npos || row[3].find("not read") != std::string::npos;
    list.codes.push_back({row[0], row[1], row[2], row[3], row[4], row[5], row[6], unverified});
  }
  for (size_t i = 1; i < rows.size(); ++i)
    if (!rows[i][6].empty() && !seen.count(rows[i][6])) fail(i, "replaced_by " + rows[i][6] + " is not in this list");
  std::sort(list.codes.begin(), list.codes.end(), [](const Code& a, const Code& b) { return a.code < b.code; });
  return list;
}

}  // namespace

std::map<std::string, List> read_lists(const std::string& codes_dir) {
  std::map<std::string, List> lists;
  for (const auto& entry : std::filesystem::directory_iterator(codes_dir))
    if (entry.path().extension() == ".csv") {
      List list = read_list(entry.path());
      lists[list.name] = std::move(list);
    }
  return lists;
}

}  // namespace modelgen
