#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where a traced interrupt's time goes: what is drawn, and what is said of the rest."""
import os
import re
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import make_result  # noqa: E402
import test_report  # noqa: E402
from ipiplot import page  # noqa: E402
from ipiplot import series as S  # noqa: E402
from ipiplot import stages  # noqa: E402

SEED = 1


def figures(result):
    return stages.stage_figures(result, S.measured(result), "")


def index(fig, kind):
    """The rows of one kind, without the one that only keeps the place."""
    part = fig.data.split("\n\n\n")[stages.KINDS.index(kind)].strip().split("\n")
    return part[1:]


def widths(fig, kind, left, right):
    """Of the boxes that begin between."""
    rows = [list(map(float, row.split())) for row in index(fig, kind)]
    return [round(r[3] - r[2], 1) for r in rows if left <= r[2] < right]


class Drawn(test_report.Reports):
    def test_a_whole_report(self):
        for kind in ("traced", "traced-whole"):
            self.good(self.made(kind), "-o", self.out)
            self.check_report(make_result.make(kind, SEED))
            self.assertIn("Where the time goes", self.page())
            self.assertIn("stages-1.svg", os.listdir(self.out))

    def test_untraced_has_none(self):
        self.good(self.made("small"), "-o", self.out)
        self.assertNotIn("Where the time goes", self.page())
        self.assertNotIn("probes", self.page())

    def test_probes_stand_beside_the_machine(self):
        self.good(self.made("traced"), "-o", self.out)
        row = re.search(r"<tr class=\"attested\">(?:(?!</tr>).)*900 sends.*?</tr>", self.page())
        self.assertIn('<td class="n">900</td><td class="n">900</td>', row.group(0))

    def test_damaged_stages_are_refused(self):
        data = make_result.make("traced", SEED)
        rec = next(r for r in data["records"] if r.get("trace"))
        rec["trace"]["stages"][1]["p50_ns"] = "long"
        self.refused(self.write(data), says=r"trace\.stages\[1\]\.p50_ns\" is not a number")


class Stacked(unittest.TestCase):
    def test_lengths_are_the_medians(self):
        fig = figures(make_result.make("traced-whole", SEED))[0]
        whole = stages.Axis(stages.LABEL_PX, stages.WHOLE_PX, 8270 * 4300 / 2200, "")
        rest = stages.LABEL_PX + stages.WHOLE_PX
        # The last record is the farthest one's.
        bars = widths(fig, "box", stages.LABEL_PX, rest)[-5:]
        for px, ns in zip(bars, (140, 7770, 130, 130, 100)):
            self.assertAlmostEqual(px, whole.at(ns * 4300 / 2200) - whole.left, delta=.3)
        self.assertEqual(len(widths(fig, "box", rest, 9999)) % 4, 0)

    def test_each_begins_where_the_last_one_ended(self):
        fig = figures(make_result.make("traced-whole", SEED))[0]
        rest = stages.LABEL_PX + stages.WHOLE_PX
        rows = [r for r in (list(map(float, row.split())) for row in index(fig, "box"))
                if stages.LABEL_PX <= r[2] < rest and r[4] > stages.HEAD_PX]
        self.assertEqual(len(rows), 5 * len(fig.records))
        for last, row in zip(rows, rows[1:]):
            if row[6] > last[6]:
                self.assertAlmostEqual(last[3], row[2], delta=.6)

    def test_floors_begin_with_their_stage(self):
        fig = figures(make_result.make("traced-whole", SEED))[0]
        begins = {row.split()[2] for row in index(fig, "box")}
        floors = [row.split()[2] for row in index(fig, "floor")]
        self.assertGreater(len(floors), 8)
        # The first is the key.
        self.assertEqual([x for x in floors[1:] if x not in begins], [])

    def test_unseen_stages_are_blank_and_named(self):
        fig = figures(make_result.make("traced", SEED))[0]
        texts = "\n".join(index(fig, "left"))
        self.assertEqual(len(index(fig, "blank")), 4)
        self.assertNotIn("complete", texts)
        for name in ("queue", "dispatch", "function", "exit"):
            self.assertIn(f'"{name} (not seen)"', texts)
            self.assertIn(f"Not seen: {name} (no probe for it works here)", fig.extra)

    def test_what_is_not_covered_is_said(self):
        fig = figures(make_result.make("traced", SEED))[0]
        rtt = next(r for r in fig.records if r["metric"] == "rtt")
        self.assertIn(f"of a round trip of {S.with_unit(rtt['latency_ns_p50'])} the stages are "
                      f"{S.with_unit(stages.total(stages.stages_of(rtt, stages.PATHS[0][1])))}",
                      fig.extra)

    def test_a_call_that_was_not_seen_is_named(self):
        data = make_result.make("traced", SEED)
        for rec in data["records"]:
            if rec.get("trace"):
                rec["trace"]["stages"][-1].update(p50_ns=None, why="fexit: EPERM")
        fig = figures(data)[0]
        self.assertIn("Not seen: complete (fexit: EPERM)", fig.extra)
        self.assertIn('"complete (not seen)"', "\n".join(index(fig, "left")))

    def test_the_handler_and_its_parts_are_not_added(self):
        rec = {"trace": {"stages": [{"name": n, "p50_ns": 100} for n in
                                    ("handler", "dispatch", "function", "exit", "complete")]}}
        found = stages.stages_of(rec, stages.PATHS[0][1])
        self.assertEqual(sorted(found), ["dispatch", "exit", "function"])

    def test_the_modules_path_is_its_own(self):
        titles = [f.title for f in figures(make_result.make("traced-whole", SEED))]
        self.assertEqual(["in ipi.ko" in t for t in titles], [False, True])

    def test_contradicted_is_marked(self):
        data = make_result.make("traced", SEED)
        for rec in data["records"]:
            if rec.get("trace"):
                rec["trace"]["verdict"] = "contradicted"
                rec["trace"]["why"] = "more were sent than asked for"
        fig = figures(data)[0]
        self.assertEqual(len(index(fig, "bad")), len(fig.records))
        self.assertIn("CONTRADICTED by the probes: membarrier: more were sent", fig.extra)
        self.assertIn("CONTRADICTED BY THE PROBES", page.alarms(data))

    def test_more_than_the_round_trip_is_explained(self):
        data = make_result.make("traced", SEED)
        self.assertNotIn("more than all of it", figures(data)[0].extra)
        for rec in data["records"]:
            rec["latency_ns_p50"] = 6000
        self.assertIn("more than all of it: the handler goes on", figures(data)[0].extra)

    def test_a_caption_names_some_and_counts_the_rest(self):
        data = make_result.make("traced", SEED)
        rtt = next(r for r in data["records"] if r.get("trace") and r["metric"] == "rtt")
        data["records"] += [dict(rtt, run=f"run {i}") for i in range(20)]
        extra = figures(data)[0].extra
        self.assertEqual(extra.count("of a round trip of"), stages.SAID_MOST)
        self.assertIn("of the other 13 both stand", extra)

    def test_the_handler_has_a_colour_of_its_own(self):
        with open(os.path.join(os.path.dirname(HERE), "stages.gp"), encoding="utf-8") as src:
            colours = re.search(r"array C\[6\] = \[(.*)\]", src.read()).group(1).split(", ")
        self.assertEqual(len(set(colours)), 6)


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: nothing can be drawn")
        sys.exit(77)
    unittest.main()
