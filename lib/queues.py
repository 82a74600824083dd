#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Prints the designs of queues.def; given a path and names, writes a list of these there."""
import os
import re
import sys

ENTRY = re.compile(r"^IPI_QUEUE\((\w+),")

with open(sys.argv[1]) as f:
    lines = f.readlines()
if len(sys.argv) == 2:
    print(" ".join(m.group(1) for m in map(ENTRY.match, lines) if m))
else:
    path, names = sys.argv[2], sys.argv[3:]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.writelines(l for l in lines if not ENTRY.match(l) or ENTRY.match(l).group(1) in names)
