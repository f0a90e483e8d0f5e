// Options of a plugin: declared once in its descriptor, checked here, and shown from the same declaration in --help, in
// the README table and in the schema of a job file.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "host/manifest.hpp"

namespace casebridge::host {

using Setting = std::pair<std::string, std::string>;  // name, value

// Checks what the user gave against the declaration, brings values to one form (true/false, plain integers) and adds the
// defaults. The result is in the order of the declaration. Every problem is a finding; with any, do not open a session.
std::vector<Setting> check_options(const PluginInfo&, std::span<const Setting> given, std::vector<Finding>& problems);

std::string options_help(const PluginInfo&);      // lines for --help, in the language of the process
std::string options_markdown(const PluginInfo&);  // a table for the README
std::string options_schema(const PluginInfo&);    // JSON Schema (2020-12) of an object with these options

}  // namespace casebridge::host
