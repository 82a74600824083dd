#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The module judged inside Linux, in guests: test_kmod_judged.py IPI CACHE HOW TOPOLOGY KERNEL...

Builds the module with IPI_DEBUG=1 for each kernel, unless CACHE-KERNEL holds it, and prints the TAP of one boot
of each: with HOW = short a choice of designs, whose contract is judged, and a
torture while CPUs come and go; with HOW = pairs each two choices meet; with HOW
= full every combination; with HOW = one a single design, for machines of many
CPUs; with HOW = 10^5 or 10^7 a torture alone, of so many messages. With HOW =
built nothing is booted: some kernels find fault with what others build.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from module import CANNOT, ROOT, built, headers, turn  # noqa: E402
from steps import tell  # noqa: E402

TESTS = os.path.join(ROOT, "kmod", "tests")
# What each script is told; None: it is not run.
CONTRACT = {
    "built": None,
    "short": "scale=5\nqueues=slots\nacks=counter\ndeliveries='csd nmi'\n",
    "one": "scale=2\nqueues=slots\nacks=counter\ndeliveries=csd\nonly=multi\n",
    "pairs": "scale=20\npairs=1\n",
    "full": "scale=20\n",
    "10^5": None,
    "10^7": None,
}
TORTURE = {
    "built": None,
    "short": "messages=2000\nseconds=15\nruns=1\n",
    "one": "messages=500\nseconds=30\ncombos=slots:counter:csd\nhotplug=no\n",
    "pairs": "messages=20000\nseconds=120\nruns=4\n",
    "full": "messages=100000\nseconds=3600\nruns=4\n",
    "10^5": "messages=100000\nseconds=120\nruns=4\ngap=0.5\n",
    "10^7": "messages=10000000\nseconds=3600\nruns=18\ngap=0.5\n",
}


def lines_of(text):
    return text.strip().splitlines()


def script(how, folder):
    """Both scripts in one boot: the torture unloads the module, so it comes last."""
    text = ""
    shutil.copy(os.path.join(TESTS, "tap.sh"), folder)
    for name, words in (("contract", CONTRACT[how]), ("torture", TORTURE[how])):
        if words is None:
            continue
        with open(os.path.join(TESTS, f"{name}.sh"), encoding="utf-8") as file:
            body = words + file.read()
        with open(os.path.join(folder, f"{name}.sh"), "w", encoding="utf-8") as file:
            file.write(body)
        text += f"sh /out/{name}.sh || code=1\n"
    path = os.path.join(folder, "steps.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"code=0\n{text}exit $code\n")
    return path


def points(said, kernel):
    """The guest's lines as (ok, description, remarks); its plans and numbers are not ours.
    How far it is, is said at once."""
    remarks = []
    for line in map(str.rstrip, said):
        found = re.fullmatch(r"(not ok|ok)\b[ 0-9]*-? *(.*)", line)
        if found:
            yield found[1] == "ok", f"{kernel}: {found[2]}", remarks
            remarks = []
        elif line.endswith(" so far"):
            print(line, flush=True)
        elif not re.fullmatch(r"1\.\.\d+", line):
            remarks.append(line)


def judge(ipi, cache, how, topology, kernel):
    """The points of one kernel as they come; or one that says why there can be none."""
    code, tree, _ = headers(ipi, kernel)
    if code:
        yield True, f"{kernel} # SKIP there is nothing here to build a module for {kernel} with", []
        return
    cache, wrong = built(tree, f"{cache}-{kernel}", "IPI_DEBUG=1")
    if not cache or how == "built":
        yield bool(cache), f"{kernel}: the module is built", wrong
        return
    with turn(cache), tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as errors:
        modules = ["ipi", *(["ipi_contract"] if CONTRACT[how] else []), "ipi_torture"] # each script unloads its own
        words = [word for name in modules for word in ("--module", os.path.join(cache, f"{name}.ko"))]
        with subprocess.Popen([ipi, "vm", "run", "--kernel", kernel, "--topology", topology, "--share", folder,
                               "--time-limit", "13000", "--silence", "0", *words, "--script", script(how, folder)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True) as guest:
            some = False
            for point in points(guest.stdout, kernel):
                some = True
                yield point
        errors.seek(0)
        said = lines_of(errors.read())
        if guest.returncode == CANNOT:
            yield True, f"{kernel} # SKIP {said[-1]}", []
        else:
            yield not guest.returncode and some, f"{kernel}: guest", said


def all_kernels(ipi, cache, how, topology, kernels):
    for kernel in kernels:
        yield from judge(ipi, cache, how, topology, kernel)


def main(ipi, cache, how, topology, *kernels):
    return tell(all_kernels(ipi, cache, how, topology, kernels))


if __name__ == "__main__":
    if len(sys.argv) < 6 or sys.argv[3] not in CONTRACT:
        sys.exit(f"usage: {sys.argv[0]} IPI CACHE {'|'.join(CONTRACT)} TOPOLOGY KERNEL...")
    sys.exit(main(*sys.argv[1:]))
