#include "host/related_tables.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/file_pattern.hpp"
#include "base/text.hpp"
#include "host/recognise.hpp"
#include "host/sniff.hpp"

namespace casebridge::host {
namespace fs = std::filesystem;
namespace {

constexpr uint32_t kByName = 55, kNameToo = 5;  // a name alone is weak; on top of a header it counts a little

// The folder, or the folder in an archive; a file that is packed alone lies where its packed form lies.
std::string folder_of(const std::string& name) {
  std::string_view at = name;
  for (;;) {
    const size_t cut = at.find_last_of("/!");
    if (cut == at.npos) return {};
    const bool packed_alone = at[cut] == '!' && at.substr(0, cut).ends_with(".gz") && !at.substr(0, cut).ends_with(".tar.gz");
    at = at.substr(0, cut);
    if (!packed_alone) return std::string(at);
  }
}

struct Claim {
  size_t ref = 0, table = 0;
  uint32_t score = 0;
  bool by_header = false;
  std::string star;
};
using Claims = std::vector<Claim>;

class Sets {
 public:
  Sets(const Registry& registry, std::vector<InputRef>& refs, const std::string& from, const InputLimits& limits)
      : registry_(registry), refs_(refs), limits_(limits), from_(from) {
    for (const PluginInfo& plugin : registry.plugins())
      for (const FormatInfo& format : plugin.formats) {
        if (!format.reads() || (!from.empty() && format.id != from)) continue;
        if (std::vector<RelatedTable> tables = tables_of(format); !tables.empty()) formats_.push_back({&format, std::move(tables), {}, {}});
      }
    taken_.resize(refs.size());
  }

  std::vector<InputSet> run() {
    if (!formats_.empty()) {
      for (size_t i = 0; i < refs_.size(); ++i) claim(i);
      for (Format& format : formats_) gather(format);
    }
    std::vector<InputSet> out;
    for (size_t i = 0; i < refs_.size(); ++i) {
      if (const auto set = sets_.find(i); set != sets_.end()) out.push_back(std::move(set->second));
      else if (!taken_[i]) out.push_back(single(i));
    }
    return out;
  }

 private:
  struct Format {
    const FormatInfo* info;
    std::vector<RelatedTable> tables;
    std::map<std::string, Claims> places;  // by folder
    Claims scattered;                      // named one by one, and not whole where they lie
  };

  InputSet single(size_t i) {
    InputSet one;
    if (!from_.empty() && !formats_.empty() && !refs_[i].standard_input) {
      one.problem = Finding{.code = "E-TABLES-WHICH",
                            .severity = refs_[i].walked ? Severity::warning : Severity::error,
                            .args = {refs_[i].name, from_},
                            .input = refs_[i].name};
      one.format = from_;
    } else if (doubts_.contains(i)) {
      one.problem = doubts_[i];
    }
    one.refs.push_back(std::move(refs_[i]));
    return one;
  }

  // Which table of which format is it? The best one; what another format knows better is none.
  void claim(size_t i) {
    const InputRef& ref = refs_[i];
    if (ref.standard_input) return;
    std::error_code error;
    if (ref.members.empty() && !fs::is_regular_file(ref.path, error)) return;
    const bool may = std::any_of(formats_.begin(), formats_.end(), [&](const Format& format) {
      return std::any_of(format.tables.begin(), format.tables.end(), [&](const RelatedTable& table) { return may_be(table, ref); });
    });
    if (!may) return;
    Finding problem;
    const auto input = Input::open(ref, limits_, problem);
    if (!input) return;  // told when its turn comes
    const std::string head(input->head());
    input->finish(false);
    const Sniffed seen = sniff(head);
    Format* best = nullptr;
    Claim found;
    std::pair<std::string, uint32_t> next;  // the best of the other formats
    for (Format& format : formats_) {
      Claim here;
      for (size_t t = 0; t < format.tables.size(); ++t) {
        Claim c{i, t, 0, false, {}};
        if (fits_table(format.tables[t], ref, seen, head, c) && c.score > here.score) here = c;
      }
      if (here.score > found.score) {
        if (best) next = {best->info->id, found.score};
        found = here, best = &format;
      } else if (here.score > next.second) {
        next = {format.info->id, here.score};
      }
    }
    if (!best) return;
    if (from_.empty()) {
      auto [other, score] = known_otherwise(seen, head);
      if (next.second > score) std::tie(other, score) = next;
      if (score >= found.score + kClearLead) return;
      if (score && score + kClearLead > found.score) {
        doubts_[i] = Finding{.code = "E-FORMAT-AMBIGUOUS", .args = {ref.name, best->info->id + "; " + other}, .input = ref.name};
        return;
      }
    }
    best->places[folder_of(ref.name)].push_back(std::move(found));
  }

  bool may_be(const RelatedTable& table, const InputRef& ref) const {
    if (!from_.empty()) return true;
    if (!table.file.empty()) return fits_pattern(table.file, ref.name);
    return fits_pattern("*.csv", ref.name) || fits_pattern("*.txt", ref.name) || fits_pattern("*.tsv", ref.name);
  }

  // Name and header must both fit where both are stated; of a format that the user named, one of them is enough.
  bool fits_table(const RelatedTable& table, const InputRef& ref, const Sniffed& seen, const std::string& head, Claim& c) const {
    const bool name = !table.file.empty() && fits_pattern(table.file, ref.name, &c.star);
    std::string why;
    const uint32_t header = table.header.empty() ? 0 : match_signature("csv-header=" + table.header, seen, head, why);
    if (from_.empty() && ((!table.file.empty() && !name) || (!table.header.empty() && !header))) return false;
    c.by_header = header > 0;
    c.score = header ? header + (name ? kNameToo : 0) : name ? kByName : 0;
    return c.score > 0;
  }

  std::pair<std::string, uint32_t> known_otherwise(const Sniffed& seen, const std::string& head) const {
    std::pair<std::string, uint32_t> best;
    for (const PluginInfo& plugin : registry_.plugins())
      for (const FormatInfo& format : plugin.formats)
        for (const std::string& signature : format.signatures) {
          std::string why;
          if (!format.reads()) continue;
          if (const uint32_t score = match_signature(signature, seen, head, why); score > best.second) best = {format.id, score};
        }
    return best;
  }

  static bool twice(const Claims& claims) {
    for (size_t i = 0; i < claims.size(); ++i)
      for (size_t k = 0; k < i; ++k)
        if (claims[i].table == claims[k].table) return true;
    return false;
  }
  static std::string missing(const Format& format, const Claims& claims) {
    std::string out;
    for (size_t t = 0; t < format.tables.size(); ++t)
      if (!format.tables[t].optional && std::none_of(claims.begin(), claims.end(), [&](const Claim& c) { return c.table == t; }))
        out += (out.empty() ? "" : ", ") + format.tables[t].name;
    return out;
  }

  void gather(Format& format) {
    for (auto& [folder, claims] : format.places) {
      if (!twice(claims)) {
        if (missing(format, claims).empty()) make(format, claims);
        else if (named(claims)) format.scattered.insert(format.scattered.end(), claims.begin(), claims.end());
        else incomplete(format, claims);
        continue;
      }
      std::map<std::string, Claims> parts;
      for (const Claim& c : claims) parts[c.star].push_back(c);
      const bool clear = std::all_of(parts.begin(), parts.end(),
                                     [&](const auto& part) { return !twice(part.second) && missing(format, part.second).empty(); });
      if (clear)
        for (const auto& [star, part] : parts) make(format, part);
      else refuse_twice(format, claims);
    }
    Claims& scattered = format.scattered;
    if (scattered.empty()) return;
    if (twice(scattered)) refuse_twice(format, scattered);
    else if (missing(format, scattered).empty()) make(format, scattered);
    else incomplete(format, scattered);
  }
  bool named(const Claims& claims) const {
    return std::none_of(claims.begin(), claims.end(), [&](const Claim& c) { return refs_[c.ref].walked; });
  }

  // A name alone proves nothing: such files go their usual way, and only what is sure to be a table asks for the others.
  void incomplete(const Format& format, Claims claims) {
    if (from_.empty()) std::erase_if(claims, [](const Claim& c) { return !c.by_header; });
    if (claims.empty()) return;
    const std::string lacking = missing(format, claims);
    refuse(format, claims, "E-TABLES-MISSING", {names(claims), format.info->id, lacking});
  }
  void refuse_twice(const Format& format, Claims claims) {
    if (from_.empty() && std::none_of(claims.begin(), claims.end(), [](const Claim& c) { return c.by_header; })) return;
    Claims doubled;
    for (const Claim& c : claims)
      if (std::count_if(claims.begin(), claims.end(), [&](const Claim& o) { return o.table == c.table; }) > 1) doubled.push_back(c);
    refuse(format, claims, "E-TABLES-TWICE", {names(doubled), format.info->id, format.tables[doubled.front().table].name});
  }
  std::string names(const Claims& claims) const {
    std::string out;
    for (const Claim& c : claims) out += (out.empty() ? "" : ", ") + refs_[c.ref].name;
    return out;
  }

  void refuse(const Format& format, const Claims& claims, const char* code, std::vector<std::string> args) {
    const std::string first = refs_[claims.front().ref].name;
    make(format, claims).problem = Finding{.code = code, .args = std::move(args), .input = first};
  }

  InputSet& make(const Format& format, Claims claims) {
    size_t at = refs_.size();  // it takes the turn of its first file
    for (const Claim& c : claims) at = std::min(at, c.ref);
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.table < b.table; });
    InputSet& set = sets_[at];
    set.format = format.info->id;
    for (const Claim& c : claims) {
      set.tables.push_back(format.tables[c.table].name);
      set.refs.push_back(refs_[c.ref]);
      taken_[c.ref] = true;
    }
    return set;
  }

  const Registry& registry_;
  std::vector<InputRef>& refs_;
  const InputLimits& limits_;
  const std::string& from_;
  std::vector<Format> formats_;
  std::map<size_t, InputSet> sets_;  // by the file whose turn they take
  std::map<size_t, Finding> doubts_;
  std::vector<bool> taken_;
};

}  // namespace

std::vector<RelatedTable> tables_of(const FormatInfo& format) {
  std::vector<RelatedTable> out;
  for (const std::string& signature : format.signatures) {
    if (!signature.starts_with("table=")) continue;
    std::vector<std::string> parts(1);
    for (const char c : std::string_view(signature).substr(6)) {
      if (c == '|') parts.emplace_back();
      else parts.back() += c;
    }
    parts.resize(4);
    if (!parts[0].empty() && (!parts[1].empty() || !parts[2].empty()))
      out.push_back({parts[0], parts[1], parts[2], parts[3] == "optional"});
  }
  return out;
}

std::vector<InputSet> into_sets(const Registry& registry, std::vector<InputRef> refs, const std::string& format,
                                const InputLimits& limits) {
  return Sets(registry, refs, format, limits).run();
}

}  // namespace casebridge::host
