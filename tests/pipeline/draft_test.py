"""casebridge plugin new: a draft of every sample that is a table, JSON or XML keeps the contract at once, reads its sample with
balanced books, and quotes no value of it."""
import re
import sys

from harness import *

LEFT_OUT = ("bombs", "feeds", "jobs", "case-jsonl", "case-xml")  # hostile, or case data of ours, which no mapping reads
KINDS = (".csv", ".json", ".jsonl", ".ijson", ".xml")


def samples():
    return sorted(p for folder in (ROOT / "samples").iterdir() if folder.is_dir() and folder.name not in LEFT_OUT
                  for p in folder.iterdir() if p.suffix in KINDS)


def alone(sample, name):
    """A place where this is the only sample of its format, and the draft's folder in it."""
    base = scratch.named("draft") / name
    (base / "samples" / sample.parent.name).mkdir(parents=True)
    shutil.copy(sample, base / "samples" / sample.parent.name / sample.name)
    return base, base / sample.parent.name.replace("-", "_")


def draft(sample, folder, *options):
    out, _ = run("plugin", "new", "--from", sample, "--id", sample.parent.name, "-o", folder, "--json", *options)
    return json.loads(out)


def test_a_draft_of_each_sample_passes_the_suite():
    check(len(samples()) >= 30, "the samples are gone")
    problems = []
    for sample in samples():
        base, folder = alone(sample, f"{sample.parent.name}-{sample.name}")
        draft(sample, folder)
        out, _ = run("plugin", "test", folder, "--json", exit=None)
        verdict = json.loads(out) if run.exit in (0, 3) else None
        check(verdict is not None, f"{sample}: the draft is no plugin")
        for one in verdict["checks"]:
            # A plugin of ours that reads several formats is not replaced by a draft of one of them: then both know the sample,
            # and to say so is right.
            both = one["check"] == "probe.own" and all("may be of more than one format" in d and d.count(sample.parent.name + " ") >= 2
                                                       for d in one["details"])
            if one["verdict"] == "failed" and not both:
                problems.append(f"{sample.parent.name}/{sample.name}: {one['check']}: {one['details'][:3]}")
    equal(problems, [], "what the suite says of drafts")


def test_a_draft_reads_its_sample_with_balanced_books():
    for sample in samples():
        base = scratch.named("draft") / f"books-{sample.parent.name}-{sample.name}"
        path = base / "plugins"
        run("plugin", "new", "--from", sample, "--id", "drafted-feed", "-o", path / "drafted_feed")
        env = {"CASEBRIDGE_PLUGIN_PATH": str(path)}
        out = base / "out"
        run("convert", sample, "--from", "drafted-feed", "--to", "case-jsonl", "-o", f"{out}/", "--run-time", RUN_TIME, env=env, exit=None)
        check(run.exit in (0, 3), f"{sample}: exit {run.exit}")
        check(balanced(out)["mapped"] > 0, f"{sample}: nothing mapped")
        # The samples have faults of their own; the draft has none: it leaves out only source records in which nothing stands
        # that it maps.
        errors = {f["code"] for f in findings(out) if f["severity"] == "error" and f["code"].startswith(("E-MAP-", "E-MODEL-", "E-PLUGIN-"))}
        check(errors <= {"E-MAP-NOTHING"}, f"{sample}: {errors}")


def values(sample):
    """Texts of the sample that could be somebody's: with a digit run or several words, and no name of the format."""
    text = sample.read_text(encoding="utf-8-sig", errors="replace")
    if sample.suffix == ".csv":
        text = text.split("\n", 1)[1]
    found = set(re.findall(r"[\w.+-]+@[\w.-]+\w|\d{3}-\d{3}-\d{4}|\d{6,}|\d{4}-\d\d-\d\d", text))
    return {v for v in found if len(v.strip("0")) > 2}    # not the hashes that are counted up


# What drafts invent may stand in our samples too, which are invented themselves.
INVENTED = re.compile(r"2099-0\d-\d\d|705-555-01\d\d|490154203237518|046454286")


def test_a_draft_quotes_no_value_of_its_sample():
    for sample in samples():
        base, folder = alone(sample, f"quotes-{sample.parent.name}-{sample.name}")
        draft(sample, folder)
        drafted = "".join(p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file())
        names = drafted.split("records:", 1)[0]
        quoted = [v for v in values(sample) if v in drafted and not INVENTED.match(v) and v not in names]
        equal(quoted, [], f"{sample.parent.name}/{sample.name}: values of the sample in the draft")


def test_a_draft_says_why():
    base = scratch.named("draft") / "why"
    base.mkdir(parents=True)
    table = base / "appels.csv"
    rows = ["No de signalement,Prénom,Nom,Date de naissance,Téléphone,Courriel,NAS,Date,Race,Notes,Plaque"]
    for n in range(1, 21):
        rows.append(f"S-{n},Maya,EXEMPLE,{n}/6/2084,705-555-01{n:02},m{n}@example.org,046454286,3/4/2099,x,mots {n},TEST {100 + n}")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    out, _ = run("plugin", "new", "--from", table, "-o", base / "draft", "--json")
    found = {c["source"]: c for c in json.loads(out)["columns"]}
    equal({name: c["becomes"] for name, c in found.items()}, {
        "No de signalement": "key of the source record, Occurrence occurrenceNumber", "Prénom": "Person given", "Nom": "Person family",
        "Date de naissance": "Person birthDate", "Téléphone": "Selector PHONE", "Courriel": "Selector EMAIL", "NAS": "Person identifiers SIN",
        "Date": "ext", "Race": "ext", "Notes": "ext", "Plaque": "Vehicle plate"}, "what the columns become")
    check("d/M/yyyy" in found["Date de naissance"]["why"] and "100 %" in found["Date de naissance"]["why"], "how dates are written")
    check(found["NAS"]["sensitive"] and found["Race"]["sensitive"], "sensitive ones are flagged")
    # Day and month that no value tells apart are not guessed.
    table.write_text("ID,Date of birth\n1,3/4/2084\n2,5/6/2084\n", encoding="utf-8")
    out, _ = run("plugin", "new", "--from", table, "-o", base / "open", "--json")
    birth = {c["source"]: c for c in json.loads(out)["columns"]}["Date of birth"]
    equal(birth["becomes"], "ext", "an order that is not told")
    check("d/M/yyyy" in birth["why"] and "M/d/yyyy" in birth["why"], "both orders are named")


def test_what_is_no_sample_is_said():
    base = scratch.named("draft") / "none"
    base.mkdir(parents=True)
    for name, text, words in (("empty.csv", "", b"empty"), ("values.csv", "1,2,3\n4,5,6\n", b"names of columns"),
                              ("words.txt", "some words\n", b"one column")):
        (base / name).write_text(text, encoding="utf-8")
        _, error = run("plugin", "new", "--from", base / name, "-o", base / "out", exit=2)
        check(words in error, f"{name}: {error}")
        check(not (base / "out").exists(), f"{name}: a folder all the same")
    run("plugin", "new", "--from", base / "gone.csv", "-o", base / "out", exit=2)
    run("plugin", "new", "--id", "Bad Id", "-o", base / "out", exit=2)


def test_the_template_passes_the_suite_in_both_languages():
    for language in ("en", "fr"):
        base = scratch.named("draft") / f"template-{language}"
        run("--lang", language, "plugin", "new", "-o", base / "new_feed")
        run("plugin", "test", base / "new_feed")
    run("plugin", "new", "-o", base / "new_feed", exit=2)  # it is there already


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
