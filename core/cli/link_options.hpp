// What link and explain ask alike.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "pipeline/plan.hpp"
#include "resolve/linking.hpp"

namespace casebridge::cli {

struct LinkOptions {
  std::string model, decisions, memory;
  std::vector<std::string> deduplicated;
};

std::shared_ptr<LinkOptions> add_link_options(CLI::App* app);
resolve::Settings link_settings(const LinkOptions& o, const pipeline::Plan& plan,
                                bool quiet);     // reads and checks its files; throws Failure
std::string file_text(const std::string& path);  // throws Failure
uint64_t size_of(const std::string& text);       // "500M", "2G"; throws Failure

}  // namespace casebridge::cli
