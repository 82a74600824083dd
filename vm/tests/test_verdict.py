#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The verdict over guests that were never run: each way to end, told by what was heard of it."""
import base64
import re
import unittest

from common import Case
from ipivm import verdict
from ipivm.verdict import Heard, judge

GOOD = "out shared\r\nexit 0\r\nlog\r\n[    0.1] Linux version 6.1\r\nend port\r\n"
CONSOLE = """[    0.000000] Linux version 6.1.0-56-amd64
[    0.101] RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!
[    0.102] ACPI BIOS Error (bug): Could not resolve symbol [x], AE_NOT_FOUND
[    0.103] x86/bugs: nothing to do; debug: INFO only
[    0.104] Warning: unable to open an initial console.
"""
SPLATS = """WARNING: CPU: 1 PID: 109 at warn.c:2 m_init+0x11/0x1000 [warn]
WARNING: possible circular locking dependency detected
WARNING: inconsistent lock state
BUG: KASAN: slab-use-after-free in f+0x10/0x20 [ipi]
BUG: KCSAN: data-race in f [ipi] / g [ipi]
BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580
[ BUG: Invalid wait context ]
BUG: scheduling while atomic: insmod/109/0x00000002
watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [sh:1]
BUG: unable to handle page fault for address: ffffffffdeadbeef
BUG: kernel NULL pointer dereference, address: 0000000000000000
kernel BUG at mm/slub.c:435!
UBSAN: shift-out-of-bounds in x.c:1:2
UBSAN: array-index-out-of-bounds in x.c:1:2
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: INFO: rcu_sched self-detected stall on CPU
INFO: task sh:99 blocked for more than 120 seconds.
INFO: trying to register non-static key.
Oops: 0002 [#1] PREEMPT SMP NOPTI
invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP
NMI watchdog: Watchdog detected hard LOCKUP on cpu 0
smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 5000000000 ns for CPU#01 f+0x0/0x10(0x0).
unchecked MSR access error: RDMSR from 0x1b1 at rIP: 0xffffffff81000000""".split("\n")


class Ends(Case):
    def judged(self, code, says, **heard):
        heard = Heard(**{"console": CONSOLE, "verdict": GOOD, "qemu": 33, **heard})
        sentence, found = judge(heard)
        self.assertEqual(found, code, sentence)
        self.assertRegex(sentence or "", says)

    def test_good(self):
        self.assertEqual(judge(Heard(CONSOLE, GOOD, qemu=33)), (None, 0))

    def test_good_without_port(self):
        self.assertEqual(judge(Heard(CONSOLE, GOOD.replace("end port", "end reboot"), qemu=0)), (None, 0))

    def test_the_command_failed(self):
        self.judged(5, "^the command ended with 5$", verdict=GOOD.replace("exit 0", "exit 5"))

    def test_panic(self):
        self.judged(70, "kernel panicked while the command ran: sysrq triggered crash$", verdict="out shared\r\n",
                    qemu=0, console=CONSOLE + "[ 3.1] Kernel panic - not syncing: sysrq triggered crash\r\n")
        self.judged(70, "kernel panicked while the guest started: Attempted to kill init", verdict="", qemu=0,
                    console=CONSOLE + "[    1.1][    T1] Kernel panic - not syncing: Attempted to kill init!\n")

    def test_panic_after_the_verdict(self):
        self.judged(70, "kernel panicked while the guest was ending", qemu=0,
                    console=CONSOLE + "[ 9.9] Kernel panic - not syncing: late\n")

    def test_time(self):
        self.judged(70, r"stopped while the command ran: its 10 s were over \(--time-limit\)", ended="time", limit=10,
                    verdict="out shared\n", qemu=-9)

    def test_silence(self):
        self.judged(70, r"stopped while the guest started: nothing was heard of it for 60 s \(--silence\)",
                    ended="silence", limit=60, verdict="", qemu=-9)

    def test_no_verdict(self):
        for text in ("", "out shared\r\n", GOOD[:-len("end port\r\n")], GOOD[:-3], GOOD.replace("exit 0", "exit ")):
            self.judged(70, r"ended without a verdict .*QEMU's exit code was 0", verdict=text, qemu=0)

    def test_a_verdict_that_qemu_contradicts(self):
        self.judged(70, "without a verdict", qemu=0)
        self.judged(70, "without a verdict", qemu=35)
        self.judged(70, "without a verdict.*its words: killed", qemu=-9, complaint="killed")

    def test_broken(self):
        self.judged(70, "could not go on: the module x could not be loaded$",
                    verdict="out shared\r\nbroken the module x could not be loaded\r\nlog\r\nend port\r\n")

    def test_broken_at_the_end(self):
        self.judged(70, "could not go on", verdict=GOOD.replace("log", "broken /out is still in use\nlog"))

    def test_splat_in_the_log(self):
        for splat in SPLATS:
            with self.subTest(splat):
                log = f"[    1.2] Linux\r\n[    3.141592][  T109] {splat}\r\nend port"
                self.judged(70, "kernel complained: " + re.escape(splat),
                            verdict=GOOD.replace("[    0.1] Linux version 6.1\r\nend port", log))

    def test_splat_on_the_console_alone(self):
        self.judged(70, "kernel complained: BUG: x", console=CONSOLE + "[    1.2] BUG: x\r\n")

    def test_splats_are_counted_once(self):
        log = GOOD.replace("end port", "[ 1.0] BUG: x\r\n[ 2.0] BUG: y\r\nend port").replace("exit 0", "exit 3")
        self.judged(70, r"BUG: x \(and 1 more such lines\); the command ended with 3$", verdict=log,
                    console="[ 1.0] BUG: x\n[ 2.0] BUG: y\n")

    def test_splat_before_the_panic(self):
        self.judged(70, "panicked.*: Fatal exception; before that the kernel said: BUG: kernel NULL", qemu=0,
                    verdict="out shared\n", console="[ 1.0] BUG: kernel NULL pointer dereference, address: 0\n"
                    "[ 1.1] Kernel panic - not syncing: Fatal exception\n")


class Parts(Case):
    def test_bulk(self):
        text = base64.encodebytes(b"x" * 500).decode().replace("\n", "\r\n")
        whole = f"out copied\r\nexit 0\r\nbulk\r\n{text}log\r\n[ 0.1] x\r\nend port\r\n"
        self.assertEqual(verdict.bulk(whole), b"x" * 500)
        self.assertIsNone(verdict.bulk(whole.split("log")[0]))
        self.assertIsNone(verdict.bulk(GOOD))

    def test_excerpt_begins_with_what_is_wrong(self):
        text = "".join(f"[ {n}.0] line {n}\r\n" for n in range(40))
        self.assertEqual(verdict.excerpt(text, 3), [f"[ {n}.0] line {n}" for n in (37, 38, 39)])
        self.assertEqual(verdict.excerpt(text.replace("line 7", "BUG: x"), 2), ["[ 7.0] BUG: x", "[ 8.0] line 8"])


class Tap(Case):
    def test_good(self):
        for text in ("1..2\nok 1\nok 2 - x\n", "ok 1\nok 2\n1..2\n", "1..0 # SKIP why\n", "1..1\nok\n1..2\nok\nok\n",
                     "# not ok\n1..1\nnot ok 1 # TODO later\n", "1..1\r\nok 1\r\n"):
            self.assertIsNone(verdict.tap(text), text)

    def test_bad(self):
        for text, says in (("1..2\nok 1\nnot ok 2 - the second\n", "a test failed: not ok 2 - the second"),
                           ("1..2\nok 1\n", "2 tests were planned, and 1 ran"), ("ok 1\n", "no test was planned"),
                           ("", "no test was planned"), ("1..1\nok 1\nok 2\n", "1 tests were planned, and 2 ran"),
                           ("1..3\nok 1\nBail out! no memory\n", "gave up: Bail out! no memory")):
            self.assertIn(says, verdict.tap(text) or "", text)

    def test_it_counts(self):
        heard = Heard(CONSOLE, GOOD, "1..1\nnot ok 1\n", qemu=33)
        self.assertEqual(judge(heard, want_tap=True), ("a test failed: not ok 1", 1))
        self.assertEqual(judge(heard), (None, 0))


if __name__ == "__main__":
    unittest.main()
