#!/usr/bin/env python3
"""The case store through its commands: what is loaded comes out byte for byte, nothing twice, past states, kills,
withdrawal and destruction down to the bytes of the files, tampering, versions, locks, backups. All data is invented."""
import fcntl, hashlib, json, pathlib, random, re, shutil, signal, subprocess, time

from case_store import *


class WholeStoreTest(StoreTest):
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
            child = subprocess.Popen([str(PROGRAM), "-q", "load", str(store), str(SAMPLES / "feeds"), "--run-time", day(2)], cwd=self.folder, env=self.env, stderr=subprocess.DEVNULL, start_new_session=True)
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
        case = self.closed(body, "marked.jsonl")
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

    def test_a_restored_store_keeps_out_what_came_and_went_after_its_backup(self):
        self.load(CSV, at=2)
        self.run_(["backup", self.store, "first.backup", "--run-time", day(2)])
        self.load(ADS, at=3)
        self.run_(["backup", self.store, "second.backup", "--run-time", day(3)])
        self.run_(["withdraw", self.store, "online-ads.jsonl", "--run-time", day(4)])
        self.run_(["restore", "first.backup", self.store, "--force", "--run-time", day(5)])
        again = self.load(ADS, at=6)              # it still lies in the sender's folder
        self.assertEqual(again["added"], 0, again)
        self.assertIn(str(self.folder / "second.backup"), [p for (p,) in self.sql('SELECT "path" FROM "Backup"')])
        self.run_(["audit", "verify", self.store])

    def test_every_view_can_be_asked_and_is_documented(self):
        self.load(SAMPLES / "feeds", at=2)
        self.export("sent.jsonl", at=3)
        page = (SAMPLES.parent / "core" / "store" / "README.md").read_text()
        views = [v for (v,) in self.sql("SELECT name FROM sqlite_schema WHERE type='view' ORDER BY name")]
        for view in views:
            rows = self.sql(f'SELECT * FROM "{view}" LIMIT 5')
            self.assertIn("`current_TYPE`" if view.startswith("current_") else f"`{view}`", page)
            if view in ("person_overview", "record_history", "source_overview", "quarantine_overview", "export_overview", "record_received", "current_Person", "current_Selector"):
                self.assertTrue(rows, view)
        queries = re.findall(r"```sql\n(.*?)```", page, re.S)
        self.assertTrue(queries)
        for query in queries[0].split(";"):
            if query.strip():
                self.sql(query)
        people = self.sql('SELECT count(*) FROM "person_overview"')[0][0]
        self.assertEqual(people, sum(r["recordType"] == "Person" for r in self.rows("all.jsonl")))

    def test_diff_names_what_changed_and_how_much_went(self):
        self.load(CSV, at=2)
        self.load(SAMPLES / "feeds" / "online-ads.jsonl", at=3)
        changes = [json.loads(l) for l in self.run_(["--json", "diff", self.store, "--since", "2"]).splitlines()]
        self.assertTrue(changes and all(c["change"] == "added" and c["file"] == "online-ads.jsonl" for c in changes))
        self.run_(["withdraw", self.store, "online-ads.jsonl", "--run-time", day(4)])
        changes = [json.loads(l) for l in self.run_(["--json", "diff", self.store, "--since", "3"]).splitlines()]
        self.assertEqual([(c["change"], c["cause"]) for c in changes], [("gone", "withdrawn")])


if __name__ == "__main__":
    main()
