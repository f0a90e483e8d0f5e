#include "cli/plugin_new.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "draft/draft.hpp"

namespace casebridge::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

void write(const fs::path& folder, const draft::Draft& made) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw Failure{Exit::usage, fill(tr("{0} is there already."), Words{folder.string()}), tr("Name another folder with -o, or remove it.")};
  for (const draft::File& file : made.files) {
    const fs::path path = folder / file.name;
    fs::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    if (!out.flush()) throw Failure{Exit::usage, fill(tr("{0} cannot be written."), Words{path.string()}), {}};
  }
}

}  // namespace

Exit new_plugin(const Common& common, const PluginNew& ask) {
  const std::string id = !ask.id.empty() ? ask.id : ask.sample.empty() ? "new-feed" : draft::id_from(ask.sample);
  if (!draft::good_id(id))
    throw Failure{Exit::usage, fill(tr("{0} is no id of a plugin."), Words{id}),
                  tr("Small letters, digits and single hyphens, beginning with a letter: shelter-tips.")};
  std::string name = id;
  std::replace(name.begin(), name.end(), '-', '_');
  const fs::path folder = ask.folder.empty() ? fs::path(name) : fs::path(ask.folder);
  draft::Draft made;
  try {
    made = ask.sample.empty() ? draft::empty_template(id) : draft::from_sample(ask.sample, id, {common.in_process, common.no_sandbox});
  } catch (const draft::NoDraft& e) { throw Failure{Exit::usage, e.what(), e.fix}; }
  write(folder, made);

  Table table({tr("Source"), tr("Becomes"), tr("Why")});
  std::vector<std::string> items;
  size_t mapped = 0, sensitive = 0;
  for (const draft::Line& line : made.lines) {
    mapped += line.mapped;
    sensitive += line.sensitive;
    if (common.json)
      items.push_back(JsonObject()
                          .text("source", line.place)
                          .text("becomes", line.becomes)
                          .truth("mapped", line.mapped)
                          .truth("sensitive", line.sensitive)
                          .text("why", line.why)
                          .done());
    else table.row({line.place, line.becomes, line.why});
  }
  if (common.json) {
    print(JsonObject()
              .text("plugin", id)
              .text("folder", folder.string())
              .number("records", made.records)
              .raw("columns", json_array(items))
              .done() +
          "\n");
    return Exit::ok;
  }
  print(bold(id) + "  " + folder.string() + "\n" + table.text() + "\n" +
        fill(tr("Source records read: {0}. Columns: {1}, of which {2} are mapped and the rest kept in ext; sensitive: {3}."),
             Words{grouped(ask.sample.empty() ? 0 : made.records), std::to_string(made.lines.size()), std::to_string(mapped),
                   std::to_string(sensitive)}) +
        "\n");
  if (made.cut && !common.quiet) say(tr("The sample is large: only its first 32 MiB were read."));
  if (!common.quiet)
    say(dim(fill(tr("Next: read {0}, then casebridge plugin test {1}"), Words{(folder / "mapping.yaml").string(), folder.string()})));
  return Exit::ok;
}

}  // namespace casebridge::cli
