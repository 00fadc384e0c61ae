#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dead links in Markdown: relative targets must exist, and an #anchor must be a heading of its file."""

import os
import re
from pathlib import Path

from house import ROOT, files, read, report

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def without_code(text: str) -> str:
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """As the common renderers make them: lower case, punctuation dropped, spaces to dashes."""
    found = set()
    for heading in HEADING.findall(re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)):
        plain = re.sub(r"[^\w\s-]", "", heading.lower())
        found.add(re.sub(r"\s", "-", plain))
    return found


def check_link(path: Path, target: str) -> str | None:
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    name, _, anchor = target.partition("#")
    there = Path(os.path.normpath(path.parent / name)) if name else path
    if not (ROOT / there).exists():
        return f"{path}: {target} leads nowhere"
    if anchor and there.suffix == ".md" and anchor not in anchors(read(there)):
        return f"{path}: {target}: {there} has no such heading"
    return None


def main() -> None:
    pages = files("*.md")
    problems, links = [], 0
    for page in pages:
        for inline, image in LINK.findall(without_code(read(page))):
            links += 1
            problem = check_link(page, inline or image)
            if problem:
                problems.append(problem)
    report("links", problems, f"{len(pages)} pages, {links} links")


if __name__ == "__main__":
    main()
