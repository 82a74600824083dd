#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a program under memcheck, which must find nothing: memcheck.py PROGRAM ARG..."""
import shutil
import subprocess
import sys

if not shutil.which("valgrind"):
    print("skipped: valgrind is not installed")
    sys.exit(77)
sys.exit(subprocess.run(["valgrind", "-q", "--error-exitcode=9", *sys.argv[1:]],
                        check=False).returncode)
