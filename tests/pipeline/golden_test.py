"""Every folder of synthetic samples gives the same bytes as its golden file under tests/golden, at any number of threads,
confined or in process. `golden_test.py --accept` rewrites the golden files; read the diff.
"""
import difflib
import sys

from harness import *

GOLDEN = ROOT / "tests" / "golden"
ACCEPT = "--accept" in sys.argv
# No inputs: the hostile samples and the night's feeds, which have tests of their own.
LEFT_OUT = ("bombs", "feeds", "jobs")


def samples():
    return sorted(p for p in (ROOT / "samples").iterdir() if p.is_dir() and p.name not in LEFT_OUT)


def inputs(folder):
    return sorted(p.name for p in folder.iterdir() if p.is_file() and p.suffix != ".md")


def test_samples_give_their_golden_files_at_any_thread_count_confined_or_not():
    check(len(samples()) >= 5, "the samples are gone")
    for folder in samples():
        forms = {}
        for name, options in {"one": ("--jobs", "1"), "four": ("--jobs", "4"), "local": ("--jobs", "4", "--in-process")}.items():
            out = scratch.named(f"golden/{folder.name}") / name
            convert(inputs(folder), out, *options, to=("case-jsonl", "case-xml"), cwd=folder)
            balanced(out)
            forms[name] = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
        for name in ("four", "local"):
            equal(sorted(forms[name]), sorted(forms["one"]), f"{folder.name}, {name}: files")
            for file, data in forms["one"].items():
                check(forms[name][file] == data, f"{folder.name}: {file} differs between one and {name}")
        got = forms["one"]["case.jsonl"]
        whole(scratch.named(f"golden/{folder.name}") / "one" / "case.jsonl")
        path = GOLDEN / folder.name / "case.jsonl"
        if ACCEPT:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(got)
            continue
        check(path.exists(), f"{path} is missing: run golden_test.py --accept and read it")
        if path.read_bytes() != got:
            diff = difflib.unified_diff(path.read_text(encoding="utf-8").splitlines(), got.decode("utf-8").splitlines(), str(path), "now", lineterm="", n=0)
            raise Failed(f"{folder.name}: " + "\n".join(line[:400] for line in list(diff)[:20]))


def test_samples_are_valid_in_both_spellings():
    for folder in samples():
        out = scratch.named(f"golden/{folder.name}") / "one"
        valid_json(out / "case.jsonl")
        valid_xml(out / "case.xml")


def test_no_golden_file_is_left_without_its_sample():
    equal(sorted(p.name for p in GOLDEN.iterdir() if p.is_dir()), [p.name for p in samples()], "folders under tests/golden")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
