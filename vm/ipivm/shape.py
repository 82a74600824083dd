#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whether a guest's `ipi topology --json` is the machine that was asked for."""
import json
import os
import sys
import xml.etree.ElementTree as ET

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path[:1] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from ipivm import topology  # noqa: E402

USAGE = """usage: shape.py TOPOLOGY JSON

Compares a guest with the topology file it was booted with. JSON is what
`ipi topology --json` printed in the guest, or a result file of `ipi bench
run` there; - is standard input. One line for each difference.
"""
SHARED = {"smt": "the core", "llc": "the last-level cache", "socket": "the socket"}


def compare(topo, seen):
    """A line for each thing in which the guest differs; none: it is the same."""
    missing = [key for key in ("cpus", "distances", "hwloc_xml") if not seen.get(key)]
    if missing:
        return [f"the guest's topology has no {missing[0]}"]
    nodes = seen_nodes(seen["hwloc_xml"])
    return compare_cpus(topo, seen) + compare_nodes(topo, nodes) + \
        compare_members(topo, seen, nodes) + compare_shared(topo, seen) + \
        compare_distances(topo, seen, nodes)


def seen_nodes(xml):
    """[(OS number, bytes)] in hwloc's order, which the numbers in the JSON are of.

    It counts what is below an object before the memory that is beside it.
    """
    def walk(obj):
        memory = ("NUMANode", "MemCache")
        for child in sorted(obj.findall("object"), key=lambda o: o.get("type") in memory):
            yield from walk(child)
        if obj.get("type") == "NUMANode":
            yield int(obj.get("os_index")), int(obj.get("local_memory", "0"))

    return list(walk(ET.fromstring(xml)))


def words(cpus):
    return ",".join(map(str, cpus)) or "none"


def compare_cpus(topo, seen):
    have = sorted(c["cpu"] for c in seen["cpus"])
    if have == list(range(topo.cpus)):
        return []
    return [f"CPUs: asked for 0 to {topo.cpus - 1}, seen {words(have)}"]


def compare_nodes(topo, nodes):
    want, have = list(range(len(topo.memory))), sorted(n for n, _ in nodes)
    out = [] if want == have else [f"nodes: asked for {words(want)}, seen {words(have)}"]
    for node, size in sorted(nodes):
        asked = topo.memory[node] if node < len(want) else 0
        if bool(asked) != bool(size):
            out.append(f"memory of node {node}: asked for {asked} MB, seen {size >> 20} MB")
        elif size > asked << 20:
            out.append(f"memory of node {node}: asked for {asked} MB, seen more: {size >> 20} MB")
    return out


def compare_members(topo, seen, nodes):
    have = {c["cpu"]: nodes[c["node"]][0] if c["node"] < len(nodes) else None
            for c in seen["cpus"]}
    return [f"CPU {cpu}: asked for in node {slot.node}, seen in node {have[cpu]}"
            for cpu, slot in enumerate(topo.slots) if cpu in have and have[cpu] != slot.node]


def groups(labels):
    """Who shares a label: each CPU's set, for {CPU: label}."""
    sets = {}
    for cpu, label in sorted(labels.items()):
        sets.setdefault(label, []).append(cpu)
    return {cpu: sets[label] for cpu, label in labels.items()}


def compare_shared(topo, seen):
    out = []
    asked = {"smt": lambda s: s[:3], "llc": lambda s: s[:2], "socket": lambda s: s[:1]}
    key = {"smt": "core", "llc": "llc", "socket": "socket"}
    for what, label in asked.items():
        want = groups({cpu: label(slot) for cpu, slot in enumerate(topo.slots)})
        have = groups({c["cpu"]: c[key[what]] for c in seen["cpus"]})
        out += [f"CPU {cpu}: asked for sharing {SHARED[what]} with {words(want[cpu])}, "
                f"seen with {words(have[cpu])}"
                for cpu in want if cpu in have and want[cpu] != have[cpu]]
    return out


def compare_distances(topo, seen, nodes):
    out, known = [], {n: i for i, (n, _) in enumerate(nodes)}
    for a, row in enumerate(topo.distances):
        for b, asked in enumerate(row):
            if a not in known or b not in known:
                continue
            have = seen["distances"][known[a]][known[b]]
            if have != asked:
                out.append(f"distance from node {a} to {b}: asked for {asked}, seen {have}")
    return out


def read(path):
    """The topology in what `ipi` printed or wrote."""
    if path == "-":
        seen = json.load(sys.stdin)
    else:
        with open(path, encoding="utf-8") as src:
            seen = json.load(src)
    return seen.get("topology", seen)


def main(args):
    if args in (["--help"], ["-h"]):
        print(USAGE, end="")
        return 0
    if len(args) != 2:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        topo, seen = topology.load(args[0]), read(args[1])
    except topology.Bad as err:
        print(f"shape: {err}", file=sys.stderr)
        return 1
    except (OSError, ValueError, AttributeError) as err:
        print(f"shape: {args[1]}: {err}: give what `ipi topology --json` printed in the guest",
              file=sys.stderr)
        return 1
    lines = compare(topo, seen)
    print("\n".join(lines) or f"{topo.name}: as asked for", file=sys.stdout)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
