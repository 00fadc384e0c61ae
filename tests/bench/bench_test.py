# SPDX-License-Identifier: Apache-2.0
"""The harness itself: what it reads from its tools, and how it judges."""

import unittest

import load
import micro
from rows import Check

WRK = """Running 4s test @ http://127.0.0.1:8000/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   226.02us   31.10us   3.93ms   94.50%
    Req/Sec   141.24k     3.20k  145.11k    89.99%
  Latency Distribution
     50%  224.00us
     75%  237.00us
     90%    1.00ms
     99%    1.52ms
  562312 requests in 4.00s, 91.17MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 4
Requests/sec: 140531.12
Transfer/sec:     22.78MB
"""


class Load(unittest.TestCase):
    def test_the_report_of_wrk_is_read(self):
        found = load.parse_wrk(WRK)
        self.assertEqual((found.requests, found.rate, found.errors), (562312, 140531.12, 7))
        self.assertAlmostEqual(found.p50, 224e-6)
        self.assertAlmostEqual(found.p99, 1.52e-3)

    def test_a_server_that_answers_nobody_is_not_a_fast_one(self):
        found = load.parse_wrk(WRK.replace("562312 requests", "0 requests"))
        self.assertEqual(Check("", found.p99, 20, 12, least=False).mark(), "BELOW")

    def test_the_median_is_taken_figure_by_figure(self):
        rounds = [load.Round(1, rate, 1.0, p99, 1) for rate, p99 in ((1.0, 9.0), (2.0, 7.0), (3.0, 8.0))]
        found = load.middle(rounds)
        self.assertEqual((found.rate, found.p99, found.errors), (2.0, 8.0, 3))

    def test_a_machine_without_the_counter_has_no_instructions(self):
        self.assertIsNone(load.instructions_counted("<not supported>,,instructions:u,0,100.00,,\n"))
        self.assertEqual(load.instructions_counted("1234,,instructions:u,5,100.00,,\n"), 1234.0)


class Checks(unittest.TestCase):
    def test_a_figure_is_marked_by_what_it_reaches(self):
        self.assertEqual([Check("", v, 0.4, 0.6).mark() for v in (0.7, 0.5, 0.3)], ["aim", "must", "BELOW"])
        self.assertEqual([Check("", v, 20, 12, least=False).mark() for v in (11, 15, 21)], ["aim", "must", "BELOW"])

    def test_benchmarks_speak_to_their_promises(self):
        def found(name, **values):
            return {"name": name + "_median", "run_name": name, "aggregate_name": "median", "time_unit": "us",
                    "cpu_time": 6.0, **values}
        checks = micro.checks_of([found("HelloRequest"), found("Other"), found(micro.SCALING[0], items_per_second=10.0),
                                  found(micro.SCALING[1], items_per_second=18.0)])
        self.assertEqual([(c.value, c.mark()) for c in checks], [(6000.0, "must"), (1.8, "must")])


if __name__ == "__main__":
    unittest.main()
