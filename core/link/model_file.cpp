#include "link/model_file.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <stdexcept>

namespace casebridge::link {
namespace {

constexpr std::array<const char*, roles> role_names = {"given", "family", "middle", "birthPlace", "occupation"};

// {hash: count} as one flat array, ascending by hash.
void put_counts(std::string& out, const std::unordered_map<uint64_t, uint32_t>& counts) {
  std::vector<std::pair<uint64_t, uint32_t>> rows(counts.begin(), counts.end());
  std::sort(rows.begin(), rows.end());
  out += '[';
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i) out += ',';
    out += std::to_string(rows[i].first) + ',' + std::to_string(rows[i].second);
  }
  out += ']';
}

template <class Values>
void put_array(std::string& out, const Values& values) {
  out += '[';
  bool first = true;
  for (const auto v : values) {
    if (!first) out += ',';
    first = false;
    out += std::to_string(v);
  }
  out += ']';
}

using Value = rapidjson::Value;
const Value& member(const Value& v, const char* name) {
  if (!v.IsObject() || !v.HasMember(name)) throw std::runtime_error(std::string("model: no member ") + name);
  return v[name];
}
uint64_t whole(const Value& v) {
  if (!v.IsUint64()) throw std::runtime_error("model: a whole number is expected");
  return v.GetUint64();
}
int32_t weight(const Value& v) {
  if (!v.IsInt()) throw std::runtime_error("model: a weight is expected");
  return v.GetInt();
}
const Value& array(const Value& v, size_t size = SIZE_MAX) {
  if (!v.IsArray() || (size != SIZE_MAX && v.Size() != size)) throw std::runtime_error("model: an array of another length is expected");
  return v;
}
void take_counts(const Value& v, std::unordered_map<uint64_t, uint32_t>& out) {
  array(v);
  if (v.Size() % 2) throw std::runtime_error("model: counts come in pairs");
  out.reserve(v.Size() / 2);
  for (rapidjson::SizeType i = 0; i < v.Size(); i += 2) out.emplace(whole(v[i]), static_cast<uint32_t>(whole(v[i + 1])));
}
std::vector<uint64_t> take_keys(const Value& v) {
  array(v);
  std::vector<uint64_t> out;
  for (const Value& x : v.GetArray()) out.push_back(whole(x));
  return out;
}

}  // namespace

std::string write_model(const Model& m) {
  std::string out =
      "{\"casebridgeLinkModel\":" + std::to_string(Model::version) + ",\n\"records\":" + std::to_string(m.records) + ",\n\"prior\":";
  put_array(out, m.prior);
  out += ",\n\"weights\":{";
  for (unsigned f = 0; f < fields; ++f) {
    out += (f ? ",\n \"" : "\n \"") + std::string(field_name[f]) + "\":[";
    for (unsigned l = 1; l < level_count[f]; ++l) {
      if (l > 1) out += ',';
      put_array(out, m.weight[f][l]);
    }
    out += ']';
  }
  out += "},\n\"limits\":{\"cap\":" + std::to_string(m.limits.cap) + ",\"hard\":" + std::to_string(m.limits.hard) +
         "},\n\"recordsPerYear\":" + std::to_string(m.records_per_year) + ",\"phoneMean\":" + std::to_string(m.phone_mean) +
         ",\"newYear\":" + std::to_string(m.new_year) + ",\n\"counts\":{";
  for (unsigned r = 0; r < roles; ++r) {
    out += (r ? ",\n \"" : "\n \"") + std::string(role_names[r]) + "\":{\"total\":" + std::to_string(m.counts[r].total) +
           ",\"squares\":" + std::to_string(m.counts[r].squares) + ",\"values\":";
    put_counts(out, m.counts[r].count);
    out += '}';
  }
  out += "},\n\"population\":";
  put_counts(out, m.population);
  out += ",\n\"phones\":";
  put_counts(out, m.phones);
  out += ",\n\"common\":";
  put_array(out, m.common);
  out += ",\n\"partedKeys\":";
  put_array(out, m.parted.keys());
  out += "}\n";
  return out;
}

Model read_model(std::string_view json) {
  rapidjson::Document d;
  d.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (d.HasParseError()) throw std::runtime_error(std::string("model: ") + rapidjson::GetParseError_En(d.GetParseError()));
  if (!d.IsObject() || !d.HasMember("casebridgeLinkModel")) throw std::runtime_error("model: not a casebridge link model");
  if (whole(d["casebridgeLinkModel"]) != Model::version)
    throw std::runtime_error("model: written by another version; fit it again with --refit");
  Model m;
  m.records = whole(member(d, "records"));
  for (unsigned c = 0; c < classes; ++c) m.prior[c] = weight(array(member(d, "prior"), classes)[c]);
  for (unsigned f = 0; f < fields; ++f) {
    const Value& levels = array(member(member(d, "weights"), std::string(field_name[f]).c_str()), level_count[f] - 1u);
    for (unsigned l = 1; l < level_count[f]; ++l) {
      for (unsigned c = 0; c < classes; ++c) m.weight[f][l][c] = weight(array(levels[l - 1], classes)[c]);
    }
  }
  m.limits = {static_cast<uint32_t>(whole(member(member(d, "limits"), "cap"))),
              static_cast<uint32_t>(whole(member(member(d, "limits"), "hard")))};
  m.records_per_year = whole(member(d, "recordsPerYear"));
  m.phone_mean = std::max<uint64_t>(1, whole(member(d, "phoneMean")));
  m.new_year = weight(member(d, "newYear"));
  for (unsigned r = 0; r < roles; ++r) {
    const Value& v = member(member(d, "counts"), role_names[r]);
    m.counts[r].total = whole(member(v, "total"));
    m.counts[r].squares = whole(member(v, "squares"));
    take_counts(member(v, "values"), m.counts[r].count);
  }
  take_counts(member(d, "population"), m.population);
  take_counts(member(d, "phones"), m.phones);
  m.common = take_keys(member(d, "common"));
  std::sort(m.common.begin(), m.common.end());
  m.parted.assign(take_keys(member(d, "partedKeys")));
  return m;
}

}  // namespace casebridge::link
