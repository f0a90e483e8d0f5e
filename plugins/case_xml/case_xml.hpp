#pragma once
#include "casebridge/plugin.h"

namespace casebridge {
extern const cb_plugin case_xml_plugin;
}
