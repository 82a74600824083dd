# SPDX-License-Identifier: GPL-2.0-only
"""The shape of a real server, out of the XML that lstopo wrote there."""
import xml.etree.ElementTree as ET
from collections import Counter, namedtuple

from .machine import (FARTHEST, LOCAL, Bad, Core, Topology, default_distances,
                      default_memory, guest_order)

CPUS = 64  # boots in seconds, and debug kernels take no more
LATENCY = 4  # a bit of hwloc's kinds of distances

Node = namedtuple("Node", "number cpus mb")


def load(path, name, cpus_max=CPUS):
    """A Topology like the server's; its note says what is different."""
    notes = []
    try:
        root = read(path)
        cores, nodes = in_guest_order(*read_cores(root))
        cores = fit(cores, cpus_max, notes)
        numbers = [n.number for n in nodes]
        if numbers != list(range(len(nodes))):
            notes.append(f"nodes {', '.join(map(str, numbers))} are called 0 to {len(numbers) - 1}")
        distances = read_distances(root, numbers, notes)
        memory = default_memory([None if n.mb else 0 for n in nodes])
        out = Topology(name, cores, memory, distances)
    except Bad as err:
        raise Bad(f"{path}: {err}") from None
    real = sum(n.mb for n in nodes)
    if real != out.memory_mb:
        notes.append(f"{out.memory_mb} MB of memory instead of {real}")
    out.note = f"not as on the server: {'; '.join(notes)}" if notes else None
    return out


def read(path):
    """The root element; Bad if it isn't what lstopo 2 writes."""
    again = "write it anew there, with 'lstopo FILE.xml' of hwloc 2"
    try:
        root = ET.parse(path).getroot()
    except ET.ParseError as err:
        raise Bad(f"line {err.position[0]} is no XML: {again}") from None
    if root.tag != "topology":
        raise Bad(f"<{root.tag}> is not lstopo's: {again}")
    if not root.get("version", "").startswith(("2.", "3.")):
        raise Bad(f"this is the XML of hwloc 1: {again}")
    return root


def bits(text):
    """hwloc's words of 32 bits, high ones first; an empty word is 0."""
    out = 0
    for word in (text or "0x0").split(","):
        try:
            out = out << 32 | int(word or "0", 16)
        except ValueError:
            raise Bad(f"'{text}' is no set of CPUs: the file is damaged") from None
    return out


def number(obj, key):
    try:
        return int(obj.get(key, "0"))
    except ValueError:
        raise Bad(f"{key}=\"{obj.get(key)}\" is no number: the file is damaged") from None


# ---- nodes and cores ---------------------------------------------------------

def memory_nodes(root):
    """By OS number; where none is told, or no memory, there is some all the same."""
    out = sorted(Node(number(o, "os_index"), bits(o.get("cpuset")), -(-number(o, "local_memory") // 2**20))
                 for o in root.iter("object") if o.get("type") == "NUMANode")
    if not any(n.mb for n in out):
        out = [n._replace(mb=1) for n in out]
    return out or [Node(0, -1, 1)]


def home(cpu, nodes):
    """The place in nodes of a CPU's own one.

    hwloc gives a node without CPUs those that are nearest to it, so that
    of several nodes around a CPU the smallest, and then the first, is its own.
    """
    around = [(n.cpus.bit_count(), i) for i, n in enumerate(nodes) if n.cpus >> cpu & 1]
    if not around:
        raise Bad(f"CPU {cpu} is in no NUMA node: the file is damaged")
    return min(around)[1]


def read_cores(root):
    """Every core with a usable CPU, in hwloc's order, and the nodes that the cores name."""
    found, nodes = {}, memory_nodes(root)

    def walk(obj, socket, llc, core):
        kind, me = obj.get("type"), id(obj)
        if kind == "Package":
            socket, llc, core = me, None, None
        elif kind and kind.endswith("Cache") and not kind.endswith("iCache"):
            llc = llc or me
        elif kind == "Core":
            core = me
        elif kind == "PU":
            found.setdefault((socket, llc, core or me), []).append(number(obj, "os_index"))
        for child in obj.findall("object"):
            walk(child, socket, llc, core)

    walk(root, None, None, None)
    order = {label: i for i, label in
             enumerate(dict.fromkeys(label for key in found for label in key[:2]))}
    if not found:
        raise Bad("no CPU in it: write it anew, with all of 'lstopo FILE.xml'")
    return [Core(order[socket], order[llc], home(cpus[0], nodes), len(cpus))
            for (socket, llc, _), cpus in found.items()], nodes


def in_guest_order(cores, nodes):
    """Without nodes that have neither CPUs nor memory, which show in no guest."""
    order = [n for n in guest_order(cores, len(nodes))
             if nodes[n].mb or any(c.node == n for c in cores)]
    return [c._replace(node=order.index(c.node)) for c in cores], [nodes[n] for n in order]


# ---- fewer CPUs --------------------------------------------------------------

def cpus_of(cores):
    return sum(c.threads for c in cores)


def fit(cores, most, notes):
    """As many of the cores as fit, evenly."""
    kept = cores
    for thin in (thin_caches, thin_nodes, one_thread, thin_nodes):
        if cpus_of(kept) > most:
            kept = thin(kept, most)
    if cpus_of(kept) > most:
        raise Bad(f"{len({c.node for c in cores})} nodes have CPUs, and {most} CPUs are the most "
                  "here: leave nodes out, with 'lstopo --restrict'")
    if kept is not cores:
        notes.append(f"{cpus_of(kept)} CPUs instead of {cpus_of(cores)}")
    return kept


def keep(cores, key, most):
    """Of the cores of one key the same share of each, and one at least."""
    have, total, seen, out = Counter(key(c) for c in cores), cpus_of(cores), Counter(), []
    for c in cores:
        if seen[key(c)] < max(1, have[key(c)] * most // total):
            out.append(c)
        seen[key(c)] += 1
    return out


def thin_caches(cores, most):
    return keep(cores, lambda c: (c.node, c.socket, c.llc), most)


def thin_nodes(cores, most):
    return keep(cores, lambda c: c.node, most)


def one_thread(cores, most):
    return [c._replace(threads=1) for c in cores]


# ---- distances ---------------------------------------------------------------

def read_distances(root, numbers, notes):
    """The firmware's matrix, in the range that a guest's firmware can tell."""
    for table in root.iter("distances2"):
        if table.get("type") == "NUMANode" and number(table, "kind") & LATENCY:
            return in_range(matrix(table, numbers), notes)
    if len(numbers) > 1:
        notes.append("no distances in the file, so 10 and 20")
    return default_distances(len(numbers))


def matrix(table, numbers):
    def words(tag):
        return [int(w) for e in table.findall(tag) for w in (e.text or "").split()]

    try:
        indexes, values = words("indexes"), words("u64values")
    except ValueError:
        raise Bad("distances that are no numbers: the file is damaged") from None
    if not set(numbers) <= set(indexes) or len(values) != len(indexes) ** 2:
        raise Bad("the distances are not those of the nodes: the file is damaged")
    at = {n: i for i, n in enumerate(indexes)}
    return [[values[at[a] * len(at) + at[b]] for b in numbers] for a in numbers]


def in_range(distances, notes):
    out = [[LOCAL if a == b else min(max(d, LOCAL + 1), FARTHEST) for b, d in enumerate(row)]
           for a, row in enumerate(distances)]
    if out != distances:
        notes.append(f"distances moved into {LOCAL} to {FARTHEST}")
    return out
