// What is put to the test: a plugin wherever its author keeps it, the plugins it stands among, and the samples of both.
#pragma once
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/options.hpp"
#include "host/registry.hpp"

namespace casebridge::conformance {

struct SampleFile {
  std::string name;    // its last part: what the plugin sees
  std::string bytes;   // what the reader sees: of a workbook the text of its cells
  std::string packed;  // of a workbook: the file itself, which is what damage is done to; else empty
};

// One input, or the related tables of one feed.
struct Sample {
  std::string name;               // "people-csv/people.csv"
  std::string format;             // the format it stands for; empty where its folder does not say
  std::vector<SampleFile> files;  // not empty
};

struct Ask {
  std::string path;                     // folder, mapping file, library, or the id of an installed plugin
  std::vector<std::string> samples;     // further files or folders of samples of this plugin
  std::vector<host::Setting> settings;  // options of the plugin, where the defaults do not do
  bool in_process = false, allow_unsandboxed = false;
};

struct Subject {
  host::PluginInfo plugin;
  host::Registry registry;              // the installed plugins and this one
  std::vector<host::Setting> settings;  // checked, with defaults
  std::vector<Sample> samples;          // of this plugin
  std::vector<Sample> others;           // of other formats: their first 64 KiB
  std::vector<Sample> case_data;        // whole; what writers are fed
  bool in_process = false, allow_unsandboxed = false;

  const host::FormatInfo* format_of(const Sample&) const;
};

constexpr uint64_t kMostSampleBytes = uint64_t(8) << 20;  // a sample is small; a larger one is cut to this and says so in its name

// What there is to say when PATH is no plugin: translated words.
struct NoPlugin : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Finds the plugin and the samples: `samples` inside of PATH, samples/ID beside the plugin in a source tree (ID is the id
// of the plugin or of one of its formats), and what was asked for. Throws NoPlugin.
Subject find_subject(const Ask&);

}  // namespace casebridge::conformance
