#!/usr/bin/env python3
"""Writes the seven feeds of the joint-forces night, and truth.json: what was planted, what is a trap, what must not happen.

  make_night.py OUT [--scale S] [--seed N] [--night K]     1.0 gives about 20,000 source records, 50 a million; the same bytes at every call

All of it is synthetic: invented names, telephone numbers 555-01xx, an invented Nation. The night is 2025-03-04. Seed 0 is the
night of the page beside this file; any other seed gives other names, numbers, places and another renamed column.

--night K writes the feeds as they come K nights later: every night some records are new, some say something else, and some are
no longer sent; on the fourth night a second column is renamed. From the first later night on there is an eighth feed,
youth-court.jsonl (case data of an invented court), whose records are to be forgotten one after the other as their time ends.
"""
import argparse, datetime, hashlib, json, pathlib, random, re, sys, uuid
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import sheets

NIGHT = datetime.datetime(2025, 3, 4)
AREAS = [204, 226, 236, 249, 250, 289, 306, 343, 365, 403, 416, 418, 431, 437, 438, 450, 506, 514, 519, 548, 579, 581, 587, 604, 613, 639, 647, 672, 705, 709, 778, 780, 782, 807, 819, 825, 867, 873, 902, 905]
GIVEN = """Anouk Béatrice Chloé Dominique Élodie Félix Gisèle Hugo Inès Kiona Léo Noé Océane Pascal Quentin Rosalie Simon Théo Ursule Victor William Xavier Yvette Zoé Amber Blake
Casey Dana Erin Frances Glenn Harper Ivy Joan Kelly Logan Morgan Nadia Owen Parker Quinn Riley Skyler Taylor Uma Vera Wren Yael Abel Bruno Clara Denis Edith Fabien Germain Hélène Irène Jules Karine Lucie Marcel""".split()
SYLLABLES = ["bel", "cor", "dau", "fon", "gar", "lam", "mar", "nor", "pel", "ros", "sau", "tur", "val", "ber", "cha", "dor", "fle", "gui", "lec", "mon"]
ENDS = ["eau", "ier", "mont", "ville", "son", "ley", "field", "ard", "ette", "in", "ois", "ham", "wick", "ant", "ert", "el", "on", "ane"]
STREETS = ["Chemin Modèle", "Example Road", "rue de l'Exemple", "Sample Street", "Placeholder Lane", "avenue Fictive", "Test Crescent", "boulevard Démo"]
TOWNS = ["Testville", "Sampletown", "Fictiveton", "Modèleville", "Port-Exemple"]


TIPS, CORRECTIONS = "tips.xlsx", "corrections.txt"


class Names:
    """The people and things of the story. Seed 0 tells it as the page does."""

    def __init__(self, seed):
        r = random.Random(f"story {seed}")
        first = seed == 0
        self.girl = ("TESTARD EXEMPLE", "Maelle", "Maëlle", "Testard-Exemple") if first else r.choice(
            [("TESTARD EXEMPLE", "Maelle", "Maëlle", "Testard-Exemple"), ("SPECIMEN TREMBLE", "Noemie", "Noémie", "Spécimen-Tremble"), ("MODELE LAVOIE", "Zoelle", "Zoëlle", "Modèle-Lavoie")])
        self.girl_born = "2009-04-11" if first else f"{r.choice([2009, 2010])}-{r.randint(1, 12):02}-{r.randint(2, 28):02}"
        self.nick, self.alias = ("Maé", "Maya") if first else r.choice([("Maé", "Maya"), ("Lili", "Luna"), ("Noé", "Nova")])
        self.motel = ("Motel Route Démo 401", "401 Route Démo, Testville, ON K0A 0Z9") if first else r.choice([("Motel Route Démo 401", "401 Route Démo, Testville, ON K0A 0Z9"), ("Auberge Exemple 17", "17 Exemple Road, Testville, ON K0A 0Z8"), ("Motel du Test", "88 Test Highway, Testville, ON K0A 0Z7")])
        self.phone = "613-555-0142" if first else f"{r.choice(AREAS)}-555-01{r.randint(40, 69)}"
        self.protected = "613-555-0177" if first else f"{r.choice(AREAS)}-555-01{r.randint(70, 89)}"
        self.switchboard = "705-555-0100"
        self.solicitor = "416-555-0199"
        self.plate = "DEMO 417" if first else f"DEMO {r.randint(400, 499)}"
        self.man = ("FICTIF", "JORDAN T.", "Jordan", "1989-07-30", "1998-07-30") if first else r.choice(
            [("FICTIF", "JORDAN T.", "Jordan", "1989-07-30", "1998-07-30"), ("INVENTE", "DARIUS M.", "Darius", "1987-02-19", "1978-02-19"), ("SAMPLER", "CORWIN B.", "Corwin", "1990-11-05", "1999-11-05")])
        self.visitor = ("Placeholder", "K.", "1994-10-02") if first else r.choice([("Placeholder", "K.", "1994-10-02"), ("Dummyson", "R.", "1991-05-23"), ("Nullmann", "T.", "1996-12-14")])
        self.licence = f"D{r.randint(1000, 9999)}-{r.randint(10000, 99999)}-{r.randint(10000, 99999)}"
        self.home = f"{r.randint(10, 99)} Placeholder Lane, Testville"
        # The column that corrections renamed tonight: the name of the layout, and tonight's.
        self.renamed = ("CALLED_NO", "DIALLED_NO") if first else r.choice([("CALLED_NO", "DIALLED_NO"), ("VISITOR", "VISITOR_NM"), ("EVT_AT", "EVENT_AT")])


class Night:
    def __init__(self, out, scale, seed, night=0):
        self.out, self.scale, self.seed, self.night, self.now = pathlib.Path(out), scale, seed, night, NIGHT
        self.story = Names(seed)
        self.truth = {"synthetic": True, "night": f"{NIGHT + datetime.timedelta(days=night):%Y-%m-%d}", "seed": seed, "scale": scale, "records": {}, "places": {}}
        taken = {self.story.phone, self.story.protected, self.story.switchboard, self.story.solicitor}
        self.phones = [n for n in (f"{a}-555-01{i:02}" for a in AREAS for i in range(100)) if n not in taken]
        r = random.Random(f"people {seed}")
        families = sorted({a + b + e for a in SYLLABLES for b in ["", *SYLLABLES[:9]] for e in ENDS})
        self.people = []
        for _ in range(max(50, int(9000 * scale))):  # who they are stays the same from feed to feed
            born = datetime.date(1950, 1, 1) + datetime.timedelta(days=r.randrange(20000))
            self.people.append((r.choice(families).capitalize(), r.choice(GIVEN), born.isoformat(), f"{r.randint(1, 999)} {r.choice(STREETS)}, {r.choice(TOWNS)}"))

    def count(self, base):
        return max(8, int(base * self.scale))

    def random(self, feed):
        return random.Random(f"{feed} {self.seed}")

    def moment(self, r, days, form="%Y-%m-%d %H:%M"):
        return (self.now - datetime.timedelta(minutes=r.randrange(1, days * 1440))).strftime(form)

    def born(self, r, person):
        return "1900-01-01" if r.random() < 0.02 else person[2]  # a clerk's way to say "not known"

    def note(self, what, file, line, key=None):
        self.truth["places"][what] = {"file": file, "line": line, **({"key": key} if key else {})}

    def tonight(self, feed, i, text, since=0):
        """The record as this night's feed has it: as it was, changed, or None where it is no longer sent."""
        r = random.Random(f"{feed} {i} {since} {self.seed} later")
        if r.random() < 0.1 and self.night >= since + r.randint(1, 20):
            return None
        if r.random() < 0.2 and self.night >= since + r.randint(1, 15):
            digits = f"{r.randint(0, 99):02}"
            text = re.sub(r"(555-01|BKGD \d{3}|Highway |km )\d\d", lambda m: m.group(1) + digits, text, count=1)
        return text

    def added(self, feed, base):
        """(night, random, number) of each record that came since the first night."""
        for night in range(1, self.night + 1):
            self.now = NIGHT + datetime.timedelta(days=night)
            r = random.Random(f"{feed} {self.seed} night {night}")
            for i in range(max(1, int(base * self.scale) // 50)):
                yield night, r, 500000 + night * 5000 + i
        self.now = NIGHT

    def write(self, name, data):
        (self.out / name).write_bytes(data)

    def run(self):
        self.out.mkdir(parents=True, exist_ok=True)
        self.missing(), self.wellness(), self.tips(), self.ads(), self.stops(), self.corrections(), self.orders(), self.court(), self.tell()

    def missing(self):
        """Municipal missing persons, CSV in Windows-1252."""
        r, s, rows = self.random("missing"), self.story, ["REPORT_NO,REPORTED,NAME,BORN,SEX,LAST_SEEN,PLACE,WHY,STATUS,PHONE,HEIGHT_CM,EYES,HAIR,MARKS,CLERK"]
        n = self.count(600)
        at = n * 2 // 3
        for i in range(n):
            if i == at:
                key = "MP-2025-9001"
                rows.append(f'{key},2025-03-02 21:10,"{s.girl[0]}, {s.girl[1]}",{s.girl_born},F,2025-03-01 18:00,"{r.randint(1, 99)} Chemin Modèle, Testville",HOME,OPEN,,161,brown,black,,clerk1')
                self.note("missing-child", "missing-persons.csv", len(rows), key)
                continue
            rows.append(self.tonight("missing", i, self.report(r, i)))
        rows += [self.tonight("missing", i, self.report(r, i), night) for night, r, i in self.added("missing", 600)]
        rows = [row for row in rows if row is not None]
        self.truth["records"]["missing-persons.csv"] = len(rows) - 1
        self.write("missing-persons.csv", ("\r\n".join(rows) + "\r\n").encode("cp1252"))

    def report(self, r, i):
        p = r.choice(self.people)
        phone = self.story.switchboard if r.random() < 0.1 else r.choice(self.phones)
        return (f'MP-2025-{i + 1:06},{self.moment(r, 60)},"{p[0].upper()}, {p[1]}",{self.born(r, p)},{r.choice("FMX")},{self.moment(r, 70)},"{p[3]}",{r.choice(["NOCONTACT", "FEAR", "CARE", "HOME"])},'
                f'{r.choice(["OPEN", "SAFE", "HOME"])},{phone},{r.randint(140, 195)},brown,black,{"étoile; papillon" if i % 7 == 0 else ""},clerk{i % 3}')

    def wellness(self):
        """Wellness checks of a First Nations police service, JSON Lines; governed data."""
        r, s, lines = self.random("wellness"), self.story, []
        n = self.count(900)
        at = n // 2
        for i in range(n):
            line = self.check(r, i)
            if i == at:
                check = {"checkId": "WC-900001", "checkedAt": "2025-02-18T16:40:00-05:00", "subject": {"given": s.girl[2], "family": s.girl[3], "born": s.girl_born}, "place": "Band office road, Testville", "outcome": "well",
                         "vehicle": {"plate": s.plate, "province": "ON", "colour": "grey"}}
                self.note("wellness-check", "wellness-checks.jsonl", len(lines) + 1, "WC-900001")
                line = json.dumps(check, ensure_ascii=False)
            else:
                line = self.tonight("wellness", i, line)
            lines += [line] if line is not None else []
        more = [self.tonight("wellness", i, self.check(r, i), night) for night, r, i in self.added("wellness", 900)]
        lines += [line for line in more if line is not None]
        self.truth["records"]["wellness-checks.jsonl"] = len(lines)
        self.write("wellness-checks.jsonl", ("\n".join(lines) + "\n").encode())

    def check(self, r, i):
        p, key = r.choice(self.people), f"WC-{i + 1:06}"
        check = {"checkId": key, "checkedAt": self.moment(r, 90, "%Y-%m-%dT%H:%M:00-05:00"), "subject": {"given": p[1], "family": p[0], "born": self.born(r, p)}, "place": p[3], "outcome": "well"}
        if r.random() < 0.3:
            check["vehicle"] = {"plate": f"FNPS {r.randint(1, 9999):04}", "province": "ON"}  # plates that no other feed has
        return json.dumps(check, ensure_ascii=False)

    def tips(self):
        """The police tip line, a workbook in French; tipsters are anonymous, and the number to call back is nobody's business."""
        r, s = self.random("tips"), self.story
        rows = [["NO SIGNALEMENT", "REÇU LE", "SURNOM", "LIEU", "ADRESSE", "TÉLÉPHONE", "MESSAGE", "RAPPELER AU"]]
        n = self.count(500)
        at = n // 3
        for i in range(n):
            if i == at:
                rows.append(["ST-900001", datetime.datetime(2025, 3, 3, 22, 40), s.nick, *s.motel, s.phone, f"Une fille très jeune, surnommée {s.nick}, au {s.motel[0]}.", s.protected])
                self.note("tip", TIPS, len(rows), "ST-900001")
                continue
            common = r.random() < 0.5
            rows.append([f"ST-{i + 1:06}", datetime.datetime.fromisoformat(self.moment(r, 30)), "", f"Motel {r.choice(TOWNS)} {r.randint(1, 400)}", f"{r.randint(1, 999)} {r.choice(STREETS)}",
                         s.switchboard if common else r.choice(self.phones), "Signalement synthétique.", r.choice(self.phones)])
        self.truth["records"][TIPS] = n
        sheets.book(self.out / TIPS, [("Signalements", rows)])

    def ads(self):
        """Online advertisements, JSON Lines; one line was cut off."""
        r, s, lines = self.random("ads"), self.story, []
        n = self.count(3000)
        at, cut = n // 4, n // 2
        for i in range(n):
            key = f"A-{i + 100000}"
            ad = {"adId": key, "site": r.choice(["escort", "dating", "forum"]), "url": f"https://ads.invalid/{i + 100000}", "postedAt": self.moment(r, 20, "%Y-%m-%dT%H:%M:00-05:00"),
                  "capturedAt": "2025-03-04T00:30:00-05:00", "alias": r.choice(["Lune", "Star", "Ambre", "Sky"]), "age": r.randint(18, 29), "title": "synthetic advertisement",
                  "contact": {"phone": s.switchboard if r.random() < 0.5 else r.choice(self.phones)}, "price": {"amount": str(r.choice([80, 120, 200])), "currency": "CAD"}}
            if i == at:
                ad.update({"adId": "A-900001", "site": "escort", "postedAt": "2025-03-03T10:20:00-05:00", "alias": s.alias, "age": 19, "contact": {"phone": s.phone}})
                self.note("ad", "online-ads.jsonl", len(lines) + 1, "A-900001")
            line = json.dumps(ad, ensure_ascii=False)
            if i == cut:
                line = line[:90]
                self.note("truncated", "online-ads.jsonl", len(lines) + 1)
            elif i != at and (line := self.tonight("ads", i, line)) is None:
                continue
            lines.append(line)
        self.truth["records"]["online-ads.jsonl"] = len(lines)
        self.write("online-ads.jsonl", ("\n".join(lines) + "\n").encode())

    def stops(self):
        """Provincial traffic stops, NIEM XML, one large document. The planted stop comes twice; one date of birth does not exist."""
        r, s = self.random("stops"), self.story
        n = self.count(8000)
        planted, again, impossible, namesake = n // 2, n * 3 // 4, n - 2, n // 3
        line, left = 3, 0
        with open(self.out / "traffic-stops.xml", "w", encoding="utf-8", newline="\n") as out:
            out.write('<?xml version="1.0" encoding="UTF-8"?>\n<!-- synthetic -->\n<ts:TrafficStopExchange xmlns:ts="urn:example:traffic-stops:1" xmlns:nc="http://release.niem.gov/niem/niem-core/5.0/" '
                      'xmlns:j="http://release.niem.gov/niem/domains/jxdm/7.2/" xmlns:s="http://release.niem.gov/niem/structures/5.0/">\n')
            for i in range(n):
                p = r.choice(self.people)
                stop = dict(key=f"TS-{i + 1:06}", at=self.moment(r, 45, "%Y-%m-%dT%H:%M:00-05:00"), place=f"Highway {r.randint(2, 99)} km {r.randint(1, 700)}", address=f"{r.randint(1, 999)} {r.choice(STREETS)}, {r.choice(TOWNS)}",
                            plate=f"BKGD {r.randint(1, 99999):05}", family=p[0], given=p[1], born=self.born(r, p), licence=f"B{i % 10000:04}-{i // 10000:05}-{i % 97:05}" if r.random() < 0.7 else "", home=p[3])
                if i in (planted, again):
                    stop.update(key="TS-900001", at="2025-03-04T01:35:00-05:00", place=s.motel[0], address=s.motel[1], plate=s.plate.replace(" ", ""), family=s.visitor[0], given=s.visitor[1], born=s.visitor[2],
                                licence=s.licence, home=f"{19} Sample Street, Testville")
                    self.note("stop" if i == planted else "stop-again", "traffic-stops.xml", line + 1, "TS-900001")
                if i == namesake:
                    stop.update(key="TS-900002", family=s.man[0].capitalize(), given=s.man[2], born=s.man[4], home=s.home, licence="")
                    self.note("namesake", "traffic-stops.xml", line + 1, "TS-900002")
                if i == impossible:
                    stop.update(key="TS-900003", born="1987-02-30")
                    self.note("impossible-date", "traffic-stops.xml", line + 14, "TS-900003")  # the line of the date itself
                text = stop_xml(stop, i)
                if i not in (planted, again, namesake, impossible) and (text := self.tonight("stops", i, text)) is None:
                    left += 1
                    continue
                line += text.count("\n")
                out.write(text)
            out.write("</ts:TrafficStopExchange>\n")
        self.truth["records"]["traffic-stops.xml"] = n - left

    def corrections(self):
        """Custody events, fixed width under a header line of which one column was renamed tonight."""
        r, s = self.random("corrections"), self.story
        renamed = dict([s.renamed] + ([next(pair for pair in (("EVT_AT", "EVENT_AT"), ("VISITOR", "VISITOR_NM")) if pair != s.renamed)] if self.night >= 4 else []))
        head = "".join(renamed.get(name, name).ljust(width) for name, width in CUSTODY).rstrip().encode()
        lines = [head]
        n = self.count(6000)
        man = dict(OTIS_NO="OT90000001", INMATE=f"{s.man[0]}, {s.man[1]}", BORN=s.man[3], STATUS="REMAND")
        call = dict(EVENT="CALL", LEGAL="N", DUR_S="312")
        planted = {n // 5: ("custody-call", {**man, **call, "EVT_NO": "E900000001", "EVT_AT": "2025-03-02 19:05", "CALLED_NO": s.phone}),
                   n * 2 // 5: ("custody-visit", {**man, "EVENT": "VISIT", "EVT_NO": "E900000002", "EVT_AT": "2025-03-03 13:30", "LEGAL": "N", "VISITOR": f"{s.visitor[0].upper()}, {s.visitor[1]}", "VIS_BORN": s.visitor[2], "VIS_LIC": s.licence}),
                   n // 2: ("protected-call", {**man, **call, "EVT_NO": "E900000003", "EVT_AT": "2025-03-03 20:15", "CALLED_NO": s.protected}),
                   n * 3 // 5: ("solicitor-call", {**man, **call, "EVT_NO": "E900000004", "EVT_AT": "2025-03-03 15:00", "CALLED_NO": s.solicitor, "LEGAL": "Y"}),
                   n // 6: ("admission", {**man, "EVENT": "ADMIT", "EVT_NO": "E900000005", "EVT_AT": "2025-02-20 11:00", "LEGAL": "N"})}
        inmates = [(p, f"OT{i + 1:08}", r.choice(["REMAND", "SENTENCED", "IMMIGRATION"])) for i, p in enumerate(self.people[: max(10, n // 6)])]
        legal = 1
        for i in range(n):
            if i in planted:
                what, row = planted[i]
                self.note(what, CORRECTIONS, len(lines) + 1, row["EVT_NO"])
            else:
                p, number, status = r.choice(inmates)
                row = dict(EVT_NO=f"E{i + 1:09}", EVENT=r.choice(["CALL", "CALL", "CALL", "VISIT", "ADMIT"]), EVT_AT=self.moment(r, 14), OTIS_NO=number, INMATE=f"{p[0].upper()}, {p[1].upper()}", BORN=p[2], STATUS=status, LEGAL="N")
                if row["EVENT"] == "CALL":
                    row.update(CALLED_NO=s.switchboard if r.random() < 0.3 else r.choice(self.phones), DUR_S=str(r.randint(5, 1200)))
                if row["EVENT"] == "VISIT":
                    v = r.choice(self.people)
                    row.update(VISITOR=f"{v[0].upper()}, {v[1]}", VIS_BORN=self.born(r, v))
                if self.tonight("corrections", i, "") is None:
                    continue
            lines.append(b"".join(row.get(name, "").encode().ljust(width)[:width] for name, width in CUSTODY).rstrip())  # widths are bytes
        for night, more, i in self.added("corrections", 6000):
            p, number, status = more.choice(inmates)
            row = dict(EVT_NO=f"E{i + 1:09}", EVENT="CALL", EVT_AT=self.moment(more, 14), OTIS_NO=number, INMATE=f"{p[0].upper()}, {p[1].upper()}", BORN=p[2], STATUS=status, LEGAL="N",
                       CALLED_NO=s.switchboard if more.random() < 0.3 else more.choice(self.phones), DUR_S=str(more.randint(5, 1200)))
            lines.append(b"".join(row.get(name, "").encode().ljust(width)[:width] for name, width in CUSTODY).rstrip())
        self.truth["records"][CORRECTIONS] = len(lines) - 1
        self.truth["solicitorCalls"] = legal
        self.truth["renamed"] = {"file": CORRECTIONS, "layout": s.renamed[0], "tonight": s.renamed[1]}
        self.write(CORRECTIONS, b"\n".join(lines) + b"\n")

    def orders(self):
        """Court orders, CSV; one kind of order that no list knows."""
        r, s, rows = self.random("orders"), self.story, ["ORDER_NO,KIND,ISSUED,EXPIRES,COURT,RESPONDENT,RESP_BORN,RESP_ADDRESS,PROTECTED,PROT_BORN,PROT_PHONE,CONDITION"]
        n = self.count(1000)
        at, unknown = n // 2, n // 4
        for i in range(n):
            if i == at:
                rows.append(f'CO-900001,NCD,2025-02-21,2025-03-13,Testville court,"{s.man[0].capitalize()}, {s.man[2]}",{s.man[3]},"{s.home}","PROTEGEE, Nadine",1985-03-09,{s.protected},No contact direct or indirect')
                self.note("order", "court-orders.csv", len(rows), "CO-900001")
                continue
            row = self.order(r, i, "ZZ9" if i == unknown else None)
            if i == unknown:
                self.note("unknown-code", "court-orders.csv", len(rows) + 1, f"CO-{i + 1:06}")
            rows += [row] if i == unknown or self.tonight("orders", i, row) is not None else []
        rows += [self.order(r, i) for night, r, i in self.added("orders", 1000)]
        self.truth["records"]["court-orders.csv"] = len(rows) - 1
        self.write("court-orders.csv", ("\n".join(rows) + "\n").encode())

    def order(self, r, i, kind=None):
        p, q = r.choice(self.people), r.choice(self.people)
        usual = r.choice(["PB", "PROB", "REL"])
        kind = kind or usual
        return (f'CO-{i + 1:06},{kind},{self.moment(r, 300, "%Y-%m-%d")},2025-{r.randint(6, 12):02}-{r.randint(1, 28):02},Testville court,"{p[0]}, {p[1]}",{self.born(r, p)},"{p[3]}",'
                f'"{q[0]}, {q[1]}",{q[2]},,Keep the peace')

    def court(self):
        """From the first later night on: youth records as case data. Two charges end every night."""
        if not self.night:
            return
        agency = {"recordType": "Source", "source": 1, "name": "youth-court.csv", "sha256": hashlib.sha256(f"{self.seed} {self.night}".encode()).hexdigest(), "bytes": 100000, "agency": "example-youth-court",
                  "agencyName": {"en": "Example Youth Court", "fr": "Tribunal pour adolescents d'exemple"}, "agencyType": "COURT", "system": "YC", "importer": "example/1", "mappingVersion": "1",
                  "recordedAt": f"{NIGHT + datetime.timedelta(days=self.night):%Y-%m-%d}T00:00:00Z", "legalAuthority": "CSPA_80_LE", "handling": {"handlingCode": "P", "caveats": ["YCJA_RECORD"]}}
        rows = [{"recordType": "Dataset", "schemaVersion": "1.0.0", "producedBy": "example", "producedAt": agency["recordedAt"], "recipient": "self"}, agency]
        self.truth["endsOn"] = {}
        for i in range(2 * 40):
            ends = NIGHT + datetime.timedelta(days=1 + i // 2)        # two months after the charge was withdrawn
            if ends < NIGHT + datetime.timedelta(days=self.night):
                continue                                              # the court has let go of it
            name = lambda what: str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:example:youth-court:{self.seed}:{what}:{i}"))
            place = lambda part: [1, 1000 * i + 100 * part, 90, i + 2, 1]
            key = f"YC-{self.seed}-{i:04}"
            decided = f"{ends.year}-{ends.month - 2:02}-{ends.day:02}"
            rows.append({"recordType": "Person", "id": name("person"), "source": place(0), "localId": key + "/P", "names": [{"type": "LEGAL", "full": f"Youthful{i:04} Exemple"}], "birthDate": "2009-01-02"})
            rows.append({"recordType": "Charge", "id": name("charge"), "source": place(1), "localId": key, "accused": name("person"), "description": "synthetic", "procedure": "SUMMARY", "outcome": "WITHDRAWN", "outcomeDate": decided, "youth": True})
            self.truth["endsOn"][key] = f"{ends:%Y-%m-%d}"
        body = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        end = {"recordType": "DatasetEnd", "sources": 1, "counts": {"Charge": (len(rows) - 2) // 2, "Person": (len(rows) - 2) // 2}, "sha256": hashlib.sha256(body.encode()).hexdigest()}
        self.write("youth-court.jsonl", (body + json.dumps(end, separators=(",", ":")) + "\n").encode())

    def tell(self):
        s = self.story
        self.truth.update({
            "links": [
                {"link": 1, "how": "cluster", "of": ["missing-child", "wellness-check"], "why": "name and date of birth"},
                {"link": 2, "how": "shares", "what": "vehicle", "value": s.plate.replace(" ", ""), "of": ["wellness-check", "stop"]},
                {"link": 3, "how": "shares", "what": "place", "value": s.motel[0], "of": ["tip", "stop"]},
                {"link": 4, "how": "shares", "what": "phone", "value": s.phone, "of": ["tip", "ad"]},
                {"link": 5, "how": "shares", "what": "phone", "value": s.phone, "of": ["ad", "custody-call"], "after": "replay"},
                {"link": 6, "how": "cluster", "of": ["stop", "custody-visit"], "why": "name, date of birth and licence", "after": "replay"},
                {"link": 7, "how": "cluster", "of": ["custody-call", "order"], "why": "name and date of birth", "after": "replay"}],
            "alert": {"what": "a person under a no-contact order called the protected person's number", "of": ["order", "protected-call"], "value": s.protected, "expires": "2025-03-13"},
            "traps": {
                "namesake": {"born": s.man[4], "never": ["namesake", "order"]},
                "commonPhone": s.switchboard, "commonBirthDate": "1900-01-01",
                "sentTwice": ["stop", "stop-again"],
                "drift": self.truth["renamed"], "quarantined": ["impossible-date", "truncated"], "unknownCode": "unknown-code"},
            "mustNot": [
                {"never": "the child is merged with the alias or the nickname", "child": ["missing-child", "wellness-check"], "names": [s.alias, s.nick]},
                {"never": "the child gets an offender role or a score"},
                {"never": "the visitor is anything but VISITOR"},
                {"never": "a person on remand is called anything else", "status": "REMAND"},
                {"never": "a call to a solicitor is kept", "value": s.solicitor, "counted": self.truth["solicitorCalls"]},
                {"never": "a tipster is linked", "value": s.protected, "file": TIPS},
                {"never": "the protected number reaches any output but the owner's", "value": s.protected},
                {"never": "the joint force sees the granted record, the car known only through it, or a trace of it", "agency": "example-fn-ps", "plates": "FNPS"}]})
        self.write("truth.json", (json.dumps(self.truth, ensure_ascii=False, indent=1) + "\n").encode())


CUSTODY = [("EVT_NO", 11), ("EVENT", 6), ("EVT_AT", 17), ("OTIS_NO", 11), ("INMATE", 30), ("BORN", 11), ("STATUS", 12), ("CALLED_NO", 13), ("LEGAL", 6), ("DUR_S", 6), ("VISITOR", 30), ("VIS_BORN", 11), ("VIS_LIC", 17)]


def stop_xml(stop, i):
    licence = f"\n    <j:DriverLicense>\n     <j:DriverLicenseIdentification>\n      <nc:IdentificationID>{stop['licence']}</nc:IdentificationID>\n      <nc:IdentificationSourceText>ON</nc:IdentificationSourceText>\n     </j:DriverLicenseIdentification>\n    </j:DriverLicense>" if stop["licence"] else ""
    return f""" <ts:TrafficStop>
  <nc:ActivityIdentification>
   <nc:IdentificationID>{stop['key']}</nc:IdentificationID>
  </nc:ActivityIdentification>
  <nc:ActivityDate>
   <nc:DateTime>{stop['at']}</nc:DateTime>
  </nc:ActivityDate>
  <j:Driver>
   <nc:RoleOfPerson s:ref="P{i}"/>
  </j:Driver>
  <nc:Person s:id="P{i}">
    <nc:PersonBirthDate>
     <!-- as on the licence -->
     <nc:Date>{stop['born']}</nc:Date>
    </nc:PersonBirthDate>
    <nc:PersonName>
     <nc:PersonGivenName>{escape(stop['given'])}</nc:PersonGivenName>
     <nc:PersonSurName>{escape(stop['family'])}</nc:PersonSurName>
    </nc:PersonName>{licence}
    <nc:PersonResidence>
     <nc:AddressFullText>{escape(stop['home'])}</nc:AddressFullText>
    </nc:PersonResidence>
  </nc:Person>
  <nc:Vehicle>
   <j:ConveyanceRegistrationPlateIdentification>
    <nc:IdentificationID>{stop['plate']}</nc:IdentificationID>
    <nc:IdentificationJurisdiction>ON</nc:IdentificationJurisdiction>
   </j:ConveyanceRegistrationPlateIdentification>
  </nc:Vehicle>
  <nc:Location>
   <nc:LocationName>{escape(stop['place'])}</nc:LocationName>
   <nc:AddressFullText>{escape(stop['address'])}</nc:AddressFullText>
  </nc:Location>
 </ts:TrafficStop>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--night", type=int, default=0, help="so many nights later (0 to 39)")
    args = parser.parse_args()
    Night(args.out, args.scale, args.seed, args.night).run()


if __name__ == "__main__":
    main()
