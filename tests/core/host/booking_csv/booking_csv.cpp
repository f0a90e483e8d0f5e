// A small plugin for the tests of the host: one Person per line, one cell per column.
#include <algorithm>

#include "casebridge/sdk.hpp"

namespace {

using namespace casebridge;

class BookingReader final : public Reader {
 public:
  static uint32_t probe(std::string_view, std::string_view, std::string_view head) { return head.find("booking_id") != head.npos ? 90 : 0; }

  explicit BookingReader(Open open) : host_(open.host), lines_(open.input), dates_(std::string(open.options.text("date-order"))) {
    lines_.next();  // the header
  }

  bool read(BatchBuilder& out) override {
    const Hint hint = out.hint("date=" + dates_);
    while (!out.full()) {
      const auto line = lines_.next();
      if (!line) return false;
      out.begin_unit({line->at, line->length});
      if (line->text.empty()) {
        out.skip("ZERO_REPORT");
        continue;
      }
      out.record(20, {line->at, line->text.size()});
      uint32_t field = 21;
      uint64_t at = line->at;
      for (std::string_view rest = line->text; !rest.empty(); ++field) {
        const size_t comma = std::min(rest.find(','), rest.size());
        out.text(field, rest.substr(0, comma), {at, comma}, hint);
        at += comma + 1;
        rest.remove_prefix(comma == rest.size() ? comma : comma + 1);
      }
      if (line->text.find("odd") != line->text.npos)
        host_.report(CB_WARNING, "booking-csv/odd", "an odd row", {line->at, line->text.size()}, 0, "une rangée étrange");
      out.end_unit();
    }
    return true;
  }

 private:
  Host host_;
  Lines lines_;
  std::string dates_;
};

constexpr cb_format kFormats[] = {{"booking-csv", "Jail booking extract (CSV)", "Extrait d'écrou (CSV)", "1.0", "csv",
                                   "csv-header=booking_id,family", CB_READS | CB_STREAMS}};
constexpr cb_option kOptions[] = {{"date-order", CB_OPT_CHOICE, 0, "mdy", "mdy|dmy|ymd", "Order of day and month in numeric dates.",
                                   "Ordre du jour et du mois dans les dates."},
                                  {"limit", CB_OPT_INT, 0, nullptr, nullptr, "Rows to read.", "Rangées à lire."}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = reader_plugin<BookingReader>(
    {.id = "booking-csv", .version = "1.0.0", .title_en = "Jail bookings", .title_fr = "Écrous"}, kFormats, kOptions);
