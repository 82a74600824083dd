#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""ipi(3) against the library: test_manual.py ROOT EXAMPLE.

Every public function and counter is described, and the example prints what the
page says it prints.
"""
import os
import re
import subprocess
import sys
import unittest

EXAMPLE = sys.argv.pop()
ROOT = sys.argv.pop()
PAGE = os.path.join(ROOT, "man", "ipi.3")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class Manual(unittest.TestCase):
    def test_every_function_is_described(self):
        header = re.sub(r"/\*.*?\*/", "", read("lib", "include", "ipi", "ipi.h"), flags=re.S)
        names = set(re.findall(r"^[a-z].*?\b(ipi_\w+)\(", header, flags=re.M))
        self.assertGreater(len(names), 50)
        page = read("man", "ipi.3")
        missing = [name for name in names if not re.search(rf"^\.(Fn|It Fn) {name}\b", page, flags=re.M)]
        self.assertEqual(sorted(missing), [])

    def test_every_counter_is_described(self):
        names = re.findall(r"^IPI_COUNTER\((\w+)", read("lib", "include", "ipi", "counters.def"), flags=re.M)
        self.assertGreater(len(names), 10)
        page = read("man", "ipi.3")
        missing = [name for name in names if not re.search(rf"^\.(Va|It Va) (\w+ , )*{name}\b", page, flags=re.M)]
        self.assertEqual(missing, [])

    def test_the_example_prints_what_the_page_says(self):
        done = subprocess.run([EXAMPLE], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        said = read("man", "ipi.3").split("it prints\n.Bd -literal -offset indent\n")[1].split(".Ed")[0]
        self.assertEqual(done.stdout, said)


if __name__ == "__main__":
    unittest.main()
