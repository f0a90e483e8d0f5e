// The run of a job. In this order:
//   store and its lock -> access that has ended is taken away (it outranks history)
//   one run of the store: each feed on its own: there? read, judged (drift, threshold, size), kept or undone
//                         -> all records linked anew, where anything has changed
//   -> outputs from the store through the gate, receipts -> manifest, metrics, page
// A feed that is late, missing, empty, shrunken, drifted, broken or over its threshold holds back only itself; what it
// delivered on earlier nights stays. A run that is killed at any instant leaves the store as it was, or with all of the
// run; the next one ends in the same bytes. A night that brings nothing leaves no run.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "job/drift.hpp"
#include "job/ledger.hpp"

namespace casebridge::job {

enum class Verdict { loaded, unchanged, not_due, late, empty, shrunken, drifted, broken, over_threshold, interrupted, withdrawn };
std::string_view name_of(Verdict);  // "LOADED": stable, for machines
std::string words_of(Verdict);      // for people
bool held(Verdict);                 // its records of this night are not in the outputs

struct FeedResult {
  std::string name;
  Verdict verdict = Verdict::loaded;
  Exit exit = Exit::ok;
  std::string key;
  Profile profile;
  std::vector<Change> changes;
  std::string proposal;  // id, where there is one
  std::string why;       // one sentence
};

struct OutputResult {
  std::string name, path, recipient, sha256;
  int64_t number = 0;  // in the store's log of exports
  uint64_t records = 0;
  std::vector<std::string> lacks;  // feeds whose records of this night are not in it
  Exit exit = Exit::ok;
  std::string why;  // of a refusal
  std::vector<Receipt> receipts;
};

struct Removed {  // by one command or one night, since the last night
  std::string time, rule;
  uint64_t records = 0;
  std::vector<std::string> recipients;  // "recipient: data set (time)"
};

struct JobResult {
  std::string run_time;
  uint64_t run = 0;                  // number of the night
  int64_t since = 1, store_run = 1;  // the store's last run when the last night ended, and now
  std::vector<FeedResult> feeds;
  std::vector<OutputResult> outputs;
  std::vector<Removed> removed;
  std::vector<std::string> unreachable;  // backups that still hold what was taken away
  uint64_t records = 0, clusters = 0;    // that the store holds now
  Exit exit = Exit::ok;
};

struct RunOptions {
  std::string run_time;  // where the job states none; RFC 3339
  bool in_process = false, allow_unsandboxed = false;
  std::function<void(const std::string& event, const std::vector<std::pair<std::string, std::string>>& facts)> log;  // no personal data
};

// Throws JobError, handle::PolicyError, emit::IoError, and store::StoreError, among others when another has the store.
JobResult run_job(const Job&, const RunOptions&, pipeline::Watch&);

std::string work_folder(const Job&);  // beside the store: what is in it can be made again from the store

std::string manifest_json(const Job&, const JobResult&);
std::string open_metrics(const Job&, const JobResult&);

}  // namespace casebridge::job
