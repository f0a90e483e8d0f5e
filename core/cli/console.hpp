// Words to standard error, data to standard output. Colour only on a terminal and never with NO_COLOR.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::cli {

bool stderr_is_terminal();
bool stdout_is_terminal();
bool colour();  // on standard error
std::string bold(std::string_view), dim(std::string_view), red(std::string_view), yellow(std::string_view), green(std::string_view);
size_t display_width(std::string_view utf8);         // terminal columns
std::string grouped(uint64_t number);                // 12,345 | 12 345 (French)
std::string bytes_text(uint64_t bytes);              // 1.2 GB | 1,2 Go
std::string decimal_text(double value, int digits);  // 1.5 | 1,5

// A table for people; numbers stand to the right. Prints nothing wider than the terminal by shortening the widest text column.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A bar on a terminal, a line a minute in a log, nothing when quiet.
class Progress {
 public:
  Progress(std::string what, uint64_t total_bytes, bool quiet);
  ~Progress();
  void at(uint64_t bytes, uint64_t records);
  void clear();  // before other words are printed

 private:
  std::string what_;
  uint64_t total_;
  bool quiet_, shown_ = false;
  std::chrono::steady_clock::time_point begin_, last_;
};

void say(std::string_view words);   // a line on standard error
void print(std::string_view data);  // to standard output; throws Failure when it cannot be written

}  // namespace casebridge::cli
