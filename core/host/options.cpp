#include "host/options.hpp"

#include <algorithm>
#include <charconv>

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/suggest.hpp"
#include "base/text.hpp"

namespace casebridge::host {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view by) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : std::string(by)) + w;
  return out;
}

// The value in its one form, or what it should have been.
bool normal(const OptionInfo& o, std::string& value, std::string& wanted) {
  switch (o.type) {
    case CB_OPT_BOOL: {
      static constexpr std::string_view yes[] = {"true", "yes", "on", "1"}, no[] = {"false", "no", "off", "0"};
      if (std::find(std::begin(yes), std::end(yes), value) != std::end(yes)) value = "true";
      else if (std::find(std::begin(no), std::end(no), value) != std::end(no)) value = "false";
      else return wanted = tr("true or false"), false;
      return true;
    }
    case CB_OPT_INT: {
      int64_t n = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), n);
      if (error != std::errc() || end != value.data() + value.size()) return wanted = tr("a whole number"), false;
      value = std::to_string(n);
      return true;
    }
    case CB_OPT_REAL: {
      double n = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), n, std::chars_format::fixed);
      if (error != std::errc() || end != value.data() + value.size()) return wanted = tr("a decimal number such as 0.5"), false;
      return true;
    }
    case CB_OPT_CHOICE: return std::find(o.choices.begin(), o.choices.end(), value) != o.choices.end();
    default:
      if (value.find('\0') != value.npos) return wanted = tr("text without a NUL byte"), false;
      return true;
  }
}

std::string summary(const OptionInfo& o) { return french() && !o.summary_fr.empty() ? o.summary_fr : o.summary_en; }

std::string shape(const OptionInfo& o) { return o.type == CB_OPT_CHOICE ? joined(o.choices, "|") : option_type_name(o.type); }

}  // namespace

std::vector<Setting> check_options(const PluginInfo& plugin, std::span<const Setting> given, std::vector<Finding>& problems) {
  std::vector<std::string> known;
  for (const OptionInfo& o : plugin.options) known.push_back(o.name);
  for (const auto& [name, value] : given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    if (near.empty())
      problems.push_back({.code = "E-OPTION-UNKNOWN", .args = {plugin.id, name, known.empty() ? tr("none") : joined(known, ", ")}});
    else problems.push_back({.code = "E-OPTION-UNKNOWN-NEAR", .args = {plugin.id, name, near}});
  }
  std::vector<Setting> out;
  for (const OptionInfo& o : plugin.options) {
    size_t times = 0;
    for (const auto& [name, raw] : given) {
      if (name != o.name) continue;
      if (++times == 2 && !(o.flags & CB_OPT_REPEATABLE)) problems.push_back({.code = "E-OPTION-TWICE", .args = {o.name}});
      std::string value = raw, wanted;
      if (!normal(o, value, wanted)) {
        const std::string shown = o.type == CB_OPT_SECRET ? tr("the value") : "\"" + raw + "\"";  // a secret is never repeated
        if (o.type == CB_OPT_CHOICE) problems.push_back({.code = "E-OPTION-CHOICE", .args = {o.name, shown, joined(o.choices, ", ")}});
        else problems.push_back({.code = "E-OPTION-VALUE", .args = {o.name, shown, wanted}});
      }
      out.emplace_back(name, std::move(value));
    }
    if (times) continue;
    if (o.fallback) out.emplace_back(o.name, *o.fallback);
    else if (o.flags & CB_OPT_REQUIRED) problems.push_back({.code = "E-OPTION-MISSING", .args = {o.name, summary(o)}});
  }
  return out;
}

std::string options_help(const PluginInfo& plugin) {
  std::string out;
  for (const OptionInfo& o : plugin.options) {
    out += "  " + o.name + "=" + shape(o);
    if (o.fallback) out += " [" + *o.fallback + "]";
    if (o.flags & CB_OPT_REQUIRED) out += " (" + tr("required") + ")";
    if (o.flags & CB_OPT_REPEATABLE) out += " (" + tr("may be repeated") + ")";
    out += "\n      " + summary(o) + "\n";
  }
  return out;
}

std::string options_markdown(const PluginInfo& plugin) {
  if (plugin.options.empty()) return {};
  std::string out = "| " + tr("option") + " | " + tr("value") + " | " + tr("default") + " | " + tr("meaning") + " |\n|---|---|---|---|\n";
  const auto cell = [](std::string text) {
    for (size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) text.replace(at, 1, "\\|");
    return text;
  };
  for (const OptionInfo& o : plugin.options)
    out += "| `" + o.name + "` | " + cell(shape(o)) + " | " + cell(o.fallback.value_or("")) + " | " + cell(summary(o)) + " |\n";
  return out;
}

std::string options_schema(const PluginInfo& plugin) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> w(buffer);
  const auto one = [&](const OptionInfo& o) {
    w.Key("type");
    w.String(o.type == CB_OPT_BOOL ? "boolean" : o.type == CB_OPT_INT ? "integer" : o.type == CB_OPT_REAL ? "number" : "string");
    if (o.type == CB_OPT_CHOICE) {
      w.Key("enum");
      w.StartArray();
      for (const auto& c : o.choices) w.String(c);
      w.EndArray();
    }
  };
  w.StartObject();
  w.Key("type");
  w.String("object");
  w.Key("additionalProperties");
  w.Bool(false);
  w.Key("properties");
  w.StartObject();
  for (const OptionInfo& o : plugin.options) {
    w.Key(o.name.data(), static_cast<rapidjson::SizeType>(o.name.size()));
    w.StartObject();
    w.Key("description");
    w.String(summary(o));
    if (o.fallback) {
      w.Key("default");
      if (o.type == CB_OPT_BOOL) w.Bool(*o.fallback == "true");
      else if (o.type == CB_OPT_INT || o.type == CB_OPT_REAL) w.RawValue(o.fallback->data(), o.fallback->size(), rapidjson::kNumberType);
      else w.String(*o.fallback);
    }
    if (o.flags & CB_OPT_REPEATABLE) {
      w.Key("type");
      w.String("array");
      w.Key("items");
      w.StartObject();
      one(o);
      w.EndObject();
    } else {
      one(o);
    }
    w.EndObject();
  }
  w.EndObject();
  w.Key("required");
  w.StartArray();
  for (const OptionInfo& o : plugin.options)
    if (o.flags & CB_OPT_REQUIRED && !o.fallback) w.String(o.name);
  w.EndArray();
  w.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace casebridge::host
