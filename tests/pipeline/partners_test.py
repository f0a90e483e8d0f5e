"""Exchange formats of partners, over the whole folders of public files: the books balance, the counts per type are the
ones explained here, and no file is claimed by a format that is not its own. Nothing of those files stands in this repository."""
import csv
import json
import re
import sys

from harness import *
from public_test import by_name, no_other_findings, whole_run


def loss(out):
    return {field["field"]: field for feed in json.loads((out / "loss.json").read_text(encoding="utf-8"))["inputs"] for field in feed["fields"]}


def table(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def test_htcds_takes_every_field_and_every_word_of_the_standard():
    folder = shared("htcds")
    with open(folder / "htcds_v2_fields.csv", encoding="utf-8-sig") as f:
        fields = [r for r in csv.DictReader(f) if r["field"] and not r["field"].startswith("org_")]
    with open(folder / "htcds_v2_codes.csv", encoding="utf-8-sig") as f:
        words = [r for r in csv.DictReader(f) if not r["field"].startswith("org_")]
    check(len(fields) > 70 and len(words) > 120, "the lists of the standard")
    by_names = scratch.named("htcds")
    for spelling in ("value", "label"):     # each word of a list once, in the name or in the label
        rows = []
        for w in words:
            row = {"prs_FirstName": "Testard", "prs_Birthdate": "2084", "vic_TraffickingStatus": "PossibleVictimOfTrafficking"}
            if w["field"] == "per_RoleInProcess":
                row["vic_TraffickingStatus"] = "NotAVictimOfTrafficking"
            row[w["field"]] = w[spelling]
            rows.append([row.get(f["field"], "") for f in fields])
        path = table(by_names / f"{spelling}.csv", [f["field"] for f in fields], rows)
        out = by_names / spelling
        convert([path], out)
        equal(balanced(out)["mapped"], len(words), "a row for each word")
        unknown = counts(findings(out), lambda f: f["code"]).get("E-MAP-UNKNOWN-CODE", 0)
        equal(unknown, 0, f"{spelling}s of the standard that no table knows")
    # Every field has a home by its name: mapped, or named in ext.
    sample = {"Date": "2099-01-02", "Number": "3", "Checkbox": "true", "Geolocation": "45.5"}
    row = [sample.get(f["type"], "x") for f in fields]
    path = table(by_names / "fields.csv", [f["field"] for f in fields], [row])
    convert([path], by_names / "fields", exit=0)
    lost = [name for name, what in loss(by_names / "fields").items() if what.get("unmapped")]
    equal(lost, [], "fields without a home")
    # The labels and the spellings of the form and of the workbook.
    labels = table(by_names / "labels.csv", [f["label"] for f in fields if f["core"] == "Y"], [["x" for f in fields if f["core"] == "Y"]])
    convert([labels], by_names / "labels")
    lost = [name for name, what in loss(by_names / "labels").items() if what.get("unmapped")]
    equal(lost, [], "labels without a home")


def test_stix_bundles():
    out, total = whole_run("stix-2.1/examples", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (7, 7, 0, 0), "source records: every bundle is one")
    equal(total["caseRecords"], {
        "Evidence": 1,         # a file by its hashes
        "Link": 20,            # relationships between records, what reports and observations name, mail addresses of contacts
        "Occurrence": 4,       # a report, a campaign, two observations
        "Organization": 11,    # identities and threat actors that are no single person; one comes twice and says the same
        "Person": 4,           # individuals
        "Selector": 8,
    }, "case records by type")
    no_other_findings(out, {})


def test_misp_events():
    out, total = whole_run("misp", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (4, 4, 0, 0), "source records: four events; templates and schemas are none")
    equal(total["caseRecords"], {
        "Evidence": 45,        # the file objects of the four events
        "Link": 76,            # each of them, and each address, to its event
        "Occurrence": 4,
        "Selector": 29,        # domains and addresses, alone and in objects
    }, "case records by type")
    check(any(name.endswith("/data") and what.get("dropped") for name, what in loss(out).items()), "samples and pictures are dropped, and said to be")
    text = (out / "case.jsonl").read_text(encoding="utf-8")
    check("UEsDBAoACQ" not in text, "a sample of a program came through")


def test_case_uco_graphs():
    out, total = whole_run("case-uco-jsonld", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (19, 19, 0, 0), "source records: every document is one")
    equal(total["caseRecords"], {
        "Case": 6,             # investigations of the largest example
        "Evidence": 28,        # devices and files
        "Link": 85,            # calls, messages, relationships, numbers of devices, roles, what investigations list
        "Location": 16,        # places and cell sites
        "Organization": 14,    # those with a name
        "Person": 20,          # people and contacts
        "Selector": 47,
    }, "case records by type")
    text = (out / "case.jsonl").read_text(encoding="utf-8")
    check("123secretpassword456" not in text, "a password came through")


def test_hash_sharing():
    out, total = whole_run("ncmec-hash-sharing", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (7, 2, 0, 5), "source records: two pages with entries")
    equal(total["caseRecords"], {"Evidence": 3, "Organization": 2}, "a picture of one member, two videos of another")
    no_other_findings(out, {})


def test_ftm_names_are_those_of_the_model():
    model = json.loads((shared("followthemoney") / "defaultModel.json").read_text(encoding="utf-8"))["schemata"]
    text = (ROOT / "plugins" / "ftm" / "mapping.yaml").read_text(encoding="utf-8")
    text = text[:text.index("tests:")]
    schemata = set(re.findall(r"schema = (\w+)\]", text))
    check(len(schemata) > 20, "schemata of the mapping")
    equal(sorted(schemata - set(model)), [], "schemata that the model does not have")
    known = {name for schema in model.values() for name in schema["properties"]}
    used = set(re.findall(r"properties/(\w+)", text)) - {"number"}
    equal(sorted(used - known), [], "properties that the model does not have")


def test_no_file_of_any_folder_is_claimed_by_a_format_of_partners_that_is_not_its_own():
    own = {"case-uco": ("case-uco-jsonld",), "stix": ("stix-2.1/examples",), "misp": ("misp",), "ftm": ("followthemoney",), "ncmec-hashes": ("ncmec-hash-sharing",), "htcds": ("htcds",), "intel-report": ()}
    data = shared("htcds").parent
    for path in sorted(p for p in data.rglob("*") if p.suffix in (".json", ".xml", ".csv", ".txt") and "json-schema-test-suite" not in p.parts):
        out, _ = run("inspect", path, exit=None)
        said = re.search(r"^  format: ([\w-]+)", out.decode("utf-8", "replace"), re.M)
        if said and said[1] in own:
            check(any(str(path.relative_to(data)).startswith(folder) for folder in own[said[1]]), f"{path.relative_to(data)} is claimed by {said[1]}")


LOOK_ALIKES = {   # other people's documents with a member that a format of partners has too
    "answer.json": {"response": [{"id": "1", "status": "ok"}], "info": "a service answers"},
    "listing.json": {"objects": [{"name": "bucket"}, {"name": "other"}], "type": "list"},
    "scene.json": {"type": "scene", "id": "scene--1", "objects": [{"type": "cube", "id": "cube-1"}]},
    "form.json": {"schema": "v2", "fields": [{"name": "a"}]},
    "table.jsonl": {"id": "7", "schema": "public", "table": "people"},
    "calendar.json": {"Event": {"title": "A meeting", "start": "2099-01-01"}},
    "store.json": {"Attribute": [{"name": "colour", "value": "red"}], "price": 3},
    "house.json": {"Orgc": {"name": "x"}, "rooms": 3},
}


def test_a_member_of_a_common_name_makes_no_format():
    folder = scratch.named("look-alikes")
    for name, document in LOOK_ALIKES.items():
        (folder / name).write_text(json.dumps(document) + "\n", encoding="utf-8")
        out, _ = run("inspect", folder / name, exit=None)
        said = re.search(r"^  format: ([\w-]+)", out.decode("utf-8", "replace"), re.M)
        check(not said, f"{name} is claimed by {said and said[1]}")
    own = {
        "stix": {"id": "bundle--1", "objects": [{"type": "identity", "spec_version": "2.1", "id": "identity--1", "name": "x"}], "type": "bundle"},
        "misp": {"response": [{"Event": {"id": "1", "info": "x"}}]},
        "ftm": {"id": "a", "schema": "Person", "properties": {"name": ["x"]}},
    }
    for name, document in own.items():
        path = folder / (f"{name}.jsonl" if name == "ftm" else f"{name}.json")
        path.write_text(json.dumps(document) + "\n", encoding="utf-8")
        out, _ = run("inspect", path, exit=None)
        check(f"format: {name}" in out.decode("utf-8", "replace"), f"{name} is not known any more")


def test_a_row_without_a_key_keeps_what_its_reader_said():
    source = table(scratch.named("keyless") / "one.csv", ["prs_FirstName", "prs_Birthdate", "vic_TraffickingStatus", "vic_MethodsOfControl"],
                   [["Testard", "2084", "PossibleVictimOfTrafficking", "no such word"]])
    convert([source], scratch.named("keyless") / "out")
    equal(counts(findings(scratch.named("keyless") / "out"), lambda f: f["code"]), {"E-MAP-UNKNOWN-CODE": 1}, "findings")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
