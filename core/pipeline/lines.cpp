#include "pipeline/lines.hpp"

#include <algorithm>
#include <stdexcept>

namespace casebridge::pipeline {
namespace {

const model::Node& field_of(const Record& record, std::string_view path) {
  const model::Node* node = model::field(*record.type, path);
  if (!node) throw std::logic_error("the model has no field " + std::string(path) + " in " + std::string(record.type->name));
  return *node;
}

Record copy_into(const Record& from, Arena& arena) {
  Record to = from;
  const auto keep = [&](std::string_view& text) {
    if (!text.empty()) text = arena.keep(text);
  };
  keep(to.status);
  keep(to.local_id);
  for (auto* values : {&to.values, &to.block_values})
    for (Value& value : *values) {
      keep(value.text);
      value.original = {}, value.normal_differs = false;  // lines carry neither a source's own words
      value.offset = 0, value.length = 0;                 // nor the places of values
    }
  for (Absent& absent : to.absent) keep(absent.reason);
  for (Ext& ext : to.ext) keep(ext.name), keep(ext.value);
  return to;
}

}  // namespace

LineBuilder::LineBuilder(RecordBatch& batch, std::string_view type) : batch_(batch) {
  batch.records.emplace_back();
  batch.records.back().type = model::record_type(type);
}

LineBuilder::LineBuilder(RecordBatch& batch, const Record& from) : batch_(batch) { batch.records.push_back(copy_into(from, batch.arena)); }

LineBuilder& LineBuilder::set(std::string_view path, std::string_view text) {
  if (text.empty()) return *this;
  const model::Tag tag = field_of(record(), path).tag;
  const std::string_view kept = batch_.arena.keep(text);
  for (Value& value : record().values)
    if (value.field == tag) {
      value.text = kept;
      return *this;
    }
  Value value;
  value.field = tag;
  value.text = kept;
  record().values.push_back(value);
  return *this;
}

LineBuilder& LineBuilder::fill(std::string_view path, std::string_view text) { return get(path).empty() ? set(path, text) : *this; }

LineBuilder& LineBuilder::fill_handling(const std::vector<std::pair<std::string, std::string>>& marks) {
  std::vector<model::Tag> mine;  // a list takes all its values, but only where none stood
  for (const auto& [name, text] : marks) {
    const model::Tag tag = field_of(record(), "handling/" + name).tag;
    if (record().find(tag) && std::find(mine.begin(), mine.end(), tag) == mine.end()) continue;
    mine.push_back(tag);
    Value value;
    value.field = tag;
    value.text = batch_.arena.keep(text);
    record().values.push_back(value);
  }
  return *this;
}

std::string_view LineBuilder::get(std::string_view path) const {
  const Record& r = batch_.records.back();
  const Value* value = r.find(field_of(r, path).tag);
  return value ? value->text : std::string_view();
}

void LineBuilder::done() {
  std::stable_sort(record().values.begin(), record().values.end(),
                   [](const Value& a, const Value& b) { return model::node(a.field).rank < model::node(b.field).rank; });
}

void add_dataset_line(RecordBatch& batch, const Plan& plan, const std::string& program_version) {
  LineBuilder line(batch, "Dataset");
  line.set("schemaVersion", model::schema_version())
      .set("codeListVersions", model::code_list_versions())
      .set("producedBy", "casebridge " + program_version)
      .set("producedAt", plan.run_time)
      .set("recipient", plan.recipient)
      .set("purpose", plan.purpose)
      .set("legalAuthority", plan.authority);
  line.done();
}

void add_source_line(RecordBatch& batch, const Record& said, uint32_t number, const FeedBooks& books, const std::string& importer,
                     const Plan& plan) {
  LineBuilder line(batch, said);
  line.record().source = number;
  const std::string name = books.input;
  line.set("source", std::to_string(number)).set("name", name).set("sha256", books.sha256).set("bytes", std::to_string(books.bytes));
  line.set("importer", importer).fill("mappingVersion", books.mapping).fill("recordedAt", plan.run_time);
  line.set("agency", plan.agency).set("system", plan.system);
  line.fill_handling(plan.handling);
  line.done();
}

}  // namespace casebridge::pipeline
