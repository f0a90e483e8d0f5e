// Prepared processes, one for each kind of session that comes more than once, and the workers that are forked from them.
#include <map>
#include <mutex>

#include "host/worker_talk.hpp"

namespace casebridge::host {
namespace {

class Nurseries {
 public:
  WorkerProcess worker(const Start& start, const std::vector<int>& fds) {
    const std::lock_guard lock(mutex_);
    const std::string shape = start.shape().pack();
    if (WorkerProcess* nursery = prepared(shape, start)) {
      try {
        return WorkerProcess(start.pack(), fds, *nursery);
      } catch (const std::exception&) {  // it is gone: from now on each worker starts by itself
        kinds_[shape].talk.reset();
      }
    }
    return WorkerProcess(start.pack(), fds);
  }

 private:
  static constexpr size_t kMost = 8;  // each keeps its memory, most of it shared with its workers
  static constexpr std::chrono::seconds kPatience{30};
  struct Kind {
    uint64_t asked = 0;
    bool tried = false;
    std::unique_ptr<WorkerTalk> talk;
  };

  WorkerProcess* prepared(const std::string& shape, const Start& start) {
    if (kinds_.size() >= kMostKinds && !kinds_.contains(shape)) return nullptr;
    Kind& kind = kinds_[shape];
    ++kind.asked;
    if (!kind.tried && kind.asked == 2 && alive_ < kMost) {
      kind.tried = true;
      try {
        auto talk = std::make_unique<WorkerTalk>(start.plugin_id, kPatience, std::function<bool()>(), start.shape(), std::vector<int>());
        if (talk->ready()) kind.talk = std::move(talk), ++alive_;
      } catch (const std::exception&) {  // what is wrong is told by the worker itself
      }
    }
    return kind.talk ? &kind.talk->process() : nullptr;
  }

  static constexpr size_t kMostKinds = 4096;
  std::mutex mutex_;
  std::map<std::string, Kind> kinds_;
  size_t alive_ = 0;
};

}  // namespace

WorkerProcess start_worker(const Start& start, const std::vector<int>& fds) {
  if (start.job != Job::read || start.nursery) return WorkerProcess(start.pack(), fds);
  static Nurseries all;
  return all.worker(start, fds);
}

}  // namespace casebridge::host
