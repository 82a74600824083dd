# SPDX-License-Identifier: GPL-2.0-only
"""Makes results whose answer is known: series that alternate, with blocks that
share the machine's drift and differ by a factor that was put there."""
import random

from make_result import Machine

MANY = {"route": "poll", "delivery": "poll", "way": "poll", "syscall_in_path": False,
        "gap": "back-to-back", "gap_ns_min": 0, "gap_ns_max": 0, "sample_kind": "window_mean",
        "metric": "interval", "senders_n": 4, "inflight": 1, "crowded": False,
        "comparability": "poll/spinning/relax/no syscall/window_mean/back-to-back"}
DENIED = {"verdict": "contradicted", "why": "RES: taken 12, asked 6000: 5988 too few"}
DOUBTED = {"verdict": "unattested", "why": "/proc/interrupts can't be read here"}
NONE = {"verdict": "not applicable", "why": "no interrupt is meant"}


class Question(Machine):
    """A machine on which every series has the same number of blocks."""

    def __init__(self, name, shape=(1, 1, 1, 2, 1), blocks=16):
        super().__init__(name, 1, shape)
        self.n = blocks
        self.noise = random.Random(name)
        self.drift = [self.noise.uniform(1, 1.6) for _ in range(blocks)]
        self.turn = 0

    def run(self, run, ns, noise=0.01, begins=0.0, **over):
        """One series of about ns; begins moves it away from the others."""
        if over.get("attestation") is None:
            over.pop("attestation", None)
        rec = self.add(run, over.pop("relation", "llc"), ns, 600, **over)
        self.turn += 1
        rec["blocks"] = [
            {"t_s": round(begins + 0.5 * i + 0.05 * (self.turn % 8), 3), "n": 40, "p99_ns": None,
             "p50_ns": round(ns * d * self.noise.uniform(1 - noise, 1 + noise), 2), "marks": []}
            for i, d in enumerate(self.drift)]
        return rec

    def incast(self, queues, **over):
        """queues: {name: ns}."""
        for queue, ns in queues.items():
            self.run(f"incast-{queue}", ns, **dict(MANY, driver="incast", queue=queue, **over))

    def null(self, ns, **over):
        self.run("null", ns, **dict(MANY, driver="incast", queue="null", route="none", way="none",
                                    attestation=NONE, **over))


def winner():
    q = Question("winner")
    q.incast({"ring": 312, "lock": 390, "llist": 313, "mpsc": 312.5})
    q.run("incast-wfcqueue", 400, **dict(MANY, driver="wfcqueue", queue="wfcqueue", pattern="incast",
                                         driver_kind="yardstick", attestation=NONE))
    q.null(31)
    return q


def alone():
    q = Question("alone")
    q.incast({"ring": 312, "lock": 390})
    return q


def ties():
    q = Question("ties")
    q.incast({"ring": 312, "lock": 312, "llist": 312})
    return q


def blurred():
    q = Question("blurred")
    q.incast({"ring": 312, "lock": 330}, noise=0.8)
    return q


def few():
    q = Question("few", blocks=5)
    q.incast({"ring": 312, "lock": 390})
    return q


def apart():
    """Not one group: lock was measured after ring."""
    q = Question("apart")
    q.incast({"ring": 312})
    q.incast({"lock": 390}, begins=100.0)
    return q


def contradicted():
    q = Question("contradicted")
    q.incast({"llist": 390, "lock": 312})
    q.incast({"ring": 100}, attestation=DENIED)
    q.incast({"mpsc": 50}, attestation=DOUBTED)
    return q


def unicast():
    q = Question("unicast")
    q.run("signal", 7990, driver="signal", queue=None)
    for queue in ("ring", "lock"):
        q.run(f"unicast-{queue}", 8000, queue=queue)
    return q


def senders():
    """Lines: lock becomes worse with the senders, ring does not."""
    q = Question("senders")
    for n in (1, 2, 4, 8):
        over = {"senders_n": n, "begins": 20.0 * n, "crowded": n > 2}
        q.incast({"ring": 312}, **over)
        q.incast({"lock": 312 * n ** 1.5}, **over)
        q.null(31, **over)
    return q


def bursts():
    q = Question("bursts")
    for queue, share in (("slots", 0.2), ("llist", 0.9)):
        for n in (1, 2, 4, 8):
            q.run(f"signal-{queue}", 8000 * (1 - share * (1 - 1 / n)), driver="burst",
                  queue=queue, metric="interval", burst=n, begins=20.0 * n,
                  coalesced=round(share * (1 - 1 / n), 3),
                  sample_kind="single" if n == 1 else f"batch{n}_mean", comparability="signal/spin"
                  f"ning/relax/syscall/{'single' if n == 1 else f'batch{n}_mean'}/gap 2000..20000"
                  f"/burst of {n}")
    return q


def depths():
    q = Question("depths")
    for n in (1, 2, 4, 8, 16):
        for queue in ("slots", "ring"):
            q.incast({queue: 300 + 2000 / n}, depth=n, inflight=16, senders_n=1)
            q.records[-1]["run"] = f"{queue}-{n}"
    return q


def acks():
    q = Question("acks", (2, 1, 2, 4, 1))
    for n in (1, 2, 4, 8, 15):
        for ack, ns in (("counter", 200 + 90 * n), ("word", 200 + 40 * n), ("tree", 300 + 9 * n)):
            q.run(f"poll-{ack}", ns, **dict(MANY, driver="multicast", ack=ack, targets_n=n,
                                            metric="rtt", sample_kind="single", senders_n=1,
                                            begins=20.0 * n, order="near", members="near"))
    return q


def sleepers():
    q = Question("sleepers")
    for run, ns, state, route in (("spin", 600, "spinning", "poll"),
                                  ("idle", 9000, "asleep", "futex"),
                                  ("epoll", 11000, "asleep in epoll", "eventfd")):
        q.run(run, ns, driver="sleeper", target_state=state, route=route, delivery=route,
              way="poll" if route == "poll" else "idle",
              comparability=f"{route}/{state}/relax/syscall/single/gap 50000..100000")
    return q


def homes():
    q = Question("homes")
    for home in ("source", "target"):
        q.run(home, 400, **dict(MANY, driver="unicast", metric="rtt", senders_n=1, home=home))
    return q


def orders():
    q = Question("orders")
    for order in ("near", "far"):
        q.run(order, 9000, driver="multicast", targets_n=2, order=order, members="near")
    return q


KINDS = (winner, alone, ties, blurred, few, apart, contradicted, unicast, senders, bursts,
         depths, acks, sleepers, homes, orders)


def make(kind):
    return kind().result()
