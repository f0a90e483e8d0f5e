#include "validate/source_schemas.hpp"

#include <algorithm>
#include <fstream>

#include "base/text.hpp"
#include "casebridge/sdk.hpp"
#include "validate/json_schema/schema.hpp"
#include "validate/xsd.hpp"

namespace casebridge::validate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostJson = size_t(64) << 20;    // of one document or line: the evaluator needs it whole
constexpr size_t kMostSchema = size_t(16) << 20;  // of all JSON Schemas of a folder

constexpr cb_option kOptions[] = {
    {"schema", CB_OPT_PATH, CB_OPT_REPEATABLE, nullptr, nullptr,
     "The feed's own XSD or JSON Schema, a file or a folder; its documents are checked against it.",
     "Le schéma XSD ou JSON Schema du flux, fichier ou dossier; ses documents y sont confrontés."},
    {"strict", CB_OPT_BOOL, 0, "false", nullptr, "Let the stricter XML validator give the verdict (slower).",
     "Laisser le validateur XML le plus strict rendre le verdict (plus lent)."},
    {"recover", CB_OPT_BOOL, 0, "false", nullptr, "Read past what a conforming XML parser refuses, where that is safe, and say so.",
     "Lire au-delà de ce qu'un analyseur XML conforme refuse, là où c'est sans danger, et le dire."}};

[[noreturn]] void refuse(const Finding& finding) {  // file and line stand in the words: the host knows inputs only
  std::string words;
  std::string place = finding.input;
  if (finding.line) place += ":" + std::to_string(finding.line);
  if (!place.empty()) place += ": ";
  for (size_t i = 0; i < finding.args.size(); ++i) words += (i ? "\x1F" : place) + finding.args[i];
  throw Failure(CB_E_OPTION, finding.code, words);
}

[[noreturn]] void refuse(const char* code, const std::string& words) { throw Failure(CB_E_OPTION, code, words); }

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string out;
  if (in) out.assign(std::istreambuf_iterator<char>(in), {});
  return out;
}

std::unique_ptr<schema::Schema> load_json(const std::vector<fs::path>& paths) {
  std::map<std::string, std::string> texts;  // path -> text
  size_t size = 0;
  std::vector<fs::path> named;
  const auto take = [&](const fs::path& file) {
    std::string text = slurp(file);
    if ((size += text.size()) > kMostSchema) refuse("E-XSD-SIZE", std::to_string(kMostSchema));
    texts.emplace(file.lexically_normal().string(), std::move(text));
  };
  for (const fs::path& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error))
        if (at->is_regular_file(error) && at->path().extension() == ".json") take(at->path());
    } else if (fs::is_regular_file(path, error)) {
      if (path.extension() == ".xsd") continue;
      take(path);
      named.push_back(path.lexically_normal());
    } else {
      refuse("E-XSD-PATH", path.string());
    }
  }
  if (texts.empty()) return nullptr;
  if (named.size() == 1 && paths.size() == 1) {  // what it refers to lies beside it
    std::error_code error;
    for (fs::directory_iterator at(named.front().parent_path(), error), end; !error && at != end; at.increment(error))
      if (at->is_regular_file(error) && at->path().extension() == ".json" && at->path().lexically_normal() != named.front() &&
          at->file_size(error) < kMostSchema - size)
        take(at->path());
  }
  if (named.size() != 1 && texts.size() != 1) refuse("E-SCHEMA-WHICH", std::to_string(texts.size()));
  const std::string root = named.size() == 1 ? named.front().string() : texts.begin()->first;
  std::map<std::string, std::string> by_id;  // "$id" -> path
  for (const auto& [path, text] : texts) {
    schema::ParseError broken;
    const auto document = schema::Document::parse(text, broken);
    if (!document || document->size() == 0) continue;
    for (const char* name : {"$id", "id"})
      if (const uint32_t at = document->member(0, name); at && (*document)[at].type == schema::Type::string) {
        std::string id(document->string((*document)[at]));
        if (id.ends_with('#')) id.pop_back();
        by_id.emplace(std::move(id), path);
      }
  }
  const schema::Loader loader =
      [&](const std::string& uri) -> std::optional<std::string> {  // from the folders given, never from anywhere else
    const auto known = by_id.find(uri);
    const std::string path = known != by_id.end()         ? known->second
                             : uri.starts_with("file://") ? fs::path(uri.substr(7)).lexically_normal().string()
                                                          : uri;
    if (const auto at = texts.find(path); at != texts.end()) return at->second;
    const std::string name = fs::path(path).filename().string();  // as the sender named it, wherever it came from
    const auto same = std::find_if(texts.begin(), texts.end(), [&](const auto& one) { return fs::path(one.first).filename() == name; });
    return same != texts.end() ? std::optional(same->second) : std::nullopt;
  };
  schema::CompileError error;
  auto compiled = schema::Schema::compile(texts.at(root), "file://" + root, {}, loader, error);
  if (compiled) return compiled;
  Finding finding;
  finding.code = "E-XSD-SCHEMA";
  finding.args = {error.what};
  finding.input = error.uri.starts_with("file://") ? error.uri.substr(7) : error.uri;
  finding.line = error.position.line;
  refuse(finding);
}

class JsonSchemaCheck final : public read::JsonCheck {
 public:
  JsonSchemaCheck(const schema::Schema& schema, bool lines) : schema_(schema), lines_(lines) {}

  void feed(std::string_view bytes, const read::XmlReport& report) override {
    while (lines_ && !bytes.empty()) {
      const size_t end = bytes.find('\n');
      keep(bytes.substr(0, end));
      if (end == bytes.npos) return;
      judge(report);
      offset_ += 1;
      bytes.remove_prefix(end + 1);
    }
    keep(bytes);
  }
  void finish(const read::XmlReport& report) override { judge(report); }

 private:
  void keep(std::string_view bytes) {
    seen_ += bytes.size();
    if (kept_.size() + bytes.size() <= kMostJson && seen_ == kept_.size() + bytes.size()) kept_ += bytes;
  }
  void judge(const read::XmlReport& report) {
    const auto say = [&](Finding finding) { report(std::move(finding)); };
    std::string_view text = kept_;
    uint64_t begin = offset_;
    if (begin == 0 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3), begin = 3;
    if (seen_ != kept_.size()) {
      say(read::xml_finding("E-SCHEMA-UNCHECKED", {std::to_string(kMostJson)}, {offset_, 0, 0}, seen_));
    } else if (text.find_first_not_of(" \t\r\n") != text.npos) {
      for (const schema::Error& error : schema_.check(text)) {
        Finding finding =
            read::xml_finding(error.code, error.args, {begin + error.position.offset, 0, 0}, std::max<uint64_t>(1, error.position.length));
        finding.field_path = error.instance;
        say(std::move(finding));
      }
    }
    offset_ += seen_;
    seen_ = 0;
    kept_.clear();
  }
  const schema::Schema& schema_;
  const bool lines_;
  std::string kept_;
  uint64_t seen_ = 0, offset_ = 0;  // of this document: its bytes, and where it begins
};

class Schemas final : public read::SourceCheck {
 public:
  XsdSet xsd;
  XsdSet::Mode mode = XsdSet::Mode::fast;
  bool has_xsd = false;
  std::unique_ptr<schema::Schema> json;

  std::unique_ptr<read::XmlJudge> judge() const override { return has_xsd ? xsd.judge(mode) : nullptr; }
  const std::vector<read::XmlIdAttribute>& ids() const override { return xsd.ids(); }
  std::unique_ptr<read::JsonCheck> json_check(bool lines) const override {
    return json ? std::make_unique<JsonSchemaCheck>(*json, lines) : nullptr;
  }
};

}  // namespace

std::span<const cb_option> schema_options() { return kOptions; }

std::shared_ptr<const read::SourceCheck> allow_all_json() {
  auto out = std::make_shared<Schemas>();
  schema::CompileError error;
  out->json = schema::Schema::compile("true", "casebridge:any", {}, {}, error);
  return out;
}

std::shared_ptr<const read::SourceCheck> load_schemas(const cb_args& args, Kind kind) {
  const Options options(&args);
  std::vector<fs::path> paths;
  for (const std::string_view path : options.all("schema")) paths.emplace_back(path);
  if (paths.empty()) return nullptr;
  auto out = std::make_shared<Schemas>();
  if (kind == Kind::json) {
    out->json = load_json(paths);
    return out->json ? out : nullptr;
  }
  std::optional<Finding> first;
  const read::XmlReport report = [&](Finding finding) {
    if (!first && finding.severity == Severity::error) first = std::move(finding);
  };
  std::erase_if(paths, [](const fs::path& path) { return path.extension() == ".json"; });  // of the JSON feeds of this run
  if (paths.empty()) return nullptr;
  out->mode = options.flag("strict") ? XsdSet::Mode::strict : XsdSet::Mode::fast;
  if (!out->xsd.load(paths, {}, report)) refuse(first.value_or(Finding{.code = "E-XSD-PATH", .args = {paths.front().string()}}));
  const auto root = options.find(kRootSetting);
  const size_t space = root ? root->find(' ') : std::string_view::npos;
  const bool good = space != std::string_view::npos && space + 1 < root->size()
                        ? out->xsd.preload(root->substr(0, space), root->substr(space + 1), out->mode, report)
                        : out->xsd.preload_all(out->mode, report);
  if (!good && first) refuse(*first);
  out->has_xsd = true;
  return out;
}

}  // namespace casebridge::validate
