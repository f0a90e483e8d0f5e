// Small JSON for --json: appended to a string, escaped, in the order in which it is written.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emit/escape.hpp"

namespace casebridge::cli {

class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) {
    key(name);
    emit::append_json_string(out_, value);
    return *this;
  }
  JsonObject& number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
    return *this;
  }
  JsonObject& truth(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
    return *this;
  }
  JsonObject& raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
    return *this;
  }
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i) out_ += ',';
      emit::append_json_string(out_, values[i]);
    }
    out_ += ']';
    return *this;
  }
  std::string done() const { return out_ + "}"; }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    emit::append_json_string(out_, name);
    out_ += ':';
  }
  std::string out_ = "{";
};

inline std::string json_array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (size_t i = 0; i < items.size(); ++i) out += (i ? "," : "") + items[i];
  return out + "]";
}

}  // namespace casebridge::cli
