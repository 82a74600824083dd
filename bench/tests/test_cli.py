#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The command line of `ipi` from outside: exit codes, streams, files, signals.

usage: test_cli.py IPI    Every test is one function; TAP on stdout.
"""
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time

from functions import run_tests

IPI = os.path.abspath(sys.argv[1])
SHORT = ["--metrics", "rtt", "--time", "150ms", "--pairs", "1", "--row=no",
         "--budget", "0", "--force"]
TWO_CPUS = len(os.sched_getaffinity(0)) >= 2
CLEAN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


def ipi(*args, program=IPI, **kw):
    kw.setdefault("env", CLEAN)
    kw.setdefault("timeout", 60)
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([program, *args], text=True, **kw)


def expect(done, status, err="", out=""):
    """One clear line on stderr when something is refused."""
    said = f"exit {done.returncode}\nstdout: {done.stdout}\nstderr: {done.stderr}"
    assert done.returncode == status, said
    assert err in (done.stderr or ""), f"no '{err}' in {said}"
    assert out in (done.stdout or ""), f"no '{out}' in {said}"


def refused(done, err, status=2):
    expect(done, status, err)
    assert done.stdout == "", done.stdout
    assert done.stderr.startswith("ipi: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def config(text):
    with open("test.conf", "w", encoding="ascii") as f:
        f.write(text)
    return "./test.conf"


# ---- names ------------------------------------------------------------------

def test_unknown_words_suggest():
    refused(ipi("bogus"), "unknown command 'bogus'")
    refused(ipi("topolgy"), "did you mean 'topology'?")
    refused(ipi("bench", "rnu"), "did you mean 'run'?")
    refused(ipi("bench", "run", "--jsn", "x"), "did you mean '--json'?")
    refused(ipi("bench", "run", "--format", "tabel"), "did you mean 'table'?")
    refused(ipi("bench", "run", "unicats"), "did you mean 'unicast'?")
    refused(ipi("bench", "run", "unicast", "--queue", "slot"), "did you mean 'slots'?")
    refused(ipi("doctor", "what"), "unexpected 'what'")


def test_help_ends_with_examples():
    for args in (["--help"], ["bench", "--help"], ["bench", "run", "--help"],
                 ["bench", "compare", "--help"],
                 ["bench", "list", "--help"], ["topology", "--help"],
                 ["doctor", "--help"]):
        done = ipi(*args)
        expect(done, 0, out="Examples:")
        assert done.stderr == "", done.stderr


def test_queues_say_their_order_and_memory():
    rows = [row.split() for row in ipi("bench", "list", "-v").stdout.split("\n")
            if row.startswith("queue ")]
    said = {row[1]: (row[-4], [int(n) for n in row[-3:]]) for row in rows}
    assert said["mpsc"][0] == "FIFO" and said["slots"][0] == "any", said
    for order, grows in said.values():
        assert order in ("FIFO", "any") and 0 < grows[0] < grows[1] < grows[2], said
    assert "B/CPU" not in ipi("bench", "list").stdout


def test_what_is_not_built_is_not_listed():
    tracer = os.path.join(os.path.dirname(IPI), "../trace/ipi-trace")
    assert ("  trace " in ipi("--help").stdout) == os.path.exists(tracer)


# ---- configs and CPUs -------------------------------------------------------

def test_config_faults_name_file_and_line():
    path = config("[a]\ndriver = clock\nwaitr = relax\n")
    refused(ipi("bench", "run", path, "--dry-run"),
            "./test.conf:3: unknown key 'waitr'; did you mean 'waiter'?")
    path = config("[a]\ndriver = clock\nsamples = 12x\n")
    refused(ipi("bench", "run", path, "--dry-run"), "./test.conf:3: samples: '12x'")
    path = config("[a]\ndriver = clokc\n")
    refused(ipi("bench", "run", path, "--dry-run"), "./test.conf:2: driver: unknown driver")
    refused(ipi("bench", "run", "./none.conf"), "neither a driver nor a config")


def test_impossible_and_offline_cpus():
    refused(ipi("bench", "run", "--cpus", "0,9999", "--dry-run"),
            "CPU 9999: there is no such CPU (possible: 0")
    refused(ipi("bench", "run", "--cpus", "0-", "--dry-run"), "CPU list '0-'")
    fixture = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "../../lib/tool/tests/cpu2-offline.xml")
    refused(ipi("bench", "run", "--cpus", "0-2", "--dry-run", "--topology", fixture),
            "CPU 2 is offline")


def test_cpu_outside_our_affinity():
    if not TWO_CPUS:
        return
    first, second = sorted(os.sched_getaffinity(0))[:2]
    done = ipi("bench", "run", "--cpus", str(second), "--dry-run",
               preexec_fn=lambda: os.sched_setaffinity(0, {first}))
    refused(done, f"CPU {second} is outside the affinity")
    done = ipi("bench", "run", "unicast",
               preexec_fn=lambda: os.sched_setaffinity(0, {first}))
    refused(done, "nothing can be measured on 1 CPU", status=77)


# ---- planning ---------------------------------------------------------------

def test_dry_run_touches_nothing():
    before = os.listdir(".")
    done = ipi("bench", "run", "quick", "--dry-run", "--json", "out.json", "--csv", "o.csv")
    expect(done, 0, out="result file about")
    assert os.listdir(".") == before, os.listdir(".")


def test_dry_run_of_made_up_machines():
    began = time.monotonic()
    done = ipi("bench", "run", "quick", "--dry-run", "--topology",
               "synthetic:pack:2 numa:2 l3:4 core:8 pu:2")
    expect(done, 0, out="cut: ")
    assert "relation classes dropped" in done.stdout or "kept to fit" in done.stdout
    expect(ipi("bench", "run", "quick", "--dry-run", "--topology",
               "synthetic:pack:4 l3:5 core:25 pu:2"), 0, out="of 1000")
    assert time.monotonic() - began < 15
    refused(ipi("bench", "run", "--topology", "synthetic:pu:4"), "needs --dry-run")


def test_topology_json_has_no_private_parts():
    done = ipi("topology", "--json")
    expect(done, 0)
    shown = json.loads(done.stdout)
    assert shown["cpus"][0].keys() == {"cpu", "core", "llc", "node", "socket", "smt"}
    assert "HostName" not in shown["hwloc_xml"] and "DMI" not in shown["hwloc_xml"]
    assert os.uname().nodename not in shown["hwloc_xml"] or len(os.uname().nodename) < 4


def test_doctor_gives_each_check_a_sentence():
    done = ipi("doctor", "--json")
    expect(done, 0)
    checks = json.loads(done.stdout)
    assert len(checks) >= 12
    for check in checks:
        assert check["verdict"] in ("yes", "no", "warn"), check
        assert len(check["why"]) > 10, check


# ---- outputs ----------------------------------------------------------------

def test_unwritable_output_is_found_before_measuring():
    began = time.monotonic()
    refused(ipi("bench", "run", "clock", *SHORT, "--json", "no/such/out.json"),
            "no/such/out.json: cannot be written", status=1)
    refused(ipi("bench", "run", "clock", *SHORT, "--csv", "."),
            ".: cannot be written: Is a directory", status=1)
    assert time.monotonic() - began < 5


def test_result_goes_where_it_was_sent():
    done = ipi("bench", "run", "clock", "syscall", *SHORT, "--json", "out.json", "--csv", "out.csv")
    expect(done, 0, out="clock")
    with open("out.json", encoding="utf-8") as f:
        result = json.load(f)
    assert result["kind"] == "ipi-result" and result["complete"] is True
    assert result["command"][:4] == ["ipi", "bench", "run", "clock"]
    assert {r["run"] for r in result["records"]} == {"clock", "syscall"}
    for record in result["records"]:
        assert record["status"] == "ok", record["reason"]
        counted = sum(b[2] for b in record["histogram"]["bucket"])
        assert counted == record["samples_n"] > 0
        assert record["attestation"]["verdict"] == "not applicable"
    with open("out.csv", encoding="utf-8") as f:
        assert f.readline().startswith("csv_version,machine,")
    first = done.stdout.split("\n", 1)[0]
    assert first == result["headline"], first
    assert sorted(os.listdir(".")) == ["out.csv", "out.json"], os.listdir(".")
    shutil.copy("out.json", "whole.json")


def test_formats_on_stdout():
    done = ipi("bench", "run", "clock", *SHORT, "--format", "json")
    expect(done, 0)
    assert json.loads(done.stdout)["schema"] == 1
    done = ipi("bench", "run", "clock", *SHORT, "--json", "-", "--quiet")
    expect(done, 0)
    assert json.loads(done.stdout)["schema"] == 1
    assert done.stderr == "", done.stderr
    done = ipi("bench", "run", "clock", *SHORT, "--format", "lkml", "--json", "o.json")
    expect(done, 0, out="sha256")
    assert done.stdout.isascii() and max(map(len, done.stdout.split("\n"))) <= 72


def test_closed_stdout():
    done = ipi("topology", preexec_fn=lambda: os.close(1), stdout=None)
    expect(done, 1, "standard output was lost")
    with open("/dev/full", "w", encoding="ascii") as full:
        expect(ipi("topology", stdout=full), 1, "standard output was lost: No space left")
    done = ipi("bench", "run", "clock", *SHORT, "--json", "kept.json",
               preexec_fn=lambda: os.close(1), stdout=None)
    assert done.returncode == 1, done
    with open("kept.json", encoding="utf-8") as f:
        assert json.load(f)["complete"] is True


def test_progress_on_a_terminal_only():
    args = [IPI, "bench", "run", "clock", *SHORT]
    master, slave = pty.openpty()
    with subprocess.Popen(args, env=CLEAN, stdout=subprocess.DEVNULL, stderr=slave) as p:
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert p.wait() == 0
    os.close(master)
    assert b"\033" in seen and b" % " in seen, seen
    done = ipi("bench", "run", "clock", *SHORT)
    assert "\033" not in done.stderr and " % " not in done.stderr, done.stderr


# ---- being interrupted ------------------------------------------------------

def disturbed(path, label, disturb):
    """Runs a config, disturbs it when the progress line says label.

    The progress line names what is measured, so nothing is guessed of times.
    """
    master, slave = pty.openpty()
    seen = b""
    with subprocess.Popen([IPI, "bench", "run", path, "--force", "--json", "cut.json"],
                          env=CLEAN, text=True, stdout=subprocess.PIPE, stderr=slave) as p:
        os.close(slave)
        told = False
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
            if label in seen and not told:
                told = True
                disturb(p)
        out = p.stdout.read()
        status = p.wait(timeout=30)
    os.close(master)
    with open("cut.json", encoding="utf-8") as f:
        return status, seen, out, json.load(f)


def is_cut(status, out, result):
    assert status == 1, status
    assert out.startswith("INCOMPLETE: "), out
    assert result["complete"] is False
    done = [r for r in result["records"] if r["run"] == "first"]
    assert done and done[0]["status"] == "ok" and done[0]["samples_n"] > 0


def test_interrupt_keeps_results_and_marks_them():
    path = config("[defaults]\nmetrics = rtt\npairs = 1\nrow = no\n"
                  "[first]\ndriver = clock\ntime = 150ms\n"
                  "[endless]\ndriver = syscall\ntime = 300s\n")
    status, seen, out, result = disturbed(
        path, b"endless", lambda p: p.send_signal(signal.SIGINT))
    assert b"interrupted" in seen, seen
    is_cut(status, out, result)


def test_budget_overrun_ends_the_run():
    def stop_for_longer_than_the_budget(p):
        p.send_signal(signal.SIGSTOP)
        time.sleep(4)
        p.send_signal(signal.SIGCONT)

    path = config("[defaults]\nmetrics = rtt\npairs = 1\nrow = no\nbudget = 3s\n"
                  "[first]\ndriver = clock\ntime = 150ms\n"
                  "[second]\ndriver = syscall\ntime = 2s\n")
    status, seen, out, result = disturbed(path, b"second", stop_for_longer_than_the_budget)
    assert b"above the budget" in seen, seen
    is_cut(status, out, result)


# ---- other people's machines ------------------------------------------------

def test_busy_machine_is_refused_or_told():
    spin = "while True: pass"
    burners = [subprocess.Popen([sys.executable, "-c", spin])
               for _ in os.sched_getaffinity(0)]
    try:
        refused(ipi("bench", "run", "clock"), "this machine is busy", status=77)
        done = ipi("bench", "run", "clock", *SHORT[:-1], "--busy")
        expect(done, 0, err="this machine is busy", out="busy ")
        assert done.stdout.startswith("busy "), done.stdout
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def test_ordinary_user():
    user = {}
    if os.geteuid() == 0:
        # The tree may lie where nobody else may go: below root's home.
        user = {"user": 65534, "group": 65534, "extra_groups": [],
                "program": shutil.copy(IPI, os.path.abspath("ipi"))}
        os.chmod(".", 0o777)
    done = ipi("doctor", **user)
    expect(done, 0, out="membarrier")
    done = ipi("bench", "run", "clock", *SHORT, "--json", "user.json", **user)
    expect(done, 0)
    assert os.path.exists("user.json")
    done = ipi("bench", "run", "clock", *SHORT, "--rt", **user)
    if done.returncode:
        refused(done, "no right to SCHED_FIFO", status=77)


def test_unicast_runs_and_is_judged():
    if not TWO_CPUS:
        return
    done = ipi("bench", "run", "unicast", *SHORT, "--delivery", "signal", "--json", "u.json")
    expect(done, 0, out="unicast")
    with open("u.json", encoding="utf-8") as f:
        records = json.load(f)["records"]
    assert any(r["status"] == "ok" and r["samples_n"] for r in records), records
    for record in records:
        assert record["attestation"]["verdict"] in (
            "attested", "contradicted", "unattested", "not applicable")


def test_a_home_that_is_nowhere_is_skipped():
    if not TWO_CPUS:
        return
    done = ipi("bench", "run", "unicast", *SHORT, "--delivery", "poll", "--home", "other",
               "--metrics", "rtt", "--json", "o.json")
    with open("o.json", encoding="utf-8") as f:
        result = json.load(f)
    if len({c["node"] for c in result["topology"]["cpus"]}) > 1:
        expect(done, 0)
        return
    expect(done, 77, out="needs a second node")
    assert {r["status"] for r in result["records"]} == {"skipped"}
    assert "needs a second node" in result["records"][0]["reason"]


SIZES = """[defaults]
delivery = poll
time = 150ms
pairs = 1
row = no
budget = 0

[in]
driver = incast
senders = 1,3
inflight = 2

[burst]
driver = burst
burst = 4
gap = back-to-back

[set]
driver = multicast
targets = 1..2
order = far

[sleep]
driver = sleeper
target-state = idle
"""


def test_sizes_reach_the_records():
    if not TWO_CPUS:
        return
    done = ipi("bench", "run", config(SIZES), "--force", "--json", "s.json", "--csv", "s.csv")
    expect(done, 0, out="1:1 x4")
    with open("s.json", encoding="utf-8") as f:
        records = [r for r in json.load(f)["records"] if r["status"] == "ok"]
    said = {(r["run"], r["senders_n"], r["targets_n"], r["burst"]) for r in records}
    assert said == {("in", 1, 1, None), ("in", 3, 1, None), ("burst", 1, 1, 4),
                    ("set", 1, 1, None), ("set", 1, 2, None), ("sleep", 1, 1, None)}, said
    for r in records:
        several = r["run"] == "in"
        assert (r["fairness"] is not None) == several, r["run"]
        assert r["inflight"] == (2 if several else None)
        assert r["crowded"] == (r["senders_n"] == 3 or r["targets_n"] == 2), r["run"]
        assert r["order"] == ("far" if r["run"] == "set" else None)
        assert r["pattern"] == {"in": "incast", "set": "set"}.get(r["run"], "pair")
        assert r["depth"] == 0 and r["idle_spin_ns"] == 0, r["run"]
        assert r["cpus"].count("-") + r["cpus"].count(",") == 1, r["cpus"]
        assert (r["rate_per_s"] is not None) == (r["metric"] == "interval")
        if several:
            assert len(r["sender_count"]["cpu"]) == r["senders_n"]
            assert 1 / r["senders_n"] <= r["fairness"] <= 1
        if r["metric"] == "interval" and several:
            assert r["sample_kind"] == "window_mean" and r["gap_ns_max"] == 0
            assert sum(r["way_count"].values()) > 0
            assert abs(r["rate_per_s"] * r["latency_ns_p50"] / 1e9 - 1) < 0.01


def test_targets_that_sleep_are_woken():
    for delivery in ("futex", "eventfd"):
        if not TWO_CPUS:
            return
        done = ipi("bench", "run", "unicast", *SHORT, "--delivery", delivery, "--json", "s.json")
        expect(done, 0, out=delivery)
        with open("s.json", encoding="utf-8") as f:
            ok = [r for r in json.load(f)["records"] if r["status"] == "ok"]
        assert any(r["way"] == "idle" and r["syscall_in_path"] for r in ok), ok


def test_trace_without_a_tracer_measures_nothing():
    there = shutil.copy(IPI, "ipi-alone")
    done = ipi("bench", "run", "clock", "--trace", "--force", "-q", program=os.path.abspath(there))
    refused(done, "ipi-trace: No such file or directory; it is built where clang", status=77)


def test_vm_is_handed_over():
    done = ipi("vm", "--help")
    expect(done, 0, out="shell")


def test_plot_is_handed_over():
    done = ipi("plot", "--help")
    expect(done, 0, out="RESULT")


sys.exit(run_tests(globals()))
