// The language is needed before the options are parsed, because the options describe themselves in it.
#pragma once
#include <string>

namespace casebridge::cli {

void choose_language(int argc, char** argv);  // --lang, CASEBRIDGE_LANG, LC_ALL, LC_MESSAGES, LANG, else English
std::string program_folder();                 // where the running program lies

}  // namespace casebridge::cli
