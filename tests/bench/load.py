# SPDX-License-Identifier: Apache-2.0
"""Loads a server with wrk for a while, and tells what it cost: throughput, latency, CPU time and instructions a request."""

import re
import subprocess
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median

from servers import LOAD_CORE, Server

HERE = Path(__file__).resolve().parent
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass
class Round:
    """What one round of load found. Times are in seconds."""
    requests: int
    rate: float
    p50: float
    p99: float
    errors: int
    cpu: float = 0.0  # server CPU time of one request
    instructions: float | None = None  # of the server in user mode, a request


def seconds_of(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def parse_wrk(text: str) -> Round:
    """The report of `wrk --latency`. A server that answered nobody kept them waiting without end."""
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    errors += sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    requests = int(re.search(r"(\d+) requests in", text).group(1))

    def percentile(n: int) -> float:
        return seconds_of(re.search(rf"^\s+{n}%\s+(\S+)", text, re.MULTILINE).group(1)) if requests else inf
    return Round(requests=requests, rate=float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
                 p50=percentile(50), p99=percentile(99), errors=errors)


def instructions_counted(text: str) -> float | None:
    """The count in the CSV report of `perf stat -x,`, or None where the machine has no such counter."""
    found = re.search(r"^(\d+),[^,]*,instructions", text, re.MULTILINE)
    return float(found.group(1)) if found else None


def load(server: Server, seconds: float, connections: int, path: str = "/", script: str | None = None) -> Round:
    command = ["taskset", "-c", LOAD_CORE, "wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds:g}s"]
    if script:
        command += ["-s", str(HERE / script)]
    command.append(f"http://127.0.0.1:{server.port}{path}")
    perf = subprocess.Popen(
        ["perf", "stat", "-x,", "-e", "instructions:u", "-p", ",".join(map(str, server.processes())), "sleep",
         str(seconds + 0.2)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    before = server.cpu_seconds()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = server.cpu_seconds()
    result = parse_wrk(done.stdout)
    if result.errors > result.requests / 1000 and result.requests:
        raise RuntimeError(f"{server.name}: {result.errors} of {result.requests} requests failed")
    result.cpu = (after - before) / max(1, result.requests)
    counted = instructions_counted(perf.communicate()[1])
    result.instructions = counted / max(1, result.requests) if counted else None
    return result


def middle(rounds: list[Round]) -> Round:
    """The median of each figure; errors add up."""
    counts = [r.instructions for r in rounds if r.instructions is not None]
    return Round(
        requests=sum(r.requests for r in rounds), rate=median(r.rate for r in rounds), p50=median(r.p50 for r in rounds),
        p99=median(r.p99 for r in rounds), errors=sum(r.errors for r in rounds), cpu=median(r.cpu for r in rounds),
        instructions=median(counts) if counts else None)


def interleaved(servers: list[Server], rounds: int, **how) -> dict[str, Round]:
    """Rounds of every server in turn, so that a slow minute of the machine meets all of them; the first, short, is thrown away."""
    found: dict[str, list[Round]] = {server.name: [] for server in servers}
    for server in servers:
        load(server, **(how | {"seconds": 1}))
    for _ in range(rounds):
        for server in servers:
            found[server.name].append(load(server, **how))
    return {name: middle(results) for name, results in found.items()}
