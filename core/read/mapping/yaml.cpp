#include "read/mapping/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>

#include "base/text.hpp"

namespace casebridge::read::mapping {
namespace {

struct Stop {};  // ends the parse after a problem that leaves no sensible tree

class Builder final : public YAML::EventHandler {
 public:
  Builder(Problems& problems, std::string_view text) : problems_(problems), text_(text) {}
  Yaml root;

  void OnDocumentStart(const YAML::Mark& m) override {
    if (documents_++) refuse("E-MAP-YAML", m, tr("a mapping is one document; a second one begins here"));
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& m, YAML::anchor_t a) override { put(m, {}, a, {}); }
  void OnAlias(const YAML::Mark& m, YAML::anchor_t) override {
    refuse("E-MAP-YAML", m, tr("an alias (*name) is not allowed in a mapping"));
  }
  void OnScalar(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a, const std::string& value) override {
    Yaml node;
    node.kind = Yaml::Kind::scalar;
    node.text = value;
    node.quoted = tag == "!";
    put(m, tag, a, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a, YAML::EmitterStyle::value) override {
    open(m, tag, a, Yaml::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a, YAML::EmitterStyle::value) override {
    open(m, tag, a, Yaml::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Yaml node;
    bool have_key = false;
    Yaml key;
  };
  static constexpr size_t kDepth = 64;

  Mark mark(const YAML::Mark& m) const {
    Mark at;
    at.line = static_cast<uint32_t>(m.line + 1);
    at.column = static_cast<uint32_t>(m.column + 1);
    at.offset = std::min<uint64_t>(static_cast<uint64_t>(std::max(m.pos, 0)), text_.size());
    const size_t end = text_.find('\n', at.offset);
    at.length = (end == std::string_view::npos ? text_.size() : end) - at.offset;
    return at;
  }
  [[noreturn]] void refuse(std::string_view code, const YAML::Mark& m, const std::string& why) {
    problems_.add(code, mark(m), {why});
    throw Stop();
  }
  void check(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor) refuse("E-MAP-YAML", m, tr("an anchor (&name) is not allowed in a mapping"));
    if (!tag.empty() && tag != "?" && tag != "!") refuse("E-MAP-YAML", m, tr("a tag (!name) is not allowed in a mapping"));
  }
  void put(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor, Yaml node) {
    check(m, tag, anchor);
    node.mark = mark(m);
    add(std::move(node));
  }
  void open(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor, Yaml::Kind kind) {
    check(m, tag, anchor);
    if (stack_.size() >= kDepth) refuse("E-MAP-YAML", m, tr("the file is nested too deeply"));
    Frame f;
    f.node.kind = kind;
    f.node.mark = mark(m);
    stack_.push_back(std::move(f));
  }
  void close() {
    Yaml node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }
  void add(Yaml node) {
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& f = stack_.back();
    if (f.node.kind == Yaml::Kind::list) {
      f.node.items.push_back(std::move(node));
    } else if (!f.have_key) {
      if (node.kind != Yaml::Kind::scalar) {
        problems_.add("E-MAP-YAML", node.mark, {tr("a key must be text")});
        throw Stop();
      }
      if (const Yaml* first = f.node.find(node.text)) {
        problems_.add("E-MAP-DOUBLE", node.mark, {node.text, std::to_string(first->mark.line)});
      }
      f.key = std::move(node);
      f.have_key = true;
    } else {
      f.node.entries.push_back({std::move(f.key), std::move(node)});
      f.have_key = false;
    }
  }

  Problems& problems_;
  std::string_view text_;
  std::vector<Frame> stack_;
  int documents_ = 0;
};

struct ViewBuffer : std::streambuf {
  explicit ViewBuffer(std::string_view s) {
    char* p = const_cast<char*>(s.data());
    setg(p, p, p + s.size());
  }
};

}  // namespace

void Problems::add(std::string_view code, const Mark& at, std::vector<std::string> args) {
  Finding f;
  f.code = code;
  const FindingCode* known = finding_code(code);
  f.severity = known ? known->severity : Severity::error;
  f.args = std::move(args);
  f.input = file_;
  f.offset = at.offset;
  f.length = at.length;
  f.line = at.line;
  f.column = at.column;
  found_.push_back(std::move(f));
}

bool Problems::failed() const {
  return std::any_of(found_.begin(), found_.end(), [](const Finding& f) { return f.severity == Severity::error; });
}

std::vector<Finding> Problems::take() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Finding& a, const Finding& b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
  return std::move(found_);
}

Yaml read_yaml(std::string_view text, Problems& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Builder builder(problems, text);
  ViewBuffer buffer(text);
  std::istream in(&buffer);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) problems.add("E-MAP-YAML", {1, 1}, {tr("the file is empty")});
    else parser.HandleNextDocument(builder);
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    Mark at;
    at.line = static_cast<uint32_t>(e.mark.line + 1);
    at.column = static_cast<uint32_t>(e.mark.column + 1);
    problems.add("E-MAP-YAML", at, {e.msg});
  }
  return std::move(builder.root);
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& known) {
  const auto lower = [](std::string_view s) {
    std::string out(s);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  };
  const std::string a = lower(word);
  size_t best = std::max<size_t>(2, a.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view candidate : known) {
    const std::string b = lower(candidate);
    if (a.size() > 64 || b.size() > 64) continue;
    std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (size_t i = 1; i <= a.size(); ++i)
      for (size_t j = 1; j <= b.size(); ++j) {
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    if (d[a.size()][b.size()] < best && d[a.size()][b.size()] < std::max(a.size(), b.size())) {
      best = d[a.size()][b.size()];
      found = candidate;
    }
  }
  return found.empty() ? std::string() : " " + fill(tr("(did you mean {0}?)"), std::vector<std::string>{std::string(found)});
}

}  // namespace casebridge::read::mapping
