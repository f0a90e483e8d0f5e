// What a run is asked to do: everything that decides its outcome, and nothing else. Made by the command line or a job
// file; the same plan over the same bytes gives the same bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/input.hpp"
#include "host/session.hpp"

namespace casebridge::pipeline {

struct OutputPlan {
  std::string format;                        // "case-jsonl"
  std::string path;                          // a file, a folder (formats of several files), or "-"
  std::vector<host::Setting> settings = {};  // of the writer, where a plugin writes the format
};

struct Plan {
  std::vector<std::string> inputs;      // files, folders, globs, "-"
  std::vector<host::InputRef> opened;   // inputs that the caller has open, before those
  std::string from;                     // format id; empty: recognise
  std::vector<host::Setting> settings;  // --set NAME=VALUE, for the readers
  std::vector<OutputPlan> outputs;
  std::string reports;             // folder of findings, quarantine, loss and manifest; empty: none are written
  std::string findings_to_stdout;  // format of findings (text, jsonl, sarif ...) for standard output; empty: none
  bool validating = false;         // errors are what was asked for: exit 3 when there are any
  bool force = false;              // outputs may replace what is there

  std::string recipient = "self", policy, purpose, authority;
  std::string token_key;                                      // file of the key that sensitive identifiers are hashed with
  std::string run_time;                                       // RFC 3339, UTC: no stage reads the clock
  std::string agency, system;                                 // override what a mapping says
  std::vector<std::string> mappings;                          // mapping files in place of the installed ones with their ids
  std::vector<std::string> refuse;                            // codes of findings that send the source record to quarantine
  std::vector<std::pair<std::string, std::string>> handling;  // marks of the Source line where the mapping states none
  std::vector<std::string> schemas;                           // XSD or JSON Schema, folder or file, for source documents
  bool strict = false;                                        // Xerces-C gives the verdict
  bool recover = false;                                       // read past what a conforming parser refuses
  bool value_positions = false;
  std::optional<double> quarantine_threshold;  // share of source records, 0..1: above it the run fails (exit 4)

  unsigned jobs = 0;  // 0: as many as there are cores
  bool in_process = false, allow_unsandboxed = false;
  host::WorkerLimits limits;
};

}  // namespace casebridge::pipeline
