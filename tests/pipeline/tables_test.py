"""Related tables that lie together are one feed: told by name and header, read as one session, each file with its own Source
line; joined and grouped beyond memory with the same bytes out. Sample data is synthetic.
"""
import csv
import hashlib
import random
import shutil
import sys
import tarfile
import zipfile

from harness import *

RMS = ROOT / "samples" / "rms-tables"
TABLES = ("persons", "occurrences", "involvements")
SMALL = {"CASEBRIDGE_TABLE_MEMORY": "0.1"}  # MiB: everything is spilled


def converted(inputs, name, *options, env=None, exit=0, cwd=None):
    out = scratch.named("out") / name
    run("convert", *inputs, "--to", "case-jsonl", "-o", f"{out}/", "--run-time", RUN_TIME, *options, env=env, exit=exit, cwd=cwd)
    if exit in (0, 3):
        balanced(out)
    return out


def copied(name, tables=TABLES, rename=lambda t: f"{t}.csv"):
    folder = scratch.named(name)
    for table in tables:
        shutil.copy(RMS / f"{table}.csv", folder / rename(table))
    return folder


def sources(out):
    return {r["name"]: r for r in lines(out / "case.jsonl") if r["recordType"] == "Source"}


def codes(out):
    return counts(findings(out), lambda f: f["code"])


def plain(out):
    """What the records say, wherever they stand: sorted, without places."""
    kept = []
    for r in records(out / "case.jsonl"):
        for key in ("source", "alsoSource", "places"):
            r.pop(key, None)
        kept.append(json.dumps(r, sort_keys=True))
    return sorted(kept)


def test_a_folder_of_tables_is_one_feed_with_a_source_line_for_each_file():
    out = converted([RMS], "folder")
    said = sources(out)
    equal(sorted(said), [f"{t}.csv" for t in sorted(TABLES)], "names in the Source lines")
    for table in TABLES:
        line = said[f"{table}.csv"]
        equal(line["sha256"], hashlib.sha256((RMS / f"{table}.csv").read_bytes()).hexdigest(), f"hash of {table}.csv")
        equal(line["mappingVersion"], "rms-tables/1", "mapping")
    books = by_name(out)
    equal({t: books[f"{t}.csv"]["sourceRecords"]["mapped"] for t in TABLES}, {"persons": 2, "occurrences": 2, "involvements": 3}, "rows")
    by_number = {line["source"]: name for name, line in said.items()}
    at = {"Person": "persons.csv", "Occurrence": "occurrences.csv", "Location": "occurrences.csv"}
    for r in records(out / "case.jsonl"):
        number, offset, length, line, column = r["source"]
        name = by_number[number]
        equal(name, at.get(r["recordType"], name), f"the file of a {r['recordType']}")
        data = (RMS / name).read_bytes()
        equal(data[:offset].count(b"\n") + 1, line, f"line of {r['recordType']} in {name}")
        check(b"\n" not in data[offset:offset + length], "a record is one row")
    missing = next(r for r in records(out / "case.jsonl") if r["recordType"] == "Occurrence" and "missing" in r)
    reporter = next(r for r in records(out / "case.jsonl") if r.get("localId") == "8")
    equal(missing["missing"]["reportedBy"], reporter["id"], "who reported it, by a join")


def test_however_they_are_given_the_same_bytes():
    base = converted([RMS], "given-folder")
    archives = scratch.named("archives")
    with zipfile.ZipFile(archives / "set.zip", "w") as z:
        for t in TABLES:
            z.write(RMS / f"{t}.csv", f"{t}.csv")
    with tarfile.open(archives / "set.tar.gz", "w:gz") as t:
        for name in reversed(TABLES):
            t.add(RMS / f"{name}.csv", f"{name}.csv")
    forms = {"glob": [RMS / "*.csv"], "named": [RMS / f"{t}.csv" for t in TABLES], "reversed": [RMS / f"{t}.csv" for t in reversed(TABLES)],
             "from": ["--from", "rms-tables", *[RMS / f"{t}.csv" for t in TABLES]], "jobs": [RMS, "--jobs", "1"], "local": [RMS, "--in-process"],
             "zip": [archives / "set.zip"], "tar": [archives / "set.tar.gz"]}
    for name, inputs in forms.items():
        out = converted(inputs, f"given-{name}", *(("--token-key", inputs[0]) if False else ()))
        if name in ("zip", "tar"):  # the labels tell the archive
            equal(plain(out), plain(base), f"records from {name}")
            equal(len(sources(out)), 3, f"Source lines from {name}")
        else:
            check((out / "case.jsonl").read_bytes() == (base / "case.jsonl").read_bytes(), f"{name}: other bytes than the folder")


def test_a_missing_table_refuses_the_set_and_the_rest_goes_on():
    folder = copied("lacking", ("persons", "involvements"))
    shutil.copy(ROOT / "samples" / "people-csv" / "people.csv", folder / "people.csv")
    out = converted([folder], "lacking", exit=5)
    missing = [f for f in findings(out) if f["code"] == "E-TABLES-MISSING"]
    equal(len(missing), 1, "one finding for the set")
    check("occurrences" in missing[0]["message"] and "persons.csv" in missing[0]["message"], missing[0]["message"])
    check(counts(records(out / "case.jsonl"), lambda r: r["recordType"]).get("Person"), "the other feed of the folder was read")
    said, words = run("inspect", folder / "persons.csv", exit=5)
    check(b"occurrences, involvements" in said + words, "inspect says which tables are missing")


def test_two_sets_in_one_folder():
    both = scratch.named("two-sets")
    for day in ("0701", "0702"):
        for t in TABLES:
            shutil.copy(RMS / f"{t}.csv", both / f"{t}-{day}.csv")
    out = converted([both], "two-sets")
    equal(len(sources(out)), 6, "the * of the names tells them apart")
    doubtful = copied("doubtful")
    shutil.copy(RMS / "persons.csv", doubtful / "persons-new.csv")
    out = scratch.named("out") / "doubtful"
    run("convert", doubtful, "--to", "case-jsonl", "-o", f"{out}/", "--run-time", RUN_TIME, exit=2)
    twice = [f for f in findings(out) if f["code"] == "E-TABLES-TWICE"]
    check(len(twice) == 1 and "persons-new.csv" in twice[0]["message"], f"{twice}")


def test_one_more_file_is_none_of_the_set():
    folder = copied("extra")
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    out = converted([folder], "extra")
    equal(codes(out).get("E-FORMAT-NONE"), 1, "a file beside the set is said to be none of ours")
    out = converted(["--from", "rms-tables", folder], "extra-from")
    equal(codes(out).get("E-TABLES-WHICH"), 1, "and with --from that it is none of the tables")


def test_inspect_and_validate_show_the_set():
    shown = json.loads(run("--json", "inspect", RMS)[0])
    shown = next(s for s in shown if s["format"] == "rms-tables")
    equal([t["table"] for t in shown["tables"]], list(TABLES), "tables")
    equal((shown["sourceRecords"], shown["exact"]), (7, True), "source records of all tables")
    said, words = run("validate", RMS, exit=None)
    check(b"involvements.csv" in said + words or run.exit == 0, "validate reads the set")


def test_trace_goes_into_the_right_file():
    out = converted([RMS], "trace")
    data = records(out / "case.jsonl")

    def traced(record, pointer):
        return json.loads(run("--json", "trace", record["id"], pointer, "--in", out / "case.jsonl", "--source", RMS)[0])

    person = next(r for r in data if r.get("localId") == "7")
    answer = traced(person, "/birthDate")
    equal((answer["source"], answer["line"], answer["raw"]), ("persons.csv", 2, "03/2084"), "a birth date")
    missing = next(r for r in data if "missing" in r)
    answer = traced(missing, "/missing/reportedBy")
    equal((answer["source"], answer["line"], answer["raw"]), ("involvements.csv", 3, "8"), "a value of a joined table")
    link = next(r for r in data if r.get("role") == "VICTIM")
    equal(traced(link, "/role")["source"], "involvements.csv", "a row of the third table")


def test_findings_and_quarantine_name_the_right_file():
    folder = copied("wrong")
    with (folder / "involvements.csv").open("a", newline="") as f:
        f.write("XP99-2,99,WIT,\nXP00-0,7,WIT,\nXP99-1,8,WIT,32/13/2099\n")
    with (folder / "persons.csv").open("a", newline="") as f:
        f.write("7,EXEMPLE,Autre,,,03/2084,F,,,,,,\n")
    out = converted([folder], "wrong", exit=None)
    found = {}
    for f in findings(out):
        found.setdefault(f["code"], []).append((f["input"], f.get("line")))
    equal(found["E-KEY-TWICE"], [("persons.csv", 4)], "a key that stands twice")
    twice = next(f for f in findings(out) if f["code"] == "E-KEY-TWICE")
    check("persons.csv, line 2" in twice["message"], f"both lines: {twice['message']}")
    equal(found["E-MAP-ORPHAN"], [("involvements.csv", 6)], "a row that joins nothing")
    equal([where[0] for where in found["E-RULE-REFERENCE"]], ["involvements.csv"] * 2, "references to a person and an occurrence that are not there")
    dates = [where for code, values in found.items() if code.startswith("E-DATE") for where in values]
    check(("involvements.csv", 7) in dates, f"a bad date: {found}")


def generated(people, name, shuffle=None):
    rng = random.Random(4)
    folder = scratch.named(name)
    rows = {
        "persons": [("PERSON_ID", "SURNAME", "GIVEN1", "DOB", "SEX", "PHONE", "LAST_EDIT_BY")] +
                   [(f"P{n}", f"EXEMPLE{n}", "Testard", f"{1 + n % 28}/{1 + n % 12}/{2050 + n % 30}", "F", "705-555-0101", "x") for n in range(people)],
        "occurrences": [("OCC_NO", "OCC_TYPE", "FROM_DT", "REPORTED_DT", "CITY", "PROV")] +
                       [(f"O{n}", "MISP", "1/7/2099", "2/7/2099", f"Testville {n}", "ON") for n in range(people // 2)],
        "involvements": [("OCC_NO", "PERSON_ID", "ROLE", "SINCE")] +
                        [(f"O{rng.randrange(people // 2)}", f"P{rng.randrange(people)}", rng.choice(("MISS", "COMP", "WIT")), "") for _ in range(people * 2)] +
                        [("O-NONE", "P1", "COMP", ""), ("O1", "P-NONE", "COMP", "")],
    }
    for table, all_rows in rows.items():
        body = all_rows[1:]
        if shuffle is not None:
            random.Random(shuffle).shuffle(body)
        with (folder / f"{table}.csv").open("w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows([all_rows[0], *body])
    return folder


def test_joins_beyond_memory_give_the_same_bytes():
    folder = generated(4000, "large")
    held = converted([folder], "held", exit=None)
    for name, options in {"spilled": (), "spilled-local": ("--in-process", "--jobs", "1")}.items():
        spilled = converted([folder], name, *options, env=SMALL, exit=None)
        check((held / "case.jsonl").read_bytes() == (spilled / "case.jsonl").read_bytes(), f"{name}: other bytes")
        equal(codes(spilled), codes(held), f"{name}: findings")
    equal(codes(held).get("E-MAP-ORPHAN"), 1, "rows that join nothing")
    reported = sum("reportedBy" in r.get("missing", {}) for r in records(held / "case.jsonl"))
    check(reported > 1400, f"only {reported} joins found something, so the test shows little")


def test_the_order_of_the_rows_changes_no_record():
    """Where one row can be meant: two complaints about one occurrence are two answers, and the first is taken."""
    def single(name, shuffle):
        folder = generated(600, name, shuffle)
        with (folder / "involvements.csv").open(newline="") as f:
            header, *rows = csv.reader(f)
        once = {}
        for row in sorted(rows):
            once.setdefault((row[0], row[2]), row)
        rows = list(once.values())
        random.Random(shuffle or 0).shuffle(rows)
        with (folder / "involvements.csv").open("w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows([header, *rows])
        return folder
    first, second = (converted([single(f"order-{n}", n)], f"order-{n}", env=SMALL, exit=None) for n in (1, 2))
    equal(len(plain(first)), len(plain(second)), "records")
    check(plain(first) == plain(second), "other records from the same rows in another order")


def test_rows_grouped_beyond_memory_give_the_same_bytes():
    sample = ROOT / "samples" / "toronto-police" / "events.csv"
    with sample.open(newline="", encoding="utf-8-sig") as f:
        header, row, *_ = csv.reader(f)
    key = header.index("EVENT_UNIQUE_ID")
    folder = scratch.named("grouped")
    rows = []
    for n in range(3000):
        made = list(row)
        made[key] = f"GO-SYN-{n % 1000}"
        rows.append(made)
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as f:
        csv.writer(f, lineterminator="\n").writerows([header, *rows])
    held, spilled = converted([folder], "group-held", exit=None), converted([folder], "group-spilled", env=SMALL, exit=None)
    check((held / "case.jsonl").read_bytes() == (spilled / "case.jsonl").read_bytes(), "other bytes")
    equal(balanced(held)["sourceRecords"], 1000, "three rows each are one source record")


def test_mcm_contract_tables_go_round_with_their_actions():
    sample = ROOT / "samples" / "mcm-contract"
    out = scratch.named("mcm") / "out"
    convert([sample], out, to=("case-jsonl", "mcm-contract"))
    balanced(out)
    equal(len(sources(out)), 7, "tables")
    for table in ("case", "occurrence", "person", "involvement", "action", "document", "order"):
        equal((out / "mcm-contract" / f"{table}.csv").read_bytes(), (sample / f"{table}.csv").read_bytes(), f"{table}.csv, read and written again")


def test_a_joined_row_that_belongs_to_nothing_lies_in_quarantine():
    folder = scratch.named("mcm-orphan")
    for path in (ROOT / "samples" / "mcm-contract").glob("*.csv"):
        shutil.copy(path, folder / path.name)
    with (folder / "action.csv").open("a") as f:
        f.write("C-NONE,1,OPEN,,,Call,1 | OPEN | - | - | Call\n")
        f.write("C-9,1,OPEN,,,Call,1 | OPEN | - | - | Call\n")   # an occurrence names this case; the case itself is not there
    with (folder / "occurrence.csv").open("a") as f:
        f.write("O-9,C-9,SYN-99-9,OTHER,2099-01-03T08:00:00-05:00" + "," * 17 + "\n")
    out = converted([folder], "mcm-orphan", exit=3)
    equal([(f["input"], f["line"]) for f in findings(out) if f["code"] == "E-MAP-UNJOINED"], [("action.csv", 4), ("action.csv", 5)], "the finding")
    books = by_name(out)["action.csv"]["sourceRecords"]
    equal((books["quarantined"], books["skipped"]), (2, {"JOINED": 2}), "the books of the actions")


def test_a_job_reads_a_set_as_one_feed_and_a_store_knows_it_again():
    folder = scratch.named("store")
    store = folder / "case.db"
    run("init", store, "--run-time", RUN_TIME)
    def load(source):
        return json.loads(run("--json", "load", store, source, "--run-time", RUN_TIME)[0])
    first = load(RMS)
    equal((first["files"], first["known"], first["added"] > 0), (3, 0, True), "the first time")
    equal((load(RMS)["files"], load(RMS)["known"]), (0, 3), "known as a whole the second time")
    changed = copied("changed")
    with (changed / "involvements.csv").open("a") as f:
        f.write("XP99-2,8,WIT,\n")
    third = load(changed)
    equal((third["files"], third["added"]), (3, 1), "one table has changed: the set is read again, and only what is new is new")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
