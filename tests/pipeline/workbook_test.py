"""Workbooks through the whole program: recognised, read in the sandbox, traced back to their cell, refused with the cause."""
import datetime
import json
import os
import shutil
import subprocess
import sys
import zipfile

from harness import *

sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "samples"))
import sheets

SAMPLES = ROOT / "samples"
TIPS, REGISTER = SAMPLES / "tip-line" / "tips.xlsx", SAMPLES / "shelter-register" / "register.xlsx"
BOMBS = SAMPLES / "bombs"


def of(out, kind):
    return [r for r in records(out / "case.jsonl") if r["recordType"] == kind]


def traced(record, field, data, source):
    return json.loads(run("trace", record["id"], field, "--in", data, "--source", source, "--json")[0])


def test_the_committed_workbooks_are_what_their_script_writes():
    folder = scratch.named("written")
    for name in ("tip-line", "shelter-register", "htcds"):
        (folder / name).mkdir()
        for csv in (SAMPLES / name).glob("*.csv"):
            shutil.copy(csv, folder / name)
    subprocess.run([sys.executable, "-B", SAMPLES / "make_workbooks.py", folder], check=True)
    for path in sorted(folder.glob("*/*.xlsx")):
        equal(path.read_bytes(), (SAMPLES / path.parent.name / path.name).read_bytes(), f"{path.parent.name}/{path.name}")


def test_a_value_is_traced_to_its_cell_and_its_text():
    out = scratch.named("tips") / "out"
    convert([TIPS], out)
    equal(balanced(out)["mapped"], 3, "tips")
    source = next(r for r in lines(out / "case.jsonl") if r["recordType"] == "Source")
    equal((source["name"], source["sha256"], source["bytes"]), ("tips.xlsx", hashlib.sha256(TIPS.read_bytes()).hexdigest(), TIPS.stat().st_size), "the source is the file itself")
    tip = next(r for r in of(out, "Occurrence") if r["occurrenceNumber"] == "ST-990003")
    equal(tip["reportedAt"], "2099-03-05T01:15:00-05:00", "a time that a spreadsheet keeps as a number")
    equal(tip["source"][3], 4, "the row of the sheet")
    at = traced(tip, "/summary/fr", out / "case.jsonl", TIPS)
    equal((at["sheet"], at["cell"], at["line"], at["column"], at["exact"], at["raw"]), ("Signalements", "G4", 4, 7, True, "Deux voix,\nune porte rouge."), "the place of the words")
    at = traced(tip, "/reportedAt", out / "case.jsonl", TIPS)
    equal((at["cell"], at["raw"]), ("B4", "2099-03-05T01:15:00"), "the place of the time")
    check(sheets.serial(datetime.datetime(2099, 3, 5, 1, 15)) in at["note"] and "dd/mm/yyyy" in at["note"], f"the number in the file and its format: {at['note']}")
    words = run("trace", tip["id"], "/summary/fr", "--in", out / "case.jsonl", "--source", TIPS)[0].decode()
    check("sheet Signalements, cell G4" in words, words)
    whole = traced(tip, "", out / "case.jsonl", TIPS)
    check(whole["line"] == 4 and "A4=ST-990003" in whole["raw"], "the row as a whole")
    text = next(r for r in of(out, "Occurrence") if r["occurrenceNumber"] == "ST-990005")
    equal(text["reportedAt"], "2099-03-07T09:30:00-05:00", "a time written by hand")
    said = {f["code"]: f for f in findings(out)}
    equal(sorted(said), ["E-XLSX-ABOVE", "E-XLSX-ERROR", "E-XLSX-FORMULA", "E-XLSX-HIDDEN-ROW", "E-XLSX-SHEET-UNREAD"], "findings")
    equal((said["E-XLSX-ERROR"]["line"], said["E-XLSX-ERROR"]["column"]), (6, 4), "the place of the error")
    check("Signalements!D6" in said["E-XLSX-ERROR"]["message"], said["E-XLSX-ERROR"]["message"])


def test_a_workbook_is_the_same_in_a_folder_in_an_archive_from_standard_input_and_in_process():
    base = scratch.named("ways")
    (base / "night").mkdir()
    shutil.copy(TIPS, base / "night" / "tips.xlsx")
    with zipfile.ZipFile(base / "night.zip", "w") as archive:
        archive.write(TIPS, "tips.xlsx")
    forms = {}
    for name, arguments, options, given in (("file", [TIPS], (), None), ("folder", [base / "night"], (), None), ("zip", [base / "night.zip"], (), None), ("stdin", ["-"], (), TIPS.read_bytes()),
                                            ("local", [TIPS], ("--in-process",), None), ("jobs", [TIPS], ("--jobs", "4"), None)):
        out = base / f"out-{name}"
        convert(arguments, out, *options, stdin=given)
        forms[name] = [json.dumps({k: v for k, v in r.items()}, sort_keys=True) for r in records(out / "case.jsonl")]
        source = next(r for r in lines(out / "case.jsonl") if r["recordType"] == "Source")
        equal(source["sha256"], hashlib.sha256(TIPS.read_bytes()).hexdigest(), f"{name}: the hash of the file")
    for name, got in forms.items():
        equal(got, forms["file"], f"{name}: records")
    tip = next(r for r in of(base / "out-zip", "Occurrence") if r["occurrenceNumber"] == "ST-990003")
    equal(traced(tip, "/summary/fr", base / "out-zip" / "case.jsonl", base / "night.zip")["cell"], "G4", "traced into an archive")


def test_inspect_knows_it_by_its_header():
    words = run("inspect", TIPS)[0].decode()
    check("tip-line" in words and "ST-990003" in words, words[:800])
    words = run("inspect", REGISTER)[0].decode()
    check("shelter-register" in words, words[:800])


def test_every_sheet_of_a_register_is_read_by_its_own_columns():
    out = scratch.named("register") / "out"
    convert([REGISTER], out)
    people = {p["localId"]: p for p in of(out, "Person")}
    equal(sorted(people), ["R-9901", "R-9902", "R-9903", "R-9950"], "guests of both houses")
    equal(people["R-9950"]["names"][0]["family"], "Modèle", "columns in another order")
    equal([people[k].get("birthDate") for k in ("R-9901", "R-9902", "R-9903", "R-9950")], ["2084-04-11", "2081-04", "2079", None], "birth dates")
    equal(sorted(s["value"] for s in of(out, "Selector")), ["+16135550142", "+17055550101", "+17055550102", "ana@example.ca", "maelle@example.ca"], "a number, a text and the kept result of a formula")
    codes = counts(findings(out), lambda f: f["code"])
    equal((codes.get("E-XLSX-SHEET-UNREAD"), codes.get("E-XLSX-HIDDEN-ROW"), codes.get("E-XLSX-FORMULA")), (1, 1, 1), "what is said")


def test_htcds_says_the_same_as_a_workbook():
    for name in ("standard", "workbook", "form", "labels"):
        got = {}
        for form in ("csv", "xlsx"):
            out = scratch.named(f"htcds-{name}") / form
            convert([SAMPLES / "htcds" / f"{name}.{form}"], out)
            got[form] = [{k: v for k, v in r.items() if k != "source"} for r in records(out / "case.jsonl")]
        equal(got["xlsx"], got["csv"], f"{name}: records")
        check(got["csv"], name)


EXPECTED = {
    "cut-off.xlsx": "E-ARCHIVE-BROKEN", "directory-cut-off.xlsx": None, "encrypted.xlsx": "E-XLSX-ENCRYPTED", "before-2007.xls": "E-XLSX-OLE", "binary.xlsb": "E-XLSX-BINARY", "doctype.xlsx": "E-XLSX-PART",
    "external-entity.xlsx": "E-XLSX-PART", "two-parts-of-one-name.xlsx": "E-XLSX-LIMIT", "one-part-in-two-sheets.xlsx": "E-XLSX-LIMIT", "no-such-part.xlsx": "E-XLSX-NO-PART",
    "strings-that-are-not-there.xlsx": None, "sheet-cut-off.xlsx": "E-XLSX-PART", "rows-out-of-order.xlsx": "E-XLSX-ORDER", "cell-beyond-the-sheet.xlsx": "E-XLSX-ORDER",
    "row-number-of-many-digits.xlsx": "E-XLSX-ORDER", "nul-in-a-part.xlsx": "E-XLSX-PART",
}


def measured(path, out):
    """Converts in a child of its own; returns (exit, seconds of processor time, peak of memory of any process in MiB)."""
    child = subprocess.Popen([PROGRAM, "convert", path, "--from", "tip-line", "--to", "case-jsonl", "-o", f"{out}/", "--run-time", RUN_TIME], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def test_hostile_and_broken_workbooks_end_in_a_finding_in_bounded_time_and_memory():
    made = scratch.named("made")
    subprocess.run([sys.executable, "-B", BOMBS / "make_workbook_bombs.py", "--large", made], check=True)
    equal(sorted(p.name for p in (BOMBS / "xlsx").iterdir()), sorted(EXPECTED), "the small ones")
    for path in sorted((BOMBS / "xlsx").iterdir()) + sorted((made / "xlsx").iterdir()):
        out = scratch.named("bombs") / path.name
        exit, seconds, mib = measured(path, out)
        said = [f["code"] for f in findings(out)]
        check(exit in (0, 2, 3), f"{path.name}: exit {exit}, {said}")
        check(said, f"{path.name}: nothing is said")
        check(not any(c.startswith(("E-WORKER-", "E-PLUGIN-")) for c in said), f"{path.name}: {said}")
        expected = EXPECTED.get(path.name, "LIMIT")
        check(expected is None or any(expected in c for c in said) or path.name.startswith(("depth", "a-name")) and "E-XLSX-PART" in said, f"{path.name}: {said}, not {expected}")
        check(seconds < 5, f"{path.name}: {seconds:.1f} s")
        if not os.environ.get("CASEBRIDGE_SANITIZED"):
            check(mib < 256, f"{path.name}: {mib:.0f} MiB")
        if exit == 3 and not said[0].startswith("E-XLSX-PART"):
            continue
        balanced(out)


def test_a_damaged_sheet_keeps_what_was_read_before():
    out = scratch.named("kept") / "out"
    parts = sheets.parts([("T", [["NO SIGNALEMENT", "REÇU LE", "MESSAGE"], *([f"ST-{n}", "01/01/2099", "Synthétique."] for n in range(1, 40))])])
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet][: parts[sheet].index('<row r="30">') + 40]
    sheets.package(out.parent / "cut.xlsx", parts)
    convert([out.parent / "cut.xlsx"], out, exit=3)
    check(any(f["code"] == "E-XLSX-PART" for f in findings(out)), "the cause")
    equal(len(of(out, "Occurrence")), 28, "tips before the place where it breaks")
    balanced(out)


def test_days_counted_from_1904_and_the_day_that_never_was():
    base = scratch.named("days")
    row = lambda key, day: [key, day, "Synthétique."]
    head = ["NO SIGNALEMENT", "REÇU LE", "MESSAGE"]
    sheets.book(base / "old.xlsx", [("T", [head, row("ST-1", datetime.date(2099, 3, 3))])], date1904=True)
    parts = sheets.parts([("T", [head, row("ST-2", datetime.date(2099, 3, 3))])])
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(f"<v>{sheets.serial(datetime.date(2099, 3, 3))}</v>", "<v>60</v>")
    sheets.package(base / "never.xlsx", parts)
    convert([base / "old.xlsx"], base / "out-old")
    equal([r["occurrenceNumber"] for r in of(base / "out-old", "Occurrence")], ["ST-1"], "records")
    equal(of(base / "out-old", "Occurrence")[0]["reportedAt"], "2099-03-03", "the day")
    convert([base / "never.xlsx"], base / "out-never", exit=None)
    check("E-XLSX-DATE" in [f["code"] for f in findings(base / "out-never")], "day 60")


sys.exit(main(sys.modules[__name__]))
