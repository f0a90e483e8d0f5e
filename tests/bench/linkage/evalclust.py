#!/usr/bin/env python3
"""Judge clusters against the truth: B-cubed over records, and precision, recall and F1 of the pairs the clusters imply.

  evalclust.py TRUTH.csv CLUSTERS.csv [--truth-id COLUMN] [--truth-entity COLUMN] [--entity-pattern REGEX]

CLUSTERS.csv has record_id,entity_id. TRUTH.csv is by default rec_id,entity_id; any CSV with an id and an entity column
will do, and with --entity-pattern the entity is the first group that REGEX finds in the id. Standard library only."""
import argparse
import csv
import json
import re
import sys
from collections import Counter


def judge(truth, got):
    """truth and got: dicts of record -> entity over the same records."""
    both = Counter()
    for record, entity in truth.items():
        both[got[record], entity] += 1
    clusters, entities = Counter(got.values()), Counter(truth.values())
    pairs = lambda counts: sum(n * (n - 1) // 2 for n in counts)
    hit, said, real = pairs(both.values()), pairs(clusters.values()), pairs(entities.values())
    total = len(truth)
    bp = sum(n * n / clusters[c] for (c, e), n in both.items()) / total
    br = sum(n * n / entities[e] for (c, e), n in both.items()) / total
    ratio = lambda a, b: a / b if b else 1.0
    return {
        "pair_F1": round(ratio(2 * hit, said + real), 4), "pair_P": round(ratio(hit, said), 4), "pair_R": round(ratio(hit, real), 4),
        "B3": round(2 * bp * br / (bp + br), 4), "B3_P": round(bp, 4), "B3_R": round(br, 4),
        "clusters": len(clusters), "entities": len(entities), "largest": max(clusters.values()),
    }


def wilson(k, n, z=1.96):
    """The 95 % interval of a rate. Pairs of one entity are not independent, so it is a little too narrow."""
    if not n:
        return (0.0, 1.0)
    p = k / n
    centre, half = p + z * z / (2 * n), z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    return ((centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n))


def by_pattern(truth, got, pattern):
    """Missed links and false merges by name pattern of the record: over true pairs, and over pairs that were joined."""
    cluster, both = Counter(got.values()), Counter()
    size = Counter(truth.values())
    for r, e in truth.items():
        both[got[r], e] += 1
    out = {}
    for name in sorted(set(pattern.values())):
        true = missed = joined = false = 0
        for r, e in truth.items():
            if pattern[r] != name:
                continue
            hit = both[got[r], e] - 1
            true += size[e] - 1
            missed += size[e] - 1 - hit
            joined += cluster[got[r]] - 1
            false += cluster[got[r]] - 1 - hit
        out[name] = {"true_pairs": true // 2, "missed": missed / true if true else 0.0, "missed_95": wilson(missed // 2, true // 2),
                     "false": false / joined if joined else 0.0, "false_95": wilson(false // 2, joined // 2)}
    return out


def read(path, record, entity, pattern=None):
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        head = [h.strip() for h in next(rows)]
        r, e = head.index(record), head.index(entity if not pattern else record)
        if pattern:
            find = re.compile(pattern)
            return {row[r].strip(): find.search(row[r].strip()).group(1) for row in rows if row}
        return {row[r].strip(): row[e].strip() for row in rows if row}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("truth"), a.add_argument("clusters")
    a.add_argument("--truth-id", default="rec_id"), a.add_argument("--truth-entity", default="entity_id"), a.add_argument("--entity-pattern")
    a = a.parse_args()
    truth, got = read(a.truth, a.truth_id, a.truth_entity, a.entity_pattern), read(a.clusters, "record_id", "entity_id")
    if truth.keys() != got.keys():
        sys.exit(f"the clusters cover {len(truth.keys() & got.keys())} of {len(truth)} records")
    print(json.dumps(judge(truth, got)))


if __name__ == "__main__":
    main()
