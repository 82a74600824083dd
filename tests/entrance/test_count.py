#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The closing line of .ci/run, against what Meson really writes.

Usage: test_count.py ROOT, the top of the sources.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

COUNT = os.path.join(sys.argv.pop(), ".ci", "count")

PROJECT = r"""
project('p')
sh = find_program('sh')
test('good', sh, args: ['-c', 'true'], suite: 'a')
test('good', sh, args: ['-c', 'true'], suite: 'b')
"""

EVERY_END = PROJECT + r"""
test('bad', sh, args: ['-c', 'exit 1'], suite: 'a')
test('hard', sh, args: ['-c', 'exit 99'])
test('crash', sh, args: ['-c', 'kill -KILL $$'])
test('slow', sh, args: ['-c', 'sleep 60'], timeout: 1)
test('skipped', sh, args: ['-c', 'echo no such machine; exit 77'])
test('points skipped', sh,
  args: ['-c', 'echo "ok 1 - a # SKIP no bird"; echo 1..1; exit 77'])
test('meant to fail', sh, args: ['-c', 'exit 1'], should_fail: true)
test('not meant to pass', sh, args: ['-c', 'true'], should_fail: true)
test('points', sh, protocol: 'tap', args: ['-c',
  'echo 1..3; echo ok 1 - a; echo not ok 2 - b; echo "# the bird flew"; echo "ok 3 - c # SKIP no cat"'])
test('none', sh, protocol: 'tap', args: ['-c', 'echo "1..0 # SKIP no dog"'])
test('points and an end', sh, protocol: 'tap',
  args: ['-c', 'echo 1..1; echo ok 1; exit 1'])
test('points too slow', sh, protocol: 'tap', timeout: 1,
  args: ['-c', 'echo 1..2; echo ok 1; sleep 60'])
"""


class Count(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)

    def meson_test(self, project):
        """Runs the project's tests; the log directory and the exit code."""
        with open(os.path.join(self.dir, "meson.build"), "w", encoding="utf-8") as file:
            file.write(project)
        build = os.path.join(self.dir, "build")
        subprocess.run(["meson", "setup", build, self.dir], check=True, capture_output=True)
        done = subprocess.run(["meson", "test", "-C", build], capture_output=True, check=False)
        return os.path.join(build, "meson-logs"), done.returncode

    def count(self, logdir, code):
        done = subprocess.run([sys.executable, COUNT, logdir, str(code)],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_every_end_is_counted_as_what_it_is(self):
        logs, code = self.meson_test(EVERY_END)
        self.assertNotEqual(code, 0)
        code, lines = self.count(logs, code)
        # Passed: 2 programs, the one meant to fail, a point of each that has
        # points. Failed: bad, hard, crash, slow, not meant to pass, point 2,
        # and the two TAP programs that did not end well.
        self.assertEqual(lines[-1], "6 passed, 8 failed, 4 skipped")
        self.assertEqual(code, 1)
        text = "\n".join(lines)
        for words in ("failed: p / slow (TIMEOUT)", "p / skipped: no such machine",
                      "p / points skipped: no bird", "no cat", "no dog",
                      "failed: p / points (FAIL)\n    not ok 2 - b\n    # the bird flew\n"):
            self.assertIn(words, text)

    def test_all_passed(self):
        logs, code = self.meson_test(PROJECT)
        self.assertEqual(self.count(logs, code), (0, ["2 passed, 0 failed, 0 skipped"]))

    def test_meson_knows_better(self):
        logs, _ = self.meson_test(PROJECT)
        code, lines = self.count(logs, 1)
        self.assertEqual(code, 1)
        self.assertNotIn("passed,", lines[-1])

    def test_nothing_passed(self):
        logs, code = self.meson_test("project('p')\ntest('s', find_program('sh'), args: ['-c', 'exit 77'])\n")
        code, lines = self.count(logs, code)
        self.assertEqual((code, lines[-1]), (1, "0 passed, 0 failed, 1 skipped"))

    def test_a_log_cut_short_is_no_count(self):
        logs, _ = self.meson_test(PROJECT)
        path = os.path.join(logs, "testlog.json")
        with open(path, encoding="utf-8") as file:
            first = file.readline()
        with open(path, "w", encoding="utf-8") as file:
            file.write(first)
        code, lines = self.count(logs, 0)
        self.assertEqual(code, 1)
        self.assertIn("disagree", lines[-1])

    def test_no_log_is_no_count(self):
        code, lines = self.count(self.dir, 0)
        self.assertEqual(code, 1)
        self.assertNotIn("passed,", lines[-1])


if __name__ == "__main__":
    if not shutil.which("meson"):
        print("meson is not in the path")
        sys.exit(77)
    unittest.main()
