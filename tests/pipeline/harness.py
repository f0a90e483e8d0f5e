"""What the tests of the whole program share: running it in a fresh folder, reading what it wrote, and checks that fail
with a sentence. Standard library only; jsonschema is used where it is installed.

CASEBRIDGE is the program under test, CASEBRIDGE_SHARED the folder of public sample files (else ../shared). A test over
public files skips with exit code 77 where they are absent; CASEBRIDGE_REQUIRE_DATA=1 makes that a failure.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("CASEBRIDGE", str(ROOT / "build" / "release" / "bin" / "casebridge"))
RUN_TIME = "2099-01-02T03:04:05Z"
CASE_NS = "{urn:casebridge:case:1}"


class Failed(Exception):
    pass


def check(truth, words):
    if not truth:
        raise Failed(words)


def equal(got, expected, what):
    check(got == expected, f"{what}\n    expected {expected!r}\n    got      {got!r}")


def shared(folder):
    """A folder of the public sample files, or the end of this test."""
    base = pathlib.Path(os.environ.get("CASEBRIDGE_SHARED") or ROOT / ".." / "shared")
    path = base / "data" / folder
    if path.is_dir():
        return path.resolve()
    required = os.environ.get("CASEBRIDGE_REQUIRE_DATA", "")
    print(f"{'FAILED' if required not in ('', '0') else 'SKIPPED'}: the sample files {folder} are absent (looked in {base}/data)")
    sys.exit(1 if required not in ("", "0") else 77)


def run(*arguments, cwd=None, stdin=None, env=None, exit=0, timeout=300):
    """Runs the program; returns (standard output, standard error) as bytes. `exit` is what it must end with; None: any."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CASEBRIDGE_", "LC_", "LANG"))}
    for name in ("CASEBRIDGE_ALLOW_UNSANDBOXED", "CASEBRIDGE_PLUGINS", "CASEBRIDGE_PLUGIN_PATH"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(LANG="C.UTF-8", NO_COLOR="1", **(env or {}))
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=timeout)
    run.exit = done.returncode
    if exit is not None and done.returncode != exit:
        raise Failed(f"casebridge {' '.join(map(str, arguments))}\n    expected exit {exit}, got {done.returncode}\n"
                     f"    {done.stderr.decode('utf-8', 'replace')[-2000:]}{done.stdout.decode('utf-8', 'replace')[-500:]}")
    return done.stdout, done.stderr


def convert(inputs, out, *options, to=("case-jsonl",), exit=0, cwd=None, stdin=None):
    formats = [part for name in to for part in ("--to", name)]
    return run("convert", *inputs, *formats, "-o", f"{out}/", "--run-time", RUN_TIME, *options, exit=exit, cwd=cwd, stdin=stdin)


def manifest(out):
    return json.loads((pathlib.Path(out) / "run.json").read_text(encoding="utf-8"))


def findings(out):
    return [json.loads(line) for line in (pathlib.Path(out) / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_bytes().splitlines()]


def records(path):
    return [r for r in lines(path) if r["recordType"] not in ("Dataset", "Source", "DatasetEnd")]


def counts(things, key=lambda t: t):
    out = {}
    for thing in things:
        out[key(thing)] = out.get(key(thing), 0) + 1
    return dict(sorted(out.items()))


def balanced(out):
    """The books balance, feed by feed and in total; returns the total."""
    books = manifest(out)
    for feed in books["feeds"]:
        s = feed["sourceRecords"]
        equal(s["in"], s["mapped"] + s["quarantined"] + sum(s["skipped"].values()), f"source records of {feed['input']}")
        check(s["balance"], f"the books of {feed['input']} say that they do not balance")
    total = books["total"]
    equal(total["sourceRecords"], total["mapped"] + total["quarantined"] + total["skipped"], "source records of the run")
    return total


def whole(path):
    """The end line of a data set tells the truth about it; returns its counts per type."""
    data = pathlib.Path(path).read_bytes()
    check(data.endswith(b"\n"), f"{path} does not end with a line feed")
    head, _, last = data[:-1].rpartition(b"\n")
    end = json.loads(last)
    equal(end["recordType"], "DatasetEnd", "the last line")
    equal(end["sha256"], hashlib.sha256(head + b"\n").hexdigest(), "the SHA-256 of all lines before the end line")
    equal(end["counts"], counts(records(path), lambda r: r["recordType"]), "the counts of the end line")
    return end["counts"]


_schemas = {}


def schema(which):
    """A file with the schema that the program prints."""
    if which not in _schemas:
        folder = scratch.named("schemas")
        path = folder / ("case.xsd" if which == "xsd" else "case.schema.json")
        path.write_bytes(run("schema", which)[0])
        _schemas[which] = path
    return _schemas[which]


def valid_json(path, exit=0):
    """Every line, by the schema that `casebridge schema json` prints: in the program's own evaluator, and in jsonschema
    where that is installed (the first 400 lines: it is slow)."""
    run("validate", path, "--schema", schema("json"), "--quiet", exit=exit)
    try:
        import jsonschema
    except ImportError:
        return
    rules = json.loads(schema("json").read_text(encoding="utf-8"))
    judge = jsonschema.validators.validator_for(rules)(rules)
    for number, line in enumerate(lines(path)[:400], 1):
        for error in judge.iter_errors(line):
            raise Failed(f"{path}, line {number}: {error.message[:300]}")


def valid_xml(path):
    if not shutil.which("xmllint"):
        print("note: xmllint is absent; the XML was not checked by it")
        return
    done = subprocess.run(["xmllint", "--noout", "--huge", "--nonet", "--schema", str(schema("xsd")), str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, f"xmllint refuses {path}: {done.stdout.decode('utf-8', 'replace')[-1500:]}")


class Scratch:
    """Fresh folders, gone when the test ends well."""

    def __init__(self):
        self.base = None

    def named(self, name):
        if self.base is None:
            self.base = pathlib.Path(tempfile.mkdtemp(prefix="casebridge-test-"))
        path = self.base / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def clear(self):
        if self.base is not None and not os.environ.get("KEEP"):
            shutil.rmtree(self.base, ignore_errors=True)


scratch = Scratch()


def whole_run(folder, exit, *options, name=None):
    """Converts a folder to both spellings and holds both to their schemas; returns (out folder, total of the books)."""
    source = shared(folder)
    out = scratch.named(name or folder) / "out"
    convert([source], out, *options, to=("case-jsonl", "case-xml"), exit=exit)
    total = balanced(out)
    promised = whole(out / "case.jsonl")
    equal(promised, total["caseRecords"], f"{folder}: the end line and the books")
    valid_json(out / "case.jsonl")
    valid_xml(out / "case.xml")
    return out, total


def by_name(out):
    return {pathlib.PurePath(feed["input"]).name: feed for feed in manifest(out)["feeds"]}


def no_other_findings(out, expected):
    """Findings by code; a code that is not expected is a mapping mistake or a defect. What stands beside the feeds in a
    folder (pages, schemas) is said to be none of ours, as a warning."""
    got = counts((f for f in findings(out) if f["code"] != "E-FORMAT-NONE"), lambda f: f["code"])
    equal(got, expected, "findings by code")
    for f in findings(out):
        if f["code"] == "E-FORMAT-NONE":
            equal(f["severity"], "warning", f"a file that only lies beside the feeds: {f['input']}")


def main(module):
    """Runs every function whose name begins with test_, in the order of the file; a part of a name may be given."""
    import traceback
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
    tests = [(name, f) for name, f in vars(module).items() if name.startswith("test_") and callable(f) and (not wanted or any(w in name for w in wanted))]
    failed = 0
    for name, test in tests:
        try:
            test()
            print(f"ok      {name[5:].replace('_', ' ')}", flush=True)
        except Failed as why:
            failed += 1
            print(f"FAILED  {name[5:].replace('_', ' ')}\n  {why}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name[5:].replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    if not failed:
        scratch.clear()
    elif scratch.base:
        print(f"what the tests wrote stands in {scratch.base}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0
