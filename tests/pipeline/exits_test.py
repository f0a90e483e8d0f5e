"""How a run ends: scheduled jobs decide by these numbers. When several hold, the gravest wins: 9, 8, 1, 2, 7, 4, 6, 5, 10, 3."""
import os
import pathlib
import shutil
import sys

from harness import *

GOOD = ROOT / "samples" / "people-csv" / "people.csv"
BROKEN_TIP = '<?xml version="1.0"?>\n<report><reportId>990009</reportId><incidentSummary><incidentType>Synthetic</incidentType>'
POLICY = """policy: synthetic
recipients:
  crown:
    agency: example-crown
    purposes: [CSPA_80]
    legalAuthorities: [CSPA_80]
    tlp: AMBER
    keyId: K1
    key: KEYFILE
    types: [Organization]
    unlisted: true
"""


def folder_with(**files):
    folder = scratch.named(f"in{folder_with.n}")
    folder_with.n += 1
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


folder_with.n = 0


def fresh(name="out"):
    fresh.n += 1
    return scratch.named(f"{name}{fresh.n}") / "out"


fresh.n = 0


def case_file():
    out = fresh("case")
    convert([GOOD], out)
    return out / "case.jsonl"


def tampered():
    path = case_file()
    path.write_bytes(path.read_bytes().replace(b"Exemple", b"Example", 1))
    return path


def test_all_went_well_is_0():
    convert([GOOD], fresh(), exit=0)


def test_a_refused_record_is_3_and_its_bytes_are_kept():
    tip = folder_with(tip_xml=BROKEN_TIP)
    out = fresh()
    convert([tip / "tip.xml", GOOD], out, exit=3)
    total = balanced(out)
    equal((total["quarantined"], total["mapped"]), (1, 2), "the broken tip waits, the people went on")
    equal((out / "quarantine" / "raw.bin").read_bytes(), BROKEN_TIP.encode(), "its bytes")


def test_more_refused_than_the_threshold_allows_is_4():
    tip = folder_with(tip_xml=BROKEN_TIP)
    convert([tip / "tip.xml"], fresh(), "--quarantine-threshold", "0.5", exit=4)
    convert([tip / "tip.xml"], fresh(), "--quarantine-threshold", "1", exit=3)


def test_an_input_that_is_not_there_is_5_and_the_others_are_read():
    out = fresh()
    convert([GOOD, "no-such-file.csv"], out, exit=5)
    check(len(records(out / "case.jsonl")) > 2, "the input that is there was not read")
    convert(["no-such-folder/*.csv"], fresh(), exit=5)


def test_usage_is_2():
    run("convert", GOOD, "--to", "case-jsonl", "-o", fresh(), "--no-such-option", exit=2)
    run("convert", GOOD, "--to", "no-such-format", "-o", fresh(), exit=2)
    run("convert", GOOD, exit=2)
    run("no-such-command", exit=2)
    run(exit=2)
    run("convert", GOOD, "--from", "no-such-format", "--to", "case-jsonl", "-o", fresh(), exit=2)
    run("convert", GOOD, "--run-time", "yesterday", "--to", "case-jsonl", "-o", fresh(), exit=2)
    run("convert", GOOD, "--set", "nonsense", "--to", "case-jsonl", "-o", fresh(), exit=2)
    run("convert", GOOD, "--set", "nonsense=1", "--to", "case-jsonl", "-o", fresh(), exit=2)


def test_outputs_that_are_there_are_not_replaced_unless_told():
    out = fresh()
    convert([GOOD], out)
    before = (out / "case.jsonl").read_bytes()
    convert([GOOD], out, exit=2)
    convert([GOOD], out, "--force")
    equal((out / "case.jsonl").read_bytes(), before, "the same input gives the same bytes")


def test_a_file_that_no_plugin_knows_is_2_with_candidates_and_in_a_folder_it_is_left_aside():
    folder = folder_with(list_csv="colour,shape\nred,round\n")
    out, err = run("convert", folder / "list.csv", "--to", "case-jsonl", "-o", fresh(), exit=2)
    check(b"E-FORMAT-NONE" in err and b"people-csv" in err, f"no candidates: {err.decode()}")
    (folder / "people.csv").write_bytes(GOOD.read_bytes())
    there = fresh()
    convert([folder], there, exit=0)
    equal(counts(findings(there), lambda f: (f["code"], f["severity"])), {("E-FORMAT-NONE", "warning"): 1}, "what was left aside is said")


def policy_file(change=("", "")):
    folder = scratch.named(f"policy{fresh.n}{change[1].replace(' ', '').replace(':', '')}")
    if not (folder / "key").exists():
        run("key", folder / "key", "--id", "K1")
    (folder / "policy.yaml").write_text(POLICY.replace("KEYFILE", str(folder / "key")).replace(*change), encoding="utf-8")
    return folder / "policy.yaml"


def test_refused_by_policy_is_7():
    run("convert", GOOD, "--to", "case-jsonl", "-o", fresh(), "--recipient", "crown", exit=7)
    policy = policy_file()
    out = fresh()
    run("convert", GOOD, "--to", "case-jsonl", "-o", f"{out}/", "--recipient", "somebody", "--policy", policy, "--purpose", "CSPA_80", "--authority", "CSPA_80", exit=7)
    check(not (out / "case.jsonl").exists(), "something was written for a recipient that no policy names")
    run("convert", GOOD, "--to", "case-jsonl", "-o", f"{out}/", "--recipient", "crown", "--policy", policy, "--purpose", "OTHER", "--authority", "CSPA_80", exit=7)
    bad = policy_file(("tlp: AMBER", "tlp: PINK"))
    _, err = run("convert", GOOD, "--to", "case-jsonl", "-o", f"{out}/", "--recipient", "crown", "--policy", bad, "--purpose", "CSPA_80", "--authority", "CSPA_80", exit=2)
    check(b"policy.yaml:" in err, "a wrong policy file is not named with its line")


def test_a_recipient_gets_only_what_its_policy_grants():
    policy = policy_file()
    out = fresh()
    convert([GOOD], out, "--recipient", "crown", "--policy", policy, "--purpose", "CSPA_80", "--authority", "CSPA_80", exit=None)
    check(run.exit in (0, 7), f"exit {run.exit}")
    equal([r["recordType"] for r in records(out / "case.jsonl") if r["recordType"] != "Organization"], [], "records that the policy does not grant")


def test_case_data_that_was_changed_on_its_way_is_9():
    run("validate", case_file(), exit=0)
    data = case_file().read_bytes()
    head, *body, end = data.splitlines(keepends=True)
    changed = {
        "cut before the end line": b"".join([head, *body]),
        "cut within a line": data[:len(data) // 2],
        "a character flipped": data.replace(b"Exampleville", b"Examplevillf", 1),
        "a line lost": b"".join([head, *body[:-1], end]),
        "a line twice": b"".join([head, *body, body[-1], end]),
        "two lines swapped": b"".join([head, *body[:-2], body[-1], body[-2], end]),
        "a line behind the end": data + body[-1],
        "no head": b"".join([*body, end]),
        "the hash edited": data[:-10] + (b"0" if data[-10:-9] != b"0" else b"1") + data[-9:],
    }
    folder = scratch.named("changed")
    for what, bytes_ in changed.items():
        check(bytes_ != data, f"{what}: nothing changed")
        path = folder / "case.jsonl"
        path.write_bytes(bytes_)
        run("validate", path, "--from", "case-jsonl", exit=None)   # without its head it is not recognised
        equal(run.exit, 9, f"validate, {what}")
        convert([path], fresh(), "--from", "case-jsonl", exit=None)
        equal(run.exit, 9, f"convert, {what}")


def test_case_data_in_xml_that_was_changed_on_its_way_is_9():
    out = fresh("xml")
    convert([GOOD], out, to=("case-xml",))
    data = (out / "case.xml").read_bytes()
    run("validate", out / "case.xml", exit=0)
    for what, bytes_ in {"cut": data[:len(data) * 2 // 3], "a character flipped": data.replace(b"Exampleville", b"Examplevillf", 1)}.items():
        check(bytes_ != data, f"{what}: nothing changed")
        path = scratch.named("changed-xml") / "case.xml"
        path.write_bytes(bytes_)
        run("validate", path, exit=None)
        equal(run.exit, 9, f"validate, {what}")


def test_a_key_that_others_may_read_or_that_is_not_there_is_said_plainly():
    folder = scratch.named("keys")
    run("key", folder / "key")
    run("key", folder / "key", exit=2)   # never replaced
    (folder / "key").chmod(0o644)
    _, err = run("convert", GOOD, "--to", "case-jsonl", "-o", fresh(), "--token-key", folder / "key", exit=2)
    check(b"defect" not in err.lower(), f"a key with open rights is called a defect: {err.decode()}")
    run("convert", GOOD, "--to", "case-jsonl", "-o", fresh(), "--token-key", folder / "none", exit=2)


def test_an_output_that_cannot_be_written_is_10():
    if pathlib.Path("/dev/full").exists():
        run("convert", GOOD, "--to", "case-jsonl", "-o", "/proc/no-such/out.jsonl", exit=10)


def plugins_with(change=None):
    """The plugin of tests/core/host/liar, which breaks its contract when it is told to."""
    folder = scratch.named(f"plugins{fresh.n}")
    shutil.copytree(pathlib.Path(os.environ["TEST_PLUGINS"]) / "liar", folder / "liar", dirs_exist_ok=True)
    for library in folder.glob("liar/*.so"):
        if change is not None:
            library.write_bytes(change(library.read_bytes()))
    return {"CASEBRIDGE_PLUGIN_PATH": str(folder)}


def test_the_only_plugin_breaks_its_contract_or_fails_to_load_is_8():
    lie = folder_with(a_liar="LIAR 0123456789\n")
    for how, env, options in [("an offset outside the heap", plugins_with(), ("--set", "do=offset")), ("a status that is none", plugins_with(), ("--set", "do=status")),
                              ("a library that is none", plugins_with(lambda data: b"not a library"), ()), ("a library cut in half", plugins_with(lambda data: data[:len(data) // 2]), ())]:
        out = fresh("lie")
        others = [] if options else [GOOD]   # which does not know the option
        _, err = run("convert", lie / "a.liar", *others, "--to", "case-jsonl", "-o", f"{out}/", *options, env=env, exit=None)
        equal(run.exit, 8, f"{how}: {err.decode()[-600:]}")
        check(not others or len(records(out / "case.jsonl")) > 2, f"{how}: the other input was not read")
        check(b"[E-PLUGIN-" in err or any(f["code"].startswith("E-PLUGIN-") for f in findings(out)), f"{how}: nothing is said: {err.decode()[-600:]}")


def test_when_several_hold_the_gravest_wins():
    tip = folder_with(tip_xml=BROKEN_TIP) / "tip.xml"
    unknown = folder_with(list_csv="colour,shape\nred,round\n") / "list.csv"
    broken = tampered()
    for inputs, options, exit in [
        ([GOOD, tip, "missing.csv"], (), 5),                                            # 5 before 3
        ([GOOD, tip, "missing.csv"], ("--quarantine-threshold", "0.5"), 4),              # 4 before 5
        ([GOOD, tip, "missing.csv", unknown], ("--quarantine-threshold", "0.5"), 2),     # 2 before 4
        ([GOOD, tip, "missing.csv", unknown, broken], ("--quarantine-threshold", "0.5"), 9),
    ]:
        convert(inputs, fresh(), *options, exit=None)
        equal(run.exit, exit, f"{len(inputs)} inputs {options}")


sys.exit(main(sys.modules[__name__]))
