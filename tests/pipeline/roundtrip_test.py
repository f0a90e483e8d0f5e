"""Case data from JSON to XML and back keeps every byte: JSONL -> XML -> JSONL -> XML, for a data set of every record type,
and for what the feeds give."""
import json
import os
import pathlib
import re
import subprocess
import sys

from harness import *

FIXTURE = os.environ.get("FIXTURE_DATASET", "")   # prints a data set of the minimal and full record of every type


def around(start, name, exit=0):
    """start (JSONL) -> a.xml -> b.jsonl -> c.xml, and start -> d.jsonl; returns the folder."""
    folder = scratch.named(f"around/{name}")
    def step(source, form, target):
        run("convert", source, "--to", form, "-o", folder / target, "--run-time", RUN_TIME, "--positions", "value", "--force", exit=exit)
    step(start, "case-xml", "a.xml")
    step(folder / "a.xml", "case-jsonl", "b.jsonl")
    step(folder / "b.jsonl", "case-xml", "c.xml")
    step(start, "case-jsonl", "d.jsonl")
    step(folder / "b.jsonl", "case-jsonl", "e.jsonl")
    return folder


def body(path):
    return [line for line in pathlib.Path(path).read_bytes().splitlines() if not line.startswith((b'{"recordType":"Dataset"', b'{"recordType":"DatasetEnd"'))]


def same(start, name, exit=0):
    folder = around(start, name, exit)
    equal(first_difference(folder / "a.xml", folder / "c.xml"), None, f"{name}: XML, after JSON and back")
    equal(first_difference(folder / "b.jsonl", folder / "d.jsonl"), None, f"{name}: JSON, through XML and straight")
    equal(first_difference(folder / "b.jsonl", folder / "e.jsonl"), None, f"{name}: JSON once more")
    whole(folder / "b.jsonl")
    valid_xml(folder / "a.xml")
    return folder


def first_difference(a, b):
    for number, (x, y) in enumerate(zip(a.read_bytes().splitlines(), b.read_bytes().splitlines()), 1):
        if x != y:
            at = next(i for i in range(min(len(x), len(y)) + 1) if x[i:i + 1] != y[i:i + 1])
            return f"line {number}, byte {at}: {x[max(0, at - 60):at + 80]!r} and {y[max(0, at - 60):at + 80]!r}"
    if a.read_bytes() != b.read_bytes():
        return f"{a} and {b} differ in length"
    return None


def test_a_record_of_every_type_minimal_and_full():
    check(FIXTURE, "FIXTURE_DATASET names no program")
    start = scratch.named("fixture") / "all.jsonl"
    start.write_bytes(subprocess.run([FIXTURE], stdout=subprocess.PIPE, check=True).stdout)
    types = {r["recordType"] for r in records(start)}
    check(len(types) >= 19, f"only {len(types)} record types")
    out = scratch.named("fixture") / "out"
    convert([start], out, "--positions", "value", exit=None)
    equal(run.exit, 3, "two full records break rules across fields, which the structure alone cannot say")
    refused = {f["recordId"] for f in findings(out) if f["severity"] == "error"}
    equal(counts((f for f in findings(out) if f["severity"] == "error"), lambda f: f["code"]), {"E-RULE-CSAEM-URI": 1, "E-RULE-MEANS-CHILD": 1}, "errors")
    folder = same(out / "case.jsonl", "fixture")
    original = [line for line in body(start) if json.loads(line).get("id") not in refused]
    through = body(folder / "b.jsonl")
    for i, (x, y) in enumerate(zip(original, through)):
        x = x.replace(b',"recordStatus":"CURRENT"', b"")   # what holds of every record unless said otherwise is not written
        x = re.sub(rb'("places":\{"[^"]*":\[\d+,\d+),\d+,\d+\]', rb"\1]", x)  # the line of a value follows from its bytes
        equal(json.loads(y), json.loads(x), f"record line {i + 1}")
        check(x == y, f"record line {i + 1}: the same record in other bytes:\n    {x[:600]}\n    {y[:600]}")
    equal(len(through), len(original), "record lines")


def test_what_the_samples_give():
    for folder in sorted(p for p in (ROOT / "samples").iterdir() if p.is_dir() and p.name not in ("bombs", "feeds", "jobs")):
        out = scratch.named("samples") / folder.name
        convert([folder], out, "--positions", "value", to=("case-jsonl", "case-xml"))
        there = same(out / "case.jsonl", folder.name)
        equal(first_difference(out / "case.xml", there / "a.xml"), None, f"{folder.name}: XML from the feed, and from its JSON")
        equal(first_difference(out / "case.jsonl", there / "d.jsonl"), None, f"{folder.name}: JSON from the feed, and from its JSON")


def test_what_the_public_files_give():
    done = 0
    for name in ("ojbc-custody", "toronto-police-open-data", "ncmec-cybertip", "ontario-otis-corrections"):
        base = pathlib.Path(os.environ.get("CASEBRIDGE_SHARED") or ROOT / ".." / "shared") / "data" / name
        if not base.is_dir():
            check(os.environ.get("CASEBRIDGE_REQUIRE_DATA", "0") in ("", "0"), f"the sample files {name} are absent")
            print(f"note: SKIPPED {name}: the sample files are absent")
            continue
        out = scratch.named("public") / name
        convert([base], out, "--positions", "value", to=("case-jsonl", "case-xml"), exit=None)
        there = same(out / "case.jsonl", name)
        equal(first_difference(out / "case.xml", there / "a.xml"), None, f"{name}: XML from the feed, and from its JSON")
        equal(first_difference(out / "case.jsonl", there / "d.jsonl"), None, f"{name}: JSON from the feed, and from its JSON")
        done += 1


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
