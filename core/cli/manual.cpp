// The manual page and shell completion, made from the declarations of the command line, so they cannot differ from it.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/words.hpp"

namespace casebridge::cli {
namespace {

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

std::vector<const CLI::App*> children(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> visible(const CLI::App& app) {
  std::vector<const CLI::Option*> out;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) out.push_back(option);
  return out;
}

void manual_options(const CLI::App& app, std::string& out) {
  for (const CLI::Option* option : visible(app)) {
    out += ".TP\n.B " + roff(option->get_name(option->get_positional(), true)) + "\n" + roff(option->get_description()) + "\n";
    if (!option->get_envname().empty()) out += roff(tr("environment") + colon() + " " + option->get_envname()) + "\n";
  }
}

void manual_command(const CLI::App& app, const std::string& prefix, std::string& out) {
  const std::string name = prefix + " " + app.get_name();
  out += ".SS " + roff(name) + "\n" + roff(app.get_description()) + "\n";
  manual_options(app, out);
  for (const CLI::App* child : children(app)) manual_command(*child, name, out);
}

std::string words_of(const CLI::App& app) {
  std::string out;
  for (const CLI::App* child : children(app)) out += child->get_name() + " ";
  for (const CLI::Option* option : visible(app))
    for (const auto& name : option->get_lnames()) out += "--" + name + " ";
  if (!out.empty()) out.pop_back();
  return out;
}

void bash_cases(const CLI::App& app, const std::string& path, std::string& out) {
  out += "    \"" + path + "\") words=\"" + words_of(app) + "\" ;;\n";
  for (const CLI::App* child : children(app)) bash_cases(*child, path + " " + child->get_name(), out);
}

}  // namespace

std::string man_page(const CLI::App& root) {
  std::string out =
      ".TH CASEBRIDGE 1 \"\" \"casebridge\"\n.SH " + roff(tr("NAME")) + "\ncasebridge \\- " + roff(root.get_description()) + "\n";
  out += ".SH " + roff(tr("SYNOPSIS")) + "\n.B casebridge\n" + roff(tr("COMMAND")) + " [" + roff(tr("OPTIONS")) + "]\n";
  out += ".SH " + roff(tr("OPTIONS")) + "\n";
  manual_options(root, out);
  out += ".SH " + roff(tr("COMMANDS")) + "\n";
  for (const CLI::App* child : children(root)) manual_command(*child, "casebridge", out);
  out += ".SH " + roff(tr("EXIT STATUS")) + "\n" + roff(root.get_footer()) + "\n";
  return out;
}

std::string completion(const CLI::App& root, const std::string& shell) {
  if (shell == "fish") {
    std::string out = "complete -c casebridge -f\n";
    for (const CLI::App* child : children(root)) {
      out += "complete -c casebridge -n __fish_use_subcommand -a " + child->get_name() + "\n";
      for (const CLI::Option* option : visible(*child))
        for (const auto& name : option->get_lnames())
          out += "complete -c casebridge -n '__fish_seen_subcommand_from " + child->get_name() + "' -l " + name + " -F\n";
    }
    return out;
  }
  // zsh reads bash's completion through bashcompinit.
  std::string out = shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  out +=
      "_casebridge() {\n  local path=casebridge words= i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${COMP_WORDS[i]}\" in -*) ;; *) case \"$path ${COMP_WORDS[i]}\" in\n";
  std::string paths;
  for (const CLI::App* child : children(root)) {
    paths += "\"casebridge " + child->get_name() + "\"|";
    for (const CLI::App* grand : children(*child)) paths += "\"casebridge " + child->get_name() + " " + grand->get_name() + "\"|";
  }
  if (!paths.empty()) paths.pop_back();
  out += "      " + paths + ") path=\"$path ${COMP_WORDS[i]}\" ;; esac ;; esac\n  done\n  case \"$path\" in\n";
  bash_cases(root, "casebridge", out);
  out +=
      "  esac\n  COMPREPLY=($(compgen -W \"$words\" -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o filenames -F _casebridge "
      "casebridge\n";
  return out;
}

}  // namespace casebridge::cli
