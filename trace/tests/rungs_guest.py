#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""rungs.sh in a guest: rungs_guest.py IPI-VM IPI-TRACE IPIS KERNEL TOPOLOGY RUNG...
The rungs named must work there, and the others refuse. TAP."""
import os
import subprocess
import sys
import tempfile

vm, tracer, ipis, kernel, topology = sys.argv[1:6]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rungs.sh"), encoding="ascii") as file:
    script = file.read()
with tempfile.TemporaryDirectory(prefix="ipi-trace-test.") as folder:
    path = os.path.join(folder, "rungs.sh")
    with open(path, "w", encoding="ascii") as file:
        file.write("set -- " + " ".join(sys.argv[6:]) + "\n" + script)
    # QEMU before 8.1 may run text that the guest has just changed, which is an Oops there or a
    # CPU that goes round for ever: with all CPUs in one thread it does not.
    done = subprocess.run([vm, "run", "--threads", "single", "--kernel", kernel, "--topology", topology,
                           "--program", tracer, "--program", ipis, "--share", folder, "--tap", "--script", path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
sys.stderr.write(done.stderr)
if done.returncode == 77 and not done.stdout.strip():
    print("1..0 # SKIP this machine can't start that guest")
    sys.exit(0)
print(done.stdout, end="")
sys.exit(done.returncode)
