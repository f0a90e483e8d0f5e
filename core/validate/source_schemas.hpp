// The schemas a user gives for the documents of a feed (--schema, --strict), as options of a reader and as the check that
// the reader holds against its documents.
#pragma once
#include <memory>
#include <span>

#include "casebridge/plugin.h"
#include "read/source_check.hpp"

namespace casebridge::validate {

// "schema" (a path; repeatable), "strict", "recover": declared once, here, for every reader that takes them.
std::span<const cb_option> schema_options();

// What the host adds for a document whose root element it has seen: "NAMESPACE LOCALNAME" (either may be empty). Only a
// hint which schema to compile first.
inline constexpr char kRootSetting[] = "casebridge.root";

enum class Kind { xml, json };

// Reads and compiles, so call it from cb_prepare. nullptr: no schema was given. Throws Failure(CB_E_OPTION) with the code of
// the finding and its arguments, file and line among them, where a path is wrong or a schema is broken.
std::shared_ptr<const read::SourceCheck> load_schemas(const cb_args&, Kind);

// A check of JSON that looks only whether it is JSON.
std::shared_ptr<const read::SourceCheck> allow_all_json();

}  // namespace casebridge::validate
