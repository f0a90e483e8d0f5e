#include "validate/xsd_index.hpp"

#include <libxml/parser.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "read/xml_libxml.hpp"
#include "read/xml_tree.hpp"

namespace casebridge::validate {
namespace fs = std::filesystem;
using read::xml_finding;
namespace {

constexpr uint64_t kMostBytes = uint64_t(256) << 20;  // of all schema files together
constexpr std::string_view kXs = "http://www.w3.org/2001/XMLSchema";

std::string view(const xmlChar* text) { return text ? reinterpret_cast<const char*>(text) : ""; }

std::string normal(std::string_view path) { return fs::path(path).lexically_normal().generic_string(); }

bool remote(std::string_view location) { return location.find("://") != std::string_view::npos || location.starts_with("urn:"); }

struct Scan {
  XsdFile* file;
  int depth = 0;
  std::map<std::string, std::string> prefixes;
  std::vector<std::tuple<std::string, std::string, bool>> attributes;  // name, type, global
};

void on_start(void* self, const xmlChar* name, const xmlChar*, const xmlChar* uri, int n_ns, const xmlChar** ns, int n, int,
              const xmlChar** list) {
  Scan& scan = *static_cast<Scan*>(self);
  const int depth = scan.depth++;
  for (int i = 0; i < n_ns; ++i) scan.prefixes.emplace(view(ns[2 * i]), view(ns[2 * i + 1]));
  if (view(uri) != kXs) return;
  std::map<std::string, std::string> at;
  for (int i = 0; i < n; ++i)
    at.emplace(view(list[5 * i]),
               std::string(reinterpret_cast<const char*>(list[5 * i + 3]), static_cast<size_t>(list[5 * i + 4] - list[5 * i + 3])));
  const std::string tag = view(name);
  if (depth == 0 && tag == "schema") scan.file->ns = at["targetNamespace"];
  if (depth == 1 && tag == "element") scan.file->elements.insert(at["name"]);
  if (depth == 1 && (tag == "import" || tag == "include" || tag == "redefine"))
    scan.file->links.push_back({at["namespace"], at["schemaLocation"], tag == "import"});
  if (tag == "attribute" && !at["name"].empty()) scan.attributes.emplace_back(at["name"], at["type"], depth == 1);
}

void on_end(void* self, const xmlChar*, const xmlChar*, const xmlChar*) { --static_cast<Scan*>(self)->depth; }

read::XmlIdKind kind_of(const Scan& scan, const std::string& type) {
  const size_t colon = type.find(':');
  const auto prefix = scan.prefixes.find(colon == std::string::npos ? "" : type.substr(0, colon));
  if (prefix == scan.prefixes.end() || prefix->second != kXs) return read::XmlIdKind::none;
  const std::string local = colon == std::string::npos ? type : type.substr(colon + 1);
  return local == "ID"       ? read::XmlIdKind::id
         : local == "IDREF"  ? read::XmlIdKind::ref
         : local == "IDREFS" ? read::XmlIdKind::refs
                             : read::XmlIdKind::none;
}

bool slurp(const fs::path& path, std::string& out) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  out = all.str();
  return in.good() || in.eof();
}

}  // namespace

void XsdIndex::scan(XsdFile& file) {
  read::prepare_libxml();
  Scan scan{&file};
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&sax, &scan, nullptr, 0, nullptr);
  xmlCtxtUseOptions(context, XML_PARSE_NONET);
  if (xmlParseChunk(context, file.bytes.data(), static_cast<int>(file.bytes.size()), 1) != 0 && !context->wellFormed) {
    const xmlError* error = xmlCtxtGetLastError(context);
    file.problem = error && error->message ? error->message : "?";
    while (!file.problem.empty() && file.problem.back() == '\n') file.problem.pop_back();
    file.problem_line = error && error->line > 0 ? static_cast<uint64_t>(error->line) : 0;
  }
  xmlFreeParserCtxt(context);
  for (const auto& [name, type, global] : scan.attributes) attributes_.push_back({global ? file.ns : "", name, kind_of(scan, type)});
}

void XsdIndex::read_file(const fs::path& path, std::string url, const read::XmlReport& report) {
  XsdFile file;
  file.url = std::move(url);
  file.path = path.generic_string();
  if (!slurp(path, file.bytes)) {
    report(xml_finding("E-IO-READ", {file.path, "-"}, {}, 0));
    return;
  }
  scan(file);
  by_url_.emplace(file.url, static_cast<uint32_t>(files_.size()));
  files_.push_back(std::move(file));
}

bool XsdIndex::load(const std::vector<fs::path>& paths, const fs::path& catalog, const read::XmlReport& report) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < paths.size(); ++i) {
    std::error_code wrong;
    const bool folder = fs::is_directory(paths[i], wrong);
    if (!folder && !fs::is_regular_file(paths[i], wrong)) {
      report(xml_finding("E-XSD-PATH", {paths[i].generic_string()}, {}, 0));
      return false;
    }
    const fs::path base = folder ? paths[i] : paths[i].has_parent_path() ? paths[i].parent_path() : fs::path(".");
    const std::string prefix = "/" + std::to_string(i) + "/";
    std::vector<fs::path> found;  // symbolic links are not followed: the folder is the limit
    for (auto at = fs::recursive_directory_iterator(base, fs::directory_options::skip_permission_denied, wrong); at != fs::end(at);
         at.increment(wrong)) {
      if (wrong) break;
      if (at->is_symlink() || !at->is_regular_file()) continue;
      if (at->path().extension() == ".xsd") found.push_back(at->path());
      else if (at.depth() == 0 && (at->path().filename() == "catalog.yaml" || at->path().filename() == "catalog.xml"))
        load_catalog(at->path(), prefix, report);
    }
    if (!folder && paths[i].extension() != ".xsd") found.push_back(paths[i]);
    std::sort(found.begin(), found.end());
    for (const fs::path& path : found) {
      bytes += fs::file_size(path, wrong);
      if (bytes > kMostBytes) {
        report(xml_finding("E-XSD-SIZE", {std::to_string(kMostBytes)}, {}, 0));
        return false;
      }
      const bool chosen = !folder && fs::equivalent(path, paths[i], wrong);
      if (chosen) chosen_.push_back(static_cast<uint32_t>(files_.size()));
      read_file(path, normal(prefix + path.lexically_relative(base).generic_string()), report);
    }
  }
  if (!catalog.empty()) load_catalog(catalog, "/0/", report);
  if (files_.empty()) {
    report(xml_finding("E-XSD-PATH", {paths.empty() ? std::string() : paths[0].generic_string()}, {}, 0));
    return false;
  }
  leads_to_.resize(files_.size());
  std::vector<bool> led_to(files_.size());
  for (uint32_t i = 0; i < files_.size(); ++i)
    for (const XsdLink& link : files_[i].links)
      if (const auto to = resolve(i, link); to && *to != i) {
        leads_to_[i].insert(*to);
        led_to[*to] = true;
      }
  for (uint32_t i = 0; i < files_.size(); ++i)
    if (!led_to[i] && (!files_[i].elements.empty() || !files_[i].problem.empty())) tops_.push_back(i);
  return true;
}

void XsdIndex::load_catalog(const fs::path& path, const std::string& base, const read::XmlReport& report) {
  std::string text, problem;
  if (!slurp(path, text)) problem = "-";
  std::vector<std::pair<std::string, std::string>> entries;
  if (problem.empty() && path.extension() == ".xml") {
    struct Bytes {
      const std::string* text;
      size_t at;
    } bytes{&text, 0};
    cb_input input{};
    input.struct_size = sizeof input;
    input.self = &bytes;
    input.read = [](void* self, void* into, uint64_t size) -> int64_t {
      auto& from = *static_cast<Bytes*>(self);
      const size_t n = std::min<size_t>(size, from.text->size() - from.at);
      std::copy_n(from.text->data() + from.at, n, static_cast<char*>(into));
      from.at += n;
      return static_cast<int64_t>(n);
    };
    read::Names names;
    read::XmlReader reader(input, {}, names, [&](Finding finding) { problem = message_of(finding); });
    read::Tree tree;
    if (reader.next(tree)) {
      for (const read::TreeNode& node : tree.nodes) {
        if (node.attribute) continue;
        std::string from, to;
        for (uint32_t at = node.first_child; at != read::Names::kNone; at = tree.nodes[at].next_sibling) {
          const std::string_view name = names.text(tree.nodes[at].name);
          if (name == "name" || name == "systemId" || name == "publicId") from = tree.nodes[at].text;
          if (name == "uri") to = tree.nodes[at].text;
        }
        if (!from.empty() && !to.empty()) entries.emplace_back(from, to);
      }
    }
  } else if (problem.empty()) {
    entries = read_yaml_catalog(text, problem);
  }
  if (!problem.empty()) {
    Finding finding = xml_finding("E-XSD-CATALOG", {problem}, {}, 0);
    finding.input = path.generic_string();
    report(std::move(finding));
  }
  for (auto& [from, to] : entries) catalog_.insert_or_assign(from, normal(base + to));
}

std::optional<uint32_t> XsdIndex::find(std::string_view url) const {
  const auto at = by_url_.find(url);
  return at == by_url_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<uint32_t> XsdIndex::resolve(uint32_t from, const XsdLink& link) const {
  for (const std::string* key : {&link.location, &link.ns})
    if (const auto known = catalog_.find(*key); !key->empty() && known != catalog_.end())
      if (const auto at = find(known->second)) return at;
  if (!link.location.empty() && !remote(link.location)) {
    const std::string& url = files_[from].url;
    if (const auto at = find(normal(url.substr(0, url.rfind('/') + 1) + link.location))) return at;
  }
  if (!link.import) return std::nullopt;
  // By namespace: the file that lies nearest, if one does (two subsets of one namespace may stand in one folder).
  std::optional<uint32_t> best;
  size_t best_shared = 0;
  bool tie = false;
  for (uint32_t i = 0; i < files_.size(); ++i) {
    if (files_[i].ns != link.ns) continue;
    const std::string &a = files_[i].url, &b = files_[from].url;
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
    const size_t shared = static_cast<size_t>(differ - a.begin());
    if (best && shared == best_shared) tie = tie || files_[i].bytes != files_[*best].bytes;
    if (!best || shared > best_shared) {
      best = i;
      best_shared = shared;
      tie = false;
    }
  }
  return tie ? std::nullopt : best;
}

std::set<uint32_t> XsdIndex::closure(uint32_t file) const {
  std::set<uint32_t> seen{file};
  std::vector<uint32_t> todo{file};
  while (!todo.empty()) {
    const uint32_t at = todo.back();
    todo.pop_back();
    for (const uint32_t next : leads_to_[at])
      if (seen.insert(next).second) todo.push_back(next);
  }
  return seen;
}

// The file that declares the root itself comes before one that only leads to it: an extension of somebody else's, say.
std::optional<uint32_t> XsdIndex::entry_for(std::string_view ns, std::string_view name) const {
  std::optional<uint32_t> best;
  std::tuple<int, size_t, uint32_t> best_rank;
  for (uint32_t file = 0; file < files_.size(); ++file) {
    const bool itself = declares(file, ns, name), top = std::find(tops_.begin(), tops_.end(), file) != tops_.end();
    const bool chosen = std::find(chosen_.begin(), chosen_.end(), file) != chosen_.end();
    if (!itself && !top && !chosen) continue;
    if (!itself && !reaches(file, ns, name)) continue;
    const std::tuple<int, size_t, uint32_t> rank{chosen ? 0 : itself && top ? 1 : itself ? 2 : 3, closure(file).size(), file};
    if (!best || rank < best_rank) {
      best = file;
      best_rank = rank;
    }
  }
  return best;
}

bool XsdIndex::declares(uint32_t file, std::string_view ns, std::string_view name) const {
  return files_[file].ns == ns && files_[file].elements.contains(name);
}

bool XsdIndex::reaches(uint32_t file, std::string_view ns, std::string_view name) const {
  const auto reach = closure(file);
  return std::any_of(reach.begin(), reach.end(), [&](uint32_t one) { return declares(one, ns, name); });
}

std::vector<read::XmlIdAttribute> XsdIndex::id_attributes() const {
  // A local attribute counts only where every attribute of its name is of one kind: we know names here, not types.
  std::map<std::pair<std::string, std::string>, std::set<read::XmlIdKind>> kinds;
  for (const Attribute& one : attributes_) kinds[{one.ns, one.name}].insert(one.kind);
  std::vector<read::XmlIdAttribute> out;
  for (const auto& [name, all] : kinds)
    if (all.size() == 1 && *all.begin() != read::XmlIdKind::none) out.push_back({name.first, name.second, "", *all.begin()});
  return out;
}

}  // namespace casebridge::validate
