#!/usr/bin/env python3
"""Command tests: Markdown pages whose ```console blocks are run and compared.

A line that begins with "$ " is a command, run by bash in a fresh folder where `samples` is the project's samples and
`casebridge` the program under test. The lines below it are what it prints (standard output and standard error
together). In an expected line "…" stands for any text; a line of "…" alone stands for any lines. "[exit N]" is the exit
code where it is not 0. `--accept` rewrites the pages with what was printed; read the diff.
"""
import argparse, os, pathlib, re, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def blocks(lines):
    """Yields (index of the command's line, command, first and end index of its expected lines)."""
    inside, i = False, 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("```"):
            inside = not inside and line.strip() == "```console"
        elif inside and line.startswith("$ "):
            at, command = i, line[2:]
            while command.endswith("\\"):
                i += 1
                command = command[:-1] + lines[i].strip()
            end = i + 1
            while end < len(lines) and not lines[end].startswith("```") and not lines[end].startswith("$ "):
                end += 1
            yield at, command, i + 1, end
            i = end - 1
        i += 1


def matches(expected, got):
    """Line by line, "…" alone swallowing any number of lines."""
    def line_matches(pattern, line):
        return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("…")), line) is not None
    n, m = len(expected), len(got)
    reach = {0}
    for e in range(n):
        following = set()
        for g in reach:
            if expected[e].strip() == "…":
                following.update(range(g, m + 1))
            elif g < m and line_matches(expected[e], got[g]):
                following.add(g + 1)
        reach = following
        if not reach:
            return False
    return m in reach


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--program", required=True)
    ask.add_argument("--accept", action="store_true")
    ask.add_argument("pages", nargs="*")
    a = ask.parse_args()
    program = pathlib.Path(a.program).resolve()
    pages = [pathlib.Path(p) for p in a.pages] or sorted(HERE.glob("*.md"))
    failed = ran = 0
    for page in pages:
        if page.name == "README.md":
            continue
        lines = page.read_text(encoding="utf-8").split("\n")
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "samples", os.path.join(folder, "samples"))
            env = {k: v for k, v in os.environ.items() if not k.startswith(("CASEBRIDGE_", "LC_", "LANG"))}
            env.update(PATH=f"{program.parent}:{env['PATH']}", LANG="C.UTF-8", HOME=folder, NO_COLOR="1",
                       CASEBRIDGE_RUN_TIME="2099-01-02T03:04:05Z", CASEBRIDGE_TEST="1")
            if "CASEBRIDGE_ALLOW_UNSANDBOXED" in os.environ:
                env["CASEBRIDGE_ALLOW_UNSANDBOXED"] = os.environ["CASEBRIDGE_ALLOW_UNSANDBOXED"]
            replace = []
            for at, command, begin, end in blocks(lines):
                ran += 1
                done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
                got = done.stdout.decode("utf-8", "replace").rstrip("\n").split("\n") if done.stdout.strip() else []
                if done.returncode:
                    got.append(f"[exit {done.returncode}]")
                expected = lines[begin:end]
                while expected and not expected[-1].strip():
                    expected.pop()
                if not matches(expected, got):
                    if a.accept:
                        replace.append((begin, end, got))
                        continue
                    failed += 1
                    print(f"{page.name}:{at + 1}: $ {command}\n  expected:")
                    print("".join(f"    {l}\n" for l in expected) + "  printed:")
                    print("".join(f"    {l}\n" for l in got))
            for begin, end, got in reversed(replace):
                lines[begin:end] = got
            if replace:
                page.write_text("\n".join(lines), encoding="utf-8")
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed or not ran else 0


sys.exit(main())
