# SPDX-License-Identifier: GPL-2.0-only
"""What tests of `ipi bench compare` share; the first argument is the program."""
import json
import os
import subprocess
import sys

IPI = os.path.abspath(sys.argv[1])
CLEAN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


def compare(*args):
    return subprocess.run([IPI, "bench", "compare", *args], env=CLEAN, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def written(name, data):
    with open(name, "w", encoding="ascii") as f:
        json.dump(data, f)
    return name


def judged(*args, status=0):
    """The rows of a comparison by name, and all of it."""
    done = compare(*args, "--format", "json")
    assert done.returncode == status, f"exit {done.returncode}: {done.stdout[:900]} {done.stderr}"
    out = json.loads(done.stdout)
    assert out["status"] == status
    return {row["run"]: row for row in out["rows"]}, out


def kinds(rows):
    return {name: row["verdict_kind"] for name, row in rows.items()}


def refused(done, err, status):
    said = f"exit {done.returncode}: {done.stdout} {done.stderr}"
    assert done.returncode == status, said
    assert err in done.stderr, f"no '{err}' in {said}"
    assert done.stderr.startswith("ipi: ") and done.stderr.count("\n") == 1, done.stderr
