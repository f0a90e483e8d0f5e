// Indented JSON in the order in which it is written, so that two files can be compared with diff.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "emit/escape.hpp"

namespace casebridge::job {

class JsonOut {
 public:
  JsonOut& open(char bracket) {
    item();
    return begin(bracket);
  }
  JsonOut& open(std::string_view name, char bracket) {
    key(name);
    return begin(bracket);
  }
  JsonOut& close(char bracket) {
    --depth_;
    if (!fresh_) line();
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  JsonOut& text(std::string_view value) {
    item();
    emit::append_json_string(out_, value);
    return *this;
  }
  JsonOut& text(std::string_view name, std::string_view value) {
    key(name);
    emit::append_json_string(out_, value);
    return *this;
  }
  JsonOut& number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
    return *this;
  }
  JsonOut& truth(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
    return *this;
  }
  std::string done() const { return out_ + "\n"; }

 private:
  JsonOut& begin(char bracket) {
    out_ += bracket;
    ++depth_;
    fresh_ = true;
    return *this;
  }
  void line() {
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }
  void item() {
    if (depth_) {
      if (!fresh_) out_ += ',';
      line();
    }
    fresh_ = false;
  }
  void key(std::string_view name) {
    item();
    emit::append_json_string(out_, name);
    out_ += ": ";
  }
  std::string out_;
  int depth_ = 0;
  bool fresh_ = true;
};

}  // namespace casebridge::job
