// An XLSX file made by libxlsxwriter without touching a disk: the library writes to a file of memory, and its scratch files
// lie in the memory of the system (/dev/shm), because what it writes is personal data. One thread.
#pragma once
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include "casebridge/sdk.hpp"

namespace casebridge::emit {

class Workbook {
 public:
  Workbook() {
    fd_ = memfd_create("workbook", MFD_CLOEXEC);
    if (fd_ < 0) throw Failure(CB_E_LIMIT, "no memory for a workbook");
    if (access(kScratch, W_OK) != 0) throw Failure(CB_E_IO, "a workbook needs /dev/shm: its scratch files may not lie on a disk");
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd_);
    lxw_workbook_options options{};
    options.constant_memory = LXW_FALSE;
    options.tmpdir = const_cast<char*>(kScratch);
    book_ = workbook_new_opt(path, &options);
    if (!book_) throw Failure(CB_E_LIMIT, "no memory for a workbook");
  }
  ~Workbook() {
    if (book_) workbook_close(book_);
    if (fd_ >= 0) ::close(fd_);
  }
  Workbook(const Workbook&) = delete;
  lxw_workbook* raw() { return book_; }

  // Title and time of the run: the same input, the same bytes.
  void about(const std::string& title, const std::string& by, std::string_view produced_at) {
    lxw_doc_properties p{};
    p.title = const_cast<char*>(title.c_str());
    p.author = const_cast<char*>(by.c_str());
    std::tm t{};
    int y = 1970, m = 1, d = 1, hh = 0, mm = 0, ss = 0;
    if (produced_at.size() >= 19) std::sscanf(std::string(produced_at).c_str(), "%d-%d-%dT%d:%d:%d", &y, &m, &d, &hh, &mm, &ss);
    t.tm_year = y - 1900, t.tm_mon = m - 1, t.tm_mday = d, t.tm_hour = hh, t.tm_min = mm, t.tm_sec = ss;
    p.created = timegm(&t);
    workbook_set_properties(book_, &p);
  }

  template <class Each>
  void bytes(Each&& each) {
    lxw_workbook* book = book_;
    book_ = nullptr;
    if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR)
      throw Failure(CB_E_IO, std::string("workbook: ") + lxw_strerror(error));
    if (::lseek(fd_, 0, SEEK_SET) < 0) throw Failure(CB_E_IO, "workbook");
    std::string buffer(size_t(1) << 20, '\0');
    for (;;) {
      const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
      if (got < 0) throw Failure(CB_E_IO, "workbook");
      if (got == 0) break;
      each(std::string_view(buffer.data(), static_cast<size_t>(got)));
    }
  }

 private:
  static constexpr const char* kScratch = "/dev/shm";
  int fd_ = -1;
  lxw_workbook* book_ = nullptr;
};

// A text as a cell: never a formula, never more than a cell can hold, no sign that XML 1.0 lacks. False: it was cut.
inline bool write_text(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, std::string_view text, lxw_format* format) {
  std::string clean;
  clean.reserve(text.size());
  size_t signs = 0;
  bool whole = true;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++signs > 32767) {
      whole = false;
      break;
    }
    clean += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' ? '?' : c;
  }
  worksheet_write_string(sheet, row, column, clean.c_str(), format);
  return whole;
}

}  // namespace casebridge::emit
