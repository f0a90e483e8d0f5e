// A job file: which feeds are expected, the store they go to, how they are linked, and which data sets leave. YAML for
// people; every error names file and line. The words stand in one table (job_words()), from which the loader, the
// published JSON Schema and the help are made. Secrets are files named by reference, never values.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace casebridge::job {

struct JobError : std::runtime_error {  // "job.yaml:12: ...": exit 2
  using std::runtime_error::runtime_error;
};

struct Expected {
  std::string by;                   // "HH:MM" on the clock of the run's own time; after it a missing feed is late
  uint64_t records = 0, bytes = 0;  // fewer: the feed has shrunk
  double shrink = 0.5;              // share of the last accepted night below which it has shrunk
};

struct SourcePlan {
  std::string name;                // unique in the job
  std::vector<std::string> paths;  // files, folders, patterns; relative to the job file
  std::string format;              // empty: recognise
  std::string agency, system;      // in place of what the mapping says
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::pair<std::string, std::string>> handling;  // marks where the mapping states none
  Expected expected;
  std::optional<double> threshold;  // share of source records in quarantine above which the feed is held back
  std::vector<std::string> refuse;  // codes of findings that send a source record to quarantine
  size_t line = 0;
};

struct OutputPlan {
  std::string name, format = "case-jsonl", path, recipient = "self", policy, purpose, authority;
  std::string receipts;             // folder of receipts to the bodies that govern what has left
  std::vector<std::string> filter;  // as of casebridge export --filter: type=Person,Link; empty: all
  size_t line = 0;
};

struct Linking {
  bool persons = true, shares = true;
};

struct Limits {
  uint64_t jobs = 0;       // threads; 0: as many as there are cores
  uint64_t memory_mb = 0;  // for linking; 0: none
};

struct Job {
  std::string name, file, folder;  // folder: where relative paths start
  std::string run_time;
  std::string store, token_key;
  std::vector<SourcePlan> sources;
  Linking linking;
  std::vector<OutputPlan> outputs;
  Limits limits;
  std::string manifest, metrics, page;  // where the run manifest, the OpenMetrics file and the page for the morning go

  std::string path(const std::string& relative) const;
};

// Throws JobError. Reads nothing but the file itself: neither data nor network.
Job load_job(const std::string& path);
Job parse_job(std::string_view text, const std::string& path);

enum class At : uint8_t { job, source, expected, output, linking, limits };
struct JobWord {
  std::string_view name;
  At at;
  std::string_view type;  // text, texts, time, count, share, flag, map, list, file, format, codes of a list as code:LIST
  bool required;
  std::string_view doc_en, doc_fr;
};
std::span<const JobWord> job_words();
std::string job_schema();  // JSON Schema 2020-12

// What --check finds beyond the form: formats that are not there, options that a format does not take, recipients that no
// policy knows, a policy or key that cannot be read, two sources or outputs in one place. In the order of the file.
std::vector<std::string> check_job(const Job&);

}  // namespace casebridge::job
