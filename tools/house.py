# SPDX-License-Identifier: Apache-2.0
"""What the checks share: the repository's files, its modules with their floors, and how a check reports."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"FLOOR", "USES", "LIBS", "PRIVATE_LIBS", "TEST_LIBS", "THREADS"}


@dataclass
class Module:
    name: str  # as in includes: "loop", "capabilities/wasi_io"
    floor: float
    uses: list[str] = field(default_factory=list)


def files(*patterns: str) -> list[Path]:
    """Tracked and not yet tracked files (ignored ones left out) that match git's patterns, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parse_modules(text: str) -> list[Module]:
    """Every add_module(...) call of one CMakeLists.txt."""
    modules = []
    without_comments = re.sub(r"#.*", "", text)
    for call in re.findall(r"add_module\(([^)]*)\)", without_comments):
        words = call.split()
        module = Module(words[0], -1)
        section = ""
        for word in words[1:]:
            if word in KEYWORDS:
                section = word
            elif section == "FLOOR":
                module.floor = float(word)
            elif section == "USES":
                module.uses.append(word)
        modules.append(module)
    return modules


def modules() -> dict[str, Module]:
    found = {}
    for path in files("src/CMakeLists.txt", "src/**/CMakeLists.txt"):
        for module in parse_modules(read(path)):
            found[module.name] = module
    return found


def report(check: str, problems: list[str], fine: str) -> None:
    """Prints what is wrong, one line each, or what was looked at; ends the process honestly."""
    for problem in problems:
        print(f"{check}: {problem}")
    if problems:
        sys.exit(1)
    print(f"{check}: {fine}")
