#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`ipi bench run --trace` on the kernel that runs: two witnesses of the same interrupts.

usage: test_traced.py IPI    TAP on stdout; the kernel's own probes, so it needs root.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

IPI = os.path.abspath(sys.argv[1])
DEADLINE_S = 120
# Real time: what else runs here keeps no target from its messages.
RUN = [IPI, "bench", "run", "--rt", "--force", "--trace", "-q", "--pairs", "1", "--row=no",
       "--json", "out.json"]
ALTERNATING = """
[calls]
driver = membarrier
metrics = rtt,send
group = both
[reschedules]
driver = signal
metrics = rtt,send
group = both
[floor]
driver = clock
"""


def run(*args, before=(), **kw):
    return subprocess.run([*before, *RUN, *args], text=True, timeout=DEADLINE_S, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)


def kept():
    with open("out.json", encoding="utf-8") as f:
        return json.load(f)


def until(what, found):
    """What found() finds; bounded."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        os.sched_yield()
    raise AssertionError(f"never {what}")


def tracer_of(child):
    """The tracer, once it has said that it is ready: the bench has threads from then on."""
    assert child.poll() is None, child.stderr.read()
    with open(f"/proc/{child.pid}/task/{child.pid}/children", encoding="ascii") as f:
        pids = f.read().split()
    measures = len(os.listdir(f"/proc/{child.pid}/task")) > 1
    return int(pids[0]) if pids and measures else None


def start(*args):
    child = subprocess.Popen([*RUN, *args], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    return child, until("a tracer", lambda: tracer_of(child))


def test_both_witnesses_agree():
    with open("both.conf", "w", encoding="ascii") as f:
        f.write(ALTERNATING)
    done = run("./both.conf", "--time", "600ms")
    assert done.returncode == 0, done.stderr
    data = kept()
    assert data["traced"] and " scheduling, traced: " in data["headline"], data["headline"]
    assert {p["stage"] for p in data["probes"]} >= {"send", "entry"}, data["probes"]
    seen = set()
    for rec in data["records"]:
        said, machine = rec["trace"], rec["attestation"]["machine"]
        assert rec["comparability"].endswith("/traced"), rec["comparability"]
        if rec["way"] != "interrupt":
            assert said["verdict"] == "not applicable" and not said["stages"], said
            continue
        seen.add((rec["run"], rec["metric"]))
        assert said["blocks"] == said["blocks_traced"] > 2 and said["lost"] == 0, said
        # They begin and end some microseconds apart; the background is of both.
        spread = 20 + 0.01 * machine["taken"] + 3 * (machine["background"] + 1) ** .5
        assert abs(said["entries"] - machine["taken"]) <= spread, (said, machine)
        assert abs(said["sends"] - said["entries"]) <= spread, said
        assert said["paired"] >= 0.9 * rec["samples_n"], (said, rec["samples_n"])
        if rec["attestation"]["verdict"] == "attested":
            assert said["verdict"] == "attested", said
    assert seen == {(r, m) for r in ("calls", "reschedules") for m in ("rtt", "send")}, seen


def test_stages_go_to_their_records():
    """Those of the run before: alternating, but only calls have times."""
    for rec in kept()["records"]:
        stages = rec["trace"]["stages"]
        assert (stages is not None) == (rec["run"] == "calls" and rec["way"] == "interrupt"), rec
        if not stages:
            continue
        of = {s["name"]: s for s in stages}
        flight = of["flight"]
        assert rec["samples_n"] * 0.8 <= flight["n"] <= rec["trace"]["entries"], (rec, flight["n"])
        assert flight["floor_ns"] < flight["p50_ns"] < rec["latency_ns_max"], flight["p50_ns"]
        for stage in stages:
            assert sum(b[2] for b in stage["histogram"]) == stage["n"], stage
            assert stage["p50_ns"] is not None or stage["why"], stage


def test_a_tracer_that_dies_is_told():
    child, tracer = start("membarrier", "--time", "5s", "--metrics", "rtt")
    os.kill(tracer, signal.SIGKILL)
    _, err = child.communicate(timeout=DEADLINE_S)
    assert child.returncode == 1 and err.count("the tracer ended") == 2, (child.returncode, err)
    rec = next(r for r in kept()["records"] if r["way"] == "interrupt")
    said = rec["trace"]
    assert said["verdict"] == "unattested" and "blocks were traced: the tracer ended" \
        in said["why"] and said["blocks_traced"] < said["blocks"], said


def test_a_bench_that_dies_leaves_no_tracer():
    child, tracer = start("membarrier", "--time", "5s", "--metrics", "rtt")
    child.kill()
    child.communicate(timeout=DEADLINE_S)
    until("without its tracer", lambda: not os.path.exists(f"/proc/{tracer}"))


def test_without_the_right_to_load_probes_nothing_is_measured():
    os.unlink("out.json")
    done = run("clock", "--rt=no", before=("setpriv", "--bounding-set=-all"))
    assert done.returncode == 77 and done.stderr.count("\n") == 1, done
    assert "ipi: --trace: nothing can be traced here: " in done.stderr, done.stderr
    assert "run it as root" in done.stderr and not os.path.exists("out.json"), done.stderr


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP probes need root")
        return 0
    if len(os.sched_getaffinity(0)) < 2:
        print("1..0 # SKIP one CPU interrupts no other")
        return 0
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    here = tempfile.mkdtemp(prefix="ipi-traced-test.")
    os.chdir(here)
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        began = time.monotonic()
        try:
            test()
            print(f"ok {number} - {name} # {time.monotonic() - began:.1f} s", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"# {type(error).__name__}: {str(error)[:1500]}".replace("\n", "\n# "))
            print(f"not ok {number} - {name}", flush=True)
    os.chdir("/")
    shutil.rmtree(here)
    return 1 if failed else 0


sys.exit(main())
