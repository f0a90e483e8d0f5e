// Damaged inputs. Each is read in a sandboxed worker of its own, so that a crash is one failure with a name. The damage is
// a function of the sample's name and the attempt: who is told of a failure can make the same bytes again.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "conformance/checks.hpp"
#include "conformance/reading.hpp"

namespace casebridge::conformance {
namespace {

constexpr size_t kFlips = 64, kMostTold = 8;
constexpr size_t kMostDamaged = size_t(256) << 10;  // of a long sample the first part is damaged: the rest is more of the same

struct Damage {
  const Sample* sample = nullptr;
  std::string format;
  size_t file = 0;
  bool cut = false;
  uint64_t at = 0;
  uint8_t byte = 0;   // what stands there instead
  std::string wrong;  // filled in by the reading

  std::string words() const {
    const std::string& name = sample->files[file].name;
    return cut ? said("{0} cut off after {1} bytes: {2}", {name, std::to_string(at), wrong})
               : said("{0} with the value {2} at byte {1}: {3}", {name, std::to_string(at), std::to_string(byte), wrong});
  }
};

uint64_t scrambled(uint64_t n) {  // splitmix64
  n += 0x9E3779B97F4A7C15u;
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9u;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EBu;
  return n ^ (n >> 31);
}

uint64_t seed_of(const std::string& name) {
  uint64_t h = 1469598103934665603u;
  for (const unsigned char c : name) h = (h ^ c) * 1099511628211u;
  return h;
}

const std::string& as_sent(const SampleFile& file) { return file.packed.empty() ? file.bytes : file.packed; }

std::vector<SampleFile> damaged(const Damage& d) {
  std::vector<SampleFile> files = d.sample->files;
  std::string& bytes = files[d.file].packed.empty() ? files[d.file].bytes : files[d.file].packed;
  if (bytes.size() > kMostDamaged) bytes.resize(kMostDamaged);
  if (d.cut) bytes.resize(d.at);
  else bytes[d.at] = static_cast<char>(d.byte);
  return files;
}

// Two at a time: the host is idle while a worker reads.
void try_out(const Subject& s, std::vector<Damage>& all) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < all.size();) {
      How how;
      how.whole = false;
      try {
        all[i].wrong = read(s, all[i].format, damaged(all[i]), how).broken;
      } catch (const std::exception& e) { all[i].wrong = e.what(); }
    }
  };
  const unsigned n = s.in_process ? 1 : std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < n; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

template <class Make>
Outcome survived(const Subject& s, Make make) {
  if (s.samples.empty()) return not_applicable(no_samples());
  std::vector<Damage> all;
  for (const Sample& sample : s.samples)
    if (const host::FormatInfo* format = s.format_of(sample))
      for (size_t file = 0; file < sample.files.size(); ++file) make(sample, format->id, file, all);
  try_out(s, all);
  Outcome out;
  size_t failed = 0;
  for (const Damage& d : all)
    if (!d.wrong.empty() && ++failed <= kMostTold) fail(out, d.words());
  if (failed > kMostTold) fail(out, said("And {0} more of {1}.", {std::to_string(failed - kMostTold), std::to_string(all.size())}));
  if (out.verdict == Verdict::passed) out.details.push_back(said("Inputs tried: {0}.", {std::to_string(all.size())}));
  return out;
}

}  // namespace

Outcome check_read_truncated(const Subject& s) {
  return survived(s, [](const Sample& sample, const std::string& format, size_t file, std::vector<Damage>& all) {
    const uint64_t size = std::min(as_sent(sample.files[file]).size(), kMostDamaged);
    for (uint64_t percent = 5; percent < 100; percent += 5)
      if (size * percent / 100 > 0) all.push_back({&sample, format, file, true, size * percent / 100, 0, {}});
  });
}

Outcome check_read_flipped(const Subject& s) {
  return survived(s, [](const Sample& sample, const std::string& format, size_t file, std::vector<Damage>& all) {
    const std::string& bytes = as_sent(sample.files[file]);
    const uint64_t size = std::min(bytes.size(), kMostDamaged);
    if (!size) return;
    static constexpr unsigned char kNasty[] = {0x00, 0xFF, '"', '<', '{', '\n', ',', 0x80};
    for (size_t i = file; i < kFlips; i += sample.files.size()) {  // the tables of one feed share the attempts
      const uint64_t r = scrambled(seed_of(sample.name) + i);
      const uint64_t at = r % size;
      const auto was = static_cast<unsigned char>(bytes[at]);
      const unsigned char now = i % 2 ? kNasty[(r >> 40) % sizeof kNasty] : static_cast<unsigned char>(was ^ (1u << ((r >> 40) % 8)));
      all.push_back({&sample, format, file, false, at, now == was ? static_cast<uint8_t>(was ^ 1u) : now, {}});
    }
  });
}

}  // namespace casebridge::conformance
