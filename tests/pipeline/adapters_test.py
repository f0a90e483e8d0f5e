"""The systemd units as systemd sees them, and the folder drop: half-written files wait, whole ones are claimed, loaded and put away."""
from harness import *

UNITS = ROOT / "adapters" / "systemd"
DROP = ROOT / "adapters" / "folder_drop" / "folder_drop.py"


def test_systemd_takes_the_units():
    tool = shutil.which("systemd-analyze")
    if not tool:
        print("note: systemd-analyze is absent; the units were not verified by it")
        return
    folder = scratch.named("units")
    for unit in UNITS.glob("casebridge*"):
        (folder / unit.name.replace("@.", "@night.")).write_text(unit.read_text().replace("/usr/bin/casebridge", PROGRAM).replace("User=casebridge\nGroup=casebridge\n", "").replace("/usr/bin/logger", "/bin/true"))
    done = subprocess.run([tool, "verify", "--man=no", *sorted(map(str, folder.iterdir()))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    about = [line for line in done.stdout.splitlines() if "casebridge" in line and "/usr/lib/systemd" not in line]
    check(done.returncode == 0 and not about, f"systemd-analyze verify: {done.stdout}")


def test_the_units_count_3_as_success_and_call_for_help_for_the_rest():
    text = (UNITS / "casebridge@.service").read_text()
    check("SuccessExitStatus=3\n" in text and "OnFailure=casebridge-alert@%i.service" in text, "exit 3 and OnFailure")
    check((UNITS / "casebridge-alert@.service").exists() and "OnCalendar=" in (UNITS / "casebridge@.timer").read_text(), "alert and timer")


def test_a_file_is_claimed_when_it_is_whole_and_put_away_when_it_is_loaded():
    folder = scratch.named("drop")
    job = folder / "job.yaml"
    job.write_text("job: drop\nrunTime: 2099-01-02T03:04:05Z\nstore: drop.store\nsources:\n- {name: ads, paths: dropped/feeds/ads, format: online-ads-jsonl}\noutputs:\n- {name: desk, path: out/desk.jsonl}\n")
    incoming = folder / "dropped" / "incoming" / "ads"
    incoming.mkdir(parents=True)
    whole_feed = (ROOT / "samples" / "online-ads-jsonl" / "ads.jsonl").read_bytes()

    def drop(*options, exit):
        done = subprocess.run([sys.executable, "-B", DROP, job, "--drop", folder / "dropped", "--once", "--casebridge", PROGRAM, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        equal(done.returncode, exit, f"exit of the folder drop: {done.stdout}")

    (incoming / "ads.jsonl.part").write_bytes(whole_feed[:50])
    drop("--settle", "0", exit=0)
    check((incoming / "ads.jsonl.part").exists() and not (folder / "out").exists(), "a half-written file waits")
    (incoming / "ads.jsonl.part").rename(incoming / "ads.jsonl")
    (incoming / "ads.jsonl").write_bytes(whole_feed)
    drop("--settle", "60", exit=0)
    check((incoming / "ads.jsonl").exists(), "a file that has not settled waits")
    drop("--settle", "0", exit=0)
    done = [p for p in (folder / "dropped" / "done" / "ads").iterdir()]
    equal([p.read_bytes() for p in done], [whole_feed], "the file is done, byte for byte")
    check(done[0].name.startswith(hashlib.sha256(whole_feed).hexdigest()[:16]), "under its hash")
    check((folder / "out" / "desk.jsonl").exists(), "and its records are in the output")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
