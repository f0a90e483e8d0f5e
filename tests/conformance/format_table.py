#!/usr/bin/env python3
"""The table of formats in plugins/README.md: what each plugin reads and writes, on which samples, and what became of their fields.

  format_table.py --program CASEBRIDGE --source DIR          writes the table into DIR/plugins/README.md
  format_table.py --program CASEBRIDGE --source DIR --check  says with exit 1 when the table there is another
"""
import argparse, json, pathlib, subprocess, sys, tempfile

BEGIN, END = "<!-- table of formats: begin -->\n", "<!-- table of formats: end -->\n"


def run(program, *args):
    return subprocess.run([str(program), *map(str, args)], capture_output=True, text=True, check=False)


def fields(program, format_id, files):
    """Counts of source fields by what became of them, over all samples of a format."""
    seen = {"mapped": set(), "ext": set(), "dropped": set()}
    read = 0
    for path in files:
        with tempfile.TemporaryDirectory() as out:
            run(program, "convert", path, "--from", format_id, "--to", "case-jsonl", "-o", f"{out}/case.jsonl", "--reports", f"{out}/reports",
                "--run-time", "2099-12-31T00:00:00Z")
            report = pathlib.Path(out, "reports", "loss.json")
            if not report.exists():
                continue
            inputs = json.loads(report.read_text())["inputs"]
            read += any(i["fields"] for i in inputs)
            for one in inputs:
                for field in one["fields"]:
                    name = field["field"]
                    seen["mapped" if field.get("mapped") else "dropped" if field.get("dropped") else "ext"].add(name)
    names = {k: len(v - (seen["mapped"] if k != "mapped" else set())) for k, v in seen.items()}
    return names if read else None


def table(program, source):
    plugins = json.loads(run(program, "formats", "--json").stdout)
    rows = ["| format | what it is | direction | samples | source fields mapped | kept in `ext` | dropped, with a reason |", "|---|---|---|---|---|---|---|"]
    for f in plugins:
        if f["id"] == "mapped":  # the engine behind the mappings, no format of its own
            continue
        folders = [source / "samples" / f["id"]]
        files = sorted(p for folder in folders if folder.is_dir() for p in folder.iterdir() if p.is_file() and p.suffix != ".md" and not p.name.startswith("README"))
        direction = " and ".join(w for w, on in (("reads", f["reads"]), ("writes", f["writes"])) if on)
        counts = fields(program, f["id"], files) if f["reads"] and files else None
        cells = [str(counts[k]) for k in ("mapped", "ext", "dropped")] if counts else ["", "", ""]
        if f["id"].startswith("case-"):
            cells = ["all", "", ""]
        rows.append(f"| `{f['id']}` | {f['title_en']} | {direction} | {len(files) or ''} | " + " | ".join(cells) + " |")
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
