#!/usr/bin/env python3
"""When access ends by law: each clock on the day before it ends and on the day after, later findings from other files, persons
who are known for something else, clocks that were set back. All data is invented."""
from case_store import *


def person(n, **more):
    return {"recordType": "Person", "id": f"00000000-0000-5000-8000-0000000000{n:02d}", "source": [1, n * 100, 40, n, 1], "localId": f"P-{n:04d}", "names": [{"type": "LEGAL", "full": f"Person{n} Exemple"}], **more}


def charge(n, accused, outcome, **more):
    return {"recordType": "Charge", "id": f"00000000-0000-5000-8000-0000000001{n:02d}", "source": [1, n * 100 + 50, 40, n, 50], "localId": f"C-{n:04d}", "accused": f"00000000-0000-5000-8000-0000000000{accused:02d}",
            "description": "example", "procedure": "SUMMARY", "outcome": outcome, "youth": False, **more}


def youth(n, accused, outcome, **more):
    return charge(n, accused, outcome, youth=True, **more)


class ClockTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.store.unlink()
        self.run_(["init", self.store, "--run-time", "2020-01-01T06:00:00Z"])

    def at(self, date, *inputs, exit=(0, 3)):
        return json.loads([l for l in self.run_(["--json", "load", self.store, *(inputs or [ADS]), "--run-time", date + "T06:00:00Z"], exit).splitlines() if l.startswith("{")][-1])

    def held(self, date="2020-01-02"):
        return {r["localId"]: r for r in self.records(date)}

    def records(self, date):
        self.run_(["-q", "export", self.store, "--to", "case-jsonl", "-o", "held.jsonl", "--force", "--run-time", date + "T06:00:00Z", "--filter", "type=Person,Charge,Link,Custody"], (0, 3))
        return [r for r in map(json.loads, (self.folder / "held.jsonl").read_text().splitlines()) if r["recordType"] in ("Person", "Charge", "Link", "Custody") and r.get("localId", "").startswith(("P-", "C-"))]

    def clocks(self):
        return dict(self.sql('SELECT "id", "ends" FROM "access_clocks"'))

    def test_each_clock_ends_on_its_day(self):
        cases = [  # charge, rule, last day of access
            (youth(1, 1, "EJS", ejsConsentDate="2020-03-01"), "YOUTH", "2022-03-01"),
            (youth(2, 2, "ACQUITTED", appealEnd="2020-03-01"), "YOUTH", "2020-05-01"),
            (youth(3, 3, "WITHDRAWN", outcomeDate="2020-03-01"), "YOUTH", "2020-05-01"),
            (youth(4, 4, "STAYED", outcomeDate="2020-03-01"), "YOUTH", "2021-03-01"),
            (youth(5, 5, "YOUTH_ABSOLUTE", outcomeDate="2020-03-01"), "YOUTH", "2021-03-01"),
            (youth(6, 6, "YOUTH_CONDITIONAL", outcomeDate="2020-03-01"), "YOUTH", "2023-03-01"),
            (youth(7, 7, "YOUTH_SENTENCE", outcomeDate="2020-01-01", sentence={"completed": "2020-03-01"}), "YOUTH", "2023-03-01"),
            (youth(8, 8, "YOUTH_SENTENCE", outcomeDate="2020-01-01", sentence={"completed": "2020-03-01"}, procedure="INDICTABLE"), "YOUTH", "2025-03-01"),
            (charge(9, 9, "DISCHARGED_ABSOLUTE", outcomeDate="2020-03-01"), "DISCHARGE", "2021-03-01"),
            (charge(10, 10, "DISCHARGED_CONDITIONAL", outcomeDate="2020-03-01"), "DISCHARGE", "2023-03-01"),
            (charge(11, 11, "CONVICTED", outcomeDate="2020-03-01", sentence={"completed": "2020-03-01"}), None, None),
            (charge(12, 12, "ACQUITTED", outcomeDate="2020-03-01"), None, None),
        ]
        self.at("2020-01-02", self.dataset([person(n) for n in range(1, 13)] + [c for c, _, _ in cases]))
        self.assertEqual(dict(self.sql('SELECT "id", "rule" || \' \' || "ends" FROM "access_clocks" WHERE "recordType"=\'Charge\'')), {c["id"]: f"{rule} {ends}" for c, rule, ends in cases if rule})
        for ends in sorted({e for _, _, e in cases if e}):
            gone = {c["localId"] for c, _, e in cases if e and e < ends}
            self.at(ends)   # the last day
            here = self.held(ends)
            self.assertEqual({c["localId"] for c, _, _ in cases} - set(here), gone, ends)
            y, m, d = ends.split("-")
            self.at(f"{y}-{m}-{int(d) + 1:02d}")
            here = self.held(ends)
            gone = {c["localId"] for c, _, e in cases if e and e <= ends}
            self.assertEqual({c["localId"] for c, _, _ in cases} - set(here), gone, ends)
            self.assertEqual({f"P-{int(l[2:]):04d}" for l in gone}, {f"P-{n:04d}" for n in range(1, 13)} - set(here), "of whom nothing else is known, nothing stays")
        self.run_(["audit", "verify", self.store])
        self.assertEqual(self.sql('SELECT count(*) FROM "Clock" WHERE "ends" IS NOT NULL'), [(0,)])
        for n in range(1, 11):
            self.assertEqual(self.bytes_everywhere(f"Person{n} Exemple".encode()), [])

    def test_a_later_finding_in_another_file_extends_the_period(self):
        self.at("2020-01-02", self.dataset([person(1), youth(1, 1, "YOUTH_SENTENCE", outcomeDate="2019-12-01", sentence={"completed": "2020-03-01"})], "first.jsonl"))
        self.assertEqual(set(self.clocks().values()), {"2023-03-01"})
        before = self.held()["C-0001"]
        self.at("2022-05-02", self.dataset([person(1), youth(2, 1, "YOUTH_SENTENCE", outcomeDate="2022-05-01", sentence={"completed": "2022-06-01"})], "second.jsonl"))
        self.assertEqual(set(self.clocks().values()), {"2025-06-01"})
        self.at("2023-03-02")
        here = self.held("2023-03-02")
        self.assertIn("C-0001", here)
        self.assertEqual(here["C-0001"]["handling"]["accessEnds"], "2025-06-01")
        self.run_(["-q", "export", self.store, "--to", "case-jsonl", "-o", "then.jsonl", "--as-of", "2020-01-03", "--run-time", "2020-01-03T06:00:00Z"], (0, 3))
        self.assertIn(before, [json.loads(l) for l in (self.folder / "then.jsonl").read_text().splitlines()])  # as it was said then
        self.at("2025-06-02")
        self.assertEqual(set(self.held("2025-06-02")), set())
        self.run_(["audit", "verify", self.store])

    def test_an_adult_conviction_inside_the_period_makes_it_an_adults_record(self):
        self.at("2020-01-02", self.dataset([person(1), youth(1, 1, "YOUTH_SENTENCE", outcomeDate="2019-12-01", sentence={"completed": "2020-03-01"})], "first.jsonl"))
        self.at("2022-05-02", self.dataset([person(1), charge(2, 1, "CONVICTED", outcomeDate="2022-05-01")], "second.jsonl"))
        self.at("2030-01-01")
        self.assertEqual(self.sql('SELECT count(*) FROM "Charge"'), [(2,)])

    def test_a_child_who_is_missing_does_not_go_with_a_youth_record(self):
        self.at("2020-01-02", self.dataset([person(1), youth(1, 1, "YOUTH_ABSOLUTE", outcomeDate="2020-03-01")], "court.jsonl"))
        self.at("2020-02-02", self.dataset([person(1)], "missing.jsonl", agency="example-municipal-ps", system="MISSING", agencyType="MUNICIPAL_POLICE"))
        self.at("2021-03-02")
        self.assertEqual(set(self.held("2021-03-02")), {"P-0001"})
        self.assertNotIn("accessEnds", json.dumps(self.held("2021-03-02")))

    def test_a_suspended_record_stays_out_and_takes_along_what_was_known(self):
        self.at("2020-01-02", self.dataset([person(1), charge(1, 1, "CONVICTED", outcomeDate="2010-03-01"), person(2)], "first.jsonl"))
        self.assertIn("C-0001", self.held())
        marked = charge(1, 1, "CONVICTED", outcomeDate="2010-03-01", handling={"handlingCode": "P", "caveats": ["RECORD_SUSPENSION"]})
        n = self.at("2020-02-02", self.dataset([marked, person(2)], "second.jsonl"))
        self.assertEqual(n["ended"], 1)
        self.at("2020-02-02", CSV)                # the next run, though of the same day
        self.assertEqual({l for l in self.held() if l[0] in "PC" and "-00" in l}, {"P-0001", "P-0002"})
        self.assertEqual(self.bytes_everywhere(b"C-0001"), [])
        n = self.at("2020-02-03", self.dataset([charge(1, 1, "CONVICTED", outcomeDate="2010-03-01")], "third.jsonl"))
        self.assertEqual(n["barred"], 1)
        self.run_(["audit", "verify", self.store])

    def test_a_stated_date_is_not_lengthened(self):
        stated = youth(1, 1, "YOUTH_SENTENCE", outcomeDate="2019-12-01", sentence={"completed": "2020-03-01"}, handling={"handlingCode": "P", "accessEnds": "2020-06-30"})
        self.at("2020-01-02", self.dataset([person(1), stated]))
        self.at("2020-06-30")
        self.assertIn("C-0001", self.held("2020-06-30"))
        self.at("2020-07-01")
        self.assertNotIn("C-0001", self.held())

    def test_a_clock_that_was_set_back_is_harmless(self):
        self.at("2020-01-02", self.dataset([person(1, handling={"handlingCode": "P", "destroyBy": "2020-06-30"}), person(2, handling={"handlingCode": "P", "destroyBy": "2021-06-30"})]))
        self.at("2020-07-01")
        self.at("2019-01-01")                      # set back
        self.assertEqual(set(self.held("2019-01-01")), {"P-0002"})
        self.assertEqual([t for (t,) in self.sql('SELECT "time" FROM "Run" ORDER BY "run"')], sorted(t for (t,) in self.sql('SELECT "time" FROM "Run"')))
        self.at("2020-07-02", CSV)
        self.run_(["audit", "verify", self.store])


if __name__ == "__main__":
    main()
