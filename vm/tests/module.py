# SPDX-License-Identifier: GPL-2.0-only
"""Building the module for a guest's kernel."""
import os
import subprocess

BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))), "kmod", "build")
CANNOT = 77


def said(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def headers(ipi, kernel):
    """(code, what a module for this kernel is built in, why there is none)."""
    code, out, err = said(ipi, "vm", "fetch", "--headers", kernel)
    return code, out.strip(), err


def build(tree, out, *words):
    """What is wrong, a warning too; none: the *.ko are in out."""
    code, text, errors = said(BUILD, tree, out, *words)
    lines = (text + errors).splitlines()
    noise = [line for line in lines if "warning:" in line or "error:" in line]
    return [f"kmod/build ended with {code}", *(noise or lines[-12:])] if code or noise else []
