#!/usr/bin/env python3
"""Killed at every instant: a command that takes away is stopped before each of its changes of a file in turn. The next opening
ends what was begun: no byte of what was taken away is left in store, write-ahead log, backups or temporary files, and a
past view says how much is gone. All data is invented."""
import random, shutil, signal, subprocess

from case_store import *

NEEDLE = "QXZUNIQUE"


class KillTest(StoreTest):
    def begin(self, destroy_by=None):
        """A store that knows a marked record, sent it, and has two backups; and what of it is to be searched for."""
        self.load(ADS, at=2)
        rows = [r for r in self.rows("base.jsonl") if r["recordType"] != "DatasetEnd"]
        person = {"recordType": "Person", "id": "00000000-0000-5000-8000-000000000001", "source": [1, 10, 40, 2, 1], "localId": NEEDLE + "-7", "names": [{"type": "LEGAL", "full": NEEDLE.title() + " Exemple"}]}
        other = {"recordType": "Person", "id": "00000000-0000-5000-8000-000000000002", "source": [1, 60, 40, 3, 1], "localId": "KEPT-8", "names": [{"type": "LEGAL", "full": "Kept Exemple"}]}
        if destroy_by:
            person["handling"] = {"handlingCode": "P", "destroyBy": destroy_by}
        self.made = self.dataset([person, other])
        self.load(self.made, at=3)
        self.export("sent.jsonl", at=3)
        for name in ("first.backup", "second.backup"):
            self.run_(["backup", self.store, name, "--run-time", day(3)])
        for file in ("base.jsonl", "sent.jsonl", "made.jsonl"):
            shutil.move(self.folder / file, self.folder / (file + ".csv"))
        needles = [NEEDLE.encode(), NEEDLE.title().encode()]
        for needle in needles:
            self.assertEqual(sorted(self.bytes_everywhere(needle)), ["case.store", "first.backup", "second.backup"])
        self.whole = self.folder.with_name(self.folder.name + ".whole")
        shutil.copytree(self.folder, self.whole)
        self.addCleanup(shutil.rmtree, self.whole)
        return needles

    def instants(self, command, most):
        """The numbers of the changes before which the command is killed: all of them, or some, and the last ones."""
        self.again_from_the_start()
        count = self.folder / "count"
        done = subprocess.run([str(PROGRAM), *map(str, command)], cwd=self.folder, env=self.env | {"LD_PRELOAD": args.kill_at, "CASEBRIDGE_KILL_COUNT": str(count)}, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        total = int(count.read_text())
        self.assertGreater(total, 20)
        return range(1, total + 1) if LONG else sorted(random.Random(total).sample(range(1, total + 1), most))

    def again_from_the_start(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.whole, self.folder)   # to the same place: backups are known by where they lie

    def killed(self, command, at):
        self.again_from_the_start()
        done = subprocess.run([str(PROGRAM), *map(str, command)], cwd=self.folder, env=self.env | {"LD_PRELOAD": args.kill_at, "CASEBRIDGE_KILL_AT": str(at)}, capture_output=True, text=True)
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)

    def at_every_instant(self, needles, command, again):
        """`command` killed before changes of a file, then `again`."""
        resumed = 0
        for at in self.instants(command, 24):
            self.killed(command, at)
            said = again()
            resumed += "had been cut off" in said
            for needle in needles:
                self.assertEqual(self.bytes_everywhere(needle), [], f"killed at change {at}")
            self.assertEqual(self.sql('SELECT count(*) FROM "Pending"'), [(0,)])
            for file in ("case.store", "first.backup", "second.backup"):
                self.run_(["audit", "verify", file])
        self.assertGreater(resumed, 3, "no kill fell between the commit and the end of the cleaning")

    def test_a_withdrawal_is_ended_by_the_next_opening(self):
        needles = self.begin()

        def again():
            said = self.run_(["withdraw", self.store, "made.jsonl", "--run-time", day(5)], (0, 2))
            self.assertEqual(self.sql('SELECT "records" FROM "Gone"'), [(2,)])
            return said

        self.at_every_instant(needles, ["withdraw", self.store, "made.jsonl", "--run-time", day(4)], again)

    def test_a_destruction_is_ended_by_the_next_opening(self):
        needles = self.begin(destroy_by="2099-01-03")

        def again():
            said = self.run_(["load", self.store, ADS, "--run-time", day(6)], (0, 3))
            self.assertEqual(self.sql('SELECT "rule", "records" FROM "Gone"'), [("access ended", 1)])
            self.assertIn("Kept Exemple", self.export("left.jsonl").decode())
            return said

        self.at_every_instant(needles, ["-q", "load", self.store, ADS, "--run-time", day(5)], again)

    def test_the_journal_of_what_is_owed_holds_no_value(self):
        needles = self.begin()
        (self.folder / "second.backup").rename(self.folder / "carried-away.csv")
        said = self.run_(["withdraw", self.store, "made.jsonl", "--run-time", day(4)], 10)
        self.assertRegex(said, "second.backup could not be reached")
        ((time, rule, records, keyed),) = self.sql('SELECT "time", "rule", "records", "keyed" FROM "Pending"')
        self.assertEqual((time, rule, records), (day(4), "withdrawn", 2))
        self.assertRegex(keyed, r"\Afile [0-9a-f]{64}\n\Z")
        self.assertIn("1 places still hold", self.run_(["audit", "verify", self.store]))
        for needle in needles:
            self.assertEqual(self.bytes_everywhere(needle), [])
        (self.folder / "carried-away.csv").rename(self.folder / "second.backup")   # it comes back
        self.load(ADS, at=5)
        for needle in needles:
            self.assertEqual(self.bytes_everywhere(needle), [])
        self.assertEqual(self.sql('SELECT count(*) FROM "Pending"'), [(0,)])

    def test_a_backup_that_was_cut_off_is_in_our_keeping(self):
        needles = self.begin()
        command = ["backup", self.store, "third.backup", "--run-time", day(4)]
        for at in self.instants(command, 12):
            self.killed(command, at)
            self.run_(["withdraw", self.store, "made.jsonl", "--run-time", day(5)], (0, 10))
            for needle in needles:
                self.assertEqual(self.bytes_everywhere(needle), [], f"killed at change {at}")

    def test_a_restore_that_was_cut_off_leaves_the_old_store_or_the_new_one(self):
        self.begin()
        before = self.export("before.csv")
        self.load(CSV, at=5)
        later = self.export("later.csv")
        shutil.rmtree(self.whole)
        shutil.copytree(self.folder, self.whole)
        command = ["restore", "first.backup", self.store, "--force", "--run-time", day(6)]
        for at in self.instants(command, 12):
            self.killed(command, at)
            self.assertIn(self.records(self.export("now.csv")), (self.records(before), self.records(later)), f"killed at change {at}")
            self.run_(["audit", "verify", self.store])
            self.assertEqual(list(self.folder.glob("*.restored*")), [])
        self.again_from_the_start()
        self.run_(command)
        self.assertEqual(self.records(self.export("now.csv")), self.records(before))

    def records(self, text):
        return [l for l in text.splitlines() if b'"recordType":"Dataset' not in l]


if __name__ == "__main__":
    main()
