// casebridge/output_files.hpp -- a writer whose format is several files. Where the host writes a folder, each file is a file
// of it; where it has one stream only (standard output, a test), they are packed into one tar, in the order in which they
// were first named.
//
//   OutputFiles files(open);
//   files.write("nodes.csv", bytes); files.write("edges.csv", bytes); files.write("nodes.csv", more);
//   files.finish();                            // from Writer::finish()
//
// Names are relative, of letters, digits, ".", "_", "-" and "/". Without a folder the bytes are kept until finish().
#pragma once
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/files.h"
#include "casebridge/sdk.hpp"

namespace casebridge {

class OutputFiles {
 public:
  explicit OutputFiles(const OpenOutput& open) : files_(open.host.find_service<cb_files>("casebridge.files/1")), output_(open.output) {}

  void write(const std::string& name, std::string_view bytes) {
    if (files_) {
      auto at = open_.find(name);
      if (at == open_.end()) {
        const cb_output* raw = files_->file(files_->self, text(name));
        if (!raw) throw Failure(CB_E_IO, "the host cannot write " + name);
        at = open_.emplace(name, Output(raw)).first;
      }
      return at->second.write(bytes);
    }
    for (auto& [known, kept] : kept_)
      if (known == name) return void(kept.append(bytes));
    kept_.emplace_back(name, std::string(bytes));
  }

  void finish() {
    if (files_) return;
    for (const auto& [name, bytes] : kept_) {
      output_.write(header(name, bytes.size()));
      output_.write(bytes);
      output_.write(std::string((512 - bytes.size() % 512) % 512, '\0'));
    }
    output_.write(std::string(1024, '\0'));
    kept_.clear();
  }

 private:
  static std::string header(const std::string& name, size_t size) {  // ustar; no owner, no time: the same bytes every time
    if (name.size() > 99) throw Failure(CB_E_LIMIT, "a file name longer than 99 bytes");
    std::string h(512, '\0');
    const auto put = [&](size_t at, std::string_view what) {
      std::copy(what.begin(), what.end(), h.begin() + static_cast<std::ptrdiff_t>(at));
    };
    char number[16];
    put(0, name);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    std::snprintf(number, sizeof number, "%011llo", static_cast<unsigned long long>(size));
    put(124, number);
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    unsigned sum = 0;
    for (const char c : h) sum += static_cast<unsigned char>(c);
    std::snprintf(number, sizeof number, "%06o", sum);
    put(148, number);
    h[154] = '\0';
    return h;
  }

  const cb_files* files_;
  Output output_;
  std::map<std::string, Output> open_;
  std::vector<std::pair<std::string, std::string>> kept_;
};

}  // namespace casebridge
