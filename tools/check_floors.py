#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house's one structural rule: a module includes only itself and what it USES, on lower floors, and a vendor's
headers only where the module that hides the vendor keeps them to itself: in .cc files, and in headers that no other module
reaches."""

import re

from house import Module, files, modules, read, report

# What the CMake calls cannot say: libraries that are generated into the build tree, with their floor.
GENERATED = [Module("bindings", 3.5, ["component"])]

# Vendor header prefix -> modules that may include it, out of sight of others; "*" is any module.
VENDORS = {
    "boost/asio": ["loop", "net", "http"],
    "boost/beast": ["http"],
    "boost/json": ["*"],
    "boost/url": ["*"],
    "boost/system": ["loop", "net", "http"],
    "fmt/": ["*"],
    "openssl/": ["base", "net"],
    "nghttp2/": ["http"],
    "wasm.h": ["engine"],
    "wasmtime": ["engine"],
    "nacre_engine.h": ["engine", "component"],
    "CLI/": ["cli"],
    "spdlog/": ["telemetry"],
    "prometheus/": ["telemetry"],
    "yaml-cpp/": ["settings"],
    "liburing.h": ["loop", "capabilities/wasi_filesystem"],
}
# Headers that may name a vendor all the same, with the reason.
VENDOR_HEADERS = {
    "src/loop/task.h": "Asio's awaitable is our Task; it is named here and nowhere else",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def owner(path: str, known: dict[str, Module]) -> str | None:
    """The module a path below src/ belongs to: the longest prefix that is one."""
    parts = path.split("/")[:-1]
    while parts:
        name = "/".join(parts)
        if name in known:
            return name
        parts.pop()
    return None


def reachable(name: str, known: dict[str, Module]) -> set[str]:
    seen: set[str] = set()
    todo = list(known[name].uses)
    while todo:
        used = todo.pop()
        if used not in seen and used in known:
            seen.add(used)
            todo += known[used].uses
    return seen


def check_uses(known: dict[str, Module]) -> list[str]:
    problems = []
    for module in known.values():
        if module.floor < 0:
            problems.append(f"module {module.name} names no FLOOR")
        for used in module.uses:
            if used not in known:
                problems.append(f"module {module.name} USES {used}, which is no module")
            elif known[used].floor >= module.floor:
                problems.append(f"module {module.name} (floor {module.floor:g}) USES {used} "
                                f"(floor {known[used].floor:g}): only lower floors")
    return problems


def is_test(path: str) -> bool:
    return path.endswith(("_test.cc", "_bench.cc", "_fuzz.cc")) or "/testing/" in path


def check_include(path: str, included: str, known: dict[str, Module]) -> str | None:
    """A sentence about one include of one of our own headers, or None where it is fine."""
    here = owner(path.removeprefix("src/"), known)
    there = owner(included, known)
    if there is None:
        return f"{path}: \"{included}\" belongs to no module; write module/file.h"
    if here is None or here == there:
        return None
    if known[there].floor >= known[here].floor:
        return (f"{path}: includes {included} of floor {known[there].floor:g} "
                f"from floor {known[here].floor:g}; a module looks down only")
    if is_test(path):  # a test may borrow any lower floor, through TEST_LIBS
        return None
    if there not in reachable(here, known):
        return f"{path}: includes {included}, but {here} does not USE {there}"
    return None


def shown_headers(includes: dict[str, list[str]], known: dict[str, Module]) -> set[str]:
    """Headers of ours that another module (or a program) includes, directly or through a header it includes."""
    def module_of(path: str) -> str | None:
        return owner(path.removeprefix("src/"), known)

    todo = [f"src/{included}" for path, all_of_it in includes.items() for included in all_of_it
            if not is_test(path) and module_of(path) != owner(included, known)]
    shown: set[str] = set()
    while todo:
        header = todo.pop()
        if header not in shown:
            shown.add(header)
            todo += [f"src/{included}" for included in includes.get(header, [])]
    return shown


def check_vendor(path: str, included: str, shown: set[str], known: dict[str, Module]) -> str | None:
    """A sentence about one include in angle brackets, or None where it is fine."""
    for prefix, hiders in VENDORS.items():
        if not included.startswith(prefix):
            continue
        here = owner(path.removeprefix("src/"), known)
        if "*" not in hiders and here not in hiders:
            return f"{path}: includes <{included}>, which {' and '.join(hiders)} hides"
        if path in shown and path not in VENDOR_HEADERS:
            return f"{path}: includes <{included}> in a header that other modules see"
    return None


def main() -> None:
    known = modules()
    known |= {module.name: module for module in GENERATED if set(module.uses) <= known.keys()}
    problems = check_uses(known)
    sources = files("src/**.h", "src/**.cc", "apps/**.h", "apps/**.cc")
    found = {str(path): INCLUDE.findall(read(path)) for path in sources}
    shown = shown_headers({path: [ours for ours, _ in pairs if ours] for path, pairs in found.items()}, known)
    for path, pairs in found.items():
        for ours, vendors in pairs:
            problem = (check_include(path, ours, known) if ours else check_vendor(path, vendors, shown, known))
            if problem and path.startswith("src/"):  # a program may know everyone
                problems.append(problem)
    report("floors", problems, f"{len(known)} modules, {len(sources)} files")


if __name__ == "__main__":
    main()
