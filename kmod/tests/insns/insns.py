#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Instructions of a send, and of what it costs the target.

insns.py PLUGIN-LINES LOG: the least and the median of the sends of each route,
and of the rounds, the least number per interrupt on the target (a timer's tick
in a round only adds)."""
import re
import statistics
import sys

TURN = 4 # instructions of the receiver's loop


def rounds(lines):
    """(sends, instructions between the target's marks) of each round."""
    sends, before, began = [], 0, 0
    for line in lines:
        found = re.match(r"insns: cpu \d+ mark (\d) count (\d+)", line)
        if not found:
            continue
        mark, count = int(found[1]), int(found[2])
        if mark == 0:
            before = count
        elif mark == 1:
            sends.append(count - before)
        elif mark == 2:
            began = count
        else:
            yield sends, count - began
            sends = []


def main(marks, log):
    routes = {}
    names = re.findall(r"ipi_insns: (\S+): (\d+) sends, (\d+) turns",
                       open(log).read())
    for (name, n, turns), (sends, beyond) in zip(names, rounds(open(marks))):
        route = routes.setdefault(name, ([], []))
        route[0].extend(sends)
        route[1].append((beyond - TURN * int(turns)) / int(n))
    print(f"{'route':14} {'send least':>10} {'median':>7} {'target per interrupt':>21}")
    for name, (sends, targets) in routes.items():
        print(f"{name:14} {min(sends):10} {statistics.median(sends):7.0f} {min(targets):21.1f}")


main(*sys.argv[1:])
