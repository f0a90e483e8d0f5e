#!/usr/bin/env python3
"""Writes the synthetic workbooks among the samples, by the standard library alone: the same bytes at every call.

  make_workbooks.py [SAMPLES]      the folder of samples, else the one beside this file
"""
import csv, datetime, pathlib, sys

sys.dont_write_bytecode = True
from sheets import Error, Formula, Sheet, book

HERE = pathlib.Path(__file__).resolve().parent
DAY, AT = datetime.date, datetime.datetime


def tips(out):
    rows = [["Signalements synthétiques, ligne d'exemple"], [],
            ["NO SIGNALEMENT", "REÇU LE", "SURNOM", "LIEU", "ADRESSE", "TÉLÉPHONE", "MESSAGE", "RAPPELER AU"],
            ["ST-990003", AT(2099, 3, 5, 1, 15), "Maya", "Auberge Exemple 17", "17 Exemple Road", "613-555-0143", "Deux voix,\nune porte rouge.", "613-555-0112"],
            ["ST-990004", DAY(2099, 3, 6), None, None, None, Formula("VLOOKUP(A5,Lieux!A:B,2)", None), "Signalement synthétique.", None],
            ["ST-990005", "07/03/2099 09:30", None, Error("#N/A"), "88 Test Highway", 6135550144, "Signalement synthétique.", None]]
    book(out / "tip-line" / "tips.xlsx", [Sheet("Signalements", rows, hidden_rows={5}), Sheet("Lieux", [["Code", "Lieu"], ["A", "Auberge Exemple 17"]])])


def register(out):
    first = [["Register, house 1 (synthetic)"], [],
             ["File", "Person", None, None, "Stay", None, "Contact", None, "Initials"],
             [None, "Given", "Family", "Born", "From", "To", "Phone", "E-mail", None],
             ["R-9901", "Maelle", "Testard", DAY(2084, 4, 11), AT(2099, 1, 3, 20, 5), DAY(2099, 1, 9), "613-555-0142", "maelle@example.ca", "AB"],
             ["R-9902", "Ana", "Exemple", "4/2081", DAY(2099, 1, 5), None, "REFUSED", Formula('LOWER(B6)&"@example.ca"', "ana@example.ca"), "AB"],
             ["R-9903", "Noé", "Fictif", 2079, DAY(2099, 1, 6), Formula("E7+3", None), "(705) 555-0101", None, "CD"]]
    second = [["Register, house 2 (synthetic)"], [],
              ["File", "Contact", "Person", None, None, "Stay", None, "Initials"],
              [None, "Phone", "Family", "Given", "Born", "From", "To", None],
              ["R-9950", 7055550102, "Modèle", "Zoé", "?", DAY(2099, 2, 1), DAY(2099, 2, 2), "EF"]]
    merged = ["A3:A4", "B3:D3", "E3:F3", "G3:H3", "I3:I4"]
    book(out / "shelter-register" / "register.xlsx",
         [Sheet("House 1", first, merged=merged, hidden_rows={7}), Sheet("House 2", second, merged=["A3:A4", "C3:E3", "F3:G3", "H3:H4"]), Sheet("Notes", [["Written by hand; synthetic"]])])


def htcds(out):
    """The CSV samples as workbooks: the same rows, the same cells."""
    for source in sorted((out / "htcds").glob("*.csv")):
        with open(source, encoding="utf-8", newline="") as file:
            book(out / "htcds" / (source.stem + ".xlsx"), [("Cases", list(csv.reader(file)))])


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for write in (tips, register, htcds):
        write(out)


if __name__ == "__main__":
    main()
