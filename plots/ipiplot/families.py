# SPDX-License-Identifier: GPL-2.0-only
"""Records that answer one question together: the same thing done by several
designs, or in several sizes. Found by what varies in them, never by a name."""
import re
from collections import namedtuple

from . import series as S

# What may be counted along an axis.
SIZES = ("senders_n", "targets_n", "burst", "inflight", "depth")
# What may tell two series apart, in the order in which it is said.
KINDS = ("queue", "ack", "target_state", "delivery", "waiter", "idle_spin_ns", "home",
         "members", "order")
# Those whose sizes are sets of CPUs: their relation changes with the size.
SWEPT = ("incast", "alltoall", "multicast", "broadcast")
# What is said of them though it does not vary.
FIRST = {"incast": "senders_n", "alltoall": "senders_n", "multicast": "targets_n",
         "burst": "burst"}
# Those that are run to be compared across routes and states of the target.
ACROSS = ("sleeper",)
# The bare thing below a route.
BARE = {"signal": ("signal", "the bare signal"), "poll": ("cacheline", "a bare cache line")}
NULL = "null, which carries nothing"

# series, floors: {name: {size: record}}; x: a key of SIZES, or None (then the
# only size is None); varied: the keys of KINDS and SIZES that differ, but x.
Family = namedtuple("Family", "shape metric x series floors varied")


def is_external(rec):
    """Somebody else's queue, which carries the same messages."""
    return S.is_yardstick(rec) and bool(rec.get("queue"))


def is_null(rec):
    return rec.get("queue") == "null"


def shape(rec):
    """What is done. Others' queues do what incast and alltoall do."""
    return (is_external(rec) and rec.get("pattern")) or rec["driver"]


def size(rec, key):
    """None where it does not apply, or was left to the design."""
    return rec.get(key) or None


def sampling(rec):
    """A burst's time per message is a mean of as many as it holds, whatever
    their number."""
    return "burst" if rec.get("burst") and rec["metric"] == "interval" else rec.get("sample_kind")


def alike(rec):
    """What a floor shares with what stands on it."""
    return (rec["metric"], sampling(rec), S.is_burst(rec),
            None if shape(rec) in SWEPT else rec.get("relation"))


def family_key(rec):
    across = shape(rec) in ACROSS
    return (shape(rec), alike(rec), rec.get("gap"), rec.get("series"), S.injected(rec),
            None if across else (rec.get("route"), rec.get("target_state"), rec.get("waiter")))


def families(result):
    """All that hold two series or sizes, in the order of the file."""
    records = [r for r in S.measured(result) if not r["run"].endswith(":row")]
    found = {}
    for rec in records:
        if not is_null(rec):
            found.setdefault(family_key(rec), []).append(rec)
    out = [family(main_ways(recs), records) for recs in found.values()]
    return [f for f in out if len(f.series) > 1 or len(sizes(f)) > 1]


def main_ways(records):
    """Of each run and size the way by which most of its messages came."""
    most = {}
    for rec in records:
        key = (rec["run"], rec.get("relation"), *(size(rec, k) for k in SIZES))
        if key not in most or rec["samples_n"] > most[key]["samples_n"]:
            most[key] = rec
    return list(most.values())


def varying(records, keys):
    return [k for k in keys if len({r.get(k) for r in records} - {None}) > 1]


def size_keys(records):
    """The sizes that vary, without those that follow from one before them."""
    out = []
    for key in varying(records, SIZES):
        if not any(follows(records, of, key) for of in out):
            out.append(key)
    return out


def follows(records, of, key):
    return len({(r.get(of), r.get(key)) for r in records}) == len({r.get(of) for r in records})


def family(records, all_records):
    counted = size_keys(records)
    x = max(counted, key=lambda k: len({size(r, k) for r in records}), default=FIRST.get(shape(records[0])))
    # A size that was left to the design is no place on an axis.
    sized = [r for r in records if size(r, x)]
    x, records = (x, sized) if sized else (None, records)
    varied = varying(records, KINDS) + [k for k in counted if k != x]
    if "target_state" in varied and "delivery" in varied:
        varied.remove("delivery")
        varied.insert(varied.index("target_state") + 1, "delivery")
    label = labels(records, varied, x)
    series = {}
    for rec in records:
        series.setdefault(label(rec), {})[size(rec, x)] = rec
    return Family(shape(records[0]), records[0]["metric"], x, series,
                  floors(records, all_records, x), varied)


def labels(records, varied, x):
    """How a series is called: by what varies, or by its run where that is not
    enough to tell two records apart."""
    def short(rec):
        return " ".join(word(k, rec[k]) for k in varied if rec.get(k))
    seen = [(short(r), size(r, x)) for r in records]
    if len(set(seen)) == len(seen) and all(text for text, _ in seen):
        return short
    if not varied and len({r["run"] for r in records}) == 1:
        return lambda rec: rec.get("queue") or rec["driver"]
    return lambda rec: rec["run"]


def word(key, value):
    if key == "idle_spin_ns":
        return f"after {S.with_unit(value)}"
    unit = {"senders_n": "senders", "targets_n": "targets", "inflight": "in flight"}.get(key)
    if unit:
        return f"{value} {unit}"
    said = {"home": "at {}", "members": "{} members", "order": "{} first",
            "burst": "burst {}", "depth": "depth {}"}.get(key, "{}")
    return said.format(value)


def floors(records, all_records, x):
    """{name: {size: record}} of what stands below: null, and the bare thing."""
    one, out = records[0], {}
    told_by = {r.get("delivery") for r in records}
    bare, name = BARE.get(one.get("route"), (None, None))
    for rec in all_records:
        if alike(rec) != alike(one) or S.injected(rec):
            continue
        if is_null(rec) and shape(rec) == shape(one) and rec.get("delivery") in told_by:
            out.setdefault(NULL, {})[size(rec, x)] = rec
        elif rec["driver"] == bare and one["driver"] == "unicast":
            out.setdefault(name, {}).update({size(r, x): rec for r in records})
    return {name: recs for name, recs in out.items()
            if not set(recs).isdisjoint(size(r, x) for r in records)}


def sizes(fam):
    found = {x for recs in fam.series.values() for x in recs}
    return sorted(found, key=lambda x: (x is not None, x or 0))


def records_of(fam):
    return [rec for recs in fam.series.values() for rec in recs.values()]


def common_key(records):
    """Their comparability keys in one: '*' stands where they differ."""
    keys = [r["comparability"].split("/") for r in records]
    width = max(map(len, keys))
    parts = [list(dict.fromkeys(k[i] if i < len(k) else "" for k in keys)) for i in range(width)]
    return "/".join(p[0] if len(p) == 1 else differing(p) for p in parts)


def differing(parts):
    masked = {re.sub(r"\b\d+\b", "*", p) for p in parts}
    return masked.pop() if len(masked) == 1 else "*"
