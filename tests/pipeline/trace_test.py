"""casebridge trace: the bytes it returns are the word that the value came from, at the line it says; past line 65,535 too."""
import csv
import gzip
import io
import random
import shutil
import sys
import zipfile

from harness import *

LINES = 70500
HEADER = ["rec_id", "source", "given", "middle", "family", "aliases", "sex", "dob", "birth_city", "nationality", "street", "city", "postcode", "phones", "person_no", "event_date"]


def big():
    """A synthetic table of more than 70,000 lines, some of them within quotes; returns its folder, made once."""
    folder = scratch.named("big")
    path = folder / "in" / "people.csv"
    if path.exists():
        return folder
    path.parent.mkdir()
    rng = random.Random(20990102)
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(HEADER)
    for n in range(1, LINES):
        given = rng.choice(["Testard", "Andr\u00e9e", "Zo\u00eb", "Exemple-Marie"])
        family = rng.choice(["EXEMPLE", "Test, the younger", "O\u2019Example", "Line\nBreak" if n % 5000 == 0 else "Plain"])
        write.writerow([f"R{n}", "rms", given, "", family, "", rng.choice("MF"), f"{rng.randint(2050, 2080)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}", "", "CA", "", "", "",
                        f"705-555-01{rng.randint(0, 99):02}", f"{n:08}", "2099-07-01"])
    path.write_text(text.getvalue(), encoding="utf-8")
    for form in ("record", "value"):
        run("convert", path, "--to", "case-jsonl", "-o", folder / f"{form}.jsonl", "--run-time", RUN_TIME, "--positions", form)
    return folder


def trace(record, field, data, *options, exit=0, cwd=None):
    out, err = run("--json", "trace", record, *([field] if field else []), "--in", data, *options, exit=exit, cwd=cwd)
    return json.loads(out) if exit == 0 else err.decode()


def held(answer, source, word):
    """The answer points at `word`, in the bytes of the source and at the line and column it gives."""
    check(answer["exact"], f"not exact: {answer}")
    raw = source[answer["offset"]: answer["offset"] + answer["length"]]
    equal(raw.decode("utf-8"), answer["raw"], "the bytes at the place, and the bytes shown")
    equal(raw.decode("utf-8").strip('"').replace('""', '"'), word, "the word of the source")
    before = source[: answer["offset"]]
    equal(answer["line"], before.count(b"\n") + 1, "the line")
    equal(answer["column"], answer["offset"] - (before.rfind(b"\n") + 1) + 1, "the column")


def test_values_of_a_long_table_also_past_line_65535():
    folder = big()
    source = (folder / "in" / "people.csv").read_bytes()
    rows = {row["rec_id"]: row for row in csv.DictReader(io.StringIO(source.decode("utf-8"), newline=""))}
    for form in ("value", "record"):
        data = folder / f"{form}.jsonl"
        persons = {r["localId"]: r["id"] for r in records(data) if r["recordType"] == "Person"}
        equal(len(persons), LINES - 1, "persons")
        for local in ("R1", "R5000", "R33000", f"R{65_530}", f"R{65_536}", f"R{LINES - 1}"):
            for field, column in (("/names/0/family", "family"), ("/names/0/given", "given"), ("/birthDate", "dob")):
                if form == "record" and field == "/names/0/given" and local != "R5000":
                    continue
                answer = trace(persons[local], field, data, "--source", folder / "in")
                held(answer, source, rows[local][column])
                if local == f"R{LINES - 1}":
                    check(answer["line"] > 65535, "this was to be past line 65,535")


def test_a_source_that_moved_was_renamed_or_packed_is_found():
    folder = big()
    first = next(r for r in records(folder / "record.jsonl") if r["recordType"] == "Person")
    for name in ("moved/deep/people.csv", "renamed/other-name.txt"):
        path = folder / name
        path.parent.mkdir(parents=True)
        shutil.copy(folder / "in" / "people.csv", path)
        answer = trace(first["id"], "/names/0/given", folder / "record.jsonl", "--source", folder / name.split("/")[0])
        check(answer["foundAt"].endswith(name), f"found at {answer['foundAt']}")
        held(answer, path.read_bytes(), rows_first(path, "given"))
    (folder / "packed").mkdir()
    with zipfile.ZipFile(folder / "packed" / "old.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.write(folder / "in" / "people.csv", "y/people-2099.csv")
    answer = trace(first["id"], "/names/0/given", folder / "record.jsonl", "--source", folder / "packed")
    check("old.zip!" in answer["foundAt"], f"found at {answer['foundAt']}")
    equal(answer["raw"], rows_first(folder / "in" / "people.csv", "given"), "the word, out of the archive")


def rows_first(path, column):
    with open(path, encoding="utf-8", newline="") as f:
        return next(csv.DictReader(f))[column]


def test_a_source_that_is_gone_or_has_changed_is_said_so():
    folder = big()
    first = next(r for r in records(folder / "record.jsonl") if r["recordType"] == "Person")
    (folder / "empty").mkdir()
    away = scratch.named("away")
    shutil.copy(folder / "record.jsonl", away / "case.jsonl")
    err = trace(first["id"], "/birthDate", away / "case.jsonl", "--source", folder / "empty", exit=5, cwd=folder / "empty")
    check("not found" in err, err)
    (folder / "changed").mkdir()
    text = (folder / "in" / "people.csv").read_bytes()
    (folder / "changed" / "people.csv").write_bytes(text.replace(b"2099-07-01", b"2099-07-02", 1))
    err = trace(first["id"], "/birthDate", away / "case.jsonl", "--source", folder / "changed", exit=5, cwd=folder / "empty")
    check("changed" in err, err)


def test_a_record_or_field_that_is_not_there_is_usage():
    folder = big()
    first = next(r for r in records(folder / "record.jsonl") if r["recordType"] == "Person")
    trace("not-an-id", "", folder / "record.jsonl", exit=2)
    trace("c11374db-5a8f-5817-81de-c5782e1d10d4", "", folder / "record.jsonl", exit=2)
    trace(first["id"], "/no/such", folder / "record.jsonl", "--source", folder / "in", exit=2)
    trace(first["id"], "", folder / "none.jsonl", exit=5)


def decoded(raw, name):
    import html
    text = raw.strip()
    return html.unescape(text) if name.endswith(".xml") else text.strip('"')


def test_values_of_every_sample_also_from_xml_case_data():
    """Where a value kept its source's word, the bytes are that word; where it did not, the value's own text is in them."""
    tried = 0
    for folder in sorted(p for p in (ROOT / "samples").iterdir() if p.is_dir() and p.name not in ("bombs", "feeds", "jobs", "case-jsonl", "case-xml")):
        out = scratch.named("samples") / folder.name
        convert([folder], out, "--positions", "value", to=("case-jsonl", "case-xml"))
        for record in records(out / "case.jsonl")[:6]:
            for pointer, word in list(leaves(record))[:3]:
                answer = trace(record["id"], pointer, out / "case.jsonl", "--source", folder)
                if not answer["exact"]:
                    check(answer["note"], f"{folder.name} {record['id']} {pointer}: no place and no note")
                    continue
                source = pathlib_of(folder, answer["foundAt"])
                raw = answer["raw"]
                if source.suffix == ".xlsx":   # its places count the text of its cells, which no byte range of the file holds
                    check(answer["sheet"] and answer["cell"], f"{folder.name} {pointer}: no cell")
                else:
                    equal(source.read_bytes()[answer["offset"]: answer["offset"] + answer["length"]].decode("utf-8"), raw, f"{folder.name} {pointer}: the bytes at the place")
                said = record.get("original", {}).get(pointer, word)
                if decoded(raw, source.name) != said:   # put together from several places: the first; or a part of a whole name
                    check(decoded(raw, source.name) in said or said in decoded(raw, source.name), f"{folder.name} {record['recordType']} {pointer}: {raw!r} is not in {said!r}")
                tried += 1
        person = next((r for r in records(out / "case.jsonl") if r["recordType"] in ("Person", "Occurrence")), None)
        if person:
            trace(person["id"], "", out / "case.xml", "--source", folder)
    check(tried >= 25, f"only {tried} values had a place")


def pathlib_of(folder, found):
    import pathlib
    return pathlib.Path(found) if pathlib.Path(found).exists() else folder / pathlib.Path(found).name


SIMPLE = {"Person": ["/birthDate", "/names/0/full", "/names/0/given", "/names/0/family", "/occupation"], "Occurrence": ["/occurrenceNumber", "/summary/en", "/occurred/start"],
          "Custody": ["/bookingNumber", "/at/start"], "Charge": ["/description", "/statute/section"], "Selector": ["/value"], "Location": ["/civic/city", "/civic/full", "/area"],
          "Evidence": ["/fileName"], "Organization": ["/names/0/full"]}


def leaves(record):
    for pointer in SIMPLE.get(record["recordType"], []):
        at = record
        for part in pointer[1:].split("/"):
            at = at[int(part)] if isinstance(at, list) and part.isdigit() and int(part) < len(at) else at.get(part) if isinstance(at, dict) else None
            if at is None:
                break
        if isinstance(at, str):
            yield pointer, at


sys.exit(main(sys.modules[__name__]))
