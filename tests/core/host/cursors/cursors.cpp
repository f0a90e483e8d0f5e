// A plugin for the tests of the host that parses nothing itself: it borrows the host's cursors for rows, JSON and XML.
#include "casebridge/cursors.hpp"

namespace {

using namespace casebridge;

class CursorReader final : public Reader {
 public:
  explicit CursorReader(Open open) : open_(open) {}

  bool read(BatchBuilder& out) override {
    if (done_) return false;
    done_ = true;
    const auto put = [&](std::string_view text, uint64_t offset, uint64_t length) {
      out.begin_unit({offset, length});
      out.record(20, {offset, length});
      out.text(21, text, {offset, length});
      out.end_unit();
    };
    const std::string_view format = open_.options.format();
    if (format == "cursor-rows") {
      DelimitedRows rows(open_.host, open_.input);
      const int family = rows.column("family");
      while (const cb_row* row = rows.next()) put(rows.text(*row, family), row->offset, row->length);
    } else if (format == "cursor-json") {
      trees(JsonTrees(open_.host, open_.input, {.each = text("/people")}), put);
    } else {
      trees(XmlTrees(open_.host, open_.input, {.each = text("person")}), put);
    }
    return true;
  }

 private:
  template <class Cursor, class Put>
  static void trees(Cursor&& cursor, const Put& put) {
    const uint32_t family = cursor.intern("family");
    while (const cb_tree* tree = cursor.next()) put(cursor.text(cursor.child(*tree, tree->unit, family)), tree->offset, tree->length);
  }
  Open open_;
  bool done_ = false;
};

constexpr cb_format kFormats[] = {{"cursor-rows", "Rows", "Rangées", nullptr, nullptr, nullptr, CB_READS},
                                  {"cursor-json", "JSON", "JSON", nullptr, nullptr, nullptr, CB_READS},
                                  {"cursor-xml", "XML", "XML", nullptr, nullptr, nullptr, CB_READS}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = reader_plugin<CursorReader>(
    {.id = "cursors", .version = "1.0.0", .title_en = "Borrowed cursors", .title_fr = "Curseurs prêtés"}, kFormats);
