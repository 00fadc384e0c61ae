#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Size budgets: files stay one idea long. What is over stands in size_exceptions.txt with a reason; that list only
shrinks, so an entry that is no longer needed, or allows more than the file takes, is a problem too."""

from pathlib import Path

from house import ROOT, files, modules, read, report

CEILING = 600  # lines of one file
P90 = 300
MEDIAN = 120
USES = 6  # modules one module names directly
TESTS_PER_LINE = 0.3  # a ratchet on the way to the budget of 0.7: raise it when the house is above, never lower it
EXCEPTIONS = ROOT / "tools" / "size_exceptions.txt"
SOURCES = ["*.h", "*.cc", "*.rs", "*.py", "*.sh", "*.cmake", "CMakeLists.txt", "**/CMakeLists.txt", "x"]


def parse_exceptions(text: str) -> tuple[dict[str, int], list[str]]:
    """Lines of `path limit reason…`."""
    limits, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=2)
        if len(words) < 3 or not words[1].isdigit():
            problems.append(f"size_exceptions.txt:{number}: want a path, a number of lines and a reason")
        else:
            limits[words[0]] = int(words[1])
    return limits, problems


def percentile(values: list[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def check_ceiling(lines: dict[str, int], allowed: dict[str, int]) -> list[str]:
    problems = []
    for path, count in lines.items():
        limit = allowed.get(path, CEILING)
        if count > limit:
            problems.append(f"{path} has {count} lines, the ceiling is {limit}: it is more than one idea")
    for path, limit in allowed.items():
        count = lines.get(path, 0)
        if count <= CEILING:
            problems.append(f"{path} needs no exception any more: remove its line from size_exceptions.txt")
        elif count < limit - 25:
            problems.append(f"{path} has {count} lines and an exception for {limit}: lower it")
    return problems


def main() -> None:
    lines = {str(path): read(path).count("\n") for path in files(*SOURCES)}
    allowed, problems = parse_exceptions(EXCEPTIONS.read_text() if EXCEPTIONS.exists() else "")
    problems += check_ceiling(lines, allowed)

    ours = {path: count for path, count in lines.items() if path.endswith((".h", ".cc"))}
    code = [count for path, count in ours.items() if not is_test(path)]
    tests = sum(count for path, count in ours.items() if is_test(path))
    median, p90 = percentile(code, 0.5), percentile(code, 0.9)
    if median > MEDIAN:
        problems.append(f"the median file has {median} lines, the budget is {MEDIAN}")
    if p90 > P90:
        problems.append(f"one file in ten has more than {p90} lines, the budget is {P90}")
    ratio = tests / max(1, sum(code))
    if ratio < TESTS_PER_LINE:
        problems.append(f"{ratio:.2f} lines of tests for a line of code, the least is {TESTS_PER_LINE}")
    for module in modules().values():
        if len(module.uses) > USES:
            problems.append(f"module {module.name} USES {len(module.uses)} others, the budget is {USES}")
    report("sizes", problems, f"{len(lines)} files, median {median}, p90 {p90}, {ratio:.2f} test lines for a line")


def is_test(path: str) -> bool:
    return path.startswith("tests/") or path.endswith(("_test.cc", "_fuzz.cc", "_bench.cc")) or "/testing/" in path


if __name__ == "__main__":
    main()
