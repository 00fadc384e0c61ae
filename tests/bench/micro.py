# SPDX-License-Identifier: Apache-2.0
"""Rows measured in process: any NAME_bench program in the release build that prints Google Benchmark's JSON.

A benchmark is reported whatever its name; the names below carry a promise."""

import json
import subprocess

from rows import Check, Row
from servers import ROOT, SERVER_CORE

BUILD = ROOT / "build" / "release"
# Benchmark -> (what it promises, must, aim), in nanoseconds of CPU time for one iteration.
PROMISES = {
    "HelloRequest": ("engine part of a fresh hello request", 8000, 5000),
    "HostCall/two_integers": ("guest to host call, two integers", 40, 15),
    "HostCall/list_1k": ("guest to host call, a list of 1 KiB", 120, 60),
    "CrossComponentCall": ("call between two components of one composition", 300, 100),
}
# Fresh requests in one process, items a second on one thread and on two.
SCALING = ("HelloRequestScaling/real_time/threads:1", "HelloRequestScaling/real_time/threads:2")
NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


def programs() -> list:
    return sorted(path for path in BUILD.glob("**/*_bench") if path.is_file())


def checks_of(benchmarks: list[dict]) -> list[Check]:
    """The promises that these results of one program speak to; medians where repetitions were asked for."""
    by_name = {b.get("run_name", b["name"]): b for b in benchmarks if b.get("aggregate_name", "median") == "median"}
    checks = []
    for name, (what, must, aim) in PROMISES.items():
        if name in by_name:
            found = by_name[name]
            value = found["cpu_time"] * NANOSECONDS[found["time_unit"]]
            checks.append(Check(what, value, must, aim, least=False, unit="ns"))
    one, two = (by_name.get(name) for name in SCALING)
    if one and two:
        ratio = two["items_per_second"] / one["items_per_second"]
        checks.append(Check("fresh hello requests in process, 1 to 2 threads", ratio, 1.6, 1.9))
    return checks


def run(program) -> Row:
    # What scales over threads needs more than one core, so those are not pinned.
    base = [str(program), "--benchmark_format=json", "--benchmark_repetitions=5", "--benchmark_min_time=0.2",
            "--benchmark_report_aggregates_only=true"]
    pinned = ["taskset", "-c", SERVER_CORE, *base, "--benchmark_filter=-threads:"]
    benchmarks = []
    for command in (pinned, [*base, "--benchmark_filter=threads:"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{program.name}: {done.stderr[-2000:]}")
        if done.stdout.strip():
            benchmarks += json.loads(done.stdout)["benchmarks"]
    medians = [b for b in benchmarks if b.get("aggregate_name") == "median"]
    figures = {b["run_name"]: {"cpu_ns": b["cpu_time"] * NANOSECONDS[b["time_unit"]]} for b in medians}
    return Row(figures, checks_of(medians))
