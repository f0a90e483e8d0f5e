#!/usr/bin/env python3
"""The case store through its commands: what is loaded comes out byte for byte, nothing twice, past states, kills,
withdrawal and destruction down to the bytes of the files, tampering, versions, locks, backups. All data is invented."""
import argparse, fcntl, json, os, pathlib, random, shutil, signal, sqlite3, subprocess, sys, tempfile, time, unittest

ask = argparse.ArgumentParser()
ask.add_argument("--program", required=True)
args, rest = ask.parse_known_args()
PROGRAM = pathlib.Path(args.program).resolve()
SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples"
CSV = SAMPLES / "feeds" / "missing-persons.csv"
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("CASEBRIDGE_RUN", "LC_", "LANG"))} | {"LANG": "C.UTF-8", "NO_COLOR": "1"}


def day(n):
    return f"2099-01-{n:02d}T06:00:00Z"


class StoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.store = self.folder / "case.store"
        self.run_(["init", self.store, "--run-time", day(1)])

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_(self, command, exit=0):
        done = subprocess.run([str(PROGRAM), *map(str, command)], cwd=self.folder, env=ENV, capture_output=True, text=True)
        self.assertIn(done.returncode, exit if isinstance(exit, tuple) else (exit,), done.stdout + done.stderr)
        return done.stdout + done.stderr

    def load(self, *inputs, at=2, exit=(0, 3), store=None):
        return json.loads([l for l in self.run_(["--json", "load", store or self.store, *inputs, "--run-time", day(at)], exit).splitlines() if l.startswith("{")][-1])

    def export(self, name="out.jsonl", *options, at=28, store=None):
        self.run_(["-q", "export", store or self.store, "--to", "case-jsonl", "-o", name, "--force", "--run-time", day(at), *options], (0, 3))
        return (self.folder / name).read_bytes()

    def rows(self, name, *options, **more):
        return [json.loads(l) for l in self.export(name, *options, **more).splitlines()]

    def sql(self, statement, *values, store=None):
        db = sqlite3.connect(store or self.store)
        try:
            out = db.execute(statement, values).fetchall()
            db.commit()
            return out
        finally:
            db.close()

    def changed_csv(self, old, new, name="later.csv"):
        text = CSV.read_bytes()
        self.assertIn(old, text)
        (self.folder / name).write_bytes(text.replace(old, new, 1))
        return self.folder / name

    def a_person(self):
        """A named missing person of the sample: record, name."""
        rows = self.rows("all.jsonl")
        return next(r for r in rows if r["recordType"] == "Person" and r.get("names", [{}])[0].get("full") and r.get("localId"))

    def bytes_everywhere(self, needle):
        found = [p.name for p in self.folder.rglob("*") if p.is_file() and p.suffix not in (".csv", ".jsonl") and ".reports" not in str(p) and needle in p.read_bytes()]
        return found

    # --- in and out ----------------------------------------------------------------------------------------------------
    def test_what_is_loaded_comes_out_as_convert_would_give_it(self):
        self.load(SAMPLES / "feeds", at=2)
        self.run_(["-q", "convert", SAMPLES / "feeds", "--to", "case-jsonl", "-o", "convert.jsonl", "--run-time", day(2)], 3)
        self.assertEqual(self.export("out.jsonl", "--all-versions"), (self.folder / "convert.jsonl").read_bytes())
        self.assertEqual(oct(self.store.stat().st_mode & 0o777), "0o600")
        self.run_(["audit", "verify", self.store])
        self.assertGreater(self.sql('SELECT count(*) FROM "person_overview"')[0][0], 100)
        self.assertGreater(self.sql('SELECT count(*) FROM "quarantine_overview"')[0][0], 0)
        self.assertEqual(self.sql("PRAGMA foreign_key_check"), [])

    def test_the_same_file_twice_changes_nothing(self):
        self.assertGreater(self.load(CSV, at=2)["added"], 100)
        before = self.export()
        again = self.load(CSV, at=3)
        self.assertEqual((again["files"], again["known"], again["added"], again["changed"], again["run"]), (0, 1, 0, 0, 0))
        self.assertEqual(self.export(), before)

    def test_an_unchanged_record_makes_no_version_and_a_past_day_comes_back_byte_for_byte(self):
        self.load(CSV, at=2)
        person = self.a_person()
        first = self.export()
        name = person["original"].get("/names/0/full", person["names"][0]["full"]).encode("cp1252", "replace") if "original" in person else person["names"][0]["full"].encode()
        line = CSV.read_bytes().splitlines()[5]
        later = self.changed_csv(line, line.replace(b"555-01", b"555-01") + b" ")
        n = self.load(later, at=5)
        self.assertGreater(n["unchanged"], 100)
        self.assertEqual(self.export("past.jsonl", "--as-of", "2099-01-02"), first)
        self.assertEqual(self.export("past.jsonl", "--as-of", "2099-01-04"), first)
        self.assertNotEqual(self.export(), first)  # one Source line more
        self.run_(["audit", "verify", self.store])

    # --- kills -----------------------------------------------------------------------------------------------------------
    def test_killed_at_any_instant_the_next_run_ends_in_the_same_bytes(self):
        self.load(SAMPLES / "feeds", at=2)
        whole = self.export("whole.jsonl", "--all-versions")
        for attempt in range(6):
            store = self.folder / f"killed{attempt}.store"
            self.run_(["init", store, "--run-time", day(1)])
            child = subprocess.Popen([str(PROGRAM), "-q", "load", str(store), str(SAMPLES / "feeds"), "--run-time", day(2)], cwd=self.folder, env=ENV, stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(random.Random(attempt).uniform(0.02, 0.9))
            child.send_signal(signal.SIGKILL)
            child.wait()
            self.run_(["audit", "verify", store])
            self.load(SAMPLES / "feeds", at=2, store=store)
            self.assertEqual(self.export("killed.jsonl", "--all-versions", store=store), whole)

    # --- taking away -------------------------------------------------------------------------------------------------------
    def test_a_withdrawn_file_leaves_what_would_be_there_without_it(self):
        ads = SAMPLES / "feeds" / "online-ads.jsonl"
        self.load(ads, at=2)
        without = self.export("without.jsonl")
        self.load(CSV, at=3)
        person = self.a_person()
        self.export("sent.jsonl")
        secret = person["names"][0]["full"].encode()
        self.run_(["backup", self.store, "kept.backup", "--run-time", day(3)])
        self.assertTrue(self.bytes_everywhere(secret))
        said = self.run_(["withdraw", self.store, "missing-persons.csv", "--run-time", day(4), "--by", "analyst", "--reason", "test"])
        self.assertIn("self: sent.jsonl", said)
        self.assertEqual(self.bytes_everywhere(secret), [])            # store, log, free pages, backup
        left = self.rows("left.jsonl")
        self.assertEqual([r for r in left if r["recordType"] not in ("Dataset", "DatasetEnd")], [json.loads(l) for l in without.splitlines() if b'"Dataset' not in l])
        self.assertEqual(self.export("past.jsonl", "--as-of", "2099-01-02"), without)
        said = self.run_(["export", self.store, "--to", "case-jsonl", "-o", "past.jsonl", "--force", "--as-of", "2099-01-03", "--run-time", day(5)])
        self.assertRegex(said, r"\d+ records of that time are no longer available \(withdrawn\)")
        self.run_(["audit", "verify", self.store])
        self.run_(["audit", "verify", "kept.backup"])
        again = self.load(CSV, at=5)                                    # it is kept out
        self.assertEqual(again["files"], 0)
        self.run_(["withdraw", self.store, self.sha(CSV), "--readmit", "--run-time", day(6)])
        self.assertGreater(self.load(CSV, at=7)["added"], 100)

    def sha(self, path):
        import hashlib
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def test_a_withdrawn_record_takes_with_it_what_needs_it(self):
        self.load(CSV, at=2)
        person = self.a_person()
        self.run_(["withdraw", self.store, person["id"], "--run-time", day(3)])
        text = self.export()
        self.assertNotIn(person["id"].encode(), text)
        self.assertEqual(self.bytes_everywhere(person["names"][0]["full"].encode()), [])
        self.run_(["audit", "verify", self.store])
        self.load(self.changed_csv(b"\n", b"\n"), at=4)

    def test_ended_access_is_destroyed_at_the_start_of_the_next_run(self):
        rows = [json.loads(l) for l in (SAMPLES / "case-jsonl" / "case.jsonl").read_text().splitlines()] if (SAMPLES / "case-jsonl" / "case.jsonl").exists() else None
        if rows is None:
            self.load(CSV, at=2)
            rows = self.rows("base.jsonl")
        marked = 0
        for r in rows:
            if r["recordType"] == "Person" and not marked:
                r.setdefault("handling", {})["destroyBy"] = "2099-01-10"
                r["names"] = [{"full": "UNIQUE EPHEMERAL-EXEMPLE"}]
                r.pop("original", None)
                marked = 1
        self.assertTrue(marked)
        body = [r for r in rows if r["recordType"] != "DatasetEnd"]
        case = self.folder / "marked.jsonl"
        case.write_text("".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in body))
        import hashlib
        counts = {}
        for r in body:
            if r["recordType"] not in ("Dataset", "Source"): counts[r["recordType"]] = counts.get(r["recordType"], 0) + 1
        end = {"recordType": "DatasetEnd", "sources": sum(r["recordType"] == "Source" for r in body), "counts": dict(sorted(counts.items())), "sha256": hashlib.sha256(case.read_bytes()).hexdigest()}
        with case.open("a") as f: f.write(json.dumps(end, separators=(",", ":")) + "\n")
        store = self.folder / "fresh.store"
        self.run_(["init", store, "--run-time", day(1)])
        self.load(case, at=9, store=store)
        self.run_(["backup", store, "fresh.backup", "--run-time", day(9)])
        needle = b"UNIQUE EPHEMERAL-EXEMPLE"
        self.assertTrue(self.bytes_everywhere(needle))
        self.load(CSV, at=12, store=store)
        self.assertEqual(self.bytes_everywhere(needle), [])
        self.assertIn(("access ended", ), self.sql('SELECT DISTINCT "rule" FROM "Gone"', store=store))
        self.run_(["audit", "verify", store])

    # --- tampering, versions, locks, backups ---------------------------------------------------------------------------------
    def test_one_flipped_bit_is_found(self):
        self.load(CSV, at=2)
        head = json.loads(self.run_(["--json", "audit", "verify", self.store]))["head"]
        for table, column, key in (("Audit", "detail", "seq"), ("Content", "body", "content"), ("Person_names", "full", "rowid"), ("Stated", "line", None), ("SourceFile", "name", "source")):
            copy = self.folder / "bent.store"
            shutil.copy(self.store, copy)
            db = sqlite3.connect(copy)
            where = f'"{key}"=(SELECT max("{key}") FROM "{table}")' if key else '"ordinal"=3 AND "source"=1'
            (value,) = db.execute(f'SELECT "{column}" FROM "{table}" WHERE {where}').fetchone()
            if isinstance(value, int): bent = value ^ 1
            elif isinstance(value, bytes): bent = value[:-1] + bytes([value[-1] ^ 1])
            else: bent = value[:-1] + chr(ord(value[-1]) ^ 1)
            db.execute(f'UPDATE "{table}" SET "{column}"=? WHERE {where}', (bent,))
            db.commit()
            db.close()
            self.run_(["audit", "verify", copy], 9)
            copy.unlink()
        self.load(SAMPLES / "feeds" / "online-ads.jsonl", at=3)
        self.run_(["audit", "verify", self.store, "--head", head])
        self.run_(["audit", "verify", self.store, "--head", "0" * 63 + "1"], 9)

    def test_a_newer_store_is_refused_and_an_older_one_migrated_after_a_backup(self):
        self.load(CSV, at=2)
        before = self.export()
        self.sql('UPDATE "Meta" SET "value"=\'older\' WHERE "name"=\'model\'')
        self.sql('DROP VIEW "current_Person"')
        self.sql('DROP VIEW "person_overview"')
        self.sql('DROP TABLE "Person_names"')
        self.assertIn("has to be migrated", self.run_(["audit", "verify", self.store], 2))
        self.assertEqual(self.export(), before)
        self.assertTrue(list(self.folder.glob("case.store.before-*")))
        self.run_(["audit", "verify", self.store])
        self.sql("PRAGMA user_version=99")
        self.assertIn("newer casebridge", self.run_(["export", self.store, "--to", "case-jsonl", "-o", "no.jsonl"], 2))

    def test_one_writer_at_a_time_and_it_is_named(self):
        lock = open(str(self.store) + ".lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("casebridge run night.yaml, process 4242\n2099-01-02T01:00:00Z\n")
        lock.flush()
        said = self.run_(["load", self.store, CSV, "--run-time", day(2)], 10)
        self.assertIn("in use by casebridge run night.yaml, process 4242, since 2099-01-02T01:00:00Z", said)
        lock.close()
        self.load(CSV, at=2)

    def test_a_backup_restores_and_does_not_bring_back_what_was_withdrawn(self):
        self.load(CSV, at=2)
        self.run_(["backup", self.store, "first.backup", "--run-time", day(2)])
        before = self.export()
        shutil.copy(self.folder / "first.backup", self.folder / "elsewhere")  # out of our keeping
        other = self.folder / "other.store"
        self.run_(["restore", "first.backup", other, "--run-time", day(2)])
        self.assertEqual(self.export(store=other), before)
        person = self.a_person()
        self.run_(["withdraw", self.store, person["id"], "--run-time", day(3)])
        self.run_(["restore", "elsewhere", self.store, "--force", "--run-time", day(4)])
        self.assertNotIn(person["id"].encode(), self.export())
        self.run_(["audit", "verify", self.store])

    def test_diff_names_what_changed_and_how_much_went(self):
        self.load(CSV, at=2)
        self.load(SAMPLES / "feeds" / "online-ads.jsonl", at=3)
        changes = [json.loads(l) for l in self.run_(["--json", "diff", self.store, "--since", "2"]).splitlines()]
        self.assertTrue(changes and all(c["change"] == "added" and c["file"] == "online-ads.jsonl" for c in changes))
        self.run_(["withdraw", self.store, "online-ads.jsonl", "--run-time", day(4)])
        changes = [json.loads(l) for l in self.run_(["--json", "diff", self.store, "--since", "3"]).splitlines()]
        self.assertEqual([(c["change"], c["cause"]) for c in changes], [("gone", "withdrawn")])

    def test_a_full_disk_is_said_and_changes_nothing(self):
        self.load(CSV, at=2)
        before = self.export()
        pages = self.sql("PRAGMA page_count")[0][0]
        limited = subprocess.run(["bash", "-c", f'ulimit -f {pages * 4 + 8}; trap "" XFSZ; exec "$0" "$@"', str(PROGRAM), "load", str(self.store), str(SAMPLES / "feeds"), "--run-time", day(3)], cwd=self.folder, env=ENV, capture_output=True, text=True)
        self.assertEqual(limited.returncode, 10, limited.stderr)
        self.assertEqual(self.export(), before)
        self.run_(["audit", "verify", self.store])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *rest])
