#include "cli/help_form.hpp"

#include "base/text.hpp"
#include "cli/words.hpp"

namespace casebridge::cli {
namespace {

class HelpForm final : public CLI::Formatter {
 public:
  HelpForm() {
    column_width(34);
    label("OPTIONS", tr("OPTIONS"));
    label("SUBCOMMAND", tr("COMMAND"));
    label("SUBCOMMANDS", tr("COMMANDS"));
    label("Positionals", tr("Arguments"));
  }

  std::string make_usage(const CLI::App* app, std::string) const override {
    std::string path = app->get_name();
    for (const CLI::App* up = app->get_parent(); up; up = up->get_parent()) path = up->get_name() + " " + path;
    const std::string line = CLI::Formatter::make_usage(app, path);  // "Usage: casebridge convert ..."
    return tr("Usage") + colon() + line.substr(line.find(':') + 1);
  }

  // The title of a group without its colon; CLI11 adds that.
  std::string make_group(std::string group, bool positional, std::vector<const CLI::Option*> options) const override {
    if (group == "Options") group = tr("Options");
    if (french()) group += "\u00a0";
    return CLI::Formatter::make_group(std::move(group), positional, std::move(options));
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    std::string out;
    if (option->get_type_size() != 0) {
      if (const std::string kind = value_kind(option->get_type_name()); !kind.empty()) out += " " + kind;
      if (!option->get_default_str().empty()) out += "=" + option->get_default_str();
      if (option->get_expected_max() == CLI::detail::expected_max_vector_size) out += " ...";
      if (option->get_required()) out += " " + tr("(required)");
    }
    if (!option->get_envname().empty()) out += " (" + tr("environment") + colon() + " " + option->get_envname() + ")";
    return out;
  }

 private:
  // CLI11 says TEXT:{en,fr} or FLOAT:FLOAT in [0 - 1]; people read the choices, or what kind of value in which range.
  static std::string value_kind(const std::string& type) {
    if (type.empty()) return {};
    if (const size_t choices = type.find('{'); choices != type.npos) return type.substr(choices);
    const std::string kind = type.rfind("TEXT", 0) == 0 ? tr("TEXT") : tr("NUMBER");
    const size_t range = type.find('[');
    return range == type.npos ? kind : kind + " " + type.substr(range);
  }
};

void localise(CLI::App& app, const std::shared_ptr<HelpForm>& form) {
  app.formatter(form);
  app.set_help_flag("-h,--help", tr("Show this help and stop."));
  if (app.get_parent()) app.group(french() ? tr("Commands") + "\u00a0" : tr("Commands"));
  for (CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) localise(*sub, form);
}

}  // namespace

void localise_help(CLI::App& root) { localise(root, std::make_shared<HelpForm>()); }

}  // namespace casebridge::cli
