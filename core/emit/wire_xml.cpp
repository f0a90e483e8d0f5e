#include <algorithm>

#include "emit/escape.hpp"
#include "emit/wire_lines.hpp"
#include "model/joined_place.hpp"

namespace casebridge::emit {
namespace {

void attribute(std::string& out, std::string_view name, std::string_view text) {
  out.append(" ").append(name).append("=\"");
  append_xml_attribute(out, text);
  out += '"';
}

// As Body in wire_json.cpp: a list is the element repeated, a block an element with children.
class XmlBody {
 public:
  XmlBody(std::string& out, const WriteOptions& options, const Record& record)
      : out_(out), plan_(WirePlan::get()), options_(options), record_(record) {}

  void run(std::span<const Value> values, std::span<const Block> blocks) {
    size_t v = 0, b = 0;
    while (v < values.size() || b < blocks.size()) {
      const uint16_t value_rank = v < values.size() ? plan_.at(values[v].field).node->rank : UINT16_MAX;
      const uint16_t block_rank = b < blocks.size() ? plan_.at(blocks[b].tag).node->rank : UINT16_MAX;
      if (b == blocks.size() || (v < values.size() && value_rank < block_rank)) {
        leaf(values[v++]);
        continue;
      }
      const Block& block = blocks[b++];
      const WireNode& node = plan_.at(block.tag);
      open(node);
      out_.append(node.open) += '>';
      XmlBody(out_, options_, record_).run(record_.block_of(block), {});
      out_ += node.close;
    }
    close_to(0);
  }

 private:
  void leaf(const Value& value) {
    const WireNode& node = plan_.at(value.field);
    if (node.header || value.text.empty()) return;
    open(node);
    out_ += node.open;
    if (value.normal_differs && !value.original.empty()) attribute(out_, "original", value.original);
    if (options_.value_places && value.length > 0 && !is_joined(value.offset)) {
      out_ += " place=\"";
      bool first = true;
      for (const uint64_t number : place_numbers(record_, value, options_.lines)) {
        if (!first) out_ += ' ';
        first = false;
        append_number(out_, number);
      }
      out_ += '"';
    }
    out_ += '>';
    append_xml_text(out_, value.text);
    out_ += node.close;
  }
  void open(const WireNode& node) {
    size_t same = 0;
    while (same < depth_ && same < node.chain.size() && open_[same] == node.chain[same]) ++same;
    close_to(same);
    for (; depth_ < node.chain.size(); ++depth_) {
      open_[depth_] = node.chain[depth_];
      out_.append(plan_.at(open_[depth_]).open) += '>';
    }
  }
  void close_to(size_t depth) {
    for (; depth_ > depth; --depth_) out_ += plan_.at(open_[depth_ - 1]).close;
  }

  std::string& out_;
  const WirePlan& plan_;
  const WriteOptions& options_;
  const Record& record_;
  model::Tag open_[8] = {};
  size_t depth_ = 0;
};

void header(std::string& out, const Record& record) {
  const WirePlan& plan = WirePlan::get();
  out.append("<").append(record.type->name);
  if (record.type == plan.dataset) return;
  std::string scratch;
  if (record.type == plan.source_line) return attribute(out, "source", std::to_string(record.source));
  append_uuid(scratch, record.id);
  attribute(out, "id", scratch);
  if (record.version != 1) attribute(out, "version", std::to_string(record.version));
  if (!record.local_id.empty()) attribute(out, "localId", record.local_id);
  scratch.clear();
  append_place(scratch, record.source, record.place, ' ');
  attribute(out, "source", scratch);
  if (!record.also.empty()) {
    scratch.clear();
    for (const auto& [source, place] : record.also) {
      if (!scratch.empty()) scratch += ' ';
      append_place(scratch, source, place, ' ');
    }
    attribute(out, "alsoSource", scratch);
  }
  if (!record.status.empty() && record.status != "CURRENT") attribute(out, "recordStatus", record.status);
  if (!record.supersedes.nil()) {
    scratch.clear();
    append_uuid(scratch, record.supersedes);
    attribute(out, "supersedes", scratch);
  }
}

}  // namespace

void XmlLine::append(std::string& out, const Record& record) {
  const WirePlan& plan = WirePlan::get();
  header(out, record);
  out += '>';
  const auto late_value =
      std::partition_point(record.values.begin(), record.values.end(), [&](const Value& v) { return !plan.at(v.field).late; });
  const auto late_block =
      std::partition_point(record.blocks.begin(), record.blocks.end(), [&](const Block& b) { return !plan.at(b.tag).late; });
  XmlBody(out, options_, record).run({record.values.begin(), late_value}, {record.blocks.begin(), late_block});
  if (!record.absent.empty()) {
    absent_.clear();
    for (const Absent& absent : record.absent) absent_.emplace_back(absent_pointer(record, absent), absent.reason);
    std::sort(absent_.begin(), absent_.end());
    for (const auto& [pointer, reason] : absent_) {
      out += "<absent";
      attribute(out, "field", pointer);
      attribute(out, "reason", reason);
      out += "/>";
    }
  }
  for (const Ext& ext : record.ext) {
    out += "<ext";
    attribute(out, "name", ext.name);
    out += '>';
    append_xml_text(out, ext.value);
    out += "</ext>";
  }
  XmlBody(out, options_, record).run({late_value, record.values.end()}, {late_block, record.blocks.end()});
  out.append("</").append(record.type->name).append(">\n");
}

}  // namespace casebridge::emit
