#include "cli/app.hpp"

int main(int argc, char** argv) { return casebridge::cli::run_command_line(argc, argv); }
