// Words that several commands say.
#pragma once
#include <string>

#include "base/finding.hpp"
#include "base/text.hpp"
#include "host/manifest.hpp"

namespace casebridge::cli {

inline std::string title_of(const host::FormatInfo& f) { return french() && !f.title_fr.empty() ? f.title_fr : f.title_en; }
inline std::string title_of(const host::PluginInfo& p) { return french() && !p.title_fr.empty() ? p.title_fr : p.title_en; }
inline std::string colon() { return french() ? "\u00a0:" : ":"; }  // French has a no-break space before it
std::string finding_words(const Finding&);                         // one line for a person, through the gate, with the fix on a second line

}  // namespace casebridge::cli
