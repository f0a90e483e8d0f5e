#include "read/mapping/row_table.hpp"

#include "casebridge/sdk.hpp"
#include "read/mapping/table_set.hpp"
#include "read/workbook/sheet_text.hpp"

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

bool begins_with(const cb_input& input, std::string_view word) {
  if (!input.seek) return false;  // a workbook never comes as a stream
  std::string head(word.size(), '\0');
  size_t have = 0;
  for (int64_t got; have < head.size() && (got = input.read(input.self, head.data() + have, head.size() - have)) > 0;)
    have += static_cast<size_t>(got);
  input.seek(input.self, 0);
  return have == head.size() && head == word;
}

}  // namespace

std::unique_ptr<RowTable> open_rows(const Program& p, const cb_input& input, Reporter& reporter) {
  switch (p.reads.reader) {
    case Reads::Reader::delimited: return std::make_unique<DelimitedTable>(p.reads, input, reporter);
    case Reads::Reader::fixed: return open_fixed(p, input, reporter);
    case Reads::Reader::xlsx: return open_sheets(p, input, reporter);
    case Reads::Reader::table:
      if (begins_with(input, kSheetText)) return open_sheets(p, input, reporter);
      return std::make_unique<DelimitedTable>(p.reads, input, reporter);
    default: throw Failure(CB_E_UNSUPPORTED, "this reader is not built in");
  }
}

}  // namespace casebridge::read::mapping
