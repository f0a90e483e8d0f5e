#include <algorithm>

#include "emit/escape.hpp"
#include "emit/wire_lines.hpp"
#include "model/joined_place.hpp"

namespace casebridge::emit {
namespace {

constexpr size_t kNumber = 20;  // digits of the largest

void write_place(LineBuffer& line, uint32_t source, const Place& place) {
  line.room(6 * kNumber);
  line.put('[');
  line.number(source);
  if (source != 0)
    for (const uint64_t number : {place.offset, place.length, place.line, place.column}) {
      line.put(',');
      line.number(number);
    }
  line.put(']');
}

bool differs(const Value& value) { return value.normal_differs && !value.original.empty() && !value.text.empty(); }

}  // namespace

std::vector<uint64_t> place_numbers(const Record& record, const Value& value, const LineFinder* lines) {
  std::vector<uint64_t> numbers{value.offset, value.length};
  uint64_t line = 0, column = 0;
  if (lines && lines->find(record.source, value.offset, line, column) && line != record.place.line)
    numbers.insert(numbers.end(), {line, column});
  return numbers;
}

JsonShape& JsonLine::shape(const Record& record) {
  key_.read(record);
  if (JsonShape* known = shapes_.find(key_)) return *known;
  if (key_.ordinary()) return shapes_.put(key_, JsonShape(record));
  once_.emplace(record);
  return *once_;
}

void JsonLine::header(const Record& record) {
  const WirePlan& plan = WirePlan::get();
  if (record.type == plan.dataset) return;
  line_.room(128);
  if (record.type == plan.source_line) {
    line_.put(",\"source\":");
    line_.number(record.source);
    return;
  }
  const auto id = [&](const Uuid& uuid) {
    line_.put('"');
    write_uuid(line_.take(36), uuid);
    line_.put('"');
  };
  line_.put(",\"id\":");
  id(record.id);
  if (record.version != 1) {
    line_.put(",\"version\":");
    line_.number(record.version);
  }
  if (!record.local_id.empty()) {
    line_.put(",\"localId\":");
    line_.quoted(record.local_id);
    line_.room(16);
  }
  line_.put(",\"source\":");
  source_place(record);
  if (!record.also.empty()) {
    line_.add(",\"alsoSource\":");
    char before = '[';
    for (const auto& [source, where] : record.also) {
      line_.room(1);
      line_.put(before);
      before = ',';
      write_place(line_, source, where);
    }
    line_.add("]");
  }
  if (!record.status.empty() && record.status != "CURRENT") {
    line_.add(",\"recordStatus\":");
    line_.quoted(record.status);
  }
  if (!record.supersedes.nil()) {
    line_.room(64);
    line_.put(",\"supersedes\":");
    id(record.supersedes);
  }
}

// The records of one source record stand behind each other and in one place.
void JsonLine::source_place(const Record& record) {
  const Place& place = record.place;
  const std::array<uint64_t, 5> now{record.source, place.offset, place.length, place.line, place.column};
  if (now == place_ && !place_text_.empty()) return line_.add(place_text_);
  const size_t from = line_.text().size();
  write_place(line_, record.source, place);
  place_text_ = line_.text().substr(from);
  place_ = now;
}

void JsonLine::absent(std::string_view key, const Record& record) {
  if (record.absent.empty()) return;
  line_.add(key);
  absent_.clear();
  for (const Absent& absent : record.absent) absent_.emplace_back(absent_pointer(record, absent), absent.reason);
  std::sort(absent_.begin(), absent_.end());
  std::string_view before = "[";
  for (const auto& [pointer, reason] : absent_) {
    line_.add(before);
    before = ",";
    line_.add("{\"field\":");
    line_.quoted(pointer);
    line_.add(",\"reason\":");
    line_.quoted(reason);
    line_.add("}");
  }
  line_.add("]");
}

void JsonLine::original(std::string_view key, const Record& record, JsonShape& shape) {
  if (std::none_of(record.values.begin(), record.values.end(), differs) &&
      std::none_of(record.block_values.begin(), record.block_values.end(), differs))
    return;
  line_.add(key);
  std::string_view before = "{";
  for (const JsonShape::Pointer& pointer : shape.pointers(record)) {
    const Value& value = pointer.value(record);
    if (!differs(value)) continue;
    line_.add(before);
    before = ",";
    line_.add(pointer.key);
    line_.quoted(value.original);
  }
  line_.add("}");
}

void JsonLine::ext(std::string_view key, const Record& record) {
  if (record.ext.empty()) return;
  line_.add(key);
  std::string_view before = "{";
  for (size_t i = 0; i < record.ext.size();) {
    line_.add(before);
    before = ",";
    const std::string_view name = record.ext[i].name;
    line_.quoted(name);
    std::string_view between = ":[";
    for (; i < record.ext.size() && record.ext[i].name == name; ++i) {
      line_.add(between);
      between = ",";
      line_.quoted(record.ext[i].value);
    }
    line_.add("]");
  }
  line_.add("}");
}

void JsonLine::places(std::string_view key, const Record& record, JsonShape& shape) {
  bool any = false;
  for (const JsonShape::Pointer& pointer : shape.pointers(record)) {
    const Value& value = pointer.value(record);
    if (value.length == 0 || is_joined(value.offset) || value.text.empty()) continue;
    line_.add(any ? "," : key);
    if (!any) line_.add("{");
    any = true;
    line_.add(pointer.key);
    char before = '[';
    for (const uint64_t number : place_numbers(record, value, options_.lines)) {
      line_.room(1 + kNumber);
      line_.put(before);
      line_.number(number);
      before = ',';
    }
    line_.add("]");
  }
  if (any) line_.add("}");
}

void JsonLine::append_part(std::string& out, const Record& record, Part part) {
  line_.clear();
  switch (part) {
    case Part::absent: absent({}, record); break;
    case Part::original: original({}, record, shape(record)); break;
    case Part::ext: ext({}, record); break;
    case Part::places: places({}, record, shape(record)); break;
  }
  out += line_.text();
}

void JsonLine::append(std::string& out, const Record& record) {
  JsonShape& shape = this->shape(record);
  line_.clear();
  shape.begin(line_);
  header(record);
  shape.early(line_, record);
  absent(",\"absent\":", record);
  original(",\"original\":", record, shape);
  ext(",\"ext\":", record);
  shape.late(line_, record);
  if (options_.value_places) places(",\"places\":", record, shape);
  line_.add("}\n");
  out += line_.text();
}

}  // namespace casebridge::emit
