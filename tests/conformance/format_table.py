#!/usr/bin/env python3
"""The table of formats in plugins/README.md: what each plugin reads and writes, on which samples, and what became of their fields.

  format_table.py --program CASEBRIDGE --source DIR          writes the table into DIR/plugins/README.md
  format_table.py --program CASEBRIDGE --source DIR --check  says with exit 1 when the table there is another
"""
import argparse, json, pathlib, subprocess, sys, tempfile

BEGIN, END = "<!-- table of formats: begin -->\n", "<!-- table of formats: end -->\n"

OPTIONAL = [{"id": "parquet", "title_en": "Typed tables (Parquet)", "reads": False, "writes": True}]


def run(program, *args):
    return subprocess.run([str(program), *map(str, args)], capture_output=True, text=True, check=False)


def fields(program, folder, files, known):
    """What became of the source fields, by the format each sample is recognised as (else by the folder's name)."""
    seen = {}
    files = list(files)
    for paths in [[path] for path in files] + [files]:  # one by one; together where they are the tables of one feed
        if paths is files and seen:
            break
        with tempfile.TemporaryDirectory() as out:
            for choice in ([], ["--from", folder]):
                run(program, "convert", *paths, *choice, "--to", "case-jsonl", "-o", f"{out}/case.jsonl", "--reports", f"{out}/reports", "--force",
                    "--run-time", "2099-12-31T00:00:00Z")
                report = pathlib.Path(out, "reports", "loss.json")
                inputs = json.loads(report.read_text())["inputs"] if report.exists() else []
                if inputs and inputs[0].get("format") in known:
                    break
            for one in inputs:
                counts = seen.setdefault(one["format"], {"files": 0, "mapped": set(), "ext": set(), "dropped": set()})
                counts["files"] += len(paths)
                for field in one["fields"]:
                    counts["mapped" if field.get("mapped") else "dropped" if field.get("dropped") else "ext"].add(field["field"])
    return seen


def table(program, source):
    formats = [f for f in json.loads(run(program, "formats", "--json").stdout) if f["id"] != "mapped"]  # the engine, no format of its own
    merged = {}
    for f in formats:  # one plugin may read a format and another write it
        one = merged.setdefault(f["id"], dict(f))
        one["reads"], one["writes"] = one["reads"] or f["reads"], one["writes"] or f["writes"]
        if f["reads"]:
            one["title_en"] = f["title_en"]
    for f in OPTIONAL:  # in the table whether it was built or not
        merged.setdefault(f["id"], f)
    formats = sorted(merged.values(), key=lambda f: (f["id"] == "case-csv", f["id"]))
    known = {f["id"] for f in formats}
    seen = {}
    samples = {}
    for folder in sorted(p for p in (source / "samples").iterdir() if p.is_dir() and p.name in known):
        files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".md" and not p.name.startswith("README"))
        samples[folder.name] = len(files)
        for format_id, counts in fields(program, folder.name, files, known).items():
            one = seen.setdefault(format_id, {"files": 0, "mapped": set(), "ext": set(), "dropped": set()})
            for key in one:
                one[key] = one[key] + counts[key] if key == "files" else one[key] | counts[key]
    rows = ["| format | what it is | direction | samples | source fields mapped | kept in `ext` | dropped, with a reason |", "|---|---|---|---|---|---|---|"]
    for f in formats:
        direction = " and ".join(w for w, on in (("reads", f["reads"]), ("writes", f["writes"])) if on)
        counts = seen.get(f["id"])
        cells = ["", "", ""]
        if f["id"] in ("case-jsonl", "case-xml", "case-csv"):
            cells = ["all", "", ""]
        elif counts:
            cells = [str(len(counts["mapped"])), str(len(counts["ext"] - counts["mapped"])), str(len(counts["dropped"] - counts["mapped"]))]
        rows.append(f"| `{f['id']}` | {f['title_en']} | {direction} | {counts['files'] if counts else samples.get(f['id'], '')} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--program", required=True)
    args.add_argument("--source", required=True, type=pathlib.Path)
    args.add_argument("--check", action="store_true")
    args = args.parse_args()
    page = args.source / "plugins" / "README.md"
    text = page.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    fresh = table(args.program, args.source)
    if args.check:
        if text[begin:end] != fresh:
            sys.exit(f"plugins/README.md: the table of formats is stale. Write it again:\n  {sys.argv[0]} --program {args.program} --source {args.source}\n\n{fresh}")
        return
    page.write_text(text[:begin] + fresh + text[end:])


main()
