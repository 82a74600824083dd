# SPDX-License-Identifier: GPL-2.0-only
"""Runs tests that are functions, each in a directory of its own."""
import os
import tempfile
import time


def run_tests(names):
    """Those of names that begin with test_; the exit status."""
    tests = [(n, f) for n, f in names.items() if n.startswith("test_")]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory() as here:
            os.chdir(here)
            began = time.monotonic()
            try:
                test()
                print(f"ok - {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as why:  # told, counted, and on to the next
                failed += 1
                print(f"not ok - {name}: {type(why).__name__}: {why}", flush=True)
            os.chdir("/")
    print(f"{len(tests)} run, {failed} failed")
    return 1 if failed or not tests else 0
