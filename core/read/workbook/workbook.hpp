// From the parts of a workbook (Office Open XML, ECMA-376: .xlsx, .xlsm) to its text; see sheet_text.hpp.
// Formulas are never computed, only what the last program kept as their value is read; macros, pictures and links to other
// files are not opened. XML is read by XmlReader under its limits. Memory: the shared strings, up to kMostStringBytes, and
// one row. One thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::read {

// The parts of the package by name, without the leading slash. What open() and read() throw passes through.
class Package {
 public:
  class Part {
   public:
    virtual ~Part() = default;
    virtual size_t read(char* into, size_t size) = 0;  // 0: the end
  };
  virtual ~Package() = default;
  virtual bool has(std::string_view name) const = 0;
  virtual std::unique_ptr<Part> open(std::string_view name) = 0;  // from its beginning; one part is open at a time
};

// Why a workbook cannot be read at all: a code of the catalogue and its arguments.
struct WorkbookFailure : std::runtime_error {
  WorkbookFailure(const char* code, std::vector<std::string> args) : std::runtime_error(code), code(code), args(std::move(args)) {}
  const char* code;
  std::vector<std::string> args;
};

inline constexpr uint64_t kMostStringBytes = uint64_t(96) << 20;
inline constexpr size_t kMostRowBytes = size_t(16) << 20;  // of text: one string may stand in every cell
inline constexpr size_t kMostStrings = 4'000'000, kMostSheets = 1024;

// False: the package is no workbook, and nothing was written. Throws WorkbookFailure.
bool write_workbook(Package&, const std::function<void(std::string_view)>& out);

}  // namespace casebridge::read
