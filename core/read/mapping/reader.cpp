#include "read/mapping/reader.hpp"

#include <algorithm>

#include "casebridge/tables.h"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

class ServiceLoss final : public Loss {
 public:
  explicit ServiceLoss(const cb_loss* service) : service_(service) {}
  void count(std::string_view place, Disposition d, std::string_view reason, uint64_t n) override {
    if (!service_) return;
    const uint32_t what = d == Disposition::mapped    ? CB_LOSS_MAPPED
                          : d == Disposition::ext     ? CB_LOSS_EXT
                          : d == Disposition::dropped ? CB_LOSS_DROPPED
                                                      : CB_LOSS_UNMAPPED;
    service_->count(service_->self, text(place), what, text(reason), n);
  }

 private:
  const cb_loss* service_;
};

}  // namespace

struct MappedReader::Parts {
  Parts(const Open& open, std::shared_ptr<const Program> program)
      : reporter(open.host.raw()),
        engine(std::move(program), &reporter),
        spill(open.host.find_service<cb_spill>(CB_SERVICE_SPILL)),
        joins(spill) {}
  Reporter reporter;
  Engine engine;
  const cb_spill* spill;  // nullptr: the host has none
  JoinTables joins;
  std::unique_ptr<Feed> feed;
  FeedOptions options;
  const cb_inputs* inputs = nullptr;
  std::vector<std::string> tables;  // which each input is
  std::vector<uint32_t> order;      // in which they are read
  uint32_t next = 0;                // input to be opened
};

MappedReader::MappedReader(Open open)
    : MappedReader(open, [&] {
        const auto* prepared = static_cast<const Prepared*>(open.options.raw()->prepared);
        if (!prepared || !prepared->program) throw Failure(CB_E_INTERNAL, "the mapping was not prepared");
        return prepared->program;
      }()) {}

MappedReader::MappedReader(Open open, std::shared_ptr<const Program> program)
    : open_(open), program_(std::move(program)), parts_(std::make_unique<Parts>(open_, program_)) {
  if (const auto* prepared = static_cast<const Prepared*>(open_.options.raw()->prepared)) parts_->options.check = prepared->check.get();
  parts_->options.recover = open_.options.flag("recover");
  parts_->inputs = open_.host.find_service<cb_inputs>("casebridge.inputs/1");
  if (program_->reads.tables.empty() || !parts_->inputs) return;
  parts_->tables = tables_of(program_->reads, *parts_->inputs, open_.options.text(CB_SETTING_TABLES));
  parts_->joins.load(*program_, *parts_->inputs, parts_->tables);
  for (uint32_t i = 0; i < parts_->inputs->n_inputs; ++i) parts_->order.push_back(i);
  std::stable_partition(parts_->order.begin(), parts_->order.end(), [&](uint32_t i) {  // a joined row is known as an orphan in its turn
    const auto& joined = parts_->joins.tables();
    return std::none_of(joined.begin(), joined.end(), [&](const RowSource::JoinTable& t) { return t.name == parts_->tables[i]; });
  });
}

MappedReader::~MappedReader() = default;

const Engine& MappedReader::engine() const { return parts_->engine; }

bool MappedReader::next_input() {
  Parts& p = *parts_;
  const Reads& reads = program_->reads;
  const uint32_t n = p.inputs && !reads.tables.empty() ? p.inputs->n_inputs : 1;
  if (p.feed) {
    ServiceLoss loss(open_.host.find_service<cb_loss>("casebridge.loss/1"));
    p.feed->tell(loss);
    p.feed.reset();
  }
  while (p.next < n) {
    const uint32_t i = p.next < p.order.size() ? p.order[p.next] : p.next;
    ++p.next;
    const cb_input& input = p.inputs && i < p.inputs->n_inputs ? *p.inputs->inputs[i] : *open_.input.raw();
    p.reporter.about(i);
    std::string table;
    if (!reads.tables.empty()) {
      if (i < p.tables.size()) table = p.tables[i];
      if (table.empty()) {
        p.reporter.report("E-MAP-WHICH-TABLE", {view(input.name)}, 0, 0);
        continue;
      }
    }
    switch (reads.reader) {
      case Reads::Reader::delimited:
      case Reads::Reader::fixed:
      case Reads::Reader::table:
      case Reads::Reader::xlsx:
        p.feed = row_feed(*program_, input, i, table, p.joins.any() ? &p.joins : nullptr, p.spill, p.reporter);
        break;
      case Reads::Reader::xml: p.feed = xml_feed(*program_, input, p.reporter, p.options); break;
      case Reads::Reader::json:
      case Reads::Reader::jsonl: p.feed = json_feed(*program_, input, p.reporter, p.options); break;
    }
    return true;
  }
  return false;
}

bool MappedReader::read(BatchBuilder& out) {
  parts_->engine.new_batch();
  while (!out.full()) {
    if (!parts_->feed && !next_input()) return false;
    if (parts_->feed->next(parts_->engine, out)) continue;
    if (!next_input()) {
      parts_->joins.tell_orphans(parts_->reporter);
      parts_->reporter.finish();
      return false;
    }
  }
  return true;
}

}  // namespace casebridge::read::mapping
