#include "job/ledger.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "emit/sink.hpp"
#include "job/json_out.hpp"

namespace casebridge::job {
namespace {

std::string file_of(const std::string& folder) { return (std::filesystem::path(folder) / "ledger.json").string(); }

std::string text(const rapidjson::Value& v, const char* name) {
  const auto at = v.FindMember(name);
  return at != v.MemberEnd() && at->value.IsString() ? at->value.GetString() : "";
}
uint64_t number(const rapidjson::Value& v, const char* name) {
  const auto at = v.FindMember(name);
  return at != v.MemberEnd() && at->value.IsUint64() ? at->value.GetUint64() : 0;
}

}  // namespace

const Accepted* Ledger::last(const std::string& source) const {
  for (auto at = accepted.rbegin(); at != accepted.rend(); ++at)
    if (at->source == source && at->units) return &*at;
  return nullptr;
}

const Accepted* Ledger::find(const std::string& source, const std::string& key) const {
  for (const Accepted& a : accepted)
    if (a.source == source && a.key == key) return &a;
  return nullptr;
}

std::string Ledger::mapping_of(const std::string& source) const {
  for (auto at = decisions.rbegin(); at != decisions.rend(); ++at)
    if (at->source == source && at->what == "mapping") return at->subject;
  return {};
}

bool Ledger::decided(const std::string& what, const std::string& source, const std::string& subject) const {
  return std::any_of(decisions.begin(), decisions.end(),
                     [&](const Decision& d) { return d.what == what && d.source == source && d.subject == subject; });
}

Ledger load_ledger(const std::string& folder) {
  Ledger out;
  std::ifstream in(file_of(folder), std::ios::binary);
  if (!in) return out;
  const std::string json{std::istreambuf_iterator<char>(in), {}};
  rapidjson::Document d;
  d.Parse(json.c_str());
  if (d.HasParseError() || !d.IsObject()) throw std::runtime_error(file_of(folder) + " is broken");
  out.run_time = text(d, "runTime");
  out.runs = number(d, "runs");
  out.kept = number(d, "kept");
  if (d.HasMember("accepted"))
    for (const auto& v : d["accepted"].GetArray())
      out.accepted.push_back({text(v, "source"), text(v, "key"), text(v, "at"), number(v, "units"), number(v, "bytes"), number(v, "run")});
  if (d.HasMember("decisions"))
    for (const auto& v : d["decisions"].GetArray())
      out.decisions.push_back(
          {text(v, "what"), text(v, "source"), text(v, "subject"), text(v, "by"), text(v, "why"), text(v, "at"), number(v, "number")});
  return out;
}

void save_ledger(const std::string& folder, const Ledger& ledger) {
  JsonOut j;
  j.open('{').text("runTime", ledger.run_time).number("runs", ledger.runs).number("kept", ledger.kept);
  j.open("accepted", '[');
  for (const Accepted& a : ledger.accepted)
    j.open('{')
        .text("source", a.source)
        .text("key", a.key)
        .text("at", a.at)
        .number("units", a.units)
        .number("bytes", a.bytes)
        .number("run", a.run)
        .close('}');
  j.close(']').open("decisions", '[');
  for (const Decision& d : ledger.decisions)
    j.open('{')
        .number("number", d.number)
        .text("what", d.what)
        .text("source", d.source)
        .text("subject", d.subject)
        .text("by", d.by)
        .text("why", d.why)
        .text("at", d.at)
        .close('}');
  j.close(']').close('}');
  emit::FileSink sink(file_of(folder));
  sink.write(j.done());
  sink.commit();
}

}  // namespace casebridge::job
