// casebridge schema: the case schema as XSD, as JSON Schema, or as a page of fields.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "handle/policy.hpp"
#include "host/registry.hpp"
#include "job/job_file.hpp"

namespace casebridge::cli {
namespace {

// Beside the program, in a build tree and installed alike.
std::string schema_file(const std::string& name) {
  const std::filesystem::path path = host::program_folder() / ".." / "share" / "casebridge" / "schemas" / name;
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw Failure{Exit::internal, fill(tr("The file {0} of this installation is missing."), std::vector<std::string>{name}),
                  tr("Install casebridge again.")};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Command add_schema(CLI::App& root) {
  CLI::App* app = root.add_subcommand("schema", tr("Print a schema: of case data, of mapping files, of policies, of jobs."));
  auto which = std::make_shared<std::string>();
  app->add_option("WHICH", *which,
                  tr("xsd (case data, XML), json (case data, JSON), fields (a page of all fields), mapping (mapping files), policy (policy "
                     "files), job (job files)"))
      ->required()
      ->check(CLI::IsMember({"xsd", "json", "fields", "mapping", "policy", "job"}));
  return {app, [=](const Common&) {
            if (*which == "xsd") print(schema_file("case.xsd"));
            else if (*which == "json") print(schema_file("case.schema.json"));
            else if (*which == "mapping") print(schema_file("mapping.schema.json"));
            else if (*which == "job") print(job::job_schema());
            else if (*which == "policy") print(handle::policy_schema());
            else print(schema_file(french() ? "fields.fr.md" : "fields.en.md"));
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli
