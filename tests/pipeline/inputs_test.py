"""The same records, however they come: files, a folder, a pattern, archives, a stream. Only the name of the source differs."""
import gzip
import io
import sys
import tarfile
import zipfile

from harness import *

FILES = {"a.csv": (ROOT / "samples" / "people-csv" / "people.csv").read_bytes(), "b.xml": (ROOT / "samples" / "ojbc-custody" / "booking.xml").read_bytes()}


def make():
    folder = scratch.named("make")
    (folder / "dir").mkdir(exist_ok=True)
    for name, data in FILES.items():
        (folder / "dir" / name).write_bytes(data)
        (folder / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
    with zipfile.ZipFile(folder / "set.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in FILES.items():
            z.writestr(name, data)
    with tarfile.open(folder / "set.tar.gz", "w:gz") as t:
        for name, data in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            t.addfile(member, io.BytesIO(data))
    return folder


def without_names(path):
    """All lines but the end line, with the source's name taken out."""
    out = []
    for line in lines(path):
        if line["recordType"] == "Source":
            check(line.pop("name"), "a Source without a name")
        if line["recordType"] != "DatasetEnd":
            out.append(line)
    return out


def test_folder_pattern_zip_tar_and_gz_give_the_same_records():
    folder = make()
    forms = {
        "files": [folder / "dir" / "a.csv", folder / "dir" / "b.xml"],
        "folder": [folder / "dir"],
        "pattern": [f"{folder}/dir/*"],
        "zip": [folder / "set.zip"],
        "tar.gz": [folder / "set.tar.gz"],
        "gz": [folder / "a.csv.gz", folder / "b.xml.gz"],
        "members": [f"{folder}/set.zip!a.csv", f"{folder}/set.zip!b.xml"],
    }
    first = None
    for name, inputs in forms.items():
        out = scratch.named("forms") / name
        convert(inputs, out)
        balanced(out)
        whole(out / "case.jsonl")
        got = without_names(out / "case.jsonl")
        first = first or got
        check(len(got) > 10, f"{name}: {len(got)} lines only")
        equal(got, first, name)


def test_standard_input_gives_the_same_records():
    folder = make()
    convert([folder / "dir" / "b.xml"], scratch.named("stdin") / "file")
    convert(["-"], scratch.named("stdin") / "stream", stdin=FILES["b.xml"])
    equal(without_names(scratch.named("stdin") / "stream" / "case.jsonl"), without_names(scratch.named("stdin") / "file" / "case.jsonl"), "a stream")


def test_an_archive_that_was_cut_ends_in_a_finding():
    folder = make()
    data = (folder / "set.zip").read_bytes()
    for part in (0.1, 0.5, 0.9):
        path = scratch.named("cut") / "set.zip"
        path.write_bytes(data[: int(len(data) * part)])
        out = scratch.named("cut") / f"out{part}"
        convert([path], out, exit=None)
        check(run.exit in (2, 3), f"a zip cut at {part} ends with {run.exit}")
        check(any(f["severity"] == "error" for f in findings(out)), f"a zip cut at {part}: no finding")


def test_a_zip_that_holds_far_too_much_ends_in_a_finding():
    path = scratch.named("bomb") / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        with z.open("people.csv", "w", force_zip64=True) as member:
            member.write(FILES["a.csv"])
            block = b"0" * (1 << 20)
            for _ in range(300):
                member.write(block)
    check(path.stat().st_size < 2 << 20, "this is no bomb")
    out = scratch.named("bomb") / "out"
    convert([path], out, exit=None, )
    equal(run.exit, 3, "a bomb is there, and refused")
    check(any(f["severity"] == "error" for f in findings(out)), "a bomb without a finding")


def zip_of(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name.replace("_", "."), data)
    return made.getvalue()


def test_a_damaged_archive_in_an_archive_costs_itself_and_not_its_neighbours():
    people = (ROOT / "samples" / "people-csv" / "people.csv").read_bytes()
    inner = zip_of(people_csv=people)
    for what, bad in {"cut": inner[:len(inner) // 2], "a byte changed": inner[:60] + bytes([inner[60] ^ 0x55]) + inner[61:]}.items():
        path = scratch.named("nested") / "outer.zip"
        path.write_bytes(zip_of(a_zip=bad, b_zip=inner, c_csv=people))
        out = scratch.named(f"nested-{what.replace(' ', '-')}") / "out"
        convert([path], out, exit=None)
        equal(run.exit, 3, f"{what}: exit")
        books = {feed["input"]: feed["sourceRecords"]["mapped"] for feed in manifest(out)["feeds"]}
        good = {name: n for name, n in books.items() if "a.zip" not in name}
        equal(sorted(name.rpartition("outer.zip")[2] for name in good), ["!b.zip!people.csv", "!c.csv"], f"{what}: what was read")
        check(all(n > 0 for n in good.values()), f"{what}: {books}")
        check(any(f["severity"] == "error" and "a.zip" in json.dumps(f) for f in findings(out)), f"{what}: the damaged one is not named")


def test_a_bomb_in_an_archive_is_refused_with_its_whole_archive():
    bomb = zip_of(people_csv=b"a" * (300 << 20))
    path = scratch.named("nested-bomb") / "outer.zip"
    path.write_bytes(zip_of(a_zip=bomb, b_csv=b"x\n"))
    out = scratch.named("nested-bomb") / "out"
    convert([path], out, exit=None)
    equal(run.exit, 3, "exit")
    check(any(f["code"] == "E-ARCHIVE-LIMIT" for f in findings(out)), "the bomb is not named")


def test_what_is_only_remarked_changes_no_exit():
    path = scratch.named("remark") / "set.tar.gz"
    with tarfile.open(path, "w:gz") as t:
        people = ROOT / "samples" / "people-csv" / "people.csv"
        t.add(people, "people.csv")
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "people.csv"
        t.addfile(link)
    convert([path], scratch.named("remark") / "out", exit=0)


def test_a_missing_member_is_named():
    folder = make()
    _, err = run("convert", f"{folder}/set.zip!nothing.csv", "--to", "case-jsonl", "-o", scratch.named("member") / "out.jsonl", exit=5)
    check(b"nothing.csv" in err, "the member is not named")


sys.exit(main(sys.modules[__name__]))
