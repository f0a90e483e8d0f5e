"""Many nights, one after the other: records are added, changed and no longer sent, a form drifts, a file and a record are
withdrawn, access to youth records ends. What the store then gives out is, byte for byte, what a fresh store gives out that
never had the withdrawn file and lost the withdrawn record at one stroke. Five small nights; thirty at full size with --long.
"""
import datetime

from harness import *

JOBS = ROOT / "samples" / "jobs"
LONG = bool(os.environ.get("CASEBRIDGE_LONG"))
NIGHTS, SCALE = (30, "1") if LONG else (5, "0.02")
FILE_WITHDRAWN, RECORD_WITHDRAWN = 2, 3   # in these nights

COURT = """  - name: youth-court
    paths: feeds/youth-court.jsonl
    format: case-jsonl
    quarantineThreshold: 0.05

linking:"""


class Series:
    def __init__(self, name):
        self.folder = scratch.named(name)
        (self.folder / "keys").mkdir(parents=True)
        shutil.copy(JOBS / "policy.yaml", self.folder)
        for key, text in {"tokens": f"id: night\nkey: {1:064}\n", "locating": "sample key of the locating desk, not secret\n", "joint-force": "sample key of the joint force, not secret\n"}.items():
            path = self.folder / "keys" / f"{key}.key"
            path.write_text(text)
            path.chmod(0o600)
        self.job, self.store, self.feeds = self.folder / "job.yaml", self.folder / "night.store", self.folder / "feeds"

    def generate(self, night, without=()):
        self.date = datetime.date(2025, 3, 4) + datetime.timedelta(days=night)
        self.time = f"{self.date}T06:00:00-05:00"
        shutil.rmtree(self.feeds, ignore_errors=True)
        subprocess.run([sys.executable, "-B", JOBS / "make_night.py", self.feeds, "--scale", SCALE, "--night", str(night)], check=True)
        self.truth = json.loads((self.feeds / "truth.json").read_text())
        for name in without:
            (self.feeds / name).unlink()
        text = (JOBS / "joint-forces-night.yaml").read_text()
        self.job.write_text(text.replace("2025-03-04T06:00:00-05:00", self.time).replace("\nlinking:", COURT, 1))

    def run(self):
        out, words = run("run", self.job, "--json", exit=None, timeout=3600)
        check(run.exit in (0, 3, 6), f"exit {run.exit}: {words.decode()[-1000:]}")
        return json.loads(out)

    def night(self, night, without=()):
        """The night as it comes; a changed form is accepted, as somebody on duty would. Gives the forms that had changed."""
        self.generate(night, without)
        got = self.run()
        drifted = [f["feed"] for f in got["feeds"] if f["condition"] == "DRIFTED"]
        if drifted:
            asked = json.loads(run("quarantine", "list", self.job, "--json")[0])["proposals"]
            check(asked, f"night {night}: {drifted} drifted, and nothing is proposed")
            for proposal in asked:
                run("quarantine", "replay", self.job, "--accept", proposal["proposal"], "--by", "test", "--why", "the sender confirmed it", "--run-time", self.time)
            got = self.run()
        conditions = {f["feed"]: f["condition"] for f in got["feeds"]}
        missing = {"online-ads"} if without else set()
        equal({f for f, c in conditions.items() if c not in ("LOADED", "UNCHANGED")}, missing, f"night {night}: feeds that were held back: {conditions}")
        return drifted

    def data_sets(self):
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((self.folder / "out").glob("*.jsonl"))}

    def withdraw(self, what):
        out, _ = run("--json", "withdraw", self.store, what, "--by", "test", "--reason", "sent in error", "--run-time", self.time)
        return json.loads(out)

    def desk(self):
        return lines(self.folder / "out" / "desk.jsonl")

    def bytes_of(self, needle):
        return [str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file() and not p.is_relative_to(self.feeds) and needle in p.read_bytes()]


def test_many_nights_end_in_what_a_fresh_store_would_give():
    one = Series("soak")
    drift, sizes, withdrawn = {}, [], None
    for night in range(1, NIGHTS + 1):
        for feed in one.night(night):
            drift.setdefault(feed, []).append(night)
        desk = one.desk()
        sizes.append(len(desk))
        if night == FILE_WITHDRAWN:
            ads = hashlib.sha256((one.feeds / "online-ads.jsonl").read_bytes()).hexdigest()
            check(one.withdraw(ads)["files"] == 1, "the file was not withdrawn")
        if night == RECORD_WITHDRAWN:
            # A report that is nobody's in the story, and that later nights send again.
            withdrawn = next(r["id"] for r in desk if r["recordType"] == "Person" and r.get("localId", "").startswith("MP-2025-0000"))
            gone = one.withdraw(withdrawn)
            check(gone["records"] >= 1 and any("desk" in r for r in gone["recipients"]), "nobody is said to have received it")
        # Youth records whose time is over are nowhere, and those of which some is left are there.
        text = (one.folder / "out" / "desk.jsonl").read_text(encoding="utf-8")
        for i in range(80):
            ends = datetime.date(2025, 3, 4) + datetime.timedelta(days=1 + i // 2)
            name = f"Youthful{i:04} Exemple"
            if ends < one.date:
                equal(one.bytes_of(name.encode()), [], f"night {night}: {name}, whose time ended on {ends}")
            else:
                check(name in text, f"night {night}: {name} is missing, whose time ends on {ends}")
        run("audit", "verify", one.store)
    equal(drift, {"corrections": [1, 4]}, "nights on which a form had changed")
    check(sizes[-1] > sizes[1], f"nothing was added: {sizes}")
    before = one.data_sets()
    again = one.run()
    equal(one.data_sets(), before, "data sets of the last night, run twice")
    check(all(f["condition"] == "UNCHANGED" for f in again["feeds"]), "a second run finds something new")
    check(withdrawn not in "".join(map(json.dumps, one.desk())), "the withdrawn record came back")

    other = Series("scratch")
    for night in range(1, NIGHTS + 1):
        if night == NIGHTS:
            check(other.withdraw(withdrawn)["records"] >= 1, "the record is not there")
        other.night(night, ["online-ads.jsonl"] if night == FILE_WITHDRAWN else [])
    equal(other.data_sets(), before, "data sets of a store that never had the file")
    run("audit", "verify", other.store)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
