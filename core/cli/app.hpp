// One command line: every command declares its options once, and the parser, --help, the man page, shell completion and
// the French text all come from that declaration. An option's value comes from the flag, else from the environment
// (CASEBRIDGE_…), else from the project file (casebridge.yaml in the working folder), else its default.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace casebridge::cli {

// What holds for every command.
struct Common {
  bool json = false;  // machine-readable standard output
  bool quiet = false;
  bool no_sandbox = false;  // --allow-unsandboxed
  bool in_process = false;  // readers in this process (sanitizers, debugging)
  std::string log_format = "text";
};

// A command that ends with words for the user. Thrown anywhere below main().
struct Failure {
  Exit exit;
  std::string message;  // translated
  std::string hint;     // what to do next, or empty
};

using Action = std::function<Exit(const Common&)>;

// Each command adds itself to the parser and returns what to do when it is the one called.
struct Command {
  CLI::App* app;
  Action action;
};

Command add_formats(CLI::App& root);
Command add_inspect(CLI::App& root);
Command add_convert(CLI::App& root);
Command add_validate(CLI::App& root);
Command add_trace(CLI::App& root);
Command add_schema(CLI::App& root);
Command add_plugin(CLI::App& root);
Command add_key(CLI::App& root);
Command add_run(CLI::App& root);
Command add_quarantine(CLI::App& root);
Command add_link(CLI::App& root);
Command add_explain(CLI::App& root);
Command add_init(CLI::App& root);
Command add_load(CLI::App& root);
Command add_export(CLI::App& root);
Command add_withdraw(CLI::App& root);
Command add_diff(CLI::App& root);
Command add_backup(CLI::App& root);
Command add_restore(CLI::App& root);
Command add_audit(CLI::App& root);

// An option that also listens to CASEBRIDGE_NAME.
template <typename T>
CLI::Option* option(CLI::App* app, const std::string& flags, T& value, const std::string& text) {
  CLI::Option* added = app->add_option(flags, value, text);
  std::string name = added->get_lnames().empty() ? "" : "CASEBRIDGE_" + added->get_lnames().front();
  for (char& c : name) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (!name.empty()) added->envname(name);
  return added;
}

int run_command_line(int argc, char** argv);

// man page (roff), and completion for bash, zsh or fish, from the same declarations.
std::string man_page(const CLI::App& root);
std::string completion(const CLI::App& root, const std::string& shell);

}  // namespace casebridge::cli
