#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""ipi.ko in a guest: test_kmod.py IPI KERNEL[:TOPOLOGY] CACHE STEP,... PROGRAM...

Builds the module against the kernel's headers, unless CACHE holds what these
sources made, and runs the steps, those that change the kernel's text in a boot of
their own. Prints TAP: the points of all steps, each with its step's name, and one
for each step's end and each guest's.
"""
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
from module import CANNOT, ROOT, btf_base, headers, said, turn, usual  # noqa: E402
from steps import ended, lines, skip, tell, text  # noqa: E402

# In their order: the first find the module loaded, and dev unloads it.
STEPS = {
    "btf": "sh -c '[ -s /sys/kernel/btf/ipi ] && echo ok 1 - types known to BPF; echo 1..1'",
    "bench-short": "sh /out/bench.sh short",
    "bench": "sh /out/bench.sh",
    "fuzz": "/out/fuzz --seed 1",
    "dev": "/out/test-dev /out/ipi.ko",
    "deliveries": "sh /out/deliveries.sh",
    "trace": "sh /out/trace.sh",
    "stages": "sh /out/stages.sh",
}
# Steps that switch probes on: Linux changes its text while CPUs run it, which QEMU
# before 8.1 survives only with all CPUs in one thread (vm/ipivm/guest.py says why).
# Two CPUs are enough for them.
PATCHING = ("trace", "stages")
SCRIPTS = ("bench.sh", "deliveries.sh", "stages.sh", "tap.sh", "trace.sh")
# What is linked with libraries: the guest gets these, too.
WITH_LIBRARIES = "ipi-trace"


def share(cache, programs, steps, folder):
    """What the guest finds in /out; the name of its command there."""
    for path in (*(os.path.join(cache, name) for name in ("ipi.ko", "ipi_example.ko")), *programs,
                 *(os.path.join(ROOT, "kmod", "tests", name) for name in SCRIPTS)):
        shutil.copy(path, folder)
    script = os.path.join(folder, "steps.sh")
    with open(script, "w", encoding="utf-8") as file:
        file.write("insmod /out/ipi.ko || exit 1\n")
        file.write(lines((name, STEPS[name]) for name in steps))
    return script


def points(folder, name):
    """[(right, what, lines)] of one step."""
    found, about, plan = [], [], None
    for line in text(folder, f"{name}.out").splitlines():
        point = re.match(r"(not )?ok \d+ - (.*)", line)
        if point:
            found.append((not point[1], f"{name}: {point[2]}", about))
            about = []
        elif line.startswith("1.."):
            plan = int(line[3:])
        else:
            about.append(line)
    well, how = ended(folder, name)
    why = [f"{how}, {len(found)} of {plan} points"]
    return [*found, (well and plan == len(found) and plan, f"{name}: ended",
                     why + about[-12:] + text(folder, f"{name}.err").splitlines()[-12:])]


def boot(ipi, kernel, options, cache, steps, programs):
    """(why there can be no guest, [(right, what, lines)]) of these steps in one."""
    linked = [path for path in programs if os.path.basename(path) == WITH_LIBRARIES]
    with tempfile.TemporaryDirectory() as folder:
        script = share(cache, [path for path in programs if path not in linked], steps, folder)
        code, out, err = said(ipi, "vm", "run", "--kernel", kernel, "--share", folder, "--silence", "0",
                              "--time-limit", "1500", "--script", script, *options,
                              *(word for path in linked for word in ("--program", path)))
        found = [point for name in steps for point in points(folder, name)]
    found.append((not code, f"{', '.join(steps)}: the guest", (out + err).splitlines()[-30:]))
    return err if code == CANNOT else None, found


def main(ipi, guest, cache, steps, *programs):
    kernel, _, topology = guest.partition(":")
    steps = [name for name in STEPS if name in steps.split(",")]
    code, tree, why = headers(ipi, kernel)
    if code == CANNOT:
        return skip(why)
    if code:
        return tell([(False, "headers", why.splitlines())])
    base = btf_base(ipi, kernel)
    cache, why = usual(tree, cache, base)
    if base and "dev" in steps:
        steps.insert(0, "btf")
    if not cache:
        return tell([(False, "built without a warning", why)])
    why, found = None, []
    some = [name for name in steps if name not in PATCHING]
    if some:
        options = ["--threads", "multi", *(["--topology", topology] if topology else [])]
        with turn(cache):
            why, found = boot(ipi, kernel, options, cache, some, programs)
    some = [name for name in steps if name in PATCHING]
    if some and not why:
        why, more = boot(ipi, kernel, ["--threads", "single"], cache, some, programs)
        found += more
    return skip(why) if why else tell(found)


if __name__ == "__main__":
    if len(sys.argv) < 5 or not set(sys.argv[4].split(",")) <= set(STEPS):
        sys.exit(f"usage: {sys.argv[0]} IPI KERNEL[:TOPOLOGY] CACHE {','.join(STEPS)} PROGRAM...")
    sys.exit(main(*sys.argv[1:]))
