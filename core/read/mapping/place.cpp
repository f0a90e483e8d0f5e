#include "read/mapping/place.hpp"

#include <algorithm>

namespace casebridge::read::mapping {

void Source::find(const Path& path, const Val& from, std::vector<Val>& out) {
  if (path.steps.empty() && !path.absolute) {  // here
    out.push_back(from);
    if (disposition_ != Disposition::none) mark(from.node);
    return;
  }
  Nodes pooled(*this);
  std::vector<uint64_t>& nodes = pooled.list;
  walk(path, from, from, nodes, 0);
  const bool names = !path.steps.empty() && path.steps.back().axis == Step::Axis::name;
  for (const uint64_t node : nodes) {
    if (names) {
      Val v = value(node);
      v.text = name_of(node);
      v.offset = place(node).offset;  // the name stands where its element begins; its text is another value
      v.length = 0;
      v.detached = true;
      out.push_back(v);
    } else {
      out.push_back(value(node));
    }
    if (disposition_ != Disposition::none) mark(node);
  }
}

// `here` is what "this" means in filters: the place the whole path is seen from.
void Source::walk(const Path& p, const Val& from, const Val& here, std::vector<uint64_t>& out, int depth) {
  if (depth > 6) return;
  Nodes a(*this), b(*this), c(*this);
  std::vector<uint64_t>&now = a.list, &next = b.list, &found = c.list;
  if (p.absolute) top(now);
  else now.push_back(p.from_this ? here.node : from.node);
  for (size_t i = 0; i < p.steps.size(); ++i) {
    const Step& s = p.steps[i];
    if (s.axis == Step::Axis::name) break;
    const bool first = i == 0 && !p.absolute;
    const bool joined = std::any_of(s.filters.begin(), s.filters.end(), [](const Filter& f) { return f.kind == Filter::Kind::joined; });
    next.clear();
    for (const uint64_t context : now) {
      found.clear();
      if (first && joined && looks_up(s)) {
        const auto join = std::find_if(s.filters.begin(), s.filters.end(), [](const Filter& f) { return f.kind == Filter::Kind::joined; });
        std::vector<std::string> keys;
        join_keys(join->right, here.node, here, keys, depth + 1);
        std::vector<uint64_t> rows;
        for (const std::string& k : keys)
          if (k.starts_with('=')) look_up(s, *join, std::string_view(k).substr(1), rows);
        for (const uint64_t node : rows)
          if (std::find(found.begin(), found.end(), node) == found.end()) found.push_back(node);
        Step rest = s;
        rest.filters.erase(rest.filters.begin() + (join - s.filters.begin()));
        if (!rest.filters.empty()) filter(rest, first, context, here, found, depth);
      } else if (first && joined && s.filters[0].kind == Filter::Kind::joined && fixed_candidates(s)) {
        const Filter& f = s.filters[0];
        auto& indexes = keep_index(s) ? kept_indexes_ : indexes_;
        auto at = indexes.find(f.id);
        if (at == indexes.end()) {
          at = indexes.emplace(f.id, Joined()).first;
          std::vector<uint64_t> all;
          step(context, s, first, joined, all);
          std::vector<std::string> keys;
          for (const uint64_t node : all) {
            keys.clear();
            join_keys(f.left, node, here, keys, depth + 1);
            for (const std::string& k : keys) at->second.rows[k].push_back(node);
          }
        }
        std::vector<std::string> keys;
        join_keys(f.right, here.node, here, keys, depth + 1);
        for (const std::string& k : keys)
          if (const auto rows = at->second.rows.find(k); rows != at->second.rows.end())
            for (const uint64_t node : rows->second)
              if (std::find(found.begin(), found.end(), node) == found.end()) found.push_back(node);
        Step rest = s;
        rest.filters.erase(rest.filters.begin());
        if (!rest.filters.empty()) filter(rest, first, context, here, found, depth);
      } else {
        step(context, s, first, joined, found);
        if (!s.filters.empty()) filter(s, first, context, here, found, depth);
      }
      for (const uint64_t node : found) next.push_back(node);
    }
    // One place once: two references to one thing are one thing.
    if (next.size() > 1) {
      std::vector<uint64_t> seen = next;
      std::sort(seen.begin(), seen.end());
      if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
        std::vector<uint64_t> once;
        std::vector<uint64_t> met;
        for (const uint64_t node : next) {
          const auto at = std::lower_bound(met.begin(), met.end(), node);
          if (at != met.end() && *at == node) continue;
          met.insert(at, node);
          once.push_back(node);
        }
        next.swap(once);
      }
    }
    now.swap(next);
    if (now.empty()) break;
  }
  out.insert(out.end(), now.begin(), now.end());
}

void Source::filter(const Step& s, bool, uint64_t, const Val& here, std::vector<uint64_t>& nodes, int depth) {
  for (const Filter& f : s.filters) {
    if (f.kind == Filter::Kind::nth) {
      if (f.n > nodes.size()) nodes.clear();
      else nodes = {nodes[f.n - 1]};
      continue;
    }
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(), [&](uint64_t node) { return !holds(f, node, here, depth); }), nodes.end());
  }
}

bool Source::holds(const Filter& f, uint64_t node, const Val& here, int depth) {
  Val at;
  at.node = node;
  Nodes pooled(*this);
  std::vector<uint64_t>& left = pooled.list;
  walk(f.left, at, here, left, depth + 1);
  if (f.kind == Filter::Kind::has) return std::any_of(left.begin(), left.end(), [&](uint64_t n) { return has(n); });
  if (f.kind == Filter::Kind::equals) {
    const std::string want = fold(f.word);
    return std::any_of(left.begin(), left.end(), [&](uint64_t n) { return fold(value(n).text) == want; });
  }
  std::vector<std::string> a, b;
  join_keys(f.left, node, here, a, depth + 1);
  join_keys(f.right, here.node, here, b, depth + 1);
  return std::any_of(a.begin(), a.end(), [&](const std::string& k) { return std::find(b.begin(), b.end(), k) != b.end(); });
}

// Two places join when they are the same place, or when both have text and the texts are equal.
void Source::join_keys(const Path& p, uint64_t node, const Val& here, std::vector<std::string>& out, int depth) {
  Val at;
  at.node = node;
  Nodes pooled(*this);
  std::vector<uint64_t>& nodes = pooled.list;
  walk(p, at, here, nodes, depth);
  for (const uint64_t n : nodes) {
    if (const Val v = value(n); !v.text.empty()) out.push_back("=" + std::string(v.text));
    out.push_back("#" + std::to_string(n));
  }
}

}  // namespace casebridge::read::mapping
