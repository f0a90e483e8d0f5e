#include "validate/check_plugin.hpp"

#include "casebridge/sdk.hpp"
#include "model/model.hpp"
#include "read/report.hpp"
#include "read/xml_tree.hpp"
#include "validate/source_schemas.hpp"

namespace casebridge::validate {
namespace {

constexpr cb_format kFormats[] = {
    {"xml-document", "Any XML document, checked and not mapped", "Tout document XML, vérifié sans mappage", nullptr, nullptr, nullptr,
     CB_READS | CB_STREAMS},
    {"json-document", "Any JSON document or JSON Lines, checked and not mapped", "Tout document JSON ou JSON Lines, vérifié sans mappage",
     nullptr, nullptr, nullptr, CB_READS | CB_STREAMS}};

constexpr uint64_t kListed = 1000;  // findings of one code in one document; the rest is counted

struct Prepared {
  std::shared_ptr<const read::SourceCheck> check;
};

class CheckReader final : public Reader {
 public:
  explicit CheckReader(Open open)
      : open_(open), reporter_(open.host.raw(), kListed), check_(static_cast<const Prepared*>(open.options.raw()->prepared)) {
    below_ = open_.input.raw();
    counted_ = {sizeof(cb_input), 0, this, below_->name, below_->size, count, nullptr};
  }

  bool read(BatchBuilder& out) override {
    if (done_) return false;
    done_ = true;
    out.begin_unit({});
    out.record(model::record_type("Source")->tag, {});
    out.end_unit();
    const cb_status status = open_.options.format() == "xml-document" ? xml() : json();
    reporter_.finish();
    if (status < 0 && status != CB_E_INPUT && status != CB_E_LIMIT) throw Failure(status, "the document cannot be read further");
    out.begin_unit({0, std::max<uint64_t>(1, bytes_)});
    if (status < 0) out.refuse(broken_.empty() ? "E-INPUT-BROKEN" : broken_);
    else out.end_unit();
    return true;
  }

 private:
  static int64_t count(void* self, void* into, uint64_t size) {
    auto& me = *static_cast<CheckReader*>(self);
    const int64_t got = me.below_->read(me.below_->self, into, size);
    if (got > 0) me.bytes_ += static_cast<uint64_t>(got);
    return got;
  }

  cb_status xml() {
    read::XmlOptions options;
    options.each = "{urn:casebridge:none}none";  // no element is a source record, so nothing is kept of any
    options.recover = open_.options.flag("recover");
    std::unique_ptr<read::XmlJudge> judge;
    if (check_ && check_->check) {
      judge = check_->check->judge();
      options.judge = judge.get();
      options.ids = &check_->check->ids();
    }
    read::Names names;
    read::XmlReader reader(counted_, options, names, [this](Finding f) {
      if (f.code == "E-XML-NO-RECORD" || f.code == "E-XML-CONTEXT") return;
      if (f.severity == Severity::error && !f.code.starts_with("E-XSD-")) broken_ = f.code;
      reporter_.relay(f);
    });
    read::Tree tree;
    while (reader.next(tree)) {}
    return reader.status() == CB_END ? CB_OK : reader.status();
  }

  // Through the checker of the schema; without one, through a schema that allows everything.
  cb_status json() {
    const std::string_view name = open_.input.name();
    const bool lines = name.ends_with(".jsonl") || name.ends_with(".ndjson");
    const auto check = check_->check->json_check(lines);
    bool readable = true;
    const read::XmlReport report = [&](Finding f) {
      if (f.code == "E-SCHEMA-JSON") broken_ = f.code, readable = false;
      reporter_.relay(f);
    };
    std::vector<char> buffer(size_t(256) << 10);
    for (;;) {
      const int64_t got = counted_.read(this, buffer.data(), buffer.size());
      if (got < 0) return static_cast<cb_status>(got);
      if (got == 0) break;
      check->feed({buffer.data(), static_cast<size_t>(got)}, report);
    }
    check->finish(report);
    return readable ? CB_OK : CB_E_INPUT;
  }

  Open open_;
  read::Reporter reporter_;
  const Prepared* check_;
  const cb_input* below_;
  cb_input counted_{};
  uint64_t bytes_ = 0;
  std::string broken_;
  bool done_ = false;
};

cb_status prepare(const cb_host* host, const cb_args* args, const char*, void** out) {
  *out = nullptr;
  return detail::guard(host, [&] {
    const bool xml = std::string_view(args->format) == "xml-document";
    auto check = load_schemas(*args, xml ? Kind::xml : Kind::json);
    if (!xml && !check) check = allow_all_json();
    *out = new Prepared{std::move(check)};
    return CB_OK;
  });
}
void release(void* prepared) { delete static_cast<Prepared*>(prepared); }
const cb_prepare kPrepare{sizeof(cb_prepare), 0, prepare, release};
const void* extension(const char* id) { return std::string_view(id) == "casebridge.prepare/1" ? &kPrepare : nullptr; }

}  // namespace

const cb_plugin& check_plugin() {
  static const cb_plugin kPlugin = [] {
    cb_plugin p = reader_plugin<CheckReader>(
        {"check", "1.0.0", "Documents checked against their own schema", "Documents confrontés à leur propre schéma"}, kFormats,
        schema_options());
    p.extension = extension;
    return p;
  }();
  return kPlugin;
}

}  // namespace casebridge::validate
