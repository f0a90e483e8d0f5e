"""NIBRS in both spellings, over the whole folders of public files: the books balance, the counts per type are the ones
explained here, and a report that came twice gives the same records. Nothing of those files stands in this repository."""
import sys

from harness import *
from public_test import by_name, no_other_findings, whole_run

SAID_ONCE = ("source", "alsoSource", "original", "places")  # what depends on the spelling


def said(path):
    """The records by id and version, without what depends on the spelling."""
    return {(r["id"], r.get("version", 1)): {k: v for k, v in r.items() if k not in SAID_ONCE} for r in records(path)}


def differences(flat, xml):
    """Field, value of the flat file, value of the XML file, wherever two records with one id say different things."""
    equal(sorted(flat), sorted(xml), "ids and versions of the records")
    out = set()
    for key, one in flat.items():
        other = xml[key]
        for field in set(one) | set(other):
            a, b = one.get(field), other.get(field)
            if field == "ext":
                out |= {(f"ext/{name}", str((a or {}).get(name)), str((b or {}).get(name))) for name in set(a or {}) | set(b or {}) if (a or {}).get(name) != (b or {}).get(name)}
            elif a != b:
                out.add((field, str(a), str(b)))
    return out


def test_flat_files():
    out, total = whole_run("nibrs-flat", 3)   # 3: four source records wait in quarantine
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (3336, 3314, 4, 18), "source records: an incident or arrest with one action, and 18 zero reports")
    equal(total["caseRecords"], {
        "Evidence": 3002,       # items and drugs
        "Link": 6706,           # victims, suspects, who they are to each other, arrests
        "Location": 2275,       # a kind of place for each incident, two for some
        "Occurrence": 3989,     # 2,254 incidents, 303 withdrawals of incidents, 1,331 arrests, 101 withdrawals of arrests
        "Organization": 445,    # businesses and the like, as victims
        "Person": 4632,
    }, "case records by type")
    no_other_findings(out, {
        "E-CODE-UNVERIFIED": 25,     # cleared exceptionally
        "E-KEY-CONFLICT": 1,         # two people under one number of one arrest
        "E-RULE-ACCUSED-CHILD": 3,   # arrests of children of 10 and 11: a person reviews them (R-V12)
    })
    equal(by_name(out)["VTUCR0001_20200420_NIBRS_010.txt"]["sourceRecords"]["skipped"], {"ZERO_REPORT": 18}, "months without anything to report")
    made = records(out / "case.jsonl")
    gone = [r for r in made if r.get("recordStatus") == "WITHDRAWN"]
    equal(counts(gone, lambda r: r["recordType"]), {"Link": 101, "Occurrence": 404, "Person": 101}, "withdrawals")
    versions = {}
    for r in made:
        versions.setdefault(r["id"], []).append(r.get("recordStatus", "CURRENT"))
    equal(sum(v[0] == "WITHDRAWN" and v[-1] == "CURRENT" for v in versions.values()), 604, "what is reported again after its withdrawal is in force")
    check(all(not r.get("names") and "birthDate" not in r and "identifiers" not in r for r in made if r["recordType"] == "Person"), "somebody has a name")
    for record in lines(out / "case.jsonl"):
        if record["recordType"] == "Source":
            check("NO_LINKING" in record["handling"]["caveats"], f"{record['name']} may not be linked, and does not say so")
    lost = [f["field"] for feed in json.loads((out / "loss.json").read_text(encoding="utf-8"))["inputs"] for f in feed["fields"] if f.get("unmapped")]
    equal(lost, [], "columns that nothing takes")


def test_xml_files():
    out, total = whole_run("nibrs-xml", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (13, 10, 0, 3), "source records: each file has one report; two are answers, one is a zero report")
    equal(total["caseRecords"], {
        "Evidence": 38,      # items and drugs; two files repeat the report of another in an older or a state's form
        "Link": 24,
        "Location": 4,
        "Occurrence": 11,    # five incidents, one of them withdrawn; arrests, of which one comes in two versions
        "Person": 15,
    }, "case records by type")
    no_other_findings(out, {"E-CODE-UNVERIFIED": 5})
    equal(by_name(out)["nibrs_ZeroReport_Sample.xml"]["sourceRecords"]["skipped"], {"ZERO_REPORT": 1}, "a zero report")
    gone = [r for r in records(out / "case.jsonl") if r.get("recordStatus") == "WITHDRAWN"]
    equal([r["localId"] for r in gone], ["WVNDX0100 020160005029"], "a withdrawal")
    trafficking = [r for r in records(out / "case.jsonl") if r["recordType"] == "Occurrence" and "1525" in r.get("ucr2", [])]
    check(trafficking and all({o["code"] for o in r["offences"]} & {"64A", "64B"} for r in trafficking), "64A is trafficking")


def test_the_same_incident_in_both_spellings_gives_the_same_records():
    folder = scratch.named("nibrs-pair")
    convert([shared("nibrs-flat") / "Flatfile-XML_Test_1.txt"], folder / "flat")
    convert([shared("nibrs-xml") / "samples" / "paired-with-flat" / "Flatfile-XML_Test_1.xml"], folder / "xml")
    flat, xml = said(folder / "flat" / "case.jsonl"), said(folder / "xml" / "case.jsonl")
    equal(len(flat), 27, "records of the incident")
    fields = sorted(field for field, _, _ in differences(flat, xml))
    equal(fields, [
        "ext/description",   # one item of twenty: 17 in the one file, 16 in the other
        "ext/entry",         # forced in the flat file, not said in the other
        "ext/hour",          # 14 and 2
        "ext/submitted",     # month of the submission
        "offences",          # completed and attempted
    ], "the two files themselves differ in five values")
    convert([ROOT / "samples" / "nibrs-flat" / "submission.txt"], folder / "ours-flat")
    convert([ROOT / "samples" / "nibrs-xml" / "submission.xml"], folder / "ours-xml")
    equal(differences(said(folder / "ours-flat" / "case.jsonl"), said(folder / "ours-xml" / "case.jsonl")), set(), "the two synthetic files")


def test_a_child_arrested_for_what_was_done_to_her_waits_in_quarantine():
    folder = scratch.named("nibrs-child")
    text = (ROOT / "samples" / "nibrs-flat" / "submission.txt").read_text(encoding="utf-8")
    arrest = next(l for l in text.splitlines() if l[4] == "6")
    (folder / "a.txt").write_text(text.replace(arrest, arrest.replace("64A01", "40A01").replace("    27", "    15")), encoding="utf-8")
    convert([folder / "a.txt"], folder / "out", exit=3)
    equal([f["code"] for f in findings(folder / "out") if f["severity"] == "error"], ["E-RULE-OWN-EXPLOITATION"], "R-V15 by the stated age")


def test_anonymous_people_are_never_linked():
    folder = scratch.named("nibrs-linking")
    convert([ROOT / "samples" / "nibrs-flat" / "submission.txt"], folder / "case")
    run("link", folder / "case" / "case.jsonl", "-o", f"{folder / 'linked'}/", "--run-time", RUN_TIME, exit=None)
    made = records(folder / "linked" / "case.jsonl")
    people = [r["id"] for r in made if r["recordType"] == "Person" and r.get("recordStatus") != "WITHDRAWN"]
    clusters = [r for r in made if r["recordType"] == "Cluster"]
    check(people and all(len(c["members"]) == 1 for c in clusters), "each stands alone")


def test_no_other_file_is_taken_for_nibrs():
    data = shared("nibrs-flat").parent
    for path in sorted(p for p in data.rglob("*") if p.suffix in (".xml", ".txt", ".csv", ".dat") and "json-schema-test-suite" not in p.parts and not p.relative_to(data).parts[0].startswith("nibrs-")):
        with path.open("rb") as f:
            head = f.read(64 * 1024)
        if b"Submission" not in head and head[:2] not in (b"00", b"\xef\xbb"):
            continue   # neither signature can hold
        out, _ = run("inspect", path, exit=None)
        check(b"format: nibrs" not in out, f"{path.relative_to(data)} is claimed by nibrs")
    other = scratch.named("nibrs-look-alike") / "a.xml"
    other.write_text('<s:Submission xmlns:s="http://example.org/grants"><s:Report/></s:Submission>', encoding="utf-8")
    out, _ = run("inspect", other, exit=None)
    check(b"format: nibrs" not in out, "a Submission of another namespace")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
