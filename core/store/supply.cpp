#include "store/supply.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/model.hpp"
#include "normalise/ids.hpp"
#include "pipeline/lines.hpp"
#include "casebridge/model.h"
#include "store/body.hpp"
#include "store/clocks.hpp"

namespace casebridge::store {

void add_filter(View& view, const std::string& words) {
  const size_t equals = words.find('=');
  const std::string name = words.substr(0, equals);
  std::set<std::string>* into = name == "type"     ? &view.types
                                : name == "agency" ? &view.agencies
                                : name == "system" ? &view.systems
                                : name == "file"   ? &view.files
                                : name == "id"     ? &view.ids
                                                   : nullptr;
  if (equals == words.npos || !into)
    throw StoreError(
        Exit::usage,
        fill(tr("--filter {0} is not NAME=VALUE with a name among type, agency, system, file and id."), std::vector<std::string>{words}),
        tr("For example: --filter type=Person,Link"));
  for (size_t at = equals + 1; at <= words.size();) {
    const size_t comma = std::min(words.find(',', at), words.size());
    const std::string value = words.substr(at, comma - at);
    if (name == "type" && !model::record_type(value))
      throw StoreError(Exit::usage, fill(tr("There is no type of record {0}."), std::vector<std::string>{value}),
                       tr("casebridge schema fields lists them."));
    into->insert(value);
    at = comma + 1;
  }
}

Supply::Supply(Store& store, View view) : store_(store), view_(std::move(view)) {
  if (!view_.as_of) view_.as_of = store.in_run() ? store.run() : store.last_run();
  produced_at_ = store.run_time(view_.as_of);
  number_of_.assign(static_cast<size_t>(store.db().number("SELECT max(\"source\") + 1 FROM \"SourceFile\"")), 0);
  source_wanted_.assign(number_of_.size(), 1);
  Query q(store.db(),
          "SELECT \"source\", \"agency\", \"system\", \"name\", \"sha256\" FROM \"SourceFile\" WHERE \"source\" > 0 AND \"run\" <= ? ORDER "
          "BY \"source\"");
  q.number(view_.as_of);
  while (q.step()) {
    const auto source = static_cast<size_t>(q.as_number(0));
    sources_.push_back(q.as_number(0));
    number_of_[source] = static_cast<uint32_t>(sources_.size());
    const auto in = [](const std::set<std::string>& set, std::string_view value) {
      return set.empty() || set.contains(std::string(value));
    };
    source_wanted_[source] = in(view_.agencies, q.as_text(1)) && in(view_.systems, q.as_text(2)) &&
                             (in(view_.files, q.as_text(3)) || in(view_.files, q.as_text(4)));
  }
  ends_ = known_ends(store.db(), view_.as_of);
  source_wanted_[0] = view_.agencies.empty() && view_.systems.empty() && view_.files.empty();
}
Supply::~Supply() = default;

void Supply::lines(RecordBatch& into) {
  Query q(store_.db(), "SELECT \"line\" FROM \"SourceFile\" WHERE \"source\"=?");
  for (size_t i = 0; i < sources_.size(); ++i) {
    q.number(sources_[i]);
    if (!q.step()) continue;
    RecordBatch scratch;
    const Record& said = read_body(q.as_bytes(0), scratch);
    pipeline::LineBuilder line(into, said);
    line.record().source = static_cast<uint32_t>(i + 1);
    line.set("source", std::to_string(i + 1));
    line.done();
    q.reset();
  }
}

void Supply::rewind(bool all) {
  all_ = all;
  derived_now_ = ended_ = false;
  rows_.reset();
}

bool Supply::wanted(const Record& record, int64_t source) const {
  if (all_) return true;
  if (!source_wanted_[static_cast<size_t>(source)]) return false;
  if (!view_.types.empty() && !view_.types.contains(std::string(record.type->name))) return false;
  return view_.ids.empty() || view_.ids.contains(normalise::to_text(record.id));
}

// The date that the store's clocks give takes the place of the one that was worked out from one source record.
void Supply::set_end(Record& record, const std::string& id, RecordBatch& into) const {
  const auto clock = ends_.find(id);
  if (clock == ends_.end()) return;
  const Value* stated = record.find(tag::any_handling_accessEnds);
  if (stated && stated->text == clock->second) return;
  if (stated) record.values.erase(record.values.begin() + (stated - record.values.data()));
  if (clock->second.empty()) return;
  Value value;
  value.field = tag::any_handling_accessEnds;
  value.text = into.arena.keep(clock->second);
  const auto rank = [](const Value& v) { return model::node(v.field).rank; };
  record.values.insert(std::find_if(record.values.begin(), record.values.end(), [&](const Value& v) { return rank(v) > rank(value); }),
                       value);
}

bool Supply::next(RecordBatch& into) {
  constexpr size_t kMost = 512;
  into.reset();
  if (ended_) return false;
  for (;;) {
    if (!rows_) {
      std::string sql = "SELECT r.\"source\", r.\"version\", " + std::string(kStatedColumns) +
                        " FROM \"Record\" r JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" JOIN "
                        "\"Content\" c ON c.\"content\"=s.\"content\" WHERE r.\"run\" <= ?";
      if (!view_.all_versions) sql += " AND (r.\"untilRun\" IS NULL OR r.\"untilRun\" > ?)";
      sql += derived_now_ ? " AND r.\"source\" = 0 ORDER BY r.\"id\", r.\"version\""
                          : " AND r.\"source\" > 0 ORDER BY r.\"source\", r.\"ordinal\"";
      rows_ = std::make_unique<Query>(store_.db(), sql);
      rows_->number(view_.as_of);
      if (!view_.all_versions) rows_->number(view_.as_of);
    }
    bool more = true;
    while (into.records.size() < kMost && (more = rows_->step())) {
      const int64_t source = rows_->as_number(0);
      store_.read_stated(*rows_, 2, into);
      Record& record = into.records.back();
      record.version = static_cast<uint32_t>(rows_->as_number(1));
      // A place of no length: the program found it, here or where the case data was made.
      record.source = record.place.length ? number_of_[static_cast<size_t>(source)] : 0;
      if (record.source == 0) record.place = {};
      for (auto& [also, place] : record.also) also = also < number_of_.size() ? number_of_[also] : 0;
      std::erase_if(record.also, [](const auto& also) { return also.first == 0; });
      if (!ends_.empty()) set_end(record, normalise::to_text(record.id), into);
      if (!wanted(record, source)) into.keep_first(into.records.size() - 1);
    }
    if (!more) {  // a step past the last row would begin again
      rows_.reset();
      ended_ = derived_now_ || !view_.derived;
      derived_now_ = true;
    }
    if (!into.records.empty()) return true;
    if (ended_) return false;
  }
}

}  // namespace casebridge::store
