# SPDX-License-Identifier: GPL-2.0-only
"""Bars, distributions and time lines: records into data for gnuplot."""
import math
from collections import namedtuple

from . import series as S
from .gnuplot import cell

# records: those drawn, for the caption; note: a sentence about all drawings of
# this kind; extra: one about this drawing only; answer: sentences above it;
# banner: a sentence that stays with the drawing wherever it goes.
Figure = namedtuple("Figure", "name script title data settings records note extra answer banner",
                    defaults=("", (), ""))

WIDTH = 1180
LABEL_CHAR_PX = 6.3
KEY_LINE_PX = 17
MOST_SERIES = 8
BAR_ROW_PX = 19
LOG_FROM = 20
VERDICT_WORD = {"contradicted": "CONTRADICTED", "not applicable": "n/a"}


def verdict_word(rec):
    return "yardstick" if S.is_yardstick(rec) else VERDICT_WORD.get(S.verdict(rec), S.verdict(rec))


def nice_step(largest, parts=4):
    """1, 2 or 5 times a power of ten, about so many to the largest."""
    rough = max(largest, 1e-9) / parts
    power = 10 ** math.floor(math.log10(rough))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= rough * 0.999)


def log_ticks(low, high):
    """1, 2 and 5 of each decade between; of many decades only the 1."""
    steps = (1, 2, 5) if high / low < 2000 else (1,)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    values = [f * 10.0 ** d for d in range(first, last + 1) for f in steps]
    # No exponents: gnuplot doesn't take them for numbers here.
    return " ".join(f"{v:.9f}".rstrip("0").rstrip(".") for v in values if low <= v <= high)


# Bars

def bar_axis(records):
    """(unit, end of axis in that unit, step): every median fits, and every p99
    that would not shrink the bars to nothing."""
    medians = max((r["latency_ns_p50"] for r in records), default=0) or 1
    tails = [r["latency_ns_p99"] for r in records
             if r.get("latency_ns_p99") and r["latency_ns_p99"] <= 3 * medians]
    end = max([medians] + tails) * 1.04
    unit = S.unit_for(end)
    step = nice_step(end / unit.ns)
    return unit, max(step, math.ceil(end / unit.ns / step) * step), step


def bar_kind(rec):
    if S.is_yardstick(rec):
        return 0
    return {"contradicted": 3, "unattested": 2}.get(S.verdict(rec), 1)


def bar_row(y, label, rec, unit, end):
    if rec is None:
        return f'{y} {cell(label)} 0 0 0 1 "-" "-" ""'
    p50, p99 = rec["latency_ns_p50"], rec.get("latency_ns_p99")
    tip = max(p50, p99 or 0) / unit.ns
    return " ".join((
        str(y), cell(label), repr(max(0, p50 / unit.ns)), repr(min(tip, end)),
        str(int(tip > end)), str(bar_kind(rec)), cell(S.number(p50, unit)),
        cell(S.number(p99, unit)), cell(verdict_word(rec))))


def bar_layout(records, name_of):
    """[(relation or None, label or None)]: a head for each relation, its rows
    below, yardsticks first."""
    rows = []
    for rel in S.relations(records):
        of_rel = [r for r in records if r.get("relation") == rel]
        labels = {name_of(r): not S.is_yardstick(r) for r in of_rel}
        rows.append((rel, None))
        rows += [(rel, label) for label in sorted(labels, key=lambda n: labels[n])]
    return rows


def shortened(label):
    """The two ends of a name too long for its place."""
    return label if len(label) <= 64 else label[:40] + "..." + label[-21:]


def bars(name, title, columns, yards, axis, name_of):
    """columns: [(head, records)]. One row for each relation and name."""
    unit, end, step = axis
    every = yards + [r for _, recs in columns for r in recs]
    rows = bar_layout(every, lambda r: shortened(name_of(r)))
    data = []
    for i, (_, recs) in enumerate(columns):
        at = {(r.get("relation"), shortened(name_of(r))): r for r in recs + yards}
        for y, (rel, label) in enumerate(rows):
            if label is None:
                head = cell(S.relation_name(rel) if i == 0 else "")
                data.append(f'{y + .5} {head} 0 0 0 4 "" "" ""')
            elif i == 0 or (rel, label) in at:
                data.append(bar_row(y + .5, label, at.get((rel, label)), unit, end))
        data.append("\n")
    longest = max((len(label or "") for _, label in rows), default=0)
    label_px = min(420, max(90, longest * LABEL_CHAR_PX + 14))
    text_px = 236
    bar_px = max(110, (WIDTH - label_px) / len(columns) - text_px)
    settings = {
        "width": round(label_px + len(columns) * (bar_px + text_px)),
        "height": 88 + BAR_ROW_PX * len(rows), "unit": unit.name, "ncol": len(columns),
        "nrow": len(rows), "xmax": end, "xstep": step, "label_px": label_px, "bar_px": bar_px,
        "text_px": text_px, "heads": " ".join(f'"{head}"' for head, _ in columns)}
    return Figure(name, "bars.gp", title, "\n".join(data) + "\n", settings,
                  [r for _, recs in columns for r in recs],
                  "Bar: median from 0. Whisker: to p99; an arrow where it leaves the axis, "
                  "'-' where fewer than 100 samples lie beyond. Hatched grey: yardstick; "
                  "solid: attested; hatched blue: unattested.")


def yardsticks_for(records, all_records):
    """The floors of the same relations, and those that need no pair."""
    here = {r.get("relation") for r in records} | {"self", None}
    return [r for r in all_records if S.is_yardstick(r) and r.get("relation") in here]


def bar_figures(result, every, prefix):
    """Everything but the stages of a broadcast, and send and stolen that stand
    beside their round trip. Yardsticks stand beside what they measure, alone
    only where that is missing."""
    records = S.measured(result)
    name = S.names(records)
    beside = {id(r) for _, recs, _ in sides(records) for r in recs}
    out, drawn = [], set()
    for panel, recs in S.panels(records).items():
        if panel.multi or (panel.metric in ("send", "stolen")
                           and all(id(r) in beside for r in recs)):
            continue
        if panel.yardstick and all(id(r) in drawn for r in recs):
            continue
        yards = [] if panel.yardstick or panel.metric not in ("rtt", "one_way") else \
            yardsticks_for(recs, records)
        drawn |= {id(r) for r in yards}
        axis = bar_axis([r for r in every if S.panel_of(r) == panel] + yards)
        out.append(bars(f"{prefix}bars-{len(out) + 1}", S.panel_title(panel),
                        [(panel.metric, recs)], yards, axis, lambda r: name[id(r)]))
    return out


def sides(records):
    """[(side, records, columns)] of everything that has two columns or more."""
    found = {}
    for rec in records:
        if rec["metric"] in S.SIDES and not S.is_multi(rec):
            found.setdefault(S.side_of(rec), []).append(rec)
    out = []
    for side, recs in found.items():
        columns = {}
        for rec in sorted(recs, key=lambda r: S.SIDES.index(r["metric"])):
            kind = S.batch_of(rec)
            head = rec["metric"] + (f" (means of {kind})" if kind else "")
            columns.setdefault(head, []).append(rec)
        if len(columns) > 1:
            out.append((side, recs, list(columns.items())))
    return out


def side_figures(result, every, prefix):
    """send, rtt and stolen of the same series on one axis."""
    records = S.measured(result)
    name = S.names(records)
    out = []
    for side, _, columns in sides(records):
        same = [r for r in every if r["metric"] in S.SIDES and S.side_of(r) == side]
        out.append(bars(f"{prefix}sides-{len(out) + 1}",
                        "Sender held, round trip, stolen: " + S.panel_subject(side), columns, [],
                        bar_axis(same), lambda r: name[id(r)]))
    return out


def broadcast_figures(result, every, prefix):
    """The stages of a multicast, one below the other, from the send on."""
    records = S.measured(result)
    name = S.names(records)
    out = []
    for base, recs in S.bases(records).items():
        if not base.multi:
            continue

        def stage(rec):
            return f"{name[id(rec)]}: {rec['metric']}"
        order = {m: i for i, m in enumerate(S.STAGES)}
        recs = sorted(recs, key=lambda r: (name[id(r)], order.get(r["metric"], 99)))
        same = [r for r in every if S.panel_of(r)._replace(metric="") == base]
        for title, timed in (("From the send call on", True), ("Stolen", False)):
            here = [r for r in recs if (r["metric"] != "stolen") == timed]
            if here:
                axis = bar_axis([r for r in same if (r["metric"] != "stolen") == timed])
                out.append(bars(f"{prefix}broadcast-{len(out) + 1}",
                                f"{title}: {S.panel_subject(base)}", [("stage", here)], [],
                                axis, stage))
    return out


# Distributions and time lines

def groups(recs, name):
    """[(subtitle, [(label, style, record)])]: one series by relation, or one
    relation by series; never more than the line styles can tell apart."""
    if len(S.relations(recs)) == 1:
        rel = S.relation_name(recs[0].get("relation"))
        whole = [(name[id(r)], i % MOST_SERIES + 1, r) for i, r in enumerate(recs)]
        parts = [whole[i:i + MOST_SERIES] for i in range(0, len(whole), MOST_SERIES)]
        return [(rel, part) for part in parts]
    by_name = {}
    for rec in sorted(recs, key=lambda r: S.relation_rank(r.get("relation"))):
        by_name.setdefault(name[id(rec)], []).append(rec)
    return [(label, [(S.relation_name(r.get("relation")),
                      S.relation_rank(r.get("relation")) + 1, r) for r in part])
            for label, part in by_name.items()]


def styled(lines):
    """Contradicted records have a colour of their own, whatever they are."""
    return " ".join(str(style + 10 * (S.verdict(r) == "contradicted")) for _, style, r in lines)


def legend(label, rec):
    kind = S.batch_of(rec)
    word = "" if S.is_yardstick(rec) else f", {verdict_word(rec)}"
    return (f"{label}: p50 {S.with_unit(rec['latency_ns_p50'])}, "
            + (f"means of {kind}" if kind else f"p99 {S.with_unit(rec.get('latency_ns_p99'))}")
            + f", n {S.number(rec['samples_n'])}{word}")


def buckets(rec):
    return [b for b in (rec.get("histogram") or {}).get("bucket", []) if b[2]]


def max_p50(records):
    return max(r["latency_ns_p50"] for r in records)


def cdf_axis(records):
    """The limits all records of a panel share, in every file."""
    rows = [b for r in records for b in (buckets(r)[:1] + buckets(r)[-1:])]
    low, high = min(b[0] for b in rows), max(b[1] for b in rows)
    log = low > 0 and high / low >= LOG_FROM
    # The unit is that of the medians, not of the one slowest sample.
    unit = S.unit_for(min(high, 100 * max_p50(records)) if log else high)
    low, high = low / unit.ns, high / unit.ns
    if log:
        low, high = low / 1.1, high * 1.1
    else:
        pad = (high - low) * 0.03 or abs(high) * 0.1 or 1
        low, high = low - pad, high + pad
    most = max(sum(b[2] for b in buckets(r)) for r in records)
    return {"unit": unit.name, "xmin": low, "xmax": high, "logx": log,
            "xticks": log_ticks(low, high) if log else "",
            "ymin": 10.0 ** math.floor(math.log10(0.8 / most))}, unit


def cdf_rows(rec, unit):
    """(steps of the share at most x, steps of the share at least x)."""
    rows = buckets(rec)
    total = sum(b[2] for b in rows)
    left, right, below = [f"{rows[0][0] / unit.ns:.9g} 0"], [], 0
    for low, high, count in rows:
        right.append(f"{low / unit.ns:.9g} {(total - below) / total:.9g}")
        below += count
        left.append(f"{high / unit.ns:.9g} {below / total:.9g}")
    right.append(f"{rows[-1][1] / unit.ns:.9g} {rows[-1][2] / total:.9g}")
    return left, right


def cdf_marks(rec, unit):
    """Where p50 and p99 lie: at the shares they name."""
    out = ["0 0 0 0"]  # an index without rows would not count as one
    for share, key in ((50, "latency_ns_p50"), (99, "latency_ns_p99")):
        if rec.get(key) is not None and not (share == 99 and S.batch_of(rec)):
            out.append(f"{rec[key] / unit.ns:.9g} {share / 100} {1 - share / 100:.2g} {share}")
    return out


def cdf_figures(result, every, prefix):
    records = [r for r in S.measured(result) if buckets(r)]
    name = S.names(records)
    out = []
    for panel, recs in S.panels(records).items():
        axis, unit = cdf_axis([r for r in every if S.panel_of(r) == panel and buckets(r)])
        for subtitle, lines in groups(recs, name):
            data, marks = [], []
            for label, _, rec in lines:
                left, right = cdf_rows(rec, unit)
                data += [cell(legend(label, rec)), *left, "\n", *right, "\n"]
                marks += cdf_marks(rec, unit) + ["\n"]
            key_px = KEY_LINE_PX * len(lines) + 6
            settings = dict(axis, width=WIDTH, height=360 + key_px, key_px=key_px,
                            nseries=len(lines), styles=styled(lines))
            out.append(Figure(f"{prefix}cdf-{len(out) + 1}", "cdf.gp",
                              f"{S.panel_title(panel)}. {subtitle}",
                              "\n".join(data + marks), settings,
                              [r for _, _, r in lines],
                              "Left: share of samples at most so long. Right: share at least so "
                              "long, down to the single slowest. Circle: p50; diamond: p99."))
    return out


def mark_text(block):
    return "; ".join(str(m) for m in block.get("marks") or [])


def time_rows(rec, unit, label, reasons):
    """(blocks, marked blocks); what a mark says goes to reasons, its number to
    the plot: a sentence a block would cover the plot."""
    plain, marked = [], ['NaN NaN ""']  # an index without rows would not count as one
    for block in rec["blocks"]:
        if block.get("p50_ns") is None:
            continue
        p50 = block["p50_ns"] / unit.ns
        p99 = block.get("p99_ns")
        plain.append(f"{block['t_s']:.6g} {p50:.9g} "
                     + ("NaN" if p99 is None else f"{p99 / unit.ns:.9g}"))
        if block.get("marks"):
            reasons.append(f"{label} at {block['t_s']:.3g} s: {mark_text(block)}")
            marked.append(f"{block['t_s']:.6g} {p50:.9g} {cell(len(reasons))}")
    return plain, marked


def marks_text(reasons):
    return "".join(f"({i}) {reason}. " for i, reason in enumerate(reasons, 1))


def has_blocks(rec):
    return any(b.get("p50_ns") is not None for b in rec.get("blocks") or [])


def time_axis(records):
    values = [b[k] for r in records for b in r["blocks"] for k in ("p50_ns", "p99_ns")
              if b.get(k) is not None]
    low, high = min(values), max(values)
    log = low > 0 and high / low >= LOG_FROM
    unit = S.unit_for(min(high, 100 * max_p50(records)) if log else high)
    low, high = low / unit.ns, high / unit.ns
    return {"unit": unit.name, "logy": log, "ymin": low / 1.3 if log else min(0, low * 1.1),
            "ymax": high * 1.5 if log else high * 1.15 or 1}, unit


def timeline_figures(result, every, prefix):
    records = [r for r in S.measured(result) if has_blocks(r)]
    name = S.names(records)
    out = []
    for panel, recs in S.panels(records).items():
        axis, unit = time_axis([r for r in every if S.panel_of(r) == panel and has_blocks(r)])
        for subtitle, lines in groups(recs, name):
            data, reasons = [], []
            for label, _, rec in lines:
                plain, marked = time_rows(rec, unit, label, reasons)
                data += [cell(time_legend(label, rec)), *plain, "\n", *marked, "\n"]
            key_px = KEY_LINE_PX * len(lines) + 6
            settings = dict(axis, width=WIDTH, height=270 + key_px, key_px=key_px,
                            nseries=len(lines), styles=styled(lines))
            out.append(Figure(f"{prefix}time-{len(out) + 1}", "timeline.gp",
                              f"{S.panel_title(panel)}. {subtitle}", "\n".join(data) + "\n",
                              settings, [r for _, _, r in lines],
                              "Line: p50 of each block; plus: its p99. Ringed: a marked block, "
                              "kept; its number leads to the reason.", marks_text(reasons)))
    return out


def time_legend(label, rec):
    marked = sum(1 for b in rec["blocks"] if b.get("marks"))
    word = "" if S.is_yardstick(rec) else f", {verdict_word(rec)}"
    without = rec.get("p50_ns_without_marked")
    steady = {True: ", steady", False: ", NEVER STEADY"}.get(rec.get("steady"), "")
    said = f", {marked} of {len(rec['blocks'])} blocks marked" if marked else ""
    if without is not None:
        said += f" (p50 {S.with_unit(rec['latency_ns_p50'])}, without them {S.with_unit(without)})"
    return f"{label}{steady}{said}{word}"
