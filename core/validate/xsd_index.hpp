// The user's schema files, read once into memory: which file declares what, which leads to which. After that no file
// is opened again: libxml2 and Xerces get their bytes from here. Schema locations resolve inside the folders given,
// through the catalogue, or by namespace; never anywhere else.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "read/xml_ids.hpp"

namespace casebridge::validate {

struct XsdLink {
  std::string ns, location;  // location empty: the import names only its namespace
  bool import = true;        // else include or redefine
};

struct XsdFile {
  std::string url;   // "/0/sub/name.xsd": the name under which it is known to a schema compiler
  std::string path;  // as the user would write it
  std::string bytes;
  std::string ns;                               // targetNamespace
  std::set<std::string, std::less<>> elements;  // global
  std::vector<XsdLink> links;
  std::string problem;  // not well-formed: why, and where
  uint64_t problem_line = 0;
};

class XsdIndex {
 public:
  // False: a path cannot be read; what is wrong was reported. `catalog` is optional (catalog.yaml, or an OASIS XML
  // catalogue); a file catalog.yaml or catalog.xml in a folder counts by itself.
  bool load(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& catalog, const read::XmlReport& report);

  const std::vector<XsdFile>& files() const { return files_; }
  const std::vector<uint32_t>& tops() const { return tops_; }  // entry points: files that no other file leads to
  std::optional<uint32_t> find(std::string_view url) const;
  // Where a link of a file leads; nothing: nowhere inside the folders.
  std::optional<uint32_t> resolve(uint32_t from, const XsdLink& link) const;
  std::set<uint32_t> closure(uint32_t file) const;  // the file and all it leads to
  std::optional<uint32_t> entry_for(std::string_view ns, std::string_view name) const;
  bool reaches(uint32_t file, std::string_view ns, std::string_view name) const;  // it, or a file it leads to, declares this element
  std::vector<read::XmlIdAttribute> id_attributes() const;

 private:
  struct Attribute {
    std::string ns, name;
    read::XmlIdKind kind;
  };
  void read_file(const std::filesystem::path& path, std::string url, const read::XmlReport& report);
  void scan(XsdFile& file);
  bool declares(uint32_t file, std::string_view ns, std::string_view name) const;
  void load_catalog(const std::filesystem::path& file, const std::string& base, const read::XmlReport& report);
  std::vector<XsdFile> files_;
  std::map<std::string, uint32_t, std::less<>> by_url_;
  std::map<std::string, std::string, std::less<>> catalog_;  // namespace or location -> url
  std::vector<uint32_t> tops_, chosen_;                      // chosen: files named by the user one by one
  std::vector<std::set<uint32_t>> leads_to_;
  std::vector<Attribute> attributes_;
};

// catalog.yaml: "namespaces:" and "locations:", each a map to a file beside it. {name, file} pairs.
std::vector<std::pair<std::string, std::string>> read_yaml_catalog(const std::string& text, std::string& problem);

}  // namespace casebridge::validate
