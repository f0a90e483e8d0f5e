#include "store/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "store/audit.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

namespace fs = std::filesystem;

std::string file_sha256(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256 hash;
  std::string buffer(size_t(1) << 16, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0)
    hash.add({buffer.data(), static_cast<size_t>(in.gcount())});
  return hash.hex();
}

namespace {

[[noreturn]] void refuse_what_is_there(const std::string& path) {
  throw StoreError(Exit::usage, fill(tr("{0} is there already."), std::vector<std::string>{path}),
                   tr("A backup is never made over a file that is there."));
}

}  // namespace

void backup_file(Database& from, const std::string& to) {
  if (fs::exists(to)) refuse_what_is_there(to);
  const std::string partial = to + ".partial";
  fs::remove(partial);
  try {
    Database copy(partial, Database::Open::create);
    sqlite3_backup* work = sqlite3_backup_init(copy.handle(), "main", from.handle(), "main");
    if (!work) copy.fail(sqlite3_extended_errcode(copy.handle()));
    int code;
    while ((code = sqlite3_backup_step(work, 1024)) == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {}
    sqlite3_backup_finish(work);
    if (code != SQLITE_DONE) copy.fail(code);
    copy.run("PRAGMA journal_mode=DELETE");  // one file, nothing beside it
  } catch (...) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
  const int fd = ::open(partial.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) ::fsync(fd), ::close(fd);
  fs::rename(partial, to);
}

void backup(Store& store, const std::string& to, const std::string& time) {
  Database& db = store.db();
  if (fs::exists(to)) refuse_what_is_there(to);
  if (db.number("SELECT EXISTS (SELECT 1 FROM \"PendingPlace\" WHERE \"path\"='')")) store.leave_no_trace();  // says who is in the way
  {  // noted first: a copy that is cut off is in our keeping too
    Store::Change change(store);
    Query q(db, "INSERT INTO \"Backup\" VALUES (?, ?) ON CONFLICT DO UPDATE SET \"time\"=excluded.\"time\"");
    const std::string path = fs::absolute(to).lexically_normal().string(), at = utc(time);
    q.text(path).text(at).done();
    store.audit("backup", "{}");
    change.commit();
  }
  backup_file(db, to);
}

uint64_t restore(const std::string& from, const std::string& to, const std::string& time, bool force) {
  const bool there = fs::exists(to);
  if (there && !force)
    throw StoreError(Exit::usage, fill(tr("{0} is there already."), std::vector<std::string>{to}),
                     tr("Choose another place, or replace it with --force."));
  {
    Store checked(from, Store::Mode::read);
    if (!verify(checked).problems.empty())
      throw StoreError(Exit::integrity, fill(tr("{0} is damaged."), std::vector<std::string>{from}),
                       tr("casebridge audit verify says where; take another backup."));
  }
  const std::string fresh = to + ".restored";
  fs::remove(fresh);
  std::unique_ptr<Lock> lock = there ? std::make_unique<Lock>(to, "casebridge restore", time) : nullptr;  // nobody writes meanwhile
  {
    Database source(from, Database::Open::read);
    backup_file(source, fresh);
  }
  uint64_t again = 0;
  try {
    Store store(fresh, Store::Mode::write, "casebridge restore", time);
    if (there) again = store.remove_what_is_barred_in(to, time);
    store.begin_run("restore", time);
    if (there) store.take_over(to);
    store.commit_run();
    store.db().run("PRAGMA journal_mode=DELETE");
  } catch (...) {
    for (const char* beside : {"", "-wal", "-shm", ".lock"}) std::remove((fresh + beside).c_str());
    throw;
  }
  if (there) try {  // nothing may be left beside the file that is replaced; a damaged one has nothing to say
      Database old(to, Database::Open::write);
      old.run("PRAGMA journal_mode=DELETE");
    } catch (const std::exception&) {}
  for (const char* beside : {"-wal", "-shm"}) std::remove((to + beside).c_str());
  fs::rename(fresh, to);
  std::remove((fresh + ".lock").c_str());
  return again;
}

}  // namespace casebridge::store
