# SPDX-License-Identifier: Apache-2.0
"""The checks themselves: each finds what it is for, and lets through what is fine."""

import unittest
from pathlib import Path

import check_floors
import check_links
import check_sizes
import check_spdx
import count_tests
from house import Module, parse_modules

HOUSE = {m.name: m for m in [
    Module("base", 0), Module("loop", 1, ["base"]), Module("net", 2, ["loop"]), Module("engine", 2, ["loop"]),
    Module("http", 3, ["net"]), Module("capabilities/wasi_io", 5, ["http"])]}


class Floors(unittest.TestCase):
    def test_calls_are_read_with_floor_and_uses(self):
        text = "# add_module(no)\nadd_module(http FLOOR 3\n  USES net loop LIBS x PRIVATE_LIBS y THREADS)\n"
        self.assertEqual(parse_modules(text), [Module("http", 3.0, ["net", "loop"])])

    def test_looking_down_is_fine_and_through_what_one_uses_too(self):
        self.assertIsNone(check_floors.check_include("src/http/a.cc", "net/dial.h", HOUSE))
        self.assertIsNone(check_floors.check_include("src/http/a.cc", "base/result.h", HOUSE))
        self.assertIsNone(check_floors.check_include("src/capabilities/wasi_io/a.h", "http/b.h", HOUSE))

    def test_looking_up_or_sideways_is_found(self):
        self.assertIn("looks down only", check_floors.check_include("src/net/a.h", "http/b.h", HOUSE))
        self.assertIn("looks down only", check_floors.check_include("src/net/a_test.cc", "engine/b.h", HOUSE))

    def test_a_lower_floor_that_is_not_used_is_found_but_free_for_tests(self):
        self.assertIn("does not USE", check_floors.check_include("src/http/a.cc", "engine/b.h", HOUSE))
        self.assertIsNone(check_floors.check_include("src/http/a_test.cc", "engine/b.h", HOUSE))

    def test_a_use_of_the_same_floor_is_found(self):
        house = HOUSE | {"net": Module("net", 2, ["engine"])}
        self.assertEqual(len(check_floors.check_uses(house)), 1)

    def test_vendors_stay_with_their_module_and_out_of_sight(self):
        def check(path, vendor, shown=()):
            return check_floors.check_vendor(path, vendor, set(shown), HOUSE)
        self.assertIsNone(check("src/net/tls.cc", "openssl/ssl.h"))
        self.assertIn("hides", check("src/http/a.cc", "openssl/ssl.h"))
        self.assertIn("other modules see", check("src/net/tls.h", "openssl/ssl.h", ["src/net/tls.h"]))
        self.assertIsNone(check("src/net/tls.h", "openssl/ssl.h"))
        self.assertIsNone(check("src/loop/task.h", "boost/asio/awaitable.hpp", ["src/loop/task.h"]))

    def test_a_header_is_shown_through_the_headers_that_include_it(self):
        includes = {"src/http/a.cc": ["net/dial.h", "http/a.h"], "src/net/dial.h": ["net/inner.h"],
                    "src/net/dial.cc": ["net/private.h"], "src/net/dial_test.cc": ["loop/private.h"]}
        self.assertEqual(check_floors.shown_headers(includes, HOUSE), {"src/net/dial.h", "src/net/inner.h"})


class Sizes(unittest.TestCase):
    def test_a_file_over_the_ceiling_needs_an_exception(self):
        self.assertEqual(len(check_sizes.check_ceiling({"a.cc": 601}, {})), 1)
        self.assertEqual(check_sizes.check_ceiling({"a.cc": 700}, {"a.cc": 700}), [])

    def test_an_exception_that_is_not_needed_is_found(self):
        self.assertEqual(len(check_sizes.check_ceiling({"a.cc": 500}, {"a.cc": 700})), 1)
        self.assertEqual(len(check_sizes.check_ceiling({"a.cc": 640}, {"a.cc": 700})), 1)

    def test_an_exception_has_a_reason(self):
        limits, problems = check_sizes.parse_exceptions("# list\na.cc 700 one table\nb.cc 700\n")
        self.assertEqual(limits, {"a.cc": 700})
        self.assertEqual(len(problems), 1)


class Links(unittest.TestCase):
    def test_targets_and_headings_must_exist(self):
        page = Path("tools/nowhere.md")
        self.assertIsNone(check_links.check_link(page, "house.py"))
        self.assertIsNone(check_links.check_link(page, "https://example.org/x"))
        self.assertIn("nowhere", check_links.check_link(page, "missing.md"))

    def test_anchors_are_made_from_headings(self):
        self.assertEqual(check_links.anchors("# What it is\n## Types: `a`, b\n"), {"what-it-is", "types-a-b"})

    def test_code_holds_no_links(self):
        self.assertEqual(check_links.without_code("a `[x](y)` b\n```\n[x](y)\n```\n").split(), ["a", "b"])


class Spdx(unittest.TestCase):
    def test_the_licence_line_comes_first(self):
        line = "SPDX-License-Identifier: Apache-2.0"
        self.assertIsNone(check_spdx.check("tools/a.sh", f"#!/bin/sh\n# {line}\n"))
        self.assertIn("first line", check_spdx.check("tools/a.sh", "#!/bin/sh\n"))
        self.assertIn("second line", check_spdx.check("src/a/b.h", f"// {line}\n#pragma once\n"))


class Counts(unittest.TestCase):
    PASSED = ("[==========] Running 2 tests from 1 test suite.\n[       OK ] A.B (0 ms)\n[       OK ] A.C (0 ms)\n"
              "[==========] 2 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 2 tests.\n")

    def test_cases_of_a_program_count_one_by_one(self):
        self.assertEqual(count_tests.count("run", self.PASSED), (2, 0, 0))

    def test_a_leak_after_green_cases_is_a_failure(self):
        self.assertEqual(count_tests.count("fail", self.PASSED), (2, 1, 0))

    def test_a_crash_in_the_middle_is_a_failure(self):
        self.assertEqual(count_tests.count("fail", self.PASSED.split("[==========] 2")[0]), (2, 1, 0))

    def test_failures_and_skips_are_read_from_the_summary(self):
        output = self.PASSED.replace("[       OK ] A.C (0 ms)", "[  FAILED  ] A.C (0 ms)\n[  SKIPPED ] A.D (0 ms)")
        output += "[  SKIPPED ] 1 test, listed below:\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] A.C\n"
        self.assertEqual(count_tests.count("fail", output), (1, 1, 1))

    def test_any_other_program_counts_as_one(self):
        self.assertEqual(count_tests.count("run", "floors: fine"), (1, 0, 0))
        self.assertEqual(count_tests.count("fail", ""), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
