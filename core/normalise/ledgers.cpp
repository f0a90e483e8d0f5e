#include "normalise/ledgers.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <queue>
#include <stdexcept>
#include <tuple>

#include "normalise/ids.hpp"

namespace casebridge::normalise {
namespace {

// A file that has no name: nothing is left behind when the process dies, and nobody else can open it.
int nameless_file(const std::string& dir) {
  const std::string where = dir.empty() ? "/tmp" : dir;
  int fd = ::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    std::string name = where + "/casebridge-ledger-XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0) throw std::runtime_error("no temporary file in " + where + ": " + std::strerror(errno));
  return fd;
}

bool empty(const IdTable::Row& row) { return row.id.nil(); }
size_t place(const Uuid& id, size_t rows) {
  uint64_t h;
  std::memcpy(&h, id.bytes.data() + 8, 8);  // SHA-1 output: spread as it is
  return static_cast<size_t>(h * 0x9E3779B97F4A7C15ull >> 20) & (rows - 1);
}

}  // namespace

IdTable::IdTable(std::string spill_dir, size_t bytes) : dir_(std::move(spill_dir)), limit_(bytes), rows_(4096) { table_ = map(rows_); }
IdTable::~IdTable() { if (table_) ::munmap(table_, rows_ * sizeof(Row)); }

IdTable::Row* IdTable::map(size_t rows) {
  const size_t bytes = rows * sizeof(Row);
  void* at = MAP_FAILED;
  if (bytes <= limit_) {
    at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  } else {
    const int fd = nameless_file(dir_);
    // Allocated at once: a full disk is an error here, not a SIGBUS later.
    const int full = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
    if (!full) at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (full) throw std::runtime_error(std::string("the disk is too full for the ledger of ids: ") + std::strerror(full));
    spilled_ = true;
  }
  if (at == MAP_FAILED) throw std::runtime_error(std::string("no memory for the ledger of ids: ") + std::strerror(errno));
  return static_cast<Row*>(at);
}

void IdTable::grow() {
  Row* bigger = map(rows_ * 2);
  for (size_t i = 0; i < rows_; ++i) {
    if (empty(table_[i])) continue;
    size_t at = place(table_[i].id, rows_ * 2);
    while (!empty(bigger[at])) at = (at + 1) & (rows_ * 2 - 1);
    bigger[at] = table_[i];
  }
  ::munmap(table_, rows_ * sizeof(Row));
  table_ = bigger;
  rows_ *= 2;
}

IdTable::Row& IdTable::row(const Uuid& id, bool& fresh) {
  if (used_ * 4 >= rows_ * 3) grow();
  size_t at = place(id, rows_);
  while (!empty(table_[at]) && table_[at].id != id) at = (at + 1) & (rows_ - 1);
  fresh = empty(table_[at]);
  if (fresh) {
    table_[at].id = id;
    ++used_;
  }
  return table_[at];
}

VersionLedger::Verdict VersionLedger::see(Record& record) {
  if (record.id.nil()) return Verdict::fresh;
  bool fresh;
  IdTable::Row& row = table_.row(record.id, fresh);
  if (fresh) {
    row.content = record.content_hash;
    row.version = record.version;
    row.source = record.source;
    ++counts_.fresh;
    return Verdict::fresh;
  }
  if (row.content == record.content_hash && (record.version <= 1 || record.version == row.version)) {
    ++counts_.repeats;
    record.version = row.version;
    return Verdict::repeat;
  }
  row.content = record.content_hash;
  row.version = record.version > row.version ? record.version : row.version + 1;
  record.version = row.version;
  ++counts_.versions;
  return Verdict::new_version;
}

uint64_t VersionLedger::see(RecordBatch& batch) {
  uint64_t repeats = 0;
  size_t to = 0;
  for (Unit& unit : batch.units) {
    const size_t begin = unit.first_record, end = begin + unit.n_records;
    unit.first_record = static_cast<uint32_t>(to);
    for (size_t i = begin; i < end; ++i) {
      if (see(batch.records[i]) == Verdict::repeat) { ++repeats; continue; }
      if (to != i) batch.records[to] = std::move(batch.records[i]);
      ++to;
    }
    unit.n_records = static_cast<uint32_t>(to - unit.first_record);
  }
  batch.records.resize(to);
  return repeats;
}

void VersionLedger::seed(const Uuid& id, uint32_t version, uint64_t content) {
  bool fresh;
  IdTable::Row& row = table_.row(id, fresh);
  if (!fresh && row.version >= version) return;
  row.version = version;
  row.content = content;
}

// Sorted runs of rows of one kind, in memory first and then one behind the other in a nameless file.
struct ReferenceLedger::Runs {
  struct Row {
    Uuid to, from;
    uint64_t offset;
    uint32_t source;
    uint32_t field;
    bool operator<(const Row& o) const { return std::tie(to, source, offset, field, from) < std::tie(o.to, o.source, o.offset, o.field, o.from); }
    bool operator==(const Row& o) const { return to == o.to && source == o.source && offset == o.offset && field == o.field && from == o.from; }
  };
  static constexpr size_t kWide = sizeof(Row);

  Runs(std::string spill_dir, size_t bytes, bool ids_only) : dir(std::move(spill_dir)), most(std::max<size_t>(bytes / (ids_only ? 16 : kWide), 1024)), narrow(ids_only) {}
  ~Runs() { if (fd >= 0) ::close(fd); }

  void put(const Row& row) {
    if (narrow) ids.push_back(row.to);
    else rows.push_back(row);
    if ((narrow ? ids.size() : rows.size()) >= most) spill();
  }
  void sort() {
    if (narrow) {
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    } else {
      std::sort(rows.begin(), rows.end());
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    }
  }
  void spill() {
    sort();
    if (fd < 0) fd = nameless_file(dir);
    const char* from = narrow ? reinterpret_cast<const char*>(ids.data()) : reinterpret_cast<const char*>(rows.data());
    size_t left = narrow ? ids.size() * 16 : rows.size() * kWide;
    ends.push_back(size);
    while (left) {
      const ssize_t n = ::pwrite(fd, from, left, static_cast<off_t>(size));
      if (n <= 0) throw std::runtime_error(std::string("the ledger of references cannot be written: ") + std::strerror(errno));
      from += n;
      size += static_cast<uint64_t>(n);
      left -= static_cast<size_t>(n);
    }
    ids.clear();
    rows.clear();
  }

  // One run being read, in blocks.
  struct Reader {
    int fd;
    uint64_t at, end;
    bool narrow;
    std::vector<char> buffer;
    size_t used = 0, filled = 0;
    Row row{};
    bool next() {
      const size_t width = narrow ? 16 : kWide;
      if (used == filled) {
        if (at == end) return false;
        buffer.resize(std::min<uint64_t>(end - at, width * 4096));
        filled = 0;
        while (filled < buffer.size()) {
          const ssize_t n = ::pread(fd, buffer.data() + filled, buffer.size() - filled, static_cast<off_t>(at + filled));
          if (n <= 0) throw std::runtime_error("the ledger of references cannot be read back");
          filled += static_cast<size_t>(n);
        }
        at += filled;
        used = 0;
      }
      if (narrow) std::memcpy(row.to.bytes.data(), buffer.data() + used, 16);
      else std::memcpy(&row, buffer.data() + used, width);
      used += width;
      return true;
    }
  };

  // All rows in order: the runs of the file and what is in memory, merged.
  struct Merge {
    explicit Merge(Runs& runs) : runs(runs) {
      runs.sort();
      for (size_t i = 0; i < runs.ends.size(); ++i)
        readers.push_back({runs.fd, runs.ends[i], i + 1 < runs.ends.size() ? runs.ends[i + 1] : runs.size, runs.narrow, {}});
      for (size_t i = 0; i < readers.size(); ++i) if (readers[i].next()) heap.push(i);
      if (step_memory()) heap.push(readers.size());
    }
    bool step_memory() {
      const size_t n = runs.narrow ? runs.ids.size() : runs.rows.size();
      if (in_memory == n) return false;
      if (runs.narrow) memory.to = runs.ids[in_memory++];
      else memory = runs.rows[in_memory++];
      return true;
    }
    const Row& row(size_t i) const { return i == readers.size() ? memory : readers[i].row; }
    bool next(Row& into) {
      if (heap.empty()) return false;
      const size_t i = heap.top();
      heap.pop();
      into = row(i);
      if (i == readers.size() ? step_memory() : readers[i].next()) heap.push(i);
      return true;
    }
    struct Later {
      const Merge* merge;
      bool operator()(size_t a, size_t b) const { return merge->row(b) < merge->row(a); }
    };
    Runs& runs;
    std::vector<Reader> readers;
    Row memory{};
    size_t in_memory = 0;
    std::priority_queue<size_t, std::vector<size_t>, Later> heap{Later{this}};
  };

  std::string dir;
  size_t most;
  bool narrow;
  std::vector<Uuid> ids;
  std::vector<Row> rows;
  int fd = -1;
  uint64_t size = 0;
  std::vector<uint64_t> ends;  // where each run begins
};

ReferenceLedger::ReferenceLedger(std::string dir, size_t bytes)
    : ids_(std::make_unique<Runs>(dir, bytes / 2, true)), references_(std::make_unique<Runs>(dir, bytes / 2, false)) {}
ReferenceLedger::~ReferenceLedger() = default;

void ReferenceLedger::exists(const Uuid& id) {
  ids_->put({id, {}, 0, 0, 0});
  ++made_;
}
void ReferenceLedger::refers(const DanglingReference& r) {
  references_->put({r.to, r.from, r.offset, r.source, r.field});
  ++open_;
}

void ReferenceLedger::add(const RecordBatch& batch) {
  std::vector<Uuid> own;
  for (const Unit& unit : batch.units) {
    const std::span<const Record> records = std::span(batch.records).subspan(unit.first_record, unit.n_records);
    own.clear();
    for (const Record& r : records) own.push_back(r.id);
    const bool many = own.size() > 16;
    if (many) std::sort(own.begin(), own.end());
    const auto here = [&](const Uuid& id) { return many ? std::binary_search(own.begin(), own.end(), id) : std::find(own.begin(), own.end(), id) != own.end(); };
    for (const Record& r : records) {
      exists(r.id);
      for (const auto* list : {&r.values, &r.block_values})
        for (const Value& v : *list) {
          const model::Node* node = model::find_node(v.field);
          Uuid to;
          if (!node || node->type != model::ValueType::ref || node->kind != model::NodeKind::leaf || !parse_uuid(v.text, to) || here(to)) continue;
          refers({r.id, to, v.field, r.source, r.place.offset});
        }
      if (!r.supersedes.nil() && !here(r.supersedes)) refers({r.id, r.supersedes, 0, r.source, r.place.offset});
    }
  }
}

void ReferenceLedger::finish(const std::function<void(const DanglingReference&)>& tell) {
  {
    Runs::Merge ids(*ids_), references(*references_);
    Runs::Row id{}, r{};
    bool have = ids.next(id);
    while (references.next(r)) {
      while (have && id.to < r.to) have = ids.next(id);
      if (have && id.to == r.to) continue;
      tell({r.from, r.to, static_cast<model::Tag>(r.field), r.source, r.offset});
    }
  }
  for (auto* runs : {ids_.get(), references_.get()}) {
    runs->ids.clear();
    runs->rows.clear();
    runs->ends.clear();
    runs->size = 0;
  }
  made_ = open_ = 0;
}

}  // namespace casebridge::normalise
