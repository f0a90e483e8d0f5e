#include "link/decisions.hpp"

#include <map>
#include <stdexcept>

#include "link/hash.hpp"

namespace casebridge::link {
namespace {

// 1: one, 0: never, -1: neither, -2: not a code
int meaning(std::string_view code) {
  if (code == "CONFIRMED" || code == "MATCH" || code == "same" || code == "identiques") return 1;
  if (code == "REJECTED" || code == "NON_MATCH" || code == "SPLIT" || code == "different" || code == "différents") return 0;
  return code == "POSSIBLE" || code == "unsure" || code == "incertain" ? -1 : -2;
}

// One row of RFC 4180; false at the end.
bool next_row(std::string_view& csv, std::vector<std::string>& cells, uint64_t& line) {
  cells.assign(1, {});
  if (csv.empty()) return false;
  bool quoted = false;
  size_t i = 0;
  for (; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') cells.back() += c;
      else if (i + 1 < csv.size() && csv[i + 1] == '"') cells.back() += csv[i++];
      else quoted = false;
    } else if (c == '"' && cells.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  csv.remove_prefix(i < csv.size() ? i + 1 : i);
  return true;
}

}  // namespace

uint64_t RecordName::key() const { return hash_text(local_id, hash_text(system, hash_text(agency))); }

std::vector<Decision> read_decisions(std::string_view csv) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  std::vector<std::string> cells;
  uint64_t line = 0;
  std::vector<Decision> out;
  if (!next_row(csv, cells, line)) return out;
  const std::vector<std::string> head = cells;
  const auto column = [&](std::string_view name) {
    for (size_t i = 0; i < head.size(); ++i) {
      if (head[i] == name) return i;
    }
    throw std::runtime_error("decisions: no column " + std::string(name));
  };
  const std::array<size_t, 10> at = {column("a_agency"), column("a_system"), column("a_id"), column("b_agency"), column("b_system"),
                                     column("b_id"),     column("decision"), column("by"),   column("at"),       column("reason")};
  for (uint64_t first = line + 1; next_row(csv, cells, line); first = line + 1) {
    if (cells.size() == 1 && cells[0].empty()) continue;
    cells.resize(std::max(cells.size(), head.size()));
    if (cells[at[0]] == head[at[0]]) continue;  // the headings for people of a review workbook that was saved as CSV
    Decision d{{cells[at[0]], cells[at[1]], cells[at[2]]},
               {cells[at[3]], cells[at[4]], cells[at[5]]},
               cells[at[6]],
               cells[at[7]],
               cells[at[8]],
               cells[at[9]]};
    if (d.code.empty()) continue;  // a pair of a review file that nobody has judged yet
    if (meaning(d.code) == -2) throw std::runtime_error("decisions: line " + std::to_string(first) + ": unknown decision " + d.code);
    out.push_back(std::move(d));
  }
  return out;
}

AppliedDecisions apply_decisions(const PersonTable& t, const std::vector<Decision>& decisions) {
  AppliedDecisions out;
  if (decisions.empty()) return out;
  std::unordered_map<uint64_t, uint32_t> row_of;
  for (const Decision& d : decisions) row_of[d.a.key()] = row_of[d.b.key()] = t.size();
  for (uint32_t row = 0; row < t.size(); ++row) {
    const auto it = row_of.find(t.persons[row].key);
    if (it != row_of.end()) it->second = row;
  }
  struct Latest {
    std::string at;
    int says;
  };
  std::map<uint64_t, Latest> latest;  // by pair of rows
  for (const Decision& d : decisions) {
    const uint32_t a = row_of[d.a.key()], b = row_of[d.b.key()];
    if (a == t.size() || b == t.size()) {
      ++out.waiting;
      continue;
    }
    if (a == b) continue;
    const uint64_t pair = a < b ? uint64_t{a} << 32 | b : uint64_t{b} << 32 | a;
    Latest& l = latest[pair];
    const int says = meaning(d.code);
    // Of two rows of one moment the more careful one holds: never, then neither, then one.
    const auto care = [](int s) { return s == 0 ? 2 : s < 0 ? 1 : 0; };
    if (l.at.empty() || d.at > l.at || (d.at == l.at && care(says) > care(l.says))) l = {d.at.empty() ? "0" : d.at, says};
  }
  Constraints& c = out.constraints;
  c.constrained.assign(t.persons.size(), 0);
  std::unordered_map<uint32_t, uint32_t> parent;
  const auto root = [&](uint32_t x) {
    parent.emplace(x, x);
    while (parent[x] != x) x = parent[x];
    return x;
  };
  for (const auto& [pair, l] : latest) {
    if (l.says < 0) continue;
    const uint32_t a = static_cast<uint32_t>(pair >> 32), b = static_cast<uint32_t>(pair);
    c.pairs[pair] = l.says == 1;
    c.constrained[a] = c.constrained[b] = 1;
    ++(l.says == 1 ? out.one : out.never);
    if (l.says == 1) parent[root(a)] = root(b);
  }
  for (const auto& [pair, l] : latest) {
    const uint32_t a = static_cast<uint32_t>(pair >> 32), b = static_cast<uint32_t>(pair);
    if (l.says == 0 && parent.contains(a) && parent.contains(b) && root(a) == root(b)) out.contradictions.emplace_back(a, b);
  }
  return out;
}

}  // namespace casebridge::link
