#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""plots/report from outside: good files, bad files, and a gnuplot that fails."""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

HERE = os.path.dirname(os.path.abspath(__file__))
REPORT = os.path.join(os.path.dirname(HERE), "report")
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import make_result  # noqa: E402
from ipiplot import gnuplot  # noqa: E402

SEED = 1


class Balance(HTMLParser):
    """Complains of tags that are not closed, or closed in the wrong order."""
    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.ids = []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for key, value in attrs if key == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes nothing")


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipi-plots-test.")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.out = os.path.join(self.dir, "report")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, data, name="out.json"):
        with open(self.path(name), "w", encoding="utf-8") as dst:
            dst.write(data if isinstance(data, str) else json.dumps(data))
        return self.path(name)

    def made(self, kind):
        return self.write(make_result.make(kind, SEED), kind + ".json")

    def report(self, *args, env=None):
        return subprocess.run([sys.executable, REPORT, *args], cwd=self.dir, capture_output=True,
                              text=True, env=dict(os.environ, **(env or {})), check=False,
                              timeout=60)

    def good(self, *args, env=None):
        done = self.report(*args, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def page(self):
        with open(os.path.join(self.out, "index.html"), encoding="utf-8") as src:
            return src.read()

    def left_behind(self):
        return [n for n in os.listdir(self.dir) if not n.endswith(".json") and n != "report"]

    def refused(self, *args, says, env=None, code=1):
        """One line, that names what is wrong, and nothing written."""
        before = self.snapshot()
        done = self.report(*args, "-o", self.out, env=env)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, says)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.left_behind(), [])
        return done.stderr

    def snapshot(self):
        found = {}
        for base, _, names in os.walk(self.out):
            for name in names:
                with open(os.path.join(base, name), "rb") as src:
                    found[name] = src.read()
        return found


class Reports(Case):
    def check_report(self, result):
        names = os.listdir(self.out)
        svgs = [n for n in names if n.endswith(".svg")]
        self.assertEqual(sorted(names), sorted(svgs + ["index.html"]))
        self.assertGreater(len(svgs), 0)
        for name in svgs:
            with open(os.path.join(self.out, name), encoding="utf-8") as src:
                text = src.read()
            xml.fromstring(text.encode())
            self.assertGreater(len(text), 2000, name)
            shown = re.sub(r"base64,[^'\"]*", "", text)
            self.assertIsNone(re.search(r"(?i)\bnan\b|\binf\b", shown), name)
        page = self.page()
        balance = Balance()
        balance.feed(page)
        self.assertEqual(balance.open, [])
        self.assertEqual(len(balance.ids), len(set(balance.ids)), "an id stands twice")
        # Nothing from elsewhere: only data, anchors and the names of XML.
        for link in re.findall(r"""(?:href|src)\s*=\s*["']([^"']*)""", page):
            self.assertTrue(link.startswith(("#", "data:")), link)
        self.assertIsNone(re.search(r"@import|url\((?!#)|<script|<link", page))
        rows = re.findall(r'<tr class="[^"]*" data-record="([^"]*)"', page)
        self.assertEqual(sorted(map(int, rows)), [r["id"] for r in result["records"]])


class GoodFiles(Reports):
    def test_every_kind_gives_a_whole_report(self):
        for kind in ("classes", "verdicts", "incomplete"):
            with self.subTest(kind=kind):
                self.good(self.made(kind), "-o", self.out)
                self.check_report(make_result.make(kind, SEED))
                self.assertEqual(self.left_behind(), [])

    def test_headline_comes_first(self):
        self.good(self.made("incomplete"), "-o", self.out)
        body = self.page().split("<body>")[1]
        text = re.sub(r"<[^>]*>", "\n", body).split()
        self.assertEqual(text[:2], ["virtual", "machine"])

    def test_default_directory(self):
        self.good(self.made("incomplete"))
        self.assertTrue(os.path.exists(os.path.join(self.out, "index.html")))

    def test_incomplete_is_said_before_any_number(self):
        self.good(self.made("incomplete"), "-o", self.out)
        self.assertIn("INCOMPLETE", self.page().split("<nav>")[0])

    def test_failed_and_skipped_carry_their_reason(self):
        self.good(self.made("verdicts"), "-o", self.out)
        self.assertIn("never answered within 2 s", self.page())
        self.assertIn("exceeds 20 % of the median", self.page())

    def test_foreign_text_is_no_markup(self):
        data = make_result.make("incomplete", SEED)
        bad = "<b>x</b> 'y' \"z\" `id` @w \\n {/q} _s # $0; exit"
        data["headline"] = bad
        for rec in data["records"]:
            rec["run"] = bad
            rec["comparability"] = str(rec["comparability"]) + bad
        self.good(self.write(data), "-o", self.out)
        self.check_report(data)
        self.assertNotIn("<b>x", self.page())

    def test_anonymous_tells_no_names(self):
        self.good(self.made("incomplete"), "-o", self.out, "--anonymous")
        page = self.page()
        for word in ("5f1e9c", "someone", "/home", "incomplete.json", "mitigations=off", "22:40"):
            self.assertNotIn(word, page)
        self.assertIn("quick.conf", page)


def contrast(a, b):
    """WCAG's ratio of two colours, 1 to 21."""
    def light(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= .03928 else ((p + .055) / 1.055) ** 2.4 for p in parts]
        return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2]
    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + .05) / (low + .05)


class Wide(Reports):
    """The long ones."""

    def test_several_results_share_axes(self):
        slow = make_result.make("incomplete", SEED)
        for rec in slow["records"]:
            rec["latency_ns_p50"] = 30 * rec["latency_ns_p50"]
        self.good(self.made("incomplete"), self.write(slow, "slow.json"), "-o", self.out)
        ids = re.findall(r'<header id="([^"]*)"', self.page())
        self.assertEqual(ids, ["r1-top", "r2-top"])
        ticks = []
        for name in ("r1-bars-1.svg", "r2-bars-1.svg"):
            with open(os.path.join(self.out, name), encoding="utf-8") as src:
                ticks.append(re.findall(r'text-anchor="middle">\s*<text> ?([\d.]+)<',
                                        src.read()))
        self.assertTrue(ticks[0])
        self.assertEqual(*ticks)

    def test_contradicted_is_said_everywhere(self):
        self.good(self.made("verdicts"), "-o", self.out)
        page = self.page()
        head = page.split("<nav>")[0]
        self.assertIn("CONTRADICTED", head)
        self.assertIn("the target was not running", head)
        figs = re.findall(r"<figure class=bad>.*?</figure>", page, re.S)
        for part in ("bars", "pairs", "cdf", "time"):
            bad = [f for f in figs if f'id="{part}-' in f or f"id='{part}-" in f]
            self.assertTrue(bad, part)
            for fig in bad:
                self.assertIn("CONTRADICTED", fig.split("</svg>")[0], part)
                self.assertIn("CONTRADICTED: membarrier-held: taken 12", fig)
                if part != "pairs":
                    self.assertIn("#d55e00", fig, part)

    def test_large_machine_is_bounded(self):
        for kind in ("big", "big-default"):
            path = self.made(kind)
            self.assertLess(os.path.getsize(path), 5 << 20)
            begun = time.monotonic()
            self.good(path, "-o", self.out)
            # 5 s of a quiet machine; tests share theirs.
            self.assertLess(time.monotonic() - begun, 15)
            self.assertLess(os.path.getsize(os.path.join(self.out, "index.html")), 5 << 20)
            self.check_report(make_result.make(kind, SEED))

    def test_every_colour_reads_on_both_pages(self):
        self.good(self.made("verdicts"), "-o", self.out)
        used = set()
        for name in os.listdir(self.out):
            # A map's colours are its scale; the scale itself is always framed.
            if name.endswith(".svg") and not name.startswith("pairs"):
                with open(os.path.join(self.out, name), encoding="utf-8") as src:
                    text = re.sub(r"<style>.*?</style>", "", src.read(), flags=re.S)
                self.assertNotIn("rgb(", text)
                used |= set(re.findall(r"#[0-9a-f]{6}\b", text))
        grid = "#dddddd"
        self.assertIn(grid, used)
        for colour in used - {grid, "#ffffff"}:
            self.assertGreater(contrast(colour, "#ffffff"), 1.9, colour)
            dark = gnuplot.DARK.get(colour, colour)
            self.assertGreater(contrast(dark, gnuplot.DARK["#ffffff"]), 3, colour)


class Terminal(Case):
    def test_plain_ascii_within_the_width(self):
        for width, kind in ((60, "verdicts"), (80, "incomplete"), (132, "incomplete")):
            done = self.good(self.made(kind), "--terminal", env={"COLUMNS": str(width)})
            self.assertTrue(done.stdout.isascii())
            self.assertNotIn("\x1b", done.stdout)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), width)
            self.assertEqual("CONTRADICTED" in done.stdout, kind == "verdicts")
            self.assertIn("====", done.stdout)
        self.assertFalse(os.path.exists(self.out))

    def test_every_record_has_its_bar(self):
        done = self.good(self.made("small"), "--terminal")
        lines = [x for x in done.stdout.splitlines()
                 if re.search(r"\d+ +[\d.-]+ (attested|unattested|yardstick)$", x)]
        self.assertEqual(len(lines), len(make_result.make("small", SEED)["records"]))

    def test_page_too_when_asked(self):
        self.good(self.made("incomplete"), "--terminal", "-o", self.out)
        self.assertTrue(os.path.exists(os.path.join(self.out, "index.html")))


class BadFiles(Case):
    def test_missing(self):
        self.refused("nowhere.json", says=r"^ipi plot: nowhere\.json: there is no such file; give")

    def test_truncated(self):
        text = json.dumps(make_result.make("small", SEED))
        self.refused(self.write(text[:len(text) // 2]), says=r"out\.json: the file is truncated")

    def test_empty(self):
        self.refused(self.write(""), says="the file is empty")

    def test_not_json(self):
        self.refused(self.write("samples,p50\n1,2\n"), says="not a whole JSON file")

    def test_foreign_json(self):
        for other in ({"kind": "fio"}, [1], 3, {"schema": 1, "records": []}):
            self.refused(self.write(other), says="no result of ipi")

    def test_newer_schema(self):
        data = dict(make_result.make("small", SEED), schema=2)
        self.refused(self.write(data), says="schema 2 by a newer ipi")

    def test_nan(self):
        text = json.dumps(make_result.make("incomplete", SEED))
        text = re.sub(r'"error_ns": [\d.]+', '"error_ns": NaN', text)
        self.refused(self.write(text), says="NaN is no JSON number")

    def test_damaged_keys(self):
        def spoil(change, says):
            data = make_result.make("incomplete", SEED)
            change(data)
            self.refused(self.write(data), says=says)
        first = "records"
        spoil(lambda d: d.pop(first), r'"records" is missing')
        spoil(lambda d: d[first][0].pop("latency_ns_p50"), r'"records\[0\]\.latency_ns_p50" is m')
        spoil(lambda d: d[first][0].update(samples_n="many"), r"samples_n\" is not a number")
        spoil(lambda d: d[first][0]["histogram"]["bucket"][0].pop(), "bucket\" is not an asc")
        spoil(lambda d: d[first][0].update(samples_n=7), r"holds 2000 samples where .* says 7")
        spoil(lambda d: d[first][2]["pairs"]["target"].pop(), "columns of different length")
        spoil(lambda d: d[first][0].update(status="fine"), "neither ok, failed nor skipped")

    def test_one_bad_of_several_writes_nothing(self):
        self.refused(self.made("incomplete"), self.write("{"), says=r"out\.json: the file is trunc")

    def test_usage(self):
        self.assertEqual(self.report().returncode, 2)
        self.assertEqual(self.report("--colour", "x").returncode, 2)


class Output(Case):
    def test_unwritable_directory(self):
        place = self.path("no.json")
        os.mkdir(place, 0o555)
        target = os.path.join(place, "file") if os.getuid() == 0 else place
        if os.getuid() == 0:
            # Root may write anywhere but below a file.
            os.chmod(place, 0o755)
            self.write("", "no.json/file")
        done = self.report(self.made("incomplete"), "-o", os.path.join(target, "report"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "can't be written: .*; name another place with -o")

    def test_others_directory_is_left_alone(self):
        os.mkdir(self.out)
        with open(os.path.join(self.out, "thesis.svg"), "w", encoding="utf-8") as dst:
            dst.write("mine")
        self.refused(self.made("incomplete"), says="holds other things")

    def test_old_report_is_replaced_whole(self):
        self.good(self.made("small"), "-o", self.out)
        before = set(os.listdir(self.out))
        self.good(self.made("incomplete"), "-o", self.out)
        self.assertLess(set(os.listdir(self.out)), before)
        self.assertEqual(self.left_behind(), [])


class FailingGnuplot(Case):
    """The old report stays whole, and gnuplot's own words are passed on."""

    def setUp(self):
        super().setUp()
        self.good(self.made("incomplete"), "-o", self.out)
        self.bin = tempfile.mkdtemp(prefix="ipi-plots-bin.")
        self.addCleanup(shutil.rmtree, self.bin, ignore_errors=True)

    def fake(self, script, shell="/bin/sh"):
        path = os.path.join(self.bin, "gnuplot")
        with open(path, "w", encoding="utf-8") as dst:
            dst.write(f"#!{shell}\n{script}")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return {"PATH": self.bin + ":" + os.environ["PATH"]}

    def test_exit_code(self):
        env = self.fake("echo 'line 3: no such terminal: svg' >&2; exit 1\n")
        self.refused(self.made("small"), env=env, says=r"gnuplot failed \(exit 1\), saying:\n"
                     "line 3: no such terminal: svg")

    def test_empty_file_and_exit_0(self):
        real = shutil.which("gnuplot")
        env = self.fake("import re, subprocess, sys\n"
                        f"subprocess.run([{real!r}] + sys.argv[1:])\n"
                        "for word in re.findall(\"out = '(.*?)'\", ' '.join(sys.argv)):\n"
                        "    open(word, 'w').close()\n"
                        "sys.stderr.write('disk is full')\n", sys.executable)
        done = self.refused(self.made("incomplete"), env=env, says="left no whole picture")
        self.assertIn("disk is full", done)

    def test_no_file_and_exit_0(self):
        env = self.fake("exit 0\n")
        self.refused(self.made("small"), env=env, says="left no whole picture")

    def test_missing(self):
        env = {"PATH": self.bin}
        self.refused(self.made("small"), env=env, code=77, says="gnuplot is missing: install it")


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: nothing can be drawn")
        sys.exit(77)
    print(f"seed {SEED}")
    unittest.main(verbosity=2)
