// Work shared out to threads. Tasks are numbered; results must not depend on which thread ran a task or when.
#pragma once
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace casebridge::link {

// Calls work(task, thread) for every task in [0, tasks). The first exception is thrown again in the caller.
template <class Work>
void parallel(unsigned threads, size_t tasks, Work&& work) {
  if (threads > tasks) threads = static_cast<unsigned>(tasks);
  if (threads <= 1) {
    for (size_t t = 0; t < tasks; ++t) work(t, 0u);
    return;
  }
  std::atomic<size_t> next{0};
  std::exception_ptr error;
  std::mutex guard;
  auto run = [&](unsigned self) {
    try {
      for (size_t t; (t = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) work(t, self);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!error) error = std::current_exception();
      next.store(tasks);
    }
  };
  std::vector<std::thread> pool;
  for (unsigned t = 1; t < threads; ++t) pool.emplace_back(run, t);
  run(0);
  for (auto& t : pool) t.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace casebridge::link
