// Writing a case data set. What comes in has passed the gate (handle/cleared.hpp); there is no other way in.
//
//   auto writer = make_writer("case-jsonl", place, options);
//   writer->begin(gate.dataset(...));                 Dataset line
//   writer->lines(gate.pass(source_lines));           Source lines, records: in the order in which they shall stand
//   writer->finish();                                 DatasetEnd; only now is there a file
//
// On more than one core the costly part is split from the ordered one: each thread has an Encoder of its own and makes
// Chunks; put() takes them in order. The bytes are the same whatever the cut.
// Errors: IoError (sink.hpp). A writer that is destroyed without finish() leaves no file.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "emit/sink.hpp"
#include "emit/wire_lines.hpp"
#include "handle/cleared.hpp"

namespace casebridge {
class BatchBuilder;
}

namespace casebridge::emit {

struct Chunk {
  std::string bytes;                                            // of a line format
  std::string hashed;                                           // JSON Lines spelling, where `bytes` is another
  std::vector<std::pair<const model::Node*, uint64_t>> counts;  // by type; Source lines count as sources
  std::vector<std::pair<uint32_t, std::string>> tables;         // of a table format: rows by type and repeated block
  std::shared_ptr<BatchBuilder> batch;                          // of a format that a plugin writes (pipeline/plugin_output.hpp)
  void clear();
  void count(const model::Node* type);
};

class Encoder {  // one for each thread
 public:
  virtual ~Encoder() = default;
  void encode(const handle::Cleared& cleared, Chunk& into) { records(cleared.records(), into); }  // appends

 protected:
  friend class BatchWriter;  // behind the ABI: batches that the host let through
  virtual void records(std::span<const Record>, Chunk& into) = 0;
};

class CaseWriter {
 public:
  virtual ~CaseWriter() = default;
  virtual std::unique_ptr<Encoder> encoder() const = 0;  // [any-thread]
  void begin(const handle::Cleared& dataset);            // exactly one Dataset record
  virtual void put(const Chunk&) = 0;                    // in order
  virtual void finish() = 0;
  void lines(const handle::Cleared&);  // encode and put in one go, on this thread

  uint64_t records() const;  // written so far, without Dataset and Source lines
  const std::vector<std::pair<const model::Node*, uint64_t>>& counts() const { return counts_; }

 protected:
  friend class BatchWriter;
  virtual void head() {}
  void add_counts(const Chunk&);
  uint64_t sources_ = 0;
  std::vector<std::pair<const model::Node*, uint64_t>> counts_;  // without Source, sorted by name

 private:
  std::unique_ptr<Encoder> own_;
  Chunk scratch_;
};

// The sinks must outlive the writer; it commits them.
std::unique_ptr<CaseWriter> make_jsonl_writer(Sink&, const WriteOptions& = {});
std::unique_ptr<CaseWriter> make_xml_writer(Sink&, const WriteOptions& = {});
// One file for each type and each repeated block, in the folder: see tables.cpp.
std::unique_ptr<CaseWriter> make_csv_writer(const std::string& folder, const WriteOptions& = {});

// Formats that need a folder and so stand behind no plugin: a plugin gets one stream.
struct FolderFormat {
  std::string_view id, title_en, title_fr;
};
inline constexpr FolderFormat kFolderFormats[] = {
    {"case-csv", "Case data as tables (CSV), one file per type", "Données de cas en tableaux (CSV), un fichier par type"}};
constexpr std::span<const FolderFormat> folder_formats() { return kFolderFormats; }

// The DatasetEnd line in both spellings, with its line end.
std::string end_line_json(uint64_t sources, const std::vector<std::pair<const model::Node*, uint64_t>>& counts, std::string_view sha256);
std::string end_line_xml(uint64_t sources, const std::vector<std::pair<const model::Node*, uint64_t>>& counts, std::string_view sha256);
inline constexpr std::string_view kXmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dataset xmlns=\"urn:casebridge:case:1\">\n";
inline constexpr std::string_view kXmlFoot = "</dataset>\n";

}  // namespace casebridge::emit
