#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Topology files: what QEMU is told, what is refused, what differs in a guest."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import made_guest  # noqa: E402
from ipivm import machine, shape, topology  # noqa: E402

CONFIGS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "configs", "topo")


def load(text, **kwargs):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return topology.load(path, **kwargs)


def shipped(name):
    return topology.load(os.path.join(CONFIGS, f"{name}.conf"))


def options(topo, name):
    args = topo.qemu_args()
    return [value for key, value in zip(args[::2], args[1::2]) if key == name]


class Files(unittest.TestCase):
    def test_every_shipped_file_opens_with_a_sentence(self):
        paths = glob.glob(os.path.join(CONFIGS, "*.conf"))
        self.assertGreaterEqual(len(paths), 12)
        for path in paths:
            with open(path, encoding="utf-8") as src:
                self.assertRegex(src.readline(), r"^# .*[.?]$", path)
            topo = topology.load(path)
            self.assertLessEqual(topo.memory_mb, 1024, path)
            self.assertIsNone(topo.note)

    def test_plain_machine(self):
        topo = shipped("4x2")
        self.assertEqual((topo.name, topo.cpus, topo.memory_mb), ("4x2", 8, 448))
        self.assertEqual(options(topo, "-smp"), ["8,sockets=4,dies=1,cores=2,threads=1"])
        self.assertEqual(options(topo, "-m"), ["448M"])
        self.assertEqual(options(topo, "-object")[1], "memory-backend-ram,id=node1,size=64M")
        numa = options(topo, "-numa")
        self.assertIn("node,nodeid=3,memdev=node3", numa)
        self.assertIn("cpu,node-id=2,socket-id=2", numa)
        self.assertIn("dist,src=1,dst=3,val=22", numa)
        self.assertEqual(sum(n.startswith("dist") for n in numa), 16)
        self.assertEqual(options(topo, "-device"), [])

    def test_default_is_two_cpus_on_one_node(self):
        topo = topology.default()
        self.assertEqual(topo.qemu_args(), shipped("1x2").qemu_args())
        self.assertEqual((topo.cpus, topo.note), (2, None))
        self.assertEqual(load("[node0]\n[node1]\n").distances, [[10, 20], [20, 10]])
        self.assertEqual(topo.cpu_args()[0], "-cpu")

    def test_uneven_sockets_are_plugged_one_by_one(self):
        topo = shipped("uneven")
        self.assertEqual(topo.cpus, 8)
        self.assertEqual(options(topo, "-smp"), ["1,maxcpus=12,sockets=3,dies=1,cores=4,threads=1"])
        plugged = options(topo, "-device")
        self.assertEqual(len(plugged), 7)
        self.assertTrue(plugged[2].endswith("socket-id=1,die-id=0,core-id=0,thread-id=0"))
        self.assertTrue(topo.cpu_args()[1].startswith(plugged[0].split("-")[0]))

    def test_memoryless_node_has_no_memdev(self):
        numa = options(shipped("memoryless"), "-numa")
        self.assertIn("node,nodeid=1", numa)
        self.assertIn("node,nodeid=2,memdev=node2", numa)

    def test_caches_are_dies_and_nodes_may_share_one(self):
        self.assertEqual(options(shipped("caches"), "-smp"), ["8,sockets=1,dies=2,cores=4,threads=1"])
        topo = load("[node0]\nsocket = 0\n[node1]\nsocket = 0\ncaches = 0\n")
        self.assertEqual(options(topo, "-smp"), ["2,sockets=1,dies=1,cores=2,threads=1"])
        self.assertIn("cpu,node-id=1,socket-id=0,core-id=1", options(topo, "-numa"))

    def test_die_is_named_where_there_are_several(self):
        self.assertIn("cpu,node-id=1,socket-id=0,die-id=1,core-id=0",
                      options(shipped("two-in-a-socket"), "-numa"))

    def test_manual_pages_example(self):
        page = os.path.join(os.path.dirname(os.path.dirname(HERE)), "man", "ipi-topo.5")
        with open(page, encoding="utf-8") as src:
            example = src.read().split(".Bd -literal -offset indent\n")[1].split(".Ed")[0]
        topo = load(example)
        self.assertEqual((topo.cpus, topo.smp), (12, (1, 3, 2, 2)))
        self.assertEqual(topo.memory, [256, 64, 512])

    def test_comments_defaults_and_order_of_sections(self):
        topo = load("; one\n[defaults]\ncores = 2 ; each\nmemory=0\n\n[node0]\nmemory = 1G\n"
                    "[defaults]\nthreads = 2\n[node1]\ncores = 1\n")
        self.assertEqual((topo.cpus, topo.memory, topo.smp), (6, [1024, 0], (2, 1, 2, 2)))

    def test_distances_need_not_be_symmetric(self):
        topo = load("[node0]\ndistances = 10, 11\n[node1]\ndistances = 254,10\n")
        self.assertEqual(topo.distances, [[10, 11], [254, 10]])


class Refused(unittest.TestCase):
    def refuses(self, text, line, *said, **kwargs):
        with self.assertRaises(topology.Bad) as bad:
            load(text, **kwargs)
        sentence = str(bad.exception)
        where = f"made.conf:{line}: " if line else "made.conf: "
        self.assertIn(where, sentence)
        self.assertNotIn("\n", sentence)
        for words in said:
            self.assertIn(words, sentence)

    def test_lines(self):
        self.refuses("cores = 2\n", 1, "before any section", "[node0]")
        self.refuses("[node0]\ncorse = 2\n", 2, "'corse'", "did you mean 'cores'?")
        self.refuses("[node0]\nwat = 2\n", 2, "the keys are cores, threads")
        self.refuses("[node0]\ncores\n", 2, "KEY = VALUE")
        self.refuses("[node0]\ncores = 1\ncores = 2\n", 3, "line 2")
        self.refuses("[node1]\n", 1, "[node0]", "in order")
        self.refuses("[nodes]\n", 1, "unknown section")
        self.refuses("[defaults]\ndistances = 10\n", 2, "node to node")

    def test_values(self):
        self.refuses("[node0]\ncores = many\n", 2, "0 to 255")
        self.refuses("[defaults]\nthreads = 9\n[node0]\n", 2, "1 to 8")
        self.refuses("[node0]\nmemory = 64\n", 2, "64M or 1G")
        self.refuses("[node0]\ncores = 4\ncaches = 3\n", 3, "4 cores", "3 caches")
        self.refuses("[node0]\n[node1]\ncaches = 0\n", 3, "'socket'")

    def test_distances(self):
        self.refuses("[node0]\ndistances = 10\n[node1]\n", 2, "1 distances for 2 nodes")
        self.refuses("[node0]\ndistances = 11,20\n[node1]\n", 2, "write 10")
        self.refuses("[node0]\ndistances = 10,255\n[node1]\n", 2, "11 to 254")
        self.refuses("[node0]\ndistances = 10,10\n[node1]\n", 2, "11 to 254")
        self.refuses("[node0]\ndistances = 10;20\n[node1]\n", 2, "joined by commas")

    def test_nodes_that_no_guest_shows_so(self):
        self.refuses("[node0]\n[node1]\ncores = 0\nmemory = 0\n", 2, "neither cores nor memory")
        self.refuses("[node0]\nsocket = 1\n[node1]\nsocket = 0\n", 1, "node 1 is", "that order")
        self.refuses("[node0]\ncores = 0\n[node1]\n", 1, "without cores last")
        self.refuses("[node0]\ncores = 0\n", None, "cores = 2")
        self.refuses("# nothing\n", None, "[node0]")

    def test_limits(self):
        many = "".join(f"[node{i}]\n" for i in range(4))
        self.refuses("[defaults]\ncores = 64\n" + many, None, "256 CPUs", "255")
        self.refuses("[defaults]\ncores = 33\n" + many + "[node4]\n", None, "APIC id", "254")
        self.refuses("[node0]\ncores = 40\n" + many[7:] + "[node4]\n[node5]\n[node6]\n", None, "room for 280")
        self.refuses("[node0]\nmemory = 64M\n", None, "64 MB", "128")
        self.refuses("[node0]\ncores = 65\n", None, "65 CPUs", "another kernel", cpus_max=64)
        self.refuses("[defaults]\nmemory=1M\n" + "".join(f"[node{i}]\n" for i in range(129)), None, "128")

    def test_files(self):
        with self.assertRaisesRegex(topology.Bad, "/nowhere.conf: No such file.*configs/topo"):
            topology.load("/nowhere.conf")
        with tempfile.NamedTemporaryFile(suffix=".conf") as out:
            out.write(b"\xff\xfe\x00")
            out.flush()
            with self.assertRaisesRegex(topology.Bad, "no text"):
                topology.load(out.name)


class Numbers(unittest.TestCase):
    def test_cpus_are_numbered_by_place(self):
        topo = shipped("every-relation")
        self.assertEqual([s.node for s in topo.slots], [0] * 8 + [1] * 2 + [2] * 2)
        self.assertEqual([s.thread for s in topo.slots], [0, 1] * 6)
        self.assertEqual(topo.slots, sorted(topo.slots))

    def test_apic_ids_are_of_powers_of_two(self):
        topo = shipped("uneven")
        self.assertEqual([topo.apic_id(s) for s in topo.slots], [0, 1, 2, 4, 8, 9, 10, 11])
        self.assertEqual(load("[node0]\ncores = 255\n").apic_id(machine.Slot(0, 0, 254, 0, 0)), 254)


class Shape(unittest.TestCase):
    """A made-up guest's answer, right and then wrong in one place."""

    def setUp(self):
        self.topo = shipped("every-relation")
        self.seen = made_guest.answer(self.topo)

    def differs(self, *said):
        lines = shape.compare(self.topo, self.seen)
        self.assertEqual(len(lines), len(said), lines)
        for line, words in zip(lines, said):
            self.assertIn(words, line)

    def test_same(self):
        for path in glob.glob(os.path.join(CONFIGS, "*.conf")):
            topo = topology.load(path)
            self.assertEqual(shape.compare(topo, made_guest.answer(topo)), [], path)

    def test_cpu(self):
        self.seen["cpus"].pop()
        self.differs("CPUs: asked for 0 to 11, seen 0,1,2,3,4,5,6,7,8,9,10",
                     "CPU 10: asked for sharing the core with 10,11, seen with 10",
                     "CPU 10: asked for sharing the last-level cache",
                     "CPU 10: asked for sharing the socket")

    def test_node(self):
        self.seen["cpus"][0]["node"] = 1
        self.differs("CPU 0: asked for in node 0, seen in node 1")

    def test_thread(self):
        self.seen["cpus"][9]["core"] = 99
        self.differs("CPU 8: asked for sharing the core with 8,9, seen with 8",
                     "CPU 9: asked for sharing the core with 8,9, seen with 9")

    def test_cache(self):
        for cpu in self.seen["cpus"][4:8]:
            cpu["llc"] = 0
        self.assertIn("CPU 0: asked for sharing the last-level cache with 0,1,2,3, seen with "
                      "0,1,2,3,4,5,6,7", shape.compare(self.topo, self.seen))

    def test_distance(self):
        self.seen["distances"][2][0] = 20
        self.differs("distance from node 2 to 0: asked for 21, seen 20")

    def test_memory(self):
        self.topo = shipped("memoryless")
        self.seen = made_guest.answer(shipped("memoryless"))
        self.seen["hwloc_xml"] = self.seen["hwloc_xml"].replace('local_memory="0"', 'local_memory="4096"')
        self.differs("memory of node 1: asked for 0 MB, seen 0 MB")

    def test_missing_node(self):
        self.topo = shipped("far-memory")
        self.seen = made_guest.answer(self.topo)
        self.seen["hwloc_xml"] = re.sub(r"<object type=.NUMANode. os_index=.2.*?/>", "", self.seen["hwloc_xml"])
        self.differs("nodes: asked for 0,1,2, seen 0,1")

    def test_memory_beside_counts_after_what_is_below(self):
        xml = ('<topology version="2.0"><object type="Package"><object type="NUMANode" os_index="3"/>'
               '<object type="Group"><object type="NUMANode" os_index="0" local_memory="7"/></object></object></topology>')
        self.assertEqual(shape.seen_nodes(xml), [(0, 7), (3, 0)])

    def test_script(self):
        script = os.path.join(os.path.dirname(HERE), "ipivm", "shape.py")
        conf = os.path.join(CONFIGS, "every-relation.conf")

        def run(text):
            return subprocess.run([sys.executable, script, conf, "-"], input=text, text=True,
                                  capture_output=True, check=False)

        self.assertEqual(run(json.dumps({"topology": self.seen})).returncode, 0)
        self.seen["distances"][0][1] = 99
        self.assertEqual(run(json.dumps(self.seen)).returncode, 1)
        self.assertIn("give what `ipi topology --json` printed", run("no JSON").stderr)
        self.assertEqual(run("[]").returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
