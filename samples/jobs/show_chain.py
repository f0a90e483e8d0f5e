#!/usr/bin/env python3
"""Prints the chain that a night revealed, from the missing child on: each step with its file and line.

  show_chain.py DESK.jsonl [--json] [--show-names]

Records of one source record belong together; from one source record to another leads only what linking found: a cluster of
persons ("is"), or a number, a vehicle or a place that both name ("shares"). What more than a handful of source records name
says nothing and is not followed. Names and numbers are pseudonyms unless --show-names is given on a terminal.
"""
import argparse, collections, hashlib, json, re, sys

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMMON = 12  # source records that name one thing: above it the thing says nothing
WHAT = {"Selector": "number", "Vehicle": "vehicle", "Location": "place", "Advertisement": "advertisement", "Occurrence": "occurrence", "Organization": "organization"}


def load(path):
    sources, records = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record["recordType"] == "Source":
                sources[record["source"]] = record
            elif "id" in record:
                records[record["id"]] = record
    return sources, records


class Night:
    def __init__(self, path):
        self.sources, self.records = load(path)
        self.unit = {}  # of a record: its source record, told by its place: what lies inside of it came from it
        self.members = collections.defaultdict(list)
        own = sorted((r for r in self.records.values() if r["source"][0]), key=lambda r: (r["source"][0], r["source"][1], -r["source"][2]))
        source, begin, end = 0, 0, 0
        for r in own:
            number, offset, length = r["source"][:3]
            if number != source or offset >= end:
                source, begin, end = number, offset, offset + length
            self.unit[r["id"]] = (source, begin)
            self.members[source, begin].append(r)
        self.hops = collections.defaultdict(list)  # unit -> (unit, how, record here, record there)
        for r in own:  # a thing of one record, named by several source records of one feed (an inmate, a number)
            for other in UUID.findall(json.dumps({k: v for k, v in r.items() if k not in ("id", "ext")})):
                o = self.records.get(other)
                if o and o["source"][0] and self.unit.get(o["id"]) != self.unit[r["id"]]:
                    self.join([r, o], "names" if o["recordType"] == "Person" else "shares", o["recordType"])
        for c in self.records.values():
            if c["recordType"] == "Cluster":
                self.join([self.records[m["ref"]] for m in c["members"] if m["ref"] in self.records], "is" if c["entityType"] == "Person" else "shares", c["entityType"])

    def join(self, records, how, kind):
        units = {self.unit[r["id"]] for r in records if r["id"] in self.unit}
        if how == "shares" and len(units) > COMMON:
            return
        for i, a in enumerate(records):
            for b in records[:i]:
                ua, ub = self.unit.get(a["id"]), self.unit.get(b["id"])
                if ua and ub and ua != ub:
                    self.hops[ua].append((ub, how, kind, a, b))
                    self.hops[ub].append((ua, how, kind, b, a))

    def place(self, record):
        source = self.sources[record["source"][0]]
        return f'{source["name"]}:{record["source"][3]}'

    def start(self):
        """Outstanding reports of children whom another source knows too."""
        for r in self.records.values():
            if r["recordType"] == "Occurrence" and r["kind"] == "MISSING_PERSON" and r.get("missing", {}).get("outcome") == "OUTSTANDING":
                unit = self.unit[r["id"]]
                child = [p for p in self.members[unit] if p["recordType"] == "Person" and p.get("isMinorAtReport")]
                if child and any(how == "is" and there["source"][0] != here["source"][0] for _, how, _, here, there in self.hops[unit]):
                    yield unit

    def chain(self):
        best = []
        for first in self.start():
            seen, queue, steps = {first}, collections.deque([first]), []
            while queue:
                unit = queue.popleft()
                for other, how, kind, here, there in sorted(self.hops[unit], key=lambda h: (h[1], h[2], self.place(h[4]))):
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
                        steps.append((how, kind, here, there))
            if len({s[3]["source"][0] for s in steps}) > len({s[3]["source"][0] for s in best}):
                best = steps
        return best


def name_of(record, show):
    kind = record["recordType"]
    text = record.get("value") or record.get("plate") or record.get("name") or (record.get("civic") or {}).get("full") or ""
    if kind == "Person":
        n = (record.get("names") or [{}])[0]
        text = n.get("full") or f'{n.get("given", "")} {n.get("family", "")}'.strip()
    return f'{kind} {text}' if show and text else f'{kind} {hashlib.sha256(record["id"].encode()).hexdigest()[:6].upper()}'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show-names", action="store_true")
    args = parser.parse_args()
    if args.show_names and not sys.stdout.isatty():
        print("show_chain: names are shown on a terminal only; pseudonyms follow.", file=sys.stderr)
        args.show_names = False
    night = Night(args.data)
    steps = night.chain()
    if args.json:
        print(json.dumps([{"how": how, "what": kind, "from": night.place(a), "to": night.place(b), "ids": [a["id"], b["id"]]} for how, kind, a, b in steps], indent=1))
        return 0 if steps else 1
    if not steps:
        print("No chain: no missing child is known to another source.")
        return 1
    for number, (how, kind, a, b) in enumerate(steps, 1):
        words = "is, by a cluster," if how == "is" else "is of the same person as" if how == "names" else f"shares a {WHAT.get(kind, kind)} with"
        print(f"{number:3}. {name_of(a, args.show_names)} ({night.place(a)}) {words} {name_of(b, args.show_names)} ({night.place(b)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
