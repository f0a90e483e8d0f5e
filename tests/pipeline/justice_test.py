"""Public sample files of the justice XML family, whole folders, as a user would convert them. The books balance and the
counts per type are the ones explained here. Nothing of those files stands in this repository."""
import glob
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

from harness import *

XSD = "{http://www.w3.org/2001/XMLSchema}"
DOUBTS = {"E-TOKEN-NO-KEY", "E-ID-FORM", "E-TEXT-MASKED", "E-VIN-FORM", "E-PHONE-UNASSIGNED", "E-DATE-NO-ZONE"}


def roles(out):
    """Who has which role: ids of persons by role."""
    by_role = {}
    for r in records(out / "case.jsonl"):
        if r["recordType"] == "Link" and "role" in r:
            by_role.setdefault(r["role"], set()).add(r["from"])
    return by_role


def test_ndex_whole_messages_are_refused_at_byte_913_and_the_halves_are_read():
    out, total = whole_run("ndex-lexs/samples", 3)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (14, 8, 5, 1), "source records: one package, or one payload, for each file")
    verdicts = [l.split("\t") for l in (shared("ndex-lexs") / "VERDICTS.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    refused = {pathlib.PurePath(v[0]).name for v in verdicts if v[1] == "not-well-formed"}
    equal(len(refused), 5, "files that the verdicts call not well-formed")
    causes = [f for f in findings(out) if f["code"] == "E-XML-DECL-PLACE"]
    equal({pathlib.PurePath(f["input"]).name for f in causes}, refused, "the cause is said for each")
    equal({(f["line"], f["offset"]) for f in causes}, {(19, 913)}, "and the byte")
    for name, feed in by_name(out).items():
        equal(feed["sourceRecords"]["quarantined"], 1 if name in refused else 0, name)
    equal(by_name(out)["N-DEx-delete-lexs.xml"]["sourceRecords"]["skipped"], {"DELETE": 1}, "a withdrawal")
    equal(total["caseRecords"], {
        "Charge": 3,          # of three payloads that stand alone
        "Evidence": 16,       # property of the long burglary
        "Link": 133,          # 28 + 83 + 5 + 17: one for each association but the structural ones
        "Location": 9,        # 3 + 4 + 2
        "Occurrence": 17,     # the halves: 4 + 6 + 2 + 1, and one for each of four payloads alone
        "Order": 1,           # the warrant
        "Organization": 8,    # 1 + 5 + 1 + 1
        "Person": 19,         # 6 + 7 + 2 + 4
        "Selector": 6,
    }, "case records by type")
    check({f["code"] for f in findings(out)} <= DOUBTS | {"E-XML-DECL-PLACE", "E-INPUT-BROKEN"}, "only doubts about single values, and the five files")


def test_ndex_with_recovery_the_whole_messages_join_digest_and_payload():
    out, total = whole_run("ndex-lexs/samples", 0, "--recover", name="ndex-recovered")
    equal((total["mapped"], total["quarantined"], total["skipped"]), (12, 0, 2), "source records")
    equal(by_name(out)["N-DEx-delete.xml"]["sourceRecords"]["skipped"], {"DELETE": 1}, "a withdrawal")
    made = [r for r in records(out / "case.jsonl")]
    joined = [r for r in made if r["recordType"] == "Occurrence" and "Offense" in r.get("flags", []) and r.get("offences")]
    check(len(joined) >= 5, "an offence of the digest has its code from the payload")
    charged = [r for r in made if r["recordType"] == "Charge" and "accused" in r]
    check(len(charged) >= 3, "the person charged in the payload is the one of the digest, also where a role refers to itself")
    offenders = set().union(*(roles(out).get(r, set()) for r in ("ACCUSED", "SUSPECT", "OFFENDER_IN_CUSTODY")))
    gentle = set().union(*(roles(out).get(r, set()) for r in ("VICTIM", "MISSING_PERSON")))
    check(gentle, "there are victims and a missing person")
    check(not offenders & gentle, "a victim or missing person has the role of an offender")


CHILD_AS_SUBJECT = (
    '<p:doPublish xmlns:p="urn:test" xmlns:l="http://usdoj.gov/leisp/lexs/3.1" xmlns:d="http://usdoj.gov/leisp/lexs/digest/3.1" xmlns:b="http://usdoj.gov/leisp/lexs/library/3.1" '
    'xmlns:nc="http://niem.gov/niem/niem-core/2.0" xmlns:s="http://niem.gov/niem/structures/2.0" xmlns:x="http://fbi.gov/cjis/N-DEx/IncidentArrest/2.1">'
    '<l:DataItemPackage><l:PackageMetadata><l:DataItemID>D1</l:DataItemID></l:PackageMetadata><l:Digest>'
    '<d:EntityActivity><nc:Activity s:id="O1"><nc:ActivityCategoryText>Offense</nc:ActivityCategoryText><nc:ActivityDate><nc:Date>2099-01-01</nc:Date></nc:ActivityDate></nc:Activity></d:EntityActivity>'
    '<d:EntityActivity><nc:Activity s:id="I1"><nc:ActivityCategoryText>Incident</nc:ActivityCategoryText><nc:ActivityDate><nc:Date>2099-01-01</nc:Date></nc:ActivityDate></nc:Activity></d:EntityActivity>'
    '<d:EntityPerson><d:Person s:id="P1"><nc:PersonBirthDate><nc:Date>2084-01-01</nc:Date></nc:PersonBirthDate><nc:PersonName><nc:PersonSurName>Exemple</nc:PersonSurName></nc:PersonName></d:Person></d:EntityPerson>'
    '<d:Associations><d:OffenseSubjectPersonAssociation><nc:ActivityReference s:ref="O1"/><nc:PersonReference s:ref="P1"/></d:OffenseSubjectPersonAssociation>'
    '<d:IncidentSubjectPersonAssociation><nc:ActivityReference s:ref="I1"/><nc:PersonReference s:ref="P1"/></d:IncidentSubjectPersonAssociation></d:Associations></l:Digest>'
    '<l:StructuredPayload><x:IncidentReport><x:Offense><x:ActivityAugmentation><b:SameAsDigestReference b:ref="O1"/></x:ActivityAugmentation><x:OffenseCode>Prostitution</x:OffenseCode></x:Offense></x:IncidentReport>'
    '</l:StructuredPayload></l:DataItemPackage></p:doPublish>')


def test_a_child_named_as_subject_of_what_was_done_to_her_waits_in_quarantine():
    folder = scratch.named("own-exploitation")
    (folder / "a.xml").write_text(CHILD_AS_SUBJECT, encoding="utf-8")
    convert([folder / "a.xml"], folder / "out", exit=3)
    equal(counts(findings(folder / "out"), lambda f: f["code"]), {"E-RULE-OWN-EXPLOITATION": 2}, "the offence, and the incident it is part of")
    equal(roles(folder / "out"), {}, "no role of an offender leaves the program")


def test_two_related_offences_are_two_ends_of_a_link():
    folder = scratch.named("related")
    text = CHILD_AS_SUBJECT.replace("<d:Associations>", "<d:Associations><nc:RelatedActivityAssociation><nc:ActivityReference s:ref=\"O1\"/><nc:ActivityReference s:ref=\"O2\"/></nc:RelatedActivityAssociation>"
                                    "<d:IncidentOffenseAssociation><nc:ActivityReference s:ref=\"O2\"/><nc:ActivityReference s:ref=\"I1\"/></d:IncidentOffenseAssociation>")
    text = text.replace("<d:EntityPerson>", '<d:EntityActivity><nc:Activity s:id="O2"><nc:ActivityCategoryText>Offense</nc:ActivityCategoryText></nc:Activity></d:EntityActivity><d:EntityPerson>', 1)
    text = text.replace("2084-01-01", "2060-01-01")
    (folder / "a.xml").write_text(text, encoding="utf-8")
    convert([folder / "a.xml"], folder / "out")
    made = list(records(folder / "out" / "case.jsonl"))
    links = [r for r in made if r["recordType"] == "Link"]
    check(all(r["from"] != r["to"] for r in links), "a link has one end twice")
    report = next(r["id"] for r in made if r["recordType"] == "Occurrence" and r.get("localId") == "D1")
    equal([r["to"] for r in links if r["type"] == "PART_OF"], [report], "the offence is part of the incident, whichever is named first")
    equal(len([r for r in links if r["type"] == "RELATED_CASE"]), 1, "two offences are related")



def associations():
    """Every association kind of the held schema with the references it holds: (name, namespace, [(namespace, reference)])."""
    types, elements = {}, {}
    for path in sorted(glob.glob(str(shared("ndex-lexs") / "xsd" / "lexs" / "**" / "*.xsd"), recursive=True)):
        tree = ET.iterparse(path, events=("start-ns",))
        prefixes = {p: uri for _, (p, uri) in tree}
        root = ET.parse(path).getroot()
        ns = root.get("targetNamespace")
        name = lambda q: (prefixes[q.split(":")[0]], q.split(":")[1]) if ":" in q else (ns, q)
        for t in root.findall(XSD + "complexType"):
            base = t.find(f".//{XSD}extension")
            types[ns, t.get("name")] = (name(base.get("base")) if base is not None else None, [name(e.get("ref")) for e in t.iter(XSD + "element") if e.get("ref")])
        for e in root.findall(XSD + "element"):
            if e.get("type"):
                elements[ns, e.get("name")] = name(e.get("type"))

    def children(t):
        base, own = types.get(t, (None, []))
        return (children(base) if base else []) + own

    digest = "http://usdoj.gov/leisp/lexs/digest/3.1"
    for ns, kind in types[digest, "EntityAssociationsType"][1]:
        yield ns, kind, [(n, c) for n, c in children(elements.get((ns, kind))) if c.endswith("Reference")]


TARGETS = (("AttachmentLink", "AL"), ("TelephoneNumber", "T"), ("EmailID", "E"), ("InstantMessenger", "IM"), ("NetworkAddress", "NA"), ("Hash", "H"),
           ("Organization", "O"), ("Location", "L"), ("Activity", "A"), ("Document", "D"), ("ConveyanceOperator", "P"), ("ConveyedPerson", "P"),
           ("Item", "I"), ("Container", "I2"), ("Conveyance", "V"))


def test_every_association_kind_of_the_schema_becomes_a_link():
    kinds = list(associations())
    check(len(kinds) > 170, f"the schema names its associations: {len(kinds)}")
    # Without two ends: one holds the message together, two have no content in the held subset, three cannot name an employer there.
    without = {"SameAsPayloadAssociation", "AdoptedChildAssociation", "LocationAssociation", "PersonEmploymentAssociation",
               "PersonCurrentEmploymentAssociation", "PersonFormerEmploymentAssociation"}
    body, expected = [], set()
    for ns, kind, references in kinds:
        if kind in without:
            continue
        expected.add(kind)
        names = [c for _, c in references]
        if len(set(names)) == 1:
            references = references * 2    # two of one kind
        used = {}
        inner = ""
        for n, c in references:
            target = next((t for word, t in TARGETS if word in c), "P")
            used[target] = used.get(target, 0) + 1
            number = 1 if target in ("AL", "D", "H", "V", "I2") else (used[target] - 1) % 2 + 1
            inner += f'<r:{c} xmlns:r="{n}" s:ref="{target}{number}"/>'
        body.append(f'<k:{kind} xmlns:k="{ns}">{inner}</k:{kind}>')
    entities = "".join(
        f'<d:EntityActivity><nc:Activity s:id="A{i}"><nc:ActivityCategoryText>{c}</nc:ActivityCategoryText></nc:Activity></d:EntityActivity>'
        f'<d:EntityPerson><d:Person s:id="P{i}"><nc:PersonName><nc:PersonSurName>Exemple {c}</nc:PersonSurName></nc:PersonName></d:Person></d:EntityPerson>'
        f'<d:EntityOrganization><nc:Organization s:id="O{i}"><nc:OrganizationName>Example {i}</nc:OrganizationName></nc:Organization></d:EntityOrganization>'
        f'<d:EntityLocation><nc:Location s:id="L{i}"><nc:LocationName>Place {i}</nc:LocationName></nc:Location></d:EntityLocation>'
        f'<d:EntityTelephoneNumber><d:TelephoneNumber s:id="T{i}"><nc:FullTelephoneNumber><nc:TelephoneNumberFullID>613-555-010{i}</nc:TelephoneNumberFullID></nc:FullTelephoneNumber></d:TelephoneNumber></d:EntityTelephoneNumber>'
        f'<d:EntityEmail><nc:ContactEmailID s:id="E{i}">nobody{i}@example.test</nc:ContactEmailID></d:EntityEmail>'
        f'<d:EntityInstantMessenger><nc:ContactInstantMessenger s:id="IM{i}"><nc:ContactInstantMessengerAccountID>nobody{i}</nc:ContactInstantMessengerAccountID></nc:ContactInstantMessenger></d:EntityInstantMessenger>'
        f'<d:EntityNetworkAddress><d:NetworkAddress s:id="NA{i}"><d:InternetProtocolAddress>192.0.2.{i}</d:InternetProtocolAddress></d:NetworkAddress></d:EntityNetworkAddress>'
        f'<d:EntityTangibleItem><nc:TangibleItem s:id="I{i}"><nc:ItemDescriptionText>Thing {i}</nc:ItemDescriptionText></nc:TangibleItem></d:EntityTangibleItem>'
        for i, c in ((1, "Incident"), (2, "Offense")))
    entities += ('<d:EntityDocument><nc:Document s:id="D1"><nc:DocumentTitleText>Paper</nc:DocumentTitleText></nc:Document></d:EntityDocument>'
                 '<d:EntityHash><d:Hash s:id="H1"><d:HashValue><d:HashValueText>d41d8cd98f00b204e9800998ecf8427e</d:HashValueText><d:HashValueMethodAlgorithmText>MD5</d:HashValueMethodAlgorithmText></d:HashValue></d:Hash></d:EntityHash>'
                 '<d:EntityVehicle><nc:Vehicle s:id="V1"><nc:ItemModelYearDate>2090</nc:ItemModelYearDate></nc:Vehicle></d:EntityVehicle>'
                 '<d:EntityTangibleItem><nc:TangibleItem s:id="I21"><nc:ItemDescriptionText>Box</nc:ItemDescriptionText></nc:TangibleItem></d:EntityTangibleItem>')
    text = ('<p:doPublish xmlns:p="http://usdoj.gov/leisp/lexs/publishdiscover/3.1" xmlns:l="http://usdoj.gov/leisp/lexs/3.1" xmlns:d="http://usdoj.gov/leisp/lexs/digest/3.1" '
            'xmlns:nc="http://niem.gov/niem/niem-core/2.0" xmlns:s="http://niem.gov/niem/structures/2.0"><l:DataItemPackage><l:PackageMetadata><l:DataItemID>ALL</l:DataItemID></l:PackageMetadata>'
            f'<l:Digest>{entities}<d:Associations>{"".join(body)}</d:Associations></l:Digest>'
            '<l:AttachmentLink s:id="AL1"><l:AttachmentURI>https://example.test/1</l:AttachmentURI></l:AttachmentLink></l:DataItemPackage></p:doPublish>')
    folder = scratch.named("every-association")
    (folder / "all.xml").write_text(text, encoding="utf-8")
    convert([folder / "all.xml"], folder / "out")
    linked = {a for r in records(folder / "out" / "case.jsonl") if r["recordType"] == "Link" for a in r.get("ext", {}).get("association", [])}
    equal(sorted(expected - linked), [], "association kinds that make no link")
    equal(counts(findings(folder / "out"), lambda f: f["code"]), {"E-HANDLE-MEDIA": 1}, "nothing is in doubt; the address of an attachment nobody has seen does not travel")
    named = {(a, r.get("role")) for r in records(folder / "out" / "case.jsonl") if r["recordType"] == "Link" for a in r.get("ext", {}).get("association", [])}
    for kind, role in (("IncidentVictimPersonAssociation", "VICTIM"), ("OffenseSubjectPersonAssociation", "SUSPECT"), ("ArrestSubjectAssociation", "ACCUSED"),
                       ("OffenseWitnessAssociation", "WITNESS"), ("PersonOfInterestAssociation", "PERSON_OF_INTEREST"), ("ServiceCallCallerAssociation", "REPORTER"),
                       ("SubjectVictimAssociation", "VICTIM"), ("VisitorAssociation", "VISITOR"), ("GuardianAssociation", "PARENT_GUARDIAN"), ("CaregiverAssociation", "WORKER")):
        check((kind, role) in named, f"{kind} says {role}")


def test_our_missing_person_report_is_valid_by_the_published_schemas():
    xsd = shared("ndex-lexs") / "xsd"
    if not shutil.which("xmllint"):
        raise Skipped("xmllint is absent")
    folder = scratch.named("missing-report")
    for sample in sorted((ROOT / "samples" / "ndex-lexs").glob("*.xml")):
        text = sample.read_text(encoding="utf-8")
        payload = re.search(r"<ndexia:(\w+Report)>.*?</ndexia:\1>", text, re.S)
        spaces = re.search(r"<lexspd:doPublish ([^>]*)>", text).group(1)
        halves = {"lexs/publish-discover/3.1/publish-discover.xsd": text.replace(payload.group(0), f"<ndexia:{payload.group(1)}/>"),
                  "ndexia/ndexia/2.1/ndexia.xsd": payload.group(0).replace(">", f" {spaces}>", 1)}
        for schema, half in halves.items():
            path = folder / f"{sample.stem}.xml"
            path.write_text(half, encoding="utf-8")
            done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", xsd / schema, path], capture_output=True, text=True)
            equal((done.returncode, done.stderr if done.returncode else ""), (0, ""), f"{sample.name} by {schema}")


def test_incident_reports_of_ojbc_all_of_them_invalid_and_all_imported():
    out, total = whole_run("ojbc-incident-report", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (28, 28, 0, 0), "all files, though none is valid by its own schema")
    equal(total["caseRecords"], {
        "Charge": 2,          # arrests of the agencies' files
        "Evidence": 24,       # a weapon in each mock report
        "Link": 344,          # 13 in each mock report; those of the agencies repeat each other
        "Location": 55,       # 2 in each mock report; 7
        "Occurrence": 60,     # incident and offence in each; 3 arrests and a second offence
        "Organization": 26,   # who reports
        "Person": 105,        # victim, suspect, subject, officer in each mock report; 9
        "Selector": 19,       # telephones: some mock reports share one
        "Vehicle": 26,        # one in each mock report; 2
    }, "case records by type")
    check({f["code"] for f in findings(out)} <= DOUBTS | {"E-FORMAT-NONE"}, "only doubts about single values")
    for name, feed in by_name(out).items():
        if name.startswith("sample-"):
            made = {k: v for k, v in feed["caseRecords"].items() if k != "Selector"}   # a number counts for the report that brings it first
            equal(made, {"Evidence": 1, "Link": 13, "Location": 2, "Occurrence": 2, "Organization": 1, "Person": 4, "Vehicle": 1}, name)


def test_charge_referrals_of_maine_michigan_and_vermont():
    out, total = whole_run("ojbc-charge-referral", 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (3, 3, 0, 0), "source records")
    equal(total["caseRecords"], {
        "Charge": 3,          # two of Maine, one arrest of Michigan
        "Evidence": 3, "Link": 59, "Location": 9,
        "Occurrence": 10,     # incidents, offences, arrests
        "Order": 1,           # a warrant
        "Organization": 5, "Person": 14, "Selector": 4, "Vehicle": 3,
    }, "case records by type")
    complainant = [r for r in records(out / "case.jsonl") if r["recordType"] == "Link" and r.get("role") == "COMPLAINANT"]
    check(len(complainant) >= 1, "a role that stands in words is read")


def outcome(folder, source_records, case_records, doubts):
    """A whole folder of which every document is one source record and all are mapped."""
    out, total = whole_run(folder, 0)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (source_records, source_records, 0, 0), f"{folder}: source records")
    equal(total["caseRecords"], case_records, f"{folder}: case records by type")
    no_other_findings(out, doubts)
    return out, list(records(out / "case.jsonl"))


def test_criminal_histories_birth_dates_told_apart_by_metadata():
    out, made = outcome("ojbc-criminal-history", 11, {
        "Charge": 36,         # of 11 histories: each arrest charge once, with what the court did to it
        "Custody": 3,         # probation and custody after sentence
        "Link": 51,           # person to arrest, agency to arrest, home, orders
        "Location": 11, "Occurrence": 19,  # arrests
        "Order": 2,           # restraining orders, whose parties the rap sheet does not say
        "Organization": 22, "Person": 11,
    }, {"E-TOKEN-NO-KEY": 8})
    persons = [r for r in made if r["recordType"] == "Person"]
    aliases = [n for p in persons for n in p["names"] if "birthDate" in n]
    equal(len(aliases), 2, "dates that the metadata calls Alias")
    check(all(n["type"] == "ALIAS" for n in aliases), "an alias date stands under an alias")
    check(all(p["birthDate"] not in [n["birthDate"] for n in p["names"] if "birthDate" in n] for p in persons), "and is never the person's")


def test_warrants():
    outcome("ojbc-warrant", 17, {
        "Charge": 1, "Link": 35, "Location": 16,
        "Order": 18,          # 16 in 15 answers, one issued, one cancelled
        "Person": 17, "Vehicle": 1,
    }, {"E-TOKEN-NO-KEY": 16, "E-VIN-FORM": 1})


def test_people_of_several_services_are_found_in_each():
    out, made = outcome("ojbc-cross-service", 62, {
        "Charge": 83, "Custody": 5,
        "Evidence": 30,       # registered firearms
        "Link": 253, "Location": 78, "Occurrence": 40, "Order": 27, "Organization": 47,
        "Person": 62,         # one for each file: linking is not the importer's business
        "Selector": 2,
    }, {"E-TOKEN-NO-KEY": 55})
    grounds = [r for r in made if r["recordType"] == "Order" and r.get("type") == "WEAPONS"]
    equal(len(grounds), 3, "prohibitions to purchase")
    check(all("HEALTH" in r.get("handling", {}).get("caveats", []) for r in grounds if "Mental" in str(r["ext"].get("ground"))), "a ground about health is marked")
    people = {(p["names"][0].get("given"), p["names"][0].get("family"), p.get("birthDate")) for p in made if p["recordType"] == "Person"}
    links = [l.split("\t") for l in (shared("ojbc-cross-service") / "LINKS.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    equal(len(people), len({l[0] for l in links}), "as many people by name and birth date as the list of the folder has")


def test_juvenile_histories_carry_their_marks_and_give_no_child_an_offenders_role():
    out = scratch.named("juvenile") / "out"
    convert([shared("ojbc-juvenile-history")], out, to=("case-jsonl", "case-xml"))
    total = balanced(out)
    equal((total["sourceRecords"], total["mapped"], total["quarantined"], total["skipped"]), (9, 9, 0, 0), "source records")
    equal(total["caseRecords"], {
        "Assessment": 14,     # intake interviews and screenings
        "Charge": 19,         # youth charges; six of them leave no more, for their access has ended by the time of the run
        "Link": 66, "Location": 28,
        "Occurrence": 13,     # hearings
        "Organization": 19, "Person": 16, "Referral": 12,
    }, "case records by type")
    equal(counts(findings(out), lambda f: f["code"])["E-HANDLE-ENDED"], 6, "youth charges whose access has ended")
    valid_json(out / "case.jsonl")
    valid_xml(out / "case.xml")
    made = list(records(out / "case.jsonl"))
    for line in lines(out / "case.jsonl"):
        if line["recordType"] == "Source":
            check({"THIRD_PARTY", "CYFSA_CHILD_PROTECTION"} <= set(line["handling"]["caveats"]), "the feed is child protection")
    check(not {"ACCUSED", "SUSPECT", "OFFENDER_IN_CUSTODY"} & set(roles(out)), "a child has an offender's role")
    for r in made:
        if r["recordType"] == "Charge":
            check(r["youth"] is True or r["youth"] == "true", "a charge of a child is a youth charge")
            check("YCJA_RECORD" in r["handling"]["caveats"], "and carries the mark")
        if r["recordType"] == "Location" and r["kind"] == "PLACEMENT":
            check("SAFE_LOCATION" in r["handling"]["caveats"], "where a child was placed is marked")


def test_search_results():
    outcome("ojbc-person-vehicle-search", 4, {"Link": 3, "Location": 4, "Occurrence": 3, "Organization": 2, "Person": 1, "Vehicle": 2},
            {"E-DATE-NO-ZONE": 3, "E-ID-FORM": 1, "E-TOKEN-NO-KEY": 1, "E-VIN-FORM": 2})


def test_parole_and_probation():
    outcome("ojbc-parole-probation", 4, {
        "Charge": 1,
        "Custody": 5,         # four supervisions, a hearing
        "Organization": 2, "Person": 4, "Selector": 5,
    }, {"E-ID-FORM": 3, "E-SELECTOR-FORM": 2, "E-TOKEN-NO-KEY": 3})


def test_court_cases_and_filings():
    out, made = outcome("ojbc-court", 15, {
        "Case": 15, "Charge": 47, "Custody": 12, "Link": 79, "Location": 12, "Occurrence": 36,
        "Order": 24,          # a warrant and a bond in each of 12 answers
        "Person": 31,         # defendant and victim in each answer; seven in the filings
        "Selector": 12, "Vehicle": 12,
    }, {"E-DATE-NO-ZONE": 25, "E-ID-FORM": 4, "E-TOKEN-NO-KEY": 25, "E-UNIT": 7, "E-VIN-FORM": 12})
    check(roles(out)["VICTIM"], "victims are named")
    check(not roles(out)["VICTIM"] & roles(out)["ACCUSED"], "a victim is nobody's defendant")


def test_no_document_is_taken_for_another_format():
    """Every XML and JSON file of every folder: those of the justice family go to their own format, nobody else's do."""
    homes = {"ndex-lexs": {"ndex-lexs"}, "ojbc-incident-report": {"ndex-lexs"}, "ojbc-charge-referral": {"ndex-lexs"}, "ojbc-custody": {"ojbc-custody"},
             "ojbc-criminal-history": {"ojbc-criminal-history"}, "ojbc-warrant": {"ojbc-warrant"},
             "ojbc-cross-service": {"ojbc-criminal-history", "ojbc-warrant", "ojbc-firearm"}, "ojbc-juvenile-history": {"ojbc-juvenile-history"},
             "ojbc-person-vehicle-search": {"ojbc-search-results"}, "ojbc-parole-probation": {"ojbc-supervision"}, "ojbc-court": {"ojbc-court"}}
    ours = set().union(*homes.values())
    base = shared("ndex-lexs").parent
    seen = 0
    for folder in sorted(p for p in base.iterdir() if p.is_dir() and p.name != "json-schema-test-suite"):
        files = [p for p in sorted(folder.rglob("*")) if p.suffix in (".xml", ".json", ".anx") and "xsd" not in p.parts]
        if not files:
            continue
        out, _ = run("--json", "inspect", "--records", "0", *files, exit=None)
        for line in json.loads(out):
            got = line.get("format")
            seen += 1
            expected = homes.get(folder.name, set())
            check(got in expected if expected else got not in ours, f"{line['input']} of {folder.name} is taken for {got}")
    check(seen > 300, f"files looked at: {seen}")


sys.exit(main(sys.modules[__name__]))
