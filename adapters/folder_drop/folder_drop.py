#!/usr/bin/env python3
"""Takes files that partners drop into a folder, and runs the job when a whole one is there.

  folder_drop.py JOB --drop DIR [--settle SECONDS] [--every SECONDS] [--once] [--casebridge PROGRAM]

DIR/incoming/FEED/   where the sender of FEED (a source of the job) writes
DIR/feeds/FEED/      claimed: the path of that source in the job file
DIR/done/FEED/       loaded; under its hash, so that trace finds it
DIR/rejected/FEED/   could not be read

A file is claimed when it has kept its size and time for --settle seconds and is not called .part, .tmp, .filepart or
.crdownload, nor begins with a dot. Claiming is one rename, so two watchers never take the same file. A feed that was held
back for its form or its threshold stays where it is until somebody decides. Nothing is ever deleted.
"""
import argparse, hashlib, json, os, pathlib, subprocess, sys, time

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp")
GONE = {"LOADED": "done", "UNCHANGED": "done", "BROKEN": "rejected", "EMPTY": "rejected"}


def digest(path):
    hash = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            hash.update(block)
    return hash.hexdigest()


class Drop:
    def __init__(self, args):
        self.args, self.root, self.seen = args, pathlib.Path(args.drop), {}
        for name in ("incoming", "feeds", "done", "rejected"):
            (self.root / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def whole(self, path):
        """Whether a file has kept its size and time long enough; the clock is the monotonic one, so jumps do no harm."""
        about = path.stat()
        mark, now = (about.st_size, about.st_mtime_ns), time.monotonic()
        known = self.seen.get(path)
        if not known or known[0] != mark:
            self.seen[path] = (mark, now)
            return self.args.settle == 0
        return now - known[1] >= self.args.settle

    def claim(self):
        claimed = []
        for path in sorted(self.root.glob("incoming/*/*")):
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED) or not path.is_file():
                continue
            try:
                if not self.whole(path):
                    continue
                to = self.root / "feeds" / path.parent.name / path.name
                to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                if to.exists():  # the last one of that name still waits for a decision
                    continue
                os.rename(path, to)
            except FileNotFoundError:
                continue  # another watcher was first
            self.seen.pop(path, None)
            claimed.append(to)
        return claimed

    def run(self):
        result = subprocess.run([self.args.casebridge, "run", self.args.job, "--json", "--log", "json"], capture_output=True, text=True, check=False)
        sys.stderr.write(result.stderr)
        try:
            feeds = {feed["feed"]: feed["condition"] for feed in json.loads(result.stdout)["feeds"]}
        except (ValueError, KeyError):
            return result.returncode  # nothing ran: all files stay where they are
        for path in sorted(self.root.glob("feeds/*/*")):
            to = GONE.get(feeds.get(path.parent.name))
            if to:
                place = self.root / to / path.parent.name / f"{digest(path)[:16]}-{path.name}"
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.replace(path, place)
                print(json.dumps({"event": to, "feed": path.parent.name, "sha256": place.name[:16]}), file=sys.stderr)
        return result.returncode

    def watch(self):
        status = 0
        while True:
            if self.claim():
                status = self.run()
            if self.args.once:
                return status
            time.sleep(self.args.every)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job")
    parser.add_argument("--drop", required=True)
    parser.add_argument("--settle", type=float, default=30)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--once", action="store_true", help="look once and end, with the exit code of the run")
    parser.add_argument("--casebridge", default="casebridge")
    args = parser.parse_args()
    os.umask(0o077)
    return Drop(args).watch()


if __name__ == "__main__":
    sys.exit(main())
