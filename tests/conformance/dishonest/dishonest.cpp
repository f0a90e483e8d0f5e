// A plugin that breaks one promise of the contract for each value of its option "lie"; with "none" it keeps them all. For
// the tests of the suite: a check that cannot fail is worth nothing.
#include <casebridge/model.h>
#include <casebridge/sdk.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace {

using namespace casebridge;

uint64_t& opened() {  // in this process only: a worker begins at nought
  static uint64_t n = 0;
  return n;
}

class Dishonest final : public Reader {
 public:
  explicit Dishonest(Open open)
      : host_(open.host), lines_(open.input), lie_(open.options.text("lie")), batch_(open.options.raw()->max_batch_records) {
    ++opened();
    header_ = lines_.next().has_value();
    if (lie_ == "chatter" && opened() > 1) host_.report(CB_WARNING, "dishonest/chatter", "once more");
  }

  bool read(BatchBuilder& out) override {
    while (!out.full() || lie_ == "greedy") {
      const auto line = lines_.next();
      if (!line) return done();
      if (lie_ == "fragile" && line->length == line->text.size()) std::abort();  // a last line without its end
      if (lie_ == "brittle")
        for (const char c : line->text)
          if (c == '\0' || c == '\x7F' || static_cast<unsigned char>(c) >= 0x80) throw 42;
      Range at{line->at, line->length};
      if (lie_ == "beyond") at.length += 1'000'000;
      out.begin_unit(at);
      out.record(tag::Person, at);
      const size_t comma = std::min(line->text.find(','), line->text.size());
      const uint64_t shift = lie_ == "off-by-some" ? comma + 1 : 0;
      out.key(line->text.substr(0, comma), {line->at, comma});
      std::string name(line->text.substr(std::min(line->text.size(), comma + 1)));
      if (lie_ == "counting" && batch_ < 10) name += " *";
      out.record(tag::Person_names, at, out.selected());
      if (!name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; }))
        out.text(tag::Person_names_full, name, {line->at + comma + 1 - shift, shift ? 1 : name.size()});
      out.end_unit();
      ++rows_;
    }
    return true;
  }

 private:
  bool done() const {
    const auto* loss = host_.find_service<cb_loss>("casebridge.loss/1");
    if (loss && rows_ && lie_ != "silent")
      for (const char* field : {"no", "who"}) loss->count(loss->self, text(field), CB_LOSS_MAPPED, {}, rows_);
    return false;
  }
  Host host_;
  Lines lines_;
  std::string lie_;
  uint32_t batch_;
  uint64_t rows_ = 0;
  bool header_ = false;
};

constexpr cb_format kFormats[] = {{"dishonest", "Promises", "Promesses", "1", "csv", "csv-header=no,who", CB_READS | CB_STREAMS}};
constexpr cb_option kOptions[] = {{"lie", CB_OPT_TEXT, 0, "none", nullptr, "Which promise to break.", "La promesse à rompre."}};

// The SDK asks on the reader's behalf whether to stop; who does not use it may forget.
cb_status open_reader(const cb_host* host, const cb_args* args, const cb_input* input, cb_reader** out) {
  static cb_host deaf;
  if (Options(args).text("lie") != "deaf") return detail::open_reader<Dishonest>(host, args, input, out);
  deaf = *host;
  deaf.cancelled = [](void*) -> int32_t { return 0; };
  return detail::open_reader<Dishonest>(&deaf, args, input, out);
}

constexpr cb_plugin described() {
  cb_plugin p = reader_plugin<Dishonest>({.id = "dishonest", .version = "1.0.0", .title_en = "Promises", .title_fr = "Promesses"}, kFormats,
                                         kOptions);
  p.open_reader = open_reader;
  return p;
}

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = described();
