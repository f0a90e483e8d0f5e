"""What the tests of the case store share: a folder with an empty store, and the program. All data is invented."""
import argparse, hashlib, json, os, pathlib, shutil, sqlite3, subprocess, sys, tempfile, unittest

ask = argparse.ArgumentParser()
ask.add_argument("--program", required=True)
ask.add_argument("--kill-at", help="the library that kills the program at its Nth change of a file")
args, rest = ask.parse_known_args()
PROGRAM = pathlib.Path(args.program).resolve()
SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples"
CSV = SAMPLES / "feeds" / "missing-persons.csv"
ADS = SAMPLES / "feeds" / "online-ads.jsonl"
LONG = bool(os.environ.get("CASEBRIDGE_LONG"))
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("CASEBRIDGE_RUN", "LC_", "LANG"))} | {"LANG": "C.UTF-8", "NO_COLOR": "1"}


def day(n):
    return f"2099-01-{n:02d}T06:00:00Z"


class StoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.env = ENV | {"TMPDIR": str(self.folder)}  # what is spilled is seen
        self.store = self.folder / "case.store"
        self.run_(["init", self.store, "--run-time", day(1)])

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_(self, command, exit=0):
        """Standard output and error of a command that must end with this exit, or one of these."""
        done = subprocess.run([str(PROGRAM), *map(str, command)], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertIn(done.returncode, exit if isinstance(exit, tuple) else (exit,), done.stdout + done.stderr)
        return done.stdout + done.stderr

    def load(self, *inputs, at=2, exit=(0, 3), store=None):
        return json.loads([l for l in self.run_(["--json", "load", store or self.store, *inputs, "--run-time", day(at)], exit).splitlines() if l.startswith("{")][-1])

    def export(self, name="out.jsonl", *options, at=28, store=None):
        self.run_(["-q", "export", store or self.store, "--to", "case-jsonl", "-o", name, "--force", "--run-time", day(at), *options], (0, 3))
        return (self.folder / name).read_bytes()

    def rows(self, name, *options, **more):
        return [json.loads(l) for l in self.export(name, *options, **more).splitlines()]

    def sql(self, statement, *values, store=None):
        db = sqlite3.connect(store or self.store)
        try:
            out = db.execute(statement, values).fetchall()
            db.commit()
            return out
        finally:
            db.close()

    def changed_csv(self, old, new, name="later.csv"):
        text = CSV.read_bytes()
        self.assertIn(old, text)
        (self.folder / name).write_bytes(text.replace(old, new, 1))
        return self.folder / name

    def a_person(self):
        """A named missing person of the sample: record, name."""
        rows = self.rows("all.jsonl")
        return next(r for r in rows if r["recordType"] == "Person" and r.get("names", [{}])[0].get("full") and r.get("localId"))

    def bytes_everywhere(self, needle):
        found = [p.name for p in self.folder.rglob("*") if p.is_file() and p.suffix not in (".csv", ".jsonl") and ".reports" not in str(p) and needle in p.read_bytes()]
        return found

    def dataset(self, records, name="made.jsonl", **source):
        """A case data set of one source that holds these records, as a file."""
        line = {"recordType": "Source", "source": 1, "name": name.replace("jsonl", "csv"), "sha256": hashlib.sha256(name.encode()).hexdigest(), "bytes": 1000, "agency": "example-court", "agencyName": {"en": "Example Court"},
                "agencyType": "COURT", "system": "made", "importer": "made/1", "mappingVersion": "1", "recordedAt": "2025-01-02T00:00:00Z", "legalAuthority": "CSPA_80_LE", "handling": {"handlingCode": "P"}} | source
        rows = [{"recordType": "Dataset", "schema": "https://casebridge.example/case/1.0", "schemaVersion": "1.0.0", "producedAt": "2025-01-02T00:00:00Z", "producer": "test"}, line, *records]
        return self.closed(rows, name)

    def closed(self, rows, name):
        """Rows of case data as a file, with the line that counts them."""
        body = "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in rows)
        counts = {}
        for r in rows:
            if r["recordType"] not in ("Dataset", "Source"):
                counts[r["recordType"]] = counts.get(r["recordType"], 0) + 1
        end = {"recordType": "DatasetEnd", "sources": sum(r["recordType"] == "Source" for r in rows), "counts": dict(sorted(counts.items())), "sha256": hashlib.sha256(body.encode()).hexdigest()}
        (self.folder / name).write_text(body + json.dumps(end, separators=(",", ":")) + "\n")
        return self.folder / name


def main():
    unittest.main(argv=[sys.argv[0], *rest])
