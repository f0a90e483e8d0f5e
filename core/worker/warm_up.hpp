// What libraries load from files or set up at their first use, done while files may still be opened: libxml2's tables and
// its handlers, OpenSSL's configuration, ICU's data for patterns, the tables of the model. Called before the sandbox closes, in
// every worker and before every session in this process; a second call costs nothing.
#pragma once

namespace casebridge {

void warm_up();

}  // namespace casebridge
