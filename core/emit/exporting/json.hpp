// JSON written in the order in which it is said. Header-only; one thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emit/escape.hpp"

namespace casebridge::emit {

class JsonText {
 public:
  JsonText& open(char bracket) {
    comma();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonText& open(std::string_view name, char bracket) { return key(name).open(bracket); }
  JsonText& close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  JsonText& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ':';
    fresh_ = true;
    return *this;
  }
  JsonText& text(std::string_view value) {
    comma();
    append_json_string(out_, value);
    return *this;
  }
  JsonText& bare(std::string_view value) {
    comma();
    out_ += value;
    return *this;
  }  // a number, true, false
  JsonText& member(std::string_view name, std::string_view value) {
    return value.empty() ? *this : key(name).text(value);
  }  // nothing for nothing
  JsonText& number(std::string_view name, std::string_view value) { return value.empty() ? *this : key(name).bare(value); }
  JsonText& members(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return *this;
    open(name, '[');
    for (const std::string& v : values) text(v);
    return close(']');
  }
  std::string take() {
    fresh_ = true;
    return std::move(out_);
  }
  size_t size() const { return out_.size(); }

 private:
  void comma() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }
  std::string out_;
  bool fresh_ = true;
};

}  // namespace casebridge::emit
