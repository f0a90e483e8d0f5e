// A whole data set in the hands of an exporter: records by id, what holds of each by its Source line, and a ledger of which
// values went into the output and which did not. What the writers of foreign formats share; case data of ours streams and
// needs none of it.
//
//   class KmlWriter final : public emit::DataSetWriter {
//     void emit(emit::DataSet& data) override {
//       for (const Record& record : data.records()) {
//         emit::Fields f(data, record);
//         out().write(f.text("civic/city"));         // asked for = carried; what nobody asks for is told as lost
//       }
//     }
//   };
//
// Memory: the records, about a kilobyte each, are held until the end, because formats such as these declare first what
// comes later (columns, nodes before edges). One thread. Only records in force are here: of several versions the last,
// and none that were withdrawn.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "casebridge/sdk.hpp"
#include "model/record.hpp"

namespace casebridge::emit {

enum class Lang : uint8_t { en, fr };

inline constexpr cb_option kLanguage = {"lang",
                                        CB_OPT_CHOICE,
                                        0,
                                        "en",
                                        "en|fr",
                                        "Language of headings, labels and codes: en or fr.",
                                        "Langue des intitulés, des libellés et des codes : en ou fr."};
inline constexpr cb_option kLanguageOnly[] = {kLanguage};

// How a record is to be handled: its own words on top of those of its Source line, the stricter of each.
struct Marking {
  std::string_view tlp;  // code, empty = none stated
  std::string_view handling_code, conditions;
  std::vector<std::string_view> caveats;  // sorted, each once
  bool has(std::string_view caveat) const;
};

// Why a value was not carried; the words of the loss report.
struct Loss {
  std::string why_en;
  uint64_t count = 0;
};

class DataSet {
 public:
  // Takes what from_batch() collected. Text stays in the batch's arena, which must live as long.
  explicit DataSet(RecordBatch& all);

  const std::vector<const Record*>& records() const { return records_; }  // without lines, in the order of arrival
  const Record* find(const Uuid& id) const;
  const Record* find(std::string_view id) const;  // text of a reference
  const Record* source(uint32_t number) const;
  const std::vector<const Record*>& sources() const { return sources_; }
  const Record* dataset() const { return dataset_; }  // may be missing where a plugin is tested alone

  std::string_view agency(const Record&) const;  // key; its own or the Source's
  std::string_view producer() const;             // "casebridge 0.1.0" or empty
  std::string_view produced_at() const;
  std::string_view recipient() const;
  Marking marking(const Record&) const;

  // --- the ledger ---
  void carry(const Record&, size_t value, bool block);  // index into values or block_values
  void carry_all(const Record&);
  enum class Part : uint8_t { ext, original, absent, place, local_id, version, provenance };
  void carry(const Record&, Part);
  void lose(const std::string& field, const std::string& why, uint64_t n = 1);  // something special to say
  // Field ("Person.names.full", "Person.ext.NAME") -> why -> how many. Complete: every value is carried or here.
  std::map<std::pair<std::string, std::string>, uint64_t> losses() const;

 private:
  struct Entry {
    uint32_t first_value = 0;  // into taken_
    uint8_t parts = 0;
  };
  size_t index_of(const Record&) const;
  const Record* first_ = nullptr;  // records lie side by side
  std::vector<const Record*> records_, sources_;
  std::unordered_map<uint32_t, const Record*> by_number_;
  const Record* dataset_ = nullptr;
  std::vector<std::pair<Uuid, const Record*>> by_id_;
  std::vector<Entry> entries_;
  std::vector<uint8_t> taken_;
  std::map<std::pair<std::string, std::string>, uint64_t> told_;
};

// One item of a repeated block; paths are those inside of the block ("full").
class Item {
 public:
  Item(DataSet& data, const Record& record, const Block& block) : data_(&data), record_(&record), block_(&block) {}
  std::string_view text(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  std::string_view words(std::string_view name, Lang) const;
  const Block& block() const { return *block_; }

 private:
  DataSet* data_;
  const Record* record_;
  const Block* block_;
};

// A record's values by their path in the model ("occurred/start"). Asking marks them as carried. A path that the model does
// not have is a defect of the exporter: std::logic_error.
class Fields {
 public:
  Fields(DataSet& data, const Record& record) : data_(data), record_(record) {}
  const Record& record() const { return record_; }
  std::string_view type() const { return record_.type->name; }
  std::string_view text(std::string_view path);  // the first, or empty
  std::vector<std::string_view> all(std::string_view path);
  std::string_view words(std::string_view path, Lang);  // of a Text block: in this language, else in any
  std::string label(std::string_view path, Lang);       // of a code: its label
  std::vector<std::string> labels(std::string_view path, Lang);
  std::vector<Item> items(std::string_view path);  // of a repeated block
  bool is(std::string_view path) { return text(path) == "true"; }
  const Record* ref(std::string_view path);  // the record referred to, if it is in the data set
  std::vector<const Record*> refs(std::string_view path);

 private:
  DataSet& data_;
  const Record& record_;
};

// Collects batches, calls emit() once, tells the host what was lost.
class DataSetWriter : public Writer {
 public:
  explicit DataSetWriter(OpenOutput open);
  void write(const cb_batch& batch) final;
  void finish() final;

 protected:
  virtual void emit(DataSet& data) = 0;
  Output& out() { return output_; }
  void flush(std::string& text) {  // once it is a megabyte long: a writer builds text and calls this behind each item
    if (text.size() < (size_t(1) << 20)) return;
    output_.write(text);
    text.clear();
  }
  const cb_output* raw_output() const { return raw_output_; }
  Host& host() { return host_; }
  const Options& options() const { return options_; }
  Lang lang() const { return lang_; }

 private:
  Host host_;
  Options options_;
  Output output_;
  const cb_output* raw_output_ = nullptr;
  Lang lang_;
  RecordBatch all_;
};

}  // namespace casebridge::emit
