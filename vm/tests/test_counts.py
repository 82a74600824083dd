#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a send and its interrupt are made of: test_counts.py IPI CACHE KERNEL TOPOLOGY PLUGIN

Boots the module and kmod/tests/counts in a guest whose emulator counts, with
PLUGIN. Prints TAP, the table among its remarks: a row for each route, of its
sends' medians: instructions, locked operations and writes of the APIC's command
register of the sender and of the interrupt on the first target, and the cache
lines that one of the two has written and the other has used. No time is in it: the
sender's are the same each time, the target's but for some instructions, but for what
the compiler and the kernel's release make of it.
"""
import os
import re
import sys
import tempfile
from collections import namedtuple
from statistics import median_low

sys.dont_write_bytecode = True
from module import CANNOT, btf_base, headers, said, usual  # noqa: E402
from steps import skip, tell  # noqa: E402

SENDS = 20      # of each route, each time it comes
TARGET = 1      # the CPU whose interrupts are in the table
# The default design's instructions, sender's and target's, as they were measured
# with 5 % more. Whoever makes the path shorter makes these smaller.
AT_MOST = {
    "slots/csd unicast": (545, 630),
    "slots/csd trigger": (380, 595),
    "slots/vector unicast": (505, 840),
    "slots/vector trigger": (335, 815),
}
# Cache lines that travel: as many as for Linux's own call.
AS_LINUX = ("slots/vector unicast", "slots/vector trigger", "llist/vector unicast", "mpsc/vector unicast")

# One of plugin.c's lines.
Count = namedtuple("Count", "what cpu insns locked icr written read")
# A route's row: of the sender, of the target, of both.
Row = namedtuple("Row", "insns locked icr took_insns took_locked lines")


def count_of(line):
    what, cpu, insns, locked, icr, *lines = line.split()
    at = lines.index("r")
    return Count(what, int(cpu), int(insns), int(locked), int(icr), set(lines[1:at]), set(lines[at + 1:]))


def sends(path):
    """[(the send, what the target took before the next one began)]: maybe before this one had ended."""
    with open(path, encoding="ascii") as file:
        for text in file.read().split("send 0\n")[1:]:
            some = [count_of(line) for line in text.splitlines()]
            sent = [count for count in some if count.what == "sent"]
            if len(sent) != 1:
                raise ValueError(f"a send ended {len(sent)} times")
            yield sent[0], [count for count in some if count.what == "took" and count.cpu == TARGET]


def travelled(sent, took):
    written = set().union(*(count.written for count in took))
    read = set().union(*(count.read for count in took))
    return len(sent.written & (written | read) | written & sent.read)


def row(some):
    took = [count for _, counts in some for count in counts]
    return Row(*(median_low(getattr(sent, of) for sent, _ in some) for of in ("insns", "locked", "icr")),
               *(median_low(getattr(count, of) for count in took) for of in ("insns", "locked")),
               median_low(travelled(*one) for one in some))


def table(log, path):
    """{route: its row}, in the order in which they came first."""
    names = re.findall(r"ipi_counts: (\D.*)", log)
    some = list(sends(path))
    if len(some) != len(names) * SENDS:
        raise ValueError(f"{len(some)} sends were counted, of {len(names)} times {SENDS}")
    routes = {}
    for n, name in enumerate(names):
        routes.setdefault(name, []).extend(some[n * SENDS:(n + 1) * SENDS])
    for name, all_sends in routes.items():
        lost = sum(not took for _, took in all_sends)
        if lost:
            raise ValueError(f"{name}: {lost} sends reached nobody's loop")
    return {name: row(all_sends) for name, all_sends in routes.items()}


def drawn(rows):
    yield f"{'':28}{'sender':>24}{'target':>16}"
    yield f"{'route':28}{'insns':>8}{'locked':>8}{'ICR':>8}{'insns':>8}{'locked':>8}{'lines':>8}"
    for name, of in rows.items():
        yield f"{name:28}" + "".join(f"{value:8}" for value in of)


def points(rows, cpus):
    yield bool(rows), "every send was counted, and what it made its target do", list(drawn(rows))
    linux = rows["linux single"]
    ours = {name: of for name, of in rows.items() if not name.startswith("linux")}
    wrong = [name for name, of in ours.items() if "broadcast" not in name and of.icr != linux.icr]
    yield not wrong and linux.icr == 1, "one command to the APIC for each message to one", wrong
    # csd is Linux's own call, once for each target.
    wrong = [f"{name}: {of.icr}" for name, of in ours.items()
             if "broadcast" in name and of.icr != (cpus - 1 if "/csd" in name else 1)]
    yield not wrong, "one to all others, but for csd", wrong
    wrong = [f"{name}: {ours[name].lines}, Linux's {linux.lines}" for name in AS_LINUX if ours[name].lines > linux.lines]
    yield not wrong, "no more cache lines travel than for Linux's call", wrong
    for name, most in AT_MOST.items():
        has = (ours[name].insns, ours[name].took_insns)
        yield all(map(int.__le__, has, most)), f"{name}: {has[0]} and {has[1]} instructions, at most {most[0]} and " \
            f"{most[1]}", []


def main(ipi, cache, kernel, topology, plugin):
    code, tree, why = headers(ipi, kernel)
    if code:
        return skip(why) if code == CANNOT else tell([(False, "headers", why.splitlines())])
    cache, why = usual(tree, cache, btf_base(ipi, kernel))
    if not cache:
        return tell([(False, "built without a warning", why)])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts")
        # One thread for all CPUs: nothing happens beside anything else.
        code, out, err = said(ipi, "vm", "run", "--kernel", kernel, "--topology", topology, "--share", folder,
                              "--threads", "single", "--plugin", f"{plugin},out={path}", "--silence", "0",
                              *(word for name in ("ipi", "ipi_counts")
                                for word in ("--module", os.path.join(cache, f"{name}.ko"))), "--", "dmesg")
        if code:
            return skip(err) if code == CANNOT else tell([(False, "the guest", (out + err).splitlines()[-30:])])
        cpus = int(re.search(r"ipi_counts: (\d+) CPUs", out)[1])
        try:
            rows = table(out, path)
        except ValueError as err:
            return tell([(False, "every send was counted", [str(err)])])
    return tell(points(rows, cpus))


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(f"usage: {sys.argv[0]} IPI CACHE KERNEL TOPOLOGY PLUGIN")
    sys.exit(main(*sys.argv[1:]))
