#!/usr/bin/env python3
"""Deterministic generator of police/correctional-style person records with ground truth.

  python gen_people.py N OUT.csv [--seed 1] [--names data/names]

Writes OUT.csv (N rows, shuffled) and OUT.truth.csv (rec_id,entity_id,pattern).  Standard library only.  All people are invented.
pattern: changed (alias or married name), compound, transliterated, french, english, other, made-up (built syllables: not a real population).
Memory is constant in N: entities are streamed household by household; rows are shuffled through
temporary bucket files (<= ~40k rows each), so 5M rows need the same RAM as 10k.
Same N + seed + name lists => byte-identical output.

Fields: rec_id,source,given,middle,family,aliases,sex,dob,birth_city,nationality,street,city,postcode,phones,person_no,event_date
  aliases, phones: ';'-separated lists.   dob: YYYY-MM-DD, or YYYY-MM, or YYYY (partial).   Empty = unknown.
Truth: households share street/postcode/landline and (mostly) surname; twins share dob; Jr/Sr share names;
families move; each entity has 1..12 records across 5 sources of different quality.
"""
import argparse, os, random, sys, unicodedata, shutil, tempfile
from bisect import bisect
from itertools import accumulate
from datetime import date, timedelta

ap = argparse.ArgumentParser()
ap.add_argument("n", type=int); ap.add_argument("out")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--names", required=True, help="folder with given, family, given_other, family_other, streets and cities .tsv")
a = ap.parse_args()
R = random.Random(a.seed * 1000003 + 17)
rnd = R.random

def rows(fn):
    with open(os.path.join(a.names, fn), encoding="utf-8") as f:
        return [l.rstrip("\n").split("\t") for l in f]

class Dist:                       # weighted pick
    def __init__(s, items, w): s.items, s.cum = items, list(accumulate(w)); s.tot = s.cum[-1]
    def pick(s): return s.items[bisect(s.cum, rnd() * s.tot)]

def zipf(items, s=1.0): return Dist(items, [1.0 / (i + 1) ** s for i in range(len(items))])

g = rows("given.tsv"); f = rows("family.tsv")
GIVEN = {s: Dist([r[0] for r in g if r[1] == s], [float(r[2]) for r in g if r[1] == s]) for s in "MF"}
FAMILY = Dist([r[0] for r in f], [float(r[1]) for r in f])
go, fo = rows("given_other.tsv"), rows("family_other.tsv")
LOC = {}
for loc in sorted({r[1] for r in fo}):
    m = [r[0] for r in go if r[2] == loc and r[1] == "M"]; w = [r[0] for r in go if r[2] == loc and r[1] == "F"]
    l = [r[0] for r in fo if r[1] == loc]
    if m and w and l: LOC[loc] = (zipf(m, .8), zipf(w, .8), zipf(l, .8))
LOCW = {"fr_CA": 30, "fr_FR": 10, "es_MX": 18, "pl_PL": 6, "vi_VN": 8, "uk_UA": 6, "ru_RU": 4, "de_DE": 5, "ar_AA": 6,
        "pt_BR": 4, "ro_RO": 4, "hu_HU": 2, "tr_TR": 2, "cs_CZ": 2, "en_IN": 8, "zh_CN": 6, "en_NZ": 2, "no_NO": 1, "th_TH": 2}
LOCD = Dist([l for l in LOC], [LOCW.get(l, 1) for l in LOC])
NAT = {"fr_CA": "CA", "fr_FR": "FR", "es_MX": "MX", "pl_PL": "PL", "vi_VN": "VN", "uk_UA": "UA", "ru_RU": "RU", "de_DE": "DE",
       "ar_AA": "SY", "pt_BR": "BR", "ro_RO": "RO", "hu_HU": "HU", "tr_TR": "TR", "cs_CZ": "CZ", "en_IN": "IN", "zh_CN": "CN",
       "en_NZ": "NZ", "no_NO": "NO", "th_TH": "TH"}
# Indigenous-language orthographies: a built syllable lexicon (made up, not real people) with ł, ǫ, ʔ, ā, syllabic glottals
IS1 = ["Qaa", "Ui", "Nuna", "Tuk", "Kin", "Ał", "Dene", "Mǫ", "Wha", "Skwá", "Xwé", "Tsʼi", "Kʼa", "Nā", "Pīta", "Ki", "Mahi", "Oki", "Ana", "Taa"]
IS2 = ["nguaq", "lluriaq", "vut", "tok", "ngmiut", "ʔah", "dzé", "whì", "tʼi", "lha", "mīn", "wāc", "tahi", "pik", "luk", "sin", "nak", "qi", "tuq", "ra"]
IS = [x + y for x in IS1 for y in IS2]; R.shuffle(IS); IND = zipf(IS, .7)

NICK = {}
for line in """William Bill Will Billy Liam;Robert Bob Rob Bobby;Richard Rick Dick Rich;James Jim Jimmy Jamie;John Jack Johnny Jon;Michael Mike Mick Mikey;
Joseph Joe Joey;Thomas Tom Tommy;Charles Charlie Chuck;Christopher Chris Kit;Daniel Dan Danny;Matthew Matt;Anthony Tony;Steven Steve Stephen;Edward Ed Eddie Ted Ned;
Kenneth Ken Kenny;Ronald Ron Ronnie;Timothy Tim;Jeffrey Jeff Geoff;Nicholas Nick;Jonathan Jon;Samuel Sam;Benjamin Ben;Gregory Greg;Alexander Alex Sandy Sasha;
Patrick Pat Paddy;Andrew Andy Drew;Joshua Josh;Lawrence Larry;Raymond Ray;Gerald Gerry Jerry;Elizabeth Liz Beth Betty Eliza Lisa;Margaret Maggie Peggy Meg;
Patricia Pat Patty Trish;Jennifer Jen Jenny;Barbara Barb Babs;Susan Sue Susie;Katherine Kate Kathy Katie;Catherine Cathy Kate;Deborah Deb Debbie;Rebecca Becky;
Victoria Vicky Tori;Christine Chris Tina;Kimberly Kim;Jessica Jess;Dorothy Dot Dottie;Sandra Sandy;Pamela Pam;Angela Angie;Theresa Terry Tess;Jacqueline Jackie;
Samantha Sam;Alexandra Alex Sasha;Michelle Shelly;Amanda Mandy;Cynthia Cindy;Judith Judy;Frances Fran;Mary Molly Marie;Ann Anne Annie;Nancy Nan;Helen Nell""".replace("\n", "").split(";"):
    p = line.split(); NICK[p[0]] = p[1:]
TRANSLIT_VAR = [("aa", "a"), ("ph", "f"), ("ck", "k"), ("th", "t"), ("ie", "y"), ("ei", "ie"), ("iy", "y"), ("kh", "h"), ("zh", "j"), ("sh", "ch"),
                ("ou", "u"), ("oo", "u"), ("w", "v"), ("q", "k"), ("x", "ks"), ("yu", "iu"), ("ya", "ia"), ("j", "y"), ("c", "k"), ("ll", "l"), ("nn", "n"), ("ss", "s"), ("mm", "m")]
CYR = dict(zip("абвгґдеєёжзиіїйклмнопрстуфхцчшщьъыэюя",
     "a b v h g d e ie e zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ _ y e iu ia".replace("_", "").split(" ")))
CYR2 = dict(CYR, **{"г": "g", "и": "i", "й": "y", "ю": "yu", "я": "ya", "х": "h", "ц": "c", "є": "ye", "ж": "j", "щ": "sch"})
ARA = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئ", "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a a _ a i a u i".replace("_", "").split(" ")))
ARA2 = dict(ARA, **{"ق": "k", "و": "ou", "ي": "i", "ث": "s", "خ": "h", "غ": "g", "ع": "", "ة": "ah", "ج": "g", "ش": "ch"})
SPEC = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "ʔ": "", "ʼ": "", "’": "'", "ı": "i", "ə": "e"})

def fold(s):
    return "".join(c for c in unicodedata.normalize("NFKD", s.translate(SPEC)) if not unicodedata.combining(c))
def latin(s, scheme):
    m = (CYR, CYR2)[scheme]; n = (ARA, ARA2)[scheme]; out = []
    for ch in s:
        lo = ch.lower()
        t = m.get(lo, n.get(lo))
        out.append(ch if t is None else (t.capitalize() if ch != lo else t))
    r = "".join(out)
    return r[:1].upper() + r[1:]
def is_native(s): return any(ord(c) >= 0x370 and c.isalpha() and ord(c) < 0x1e00 for c in s)

CITIES = [r[0] for r in rows("cities.tsv")]; CITYD = zipf(list(range(len(CITIES))), .9)
STREETS = [r[0] for r in rows("streets.tsv")]; STR = zipf(STREETS, .5)
STYPE = ["Street", "Avenue", "Road", "Drive", "Boulevard", "Lane", "Court", "Crescent", "rue", "chemin"]
SABB = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Boulevard": "Blvd", "Lane": "Ln", "Court": "Crt", "Crescent": "Cres"}
LET = "ABCEGHJKLMNPRSTVXY"
def new_address():
    c = CITYD.pick(); z = int(rnd() ** 1.5 * 40)
    fsa = LET[c % 18] + str((c // 18) % 10) + LET[(c * 7 + z) % 18]
    pc = fsa + " " + str(int(rnd() * 10)) + LET[int(rnd() * 18)] + str(int(rnd() * 10))
    st = STYPE[int(rnd() ** 2 * 10)]; nm = STR.pick(); num = 1 + int(rnd() ** 2 * 9900)
    s = f"{num} {st} {nm}" if st in ("rue", "chemin") else f"{num} {nm} {st}"
    if rnd() < .3: s += f" Apt {1 + int(rnd() * 400)}"
    return (s, CITIES[c], pc)
AREA = ["204", "236", "250", "289", "306", "343", "365", "403", "416", "418", "438", "450", "506", "514", "519", "581", "587", "604", "613", "647", "705", "780", "819", "902", "905"]
def new_phone(): return f"({AREA[int(rnd() ** 1.3 * 25)]}) {200 + int(rnd() * 800)}-{int(rnd() * 10000):04d}"
KEY = {c: k for c, k in zip("qwertyuiopasdfghjklzxcvbnm", ["wa", "qes", "wrd", "etf", "ryg", "tuh", "yij", "uok", "ipl", "ol", "qsz", "adwx", "sfec", "dgrv", "fhtb", "gjyn", "hkum", "jli", "ko", "xa", "zcs", "xvd", "cbf", "vng", "bmh", "nj"])}
def typo(s):
    if len(s) < 3: return s
    i = 1 + int(rnd() * (len(s) - 1)); k = rnd()
    if k < .3: return s[:i] + s[i + 1:]
    if k < .5: return s[:i] + s[i] + s[i:]
    if k < .7 and i + 1 < len(s): return s[:i] + s[i + 1] + s[i] + s[i + 2:]
    c = KEY.get(s[i].lower())
    return s[:i] + (c[int(rnd() * len(c))] if c else "e") + s[i + 1:]
def phonetic(s):
    lo = s.lower(); ks = [p for p in TRANSLIT_VAR if p[0] in lo or p[1] in lo]
    if not ks: return typo(s)
    x, y = ks[int(rnd() * len(ks))]
    if x not in lo: x, y = y, x
    i = lo.index(x); r = s[:i] + y + s[i + len(x):]
    return r[:1].upper() + r[1:]
D0 = date(1930, 1, 1)
def birth(lo, hi): return date(lo, 1, 1) + timedelta(days=int(rnd() * 365.25 * (hi - lo)))
SRC = Dist(["rms", "jail", "court", "border", "ngo"], [40, 22, 18, 10, 10])
NOISE = {"rms": 1.0, "jail": .7, "court": .8, "border": .6, "ngo": 1.8}
RECS = Dist([1, 2, 3, 4, 5, 6, 7, 8, 10, 12], [40, 25, 14, 8, 5, 3, 2, 1.5, 1, .5])
HS = Dist([1, 2, 3, 4, 5, 6], [34, 30, 15, 12, 6, 3])

def make_name(origin, sex, fam=None):
    if origin == "us":
        return GIVEN[sex].pick(), fam or FAMILY.pick()
    if origin == "ind":
        return (GIVEN[sex].pick() if rnd() < .75 else IND.pick()), fam or IND.pick()
    m, w, l = LOC[origin]
    return (m if sex == "M" else w).pick(), fam or l.pick()

def person(origin, fam, sex, dob, addrs, landline):
    gv, fm = make_name(origin, sex, fam)
    mid = make_name(origin, sex)[0] if rnd() < .7 else ""
    ph = [new_phone() for _ in range(1 + int(rnd() ** 2 * 3))]
    if landline and rnd() < .6: ph.append(landline)
    al = []
    if rnd() < .12:                                                    # street names / maiden or false names
        for _ in range(1 + int(rnd() * 2)):
            k = rnd()
            al.append((gv, FAMILY.pick()) if k < .45 else ((GIVEN[sex].pick(), fm) if k < .75 else (GIVEN[sex].pick(), FAMILY.pick())))
    married = (gv, FAMILY.pick()) if sex == "F" and rnd() < .12 else None
    return dict(g=gv, f=fm, m=mid, sex=sex, dob=dob, o=origin, ad=addrs, ph=ph, al=al, mar=married,
                no="%08d" % int(rnd() * 1e8), bc=CITIES[CITYD.pick()], nat=NAT.get(origin, "US" if rnd() < .5 else "CA"))

def household():
    r = rnd(); origin = "us" if r < .68 else ("ind" if r < .73 else LOCD.pick())
    n = HS.pick(); addrs = [new_address()]; fam = make_name(origin, "M")[1]
    while rnd() < .3 and len(addrs) < 4: addrs.append(new_address())
    land = new_phone() if rnd() < .5 else None
    out = []; i = 0
    while i < n:
        own = addrs + ([new_address() for _ in range(1 + int(rnd() * 2))] if rnd() < .35 else [])
        sex = "M" if rnd() < .62 else "F"
        fm = fam if (i == 0 or rnd() < .82) else None
        adult = i < 2
        dob = birth(1940, 2000) if adult else birth(1975, 2010)
        p = person(origin, fm, sex, dob, own, land)
        if i and rnd() < .03 and p["sex"] == out[0]["sex"]: p["g"] = out[0]["g"]; p["f"] = out[0]["f"]       # Sr / Jr
        out.append(p); i += 1
        if not adult and rnd() < .03:                                                                       # twin
            t = person(origin, fm or p["f"], sex if rnd() < .7 else ("F" if sex == "M" else "M"), dob, own, land)
            t["f"] = p["f"]
            if rnd() < .4:
                for _ in range(6):
                    if t["g"][:1] == p["g"][:1]: break
                    t["g"] = make_name(origin, t["sex"])[0]
            t["bc"] = p["bc"]; out.append(t); i += 1
    return out

def cname(s, q, given):
    if is_native(s):
        if rnd() < .93: s = latin(s, 0 if rnd() < .7 else 1)
    if given:
        nk = NICK.get(s)
        if nk and rnd() < .10 * q: s = nk[int(rnd() * len(nk))]
    if not s.isascii() and rnd() < .75: s = fold(s)
    x = rnd()
    if x < .045 * q: s = typo(s)
    elif x < .07 * q: s = phonetic(s)
    elif x < .075 * q and len(s) > 4: s = s[:1] if given else s[:4 + int(rnd() * 3)]
    return s

def cdob(d, q):
    x = rnd()
    if x < .05 * q: return ""
    if x < .062 * q: return str(d.year)
    if x < .07 * q: return f"{d.year}-{d.month:02d}"
    x = rnd(); y, m, dd = d.year, d.month, d.day
    if x < .02 * q and dd <= 12: m, dd = dd, m
    elif x < .03 * q: y += 1 if rnd() < .5 else -1
    elif x < .045 * q: dd = max(1, min(28, dd + (1 if rnd() < .5 else -1)))
    elif x < .052 * q: m = 1 + int(rnd() * 12); dd = min(dd, 28)
    elif x < .06 * q: m, dd = 1, 1
    elif x < .065 * q: y = y - y % 10 + int(rnd() * 10); dd = min(dd, 28) if m == 2 else dd
    elif x < .068 * q: y -= 10; dd = min(dd, 28) if m == 2 else dd
    return f"{y}-{m:02d}-{dd:02d}"

def cphone(p, q):
    d = "".join(c for c in p if c.isdigit())
    if rnd() < .03 * q:
        i = int(rnd() * 10); d = d[:i] + str(int(rnd() * 10)) + d[i + 1:]
    k = rnd()
    return p if k < .4 and d in p.replace("(", "").replace(") ", "").replace("-", "") else (f"{d[:3]}-{d[3:6]}-{d[6:]}" if k < .7 else (d if k < .9 else f"+1 {d[:3]} {d[3:6]} {d[6:]}"))

def caddr(ad, q):
    s, c, pc = ad
    if rnd() < .35:
        for k, v in SABB.items():
            if k in s: s = s.replace(k, v); break
    if rnd() < .06 * q: s = typo(s)
    if " Apt " in s and rnd() < .25: s = s[:s.index(" Apt ")]
    if rnd() < .04 * q: c = typo(c)
    x = rnd()
    if x < .10 * q: pc = ""
    elif x < .13 * q: pc = pc[:5] + LET[int(rnd() * 18)] + pc[6:]
    elif x < .3: pc = pc.replace(" ", "")
    return s, c, pc

def esc(v): return '"' + v.replace('"', '""') + '"' if ("," in v or '"' in v) else v

def record(p):
    src = SRC.pick(); q = NOISE[src]
    gv, fm, mid = p["g"], p["f"], p["m"]
    if p["al"] and rnd() < .18: gv, fm = p["al"][int(rnd() * len(p["al"]))]
    elif p["mar"] and rnd() < .5: gv, fm = p["mar"]
    al = []
    if p["al"] and rnd() < .55: al += [" ".join(x) for x in p["al"]]
    if (gv, fm) != (p["g"], p["f"]) and rnd() < .45: al.append(f'{latin(p["g"], 0) if is_native(p["g"]) else p["g"]} {latin(p["f"], 0) if is_native(p["f"]) else p["f"]}')
    gv, fm = cname(gv, q, True), cname(fm, q, False)
    if mid and rnd() < .35: mid = ""
    elif mid: mid = fold(latin(mid, 0) if is_native(mid) else mid); mid = mid[:1] if rnd() < .4 else cname(mid, q, True)
    if rnd() < .012 * q: gv, fm = fm, gv
    if mid and rnd() < .02: gv, mid = mid, gv
    if rnd() < .015 * q: gv = ""
    if rnd() < .2: gv, fm = gv.upper(), fm.upper()
    s, c, pc = ("", "", "") if rnd() < .14 * q else caddr(p["ad"][int(rnd() ** 1.4 * len(p["ad"]))], q)
    ph = []
    if rnd() > .35 * q:
        ph = [cphone(x, q) for x in p["ph"] if rnd() < .6]
    sex = "" if rnd() < .03 * q else (p["sex"] if rnd() > .005 else ("F" if p["sex"] == "M" else "M"))
    no = ""
    if src in ("jail", "court", "rms") and rnd() < (.55 if src == "jail" else .22):
        no = p["no"]
        if rnd() < .02 * q: i = int(rnd() * 8); no = no[:i] + str(int(rnd() * 10)) + no[i + 1:]
    ev = date(2012, 1, 1) + timedelta(days=int(rnd() * 5000))
    return src, [gv, mid, fm, ";".join(al), sex, cdob(p["dob"], q), p["bc"] if rnd() > .45 * q else "", p["nat"] if rnd() > .3 else "", s, c, pc, ";".join(ph), no, ev.isoformat()]

def pattern(p):
    if p["al"] or p["mar"]: return "changed"
    if any(c in p["g"] + p["f"] for c in " -"): return "compound"
    if is_native(p["g"]) or is_native(p["f"]): return "transliterated"
    return {"us": "english", "en_NZ": "english", "fr_CA": "french", "fr_FR": "french", "ind": "made-up"}.get(p["o"], "other")

N = a.n; NB = max(1, N // 30000)
tmp = tempfile.mkdtemp(prefix="gen_", dir=os.path.dirname(os.path.abspath(a.out)))
bk = [open(os.path.join(tmp, str(i)), "w", encoding="utf-8", buffering=1 << 14) for i in range(NB)] if NB <= 900 else sys.exit("N too large")
n = ent = 0
while n < N:
    for p in household():
        ent += 1
        for _ in range(RECS.pick()):
            if n >= N: break
            src, r = record(p)
            bk[int(rnd() * NB)].write(f"{src},{','.join(map(esc, r))}\t{ent},{pattern(p)}\n"); n += 1
        if n >= N: break
for b in bk: b.close()
HEAD = "rec_id,source,given,middle,family,aliases,sex,dob,birth_city,nationality,street,city,postcode,phones,person_no,event_date\n"
rid = 0
with open(a.out, "w", encoding="utf-8") as o, open(os.path.splitext(a.out)[0] + ".truth.csv", "w") as t:
    o.write(HEAD); t.write("rec_id,entity_id,pattern\n")
    for i in range(NB):
        with open(os.path.join(tmp, str(i)), encoding="utf-8") as b: L = b.readlines()
        R.shuffle(L)
        for line in L:
            rid += 1; body, e = line.rstrip("\n").rsplit("\t", 1)
            o.write(f"{rid},{body}\n"); t.write(f"{rid},{e}\n")
shutil.rmtree(tmp)
import resource
print(f"{rid} records, {ent} entities, peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
