#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`ipi torture` from outside: options, outcome, being interrupted and killed.

usage: test_torture.py IPI    Every test is one function; TAP on stdout.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

IPI = os.path.abspath(sys.argv[1])
SEED = int(os.environ.get("IPI_TEST_SEED", "1"))
SHORT = ["--seconds", "0.6", "--seed", "9", "--queue", "slots", "--ack", "counter",
         "--delivery", "poll", "--waiter", "sleep"]
CLEAN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


def torture(*args, **kw):
    kw.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([IPI, "torture", *args], text=True, env=CLEAN, timeout=60, check=False,
                          stderr=subprocess.PIPE, **kw)


def started(*args, **kw):
    """A run that has printed its first line."""
    p = subprocess.Popen([IPI, "torture", *args], text=True, env=CLEAN, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, start_new_session=True, **kw)
    first = p.stdout.readline()
    assert first.startswith("seed "), first
    return p


def refused(args, says, status=2):
    done = torture(*args.split())
    said = f"{args}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.returncode == status and says in done.stderr, said
    assert done.stdout == "" and done.stderr.count("\n") == 1, said
    assert done.stderr.startswith("ipi: "), said


def test_bad_input_is_named_with_its_remedy():
    refused("--queue slot", "unknown queue 'slot'; did you mean 'slots'?")
    refused("--queue null", "nothing to torture")
    refused("--ack slots", "unknown ack 'slots'")
    refused("--delivery poll,signl", "did you mean 'signal'?")
    refused("--waiter relx", "did you mean 'relax'?")
    refused("--mix unicats=1", "did you mean 'unicast'?")
    refused("--mix unicast", "'unicast' is no op=weight")
    refused("--mix unicast=-1", "no weight from 0 to 10000")
    refused("--mix unicast=1,,", "is no op=weight")
    refused("--mix all=0", "every weight is 0")
    refused("--cpus 1", "--cpus: '1' is not a number from 2 to 256")
    refused("--cpus 257", "a number from 2 to 256")
    refused("--seconds 0", "--seconds: '0' is not a number of seconds")
    refused("--seconds nan", "is not a number of seconds")
    refused("--seconds 10x", "is not a number of seconds")
    refused("--messages 0", "a number from 1 to")
    refused("--seed -1", "a number of at most 64 bits")
    refused("--deadline never", "is not a number of seconds")
    refused("--jsn x", "did you mean '--json'?")
    refused("lst", "unexpected 'lst'")
    refused("--json no/such/file", "no/such/file: cannot be written", status=1)


def test_the_operations_are_listed():
    done = torture("list")
    assert done.returncode == 0 and "exit-bare" in done.stdout, done
    assert torture("--list-ops").stdout == done.stdout
    assert "Examples:" in torture("--help").stdout


def test_the_outcome_is_told_and_kept():
    done = torture(*SHORT, "--json", "out.json", "--mix", "exit-bare=3", "--quiet")
    assert done.returncode == 0 and done.stderr == "", done
    lines = done.stdout.splitlines()
    assert lines[0].startswith("seed 9: 1 combinations, "), lines
    assert lines[-1].startswith("passed: 1 combinations; "), lines
    with open("out.json", encoding="utf-8") as f:
        out = json.load(f)
    assert (out["kind"], out["schema"], out["seed"]) == ("ipi-torture", 1, "9"), out
    assert out["verdict"] == "passed" and out["complete"] is True
    assert out["mix"]["exit-bare"] == 3 and out["command"][:2] == ["ipi torture", "--seconds"]
    [row] = out["combinations"]
    assert (row["queue"], row["delivery"], row["waiter"]) == ("slots", "poll", "sleep")
    ways = ("interrupt", "waiter", "poll", "unhold", "idle", "local")
    assert sum(row["way_" + way] for way in ways) == row["messages"] > 0
    assert row["failures"] == 0 and row["failed"] == []
    assert os.listdir(".") == ["out.json"]
    done = torture(*SHORT, "--json", "-")
    assert json.loads(done.stdout)["seed"] == "9" and "seed 9" in done.stderr, done


def test_a_run_that_did_nothing_fails():
    done = torture(*SHORT, "--mix", "all=0,yield=1")
    assert done.returncode == 1 and "FAILED: a combination ran no handler" in done.stdout, done


def test_a_count_bounds_a_run():
    done = torture("--messages", "30k", "--seed", "4", "--json", "-")
    out = json.loads(done.stdout)
    assert done.returncode == 0, done
    for row in out["combinations"]:
        assert row["messages"] + row["runs"] >= 30000 / len(out["combinations"]), row


def test_one_processor_is_enough():
    first = min(os.sched_getaffinity(0))
    done = torture(*SHORT, preexec_fn=lambda: os.sched_setaffinity(0, {first}))
    assert done.returncode == 0 and "4 CPUs on 1 processors" in done.stdout, done


def test_lost_output_is_a_failure():
    with open("/dev/full", "w", encoding="ascii") as full:
        assert torture(*SHORT, stdout=full).returncode == 1


# ---- ends -------------------------------------------------------------------

def left_over(group):
    """Processes of a group, and what lies about."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(pid)) == group:
                found.append(pid)
        except ProcessLookupError:
            pass
    return found


def test_an_interrupt_ends_it_in_order():
    dice = random.Random(SEED)
    for signo in (signal.SIGINT, signal.SIGTERM):
        p = started("--seconds", "100", "--seed", "6", "--json", "cut.json")
        time.sleep(dice.uniform(0.05, 0.8))
        p.send_signal(signo)
        out, err = p.communicate(timeout=20)
        assert p.returncode == 1, (p.returncode, out, err)
        assert "interrupted" in err and "INTERRUPTED: nothing had failed" in out, (out, err)
        with open("cut.json", encoding="utf-8") as f:
            cut = json.load(f)
        assert cut["verdict"] == "interrupted" and cut["complete"] is False
        assert os.listdir(".") == ["cut.json"] and not left_over(p.pid)


def test_a_kill_leaves_nothing():
    dice = random.Random(SEED)
    mine, shm = os.sched_getaffinity(0), os.listdir("/dev/shm")
    for _ in range(12):
        p = started("--seconds", "100", "--json", "none.json", "--mix", "exit=20,exit-bare=20")
        assert left_over(p.pid) == [str(p.pid)]
        time.sleep(dice.uniform(0, 0.5))
        p.kill()
        p.communicate(timeout=20)
        assert p.returncode == -signal.SIGKILL, p.returncode
        assert os.listdir(".") == [] and not left_over(p.pid)
    assert os.sched_getaffinity(0) == mine
    assert os.listdir("/dev/shm") == shm


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print(f"# IPI_TEST_SEED={SEED}")
    for number, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as here:
            os.chdir(here)
            began = time.monotonic()
            try:
                test()
                print(f"ok {number} - {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as why:  # told, counted, and on to the next
                failed += 1
                text = f"{type(why).__name__}: {why}".replace("\n", "\n# ")
                print(f"not ok {number} - {name}\n# {text}", flush=True)
            os.chdir("/")
    print(f"1..{len(tests)}")
    return 1 if failed or not tests else 0


sys.exit(main())
