#include "normalise/ledgers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
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
uint64_t mixed(const Uuid& id) {  // all of it counts: case data of others may bring ids that are not spread
  uint64_t a, b;
  std::memcpy(&a, id.bytes.data(), 8);
  std::memcpy(&b, id.bytes.data() + 8, 8);
  const auto wide = static_cast<unsigned __int128>(a ^ 0x9E3779B97F4A7C15ull) * (b ^ 0xA0761D6478BD642Full);
  return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
}
// The place of an id in a table of a power of two of rows: its highest bits, so that a table read from end to end is all but
// in the order of the runs, which is that of the mixed ids.
size_t place(uint64_t mix, size_t rows) { return static_cast<size_t>(mix >> 1 >> (std::countl_zero(uint64_t(rows)))); }
bool before(uint64_t mix_a, const Uuid& a, uint64_t mix_b, const Uuid& b) { return mix_a != mix_b ? mix_a < mix_b : a < b; }
bool before(const IdTable::Row& a, const IdTable::Row& b) { return before(mixed(a.id), a.id, mixed(b.id), b.id); }

// Rows that are nearly in order: each goes the few steps back that it has to. Where they are not (ids chosen to collide, the
// rows that went round the end of the table), sorting does the rest.
void order(IdTable::Row* first, IdTable::Row* last) {
  auto patience = static_cast<size_t>(last - first) * 8;
  for (IdTable::Row* next = first; next != last; ++next) {
    if (next == first) continue;
    const uint64_t mix = mixed(next->id);
    if (!before(mix, next->id, mixed((next - 1)->id), (next - 1)->id)) continue;
    const IdTable::Row moved = *next;
    IdTable::Row* at = next;
    do {
      *at = *(at - 1);
      --at;
    } while (at != first && --patience && before(mix, moved.id, mixed((at - 1)->id), (at - 1)->id));
    *at = moved;
    if (!patience) return std::sort(first, last, [](const IdTable::Row& a, const IdTable::Row& b) { return before(a, b); });
  }
}

void write_at(int fd, const void* from, size_t size, uint64_t at) {
  for (auto* next = static_cast<const char*>(from); size;) {
    const ssize_t n = ::pwrite(fd, next, size, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw std::runtime_error(std::string("a ledger cannot be written to the disk: ") + std::strerror(errno));
    next += n, at += static_cast<uint64_t>(n), size -= static_cast<size_t>(n);
  }
}
void read_at(int fd, void* into, size_t size, uint64_t at) {
  for (auto* next = static_cast<char*>(into); size;) {
    const ssize_t n = ::pread(fd, next, size, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw std::runtime_error("a ledger cannot be read back from the disk");
    next += n, at += static_cast<uint64_t>(n), size -= static_cast<size_t>(n);
  }
}

}  // namespace

struct IdTable::Run {
  static constexpr size_t kBlock = 128, kFilterBits = 10;
  Run(const std::string& dir, size_t most) : fd(nameless_file(dir)), filter((most * kFilterBits / 512 + 1) * 8) {
    index.reserve(most / kBlock + 1);
  }
  ~Run() { ::close(fd); }
  Run(const Run&) = delete;

  void put(const Row& row) {  // in order
    if (count % kBlock == 0) index.push_back(row.id);
    ++count;
    uint64_t* line;
    const uint64_t bits = at_filter(row.id, line);
    for (int i = 0; i < 6; ++i) line[bits >> (9 * i + 6) & 7] |= uint64_t(1) << (bits >> (9 * i) & 63);
    buffer.push_back(row);
    if (buffer.size() == 4096) flush();
  }
  void flush() {
    write_at(fd, buffer.data(), buffer.size() * sizeof(Row), (count - buffer.size()) * sizeof(Row));
    buffer.clear();
  }
  void done() {
    flush();
    buffer.shrink_to_fit();
  }
  uint64_t* line_of(uint64_t h) {
    return filter.data() + static_cast<size_t>((static_cast<unsigned __int128>(h) * (filter.size() / 8)) >> 64) * 8;
  }
  uint64_t at_filter(const Uuid& id, uint64_t*& line) {
    const uint64_t h = mixed(id);
    line = line_of(h);
    return (h ^ h >> 29) * 0xE7037ED1A0B428DBull;
  }
  bool find(const Uuid& id, Row& into) {
    uint64_t* line;
    const uint64_t bits = at_filter(id, line);
    for (int i = 0; i < 6; ++i)
      if (!(line[bits >> (9 * i + 6) & 7] >> (bits >> (9 * i) & 63) & 1)) return false;
    const uint64_t mix = mixed(id);
    const auto next = std::upper_bound(index.begin(), index.end(), id,
                                       [mix](const Uuid& want, const Uuid& row) { return before(mix, want, mixed(row), row); });
    if (next == index.begin()) return false;
    const size_t first = static_cast<size_t>(next - index.begin() - 1) * kBlock, n = std::min(kBlock, count - first);
    Row rows[kBlock];
    read_at(fd, rows, n * sizeof(Row), first * sizeof(Row));
    const Row* at =
        std::lower_bound(rows, rows + n, id, [mix](const Row& row, const Uuid& want) { return before(mixed(row.id), row.id, mix, want); });
    if (at == rows + n || at->id != id) return false;
    into = *at;
    return true;
  }

  int fd;
  size_t count = 0;
  uint32_t level = 0;            // how often it was merged
  std::vector<uint64_t> filter;  // 512 bits for about 51 rows
  std::vector<Uuid> index;
  std::vector<Row> buffer;
};

IdTable::IdTable(std::string spill_dir, size_t bytes) : dir_(std::move(spill_dir)), most_(4096), rows_(4096) {
  while (most_ * 2 * sizeof(Row) <= bytes) most_ *= 2;
  table_ = static_cast<Row*>(::calloc(rows_, sizeof(Row)));
  if (!table_) throw std::bad_alloc();
}
IdTable::~IdTable() { ::free(table_); }

void IdTable::grow() {
  if (rows_ >= most_) return spill();
  auto* bigger = static_cast<Row*>(::calloc(rows_ * 2, sizeof(Row)));
  if (!bigger) throw std::bad_alloc();
  for (size_t i = 0; i < rows_; ++i) {
    if (empty(table_[i])) continue;
    size_t at = place(mixed(table_[i].id), rows_ * 2);
    while (!empty(bigger[at])) at = (at + 1) & (rows_ * 2 - 1);
    bigger[at] = table_[i];
  }
  ::free(table_);
  table_ = bigger;
  rows_ *= 2;
}

void IdTable::spill() {
  Row* const end = std::remove_if(table_, table_ + rows_, [](const Row& row) { return empty(row); });
  // Rows that found no place before the end of the table stand at its beginning and are the last.
  Row* wrapped = table_;
  while (wrapped != end && wrapped - table_ < end - wrapped && place(mixed(wrapped->id), rows_) > rows_ / 2) ++wrapped;
  std::rotate(table_, wrapped, end);
  order(table_, end);
  auto run = std::make_unique<Run>(dir_, static_cast<size_t>(end - table_));
  for (const Row* row = table_; row != end; ++row) run->put(*row);
  run->done();
  runs_.push_back(std::move(run));
  std::memset(static_cast<void*>(table_), 0, rows_ * sizeof(Row));
  used_ = 0;
  constexpr size_t kTogether = 8;
  while (runs_.size() >= kTogether && runs_[runs_.size() - kTogether]->level == runs_.back()->level) merge(runs_.size() - kTogether);
}

void IdTable::merge(size_t first) {
  struct Reader {
    Run* run;
    size_t at = 0, used = 0;
    std::vector<Row> rows{};
    const Row* row() {
      if (used == rows.size()) {
        rows.resize(std::min<size_t>(1024, run->count - at));
        read_at(run->fd, rows.data(), rows.size() * sizeof(Row), at * sizeof(Row));
        at += rows.size();
        used = 0;
      }
      return rows.empty() ? nullptr : &rows[used];
    }
  };
  std::vector<Reader> readers;
  size_t most = 0;
  for (size_t i = first; i < runs_.size(); ++i) readers.push_back({runs_[i].get()}), most += runs_[i]->count;
  auto merged = std::make_unique<Run>(dir_, most);
  merged->level = runs_.back()->level + 1;
  for (;;) {
    const Row* least = nullptr;
    for (Reader& reader : readers)  // of equal ids the newest run's row counts
      if (const Row* row = reader.row(); row && (!least || !before(*least, *row))) least = row;
    if (!least) break;
    const Row taken = *least;
    for (Reader& reader : readers)
      if (const Row* row = reader.row(); row && row->id == taken.id) ++reader.used;
    merged->put(taken);
  }
  merged->done();
  runs_.resize(first);
  runs_.push_back(std::move(merged));
}

bool IdTable::find_on_disk(const Uuid& id, Row& into) const {
  for (size_t i = runs_.size(); i-- > 0;)
    if (runs_[i]->find(id, into)) return true;
  return false;
}

bool IdTable::has(const Uuid& id) const {
  size_t at = place(mixed(id), rows_);
  for (; !empty(table_[at]); at = (at + 1) & (rows_ - 1))
    if (table_[at].id == id) return true;
  Row row;
  return find_on_disk(id, row);
}

void IdTable::expect(const Uuid& id) const {
  const uint64_t mix = mixed(id);
  __builtin_prefetch(&table_[place(mix, rows_)], 1);
  for (const auto& run : runs_) __builtin_prefetch(run->line_of(mix));
}

IdTable::Row& IdTable::row(const Uuid& id, bool& fresh) {
  if (used_ * 4 >= rows_ * 3) grow();
  size_t at = place(mixed(id), rows_);
  for (; !empty(table_[at]); at = (at + 1) & (rows_ - 1))
    if (table_[at].id == id) {
      fresh = false;
      return table_[at];
    }
  Row& row = table_[at];
  fresh = runs_.empty() || !find_on_disk(id, row);
  if (fresh) {
    row.id = id;
    ++size_;
  }
  ++used_;
  return row;
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
      if (see(batch.records[i]) == Verdict::repeat) {
        ++repeats;
        continue;
      }
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
    bool operator<(const Row& o) const {
      return std::tie(to, source, offset, field, from) < std::tie(o.to, o.source, o.offset, o.field, o.from);
    }
    bool operator==(const Row& o) const {
      return to == o.to && source == o.source && offset == o.offset && field == o.field && from == o.from;
    }
  };
  static constexpr size_t kWide = sizeof(Row);

  Runs(std::string spill_dir, size_t bytes, bool ids_only)
      : dir(std::move(spill_dir)), most(std::max<size_t>(bytes / (ids_only ? 16 : kWide), 1024)), narrow(ids_only) {}
  ~Runs() {
    if (fd >= 0) ::close(fd);
  }

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
      for (size_t i = 0; i < readers.size(); ++i)
        if (readers[i].next()) heap.push(i);
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

ReferenceLedger::ReferenceLedger(std::string dir, size_t bytes, std::function<bool(const Uuid&)> known)
    : ids_(std::make_unique<Runs>(dir, bytes / 2, true)),
      references_(std::make_unique<Runs>(dir, bytes / 2, false)),
      known_(std::move(known)) {}
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
    const auto here = [&](const Uuid& id) {
      return many ? std::binary_search(own.begin(), own.end(), id) : std::find(own.begin(), own.end(), id) != own.end();
    };
    for (const Record& r : records) {
      if (!known_) exists(r.id);
      for (const auto* list : {&r.values, &r.block_values})
        for (const Value& v : *list) {
          if (v.text.size() != 36) continue;  // most are no reference
          const model::Node* node = model::find_node(v.field);
          Uuid to;
          if (!node || node->type != model::ValueType::ref || node->kind != model::NodeKind::leaf || !parse_uuid(v.text, to) || here(to))
            continue;
          refers({r.id, to, v.field, r.source, r.place.offset});
        }
      if (!r.supersedes.nil() && !here(r.supersedes)) refers({r.id, r.supersedes, 0, r.source, r.place.offset});
    }
  }
}

void ReferenceLedger::finish(const std::function<void(const DanglingReference&)>& tell) {
  if (open_) {
    Runs::Merge ids(*ids_), references(*references_);
    Runs::Row id{}, r{};
    bool have = ids.next(id), asked_known = false;
    Uuid asked;
    while (references.next(r)) {
      while (have && id.to < r.to) have = ids.next(id);
      if (have && id.to == r.to) continue;
      if (known_) {
        if (asked != r.to) asked = r.to, asked_known = known_(asked);
        if (asked_known) continue;
      }
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
