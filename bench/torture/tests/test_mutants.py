#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The torture can fail: each broken line of mutants.py is found.

usage: test_mutants.py CC ROOT FLAG... -- FILE...   FILEs are linked: what is
the torture, then the library as it is; a NAME alone in IPI_MUTANT is tried
alone.

The library as it is must pass the same run. TAP on stdout.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mutants import MUTANTS

CC, ROOT = sys.argv[1:3]
CUT = sys.argv.index("--")
FLAGS, FILES = sys.argv[3:CUT], sys.argv[CUT + 1:]
RUN = ["--seed", "5", "--cpus", "8", "--quiet"]
LIMIT_S = 60 # of one run
# Seconds till a wait is a hang: soon where one is looked for; late, though within
# the limit, where a busy machine may be mistaken for one.
SOON, LATE = "5", "40"


def command(*args, cwd=None):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(args)}\n{done.stdout}"


def break_line(lib, file, old, new):
    path = os.path.join(lib, file)
    with open(path, encoding="utf-8") as f:
        source = f.read()
    assert source.count(old) == 1, f"{file}: the line stands there {source.count(old)} times: {old}"
    with open(path, "w", encoding="utf-8") as f:
        f.write(source.replace(old, new))


def all_sources(lib):
    """Every file of the build but the one that is only an example of a queue."""
    return [f"{d}/{n}" for d in ("core", "user") for n in sorted(os.listdir(os.path.join(lib, d)))
            if n.endswith(".c") and n != "hist.c"]


def build(work, mutant):
    lib, objects = os.path.join(work, "lib"), []
    shutil.copytree(os.path.join(ROOT, "lib"), lib)
    anew = []
    if mutant:
        _, file, old, new, _, anew = mutant[:6]
        break_line(lib, file, old, new)
        anew = all_sources(lib) if anew == "all" else anew or [file]
    includes = [f"-Ilib/{d}" for d in ("include", ".", "env/common", "env/user")]
    for source in anew:
        objects.append(os.path.join(work, source.replace("/", "_") + ".o"))
        # Paths from here, so that ccache knows the same mutant in another folder.
        command(CC, "-std=gnu11", "-O1", "-w", "-D_GNU_SOURCE", *includes, *FLAGS, "-MD", "-c", "-o",
                objects[-1], f"lib/{source}", cwd=work)
    # What is compiled anew goes before the library that has it too.
    program = os.path.join(work, "torture")
    command(CC, "-pthread", "-o", program, *objects, *FILES)
    return program


def torture(program, *more):
    return subprocess.run([program, *RUN, *more], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=LIMIT_S)


def try_one(mutant):
    with tempfile.TemporaryDirectory() as work:
        # What is broken is common to all queues.
        more = ["--queue", "slots"] if mutant else []
        more += mutant[6].split() if mutant and len(mutant) > 6 else []
        done = torture(build(work, mutant), "--seconds", "30" if mutant else "4",
                       "--deadline", SOON if mutant else LATE, *more)
    if not mutant:
        assert done.returncode == 0, done.stdout + done.stderr
        return "passed"
    said = set(re.findall(r"FAILED \[[^]]*\] (\w+):", done.stderr))
    if done.returncode < 0:
        said.add("crash")
    assert done.returncode != 0, f"not found:\n{done.stdout}"
    assert said & mutant[4], f"found by {said}, not by any of {mutant[4]}:\n{done.stderr[:2000]}"
    assert "repeat it: ipi torture --seed 5" in done.stderr, done.stderr
    return "found by " + ", ".join(sorted(said))


def main():
    only = os.environ.get("IPI_MUTANT")
    wanted = [m for m in [None, *MUTANTS] if not only or (m and m[0] == only)]
    failed = 0
    for n, mutant in enumerate(wanted, 1):
        name, began = mutant[0] if mutant else "the-library-as-it-is", time.monotonic()
        try:
            print(f"ok {n} - {name}: {try_one(mutant)} ({time.monotonic() - began:.1f} s)",
                  flush=True)
        except (AssertionError, subprocess.TimeoutExpired) as why:
            failed += 1
            print(f"not ok {n} - {name}\n# " + str(why).replace("\n", "\n# "), flush=True)
    print(f"1..{len(wanted)}")
    return 1 if failed or not wanted else 0


sys.exit(main())
