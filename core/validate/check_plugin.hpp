// The built-in plugin "check": any XML or JSON document, without a mapping, read against its own schema (or, without one,
// only to see whether it is well formed). It delivers source records and no case records. Never recognised, only named:
// formats "xml-document" and "json-document".
#pragma once
#include "casebridge/plugin.h"

namespace casebridge::validate {

const cb_plugin& check_plugin();

}  // namespace casebridge::validate
