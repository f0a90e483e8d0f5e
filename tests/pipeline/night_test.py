"""The joint-forces night at a tenth of its size: what must be found, what must not happen, twice the same, other nights,
and runs killed at random instants.
"""
import random
import signal
import time

from harness import *

JOBS = ROOT / "samples" / "jobs"
SCALE = "1" if os.environ.get("CASEBRIDGE_LONG") else "0.1"


class Night:
    def __init__(self, name, seed=0, scale=SCALE):
        self.folder = scratch.named(name)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "keys").mkdir(parents=True)
        for file in ("joint-forces-night.yaml", "policy.yaml"):
            shutil.copy(JOBS / file, self.folder)
        for key, text in {"tokens": f"id: night\nkey: {1:064}\n", "locating": "sample key of the locating desk, not secret\n", "joint-force": "sample key of the joint force, not secret\n"}.items():
            path = self.folder / "keys" / f"{key}.key"
            path.write_text(text)
            path.chmod(0o600)
        subprocess.run([sys.executable, "-B", JOBS / "make_night.py", self.folder / "feeds", "--scale", scale, "--seed", str(seed)], check=True)
        self.job = self.folder / "joint-forces-night.yaml"
        self.truth = json.loads((self.folder / "feeds" / "truth.json").read_text())

    def run(self, exit):
        out, _ = run("run", self.job, "--json", exit=exit)
        return json.loads(out)

    def both(self):
        """First pass, the proposed change accepted, second pass."""
        self.first = self.run(6)
        proposals = json.loads(run("quarantine", "list", self.job, "--json")[0])["proposals"]
        equal(len(proposals), 1, "proposals")
        self.proposal = proposals[0]
        run("quarantine", "replay", self.job, "--accept", self.proposal["proposal"], "--by", "test", "--why", "the sender confirmed it", "--run-time", RUN_TIME)
        self.second = self.run(3)
        return self

    def out(self, name):
        return self.folder / "out" / name

    def chain(self):
        done = subprocess.run([sys.executable, "-B", JOBS / "show_chain.py", self.out("desk.jsonl"), "--json"], stdout=subprocess.PIPE, check=False)
        return json.loads(done.stdout)

    def hashes(self):
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((self.folder / "out").rglob("*")) if p.suffix in (".jsonl", ".json") and p.name != "run.json"}


night = None


def the_night():
    global night
    night = night or Night("night").both()
    return night


def source_of(data, name):
    return {r["source"]: r for r in data if r["recordType"] == "Source"}


class Data:
    """A data set, and its records by the source record (file and line) they came from."""

    def __init__(self, path):
        self.lines = lines(path)
        self.sources = {r["source"]: r for r in self.lines if r["recordType"] == "Source"}
        self.records = {r["id"]: r for r in self.lines if "id" in r}
        self.clusters = [r for r in self.records.values() if r["recordType"] == "Cluster"]

    def key(self, local):
        return [r for r in self.records.values() if r.get("localId") == local]

    def of(self, kind, local):
        found = [r for r in self.key(local) if r["recordType"] == kind]
        check(found, f"no {kind} with the number {local}")
        return found[0]

    def together(self, *ids):
        return any(set(ids) <= {m["ref"] for m in c["members"]} for c in self.clusters)


def test_one_feed_alone_is_held_back_for_its_form():
    n = the_night()
    equal({f["feed"]: f["condition"] for f in n.first["feeds"]}, {f["feed"]: "DRIFTED" if f["feed"] == "corrections" else "LOADED" for f in n.first["feeds"]}, "conditions of the first pass")
    check(n.truth["renamed"]["tonight"] in n.proposal["patch"], "the patch names the new column")
    check(all(o["lacks"] == ["corrections"] for o in n.first["outputs"]), "every output says that it lacks the feed")
    equal({f["feed"]: f["condition"] for f in n.second["feeds"]}, {f["feed"]: "LOADED" if f["feed"] == "corrections" else "UNCHANGED" for f in n.second["feeds"]}, "conditions after the replay")
    check(all(f["sourceRecords"]["balance"] for f in n.second["feeds"]) and n.second["total"]["balance"], "the counts add up")
    for feed in n.second["feeds"]:
        file = {"missing-persons": "missing-persons.csv", "wellness-checks": "wellness-checks.jsonl", "tips": "tips.xlsx", "online-ads": "online-ads.jsonl", "traffic-stops": "traffic-stops.xml",
                "corrections": "corrections.txt", "court-orders": "court-orders.csv"}[feed["feed"]]
        equal(feed["sourceRecords"]["in"], n.truth["records"][file], f"source records of {file}")


def test_every_planted_link_is_found():
    n = the_night()
    desk = Data(n.out("desk.jsonl"))
    places = n.truth["places"]
    person = {"missing-child": desk.of("Person", places["missing-child"]["key"]), "wellness-check": desk.of("Person", places["wellness-check"]["key"])}
    inmate = [r for r in desk.records.values() if r["recordType"] == "Person" and r.get("localId") == "OT90000001"][0]
    respondent = desk.records[desk.of("Order", places["order"]["key"])["respondent"][0]]
    visitor = desk.of("Person", places["custody-visit"]["key"] + "/visitor")
    driver = [r for r in desk.records.values() if r["recordType"] == "Person" and any(i.get("value") == visitor["identifiers"][0]["value"] and r["id"] != visitor["id"] for i in r.get("identifiers", []))][0]
    check(desk.together(person["missing-child"]["id"], person["wellness-check"]["id"]), "link 1: the child and the wellness check are one")
    check(desk.together(driver["id"], visitor["id"]), "link 6: driver and visitor are one")
    check(desk.together(inmate["id"], respondent["id"]), "link 7: inmate and respondent are one")
    steps = n.chain()
    for link in n.truth["links"]:
        if link["how"] != "shares":
            continue
        wanted = {"phone": "Selector", "vehicle": "Vehicle", "place": "Location"}[link["what"]]
        values = {r["id"] for r in desk.records.values() if r["recordType"] == wanted and link["value"] in json.dumps(r, ensure_ascii=False) or r["recordType"] == wanted == "Selector" and r.get("value") == "+1" + link["value"].replace("-", "")}
        names = {desk.sources[desk.records[i]["source"][0]]["name"] for i in values}
        for place in link["of"]:
            check(places[place]["file"] in names, f"link {link['link']}: {place} is not among {names}")
        check(any(len({m["ref"] for m in c["members"]} & values) > 1 for c in desk.clusters), f"link {link['link']}: nothing joins the {link['what']} of {link['of']}")
    reached = {s["from"].split(":")[0] for s in steps} | {s["to"].split(":")[0] for s in steps}
    equal(reached, {"missing-persons.csv", "wellness-checks.jsonl", "tips.xlsx", "online-ads.jsonl", "traffic-stops.xml", "corrections.txt", "court-orders.csv"}, "feeds on the chain")


def test_what_must_not_happen_does_not():
    n = the_night()
    desk = Data(n.out("desk.jsonl"))
    places = n.truth["places"]
    child = {desk.of("Person", places[p]["key"])["id"] for p in ("missing-child", "wellness-check")}
    names = lambda r: json.dumps(r.get("names", []), ensure_ascii=False)
    for c in desk.clusters:
        members = {m["ref"] for m in c["members"]}
        if members & child:
            equal(members, child, "the cluster of the child")
        people = [desk.records[m] for m in members if desk.records[m]["recordType"] == "Person"]
        born = {p["birthDate"] for p in people if len(p.get("birthDate", "")) == 10}
        check(not any("1900-01-01" in b for b in born) or len(people) < 4, "a common birth date made a cluster")
    namesake = [r for r in desk.records.values() if r["recordType"] == "Person" and r.get("birthDate") == n.truth["traps"]["namesake"]["born"] and "traffic-stops.xml" == desk.sources[r["source"][0]]["name"]]
    respondent = desk.of("Order", places["order"]["key"])["respondent"][0]
    check(all(not desk.together(r["id"], respondent) for r in namesake), "the namesake was merged")
    roles = [r for r in desk.records.values() if r["recordType"] == "Link" and r["type"] == "ROLE_IN"]
    equal({r["role"] for r in roles if r["from"] in child}, {"MISSING_PERSON", "OTHER"}, "roles of the child")
    visitor = desk.of("Person", places["custody-visit"]["key"] + "/visitor")["id"]
    equal({r["role"] for r in roles if r["from"] == visitor}, {"VISITOR"}, "roles of the visitor")
    check("score" not in json.dumps([desk.records[c] for c in child]).lower(), "the child has a score")
    custody = [r for r in desk.records.values() if r["recordType"] == "Custody" and r["subject"] == desk.of("Person", "OT90000001")["id"]]
    equal({r["status"] for r in custody}, {"REMAND"}, "what the man on remand is called")
    equal([f["sourceRecords"]["skipped"].get("LEGAL_CALL") for f in n.second["feeds"] if f["feed"] == "corrections"], [n.truth["solicitorCalls"]], "calls to counsel")
    e164 = lambda v: "+1" + v.replace("-", "")
    solicitor = n.truth["mustNot"][4]["value"]
    protected = n.truth["alert"]["value"]
    for path in sorted((n.folder / "out").rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            check(solicitor not in text and e164(solicitor) not in text, f"the solicitor's number stands in {path.name}")
            if path.name not in ("desk.jsonl",):
                check(protected not in text and e164(protected) not in text, f"the protected number stands in {path.name}")
    tips = [r for r in desk.records.values() if r["source"][0] and desk.sources[r["source"][0]]["name"] == "tips.xlsx"]
    check(protected not in json.dumps(tips) and e164(protected) not in json.dumps(tips), "a tipster's number was kept")


def test_the_joint_force_sees_no_trace_of_the_granted_record_and_its_owner_gets_a_receipt():
    n = the_night()
    text = n.out("joint-force.jsonl").read_text(encoding="utf-8") + (n.folder / "out" / "joint-force.jsonl.about.json").read_text(encoding="utf-8")
    for word in ("example-fn-ps", "wellness", "FNPS", "ENC-2025-03", "Nation", "FN_GOVERNED", n.truth["places"]["wellness-check"]["key"]):
        check(word not in text, f"{word} stands in the data set of the joint force")
    plate = n.truth["links"][1]["value"]
    joint = Data(n.out("joint-force.jsonl"))
    vehicles = [r for r in joint.records.values() if r["recordType"] == "Vehicle" and r.get("plate") == plate]
    check(all(joint.sources[v["source"][0]]["agency"] == "example-provincial-ps" for v in vehicles), "a car is known from elsewhere")
    locating = n.out("locating.jsonl").read_text(encoding="utf-8")
    check("FNPS" in locating, "the granted records are joined for locating")
    receipts = [json.loads(p.read_text()) for p in n.out("receipts").glob("*.json")]
    check(any(r["grantId"] == "ENC-2025-03" and r["recipient"] == "locating-desk" and r["records"].get("Person") for r in receipts), "no receipt for the granted records")
    for name in ("locating.jsonl", "joint-force.jsonl", "desk.jsonl"):
        whole(n.out(name))


def test_bad_records_are_in_quarantine_at_their_line():
    n = the_night()
    items = json.loads(run("quarantine", "list", n.job, "--json")[0])["records"]
    at = {(i["input"], i["line"]) for i in items}
    truncated = n.truth["places"]["truncated"]
    check((truncated["file"], truncated["line"]) in at, f"the truncated record is not at line {truncated['line']}: {sorted(at)}")
    stops = [i for i in items if i["feed"] == "traffic-stops"]
    equal([i["code"] for i in stops], ["E-DATE-IMPOSSIBLE"], "the impossible date")
    date = n.truth["places"]["impossible-date"]["line"]
    check(date - 20 < stops[0]["line"] <= date, f"the impossible date of line {date} is at {stops[0]['line']}")
    stops_feed = [f for f in n.second["feeds"] if f["feed"] == "traffic-stops"][0]
    equal(stops_feed["findings"].get("E-DATE-IMPOSSIBLE"), 1, "impossible dates")
    orders = [f for f in n.second["feeds"] if f["feed"] == "court-orders"][0]
    equal(orders["findings"].get("E-MAP-UNKNOWN-CODE"), 1, "unknown codes")


def test_a_second_run_gives_the_same_bytes():
    n = the_night()
    before = n.hashes()
    again = n.run(3)
    equal(n.hashes(), before, "outputs of the second run")
    check(all(f["condition"] == "UNCHANGED" for f in again["feeds"]), "nothing is new")


def test_other_nights():
    for seed in range(1, 11 if os.environ.get("CASEBRIDGE_LONG") else 4):
        n = Night(f"seed-{seed}", seed, "0.02").both()
        desk = Data(n.out("desk.jsonl"))
        places = n.truth["places"]
        check(desk.together(*(desk.of("Person", places[p]["key"])["id"] for p in ("missing-child", "wellness-check"))), f"seed {seed}: link 1")
        check(len({s["to"].split(":")[0] for s in n.chain()}) >= 6, f"seed {seed}: the chain is broken")


def test_a_run_that_was_killed_ends_in_the_same_bytes():
    reference = Night("reference", scale="0.1").both()
    wanted = reference.hashes()
    r = random.Random(7)
    instants = 100 if os.environ.get("CASEBRIDGE_LONG") else 20
    killed = Night("killed", scale="0.1")
    for _ in range(instants):
        shutil.rmtree(killed.folder / "night.store.work", ignore_errors=True)
        for left in killed.folder.glob("night.store*"):
            left.unlink() if left.is_file() else shutil.rmtree(left)
        shutil.rmtree(killed.folder / "out", ignore_errors=True)
        process = subprocess.Popen([PROGRAM, "run", killed.job, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(r.random() * 2.5)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        killed.both()
        equal(killed.hashes(), wanted, "outputs after a kill")


def test_a_second_run_at_once_is_told_so():
    n = the_night()
    import fcntl
    with open(n.folder / "night.store.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _, words = run("run", n.job, exit=10)
        check(b"is in use by" in words, "the message says who has the store")


def test_feeds_that_are_late_empty_or_shrunken_hold_back_only_themselves():
    n = Night("late", scale="0.02")
    (n.folder / "feeds" / "court-orders.csv").unlink()
    (n.folder / "feeds" / "tips.xlsx").write_bytes(b"")
    ads = (n.folder / "feeds" / "online-ads.jsonl").read_bytes().splitlines(keepends=True)
    (n.folder / "feeds" / "online-ads.jsonl").write_bytes(b"".join(ads[:3]))
    got = n.run(6)
    equal({f["feed"]: f["condition"] for f in got["feeds"]}, {"missing-persons": "LOADED", "wellness-checks": "LOADED", "tips": "EMPTY", "online-ads": "SHRUNKEN", "traffic-stops": "LOADED", "corrections": "DRIFTED",
                                                              "court-orders": "LATE"}, "conditions")
    desk = [o for o in got["outputs"] if o["output"] == "desk"][0]
    equal(desk["lacks"], ["tips", "online-ads", "corrections", "court-orders"], "what the desk's data set lacks")


def test_a_refused_record_is_edited_and_replayed():
    n = Night("edited", scale="0.02").both()
    item = [i for i in json.loads(run("quarantine", "list", n.job, "--json")[0])["records"] if i["feed"] == "traffic-stops"][0]
    feed = (n.folder / "feeds" / "traffic-stops.xml").read_text(encoding="utf-8")
    stop = [s + "</ts:TrafficStop>" for s in feed.split("</ts:TrafficStop>") if "1987-02-30" in s][0]
    mended = n.folder / "mended"
    mended.write_text(stop[stop.index("<ts:TrafficStop>"):].replace("1987-02-30", "1987-02-20"), encoding="utf-8")
    run("quarantine", "edit", n.job, item["item"], "--with", mended, "--by", "test", "--why", "the officer's notebook", "--run-time", RUN_TIME)
    run("quarantine", "replay", n.job, item["item"], "--by", "test", "--why", "the officer's notebook", "--run-time", RUN_TIME)
    n.run(3)
    check("1987-02-20" in n.out("desk.jsonl").read_text(encoding="utf-8"), "the mended record is there")
    state = [i["state"] for i in json.loads(run("quarantine", "list", n.job, "--json")[0])["records"] if i["item"] == item["item"]]
    equal(state, ["replayed"], "state of the item")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
