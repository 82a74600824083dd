#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""An emulator's result says what it is on everything that can be copied out of it."""
import json
import os
import re
import shutil
import sys
import unittest
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import make_result  # noqa: E402
import test_report  # noqa: E402
from ipiplot import emulated, figures, gnuplot, page  # noqa: E402

SEED = 1
SAID = ("EMULATED (QEMU TCG, 8 vCPUs on 2 host CPUs): order of events and counts hold, times "
        "are no processor's")
SVG = "{http://www.w3.org/2000/svg}"


def squeezed(text):
    return " ".join(text.split())


def small():
    """The least that is emulated and has a page."""
    m = make_result.Machine("small", SEED, (4, 1, 1, 2, 1), "emulated", 2)
    m.unicasts(("unicast-signal",), True, 300, ("rtt",))
    return m.result()


class Said(test_report.Reports):
    def svgs(self):
        for name in sorted(os.listdir(self.out)):
            if name.endswith(".svg"):
                yield name, xml.parse(os.path.join(self.out, name)).getroot()

    @staticmethod
    def texts(tree):
        return squeezed(" ".join(t for node in tree.iter(SVG + "text") for t in node.itertext()))

    def test_on_every_plot(self):
        self.good(self.made("emulated"), "-o", self.out)
        self.check_report(make_result.make("emulated", SEED))
        drawn = {name.split("-")[0] for name, _ in self.svgs()}
        self.assertGreaterEqual(drawn, {"bars", "sides", "pairs", "broadcast", "cdf", "time"})
        for name, tree in self.svgs():
            self.assertTrue(self.texts(tree).startswith(SAID), name)
            self.assertTrue(tree.find(SVG + "title").text.startswith(SAID), name)
            left, top, width, height = map(int, tree.get("viewBox").split())
            self.assertEqual((left, width, height), (0, int(tree.get("width")),
                                                     int(tree.get("height"))), name)
            strip = tree.find(SVG + "rect[@class='banner']")
            self.assertEqual((int(strip.get("y")), int(strip.get("height"))), (top, -top), name)

    def test_on_no_plot_of_others(self):
        self.good(self.made("incomplete"), "-o", self.out)
        for name, tree in self.svgs():
            self.assertNotIn("EMULATED", "".join(tree.itertext()), name)
        self.assertNotIn("EMULATED", self.page())

    def test_before_any_number_of_the_page(self):
        self.good(self.write(small()), "-o", self.out)
        page_text = self.page()
        body = page_text.split("<body>")[1]
        self.assertTrue(re.sub(r"<[^>]*>", " ", body).lstrip().startswith("EMULATED (QEMU TCG"))
        alarm = re.search(r'<div class="alarm"><strong>(.*?)\.</strong>', body.split("<nav>")[0])
        self.assertEqual(alarm.group(1), page.esc(SAID))
        self.assertIn("<title>ipi: EMULATED (QEMU TCG", page_text)

    def test_by_files_whose_headline_does_not(self):
        old = small()
        del old["context"]["emulated"], old["context"]["host_cpus"]
        old["headline"] = "emulated machine (QEMU TCG), 8 CPUs"
        self.good(self.write(old), "-o", self.out)
        self.assertIn("<h1>EMULATED (unknown emulator, 8 vCPUs): ", self.page())
        self.assertIn("emulated machine (QEMU TCG), 8 CPUs</h1>", self.page())

    def test_by_each_answer(self):
        fig = figures.Figure("a", "", "", "", {}, [], "", "", ("One is faster.",), SAID)
        self.assertIn("<b>Emulated:</b> One is faster.", page.answer(fig))
        self.assertNotIn("mulated", page.answer(fig._replace(banner="")))

    def test_on_a_terminal(self):
        for width in (60, 100):
            done = self.good(self.write(small()), "--terminal", env={"COLUMNS": str(width)})
            lines = done.stdout.splitlines()
            self.assertTrue(lines[0].startswith(SAID[:55]), lines[0])
            self.assertLessEqual(max(map(len, lines)), width)
            panels = sum(bool(re.fullmatch("-{10,}", line)) for line in lines)
            self.assertGreater(panels, 0)
            self.assertEqual(squeezed(done.stdout).count(SAID), panels + 1)

    def test_in_an_anonymous_report(self):
        self.good(self.write(small()), "-o", self.out, "--anonymous")
        self.assertIn(f"<strong>{page.esc(SAID)}.</strong>", self.page())

    def test_damaged_context_is_refused(self):
        for key, value in (("emulated", "tcg"), ("host_cpus", "two"), ("emulated", {"by": 1})):
            bad = small()
            bad["context"][key] = value
            self.refused(self.write(bad), says=r'damaged: "context\.' + key)


class Apart(test_report.Reports):
    def ticks(self, name):
        with open(os.path.join(self.out, name), encoding="utf-8") as src:
            return re.findall(r'text-anchor="middle">\s*<text> ?([\d.]+)<', src.read())

    def test_axes_are_shared_with_no_hardware(self):
        fast = make_result.make("incomplete", SEED)
        slow = json.loads(json.dumps(fast))
        for rec in slow["records"]:
            rec["latency_ns_p50"] = 30 * rec["latency_ns_p50"]
        both = self.write(fast, "fast.json"), self.write(slow, "slow.json")
        self.good(*both, "-o", self.out)
        self.assertEqual(self.ticks("r1-bars-1.svg"), self.ticks("r2-bars-1.svg"))
        slow.update(machine="emulated")
        slow["context"]["emulated"] = {"by": "tcg", "told_by": "cpuid"}
        self.write(slow, "slow.json")
        self.good(*both, "-o", self.out)
        self.assertNotEqual(self.ticks("r1-bars-1.svg"), self.ticks("r2-bars-1.svg"))
        self.assertIn('<li><a href="#r2-top">slow.json</a>: EMULATED', self.page())

    def test_only_the_same_emulator_is_alike(self):
        kinds = [{}, {"machine": "hardware", "context": {"emulated": None}},
                 {"context": {"emulated": {"by": "tcg"}}},
                 {"context": {"emulated": {"by": "user-mode"}}}, {"machine": "emulated"}]
        near = [len(emulated.alike(one, kinds)) for one in kinds]
        self.assertEqual(near, [2, 2, 1, 1, 1])

    def test_words(self):
        def words(**context):
            return emulated.line({"context": context, "topology": None})
        self.assertTrue(words(emulated={"by": "tcg"}, cpus_online=1, host_cpus=1).startswith(
            "EMULATED (QEMU TCG, 1 vCPU on 1 host CPU): "))
        self.assertTrue(words(emulated={"by": "bochs"}).startswith("EMULATED (bochs): "))
        self.assertEqual(words(emulated=None), "")

    def test_strip_is_as_high_as_its_words(self):
        svg = '<svg \n width="300" height="100"\n viewBox="0 0 300 100"><g/></svg>'
        tree = xml.fromstring(gnuplot.strip(svg, "a & b " + "word " * 30))
        rows = [node.text for node in tree.iter("text")]
        self.assertGreater(len(rows), 3)
        self.assertLessEqual(max(map(len, rows)) * 8, 300)
        self.assertEqual(rows[0][:5], "a & b")
        high = int(tree.get("height")) - 100
        self.assertEqual(tree.get("viewBox"), f"0 {-high} 300 {100 + high}")
        self.assertTrue(all(-high < int(n.get("y")) < 0 for n in tree.iter("text")))


class Nodes(test_report.Reports):
    """The map of pairs shows where a NUMA node ends, and which it is."""

    def drawn(self, data):
        self.good(self.write(data), "-o", self.out)
        tree = xml.parse(os.path.join(self.out, "pairs-1.svg")).getroot()
        return tree, [squeezed("".join(n.itertext())) for n in tree.iter(SVG + "text")]

    def check_names(self, data, names):
        _, texts = self.drawn(data)
        for name in names:
            self.assertEqual(texts.count(name), 2, (name, texts))
        return texts

    def test_few_cpus_are_named_beside_their_nodes(self):
        texts = self.check_names(small(), ["N0", "N1", "N2", "N3"])
        self.assertIn("target CPU", texts)
        self.assertIn("source CPU", texts)
        self.assertEqual(texts.count("7"), 2)

    def test_many_cpus_are_named_by_node(self):
        names = [f"N{i}" for i in range(8)]
        self.assertNotIn("63", self.check_names(make_result.make("numa", SEED), names))

    def test_sockets_are_named_where_they_tell(self):
        m = make_result.Machine("sockets", SEED, (2, 2, 1, 2, 1))
        m.unicasts(("unicast-signal",), True, 300, ("rtt",))
        _, texts = self.drawn(m.result())
        self.assertEqual(texts.count("S1 N3"), 2, texts)

    def test_one_node_has_no_name(self):
        m = make_result.Machine("one", SEED, (1, 1, 1, 4, 1))
        m.unicasts(("unicast-signal",), True, 300, ("rtt",))
        _, texts = self.drawn(m.result())
        self.assertNotIn("N0", texts)

    def test_lines_part_them(self):
        tree, _ = self.drawn(make_result.make("numa", SEED))
        drawn = " ".join(n.get("d") for n in tree.iter(SVG + "path")
                         if n.get("stroke") == "#010101")
        lines = re.findall(r"M([\d.]+),([\d.]+) L([\d.]+),([\d.]+)", drawn)
        self.assertEqual(len({x for x, _, u, _ in lines if x == u}), 7)
        self.assertEqual(len({y for _, y, _, v in lines if y == v}), 7)


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: nothing can be drawn")
        sys.exit(77)
    unittest.main()
