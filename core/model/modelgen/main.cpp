// modelgen SCHEMAS --build DIR    model_tables.cpp and casebridge/model.h into the build tree
// modelgen SCHEMAS --write DIR    what is committed under schemas/generated; new fields get their tags here
// modelgen SCHEMAS --check DIR    the same, but compares and names what is stale (exit 1)
// modelgen SCHEMAS --fixtures DIR fixtures.jsonl, for the tests
// Writes a file only when its content changed, so that nothing is rebuilt without need.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "model/modelgen/fixtures.hpp"

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

void put(const fs::path& dir, const modelgen::Files& files) {
  for (const auto& [name, content] : files) {
    const fs::path path = dir / name;
    fs::create_directories(path.parent_path());
    if (fs::exists(path) && content_of(path) == content) continue;
    std::ofstream out(path, std::ios::binary);
    out << content;
    out.close();
    if (!out) throw modelgen::ModelError(path.string() + ":1: cannot be written");
  }
}

bool fresh(const fs::path& dir, const modelgen::Files& files) {
  bool good = true;
  for (const auto& [name, content] : files)
    if (content_of(dir / name) != content) {
      std::cerr << (dir / name).string() << ": stale; build the target model-update and commit the result\n";
      good = false;
    }
  for (const auto& entry : fs::directory_iterator(dir))
    // The pages of the mapping language lie here too; mapping_pages_are_fresh looks after them.
    if (const std::string name = entry.path().filename().string(); !files.count(name) && !name.starts_with("mapping.")) {
      std::cerr << entry.path().string() << ": not written by modelgen\n";
      good = false;
    }
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string mode = argc == 4 ? argv[2] : "";
  if (mode != "--build" && mode != "--write" && mode != "--check" && mode != "--fixtures") {
    std::cerr << "usage: modelgen SCHEMAS --build|--write|--check|--fixtures DIR\n";
    return 2;
  }
  const std::string schemas = argv[1];
  modelgen::Model model = modelgen::read_model(schemas);
  modelgen::Files files;
  std::string lock;
  modelgen::assign_tags(model, schemas + "/generated/model.lock", mode == "--write" || mode == "--check", lock);
  if (mode == "--build") {
    modelgen::write_tables(model, files);
    modelgen::write_header(model, files);
    files.emplace("model/model_tables.cpp", std::move(files.extract("model_tables.cpp").mapped()));
  } else if (mode == "--fixtures") {
    modelgen::write_fixtures(model, files);
  } else {
    files["model.lock"] = lock;
    modelgen::write_xsd(model, files);
    modelgen::write_json_schema(model, files);
    modelgen::write_pages(model, files);
    modelgen::write_sql(model, files);
  }
  if (mode == "--check") return fresh(argv[3], files) ? 0 : 1;
  put(argv[3], files);
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
