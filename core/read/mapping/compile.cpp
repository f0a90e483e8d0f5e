#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "read/mapping/compiler.hpp"

namespace casebridge::read::mapping {
namespace {

std::vector<std::string> csv_row(std::string_view line) {  // quotes as in RFC 4180, on one line
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') out.back() += c;
      else if (i + 1 < line.size() && line[i + 1] == '"') out.back() += line[++i];
      else quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace

std::string fold(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::shared_ptr<const Program> compile(std::string_view text, Problems& problems, OtherFile other, void* context) {
  return Compiler(problems, other, context).run(text);
}

std::shared_ptr<const Program> Compiler::run(std::string_view text) {
  p_ = std::make_shared<Program>();
  p_->file = problems_.file();
  p_->reasons.emplace_back();
  const Yaml root = read_yaml(text, problems_);
  if (!root.is_map()) {
    if (!problems_.failed()) wrong("E-MAP-KIND", root.mark, {tr("a mapping"), tr("a map")});
    return p_;
  }
  check_words(root, At::file);
  const Yaml* name = root.find("mapping");
  if (!name) {
    wrong("E-MAP-MISSING", root.mark, {"mapping"});
  } else {
    const std::string id = text_of(*name);
    const size_t slash = id.find('/');
    p_->id = id.substr(0, slash);
    p_->version = slash == std::string::npos ? "" : id.substr(slash + 1);
    if (p_->id.empty() || p_->version.empty()) wrong("E-MAP-ID", name->mark, {id});
  }
  if (const Yaml* title = root.find("title"); title && must_be(*title, Yaml::Kind::map)) {
    if (const Yaml* en = title->find("en")) p_->title_en = text_of(*en);
    if (const Yaml* fr = title->find("fr")) p_->title_fr = text_of(*fr);
  }
  if (const Yaml* r = root.find("reads")) reads(*r);
  else wrong("E-MAP-MISSING", root.mark, {"reads"});
  if (const Yaml* t = root.find("codes")) tables(*t);
  if (const Yaml* a = root.find("absent")) absent(*a);
  if (const Yaml* s = root.find("source")) source(*s);
  else wrong("E-MAP-MISSING", root.mark, {"source"});
  if (const Yaml* h = root.find("handling")) handling_of_source(*h);
  if (const Yaml* l = root.find("let")) lets(*l, kNone);
  if (const Yaml* r = root.find("records")) rules(*r);
  else if (p_->reads.refuse_as.empty()) wrong("E-MAP-MISSING", root.mark, {"records"});
  if (const Yaml* s = root.find("skip")) skip(*s);
  if (const Yaml* d = root.find("drop")) drop(*d);
  if (const Yaml* n = root.find("notes")) notes(*n);
  if (const Yaml* t = root.find("tests"); t && must_be(*t, Yaml::Kind::list)) {
    for (const Yaml& one : t->items)
      if (must_be(one, Yaml::Kind::map)) check_words(one, At::test);
    p_->tests = *t;
  }
  resolve_refs();
  const size_t n_hints = p_->hints.size();  // those that are made here need none themselves
  for (size_t i = 0; i < n_hints; ++i) {
    std::string rest = p_->hints[i];
    if (rest.starts_with("date=")) rest = rest.find('\x1F') == std::string::npos ? std::string() : rest.substr(rest.find('\x1F') + 1);
    p_->calendar_hints.push_back(hint(rest));
  }
  while (p_->calendar_hints.size() < p_->hints.size()) p_->calendar_hints.push_back(static_cast<uint32_t>(p_->calendar_hints.size() + 1));
  return p_;
}

void Compiler::reads(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  check_words(y, At::reads);
  Reads& r = p_->reads;
  const Yaml* reader = y.find("reader");
  static constexpr std::pair<std::string_view, Reads::Reader> kReaders[] = {
      {"delimited", Reads::Reader::delimited}, {"xlsx", Reads::Reader::xlsx}, {"table", Reads::Reader::table},
      {"fixed", Reads::Reader::fixed},         {"xml", Reads::Reader::xml},   {"json", Reads::Reader::json},
      {"jsonl", Reads::Reader::jsonl}};
  if (!reader) {
    wrong("E-MAP-MISSING", y.mark, {"reader"});
  } else {
    const std::string word = text_of(*reader);
    const auto* at = std::find_if(std::begin(kReaders), std::end(kReaders), [&](const auto& k) { return k.first == word; });
    if (at == std::end(kReaders))
      wrong("E-MAP-WORD", reader->mark, {word, "reader", nearest(word, {"delimited", "xlsx", "table", "fixed", "xml", "json", "jsonl"})});
    else r.reader = at->second;
  }
  if (const Yaml* h = y.find("header"); h && !(h->is_list() && h->items.empty())) {
    if (h->is_list() && h->items[0].is_list())
      for (const Yaml& one : h->items) r.headers.push_back(texts_of(one));
    else r.headers.push_back(texts_of(*h));
  }
  if (const Yaml* d = y.find("delimiter")) r.delimiter = text_of(*d);
  if (const Yaml* e = y.find("encoding")) r.encoding = text_of(*e);
  if (const Yaml* s = y.find("sheet")) r.sheet = text_of(*s);
  if (const Yaml* n = y.find("headerRow")) {
    const std::string word = text_of(*n);
    unsigned from = 0, to = 0;
    char rest = 0;
    const int got = std::sscanf(word.c_str(), "%u-%u%c", &from, &to, &rest);
    if (got == 1 && word.find('-') == std::string::npos) to = from;
    const bool several = from != to;
    if (!from || to < from || got > 2 || to - from > 8 || (several && r.reader != Reads::Reader::xlsx && r.reader != Reads::Reader::table))
      wrong("E-MAP-ROWS", n->mark, {word});
    r.header_first = from, r.header_row = to;
  }
  if (const Yaml* b = y.find("begins")) r.begins = texts_of(*b);
  if (const Yaml* n = y.find("lineLength")) r.line_bytes = static_cast<uint32_t>(std::strtoul(text_of(*n).c_str(), nullptr, 10));
  if (const Yaml* n = y.find("places")) {
    const std::string word = text_of(*n);
    r.characters = word == "characters";
    if (word != "characters" && word != "bytes") wrong("E-MAP-WORD", n->mark, {word, "places", nearest(word, {"bytes", "characters"})});
  }
  fixed(y);
  if (const Yaml* x = y.find("root")) r.roots = texts_of(*x);
  if (const Yaml* x = y.find("keys")) r.keys = texts_of(*x);
  if (const Yaml* x = y.find("each")) {
    r.each_more = texts_of(*x);
    if (!r.each_more.empty()) {
      r.each = r.each_more.front();
      r.each_more.erase(r.each_more.begin());
    }
  }
  if (const Yaml* x = y.find("labels"))
    for (const std::string& text : texts_of(*x)) {
      const size_t cut = text.find("/@");
      if (cut == text.npos || cut == 0 || cut + 2 == text.size()) wrong("E-MAP-WORD", x->mark, {text, "labels", "field/@name"});
      else r.labels.emplace_back(text.substr(0, cut), text.substr(cut + 2));
    }
  if (const Yaml* x = y.find("together")) r.together = text_of(*x) == "yes";
  if (const Yaml* x = y.find("spellings"); x && must_be(*x, Yaml::Kind::map))
    for (const YamlEntry& e : x->entries) r.spellings.emplace_back(e.key.text, texts_of(e.value));
  if (const Yaml* x = y.find("optional")) r.optional = texts_of(*x);
  if (const Yaml* x = y.find("group")) r.group = texts_of(*x);
  r.once = y.find("repeats") != nullptr;
  if (const Yaml* x = y.find("references")) {
    if (x->is_text()) {
      r.niem = x->text == "niem";
      r.linked = x->text == "jsonld";
      if (!r.niem && !r.linked) wrong("E-MAP-WORD", x->mark, {x->text, "references", nearest(x->text, {"niem", "jsonld"})});
    } else if (must_be(*x, Yaml::Kind::map)) {
      check_words(*x, At::references);
      if (const Yaml* id = x->find("id")) r.id_name = text_of(*id);
      if (const Yaml* ref = x->find("ref")) r.ref_names = texts_of(*ref);
      if (r.id_name.empty() || r.ref_names.empty()) wrong("E-MAP-MISSING", x->mark, {r.id_name.empty() ? "id" : "ref"});
    }
  }
  if (const Yaml* t = y.find("tables"); t && must_be(*t, Yaml::Kind::map))
    for (const YamlEntry& e : t->entries) {
      RelatedTable& table = r.tables.emplace_back(RelatedTable{.name = e.key.text});
      if (!e.value.is_map()) {
        table.file = text_of(e.value);
        continue;
      }
      check_words(e.value, At::table);
      if (const Yaml* f = e.value.find("file")) table.file = text_of(*f);
      if (const Yaml* h = e.value.find("header")) table.header = texts_of(*h);
      if (const Yaml* o = e.value.find("optional")) table.optional = text_of(*o) == "yes";
      if (table.file.empty() && table.header.empty()) wrong("E-MAP-MISSING", e.value.mark, {"file"});
    }
  if (const Yaml* x = y.find("refuse"); x && must_be(*x, Yaml::Kind::map)) {
    check_words(*x, At::refuse);
    if (const Yaml* as = x->find("as")) r.refuse_as = text_of(*as);
    if (const Yaml* why = x->find("why")) r.refuse_why = text_of(*why);
    if (r.refuse_as.empty()) wrong("E-MAP-MISSING", x->mark, {"as"});
  }
}

void Compiler::fixed(const Yaml& y) {
  Reads& r = p_->reads;
  const auto widths = [&](const Yaml& map, auto& into) {
    for (const YamlEntry& e : map.entries) {
      const std::string at = text_of(e.value);
      unsigned from = 0, to = 0;
      char rest = 0;
      const int n = std::sscanf(at.c_str(), "%u-%u%c", &from, &to, &rest);
      if (n == 1) to = from;
      if (n < 1 || n > 2 || from == 0 || to < from || to > 1000000) wrong("E-MAP-COLUMNS", e.value.mark, {at});
      else into.emplace_back(e.key.text, std::pair<uint32_t, uint32_t>(from, to));
    }
  };
  if (const Yaml* c = y.find("columns")) {
    if (c->is_map()) widths(*c, r.widths);
    else r.columns = texts_of(*c);
  }
  const Yaml* lines = y.find("lines");
  if (r.reader == Reads::Reader::fixed && !lines && r.widths.empty() && r.headers.empty()) wrong("E-MAP-MISSING", y.mark, {"columns"});
  if (!lines || !must_be(*lines, Yaml::Kind::map)) return;
  for (const YamlEntry& e : lines->entries) {
    if (!must_be(e.value, Yaml::Kind::map)) continue;
    check_words(e.value, At::lines);
    LinesOfKind kind;
    kind.name = e.key.text;
    if (const Yaml* when = e.value.find("when"); when && must_be(*when, Yaml::Kind::map))
      for (const YamlEntry& w : when->entries) kind.when.emplace_back(w.key.text, text_of(w.value));
    if (const Yaml* c = e.value.find("columns"); c && must_be(*c, Yaml::Kind::map)) widths(*c, kind.columns);
    if (const Yaml* of = e.value.find("of")) parts(e, *of, *lines, kind);
    for (const auto& [name, word] : kind.when) {
      const auto named = [&](const auto& column) { return column.first == name; };
      if (std::any_of(r.widths.begin(), r.widths.end(), named) || std::any_of(kind.columns.begin(), kind.columns.end(), named)) continue;
      std::vector<std::string_view> known;
      for (const auto* columns : {&r.widths, &kind.columns})
        for (const auto& column : *columns) known.push_back(column.first);
      wrong("E-MAP-WORD", e.key.mark, {name, tr("the columns of a line"), nearest(name, known)});
    }
    r.lines.push_back(std::move(kind));
  }
}

// A kind that is no line of its own: the same columns again and again within each line of another kind.
void Compiler::parts(const YamlEntry& e, const Yaml& of, const Yaml& lines, LinesOfKind& kind) {
  kind.of = text_of(of);
  const Yaml* line = lines.find(kind.of);
  if (!line || line->find("of")) {
    std::vector<std::string_view> known;
    for (const YamlEntry& other : lines.entries)
      if (!other.value.find("of")) known.push_back(other.key.text);
    wrong("E-MAP-WORD", of.mark, {kind.of, tr("the kinds of lines"), nearest(kind.of, known)});
  }
  if (const Yaml* when = e.value.find("when")) wrong("E-MAP-WORD", when->mark, {"when", tr("a part of a line"), ""});
  uint32_t width = 0, first = UINT32_MAX;
  for (const auto& [name, at] : kind.columns) first = std::min(first, at.first), width = std::max(width, at.second);
  width = kind.columns.empty() ? 0 : width - first + 1;
  const auto number = [&](const char* word, uint32_t otherwise, uint32_t least, uint32_t most) {
    const Yaml* n = e.value.find(word);
    if (!n) return otherwise;
    const std::string text = text_of(*n);
    char* end = nullptr;
    const unsigned long value = std::strtoul(text.c_str(), &end, 10);
    if (*end || text.empty() || text[0] == '-' || value < least || value > most) {
      wrong("E-MAP-NUMBER", n->mark, {text, std::to_string(least), std::to_string(most)});
      return otherwise;
    }
    return static_cast<uint32_t>(value);
  };
  kind.times = number("times", 1, 1, 1000);
  kind.every = number("every", width, std::max(1u, width), 10000);
}

// Words of the Source line are constants where every id depends on them, places where the document may say them.
void Compiler::source(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  const model::Node* line = model::record_type("Source");
  static constexpr std::string_view kConstants[] = {"agency", "agencyType", "system", "legalAuthority"};
  static constexpr std::string_view kHost[] = {"source",         "name",       "sha256",   "bytes",     "importer",
                                               "mappingVersion", "recordedAt", "handling", "recordType"};
  for (const YamlEntry& e : y.entries) {
    const std::string& key = e.key.text;
    if (key == "timeZone") {
      p_->time_zone = text_of(e.value);
      continue;
    }
    if (key == "region") {
      p_->region = text_of(e.value);
      continue;
    }
    if (key == "dates") {
      p_->dates = texts_of(e.value);
      continue;
    }
    const model::Node* node = line ? model::field(*line, key) : nullptr;
    if (!node || std::find(std::begin(kHost), std::end(kHost), key) != std::end(kHost)) {
      std::vector<std::string_view> known = words_of(At::source);
      if (line)
        for (const model::Tag t : line->children)
          if (std::find(std::begin(kHost), std::end(kHost), model::node(t).name) == std::end(kHost)) known.push_back(model::node(t).name);
      wrong("E-MAP-WORD", e.key.mark, {key, "source", nearest(key, known)});
      continue;
    }
    const bool constant = std::find(std::begin(kConstants), std::end(kConstants), key) != std::end(kConstants);
    const auto one = [&](const model::Node& leaf, const Yaml& v, bool plain) {
      SourceField f;
      f.node = &leaf;
      f.tag = leaf.tag;
      if (plain) {
        Value word;
        word.word = text_of(v);
        if (word.word.starts_with('=')) word.word.erase(0, 1);
        f.value = add(std::move(word), v.mark);
      } else {
        f.value = value(v, {});
      }
      check_codes(f.value, leaf);
      p_->source.push_back(f);
    };
    if (node->kind == model::NodeKind::leaf) {
      one(*node, e.value, constant);
      if (key == "agency") p_->agency = p_->values[p_->source.back().value].word;
      if (key == "system") p_->system = p_->values[p_->source.back().value].word;
    } else if (must_be(e.value, Yaml::Kind::map)) {
      for (const YamlEntry& part : e.value.entries) {
        const model::Node* leaf = model::field(*line, key + "/" + part.key.text);
        if (leaf && leaf->kind == model::NodeKind::leaf) one(*leaf, part.value, key == "agencyName");
        else wrong("E-MAP-FIELD", part.key.mark, {part.key.text, key, ""});
      }
    }
  }
  for (const std::string_view key : kConstants)
    if (!y.find(key)) wrong("E-MAP-MISSING", y.mark, {std::string(key)});
  date_default_ = p_->date_hint = hint(date_hint(p_->dates, p_->time_zone));
  if (!p_->region.empty()) region_hint_ = hint("region=" + p_->region);
}

void Compiler::handling_of_source(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  const model::Node* line = model::record_type("Source");
  const auto words = [&](const model::Node& node, const Yaml& value) {
    for (const std::string& word : texts_of(value)) {
      Value v;
      v.word = word.starts_with('=') ? word.substr(1) : word;
      check_code(v.word, node, value.mark);
      p_->source.push_back({&node, node.tag, add(std::move(v), value.mark)});
    }
  };
  for (const YamlEntry& e : y.entries) {
    if (e.key.text == "why") continue;
    const model::Node* node = line ? model::field(*line, "handling/" + e.key.text) : nullptr;
    const bool block = node && node->kind == model::NodeKind::block && !node->many;  // governance: who decides, and by which grant
    if (!node || node->computed || (!block && node->kind != model::NodeKind::leaf)) {
      std::vector<std::string_view> known{"why"};
      if (const model::Node* h = line ? model::field(*line, "handling") : nullptr)
        for (const model::Tag t : h->children) known.push_back(model::node(t).name);
      wrong("E-MAP-WORD", e.key.mark, {e.key.text, "handling", nearest(e.key.text, known)});
    } else if (!block) {
      words(*node, e.value);
    } else if (must_be(e.value, Yaml::Kind::map)) {
      for (const YamlEntry& part : e.value.entries) {
        const model::Node* leaf = model::field(*line, "handling/" + e.key.text + "/" + part.key.text);
        if (leaf && leaf->kind == model::NodeKind::leaf) words(*leaf, part.value);
        else wrong("E-MAP-FIELD", part.key.mark, {part.key.text, e.key.text, ""});
      }
    }
  }
}

void Compiler::absent(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  const model::CodeList* reasons = model::code_list("absent_reason");
  for (const YamlEntry& e : y.entries) {
    const std::string why = text_of(e.value);
    if (reasons && !reasons->find(why)) wrong("E-MAP-CODE", e.value.mark, {why, "absent_reason", ""});
    const std::string word = fold(e.key.text);
    p_->absent_words[word] = why;
    p_->absent_lengths |= uint64_t(1) << std::min<size_t>(word.size(), 63);
  }
}

void Compiler::tables(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  for (const YamlEntry& e : y.entries) table(e.key.text, e.value);
}

void Compiler::table(const std::string& name, const Yaml& y) {
  Table t;
  t.name = name;
  t.mark = y.mark;
  if (must_be(y, Yaml::Kind::map)) {
    for (const YamlEntry& row : y.entries) {
      if (row.key.text == "otherwise") t.otherwise = text_of(row.value);
      else if (row.key.text == "file" && y.entries.size() <= 2) table_file(t, row.value);
      else t.rows[fold(row.key.text)] = text_of(row.value);
    }
  }
  p_->tables.push_back(std::move(t));
}

void Compiler::table_file(Table& t, const Yaml& file) {
  const std::string name = text_of(file);
  std::string bytes;
  if (name.find("..") != std::string::npos || name.starts_with('/') || !other_ || !other_(context_, name, bytes)) {
    wrong("E-MAP-FILE", file.mark, {name});
    return;
  }
  bool first = true;
  for (size_t at = 0; at < bytes.size();) {
    size_t end = bytes.find('\n', at);
    if (end == std::string::npos) end = bytes.size();
    std::string_view line(bytes.data() + at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!first && !line.empty()) {
      const std::vector<std::string> row = csv_row(line);
      if (row.size() < 2) wrong("E-MAP-FILE", file.mark, {name});
      else t.rows[fold(row[0])] = row[1];
    }
    first = false;
  }
}

void Compiler::skip(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::list)) return;
  for (const Yaml& one : y.items) {
    if (!must_be(one, Yaml::Kind::map)) continue;
    check_words(one, At::skip);
    Skip s;
    if (const Yaml* w = one.find("when")) s.when = condition(*w, {});
    if (const Yaml* u = one.find("unless")) s.unless = condition(*u, {});
    if (const Yaml* as = one.find("as")) s.as = text_of(*as);
    else wrong("E-MAP-MISSING", one.mark, {"as"});
    if (const Yaml* why = one.find("why")) s.why = text_of(*why);
    if (s.when.empty() && s.unless.empty()) wrong("E-MAP-MISSING", one.mark, {"when"});
    p_->skip.push_back(std::move(s));
  }
}

void Compiler::drop(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  for (const YamlEntry& e : y.entries) {
    Drop d;
    d.pattern = e.key.text;
    d.why = text_of(e.value);
    d.mark = e.key.mark;
    if (d.why.empty()) wrong("E-MAP-MISSING", e.key.mark, {"why"});
    if (const PathError error =
            [&] {
              Path p;
              return read_path(d.pattern, p);
            }();
        !error.why.empty())
      wrong("E-MAP-PATH", e.key.mark, {d.pattern, error.why, std::to_string(error.at + 1)});
    Path p;
    if (d.pattern.find('[') != std::string::npos) {  // found in each source record, after the rules
      d.path = path(d.pattern, d.mark);
      d.reason = reason(d.why);
      p_->drop.push_back(std::move(d));
      continue;
    }
    if (d.pattern.find('*') == std::string::npos && read_path(d.pattern, p).why.empty()) {
      for (const Step& s : p.steps) d.names.push_back((s.axis == Step::Axis::attribute ? "@" : "") + s.name);
    } else {
      for (size_t at = 0; at <= d.pattern.size();) {
        const size_t slash = std::min(d.pattern.find('/', at), d.pattern.size());
        d.names.push_back(d.pattern.substr(at, slash - at));
        at = slash + 1;
      }
    }
    p_->drop.push_back(std::move(d));
  }
}

void Compiler::notes(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::list)) return;
  for (const Yaml& one : y.items) {
    if (!must_be(one, Yaml::Kind::map)) continue;
    check_words(one, At::note);
    Note n;
    if (const Yaml* w = one.find("when")) n.when = condition(*w, {});
    if (const Yaml* u = one.find("unless")) n.unless = condition(*u, {});
    if (n.when.empty() && n.unless.empty()) wrong("E-MAP-MISSING", one.mark, {"when"});
    if (const Yaml* at = one.find("at")) n.at = path(text_of(*at), at->mark);
    for (auto& [word, text] : {std::pair<const char*, std::string*>{"en", &n.en}, {"fr", &n.fr}}) {
      if (const Yaml* said = one.find(word)) *text = text_of(*said);
      else wrong("E-MAP-MISSING", one.mark, {word});
    }
    p_->notes.push_back(std::move(n));
  }
}

void Compiler::lets(const Yaml& y, uint32_t rule) {
  if (!must_be(y, Yaml::Kind::map)) return;
  for (const YamlEntry& e : y.entries) {
    const uint32_t v = value(e.value, {rule});  // sees only those above it
    p_->lets.push_back({e.key.text, v, rule});
  }
}

void Compiler::check_words(const Yaml& y, At at) {
  static constexpr std::string_view kNames[] = {"the file",   "reads",   "source",      "a value", "a rule",
                                                "a block",    "an item", "a reference", "skip",    "refuse",
                                                "references", "lines",   "codes",       "a test",  "a note"};
  for (const YamlEntry& e : y.entries)
    if (!is_word(at, e.key.text))
      wrong("E-MAP-WORD", e.key.mark, {e.key.text, std::string(kNames[static_cast<int>(at)]), nearest(e.key.text, words_of(at))});
}

bool Compiler::must_be(const Yaml& y, Yaml::Kind kind) {
  if (y.kind == kind) return true;
  wrong("E-MAP-KIND", y.mark,
        {y.is_text()   ? "\"" + y.text + "\""
         : y.is_list() ? tr("a list")
         : y.is_map()  ? tr("a map")
                       : tr("nothing"),
         kind == Yaml::Kind::map    ? tr("a map")
         : kind == Yaml::Kind::list ? tr("a list")
                                    : tr("a text")});
  return false;
}

std::string Compiler::text_of(const Yaml& y, bool required) {
  if (y.is_text()) return y.text;
  if (required) must_be(y, Yaml::Kind::scalar);
  return {};
}

std::vector<std::string> Compiler::texts_of(const Yaml& y) {
  std::vector<std::string> out;
  if (y.is_list()) {
    for (const Yaml& one : y.items) out.push_back(text_of(one));
  } else if (std::string one = text_of(y); !one.empty()) {
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace casebridge::read::mapping
