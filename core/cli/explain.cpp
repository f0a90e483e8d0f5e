// casebridge explain: why two records are one person or not, or what holds a cluster together.
#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "base/text.hpp"
#include "casebridge/model.h"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/link_options.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "cli/words.hpp"
#include "normalise/ids.hpp"
#include "pipeline/run.hpp"
#include "resolve/explain.hpp"
#include "resolve/found.hpp"

namespace casebridge::cli {
namespace {

namespace fs = std::filesystem;

// The clusters of an earlier run as its case data says them.
struct Known {
  std::string id, entity, type, basis;
  std::vector<std::string> members;
};

class ExplainTap final : public pipeline::Tap {
 public:
  explicit ExplainTap(const std::string& run_date) : items_(run_date) {}
  void source(const Record& line) override { items_.source(line); }
  void take(const Record& record) override { items_.take(record); }
  bool replaces(const Record& record) override {
    if (!resolve::found_before(record)) return false;
    if (record.type->tag == tag::Cluster) {
      Known k;
      k.id = normalise::to_text(record.id);
      for (const Ext& e : record.ext)
        if (e.name == "entityId") k.entity = e.value;
      if (const Value* v = record.find(tag::Cluster_entityType)) k.type = v->text;
      if (const Value* v = record.find(tag::Cluster_method)) k.basis = v->text;
      for (const Block& b : record.blocks)
        if (b.tag == tag::Cluster_members)
          for (const Value& v : record.block_of(b))
            if (v.field == tag::Cluster_members_ref) {
              of_[std::string(v.text)] = clusters_.size();
              k.members.emplace_back(v.text);
            }
      clusters_.push_back(std::move(k));
    }
    return true;
  }
  void find(const std::function<void(RecordBatch&)>&) override { items_.settle(); }

  const resolve::Items& items() const { return items_; }
  const Known* cluster(const std::string& name) const {
    for (const Known& k : clusters_)
      if (k.id == name || k.entity == name) return &k;
    return nullptr;
  }
  const Known* cluster_of(uint32_t item) const {
    const auto at = of_.find(normalise::to_text(items_.at(item).id));
    return at == of_.end() ? nullptr : &clusters_[at->second];
  }
  // By id, by number of the source, or by agency/system/number.
  uint32_t person(const std::string& name) const {
    if (const uint32_t i = items_.find(name); i != resolve::Items::nothing) {
      if (items_.at(i).kind == resolve::Kind::person) return i;
      throw Failure{
          Exit::usage,
          fill(tr("{0} is a {1}, not a person."), std::vector<std::string>{name, std::string(resolve::name_of(items_.at(i).kind))}),
          tr("Other records are joined by a key; their Cluster record names it.")};
    }
    std::vector<uint32_t> found;
    for (const uint32_t i : items_.of(resolve::Kind::person)) {
      const auto& o = items_.origin(items_.at(i));
      const std::string_view id = items_.local_id(items_.at(i));
      if (id == name || o.agency + "/" + o.system + "/" + std::string(id) == name) found.push_back(i);
    }
    if (found.size() == 1) return found[0];
    if (found.empty())
      throw Failure{Exit::usage, fill(tr("There is no person record {0} in these data."), std::vector<std::string>{name}),
                    tr("Name a record by its id, or by the number that its source gave it.")};
    std::string all;
    for (const uint32_t i : found)
      all += (all.empty() ? "" : ", ") + items_.origin(items_.at(i)).agency + "/" + items_.origin(items_.at(i)).system + "/" + name;
    throw Failure{Exit::usage, fill(tr("Several records have the number {0}."), std::vector<std::string>{name}),
                  fill(tr("Name one of them whole: {0}."), std::vector<std::string>{all})};
  }

 private:
  resolve::Items items_;
  std::vector<Known> clusters_;
  std::unordered_map<std::string, size_t> of_;
};

std::string bits(int32_t hundredths) { return (hundredths > 0 ? "+" : "") + decimal_text(hundredths / 100.0, 2); }

std::string name_of(const resolve::Items& items, uint32_t i) {
  const auto& o = items.origin(items.at(i));
  return o.agency + "/" + o.system + "/" + std::string(items.local_id(items.at(i)));
}

std::string pair_table(const resolve::PairReport& r) {
  Table table({tr("Field"), tr("First record"), tr("Where"), tr("Second record"), tr("Where"), tr("Level"), tr("Bits")});
  for (const auto& f : r.rows) table.row({f.label, f.a, f.a_place, f.b, f.b_place, f.level, bits(f.weight)});
  table.row({tr("how rare a match is"), "", "", "", "", "", bits(r.is.base)});
  table.row({tr("relatives and twins"), "", "", "", "", "", bits(r.is.relatives)});
  table.row({tr("sum"), "", "", "", "", "", bits(r.is.score)});
  return table.text();
}

std::string pair_json(const resolve::Items& items, uint32_t a, uint32_t b, const resolve::PairReport& r) {
  std::vector<std::string> rows;
  for (const auto& f : r.rows) {
    const auto end = [](const std::string& value, const std::string& place) {
      return JsonObject().text("value", value).text("place", place).done();
    };
    rows.push_back(JsonObject()
                       .text("field", f.field)
                       .text("level", f.level)
                       .raw("weight", std::to_string(f.weight))
                       .raw("a", end(f.a, f.a_place))
                       .raw("b", end(f.b, f.b_place))
                       .done());
  }
  return JsonObject()
      .text("a", normalise::to_text(items.at(a).id))
      .text("b", normalise::to_text(items.at(b).id))
      .text("words", r.sentences)
      .raw("fields", json_array(rows))
      .raw("prior", std::to_string(r.is.base))
      .raw("relatives", std::to_string(r.is.relatives))
      .raw("score", std::to_string(r.is.score))
      .truth("mayMerge", r.is.may_merge)
      .truth("conflict", r.is.conflict)
      .truth("sourceForbids", r.is.source_forbids)
      .raw("decision", r.is.rule ? (*r.is.rule ? "\"one\"" : "\"never\"") : "null")
      .done();
}

void check_compared(const ExplainTap& tap, uint32_t i) {
  static constexpr std::string_view why[] = {"", TR_NOOP("its source is marked as not to be linked"), TR_NOOP("access to it has ended"),
                                             TR_NOOP("it was withdrawn"), TR_NOOP("its handling is not stated or cannot be read")};
  const auto apart = tap.items().at(i).apart;
  if (apart == resolve::Apart::none) return;
  throw Failure{Exit::policy,
                fill(tr("{0} is compared with nothing: {1}."),
                     std::vector<std::string>{name_of(tap.items(), i), tr(why[static_cast<size_t>(apart)])}),
                {}};
}

struct Question {
  std::string a, b;
  std::vector<std::string> in;
};

Exit explain_pair(const Common& common, const ExplainTap& tap, const LinkOptions& files, const resolve::Settings& s,
                  const handle::Gate& gate, uint32_t a, uint32_t b) {
  check_compared(tap, a), check_compared(tap, b);
  const resolve::Explainer explainer(tap.items(), {a, b}, s.model_json, s.decisions_csv, files.deduplicated, gate);
  const resolve::PairReport r = explainer.pair(a, b);
  const Known *x = tap.cluster_of(a), *y = tap.cluster_of(b);
  if (common.json) {
    print(pair_json(tap.items(), a, b, r) + "\n");
    return Exit::ok;
  }
  print(r.sentences + "\n\n" + name_of(tap.items(), a) + "  –  " + name_of(tap.items(), b) + "\n" + pair_table(r));
  if (x && x == y) print(fill(tr("Both are in cluster {0}."), std::vector<std::string>{x->entity}) + "\n");
  else if (x || y) print(tr("They are not in one cluster.") + "\n");
  return Exit::ok;
}

Exit explain_cluster(const Common& common, const ExplainTap& tap, const LinkOptions& files, const resolve::Settings& s,
                     const handle::Gate& gate, const Known& k) {
  const resolve::Items& items = tap.items();
  std::vector<uint32_t> members;
  for (const std::string& id : k.members)
    if (const uint32_t i = items.find(id); i != resolve::Items::nothing) members.push_back(i);
  if (k.type != "Person") {
    std::vector<std::string> names;
    for (const uint32_t i : members) names.push_back(normalise::to_text(items.at(i).id));
    if (common.json)
      print(JsonObject().text("cluster", k.id).text("entityType", k.type).text("method", k.basis).texts("members", names).done() + "\n");
    else
      print(fill(tr("{0} records of type {1} are one, because they share a key and nothing contradicts it ({2})."),
                 std::vector<std::string>{grouped(k.members.size()), k.type, k.basis}) +
            "\n");
    return Exit::ok;
  }
  if (members.size() < 2)
    throw Failure{Exit::usage, fill(tr("The records of cluster {0} are not in these data."), std::vector<std::string>{k.entity}), {}};
  for (const uint32_t i : members) check_compared(tap, i);
  const resolve::Explainer explainer(items, members, s.model_json, s.decisions_csv, files.deduplicated, gate);
  const std::vector<resolve::Bridge> path = explainer.path();
  const resolve::Bridge weakest = path.back();
  const resolve::PairReport r = explainer.pair(weakest.a, weakest.b);
  const std::vector<std::string> args{k.entity, grouped(members.size()), name_of(items, weakest.a), name_of(items, weakest.b),
                                      bits(weakest.score)};
  const std::string words = fill(tr("{1} records are held to be one person ({0})."), args) + " " +
                            fill(tr("The weakest bridge is between {2} and {3}, with {4} bits."), args);
  if (common.json) {
    std::vector<std::string> bridges, names;
    for (const auto& b : path)
      bridges.push_back(JsonObject()
                            .text("a", normalise::to_text(items.at(b.a).id))
                            .text("b", normalise::to_text(items.at(b.b).id))
                            .raw("score", std::to_string(b.score))
                            .done());
    for (const uint32_t i : members) names.push_back(normalise::to_text(items.at(i).id));
    print(JsonObject()
              .text("cluster", k.id)
              .text("entity", k.entity)
              .text("words", words)
              .texts("members", names)
              .raw("path", json_array(bridges))
              .raw("weakest", pair_json(items, weakest.a, weakest.b, r))
              .done() +
          "\n");
    return Exit::ok;
  }
  Table table({tr("First record"), tr("Where"), tr("Second record"), tr("Where"), tr("Bits")});
  for (const auto& b : path)
    table.row({name_of(items, b.a), explainer.place(b.a), name_of(items, b.b), explainer.place(b.b), bits(b.score)});
  print(words + "\n\n" + table.text() + "\n" + tr("The weakest bridge, field by field:") + "\n" + r.sentences + "\n\n" + pair_table(r));
  return Exit::ok;
}

}  // namespace

Command add_explain(CLI::App& root) {
  CLI::App* app = root.add_subcommand("explain", tr("Say why two records are one person or not, or what holds a cluster together."));
  auto question = std::make_shared<Question>();
  auto options = std::make_shared<RunOptions>();
  app->add_option("RECORD", question->a, tr("A person record (id, number of the source, or AGENCY/SYSTEM/NUMBER), or a cluster."))
      ->required();
  app->add_option("OTHER", question->b, tr("The record to compare it with."));
  option(app, "--in", question->in, tr("Folder that casebridge link wrote, or case data."))->required();
  auto linking = add_link_options(app);
  option(app, "--run-time", options->plan.run_time, tr("Time of the run, such as 2099-07-15T06:00:00Z; else SOURCE_DATE_EPOCH, else now."));
  return {app, [=](const Common& common) {
            LinkOptions files = *linking;
            options->plan.inputs.clear();
            for (const std::string& in : question->in) {
              const fs::path data =
                  fs::is_directory(in) && fs::exists(fs::path(in) / "case.jsonl") ? fs::path(in) / "case.jsonl" : fs::path(in);
              options->plan.inputs.push_back(data.string());
              const fs::path model = (fs::is_directory(data) ? data : data.parent_path()) / "model.json";
              if (files.model.empty() && fs::exists(model)) files.model = model.string();
            }
            if (files.model.empty())
              throw Failure{Exit::usage, tr("There is no model to judge by."),
                            tr("Name the folder that casebridge link wrote with --in, or its model.json with --model.")};
            const pipeline::Plan plan = finished_plan(*options, common);
            const resolve::Settings settings = link_settings(files, plan, true);
            const auto gate = handle::Gate::for_self(plan.run_time.substr(0, 10));
            Watcher watch(common.quiet || common.json);
            ExplainTap tap(plan.run_time.substr(0, 10));
            const pipeline::RunResult result = pipeline::run(plan, watch, &tap);
            watch.done();
            if (result.exit != Exit::ok && result.exit != Exit::quarantined) return result.exit;
            if (!question->b.empty())
              return explain_pair(common, tap, files, settings, *gate, tap.person(question->a), tap.person(question->b));
            if (const Known* k = tap.cluster(question->a)) return explain_cluster(common, tap, files, settings, *gate, *k);
            const uint32_t person = tap.person(question->a);
            if (const Known* k = tap.cluster_of(person)) return explain_cluster(common, tap, files, settings, *gate, *k);
            throw Failure{Exit::usage, fill(tr("{0} is in no cluster: it stands alone."), std::vector<std::string>{question->a}),
                          tr("Name a second record to see why they are not one person.")};
          }};
}

}  // namespace casebridge::cli
