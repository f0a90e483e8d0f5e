#!/usr/bin/env python3
"""Writes export.jsonl beside this file: a synthetic data set of every record type for the tests of exporters. All names are
invented, all numbers 555-01xx. Nobody in it is an offender: a victim, a child, a missing and a protected person, one of
whom also recruited under control. Some texts are hostile on purpose: markup, formulas, line breaks, quotation marks.
"""
import hashlib, json, pathlib, uuid

SPACE = uuid.UUID("00000000-0000-5000-8000-000000000000")
rows, line = [], [0]


def ident(name):
    return str(uuid.uuid5(SPACE, name))


def add(record, name, local=None, /, **fields):
    line[0] += 1
    row = {"recordType": record, "id": ident(name)}
    if local:
        row["localId"] = local
    row["source"] = [1, 100 * line[0], 90, line[0] + 1, 1]
    rows.append({**row, **fields})


add("Case", "case", "C-1", caseNumber="MCM-2099-1", title="Projet <EXEMPLE> & \"fils\"", status="ACTIVE", mcmClass="THRESHOLD", opened="2099-01-02", handling={"tlp": "AMBER"})
add("Occurrence", "missing", "O-1", occurrenceNumber="SYN-99-1", kind="MISSING_PERSON", reportedAt="2099-01-03T08:00:00-05:00", occurred={"start": "2099-01-02", "end": "2099-01-03"},
    location=[ident("motel")], summary={"en": "=HYPERLINK(\"http://example.invalid\",\"synthetic\")", "fr": "synthétique\nseconde ligne"},
    missing={"lastSeen": "2099-01-02T21:00:00-05:00", "lastSeenLocation": ident("motel"), "circumstances": ["RUNAWAY_HOME"]})
add("Person", "victim", "P-1", names=[{"type": "LEGAL", "full": "TESTARD VICTIME", "given": "Victime", "family": "Testard"}, {"type": "STREET", "full": "+Étoile \"<b>&amp;]]>"}],
    identifiers=[{"type": "RMS_PERSON", "value": "RMS-0001", "issuer": "example-police"}], birthDate="2075-04-05", gender="FEMININE", citizenship=["CA"], languages=["fra"],
    physical={"heightCm": 160, "eyes": "brun", "marks": ["@SUM(A1)", "étoile, poignet gauche"]})
add("Person", "child", "P-2", names=[{"type": "LEGAL", "full": "TESTARD ENFANT"}], birthDate="2086", isMinorAtReport=True)
add("Person", "gone", "P-3", names=[{"type": "LEGAL", "full": "TESTARD DISPARUE"}], birthDate="2080-06")
add("Person", "guarded", "P-4", names=[{"type": "LEGAL", "full": "TESTARD PROTEGEE"}], birthDate="2070-01-01")
add("Person", "worker", "P-5", names=[{"type": "LEGAL", "full": "EXEMPLE TEMOIN"}], birthDate="2060-12-31")
add("Organization", "police", "G-1", names=[{"full": "Example Police <Service>"}], type="MUNICIPAL_POLICE", identifiers=[{"type": "OTHER", "value": "ORG-1"}])
add("Organization", "business", "G-2", names=[{"full": "Société Exemple 99"}], type="BUSINESS", address=[ident("motel")], selectors=[ident("phone")])
add("Location", "motel", "L-1", kind="VENUE", civic={"number": "12", "street": "Exemple St", "city": "Ottawa", "province": "ON", "postalCode": "K1A 0A1", "country": "CA"}, geo={"lat": "45.4215", "lon": "-75.6972", "accuracyM": 20}, name="Motel Exemple")
add("Location", "home", "L-2", kind="RESIDENCE", civic={"number": "7", "street": "Hidden Example Crescent", "city": "Ottawa", "province": "ON", "country": "CA"}, geo={"lat": "45.4000", "lon": "-75.7000"})
add("Location", "refuge", "L-3", kind="SAFE_LOCATION", civic={"full": "3 Rue du Refuge-Exemple", "city": "Ottawa", "country": "CA"}, handling={"caveats": ["SAFE_LOCATION"]})
add("Vehicle", "car", "V-1", plate="SYN 001", plateIssuer="ON", make="Exemple", model="Berline", year=2098, colour="gris")
add("Selector", "phone", kind="PHONE", value="+16135550142", carrier="Exemple Mobile")
add("Selector", "guardedPhone", kind="PHONE", value="+16135550177")
add("Selector", "mail", kind="EMAIL", value="exemple@example.invalid", displayName="-1+cmd|' /C calc'!A0")
add("Selector", "handle", kind="SOCIAL_HANDLE", value="etoile_exemple", platform="INSTAGRAM")
add("Selector", "bank", kind="BANK_ACCOUNT", value="000-00001-0000001")
add("Advertisement", "ad", "A-1", url="https://example.invalid/ad?a=1&b=2", site="X-EXAMPLE", postId="77", postedAt="2099-01-01", captured="2099-01-02T10:00:00Z", title="\t=1+1", selectors=[ident("phone")], advertisedAge=19,
    advertisedAreas=[ident("motel")], price={"amount": "200.00", "currency": "CAD"}, indicators=["new in town"])
add("Episode", "episode", victim=ident("victim"), period={"start": "2098-11", "end": "2099-01-02"}, acts=["RECRUITS", "HARBOURS"], meansPalermo=["DECEPTION"], controls=["EMOTIONAL_ABUSE"], purposes=["SEXUAL"], venues=["CASINO"],
    recruitment=["BEFRIENDING"], relationship="INTIMATE_PARTNER", ageAtStart=23, locations=[ident("motel")])
add("Assessment", "assessment", subject=ident("victim"), kind="TRAFFICKING_STATUS", assessedAt="2099-01-05", assessor=ident("police"), traffickingStatus="ACTUAL", decisionBody="POLICE")
add("Charge", "charge", accused=ident("business"), statute={"code": "CC-279.02-1", "section": "279.02(1)"}, description="material benefit (synthetic)", victim=[ident("victim")], youth=False, offenceDate={"start": "2099-01-01"})
add("Custody", "custody", "K-1", subject=ident("worker"), event="VISIT", at={"start": "2099-01-04T09:00:00-05:00"}, facility=ident("police"), counterpart=[ident("victim")], bookingNumber="B-1")
add("Order", "order", "R-1", type="HT_RESTRAINING", number="ORD-1", issued="2099-01-06", expires="2100-01-06", protected=[ident("guarded")], conditions=[{"text": {"en": "no contact"}, "location": ident("home"), "radiusM": 500}])
add("Referral", "referral", subject=ident("victim"), **{"from": ident("police")}, to=ident("business"), reason="OTHER", sent="2099-01-07", consent=True)
add("Evidence", "evidence", "E-1", type="HASH_ONLY", exhibitNumber="EX-1", hashes=[{"algorithm": "SHA1", "value": "0" * 40}, {"algorithm": "SHA256", "value": "1" * 64}], size=1234, mime="image/jpeg", heldBy=ident("police"), containsCsaem=False)
add("Trip", "trip", persons=[ident("victim")], mode="CAR", depart={"place": ident("motel"), "at": "2099-01-01T20:00:00Z"}, arrive={"place": ident("home"), "at": "2099-01-01T22:00:00Z"}, vehicle=ident("car"))
add("Transaction", "payment", "T-1", kind="ETRANSFER", at="2099-01-02T01:02:03Z", amount={"amount": "50.00", "currency": "CAD"}, payer=ident("worker"), payee=ident("business"), reference="REF-1", channelLocation=ident("motel"))


def link(name, what, a, b, role=None, **more):
    add("Link", name, type=what, **{"from": ident(a), "to": ident(b)}, **({"role": role} if role else {}), **more, assertedBy="SOURCE")


link("l1", "ROLE_IN", "victim", "case", "VICTIM")
link("l2", "ROLE_IN", "child", "case", "VICTIM")
link("l3", "ROLE_IN", "gone", "missing", "MISSING_PERSON")
link("l4", "ROLE_IN", "victim", "case", "RECRUITER", during={"start": "2098-12"}, confidence="0.5")
link("l5", "RESIDES_AT", "guarded", "home")
link("l6", "LOCATED_AT", "guarded", "refuge", handling={"caveats": ["SAFE_LOCATION"]})
link("l7", "USES", "guarded", "guardedPhone")
link("l8", "USES", "victim", "phone")
link("l9", "OWNS", "worker", "car")
link("l10", "WORKS_FOR", "worker", "business", "WORKER")
link("l11", "FAMILY", "victim", "child")
link("l12", "ASSOCIATE", "victim", "worker")
link("l13", "PART_OF", "missing", "case")
link("l14", "MEMBER_OF", "worker", "police", "PRIMARY_INVESTIGATOR")
link("l15", "USES", "victim", "mail")
link("l16", "USES", "victim", "handle")
link("l17", "OWNS", "business", "bank")
link("l18", "ROLE_IN", "worker", "missing", "WITNESS")
rows.append({"recordType": "Cluster", "id": ident("cluster"), "source": [0], "entityType": "Person", "members": [{"ref": ident("gone"), "score": 900}, {"ref": ident("guarded"), "score": 900}],
             "method": "synthetic", "modelVersion": "1", "handling": {"handlingCode": "P", "tlp": "GREEN"}})

head = [{"recordType": "Dataset", "schemaVersion": "1.0.0", "codeListVersions": "2026-11-22", "producedBy": "casebridge 0.1.0", "producedAt": "2099-12-31T00:00:00Z", "recipient": "self"},
        {"recordType": "Source", "source": 1, "name": "synthetic <export> & \"more\".csv", "sha256": "0" * 64, "bytes": 9999, "agency": "example-police", "agencyName": {"en": "Example Police", "fr": "Police d'exemple"},
         "agencyType": "MUNICIPAL_POLICE", "system": "SYNTHETIC", "importer": "casebridge 0.1.0", "mappingVersion": "synthetic/1", "recordedAt": "2099-12-31T00:00:00Z", "legalAuthority": "CSPA_DUTY",
         "handling": {"handlingCode": "P", "tlp": "GREEN"}}]
text = "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in head + rows)
counts = {}
for r in rows:
    counts[r["recordType"]] = counts.get(r["recordType"], 0) + 1
end = {"recordType": "DatasetEnd", "sources": 1, "counts": dict(sorted(counts.items())), "sha256": hashlib.sha256(text.encode()).hexdigest()}
pathlib.Path(__file__).with_name("export.jsonl").write_text(text + json.dumps(end, separators=(",", ":")) + "\n", encoding="utf-8")
