#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "schema/judges.hpp"
#include "validate/json_schema/schema.hpp"

namespace casebridge::fixtures {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

class Ours : public Judge {
 public:
  explicit Ours(const std::string& path) {
    schema::CompileError error;
    schema_ = schema::Schema::compile(content_of(path), "urn:casebridge:case:1", schema::Settings(), {}, error);
    if (!schema_) throw std::runtime_error(path + ": " + error.what);
  }
  bool valid(const std::string& document) override {
    schema::ParseError error;
    const auto parsed = schema::Document::parse(document, error);
    return parsed && schema_->valid(*parsed);
  }

 private:
  std::unique_ptr<schema::Schema> schema_;
};

class Draft4 : public Judge {
 public:
  explicit Draft4(const std::string& path) {
    rapidjson::Document text;
    text.Parse(content_of(path).c_str());
    if (text.HasParseError()) throw std::runtime_error(path + " is not JSON");
    schema_ = std::make_unique<rapidjson::SchemaDocument>(text);
  }
  bool valid(const std::string& document) override {
    rapidjson::Document parsed;
    parsed.Parse(document.data(), document.size());
    rapidjson::SchemaValidator validator(*schema_);
    return !parsed.HasParseError() && parsed.Accept(validator);
  }

 private:
  std::unique_ptr<rapidjson::SchemaDocument> schema_;
};

}  // namespace

std::unique_ptr<Judge> json_schema_judge(const std::string& path) { return std::make_unique<Ours>(path); }
std::unique_ptr<Judge> draft4_judge(const std::string& path) { return std::make_unique<Draft4>(path); }

}  // namespace casebridge::fixtures
