#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the test cases of one ctest run, from its JUnit report: `N passed, N failed, N skipped` as the last line.

A program of GoogleTest counts case by case; any other test counts as one. A program that ends badly without a failed
case (a crash, a leak, a limit in time) counts as one failure more."""

import re
import sys
import xml.etree.ElementTree as ElementTree

RAN = re.compile(r"^\[==========\] \d+ tests? from .* ran\.", re.MULTILINE)
GONE_WELL = re.compile(r"^\[       OK \] ", re.MULTILINE)
FAILED_SUMMARY = re.compile(r"^\[  FAILED  \] (\d+) tests?, listed below", re.MULTILINE)
SKIPPED_SUMMARY = re.compile(r"^\[  SKIPPED \] (\d+) tests?, listed below", re.MULTILINE)
GTEST = re.compile(r"^\[==========\] Running \d+ tests? from ", re.MULTILINE)


def number(pattern: re.Pattern, text: str) -> int:
    found = pattern.findall(text)
    return int(found[-1]) if found else 0


def count(status: str, output: str) -> tuple[int, int, int]:
    """(passed, failed, skipped) of one ctest test; `status` is JUnit's: run, fail, notrun, disabled."""
    if not GTEST.search(output):
        return (int(status == "run"), int(status == "fail"), int(status in ("notrun", "disabled")))
    passed = len(GONE_WELL.findall(output))
    failed = number(FAILED_SUMMARY, output) if RAN.search(output) else 0
    if status == "fail" and failed == 0:
        failed = 1
    return (passed, failed, number(SKIPPED_SUMMARY, output))


def main() -> int:
    try:
        suite = ElementTree.parse(sys.argv[1]).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"no report of the tests: {error}")
        return 1
    totals = [0, 0, 0]
    for case in suite.iter("testcase"):
        output = case.findtext("system-out") or ""
        for index, value in enumerate(count(case.get("status", "fail"), output)):
            totals[index] += value
    passed, failed, skipped = totals
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
