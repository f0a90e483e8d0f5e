#!/usr/bin/env python3
"""Is every message there in French? Reads the sources for tr(), trn() and CB_FINDING, and fr.po.

Fails on a text without translation, on one whose {0} {1} differ from the English, and on entries nobody uses.
--missing prints what is missing in the form of a .po file.
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STRING = r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*'


def unquote(text):
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    joined = "".join(parts)
    return (joined.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\"))


def wanted():
    found = {}
    files = [p for folder in ("core", "plugins") for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".cpp", ".hpp", ".def")]
    for path in files:
        text = re.sub(r"(?m)^\s*//.*$", "", path.read_text(encoding="utf-8"))
        where = str(path.relative_to(ROOT))
        for match in re.finditer(r"\btr\(\s*(" + STRING + r")\s*\)", text):
            found.setdefault(unquote(match.group(1)), (where, None))
        for match in re.finditer(r"\btrn\(\s*(" + STRING + r")\s*,\s*(" + STRING + r")", text):
            found[unquote(match.group(1))] = (where, unquote(match.group(2)))
        # A text chosen by a condition, or marked for translation where it is declared.
        for match in re.finditer(r"\btr\(([^()\"]*(?:\([^()\"]*\)[^()\"]*)?)\?\s*(" + STRING + r")\s*:\s*(" + STRING + r")\s*\)", text):
            found.setdefault(unquote(match.group(2)), (where, None))
            found.setdefault(unquote(match.group(3)), (where, None))
        for match in re.finditer(r"\bTR_NOOP\(\s*(" + STRING + r")\s*\)", text):
            found.setdefault(unquote(match.group(1)), (where, None))
        for match in re.finditer(r"\bwords\(\s*(" + STRING + r")\s*,", text):
            found.setdefault(unquote(match.group(1)), (where, None))
        for match in re.finditer(r"CB_FINDING\(\s*" + STRING + r"\s*,\s*\w+\s*,\s*(" + STRING + r")\s*,\s*(" + STRING + r")\s*\)", text):
            for group in (1, 2):
                if unquote(match.group(group)):
                    found.setdefault(unquote(match.group(group)), (where, None))
    return found


def translations():
    entries, current, field = [], {}, None
    for line in (ROOT / "core" / "locale" / "fr.po").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            if not line.strip() and current:
                entries.append(current)
                current = {}
            continue
        match = re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(".*")$', line)
        if match:
            if match.group(1) == "msgid" and "msgid" in current:
                entries.append(current)
                current = {}
            field = match.group(1)
            current[field] = unquote(match.group(2))
        else:
            current[field] += unquote(line)
    if current:
        entries.append(current)
    return {e["msgid"]: e for e in entries if e.get("msgid")}


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def main():
    want, have = wanted(), translations()
    missing = [text for text in want if text not in have or not (have[text].get("msgstr") or have[text].get("msgstr[0]"))]
    if "--missing" in sys.argv:
        for text in missing:
            plural = want[text][1]
            print(f"\n#: {want[text][0]}\nmsgid {quote(text)}" + (f"\nmsgid_plural {quote(plural)}\nmsgstr[0] \"\"\nmsgstr[1] \"\"" if plural else '\nmsgstr ""'))
        return 0
    problems = [f"{want[text][0]}: no French for {quote(text)}" for text in missing]
    for text, entry in have.items():
        for key, french in entry.items():
            if key.startswith("msgstr") and french and sorted(set(re.findall(r"\{\d\}", text))) != sorted(set(re.findall(r"\{\d\}", french))):
                problems.append(f"fr.po: the places in braces differ: {quote(text)}")
    unused = [text for text in have if text not in want and text not in (p for _, p in want.values() if p)]
    problems += [f"fr.po: nobody says {quote(text)}" for text in unused]
    print("\n".join(problems) or f"{len(want)} texts, all in French")
    return 1 if problems else 0


sys.exit(main())
