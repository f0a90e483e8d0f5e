"""Many nights of one unit: records are added and changed, feeds fail to come or change their form, files are withdrawn,
access ends, and nights are killed. At the end everything is as if a unit had been built from what remains. All data is
invented. CASEBRIDGE_LONG=1 makes it 30 nights.
"""
import random
import signal
import time

from harness import *
from job_store_test import Unit, day

NIGHTS = 30 if os.environ.get("CASEBRIDGE_LONG") else 9
FEEDS = ("wellness-checks.jsonl", "missing-persons.csv", "online-ads.jsonl")
ENDS = NIGHTS // 2  # the day on which access to the wellness checks ends


class Plan:
    """What is delivered on each night, by name of the feed; the same for any unit."""

    def __init__(self, feeds, seed):
        r = random.Random(seed)
        header, *rows = (feeds / "missing-persons.csv").read_bytes().splitlines(keepends=True)
        ads = (feeds / "online-ads.jsonl").read_bytes().splitlines(keepends=True)
        ads = [l for l in ads if l.endswith(b"}\n")]
        checks = (feeds / "wellness-checks.jsonl").read_bytes()
        self.nights, self.drift = [], NIGHTS - 3
        for n in range(1, NIGHTS + 1):
            given = {"wellness-checks.jsonl": checks if n < ENDS else None}
            some = rows[: 6 + n % len(rows)]
            at = r.randrange(len(some))
            some[at] = some[at].replace(b"HOME", b"PARTY").replace(b"NOCONTACT", b"HOME")
            some += [row.replace(b"MP-2025-", b"MP-2024-", 1) for row in some[:4]]  # people who were reported before
            head = header.replace(b"HEIGHT_CM", b"HEIGHT_OF_PERSON_CM").replace(b"BORN", b"DATE_BORN") if n == self.drift else header
            given["missing-persons.csv"] = head + b"".join(some)
            given["online-ads.jsonl"] = b"".join(r.sample(ads, max(1, len(ads) // 2))) if n % 3 else None
            self.nights.append(given)
        # Files that will be withdrawn, each some nights after it came.
        could = [n for n in range(1, NIGHTS - 3) if n != self.drift]
        self.withdrawn = {n: n + r.randrange(1, 4) for n in r.sample(could, max(2, NIGHTS // 6))}
        out = {self.nights[n - 1]["missing-persons.csv"] for n in self.withdrawn}  # the same bytes may come on several nights
        self.stays = [given["missing-persons.csv"] not in out for given in self.nights]


def deliver(unit, given):
    for name in FEEDS:
        place = unit.folder / "feeds" / name
        place.unlink(missing_ok=True)
        if given.get(name):
            place.write_bytes(given[name])


def what_it_says(path):
    """Records by id, with the files that they name in place of numbers; clusters without the count of their versions."""
    data = [r for r in lines(path) if r["recordType"] not in ("Dataset", "DatasetEnd")]
    files = {r["source"]: tuple(sorted((k, json.dumps(v)) for k, v in r.items() if k != "source")) for r in data if r["recordType"] == "Source"}
    out = []
    for r in data:
        if r["recordType"] == "Source":
            continue
        if r["source"][0]:
            r["source"] = [files[r["source"][0]], *r["source"][1:]]
        else:
            r.pop("version", None)
        r["also"] = [[files[a[0]], *a[1:]] for a in r.get("also", [])]
        out.append(r)
    return out


def killed_at_times(unit, n, r):
    for _ in range(2):
        process = subprocess.Popen([PROGRAM, "run", unit.job, "--quiet", "--run-time", day(n)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(r.random() * 0.8)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def test_many_nights_end_as_if_only_what_remains_had_ever_come():
    extra = {"wellness-checks.jsonl": [f"handling: {{destroyBy: 2025-03-{ENDS:02d}}}"], "missing-persons.csv": ["expected: {shrink: 0}"], "online-ads.jsonl": ["expected: {shrink: 0}"]}
    lived = Unit("lived", FEEDS, extra)
    plan = Plan(lived.folder / "feeds", seed=5)
    r = random.Random(11)
    drifted, recipients = [], 0
    for n, given in enumerate(plan.nights, 1):
        for came, goes in plan.withdrawn.items():
            if goes == n:
                run("withdraw", lived.store, hashlib.sha256(plan.nights[came - 1]["missing-persons.csv"]).hexdigest(), "--by", "test", "--reason", "sent in error", "--run-time", day(n))
        deliver(lived, given)
        if n % 4 == 2:
            killed_at_times(lived, n, r)
        said = lived.night(n, exit=(0, 3, 5, 6))
        drifted += [n] if "DRIFTED" in {f["condition"] for f in said["feeds"]} else []
        recipients += sum(len(gone["recipients"]) for gone in said["removed"])
    equal(drifted, [plan.drift], "nights of drift")
    check(recipients >= len(plan.withdrawn), "it was said who had received what was withdrawn")
    lived.verified()

    built = Unit("built", FEEDS, extra)
    for n, given in enumerate(plan.nights, 1):
        kept = {k: v for k, v in given.items() if k == "online-ads.jsonl" or (k == "missing-persons.csv" and plan.stays[n - 1])}
        deliver(built, kept)
        built.night(n, exit=(0, 3, 5, 6))
    a, b = what_it_says(lived.folder / "out" / "desk.jsonl"), what_it_says(built.folder / "out" / "desk.jsonl")
    check(len(a) > 50 and any(x["recordType"] == "Cluster" for x in a), f"only {len(a)} records are left to compare")
    equal({x["id"] for x in a} ^ {x["id"] for x in b}, set(), "records that only one of the two has")
    differing = [(x, y) for x, y in zip(a, b) if x != y]
    check(not differing, f"{len(differing)} records differ, the first:\n    {differing[:1]}")
    equal(lived.files_with(b"Testard-Exemple"), [], "files that still hold a name of the wellness checks")
    for unit in (lived, built):
        run("export", unit.store, "--to", "case-jsonl", "--all-versions", "--filter", "type=Person,Occurrence,Advertisement,Selector,Location", "-o", unit.folder / "all.jsonl", "--force", "--run-time", day(NIGHTS), exit=None)
    check(any(x.get("version", 1) > 2 for x in what_it_says(lived.folder / "all.jsonl")), "records have changed on the way")
    equal(what_it_says(lived.folder / "all.jsonl"), what_it_says(built.folder / "all.jsonl"), "all versions of the records")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
