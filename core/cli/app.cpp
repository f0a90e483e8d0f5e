#include "cli/app.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/help_form.hpp"
#include "cli/language.hpp"
#include "emit/sink.hpp"
#include "handle/policy.hpp"
#include "job/job_file.hpp"
#include "normalise/tokens.hpp"
#include "store/sqlite.hpp"
#include "base/suggest.hpp"
#include "worker/builtins.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::cli {
namespace {

// casebridge.yaml in the working folder: option names as on the command line, at the top for all commands or under a
// command's name. Read by CLI11 as its configuration, which stands below flags and environment.
class ProjectFile final : public CLI::Config {
 public:
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }
  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    std::vector<CLI::ConfigItem> items;
    const YAML::Node root = YAML::Load(in);
    if (!root.IsMap()) return items;
    for (const auto& entry : root) add(entry.first.as<std::string>(), entry.second, {}, items);
    return items;
  }

 private:
  static void add(const std::string& name, const YAML::Node& node, const std::vector<std::string>& parents,
                  std::vector<CLI::ConfigItem>& items) {
    if (node.IsMap()) {
      auto inner = parents;
      inner.push_back(name);
      for (const auto& entry : node) add(entry.first.as<std::string>(), entry.second, inner, items);
      return;
    }
    CLI::ConfigItem item;
    item.parents = parents;
    item.name = name;
    if (node.IsSequence())
      for (const auto& value : node) item.inputs.push_back(value.as<std::string>());
    else item.inputs.push_back(node.as<std::string>());
    items.push_back(std::move(item));
  }
};

// The words CLI11 throws are English only; ours name what was wrong and the nearest right word.
// "--lang: zz not in {en,fr}" and its like, without their English: what was said, and the choices where there are any.
std::string fitting(std::string what) {
  for (const std::string_view english : {"Could not convert: ", "Value ", "Number "})
    if (const size_t at = what.find(english); at != what.npos) what.erase(at, english.size());
  for (const std::string_view english : {" not in range ", " not in "})
    if (const size_t at = what.find(english); at != what.npos) what.replace(at, english.size(), "; ");
  return what;
}

std::string usage_words(const CLI::ParseError& error, CLI::App& root) {
  const CLI::App* called = &root;
  for (;;) {
    const auto subs = called->get_subcommands();
    if (subs.empty()) break;
    called = subs.front();
  }
  const auto is = [&](CLI::ExitCodes code) { return error.get_exit_code() == static_cast<int>(code); };  // its name may be the command's
  const auto words = [&](const char* english, const std::string& what) { return fill(tr(english), std::vector<std::string>{what}); };
  if (is(CLI::ExitCodes::ExtrasError)) {
    std::vector<std::string> extra = called->remaining();
    if (extra.empty()) extra = root.remaining(true);
    const std::string unknown = extra.empty() ? "" : extra.front();
    std::vector<std::string> known;
    for (const CLI::App* app : {static_cast<const CLI::App*>(&root), called}) {
      for (const CLI::Option* opt : app->get_options())
        for (const auto& lname : opt->get_lnames()) known.push_back("--" + lname);
      if (unknown.rfind("-", 0) != 0)
        for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; })) known.push_back(sub->get_name());
    }
    std::string out =
        words(unknown.rfind("-", 0) == 0 ? "There is no option {0} here." : "{0} is not a command or argument that fits here.", unknown);
    if (const std::string near = nearest(unknown, known); !near.empty()) out += " " + words("Did you mean {0}?", near);
    return out;
  }
  if (is(CLI::ExitCodes::RequiredError)) {
    if (called->get_subcommands([](const CLI::App*) { return true; }).size() && called->get_require_subcommand_min() > 0)
      return tr("A command is missing.");
    std::string what = error.what();
    if (const size_t at = what.find(" is required"); at != what.npos) what.resize(at);
    return words("{0} is missing.", what);
  }
  const std::string what = error.what();
  if (is(CLI::ExitCodes::ArgumentMismatch))
    return words("An option lacks its value, or has one too many: {0}.", what.substr(0, what.find_first_of(": ")));
  if (is(CLI::ExitCodes::ConversionError) || is(CLI::ExitCodes::ValidationError))
    return words("A value does not fit its option: {0}.", fitting(what));
  if (is(CLI::ExitCodes::FileError) || is(CLI::ExitCodes::ConfigError))
    return words("The project file casebridge.yaml cannot be used: {0}.", error.what());
  return error.what();
}

void report(const Failure& failure) {
  say(red("casebridge: ") + failure.message);
  if (!failure.hint.empty()) say("  " + failure.hint);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  install_builtins();
  choose_language(argc, argv);

  CLI::App root{tr("casebridge brings records of police, correctional and partner systems into one case schema."), "casebridge"};
  Common common;
  std::string lang, shell;
  bool man = false;
  root.require_subcommand(0, 1);
  root.fallthrough();
  root.set_version_flag("--version", "casebridge " CASEBRIDGE_VERSION, tr("Show the version and stop."));
  root.add_option("--lang", lang, tr("Language of every message: en or fr (else the locale's)."))
      ->envname("CASEBRIDGE_LANG")
      ->check(CLI::IsMember({"en", "fr"}));
  root.add_flag("--json", common.json, tr("Write results to standard output as JSON, for machines."));
  root.add_flag("-q,--quiet", common.quiet, tr("No progress and no summary; findings and errors are still told."));
  root.add_flag("--allow-unsandboxed", common.no_sandbox, tr("Read untrusted input even where the system cannot confine the worker."))
      ->envname("CASEBRIDGE_ALLOW_UNSANDBOXED");
  root.add_flag("--in-process", common.in_process, tr("Run readers inside this process; for debugging only."))
      ->envname("CASEBRIDGE_IN_PROCESS");
  root.add_option("--completion", shell, tr("Print the completion script for a shell and stop."))
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  root.add_flag("--man", man, tr("Print the manual page and stop."));
  root.set_config("--config", "casebridge.yaml", tr("Project file with defaults of options."))->envname("CASEBRIDGE_CONFIG");
  root.config_formatter(std::make_shared<ProjectFile>());
  root.footer(
      tr("Every command tells more with --help. Exit codes: 0 success, 2 usage, 3 some records quarantined, 5 input missing, 7 refused by "
         "policy, 9 integrity failure; the README has them all."));

  const std::vector<Command> commands{add_formats(root), add_inspect(root),    add_convert(root), add_validate(root), add_link(root),
                                      add_explain(root), add_trace(root),      add_schema(root),  add_plugin(root),   add_key(root),
                                      add_run(root),     add_quarantine(root), add_init(root),    add_load(root),     add_export(root),
                                      add_audit(root),   add_withdraw(root),   add_diff(root),    add_backup(root),   add_restore(root)};
  localise_help(root);

  try {
    root.parse(argc, argv);
    if (man) {
      print(man_page(root));
      return 0;
    }
    if (!shell.empty()) {
      print(completion(root, shell));
      return 0;
    }
    for (const Command& command : commands)
      if (command.app->parsed()) return static_cast<int>(command.action(common));
    print(root.help());
    return static_cast<int>(Exit::usage);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* called = &root;
    while (!called->get_subcommands().empty()) called = called->get_subcommands().front();
    print(called->help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print("casebridge " CASEBRIDGE_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    report({Exit::usage, usage_words(error, root), tr("casebridge --help lists the commands; COMMAND --help its options.")});
    return static_cast<int>(Exit::usage);
  } catch (const Failure& failure) {
    report(failure);
    return static_cast<int>(failure.exit);
  } catch (const store::StoreError& error) {
    report({error.exit, error.what(), error.hint});
    return static_cast<int>(error.exit);
  } catch (const handle::PolicyError& error) {
    const Exit exit = error.refusal ? Exit::policy : Exit::usage;
    report({exit, error.what(),
            error.refusal ? tr("Ask the custodian of the data; only the policy file grants a release.")
                          : tr("casebridge schema policy shows the form of a policy file.")});
    return static_cast<int>(exit);
  } catch (const job::JobError& error) {
    report({Exit::usage, error.what(), tr("casebridge schema job shows the form of a job file; run --check says what is wrong with one.")});
    return static_cast<int>(Exit::usage);
  } catch (const normalise::TokenKeyError& error) {
    report({Exit::usage, error.what(), tr("casebridge key makes a new key file.")});
    return static_cast<int>(Exit::usage);
  } catch (const emit::IoError& error) {
    report({Exit::temporary, error.what(), tr("Check the place, its free room and the access rights.")});
    return static_cast<int>(Exit::temporary);
  } catch (const std::exception& error) {
    report({Exit::internal, fill(tr("A defect of the program: {0}"), std::vector<std::string>{error.what()}),
            tr("Please report it with the command that led here, but never with case data.")});
    return static_cast<int>(Exit::internal);
  }
}

}  // namespace casebridge::cli
