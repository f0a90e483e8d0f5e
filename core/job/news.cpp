#include "job/news.hpp"

#include <rapidjson/document.h>

namespace casebridge::job {

std::vector<Removed> removed_since(store::Store& store, int64_t run) {
  std::vector<Removed> out;
  store::Query q(store.db(),
                 "SELECT \"time\", \"detail\" FROM \"Audit\" WHERE \"run\" > ? AND \"action\" IN ('withdraw', 'destroy') ORDER BY \"seq\"");
  q.number(run);
  while (q.step()) {
    rapidjson::Document d;
    d.Parse(q.as_text(1).data(), q.as_text(1).size());
    if (d.HasParseError() || !d.IsObject()) continue;
    Removed r;
    r.time = q.as_text(0);
    if (d.HasMember("rule") && d["rule"].IsString()) r.rule = d["rule"].GetString();
    if (d.HasMember("records") && d["records"].IsUint64()) r.records = d["records"].GetUint64();
    if (d.HasMember("recipients") && d["recipients"].IsArray())
      for (const auto& one : d["recipients"].GetArray())
        if (one.IsString()) r.recipients.emplace_back(one.GetString());
    out.push_back(std::move(r));
  }
  return out;
}

News news_since(store::Store& store, int64_t run, bool first) {
  News out;
  out.first = first;
  store::Query now(store.db(),
                   "SELECT \"recordType\", count(*) FROM \"Record\" WHERE \"untilRun\" IS NULL AND \"recordType\" <> 'Cluster' GROUP BY 1");
  while (now.step()) out.records[std::string(now.as_text(0))].now = static_cast<uint64_t>(now.as_number(1));
  if (first) {  // everything is new
    for (auto& [type, count] : out.records) count.added = count.now;
    out.entities["created"] =
        static_cast<uint64_t>(store.db().number("SELECT count(*) FROM \"Record\" WHERE \"untilRun\" IS NULL AND \"recordType\"='Cluster'"));
    return out;
  }
  for (store::Change& change : store::diff(store, run, out.gone)) {
    if (change.type == "Cluster") {
      ++out.entities[change.what];
      if (change.what != "created") out.merges.push_back(std::move(change));
      continue;
    }
    News::Count& count = out.records[change.type];
    ++(change.what == "added" ? count.added : change.what == "changed" ? count.changed : count.ended);
  }
  return out;
}

}  // namespace casebridge::job
