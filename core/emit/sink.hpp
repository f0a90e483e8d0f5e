// Where bytes go. A file is private (0600), written beside its place under another name, and takes its place when it is
// whole: a reader never meets half a data set. Not thread-safe. Failures are IoError, with the words of the system.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace casebridge::emit {

struct IoError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view bytes) = 0;
  virtual void commit() {}  // all is written: flush, and put the file in its place. Without it nothing remains.
};

class TextSink final : public Sink {
 public:
  explicit TextSink(std::string& into) : into_(into) {}
  void write(std::string_view bytes) override { into_ += bytes; }

 private:
  std::string& into_;
};

// An open descriptor that belongs to someone else: standard output.
class DescriptorSink final : public Sink {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}
  void write(std::string_view bytes) override;

 private:
  int descriptor_;
};

class FileSink final : public Sink {
 public:
  explicit FileSink(std::string path);  // creates missing folders (0700); fails on a path that is a folder
  ~FileSink() override;                 // without commit: removes what was written
  void write(std::string_view bytes) override;
  void commit() override;  // fsync, close, rename
  const std::string& path() const { return path_; }

 private:
  std::string path_, partial_;
  int descriptor_ = -1;
};

}  // namespace casebridge::emit
