# SPDX-License-Identifier: GPL-2.0-only
"""Result files of made-up machines, whose true answer is known: seeded.

A machine has a floor, a body of some width, a heavy tail, a drift over the
run, two states between which it falls from time to time for some blocks, and a
clock that ticks. All runs of a file alternate block by block and meet the same
drift and states, as far as blocks side by side do.
"""
import bisect
import random

RUN_KEYS = ("run", "driver", "queue", "ack", "delivery")
EDGES = [.01, .05, .1, .2, .3, .4, .45, .5, .55, .6, .7, .8, .9, .95, .98, .99, .995, .998,
         .999, .9995, .9999]


class Machine:
    """What does the same to all runs of a file."""

    def __init__(self, seed, base_ns=8000.0, blocks=24, samples=2000, tick_ns=10.0, drift=0.01,
                 states=0.08, boot="b0", boot_effect=0.0):
        self.rng = random.Random(seed)
        self.blocks, self.samples, self.tick_ns, self.boot = blocks, samples, tick_ns, boot
        self.base_ns = base_ns * (1 + self.rng.gauss(0, 1) * boot_effect)
        self.level, state, at = [], 1.0, 0.0
        for _ in range(blocks):
            at += self.rng.gauss(0, drift / blocks ** 0.5)
            if self.rng.random() < 0.25:
                state = 1.0 + states * (self.rng.random() < 0.4)
            self.level.append((1 + at) * state)

    def block(self, number, extra):
        """Sorted samples of one block; extra(rng, ns) puts in what is looked for."""
        rng, out = self.rng, []
        near = self.base_ns * self.level[number] * (1 + rng.gauss(0, 0.002))
        for _ in range(self.samples):
            ns = near * (1 + 0.04 * rng.gammavariate(2.0, 1.0))
            if rng.random() < 0.02:
                ns += near * 0.3 * rng.paretovariate(1.8)
            ns = extra(rng, ns)
            out.append(round(ns / self.tick_ns) * self.tick_ns)
        out.sort()
        return out


def plain(_rng, ns):
    return ns


def longer(by_ns):
    return lambda _rng, ns: ns + by_ns


def in_ratio(ratio):
    return lambda _rng, ns: ns * ratio


def stalls(by_ns, one_of):
    return lambda rng, ns: ns + (by_ns if rng.random() < 1.0 / one_of else 0)


def quantile(order, p):
    beyond = len(order) * min(p, 1 - p)
    if p != 0.5 and beyond < 100:
        return None
    return order[min(len(order) - 1, int(p * len(order)))]


def record(number, run, blocks, times, **over):
    """One record of what its blocks' sorted samples are."""
    order = sorted(ns for b in blocks for ns in b)
    n = len(order)
    values = sorted(set(order))
    counts = [bisect.bisect_right(order, v) - bisect.bisect_left(order, v) for v in values]
    upto = []
    for edge in EDGES + [1.0]:
        at = order[min(n - 1, int(edge * (n - 1)))]
        if not upto or upto[-1] != at:
            upto.append(at)
    cuts = [[0] + [bisect.bisect_right(b, u) for u in upto] for b in blocks]
    rec = {
        "id": number, "run": run, "status": "ok", "reason": None, "driver": "unicast",
        "driver_kind": "measurement", "route": "signal", "queue": "slots", "ack": "counter",
        "pattern": "pair", "senders_n": 1, "inflight": None, "burst": None, "members": None,
        "order": None, "depth": 0, "idle_spin_ns": 0,
        "delivery": "signal", "waiter": "relax", "metric": "rtt", "better": "low",
        "sample_kind": "single", "gap": "uniform 2000..20000 ns", "target_state": "spinning",
        "home": "target", "inject": None, "relation": "llc", "targets_n": 1, "cpus": "0-1",
        "comparability": "signal/spinning/relax/syscall/single/gap 2000..20000",
        "series": "plain", "way": "interrupt", "samples_n": n,
        "latency_ns_min": order[0], "latency_ns_p50": quantile(order, 0.5),
        "latency_ns_p99": quantile(order, 0.99), "latency_ns_max": order[-1], "error_ns": 10.0,
        "histogram": {"unit": "ns", "bucket": [[v, v, c] for v, c in zip(values, counts)]},
        "bands": {"upto_ns": upto},
        "blocks": [{"t_s": t, "n": len(b), "p50_ns": b[len(b) // 2], "p99_ns": None, "marks": [],
                    "freq_mhz": None, "mean_ns": sum(b) / len(b), "source": 0, "target": 1,
                    "bands": [y - x for x, y in zip(c, c[1:])]}
                   for t, b, c in zip(times, blocks, cuts)],
        "attestation": {"verdict": "attested", "why": "made up"},
    }
    rec.update(over)
    return rec


def result(made, runs, **context):
    """A file of runs {name: extra, or (extra, keys that differ)}, alternating."""
    taken = {name: [] for name in runs}
    times = {name: [] for name in runs}
    clock = 0.0
    for number in range(made.blocks):
        order = list(runs)
        made.rng.shuffle(order)
        for name in order:
            extra = runs[name][0] if isinstance(runs[name], tuple) else runs[name]
            taken[name].append(made.block(number, extra))
            times[name].append(round(clock, 3))
            clock += 0.05
    records = [record(i, name, taken[name], times[name],
                      **(runs[name][1] if isinstance(runs[name], tuple) else {}))
               for i, name in enumerate(runs)]
    return wrap(records, made, **context)


def wrap(records, made, **over):
    context = {"cpu_model": "Made Up", "cpus_online": 2, "arch": "x86_64", "kernel": "6.1.0",
               "kernel_cmdline": "quiet", "mitigations": {}, "governor": "performance",
               "idle_driver": "none", "apic_driver": "unknown", "hypervisor": None,
               "clock": {"source": "tsc", "tick_ns": made.tick_ns, "read_ns": 10.0},
               "build": {}, "boot_id": made.boot, "scheduling": "ordinary"}
    kind = over.pop("machine", "hardware")
    top = {k: over.pop(k) for k in ("complete", "busy") if k in over}
    context.update(over)
    cpus = [{"cpu": i, "core": i, "llc": 0, "node": 0, "socket": 0, "smt": 0} for i in range(2)]
    return {"schema": 1, "kind": "ipi-result", "complete": True, "busy": False,
            "headline": "made up", "tool": {"name": "ipi", "version": "0"}, "command": ["made up"],
            "started_utc": "2026-01-01T00:00:00Z", "machine": kind, "context": context,
            "topology": {"cpus": cpus}, "plan": {"seed": 1}, "records": records, **top}
