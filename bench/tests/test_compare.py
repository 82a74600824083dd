#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`ipi bench compare` on made-up results whose true answer is known.

usage: test_compare.py IPI    Everything is seeded: nothing here depends on the machine.
"""
import copy
import json
import os
import sys

from compare_case import compare, judged, kinds, refused, written
from functions import run_tests
from made_up import Machine, in_ratio, longer, plain, record, result, stalls, wrap


# ---- known answers ----------------------------------------------------------

def test_what_was_put_in_is_found():
    runs = {"plain": plain, "again": plain, "50ns": longer(50), "5pct": in_ratio(1.05),
            "minus": longer(-100), "stalls": stalls(20000, 1000)}
    for seed in range(1, 4):
        rows, _ = judged(written("known.json", result(Machine(seed, samples=5000), runs)))
        assert kinds(rows) == {"again": "indistinguishable", "50ns": "worse", "5pct": "worse",
                               "minus": "better", "stalls": "tail worse"}, (seed, kinds(rows))
        for name, ns in (("again", 0), ("50ns", 50), ("minus", -100)):
            row = rows[name]
            # One tick, and what the interval states.
            assert row["shift_ns_low"] - 10 <= ns <= row["shift_ns_high"] + 10, row
            assert abs(row["shift_ns"] - ns) <= 10 + row["shift_ns_high"] - row["shift_ns_low"]
        low, high = (100 * rows["5pct"][k] / rows["5pct"]["base_p50"]["ns"]
                     for k in ("shift_ns_low", "shift_ns_high"))
        assert low - 0.2 <= 5 <= high + 0.2, (low, high)
        assert "tail worse: p99" in rows["stalls"]["verdict"], rows["stalls"]
        for row in rows.values():
            assert row["pairing"] == "alternating" and row["pairs_n"] == 24, row


def test_a_hundred_times_the_same_is_silent():
    seen = 0
    for seed in range(100, 105):
        runs = {f"run{i}": plain for i in range(21)}
        rows, _ = judged(written("aa.json", result(Machine(seed, blocks=16, samples=1000), runs)))
        for row in rows.values():
            assert row["verdict_kind"] == "indistinguishable", (seed, row["run"], row["verdict"])
            seen += 1
    assert seen == 100, seen


def test_less_than_a_tick_is_not_told():
    machine = Machine(3, tick_ns=10.0, samples=3000, states=0.0, drift=0.0, base_ns=500.0)
    rows, _ = judged(written("tick.json", result(machine, {"a": plain, "b": longer(6),
                                                                "c": longer(10)})))
    for name in "bc":
        assert rows[name]["verdict_kind"] == "indistinguishable", rows[name]
    # Means of batches carry fractions of a tick.
    data = result(Machine(3, tick_ns=0.1, samples=400, states=0.0, drift=0.0, base_ns=500.0),
                  {"a": plain, "b": longer(6)})
    data["context"]["clock"]["tick_ns"] = 10.0
    for rec in data["records"]:
        rec["sample_kind"] = "batch64_mean"
    rows, _ = judged(written("batch.json", data))
    assert rows["b"]["verdict_kind"] == "worse" and not rows["b"]["tails"], rows["b"]


def test_a_shift_is_no_worse_tail():
    for extra in (longer(2000), in_ratio(1.3)):
        rows, _ = judged(written("s.json", result(Machine(9, samples=3000),
                                                  {"a": plain, "b": extra})))
        assert rows["b"]["verdict_kind"] == "worse", rows["b"]
        assert "tail" not in rows["b"]["verdict"], rows["b"]["verdict"]


def test_same_seed_same_figures():
    name = written("seed.json", result(Machine(2), {"a": plain, "b": longer(100)}))
    assert compare(name, "--format", "json").stdout == compare(name, "--format", "json").stdout
    other = json.loads(compare(name, "--format", "json", "--seed", "7").stdout)
    assert other["seed"] == 7


# ---- one file ---------------------------------------------------------------

def test_slower_is_a_finding_unless_a_baseline_is_named():
    name = written("one.json", result(Machine(5), {"a": plain, "b": in_ratio(1.2)}))
    judged(name, status=0)
    judged(name, "--baseline", "a", status=3)
    rows, _ = judged(name, "--baseline", "b", status=0)
    assert kinds(rows) == {"a": "better"}
    refused(compare(name, "--baseline", "bb"), "no run is named 'bb'", 2)


def test_unlike_things_are_compared_only_when_asked():
    poll = {"route": "poll", "comparability": "poll/spinning/relax/no syscall/single/gap 1..2"}
    name = written("unlike.json", result(Machine(5), {"a": plain, "b": (in_ratio(0.1), poll)}))
    done = compare(name)
    assert done.returncode == 4 and "nothing to compare" in done.stderr, done
    rows, _ = judged(name, "--across", "route,syscall,gap")
    assert kinds(rows) == {"b": "better"}
    refused(compare(name, "--across", "rout"), "did you mean 'route'?", 2)


def test_any_metric_and_design_has_its_direction():
    made = {"metric": "fairy_dust", "better": "high", "driver": "never-heard-of", "queue": "q9"}
    rows, _ = judged(written("new.json", result(Machine(5), {
        "a": (plain, made), "b": (in_ratio(1.2), {**made, "queue": "q8"})})))
    assert kinds(rows) == {"b": "better"}, rows
    assert "higher by" in rows["b"]["verdict"], rows["b"]["verdict"]


def test_null_says_what_the_queue_can_explain():
    machine = Machine(5)
    empty = {"queue": "null", "way": "none", "target_state": "none",
             "comparability": "none/none/relax/syscall/single/gap 2000..20000"}
    rows, _ = judged(written("null.json", result(machine, {
        "a": plain, "b": longer(50), "null": (in_ratio(0.1), empty)})))
    assert 0.88 < rows["b"]["beyond_null_share"] < 0.92, rows["b"]


def test_contradicted_records_are_not_compared():
    data = result(Machine(5), {"a": plain, "b": in_ratio(2), "c": in_ratio(2), "d": plain})
    data["records"][1]["attestation"] = {"verdict": "contradicted", "why": "3 of 9 were none"}
    data["records"][2]["status"] = "failed"
    data["records"][2]["reason"] = "it fell over"
    rows, out = judged(written("bad.json", data))
    assert kinds(rows) == {"b": "not comparable", "d": "indistinguishable"}, kinds(rows)
    assert "3 of 9 were none" in rows["b"]["verdict"], rows["b"]
    assert any("it fell over" in note for note in out["notes"]), out["notes"]


def test_few_blocks_say_so():
    name = written("few.json", result(Machine(5, blocks=6), {"a": plain, "b": in_ratio(2)}))
    rows, _ = judged(name, status=4)
    assert rows["b"]["verdict_kind"] == "too few", rows["b"]
    assert "6 and 6; 8 a side at least" in rows["b"]["verdict"], rows["b"]["verdict"]


# ---- files by side ----------------------------------------------------------

def sides(extra, base_boots, new_boots, boot_effect=0.0, blocks=16, **over):
    """File names of both sides, one file for each boot named."""
    names = [[], []]
    for side, boots in enumerate((base_boots, new_boots)):
        for i, boot in enumerate(boots):
            machine = Machine(1000 * side + 10 * i + 7, boot=boot, boot_effect=boot_effect,
                              states=0.0, blocks=blocks)
            data = result(machine, {"a": extra if side else plain}, **(over if side else {}))
            names[side].append(written(f"{'ab'[side]}{i}.json", data))
    return ["--base", *names[0], "--new", *names[1]]


def test_two_files_of_one_boot():
    # Of one run a side nobody knows what two runs of the same differ by.
    for extra, status, kind in ((in_ratio(1.2), 3, "worse"), (plain, 0, "indistinguishable"),
                                (in_ratio(1.08), 0, "indistinguishable"),
                                (in_ratio(0.8), 0, "better"), (stalls(60000, 100), 3, "tail worse")):
        args = sides(extra, ["x"], ["x"])
        rows, _ = judged(args[1], args[3], status=status)
        assert kinds(rows) == {"a": kind}, rows
        assert rows["a"]["pairing"] == "none", rows


def test_one_boot_a_side_is_not_separable():
    rows, _ = judged(*sides(in_ratio(1.2), ["x"], ["y"]), status=4)
    assert rows["a"]["verdict_kind"] == "not separable", rows
    assert "one boot a side" in rows["a"]["verdict"], rows
    rows, _ = judged(*sides(in_ratio(1.2), ["x", "y"], ["z", None]), status=4)
    assert "2 and 2 boots" in rows["a"]["verdict"], rows
    rows, _ = judged(*sides(plain, ["x"], ["y"]), status=0)
    assert kinds(rows) == {"a": "indistinguishable"}


def test_boots_are_what_is_resampled():
    base, new = ["b%d" % i for i in range(6)], ["n%d" % i for i in range(6)]
    rows, _ = judged(*sides(in_ratio(1.1), base, new, boot_effect=0.01, blocks=8), status=3)
    assert rows["a"]["unit"] == "boot" and rows["a"]["units_n"] == 6, rows
    assert 8 < rows["a"]["shift_pct"] < 12, rows
    # What blocks would swear to is nothing beside what boots differ by.
    rows, _ = judged(*sides(plain, base, new, boot_effect=0.03, blocks=8), status=0)
    assert kinds(rows) == {"a": "indistinguishable"}, rows


def test_machines_that_differ_are_refused():
    def other(**over):
        args = sides(in_ratio(1.2), ["x"], ["x"], **over)
        return args[1], args[3]

    refused(compare(*other(machine="emulated")), "machine differs: hardware | emulated", 4)
    refused(compare(*other(machine="emulated"), "--across", "machine"), "machine differs", 4)
    refused(compare(*other(cpu_model="Other")), "context.cpu_model differs", 4)
    judged(*other(cpu_model="Other"), "--across", "machine", status=3)
    refused(compare(*other(governor="powersave")), "(--across governor", 4)
    refused(compare(*other(clock={"source": "hpet", "tick_ns": 10.0})), "clock.source", 4)
    _, out = judged(*other(kernel="6.2.0", cpu_model=None), status=3)
    assert any(note.startswith("context.kernel differs") for note in out["notes"]), out["notes"]


def test_traced_is_compared_with_traced_alone():
    runs = {"a": plain}
    names = {said: written(f"{said}.json", dict(result(Machine(5), runs), **more))
             for said, more in (("traced", {"traced": True}), ("plain", {"traced": False}),
                                ("old", {}))}
    for one, other in (("traced", "plain"), ("plain", "traced"), ("old", "traced")):
        refused(compare(names[one], names[other]), "traced.json alone was traced, and probes", 4)
    judged(names["plain"], names["old"])
    judged(names["traced"], names["traced"])


def test_records_that_differ_are_refused_one_by_one():
    args = sides(in_ratio(1.2), ["x"], ["x"])
    with open(args[3], encoding="ascii") as f:
        data = json.load(f)
    for key, value, axis in (
            ("comparability", "signal/spinning/sleep/syscall/single/gap 2000..20000", "waiter"),
            ("comparability", "signal/asleep/relax/syscall/single/gap 2000..20000", "target"),
            ("comparability", "signal/spinning/relax/syscall/single/back-to-back", "gap"),
            ("comparability", "signal/spinning/relax/syscall/batch64_mean/gap 2000..20000",
             "sample"),
            ("cpus", "2-3", "cpus"), ("queue", "other", "queue"), ("home", "source", "home"),
            ("depth", 4, "depth"), ("idle_spin_ns", 5000, "idle-spin"), ("senders_n", 4, "senders"),
            ("targets_n", 3, "targets"), ("burst", 2, "burst"), ("inflight", 8, "inflight")):
        changed = copy.deepcopy(data)
        changed["records"][0][key] = value
        name = written("changed.json", changed)
        rows, _ = judged(args[1], name, status=4)
        assert rows["a"]["verdict_kind"] == "not comparable", (key, rows)
        assert f"{axis} differs" in rows["a"]["verdict"], rows["a"]["verdict"]
        rows, _ = judged(args[1], name, "--across", axis, status=3)
        assert kinds(rows) == {"a": "worse"}, (key, rows)


def test_fewer_rows_may_be_asked_for():
    data = result(Machine(5), {"a": plain, "b1": in_ratio(1.2), "b2": plain, "other": plain,
                               "f": (plain, {"metric": "send"}), "g": (plain, {"metric": "send"})})
    data["records"][3].update(status="failed", reason="so it is")
    name = written("many.json", data)
    rows, out = judged(name, "--run", "b*")
    assert set(rows) == {"b2"} and rows["b2"]["against"] == "b1" and out["family_n"] == 1, rows
    assert out["notes"] == ["only records with a run like 'b*' were judged"], out["notes"]
    rows, _ = judged(name, "--run", "b*", "--baseline", "a", status=3)
    assert set(rows) == {"b1", "b2"} and rows["b1"]["against"] == "a", rows
    rows, _ = judged(name, "--metric", "send")
    assert set(rows) == {"g"}, rows
    rows, _ = judged(name, name, "--metric", "[rs]*", "--run", "[bf]*")
    assert set(rows) == {"b1", "b2", "f"}, rows
    refused(compare(name, "--metric", "sned"), "did you mean 'send'?", 2)
    refused(compare(name, "--run", "othr"), "did you mean 'other'?", 2)
    judged(name, "--metric", "send", "--run", "b*", status=4)


def test_nulls_need_not_be_asked_for():
    rows, _ = judged(written("null.json", result(Machine(5), {
        "a": plain, "b": in_ratio(1.2), "n": (in_ratio(0.5), {"queue": "null"})})), "--run", "[ab]")
    assert set(rows) == {"b"} and rows["b"]["beyond_null_ns"] > 0, rows


def test_other_sizes_are_other_questions():
    for key, value, axis in (("senders_n", 4, "senders"), ("targets_n", 3, "targets"),
                             ("inflight", 8, "inflight"), ("burst", 2, "burst"),
                             ("members", "far", "members"), ("order", "far", "order"),
                             ("pattern", "incast", "pattern")):
        name = written("sizes.json", result(Machine(5), {
            "a": plain, "b": (in_ratio(1.2), {key: value})}))
        rows, out = judged(name, status=4)
        assert not rows and "2 records have nothing like" in out["notes"][0], (key, out)
        rows, _ = judged(name, "--across", axis)
        assert kinds(rows) == {"b": "worse"}, (key, rows)
    for key, value in (("depth", 4), ("idle_spin_ns", 5000)):
        rows, _ = judged(written("d.json", result(Machine(5), {
            "a": plain, "b": (in_ratio(1.2), {key: value})})))
        assert kinds(rows) == {"b": "worse"} and rows["b"]["side"][key] == value, (key, rows)


def of_sizes(seed, slow, *sizes):
    """One run for several numbers of senders, which is slow at one of them."""
    made = {str(n): (in_ratio(n * (1.3 if n == slow else 1)), {"senders_n": n}) for n in sizes}
    data = result(Machine(seed, states=0.0, drift=0.002), made)
    for rec in data["records"]:
        rec["run"] = "in"
    return data


def test_a_run_of_several_sizes_is_compared_size_by_size():
    three = written("three.json", of_sizes(1, None, 1, 2, 4))
    two = written("two.json", of_sizes(2, 2, 2, 1))
    done = compare(three, two, "--format", "json")
    out = json.loads(done.stdout)
    assert done.returncode == 3, done
    assert {r["side"]["senders_n"]: r["verdict_kind"] for r in out["rows"]} == {
        1: "indistinguishable", 2: "worse"}, out["rows"]
    assert all(r["base"]["senders_n"] == r["side"]["senders_n"] for r in out["rows"])
    assert any("1 records of three.json are not in all" in note for note in out["notes"]), out
    _, out = judged(two, three)
    assert any("1 records are only in three.json" in note for note in out["notes"]), out
    assert "2:1" in compare(three, two).stdout
    assert "2:1, slower by" in compare(three, two, "--format", "lkml").stdout


def test_queues_of_others_are_compared_with_ours():
    ours = {"driver": "incast", "pattern": "incast", "queue": "slots"}
    other = {**ours, "driver": "wfcqueue", "driver_kind": "yardstick", "queue": "wfcqueue",
             "ack": None, "delivery": None, "depth": 0, "idle_spin_ns": None}
    rows, _ = judged(written("q.json", result(Machine(5), {
        "a": (plain, ours), "b": (in_ratio(1.2), other), "c": (plain, {**other, "queue": None}),
        "d": (plain, {**other, "pattern": "alltoall"})})))
    assert kinds(rows) == {"b": "worse"}, rows


def test_pairs_of_cpus_are_compared_with_themselves():
    """Pairs that differ by half hide nothing that is the same on each."""
    def over_pairs(seed, extra):
        blocks, times = [], []
        for pair in range(8):
            machine = Machine(seed * 50 + pair, base_ns=4000.0 + 1000 * pair, blocks=3, states=0.0)
            blocks += [machine.block(i, extra) for i in range(3)]
            times += [pair + 0.1 * i for i in range(3)]
        rec = record(0, "a", blocks, times, cpus="0-15")
        for i, block in enumerate(rec["blocks"]):
            block["source"], block["target"] = 2 * (i // 3), 2 * (i // 3) + 1
        return wrap([rec], machine)

    rows, _ = judged(written("a.json", over_pairs(1, plain)),
                     written("b.json", over_pairs(2, in_ratio(1.15))), status=3)
    assert rows["a"]["pairing"] == "by CPUs" and rows["a"]["pairs_n"] == 24, rows
    assert kinds(rows) == {"a": "worse"}, rows


def test_files_that_are_none():
    good = written("good.json", result(Machine(1, blocks=5, samples=50), {"a": plain}))
    refused(compare("none.json"), "none.json: No such file", 1)
    with open(good, encoding="ascii") as f:
        text = f.read()
    with open("cut.json", "w", encoding="ascii") as f:
        f.write(text[:len(text) // 2])
    refused(compare(good, "cut.json"), "cut.json: cut short", 1)
    assert "copy it again" in compare("cut.json").stderr
    refused(compare(written("else.json", {"kind": "other"})), "no result of ipi", 1)
    data = json.loads(text)
    data["records"][0]["histogram"]["bucket"][0][0] = 1e9
    refused(compare(written("odd.json", data)), "histogram of record 0 (a) is damaged", 1)


def test_usage():
    refused(compare(), "needs a result file", 2)
    refused(compare("a", "b", "c"), "more than two files", 2)
    refused(compare("--base", "a"), "--base and --new go together", 2)
    refused(compare("a", "b", "--baseline", "x"), "--baseline names a run of one file", 2)
    refused(compare("a", "--format", "tabel"), "did you mean 'table'?", 2)


# ---- what is written --------------------------------------------------------

def test_formats():
    args = sides(in_ratio(1.2), ["x"], ["x"], kernel="6.2.0-é-with-a-very-long-name-indeed")
    names = (args[1], args[3])
    for form in ("table", "markdown", "lkml", "json"):
        done = compare(*names, "--format", form, "--json", "kept.json")
        assert done.returncode == 3, done
        assert "hardware, 2 CPUs (few)" in done.stdout.split("\n1", 1)[0], done.stdout
        assert done.stderr == "", done.stderr
        with open("kept.json", encoding="utf-8") as f:
            kept = json.load(f)
        assert kept["kind"] == "ipi-compare" and kept["schema"] == 1
    lines = compare(*names, "--format", "lkml").stdout.split("\n")
    assert max(map(len, lines)) <= 72 and all(line.isascii() for line in lines), lines
    assert not [name for name in os.listdir(".") if "kept" in name and name != "kept.json"]
    done = compare(names[0], written("emu.json", {**json.load(open(names[1], encoding="ascii")),
                                                  "complete": False, "busy": True}))
    assert done.stdout.startswith("INCOMPLETE: busy hardware"), done.stdout


def test_first_line_says_what_the_machine_is():
    data = result(Machine(5), {"a": plain, "b": plain}, machine="virtual", hypervisor="KVM")
    done = compare(written("v.json", data))
    assert done.stdout.startswith("virtual machine (KVM), 2 CPUs (few)"), done.stdout


sys.exit(run_tests(globals()))
