"""Workbooks (.xlsx) by the standard library alone, for samples and tests: the same bytes at every call.

  book(path, [("Tips", rows)])     a row is a list of cells; a cell is text, a number, True or False, a datetime.date or
                                   datetime.datetime (a number shown as a date), Error("#N/A"), Formula("A1+1", 2), or None
  book(path, [Sheet("Tips", rows, merged=["A1:B1"], hidden=False, hidden_rows={5}, hidden_columns=["C:C"])], date1904=True)
"""
import dataclasses, datetime, zipfile
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORMATS = ["General", "yyyy\\-mm\\-dd", "dd/mm/yyyy\\ hh:mm"]


@dataclasses.dataclass
class Error:
    word: str


@dataclasses.dataclass
class Formula:
    text: str
    value: object = None  # None: the program that wrote it kept none


@dataclasses.dataclass
class Sheet:
    name: str
    rows: list
    merged: list = dataclasses.field(default_factory=list)
    hidden: bool = False
    hidden_rows: set = dataclasses.field(default_factory=set)
    hidden_columns: list = dataclasses.field(default_factory=list)


def letters(column):
    out = ""
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def serial(moment, date1904=False):
    day = moment.date() if isinstance(moment, datetime.datetime) else moment
    days = (day - (datetime.date(1904, 1, 1) if date1904 else datetime.date(1899, 12, 30))).days
    if not isinstance(moment, datetime.datetime):
        return str(days)
    return repr(days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400)


def parts(sheets, date1904=False):
    """The parts of the package by name."""
    sheets = [s if isinstance(s, Sheet) else Sheet(*s) for s in sheets]
    shared = {}

    def cell(at, value):
        if value is None or value == "":
            return ""
        if isinstance(value, Formula):
            if value.value is None:
                return f'<c r="{at}"><f>{escape(value.text)}</f></c>'
            kind = ' t="str"' if isinstance(value.value, str) else ""
            return f'<c r="{at}"{kind}><f>{escape(value.text)}</f><v>{escape(str(value.value))}</v></c>'
        if isinstance(value, Error):
            return f'<c r="{at}" t="e"><v>{escape(value.word)}</v></c>'
        if isinstance(value, bool):
            return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, datetime.date):
            return f'<c r="{at}" s="{2 if isinstance(value, datetime.datetime) else 1}"><v>{serial(value, date1904)}</v></c>'
        if isinstance(value, (int, float)):
            return f'<c r="{at}"><v>{value!r}</v></c>'
        return f'<c r="{at}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'

    out = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                               f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
                               + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{KIND}.worksheet+xml"/>' for n in range(1, len(sheets) + 1))
                               + f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">' + ('<workbookPr date1904="1"/>' if date1904 else "<workbookPr/>") + "<sheets>"
                           + "".join(f'<sheet name={quoteattr(s.name)} sheetId="{n}"' + (' state="hidden"' if s.hidden else "") + f' r:id="rId{n}"/>' for n, s in enumerate(sheets, 1)) + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
                                      + "".join(f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1))
                                      + f'<Relationship Id="rId{len(sheets) + 1}" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId{len(sheets) + 2}" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(FORMATS) - 1}">' + "".join(f'<numFmt numFmtId="{163 + n}" formatCode="{escape(f)}"/>' for n, f in enumerate(FORMATS) if n)
                         + '</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
                         + f'<cellXfs count="{len(FORMATS)}">' + "".join(f'<xf numFmtId="{163 + n if n else 0}" xfId="0"/>' for n in range(len(FORMATS))) + "</cellXfs></styleSheet>",
    }
    for n, s in enumerate(sheets, 1):
        columns = "".join(f'<col min="{c}" max="{c}" width="9" hidden="1"/>' for c in (ord(name.split(":")[0]) - 64 for name in s.hidden_columns))
        body = "".join(f'<row r="{r}"' + (' hidden="1"' if r in s.hidden_rows else "") + ">" + "".join(cell(f"{letters(c)}{r}", value) for c, value in enumerate(row, 1)) + "</row>" for r, row in enumerate(s.rows, 1))
        merged = "".join(f'<mergeCell ref="{m}"/>' for m in s.merged)
        out[f"xl/worksheets/sheet{n}.xml"] = (f'<worksheet xmlns="{MAIN}">' + (f"<cols>{columns}</cols>" if columns else "") + f"<sheetData>{body}</sheetData>"
                                              + (f'<mergeCells count="{len(s.merged)}">{merged}</mergeCells>' if merged else "") + "</worksheet>")
    texts = "".join(f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in shared)
    out["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}" uniqueCount="{len(shared)}">{texts}</sst>'
    return {name: HEAD + text for name, text in out.items()}


def package(path, contents):
    """Any parts as a zip: text or bytes by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            info = zipfile.ZipInfo(name, (2099, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)


def book(path, sheets, date1904=False):
    package(path, parts(sheets, date1904))
