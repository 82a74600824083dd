#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A server's XML becomes a guest of its shape, and its note says what is different."""
import collections
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from ipivm import lstopo, topology  # noqa: E402
from made_server import core, node, obj, package, server  # noqa: E402

LSTOPO = shutil.which("lstopo-no-graphics")


def load(text, **kwargs):
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        return topology.load(out.name, **kwargs)


def synthetic(description, **kwargs):
    """By hwloc itself."""
    text = subprocess.run([LSTOPO, "-i", description, "--of", "xml"], check=True,
                          capture_output=True, text=True).stdout
    return load(text, **kwargs)


def per(topo, *keys):
    """How many CPUs there are in each of what the keys name."""
    return collections.Counter(tuple(getattr(s, k) for k in keys) for s in topo.slots)


def uneven():
    """A core of two threads, two caches, a node without memory and one without CPUs."""
    return server(
        package([0, 4, 1, 2], node(0, [0, 4, 1, 2], 8), obj("L3Cache", [0, 4, 1], core(0, 4), core(1)),
                obj("L3Cache", [2], core(2))),
        package([3], node(2, [3], 0), core(3)), node(1, [0, 4, 1, 2], 512),
        distances=[[10, 17, 32], [17, 10, 40], [31, 40, 10]])


@unittest.skipUnless(LSTOPO, "lstopo is not installed (package hwloc-nox)")
class Synthetic(unittest.TestCase):
    def test_fits_as_it_is(self):
        topo = synthetic("pack:2 numa:2 l3:2 core:4 pu:2")
        self.assertEqual((topo.cpus, topo.smp), (64, (2, 4, 4, 2)))
        self.assertEqual(set(per(topo, "node").values()), {16})
        self.assertEqual(set(per(topo, "socket", "die").values()), {8})
        self.assertNotIn("CPUs instead", topo.note)
        self.assertIn("no distances", topo.note)
        self.assertIn(f"{topo.memory_mb} MB of memory instead of 4096", topo.note)

    def test_fewer_cores_but_all_nodes_caches_and_threads(self):
        topo = synthetic("pack:2 numa:4 l3:2 core:8 pu:2")
        self.assertEqual((topo.cpus, topo.smp), (64, (2, 8, 2, 2)))
        self.assertEqual(len(per(topo, "node")), 8)
        self.assertIn("64 CPUs instead of 256", topo.note)

    def test_fewer_caches_then_fewer_threads(self):
        topo = synthetic("pack:2 numa:4 l3:4 core:4 pu:2", cpus_max=16)
        self.assertEqual((topo.cpus, topo.smp), (16, (2, 4, 1, 2)))
        topo = synthetic("pack:2 numa:4 l3:4 core:4 pu:2", cpus_max=8)
        self.assertEqual((topo.cpus, topo.smp), (8, (2, 4, 1, 1)))
        with self.assertRaisesRegex(topology.Bad, "8 nodes have CPUs, and 7 .*--restrict"):
            synthetic("pack:2 numa:4 l3:4 core:4 pu:2", cpus_max=7)

    def test_many_words_of_cpus(self):
        topo = synthetic("pack:2 l3:1 core:64 pu:1(indexes=pack:core)", cpus_max=128)
        self.assertEqual((topo.cpus, topo.smp), (128, (2, 1, 64, 1)))

    def test_memory_beside_a_package(self):
        topo = synthetic("pack:2 [numa(memory=4GB)] group:2 [numa(memory=2GB)] l3:1 core:2 pu:1")
        self.assertEqual(per(topo, "node"), {(n,): 2 for n in range(4)})
        self.assertEqual(len(topo.memory), 6)
        self.assertIn("nodes 0, 1, 3, 4, 2, 5 are called 0 to 5", topo.note)


class Uneven(unittest.TestCase):
    def setUp(self):
        self.topo = load(uneven())

    def test_cpus(self):
        self.assertEqual((self.topo.cpus, self.topo.smp), (5, (2, 2, 2, 2)))
        self.assertEqual(per(self.topo, "socket", "die"), {(0, 0): 3, (0, 1): 1, (1, 0): 1})
        self.assertFalse(self.topo.full)

    def test_nodes_are_in_the_guests_order(self):
        self.assertEqual(per(self.topo, "node"), {(0,): 4, (1,): 1})
        self.assertEqual(self.topo.memory, [256, 0, 64])
        self.assertEqual(self.topo.distances, [[10, 32, 17], [31, 10, 40], [17, 40, 10]])

    def test_note_is_one_sentence(self):
        self.assertEqual(self.topo.note, "not as on the server: nodes 0, 2, 1 are called 0 to 2; "
                                         "320 MB of memory instead of 532480")


class HandMade(unittest.TestCase):
    def two(self, **kwargs):
        return server(package([0, 1], node(0, [0, 1], 1), core(0), core(1)),
                      package([2, 3], node(8, [2, 3], 1), core(2), core(3)), **kwargs)

    def test_distances_by_os_numbers_and_in_range(self):
        topo = load(self.two(distances=[[10, 300], [5, 10]], numbers=[8, 0]))
        self.assertEqual(topo.distances, [[10, 11], [254, 10]])
        self.assertIn("distances moved into 10 to 254", topo.note)
        self.assertIn("nodes 0, 8 are called 0 to 1", topo.note)

    def test_neither_cpus_nor_memory_is_no_node(self):
        topo = load(server(package([0], node(0, [0], 1), node(1, [], 0), core(0))))
        self.assertEqual(topo.memory, [256])

    def test_no_nodes_packages_or_caches(self):
        topo = load(server(obj("L1iCache", [0], obj("PU", [0], os_index=0)), obj("PU", [1], os_index=1)))
        self.assertEqual((topo.smp, topo.memory), ((1, 1, 2, 1), [256]))

    def test_where_no_memory_is_told_there_is_some(self):
        topo = load(server(package([0, 1], node(0, [0], 0), node(1, [1], 0), core(0), core(1))))
        self.assertEqual(topo.memory, [256, 64])

    def test_same_as_the_server_has_no_note(self):
        topo = load(server(package([0, 1], obj("NUMANode", [0, 1], os_index=0, local_memory=256 << 20),
                                   core(0), core(1))))
        self.assertIsNone(topo.note)


class Refused(unittest.TestCase):
    def refuses(self, text, *said):
        with self.assertRaises(topology.Bad) as bad:
            load(text)
        sentence = str(bad.exception)
        self.assertRegex(sentence, r"^/.*\.xml: ")
        self.assertNotIn("\n", sentence)
        for words in said:
            self.assertIn(words, sentence)

    def test_not_lstopos(self):
        self.refuses("<html></html>", "<html> is not lstopo's", "lstopo FILE.xml")
        self.refuses("<topology version='2.0'>\n<object", "line 2", "lstopo FILE.xml")
        self.refuses(server(version="1.0"), "hwloc 1")

    def test_damaged(self):
        self.refuses(server(), "no CPU")
        self.refuses(server(node(0, [1], 1), obj("PU", [0], os_index=0)), "CPU 0", "damaged")
        self.refuses(uneven().replace('"0x', '"0y'), "damaged")
        self.refuses(uneven().replace('os_index="0"', 'os_index="zero"', 1), "zero", "damaged")
        self.refuses(uneven().replace(">10 17<", ">10 17 18<"), "distances", "damaged")
        self.refuses(uneven().replace(">10 17<", ">10 near<"), "no numbers", "damaged")

    def test_words(self):
        self.assertEqual(lstopo.bits("0x1,,0x80000000"), 1 << 64 | 1 << 31)


if __name__ == "__main__":
    unittest.main(verbosity=2)
