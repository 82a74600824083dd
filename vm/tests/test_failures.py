#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Real guests that fail, in each way there is: test_failures.py IPI.

Each has to end with its own sentence, with the right exit code, and with no
QEMU and no file left.
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from common import Case
from ipivm import tsc

IPI = os.path.abspath(sys.argv.pop(1))
CACHE = os.path.expanduser(os.environ.get("IPI_VM_CACHE") or
                           os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "ipi", "vm"))
WARNS = """#include <linux/module.h>
static int __init warns_init(void)
{
	WARN(1, "on purpose\\n");
	return 0;
}
static void __exit warns_exit(void)
{
}
module_init(warns_init);
module_exit(warns_exit);
MODULE_LICENSE("GPL");
"""


def ipi(*args, cwd, env=None, timeout=180):
    return subprocess.run([IPI, "vm", *args], cwd=cwd, capture_output=True, text=True, check=False,
                          env={**os.environ, **(env or {})}, timeout=timeout)


class Guest(Case):
    def setUp(self):
        super().setUp()
        # All that our processes put aside would lie here.
        self.tmp = self.path("tmp")
        os.mkdir(self.tmp)
        self.env = {"TMPDIR": self.tmp, "IPI_VM_TEST": self.dir}

    def run_in_guest(self, *args):
        done = ipi("run", *args, cwd=self.dir, env=self.env)
        self.nothing_left()
        return done

    def nothing_left(self):
        self.assertEqual(os.listdir(self.tmp), [])
        self.assertEqual([name for name in os.listdir(CACHE) if name.startswith(".aside")], [])
        self.assertEqual(self.ours(), [])

    def ours(self):
        """Names of our processes, which are told by a variable in their environment."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    mine = f"IPI_VM_TEST={self.dir}".encode() in file.read()
                with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                    found += [file.read().strip()] * mine
            except OSError:
                pass
        return found

    def fails(self, done, says, code=70):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], "^ipi vm: " + says)


class Good(Guest):
    def test_channels_files_and_programs(self):
        self.write("in.txt", "from here\n")
        script = self.write("script", "cat /out/in.txt; echo err >&2; ipi bench run quick --dry-run >/out/plan\n"
                            "hello; readlink /proc/self/fd/0; ls /configs | grep -c conf; id -u\n"
                            "dmesg | sed -n 's/.*tsc: Detected \\([0-9]*\\).*/\\1/p' | tail -n 1\n"
                            "dmesg | grep -o 'Brought up 1 node, 1 CPU$'; cat /sys/devices/system/cpu/online\n")
        self.write("hello", "#!/bin/sh\necho hello\n", 0o755)
        done = self.run_in_guest("--script", script, "--program", "hello")
        self.assertEqual(done.returncode, 0, done.stderr)
        out = done.stdout.splitlines()
        self.assertEqual(out[:3] + out[4:5], ["from here", "hello", "/dev/null", "0"])
        self.assertAlmostEqual(int(out[5]) * 1000 / tsc.khz(), 1, delta=0.002)
        self.assertGreater(int(out[3]), 5)
        self.assertEqual(out[6:], ["Brought up 1 node, 1 CPU", "0-1"])      # the other by /init
        self.assertIn("err\n", done.stderr)
        with open(self.path("plan"), encoding="utf-8") as file:
            self.assertIn("CPUs 0-1 of 2", file.read())


class Bad(Guest):
    def test_a_test_that_fails_and_its_code(self):
        text = "1..2\nok 1\nnot ok 2 - x\n"
        done = self.run_in_guest("--tap", "--", "sh", "-c", f"printf '{text}'; exit 5")
        self.fails(done, "a test failed: not ok 2 - x; the command ended with 5", code=5)
        self.assertEqual(done.stdout, text)

    def test_panic(self):
        done = self.run_in_guest("--console", "console", "--", "sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60")
        self.fails(done, "the guest's kernel panicked while the command ran: sysrq triggered crash")
        self.assertIn("  | ", done.stderr)
        with open(self.path("console"), encoding="utf-8") as file:
            self.assertIn("sysrq triggered crash", file.read())

    def test_silence(self):
        done = self.run_in_guest("--silence", "4", "--", "sh", "-c", "echo begun; sleep 1000")
        self.fails(done, "the guest was stopped while the command ran: nothing was heard of it for 4 s")
        self.assertEqual(done.stdout, "begun\n")
        self.assertRegex(done.stderr, "ipi vm: console: .*console.log\n")

    def test_silence_at_boot(self):
        done = self.run_in_guest("--append", "rdinit=/bin/sh", "--silence", "4", "--", "true")
        self.fails(done, "the guest was stopped while the guest started: nothing was heard")

    def test_a_cpu_that_does_not_come_up(self):
        self.write("smt.conf", "[node0]\ncores = 1\nthreads = 2\n")
        done = self.run_in_guest("--topology", "smt.conf", "--append", "maxcpus=1 nosmt=force ipi.cpus=late", "true")
        self.fails(done, "the guest could not go on: CPU 1 does not come up")

    def test_a_plugin_that_is_none(self):
        done = self.run_in_guest("--plugin", "none.so,out=x", "--", "true")
        self.fails(done, "none.so: no such file: --plugin names a shared library", code=1)
        self.write("none.so", "no library\n")
        done = self.run_in_guest("--plugin", "none.so,out=x", "--", "true")
        self.fails(done, "QEMU did not start: .*none.so", code=1)

    def test_time(self):
        done = self.run_in_guest("--time-limit", "5", "--", "sh", "-c", "while :; do echo; sleep 0.1; done")
        self.fails(done, r"the guest was stopped while .*: its 5 s were over \(--time-limit\)")

    def test_no_verdict(self):
        done = self.run_in_guest("--", "sh", "-c", "reboot -f")
        self.fails(done, "the guest ended without a verdict while the command ran: QEMU's exit code was 0")

    def test_something_left_behind(self):
        done = self.run_in_guest("--", "sh", "-c", "cd /out; sleep 1000 & echo done")
        self.fails(done, "the guest could not go on: /out is still in use")
        self.assertEqual(done.stdout, "done\n")

    def test_splat(self):
        found = ipi("fetch", "--headers", "6.1", cwd=self.dir)
        if found.returncode:
            self.skipTest(found.stderr.strip().splitlines()[-1])
        self.write("mod/warns.c", WARNS)
        self.write("mod/Kbuild", "obj-m := warns.o\n")
        built = subprocess.run(["make", "-C", found.stdout.strip(), f"M={self.path('mod')}", "modules"],
                               capture_output=True, text=True, check=False)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        # Of a quiet console only the kernel's log knows.
        done = self.run_in_guest("--append", "loglevel=1", "--module", "mod/warns.ko", "--", "echo", "all is well")
        self.fails(done, r"the guest's kernel complained: WARNING: CPU: \d PID: \d+ at .*warns_init")
        self.assertEqual(done.stdout, "all is well\n")


class Signals(Guest):
    def begun(self, *args):
        vm = subprocess.Popen([IPI, "vm", *args], cwd=self.dir, env={**os.environ, **self.env}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True)
        self.addCleanup(vm.stdout.close)
        self.addCleanup(vm.stderr.close)
        self.addCleanup(vm.kill)
        return vm

    def ends(self, vm, code):
        self.assertEqual(vm.wait(20), code)
        until = time.monotonic() + 10
        while self.ours() and time.monotonic() < until:
            time.sleep(0.05)
        self.nothing_left()

    def test_interrupted_in_a_command(self):
        vm = self.begun("run", "--", "sh", "-c", "echo begun; sleep 1000")
        self.assertEqual(vm.stdout.readline(), "begun\n")
        self.assertIn("qemu-system-x86", self.ours())
        os.killpg(vm.pid, signal.SIGINT)
        self.ends(vm, 1)
        self.assertEqual(vm.stderr.read(), "ipi vm: interrupted; nothing is left behind\n")

    def test_terminated_and_killed_at_boot(self):
        for sig, code in ((signal.SIGTERM, 1), (signal.SIGKILL, -signal.SIGKILL)):
            vm = self.begun("run", "--", "sleep", "1000")
            while not any(name.startswith("qemu") for name in self.ours()):
                self.assertIsNone(vm.poll())
                time.sleep(0.05)
            vm.send_signal(sig)
            self.ends(vm, code)


class Cannot(Guest):
    def test_missing_packages(self):
        os.mkdir(self.path("bin"))
        python = shutil.which("python3")
        os.symlink(python, self.path("bin", "python3"))
        for name, package in (("qemu-system-x86_64", "qemu-system-x86"), ("busybox", "busybox-static")):
            with self.subTest(package):
                self.env["PATH"] = self.path("bin")
                self.fails(self.run_in_guest("true"), f"{name} is missing: install the package {package}$", code=77)
                os.symlink(shutil.which(name), self.path("bin", name))

    def test_usage(self):
        for args, says, code in ((("--kernel", "6.2", "true"), "no kernel '6.2'; did you mean 6.12?", 2),
                                 (("--kernel", "./none", "true"), "./none: No such file", 1),
                                 (("no-such-program",), "no-such-program: no such program", 2),
                                 (("--share", "none", "true"), ".*/none: no such directory", 1),
                                 (("--module", "none.ko", "true"), "none.ko: No such file", 1),
                                 (("--console", "none/c", "true"), "none/c: No such file", 1)):
            with self.subTest(args):
                self.fails(self.run_in_guest(*args), re.escape(says).replace(r"\.\*", ".*"), code)
        done = self.run_in_guest("--script", "x", "true")
        self.assertEqual((done.returncode, "one command" in done.stderr), (2, True))

class Shell(Guest):
    def test_on_a_terminal(self):
        ours, theirs = pty.openpty()
        before = termios.tcgetattr(theirs)
        vm = subprocess.Popen([IPI, "vm", "shell"], cwd=self.dir, env={**os.environ, **self.env}, stdin=theirs,
                              stdout=theirs, stderr=theirs, start_new_session=True)
        self.addCleanup(vm.kill)
        for fd in (ours, theirs):
            self.addCleanup(os.close, fd)
        self.reads(ours, "# ")
        os.write(ours, b"echo $((6 * 7)) $(tty)\r")
        self.reads(ours, "42 /dev/ttyS1\r\n")
        os.write(ours, b"sh -c 'echo up; sleep 1000'; echo down\r")
        self.reads(ours, "up\r\n")
        os.write(ours, b"\x03")     # the guest's to deal with
        os.write(ours, b"echo $((7 * 7))\r")
        self.reads(ours, "49\r\n")
        os.write(ours, b"\x1d")
        self.assertEqual(vm.wait(20), 0)
        self.assertEqual(termios.tcgetattr(theirs), before)
        self.nothing_left()

    def reads(self, fd, wanted):
        text, until = "", time.monotonic() + 120
        while wanted not in text:
            self.assertLess(time.monotonic(), until, text)
            if select.select([fd], [], [], 1)[0]:
                text += os.read(fd, 4096).decode(errors="replace")

    def test_piped_into(self):
        done = subprocess.run([IPI, "vm", "shell"], cwd=self.dir, input="echo $((6 * 7)) >/out/answer\nexit\n",
                              text=True, capture_output=True, env={**os.environ, **self.env}, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("answer"), encoding="ascii") as file:
            self.assertEqual(file.read(), "42\n")
        self.nothing_left()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        first = ipi("run", "true", cwd=where)
    if first.returncode == 77:
        print(first.stderr.strip())
        sys.exit(77)
    unittest.main(verbosity=2)
