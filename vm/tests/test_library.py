#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What user space has, in guests of other shapes: test_library.py IPI HOW TOPOLOGY [PROGRAM...]

Prints TAP, one point for each thing run in one boot: the contract's programs in
pairwise combinations; with HOW = short the torture too, which more threads than
two CPUs can emulate would starve; with HOW = bench a run of the bench on all
CPUs, whose result is drawn here.
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from steps import ended, lines, skip, tell, text  # noqa: E402

CANNOT = 77
SCALE = {"contract": 1, "short": 1, "full": 20}
TORTURE = {"short": "--seconds 10 --queue slots --ack counter"}
RESULT_MB = 5


def contract(how, programs):
    for path in programs:
        name = os.path.basename(path)
        yield name, f"IPI_TEST_PAIRS=1 IPI_TEST_SCALE={SCALE[how]} {name}"
    if how in TORTURE:
        yield "torture", f"ipi torture {TORTURE[how]}"


def complaint(folder, name):
    """What is wrong with a step, in lines; none: it did well."""
    well, how = ended(folder, name)
    if well:
        return []
    said = [line for line in (text(folder, f"{name}.out") + text(folder, f"{name}.err")).splitlines()
            if not line.startswith("ok ")]
    return [how, *said[-12:]]


def drawn(ipi, folder):
    """The result of the bench, with all its CPUs and nodes, is drawn, and is not too large."""
    path = os.path.join(folder, "result.json")
    if not os.path.exists(path):
        return ["there is no result to draw"]
    size = os.path.getsize(path) / 1e6
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    done = subprocess.run([ipi, "plot", path, "-o", os.path.join(folder, "report")],
                          capture_output=True, text=True, check=False)
    wrong = done.stderr.splitlines() if done.returncode else []
    if size > RESULT_MB:
        wrong.append(f"the result has {size:.1f} MB, more than {RESULT_MB}")
    if not (result["context"].get("emulated") or {}).get("by"):
        wrong.append("the result does not say that it is an emulator's")
    if not any(r["status"] == "ok" and r["samples_n"] for r in result["records"]):
        wrong.append("nothing was measured")
    return wrong


def main(ipi, how, topology, *programs):
    steps = [("bench", "ipi bench run cacheline unicast --force --metrics rtt --delivery poll --pairs 4 --time 50ms "
              "--budget 0 --json /out/result.json")] if how == "bench" \
        else list(contract(how, programs))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "steps.sh"), "w", encoding="utf-8") as file:
            file.write(lines(steps))
        extra = [word for path in programs for word in ("--program", path)]
        done = subprocess.run([ipi, "vm", "run", "--topology", topology, "--share", folder, "--time-limit", "1500",
                               "--silence", "0", *extra, "--script", os.path.join(folder, "steps.sh")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode == CANNOT:
            return skip(done.stderr)
        wrong = [(name, complaint(folder, name)) for name, _ in steps]
        if how == "bench":
            wrong.append(("plot", drawn(ipi, folder)))
        wrong.append(("guest", done.stderr.splitlines() if done.returncode else []))
    return tell([(not why, name, why) for name, why in wrong])


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(f"usage: {shlex.quote(sys.argv[0])} IPI contract|short|full|bench TOPOLOGY [PROGRAM...]")
    sys.exit(main(*sys.argv[1:]))
