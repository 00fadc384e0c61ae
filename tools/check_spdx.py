#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file says its licence in its first line (second, below #!), and a header says next what it is."""

from house import files, read, report

LINE = "SPDX-License-Identifier: Apache-2.0"


def check(path: str, text: str) -> str | None:
    lines = text.splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if not lines or LINE not in lines[0]:
        return f"{path}: the first line must be the licence line: {LINE}"
    if path.startswith("src/") and path.endswith(".h"):
        if len(lines) < 2 or not lines[1].startswith("// ") or "#pragma once" not in text:
            return f"{path}: a header says in its second line what it is, and has #pragma once"
    return None


def main() -> None:
    sources = files("*.h", "*.cc", "*.rs", "*.py", "*.sh", "*.lua", "x")
    problems = [problem for path in sources if (problem := check(str(path), read(path)))]
    report("spdx", problems, f"{len(sources)} files")


if __name__ == "__main__":
    main()
