#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the files a change touches (or --all), remembering what was clean.

A source is read again only when it, a header of ours below it, its command or .clang-tidy changed: the key of each clean
reading is kept in build/tidy/. A changed header brings in the sources that include it. Needs the dev preset built."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from house import ROOT, files, report

# A test's handlers are lambdas that outlive the run of its loop, and an optional that is empty fails the test as it should.
NOT_IN_TESTS = ["bugprone-unchecked-optional-access", "cppcoreguidelines-avoid-capturing-lambda-coroutines",
                "cppcoreguidelines-avoid-reference-coroutine-parameters"]
BUILD = ROOT / "build" / "dev"
KEYS = ROOT / "build" / "tidy"


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def changed() -> set[str] | None:
    """Files that differ from main's merge base, or None for all: on main itself, a clean reading must cover it all."""
    known = run("git", "branch", "-a", "--format=%(refname)").split()
    main = next((name for name in ("refs/remotes/origin/main", "refs/heads/main") if name in known), None)
    base = run("git", "merge-base", "HEAD", main).strip() if main else ""
    if not base or base == run("git", "rev-parse", "HEAD").strip() and not run("git", "status", "--porcelain").strip():
        return None
    listed = run("git", "diff", "--name-only", base) + run("git", "ls-files", "--others", "--exclude-standard")
    return set(listed.split())


def dependencies() -> dict[str, list[str]]:
    """Object file -> our own files it was made from, as ninja remembers them."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in run("ninja", "-C", str(BUILD), "-t", "deps").splitlines():
        if line.startswith("    "):
            path = os.path.normpath(BUILD / line.strip())
            if path.startswith(str(ROOT)):
                current.append(path)
        elif ": #deps" in line:
            current = found.setdefault(line.split(":")[0], [])
    return found


def output_of(command: str) -> str:
    words = command.split()
    return words[words.index("-o") + 1] if "-o" in words else ""


def checks_for(source: str) -> list[str]:
    path = os.path.relpath(source, ROOT)
    test = path.startswith("tests/") or path.endswith(("_test.cc", "_fuzz.cc", "_bench.cc")) or "/testing/" in path
    return ["--checks=" + ",".join(f"-{check}" for check in NOT_IN_TESTS)] if test else []


def key_of(command: str, depends: list[str], contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + command.encode())
    for path in sorted(set(depends)):
        if path.endswith((".pch", ".hxx")):
            continue
        if path not in contents:
            contents[path] = Path(path).read_bytes() if Path(path).exists() else b""
        digest.update(path.encode() + contents[path])
    return digest.hexdigest()


def main() -> None:
    only = None if "--all" in sys.argv[1:] else changed()
    ours = {str(ROOT / path) for path in files("src/**.cc", "apps/**.cc", "tests/**.cc")}
    depends = dependencies()
    KEYS.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {}
    todo = []
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        source = entry["file"]
        if source not in ours:
            continue
        below = depends.get(output_of(entry["command"]), []) + [source]
        if only is not None and not any(os.path.relpath(path, ROOT) in only for path in below):
            continue
        key = key_of(entry["command"] + "".join(checks_for(source)), below, contents)
        if not (KEYS / key).exists():
            todo.append((source, key))

    def tidy(item: tuple[str, str]) -> str:
        source, key = item
        done = subprocess.run(["clang-tidy-19", "-p", str(BUILD), "--quiet", *checks_for(source), source],
                              cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 0:
            (KEYS / key).touch()
            return ""
        return done.stdout or done.stderr

    problems = []
    with ThreadPoolExecutor(max_workers=int(os.environ.get("NACRE_JOBS", os.cpu_count() or 1))) as pool:
        for output in pool.map(tidy, todo):
            if output:
                print(output, end="")
                problems.append(output.splitlines()[0].replace(str(ROOT) + "/", ""))
    scope = "all files" if only is None else f"{len(only)} changed files"
    report("clang-tidy", problems, f"{scope}: {len(todo)} sources read, the rest was clean before")


if __name__ == "__main__":
    main()
