#!/usr/bin/env python3
"""What happens to a store from outside: changed cells, fallen bits, other versions, places that cannot be written, full disks.
All data is invented."""
import json, os, random, shutil, sqlite3, subprocess

from case_store import *


OWN = {"Meta", "Run", "SourceFile", "Content", "Stated", "Record", "Finding", "Quarantine", "QuarantineReason", "Export", "Received", "Gone", "Barred", "Backup", "Ledger", "Audit", "Pending", "PendingPlace", "Clock"}


class TamperTest(StoreTest):
    def everything(self):
        """A store with a row in every table of its own."""
        self.load(CSV, ADS, ADS.parent / "bookings-night.zip", at=2)   # of the archive one booking stays in quarantine
        self.run_(["backup", self.store, "some.backup", "--run-time", day(2)])
        self.export("sent.jsonl", at=3)
        person = {"recordType": "Person", "id": "00000000-0000-5000-8000-000000000001", "source": [1, 10, 40, 2, 1], "localId": "P-1", "names": [{"type": "LEGAL", "full": "Person Exemple"}]}
        charge = {"recordType": "Charge", "id": "00000000-0000-5000-8000-000000000002", "source": [1, 60, 40, 3, 1], "localId": "C-1", "accused": person["id"], "description": "example", "procedure": "SUMMARY", "outcome": "DISCHARGED_ABSOLUTE",
                  "outcomeDate": "2098-12-01", "youth": False}
        self.load(self.dataset([person, charge]), at=3)
        self.run_(["withdraw", self.store, self.a_person()["id"], "--run-time", day(4)])
        (self.folder / "some.backup").rename(self.folder / "away.csv")       # what stays owed
        self.run_(["withdraw", self.store, "online-ads.jsonl", "--run-time", day(5)], 10)

    def test_a_changed_cell_is_found_in_every_table_and_column(self):
        self.everything()
        db = sqlite3.connect(self.store)
        tables = [t for (t,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        empty, missed, bent = set(), [], 0
        for table in tables:
            columns = [c[1] for c in db.execute(f'PRAGMA table_info("{table}")')]
            n = db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            if not n:
                empty.add(table)
            if table not in OWN and not LONG:   # those of the model are many and all alike
                columns = columns[:1] + random.Random(table).sample(columns, 1)
            for column in columns if n else []:
                row = random.Random(table + column).randrange(n)
                key = [c[1] for c in db.execute(f'PRAGMA table_info("{table}")') if c[5]]
                (value, kind, *at) = db.execute(f'SELECT "{column}", typeof("{column}"), {", ".join(chr(34) + k + chr(34) for k in key)} FROM "{table}" LIMIT 1 OFFSET {row}').fetchone()
                if kind == "null": value = "x"
                elif kind == "integer": value ^= 1
                elif kind == "blob": value = value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
                else: value = value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
                copy = self.folder / "bent.store"
                shutil.copy(self.store, copy)
                other = sqlite3.connect(copy)
                other.execute("PRAGMA foreign_keys=OFF")
                try:
                    other.execute(f'UPDATE "{table}" SET "{column}"=? WHERE ' + " AND ".join(f'"{k}"=?' for k in key), (value, *at))
                    other.commit()
                except sqlite3.IntegrityError:
                    continue
                finally:
                    other.close()
                bent += 1
                done = subprocess.run([str(PROGRAM), "audit", "verify", str(copy)], cwd=self.folder, env=self.env, capture_output=True, text=True)
                # What says by which model the tables were made: a store of another one is not even read.
                if done.returncode != 9 and not (table == "Meta" and done.returncode == 2):
                    missed.append(f"{table}.{column}: {done.returncode} {done.stderr}")
        self.assertEqual(missed, [])
        self.assertGreater(bent, 120)
        self.assertEqual(OWN & empty, set())

    def test_a_bit_that_fell_is_found_wherever_it_says_something(self):
        self.everything()
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = self.store.read_bytes()
        r = random.Random(417)
        copy = self.folder / "bent.store"

        def said(path):
            """All that SQLite reads in the file; None where it cannot."""
            try:
                db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
                db.text_factory = bytes
                try:
                    tables = [(t, s) for t, s in db.execute("SELECT name, sql FROM sqlite_schema ORDER BY type, name")]
                    return tables, [[(list(map(type, row)), row) for row in db.execute(b'SELECT * FROM "%s" NOT INDEXED'.decode() % t.decode())] for (t,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")]
                finally:
                    db.close()
            except (sqlite3.Error, ValueError, OverflowError):
                return None

        copy.write_bytes(whole)
        wanted, found, silent = said(copy), 0, 0
        self.assertIsNotNone(wanted)
        for _ in range(1000 if LONG else 40):
            bent = bytearray(whole)
            at, bit = r.randrange(len(bent)), r.randrange(8)
            bent[at] ^= 1 << bit
            copy.write_bytes(bent)
            done = subprocess.run([str(PROGRAM), "audit", "verify", str(copy)], cwd=self.folder, env=self.env, capture_output=True, text=True)
            for beside in ("-wal", "-shm"):
                (self.folder / ("bent.store" + beside)).unlink(missing_ok=True)
            self.assertIn(done.returncode, (0, 2, 9, 10), f"byte {at} bit {bit}: {done.stderr}")
            if done.returncode == 0:
                self.assertEqual(said(copy), wanted, f"byte {at} bit {bit} says something else, and nobody noticed")
                silent += 1
            else:
                found += 1
        self.assertGreater(found, 3)              # most pages are of empty tables, and say nothing

    def test_one_flipped_bit_of_the_log_is_found_by_a_noted_head(self):
        self.load(CSV, at=2)
        head = json.loads(self.run_(["--json", "audit", "verify", self.store]))["head"]
        self.load(ADS, at=3)
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

    def test_a_store_of_the_first_version_is_brought_to_this_one(self):
        self.load(CSV, at=2)
        before = self.export()
        self.sql('DROP VIEW "access_clocks"')
        for table in ("Clock", "PendingPlace", "Pending", "Receipt", "ProposalFile", "Proposal", "Around", "HeldItem", "FeedFile", "Feed", "Night"):
            self.sql(f'DROP TABLE "{table}"')
        self.sql("DELETE FROM \"Meta\" WHERE \"name\"='seal'")
        self.sql("PRAGMA user_version=1")
        self.assertIn("has to be migrated", self.run_(["diff", self.store], 2))
        said = self.run_(["export", self.store, "--to", "case-jsonl", "-o", "after.jsonl", "--run-time", day(28)], (0, 3))
        self.assertIn("case.store.before-2099-01-28-v1", said)
        self.assertEqual((self.folder / "after.jsonl").read_bytes(), before)
        self.assertEqual(self.sql("PRAGMA user_version"), [(3,)])
        self.run_(["audit", "verify", self.store])
        old = self.folder / "case.store.before-2099-01-28-v1"
        self.assertEqual(self.sql("PRAGMA user_version", store=old), [(1,)])
        person = self.a_person()                  # the copy is in our keeping
        self.run_(["withdraw", self.store, person["id"], "--run-time", day(29)])
        self.assertNotIn(person["names"][0]["full"].encode(), old.read_bytes())
        self.assertEqual([f for f in self.folder.glob("*.before-*") if not f.name.endswith(".lock")], [old])   # and is not copied to be migrated

    def test_a_full_disk_is_said_and_changes_nothing(self):
        self.load(CSV, at=2)
        before = self.export()
        pages = self.sql("PRAGMA page_count")[0][0]
        limited = subprocess.run(["bash", "-c", f'ulimit -f {pages * 4 + 8}; trap "" XFSZ; exec "$0" "$@"', str(PROGRAM), "load", str(self.store), str(SAMPLES / "feeds"), "--run-time", day(3)], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual(limited.returncode, 10, limited.stderr)
        self.assertEqual(self.export(), before)
        self.run_(["audit", "verify", self.store])

    def test_a_disk_that_is_full_in_the_middle_of_taking_away_is_gone_on_with(self):
        self.load(CSV, ADS, at=2)
        person = self.a_person()
        needle = person["names"][0]["full"].encode()
        for file in list(self.folder.glob("*.jsonl")):
            file.unlink()
        # VACUUM writes all of the store into the log: no room for that.
        pages = self.sql("PRAGMA page_count")[0][0]
        limited = subprocess.run(["bash", "-c", f'ulimit -f {pages * 2}; trap "" XFSZ; exec "$0" "$@"', str(PROGRAM), "withdraw", str(self.store), person["id"], "--run-time", day(3)], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual(limited.returncode, 10, limited.stderr)
        self.assertRegex(limited.stderr, "disk|Free some room")
        said = self.run_(["load", self.store, ADS, "--run-time", day(4)], (0, 3))
        if "had been cut off" not in said:  # it was not even begun
            self.run_(["withdraw", self.store, person["id"], "--run-time", day(4)])
        self.assertEqual(self.bytes_everywhere(needle), [])
        self.run_(["audit", "verify", self.store])

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("unshare"), "root may write everywhere, and there is no unshare")
    def test_a_store_on_a_read_only_disk_can_be_read_and_says_that_it_cannot_be_written(self):
        self.load(CSV, at=2)
        before = self.export()
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")

        def there(*command):
            """With the folder of the store mounted read-only, in a mount space of its own."""
            script = f'mount --bind "{self.folder}" "{self.folder}" && mount -o remount,ro,bind "{self.folder}" && exec "$@"'
            return subprocess.run(["unshare", "-m", "bash", "-c", script, "bash", str(PROGRAM), *map(str, command)], cwd="/", env=ENV, capture_output=True, text=True)

        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            self.skipTest("no mount space of one's own")
        done = there("load", self.store, ADS, "--run-time", day(3))
        if "mount" in done.stderr:
            self.skipTest("mounting is not allowed")
        self.assertEqual(done.returncode, 10, done.stderr)
        self.assertRegex(done.stderr, "cannot be written|may be read but not written")
        self.assertIn("disk is not read-only", done.stderr)
        done = there("diff", self.store)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = there("audit", "verify", self.store)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.export(), before)


if __name__ == "__main__":
    main()
