#include "read/mapping/path.hpp"

#include "base/text.hpp"

namespace casebridge::read::mapping {
namespace {

struct Wrong {
  size_t at;
  std::string why;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Path whole() {
    Path p = path(0, false);
    blanks();
    if (at_ < text_.size()) wrong(tr("a place ends here, but the text goes on"));
    p.text = text_;
    return p;
  }

 private:
  [[noreturn]] void wrong(std::string why) const { throw Wrong{at_, std::move(why)}; }
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void blanks() {
    while (!done() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  Path path(int depth, bool in_filter) {
    if (depth > 4) wrong(tr("filters are nested too deeply"));
    Path p;
    const size_t begin = at_;
    bool descend = false, need = true;
    if (text_.substr(at_).starts_with("//")) {
      at_ += 2;
      descend = true;
    } else if (take('/')) {
      p.absolute = true;
      need = !done() && peek() != ']';
    }
    while (need) {
      Step s = step(depth, in_filter);
      s.descend = descend;
      const bool this_word = p.steps.empty() && !descend && !p.absolute && s.axis == Step::Axis::child && s.name == "this" &&
                             s.prefix.empty() && in_filter && !quoted_;
      if (this_word) p.from_this = true;
      else if (!(s.axis == Step::Axis::self && s.filters.empty())) p.steps.push_back(std::move(s));
      descend = false;
      if (text_.substr(at_).starts_with("//")) {
        at_ += 2;
        descend = true;
      } else {
        need = take('/');
      }
      if (descend) need = true;
    }
    for (size_t i = 0; i + 1 < p.steps.size(); ++i)
      if (p.steps[i].axis == Step::Axis::name) wrong(tr("name() can only stand at the end"));
    p.text = text_.substr(begin, at_ - begin);
    return p;
  }

  Step step(int depth, bool in_filter) {
    Step s;
    quoted_ = false;
    if (text_.substr(at_).starts_with("..")) {
      at_ += 2;
      s.axis = Step::Axis::parent;
    } else if (peek() == '.' && (at_ + 1 >= text_.size() || std::string_view("/[] =").find(text_[at_ + 1]) != std::string_view::npos)) {
      ++at_;
      s.axis = Step::Axis::self;
    } else if (take('*')) {
      s.axis = Step::Axis::any;
    } else {
      if (take('@')) s.axis = Step::Axis::attribute;
      s.name = name(in_filter);
      if (s.axis == Step::Axis::child && s.name == "name()" && !quoted_) {
        s.axis = Step::Axis::name;
        s.name.clear();
      } else if (const size_t colon = s.name.find(':'); colon != std::string::npos && !quoted_) {
        s.prefix = s.name.substr(0, colon);
        s.name.erase(0, colon + 1);
        if (s.name.empty() || s.prefix.empty()) wrong(tr("a prefix and a name belong on the two sides of a colon"));
        if (s.name == "*") {
          s.axis = Step::Axis::any;
          s.name.clear();
        }
      }
    }
    while (peek() == '[') s.filters.push_back(filter(depth));
    return s;
  }

  std::string name(bool in_filter) {
    if (take('`')) {
      quoted_ = true;
      const size_t end = text_.find('`', at_);
      if (end == std::string_view::npos) wrong(tr("a back quote is not closed"));
      std::string out(text_.substr(at_, end - at_));
      at_ = end + 1;
      if (out.empty()) wrong(tr("a name is missing here"));
      return out;
    }
    const size_t begin = at_;
    while (!done()) {
      const char c = text_[at_];
      if (c == '/' || c == '[' || c == ']' || c == '`' || (in_filter && (c == '='))) break;
      ++at_;
    }
    std::string_view out = text_.substr(begin, at_ - begin);
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.remove_suffix(1);
    while (!out.empty() && (out.front() == ' ' || out.front() == '\t')) out.remove_prefix(1);
    if (out.empty()) wrong(tr("a name is missing here"));
    if (out.size() > 256) wrong(tr("a name is too long"));
    return std::string(out);
  }

  Filter filter(int depth) {
    ++at_;  // [
    blanks();
    Filter f;
    size_t digits = at_;
    while (digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9') ++digits;
    if (digits > at_ && digits - at_ < 7 && digits < text_.size() && text_[digits] == ']') {
      f.kind = Filter::Kind::nth;
      f.n = static_cast<uint32_t>(std::stoul(std::string(text_.substr(at_, digits - at_))));
      if (!f.n) wrong(tr("counting begins with 1"));
      at_ = digits + 1;
      return f;
    }
    f.left = path(depth + 1, true);
    blanks();
    if (take('=')) {
      blanks();
      const size_t begin = at_;
      if (peek() == '"' || peek() == '\'') {
        const char q = text_[at_++];
        const size_t end = text_.find(q, at_);
        if (end == std::string_view::npos) wrong(tr("a quote is not closed"));
        f.kind = Filter::Kind::equals;
        f.word = text_.substr(at_, end - at_);
        at_ = end + 1;
      } else if (text_.substr(at_).starts_with("this") && at_ + 4 < text_.size() && (text_[at_ + 4] == ']' || text_[at_ + 4] == '/')) {
        f.kind = Filter::Kind::joined;
        f.right = path(depth + 1, true);
      } else {
        const size_t end = text_.find(']', begin);
        if (end == std::string_view::npos) wrong(tr("a bracket is not closed"));
        std::string_view word = text_.substr(begin, end - begin);
        while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
        if (word.empty()) wrong(tr("a word is missing here"));
        f.kind = Filter::Kind::equals;
        f.word = word;
        at_ = end;
      }
    }
    blanks();
    if (!take(']')) wrong(tr("a bracket is not closed"));
    return f;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool quoted_ = false;
};

}  // namespace

PathError read_path(std::string_view text, Path& out) {
  try {
    out = Reader(text).whole();
    return {};
  } catch (const Wrong& w) { return {w.at, w.why}; }
}

}  // namespace casebridge::read::mapping
