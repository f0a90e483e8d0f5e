// The smallest plugin there can be: every line is a source record that says nothing yet.
#include <casebridge/sdk.hpp>

namespace {

class ShelterReader final : public casebridge::Reader {
 public:
  explicit ShelterReader(casebridge::Open open) : lines_(open.input) {}
  bool read(casebridge::BatchBuilder& out) override {
    while (!out.full()) {
      const auto line = lines_.next();
      if (!line) return false;
      out.begin_unit({line->at, line->length});
      out.skip("RECEIPT");
    }
    return true;
  }

 private:
  casebridge::Lines lines_;
};

constexpr cb_format kFormats[] = {
    {"shelter-csv", "Shelter tips", "Signalements", nullptr, "csv", "csv-header=TIP_NO,RECEIVED", CB_READS | CB_STREAMS}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 =
    casebridge::reader_plugin<ShelterReader>({.id = "shelter-csv", .version = "0.1.0", .title_en = "Shelter tips"}, kFormats);
