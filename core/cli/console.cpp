#include "cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/system_words.hpp"
#include "base/text.hpp"
#include "cli/app.hpp"

namespace casebridge::cli {
namespace {

std::string paint(std::string_view text, const char* code) {
  if (!colour()) return std::string(text);
  return std::string("\033[") + code + "m" + std::string(text) + "\033[0m";
}

size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
  return 0;  // no terminal: as wide as it gets
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789., \u00a0\u202f-≈%") == text.npos &&
         text.find_first_of("0123456789") != text.npos;
}

std::string shortened(const std::string& text, size_t width) {
  if (display_width(text) <= width || width < 4) return text;
  std::string out;
  size_t seen = 0;
  for (size_t i = 0; i < text.size() && seen + 1 < width;) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    out.append(text, i, end - i);
    i = end;
    ++seen;
  }
  return out + "…";
}

}  // namespace

bool stderr_is_terminal() {
  static const bool is = isatty(STDERR_FILENO);
  return is;
}
bool stdout_is_terminal() {
  static const bool is = isatty(STDOUT_FILENO);
  return is;
}
bool colour() {
  static const bool on = [] {
    const char* no = std::getenv("NO_COLOR");
    return stderr_is_terminal() && !(no && *no);
  }();
  return on;
}
std::string bold(std::string_view t) { return paint(t, "1"); }
std::string dim(std::string_view t) { return paint(t, "2"); }
std::string red(std::string_view t) { return paint(t, "31"); }
std::string yellow(std::string_view t) { return paint(t, "33"); }
std::string green(std::string_view t) { return paint(t, "32"); }

size_t display_width(std::string_view utf8) {
  size_t n = 0;
  for (const char c : utf8) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

std::string grouped(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0) out += french() ? "\u00a0" : ",";
    out += digits[i];
  }
  return out;
}

std::string decimal_text(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  std::string out = buffer;
  if (french()) std::replace(out.begin(), out.end(), '.', ',');
  return out;
}

std::string bytes_text(uint64_t bytes) {
  static const char* const en[] = {"B", "kB", "MB", "GB", "TB"};
  static const char* const fr[] = {"o", "ko", "Mo", "Go", "To"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 1000 && unit < 4) value /= 1000, ++unit;
  return decimal_text(value, unit && value < 100 ? 1 : 0) + " " + (french() ? fr : en)[unit];
}

std::string Table::text() const {
  std::vector<size_t> width;
  std::vector<bool> number;
  for (size_t r = 0; r < rows_.size(); ++r) {
    for (size_t c = 0; c < rows_[r].size(); ++c) {
      if (c >= width.size()) width.push_back(0), number.push_back(true);
      width[c] = std::max(width[c], display_width(rows_[r][c]));
      if (r && !rows_[r][c].empty() && !is_number(rows_[r][c])) number[c] = false;
    }
  }
  if (const size_t room = terminal_width()) {
    size_t sum = 0;
    for (const size_t w : width) sum += w + 2;
    while (sum > room) {  // the widest text column gives way
      size_t widest = SIZE_MAX;
      for (size_t c = 0; c < width.size(); ++c)
        if (!number[c] && width[c] > 12 && (widest == SIZE_MAX || width[c] > width[widest])) widest = c;
      if (widest == SIZE_MAX) break;
      --width[widest];
      --sum;
    }
  }
  std::string out;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < rows_[r].size(); ++c) {
      const std::string cell = shortened(rows_[r][c], width[c]);
      const std::string pad(width[c] - std::min(width[c], display_width(cell)), ' ');
      line += number[c] ? pad + cell : cell + pad;
      if (c + 1 < rows_[r].size()) line += "  ";
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += (r == 0 ? bold(line) : line) + "\n";
  }
  return out;
}

Progress::Progress(std::string what, uint64_t total_bytes, bool quiet)
    : what_(std::move(what)), total_(total_bytes), quiet_(quiet), begin_(std::chrono::steady_clock::now()), last_(begin_) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  shown_ = false;
}

void Progress::at(uint64_t bytes, uint64_t records) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto wait = stderr_is_terminal() ? std::chrono::milliseconds(100) : std::chrono::milliseconds(60000);
  if (now - last_ < wait) return;
  last_ = now;
  const double seconds = std::max(1e-9, std::chrono::duration<double>(now - begin_).count());
  std::string line = what_ + "  ";
  if (total_) {
    const double part = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_));
    if (stderr_is_terminal()) {
      const int full = static_cast<int>(part * 24);
      for (int i = 0; i < 24; ++i) line += i < full ? "█" : "░";
      line += "  ";
    }
    line += decimal_text(part * 100, 0) + " %  ";
  }
  line += fill(tr("{0} records, {1}/s"),
               std::vector<std::string>{grouped(records), bytes_text(static_cast<uint64_t>(static_cast<double>(bytes) / seconds))});
  if (stderr_is_terminal()) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

void say(std::string_view words) { std::fprintf(stderr, "%.*s\n", static_cast<int>(words.size()), words.data()); }

void print(std::string_view data) {
  while (!data.empty()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, data.data(), data.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      throw Failure{Exit::temporary, fill(tr("Standard output cannot be written: {0}"), std::vector<std::string>{system_words(errno)}), {}};
    }
    data.remove_prefix(static_cast<size_t>(wrote));
  }
}

}  // namespace casebridge::cli
