#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The sentences above the plots: known data, known words; and what is drawn."""
import os
import random
import re
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import make_questions as Q  # noqa: E402
import make_result  # noqa: E402
from ipiplot import answers, build, claims, load, sweeps  # noqa: E402
from ipiplot import families as F  # noqa: E402
from ipiplot import series as S  # noqa: E402


def record(values, begins=0.0, step=0.5):
    return {"latency_ns_p50": values[0], "sample_kind": "single",
            "blocks": [{"t_s": begins + step * i, "p50_ns": v} for i, v in enumerate(values)]}


class Claims(unittest.TestCase):
    def test_interval_is_that_of_the_sign_test(self):
        self.assertEqual(claims.needed(0.05), 6)
        self.assertEqual([claims.rank(n, 0.05) for n in (5, 6, 8, 9, 16, 20)], [0, 1, 1, 2, 4, 6])
        self.assertEqual(claims.interval([6, 1, 2, 3, 4, 5]), (3.5, 1, 6))
        self.assertEqual(claims.interval([1, 2, 3, 4, 5]), (3, None, None))

    def test_fewest_blocks_are_those_that_have_an_interval(self):
        for n in range(2, 12):
            alpha = claims.among(n)
            least = claims.needed(alpha)
            self.assertEqual((claims.rank(least, alpha), claims.rank(least - 1, alpha)), (1, 0))

    def test_neighbours_are_paired_past_a_missing_block(self):
        one = record([1, 2, 3, 4, 5, 6])
        other = record([10, 20, 30, 40, 50, 60], 0.1)
        del other["blocks"][2]
        pairs = claims.paired(one, other)
        self.assertEqual(pairs[:2], [(1, 10), (2, 20)])
        self.assertEqual(pairs[-1], (6, 60))
        self.assertEqual(len(pairs), 5)

    def test_what_did_not_alternate_has_no_pairs(self):
        claim = claims.compare(record([1] * 8), record([2] * 8, 50.0))
        self.assertEqual((claim.kind, claim.pairs), ("few", 0))

    def test_drift_that_both_share_cancels(self):
        drift = [100, 180, 120, 300, 150, 260, 110, 210]
        claim = claims.compare(record(drift), record([1.1 * d for d in drift], 0.1))
        self.assertEqual(claim.kind, "more")
        self.assertAlmostEqual(claim.ratio, 1.1)

    def test_nothing_below_a_tick(self):
        one, other = record([100] * 8), record([104] * 8, 0.1)
        self.assertEqual(claims.compare(one, other, tick_ns=10).kind, "tie")
        self.assertEqual(claims.compare(one, other, tick_ns=1).kind, "more")
        one["sample_kind"] = "batch64_mean"
        self.assertEqual(claims.compare(one, other, tick_ns=10).kind, "more")

    def test_equals_stay_equal(self):
        """A against A, five of them, the fastest chosen after a look: in at most
        5 % of 400 runs anything is claimed."""
        rng, claimed = random.Random(7), 0
        for _ in range(400):
            recs = [record([rng.lognormvariate(0, 0.1) for _ in range(16)], 0.05 * i)
                    for i in range(5)]
            recs.sort(key=claims.middle)
            claimed += any(claims.compare(recs[0], r, claims.among(5)).kind == "more"
                           for r in recs[1:])
        self.assertLessEqual(claimed, 20)

    def test_sizes_are_apart_only_without_overlap(self):
        low = record([100, 101, 102, 103, 104, 105])
        self.assertIsNone(claims.apart(low, record([200] * 5, 50)))
        self.assertEqual(claims.apart(low, record([200] * 5 + [104], 50)), 1.0)
        self.assertAlmostEqual(claims.apart(low, record([205] * 6, 50)), 2.0)


class Sentences(unittest.TestCase):
    def said(self, kind):
        result = Q.make(kind)
        load.check(result)
        fams = F.families(result)
        self.assertEqual(len(fams), 1, [f.series.keys() for f in fams])
        return " ".join(answers.answers(fams[0], result))

    def test_clear_winner(self):
        self.assertRegex(self.said(Q.alone), r"^With 4 senders to one CPU: ring is fastest: "
                         r"\d+ ns a message; lock takes 1\.25 times that \(1\.2\d to 1\.2\d\)\.$")

    def test_leaders_that_are_tied_are_named(self):
        said = self.said(Q.winner)
        self.assertRegex(said, r"(ring|llist|mpsc) leads: .*; \w+ and \w+ can't be told apart from "
                         r"it; lock takes 1\.25 times that .*; wfcqueue takes 1\.28 times")
        self.assertNotIn("fastest", said)
        self.assertRegex(said, r"null, which carries nothing, takes \d\S* ns: queue, cache lines "
                         r"and target together explain at most 90 %")

    def test_ties(self):
        self.assertRegex(self.said(Q.ties), r"ring, lock and llist are indistinguishable: 39\d ns "
                         r"to 39\d ns a message; by these blocks none takes more than 1\.0\d\d ")

    def test_noise_is_not_called_equality(self):
        said = self.said(Q.blurred)
        self.assertRegex(said, "can't be told apart: .* even .* times the fastest would not show")
        self.assertNotIn("indistinguishable", said)

    def test_too_few_blocks(self):
        for kind, n in ((Q.few, 5), (Q.apart, 0)):
            self.assertRegex(self.said(kind), "too few blocks to tell ring and lock apart "
                             rf"\({n} that alternate, 6 are needed\)")

    def test_contradicted_and_unattested_are_named_and_not_used(self):
        said = self.said(Q.contradicted)
        self.assertIn("ring (CONTRADICTED: RES: taken 12, asked 6000: 5988 too few)", said)
        self.assertIn("mpsc (unattested: /proc/interrupts can't be read here)", said)
        self.assertRegex(said, r"lock is fastest: .*; llist takes 1\.2\d times that")
        self.assertNotRegex(said, "(ring|mpsc) (is|leads|takes)")

    def test_share_of_the_path(self):
        self.assertRegex(self.said(Q.unicast), r"of the 10\.\d µs of ring the bare signal takes "
                         r"10\.\d µs: the rest, .* %\), is indistinguishable from nothing")

    def test_sizes(self):
        said = self.said(Q.senders)
        self.assertRegex(said, "With 1 sender to one CPU: .* are indistinguishable")
        self.assertRegex(said, r"With 8 senders to one CPU \(oversubscribed\): ring is fastest")
        self.assertRegex(said, r"From 1 to 8 senders, time: lock 22\.\d times; ring can't be told "
                         "from unchanged. These sizes did not alternate")
        self.assertIn("the scheduler is in it", said)

    def test_bursts_say_what_was_coalesced(self):
        self.assertRegex(self.said(Q.bursts), r"From 1 to 8 messages a burst, time: llist 0\.21 "
                         r"times; slots .*work pending, in bursts of 8: slots 18 % and llist 79 %")

    def test_depths_that_alternate_are_compared_block_by_block(self):
        said = self.said(Q.depths)
        self.assertRegex(said, r"From 1 to 16 nodes of room, time: slots 0\.19 times \(0\.1")
        self.assertNotIn("did not alternate", said)

    def test_acks_by_targets(self):
        self.assertRegex(self.said(Q.acks), r"With 1 target: word is fastest.*With 15 targets: "
                         "tree is fastest")

    def test_sleepers_are_compared_across_states(self):
        self.assertRegex(self.said(Q.sleepers), r"spinning poll is fastest: .* asleep futex takes "
                         r"15\S* times that .* asleep in epoll eventfd takes 18\S* times")

    def test_one_node_and_equal_distances_are_said_first(self):
        self.assertRegex(self.said(Q.homes), "^This machine has one node, so source and target")
        self.assertRegex(self.said(Q.orders), "^All CPUs of this machine are equally far")
        self.assertNotIn("A against A", self.said(Q.acks))


class Families(unittest.TestCase):
    def test_names_play_no_part(self):
        result = Q.make(Q.senders)
        for i, rec in enumerate(result["records"]):
            rec["run"] = f"x{i}"
        fam, = F.families(result)
        self.assertEqual((fam.x, sorted(fam.series)), ("senders_n", ["lock", "ring"]))

    def test_runs_are_named_where_nothing_else_tells_them_apart(self):
        result = Q.make(Q.ties)
        for rec in result["records"]:
            rec["queue"] = "slots"
        fam, = F.families(result)
        self.assertEqual(list(fam.series), ["incast-ring", "incast-lock", "incast-llist"])

    def test_the_way_of_most_messages_stands_for_a_run(self):
        result = Q.make(Q.alone)
        rare = dict(result["records"][0], way="waiter", samples_n=3, latency_ns_p50=1)
        result["records"].append(rare)
        fam, = F.families(result)
        self.assertNotIn(rare, F.records_of(fam))

    def test_sizes_left_to_the_design_are_no_place_on_an_axis(self):
        result = Q.make(Q.depths)
        for rec in result["records"][:2]:
            rec["depth"] = 0
        self.assertEqual(F.sizes(F.families(result)[0]), [2, 4, 8, 16])

    def test_null_of_another_delivery_is_no_floor(self):
        result = Q.make(Q.winner)
        for rec in result["records"]:
            if rec["queue"] == "null":
                rec["delivery"] = "signal"
        self.assertEqual(F.families(result)[0].floors, {})

    def test_what_was_asked_only_once_is_no_question(self):
        alone = make_result.make("incomplete")
        self.assertEqual(F.families(alone), [])


BAD_POINT = r"<use [^>]*color='#d55e00'"


class Drawn(unittest.TestCase):
    """Each kind of plot through gnuplot, with its words in it."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipi-plots-test.")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def draw(self, kind, script, *words):
        result = Q.make(kind)
        figs = sweeps.answer_figures(result, "")
        self.assertEqual([f.script for f in figs], [script])
        where = os.path.join(self.dir, kind.__name__)
        build.report([result], ["x"], where)
        with open(os.path.join(where, "answers-1.svg"), encoding="utf-8") as src:
            svg = src.read()
        shown = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.S)
        text = " ".join(re.sub(r"\s+", " ", re.sub("<[^>]*>", "", t)).strip() for t in shown)
        for word in words:
            self.assertIn(word, text)
        with open(os.path.join(where, "index.html"), encoding="utf-8") as src:
            page = src.read()
        self.assertLess(page.index('<ul class="answer">'), page.index("<svg"))
        self.assertLess(page.index("<h1>"), page.index('<ul class="answer">'))
        self.assertIn(S.METRIC_NAMES[figs[0].records[0]["metric"]], page)
        return svg

    def test_dots(self):
        self.draw(Q.winner, "dots.gp", "With 4 senders to one CPU", "wfcqueue", "yardstick",
                  "null, which carries nothing", "floor", "1.25 x", "tied", "least", "ns")
        self.draw(Q.sleepers, "dots.gp", "asleep futex", "fastest", "µs")
        self.draw(Q.homes, "dots.gp", "at source", "at target", "tied")
        self.draw(Q.orders, "dots.gp", "near first", "far first")
        self.draw(Q.few, "dots.gp", "ring", "?")

    def test_contradicted_dots_look_it(self):
        svg = self.draw(Q.contradicted, "dots.gp", "CONTRADICTED", "unattested")
        self.assertEqual(len(re.findall(BAD_POINT, svg)), 1)

    def test_lines(self):
        self.draw(Q.senders, "lines.gp", "senders", "lock", "ring", "null, which carries", "µs")
        self.draw(Q.bursts, "lines.gp", "messages in a burst", "llist", "slots")
        self.draw(Q.depths, "lines.gp", "queue nodes of each sender (depth)", "16")
        self.draw(Q.acks, "lines.gp", "targets", "counter", "word", "tree", "15")

    def test_contradicted_points_look_it_and_say_where(self):
        result = Q.make(Q.senders)
        for rec in result["records"]:
            if rec["queue"] == "lock" and rec["senders_n"] == 4:
                rec["attestation"] = Q.DENIED
        fig, = sweeps.answer_figures(result, "")
        self.assertIn("CONTRADICTED at 4", fig.settings["texts"])
        build.report([result], ["x"], os.path.join(self.dir, "out"))
        with open(os.path.join(self.dir, "out", "answers-1.svg"), encoding="utf-8") as src:
            self.assertEqual(len(re.findall(BAD_POINT, src.read())), 1)

    def test_whiskers_do_not_shrink_the_rest(self):
        result = Q.make(Q.ties)
        for i in (0, 1):
            result["records"][0]["blocks"][i]["p50_ns"] = 5e6
        fig, = sweeps.answer_figures(result, "")
        self.assertLess(fig.settings["xmax"], 2000)
        self.assertEqual(fig.settings["unit"], "ns")

    def test_names_at_the_end_of_lines_keep_apart(self):
        for places in ([100, 101, 102, 300], [380, 381, 382], [5, 5, 5]):
            at = sorted(sweeps.spread_apart(places, 15, 50, 384))
            self.assertTrue(all(b - a >= 15 - 1e-9 for a, b in zip(at, at[1:])), at)
            self.assertTrue(50 <= at[0] and at[-1] <= 384, at)


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: nothing can be drawn")
        sys.exit(77)
    unittest.main(verbosity=2)
