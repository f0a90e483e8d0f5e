#!/usr/bin/env python3
"""./dev bench link: the table of issue 5 on this machine, each row with its aim.

  run.py --build BUILD [--large] [--huge] [--splink PYTHON] [--times N]

--large adds 5 million people, --huge 10 million. --splink names a Python with splink 5 and duckdb, to run the peer on the
same files (./dev bench link installs one where it can). "engine" is casebridge-link-bench, "command" is casebridge link.
Data: ../shared/data/linkage (never part of the repository); generated people go to BUILD/bench-linkage and are kept.
Every data set runs with the defaults. Nothing fails because a machine is slow: a missed aim is said plainly."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))
import evalclust

ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ask.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
ask.add_argument("--shared", type=pathlib.Path, default=pathlib.Path(os.environ.get("CASEBRIDGE_SHARED", ROOT / ".." / "shared")))
ask.add_argument("--large", action="store_true")
ask.add_argument("--huge", action="store_true")
ask.add_argument("--splink", help="a Python with splink and duckdb")
ask.add_argument("--times", type=int, default=3)
ask.add_argument("--skip-million", action="store_true")
a = ask.parse_args()
bench = a.build / "tests" / "casebridge-link-bench"
data = a.shared / "data" / "linkage"
work = a.build / "bench-linkage"
if not data.is_dir():
    sys.exit("no ../shared/data/linkage: nothing to measure (set CASEBRIDGE_SHARED)")
work.mkdir(exist_ok=True)
missed = []


def link(csv, clusters, *more):
    p = subprocess.run([str(bench), str(csv), str(clusters), *map(str, more)], stderr=subprocess.PIPE, text=True)
    if p.returncode:
        sys.exit(p.stderr)
    return [json.loads(line) for line in p.stderr.splitlines() if line.startswith("{")]


def row(what, value, aim="", met=None):
    verdict = "" if met is None else ("met" if met else "MISSED")
    if met is False:
        missed.append(what)
    print(f"  {what:<58} {value:>26}  {aim:<24} {verdict}", flush=True)


def measure(name, csv, aims, columns=None, truth=None, record="rec_id", entity="entity_id", pattern=None, times=None, seconds=None):
    clusters = work / f"{name}.clusters.csv"
    more = ["--columns", HERE / columns] if columns else []
    runs = [link(csv, clusters, *more)[0] for _ in range(times or a.times)]
    best = min(runs, key=lambda r: r["wall_s"])
    truth_of = evalclust.read(truth or csv, record, entity, pattern)
    got = evalclust.read(clusters, "record_id", "entity_id")
    if truth_of.keys() != got.keys():
        sys.exit(f"{name}: the clusters do not cover the records")
    j = evalclust.judge(truth_of, got)
    f1, b3 = aims
    row(f"{name}: pair F1", f"{j['pair_F1']:.4f}", f">= {f1:g}", j["pair_F1"] >= f1)
    row(f"{name}: B-cubed", f"{j['B3']:.4f}", f">= {b3:g}", j["B3"] >= b3)
    if seconds:
        row(f"{name}: seconds, load to clusters", f"{best['wall_s']:.3f} ({best['cpu_s']:.2f} cpu)", f"< {seconds:g}", best["wall_s"] < seconds)
    return best, truth_of, got


# A process starts with the peak memory of the one that made it, so a small one makes it.
LAUNCH = """import json, os, sys, time
begin = time.perf_counter()
pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, u = os.wait4(pid, 0)
print(json.dumps({"wall_s": time.perf_counter() - begin, "cpu_s": u.ru_utime + u.ru_stime, "peak_mib": u.ru_maxrss // 1024, "exit": os.waitstatus_to_exitcode(status)}))
"""


def command(name, csv, truth, aims, seconds=None, times=None):
    """casebridge link with --clusters alone, from the start of the process to its end."""
    clusters = work / f"{name}.command.csv"
    runs = []
    for _ in range(times or a.times):
        child = subprocess.run([sys.executable, "-c", LAUNCH, str(a.build / "bin" / "casebridge"), "--quiet", "link", str(csv), "--clusters", str(clusters), "--force"], stdout=subprocess.PIPE, text=True)
        r = json.loads(child.stdout.splitlines()[-1])
        if r["exit"] not in (0, 3):
            sys.exit(f"casebridge link ended with {r['exit']}")
        runs.append((r["wall_s"], r["cpu_s"], r["peak_mib"]))
    wall, cpu, peak = min(runs)
    j = evalclust.judge(evalclust.read(truth, "rec_id", "entity_id"), evalclust.read(clusters, "record_id", "entity_id"))
    row(f"{name}, command: pair F1, B-cubed", f"{j['pair_F1']:.4f} {j['B3']:.4f}", f">= {aims[0]:g}, {aims[1]:g}", j["pair_F1"] >= aims[0] and j["B3"] >= aims[1])
    row(f"{name}, command: seconds", f"{wall:.3f} ({cpu:.2f} cpu)", f"<= {seconds:g}" if seconds else "", wall <= seconds if seconds else None)
    return peak


def people(n, seed=1):
    csv = work / f"people{n}{'' if seed == 1 else f'-{seed}'}.csv"
    if not csv.exists():
        part = work / "part.csv"
        subprocess.run([sys.executable, str(HERE / "gen_people.py"), str(n), str(part), "--seed", str(seed), "--names", str(data / "names")], check=True, stdout=subprocess.DEVNULL)
        os.rename(work / "part.truth.csv", csv.with_suffix(".truth.csv"))
        os.rename(part, csv)
    return csv


def ojbc():
    folder = a.shared / "data" / "ojbc-cross-service"
    if not folder.is_dir():
        return row("OJBC cross-service people", "no data")
    wrong = lost = 0
    for more in ([], ["--no-ssn"], *([["--corrupt", str(s)] + x for s in range(1, 6) for x in ([], ["--no-ssn"])])):
        csv = work / "ojbc.csv"
        subprocess.run([sys.executable, str(HERE / "ojbc_people.py"), str(folder), str(csv), *more], check=True, stdout=subprocess.DEVNULL)
        link(csv, work / "ojbc.clusters.csv", "--columns", HERE / "ojbc.columns")
        j = evalclust.judge(evalclust.read(csv.with_suffix(".truth.csv"), "rec_id", "entity_id"), evalclust.read(work / "ojbc.clusters.csv", "record_id", "entity_id"))
        wrong += j["pair_P"] < 1
        lost += j["pair_R"] < 1
    row("OJBC people and corrupted copies, 12 sets", f"{wrong} false, {lost} missed", "0 and 0", wrong + lost == 0)


def state(base):
    """10 k records into a million, and one record against it."""
    night, first = work / "night.csv", work / "first.csv"
    with open(base, encoding="utf-8") as f, open(first, "w", encoding="utf-8") as one, open(night, "w", encoding="utf-8") as two:
        head = next(f)
        one.write(head), two.write(head)
        for i, line in enumerate(f):
            (two if i % 100 == 99 else one).write(line)
    folder = work / "state"
    shutil.rmtree(folder, ignore_errors=True)
    whole = link(first, work / "first.clusters.csv", "--state", folder)[0]["wall_s"]
    result = link(night, work / "night.clusters.csv", "--state", folder, "--queries", 20000)
    w = result[0]["wall_s"]
    row("increment of 1 % into a million: seconds, state read to clusters", f"{w:.2f} (whole run {whole:.2f})", "<= 1, or 1/20", w <= max(1, whole / 20))
    row("one record against the state: p99 ms", f"{result[1]['p99_ms']:.3f} (p50 {result[1]['p50_ms']:.3f})", "< 1", result[1]["p99_ms"] < 1)
    shutil.rmtree(folder)


def splink(name, *more):
    p = subprocess.run([a.splink, str(HERE / "run_splink.py"), name, "--out", str(work / "splink"), *more], stdout=subprocess.PIPE, text=True, env={**os.environ, "LINKAGE_DATA": str(data)})
    if p.returncode:
        return row(f"Splink: {name}", "did not run")
    r = json.loads(p.stdout.splitlines()[-1])
    row(f"Splink 5: {name} {r.get('file', '')}", f"{r['wall_s']} s, {r['peak_rss_GiB']} GiB", f"F1 {r['bcubed_at_default']['pair_F1']} B3 {r['bcubed_at_default']['F1']}")
    return r


print(f"Record linkage, default settings, {os.cpu_count()} cores, best of {a.times} runs; aims of issue 5")
measure("febrl3", data / "febrl" / "dataset3.csv", (1, 1), "febrl.columns", pattern=r"^(rec-\d+)", seconds=.15)
measure("febrl1", data / "febrl" / "dataset1.csv", (.999, .999), "febrl.columns", pattern=r"^(rec-\d+)")
measure("febrl2", data / "febrl" / "dataset2.csv", (.999, .999), "febrl.columns", pattern=r"^(rec-\d+)")
measure("fake_1000", data / "splink" / "fake_1000.csv", (.95, .96), "fake_1000.columns", record="unique_id", entity="cluster", seconds=.15)
measure("historical", data / "splink" / "historical_25k.csv", (.91, .92), "historical.columns", record="unique_id", entity="cluster", seconds=.15)
ojbc()
of_seeds = []  # one small file says little: the mean of several
for seed in range(1, 8):
    csv = people(10_000, seed)
    link(csv, work / "seeds.clusters.csv")
    of_seeds.append(evalclust.judge(evalclust.read(csv.with_suffix(".truth.csv"), "rec_id", "entity_id"), evalclust.read(work / "seeds.clusters.csv", "record_id", "entity_id")))
for what, aim in (("pair_F1", .994), ("B3", .995)):
    values = [j[what] for j in of_seeds]
    mean = sum(values) / len(values)
    row(f"people 10,000, mean of seeds 1 to 7: {what}", f"{mean:.4f} ({min(values):.4f} to {max(values):.4f})", f">= {aim:g}", mean >= aim)
for n, seed, aims, seconds in ((10_000, 1, (.994, .995), .15), (50_000, 1, (0, 0), .15), (100_000, 1, (.994, .995), None), (100_000, 5, (.994, .995), None)):
    csv = people(n, seed)
    best, truth_of, got = measure(f"people {n:,} seed {seed}", csv, aims, truth=csv.with_suffix(".truth.csv"), seconds=seconds)
    command(f"people {n:,} seed {seed}", csv, csv.with_suffix(".truth.csv"), aims, seconds)
print("  fairness on the last file: missed links and false merges by name pattern, with 95 % intervals")
pattern = evalclust.read(csv.with_suffix(".truth.csv"), "rec_id", "pattern")
for name, r in evalclust.by_pattern(truth_of, got, pattern).items():
    print(f"    {name:<16} {r['true_pairs']:>8} pairs  missed {r['missed']:.2%} ({r['missed_95'][0]:.2%} to {r['missed_95'][1]:.2%})  "
          f"false {r['false']:.2%} ({r['false_95'][0]:.2%} to {r['false_95'][1]:.2%})")
print("    Indigenous names: not measured (no cited public source; the made-up syllables stand for none)")
if not a.skip_million:
    csv = people(1_000_000)
    best, *_ = measure("people 1,000,000", csv, (.99, .993), truth=csv.with_suffix(".truth.csv"))
    row("people 1,000,000: seconds, load to clusters", f"{best['wall_s']:.2f} ({best['cpu_s']:.2f} cpu)", "<= 2.3 (Splink 18.4 / 8)", best["wall_s"] <= 2.3)
    row("people 1,000,000: peak MiB", f"{best['peak_mib']}", "<= 391 (1.53 GiB / 4)", best["peak_mib"] <= 391)
    peak = command("people 1,000,000", csv, csv.with_suffix(".truth.csv"), (.99, .993), 2.3)
    row("people 1,000,000, command: peak MiB of its largest process", f"{peak}", "<= 391", peak <= 391)
    small = best["wall_s"]
    wide = min((link(csv, work / "wide.clusters.csv", "--cap", 45, "--hard", 90)[0] for _ in range(a.times)), key=lambda r: r["wall_s"])
    row("people 1,000,000, wide blocks: seconds, pairs", f"{wide['wall_s']:.2f} {wide['pairs']:,}", "<= 5.8 (Splink ~58 / 10)", wide["wall_s"] <= 5.8 if wide["pairs"] >= 23e6 else None)
    state(csv)
    if a.large:
        csv = people(5_000_000)
        best, *_ = measure("people 5,000,000", csv, (.985, .99), truth=csv.with_suffix(".truth.csv"), times=1)
        row("people 5,000,000: seconds against 1 M", f"{best['wall_s']:.1f} ({best['wall_s'] / small / 5:.2f} x linear)", "<= 1.2 x linear", best["wall_s"] <= 6 * small)
    if a.huge:
        csv = people(10_000_000)
        best, *_ = measure("people 10,000,000", csv, (0, 0), truth=csv.with_suffix(".truth.csv"), times=1)
        row("people 10,000,000: seconds against 1 M", f"{best['wall_s']:.1f} ({best['wall_s'] / small / 10:.2f} x linear)", "<= 1.2 x linear", best["wall_s"] <= 12 * small)
        row("people 10,000,000: peak GiB", f"{best['peak_mib'] / 1024:.1f}", "<= 12", best["peak_mib"] <= 12 * 1024)
if a.splink:
    for name in ("febrl3", "fake_1000", "historical"):
        splink(name)
    for n in (10_000, 100_000) + (() if a.skip_million else (1_000_000,)):
        splink("gen", "--gen", str(people(n)), "--upairs", "1e6", "--empairs", "1e6", "--cfg", "B")
print(f"{len(missed)} aims missed" + "".join(f"\n  {m}" for m in missed))
