# SPDX-License-Identifier: GPL-2.0-only
"""A machine's CPUs, caches, nodes and distances, and QEMU's arguments for it."""
import math
from collections import namedtuple
from itertools import groupby

# The same model for every shape, so that times of different shapes can be
# compared. TCG has no TOPOEXT, without which Linux believes neither threads
# nor dies of an AMD CPU; of an Intel CPU it believes both, and one L3 a die.
# Below model 15 of family 6 Linux would not use PAT. "max" has RDTSCP and RDRAND.
CPU_TYPE = "max"
CPU_MODEL = f"{CPU_TYPE},vendor=GenuineIntel,family=6,model=85"

CPUS_MAX = 255
APIC_MAX = 254  # 8 bits, and 255 is everybody: this QEMU has no x2APIC
NODES_MAX = 128
LOCAL, REMOTE, FARTHEST = 10, 20, 254
FIRST_MB, OTHER_MB, LEAST_MB = 256, 64, 128

# socket and llc are labels: cores that share one have the same.
Core = namedtuple("Core", "socket llc node threads")
# Where QEMU plugs a CPU, and the node it is in.
Slot = namedtuple("Slot", "socket die core thread node")


class Bad(Exception):
    """One line: the file, the place, what is wrong there, and the remedy."""


def rank(labels):
    """Labels to numbers from 0, in the order of the labels."""
    return {label: i for i, label in enumerate(sorted(set(labels)))}


def default_memory(wanted):
    """Megabytes of each node where the file leaves it open (None)."""
    out, first = [], FIRST_MB
    for mb in wanted:
        out.append(first if mb is None else mb)
        first = OTHER_MB if out[-1] else first
    return out


def default_distances(nodes):
    """What QEMU and Linux assume where nothing is told."""
    return [[LOCAL if a == b else REMOTE for b in range(nodes)] for a in range(nodes)]


class Topology:
    """A machine; it is valid from its construction on."""

    def __init__(self, name, cores, memory, distances, note=None):
        self.name, self.note = name, note
        self.memory, self.distances = memory, distances
        self.slots = place(cores)
        self.smp = tuple(1 + max(getattr(s, level) for s in self.slots)
                         for level in ("socket", "die", "core", "thread"))
        self.check()

    @property
    def cpus(self):
        """How many vCPUs the guest starts with."""
        return len(self.slots)

    @property
    def memory_mb(self):
        """All nodes' memory together."""
        return sum(self.memory)

    @property
    def places(self):
        """How many vCPUs there would be if every socket were as large as the largest."""
        return math.prod(self.smp)

    @property
    def full(self):
        """Whether every socket is like every other."""
        return self.cpus == self.places

    def check(self):
        """Bad, without the file's name, if QEMU 7.2 or Linux can't have it."""
        if self.places > CPUS_MAX:
            raise Bad(f"room for {self.places} CPUs, each socket as large as the largest, and a guest "
                      f"has {CPUS_MAX} at most: give the nodes fewer cores or threads")
        last = self.apic_id(Slot(*(n - 1 for n in self.smp), None))
        if last > APIC_MAX:
            raise Bad(f"the last CPU's APIC id would be {last}, and {APIC_MAX} is the last one: caches, "
                      "cores and threads count as the next power of two; give the largest socket fewer")
        if len(self.memory) > NODES_MAX:
            raise Bad(f"{len(self.memory)} nodes, and a guest has {NODES_MAX} at most: leave some out")
        if self.memory_mb < LEAST_MB:
            raise Bad(f"{self.memory_mb} MB in all, and no kernel boots in less than {LEAST_MB}: "
                      "give a node more memory")

    def apic_id(self, slot):
        """The number that interrupts are addressed by."""
        out = slot.socket
        for level, most in zip(("die", "core", "thread"), self.smp[1:]):
            out = out << (most - 1).bit_length() | getattr(slot, level)
        return out

    def cpu_args(self):
        """-cpu: without this model Linux sees neither threads nor shared caches."""
        return ["-cpu", CPU_MODEL]

    def qemu_args(self):
        """-smp, -m, memory of the nodes, who is in which, and distances."""
        return self.smp_args() + self.node_args() + self.member_args() + \
            self.distance_args() + self.device_args()

    def smp_args(self):
        sockets, dies, cores, threads = self.smp
        start = str(self.cpus) if self.full else f"1,maxcpus={self.places}"
        return ["-smp", f"{start},sockets={sockets},dies={dies},cores={cores},threads={threads}",
                "-m", f"{self.memory_mb}M"]

    def node_args(self):
        out = []
        for node, mb in enumerate(self.memory):
            if mb:
                out += ["-object", f"memory-backend-ram,id=node{node},size={mb}M"]
            memory = f",memdev=node{node}" if mb else ""
            out += ["-numa", f"node,nodeid={node}{memory}"]
        return out

    def member_args(self):
        """One line a socket, or one a core where a socket holds several nodes."""
        out = []
        for socket, slots in groupby(self.slots, lambda s: s.socket):
            homes = {(s.die, s.core): s.node for s in slots}
            if len(set(homes.values())) == 1:
                node = next(iter(homes.values()))
                out += ["-numa", f"cpu,node-id={node},socket-id={socket}"]
                continue
            for (die, core), node in self.every_place(homes):
                where = f",die-id={die}" if self.smp[1] > 1 else ""
                out += ["-numa", f"cpu,node-id={node},socket-id={socket}{where},core-id={core}"]
        return out

    def every_place(self, homes):
        """Empty places have a node too: that of the place before."""
        node = next(iter(homes.values()))
        for die in range(self.smp[1]):
            for core in range(self.smp[2]):
                node = homes.get((die, core), node)
                yield (die, core), node

    def distance_args(self):
        nodes = range(len(self.memory))
        return [word for a in nodes for b in nodes if len(nodes) > 1
                for word in ("-numa", f"dist,src={a},dst={b},val={self.distances[a][b]}")]

    def device_args(self):
        """In an uneven machine only CPU 0 is there by itself; the others are plugged."""
        return [word for s in self.slots[1:] if not self.full
                for word in ("-device", f"{CPU_TYPE}-x86_64-cpu,socket-id={s.socket},"
                             f"die-id={s.die},core-id={s.core},thread-id={s.thread}")]


def place(cores):
    """Slots in the order in which Linux numbers them, which is that of APIC ids."""
    sockets = rank(c.socket for c in cores)
    llcs = {s: rank(c.llc for c in cores if c.socket == s) for s in sockets}
    used, out = {}, []
    for c in cores:
        die = sockets[c.socket], llcs[c.socket][c.llc]
        core = used[die] = used.get(die, -1) + 1
        out += [Slot(*die, core, thread, c.node) for thread in range(c.threads)]
    return sorted(out)


def guest_order(cores, nodes):
    """The nodes in the order in which Linux numbers them, whatever their numbers here.

    It takes them as the firmware's table names them: with the CPUs, and
    those without any at the end.
    """
    seen = list(dict.fromkeys(slot.node for slot in place(cores)))
    return seen + [n for n in range(nodes) if n not in seen]
