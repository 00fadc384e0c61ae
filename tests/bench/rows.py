# SPDX-License-Identifier: Apache-2.0
"""What is measured: one function for each row. A row returns figures and checks; bench.py prints and keeps them."""

import contextlib
import subprocess
import threading
from dataclasses import dataclass, field
from statistics import median
from typing import Callable

from load import Round, interleaved, load
from servers import GUESTS, HELLO, LOAD_CORE, Server, nacre, nginx, wasmtime

POST_1M = "post_1m.lua"


@dataclass
class Check:
    """One promise: a ratio (or an absolute figure) against what it must and what it aims to be."""
    what: str
    value: float
    must: float
    aim: float
    least: bool = True  # must be at least; False: at most
    unit: str = "x"

    def meets(self, wanted: float) -> bool:
        return self.value >= wanted if self.least else self.value <= wanted

    def mark(self) -> str:
        return "aim" if self.meets(self.aim) else "must" if self.meets(self.must) else "BELOW"


@dataclass
class Row:
    figures: dict[str, dict] = field(default_factory=dict)  # server -> figure -> value
    checks: list[Check] = field(default_factory=list)


@dataclass
class Effort:
    rounds: int
    seconds: float


def figures(found: dict[str, Round]) -> dict[str, dict]:
    return {name: vars(r) for name, r in found.items()}


def cheaper(found: dict[str, Round], than: str) -> float:
    """How many requests of nacre the CPU time of one request of a peer pays for: truer than throughput, which the load
    generator limits near nginx's speed."""
    return found[than].cpu / found["nacre"].cpu


def measure(servers: list[Server], effort: Effort, **how) -> dict[str, Round]:
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        return interleaved(servers, effort.rounds, seconds=effort.seconds, **how)


def hello_fresh(effort: Effort) -> Row:
    found = measure([nginx(), wasmtime(HELLO, "--max-instance-reuse-count", "1"), nacre(HELLO)], effort, connections=32)
    return Row(figures(found), [
        Check("CPU, against nginx", cheaper(found, "nginx"), 0.40, 0.60),
        Check("CPU, against wasmtime serve fresh", cheaper(found, "wasmtime"), 1.9, 1.9),
        Check("throughput, against nginx", found["nacre"].rate / found["nginx"].rate, 0.40, 0.60),
        Check("throughput, against wasmtime serve fresh", found["nacre"].rate / found["wasmtime"].rate, 1.9, 1.9)])


def hello_reuse(effort: Effort) -> Row:
    found = measure([nginx(), wasmtime(HELLO, "--max-instance-reuse-count", "128"), nacre(HELLO, "--reuse", "128")],
                    effort, connections=32)
    return Row(figures(found), [
        Check("CPU, against nginx", cheaper(found, "nginx"), 0.60, 0.80),
        Check("CPU, against wasmtime serve reusing", cheaper(found, "wasmtime"), 1.0, 1.0),
        Check("throughput, against nginx", found["nacre"].rate / found["nginx"].rate, 0.60, 0.80),
        Check("throughput, against wasmtime serve reusing", found["nacre"].rate / found["wasmtime"].rate, 1.0, 1.0)])


def latency_1(effort: Effort) -> Row:
    found = measure([nginx(), wasmtime(HELLO), nacre(HELLO)], effort, connections=1)
    return Row(figures(found), [
        Check("p50, against nginx", found["nacre"].p50 / found["nginx"].p50, 1.5, 1.2, least=False),
        Check("p99, against nginx", found["nacre"].p99 / found["nginx"].p99, 2.0, 1.4, least=False)])


def latency_256(effort: Effort) -> Row:
    found = measure([nginx(), wasmtime(HELLO), nacre(HELLO)], effort, connections=256)
    return Row(figures(found), [
        Check("p99, against nginx", found["nacre"].p99 / found["nginx"].p99, 5.0, 2.5, least=False)])


def echo_1m(effort: Effort) -> Row:
    component = GUESTS / "echo.wasm"
    found = measure([wasmtime(component), nacre(component)], effort, connections=8, script=POST_1M)
    return Row(figures(found), [
        Check("CPU, against wasmtime serve", cheaper(found, "wasmtime"), 1.0, 1.25),
        Check("throughput, against wasmtime serve", found["nacre"].rate / found["wasmtime"].rate, 1.0, 1.25)])


def compute(effort: Effort) -> Row:
    component = GUESTS / "compute.wasm"
    found = measure([wasmtime(component), nacre(component)], effort, connections=4, path="/?rounds=1000")
    return Row(figures(found), [
        Check("throughput, against wasmtime serve", found["nacre"].rate / found["wasmtime"].rate, 0.97, 1.0)])


def start(effort: Effort) -> Row:
    """From exec to the first answer, with the compiled code in the cache."""
    makers: dict[str, Callable[[], Server]] = {
        "nginx": nginx, "wasmtime": lambda: wasmtime(HELLO), "nacre": lambda: nacre(HELLO)}
    took: dict[str, list[float]] = {name: [] for name in makers}
    for turn in range(effort.rounds * 4 + 1):
        for name, make in makers.items():
            server = make()
            try:
                seconds = server.start().wait_until_it_answers("/")
            finally:
                server.stop()
            if turn > 0:  # the first fills the caches
                took[name].append(seconds)
    middle = {name: median(all_of_it) for name, all_of_it in took.items()}
    return Row({name: {"seconds": value} for name, value in middle.items()}, [
        Check("against wasmtime serve", middle["nacre"] / middle["wasmtime"], 2.0, 0.8, least=False)])


def memory(_: Effort) -> Row:
    """Anonymous memory of a server that is idle after a few requests, its code from the cache."""
    found = {}
    for make in (lambda: wasmtime(HELLO), lambda: nacre(HELLO)):
        with make():
            pass  # fills the cache
        with make() as server:
            for _ in range(10):
                server.wait_until_it_answers("/")
            found[server.name] = {"megabytes": server.anonymous_bytes() / 1e6}
    return Row(found, [Check("one idle component", found["nacre"]["megabytes"], 12, 4, least=False, unit="MB")])


def spin(effort: Effort) -> Row:
    """The neighbour of a guest that never ends, on the same loop."""
    with nacre(GUESTS / "traps.wasm", "--cpu-budget", "1h", "--timeout", "1h") as server:
        spinner = subprocess.Popen(["taskset", "-c", LOAD_CORE, "curl", "-s", "-o", "/dev/null", "-m", "600",
                                    f"http://127.0.0.1:{server.port}/loop"])
        try:
            threading.Event().wait(0.5)  # let it begin
            result = load(server, seconds=max(5.0, effort.seconds), connections=1, path="/fine")
            if spinner.poll() is not None:
                raise RuntimeError("the spinning guest was stopped: the neighbour was measured beside nobody")
        finally:
            spinner.kill()
            spinner.wait()
    return Row({"nacre": vars(result)}, [
        Check("p99 of the neighbour", result.p99 * 1e3, 20, 12, least=False, unit="ms")])


ROWS: dict[str, tuple[str, Callable[[Effort], Row]]] = {
    "hello-fresh": ("hello, a fresh instance a request, 32 connections", hello_fresh),
    "hello-reuse": ("hello, instances reused 128 times, 32 connections", hello_reuse),
    "latency-1": ("hello, fresh, one connection", latency_1),
    "latency-256": ("hello, fresh, 256 connections", latency_256),
    "echo-1m": ("1 MiB echoed", echo_1m),
    "compute": ("a CPU-bound guest, 1000 rounds of SHA-256", compute),
    "start": ("process start to first 200, code cached", start),
    "memory": ("anonymous memory when idle", memory),
    "spin": ("neighbour of a spinning guest", spin),
}
