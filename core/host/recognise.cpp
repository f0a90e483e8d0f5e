#include "host/recognise.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/related_tables.hpp"

namespace casebridge::host {
namespace {

std::string extension_of(std::string_view name) {
  if (const size_t member = name.rfind('!'); member != name.npos) name.remove_prefix(member + 1);
  const size_t slash = name.rfind('/'), dot = name.rfind('.');
  if (dot == name.npos || (slash != name.npos && dot < slash)) return {};
  std::string out(name.substr(dot + 1));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string listed(const std::vector<Candidate>& candidates) {
  std::string out;
  for (const Candidate& c : candidates) {
    if (!out.empty()) out += "; ";
    out += c.choice.format->id + " " + std::to_string(c.score) + " (" + c.why + ")";
  }
  return out;
}

}  // namespace

Recognition recognise(const Registry& registry, const Input& input, const Request& how) {
  return recognise(registry, input.name(), input.head(), how);
}

Recognition recognise(const Registry& registry, std::string_view name, std::string_view head, const Request& how) {
  Recognition out;
  const auto refuse = [&](const char* code, std::vector<std::string> args) {
    out.problem = Finding{.code = code, .args = std::move(args), .input = std::string(name)};
    return out;
  };
  if (head.empty()) return refuse("E-INPUT-EMPTY", {std::string(name)});
  const Sniffed seen = sniff(head);
  out.encoding = seen.encoding;
  const std::string extension = extension_of(name);
  std::vector<std::string> by_extension;  // would be asked if the content fitted

  for (const PluginInfo& plugin : registry.plugins()) {
    std::vector<Candidate> here;
    for (const FormatInfo& format : plugin.formats) {
      if (!format.reads()) continue;
      const bool hinted =
          !extension.empty() && std::find(format.extensions.begin(), format.extensions.end(), extension) != format.extensions.end();
      uint32_t score = 0;
      std::string why;
      for (const std::string& signature : format.signatures) {
        std::string seen_here;
        if (const uint32_t s = match_signature(signature, seen, head, seen_here); s > score) score = s, why = seen_here;
      }
      if (!format.signatures.empty() && !score) {
        if (hinted && tables_of(format).empty()) by_extension.push_back(format.id);
        continue;
      }
      if (format.signatures.empty() && !plugin.probes) continue;  // nothing to tell it by: only on request
      if (hinted && score) score = std::min<uint32_t>(99, score + 3);
      here.push_back({{&plugin, &format}, score, why});
    }
    if (here.empty()) continue;
    if (plugin.probes) {
      std::vector<std::string> ids;
      for (const Candidate& c : here) ids.push_back(c.choice.format->id);
      std::optional<Finding> problem;
      const auto scores = probe_formats(plugin, ids, name, head, how, problem);
      if (problem) out.notes.push_back(std::move(*problem));
      for (size_t i = 0; i < here.size(); ++i) {
        here[i].score = scores[i];
        const std::string said = fill(tr("its plugin says {0} of 100"), std::vector{std::to_string(scores[i])});
        here[i].why += (here[i].why.empty() ? "" : ", ") + said;
      }
    }
    for (Candidate& c : here)
      if (c.score) out.candidates.push_back(std::move(c));
  }
  std::sort(out.candidates.begin(), out.candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.choice.format->id < b.choice.format->id;
  });

  const auto& c = out.candidates;
  if (c.empty() || c[0].score < kSureEnough) {
    std::string more;
    if (!c.empty()) more = fill(tr("Not sure enough: {0}."), std::vector{listed(c)});
    else if (!seen.root_name.empty())
      more = fill(tr("It is XML with the root element {0} in the namespace \"{1}\"."), std::vector{seen.root_name, seen.root_namespace});
    else if (!seen.json_keys.empty()) more = fill(tr("It is JSON that begins with the key {0}."), std::vector{seen.json_keys[0]});
    else if (seen.encoding == TextEncoding::binary) more = tr("It is not text.");
    if (!by_extension.empty()) {
      std::string ids;
      for (const auto& id : by_extension) ids += (ids.empty() ? "" : ", ") + id;
      more += (more.empty() ? "" : " ") + fill(tr("Formats with this extension whose content looks different: {0}."), std::vector{ids});
    }
    return refuse("E-FORMAT-NONE", {std::string(name), more});
  }
  if (c.size() > 1 && c[0].score - c[1].score < kClearLead) {
    std::vector<Candidate> near;
    for (const Candidate& one : c)
      if (c[0].score - one.score < kClearLead) near.push_back(one);
    return refuse("E-FORMAT-AMBIGUOUS", {std::string(name), listed(near)});
  }
  out.best = c[0].choice;
  return out;
}

}  // namespace casebridge::host
