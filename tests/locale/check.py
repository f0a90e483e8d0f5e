#!/usr/bin/env python3
"""Is every message there in French? Reads the sources for the texts people see, and core/locale/fr.po.

Texts are: what tr(), trn() and TR_NOOP() hold, the messages and fixes of CB_FINDING, CB_DETAIL, and what is handed to a function
that translates its argument (FORWARDERS). A tr() of anything else must stand in a file of TABLES, whose texts are marked
with TR_NOOP() where they are declared; so no text can be missed in silence.

Fails on a text or a plugin title without French, on one whose {0} {1} differ from the English, and on entries that nobody says.
--missing prints what is missing in the form of a .po file.
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Functions and lambdas that translate their argument number n (0 is the first), by file or folder.
FORWARDERS = {
    "core/cli/app.cpp": {"words": [0]},
    "core/cli/run_table.cpp": {"add": [(1, 2)]},
    "core/cli/link.cpp": {"words": [0]},
    "core/conformance/": {"said": [0]},
    "core/conformance/checks_places.cpp": {"tell": [1]},
    "core/handle/gate.cpp": {"refuse": [0]},
    "core/host/sniff.cpp": {"say": [0]},
    "core/normalise/tokens.cpp": {"fail": [0]},
    "core/pipeline/trace.cpp": {"said": [0]},
    "core/resolve/labels.cpp": {"say": [0]},
    "core/resolve/nightly.cpp": {"words": [0]},
    "core/resolve/summary.cpp": {"said": [0]},
    "core/read/mapping/expectation.cpp": {"say": [0]},
    "core/read/xml_prescan.cpp": {"limit": [0]},
    "core/validate/json_schema/compile.cpp": {"said": [0]},
}
# Files that translate texts of a table, with the tables whose every text is meant (others are marked with TR_NOOP).
TABLES = {
    "core/base/finding.cpp": [],       # CB_FINDING, CB_DETAIL, CB_SYSTEM
    "core/emit/report_sarif.cpp": [],  # CB_FINDING
    "core/emit/report_grouped.cpp": [],
    "core/cli/plugin_test.cpp": [],    # claims of core/conformance/suite.cpp
    "core/conformance/suite.cpp": ["kChecks"],
    "core/job/check_job.cpp": [], "core/job/drift.cpp": [], "core/job/run_job.cpp": [],
    "core/cli/inspect.cpp": [],        # names of encodings, core/host/sniff.cpp
    "core/link/explain.cpp": ["level_names"],
    "core/resolve/nightly.cpp": [],    # kChange, kCause
    "core/resolve/summary.cpp": [],    # names of rules, core/link/keys.hpp
    "core/resolve/explain.cpp": [],    # level_names of core/link/explain.cpp
    "core/cli/explain.cpp": [],
    "core/store/sqlite.cpp": [],       # what SQLite's codes mean, marked where they stand
    "core/store/audit.cpp": [],
    "core/cli/diff.cpp": [],           # kinds of change, core/store/diff.cpp
    "core/cli/export.cpp": [],         # rules of core/store/remove.cpp
    "core/cli/run.cpp": [],            # the same
    "core/cli/audit.cpp": [],
    "core/resolve/review_workbook.cpp": [],  # headings and reasons, marked where they stand
}


TOKEN = re.compile(
    r'(?P<gap>\s+|//[^\n]*|/\*.*?\*/)'
    r'|R"(?P<mark>[^\s()\\]*)\((?P<raw>.*?)\)(?P=mark)"'
    r'|"(?P<text>(?:[^"\\\n]|\\.)*)"'
    r"|(?P<other>[0-9](?:[0-9a-zA-Z.]|'(?=[0-9a-fA-F]))*|(?:u8|[uUL])?'(?:\\.[^'\n]*|[^'\\\n]+)'|\w+|::|->|.)", re.S)


def unescape(text):
    def one(match):
        what = match.group(1)
        if what[0] in "ux":
            return bytes([int(what[1:], 16)]).decode("latin-1") if what[0] == "x" else chr(int(what[1:], 16))
        return {"n": "\n", "t": "\t", "0": "\0"}.get(what, what)
    return re.sub(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", one, text)


class Text(str):
    """A string literal; anything else of the source is a plain str."""


def tokens(source):
    out = []
    for match in TOKEN.finditer(source):
        if match.group("gap"):
            continue
        if match.group("other"):
            out.append(match.group("other"))
            continue
        value = match.group("raw") if match.group("raw") is not None else unescape(match.group("text"))
        if out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1] + value)  # adjacent literals are one text
        else:
            out.append(Text(value))
    return out


def arguments(code, i):
    """The arguments of the call whose bracket opens before i: for each its texts, and what else stands in it."""
    found, depth = [], 0
    texts, other = [], []
    while True:
        word = code[i]
        if isinstance(word, Text):
            (texts if depth == 0 else other).append(word)
        elif depth == 0 and word in (")", ","):
            found.append((texts, " ".join(other)))
            if word == ")":
                return found
            texts, other = [], []
        elif depth == 0 and word == "?":
            texts, other = [], []  # what stood before is the condition
        elif depth == 0 and word == ":":
            pass
        else:
            depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
            other.append(word)
        i += 1


def calls(code, name):
    for i in range(len(code) - 1):
        if code[i] != name or isinstance(code[i], Text) or code[i + 1] != "(" or (i and code[i - 1] in ("string", "void", "auto", "XmlTokenKind", "define", "::")):
            continue  # a declaration is no call
        yield arguments(code, i + 2)


def wanted(problems):
    found, details, spoken = {}, set(), set()
    files = [p for folder in ("core", "plugins") for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".cpp", ".hpp", ".def")]
    for path in files:
        where = str(path.relative_to(ROOT))
        if where in ("core/base/text.hpp", "core/base/text.cpp", "core/base/system_words.cpp"):
            continue
        code = tokens(path.read_text(encoding="utf-8"))
        if path.suffix != ".def":
            spoken.update(word for word in code if isinstance(word, Text))

        def say(english, plural=None):
            if english:
                if plural or english not in found:
                    found[english] = (where, plural)

        forwarders = {}
        for place, names in FORWARDERS.items():
            if where == place or (place.endswith("/") and where.startswith(place)):
                forwarders.update(names)
        for args in calls(code, "tr"):
            texts, other = args[0]
            for one in texts:
                say(one)
            if other and not texts and not forwarders and where not in TABLES:
                problems.append(f"{where}: tr({other}): mark its texts with TR_NOOP() and name the file in TABLES, or name the function in FORWARDERS")
        for args in calls(code, "trn"):
            if args[0][0] and args[1][0]:
                say(args[0][0][0], args[1][0][0])
        for args in calls(code, "TR_NOOP"):
            for one in args[0][0]:
                say(one)
        for args in calls(code, "CB_DETAIL"):
            for one in args[0][0]:
                say(one)
                details.add(one)
        for args in calls(code, "CB_SYSTEM"):
            for one in args[0][0]:
                say(one)
        for args in calls(code, "CB_FINDING"):
            for texts, _ in args[2:4]:
                for one in texts:
                    say(one)
        for table in TABLES.get(where, []):
            depth, i = 0, code.index(table) + 1
            while depth or code[i] != ";":
                depth += (code[i] == "{") - (code[i] == "}")
                if isinstance(code[i], Text) and (" " in code[i] or not re.search(r"[.-]", code[i])):  # not an id
                    say(code[i])
                i += 1
        for name, places in forwarders.items():
            for args in calls(code, name):
                for place in places:
                    if isinstance(place, tuple):
                        if len(args) > place[1] and args[place[0]][0] and args[place[1]][0]:
                            say(args[place[0]][0][0], args[place[1]][0][0])
                    elif len(args) > place:
                        for one in args[place][0]:
                            say(one)
    for path in sorted((ROOT / "plugins").rglob("*.yaml")):
        for title in re.findall(r"(?m)^title:(.*(?:\n[ \t]+.*)*)", path.read_text(encoding="utf-8")):
            if not re.search(r"\bfr:\s*\S", title):
                problems.append(f"{path.relative_to(ROOT)}: the title has no French")
    problems += [f"core/base/details.def: no code says {quote(text)}" for text in sorted(details - spoken)]
    return found


def unquote(text):
    return "".join(unescape(part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', text))


def translations():
    entries, current, field = [], {}, None
    for line in (ROOT / "core" / "locale" / "fr.po").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
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


def places(text):
    return sorted(set(re.findall(r"\{\d\}", text)))


def main():
    problems = []
    want, have = wanted(problems), translations()
    missing = [text for text in want if not (have.get(text, {}).get("msgstr[0]" if want[text][1] else "msgstr"))]
    if "--missing" in sys.argv:
        for text in missing:
            where, plural = want[text]
            print(f"\n#: {where}\nmsgid {quote(text)}" + (f'\nmsgid_plural {quote(plural)}\nmsgstr[0] ""\nmsgstr[1] ""' if plural else '\nmsgstr ""'))
        return 0
    problems += [f"{want[text][0]}: no French for {quote(text)}" for text in missing]
    for text, entry in have.items():
        for key, french in entry.items():
            if key.startswith("msgstr") and french and places(french) != places(text) and not (key == "msgstr[0]" and set(places(french)) <= set(places(text))):
                problems.append(f"fr.po: the places in braces differ: {quote(text)}")
            if key.startswith("msgstr") and re.search(r'[^\u00a0]»|«[^\u00a0]|(?<![\u00a0:\w/]):(?=\s|$)|[\w»)}] [:;!?](?=\s|$)', french):
                problems.append(f"fr.po: « », : ; ! ? take a no-break space or none: {quote(french)}")
    problems += [f"fr.po: nobody says {quote(text)}" for text in have if text not in want]
    print("\n".join(problems) or f"{len(want)} texts, all in French")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
