#include "emit/quarantine.hpp"

#include <boost/property_tree/json_parser.hpp>
#include <fstream>
#include <sstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/escape.hpp"
#include "emit/report_parts.hpp"
#include "handle/mask.hpp"

namespace casebridge::emit {

void Quarantine::add(const QuarantineItem& item) {
  if (!index_) {
    index_ = std::make_unique<FileSink>(folder_ + "/index.jsonl");
    raw_ = std::make_unique<FileSink>(folder_ + "/raw.bin");
  }
  const bool keep = !handle::holds_media(item.raw);
  line_ = "{\"sha256\":\"" + sha256_hex(item.raw) + "\",\"input\":";
  append_json_string(line_, gate_.show(item.input).get());
  line_ += ",\"source\":[";
  append_number(line_, item.source);
  for (const uint64_t n : {item.place.offset, item.place.length, item.place.line, item.place.column}) line_ += ',', append_number(line_, n);
  line_ += "],\"bytes\":";
  append_number(line_, item.raw.size());
  if (keep) {
    line_ += ",\"at\":";
    append_number(line_, at_);
    raw_->write(item.raw);
    at_ += item.raw.size();
  }
  line_ += ",\"reasons\":[";
  for (const Finding& reason : item.reasons) {
    const auto shown = gate_.pass(reason);
    if (!shown) continue;
    if (line_.back() != '[') line_ += ',';
    append_finding_json(line_, shown->get());
  }
  line_ += "]}\n";
  index_->write(line_);
  ++count_;
}

void Quarantine::finish() {
  if (!index_) return;
  raw_->commit();
  index_->commit();  // last: an index never names bytes that are not there
}

std::vector<QuarantineEntry> list_quarantine(const std::string& folder, const handle::Gate& gate, size_t excerpt) {
  const std::string path = folder + "/index.jsonl";
  std::ifstream index(path, std::ios::binary), raw(folder + "/raw.bin", std::ios::binary);
  const auto broken = [&](const std::string& why) {
    const std::string args[]{path, why};
    throw IoError(fill(tr("{0} cannot be read: {1}"), args));
  };
  if (!index) broken("index.jsonl");
  std::vector<QuarantineEntry> out;
  for (std::string line; std::getline(index, line);) {
    boost::property_tree::ptree tree;
    std::istringstream in(line);
    QuarantineEntry entry;
    try {
      boost::property_tree::read_json(in, tree);
      entry.sha256 = tree.get<std::string>("sha256");
      entry.input = gate.show(tree.get<std::string>("input")).get();
      std::vector<uint64_t> place;
      for (const auto& [key, number] : tree.get_child("source")) place.push_back(number.get_value<uint64_t>());
      if (place.size() != 5) broken("source");
      entry.source = static_cast<uint32_t>(place[0]);
      entry.place = {place[1], place[2], place[3], place[4]};
      entry.bytes = tree.get<uint64_t>("bytes");
      if (const auto at = tree.get_optional<uint64_t>("at")) entry.kept = true, entry.at = *at;
      for (const auto& [key, reason] : tree.get_child("reasons"))
        entry.reasons.emplace_back(reason.get<std::string>("code"), gate.show(reason.get<std::string>("message")).get());
    } catch (const boost::property_tree::ptree_error& e) { broken(e.what()); }
    if (entry.kept) {
      // More than is shown, so that a number at the cut is masked whole.
      std::string bytes(std::min<uint64_t>(entry.bytes, excerpt + 64), '\0');
      raw.clear();
      raw.seekg(static_cast<std::streamoff>(entry.at));
      raw.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (static_cast<size_t>(raw.gcount()) != bytes.size()) broken("raw.bin");
      std::string shown = gate.show(bytes).get();
      const bool cut = shown.size() > excerpt;
      shown.resize(std::min(shown.size(), excerpt));
      while (cut && !shown.empty() && (static_cast<uint8_t>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
      entry.excerpt = one_line(shown) + (cut ? "…" : "");
    }
    out.push_back(std::move(entry));
  }
  return out;
}

void write_rejects(const std::vector<QuarantineEntry>& entries, Sink& into) {
  std::string row = "input,source,line,column,offset,length,sha256,codes,messages,excerpt\r\n";
  into.write(row);
  for (const QuarantineEntry& entry : entries) {
    row.clear();
    append_csv_safe(row, entry.input);
    for (const uint64_t n : {uint64_t(entry.source), entry.place.line, entry.place.column, entry.place.offset, entry.place.length})
      row += ',', append_number(row, n);
    row.append(",").append(entry.sha256);
    std::string codes, messages;
    for (const auto& [code, message] : entry.reasons) {
      codes.append(codes.empty() ? "" : " ").append(code);
      messages.append(messages.empty() ? "" : " ").append(message);
    }
    for (const std::string& text : {codes, messages, entry.excerpt}) row += ',', append_csv_safe(row, text);
    row += "\r\n";
    into.write(row);
  }
  into.commit();
}

}  // namespace casebridge::emit
