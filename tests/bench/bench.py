#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures nacre beside its yardsticks and prints ratios; ./x bench runs it. See README.md here."""

import argparse
import json
import platform
import sys
import time

import micro
from rows import ROWS, Effort, Row
from servers import NACRE, ROOT, WASMTIME

OUT = ROOT / "build" / "bench"
SHOWN = {  # figure -> (heading, format)
    "rate": ("req/s", lambda v: f"{v:,.0f}"), "cpu": ("CPU us/req", lambda v: f"{v * 1e6:.1f}"),
    "p50": ("p50 ms", lambda v: f"{v * 1e3:.3f}"), "p99": ("p99 ms", lambda v: f"{v * 1e3:.3f}"),
    "instructions": ("instr/req", lambda v: f"{v:,.0f}"), "errors": ("errors", str),
    "seconds": ("ms", lambda v: f"{v * 1e3:.1f}"), "megabytes": ("MB", lambda v: f"{v:.1f}"),
    "cpu_ns": ("CPU ns", lambda v: f"{v:,.1f}"),
}


def table(lines: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                                      for i, (cell, w) in enumerate(zip(line, widths))) for line in lines)


def show(name: str, title: str, row: Row) -> None:
    print(f"\n{name}: {title}")
    columns = [key for key in SHOWN if any(f.get(key) is not None for f in row.figures.values())]
    if columns:
        head = ["", *(SHOWN[key][0] for key in columns)]
        body = [[server, *("" if f.get(key) is None else SHOWN[key][1](f[key]) for key in columns)]
                for server, f in row.figures.items()]
        print(table([head, *body]))
    for check in row.checks:
        sign = ">=" if check.least else "<="
        print(f"  [{check.mark():>5}] {check.what}: {check.value:.3g} {check.unit} "
              f"(must {sign} {check.must:g}, aim {sign} {check.aim:g})")


def keep(name: str, title: str, row: Row) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps({
        "row": name, "title": title, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "figures": row.figures,
        "checks": [vars(check) | {"mark": check.mark()} for check in row.checks]}, indent=2) + "\n")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./x bench", description="Rows: " + ", ".join([*ROWS, "in-process"]))
    parser.add_argument("rows", nargs="*", help="rows to measure (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each server in a row")
    parser.add_argument("--seconds", type=float, default=4, help="length of one round")
    parser.add_argument("--quick", action="store_true", help="one round of one second: to see that it works")
    options = parser.parse_args(arguments)
    unknown = set(options.rows) - {*ROWS, "in-process"}
    if unknown:
        parser.error(f"no row named {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}, in-process")
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    effort = Effort(1, 1) if options.quick else Effort(options.rounds, options.seconds)
    for program, way in ((NACRE, "./x build"), (WASMTIME, "./x bench --peers")):
        if not program.exists():
            print(f"bench: {program} is not there; {way} makes it")
            return 1
    wanted = options.rows or [*ROWS, "in-process"]
    marks, failed = [], []

    def take(name: str, title: str, measure) -> None:
        try:
            row = measure()
        except Exception as error:  # one row that fails must not hide the others
            print(f"\n{name}: {title}\n  failed: {error}")
            failed.append(name)
            return
        show(name, title, row)
        keep(name, title, row)
        marks.extend(check.mark() for check in row.checks)

    for name in wanted:
        if name == "in-process":
            for program in micro.programs():
                take(program.name, "in process", lambda: micro.run(program))
        else:
            title, measure = ROWS[name]
            take(name, title, lambda: measure(effort))
    print(f"\n{len(marks)} figures: {marks.count('aim')} reach their aim, {marks.count('must')} what they must, "
          f"{marks.count('BELOW')} are below" + (f"; failed rows: {', '.join(failed)}" if failed else ""))
    print(f"kept in {OUT.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
