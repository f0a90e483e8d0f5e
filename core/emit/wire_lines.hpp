// One record as one line of case data, exactly as the wire form says, in both spellings.
// A writer object keeps scratch space: one for each thread. Records must be in the order of the model (Record's own rule).
#pragma once
#include <array>
#include <optional>
#include <string>

#include "emit/json_shape.hpp"
#include "emit/wire_plan.hpp"
#include "model/shape.hpp"

namespace casebridge::emit {

// Which line of its input an offset stands on; asked only with `value_places`.
class LineFinder {
 public:
  virtual ~LineFinder() = default;
  virtual bool find(uint32_t source, uint64_t offset, uint64_t& line, uint64_t& column) const = 0;  // [any-thread]
};

struct WriteOptions {
  bool value_places = false;          // --positions value
  const LineFinder* lines = nullptr;  // without it a value's place is never more than offset and length
};

class JsonLine {
 public:
  explicit JsonLine(WriteOptions options = {}) : options_(options) {}
  void append(std::string& out, const Record& record);  // with its line end; Dataset and Source lines too
  // The value of one key of what is said about the record; nothing where there is nothing to say.
  enum class Part { absent, original, ext, places };
  void append_part(std::string& out, const Record& record, Part part);

 private:
  JsonShape& shape(const Record& record);  // valid until the next call
  // Each writes its key and its value into the line, or nothing.
  void header(const Record& record);
  void source_place(const Record& record);
  void absent(std::string_view key, const Record& record);
  void original(std::string_view key, const Record& record, JsonShape&);
  void ext(std::string_view key, const Record& record);
  void places(std::string_view key, const Record& record, JsonShape&);
  WriteOptions options_;
  LineBuffer line_;
  ShapeKey key_;
  Shapes<JsonShape> shapes_;
  std::array<uint64_t, 5> place_{};  // of the record before, and as it was written
  std::string place_text_;
  std::optional<JsonShape> once_;  // of a shape that is not worth keeping
  std::vector<std::pair<std::string, std::string_view>> absent_;
};

class XmlLine {
 public:
  explicit XmlLine(WriteOptions options = {}) : options_(options) {}
  void append(std::string& out, const Record& record);

 private:
  WriteOptions options_;
  std::vector<std::pair<std::string, std::string_view>> absent_;
};

// offset, length, and line and column where the value does not stand on the record's own line
std::vector<uint64_t> place_numbers(const Record& record, const Value& value, const LineFinder* lines);

}  // namespace casebridge::emit
