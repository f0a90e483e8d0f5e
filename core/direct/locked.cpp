#include "direct/locked.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "host/sandbox.hpp"
#include "host/wire.hpp"
#include "link/flat_map.hpp"
#include "link/hash.hpp"
#include "link/model_file.hpp"
#include "normalise/normaliser.hpp"

namespace casebridge::direct {
namespace {

using host::Packer;
using host::Unpacker;

constexpr uint64_t kMostBody = uint64_t(1) << 31;

bool send(int fd, const std::string& body) {
  uint64_t size = body.size();
  iovec parts[2] = {{&size, sizeof size}, {const_cast<char*>(body.data()), body.size()}};
  return host::write_all(fd, parts, body.empty() ? 1 : 2);
}

bool read_all(int fd, char* into, size_t size) {
  while (size) {
    const ssize_t got = ::read(fd, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got, size -= static_cast<size_t>(got);
  }
  return true;
}

bool receive_from(int fd, std::string& body) {
  uint64_t size = 0;
  if (!read_all(fd, reinterpret_cast<char*>(&size), sizeof size) || size > kMostBody) return false;
  body.resize(size);
  return read_all(fd, body.data(), size);
}

// Words of the answers.
constexpr uint64_t kUsual = 0, kTaken = 1, kPlan = 2, kClusters = 3, kTotals = 4;

class LeftPersons final : public link::LinkInput {
 public:
  LeftPersons(const std::vector<std::string_view>& packed, const Columns& columns) : packed_(packed), columns_(columns) {}
  size_t chunks() const override { return packed_.empty() ? 0 : 1; }
  void fill(size_t, link::ChunkBuilder& into) const override {
    const uint16_t source = into.source(columns_.agency, columns_.system);
    for (const std::string_view one : packed_) {
      Unpacker u(one);
      link::RawPerson r;
      r.source = source;
      for (std::string_view* t : {&r.local_id, &r.given, &r.middle, &r.family, &r.birth_date, &r.birth_city, &r.occupation}) *t = u.text();
      r.doubtful = u.number();
      std::vector<std::string_view> phones, emails;
      std::vector<link::RawPerson::RawName> names;
      std::vector<link::RawPerson::RawIdentifier> numbers;
      std::vector<link::RawPerson::RawAddress> addresses;
      for (auto* list : {&phones, &emails})
        for (uint64_t n = u.number(); n > 0; --n) list->push_back(u.text());
      for (uint64_t n = u.number(); n > 0; --n) {
        const std::string_view given = u.text();
        names.push_back({given, u.text()});
      }
      for (uint64_t n = u.number(); n > 0; --n) {
        link::RawPerson::RawIdentifier i;
        for (std::string_view* t : {&i.kind, &i.issuer, &i.value}) *t = u.text();
        i.strong = u.number();
        numbers.push_back(i);
      }
      for (uint64_t n = u.number(); n > 0; --n) {
        link::RawPerson::RawAddress a;
        for (std::string_view* t : {&a.street, &a.city, &a.postcode}) *t = u.text();
        addresses.push_back(a);
      }
      r.phones = phones, r.emails = emails, r.names = names, r.identifiers = numbers, r.addresses = addresses;
      into.add(r);
    }
  }

 private:
  const std::vector<std::string_view>& packed_;
  const Columns& columns_;
};

// Two records with one name are versions of one record: that is for the usual way.
bool twice(const link::PersonTable& t) {
  link::FlatMap seen(t.persons.size());
  for (const link::Person& p : t.persons) {
    if (seen.find(p.key)) return true;
    seen.put(p.key, 1);
  }
  return false;
}

// Everything that happens in the other process.
class Inside {
 public:
  Inside(int socket, std::string_view text, const Columns& columns, const resolve::Settings& settings)
      : socket_(socket), text_(text), columns_(columns), settings_(settings) {}

  void run() {
    const std::vector<link::Decision> decisions = link::read_decisions(settings_.decisions_csv);
    Rows rows(text_, columns_);
    link::PersonTable table;
    if (rows.fits()) table = link::build_table(rows, settings_.threads);
    if (!rows.still_fits() || twice(table)) {
      send(socket_, Packer().number(kUsual).body());
      return;
    }
    const std::vector<LeftRow> left = rows.left();
    Packer told;
    told.number(kTaken).number(rows.taken()).number(left.size());
    for (const LeftRow& row : left) told.number(row.line).number(row.offset).number(row.length);
    if (!send(socket_, told.body())) return;
    std::string body;
    if (!receive_from(socket_, body)) return;
    Unpacker u(body);
    std::vector<std::string_view> packed;
    std::vector<uint64_t> before;  // rows of the table before each
    for (uint64_t n = u.number(); n > 0; --n) {
      const uint64_t line = u.number();
      const auto at = std::lower_bound(left.begin(), left.end(), line, [](const LeftRow& r, uint64_t l) { return r.line < l; });
      before.push_back(at == left.end() ? rows.taken() : at->before);
      packed.push_back(u.text());
    }
    const uint32_t taken = table.size();
    if (!packed.empty()) {
      link::append_table(table, link::build_table(LeftPersons(packed, columns_), 1));
      if (twice(table)) {
        send(socket_, Packer().number(kUsual).body());
        return;
      }
    }
    link_all(table, decisions, taken, before);
  }

 private:
  void link_all(link::PersonTable& table, const std::vector<link::Decision>& decisions, uint32_t taken,
                const std::vector<uint64_t>& before) {
    resolve::mark_deduplicated(table, settings_.deduplicated);
    link::LinkOptions options;
    options.threads = settings_.threads;
    options.on_plan = [&](const link::LinkPlan& plan) {  // said by the other side
      uint64_t skipped = 0, pairs = 0;
      for (const link::RuleCost& c : plan.costs) skipped += c.skipped, pairs += c.skipped_pairs;
      send(socket_,
           Packer().number(kPlan).number(plan.records).number(plan.pairs).number(plan.memory_bytes).number(skipped).number(pairs).body());
    };
    const link::AppliedDecisions applied = link::apply_decisions(table, decisions);
    options.constraints = applied.constraints;
    link::Model given;
    if (!settings_.model_json.empty()) {
      given = link::read_model(settings_.model_json);
      options.model = &given;
    }
    const link::LinkResult result = link::link_table(table, options);
    std::string text = "record_id,entity_id\n";
    const auto flush = [&](size_t most) {
      if (text.size() <= most) return;
      send(socket_, Packer().number(kClusters).text(text).body());
      text.clear();
    };
    const auto line = [&](uint32_t row) {
      emit::append_csv_cell(text, table.local_id(row));
      text += ',';
      text += resolve::entity_text(link::mix(table.persons[result.clusters.of[row]].key, 0xE));
      text += '\n';
      flush(size_t(1) << 20);
    };
    size_t next = 0;  // of those that went the usual way
    for (uint32_t row = 0; row < taken; ++row) {
      while (next < before.size() && before[next] <= row) line(taken + static_cast<uint32_t>(next++));
      line(row);
    }
    while (next < before.size()) line(taken + static_cast<uint32_t>(next++));
    flush(0);
    std::vector<uint32_t> size(table.size(), 0);
    for (const uint32_t leader : result.clusters.of) ++size[leader];
    uint64_t people = 0, several = 0;
    for (const uint32_t n : size) people += n > 0, several += n > 1;
    send(socket_, Packer()
                      .number(kTotals)
                      .number(table.size())
                      .number(people)
                      .number(several)
                      .number(result.compared)
                      .number(result.edges.size())
                      .number(result.review.size())
                      .number(applied.one)
                      .number(applied.never)
                      .number(applied.waiting)
                      .body());
  }

  int socket_;
  std::string_view text_;
  const Columns& columns_;
  const resolve::Settings& settings_;
};

}  // namespace

std::string pack_person(const link::RawPerson& r) {
  Packer p;
  for (const std::string_view t : {r.local_id, r.given, r.middle, r.family, r.birth_date, r.birth_city, r.occupation}) p.text(t);
  p.number(r.doubtful);
  for (const auto& list : {r.phones, r.emails}) {
    p.number(list.size());
    for (const std::string_view t : list) p.text(t);
  }
  p.number(r.names.size());
  for (const auto& n : r.names) p.text(n.given).text(n.family);
  p.number(r.identifiers.size());
  for (const auto& i : r.identifiers) p.text(i.kind).text(i.issuer).text(i.value).number(i.strong);
  p.number(r.addresses.size());
  for (const auto& a : r.addresses) p.text(a.street).text(a.city).text(a.postcode);
  return p.body();
}

Locked::Locked(int fd, uint64_t size, const Columns& columns, const resolve::Settings& settings, bool allow_unlocked)
    : on_plan_(settings.on_plan) {
  void* const map = size ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  if (map == MAP_FAILED) return;
  ::madvise(map, size, MADV_SEQUENTIAL);
  normalise::warm_up();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    ::munmap(map, size);
    return;
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // It keeps the socket and what it says on; the file is in its memory.
    if (ends[1] > 3) ::close_range(3, static_cast<unsigned>(ends[1]) - 1, 0);
    ::close_range(static_cast<unsigned>(ends[1]) + 1, ~0u, 0);
    int end = 1;
    try {
      host::limit_process({});
      const std::string open_door = host::close_sandbox(nullptr, host::Threads::allowed);
      if ((open_door.empty() || allow_unlocked) && ::getppid() == parent) {
        Inside(ends[1], {static_cast<const char*>(map), size}, columns, settings).run();
        end = 0;
      }
    } catch (...) {  // the other side sees that this one is gone, and reads the file the usual way
    }
    ::_exit(end);
  }
  ::close(ends[1]);
  ::munmap(map, size);
  if (pid_ < 0) ::close(ends[0]);
  else socket_ = ends[0];
}

Locked::~Locked() {
  if (socket_ >= 0) ::close(socket_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
}

bool Locked::receive(std::string& body) { return socket_ >= 0 && receive_from(socket_, body); }

bool Locked::rows(std::vector<LeftRow>& left, uint64_t& taken) {
  std::string body;
  if (!receive(body)) return false;
  try {
    Unpacker u(body);
    if (u.number() != kTaken) return false;
    taken = u.number();
    for (uint64_t n = u.number(); n > 0; --n) {
      LeftRow row;
      row.line = u.number(), row.offset = u.number(), row.length = u.number();
      if (!left.empty() && row.line <= left.back().line) return false;
      left.push_back(row);
    }
  } catch (const std::runtime_error&) { return false; }
  return true;
}

bool Locked::link(const std::vector<LeftPerson>& rest, const std::function<void(std::string_view)>& clusters, Totals& totals) {
  Packer told;
  told.number(rest.size());
  for (const LeftPerson& p : rest) told.number(p.line).text(p.packed);
  if (socket_ < 0 || !send(socket_, told.body())) return false;
  for (std::string body; receive(body);) {
    try {
      Unpacker u(body);
      const uint64_t what = u.number();
      if (what == kClusters) {
        clusters(u.text());
        continue;
      }
      if (what == kPlan) {
        link::LinkPlan plan;
        plan.costs.resize(1);
        plan.records = u.number(), plan.pairs = u.number(), plan.memory_bytes = u.number();
        plan.costs[0].skipped = u.number(), plan.costs[0].skipped_pairs = u.number();
        if (on_plan_) on_plan_(plan);
        continue;
      }
      if (what != kTotals) return false;
      for (uint64_t* n : {&totals.records, &totals.people, &totals.several, &totals.compared, &totals.edges, &totals.review, &totals.one,
                          &totals.never, &totals.waiting})
        *n = u.number();
      return true;
    } catch (const std::runtime_error&) { return false; }
  }
  return false;
}

}  // namespace casebridge::direct
