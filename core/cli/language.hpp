// The language is needed before the options are parsed, because the options describe themselves in it.
#pragma once
namespace casebridge::cli {

void choose_language(int argc, char** argv);  // --lang, CASEBRIDGE_LANG, LC_ALL, LC_MESSAGES, LANG, else English

}  // namespace casebridge::cli
