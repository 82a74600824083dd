#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which modules a guest is given, and in which order they are loaded."""
import lzma
import unittest

from common import Case
from ipivm import modules
from ipivm.fail import Stop


def module(depends="", release="6.1.0-99-amd64"):
    return b"\x7fELF...\0license=GPL\0depends=%s\0vermagic=%s SMP mod_unload \0" % (depends.encode(), release.encode())


class Modules(Case):
    def test_what_it_says_of_itself(self):
        data = module("a,b-c")
        self.assertEqual(modules.depends(data), ["a", "b_c"])
        self.assertEqual(modules.depends(module()), [])
        self.assertEqual(modules.release(data), "6.1.0-99-amd64")

    def test_names(self):
        self.assertEqual(modules.name_of("kernel/net/9p/9pnet-virtio.ko.xz"), "9pnet_virtio")
        self.assertIsNone(modules.name_of("lib/modules/6.1/modules.builtin"))

    def test_each_stands_behind_what_it_needs(self):
        found = {"9p": module("9pnet,netfs"), "netfs": module(), "9pnet": module("core"), "core": module()}
        order = modules.order(found)
        self.assertEqual(sorted(order), sorted(found))
        for name, data in found.items():
            for need in modules.depends(data):
                self.assertLess(order.index(need), order.index(name))

    def test_missing(self):
        self.assertEqual(modules.missing({"9p": module("9pnet,netfs"), "netfs": module()}), {"9pnet"})

    def test_closure_takes_the_needed_ones_alone(self):
        self.write("lib/net/9p.ko.xz", lzma.compress(module("9pnet")))
        self.write("lib/net/9pnet.ko", module())
        self.write("lib/net/other.ko", module())
        self.assertEqual(modules.closure(self.path("lib")), {"9p": module("9pnet"), "9pnet": module()})

    def test_bad_files(self):
        with self.assertRaisesRegex(Stop, "x.ko: No such file"):
            modules.load("x.ko")
        with self.assertRaisesRegex(Stop, "x.ko: not a kernel module"):
            modules.load(self.write("x.ko", "text"))
        with self.assertRaisesRegex(Stop, "y.ko.xz: damaged"):
            modules.load(self.write("y.ko.xz", "text"))


if __name__ == "__main__":
    unittest.main()
