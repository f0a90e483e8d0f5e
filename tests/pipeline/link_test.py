"""casebridge link and explain over a small invented town: who is found, and that nothing which must not matter does."""
import csv
import io
import random
import sys
import uuid

from harness import *

HEADER = ["rec_id", "source", "given", "middle", "family", "aliases", "sex", "dob", "birth_city", "nationality", "street", "city", "postcode", "phones", "person_no", "event_date"]
GIVEN = [a + b for a in ("Ar", "Bel", "Cor", "Dal", "Els", "Fen", "Gal", "Hol", "Ist", "Jor") for b in ("an", "eta", "ik", "ona", "wyn", "uel", "isse", "or")]
FAMILY = [a + b for a in ("Ash", "Birk", "Cald", "Dun", "Elm", "Fair", "Glen", "Hart", "Ing", "Kirk", "Lang", "Marsh") for b in ("born", "ford", "holt", "ley", "more", "stead", "wick", "worth")]


def town(people=400, seed=7):
    """Rows and the truth: invented people with one to three records, misspelt here and there, twins among them."""
    rng = random.Random(seed)
    rows, truth = [], {}
    number = 0

    def person(family, given, dob, street, postcode, phone, born=None):
        return dict(given=given, family=family, dob=dob, street=street, city="Exampleville", postcode=postcode, phones=phone, birth_city=born or rng.choice(["Exampleville", "Testburg", "Sampleton"]), no=f"{rng.randrange(10**8):08}")

    def record(p, entity):
        nonlocal number
        number += 1
        given, family, dob = p["given"], p["family"], p["dob"]
        if rng.random() < .15:
            i = rng.randrange(1, len(family))
            family = family[:i] + family[i - 1] + family[i:]
        if rng.random() < .08:
            dob = dob[:7]
        rows.append({"rec_id": f"T{number}", "source": rng.choice(["rms", "jail", "court"]), "given": given, "family": family, "sex": rng.choice("MF"), "dob": dob, "birth_city": p["birth_city"],
                     "nationality": "CA", "street": p["street"] if rng.random() < .8 else "", "city": p["city"], "postcode": p["postcode"],
                     "phones": p["phones"] if rng.random() < .6 else "", "person_no": p["no"] if rng.random() < .3 else "", "event_date": "2098-05-05"})
        truth[f"T{number}"] = entity

    entity = 0
    while entity < people:
        family, street, postcode, phone = rng.choice(FAMILY), f"{rng.randint(1, 999)} {rng.choice(FAMILY)} Street", f"P{rng.randrange(10)}L {rng.randrange(10)}A{rng.randrange(10)}", f"705-555-01{rng.randrange(100):02}"
        dob = f"{rng.randint(2020, 2070)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        household = [person(family, rng.choice(GIVEN), dob, street, postcode, phone)]
        if rng.random() < .03:  # a twin
            other = rng.choice([g for g in GIVEN if g[0] != household[0]["given"][0]])
            household.append(person(family, other, dob, street, postcode, phone, household[0]["birth_city"]))
        for p in household:
            entity += 1
            for _ in range(rng.choice([1, 1, 2, 2, 3])):
                record(p, entity)
    return rows, truth


def write(path, rows):
    text = io.StringIO()
    out = csv.DictWriter(text, HEADER, lineterminator="\n", restval="")
    out.writeheader()
    out.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def people():
    """The folder with the town as people.csv, its rows and the truth."""
    rows, truth = town()
    folder = scratch.named("town")
    if not (folder / "people.csv").exists():
        write(folder / "people.csv", rows)
    return folder, rows, truth


def clusters(path):
    with open(path, encoding="utf-8", newline="") as f:
        return {r["record_id"]: r["entity_id"] for r in csv.DictReader(f)}


def partition(of):
    groups = {}
    for record, entity in of.items():
        groups.setdefault(entity, set()).add(record)
    return sorted(map(sorted, groups.values()))


def link(inputs, out, *options, exit=0):
    run("link", *inputs, "-o", out, "--clusters", f"{out}.clusters.csv", "--run-time", RUN_TIME, *options, exit=exit)
    return clusters(f"{out}.clusters.csv")


def pairs(of):
    return {(a, b) for group in partition(of) for a in group for b in group if a < b}


def edit(source, target, change):
    """Case data with its records changed, and an end line that is right again."""
    kept = [line for line in pathlib.Path(source).read_text(encoding="utf-8").splitlines() if not line.startswith('{"recordType":"DatasetEnd"')]
    out, n, sources = [], {}, 0
    for line in kept:
        r = json.loads(line)
        change(r)
        out.append(json.dumps(r, ensure_ascii=False, separators=(",", ":")))
        if r["recordType"] == "Source":
            sources += 1
        elif r["recordType"] != "Dataset":
            n[r["recordType"]] = n.get(r["recordType"], 0) + 1
    body = "".join(line + "\n" for line in out)
    end = {"recordType": "DatasetEnd", "sources": sources, "counts": dict(sorted(n.items())), "sha256": hashlib.sha256(body.encode()).hexdigest()}
    target.write_text(body + json.dumps(end, separators=(",", ":")) + "\n", encoding="utf-8")
    return target


def test_finds_people():
    """Records of one person are found, strangers are not joined, and every record is answered for. Twins are counted apart:
    in a town of some hundred records whose only relatives are twins the model cannot tell what a twin looks like."""
    folder, rows, truth = people()
    got = link([folder / "people.csv"], folder / "out")
    equal(set(got), set(truth), "records in the clusters file")
    want, have = pairs(truth), pairs(got)
    check(len(want & have) >= .97 * len(want), f"{len(want - have)} of {len(want)} pairs were missed")
    told = {r["rec_id"]: (r["street"] or r["postcode"], r["postcode"]) for r in rows}
    have = {(a, b) for a, b in have if (a, b) in want or told[a][1] != told[b][1]}  # without those who live together
    check(len(want & have) >= .98 * len(have), f"{len(have - want)} of {len(have)} pairs are false")
    whole(folder / "out" / "case.jsonl")
    valid_json(folder / "out" / "case.jsonl")
    found = [r for r in records(folder / "out" / "case.jsonl") if r["recordType"] == "Cluster" and r["entityType"] == "Person"]
    ids = {r["id"]: r["localId"] for r in records(folder / "out" / "case.jsonl") if r["recordType"] == "Person"}
    equal(sorted(sorted(ids[m["ref"]] for m in c["members"]) for c in found), [g for g in partition(got) if len(g) > 1], "members of the Cluster records")
    for c in found:
        equal(c["handling"]["caveats"], ["THIRD_PARTY"], "handling of a cluster")
        check(c["evidenceFor"] and all(w["weight"] > 0 for w in c["evidenceFor"]), "a cluster has evidence for it")
        check(all(w["weight"] < 0 for w in c.get("evidenceAgainst", [])), "evidence against is negative")


def test_nothing_else_matters():
    """Order, threads, the cut into files: the same people. Threads: the same bytes."""
    folder, rows, truth = people()
    base = link([folder / "people.csv"], folder / "one", "--jobs", "1")
    link([folder / "people.csv"], folder / "two", "--jobs", "3")
    for name in ("case.jsonl", "pairs.csv", "model.json", "summary.json"):
        equal((folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), True, f"{name} with one thread and with three is the same")
    random.Random(3).shuffle(rows)
    write(folder / "shuffled.csv", rows)
    equal(partition(link([folder / "shuffled.csv"], folder / "shuffled")), partition(base), "people found in another order of rows")
    write(folder / "a.csv", rows[::2]), write(folder / "b.csv", rows[1::2])
    equal(link([folder / "b.csv", folder / "a.csv"], folder / "cut"), base, "entities found in two files")


def test_traits_are_never_read():
    """Sex, nationality, and in case data gender, Indigenous identity, citizenship and consent: changing them changes nothing."""
    folder, rows, truth = people()
    rng = random.Random(11)
    link([folder / "people.csv"], folder / "plain")
    for r in rows:
        r["sex"], r["nationality"] = rng.choice(["M", "F", "X", ""]), rng.choice(["CA", "US", "FR", ""])
    write(folder / "traits.csv", rows)
    link([folder / "traits.csv"], folder / "traits")
    equal((folder / "traits" / "pairs.csv").read_bytes(), (folder / "plain" / "pairs.csv").read_bytes(), "pairs with other traits")

    def change(r):
        if r["recordType"] != "Person":
            return
        r["gender"] = rng.choice(["FEMININE", "MASCULINE"])
        r["indigenousIdentity"] = [rng.choice(["FIRST_NATIONS", "INUIT", "METIS"])]
        r["deceased"] = rng.random() < .5
        r["languages"] = ["fra"]
        r["physical"] = {"heightCm": rng.randint(150, 190), "marks": ["a scar"]}
        r.pop("original", None), r.pop("citizenship", None), r.pop("absent", None)
    edit(folder / "plain" / "case.jsonl", folder / "changed.jsonl", change)
    link([folder / "changed.jsonl"], folder / "changed", exit=None)
    check(run.exit in (0, 3), "case data with other traits is read")
    equal((folder / "changed" / "pairs.csv").read_bytes(), (folder / "plain" / "pairs.csv").read_bytes(), "pairs of case data with other traits")


def test_decisions_hold_and_leave_no_trace():
    folder, rows, truth = people()
    base = link([folder / "people.csv"], folder / "base")
    pair = next(g for g in partition(base) if len(g) == 2)
    alone = [g[0] for g in partition(base) if len(g) == 1][:2]
    name = "example-people,PEOPLE-CSV"
    head = "a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\n"
    (folder / "d.csv").write_text(head + f"{name},{pair[0]},{name},{pair[1]},REJECTED,reviewer,2098-01-01T00:00:00Z,told apart\n" + f"{name},{alone[0]},{name},{alone[1]},CONFIRMED,reviewer,2098-01-01T00:00:00Z,known\n"
                                  + f"{name},not-here,{name},{alone[1]},CONFIRMED,reviewer,2098-01-01T00:00:00Z,waits\n", encoding="utf-8")
    got = link([folder / "people.csv"], folder / "decided", "--decisions", folder / "d.csv", "--model", folder / "base" / "model.json")
    check(got[pair[0]] != got[pair[1]], "a rejected pair is apart")
    check(got[alone[0]] == got[alone[1]], "a confirmed pair is one")
    summary = json.loads((folder / "decided" / "summary.json").read_text())
    equal(summary["decisions"], {"one": 1, "never": 1, "waiting": 1, "contradictions": 0}, "decisions in the summary")
    confirmed = [c for c in records(folder / "decided" / "case.jsonl") if c["recordType"] == "Cluster" and c.get("reviewer")]
    equal([c["reviewer"] for c in confirmed], ["reviewer"], "who confirmed")
    again = link([folder / "people.csv"], folder / "undone", "--model", folder / "base" / "model.json")
    equal(again, base, "without the decisions, and with the model of the first run")
    equal((folder / "undone" / "case.jsonl").read_bytes(), (folder / "base" / "case.jsonl").read_bytes(), "nothing is left of a decision")


def test_explanations_add_up():
    folder, rows, truth = people()
    base = link([folder / "people.csv"], folder / "said")
    fairness = json.loads((folder / "said" / "summary.json").read_text())["fairness"]
    check(fairness["measured"] == [] and {"french", "compound", "indigenous"} <= set(fairness["notMeasured"]), "without labels fairness is not measured, and that is said")
    check("Fairness" in (folder / "said" / "summary.txt").read_text(encoding="utf-8"), "in words, too")
    pair = next(g for g in partition(base) if len(g) == 2)
    out, _ = run("--json", "explain", pair[0], pair[1], "--in", folder / "said")
    told = json.loads(out)
    equal(sum(f["weight"] for f in told["fields"]) + told["prior"] + told["relatives"], told["score"], "the fields of an explanation sum to its score")
    rows = {r["rec_id"]: r for r in rows}
    for f in told["fields"]:
        if f["field"] == "given":
            equal(f["a"]["value"], rows[pair[0]]["given"], "the value shown")
            equal(f["a"]["place"], f"people.csv:{int(pair[0][1:]) + 1}", "its place")
    with open(folder / "said" / "pairs.csv", encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            if {row["a_id"], row["b_id"]} == set(pair):
                equal(row["score"], f"{told['score'] / 100:.2f}", "the score in the pairs file")
    words = run("explain", base[pair[0]], "--in", folder / "said")[0].decode()
    check("2 records are held to be one person" in words and "weakest bridge" in words, "a cluster is explained: " + words)
    french = run("--lang", "fr", "explain", pair[0], pair[1], "--in", folder / "said")[0].decode()
    check("Pour une seule personne" in french or "personne" in french.split("\n")[0], "and in French: " + french.split("\n")[0])
    run("explain", pair[0], "nobody", "--in", folder / "said", exit=2)


def test_a_table_of_people_is_read_directly_with_the_same_result():
    """--clusters alone needs no case records. Rows that deserve a finding go the usual way, and so does what does not fit at all."""
    folder = scratch.named("direct")
    rows, _ = town(300, seed=11)

    def both(name, body, *options, directly=True, exit=0):
        (folder / f"{name}.csv").write_bytes(body if isinstance(body, bytes) else body.encode())
        _, said = run("link", folder / f"{name}.csv", "--clusters", folder / f"{name}.fast", "--run-time", RUN_TIME, *options, exit=exit)
        exit = run.exit
        run("link", folder / f"{name}.csv", "-o", folder / name, "--clusters", folder / f"{name}.usual", "--run-time", RUN_TIME, *options, exit=exit)
        _, usual = run("link", folder / f"{name}.csv", "-o", folder / f"{name}-again", "--run-time", RUN_TIME, *options, exit=exit)
        fast, slow = (folder / f"{name}.fast").read_bytes(), (folder / f"{name}.usual").read_bytes()
        equal(fast, slow, f"{name}: the clusters of both ways, to the byte")
        equal("Only people were looked for" in said.decode(), directly, f"{name}: read directly")
        told = lambda text: [line for line in text.decode().splitlines() if "[E-" in line]
        equal(told(said), told(usual), f"{name}: the findings of both ways")
        return clusters(folder / f"{name}.fast")

    plain = write(folder / "plain.in", rows).read_text(encoding="utf-8")
    got = both("plain", plain)
    check(len(set(got.values())) < len(got) == len(rows), "people are found")
    both("spaces", plain.replace(",Exampleville,", ", Exampleville ,").replace("\n", "\r\n"))
    both("mark", "\ufeff" + plain)
    lines = plain.splitlines()
    odd = {"given": "Holwyn", "family": "Marshstead", "dob": "2050-04-04", "birth_city": "Testburg", "source": "rms", "nationality": "CA", "event_date": "2098-05-05"}
    cases = [{"phones": "555-0142"}, {"dob": "2050-13-45"}, {"dob": "04/05/2050"}, {"dob": "2050-02-30"}, {"aliases": "Marsh, Holly;Hol Stead"}, {"given": "Zoe\u0308"}, {"given": "Zo\u00eb", "aliases": "\u0418\u0432\u0430\u043d  Test"},
             {"city": "Example, the other", "street": "1 Test Road"}, {"birth_city": 'the "old" town'}, {"rec_id": ""}, {"nationality": "Atlantis"}, {"event_date": "soon"}, {"sex": "?"}, {"given": "", "family": ""},
             {"street": "12 Test Road, Sampleton ON P3A 1A1"}, {"city": "Sampleton"}, {"postcode": "OOO 000"}, {"person_no": "00000000"}, {"phones": "705-555-0142;+1 (705) 555 0142;7055550143"}, {"given": "\u00a0Holwyn"}, {"given": "Hol\x01wyn"}]
    messy = write(folder / "messy.in", [{"rec_id": f"O{i}", **odd, **case} for i, case in enumerate(cases)]).read_text(encoding="utf-8").splitlines()[1:]
    both("messy", "\n".join(lines[:200] + ["", "O98,too,short"] + messy[:10] + lines[200:400] + messy[10:] + ["O99" + "," * 30] + lines[400:]) + "\n", exit=None)
    both("twice", plain + lines[1] + "\n", directly=False)
    both("once-more", plain + messy[1].replace("O1,", "T1,") + "\n", directly=False, exit=None)
    both("breaks", plain + 'O1,rms,"Hol\nwyn",,Marshstead,,,2050-04-04,,,,,,,,\n', directly=False)
    both("semicolons", plain.replace(";", "/").replace(",", ";"), directly=False)
    both("latin", (plain + "O1,rms,Zo\u00eb,,Marshstead,,,2050-04-04,,,,,,,,\n").encode("latin-1"), directly=False)
    model = folder / "plain" / "model.json"
    pair = next(g for g in partition(got) if len(g) == 2)
    name = "example-people,PEOPLE-CSV"
    (folder / "d.csv").write_text(f"a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\n{name},{pair[0]},{name},{pair[1]},REJECTED,reviewer,2098-01-01T00:00:00Z,told apart\n", encoding="utf-8")
    decided = both("decided", plain, "--decisions", folder / "d.csv", "--model", model)
    check(decided[pair[0]] != decided[pair[1]], "a decision is obeyed")
    single = both("single", plain, "--model", model, "--one-record-per-person", "example-people/PEOPLE-CSV")
    equal(len(set(single.values())), len(single), "one record a person")
    both("named", plain, "--agency", "other-agency", "--system", "OTHER")
    both("threads", plain, "-j", "3")


def case(folder, name, rows, change=lambda r: None):
    """The case data of a few people, changed."""
    write(folder / f"{name}.csv", rows)
    run("convert", folder / f"{name}.csv", "--to", "case-jsonl", "-o", folder / f"{name}.plain.jsonl", "--run-time", RUN_TIME, "--force")
    return edit(folder / f"{name}.plain.jsonl", folder / f"{name}.jsonl", change)


def twice(**more):
    return [{"rec_id": i, "given": "Holwyn", "family": "Marshstead", "dob": "2050-04-04", "birth_city": "Testburg", "source": "rms", "person_no": "12345678", **more} for i in ("A", "B")]


def test_what_must_not_be_linked():
    """Marked sources, records whose access has ended, withdrawn ones and those of a source that has one record a person."""
    folder = scratch.named("apart")
    plain, _ = town(120)
    model = folder / "model"
    write(folder / "town.csv", plain)
    link([folder / "town.csv"], model)
    how = ("--model", model / "model.json")

    def one(name, change, *options):
        got = link([case(folder, name, twice(), change)], folder / name, *how, *options)
        return got["A"] == got["B"]
    check(one("usual", lambda r: None), "two records with everything the same are one")

    def handling(person, **block):
        return lambda r: r.setdefault("handling", {}).update(block) if r["recordType"] == "Person" and r["localId"] in person else None
    check(not one("marked", handling("AB", caveats=["NO_LINKING"])), "NO_LINKING")
    check(not one("half", handling("A", caveats=["NO_LINKING"])), "NO_LINKING on one side")
    check(not one("ended", handling("A", accessEnds="2098-12-31")), "access to a youth record that has ended (H1)")
    check(one("open", handling("A", accessEnds="2099-12-31")), "access that has not ended yet")
    check(not one("source", lambda r: r["handling"].update(caveats=["NO_LINKING"]) if r["recordType"] == "Source" else None), "NO_LINKING of a source")
    check(not one("withdrawn", lambda r: r.update(recordStatus="WITHDRAWN") if r["recordType"] == "Person" and r["localId"] == "A" else None), "a withdrawn record")
    check(not one("deduplicated", lambda r: None, "--one-record-per-person", "example-people/PEOPLE-CSV"), "a source that has one record a person")

    def grade(r):
        if r["recordType"] == "Person" and r["localId"] == "A":
            r["provenance"] = {"informationAssessment": "E"}
            r.pop("identifiers", None)
    check(not one("false", grade), "suspected to be false (H21): names alone join nobody")
    run("explain", "A", "B", "--in", folder / "marked", "--model", model / "model.json", exit=7)
    got = link([ROOT / "samples" / "otis"], folder / "otis", exit=None)
    equal(len(set(got.values())), len(got), "each OTIS record stands alone")
    strict = link([case(folder, "strict", twice(), handling("A", tlp="RED", purposes=["MPA_4"], releasableTo=["example-ps"]))], folder / "strict", *how)
    cluster = next(r for r in records(folder / "strict" / "case.jsonl") if r["recordType"] == "Cluster" and r["entityType"] == "Person")
    for field, value in (("tlp", "RED"), ("purposes", ["MPA_4"]), ("releasableTo", ["example-ps"])):
        equal(cluster["handling"][field], value, f"a cluster is as strict as its strictest member: {field}")


def test_sharing_is_contact():
    """A shared telephone joins nobody; it gives a Link that names its basis, its time and how many share it."""
    folder = scratch.named("contact")
    plain, _ = town(120)
    write(folder / "town.csv", plain)
    link([folder / "town.csv"], folder / "model")
    rows = [{"rec_id": "A", "given": "Holwyn", "family": "Marshstead", "dob": "2050-04-04", "phones": "705-555-0142", "source": "rms"},
            {"rec_id": "B", "given": "Istona", "family": "Calderholt", "dob": "2061-09-19", "phones": "(705) 555-0142", "source": "rms"}]
    write(folder / "two.csv", rows)
    got = link([folder / "two.csv"], folder / "two", "--model", folder / "model" / "model.json")
    check(got["A"] != got["B"], "a shared telephone alone joins nobody")
    all_of_it = records(folder / "two" / "case.jsonl")
    ids = {r["localId"]: r["id"] for r in all_of_it if r["recordType"] == "Person"}
    contact = [r for r in all_of_it if r["recordType"] == "Link" and r["source"] == [0]]
    equal(len(contact), 1, "links that were found")
    equal({contact[0]["from"], contact[0]["to"]}, set(ids.values()), "whom it links")
    equal((contact[0]["type"], contact[0]["assertedBy"], contact[0].get("role")), ("OTHER", "RULE", None), "what it says: contact, no role")
    equal((contact[0]["ext"]["hubSize"], contact[0]["ext"]["contactKind"]), (["2"], ["PHONE"]), "through what")
    uses = {r["id"] for r in all_of_it if r["recordType"] == "Link" and r["type"] == "USES"}
    equal(set(contact[0]["basis"]), uses, "the records that show it")
    numbers = [r for r in all_of_it if r["recordType"] == "Cluster" and r["entityType"] == "Selector"]
    equal([len(c["members"]) for c in numbers], [2], "the number itself is one")
    many = [{"rec_id": f"M{i}", "given": GIVEN[i % 80], "family": FAMILY[i % 96], "dob": f"{2020 + i % 60}-01-{1 + i % 28:02}", "phones": "705-555-0199", "source": "rms"} for i in range(150)]
    write(folder / "many.csv", many)
    link([folder / "many.csv"], folder / "many")
    summary = json.loads((folder / "many" / "summary.json").read_text())
    equal(summary["contactLinks"], 0, "links through a number that 150 people share")
    check(any(c["field"] in ("phone", "selector") for c in summary["commonValuesIgnored"]), "it is told as a common value")


def with_more(folder, name, rows, more, change=lambda r: None):
    """The case data of a few people and further records of the same source."""
    path = case(folder, name, rows, change)
    lines = path.read_text(encoding="utf-8").splitlines()[:-1] + [json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in more]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return edit(path, path, lambda r: None)


def thing(kind_of_record, name, **fields):
    return {"recordType": kind_of_record, "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind_of_record}/{name}")), "localId": name, "source": [1, 0, 1, 2, 1], **fields}


def test_things_are_one_by_a_strong_key_that_nothing_contradicts():
    """Vehicles, organizations and occurrences; each contradiction keeps its own pair apart."""
    folder = scratch.named("things")
    name = lambda text: [{"full": text}]
    more = [
        thing("Vehicle", "vin-1", vin="1M8GDM9AXKP042788", make="HONDA", year=2043), thing("Vehicle", "vin-2", vin="1M8GDM9AXKP042788"),
        thing("Vehicle", "plate-1", plate="TEST123", plateIssuer="ON", make="FORD", year=2050), thing("Vehicle", "plate-2", plate="TEST 123", plateIssuer="ON", make="Ford"),
        thing("Vehicle", "moved-1", plate="TEST555", plateIssuer="ON", make="FORD"), thing("Vehicle", "moved-2", plate="TEST555", plateIssuer="ON", make="TOYOTA"),
        thing("Vehicle", "year-1", plate="TEST777", plateIssuer="ON", year=2050), thing("Vehicle", "year-2", plate="TEST777", plateIssuer="ON", year=2051),
        thing("Vehicle", "issuer-1", plate="TEST999", plateIssuer="ON"), thing("Vehicle", "issuer-2", plate="TEST999", plateIssuer="QC"),
        thing("Vehicle", "no-issuer-1", plate="TEST888"), thing("Vehicle", "no-issuer-2", plate="TEST888"),
        thing("Organization", "words-1", names=name("Example Inn Ltd."), type="OTHER"), thing("Organization", "words-2", names=name("The Example Inn"), type="OTHER"),
        thing("Organization", "type-1", names=name("Testard Spa"), type="OTHER"), thing("Organization", "type-2", names=name("Testard Spa"), type="HOTLINE"),
        thing("Organization", "number-1", names=name("Modelle Transport"), type="OTHER", identifiers=[{"type": "OTHER", "value": "BN-1"}]),
        thing("Organization", "number-2", names=name("Modelle Transport"), type="OTHER", identifiers=[{"type": "OTHER", "value": "BN-2"}]),
        thing("Organization", "renamed-1", names=name("Sampleton Motel"), type="OTHER", identifiers=[{"type": "OTHER", "value": "BN-9"}]),
        thing("Organization", "renamed-2", names=name("Fictif Motel"), type="OTHER", identifiers=[{"type": "OTHER", "value": "BN-9"}]),
        thing("Occurrence", "same-1", occurrenceNumber="TS-99-1", kind="MISSING_PERSON", reportedAt="2099-03-02T21:10:00-05:00"),
        thing("Occurrence", "same-2", occurrenceNumber="ts 99 1", kind="MISSING_PERSON"),
        thing("Occurrence", "day-1", occurrenceNumber="TS-99-2", kind="MISSING_PERSON", reportedAt="2099-03-02T21:10:00-05:00"),
        thing("Occurrence", "day-2", occurrenceNumber="TS-99-2", kind="MISSING_PERSON", reportedAt="2099-03-04T21:10:00-05:00"),
        thing("Occurrence", "kind-1", occurrenceNumber="TS-99-3", kind="MISSING_PERSON"), thing("Occurrence", "kind-2", occurrenceNumber="TS-99-3", kind="CYBER_TIP"),
    ]
    link([with_more(folder, "case", twice(), more)], folder / "out", exit=None)
    all_of_it = records(folder / "out" / "case.jsonl")
    local = {r["id"]: r.get("localId") for r in all_of_it}
    found = sorted(tuple(sorted(local[m["ref"]] for m in c["members"])) for c in all_of_it if c["recordType"] == "Cluster" and c["entityType"] in ("Vehicle", "Organization", "Occurrence"))
    equal(found, [("plate-1", "plate-2"), ("same-1", "same-2"), ("vin-1", "vin-2"), ("words-1", "words-2")], "what is one, and nothing else")


def test_a_street_check_alone_makes_nobody_one():
    """H28: who is known from street checks alone is joined by a strong number only; another role lifts that."""
    folder = scratch.named("checks")
    plain, _ = town(120)
    write(folder / "town.csv", plain)
    link([folder / "town.csv"], folder / "model")

    def one(name, numbers, *more):
        path = case(folder, name, twice(), lambda r: r.pop("identifiers", None) if not numbers and r["recordType"] == "Person" else None)
        ids = {r["localId"]: r["id"] for r in records(path) if r["recordType"] == "Person"}
        extra = [thing("Occurrence", k, occurrenceNumber=k, kind=kind) for k, kind in (("C-1", "STREET_CHECK"), ("M-1", "MISSING_PERSON"))]
        to = {r["localId"]: r["id"] for r in extra}
        extra += [{"recordType": "Link", "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}{k}")), "source": [1, 0, 1, 2, 1], "type": "ROLE_IN", "from": ids["A"], "to": to[k], "role": "OTHER", "assertedBy": "SOURCE"} for k in more]
        lines = path.read_text(encoding="utf-8").splitlines()[:-1] + [json.dumps(r, separators=(",", ":")) for r in extra]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        edit(path, path, lambda r: None)
        got = link([path], folder / name, "--model", folder / "model" / "model.json", "--review", folder / f"{name}.review.csv")
        with open(folder / f"{name}.review.csv", encoding="utf-8", newline="") as f:
            return got["A"] == got["B"], len(list(csv.DictReader(f)))
    equal(one("none", False), (True, 0), "names, date and place of birth are enough for others")
    equal(one("check", False, "C-1"), (False, 1), "known from a street check alone: for a person to decide")
    equal(one("number", True, "C-1"), (True, 0), "a strong number joins all the same")
    equal(one("both", False, "C-1", "M-1"), (True, 0), "known from another occurrence too")


def test_nights_in_any_order_and_cut_give_what_one_run_gives():
    """Under the model of the first night; ids persist, changes have a cause, a record that goes leaves no trace, and so does a decision."""
    folder, rows, truth = people()
    model = folder / "night-model"
    link([folder / "people.csv"], model)

    def night(state, name, some, *options):
        inputs = [write(folder / f"{name}.csv", some)] if some else []
        run("link", *inputs, "--state", folder / state, "--clusters", folder / f"{state}.csv", "--run-time", RUN_TIME, *options)
        return clusters(folder / f"{state}.csv")

    how = ("--model", model / "model.json")
    once = night("once", "all", rows, *how)
    equal(set(once), set(truth), "records in the state")
    night("three", "n1", rows[::3], *how)
    first = clusters(folder / "three.csv")
    night("three", "n2", rows[2::3])
    three = night("three", "n3", rows[1::3])
    equal(partition(three), partition(once), "people after three nights")
    night("turned", "n3", rows[1::3], *how)
    turned = night("turned", "n4", rows[::3] + rows[2::3])
    equal(partition(turned), partition(once), "people after two nights in another order")
    kept = sum(three[r] == e for r, e in first.items())
    check(kept >= .95 * len(first), "entities keep their ids over nights")
    with open(folder / "three" / "changes.csv", encoding="utf-8", newline="") as f:
        changes = list(csv.DictReader(f))
    check({c["change"] for c in changes} >= {"CREATED", "JOINED"} and all(c["cause"] == "RECORDS" for c in changes), "changes of the last night")

    pair = next(g for g in partition(once) if len(g) == 2)
    name = "example-people,PEOPLE-CSV"
    (folder / "n.csv").write_text("a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\n" + f"{name},{pair[0]},{name},{pair[1]},different,me,2098-01-01T00:00:00Z,\n", encoding="utf-8")
    split = night("once", "", [], "--decisions", folder / "n.csv")
    check(split[pair[0]] != split[pair[1]], "a decision in a state")
    with open(folder / "once" / "changes.csv", encoding="utf-8", newline="") as f:
        equal([(c["change"], c["cause"]) for c in csv.DictReader(f)], [("SPLIT", "DECISION")], "its change and cause")
    equal(partition(night("once", "", [])), partition(once), "the decision undone")

    run("convert", folder / "all.csv", "--to", "case-jsonl", "-o", folder / "all.jsonl", "--run-time", RUN_TIME, "--force")

    def ends(r):
        if r["recordType"] == "Person" and r["localId"] == pair[0]:
            r.setdefault("handling", {})["accessEnds"] = "2099-06-01"
    edit(folder / "all.jsonl", folder / "ends.jsonl", ends)
    run("link", folder / "ends.jsonl", "--state", folder / "once", "--run-time", RUN_TIME)
    run("link", "--state", folder / "once", "--clusters", folder / "once.csv", "--run-time", "2099-06-02T00:00:00Z")
    equal(set(once) - set(clusters(folder / "once.csv")), {pair[0]}, "a record leaves on the night after its access ended")
    out, _ = run("--json", "link", "--state", folder / "three", "--refit", "--clusters", folder / "three.csv", "--run-time", RUN_TIME)
    equal(json.loads(out)["refit"], True, "a refit is told")
    refit = clusters(folder / "three.csv")
    check(sum(refit[r] == e for r, e in three.items()) >= .95 * len(three), "entities keep their ids over a refit")


def test_single_records_are_answered():
    folder, rows, truth = people()
    run("link", folder / "people.csv", "--state", folder / "serving", "--run-time", RUN_TIME)
    r = next(r for r in rows if len(r["dob"]) == 10)
    asked = {"id": "q1", "names": [{"given": r["given"], "family": r["family"]}], "birthDate": r["dob"], "birthPlace": r["birth_city"], "addresses": [{"street": r["street"], "city": r["city"], "postalCode": r["postcode"]}]}
    out, _ = run("link", "--serve-stdin", "--state", folder / "serving", stdin=(json.dumps(asked) + "\nnot json\n" + json.dumps({"id": "q2"}) + "\n").encode())
    answers = [json.loads(line) for line in out.splitlines()]
    equal(len(answers), 3, "one answer a line")
    check(any(c["localId"] == r["rec_id"] for c in answers[0]["candidates"]), f"the record itself is found: {answers[0]}")
    check("error" in answers[1], "a line that is not JSON is an answer too")
    equal(answers[2], {"id": "q2", "candidates": []}, "nothing known, nobody found")
    run("link", "--serve-stdin", "--state", folder / "nowhere", stdin=b"", exit=5)


def test_review_and_labels():
    """A filled review file is obeyed; labels say how good the result is."""
    folder, rows, truth = people()
    with open(folder / "truth.csv", "w", encoding="utf-8") as f:
        f.write("record_id,entity_id,pattern\n" + "".join(f"{r},{e},{'even' if e % 2 else 'odd'}\n" for r, e in truth.items()))
    got = link([folder / "people.csv"], folder / "reviewed", "--review", folder / "review.csv", "--labels", folder / "truth.csv")
    summary = json.loads((folder / "reviewed" / "summary.json").read_text())
    equal((summary["fairness"]["measured"], "indigenous" in summary["fairness"]["notMeasured"]), (["even", "odd"], True), "fairness: what is measured")
    told = summary["labels"]
    want, have = pairs(truth), pairs(got)
    equal(told["precision"]["pairs"], len(have), "joined pairs")
    equal(f"{told['recall']['rate']:.5f}", f"{len(want & have) / len(want):.5f}", "recall")
    check(told["recall"]["low"] <= told["recall"]["rate"] <= told["recall"]["high"], "an interval holds its rate")
    equal(sorted(told["byPattern"]), ["even", "odd"], "rates by pattern of name")
    with open(folder / "review.csv", encoding="utf-8", newline="") as f:
        asked = list(csv.DictReader(f))
    for row in asked:
        row["decision"], row["by"], row["at"] = "different", "me", "2098-01-01T00:00:00Z"
    with open(folder / "filled.csv", "w", encoding="utf-8", newline="") as f:
        w = csv.DictWriter(f, ["decision", "reason", "by", "at", "score", "why", "first", "first_source", "second", "second_source", "a_agency", "a_system", "a_id", "b_agency", "b_system", "b_id"])
        w.writeheader()
        w.writerows(asked)
    decided = link([folder / "people.csv"], folder / "filled", "--decisions", folder / "filled.csv", "--model", folder / "reviewed" / "model.json")
    for row in asked:
        check(decided[row["a_id"]] != decided[row["b_id"]], "a pair that was judged different is apart")
        check(row["why"] and row["first_source"].startswith("people.csv:"), "a pair has reasons and places")


CHECKER = pathlib.Path(os.environ.get("CASEBRIDGE_CHECKERS") or ROOT / "build" / "checkers" / "venv") / "bin" / "python"
# What a reviewer's spreadsheet sees: names and headings, the drop-downs, what is hidden. Then some pairs are judged.
JUDGE = """
import json, sys
import openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book.worksheets[0]
names = [c.value for c in sheet[1]]
seen = {"names": names, "headings": [c.value for c in sheet[2]], "frozen": sheet.freeze_panes, "row1": sheet.row_dimensions[1].hidden, "title": sheet.title,
        "hidden": [n for i, n in enumerate(names) if sheet.column_dimensions[openpyxl.utils.get_column_letter(i + 1)].hidden],
        "lists": {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}}
rows = [dict(zip(names, (c.value for c in row))) for row in sheet.iter_rows(min_row=3)]
seen["rows"] = rows
choice = seen["lists"]["A3:A%d" % (len(rows) + 2)].strip('"').split(",")
for i, row in enumerate(rows):
    sheet.cell(i + 3, names.index("decision") + 1).value = choice[1 - i % 2]
    sheet.cell(i + 3, names.index("reason") + 1).value = "in my own words"
    sheet.cell(i + 3, names.index("by") + 1).value = "me"
    sheet.cell(i + 3, names.index("at") + 1).value = "2098-01-01"
book.save(sys.argv[2])
import csv
with open(sys.argv[2] + ".csv", "w", encoding="utf-8-sig", newline="") as out:  # as a spreadsheet saves it
    csv.writer(out).writerows([["" if c.value is None else c.value for c in row] for row in sheet.iter_rows()])
print(json.dumps(seen, default=str))
"""


def test_a_review_workbook_is_judged_in_a_spreadsheet():
    """Drop-downs in both languages, headings that stay, ids that are hidden."""
    if not CHECKER.exists() or subprocess.run([CHECKER, "-c", "import openpyxl"], stderr=subprocess.DEVNULL).returncode:
        check(not os.environ.get("CASEBRIDGE_REQUIRE_DATA"), "openpyxl is not installed in build/checkers/venv (./dev test does that)")
        return print("note: SKIPPED: openpyxl is not installed in build/checkers/venv (./dev test does that)")
    folder, rows, truth = people()
    columns = "decision reason by at score why first first_source second second_source a_agency a_system a_id b_agency b_system b_id".split()
    for language, words, heading in (("en", "same,different,unsure", "Decision"), ("fr", "identiques,différents,incertain", "Décision")):
        out = folder / f"workbook-{language}"
        run("--lang", language, "link", folder / "people.csv", "-o", out, "--review", folder / f"{language}.xlsx", "--run-time", RUN_TIME, "--force")
        run("--lang", language, "link", folder / "people.csv", "--review", folder / f"{language}.csv", "--run-time", RUN_TIME, "--force")
        first = (folder / f"{language}.xlsx").read_bytes()
        run("--lang", language, "link", folder / "people.csv", "--review", folder / f"{language}.xlsx", "--run-time", RUN_TIME, "--force", "-j", "3")
        equal((folder / f"{language}.xlsx").read_bytes(), first, "the same input, the same workbook")
        seen = json.loads(subprocess.run([CHECKER, "-c", JUDGE, folder / f"{language}.xlsx", folder / f"{language}-filled.xlsx"], check=True, stdout=subprocess.PIPE).stdout)
        equal(seen["names"], columns, "names of the columns")
        equal((seen["headings"][0], seen["frozen"], seen["row1"]), (heading, "B3", True), "headings that stay, and names that are hidden")
        equal(seen["hidden"], columns[-6:], "hidden columns")
        last = len(seen["rows"]) + 2
        equal(seen["lists"].get(f"A3:A{last}"), f'"{words}"', "the choices")
        check(seen["lists"].get(f"B3:B{last}", "").count(",") >= 5, "reasons to choose from")
        with open(folder / f"{language}.csv", encoding="utf-8", newline="") as f:
            asked = list(csv.DictReader(f))
        equal([(r["a_id"], r["b_id"], r["why"], r["first"]) for r in seen["rows"]], [(r["a_id"], r["b_id"], r["why"], r["first"]) for r in asked], "the pairs of the CSV")
        filled = folder / f"{language}-filled.xlsx"
        decided = link([folder / "people.csv"], folder / f"workbook-{language}-decided", "--decisions", f"{filled}.csv", "--model", out / "model.json")
        wanted = {(r["a_id"], r["b_id"]): i % 2 for i, r in enumerate(asked)}  # every other one is the same, by the choices of the list
        one = {pair for pair, same in wanted.items() if same}
        for (a, b), same in wanted.items():
            if not same:
                check(decided[a] != decided[b], "a pair that was judged different is apart")
        told = json.loads((folder / f"workbook-{language}-decided" / "summary.json").read_text())["decisions"]
        equal((told["one"], told["never"]), (len(one), len(wanted) - len(one)), "decisions of the filled workbook")
        direct = link([folder / "people.csv"], folder / f"workbook-{language}-direct", "--decisions", filled, "--model", out / "model.json")
        equal(direct, decided, "the workbook itself, and its sheet as CSV")
        check(asked and all(r["decision"] is None and r["first_source"].startswith("people.csv:") for r in seen["rows"]), "places, and nothing decided")


sys.exit(main(sys.modules[__name__]))
