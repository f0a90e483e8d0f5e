#include "emit/exporting/data_set.hpp"

#include <algorithm>
#include <stdexcept>

#include "casebridge/model.h"
#include "emit/batch_form.hpp"
#include "emit/exporting/words.hpp"
#include "emit/wire_plan.hpp"

namespace casebridge::emit {
namespace {

constexpr const char* kNoPlace = "the format has no place for it";
constexpr const char* kNotInForce = "withdrawn, superseded, or an older version of a record that is written";

const model::Node& field_of(const Record& record, std::string_view path) {
  const model::Node* node = model::field(*record.type, path);
  if (!node) throw std::logic_error(std::string(record.type->name) + " has no field " + std::string(path));
  return *node;
}

std::string dotted(std::string_view type, std::string_view path) {
  std::string out(type);
  out += '.';
  for (const char c : path) out += c == '/' ? '.' : c;
  return out;
}

uint8_t bit(DataSet::Part part) { return static_cast<uint8_t>(1u << static_cast<unsigned>(part)); }

size_t tlp_rank(std::string_view tlp) {  // strictest first; unknown marks are stricter than any known
  static constexpr std::string_view kOrder[] = {"CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"};
  if (tlp.empty()) return 0;
  for (size_t i = 0; i < std::size(kOrder); ++i)
    if (kOrder[i] == tlp) return i + 1;
  return 99;
}

}  // namespace

bool Marking::has(std::string_view caveat) const { return std::find(caveats.begin(), caveats.end(), caveat) != caveats.end(); }

DataSet::DataSet(RecordBatch& all) {
  const WirePlan& plan = WirePlan::get();
  first_ = all.records.data();
  entries_.resize(all.records.size());
  uint32_t values = 0;
  for (size_t i = 0; i < all.records.size(); ++i) {
    const Record& r = all.records[i];
    entries_[i].first_value = values;
    values += static_cast<uint32_t>(r.values.size() + r.block_values.size());
    if (r.type == plan.dataset) dataset_ = &r;
    else if (r.type == plan.source_line) sources_.push_back(&r), by_number_.emplace(r.source, &r);
    else if (r.type != plan.dataset_end) by_id_.emplace_back(r.id, &r);
  }
  taken_.resize(values);
  // The last version of an id holds; of equal versions the one that came last.
  std::stable_sort(by_id_.begin(), by_id_.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->version < b.second->version;
  });
  std::vector<std::pair<Uuid, const Record*>> kept;
  for (size_t i = 0; i < by_id_.size(); ++i) {
    const bool last = i + 1 == by_id_.size() || by_id_[i + 1].first != by_id_[i].first;
    const Record& r = *by_id_[i].second;
    if (last && (r.status.empty() || r.status == "CURRENT")) kept.push_back(by_id_[i]);
    else lose(std::string(r.type->name), kNotInForce);
  }
  by_id_ = std::move(kept);
  for (const auto& [id, r] : by_id_) records_.push_back(r);
  std::sort(records_.begin(), records_.end());  // by address: the order of arrival
}

const Record* DataSet::find(const Uuid& id) const {
  const auto at = std::lower_bound(by_id_.begin(), by_id_.end(), id, [](const auto& row, const Uuid& want) { return row.first < want; });
  return at != by_id_.end() && at->first == id ? at->second : nullptr;
}

const Record* DataSet::find(std::string_view id) const {
  Uuid uuid;
  return parse_uuid(id, uuid) ? find(uuid) : nullptr;
}

const Record* DataSet::source(uint32_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

std::string_view DataSet::agency(const Record& r) const {
  if (const auto own = raw_text(r, "provenance/agency"); !own.empty()) return own;
  const Record* s = source(r.source);
  return s ? raw_text(*s, "agency") : std::string_view();
}
std::string_view DataSet::producer() const { return dataset_ ? raw_text(*dataset_, "producedBy") : std::string_view(); }
std::string_view DataSet::produced_at() const { return dataset_ ? raw_text(*dataset_, "producedAt") : std::string_view(); }
std::string_view DataSet::recipient() const { return dataset_ ? raw_text(*dataset_, "recipient") : std::string_view(); }

Marking DataSet::marking(const Record& r) const {
  Marking m;
  const auto add = [&](const Record& from) {
    if (const auto tlp = raw_text(from, "handling/tlp"); tlp_rank(tlp) > tlp_rank(m.tlp)) m.tlp = tlp;
    if (const auto code = raw_text(from, "handling/handlingCode"); !code.empty() && m.handling_code != "C") m.handling_code = code;
    if (const auto words = raw_text(from, "handling/conditions"); !words.empty()) m.conditions = words;
    for (const std::string_view c : raw_all(from, "handling/caveats")) m.caveats.push_back(c);
  };
  if (const Record* s = source(r.source)) add(*s);
  add(r);
  std::sort(m.caveats.begin(), m.caveats.end());
  m.caveats.erase(std::unique(m.caveats.begin(), m.caveats.end()), m.caveats.end());
  return m;
}

size_t DataSet::index_of(const Record& r) const { return static_cast<size_t>(&r - first_); }

void DataSet::carry(const Record& r, size_t value, bool block) {
  taken_[entries_[index_of(r)].first_value + (block ? r.values.size() : 0) + value] = 1;
}
void DataSet::carry_all(const Record& r) {
  Entry& e = entries_[index_of(r)];
  std::fill_n(taken_.begin() + e.first_value, r.values.size() + r.block_values.size(), uint8_t(1));
}
void DataSet::carry(const Record& r, Part part) { entries_[index_of(r)].parts |= bit(part); }
void DataSet::lose(const std::string& field, const std::string& why, uint64_t n) { told_[{field, why}] += n; }

std::map<std::pair<std::string, std::string>, uint64_t> DataSet::losses() const {
  auto out = told_;
  const auto lost = [&](std::string field, uint64_t n = 1) { out[{std::move(field), kNoPlace}] += n; };
  for (const Record* r : records_) {
    const Entry& e = entries_[index_of(*r)];
    const std::string_view type = r->type->name;
    const auto values = [&](std::span<const Value> list, size_t from) {
      for (size_t i = 0; i < list.size(); ++i) {
        const model::Node& node = model::node(list[i].field);
        if (!taken_[e.first_value + from + i]) lost(dotted(type, node.path));
        if (list[i].normal_differs && !(e.parts & bit(Part::original))) lost(dotted(type, "original"));
      }
    };
    values(r->values, 0);
    values(r->block_values, r->values.size());
    if (!(e.parts & bit(Part::ext)))
      for (const Ext& x : r->ext) lost(std::string(type) + ".ext." + std::string(x.name));
    if (!r->absent.empty() && !(e.parts & bit(Part::absent))) lost(dotted(type, "absent"), r->absent.size());
    if (r->source && !(e.parts & bit(Part::place))) lost(dotted(type, "source"));
    if (!r->also.empty()) lost(dotted(type, "alsoSource"), r->also.size());
    if (!r->local_id.empty() && !(e.parts & bit(Part::local_id))) lost(dotted(type, "localId"));
    if (r->version != 1 && !(e.parts & bit(Part::version))) lost(dotted(type, "version"));
    if (!r->supersedes.nil()) lost(dotted(type, "supersedes"));
  }
  return out;
}

std::string_view Item::text(std::string_view name) const {
  const auto list = all(name);
  return list.empty() ? std::string_view() : list.front();
}

std::vector<std::string_view> Item::all(std::string_view name) const {
  const model::Node& node = field_of(*record_, std::string(model::node(block_->tag).path) + '/' + std::string(name));
  std::vector<std::string_view> out;
  for (size_t i = block_->first; i < block_->first + block_->count; ++i)
    if (record_->block_values[i].field == node.tag) {
      out.push_back(record_->block_values[i].text);
      data_->carry(*record_, i, true);
    }
  return out;
}

std::string_view Item::words(std::string_view name, Lang lang) const {
  const std::string base(name);
  std::string_view best;
  for (const char* part : {"/und", lang == Lang::en ? "/fr" : "/en", lang == Lang::en ? "/en" : "/fr"})
    if (const auto words = text(base + part); !words.empty()) best = words;
  return best;
}

std::string_view Fields::text(std::string_view path) {
  const model::Node& node = field_of(record_, path);
  std::string_view out;
  for (size_t i = 0; i < record_.values.size(); ++i)
    if (record_.values[i].field == node.tag) {
      data_.carry(record_, i, false);
      if (!node.many) return record_.values[i].text;
      if (out.empty()) out = record_.values[i].text;
    }
  return out;
}

std::vector<std::string_view> Fields::all(std::string_view path) {
  const model::Node& node = field_of(record_, path);
  std::vector<std::string_view> out;
  for (size_t i = 0; i < record_.values.size(); ++i)
    if (record_.values[i].field == node.tag) {
      data_.carry(record_, i, false);
      out.push_back(record_.values[i].text);
    }
  return out;
}

std::string_view Fields::words(std::string_view path, Lang lang) {
  const std::string base(path);
  std::string_view best;
  for (const char* part : {"/und", lang == Lang::en ? "/fr" : "/en", lang == Lang::en ? "/en" : "/fr"})
    if (const auto words = text(base + part); !words.empty()) best = words;
  return best;
}

std::string Fields::label(std::string_view path, Lang lang) {
  const std::string_view code = text(path);
  return code.empty() ? std::string() : code_label(field_of(record_, path), code, lang);
}

std::vector<std::string> Fields::labels(std::string_view path, Lang lang) {
  std::vector<std::string> out;
  for (const std::string_view code : all(path)) out.push_back(code_label(field_of(record_, path), code, lang));
  return out;
}

std::vector<Item> Fields::items(std::string_view path) {
  const model::Node& node = field_of(record_, path);
  std::vector<Item> out;
  for (const Block& b : record_.blocks)
    if (b.tag == node.tag) out.emplace_back(data_, record_, b);
  return out;
}

const Record* Fields::ref(std::string_view path) { return data_.find(text(path)); }

std::vector<const Record*> Fields::refs(std::string_view path) {
  std::vector<const Record*> out;
  for (const std::string_view id : all(path))
    if (const Record* r = data_.find(id)) out.push_back(r);
  return out;
}

DataSetWriter::DataSetWriter(OpenOutput open)
    : host_(open.host),
      options_(open.options),
      output_(open.output),
      lang_(open.options.find("lang") == std::string_view("fr") ? Lang::fr : Lang::en) {}

void DataSetWriter::write(const cb_batch& batch) {
  const size_t before = all_.records.size();
  from_batch(batch, all_);
  for (size_t i = before; i < all_.records.size(); ++i) {  // they stay until the end: what the lists keep in reserve goes back
    Record& r = all_.records[i];
    r.also.shrink_to_fit(), r.values.shrink_to_fit(), r.blocks.shrink_to_fit(), r.block_values.shrink_to_fit();
    r.absent.shrink_to_fit(), r.ext.shrink_to_fit();
  }
}

void DataSetWriter::finish() {
  DataSet data(all_);
  emit(data);
  const auto* loss = host_.find_service<cb_loss>("casebridge.loss/1");
  if (!loss) return;
  for (const auto& [key, n] : data.losses())
    loss->count(loss->self, casebridge::text(key.first), CB_LOSS_UNKEPT, casebridge::text(key.second), n);
}

}  // namespace casebridge::emit
