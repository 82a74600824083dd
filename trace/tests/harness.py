# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of `ipi trace` have in common: `SCRIPT IPI-TRACE IPIS [TEST...]`,
the tracer and a sender as children, what the kernel still has of ours, TAP."""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TRACE, IPIS = (os.path.abspath(arg) for arg in sys.argv[1:3])
BPFTOOL = shutil.which("bpftool") or "/usr/sbin/bpftool"
DEADLINE_S = 60
CHILDREN = [] # tracers; a test that fails may leave one


def trace(*args, before=(), tool="latency", **kw):
    return subprocess.run([*before, TRACE, tool, *args], text=True, timeout=DEADLINE_S,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kw)


def await_word(stream, word):
    """The line of a child that has the word; bounded."""
    end, seen = time.monotonic() + DEADLINE_S, ""
    while time.monotonic() < end:
        if select.select([stream], [], [], 1)[0]:
            line = stream.readline()
            seen += line
            if word in line:
                return line
            if not line:
                break
    raise AssertionError(f"no '{word}' in: {seen}")


def start(*args, tool="latency"):
    """A trace that counts from now on."""
    child = subprocess.Popen([TRACE, tool, *args], text=True, bufsize=1,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    CHILDREN.append(child)
    await_word(child.stderr, "tracing")
    return child


def end(child, sig=signal.SIGINT):
    child.send_signal(sig)
    out, err = child.communicate(timeout=DEADLINE_S)
    return out, err, child.returncode


class Sender:
    def __init__(self, *args):
        self.child = subprocess.Popen([IPIS, *map(str, args)], text=True, bufsize=1,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.tid = await_word(self.child.stdout, "ready").split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(timeout=DEADLINE_S)
        self.child.stdout.close()

    def go(self):
        self.child.stdin.write("go\n")
        self.child.stdin.flush()

    def sent(self):
        await_word(self.child.stdout, "sent")

    def send(self):
        self.go()
        self.sent()


def kept(path="out.json"):
    with open(path, encoding="ascii") as file:
        return json.load(file)


def refused(done, status, words):
    assert done.returncode == status, (done.returncode, done.stderr)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ipi trace: ") and words in last, done.stderr
    assert done.stdout == "", done.stdout


def ours():
    """Programs and links of ours that the kernel has now."""
    names = ("send_", "single_e", "many_e", "resched_e", "no_ipi_", "who_am_i", "ipi_poke",
             "csd_", "call_", "ko_", "floor_", "settle_", "sent_", "queued_", "polled_", "slow_")
    done = subprocess.run([BPFTOOL, "-j", "prog", "list"], check=True, text=True,
                          stdout=subprocess.PIPE)
    progs = {one["id"] for one in json.loads(done.stdout) if one.get("name", "").startswith(names)}
    done = subprocess.run([BPFTOOL, "-j", "link", "list"], check=True, text=True,
                          stdout=subprocess.PIPE)
    return progs, [one for one in json.loads(done.stdout or "[]") if one["prog_id"] in progs]


def nothing_left():
    end_at = time.monotonic() + 10
    while time.monotonic() < end_at:
        if ours() == (set(), []):
            return True
        time.sleep(0.1)
    return False


def main(tests):
    if os.geteuid() != 0:
        print("1..0 # SKIP probes need root")
        return 0
    if len(os.sched_getaffinity(0)) < 2:
        print("1..0 # SKIP one CPU interrupts no other")
        return 0
    os.chdir(tempfile.mkdtemp(prefix="ipi-trace-test."))
    os.chmod(".", 0o755)
    tests = [(name, run) for name, run in tests.items() if name.startswith("test_")]
    only = sys.argv[3:]
    failed = 0
    print(f"1..{len([1 for name, _ in tests if not only or name in only])}")
    for number, (name, run) in enumerate(((n, r) for n, r in tests if not only or n in only), 1):
        try:
            remark = run()
            print(f"ok {number} - {name}" + (f" # {remark}" if remark else ""), flush=True)
        except Exception as error: # pylint: disable=broad-except
            failed += 1
            print(f"# {type(error).__name__}: {str(error)[:1500]}".replace("\n", "\n# "))
            print(f"not ok {number} - {name}", flush=True)
        while CHILDREN:
            CHILDREN.pop().kill()
    shutil.rmtree(os.getcwd())
    return 1 if failed else 0
