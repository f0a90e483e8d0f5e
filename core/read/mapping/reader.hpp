// The reader behind every plugin that is only a mapping: the generic readers, the engine, and the loss report.
#pragma once
#include <memory>
#include <string>

#include "casebridge/sdk.hpp"
#include "casebridge/spill.h"
#include "read/mapping/evaluate.hpp"
#include "read/source_check.hpp"

namespace casebridge::read::mapping {

// What prepare() made before the sandbox closed.
struct Prepared {
  std::shared_ptr<const Program> program;
  std::shared_ptr<const SourceCheck> check;  // the feed's own schema, or nullptr
};

struct FeedOptions {
  const SourceCheck* check = nullptr;
  bool recover = false;  // read past a late XML declaration
};

class Feed {  // one input, source record by source record
 public:
  virtual ~Feed() = default;
  virtual bool next(Engine& engine, BatchBuilder& out) = 0;  // one unit; false at the end
  virtual void tell(Loss& loss) const = 0;
};
class JoinTables;
// joins: of related tables, else nullptr. spill: nullptr: what is grouped must fit into memory.
std::unique_ptr<Feed> row_feed(const Program&, const cb_input&, uint32_t index, std::string table, JoinTables* joins, const cb_spill* spill,
                               Reporter&);
std::unique_ptr<Feed> xml_feed(const Program&, const cb_input&, Reporter&, const FeedOptions&);
std::unique_ptr<Feed> json_feed(const Program&, const cb_input&, Reporter&, const FeedOptions&);

class MappedReader final : public Reader {
 public:
  explicit MappedReader(Open open);  // the program is cb_args.prepared
  MappedReader(Open open, std::shared_ptr<const Program> program);
  ~MappedReader() override;
  bool read(BatchBuilder& out) override;
  const Engine& engine() const;

 private:
  bool next_input();
  Open open_;
  std::shared_ptr<const Program> program_;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace casebridge::read::mapping
