// model.lock: one line per tag, "TAG RECORD PATH" ("*" for what every record has, "-" for the record itself). Lines are
// never removed: a field that went away keeps its tag for ever, so that no old batch can be misread.
#include <fstream>
#include <functional>
#include <sstream>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

constexpr unsigned kFirst = 16, kLast = 65535;  // 0 to 15 belong to plugin.h

struct Lock {
  std::map<std::pair<std::string, std::string>, uint16_t> tags;
  std::map<uint16_t, std::pair<std::string, std::string>> by_tag;
};

Lock read_lock(const std::string& path) {
  Lock lock;
  std::ifstream in(path);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const auto fail = [&](const std::string& what) { throw ModelError(path + ":" + std::to_string(number) + ": " + what); };
    std::istringstream words(line);
    unsigned tag = 0;
    std::string record, field, rest;
    if (!(words >> tag >> record >> field) || (words >> rest)) fail("expected: TAG RECORD PATH");
    if (tag < kFirst || tag > kLast)
      fail("tag " + std::to_string(tag) + " is outside " + std::to_string(kFirst) + " to " + std::to_string(kLast));
    if (!lock.by_tag.emplace(uint16_t(tag), std::pair(record, field)).second) fail("tag " + std::to_string(tag) + " is used twice");
    if (!lock.tags.emplace(std::pair(record, field), uint16_t(tag)).second) fail(record + " " + field + " has two tags");
  }
  return lock;
}

}  // namespace

void assign_tags(Model& model, const std::string& lock_path, bool allot, std::string& new_lock) {
  Lock lock = read_lock(lock_path);
  unsigned next = lock.by_tag.empty() ? kFirst : lock.by_tag.rbegin()->first + 1u;
  const auto tag_of = [&](const Field& field, const std::string& record, const std::string& path) {
    const auto key = std::pair(record, path);
    if (const auto at = lock.tags.find(key); at != lock.tags.end()) return at->second;
    if (!allot)
      throw ModelError(field.file + ":" + std::to_string(field.line) + ": " + record + " " + path +
                       " has no tag in model.lock; build the target model-update to allot one");
    if (next > kLast) throw ModelError(lock_path + ":1: no tag is left");
    const uint16_t tag = uint16_t(next++);
    lock.tags[key] = tag;
    lock.by_tag[tag] = key;
    return tag;
  };
  unsigned rank = 0;
  std::function<void(Field&, const std::string&, uint16_t)> walk = [&](Field& field, const std::string& record, uint16_t parent) {
    field.tag = tag_of(field, record, field.path);
    field.parent = parent;
    field.rank = uint16_t(++rank);
    for (Field& part : field.parts) walk(part, record, field.tag);
  };
  for (Field& field : model.header) walk(field, "*", 0);
  const unsigned own = rank;
  for (Record& record : model.records) {
    record.tag = tag_of(record, record.name, "-");
    rank = own;
    for (Field& field : record.parts) walk(field, record.name, record.tag);
    if (rank >= 60000) throw ModelError(record.file + ":1: too many fields");
  }
  rank = 60000;  // what every record ends with comes after the fields of any record
  for (Field& field : model.trailer) walk(field, "*", 0);

  new_lock = "# TAG RECORD PATH. Written by modelgen; lines are added, never changed, never removed. * = every record, - = the record.\n";
  for (const auto& [tag, key] : lock.by_tag) new_lock += std::to_string(tag) + " " + key.first + " " + key.second + "\n";
}

}  // namespace modelgen
