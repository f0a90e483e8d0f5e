// How --help looks, in the language of the run: CLI11's own form knows English only.
#pragma once
#include <CLI/CLI.hpp>

namespace casebridge::cli {

void localise_help(CLI::App& root);  // called once, when all commands and options stand

}  // namespace casebridge::cli
