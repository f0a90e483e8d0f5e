// A state directory: records.bin, index.bin, recent.bin, model.json, decisions.bin. A new state is written beside the old files and
// renamed at the end, the records last, so that a run that breaks leaves a state that can be read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "link/bytes.hpp"
#include "link/model_file.hpp"
#include "link/state_body.hpp"

namespace casebridge::link {
namespace {

constexpr std::string_view magic = "CBLINK01";

void put_text(std::string& out, std::string_view s) { put_vector(out, std::vector<char>(s.begin(), s.end())); }
std::string take_text(std::string_view& in) {
  std::vector<char> v;
  take_vector(in, v);
  return {v.begin(), v.end()};
}

std::string read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat st {};
  if (fd < 0 || ::fstat(fd, &st) != 0) {
    if (fd >= 0) ::close(fd);
    throw std::runtime_error(path + ": cannot be read");
  }
  std::string out(static_cast<size_t>(st.st_size), '\0');
  size_t at = 0;
  while (at < out.size()) {
    const ssize_t n = ::read(fd, out.data() + at, out.size() - at);
    if (n <= 0) break;
    at += static_cast<size_t>(n);
  }
  ::close(fd);
  if (at != out.size()) throw std::runtime_error(path + ": cannot be read");
  return out;
}

// Readable by its owner alone: a state holds names.
void write_file(const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error(beside + ": cannot be written");
  size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (n <= 0) break;
    at += static_cast<size_t>(n);
  }
  const bool closed = ::close(fd) == 0;
  if (at != bytes.size() || !closed || std::rename(beside.c_str(), path.c_str()) != 0)
    throw std::runtime_error(path + ": cannot be written");
}

}  // namespace

void LinkState::save(const std::string& dir) const {
  const Body& b = *body_;
  std::filesystem::create_directories(dir);
  write_file(dir + "/model.json", write_model(b.model));
  std::string out;
  for (const Decision& d : b.decisions) {
    for (const std::string* s :
         {&d.a.agency, &d.a.system, &d.a.local_id, &d.b.agency, &d.b.system, &d.b.local_id, &d.code, &d.by, &d.at, &d.reason})
      put_text(out, *s);
  }
  write_file(dir + "/decisions.bin", out);
  out.clear();
  if (b.index_in != dir) {  // the large part changes seldom
    b.index.save(out);
    write_file(dir + "/index.bin", out);
    body_->index_in = dir;
    out.clear();
  }
  b.index.save_recent(out);
  write_file(dir + "/recent.bin", out);
  out.clear();
  const PersonTable& t = b.table;
  out.reserve(t.bytes() + b.edges.size() * sizeof(Edge) + t.persons.size() * 16);
  out += magic;
  put_vector(out, t.persons);
  put_vector(out, t.pool);
  t.names.save(out);
  t.places.save(out);
  put_text(out, t.id_text);
  put_vector(out, t.id_at);
  put_vector(out, b.edges);
  put_vector(out, b.alive);
  put_vector(out, b.entity);
  put_vector(out, b.leader);
  const uint64_t n = t.sources.size();
  put_vector(out, std::vector<uint64_t>{n});
  for (const Source& s : t.sources) {
    put_text(out, s.agency);
    put_text(out, s.system);
    put_vector(out, std::vector<char>{static_cast<char>(s.deduplicated), static_cast<char>(s.unlinked)});
  }
  write_file(dir + "/records.bin", out);
}

LinkState LinkState::load(const std::string& dir) {
  LinkState s;
  Body& b = *s.body_;
  b.model = read_model(read_file(dir + "/model.json"));
  std::string bytes = read_file(dir + "/decisions.bin");
  for (std::string_view in = bytes; !in.empty();) {
    Decision d;
    for (std::string* t :
         {&d.a.agency, &d.a.system, &d.a.local_id, &d.b.agency, &d.b.system, &d.b.local_id, &d.code, &d.by, &d.at, &d.reason})
      *t = take_text(in);
    b.decisions.push_back(std::move(d));
  }
  bytes = read_file(dir + "/records.bin");
  std::string_view in = bytes;
  if (!in.starts_with(magic)) throw std::runtime_error(dir + ": not a link state, or of another version");
  in.remove_prefix(magic.size());
  PersonTable& t = b.table;
  take_vector(in, t.persons);
  take_vector(in, t.pool);
  t.names.load(in);
  t.places.load(in);
  t.id_text = take_text(in);
  take_vector(in, t.id_at);
  take_vector(in, b.edges);
  take_vector(in, b.alive);
  take_vector(in, b.entity);
  take_vector(in, b.leader);
  std::vector<uint64_t> count;
  take_vector(in, count);
  for (uint64_t i = 0; !count.empty() && i < count[0]; ++i) {
    Source source{take_text(in), take_text(in)};
    std::vector<char> flags;
    take_vector(in, flags);
    if (flags.size() == 2) source.deduplicated = flags[0], source.unlinked = flags[1];
    t.sources.push_back(std::move(source));
  }
  const size_t n = t.persons.size();
  if (t.id_at.size() != n + 1 || b.alive.size() != n || b.entity.size() != n || b.leader.size() != n || !in.empty())
    throw std::runtime_error(dir + ": a broken state");
  for (const Person& p : t.persons) {
    if (p.given >= t.names.size() || p.middle >= t.names.size() || p.family >= t.names.size() || p.street >= t.places.size() ||
        p.city >= t.places.size() || p.birth_city >= t.places.size() || p.occupation >= t.places.size() || p.source >= t.sources.size() ||
        size_t{p.lists} + Lists::size(p) > t.pool.size()) {
      throw std::runtime_error(dir + ": a broken state");
    }
  }
  bytes = read_file(dir + "/index.bin");
  in = bytes;
  b.index.load(in);
  bytes = read_file(dir + "/recent.bin");
  in = bytes;
  b.index.load_recent(in);
  b.index_in = dir;
  const auto row_exists = [&](uint32_t row) { return row < n; };
  bool whole = std::all_of(b.leader.begin(), b.leader.end(), row_exists) && b.index.all_rows(row_exists);
  for (const Edge& e : b.edges) whole &= row_exists(e.a) && row_exists(e.b);
  if (!whole) throw std::runtime_error(dir + ": a broken state");
  b.bind();
  return s;
}

}  // namespace casebridge::link
