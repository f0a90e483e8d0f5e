#pragma once
#include "casebridge/plugin.h"

namespace casebridge {
extern const cb_plugin case_jsonl_plugin;
}
