// Every validator the schemas must please, behind one face: each says yes or no to one record.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace casebridge::fixtures {

struct Judge {
  virtual ~Judge() = default;
  virtual bool valid(const std::string& document) = 0;
};

std::unique_ptr<Judge> xerces_judge(const std::string& xsd_path);   // XML, schema full checking on
std::unique_ptr<Judge> libxml2_judge(const std::string& xsd_path);  // XML
std::unique_ptr<Judge> json_schema_judge(const std::string& path);  // 2020-12, our evaluator
std::unique_ptr<Judge> draft4_judge(const std::string& path);       // draft-04 twin, RapidJSON

}  // namespace casebridge::fixtures
