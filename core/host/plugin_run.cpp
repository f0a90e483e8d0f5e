#include "host/plugin_run.hpp"

#include <cstdlib>
#include <cstring>

#include "host/builtin.hpp"

namespace casebridge::host {
namespace {
constexpr uint64_t kMostLossBytes = uint64_t(16) << 20;  // names of lost fields come from the input
constexpr size_t kMostLossName = 1024;
}  // namespace

PluginRun::PluginRun(std::shared_ptr<const Library> library, const PluginInfo& info, std::string format, std::vector<Setting> settings,
                     uint32_t max_batch_records, uint32_t model_version, Sink& sink)
    : library_(std::move(library)), folder_(info.folder.string()), format_(std::move(format)), settings_(std::move(settings)), sink_(sink) {
  if (!info.mapping.empty()) settings_.emplace_back("casebridge.mapping", info.mapping);  // file name in the plugin's folder
  for (const auto& [name, value] : settings_)
    if (name != kSpillSetting) raw_settings_.push_back({name.c_str(), {value.data(), value.size()}});
  host_ = {CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_host), 0, this, report, cancelled, extension};
  args_ = {sizeof(cb_args),   model_version, format_.c_str(), raw_settings_.data(), static_cast<uint32_t>(raw_settings_.size()),
           max_batch_records, nullptr};
  cb_loss_ = {sizeof(cb_loss), 0, this, count_loss};
}

PluginRun::~PluginRun() {
  close();
  if (prepared_ && prepare_->release) prepare_->release(prepared_);
}

cb_status PluginRun::prepare() {
  const cb_plugin& p = library_->plugin();
  prepare_ = p.extension ? static_cast<const cb_prepare*>(p.extension("casebridge.prepare/1")) : nullptr;
  if (!prepare_ || !prepare_->prepare) return CB_OK;
  const cb_status status = prepare_->prepare(&host_, &args_, folder_.c_str(), &prepared_);
  args_.prepared = prepared_;
  return status;
}

void PluginRun::add_input(int fd, bool seekable, int64_t size, std::string name) {
  inputs_.emplace_back(fd, seekable, size, std::move(name));
  inputs_.back().follow(consumed_);
  raw_inputs_.push_back(inputs_.back().raw());
  cb_inputs_ = {sizeof(cb_inputs), static_cast<uint32_t>(raw_inputs_.size()), raw_inputs_.data()};
}

uint64_t spill_memory(const std::vector<Setting>& settings) {
  for (const auto& [name, value] : settings)
    if (name == kSpillSetting) return std::strtoull(value.c_str(), nullptr, 10);
  return 0;
}

void PluginRun::offer_spill(int fd, uint64_t memory) {
  SpillFile::warm_up();
  spill_ = std::make_unique<SpillFile>(fd);
  cb_spill_ = {sizeof(cb_spill), 0, this, memory, append, read_back};
}

// What is written and read there is work done: a long sort is no hang.
int64_t PluginRun::append(void* self, const void* from, uint64_t size) {
  auto& run = *static_cast<PluginRun*>(self);
  if (run.consumed_) run.consumed_->fetch_add(size, std::memory_order_relaxed);
  try {
    if (run.spill_->size() + size > SpillFile::kMost) return CB_E_LIMIT;
    return static_cast<int64_t>(run.spill_->append(from, size));
  } catch (const std::exception&) { return CB_E_IO; }
}

cb_status PluginRun::read_back(void* self, uint64_t offset, void* into, uint64_t size) {
  auto& run = *static_cast<PluginRun*>(self);
  if (run.consumed_) run.consumed_->fetch_add(size, std::memory_order_relaxed);
  try {
    run.spill_->read(offset, into, size);
    return CB_OK;
  } catch (const std::exception&) { return CB_E_IO; }
}

cb_status PluginRun::open() {
  const cb_status status = library_->plugin().open_reader(&host_, &args_, raw_inputs_.front(), &reader_);
  return status == CB_OK && !reader_ ? CB_E_INTERNAL : status;
}

cb_status PluginRun::next(cb_batch& out) {
  std::memset(&out, 0, sizeof out);
  out.struct_size = sizeof out;
  return library_->plugin().read(reader_, &out);
}

void PluginRun::close() {
  if (reader_) library_->plugin().close_reader(reader_);
  reader_ = nullptr;
}

void PluginRun::report(void* self, const cb_issue* issue) {
  auto& run = *static_cast<PluginRun*>(self);
  if (!issue || issue->struct_size < sizeof(cb_issue) || !issue->code) return;
  const std::lock_guard lock(run.mutex_);
  run.sink_.issue(*issue);
}

int32_t PluginRun::cancelled(void* self) { return static_cast<PluginRun*>(self)->sink_.cancelled() ? 1 : 0; }

const void* PluginRun::extension(void* self, const char* id) {
  auto& run = *static_cast<PluginRun*>(self);
  const std::string_view name = id ? id : "";
  if (name == "casebridge.loss/1") return &run.cb_loss_;
  if (name == "casebridge.inputs/1") return &run.cb_inputs_;
  if (name == CB_SERVICE_SPILL) return run.spill_ ? &run.cb_spill_ : nullptr;
  return builtins().service ? builtins().service(name) : nullptr;
}

void PluginRun::count_loss(void* self, cb_text field, uint32_t what, cb_text why, uint64_t n) {
  auto& run = *static_cast<PluginRun*>(self);
  const std::lock_guard lock(run.mutex_);
  std::string name(field.data, std::min<uint64_t>(field.size, kMostLossName)),
      reason(why.data, std::min<uint64_t>(why.size, kMostLossName));
  auto key = std::make_tuple(std::move(name), what, std::move(reason));
  if (const auto at = run.losses_.find(key); at != run.losses_.end()) {
    at->second += n;
    return;
  }
  run.loss_bytes_ += std::get<0>(key).size() + std::get<2>(key).size() + 100;
  if (run.loss_bytes_ > kMostLossBytes) key = {"(further fields)", what, ""};  // counted still, by no name of their own
  run.losses_[key] += n;
}

}  // namespace casebridge::host
