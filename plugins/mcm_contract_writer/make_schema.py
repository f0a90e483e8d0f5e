#!/usr/bin/env python3
"""From columns.def: the XSD of mcm-contract-xml and the table in the README beside it.

  make_schema.py          writes both
  make_schema.py --check  exit 1 when one of them is stale
"""
import pathlib, re, sys

here = pathlib.Path(__file__).parent
columns = re.findall(r'^MCM\((\w+), (\w+), (\w+), "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\)', (here / "columns.def").read_text(encoding="utf-8"), re.M)
tables = list(dict.fromkeys(c[0] for c in columns))

xsd = ['<?xml version="1.0" encoding="UTF-8"?>', '<!-- Made by make_schema.py from columns.def. Whether an entry is due is said by the completeness report, not here. -->',
       '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:casebridge:mcm-contract:1" targetNamespace="urn:casebridge:mcm-contract:1" elementFormDefault="qualified">',
       '  <xs:element name="mcmContract"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">']
for table in tables:
    xsd.append(f'    <xs:element name="{table}"><xs:complexType><xs:sequence>')
    xsd += [f'      <xs:element name="{name}" type="xs:string" minOccurs="{1 if need == "KEY" else 0}"/>' for of, name, need, *_ in columns if of == table]
    xsd.append("    </xs:sequence></xs:complexType></xs:element>")
xsd += ['  </xs:choice><xs:attribute name="version" use="required" fixed="1"/></xs:complexType></xs:element>', "</xs:schema>", ""]

need = {"KEY": "needed by the layout", "DUTY": "duty, **unverified**", "VICLAS": "O. Reg. 395/23 s. 18", "NONE": ""}
rows = ["| table | column | what it is | en français | to be entered |", "|---|---|---|---|---|"]
rows += [f"| `{of}` | `{name}` | {en} | {fr} | {need[n]} |".replace("number | status | due | assigned to | text", "number, status, due, assigned to, text, with a vertical bar between").replace(
    "numéro | état | échéance | confiée à | texte", "numéro, état, échéance, confiée à, texte, séparés par une barre verticale") for of, name, n, en, fr in columns]
readme = here / "README.md"
text = readme.read_text(encoding="utf-8")
begin, end = "<!-- columns: begin -->\n", "<!-- columns: end -->\n"
fresh = text[:text.index(begin) + len(begin)] + "\n".join(rows) + "\n" + text[text.index(end):]
target = here / "mcm-contract-1.xsd"
if "--check" in sys.argv:
    if fresh != text or not target.exists() or target.read_text(encoding="utf-8") != "\n".join(xsd):
        sys.exit(f"{here}: the README or the XSD is stale; run {sys.argv[0]}")
else:
    readme.write_text(fresh, encoding="utf-8")
    target.write_text("\n".join(xsd), encoding="utf-8")
