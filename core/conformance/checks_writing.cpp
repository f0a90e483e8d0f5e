// write -> read -> write: what a format cannot carry is lost the first time, and nothing after it.
#include <memory>
#include <span>

#include "casebridge/batch.hpp"
#include "conformance/checks.hpp"
#include "conformance/reading.hpp"
#include "emit/batch_form.hpp"
#include "host/builtin.hpp"
#include "host/library.hpp"
#include "normalise/normaliser.hpp"

namespace casebridge::conformance {
namespace {

constexpr int kRunYear = 2099;  // the suite reads no clock
constexpr uint32_t kBatch = 256;

// Batches in normal form, one records' worth each, as the pipeline would hand them to a writer.
struct Records {
  std::vector<std::unique_ptr<RecordBatch>> batches;
  std::unique_ptr<normalise::Normaliser> normaliser;  // owns the text of what is constant per input
  std::string broken;
};

Records normal(const Subject& s, const std::string& format, const std::vector<SampleFile>& files) {
  Records out;
  normalise::Settings settings;
  settings.source = 1;
  settings.input = files.front().name;
  settings.run_year = kRunYear;
  settings.key = std::make_shared<const normalise::TokenKey>(normalise::TokenKey::from_bytes("test", std::string(32, 't')));
  out.normaliser = std::make_unique<normalise::Normaliser>(settings);
  const Reading reading = read(s, format, files, {}, [&](const cb_batch& b) {
    out.normaliser->run(b, *out.batches.emplace_back(std::make_unique<RecordBatch>()), [](Finding&&) {});
  });
  out.broken = reading.broken;
  if (out.broken.empty() && reading.status != CB_END)
    out.broken = reading.findings.empty() ? std::to_string(reading.status) : message_of(reading.findings.back());
  return out;
}

struct Told {
  std::string words;
  static void report(void* self, const cb_issue* issue) {
    static_cast<Told*>(self)->words = std::string(issue->code) + ": " + std::string(issue->message.data, issue->message.size);
  }
  static int32_t cancelled(void*) { return 0; }
  static const void* extension(void*, const char* id) { return host::builtins().service ? host::builtins().service(id) : nullptr; }
};

bool is_line(const Record& record) {
  return record.type->name == "Dataset" || record.type->name == "Source" || record.type->name == "DatasetEnd";
}

// `wrong` says why there are no bytes.
std::string written(const Subject& s, const std::string& format, const Records& records, std::string& wrong) {
  const auto library = host::Library::open(s.plugin);
  const cb_plugin& p = library->plugin();
  if (!p.open_writer || !p.write || !p.finish || !p.close_writer)
    return wrong = tr("It says that it writes, and has no writer."), std::string();
  std::string bytes;
  Told told;
  const cb_host host{CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_host), 0, &told, Told::report, Told::cancelled, Told::extension};
  const cb_output output{sizeof(cb_output), 0, &bytes, [](void* self, const void* from, uint64_t size) {
                           static_cast<std::string*>(self)->append(static_cast<const char*>(from), size);
                           return static_cast<int64_t>(size);
                         }};
  std::vector<cb_setting> settings;
  for (const auto& [name, value] : s.settings) settings.push_back({name.c_str(), {value.data(), value.size()}});
  const cb_args args{sizeof(cb_args), 1, format.c_str(), settings.data(), static_cast<uint32_t>(settings.size()), kBatch, nullptr};
  cb_writer* writer = nullptr;
  cb_status status = p.open_writer(&host, &args, &output, &writer);
  if (status == CB_OK && !writer) status = CB_E_INTERNAL;
  const auto write = [&](std::span<const Record> some, bool lines) {  // what is said once stands first, as the pipeline writes it
    BatchBuilder out(kBatch);
    out.clear();
    for (const Record& record : some)
      if (record.type->name != "DatasetEnd" && is_line(record) == lines) emit::add_record(out, record);
    if (status != CB_OK || out.empty()) return;
    const cb_batch view = out.view();
    status = p.write(writer, &view);
  };
  write(records.normaliser->lines(), true);
  for (const auto& batch : records.batches) write(batch->records, false);
  if (status == CB_OK) status = p.finish(writer);
  if (writer) p.close_writer(writer);
  if (status != CB_OK) wrong = told.words.empty() ? std::to_string(status) : told.words;
  return status == CB_OK ? bytes : std::string();
}

std::string first_difference(const std::string& a, const std::string& b) {
  const size_t at = static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<int64_t>(std::min(a.size(), b.size())), b.begin()).first - a.begin());
  return said("{0} and {1} bytes, which differ from byte {2} on", {std::to_string(a.size()), std::to_string(b.size()), std::to_string(at)});
}

}  // namespace

Outcome check_write_fixed_point(const Subject& s) {
  Outcome out;
  size_t tried = 0;
  bool writes = false;
  for (const host::FormatInfo& format : s.plugin.formats) {
    if (!format.writes()) continue;
    writes = true;
    // What is ours to write is read from case data, by whoever reads that; a lossless format has samples of its own.
    const bool own = format.reads() && (format.caps & CB_LOSSLESS);
    for (const Sample& sample : own ? s.samples : s.case_data) {
      Subject reader = s;
      std::string from = format.id;
      if (!own) {
        const host::Choice choice = s.registry.reader(sample.format);
        if (!choice) continue;
        reader.plugin = *choice.plugin;
        reader.settings.clear();
        from = sample.format;
      } else if (const host::FormatInfo* is = s.format_of(sample); !is || is->id != format.id) {
        continue;
      }
      const Records records = normal(reader, from, sample.files);
      if (!records.broken.empty()) {
        if (out.verdict == Verdict::passed)
          out.details.push_back(said("{0} cannot be read whole and was not written: {1}", {sample.name, records.broken}));
        continue;
      }
      ++tried;
      std::string wrong;
      const std::string first = written(s, format.id, records, wrong);
      if (!wrong.empty()) {
        fail(out, said("{0} could not be written: {1}", {sample.name, wrong}));
        continue;
      }
      if (!format.reads()) {
        const std::string again = written(s, format.id, records, wrong);
        if (first != again) fail(out, said("{0}: written twice gives {1}.", {sample.name, first_difference(first, again)}));
        continue;
      }
      Records back = normal(s, format.id, {{sample.files.front().name, first}});
      if (!back.broken.empty()) {
        fail(out, said("{0}: what was written cannot be read back: {1}", {sample.name, back.broken}));
        continue;
      }
      const std::string second = written(s, format.id, back, wrong);
      if (!wrong.empty()) fail(out, said("{0}: what was read back could not be written: {1}", {sample.name, wrong}));
      else if (first != second) fail(out, said("{0}: {1}.", {sample.name, first_difference(first, second)}));
    }
  }
  if (!writes) return not_applicable(tr("It writes nothing."));
  if (!tried && out.verdict == Verdict::passed) return not_applicable(tr("There is no case data to write: samples/case-jsonl is missing."));
  return out;
}

}  // namespace casebridge::conformance
