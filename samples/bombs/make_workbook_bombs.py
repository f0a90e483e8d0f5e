#!/usr/bin/env python3
"""Hostile and broken workbooks, each named for its danger. All of it is synthetic.

make_workbook_bombs.py            writes the small ones into xlsx/ beside this file (they are committed)
make_workbook_bombs.py --large D  writes the large ones into D/xlsx (made when the tests run)

Each must end in a finding within 5 s and 256 MiB: tests/pipeline/workbook_test.py.
"""
import io, pathlib, struct, sys, zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from sheets import HEAD, MAIN, Sheet, package, parts

ROWS = [["NO SIGNALEMENT", "REÇU LE", "MESSAGE"], ["ST-1", "01/01/2099", "Synthétique."]]


def sound():
    return parts([("Signalements", ROWS)])


def changed(part, old, new):
    out = sound()
    assert old in out[part], (part, old)
    out[part] = out[part].replace(old, new)
    return out


def zipped(contents):
    out = io.BytesIO()
    package(out, contents)
    return out.getvalue()


def compound(*names):
    """A compound file (MS-CFB) with these names in its directory and nothing else."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
    struct.pack_into("<HHHH", head, 24, 0x3E, 3, 0xFFFE, 9)
    struct.pack_into("<I", head, 48, 0)
    sector = b""
    for name in ("Root Entry", *names):
        wide = name.encode("utf-16-le")
        sector += (wide + b"\0" * (64 - len(wide)) + struct.pack("<HBB", len(wide) + 2, 5 if name == "Root Entry" else 2, 1)).ljust(128, b"\0")
    return bytes(head) + sector.ljust(512, b"\0")


def twice(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        import warnings
        warnings.simplefilter("ignore")
        for part, text in [*sound().items(), (name, "<worksheet/>")]:
            archive.writestr(zipfile.ZipInfo(part, (2099, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def small():
    good = zipped(sound())
    yield "cut-off.xlsx", good[: len(good) // 2]
    yield "directory-cut-off.xlsx", good[:-30]
    yield "encrypted.xlsx", compound("EncryptedPackage", "EncryptionInfo")
    yield "before-2007.xls", compound("Workbook")
    yield "binary.xlsb", zipped({**sound(), "_rels/.rels": sound()["_rels/.rels"].replace("workbook.xml", "workbook.bin"), "xl/workbook.bin": "x"})
    yield "doctype.xlsx", zipped(changed(SHEET, HEAD, HEAD + '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'))
    yield "external-entity.xlsx", zipped(changed("xl/sharedStrings.xml", HEAD, HEAD + '<!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/hostname">]>'))
    yield "two-parts-of-one-name.xlsx", twice(SHEET)
    yield "one-part-in-two-sheets.xlsx", zipped(changed(BOOK, "</sheets>", '<sheet name="B" sheetId="2" r:id="rId1"/></sheets>'))
    yield "no-such-part.xlsx", zipped({k: v for k, v in sound().items() if k != SHEET})
    yield "strings-that-are-not-there.xlsx", zipped({k: v for k, v in sound().items() if k != "xl/sharedStrings.xml"})
    yield "sheet-cut-off.xlsx", zipped({**sound(), SHEET: sound()[SHEET][:-40]})
    yield "rows-out-of-order.xlsx", zipped(changed(SHEET, '<row r="2">', '<row r="1">'))
    yield "cell-beyond-the-sheet.xlsx", zipped(changed(SHEET, 'r="C2"', 'r="XFE2"'))
    yield "row-number-of-many-digits.xlsx", zipped(changed(SHEET, '<row r="2">', '<row r="99999999999999999999">'))
    yield "nul-in-a-part.xlsx", zipped(changed(SHEET, "<sheetData>", "<sheetData>\0"))


MIB = 1 << 20


def large():
    row = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c></row>'
    yield "a-sheet-of-300-mib-of-blanks.xlsx", {**sound(), SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>' + " " * (300 * MIB) + "</sheetData></worksheet>"}
    yield "a-string-in-a-million-cells.xlsx", {**sound(), "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>' + "x" * MIB + "</t></si></sst>",
                                              SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>' + "".join(row.format(n) for n in range(1, 1_000_000)) + "</sheetData></worksheet>"}
    yield "a-long-string-in-every-cell-of-a-row.xlsx", {**sound(), "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>' + "x" * MIB + "</t></si></sst>",
                                                        SHEET: f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">' + '<c t="s"><v>0</v></c>' * 16_000 + "</row></sheetData></worksheet>"}
    yield "five-million-shared-strings.xlsx", {**sound(), "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "<si><t>x</t></si>" * 5_000_000 + "</sst>"}
    yield "depth-of-a-million.xlsx", {**sound(), SHEET: f'<worksheet xmlns="{MAIN}">' + "<a>" * 1_000_000}
    yield "a-name-of-64-mib.xlsx", {**sound(), SHEET: f'<worksheet xmlns="{MAIN}"><{"x" * (64 * MIB)}/></worksheet>'}
    yield "twenty-thousand-parts.xlsx", {**sound(), **{f"xl/x{n}": "" for n in range(20_000)}}


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--large":
        root, bombs = pathlib.Path(sys.argv[2]) / "xlsx", large()
    elif len(sys.argv) == 1:
        root, bombs = pathlib.Path(__file__).resolve().parent / "xlsx", small()
    else:
        sys.exit(__doc__)
    root.mkdir(parents=True, exist_ok=True)
    for name, data in bombs:
        if isinstance(data, dict):
            package(root / name, data)
        else:
            (root / name).write_bytes(data)


main()
