// An output written by a plugin: records that have passed the gate, as batches of the plugin contract. The plugin runs in
// this process, opens nothing, and gets its bytes out through the host's face alone: one stream, or for a format of several
// files (CB_FOLDER) files of a folder, which appear whole or not at all.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "emit/writer.hpp"
#include "host/registry.hpp"
#include "host/session.hpp"

namespace casebridge::pipeline {

class PluginOutput : public emit::CaseWriter {
 public:
  // What the plugin reported; complete after finish().
  virtual std::vector<Finding> take_findings() = 0;
  // What its format cannot carry, sorted by field and why; after finish().
  virtual std::vector<host::LossCount> losses() const = 0;
};

// Settings are checked against the plugin's options; a problem is a PluginOutputError.
struct PluginOutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One of `sink` (a stream; a CB_FOLDER format then packs a tar) and `folder` (empty: none). The sink must outlive the writer.
std::unique_ptr<PluginOutput> make_plugin_output(const host::Choice&, std::vector<host::Setting> given, emit::Sink* sink,
                                                 const std::string& folder);

// True where `path` should be a folder for this format: several files, and no path that ends with .tar.
bool wants_folder(const host::FormatInfo&, const std::string& path);

}  // namespace casebridge::pipeline
