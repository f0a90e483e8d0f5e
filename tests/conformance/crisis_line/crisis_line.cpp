// Reports of a crisis line as a table (an invented layout): one row, one tip.
#include <casebridge/cursors.hpp>
#include <casebridge/model.h>
#include <casebridge/sdk.hpp>

#include <map>
#include <string>

namespace {

using namespace casebridge;

class CrisisLineReader final : public Reader {
 public:
  explicit CrisisLineReader(Open open) : host_(open.host), rows_(open.host, open.input), zone_(open.options.text("time-zone")) {}

  bool read(BatchBuilder& out) override {
    const Hint local = out.hint("zone=" + zone_);
    while (!out.full()) {  // whole source records until the batch is full
      const cb_row* row = rows_.next();
      if (!row) return done();
      const Range at{row->offset, row->length};
      out.begin_unit(at);
      if (row->refused) {  // reported already: the books count it
        out.refuse(row->refused);
        continue;
      }
      out.record(tag::Occurrence, at);
      out.constant(tag::Occurrence_kind, "TIP");
      for (uint32_t i = 0; i < row->n_slots; ++i) take(out, row->slots[i], i, local);
      out.end_unit();
    }
    return true;
  }

 private:
  // The value, and where it stands: bytes of the input.
  void take(BatchBuilder& out, const cb_slot& slot, uint32_t column, Hint local) {
    const std::string_view value = view(slot.text);
    const Range at{slot.offset, slot.length};
    if (value.empty()) return;
    if (column == static_cast<uint32_t>(number_)) out.key(value, at), out.text(tag::Occurrence_occurrenceNumber, value, at);
    else if (column == static_cast<uint32_t>(received_)) out.text(tag::Occurrence_reportedAt, value, at, local);
    else if (column == static_cast<uint32_t>(words_)) out.text(tag::Occurrence_summary_en, value, at);
    else out.ext(name(column), value, at), ++unmapped_[column];
    ++seen_[column];
  }

  bool done() {  // what became of every column: nothing is lost in silence
    if (const auto* loss = host_.find_service<cb_loss>("casebridge.loss/1"))
      for (const auto& [column, n] : seen_) {
        const uint64_t kept = unmapped_[column];
        if (n > kept) loss->count(loss->self, text(name(column)), CB_LOSS_MAPPED, {}, n - kept);
        if (kept) loss->count(loss->self, text(name(column)), CB_LOSS_UNMAPPED, {}, kept);
      }
    return false;
  }

  std::string_view name(uint32_t column) const { return column < rows_.columns() ? rows_.name(column) : "unnamed"; }

  Host host_;
  DelimitedRows rows_;  // the host's parser: limits, encodings and their findings are its own
  std::string zone_;
  int number_ = rows_.column("TIP_NO"), received_ = rows_.column("RECEIVED"), words_ = rows_.column("WORDS");
  std::map<uint32_t, uint64_t> seen_, unmapped_;
};

constexpr cb_format kFormats[] = {{"crisis-line", "Crisis line reports", "Signalements d'une ligne d'écoute", nullptr, "csv",
                                   "csv-header=TIP_NO,RECEIVED,WORDS", CB_READS | CB_STREAMS}};
constexpr cb_option kOptions[] = {{"time-zone", CB_OPT_TEXT, 0, "America/Toronto", nullptr, "Time zone of the times in the file.",
                                   "Fuseau horaire des heures du fichier."}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = reader_plugin<CrisisLineReader>(
    {.id = "crisis-line", .version = "1.0.0", .title_en = "Crisis line reports", .title_fr = "Signalements d'une ligne d'écoute"}, kFormats,
    kOptions);
