#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`ipi bench compare` on results of emulators: said first, ratios only, mixed with nothing.

usage: test_compare_emulated.py IPI
"""
import json
import sys

from compare_case import compare, judged, refused, written
from functions import run_tests
from made_up import Machine, in_ratio, longer, plain, result, stalls


def emulated(by="tcg", runs=None, **over):
    runs = runs or {"a": plain, "b": longer(2000)}
    return result(Machine(5), runs, machine="emulated", hypervisor=None, host_cpus=1,
                  emulated={"by": by, "told_by": "cmdline"}, **over)


def test_emulated_is_said_first_in_every_format():
    name = written("e.json", emulated())
    first = "EMULATED (QEMU TCG, 2 vCPUs on 1 host CPU): order of events and counts hold"
    for form, before in (("table", ""), ("markdown", "**")):
        out = compare(name, "--format", form).stdout
        assert out.startswith(before + first), out
        assert "few CPUs, ordinary scheduling" in out.split("\n", 1)[0], out
    out = json.loads(compare(name, "--format", "json").stdout)
    assert out["emulated"] == "tcg" and out["headline"].startswith(first), out
    lines = compare(name, "--format", "lkml").stdout.split("\n")
    assert " ".join(lines[:2]).split(None, 1)[1].startswith(first[:60]), lines
    assert max(map(len, lines)) <= 72, lines
    out = json.loads(compare(written("h.json", result(Machine(5), {"a": plain, "b": plain})),
                             "--format", "json").stdout)
    assert out["emulated"] is None and "EMULATED" not in out["headline"], out


def test_emulated_verdicts_are_ratios():
    runs = {"a": plain, "b": longer(2000), "same": plain, "tail": stalls(20000, 200)}
    rows, _ = judged(written("e.json", emulated(runs=runs)))
    words = {name: row["verdict"] for name, row in rows.items()}
    assert words["b"].startswith("slower when emulated: ratio 1.2"), words
    assert words["same"].startswith("indistinguishable when emulated: a ratio 0."), words
    assert words["tail"].startswith("tail worse when emulated: p99"), words
    for said in words.values():
        assert " ns" not in said and " us" not in said, words
    one = written("one.json", emulated(runs={"a": plain}))
    two = written("two.json", emulated(runs={"a": in_ratio(2)}))
    rows, _ = judged(one, two, status=3)
    assert rows["a"]["verdict"].startswith("slower when emulated: ratio 1.99 ("), rows["a"]


def test_emulated_stands_beside_nothing_else():
    runs = {"a": plain}
    names = {"hard": written("hard.json", result(Machine(5), runs)),
             "tcg": written("tcg.json", emulated(runs=runs)),
             "bochs": written("bochs.json", emulated("bochs", runs)),
             "old": written("old.json", result(Machine(5), runs, machine="emulated")),
             "virtual": written("virtual.json", result(Machine(5), runs, machine="virtual"))}
    for one, other, why in (("hard", "tcg", "machine differs: hardware | emulated: an emulator's"),
                            ("tcg", "virtual", "machine differs: emulated | virtual: an emulator"),
                            ("tcg", "bochs", "context.emulated.by differs: tcg | bochs: an emul"),
                            ("old", "tcg", "context.emulated.by differs: none | tcg: an emulator")):
        for extra in ((), ("--across", "machine")):
            done = compare(names[one], names[other], *extra)
            refused(done, why, 4)
            assert done.stdout.startswith("EMULATED ("), done.stdout
            assert "not comparable" in done.stdout.split("\n", 1)[0], done.stdout
    refused(compare(names["hard"], names["virtual"]), "differs: hardware | virtual\n", 4)
    judged(names["tcg"], names["tcg"])


def test_emulated_on_other_hosts_is_asked_for():
    one = written("one.json", emulated())
    data = emulated()
    data["context"]["host_cpus"] = 8
    refused(compare(one, written("two.json", data)), "context.host_cpus differs: 1 | 8 (--acr", 4)
    judged(one, "two.json", "--across", "machine")


sys.exit(run_tests(globals()))
