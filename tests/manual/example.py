#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Takes the example's program out of a manual page: example.py PAGE OUT.c"""
import sys


def program(page):
    lines, inside, wanted = [], False, False
    for line in page.splitlines():
        if line.startswith(".Sh "):
            wanted = line == ".Sh EXAMPLES"
        elif wanted and line.startswith(".Bd -literal"):
            inside = True
        elif inside and line == ".Ed":
            return "\n".join(lines) + "\n"
        elif inside:
            lines.append(line.replace("\\e", "\\"))
    sys.exit("no example in the page")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as page_file:
        text = program(page_file.read())
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write(text)
