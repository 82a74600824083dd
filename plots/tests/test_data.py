#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What gnuplot is given: everything that was measured, like beside like."""
import json
import os
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import make_result  # noqa: E402
from ipiplot import figures, load, maps  # noqa: E402
from ipiplot import series as S  # noqa: E402

SEED = 1


class Data(unittest.TestCase):
    def setUp(self):
        self.result = make_result.make("verdicts", SEED)
        self.every = S.measured(self.result)

    def blocks(self, text):
        return [b.strip().splitlines() for b in re.split(r"\n\n\n+", text) if b.strip()]

    def test_cdf_drops_no_sample(self):
        for rec in self.every:
            _, unit = figures.cdf_axis([rec])
            left, right = figures.cdf_rows(rec, unit)
            n = rec["samples_n"]
            rows = [tuple(map(float, row.split())) for row in left]
            counts = [round((b[1] - a[1]) * n) for a, b in zip(rows, rows[1:])]
            self.assertEqual(counts, [b[2] for b in rec["histogram"]["bucket"]])
            self.assertEqual(sum(counts), n)
            self.assertEqual(float(right[0].split()[1]), 1)
            slowest = rec["histogram"]["bucket"][-1][2]
            self.assertEqual(round(float(right[-1].split()[1]) * n), slowest)

    def test_axes_hold_every_sample(self):
        for fig in figures.cdf_figures(self.result, self.every, ""):
            for rec in fig.records:
                ns = {u.name: u.ns for u in S.UNITS}[fig.settings["unit"]]
                rows = rec["histogram"]["bucket"]
                self.assertLessEqual(fig.settings["xmin"], rows[0][0] / ns)
                self.assertGreaterEqual(fig.settings["xmax"], rows[-1][1] / ns)
                self.assertLessEqual(fig.settings["ymin"], 1 / rec["samples_n"])

    def test_every_record_is_drawn(self):
        drawn = {"cdf": figures.cdf_figures, "time": figures.timeline_figures}
        for name, make in drawn.items():
            ids = [r["id"] for f in make(self.result, self.every, "") for r in f.records]
            self.assertEqual(sorted(ids), [r["id"] for r in self.every], name)
        texts = [f.data for make in (figures.bar_figures, figures.side_figures,
                                     figures.broadcast_figures)
                 for f in make(self.result, self.every, "")]
        barred = {r["id"] for make in (figures.bar_figures, figures.side_figures,
                                       figures.broadcast_figures)
                  for f in make(self.result, self.every, "") for r in f.records}
        for rec in self.every:
            if S.is_yardstick(rec):
                self.assertTrue(any(f'"{rec["run"]}"' in text for text in texts), rec["run"])
            else:
                self.assertIn(rec["id"], barred)

    def test_every_block_is_drawn_and_marks_are_kept(self):
        count = marked = 0
        for fig in figures.timeline_figures(self.result, self.every, ""):
            parts = self.blocks(fig.data)
            count += sum(len(rows) - 1 for rows in parts[::2])
            marked += sum(len(rows) - 1 for rows in parts[1::2])
        blocks = [b for r in self.every for b in r["blocks"]]
        self.assertEqual(count, len(blocks))
        self.assertEqual(marked, sum(1 for b in blocks if b["marks"]))
        self.assertGreater(marked, 0)
        said = "".join(f.extra for f in figures.timeline_figures(self.result, self.every, ""))
        self.assertEqual(said.count("steal 3%"), marked)

    def test_every_pair_is_on_the_map(self):
        result = make_result.make("classes", SEED)
        figs = [f for f in maps.heat_figures(result, [result], "") if f.name == "pairs-1"]
        cells = self.blocks(figs[0].data)[0]
        n = len(result["topology"]["cpus"])
        self.assertEqual(sum(v != "NaN" for row in cells for v in row.split()), n * n - n)

    def test_unlike_things_share_no_panel(self):
        for recs in S.panels(self.every).values():
            for trait in ("metric", "comparability", "inject", "gap", "driver_kind"):
                self.assertEqual(len({json.dumps(r[trait]) for r in recs}), 1)
            self.assertEqual(len({r["way"] == "poll" for r in recs}), 1)
        came = [dict(self.every[5], way=way) for way in ("interrupt", "none", "waiter", "poll")]
        self.assertEqual(len(S.panels(came)), 4)

    def test_stolen_in_batches_stands_beside_single_round_trips(self):
        pair = [dict(self.every[5], metric=m, comparability=f"signal/relax/{k}/gap", sample_kind=k)
                for m, k in (("rtt", "single"), ("stolen", "batch128_mean"))]
        self.assertEqual(len(S.panels(pair)), 2)
        heads = [head for _, _, columns in figures.sides(pair) for head, _ in columns]
        self.assertEqual(heads, ["rtt", "stolen (means of 128)"])

    def test_same_looking_series_stay_two(self):
        twins = [dict(self.every[5]), dict(self.every[5])]
        name = S.names(twins)
        self.assertEqual(len({name[id(r)] for r in twins}), 2)

    def test_few_samples_have_no_p99(self):
        data = figures.bar_row(0, "x", dict(self.every[0], latency_ns_p99=None), S.UNITS[0], 9e9)
        self.assertIn('"-"', data)

    def test_load_takes_what_the_maker_makes(self):
        for kind in make_result.KINDS:
            load.check(make_result.make(kind, SEED))


if __name__ == "__main__":
    print(f"seed {SEED}")
    unittest.main(verbosity=2)
