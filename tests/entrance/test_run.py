#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How ./run is asked, from anywhere: what it prints, where to, and its exit code.

Usage: test_run.py ROOT, the top of the sources.
"""
import os
import subprocess
import sys
import unittest

RUN = os.path.join(sys.argv.pop(), "run")


class Run(unittest.TestCase):
    def run_it(self, *args):
        return subprocess.run([RUN, *args], cwd="/", stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)

    def test_usage_is_printed_when_asked_for_and_without_a_job(self):
        for args in ([], ["--help"]):
            done = self.run_it(*args)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for words in ("./run bench", "./run test", "--yes"):
                self.assertIn(words, done.stdout)

    def test_an_unknown_job_is_a_usage_error(self):
        for args in (["bnech"], ["test", "unit"]):
            done = self.run_it(*args)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(args[-1], done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
