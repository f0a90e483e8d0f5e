#include "read/mapping/row_table.hpp"

#include "casebridge/sdk.hpp"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

class DelimitedTable final : public RowTable {
 public:
  DelimitedTable(const Reads& reads, const cb_input& input, Reporter& reporter) : table_(input, delimited_options(reads), reporter) {
    for (const Column& c : table_.header()) shape_.header.push_back(c.name);
  }
  const Row* next() override { return table_.next(); }
  cb_status status() const override { return table_.status(); }

 private:
  Delimited table_;
};

}  // namespace

std::unique_ptr<RowTable> open_rows(const Program& p, const cb_input& input, Reporter& reporter) {
  switch (p.reads.reader) {
    case Reads::Reader::delimited: return std::make_unique<DelimitedTable>(p.reads, input, reporter);
    case Reads::Reader::fixed: return open_fixed(p, input, reporter);
    default: throw Failure(CB_E_UNSUPPORTED, "this reader is not built in");
  }
}

}  // namespace casebridge::read::mapping
