#include "job/profile.hpp"

#include <rapidjson/document.h>

#include "job/json_out.hpp"

namespace casebridge::job {

std::string profile_json(const Profile& p) {
  JsonOut j;
  j.open('{')
      .text("format", p.format)
      .text("mapping", p.mapping)
      .text("agency", p.agency)
      .text("system", p.system)
      .text("sha256", p.sha256)
      .text("settings", p.settings)
      .truth("governed", p.governed);
  j.number("units", p.units)
      .number("mapped", p.mapped)
      .number("quarantined", p.quarantined)
      .number("bytes", p.bytes)
      .number("errors", p.errors)
      .number("warnings", p.warnings)
      .number("notes", p.notes)
      .number("files", p.files)
      .number("known", p.known)
      .number("knownUnits", p.known_units);
  j.number("exit", static_cast<uint64_t>(p.exit));
  const auto counts = [&](const char* name, const std::map<std::string, uint64_t>& map) {
    j.open(name, '{');
    for (const auto& [what, n] : map) j.number(what, n);
    j.close('}');
  };
  counts("skipped", p.skipped), counts("records", p.records), counts("findings", p.findings), counts("byField", p.by_field);
  j.open("fields", '{');
  for (const auto& [name, f] : p.fields)
    j.open(name, '{').number("mapped", f.mapped).number("ext", f.ext).number("dropped", f.dropped).number("unkept", f.unkept).close('}');
  j.close('}').open("renamed", '[');
  for (const auto& [was, now] : p.renamed) j.open('[').text(was).text(now).close(']');
  j.close(']').open("gone", '[');
  for (const std::string& name : p.gone) j.text(name);
  j.close(']').close('}');
  return j.done();
}

Profile parse_profile(const std::string& json) {
  Profile p;
  rapidjson::Document d;
  d.Parse(json.c_str());
  if (d.HasParseError() || !d.IsObject()) return p;
  const auto text = [&](const char* name) {
    return d.HasMember(name) && d[name].IsString() ? std::string(d[name].GetString()) : std::string();
  };
  const auto number = [](const rapidjson::Value& v, const char* name) {
    return v.HasMember(name) && v[name].IsUint64() ? v[name].GetUint64() : 0;
  };
  p.format = text("format"), p.mapping = text("mapping"), p.agency = text("agency"), p.system = text("system"), p.sha256 = text("sha256");
  p.settings = text("settings");
  p.governed = d.HasMember("governed") && d["governed"].IsTrue();
  p.units = number(d, "units"), p.mapped = number(d, "mapped"), p.quarantined = number(d, "quarantined"), p.bytes = number(d, "bytes");
  p.errors = number(d, "errors"), p.warnings = number(d, "warnings"), p.notes = number(d, "notes");
  p.files = number(d, "files"), p.known = number(d, "known"), p.known_units = number(d, "knownUnits");
  p.exit = static_cast<Exit>(number(d, "exit"));
  const auto counts = [&](const char* name, std::map<std::string, uint64_t>& map) {
    if (d.HasMember(name))
      for (const auto& m : d[name].GetObject()) map[m.name.GetString()] = m.value.GetUint64();
  };
  counts("skipped", p.skipped), counts("records", p.records), counts("findings", p.findings), counts("byField", p.by_field);
  if (d.HasMember("fields"))
    for (const auto& m : d["fields"].GetObject())
      p.fields[m.name.GetString()] = {number(m.value, "mapped"), number(m.value, "ext"), number(m.value, "dropped"),
                                      number(m.value, "unkept")};
  if (d.HasMember("renamed"))
    for (const auto& v : d["renamed"].GetArray()) p.renamed.emplace_back(v[0].GetString(), v[1].GetString());
  if (d.HasMember("gone"))
    for (const auto& v : d["gone"].GetArray()) p.gone.emplace_back(v.GetString());
  return p;
}

}  // namespace casebridge::job
