// The feed's own schema, held against its documents while they are read. What it is made of (XML Schema, JSON Schema)
// is the business of core/validate; the readers see this face only. Loaded before the sandbox closes; read-only and
// for any thread afterwards.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "read/xml_ids.hpp"
#include "read/xml_judge.hpp"

namespace casebridge::read {

// A JSON document or lines of JSON, byte by byte as they are read.
class JsonCheck {
 public:
  virtual ~JsonCheck() = default;
  virtual void feed(std::string_view bytes, const XmlReport& report) = 0;
  virtual void finish(const XmlReport& report) = 0;  // the input ended
};

class SourceCheck {
 public:
  virtual ~SourceCheck() = default;
  virtual std::unique_ptr<XmlJudge> judge() const = 0;                  // for one document; nullptr: no XML Schema was given
  virtual const std::vector<XmlIdAttribute>& ids() const = 0;           // attributes that the schema types as identifiers
  virtual std::unique_ptr<JsonCheck> json_check(bool lines) const = 0;  // for one input; nullptr: no JSON Schema was given
};

}  // namespace casebridge::read
