"""Whole folders of public sample files, as a user would convert them: the books balance, what comes out is valid in both
spellings, and the counts per type are the ones explained here. Nothing of those files stands in this repository."""
import sys

from harness import *


def test_custody_exchanges_of_ojbc_agency_mock_and_iepd_files_alike():
    out, total = whole_run("ojbc-custody", 0)
    feeds = [f for f in manifest(out)["feeds"] if f["sourceRecords"]["in"]]
    equal(len(feeds), 24, "all 24 files hold one source record")
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (24, 24, 0, 0), "source records")
    equal(total["caseRecords"], {
        "Charge": 101,        # 16 answers with 6 each, and 5 of four booking reports and one status change
        "Custody": 76,        # 16 answers: admission, release, two court dates; the reports: 12
        "Link": 37,           # an arrest at a place, with its charges as the basis
        "Location": 21,       # where the arrest was, or where the person was released to
        "Order": 101,         # a bond for each charge
        "Organization": 21,   # 20 facilities that bookings name, one parole office
        "Person": 24,         # one for each file
    }, "case records by type")
    for name, feed in by_name(out).items():
        if name.startswith("sample-"):
            equal(feed["caseRecords"], {"Charge": 6, "Custody": 4, "Link": 2, "Location": 1, "Order": 6, "Organization": 1, "Person": 1}, name)
    equal(by_name(out)["CustodyCaseQueryResults_VT.xml"]["caseRecords"], {"Custody": 1, "Organization": 1, "Person": 1}, "parole, without a booking")
    for name in ("CustodyReleaseReport-Pima.xml", "CustodyStatusChangeReport-Pima.xml"):  # name no facility
        equal(by_name(out)[name]["caseRecords"], {"Custody": 1, "Person": 1}, name)
    no_other_findings(out, {
        "E-ID-FORM": 2,            # two social security numbers that none can be
        "E-MAP-UNKNOWN-CODE": 8,   # languages that mock files make up
        "E-PROVINCE": 1,           # a state that is none
        "E-TOKEN-NO-KEY": 20,      # social security numbers: this run has no key, so they are withheld
        "E-UNIT": 8,               # heights and weights with units that the senders made up
    })
    persons = [r for r in records(out / "case.jsonl") if r["recordType"] == "Person"]
    check(all("SSN" not in str(p.get("ext", "")) for p in persons), "a social security number went to ext")


def test_custody_with_a_key_has_tokens_and_never_a_number():
    source = shared("ojbc-custody")
    folder = scratch.named("ojbc-key")
    run("key", folder / "key", "--id", "K1")
    convert([source / "mock"], folder / "out", "--token-key", folder / "key", to=("case-jsonl", "case-xml"))
    tokens = [i["value"] for r in records(folder / "out" / "case.jsonl") for i in r.get("identifiers", []) if i["type"] == "SSN" and "value" in i]
    equal(len(tokens), 16, "each mock file has one, and none is left out with a key at hand")
    import re
    numbers = {m for f in (source / "mock").glob("*.xml") for m in re.findall(r"PersonSSNIdentification>\s*<[^>]*IdentificationID>([^<]+)<", f.read_text(encoding="utf-8"))}
    check(len(numbers) >= 10, "the mock files hold social security numbers")
    for path in sorted((folder / "out").rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for number in numbers:
                check(f'"{number}"' not in text and f">{number}<" not in text, f"a social security number stands in {path.name}")


def test_open_data_of_the_toronto_police():
    out, total = whole_run("toronto-police-open-data", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (650, 650, 0, 0), "one source record for each row: no event has two in this part")
    equal(total["caseRecords"], {"Location": 650, "Occurrence": 650}, "an occurrence and its place for each row")
    no_other_findings(out, {"E-TIME-GAP": 1})   # an hour that the clocks skipped in March 2016
    places = [r for r in records(out / "case.jsonl") if r["recordType"] == "Location"]
    equal(len([p for p in places if "geo" not in p]), 14, "places whose pair is zero: withheld")
    equal(len([p for p in places if "civic" not in p]), 16, "places outside the city (NSA); two of them have a pair")


def test_corrections_tables_of_ontario():
    out, total = whole_run("ontario-otis-corrections", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (14076, 12116, 0, 1960), "source records")
    equal(total["caseRecords"], {
        "Custody": 12116,       # 12,000 sums of days in segregation (b02), 116 deaths (d01)
        "Organization": 10,     # five regions in each of the two tables: their ids never meet
        "Person": 12116,
    }, "case records by type")
    for name, rows in (("b03", 852), ("b06", 960), ("c02", 148)):  # counts are not cases
        feed = next(f for n, f in by_name(out).items() if n.startswith(name + "_"))
        equal((feed["sourceRecords"]["mapped"], feed["sourceRecords"]["skipped"]), (0, {"AGGREGATE": rows}), name)
    no_other_findings(out, {})
    for record in lines(out / "case.jsonl"):
        if record["recordType"] == "Source":
            check("NO_LINKING" in record["handling"]["caveats"], f"{record['name']} may not be linked, and does not say so")


def test_cybertips():
    out, total = whole_run("ncmec-cybertip", 3)   # 3: two files are not well-formed and wait in quarantine
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (17, 5, 2, 10), "source records: every file is one")
    equal(total["caseRecords"], {
        "Evidence": 2,         # two file details; hashes, never pictures
        "Link": 10,            # roles, accounts, addresses; files to their reports
        "Occurrence": 3,       # three reports, none with a number yet
        "Organization": 1,     # who holds the files
        "Person": 3,           # the reporting person of each report
        "Selector": 3,         # a mailbox, a page, an address
    }, "case records by type")
    no_other_findings(out, {
        "E-DATE-NO-ZONE": 1,   # a clock without an offset: only the date is kept
        "E-INPUT-BROKEN": 2, "E-XML-TAG": 1, "E-XML-TRUNCATED": 1,   # the two files
        "E-RULE-REFERENCE": 2,  # file details whose reports are not in the set
    })
    waiting = lines(out / "quarantine" / "index.jsonl")
    equal(len(waiting), 2, "two files wait in quarantine, with their bytes")
    source = shared("ncmec-cybertip")
    raw = (out / "quarantine" / "raw.bin").read_bytes()
    for name in ("lumeweb-04-report.xml", "lumeweb-23-reportResponse.xml"):
        check((source / name).read_bytes() in raw, f"{name} is not in the quarantine as it came")


def test_the_command_of_the_issue_streams_valid_lines():
    source = shared("ojbc-custody")
    out, _ = run("convert", source, "--to", "case-jsonl", "-o", "-", "--run-time", RUN_TIME)
    path = scratch.named("stdout") / "case.jsonl"
    path.write_bytes(out)
    whole(path)
    valid_json(path)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
