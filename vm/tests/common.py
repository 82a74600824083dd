# SPDX-License-Identifier: GPL-2.0-only
"""What the lab's tests share: where it is, and a directory and a cache of their own."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
VM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, VM)


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipi-vm-test.")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def vm(self, *args, env=None, timeout=60):
        return subprocess.run([os.path.join(VM, "ipi-vm"), *args], cwd=self.dir, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}, check=False, timeout=timeout)
