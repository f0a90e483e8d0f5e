// Reading and writing case data behind the plugin contract: what the plugins case-jsonl and case-xml are made of.
#pragma once
#include <memory>
#include <string>

#include "casebridge/sdk.hpp"
#include "emit/case_tree.hpp"
#include "emit/writer.hpp"

namespace casebridge::emit {

inline constexpr cb_option kPositions[] = {{"positions", CB_OPT_CHOICE, 0, "record", "record|value",
                                            "Write the place of each record, or of each value too.",
                                            "Écrire la position de chaque enregistrement, ou aussi celle de chaque valeur."}};

// Counts lines and keeps the hash of what was read, in canonical form and, for JSON, as it stood.
class CaseCheck {
 public:
  explicit CaseCheck(bool xml) : xml_(xml) {}
  void line(const Record& record);  // Dataset, Source and records that could be read
  void refused() { lost_ = true; }  // a line that could not be read: its canonical form is not known
  void count(std::string_view type);
  void raw(std::string_view bytes) { raw_.add(bytes); }
  // Throws Failure(CB_E_INPUT) with E-CASE-HASH or E-CASE-COUNTS. False: it cannot be known (fields of a later version).
  bool settle(const EndLine& end, bool unknown_fields) const;

 private:
  bool xml_, lost_ = false, later_ = false;
  JsonLine json_;
  std::string scratch_;
  Sha256 canonical_, raw_;
  uint64_t sources_ = 0;
  std::vector<std::pair<std::string, uint64_t>> counts_;
};

class CaseJsonReader final : public Reader {
 public:
  static uint32_t probe(std::string_view format, std::string_view name, std::string_view head);
  explicit CaseJsonReader(Open open);
  ~CaseJsonReader() override;
  bool read(BatchBuilder& out) override;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

class CaseXmlReader final : public Reader {
 public:
  static uint32_t probe(std::string_view format, std::string_view name, std::string_view head);
  explicit CaseXmlReader(Open open);
  ~CaseXmlReader() override;
  bool read(BatchBuilder& out) override;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

// The batches must be in the form of batch_form.hpp: a Dataset record, Source records, then the rest.
class BatchWriter : public Writer {
 public:
  BatchWriter(OpenOutput open, bool xml);
  void write(const cb_batch& batch) override;
  void finish() override;

 private:
  class OutputSink final : public Sink {
   public:
    explicit OutputSink(Output output) : output_(output) {}
    void write(std::string_view bytes) override { output_.write(bytes); }

   private:
    Output output_;
  };
  OutputSink sink_;
  std::unique_ptr<CaseWriter> writer_;
  std::unique_ptr<Encoder> encoder_;
  Chunk chunk_;
  bool begun_ = false;
};
struct CaseJsonWriter final : BatchWriter {
  explicit CaseJsonWriter(OpenOutput open) : BatchWriter(open, false) {}
};
struct CaseXmlWriter final : BatchWriter {
  explicit CaseXmlWriter(OpenOutput open) : BatchWriter(open, true) {}
};

}  // namespace casebridge::emit
