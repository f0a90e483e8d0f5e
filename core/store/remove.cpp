// Taking away: withdrawal, and the key of what was taken away. They outrank history (H1, H3, H18, H29). What is taken away
// goes from every version and past view, from findings, quarantine and decisions (remover.hpp), from free pages, the
// write-ahead log and the backups that the store knows of (pending.cpp). The audit log keeps time, rule, count and keyed hashes.
#include "base/text.hpp"
#include "normalise/ids.hpp"
#include "store/remover.hpp"

namespace casebridge::store {

using normalise::to_text;

namespace {

struct Target {
  std::string kind, name;  // of Barred
  std::vector<int64_t> files;
  std::string id;
  bool held = false;  // of feeds that are held back something is kept
  bool nothing() const { return files.empty() && id.empty() && !held; }
};

Target target_of(Database& db, std::string_view what) {
  Target out;
  Uuid id;
  if (normalise::parse_uuid(what, id)) {
    out.kind = "record", out.name = out.id = to_text(id);
    Query q(db, "SELECT 1 FROM \"Record\" WHERE \"id\"=? AND \"source\" > 0 LIMIT 1");
    q.text(out.id);
    if (!q.step()) out.id.clear();
    return out;
  }
  Query file(
      db,
      "SELECT \"source\", \"sha256\" FROM \"SourceFile\" WHERE \"source\" > 0 AND (\"sha256\"=?1 OR \"name\"=?1 AND \"source\" NOT IN "
      "(SELECT \"source\" FROM \"FeedFile\" WHERE \"mendedFrom\" IS NOT NULL)) ORDER BY \"source\"");
  file.text(what);
  std::set<std::string> hashes;
  while (file.step()) out.files.push_back(file.as_number(0)), hashes.emplace(file.as_text(1));
  if (hashes.size() > 1)
    throw StoreError(Exit::usage, fill(tr("Several files are called {0}."), std::vector<std::string>{std::string(what)}),
                     tr("Name the one by its SHA-256: the view source_overview of the store lists them."));
  const auto look_for_held = [&] {
    Query held(db, "SELECT 1 FROM \"Feed\" WHERE " + Remover::held_feed(out.kind) + " LIMIT 1");
    held.text(out.name);
    out.held = held.step();
  };
  if (!out.files.empty()) {
    Query mended(db, "SELECT \"source\" FROM \"FeedFile\" WHERE \"mendedFrom\"=?");  // what people made of its records
    for (size_t i = 0, n = out.files.size(); i < n; ++i) {
      mended.number(out.files[i]);
      while (mended.step()) out.files.push_back(mended.as_number(0));
      mended.reset();
    }
    out.kind = "file", out.name = *hashes.begin();
    look_for_held();
    return out;
  }
  Query source(db,
               "SELECT \"source\" FROM \"SourceFile\" WHERE \"source\" > 0 AND (\"agency\"=?1 OR \"agency\"||'/'||\"system\"=?1) ORDER BY "
               "\"source\"");
  source.text(what);
  while (source.step()) out.files.push_back(source.as_number(0));
  out.kind = what.size() == 64 && what.find_first_not_of("0123456789abcdef") == what.npos ? "file" : "source";
  out.name = what;
  look_for_held();
  return out;
}

}  // namespace

Store::Removal Store::take_away(std::string_view kind, std::string_view rule, std::string_view time, std::string_view by,
                                std::string_view why, const std::function<void(Remover&)>& what) {
  begin_run(kind, time, why);
  Removal out;
  try {
    Remover remover(*this, std::string(rule));
    what(remover);
    remover.log(std::string(kind), std::string(by));
    owe(rule, remover.out.records, remover.names());
    out = remover.out;
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  finish_pending(out.unreachable);
  return out;
}

Store::Removal Store::withdraw(std::string_view what, std::string_view time, std::string_view by, std::string_view why) {
  const Target target = target_of(db_, what);
  if (target.nothing()) return {};
  return take_away("withdraw", TR_NOOP("withdrawn"), time, by, why, [&](Remover& remover) {
    for (const int64_t file : target.files) remover.file(file);
    if (!target.id.empty()) remover.records({target.id});
    if (target.held) remover.held(target.kind, target.name);
    remover.settle();
    remover.bar(target.kind, target.name);
    if (target.kind == "record")
      for (const std::string& id : remover.removed()) remover.bar("record", id);
  });
}

bool Store::readmit(std::string_view what, std::string_view time, std::string_view by, std::string_view why) {
  const Target target = target_of(db_, what);
  begin_run("readmit", time, why);
  const std::string hash = keyed(target.kind + '\x1F' + target.name);
  Query q(db_, "DELETE FROM \"Barred\" WHERE \"kind\"=? AND \"hash\"=?");
  q.text(target.kind).text(hash).done();
  if (!db_.changes()) {
    abandon_run();
    return false;
  }
  audit("readmit", "{\"by\":" + json_text(by) + ",\"keyed\":\"" + hash + "\"}");
  commit_run();
  return true;
}

Store::Removal Store::destroy_key(std::string_view time, std::string_view by, std::string_view why) {
  Removal out;
  finish_pending(out.unreachable);
  begin_run("destroy", time, why);
  try {
    out.found = db_.number("SELECT count(*) FROM \"Meta\" WHERE \"name\"='key'") > 0;
    db_.run("DELETE FROM \"Meta\" WHERE \"name\"='key'; DELETE FROM \"PendingPlace\"; DELETE FROM \"Pending\"");
    audit("destroy-key", by.empty() ? "{}" : "{\"by\":" + json_text(by) + "}");
    owe(TR_NOOP("key destroyed"), 0, {{"key", ""}});
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  out.unreachable.clear();
  finish_pending(out.unreachable);
  return out;
}

std::optional<Store::Taken> Store::taken(std::string_view what) {
  if (keyed("").empty()) throw StoreError(Exit::usage, tr("The key of the keyed hashes was destroyed: nothing can be asked of them."));
  const Target target = target_of(db_, what);
  const std::string hash = keyed(target.kind + '\x1F' + target.name);
  Query q(db_,
          "SELECT a.\"time\", json_extract(a.\"detail\", '$.rule'), json_extract(a.\"detail\", '$.records') FROM \"Audit\" a WHERE "
          "a.\"action\" IN "
          "('withdraw', 'destroy') AND EXISTS (SELECT 1 FROM json_each(a.\"detail\", '$.keyed') k WHERE k.\"value\"=?) ORDER BY a.\"seq\" "
          "DESC LIMIT 1");
  q.text(hash);
  if (!q.step()) return std::nullopt;
  return Taken{std::string(q.as_text(0)), std::string(q.as_text(1)), static_cast<uint64_t>(q.as_number(2))};
}

}  // namespace casebridge::store
