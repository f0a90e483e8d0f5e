// A plugin at work in this process: the tables it is lent, its preparation, one reader. Both the local session and the
// worker run plugins through this, so that they behave alike.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/spill_file.hpp"
#include "casebridge/spill.h"
#include "host/fd_input.hpp"
#include "host/library.hpp"
#include "host/options.hpp"

namespace casebridge::host {

// The internal setting of a session whose plugin may spill: how many bytes it holds itself before. See casebridge/spill.h.
inline constexpr std::string_view kSpillSetting = "casebridge.spill";
uint64_t spill_memory(const std::vector<Setting>&);  // 0: it may not

class PluginRun {
 public:
  struct Sink {  // where issues go and who may stop us
    virtual ~Sink() = default;
    virtual void issue(const cb_issue&) = 0;
    virtual bool cancelled() = 0;
  };
  using Losses = std::map<std::tuple<std::string, uint32_t, std::string>, uint64_t>;

  PluginRun(std::shared_ptr<const Library>, const PluginInfo&, std::string format, std::vector<Setting>, uint32_t max_batch_records,
            uint32_t model_version, Sink&);
  ~PluginRun();
  PluginRun(const PluginRun&) = delete;
  PluginRun& operator=(const PluginRun&) = delete;

  // Opens files of the plugin's folder; nothing after it may. Call once, before the first byte of an input is read.
  cb_status prepare();
  void add_input(int fd, bool seekable, int64_t size, std::string name);
  void offer_spill(int fd, uint64_t memory);  // an empty file, owned from now on: "casebridge.spill/1". Before a sandbox closes
  cb_status open();                           // CB_OK, or a failure that has been reported
  cb_status next(cb_batch& out);
  void close();
  const Losses& losses() const { return losses_; }
  void follow(std::atomic<uint64_t>* consumed) { consumed_ = consumed; }  // before add_input(): counts the bytes taken

 private:
  static void report(void* self, const cb_issue*);
  static int32_t cancelled(void* self);
  static const void* extension(void* self, const char* id);
  static int64_t append(void* self, const void* from, uint64_t size);
  static cb_status read_back(void* self, uint64_t offset, void* into, uint64_t size);
  static void count_loss(void* self, cb_text field, uint32_t what, cb_text why, uint64_t n);

  std::shared_ptr<const Library> library_;
  std::string folder_, format_;
  std::vector<Setting> settings_;
  std::vector<cb_setting> raw_settings_;
  std::deque<FdInput> inputs_;
  std::vector<const cb_input*> raw_inputs_;
  Sink& sink_;
  std::mutex mutex_;  // report() and count() may come from any thread
  Losses losses_;
  uint64_t loss_bytes_ = 0;
  std::atomic<uint64_t>* consumed_ = nullptr;
  cb_host host_{};
  cb_args args_{};
  cb_inputs cb_inputs_{};
  cb_loss cb_loss_{};
  std::unique_ptr<SpillFile> spill_;
  cb_spill cb_spill_{};
  const cb_prepare* prepare_ = nullptr;
  void* prepared_ = nullptr;
  cb_reader* reader_ = nullptr;
};

}  // namespace casebridge::host
