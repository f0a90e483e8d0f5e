// The user's XML Schemas, and documents held against them in the same pass in which they are read.
//
//   XsdSet set;
//   if (!set.load({folder}, {}, report)) ...                 // exit 2: a path is wrong
//   if (!set.preload(ns, name, report)) ...                  // exit 2: the schema itself is broken, and where
//   XmlOptions options; auto judge = set.judge(XsdSet::Mode::fast);  options.judge = judge.get(); options.ids = &set.ids();
//
// preload() is called before the sandbox closes: it compiles, first in a child under a time limit, because a schema
// can keep a compiler busy for ever. Afterwards nothing opens a file. A loaded set is read-only: judges of one set may
// work in different threads, one thread each. One load or preload at a time in a process.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "read/xml_judge.hpp"
#include "validate/xsd_index.hpp"

namespace casebridge::validate {

struct XsdOptions {
  std::filesystem::path catalog;  // catalog.yaml or an OASIS XML catalogue
  uint32_t compile_seconds = 20;  // of processor time, per entry point
  bool trial = true;              // compile in a child first; off where the caller is such a child already
};

struct CompiledXsd;  // one entry point, compiled

class XsdSet {
 public:
  enum class Mode { fast, strict };  // libxml2 in the same pass; Xerces-C, which is the verdict of record

  XsdSet();
  ~XsdSet();
  XsdSet(XsdSet&&) noexcept;
  XsdSet& operator=(XsdSet&&) noexcept;

  bool load(const std::vector<std::filesystem::path>& paths, XsdOptions options, const read::XmlReport& report);
  // Compiles what documents of this root need. False: that schema is broken (reported with file and line). A root that
  // no schema declares is true: the document's own finding says so. Findings here have `input` = the schema file.
  bool preload(std::string_view ns, std::string_view name, Mode mode, const read::XmlReport& report);
  bool preload_all(Mode mode, const read::XmlReport& report);  // every entry point; the broken ones are reported

  const XsdIndex& index() const { return index_; }
  const std::vector<read::XmlIdAttribute>& ids() const { return ids_; }
  std::string schema_for(std::string_view ns, std::string_view name) const;  // path of the entry point, or empty

  // The set outlives the judge. A judge is for one document.
  std::unique_ptr<read::XmlJudge> judge(Mode mode) const;
  const CompiledXsd* compiled(std::string_view ns, std::string_view name, Mode mode) const;

 private:
  bool compile(uint32_t file, Mode mode, const read::XmlReport& report);
  XsdIndex index_;
  XsdOptions options_;
  std::vector<read::XmlIdAttribute> ids_;
  std::map<std::pair<uint32_t, Mode>, std::unique_ptr<CompiledXsd>> compiled_;
};

}  // namespace casebridge::validate
