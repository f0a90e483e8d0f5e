"""The job and its store: what a night leaves stands in one SQLite file, every command of the store works on it, and what is
withdrawn or destroyed is gone from all that the job keeps. All data is invented.
"""
import sqlite3

from harness import *

JOBS = ROOT / "samples" / "jobs"
FORMATS = {"missing-persons.csv": "missing-persons-csv", "wellness-checks.jsonl": "wellness-checks-jsonl", "online-ads.jsonl": "online-ads-jsonl", "tips.xlsx": "tip-line"}


def day(n):
    return f"2025-03-{n:02d}T06:00:00Z"


class Unit:
    """A job over some of the feeds of the joint-forces night, in a folder of its own."""

    def __init__(self, name, feeds=("missing-persons.csv", "wellness-checks.jsonl"), extra=None, outputs="", linking=""):
        self.folder = scratch.named(name)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "keys").mkdir(parents=True)
        key = self.folder / "keys" / "tokens.key"
        key.write_text(f"id: night\nkey: {1:064}\n")
        key.chmod(0o600)
        made = scratch.named("feeds-of-the-night")
        if not (made / "truth.json").exists():
            subprocess.run([sys.executable, "-B", JOBS / "make_night.py", made, "--scale", "0.02"], check=True)
        shutil.copytree(made, self.folder / "feeds")
        self.truth = json.loads((made / "truth.json").read_text())
        job = ["job: unit", "store: case.store", "tokenKey: keys/tokens.key", "sources:"]
        for feed in feeds:
            job += [f"- name: {feed.split('.')[0]}", f"  paths: feeds/{feed}", f"  format: {FORMATS[feed]}"] + [f"  {line}" for line in (extra or {}).get(feed, [])]
        job += [linking] if linking else []
        job += ["outputs:", "- {name: desk, path: out/desk.jsonl}"] + outputs.splitlines()
        job += ["manifest: out/run.json", "page: out/morning.html"]
        self.job = self.folder / "job.yaml"
        self.job.write_text("\n".join(job) + "\n")
        self.store = self.folder / "case.store"

    def night(self, n, exit=(0, 3)):
        out, words = run("run", self.job, "--json", "--run-time", day(n), exit=None)
        check(run.exit in (exit if isinstance(exit, tuple) else (exit,)), f"night {n} ended with {run.exit}: {words.decode()}")
        return json.loads(out)

    def desk(self, name="desk.jsonl"):
        return (self.folder / "out" / name).read_bytes()

    def said(self, name="desk.jsonl"):
        """What a data set says, without the time of its state."""
        return [r for r in lines(self.folder / "out" / name) if r["recordType"] not in ("Dataset", "DatasetEnd")]

    def sql(self, statement, *values):
        db = sqlite3.connect(self.store)
        try:
            return db.execute(statement, values).fetchall()
        finally:
            db.close()

    def files_with(self, *needles):
        return [(str(p.relative_to(self.folder)), n) for p in sorted(self.folder.rglob("*")) if p.is_file() and "feeds" not in p.parts for n in needles if n in p.read_bytes()]

    def verified(self):
        run("audit", "verify", self.store)
        equal(self.sql("PRAGMA foreign_key_check"), [], "keys that point nowhere")


def test_one_file_holds_what_a_night_received_decided_and_sent():
    u = Unit("truth", ("missing-persons.csv", "wellness-checks.jsonl", "online-ads.jsonl"), {"online-ads.jsonl": ["quarantineThreshold: 0.5"]})
    said = u.night(4)
    equal(u.sql('SELECT "name", "sha256", "agency", "format" FROM "SourceFile" WHERE "source" > 0 ORDER BY "source"'),
          [(f, hashlib.sha256((u.folder / "feeds" / f).read_bytes()).hexdigest(), a, FORMATS[f]) for f, a in
           (("missing-persons.csv", "example-municipal-ps"), ("wellness-checks.jsonl", "example-fn-ps"), ("online-ads.jsonl", u.sql('SELECT "agency" FROM "SourceFile" WHERE "name"=?', "online-ads.jsonl")[0][0]))],
          "files that were received")
    check(all(m for (m,) in u.sql('SELECT "mapping" FROM "SourceFile" WHERE "source" > 0')), "each file has the version of its mapping")
    equal(u.sql('SELECT "feed", "state" FROM "Feed" ORDER BY "feed"'), [("missing-persons", "loaded"), ("online-ads", "loaded"), ("wellness-checks", "loaded")], "feeds")
    items = json.loads(run("quarantine", "list", u.job, "--json")[0])["records"]
    equal(len(items), u.sql('SELECT count(*) FROM "Quarantine"')[0][0], "items in quarantine")
    check(items, "the truncated record of the ads is in quarantine")
    ((name, recipient, sha256, records),) = u.sql('SELECT "name", "recipient", "sha256", "records" FROM "Export"')
    equal((name, recipient, records), ("desk.jsonl", "self", said["outputs"][0]["records"]), "the export")
    equal(sha256, hashlib.sha256(u.desk()).hexdigest(), "hash of what was sent")
    equal(u.sql('SELECT count(*) FROM "Record" WHERE "recordType"=\'Cluster\' AND "untilRun" IS NULL')[0][0], said["storeClusters"], "clusters in the store")
    check(said["storeClusters"] > 0, "something was linked")
    run("export", u.store, "--to", "case-jsonl", "-o", u.folder / "again.jsonl", "--run-time", day(4), exit=None)
    equal((u.folder / "again.jsonl").read_bytes(), u.desk(), "the data set, out of the store by hand")
    check(not [p for p in (u.folder / "case.store.work").rglob("*") if p.is_file()], "files beside the store")
    run("quarantine", "discard", u.job, items[0]["item"], "--by", "test", "--why", "an empty line", "--run-time", day(4))
    equal(u.sql('SELECT "kind", "aAgency", "aSystem", "code", "by", "reason" FROM "Decision"'), [("discard", "unit", "online-ads", items[0]["item"], "test", "an empty line")], "decisions")
    u.verified()


def test_a_night_that_brings_nothing_leaves_no_run_and_a_past_night_comes_back():
    u = Unit("twice")
    u.night(4)
    first, runs = u.desk(), u.sql('SELECT count(*) FROM "Run"')
    again = u.night(5)
    equal({f["condition"] for f in again["feeds"]}, {"UNCHANGED"}, "conditions")
    equal((u.desk(), u.sql('SELECT count(*) FROM "Run"')), (first, runs), "data set and runs after a night without news")
    feed = u.folder / "feeds" / "missing-persons.csv"
    data = feed.read_bytes()
    row = data.splitlines()[3]
    cells = row.split(b",")
    feed.write_bytes(data.replace(row, b",".join(b"139" if c.isdigit() and len(c) == 3 else c for c in cells), 1))  # the height
    third = u.night(6)
    run_now = third["storeRun"]
    changes = [json.loads(l) for l in run("diff", u.store, "--since", third["sinceRun"], "--json")[0].splitlines()]
    check(changes and all(c["run"] == run_now and c["kind"] == "night" for c in changes), f"changes of the third night: {changes[:3]}")
    check(sum(c["change"] == "changed" for c in changes) <= 3 and not any(c["change"] == "added" for c in changes), "one row changed, and no more")
    run("export", u.store, "--to", "case-jsonl", "-o", u.folder / "past.jsonl", "--as-of", "2025-03-05", "--run-time", day(6), exit=None)
    equal((u.folder / "past.jsonl").read_bytes(), first, "the first night, as of its day")
    u.verified()


def test_what_is_withdrawn_was_never_there_and_it_is_said_who_had_it():
    u = Unit("withdrawn")
    never = Unit("never", ("missing-persons.csv",))
    u.night(4), never.night(4)
    child = [u.truth["places"]["wellness-check"]["key"].encode(), "Testard-Exemple".encode()]
    equal({n for _, n in u.files_with(*child)}, set(child), "what is there of the child")
    run("backup", u.store, u.folder / "kept.backup", "--run-time", day(4))
    run("withdraw", u.store, "wellness-checks.jsonl", "--by", "test", "--reason", "the Nation asked", "--run-time", day(5))
    after = u.night(6)
    equal({f["feed"]: f["condition"] for f in after["feeds"]}, {"missing-persons": "UNCHANGED", "wellness-checks": "WITHDRAWN"}, "conditions")
    equal([r["recipients"] for r in after["removed"]], [["self: desk.jsonl (2025-03-04T06:00:00Z)"]], "who had received it")
    equal(u.said(), never.said(), "the data set, against one that never knew the feed")
    equal(u.files_with(*child), [], "files that still hold the name")
    equal(u.sql('SELECT count(*) FROM "Feed" WHERE "feed"=?', "wellness-checks"), [(0,)], "what is remembered of the feed")
    for language, words in (("en", "self: desk.jsonl"), ("fr", "Reçu par")):
        check(words in (u.folder / "out" / f"morning.{language}.html").read_text(encoding="utf-8"), f"the page ({language}) says who had it")
    equal(u.night(7)["removed"], [], "said once")
    run("withdraw", u.store, hashlib.sha256((u.folder / "feeds" / "wellness-checks.jsonl").read_bytes()).hexdigest(), "--readmit", "--by", "test", "--reason", "agreed again", "--run-time", day(7))
    equal([f["condition"] for f in u.night(8)["feeds"]], ["UNCHANGED", "LOADED"], "let in again")
    check(u.files_with(*child), "the name is back")
    u.verified()


def test_ended_access_is_taken_away_before_anything_else():
    u = Unit("ended", ("missing-persons.csv", "online-ads.jsonl"), {"online-ads.jsonl": ["handling: {destroyBy: 2025-03-10}"]})
    u.night(4)
    ad = next(r for r in lines(u.folder / "out" / "desk.jsonl") if r["recordType"] == "Advertisement")
    needle = ad["url"].encode()
    check(u.files_with(needle), "the address of the advertisement is there")
    run("backup", u.store, u.folder / "kept.backup", "--run-time", day(4))
    (u.folder / "feeds" / "online-ads.jsonl").rename(u.folder / "feeds" / "sent-elsewhere")
    after = u.night(11, exit=5)
    equal([r["rule"] for r in after["removed"]], ["access ended"], "what was taken away")
    equal(u.files_with(needle), [], "files that still hold the address")
    check(not any(r["recordType"] == "Advertisement" for r in u.said()), "the data set has none")
    never = Unit("ended-never", ("missing-persons.csv",))
    never.night(4)
    records = lambda x: [r for r in x.said() if r["recordType"] != "Source"]
    equal(records(u), records(never), "what remains, against a unit that never had the feed")
    u.verified()
    (u.folder / "feeds" / "sent-elsewhere").rename(u.folder / "feeds" / "online-ads.jsonl")
    u.night(12)
    equal(u.files_with(needle), [], "nothing comes back with the file")


def test_other_settings_read_a_known_file_again():
    u = Unit("settings", ("missing-persons.csv", "online-ads.jsonl"))
    u.night(4)
    before = u.said()
    u.job.write_text(u.job.read_text().replace("  format: online-ads-jsonl\n", "  format: online-ads-jsonl\n  handling: {destroyBy: 2025-03-10}\n"))
    equal([f["condition"] for f in u.night(5)["feeds"]], ["UNCHANGED", "LOADED"], "conditions")
    equal([r["id"] for r in u.said() if r["recordType"] == "Advertisement"], [r["id"] for r in before if r["recordType"] == "Advertisement"], "advertisements")
    equal([f["condition"] for f in u.night(6)["feeds"]], ["UNCHANGED", "UNCHANGED"], "conditions of the next night")
    u.night(11)
    check(not any(r["recordType"] == "Advertisement" for r in u.said()), "the new date counts")
    u.verified()


def test_what_a_held_feed_left_in_quarantine_is_withdrawn_too():
    u = Unit("held", ("missing-persons.csv", "online-ads.jsonl"), {"online-ads.jsonl": ["quarantineThreshold: 0.0"]})
    equal([f["condition"] for f in u.night(4, exit=4)["feeds"]], ["LOADED", "OVER_THRESHOLD"], "conditions")
    (item,) = json.loads(run("quarantine", "list", u.job, "--json")[0])["records"]
    equal((item["feed"], item["state"]), ("online-ads", "held"), "the item")
    for language, words in (("en", "let it in as it is"), ("fr", "laissez-le entrer")):
        page = (u.folder / "out" / f"morning.{language}.html").read_text(encoding="utf-8")
        check(words in page and f"{u.job} online-ads" in page, f"the page ({language}) asks for a decision")
    raw = u.sql('SELECT "raw" FROM "Quarantine"')[0][0]
    check(raw, "its bytes are kept")
    equal(u.sql('SELECT count(*) FROM "SourceFile" WHERE "name"=?', "online-ads.jsonl"), [(0,)], "files of the held feed in the store")
    _, words = run("quarantine", "edit", u.job, item["item"], "--with", u.job, "--by", "test", "--why", "no", exit=2)
    check(b"held back whole" in words, "a record of a held feed is not edited by itself")
    u.night(5, exit=4)
    equal(u.sql('SELECT count(*) FROM "Quarantine"'), [(1,)], "items after a second night")
    run("withdraw", u.store, "online-ads.jsonl", "--by", "test", "--reason", "sent in error", "--run-time", day(5), exit=2)  # by its name it is not known: nothing was loaded
    run("withdraw", u.store, hashlib.sha256((u.folder / "feeds" / "online-ads.jsonl").read_bytes()).hexdigest(), "--by", "test", "--reason", "sent in error", "--run-time", day(5))
    equal(u.files_with(raw), [], "files that still hold the refused record")
    equal([f["condition"] for f in u.night(6)["feeds"]], ["UNCHANGED", "WITHDRAWN"], "conditions")


def test_a_feed_accepted_as_it_is_takes_its_items_along():
    u = Unit("accepted", ("online-ads.jsonl",), {"online-ads.jsonl": ["quarantineThreshold: 0.0"]})
    u.night(4, exit=4)
    run("quarantine", "replay", u.job, "online-ads", "--by", "test", "--why", "the rest is good", "--run-time", day(4))
    equal([f["condition"] for f in u.night(5, exit=3)["feeds"]], ["LOADED"], "conditions")
    (item,) = json.loads(run("quarantine", "list", u.job, "--json")[0])["records"]
    equal(item["state"], "waiting", "state of the item")
    equal(u.sql('SELECT "state", count(*) FROM "Feed" GROUP BY 1'), [("loaded", 1)], "feeds")
    u.verified()


def test_an_edited_record_goes_with_the_file_it_came_from():
    u = Unit("mended", ("missing-persons.csv", "online-ads.jsonl"))
    u.night(4, exit=3)
    (item,) = [i for i in json.loads(run("quarantine", "list", u.job, "--json")[0])["records"] if i["feed"] == "online-ads"]
    whole = (u.folder / "feeds" / "online-ads.jsonl").read_bytes().splitlines()
    mended = u.folder / "mended"
    mended.write_bytes(whole[0].replace(b"A-100000", b"A-MENDED").replace(b"ads.invalid/100000", b"ads.invalid/mended"))
    run("quarantine", "edit", u.job, item["item"], "--with", mended, "--by", "test", "--why", "the sender's log", "--run-time", day(4))
    mended.unlink()
    state = lambda: [i["state"] for i in json.loads(run("quarantine", "list", u.job, "--json")[0])["records"] if i["item"] == item["item"]]
    equal(state(), ["edited"], "state after the edit")
    run("quarantine", "replay", u.job, item["item"], "--by", "test", "--why", "checked", "--run-time", day(4))
    equal(state(), ["accepted"], "state after the decision")
    u.night(5)
    equal(state(), ["replayed"], "state after the night")
    check(b"ads.invalid/mended" in u.desk(), "the mended record is in the data set")
    equal(u.sql('SELECT count(*) FROM "Around"'), [(0,)], "what stood around it is no longer kept")
    equal([k for (k,) in u.sql('SELECT "kind" FROM "Decision" ORDER BY "decision"')], ["edit", "replay"], "decisions")
    run("withdraw", u.store, "online-ads.jsonl", "--by", "test", "--reason", "sent in error", "--run-time", day(6))
    u.night(7)
    equal(u.files_with(b"ads.invalid/mended", b"A-MENDED"), [], "files that still hold it")
    u.verified()


def test_a_backup_has_everything_the_next_night_needs():
    u = Unit("backed-up")
    u.night(4)
    wanted = u.desk()
    run("backup", u.store, u.folder / "kept.backup", "--run-time", day(4))
    for left in list(u.folder.glob("case.store*")) + [u.folder / "out"]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    run("restore", u.folder / "kept.backup", u.store, "--run-time", day(4))
    equal({f["condition"] for f in u.night(4)["feeds"]}, {"UNCHANGED"}, "conditions")
    equal(u.desk(), wanted, "the data set after the restore")


def test_an_output_can_be_filtered_and_the_kinds_of_linking_turned_off():
    outputs = "- {name: people, path: out/people.jsonl, filter: [type=Person, agency=example-municipal-ps]}"
    feeds = ("missing-persons.csv", "wellness-checks.jsonl", "tips.xlsx", "online-ads.jsonl")
    u = Unit("filtered", feeds, outputs=outputs)
    u.night(4)
    agencies = {r["source"]: r["agency"] for r in u.said("people.jsonl") if r["recordType"] == "Source"}
    people = [r for r in u.said("people.jsonl") if r["recordType"] != "Source"]
    equal({(r["recordType"], agencies[r["source"][0]]) for r in people}, {("Person", "example-municipal-ps")}, "what is in it")
    equal(len(people), sum(r["recordType"] == "Person" and agencies[r["source"][0]] == "example-municipal-ps" for r in u.said()), "how many")
    kinds = lambda x: {r["entityType"] for r in x.said() if r["recordType"] == "Cluster"}
    contacts = lambda x: sum(r["recordType"] == "Link" and r.get("assertedBy") == "RULE" and r["type"] == "OTHER" and "hubSize" in r.get("ext", {}) for r in x.said())
    check("Person" in kinds(u) and kinds(u) - {"Person"} and contacts(u), "everything is linked")
    persons = Unit("persons", feeds, linking="linking: {persons: true, shares: false}")
    persons.night(4)
    equal((kinds(persons), contacts(persons)), ({"Person"}, 0), "persons alone")
    shares = Unit("shares", feeds, linking="linking: {persons: false, shares: true}")
    shares.night(4)
    check("Person" not in kinds(shares) and contacts(shares), "what is shared, without persons")
    wrong = Unit("wrong", outputs="- {name: people, path: out/people.jsonl, filter: [typ=Person]}")
    _, words = run("run", wrong.job, "--check", exit=2)
    check(b"job.yaml:" in words and b"typ=Person" in words, "--check names a wrong filter")


def test_a_store_of_version_1_is_migrated_by_the_first_night():
    u = Unit("migrated")
    run("init", u.store, "--run-time", day(1))
    run("load", u.store, u.folder / "feeds" / "missing-persons.csv", "--token-key", u.folder / "keys" / "tokens.key", "--run-time", day(2), exit=None)
    db = sqlite3.connect(u.store)
    for table in ("Night", "FeedFile", "HeldItem", "Around", "ProposalFile", "Proposal", "Receipt", "Feed", "Clock", "PendingPlace", "Pending"):
        db.execute(f'DROP TABLE "{table}"')
    db.execute("PRAGMA user_version=1")
    db.commit()
    db.close()
    said = u.night(4)
    equal([f["condition"] for f in said["feeds"]], ["UNCHANGED", "LOADED"], "a file that was loaded by hand is known")
    check(list(u.folder.glob("case.store.before-*-v1")), "a backup from before")
    check(said["storeClusters"] > 0, "all of the store is linked, by whatever way it came")
    u.verified()


def test_a_disk_that_is_full_leaves_the_store_as_it_was():
    u = Unit("full")
    u.night(4)
    kept, runs = u.desk(), u.sql('SELECT count(*) FROM "Run"')
    feed = u.folder / "feeds" / "missing-persons.csv"
    header, *rows = feed.read_bytes().splitlines(keepends=True)
    feed.write_bytes(header + b"".join(row.replace(b"MP-2025-", b"MP-%d-" % copy) for copy in range(1000, 1100) for row in rows))
    limit = u.store.stat().st_size // 1024 + 16
    done = subprocess.run(["bash", "-c", f'ulimit -f {limit}; trap "" XFSZ; exec "$0" "$@"', PROGRAM, "run", u.job, "--run-time", day(5)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check(done.returncode == 10, f"the night ended with {done.returncode}: {done.stderr.decode()}")
    check(b"casebridge" in done.stderr and b"terminate" not in done.stderr, f"it is said: {done.stderr.decode()}")
    equal((u.desk(), u.sql('SELECT count(*) FROM "Run"')), (kept, runs), "the data set and the runs")
    u.verified()
    u.night(5)


def test_the_page_says_what_is_new_since_yesterday():
    u = Unit("page")
    ads = u.folder / "feeds" / "wellness-checks.jsonl"
    away = u.folder / "later"
    ads.rename(away)
    u.night(4, exit=5)
    away.rename(ads)
    second = u.night(5)
    page = (u.folder / "out" / "morning.en.html").read_text(encoding="utf-8")
    created = second["storeClusters"] - u.sql('SELECT count(*) FROM "Record" WHERE "recordType"=\'Cluster\' AND "run" < ?', second["storeRun"])[0][0]
    check(f"--since {second['sinceRun']}" in page and created > 0, "the page names the command that lists all")
    added = u.sql('SELECT count(*) FROM "Record" WHERE "recordType"=\'Person\' AND "run"=? AND "version"=1', second["storeRun"])[0][0]
    now = u.sql('SELECT count(*) FROM "Record" WHERE "recordType"=\'Person\' AND "untilRun" IS NULL')[0][0]
    check(f"<tr><td>Person<td>{added}<td>0<td>0<td>{now}\n" in page, f"new persons: {added} of {now}")
    french = (u.folder / "out" / "morning.fr.html").read_text(encoding="utf-8")
    check("Ce qui est nouveau" in french and "What is new" not in french, "the French page is French")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
