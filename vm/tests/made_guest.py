# SPDX-License-Identifier: GPL-2.0-only
"""What `ipi topology --json` would print in a guest that is as asked for."""


def answer(topo):
    """The JSON as Python objects: nodes in order, each in the machine itself."""
    known = {"core": {}, "llc": {}}

    def label(kind, key):
        return known[kind].setdefault(key, len(known[kind]))

    cpus = [{"cpu": cpu, "core": label("core", s[:3]), "llc": label("llc", s[:2]), "node": s.node,
             "socket": s.socket, "smt": s.thread} for cpu, s in enumerate(topo.slots)]
    nodes = "".join(f'<object type="NUMANode" os_index="{n}" local_memory="{(mb << 20) - (bool(mb) << 16)}"/>'
                    for n, mb in enumerate(topo.memory))
    return {"cpus": cpus, "distances": [list(row) for row in topo.distances],
            "hwloc_xml": f'<topology version="2.0"><object type="Machine">{nodes}</object></topology>'}
