# SPDX-License-Identifier: GPL-2.0-only
"""From a file, ipi-topo(5) or lstopo's XML, to a guest's CPUs, nodes and memory."""
import os

from . import lstopo, topofile
from .machine import CPUS_MAX, Bad, Core, Topology, default_distances, default_memory

__all__ = ["Bad", "Topology", "default", "load"]


def load(path, cpus_max=None):
    """The Topology of a file, of cpus_max CPUs at most; Bad is one line for people.

    A server's XML is scaled down to fit, which its note says; a topology
    file that asks for more is refused.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    if is_xml(path):
        return lstopo.load(path, name, min(cpus_max or lstopo.CPUS, CPUS_MAX))
    out = topofile.load(path, name)
    if cpus_max and out.cpus > cpus_max:
        raise Bad(f"{path}: {out.cpus} CPUs, and this kernel takes {cpus_max} at most: "
                  "choose another kernel or topology")
    return out


def default():
    """The guest without --topology: two CPUs on one node."""
    return Topology("default", [Core(0, 0, 0, 1)] * 2, default_memory([None]), default_distances(1))


def is_xml(path):
    try:
        with open(path, "rb") as src:
            return src.read(64).lstrip().startswith(b"<")
    except OSError:
        return False
