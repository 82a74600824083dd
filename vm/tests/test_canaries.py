#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each checker of a debug kernel speaks, of its own canary and of nothing else.

usage: test_canaries.py KERNEL...     kasan, kcsan; built first, if they are not there

A guest loads one canary after the other, first without their bugs and then with
them, and marks in the kernel's log where each begins; what the verdict calls a
splat between two marks is the answer. TAP, with the seconds of each phase.
"""
import contextlib
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

VM = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, VM)

from ipivm import verdict  # noqa: E402
from ipivm.fail import CANNOT, GUEST  # noqa: E402
from steps import tell  # noqa: E402

# A canary's checker: the kernel that has it, the splat's first line, and what
# stands in the report to show that it is of this canary.
CANARIES = {
    "kasan": ("kasan", r"BUG: KASAN: (slab-)?use-after-free in canary_init", r"\[canary_kasan\]"),
    "ubsan": ("kasan", r"UBSAN: shift-out-of-bounds in .*canary_ubsan\.c", r"canary_init"),
    "sleep": ("kasan", r"BUG: sleeping function called from invalid context at .*canary_sleep\.c", r"canary_handler"),
    "nesting": ("kasan", r"\[ BUG: Invalid wait context \]", r"canary_lock.*canary_handler"),
    "lockdep": ("kasan", r"WARNING: inconsistent lock state", r"canary_lock.*canary_init"),
    "csd": ("kasan", r"smp: csd: (Detected non-responsive|Re-sending) CSD lock",
            r"waiting \d+ ns for CPU#\d+ canary_call"),
    "kcsan": ("kcsan", r"BUG: KCSAN: data-race in .*canary_race \[canary_kcsan\]",
              r"data-race in canary_race \[canary_kcsan\] / canary_race \[canary_kcsan\]"),
}
# KCSAN warns of its own report, after it, where the race was seen across an interrupt.
OWN = r"WARNING: CPU: \d+ PID: \d+ at kernel/kcsan/report\.c:"
# Lockdep is off after its first report and after KASAN's: two boots hear its two
# canaries, each first. What is printed in an interrupt makes it report the
# console's own lock, so nesting comes before sleep.
BOOTS = {"kasan": (("lockdep", "kasan", "ubsan", "csd", "kcsan"), ("nesting", "sleep")), "kcsan": (tuple(CANARIES),)}
# A call's time is up sooner here than elsewhere.
CSD_MS = 500
# Races are looked for while the switch in debugfs is on, and seen now and then:
# one that is there within 60 s, and none that isn't within 3.
SCRIPT = """
cd /out
switch=/sys/kernel/debug/kcsan
mark() { echo "canary: $*" >/dev/kmsg; }
heard() { dmesg | sed '1,/canary: bug kcsan/d' | grep -q 'KCSAN: data-race in canary'; }
race() {
	echo on >$switch
	if [ $1 = good ]; then sleep 3; else
		for second in $(seq 60); do heard && break; sleep 1; done
	fi
	echo off >$switch
}
try() { # good|bug NAME
	mark $1 $2
	insmod canary_$2.ko bug=$([ $1 = bug ] && echo 1 || echo 0)
	[ $2 = kcsan ] && [ -e $switch ] && race $1
	rmmod canary_$2
}
"""


def timed(what, function, *args):
    began = time.monotonic()
    result = function(*args)
    print(f"# {what}: {time.monotonic() - began:.1f} s", flush=True)
    return result


def tree_of(kernel):
    """Where modules for it are built; it is built itself, if need be."""
    done = subprocess.run([os.path.join(VM, "ipi-vm"), "fetch", "--headers", kernel],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == CANNOT:
        print(f"1..0 # SKIP {kernel} can't be built here")
        sys.exit(0)
    if done.returncode:
        raise RuntimeError(f"{kernel} could not be had: exit {done.returncode}")
    return done.stdout.strip()


def modules(tree, out):
    subprocess.run([os.path.join(VM, "canary", "build"), tree, out], check=True)
    names = {os.path.basename(path)[7:-3] for path in glob.glob(os.path.join(out, "*.ko"))}
    if names != set(CANARIES):
        raise RuntimeError(f"canaries without a report to wait for, or without a module: {names ^ set(CANARIES)}")


def boot(kernel, out, phases):
    """(what ipi vm ended with, {phase: that part of the log}) of a guest that goes through phases."""
    script, log = os.path.join(out, "script"), os.path.join(out, "log")
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT + "".join(f"try {kind} {name}\n" for kind, name in phases) + "mark end -\ndmesg >log\n")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(log)      # of the boot before
    done = subprocess.run([os.path.join(VM, "ipi-vm"), "run", "--kernel", kernel, "--share", out,
                           "--append", f"smp.csd_lock_timeout={CSD_MS}", "--script", script],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if not os.path.exists(log):
        return done, {}
    with open(log, encoding="utf-8", errors="replace") as file:
        parts = re.split(r"^.*canary: (\w+ [\w-]+)\r?\n", file.read(), flags=re.M)
    return done, dict(zip(parts[1::2], parts[2::2]))


def wrong(kernel, kind, name, text):
    """Why a canary's part of the log is not what it should be; '' if it is."""
    checker, title, shows = CANARIES[name]
    if text is None:
        return "the guest did not come to it"
    splats = verdict.splats(text)
    if kind == "good" or checker != kernel:
        return "" if not splats else f"splats where there is nothing to find: {splats}"
    if not splats:
        return f"not a word of it:\n{text}"
    others = [line for line in splats if not re.match(f"{title}|{OWN}", line)]
    if others:
        return f"other splats than wanted: {others}\n{text}"
    return "" if re.search(shows, text, flags=re.S) else f"not of this canary, which is no '{shows}':\n{text}"


def not_judged(done, kernel, phases):
    """Why the launcher's own word is wrong: it has to name the first canary's splat, so none before it."""
    first = next(name for kind, name in phases if kind == "bug" and CANARIES[name][0] == kernel)
    says = "ipi vm: the guest's kernel complained: " + CANARIES[first][1]
    last = (done.stderr.splitlines() or [""])[-1]
    return "" if done.returncode == GUEST and re.match(says, last) else f"exit {done.returncode}: {done.stderr}"


def hear(kernel):
    """(what, why it is not so) of each point of one kernel."""
    with tempfile.TemporaryDirectory() as out:
        tree = timed(f"{kernel}: the kernel", tree_of, kernel)
        timed(f"{kernel}: the canaries", modules, tree, out)
        for number, names in enumerate(BOOTS[kernel]):
            # Those without bugs once, ahead of all that may switch a checker off.
            phases = [("good", name) for name in CANARIES if not number] + [("bug", name) for name in names]
            done, parts = timed(f"{kernel}: guest {number + 1}", boot, kernel, out, phases)
            for kind, name in phases:
                text = parts.get(f"{kind} {name}") if "end -" in parts else None
                speaks = "is reported" if kind == "bug" and CANARIES[name][0] == kernel else "is not reported"
                yield f"{kernel}: {name}, {kind}, {speaks}", wrong(kernel, kind, name, text)
            yield f"{kernel}: guest {number + 1} is judged by its first report", not_judged(done, kernel, phases)


def main(kernels):
    return tell((not why, what, why.splitlines()) for kernel in kernels for what, why in hear(kernel))


if __name__ == "__main__":
    if not sys.argv[1:] or set(sys.argv[1:]) - set(BOOTS):
        sys.exit(f"usage: test_canaries.py {'|'.join(BOOTS)}...")
    sys.exit(main(sys.argv[1:]))
