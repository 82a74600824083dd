#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The speed of the time stamp counter, measured on a machine that may be busy."""
import platform
import sys
import unittest

from common import Case
from ipivm import tsc


class Tsc(Case):
    def test_it_repeats(self):
        """To a thousandth, with other programs at work; and it is a speed that processors have."""
        speeds = [tsc.khz() for _ in range(5)]
        self.assertLess(max(speeds) / min(speeds), 1.001, speeds)
        self.assertTrue(500_000 < speeds[0] < 8_000_000, speeds)


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        print("no time stamp counter on this machine")
        sys.exit(77)
    unittest.main()
