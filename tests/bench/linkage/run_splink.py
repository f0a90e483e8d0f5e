#!/usr/bin/env python3
"""Splink 5 / DuckDB baseline.   python run_splink.py DATASET [--gen FILE.csv] [--out DIR] [--thr 0.95] [--chunks K]
DATASET: febrl3 | historical | fake_1000 | gen
Configs follow Splink's own demo notebooks for febrl3/historical/fake_1000; `gen` follows the same
best practice (several blocking rules, TF adjustments, name-swap levels, arrays for phones/aliases).
Timed: load+normalise, train, block, score, cluster, clusters written as parquet.  Evaluation is untimed."""
import argparse, json, os, resource, sys, time
T0 = time.time()
import sysload
ap = argparse.ArgumentParser(); ap.add_argument("ds"); ap.add_argument("--gen"); ap.add_argument("--out", default="out"); ap.add_argument("--thr", type=float, default=.95)
ap.add_argument("--chunks", type=int, default=0); ap.add_argument("--minp", type=float, default=.001); ap.add_argument("--threads", type=int, default=0)
ap.add_argument("--upairs", type=float, default=0, help="override max_pairs of u estimation (Splink default 1e6; demos use 1e6..1e7)"); ap.add_argument("--tag", default=""); ap.add_argument("--cfg", default="A", help="gen only: A = joint forename/surname comparison (as ForenameSurnameComparison), B = separate name comparisons, alias and year-of-birth levels"); ap.add_argument("--empairs", type=float, default=0, help="max_pairs of each EM session (Splink 5 feature)")
ap.add_argument("--count", action="store_true", help="also time blocking alone and scoring alone (untimed extra, after the main run)")
ap.add_argument("--simple", action="store_true", help="gen: no array columns (first phone only, no aliases)")
a = ap.parse_args()
HERE = os.path.dirname(os.path.abspath(__file__)); DATA = os.environ.get("LINKAGE_DATA", os.path.join(HERE, "..", "..", "data", "linkage")); os.makedirs(a.out, exist_ok=True)
import duckdb, logging
import splink, splink.comparison_library as cl, splink.comparison_level_library as cll
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
PT = []                                            # Splink logs "Blocking time" / "Predict time (post-blocking)"
class H(logging.Handler):
    def emit(s, r):
        m = r.getMessage()
        if "ime" in m and "seconds" in m: PT.append(m)
T_IMP = time.time() - T0
con = duckdb.connect(":memory:")
if a.threads: con.execute(f"SET threads={a.threads}")
ph = {}; last = time.time()
def mark(k):
    global last
    now = time.time(); ph[k] = round(now - last, 2); last = now
uid, ent, srccol = "unique_id", "cluster", None
tabs = []; S = {}; em = []; det = None; recall = .8; max_pairs = 1e7; link = "dedupe_only"; em_kw = dict(estimate_without_term_frequencies=True)

if a.ds == "febrl3":
    uid = "rec_id"
    fs = ["dataset3.csv"]
    for i, f in enumerate(fs):
        con.execute(f"""create table t{i} as select trim(rec_id) rec_id, nullif(trim(given_name),'') given_name, nullif(trim(surname),'') surname,
          nullif(trim(street_number),'') street_number, nullif(trim(postcode),'') postcode, nullif(trim(date_of_birth),'') date_of_birth, nullif(trim(soc_sec_id),'') soc_sec_id, nullif(trim(state),'') state, nullif(trim(address_1),'') address_1,
          nullif(trim(given_name),'')||'_'||nullif(trim(surname),'') full_name,
          regexp_extract(trim(rec_id),'^([^-]+-[^-]+)',1) "cluster" from read_csv('{DATA}/febrl/{f}',all_varchar=true,normalize_names=true)""")
        tabs.append(f"t{i}")
    brs = [block_on("soc_sec_id"), block_on("given_name"), block_on("surname"), block_on("date_of_birth"), block_on("postcode")]
    det = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"]; recall = .9; max_pairs = 1e6; em_kw = {}
    comps = [cl.NameComparison("given_name"), cl.NameComparison("surname"), cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
             cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]), cl.ExactMatch("street_number").configure(term_frequency_adjustments=True), cl.ExactMatch("postcode").configure(term_frequency_adjustments=True)]
    em = [block_on("date_of_birth"), block_on("postcode")]
elif a.ds == "historical":
    con.execute(f"create table t0 as select *, first_name||' '||surname first_name_surname_concat from read_csv('{DATA}/splink/historical_25k.csv',all_varchar=true)"); tabs = ["t0"]
    brs = [block_on("substr(first_name,1,3)", "substr(surname,1,4)"), block_on("surname", "dob"), block_on("first_name", "dob"), block_on("postcode_fake", "first_name"), block_on("postcode_fake", "surname"),
           block_on("dob", "birth_place"), block_on("substr(postcode_fake,1,3)", "dob"), block_on("substr(postcode_fake,1,3)", "first_name"), block_on("substr(postcode_fake,1,3)", "surname"), block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)")]
    comps = [cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"), cl.DateOfBirthComparison("dob", input_is_string=True), cl.PostcodeComparison("postcode_fake"),
             cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True), cl.ExactMatch("occupation").configure(term_frequency_adjustments=True)]
    det = [block_on("first_name", "surname", "dob"), block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"), block_on("dob", "postcode_fake")]; recall = .6
    em = [block_on("first_name", "surname"), block_on("dob")]
elif a.ds == "fake_1000":
    con.execute(f"create table t0 as select * from read_csv('{DATA}/splink/fake_1000.csv',all_varchar=true)"); tabs = ["t0"]
    brs = [block_on("first_name", "city"), block_on("surname"), block_on("dob"), block_on("email")]
    comps = [cl.NameComparison("first_name"), cl.NameComparison("surname"), cl.DateOfBirthComparison("dob", input_is_string=True), cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email")]
    det = [block_on("first_name", "dob"), "l.email = r.email and levenshtein(r.surname, l.surname) <= 2", block_on("email")]; recall = .7; em = [block_on("first_name", "surname"), block_on("dob")]; em_kw = {}
elif a.ds == "gen":
    uid, ent = "rec_id", None
    con.execute(f"""create table t0 as
      with raw as (select * from read_csv('{a.gen}',all_varchar=true)),
      b as (select rec_id::bigint rec_id, sex, birth_city, person_no, street, city,
        nullif(regexp_replace(upper(strip_accents(given)),'[^A-Z]','','g'),'') g, nullif(regexp_replace(upper(strip_accents(family)),'[^A-Z]','','g'),'') f,
        dob, upper(replace(postcode,' ','')) pc, aliases, string_split(phones,';') pl from raw)
      select rec_id, sex, birth_city, person_no, g, f, g||' '||f gf, pc, substr(pc,1,3) fsa,
        case when length(dob)=10 then dob end dob, substr(dob,1,4) yob,
        case when length(dob)=10 then substr(dob,1,4)||'-'||substr(dob,9,2)||'-'||substr(dob,6,2) end dob_sw,
        regexp_extract(street,'^[^0-9]*([0-9]+)',1) stno,
        list_filter(list_transform(pl, lambda x: right(regexp_replace(x,'[^0-9]','','g'),10)), lambda x: length(x)=10) phones,
        list_distinct(list_filter(list_append(list_transform(string_split(coalesce(aliases,''),';'), lambda x: regexp_replace(upper(strip_accents(x)),'[^A-Z ]','','g')), g||' '||f), lambda x: x is not null and x <> '')) as names
      from b"""); tabs = ["t0"]
    if a.simple: con.execute("alter table t0 add column ph1 varchar"); con.execute("update t0 set ph1 = phones[1]")
    phone_block = block_on("ph1") if a.simple else block_on("phones", arrays_to_explode=["phones"])
    name_extra = [] if a.simple else [{"sql_condition": "list_has_any(names_l, names_r)", "label_for_charts": "alias overlap"}]
    brs = [block_on("person_no"), phone_block, block_on("g", "f", "yob"), block_on("dob", "substr(g,1,2)"), block_on("dob", "substr(f,1,2)"), block_on("g", "pc"), block_on("f", "pc"),
           block_on("substr(f,1,3)", "substr(g,1,3)", "yob"), "l.g = r.f and l.f = r.g", "l.dob = r.dob_sw and substr(l.f,1,3) = substr(r.f,1,3)", block_on("pc", "dob"), block_on("g", "f", "fsa"), block_on("g", "f", "birth_city")]
    if not a.simple: brs.append(block_on("names", "yob", arrays_to_explode=["names"]))
    comps = [
        cl.CustomComparison(output_column_name="name", comparison_levels=[
            {"sql_condition": "(g_l is null or g_r is null) and (f_l is null or f_r is null)", "label_for_charts": "Null", "is_null_level": True},
            cll.ExactMatchLevel("gf", term_frequency_adjustments=True),
            cll.ColumnsReversedLevel("g", "f", symmetrical=True)] + [
            {"sql_condition": "jaro_winkler_similarity(g_l,g_r) >= 0.92 and jaro_winkler_similarity(f_l,f_r) >= 0.92", "label_for_charts": "jw92 both"},
            {"sql_condition": "jaro_winkler_similarity(g_l,g_r) >= 0.85 and jaro_winkler_similarity(f_l,f_r) >= 0.85", "label_for_charts": "jw85 both"}] + name_extra + [
            cll.ExactMatchLevel("f", term_frequency_adjustments=True), cll.JaroWinklerLevel("f", .9), cll.ExactMatchLevel("g", term_frequency_adjustments=True), cll.JaroWinklerLevel("g", .9), cll.ElseLevel()]),
        cl.CustomComparison(output_column_name="dob", comparison_levels=[
            cll.NullLevel("dob"), cll.ExactMatchLevel("dob"), {"sql_condition": "dob_l = dob_sw_r", "label_for_charts": "d/m swap"}, cll.DamerauLevenshteinLevel("dob", 1),
            {"sql_condition": "yob_l = yob_r", "label_for_charts": "same year"}, {"sql_condition": "abs(yob_l::int - yob_r::int) <= 1", "label_for_charts": "yr+-1"}, cll.ElseLevel()]),
        cl.CustomComparison(output_column_name="address", comparison_levels=[
            cll.NullLevel("pc"), {"sql_condition": "pc_l = pc_r and stno_l = stno_r", "label_for_charts": "pc+no"}, cll.ExactMatchLevel("pc"), cll.DamerauLevenshteinLevel("pc", 1), cll.ExactMatchLevel("fsa", term_frequency_adjustments=True), cll.ElseLevel()]),
        cl.ExactMatch("ph1") if a.simple else cl.ArrayIntersectAtSizes("phones", [2, 1]),
        cl.LevenshteinAtThresholds("person_no", [1]), cl.ExactMatch("birth_city").configure(term_frequency_adjustments=True), cl.ExactMatch("sex")]
    if a.cfg != "A":
        comps[0:2] = [
            cl.CustomComparison(output_column_name="given", comparison_levels=[
                cll.NullLevel("g"), cll.ExactMatchLevel("g", term_frequency_adjustments=True), {"sql_condition": "g_l = f_r and f_l = g_r", "label_for_charts": "swapped"},
                cll.JaroWinklerLevel("g", .92), {"sql_condition": "list_has_any(names_l, names_r)", "label_for_charts": "alias overlap"}, cll.JaroWinklerLevel("g", .85),
                {"sql_condition": "substr(g_l,1,1) = substr(g_r,1,1)", "label_for_charts": "initial"}, cll.ElseLevel()]),
            cl.CustomComparison(output_column_name="family", comparison_levels=[
                cll.NullLevel("f"), cll.ExactMatchLevel("f", term_frequency_adjustments=True), cll.JaroWinklerLevel("f", .92), cll.JaroWinklerLevel("f", .85), cll.ElseLevel()]),
            cl.CustomComparison(output_column_name="dob", comparison_levels=[
                {"sql_condition": "yob_l is null or yob_r is null", "label_for_charts": "Null", "is_null_level": True}, cll.ExactMatchLevel("dob"), {"sql_condition": "dob_l = dob_sw_r", "label_for_charts": "d/m swap"}, cll.DamerauLevenshteinLevel("dob", 1),
                {"sql_condition": "yob_l = yob_r and (dob_l is null or dob_r is null)", "label_for_charts": "same year, rest unknown"}, {"sql_condition": "yob_l = yob_r", "label_for_charts": "same year"}, {"sql_condition": "abs(yob_l::int - yob_r::int) <= 1", "label_for_charts": "yr+-1"}, cll.ElseLevel()])]
        brs += [block_on("f", "substr(g,1,1)", "fsa"), block_on("g", "fsa", "yob"), block_on("dob", "fsa")]
        if a.cfg == "C": brs += [block_on("f", "yob"), block_on("f", "substr(g,1,3)"), block_on("dob", "sex")]
    det = [block_on("person_no"), block_on("g", "f", "dob"), block_on("dob", "pc", "g")]; recall = .55
    em = [block_on("g", "f"), block_on("dob")]
    if not a.simple: con.execute("update t0 set phones = null where len(phones)=0")
mark("load")
n = sum(con.execute(f"select count(*) from {t}").fetchall()[0][0] for t in tabs)
api = DuckDBAPI(connection=con)
sdf = [api.register(con.table(t), dataset_display_name=f"d{i}") for i, t in enumerate(tabs)]
st = SettingsCreator(link_type=link, unique_id_column_name=uid, blocking_rules_to_generate_predictions=brs, comparisons=comps,
                     retain_intermediate_calculation_columns=False, retain_matching_columns=False)
LG = logging.getLogger("splink"); LG.addHandler(H()); LG.propagate = False
lk = Linker(sdf if len(sdf) > 1 else sdf[0], st)
lk.training.estimate_probability_two_random_records_match(det, recall=recall); mark("train_prior")
lk.training.estimate_u_using_random_sampling(max_pairs=a.upairs or max_pairs, seed=1); mark("train_u")
if a.empairs: em_kw["max_pairs"] = a.empairs
for b in em: lk.training.estimate_parameters_using_expectation_maximisation(b, **em_kw)
mark("train_em")
kw = dict(num_chunks_left=a.chunks, num_chunks_right=1) if a.chunks else {}
pred = lk.inference.predict(threshold_match_probability=a.minp, **kw); mark("block_score")
cl_ = lk.clustering.cluster_pairwise_predictions_at_threshold(pred, threshold_match_probability=a.thr)
cp = os.path.join(a.out, f"{a.ds}_clusters.parquet")
con.execute(f"copy (select cluster_id, \"{uid}\"{', source_dataset' if link != 'dedupe_only' else ''} from {cl_.physical_name}) to '{cp}' (format parquet)"); mark("cluster_write")
wall = time.time() - T0; rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024; LOAD = sysload.report()
# --- untimed evaluation
import re as _re
bt = sum(float(_re.search(r"([0-9.]+) seconds", m).group(1)) for m in PT if "Blocking time" in m); pt = sum(float(_re.search(r"([0-9.]+) seconds", m).group(1)) for m in PT if "Predict time" in m)
extra = dict(cfg=a.cfg, blocking_s=bt, scoring_s=pt)
if a.count:
    t = time.time(); bp = lk.inference.compute_blocked_pairs_for_predict(); tb = time.time() - t
    nb = con.execute(f"select count(*) from {bp.physical_name}").fetchall()[0][0]
    extra.update(scoring_pairs_per_s=int(nb / pt) if pt else None, blocked_pairs=nb, block_plus_score_pairs_per_s=int(nb / ph["block_score"]))
import numpy as np
from splink_eval import *
q = lambda s: con.execute(s).fetchnumpy()
if a.ds == "gen":
    con.execute(f"create table truth as select rec_id::bigint u, entity_id e, 0 s from read_csv('{os.path.splitext(a.gen)[0]}.truth.csv')")
else:
    con.execute("create table truth as " + " union all ".join(f'select "{uid}" u, "{ent}" e, {i} s from {t}' for i, t in enumerate(tabs)))
con.execute("create table ids as select u, s, dense_rank() over (order by e)::int ei, (row_number() over (order by u, s)-1)::int i from truth")
z = q("select ei, s from ids order by i"); E_, S_ = z["ei"], z["s"]
p = pred.physical_name
j = f"select a.i l, b.i r, match_weight w, match_probability p from {p} join ids a on {uid}_l=a.u join ids b on {uid}_r=b.u"   # rec ids are unique across both febrl4 files
z = q(j); tot = true_pairs(E_, S_ if link != "dedupe_only" else None)
npairs = con.execute(f"select count(*) from {p}").fetchall()[0][0]
res = dict(tool="splink", splink=splink.__version__, duckdb=duckdb.__version__, ds=a.ds, file=os.path.basename(a.gen or ""), records=n, wall_s=round(wall, 2), import_s=round(T_IMP, 2), phases=ph, peak_rss_GiB=round(rss, 2), **LOAD, max_pairs_u=a.upairs or max_pairs, max_pairs_em=a.empairs or None, tag=a.tag, **extra)
pw = pairwise(z["l"], z["r"], z["w"], E_, tot); pr = pairwise(z["l"], z["r"], z["p"], E_, tot, fixed=(.95, .5, .99)); pw.update({k: v for k, v in pr.items() if k.startswith("at_")}); res["pairwise"] = pw
c = q(f'select c.cluster_id, ids.ei from \'{cp}\' c join ids on c."{uid}"=ids.u')
res["bcubed_at_default"] = bcubed(c["cluster_id"].astype(str) if c["cluster_id"].dtype == object else c["cluster_id"], c["ei"])
best = None
for t in (.5, .8, .9, .95, .99, .999, .9999, .99999):
    k = z["p"] >= t; b = bcubed(components(len(E_), z["l"][k], z["r"][k]), E_)
    if best is None or b["F1"] > best["F1"]: best = dict(thr=t, **b)
res["bcubed_best"] = best
print(json.dumps(res)); open(os.path.join(a.out, f"splink_{a.ds}_{os.path.splitext(os.path.basename(a.gen or ''))[0]}{'_simple' if a.simple else ''}{a.tag}.json"), "w").write(json.dumps(res, indent=1))
