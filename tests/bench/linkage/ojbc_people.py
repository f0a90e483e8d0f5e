#!/usr/bin/env python3
"""People of the OJBC cross-service samples as a people CSV with its truth, as they are and on corrupted copies.

  ojbc_people.py FOLDER OUT.csv [--no-ssn] [--corrupt SEED]

FOLDER holds LINKS.tsv and the XML files it names. Standard library only."""
import argparse
import csv
import os
import random
import xml.etree.ElementTree as ET

a = argparse.ArgumentParser(description=__doc__)
a.add_argument("folder"), a.add_argument("out"), a.add_argument("--no-ssn", action="store_true"), a.add_argument("--corrupt", type=int)
a = a.parse_args()
local = lambda e: e.tag.rsplit("}", 1)[-1]


def text(e, *path):
    """Text of the first descendant along these local names."""
    for step in path:
        e = next((x for x in e.iter() if local(x) == step and x is not e), None)
        if e is None:
            return ""
    return "".join(e.itertext()).strip()


def person_in(path, full):
    """The last element with a name and one birth date: requests before it quote other dates as well."""
    found = None
    for e in ET.parse(path).getroot().iter():
        kinds = [local(c) for c in e]
        if "PersonName" not in kinds or kinds.count("PersonBirthDate") != 1:
            continue
        name = next(c for c in e if local(c) == "PersonName")
        p = {"given": text(name, "PersonGivenName"), "middle": text(name, "PersonMiddleName"), "family": text(name, "PersonSurName"), "dob": text(e, "PersonBirthDate"),
             "ssn": text(e, "PersonSSNIdentification")}
        if full.startswith(p["given"] + " ") and p["family"] in full:
            found = p
    return found


def slip(r, s):
    if len(s) < 4:
        return s
    i = r.randrange(1, len(s) - 1)
    return r.choice([s[:i] + s[i + 1:], s[:i] + s[i] + s[i:], s[:i] + s[i + 1] + s[i] + s[i + 2:]])


def corrupted(r, p):
    q, kind = dict(p), r.randrange(6)
    if kind == 0: q["given"] = slip(r, q["given"])
    elif kind == 1: q["family"] = slip(r, q["family"])
    elif kind == 2: q["given"], q["family"] = q["family"], q["given"]
    elif kind == 3:
        y, m, d = q["dob"].split("-")
        q["dob"] = f"{y}-{d}-{m}" if int(d) <= 12 else f"{y}-{m}-{max(1, int(d) - 1):02d}"
    elif kind == 4: q["given"], q["family"] = q["given"].upper(), q["family"].upper()
    else: q["middle"] = ""
    if r.random() < .3: q["ssn"] = ""
    return q


rows = []
with open(os.path.join(a.folder, "LINKS.tsv"), encoding="utf-8", newline="") as f:
    for line in csv.DictReader(f, delimiter="\t"):
        p = person_in(os.path.join(a.folder, line["file"]), line["person"])
        if p is None:
            raise SystemExit(f"{line['file']}: no person {line['person']}")
        rows.append((line["file"], line["person"], line["service"], p))
if a.corrupt is not None:
    r = random.Random(a.corrupt)
    rows += [(f"{file}#copy{k}", person, "copy", corrupted(r, p)) for file, person, _, p in list(rows) for k in (1, 2)]
with open(a.out, "w", encoding="utf-8", newline="") as out, open(os.path.splitext(a.out)[0] + ".truth.csv", "w", encoding="utf-8", newline="") as truth:
    o, t = csv.writer(out, lineterminator="\n"), csv.writer(truth, lineterminator="\n")
    o.writerow(["rec_id", "source", "given", "middle", "family", "dob", "ssn"])
    t.writerow(["rec_id", "entity_id"])
    for file, person, service, p in rows:
        o.writerow([file, service, p["given"], p["middle"], p["family"], p["dob"], "" if a.no_ssn else p["ssn"]])
        t.writerow([file, person])
print(len(rows), "records")
