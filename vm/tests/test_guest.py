#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU and the kernel are told of a guest, without starting one."""
import unittest

from common import Case
from ipivm import guest


class Late(Case):
    def test_one_thread_a_cpu_boots_on_one_cpu(self):
        self.assertEqual(guest.late(2, "multi", []), guest.LATE)
        self.assertIn("maxcpus=1", guest.LATE)
        self.assertIn("ipi.cpus=late", guest.LATE)

    def test_one_thread_for_all_boots_on_all(self):
        self.assertEqual(guest.late(64, "single", []), ())
        self.assertEqual(guest.late(1, "multi", []), ())

    def test_who_says_which_come_up_has_the_last_word(self):
        for word in ("maxcpus=4", "nosmp", "nosmt", "nosmt=force", "mitigations=auto,nosmt"):
            self.assertEqual(guest.late(8, "multi", ["quiet", word]), (), word)
        self.assertEqual(guest.late(8, "multi", ["quiet"]), guest.LATE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
