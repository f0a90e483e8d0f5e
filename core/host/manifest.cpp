#include "host/manifest.hpp"

#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <stdexcept>

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "casebridge/files.h"

namespace casebridge::host {
namespace {

constexpr std::array kTypes{"bool", "int", "real", "text", "choice", "path", "secret"};
constexpr size_t kMaxManifest = size_t(4) << 20;

std::string or_empty(const char* s) { return s ? s : ""; }

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = text.find(by);
    if (end != 0) out.emplace_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

bool id_like(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (const char c : id)
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
  return true;
}

void check(const PluginInfo& p) {
  const auto broken = [&](const std::string& why) { throw std::runtime_error("plugin \"" + p.id + "\": " + why); };
  if (!id_like(p.id)) broken("its id must be lower-case letters, digits and hyphens");
  if (p.abi_major != CB_ABI_MAJOR)
    broken("it was built for contract " + std::to_string(p.abi_major) + ", this program offers " + std::to_string(CB_ABI_MAJOR));
  if (p.formats.empty()) broken("it names no format");
  if (p.library.empty() + p.engine.empty() != 1 && !p.folder.empty()) broken("it needs either a library or an engine");
  if (p.library.find('/') != p.library.npos || p.mapping.find('/') != p.mapping.npos) broken("its files must lie in its own folder");
  std::set<std::string_view> seen;
  for (const FormatInfo& f : p.formats) {
    if (!id_like(f.id)) broken("format id \"" + f.id + "\" must be lower-case letters, digits and hyphens");
    if (!seen.insert(f.id).second) broken("format \"" + f.id + "\" is declared twice");
    if (!f.reads() && !f.writes()) broken("format \"" + f.id + "\" is neither read nor written");
  }
  seen.clear();
  for (const OptionInfo& o : p.options) {
    if (!id_like(o.name)) broken("option \"" + o.name + "\" must be lower-case letters, digits and hyphens");
    if (!seen.insert(o.name).second) broken("option \"" + o.name + "\" is declared twice");
    if (o.type >= kTypes.size()) broken("option \"" + o.name + "\" has an unknown type");
    if (o.type == CB_OPT_CHOICE && o.choices.empty()) broken("option \"" + o.name + "\" has no choices");
  }
}

using Json = rapidjson::Value;

std::string text_of(const Json& from, const char* key, bool needed = false) {
  const auto at = from.FindMember(key);
  if (at == from.MemberEnd()) {
    if (needed) throw std::runtime_error(std::string("\"") + key + "\" is missing");
    return {};
  }
  if (!at->value.IsString()) throw std::runtime_error(std::string("\"") + key + "\" must be text");
  return {at->value.GetString(), at->value.GetStringLength()};
}

std::vector<std::string> texts_of(const Json& from, const char* key) {
  std::vector<std::string> out;
  const auto at = from.FindMember(key);
  if (at == from.MemberEnd()) return out;
  if (!at->value.IsArray()) throw std::runtime_error(std::string("\"") + key + "\" must be a list");
  for (const Json& item : at->value.GetArray()) {
    if (!item.IsString()) throw std::runtime_error(std::string("\"") + key + "\" must be a list of texts");
    out.emplace_back(item.GetString(), item.GetStringLength());
  }
  return out;
}

bool flag_of(const Json& from, const char* key) {
  const auto at = from.FindMember(key);
  return at != from.MemberEnd() && at->value.IsBool() && at->value.GetBool();
}

template <class Each>
void each_of(const Json& from, const char* key, Each each) {
  const auto at = from.FindMember(key);
  if (at == from.MemberEnd()) return;
  if (!at->value.IsArray()) throw std::runtime_error(std::string("\"") + key + "\" must be a list");
  for (const Json& item : at->value.GetArray()) {
    if (!item.IsObject()) throw std::runtime_error(std::string("\"") + key + "\" must be a list of objects");
    each(item);
  }
}

}  // namespace

const FormatInfo* PluginInfo::format(std::string_view wanted) const {
  for (const FormatInfo& f : formats)
    if (f.id == wanted) return &f;
  return nullptr;
}

const char* option_type_name(uint32_t type) { return type < kTypes.size() ? kTypes[type] : "unknown"; }

PluginInfo describe(const cb_plugin& from) {
  PluginInfo p;
  if (from.abi_major != CB_ABI_MAJOR)
    throw std::runtime_error("the plugin was built for contract " + std::to_string(from.abi_major) + ", this program offers " +
                             std::to_string(CB_ABI_MAJOR));
  if (from.struct_size < offsetof(cb_plugin, extension)) throw std::runtime_error("the plugin's descriptor is cut off");
  p.id = or_empty(from.id);
  p.version = or_empty(from.version);
  p.title_en = or_empty(from.title_en);
  p.title_fr = or_empty(from.title_fr);
  p.licence = or_empty(from.licence);
  p.abi_major = from.abi_major;
  p.abi_minor = from.abi_minor;
  p.probes = from.probe != nullptr;
  for (uint32_t i = 0; i < from.n_formats; ++i) {
    const cb_format& f = from.formats[i];
    p.formats.push_back({or_empty(f.id), or_empty(f.title_en), or_empty(f.title_fr), split(or_empty(f.versions), ' '),
                         split(or_empty(f.extensions), ' '), split(or_empty(f.signatures), '\n'), f.caps});
    if (f.caps & CB_READS && !(from.open_reader && from.read && from.close_reader))
      throw std::runtime_error("format " + p.formats.back().id + " is to be read, but there is no reader");
    if (f.caps & CB_WRITES && !(from.open_writer && from.write && from.finish && from.close_writer))
      throw std::runtime_error("format " + p.formats.back().id + " is to be written, but there is no writer");
  }
  for (uint32_t i = 0; i < from.n_options; ++i) {
    const cb_option& o = from.options[i];
    p.options.push_back({or_empty(o.name), o.type, o.flags, o.fallback ? std::optional<std::string>(o.fallback) : std::nullopt,
                         split(or_empty(o.choices), '|'), or_empty(o.summary_en), or_empty(o.summary_fr)});
  }
  check(p);
  return p;
}

std::string to_json(const PluginInfo& p) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> w(buffer);
  w.SetIndent(' ', 1);
  const auto put = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    w.Key(key);
    w.String(value);
  };
  const auto put_list = [&](const char* key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    w.Key(key);
    w.StartArray();
    for (const auto& v : values) w.String(v);
    w.EndArray();
  };
  w.StartObject();
  put("id", p.id);
  put("version", p.version);
  w.Key("abi");
  w.String(std::to_string(p.abi_major) + "." + std::to_string(p.abi_minor));
  put("titleEn", p.title_en);
  put("titleFr", p.title_fr);
  put("licence", p.licence);
  put("library", p.library);
  put("engine", p.engine);
  put("mapping", p.mapping);
  w.Key("probes");
  w.Bool(p.probes);
  w.Key("formats");
  w.StartArray();
  for (const FormatInfo& f : p.formats) {
    w.StartObject();
    put("id", f.id);
    put("titleEn", f.title_en);
    put("titleFr", f.title_fr);
    put_list("versions", f.versions);
    put_list("extensions", f.extensions);
    put_list("signatures", f.signatures);
    w.Key("reads");
    w.Bool(f.caps & CB_READS);
    w.Key("writes");
    w.Bool(f.caps & CB_WRITES);
    w.Key("streams");
    w.Bool(f.caps & CB_STREAMS);
    w.Key("lossless");
    w.Bool(f.caps & CB_LOSSLESS);
    if (f.caps & CB_FOLDER) {
      w.Key("folder");
      w.Bool(true);
    }
    w.EndObject();
  }
  w.EndArray();
  w.Key("options");
  w.StartArray();
  for (const OptionInfo& o : p.options) {
    w.StartObject();
    put("name", o.name);
    put("type", option_type_name(o.type));
    if (o.flags & CB_OPT_REQUIRED) {
      w.Key("required");
      w.Bool(true);
    }
    if (o.flags & CB_OPT_REPEATABLE) {
      w.Key("repeatable");
      w.Bool(true);
    }
    if (o.fallback) {
      w.Key("default");
      w.String(*o.fallback);
    }
    put_list("choices", o.choices);
    put("summaryEn", o.summary_en);
    put("summaryFr", o.summary_fr);
    w.EndObject();
  }
  w.EndArray();
  w.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

PluginInfo read_manifest(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("it cannot be opened");
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.size() > kMaxManifest) throw std::runtime_error("it is larger than 4 MiB");
  rapidjson::Document doc;
  doc.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (doc.HasParseError())
    throw std::runtime_error("byte " + std::to_string(doc.GetErrorOffset()) + ": " + rapidjson::GetParseError_En(doc.GetParseError()));
  if (!doc.IsObject()) throw std::runtime_error("it must be an object");
  PluginInfo p;
  p.folder = file.parent_path();
  p.id = text_of(doc, "id", true);
  p.version = text_of(doc, "version");
  p.title_en = text_of(doc, "titleEn");
  p.title_fr = text_of(doc, "titleFr");
  p.licence = text_of(doc, "licence");
  p.library = text_of(doc, "library");
  p.engine = text_of(doc, "engine");
  p.mapping = text_of(doc, "mapping");
  p.probes = flag_of(doc, "probes");
  const std::string abi = text_of(doc, "abi", true);
  const size_t dot = abi.find('.');
  const auto number = [](std::string_view digits) {
    if (digits.empty() || digits.size() > 6) throw std::runtime_error("\"abi\" must look like 1.0");
    uint32_t n = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') throw std::runtime_error("\"abi\" must look like 1.0");
      n = n * 10 + static_cast<uint32_t>(c - '0');
    }
    return n;
  };
  p.abi_major = number(std::string_view(abi).substr(0, dot));
  p.abi_minor = dot == abi.npos ? 0 : number(std::string_view(abi).substr(dot + 1));
  each_of(doc, "formats", [&](const Json& j) {
    FormatInfo f{text_of(j, "id", true),
                 text_of(j, "titleEn"),
                 text_of(j, "titleFr"),
                 texts_of(j, "versions"),
                 texts_of(j, "extensions"),
                 texts_of(j, "signatures"),
                 0};
    f.caps = (flag_of(j, "reads") ? uint32_t(CB_READS) : 0) | (flag_of(j, "writes") ? uint32_t(CB_WRITES) : 0) |
             (flag_of(j, "streams") ? uint32_t(CB_STREAMS) : 0) | (flag_of(j, "lossless") ? uint32_t(CB_LOSSLESS) : 0) |
             (flag_of(j, "folder") ? uint32_t(CB_FOLDER) : 0);
    p.formats.push_back(std::move(f));
  });
  each_of(doc, "options", [&](const Json& j) {
    OptionInfo o;
    o.name = text_of(j, "name", true);
    const std::string type = text_of(j, "type", true);
    o.type = 0;
    while (o.type < kTypes.size() && type != kTypes[o.type]) ++o.type;
    o.flags = (flag_of(j, "required") ? uint32_t(CB_OPT_REQUIRED) : 0) | (flag_of(j, "repeatable") ? uint32_t(CB_OPT_REPEATABLE) : 0);
    if (j.HasMember("default")) o.fallback = text_of(j, "default");
    o.choices = texts_of(j, "choices");
    o.summary_en = text_of(j, "summaryEn");
    o.summary_fr = text_of(j, "summaryFr");
    p.options.push_back(std::move(o));
  });
  check(p);
  return p;
}

}  // namespace casebridge::host
