#include "resolve/explain.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "link/model_file.hpp"
#include "link/common_values.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {
namespace {

// The address of a number in a list of persons.
std::string join(const std::vector<ShownValue>& values, const handle::Gate& gate) {
  std::vector<std::string> seen;
  for (const ShownValue& v : values)
    if (std::find(seen.begin(), seen.end(), v.text) == seen.end()) seen.push_back(v.text);
  std::string out;
  for (const std::string& text : seen) (out += out.empty() ? "" : "; ") += gate.show(text).get();
  return out;
}

}  // namespace

std::string field_label(unsigned field) {
  static constexpr std::string_view labels[link::fields] = {TR_NOOP("given name"),     TR_NOOP("family name"),
                                                            TR_NOOP("middle name"),    TR_NOOP("birth date"),
                                                            TR_NOOP("telephone"),      TR_NOOP("identification number"),
                                                            TR_NOOP("place of birth"), TR_NOOP("address"),
                                                            TR_NOOP("e-mail address"), TR_NOOP("occupation")};
  return tr(labels[field]);
}

struct Explainer::State {
  const Items& items;
  std::vector<uint32_t> persons;
  const handle::Gate& gate;
  link::Model model;
  link::PersonTable table;
  link::TableWeights weights;
  std::unique_ptr<link::Scorer> scorer;
  link::Constraints rules;
  State(const Items& i, std::vector<uint32_t> p, const handle::Gate& g) : items(i), persons(std::move(p)), gate(g) {}
  uint32_t row(uint32_t item) const {
    const auto at = std::find(persons.begin(), persons.end(), item);
    if (at == persons.end()) throw std::logic_error("not a person of this explanation");
    return static_cast<uint32_t>(at - persons.begin());
  }
};

Explainer::Explainer(const Items& items, std::vector<uint32_t> persons, std::string_view model_json, std::string_view decisions_csv,
                     const std::vector<std::string>& deduplicated, const handle::Gate& gate)
    : s_(std::make_unique<State>(items, std::move(persons), gate)) {
  State& s = *s_;
  s.model = link::read_model(model_json);
  s.table = link::build_table(PersonInput(items, s.persons), 1);
  for (link::Source& source : s.table.sources)
    for (const std::string& named : deduplicated)
      source.deduplicated |= named == source.agency || named == source.agency + "/" + source.system;
  link::drop_common(s.table, s.model.common, 1);
  s.weights = link::bind_weights(s.model, s.table, 1);
  s.scorer = std::make_unique<link::Scorer>(s.model, s.table, s.weights);
  s.rules = link::apply_decisions(s.table, link::read_decisions(decisions_csv)).constraints;
  s.rules.take_sources(s.table);
}
Explainer::~Explainer() = default;

std::string Explainer::place(uint32_t item) const {
  const Item& i = s_->items.at(item);
  std::string out = s_->items.source_name(i);
  if (i.line) out += ":" + std::to_string(i.line);
  return out;
}

PairReport Explainer::pair(uint32_t a, uint32_t b) const {
  const State& s = *s_;
  PairReport out;
  uint32_t x = s.row(a), y = s.row(b);
  bool turned = s.table.persons[x].key > s.table.persons[y].key;  // pairs are judged with the smaller key first
  if (turned) std::swap(x, y);
  out.is = link::explain_pair(s.table, *s.scorer, s.rules, x, y);
  out.sentences = link::sentences(out.is);
  for (const link::FieldScore& f : out.is.fields) {
    FieldRow row;
    row.field = link::field_name[f.field];
    row.label = field_label(f.field);
    row.level = tr(link::level_name(f.field, f.level));
    row.weight = f.weight;
    const auto va = values_of(s.items, a, f.field), vb = values_of(s.items, b, f.field);
    row.a = join(va, s.gate), row.b = join(vb, s.gate);
    row.a_place = place(va.empty() ? a : va[0].item), row.b_place = place(vb.empty() ? b : vb[0].item);
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::vector<Bridge> Explainer::path() const {
  const State& s = *s_;
  std::vector<uint32_t> rows(s.persons.size());
  for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  std::vector<Bridge> out;
  for (const link::Edge& e : link::explain_cluster(s.table, *s.scorer, rows).path) out.push_back({s.persons[e.a], s.persons[e.b], e.score});
  return out;
}

}  // namespace casebridge::resolve
