// One record as one line of case data, exactly as the wire form says, in both spellings.
// A writer object keeps scratch space: one for each thread. Records must be in the order of the model (Record's own rule).
#pragma once
#include <string>

#include "emit/wire_plan.hpp"

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
  struct Noted {
    std::string pointer;
    const Value* value;
  };
  void header(std::string& out, const Record& record);
  void absent(std::string& out, const Record& record);
  void original(std::string& out, const Record& record);
  void ext(std::string& out, const Record& record);
  void places(std::string& out, const Record& record);
  void keyed(std::string& out, const Record& record, std::string_view key, Part part);
  WriteOptions options_;
  std::vector<Noted> noted_;
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
