"""Exchange formats of partners, over the whole folders of public files: the books balance, the counts per type are the
ones explained here, and no file is claimed by a format that is not its own. Nothing of those files stands in this repository."""
import csv
import json
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


def test_a_row_without_a_key_keeps_what_its_reader_said():
    source = table(scratch.named("keyless") / "one.csv", ["prs_FirstName", "prs_Birthdate", "vic_TraffickingStatus", "vic_MethodsOfControl"],
                   [["Testard", "2084", "PossibleVictimOfTrafficking", "no such word"]])
    convert([source], scratch.named("keyless") / "out")
    equal(counts(findings(scratch.named("keyless") / "out"), lambda f: f["code"]), {"E-MAP-UNKNOWN-CODE": 1}, "findings")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
