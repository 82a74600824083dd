#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes result files (schema 1) out of seeded random numbers: input for the
tests of the plots, and for looking at the plots of machines nobody has here.

    make_result.py KIND FILE [SEED]     KIND: one of KINDS below
"""
import json
import random
import sys

TICK_NS = 10
EXACT = 4096
SUB_BITS = 7
RELATIONS = ("self", "smt", "llc", "node", "socket", "other")
# What a notification costs by distance, ns: invented, the order is not.
BASE_NS = {"self": 700, "smt": 1300, "llc": 1900, "node": 2200, "socket": 2900,
           "other": 4300}
LINE_NS = {"self": 20, "smt": 40, "llc": 90, "node": 160, "socket": 240, "other": 420}


def bucket_edges(ticks):
    """The bucket that holds so many ticks: exact, then 7 bits of each octave."""
    if ticks < EXACT:
        return ticks, ticks
    shift = ticks.bit_length() - 1 - SUB_BITS
    low = (ticks >> shift) << shift
    return low, low + (1 << shift) - 1


def histogram(ticks):
    count = {}
    for value in ticks:
        edges = bucket_edges(value)
        count[edges] = count.get(edges, 0) + 1
    rows = [[lo * TICK_NS, (hi + 1) * TICK_NS, n] for (lo, hi), n in sorted(count.items())]
    return {"unit": "ns", "bucket": rows}


def topology(sockets, nodes, llcs, cores, smt):
    """CPUs in matrix order; numbered as Linux does, siblings in the second half."""
    cpus, core = [], 0
    total = sockets * nodes * llcs * cores
    for s in range(sockets):
        for n in range(nodes):
            for l in range(llcs):
                for _ in range(cores):
                    for t in range(smt):
                        node = s * nodes + n
                        cpus.append({"cpu": core + t * total, "core": core,
                                     "llc": node * llcs + l, "node": node,
                                     "socket": s, "smt": t})
                    core += 1
    count = sockets * nodes
    dist = [[10 if a == b else 12 if a // nodes == b // nodes else 32
             for b in range(count)] for a in range(count)]
    return {"cpus": cpus, "distances": dist, "hwloc_xml": None}


def relation(a, b):
    for name, key in (("self", "cpu"), ("smt", "core"), ("llc", "llc"),
                      ("node", "node"), ("socket", "socket")):
        if a[key] == b[key]:
            return name
    return "other"


class Machine:
    """One made-up machine and the records measured on it."""

    def __init__(self, kind, seed, shape, machine="virtual", host_cpus=None):
        self.rng = random.Random(f"{kind}/{seed}")
        self.topo = topology(*shape)
        self.cpus = self.topo["cpus"]
        self.machine = machine
        self.host_cpus = host_cpus
        self.seed = seed
        self.records = []
        self.cut = []
        self.complete = True
        self.by_class = {}
        for a in self.cpus:
            for b in self.cpus:
                self.by_class.setdefault(relation(a, b), []).append((a["cpu"], b["cpu"]))

    def classes(self):
        return [r for r in RELATIONS if r in self.by_class and r != "self"]

    def pick(self, rel, all_pairs=False):
        pairs = self.by_class[rel]
        return pairs if all_pairs or len(pairs) <= 8 else self.rng.sample(pairs, 8)

    def samples(self, base_ns, n, tail=0.02):
        rng, out = self.rng, []
        for _ in range(n):
            ns = base_ns * rng.lognormvariate(0, 0.06)
            if rng.random() < tail:
                ns += base_ns * rng.paretovariate(1.6)
            out.append(max(1, round(min(ns, 5e6) / TICK_NS)))
        return out

    def pair_columns(self, pairs, base_ns, n):
        rng = self.rng
        cols = {"source": [], "target": [], "n": [], "min_ns": [], "p50_ns": [], "p99_ns": []}
        for src, dst in pairs:
            p50 = round(base_ns * rng.uniform(0.94, 1.08) / TICK_NS) * TICK_NS
            cols["source"].append(src)
            cols["target"].append(dst)
            cols["n"].append(n)
            cols["min_ns"].append(round(p50 * 0.9))
            cols["p50_ns"].append(p50)
            cols["p99_ns"].append(round(p50 * 1.7) if n >= 10000 else None)
        return cols

    def blocks(self, ticks, count=10):
        out, per = [], max(1, len(ticks) // count)
        for i in range(count):
            part = sorted(ticks[i * per:(i + 1) * per] or ticks)
            out.append({"t_s": round(0.2 + 0.05 * i, 3), "n": len(part),
                        "p50_ns": part[len(part) // 2] * TICK_NS,
                        "p99_ns": part[len(part) * 99 // 100] * TICK_NS
                        if len(part) >= 500 else None,
                        "marks": [], "freq_mhz": None})
        return out

    def add(self, run, rel, base_ns, n=12000, pairs=None, **over):
        """A record that was measured; keywords replace its keys."""
        batch = str(over.get("sample_kind", "single")).startswith("batch")
        ticks = self.samples(base_ns, n, 0.0 if batch else 0.02)
        order = sorted(ticks)

        def pct(p):
            enough = not batch and n * (1 - p) >= 100
            return order[int(n * p)] * TICK_NS if enough or p == 0.5 else None

        if pairs is None:
            pairs = self.pick(rel)
        rec = {
            "id": len(self.records), "run": run, "status": "ok", "reason": None,
            "driver": "unicast", "driver_kind": "measurement", "route": "signal",
            "queue": "slots", "ack": "counter", "delivery": "signal", "waiter": "relax",
            "metric": "rtt", "better": "low", "sample_kind": "single",
            "gap": "uniform 2000..20000 ns", "gap_ns_min": 2000, "gap_ns_max": 20000,
            "target_state": "spinning", "syscall_in_path": True, "home": "source",
            "home_verified": True, "inject": None,
            "comparability": "signal/spinning/relax/syscall/single/gap 2000..20000",
            "relation": rel, "targets_n": 1, "series": "plain", "way": "interrupt",
            "samples_n": n, "discarded_n": n // 9,
            "latency_ns_min": order[0] * TICK_NS, "latency_ns_p50": pct(0.5),
            "latency_ns_p90": pct(0.9), "latency_ns_p99": pct(0.99),
            "latency_ns_p999": pct(0.999), "latency_ns_max": order[-1] * TICK_NS,
            "latency_ns_mean": round(sum(ticks) * TICK_NS / n, 1), "error_ns": 15.0,
            "histogram": histogram(ticks), "blocks": self.blocks(ticks),
            "steady": True, "warmup_s": 0.2, "p50_ns_without_marked": None,
            "pairs": self.pair_columns(pairs, base_ns, max(1, n // len(pairs))),
            "last_target_n": None, "attestation": attested(n)}
        rec.update(over)
        if rec["blocks"] and self.rng.random() < 0.3:
            block = rec["blocks"][self.rng.randrange(len(rec["blocks"]))]
            block["marks"] = ["steal 3%"]
            block["p50_ns"] = round(block["p50_ns"] * 1.4)
            rec["p50_ns_without_marked"] = rec["latency_ns_p50"]
        self.records.append(rec)
        return rec

    def add_bare(self, run, status, reason, **over):
        """A record of something that failed or was skipped."""
        rec = {"id": len(self.records), "run": run, "status": status, "reason": reason,
               "driver": "unicast", "driver_kind": "measurement", "route": "signal",
               "metric": "rtt", "relation": "llc", "comparability": None,
               "attestation": {"verdict": "unattested", "why": reason}}
        rec.update(over)
        self.records.append(rec)

    def yardsticks(self):
        none = {"verdict": "not applicable", "why": "no interrupt is meant"}
        common = {"driver_kind": "yardstick", "queue": None, "ack": None, "delivery": None,
                  "gap": "back-to-back", "gap_ns_min": 0, "gap_ns_max": 0, "way": "none",
                  "error_ns": 0.4, "sample_kind": "batch64_mean", "attestation": none}
        for run, base in (("clock", 20), ("syscall", 95)):
            self.add(run, "self", base, 2000, [(self.cpus[0]["cpu"],) * 2], driver=run,
                     route="none" if run == "clock" else "syscall",
                     syscall_in_path=run == "syscall",
                     comparability=f"{run}/none/relax/batch64/back-to-back", **common)
        for rel in self.classes():
            self.add("cacheline", rel, LINE_NS[rel], 2000, driver="cacheline",
                     route="cacheline", syscall_in_path=False,
                     comparability="cacheline/spinning/relax/none/batch64/back-to-back",
                     **common)

    def unicasts(self, runs=("unicast-signal", "signal"), all_pairs=False, n=12000,
                 metrics=("rtt", "send", "stolen")):
        for run in runs:
            bare = {} if run.startswith("unicast") else {
                "driver": "signal", "queue": None, "ack": None, "delivery": None}
            for rel in self.classes():
                pairs = self.pick(rel, all_pairs)
                for metric in metrics:
                    share = {"rtt": 1.0, "send": 0.45, "stolen": 0.6}[metric]
                    self.add(run, rel, BASE_NS[rel] * share, n, pairs, metric=metric, **bare)

    def source_row(self, run):
        """One whole row: each class' part of it is a record of its own."""
        src = self.cpus[0]["cpu"]
        for rel in self.classes():
            pairs = [p for p in self.by_class[rel] if p[0] == src]
            self.add(run, rel, BASE_NS[rel], 4000, pairs)

    def broadcast(self, farthest):
        targets = [c["cpu"] for c in self.cpus[1:]]
        base = BASE_NS[farthest] * (1 + 0.15 * len(targets) ** 0.5)
        common = {"driver": "broadcast", "targets_n": len(targets)}
        for series in ("plain", "stamped"):
            stages = [("send", 0.5), ("last_ack", 1.0)]
            if series == "stamped":
                stages[1:1] = [("first_entry", 0.4), ("last_entry", 0.85), ("first_ack", 0.7)]
                stages.append(("max_of_unicasts", 0.9))
            for metric, share in stages:
                last = None
                if metric == "last_ack":
                    last = {"cpu": targets, "count": [self.rng.randrange(5, 60) for _ in targets]}
                self.add("broadcast-signal", farthest, base * share, 4000,
                         [(self.cpus[0]["cpu"], targets[-1])], metric=metric, series=series,
                         last_target_n=last,
                         comparability="signal/spinning/relax/syscall/single/gap 2000..20000"
                                       f"/{len(targets)} targets", **common)

    def specials(self):
        rel = self.classes()[0]
        self.add("unicast-poll", rel, LINE_NS[rel] * 1.3, 20000, route="poll", delivery="poll",
                 way="poll", syscall_in_path=False,
                 comparability="poll/spinning/relax/none/single/gap 2000..20000",
                 attestation={"verdict": "unattested", "why": "the target polls: no interrupt "
                              "is meant", "polled": 20000, "asked": 20000, "machine": None})
        self.add("unicast-signal", rel, BASE_NS[rel] + 200,
                 inject={"where": "handler", "ns": 200})
        self.add("unicast-signal", rel, BASE_NS[rel] * 1.3, gap="back-to-back", gap_ns_min=0,
                 gap_ns_max=0, comparability="signal/spinning/relax/syscall/single/back-to-back")
        self.add("membarrier", rel, BASE_NS[rel] * 0.8, driver="membarrier", route="membarrier",
                 queue=None, ack=None, delivery=None,
                 comparability="membarrier/spinning/relax/syscall/single/gap 2000..20000")

    def verdicts(self):
        rel = self.classes()[0]
        self.add("membarrier-held", rel, 400, driver="membarrier", route="membarrier",
                 queue=None, ack=None, delivery=None, target_state="asleep",
                 comparability="membarrier/asleep/relax/syscall/single/gap 2000..20000",
                 attestation={"verdict": "contradicted", "asked": 6000, "why":
                              "taken 12 of 6 000 asked, background 3 +- 2: the target was not "
                              "running", "machine": {"counter": "CAL", "taken": 12,
                                                     "background": 3.1, "expected": 6000}})
        self.add("membarrier-masked", rel, 1400, driver="membarrier", route="membarrier",
                 queue=None, ack=None, delivery=None,
                 comparability="membarrier/spinning/relax/syscall/single/gap 2000..20000",
                 attestation={"verdict": "unattested", "machine": None,
                              "why": "/proc/interrupts can't be read here"})
        self.add_bare("unicast-futex", "failed", "the target never answered within 2 s; "
                      "see `ipi doctor` <queue & ack>")
        self.add_bare("one-way", "skipped", "the offset's bound exceeds 20 % of the median",
                      metric="one_way")

    def traced(self, unseen=("queue", "dispatch", "function", "exit"), module=False):
        """Records under probes, with stages; some are not to be seen."""
        medians = {"queue": 140, "flight": 7770, "handler": 360, "dispatch": 130, "function": 130,
                   "exit": 100, "complete": 8900}
        if module:
            medians.update({"ko-post": 90, "ko-flight": 6900, "ko-dequeue": 210,
                            "ko-handler": 60})
        for rel in self.classes():
            for metric in ("rtt", "send"):
                far = BASE_NS[rel] / 2200
                stages = [{"name": n, "from": "here", "to": "there", "n": 900,
                           "probe": None if n in unseen else "tp_btf",
                           "why": "no probe for it works here" if n in unseen else None,
                           "p50_ns": None if n in unseen else round(ns * far, 1),
                           "floor_ns": None if n in unseen else 60.0, "histogram": []}
                          for n, ns in medians.items()]
                self.add("membarrier", rel, 9900 * far, metric=metric, driver="membarrier",
                         route="membarrier", queue=None, ack=None, delivery=None,
                         comparability="membarrier/spinning/relax/syscall/single/"
                                       "gap 2000..20000/traced",
                         trace={"verdict": "attested", "why": "probes: 900 sends, 900 entries",
                                "sends": 900, "entries": 900, "paired": 900, "lost": 0,
                                "blocks": 6, "blocks_traced": 6, "stages": stages})

    def result(self):
        hypervisor, where = {
            "hardware": (None, "hardware"), "virtual": ("KVM", "virtual machine (KVM)"),
            "emulated": ("QEMU TCG", f"EMULATED (QEMU TCG, {len(self.cpus)} vCPUs on "
                         f"{self.host_cpus} host CPUs): order of events and counts hold, times "
                         "are no processor's")}[self.machine]
        told = {"by": "tcg", "told_by": "cpuid"} if self.machine == "emulated" else None
        return {
            "schema": 1, "kind": "ipi-result", "complete": self.complete,
            "headline": f"{where}, {len(self.cpus)} CPUs, ordinary scheduling: made-up numbers",
            "tool": {"name": "ipi", "version": "0.1.0"},
            "command": ["ipi", "bench", "run", "/home/someone/quick.conf", "--json", "out.json"],
            "started_utc": "2026-11-22T22:40:00Z", "elapsed_s": 12.3, "machine": self.machine,
            "context": {
                "cpu_model": "Invented EPYC", "cpus_online": len(self.cpus), "arch": "x86_64",
                "kernel": "6.18.44-someone", "kernel_cmdline": "mitigations=off idle=poll",
                "mitigations": {"spectre_v2": "Mitigation: Retpolines", "meltdown": "Not affected"},
                "governor": "none", "idle_driver": "haltpoll", "apic_driver": "unknown",
                "hypervisor": hypervisor, "emulated": told, "host_cpus": self.host_cpus,
                "clock": {"source": "tsc", "tick_ns": 10.0, "read_ns": 20.1,
                          "tsc_hz": 2596000000, "kernel_clocksource": "tsc"},
                "build": {"compiler": "gcc 12.2.0", "options": "release",
                          "designs": ["slots", "null"]},
                "boot_id": "5f1e9c", "load_1min": 0.3, "scheduling": "ordinary",
                "limits": {"sigpending": 96365, "rtprio": 0},
                "doctor": [{"check": "membarrier", "verdict": "yes", "why": "expedited and rseq"},
                           {"check": "interrupts", "verdict": "warn", "why": "background 3 a s"},
                           {"check": "rt", "verdict": "no", "why": "RLIMIT_RTPRIO is 0"}]},
            "topology": self.topo,
            "plan": {"seed": self.seed, "budget_s": 30.0, "planned_s": 21.0,
                     "config": ["/home/someone/quick.conf"], "cut": self.cut},
            "records": self.records}


def attested(n):
    return {"verdict": "attested", "why": f"taken {n} of {n} asked, background 3 +- 2",
            "asked": n, "notified": n, "already_pending": 0, "polled": 0, "local": 0,
            "refused": 0, "entries": n, "merged": 0,
            "machine": {"counter": "CAL", "taken": n + 3, "background": 3.1, "expected": n}}


def small(seed):
    m = Machine("small", seed, (1, 1, 1, 2, 1))
    m.yardsticks()
    m.unicasts()
    m.broadcast("llc")
    m.specials()
    return m


def classes(seed):
    m = Machine("classes", seed, (2, 2, 2, 2, 2), "hardware")
    m.yardsticks()
    m.unicasts(all_pairs=True)
    m.broadcast("other")
    m.specials()
    return m


def big(seed):
    m = Machine("big", seed, (2, 2, 4, 8, 2), "hardware")
    m.yardsticks()
    m.unicasts(("unicast-signal",), True, 20000, ("rtt",))
    m.broadcast("other")
    return m


def big_default(seed):
    m = Machine("big-default", seed, (2, 2, 4, 8, 2), "hardware")
    m.yardsticks()
    m.unicasts(("unicast-signal",))
    m.source_row("unicast-signal")
    m.broadcast("other")
    m.cut = ["broadcast: 2 of 6 relation classes dropped to fit budget=30s"]
    return m


def verdicts(seed):
    m = small(seed)
    m.verdicts()
    return m


def traced(seed):
    m = Machine("traced", seed, (1, 1, 1, 2, 1))
    m.yardsticks()
    m.traced()
    return m


def traced_whole(seed):
    m = Machine("traced-whole", seed, (2, 1, 2, 2, 2), "hardware")
    m.traced(("handler",), module=True)
    return m


def incomplete(seed):
    m = Machine("incomplete", seed, (1, 1, 1, 2, 1))
    m.yardsticks()
    m.unicasts(("unicast-signal",), n=300)
    m.complete = False
    return m


def emulated(seed, nodes=4, per_node=2):
    """A guest: nodes of a core or more, each a socket, as QEMU makes them."""
    m = Machine("emulated", seed, (nodes, 1, 1, per_node, 1), "emulated", 2)
    m.yardsticks()
    m.unicasts(("unicast-signal",), all_pairs=True, n=3000)
    m.broadcast("other")
    return m


def numa(seed, sockets=1, nodes=8, cores=8):
    """64 CPUs in 8 nodes of one socket."""
    m = Machine("numa", seed, (sockets, nodes, 1, cores, 1), "emulated", 2)
    m.unicasts(("unicast-signal",), all_pairs=True, n=3000, metrics=("rtt",))
    return m


KINDS = {"small": small, "classes": classes, "big": big, "big-default": big_default,
         "verdicts": verdicts, "incomplete": incomplete, "emulated": emulated, "numa": numa,
         "traced": traced, "traced-whole": traced_whole}


def make(kind, seed=1):
    return KINDS[kind](seed).result()


def main(argv):
    if len(argv) not in (3, 4) or argv[1] not in KINDS:
        sys.stderr.write(f"usage: make_result.py {'|'.join(KINDS)} FILE [SEED]\n")
        return 2
    with open(argv[2], "w", encoding="utf-8") as out:
        json.dump(make(argv[1], int(argv[3]) if len(argv) == 4 else 1), out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
