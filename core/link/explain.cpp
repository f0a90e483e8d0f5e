#include "link/explain.hpp"

#include <cstdio>

#include "base/text.hpp"

namespace casebridge::link {
namespace {

constexpr std::array<std::array<std::string_view, 12>, fields> level_names = {{
    {"missing", "equal", "nickname", "one letter off", "similar", "initial", "another name of the other", "given and family exchanged",
     "same first letter", "different", "names rotated", "full name is an alias"},
    {"missing", "equal", "one letter off", "similar", "alias", "different"},
    {"missing", "equal", "similar", "initial", "given name of the other", "different"},
    {"missing", "equal", "day and month exchanged", "one part off by a slip", "one part differs", "same year and month",
     "same year, rest unknown or 1 January", "same year", "next year", "different"},
    {"missing", "two shared", "shared", "one digit off", "different"},
    {"missing", "equal", "one digit off", "different"},
    {"missing", "equal", "one letter off", "different"},
    {"missing", "same door", "same postcode", "same street and number, other postcode", "postcode one letter off", "same street",
     "same area", "same city", "different"},
    {"missing", "equal", "similar", "different"},
    {"missing", "equal", "different"},
}};

std::string plain_name(unsigned field) {
  switch (field) {
    case f_given: return tr("given name");
    case f_family: return tr("family name");
    case f_middle: return tr("middle name");
    case f_date: return tr("birth date");
    case f_phone: return tr("telephone");
    case f_number: return tr("identification number");
    case f_birth_city: return tr("place of birth");
    case f_address: return tr("address");
    case f_email: return tr("e-mail address");
    default: return tr("occupation");
  }
}

std::string bits(int32_t hundredths) {
  char text[24];
  std::snprintf(text, sizeof text, "%.2f", hundredths / 100.0);
  return text;
}

}  // namespace

std::string_view level_name(unsigned field, unsigned l) {
  return field < fields && l < level_count[field] ? level_names[field][l] : std::string_view();
}

PairExplanation explain_pair(const PersonTable& t, const Scorer& scorer, const Constraints& rules, uint32_t a, uint32_t b) {
  const Person &p = t.persons[a], &q = t.persons[b];
  Shared shared;
  const Pattern pattern = Comparer(t).compare(p, q, shared);
  PairExplanation e;
  Evidence all;
  int32_t sum = 0;
  for (unsigned f = 0; f < fields; ++f) {
    const unsigned l = level(pattern, f);
    if (!l) continue;
    const Evidence one = scorer.field(f, pattern, p, q, shared);
    all += one;
    e.fields.push_back({f, l, one.of[c_match] - one.of[c_unrelated]});
    sum += e.fields.back().weight;
  }
  e.score = scorer.total(all);
  e.base = scorer.prior()[c_match] - scorer.prior()[c_unrelated];
  e.relatives = e.score - e.base - sum;
  e.may_merge = Scorer::may_merge(pattern);
  e.conflict = number_conflict(shared, p, q);
  e.doubtful = for_review(shared, p, q) && !e.conflict;
  e.rule = rules.find(a, b);
  e.source_forbids = rules.forbids(p, q);
  return e;
}

ClusterExplanation explain_cluster(const PersonTable& t, const Scorer& scorer, std::span<const uint32_t> rows) {
  const Comparer comparer(t);
  std::vector<Edge> all;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = i + 1; k < rows.size(); ++k) {
      const bool in_order = t.persons[rows[i]].key < t.persons[rows[k]].key;
      const uint32_t a = in_order ? rows[i] : rows[k], b = in_order ? rows[k] : rows[i];
      Shared s;
      const Pattern p = comparer.compare(t.persons[a], t.persons[b], s);
      all.push_back({a, b, scorer.score(p, t.persons[a], t.persons[b], s)});
    }
  }
  std::sort(all.begin(), all.end(), [&](const Edge& x, const Edge& y) {
    if (x.score != y.score) return x.score > y.score;
    const uint64_t xa = t.persons[x.a].key, ya = t.persons[y.a].key;
    return xa != ya ? xa < ya : t.persons[x.b].key < t.persons[y.b].key;
  });
  std::unordered_map<uint32_t, uint32_t> parent;
  for (const uint32_t r : rows) parent[r] = r;
  const auto root = [&](uint32_t r) {
    while (parent[r] != r) r = parent[r] = parent[parent[r]];
    return r;
  };
  ClusterExplanation out;
  for (const Edge& e : all) {
    const uint32_t a = root(e.a), b = root(e.b);
    if (a == b) continue;
    parent[a] = b;
    out.path.push_back(e);
  }
  return out;
}

std::string sentences(const PairExplanation& e) {
  const auto list = [&](bool in_favour) {
    std::vector<FieldScore> some;
    for (const FieldScore& f : e.fields) {
      if (in_favour ? f.weight > 0 : f.weight < 0) some.push_back(f);
    }
    std::sort(some.begin(), some.end(), [](const FieldScore& x, const FieldScore& y) {
      return std::abs(x.weight) != std::abs(y.weight) ? std::abs(x.weight) > std::abs(y.weight) : x.field < y.field;
    });
    std::string text;
    for (size_t i = 0; i < some.size() && i < 3; ++i) {
      if (i) text += ", ";
      text += plain_name(some[i].field) + " (" + tr(level_name(some[i].field, some[i].level)) + ")";
    }
    return text.empty() ? tr("nothing") : text;
  };
  const std::vector<std::string> args = {list(true), list(false), bits(e.score)};
  std::string out = fill(tr("For one person speak: {0}; against: {1}."), args) + " ";
  if (e.rule)
    return out + (*e.rule ? tr("A reviewer decided that they are one person.") : tr("A reviewer decided that they are not one person."));
  if (e.source_forbids) return out + tr("The source holds one record a person, so two of its records are never joined.");
  if (e.conflict) return out + tr("The same number stands under birth dates that are years apart, so a person must decide.");
  if (e.doubtful)
    return out + tr("What one of them says is suspected to be false or comes from a source that is not reliable, so a person must decide.");
  if (!e.may_merge)
    return out + tr("No name, birth date or number agrees, so they are not joined; a shared telephone or address is contact only.");
  return out + fill(e.score >= 0 ? tr("The score is {2} bits, which is enough to join them.")
                                 : tr("The score is {2} bits, which is not enough to join them."),
                    args);
}

}  // namespace casebridge::link
