# SPDX-License-Identifier: GPL-2.0-only
"""Writes the XML that lstopo would write on a server, from a few lines of Python."""
import itertools


def obj(kind, cpus=None, *inner, **keys):
    """One <object>; cpus is a list of numbers."""
    if cpus is not None:
        keys["cpuset"] = cpuset(cpus)
    words = "".join(f' {key}="{value}"' for key, value in keys.items())
    return f'<object type="{kind}"{words}>{"".join(inner)}</object>'


def cpuset(cpus):
    """As hwloc writes it: 32 bits a word, and nothing for a word of zeros below the first."""
    bits, words = sum(1 << cpu for cpu in cpus), []
    while bits:
        words.append(f"0x{bits & 0xffffffff:08x}" if bits & 0xffffffff else "")
        bits >>= 32
    return ",".join(reversed(words)) or "0x0"


def node(number, cpus, gib):
    return obj("NUMANode", cpus, os_index=number, local_memory=gib << 30)


def core(*cpus):
    return obj("Core", cpus, obj("L1Cache", cpus, *(obj("PU", [c], os_index=c) for c in cpus)),
               obj("L1iCache", cpus))


def package(cpus, *inner):
    return obj("Package", cpus, *inner)


def server(*packages, distances=None, numbers=None, version="2.0"):
    """The whole file."""
    table = ""
    if distances:
        values = list(itertools.chain(*distances))
        table = (f'<distances2 type="NUMANode" nbobjs="{len(distances)}" kind="5" name="NUMALatency" indexing="os">'
                 f'<indexes length="9">{" ".join(map(str, numbers or range(len(distances))))}</indexes>'
                 # In two elements, as hwloc has them where there are many.
                 f'<u64values length="9">{" ".join(map(str, values[:2]))}</u64values>'
                 f'<u64values length="9">{" ".join(map(str, values[2:]))}</u64values></distances2>')
    return (f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE topology SYSTEM "hwloc2.dtd"><topology version="{version}">'
            f'{obj("Machine", None, *packages)}{table}</topology>')
