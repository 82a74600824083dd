#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots each topology and looks from inside: test_shapes.py IPI [FILE...]

Prints TAP. In each guest `ipi topology` must see what the file asked for, and
`ipi bench run --dry-run` must plan just the relations that occur there.
"""
import glob
import itertools
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from ipivm import shape, topology  # noqa: E402
from made_server import core, node, obj, package, server  # noqa: E402

CONFIGS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "configs", "topo")
CANNOT = 77
LOOK = ("cut -d' ' -f1 /proc/uptime >/out/uptime && ipi topology --json >/out/seen.json && "
        "ipi bench run cacheline --dry-run >/out/plan")
RELATIONS = ("SMT sibling", "same LLC", "same node", "same socket", "other socket")

# What no file asks for: a core of two threads beside cores of one, nodes of one
# socket under one cache, memory that two nodes of a socket are equally near to.
SERVER = server(
    package(range(5), node(3, range(5), 64),
            obj("L3Cache", range(5),
                obj("Group", [0, 1, 2], node(0, [0, 1, 2], 8), core(0, 1), core(2)),
                obj("Group", [3, 4], node(1, [3, 4], 8), core(3), core(4)))),
    package([5], node(2, [5], 0), core(5)),
    distances=[[10, 12, 21, 17], [12, 10, 21, 17], [22, 22, 10, 28], [17, 17, 28, 10]])


def relation(a, b):
    """The nearest thing that two places share, as `ipi topology` calls it."""
    if a.socket != b.socket:
        return "other socket"
    if a.node != b.node:
        return "same socket"
    if a.die != b.die:
        return "same node"
    return "same LLC" if a.core != b.core else "SMT sibling"


def wrong_plan(topo, plan):
    want = {relation(a, b) for a, b in itertools.combinations(topo.slots, 2)}
    have = {name for name in RELATIONS if name in plan}
    return [] if want == have else [f"plan: asked for {sorted(want)}, seen {sorted(have)}"]


def look(ipi, path):
    """(what differs, the guest's age in seconds when it was asked); None, why: it can't be run."""
    topo = topology.load(path)
    with tempfile.TemporaryDirectory() as out:
        ended = subprocess.run([ipi, "vm", "run", "--topology", path, "--share", out, "--", "sh", "-c", LOOK],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ended.returncode == CANNOT:
            return None, ended.stderr.strip().splitlines()[-1]
        if ended.returncode:
            return [f"ipi vm run ended with {ended.returncode}"] + ended.stderr.splitlines(), "?"

        def read(name):
            with open(os.path.join(out, name), encoding="utf-8") as src:
                return src.read()

        wrong = shape.compare(topo, json.loads(read("seen.json"))) + wrong_plan(topo, read("plan"))
        return wrong, read("uptime").strip()


def main(ipi, *paths):
    paths = list(paths or sorted(glob.glob(os.path.join(CONFIGS, "*.conf"))))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths.append(os.path.join(folder, "server.xml"))
        with open(paths[-1], "w", encoding="utf-8") as out:
            out.write(SERVER)
        for number, path in enumerate(paths, 1):
            wrong, age = look(ipi, path)
            if wrong is None:
                print(f"1..0 # SKIP {age}")
                return 0
            failed += bool(wrong)
            name = os.path.splitext(os.path.basename(path))[0]
            print(f"{'not ok' if wrong else 'ok'} {number} - {name} # seen {age} s after the kernel's start")
            for line in wrong:
                print(f"# {line}")
            sys.stdout.flush()
    print(f"1..{len(paths)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
