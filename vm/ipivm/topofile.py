# SPDX-License-Identifier: GPL-2.0-only
"""Reads a topology file, ipi-topo(5): a section for each NUMA node."""
import difflib
import re

from .machine import (FARTHEST, LOCAL, Bad, Core, Topology, default_distances,
                      default_memory, guest_order)

KEYS = ("cores", "threads", "caches", "socket", "memory", "distances")


def load(path, name):
    """The Topology that a file describes; Bad names the line."""
    nodes = sections(path)
    if not nodes:
        raise Bad(f"{path}: no node: give it a section [node0]")
    nodes = [Node(path, i, *nodes[i]) for i in range(len(nodes))]
    cores, llc = [], -1
    for n in nodes:
        llc = n.add_cores(cores, llc)
    if not cores:
        raise Bad(f"{path}: no node has cores: write 'cores = 2' in one")
    check_order(nodes, guest_order(cores, len(nodes)))
    memory = default_memory([n.memory() for n in nodes])
    for n in nodes:
        n.check_not_empty(memory[n.number])
    try:
        return Topology(name, cores, memory, distances(nodes))
    except Bad as err:
        raise Bad(f"{path}: {err}") from None


def distances(nodes):
    out = default_distances(len(nodes))
    for n in nodes:
        out[n.number] = n.distances(len(nodes)) or out[n.number]
    return out


def check_order(nodes, order):
    """Bad where the guest would number the nodes in another way."""
    for number, node in enumerate(order):
        if number != node:
            raise Bad(f"{nodes[number].path}:{nodes[number].line}: Linux numbers nodes by socket, and "
                      f"those without cores last, so that this is not node {number}: node {node} is; "
                      "put the sections in that order")


# ---- lines -------------------------------------------------------------------

def sections(path):
    """node number: (line of its section, {key: (value, line)}), defaults filled in."""
    defaults, nodes, keys = {}, {}, None
    for at, line in enumerate(lines(path), 1):
        line = re.split(r"(?:^|\s);", line)[0].strip()
        if not line or line[0] == "#":
            continue
        if line[0] == "[":
            keys = section(f"{path}:{at}", line, at, defaults, nodes)
        elif keys is None:
            raise Bad(f"{path}:{at}: '{line}' stands before any section: "
                      "write [defaults] or [node0] above it")
        else:
            key, value = setting(f"{path}:{at}", line, keys is defaults)
            if key in keys:
                raise Bad(f"{path}:{at}: '{key}' was set in line {keys[key][1]}: remove one of the two")
            keys[key] = value, at
    return {n: (at, {**defaults, **own}) for n, (at, own) in nodes.items()}


def lines(path):
    try:
        with open(path, encoding="utf-8") as src:
            return src.read().splitlines()
    except OSError as err:
        raise Bad(f"{path}: {err.strerror}: give a file of configs/topo or an lstopo XML file") from None
    except UnicodeDecodeError:
        raise Bad(f"{path}: no text: give a topology file, see ipi-topo(5)") from None


def section(where, line, at, defaults, nodes):
    """The settings that the lines below belong to."""
    if line == "[defaults]":
        return defaults
    match = re.fullmatch(r"\[node(\d{1,3})\]", line)
    if not match:
        raise Bad(f"{where}: unknown section {line}: write [defaults], or [node{len(nodes)}] for a node")
    number = int(match[1])
    if number != len(nodes):
        raise Bad(f"{where}: {line} should be [node{len(nodes)}]: nodes are numbered from 0, in order")
    nodes[number] = at, {}
    return nodes[number][1]


def setting(where, line, is_default):
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not value:
        raise Bad(f"{where}: '{line}' is no setting: write KEY = VALUE")
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1)
        raise Bad(f"{where}: unknown key '{key}': " +
                  (f"did you mean '{near[0]}'?" if near else f"the keys are {', '.join(KEYS)}"))
    if is_default and key == "distances":
        raise Bad(f"{where}: distances differ from node to node: set them in the nodes' sections")
    return key, value


# ---- values ------------------------------------------------------------------

class Node:
    """One section; its methods say Bad with the line of the key."""

    def __init__(self, path, number, line, keys):
        self.path, self.number, self.line, self.keys = path, number, line, keys

    def bad(self, key, what):
        line = self.keys[key][1] if key in self.keys else self.line
        return Bad(f"{self.path}:{line}: {what}")

    def count(self, key, default, least, most):
        if key not in self.keys:
            return default
        text = self.keys[key][0]
        if not re.fullmatch(r"\d{1,6}", text) or not least <= int(text) <= most:
            raise self.bad(key, f"{key} = {text}: write a number from {least} to {most}")
        return int(text)

    def memory(self):
        if "memory" not in self.keys:
            return None
        text = self.keys["memory"][0]
        match = re.fullmatch(r"(\d{1,6})([MG])|0", text)
        if not match:
            raise self.bad("memory", f"memory = {text}: write a size such as 64M or 1G, or 0 for none")
        return int(match[1] or 0) * (1024 if match[2] == "G" else 1)

    def distances(self, nodes):
        if "distances" not in self.keys:
            return None
        text = self.keys["distances"][0]
        if not re.fullmatch(r"\d{1,6}(\s*,\s*\d{1,6})*", text):
            raise self.bad("distances", f"distances = {text}: write numbers joined by commas")
        out = [int(word) for word in text.split(",")]
        if len(out) != nodes:
            raise self.bad("distances", f"{len(out)} distances for {nodes} nodes: "
                           "write one to each node, itself too")
        if out[self.number] != LOCAL:
            raise self.bad("distances", f"the distance of node {self.number} to itself is "
                           f"{out[self.number]}: write {LOCAL}")
        for to, value in enumerate(out):
            if to != self.number and not LOCAL < value <= FARTHEST:
                raise self.bad("distances", f"the distance to node {to} is {value}: "
                               f"write {LOCAL + 1} to {FARTHEST}")
        return out

    def add_cores(self, cores, llc):
        """Appends the node's cores; llc is the last cache in use, returned as it is then."""
        n = self.count("cores", 1, 0, 255)
        threads = self.count("threads", 1, 1, 8)
        caches = self.count("caches", 1, 0, 255)
        socket = self.count("socket", self.number, 0, 255)
        if not n:
            return llc
        if caches and n % caches:
            raise self.bad("caches", f"{n} cores don't divide among {caches} caches evenly: "
                           "change one of the two")
        if not caches and (not cores or cores[-1].socket != socket):
            raise self.bad("caches", "caches = 0 shares the cache of the node before, and that is "
                           "not in this socket: write 'socket' in both nodes, or caches = 1")
        each = n // caches if caches else n
        first = llc + 1 if caches else llc
        cores += [Core(socket, first + i // each, self.number, threads) for i in range(n)]
        return cores[-1].llc

    def check_not_empty(self, mb):
        if not mb and not self.count("cores", 1, 0, 255):
            raise Bad(f"{self.path}:{self.line}: node {self.number} has neither cores nor memory, "
                      "and no kernel sees such a node: give it one of the two")
