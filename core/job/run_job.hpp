// The run of a job. In this order, each step whole or not at all, so that a run that was killed at any instant goes on
// where it was and ends in the same bytes:
//   lock -> each feed on its own: there? read (staging), judged (drift, threshold, size), accepted or held back
//        -> all accepted feeds together, linked -> outputs through the gate, receipts -> manifest, metrics, page
// A feed that is late, missing, empty, shrunken, drifted, broken or over its threshold holds back only itself; what it
// delivered on earlier nights stays.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "job/drift.hpp"
#include "job/ledger.hpp"

namespace casebridge::job {

enum class Verdict { loaded, unchanged, not_due, late, empty, shrunken, drifted, broken, over_threshold, interrupted };
std::string_view name_of(Verdict);  // "LOADED": stable, for machines
std::string words_of(Verdict);      // for people
bool held(Verdict);                 // its records of this night are not in the outputs

struct FeedResult {
  std::string name;
  Verdict verdict = Verdict::loaded;
  Exit exit = Exit::ok;
  std::string key, folder;  // of what was staged
  Profile profile;
  std::vector<Change> changes;
  std::string proposal;  // id, where there is one
  std::string why;       // one sentence
};

struct OutputResult {
  std::string name, path, recipient, sha256;
  uint64_t records = 0;
  std::vector<std::string> lacks;  // feeds whose records of this night are not in it
  Exit exit = Exit::ok;
  std::string why;                                         // of a refusal
  std::vector<std::pair<std::string, uint64_t>> receipts;  // governing body, records under its grants
};

struct JobResult {
  std::string run_time;
  uint64_t run = 0;
  std::vector<FeedResult> feeds;
  std::vector<OutputResult> outputs;
  uint64_t records = 0, clusters = 0, links = 0;
  Exit exit = Exit::ok;
};

struct RunOptions {
  std::string run_time;  // where the job states none; RFC 3339
  bool in_process = false, allow_unsandboxed = false;
  std::function<void(const std::string& event, const std::vector<std::pair<std::string, std::string>>& facts)> log;  // no personal data
};

// Throws JobError, handle::PolicyError, emit::IoError, and Locked when another run holds the store.
struct Locked : std::runtime_error {
  using std::runtime_error::runtime_error;
};
JobResult run_job(const Job&, const RunOptions&, pipeline::Watch&);

std::string work_folder(const Job&);  // beside the store

// Records a decision under the lock of the store.
void decide(const Job&, Decision);

std::string manifest_json(const Job&, const JobResult&);
std::string open_metrics(const Job&, const JobResult&);

}  // namespace casebridge::job
