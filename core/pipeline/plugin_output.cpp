#include "pipeline/plugin_output.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

#include "casebridge/files.h"
#include "casebridge/sdk.hpp"
#include "emit/batch_form.hpp"
#include "emit/wire_plan.hpp"
#include "host/library.hpp"

namespace casebridge::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kBatch = 4096;

class BatchEncoder final : public emit::Encoder {
 protected:
  void records(std::span<const Record> records, emit::Chunk& into) override {
    if (!into.batch) {
      into.batch = std::make_shared<BatchBuilder>(kBatch);
      into.batch->clear();
    }
    for (const Record& record : records) {
      emit::add_record(*into.batch, record);
      into.count(record.type);
    }
  }
};

bool sound_name(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find("..") != name.npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
  });
}

// One place that bytes go to; the words of a failure are kept, for no exception may cross the contract.
struct Face {
  emit::Sink* sink = nullptr;
  std::unique_ptr<emit::Sink> own;
  std::string failed;
  cb_output raw{};

  explicit Face(emit::Sink* to) : sink(to) {
    raw = {sizeof(cb_output), 0, this, [](void* self, const void* from, uint64_t size) {
             Face& face = *static_cast<Face*>(self);
             try {
               face.sink->write({static_cast<const char*>(from), static_cast<size_t>(size)});
               return static_cast<int64_t>(size);
             } catch (const std::exception& e) {
               face.failed = e.what();
               return static_cast<int64_t>(CB_E_IO);
             }
           }};
  }
};

class Output final : public PluginOutput {
 public:
  Output(const host::Choice& choice, std::vector<host::Setting> settings, emit::Sink* sink, std::string folder)
      : library_(host::Library::open(*choice.plugin)),
        plugin_(choice.plugin->id),
        format_(choice.format->id),
        settings_(std::move(settings)),
        folder_(std::move(folder)),
        main_(sink) {
    for (const auto& [name, value] : settings_) raw_settings_.push_back({name.c_str(), {value.data(), value.size()}});
    loss_ = {sizeof(cb_loss), 0, this, [](void* self, cb_text field, uint32_t what, cb_text why, uint64_t n) {
               Output& o = *static_cast<Output*>(self);
               const std::lock_guard lock(o.mutex_);
               if (what != CB_LOSS_MAPPED) o.losses_[{std::string(view(field)), std::string(view(why))}] += n;
             }};
    files_ = {sizeof(cb_files), 0, this, [](void* self, cb_text name) { return static_cast<Output*>(self)->file(view(name)); }};
    host_ = {CB_ABI_MAJOR,
             CB_ABI_MINOR,
             sizeof(cb_host),
             0,
             this,
             report,
             [](void*) -> int32_t { return 0; },
             [](void* self, const char* id) -> const void* {
               Output& o = *static_cast<Output*>(self);
               if (id == std::string_view("casebridge.loss/1")) return &o.loss_;
               if (id == std::string_view("casebridge.files/1") && !o.folder_.empty()) return &o.files_;
               return nullptr;
             }};
    args_ = {sizeof(cb_args), 1, format_.c_str(), raw_settings_.data(), static_cast<uint32_t>(raw_settings_.size()), kBatch, nullptr};
    check(library_->plugin().open_writer(&host_, &args_, &main_.raw, &writer_));
  }
  ~Output() override {
    if (writer_) library_->plugin().close_writer(writer_);
  }

  std::unique_ptr<emit::Encoder> encoder() const override { return std::make_unique<BatchEncoder>(); }

  void put(const emit::Chunk& chunk) override {
    add_counts(chunk);
    if (!chunk.batch || chunk.batch->empty()) return;
    const cb_batch view = chunk.batch->view();
    check(library_->plugin().write(writer_, &view));
  }

  void finish() override {
    check(library_->plugin().finish(writer_));
    if (main_.sink && folder_.empty()) main_.sink->commit();
    for (auto& [name, face] : opened_) face->sink->commit();
  }

  std::vector<Finding> take_findings() override { return std::move(findings_); }
  std::vector<host::LossCount> losses() const override {
    std::vector<host::LossCount> out;
    for (const auto& [key, n] : losses_) out.push_back({key.first, CB_LOSS_UNKEPT, key.second, n});
    return out;
  }

 private:
  static void report(void* self, const cb_issue* issue) {
    Output& o = *static_cast<Output*>(self);
    const std::lock_guard lock(o.mutex_);
    Finding f;
    f.code = issue->code;
    f.severity = issue->severity == CB_ERROR ? Severity::error : issue->severity == CB_WARNING ? Severity::warning : Severity::note;
    f.args = {std::string(view(issue->message))};
    f.input = o.format_;
    o.last_ = f.args.front();
    o.findings_.push_back(std::move(f));
  }

  const cb_output* file(std::string_view name) {
    if (!sound_name(name)) return nullptr;
    try {
      auto& face = opened_[std::string(name)];
      if (!face) {
        auto sink = std::make_unique<emit::FileSink>((fs::path(folder_) / std::string(name)).string());
        face = std::make_unique<Face>(sink.get());
        face->own = std::move(sink);
      }
      return &face->raw;
    } catch (const std::exception& e) {
      main_.failed = e.what();
      return nullptr;
    }
  }

  void check(cb_status status) {
    if (status == CB_OK) return;
    std::string disk = main_.failed;
    for (const auto& [name, face] : opened_)
      if (!face->failed.empty()) disk = face->failed;
    if (!disk.empty()) throw emit::IoError(disk);
    const std::string words = plugin_ + ": " + (last_.empty() ? std::to_string(status) : last_);
    if (status == CB_E_IO) throw emit::IoError(words);
    throw PluginOutputError(words);
  }

  std::shared_ptr<const host::Library> library_;
  std::string plugin_, format_;
  std::vector<host::Setting> settings_;
  std::vector<cb_setting> raw_settings_;
  std::string folder_, last_;
  Face main_;
  std::map<std::string, std::unique_ptr<Face>> opened_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, uint64_t> losses_;
  std::vector<Finding> findings_;
  cb_loss loss_{};
  cb_files files_{};
  cb_host host_{};
  cb_args args_{};
  cb_writer* writer_ = nullptr;
};

}  // namespace

bool wants_folder(const host::FormatInfo& format, const std::string& path) {
  return (format.caps & CB_FOLDER) && path != "-" && !path.ends_with(".tar");
}

std::unique_ptr<PluginOutput> make_plugin_output(const host::Choice& choice, std::vector<host::Setting> given, emit::Sink* sink,
                                                 const std::string& folder) {
  std::vector<Finding> problems;
  auto settings = host::check_options(*choice.plugin, given, problems);
  if (!problems.empty()) throw PluginOutputError(message_of(problems.front()));
  return std::make_unique<Output>(choice, std::move(settings), sink, folder);
}

}  // namespace casebridge::pipeline
