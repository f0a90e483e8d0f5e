// modelgen SCHEMAS --build DIR    model_tables.cpp and casebridge/model.h into the build tree
// modelgen SCHEMAS --write DIR    what is committed under schemas/generated; new fields get their tags here
// Writes a file only when its content changed, so that nothing is rebuilt without need.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "model/modelgen/model_def.hpp"

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

}  // namespace

int main(int argc, char** argv) try {
  const std::string mode = argc == 4 ? argv[2] : "";
  if (mode != "--build" && mode != "--write") {
    std::cerr << "usage: modelgen SCHEMAS --build|--write DIR\n";
    return 2;
  }
  const std::string schemas = argv[1];
  modelgen::Model model = modelgen::read_model(schemas);
  modelgen::Files files;
  std::string lock;
  modelgen::assign_tags(model, schemas + "/generated/model.lock", mode == "--write", lock);
  if (mode == "--build") {
    modelgen::write_tables(model, files);
    modelgen::write_header(model, files);
    files.emplace("model/model_tables.cpp", std::move(files.extract("model_tables.cpp").mapped()));
  } else {
    files["model.lock"] = lock;
  }
  put(argv[3], files);
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
