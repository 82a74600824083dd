# SPDX-License-Identifier: GPL-2.0-only
"""What may stand beside what: records into panels, panels into names."""
import re
from collections import namedtuple

RELATIONS = ("self", "smt", "llc", "node", "socket", "other")
RELATION_NAMES = {"self": "the CPU itself", "smt": "SMT sibling", "llc": "same LLC",
                  "node": "same node", "socket": "same socket", "other": "other socket"}
METRIC_NAMES = {
    "rtt": "Round trip (rtt)", "send": "Sender held (send)",
    "stolen": "Stolen from the target (stolen)", "one_way": "Send to handler entry (one_way)",
    "first_entry": "First entry", "last_entry": "Last entry", "first_ack": "First ack",
    "last_ack": "Last ack", "interval": "Time per message, all senders (interval)",
    "max_of_unicasts": "Maximum of as many unicasts"}
STAGES = ("send", "first_entry", "last_entry", "first_ack", "last_ack", "rtt", "max_of_unicasts")
SIDES = ("send", "rtt", "stolen")
VERDICTS = ("contradicted", "unattested", "attested", "not applicable")
# What may tell two series of one run apart, in the order it is said.
TRAITS = ("driver", "queue", "ack", "delivery", "waiter", "home", "senders_n", "targets_n", "inflight", "burst", "gap", "series",
          "way")

Panel = namedtuple("Panel", "yardstick multi comparability injected burst way metric")


def verdict(rec):
    said = (rec.get("attestation") or {}).get("verdict")
    return said if said in VERDICTS else "unattested"


def is_yardstick(rec):
    return rec.get("driver_kind") == "yardstick"


def injected(rec):
    put = rec.get("inject")
    if not put:
        return ""
    seldom = f", one of {put['every']}" if put.get("every", 1) > 1 else ""
    return f"{put.get('ns'):g} ns injected in {put.get('where')}{seldom}"


def is_burst(rec):
    return rec.get("gap") == "back-to-back" or rec.get("gap_ns_max") == 0


def is_multi(rec):
    """Whether one send went to a set, be it of one."""
    return ((rec.get("targets_n") or 1) > 1 or rec["driver"] in ("broadcast", "multicast")
            or rec["metric"] in ("first_entry", "last_entry", "first_ack", "last_ack",
                                 "max_of_unicasts"))


def panel_of(rec):
    """Only records of equal panels are drawn together."""
    way = rec.get("way")
    return Panel(is_yardstick(rec), is_multi(rec), rec["comparability"], injected(rec),
                 is_burst(rec), "" if way in (None, "interrupt") else way, rec["metric"])


def measured(result):
    return [r for r in result["records"] if r["status"] == "ok"]


def panels(records):
    """{Panel: records}, yardsticks last, otherwise in the order of the file."""
    found = {}
    for rec in records:
        found.setdefault(panel_of(rec), []).append(rec)
    return dict(sorted(found.items(), key=lambda item: item[0].yardstick))


def bases(records):
    """{Panel without its metric: records}: what send, rtt and stolen share."""
    found = {}
    for panel, recs in panels(records).items():
        found.setdefault(panel._replace(metric=""), []).extend(recs)
    return found


def side_of(rec):
    """The panel send, rtt and stolen of one series share beside each other:
    each is its own column, so they may be sampled in different ways."""
    panel = panel_of(rec)
    key = re.sub(r"/(single|batch\d+(_mean)?)(?=/|$)", "", panel.comparability)
    return panel._replace(metric="", comparability=key)


def relation_rank(rel):
    return RELATIONS.index(rel) if rel in RELATIONS else len(RELATIONS)


def relation_name(rel):
    return RELATION_NAMES.get(rel, rel or "no pair")


def relations(records):
    return sorted({r.get("relation") for r in records}, key=lambda r: (relation_rank(r), str(r)))


def names(records):
    """A name for each record by identity, without its relation: the run, and
    what tells it from that run's other series in the same panels."""
    out = {}
    for recs in bases(records).values():
        by_run = {}
        for rec in recs:
            by_run.setdefault(rec["run"], []).append(rec)
        for run, same in by_run.items():
            varied = [t for t in TRAITS if len({rec.get(t) for rec in same}) > 1]
            for rec in same:
                told = [trait(rec, t) for t in varied if rec.get(t) is not None]
                out[id(rec)] = run + (f" ({', '.join(told)})" if told else "")
        tell_apart(recs, out)
    return out


def trait(rec, key):
    return f"{rec[key]} targets" if key == "targets_n" else str(rec[key])


def tell_apart(records, out):
    """Two records that still look the same are numbered, never merged."""
    seen = {}
    for rec in records:
        seen.setdefault((out[id(rec)], rec.get("relation"), rec["metric"]), []).append(rec)
    for same in seen.values():
        for i, rec in enumerate(same[1:], 2):
            out[id(rec)] += f" #{i}"


def panel_title(panel):
    name = METRIC_NAMES.get(panel.metric, panel.metric)
    return ": ".join(part for part in (name, panel_subject(panel)) if part)


def panel_subject(panel):
    """The comparability key and whatever else keeps a panel apart."""
    said = [panel.comparability]
    if panel.multi:
        said.append("one send to a set")
    if panel.injected:
        said.append(panel.injected.upper().replace("NS", "ns", 1))
    if panel.burst and "back-to-back" not in panel.comparability:
        said.append("back-to-back")
    if panel.way == "none":
        said += [] if panel.yardstick else ["no interrupt came"]
    elif panel.way:
        said.append(f"came by {panel.way}")
    if panel.yardstick:
        said.append("yardstick")
    return ", ".join(said)


def batch_of(rec):
    """'64' of a record of means of 64, else None."""
    kind = rec.get("sample_kind") or "single"
    return kind[5:].split("_")[0] if kind.startswith("batch") else None


Unit = namedtuple("Unit", "name ns")
UNITS = (Unit("ns", 1.0), Unit("µs", 1e3), Unit("ms", 1e6))


def unit_for(largest_ns):
    if largest_ns < 10e3:
        return UNITS[0]
    return UNITS[1] if largest_ns < 10e6 else UNITS[2]


def number(ns, unit=UNITS[0]):
    """Three or four significant digits: no more than a clock can tell."""
    if ns is None:
        return "-"
    value = ns / unit.ns
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def with_unit(ns):
    if ns is None:
        return "-"
    unit = unit_for(abs(ns))
    return f"{number(ns, unit)} {unit.name}"
