# SPDX-License-Identifier: GPL-2.0-only
"""Plots of families: a dot for each series, or a line for each over sizes."""
import math

from . import answers, claims
from . import families as F
from . import figures as G
from . import series as S
from .gnuplot import cell

LINES_FROM = 4
LOG_FROM = 8
ROW_PX = 20
TEXT_PX = 410
FONT_PX = 6.6
LABEL_GAP_PX = 15
LINE_TOP_PX, LINE_BOTTOM_PX, LINE_PLOT_PX = 34, 54, 330
AXES = {"senders_n": "senders", "targets_n": "targets", "burst": "messages in a burst",
        "inflight": "messages in flight of each sender",
        "depth": "queue nodes of each sender (depth)"}
NOTE = ("Dot: the median of the blocks' medians, in which each block counts once; whisker: "
        "nine in ten of them. Filled: attested "
        "or nothing to attest; hollow: unattested; vermillion: contradicted. An arrow: the whisker "
        "leaves the axis. ")
DOTS_NOTE = NOTE + ("Grey diamond: somebody else's queue. Dashed: the floors. To the fastest: the median ratio of blocks that are "
                    "neighbours in time; 'tied': its interval holds 1; '?': too few blocks; "
                    "'-': not compared.")
LINES_NOTE = NOTE + ("Open square: oversubscribed, so that the scheduler is in it. Grey, dotted: "
                     "the floors.")


def answer_figures(result, prefix):
    out = []
    for fam in F.families(result):
        draw = lines if fam.x and len(F.sizes(fam)) >= LINES_FROM else dots
        fig = draw(f"{prefix}answers-{len(out) + 1}", fam, result)
        out.append(fig._replace(answer=answers.answers(fam, result)))
    return out


def title(fam):
    name = S.METRIC_NAMES.get(fam.metric, fam.metric)
    by = f" by {AXES[fam.x]}" if fam.x else ""
    return f"{fam.shape}. {name}{by}: {F.common_key(F.records_of(fam))}"


def drawn(fam):
    return F.records_of(fam) + [r for recs in fam.floors.values() for r in recs.values()]


def text_of(rec):
    """The whisker in words."""
    low, high = (S.with_unit(v) for v in claims.spread(rec))
    return low if low == high else f"{low} to {high}"


def reach(fam):
    """(least, most) that an axis has to hold, in ns: every median, and the
    whiskers that would not shrink the rest to nothing."""
    medians = [claims.middle(r) for r in drawn(fam)]
    least, most = min(medians), max(medians)
    ends = [v for r in drawn(fam) for v in claims.spread(r) if least / 2 <= v <= most * 2]
    return min([least, *ends]), max([most, *ends]) or 1


def scattered(fam):
    """How many times the least of the medians the greatest is, floors aside."""
    medians = [claims.middle(r) for r in F.records_of(fam)]
    return max(medians) / min(medians) if min(medians) > 0 else 1


def whisker(rec, unit, least, end):
    """Its ends within the axis, and whether the upper one leaves it."""
    low, high = (v / unit.ns for v in claims.spread(rec))
    return f"{max(low, least):.9g} {min(high, end):.9g} {int(high > end)}"


# Dots

def dot_kind(rec, is_floor):
    if is_floor and S.verdict(rec) != "contradicted":
        return 0
    if F.is_external(rec):
        return 5
    return {"contradicted": 3, "unattested": 2}.get(S.verdict(rec), 1)


def standing(fam, x, tick_ns):
    """{name: how it compares with the fastest}."""
    found = answers.able(fam, x)
    if len(found) < 2:
        return {}
    (best, rec), alpha = found[0], claims.among(len(found))
    out = {best: "fastest"}
    for name, other in found[1:]:
        claim = claims.compare(rec, other, alpha, tick_ns)
        out[name] = {"few": "?", "more": f"{answers.ratio(claim.ratio or 0)} x"}.get(claim.kind, "tied")
    if "tied" in out.values() or "?" in out.values():
        out[best] = "least"
    return out


def dot_axis(fam):
    """(unit, least, end, step, whether logarithmic)."""
    least, most = reach(fam)
    unit = S.unit_for(most)
    if least > 0 and scattered(fam) >= LOG_FROM:
        return unit, least / unit.ns / 1.3, most / unit.ns * 1.3, 0, True
    step = G.nice_step(most * 1.04 / unit.ns)
    return unit, 0, math.ceil(most * 1.04 / unit.ns / step) * step, step, False


def dot_row(y, name, rec, kind, axis, said):
    unit, least, end = axis[:3]
    return " ".join((f"{y:.1f}", cell(name), f"{claims.middle(rec) / unit.ns:.9g}",
                     whisker(rec, unit, least, end), str(kind),
                     cell(S.with_unit(claims.middle(rec))), cell(text_of(rec)),
                     cell(said), cell(G.verdict_word(rec) if kind else "floor")))


def dot_head(fam, x):
    return answers.where(fam, x).rstrip(":") if fam.x else \
        S.relation_name(F.records_of(fam)[0].get("relation"))


def dot_rows(fam, axis, tick_ns):
    """(rows, floors' segments, number of rows)."""
    rows, segments, y = [], [], 0
    for x in F.sizes(fam):
        place = standing(fam, x, tick_ns)
        rows.append(f'{y + .5:.1f} {cell(dot_head(fam, x))} NaN NaN NaN 0 4 "" "" "" ""')
        top, y = y + 1, y + 1
        here = [(n, r[x], True) for n, r in fam.floors.items() if x in r]
        here += sorted(((n, r[x], False) for n, r in fam.series.items() if x in r),
                       key=lambda item: claims.middle(item[1]))
        for name, rec, is_floor in here:
            rows.append(dot_row(y + .5, G.shortened(name), rec, dot_kind(rec, is_floor), axis,
                                "" if is_floor else place.get(name, "-")))
            y += 1
        segments += [f"{claims.middle(r) / axis[0].ns:.9g} {top} {y - top}"
                     for _, r, is_floor in here if is_floor]
    return rows, segments or ["NaN NaN NaN"], y


def dots(name, fam, result):
    tick = ((result.get("context") or {}).get("clock") or {}).get("tick_ns") or 0.0
    axis = unit, least, end, step, log = dot_axis(fam)
    rows, segments, count = dot_rows(fam, axis, tick)
    names = [G.shortened(n) for n in (*fam.series, *fam.floors)]
    longest = max(map(len, names + [dot_head(fam, x) for x in F.sizes(fam)]))
    label_px = min(440, max(90, longest * FONT_PX + 14))
    settings = {"width": G.WIDTH, "height": 88 + ROW_PX * count, "unit": unit.name,
                "nrow": count, "xmin": least, "xmax": end, "xstep": step, "logx": log,
                "xticks": G.log_ticks(least, end) if log else "", "label_px": label_px,
                "bar_px": G.WIDTH - label_px - TEXT_PX, "text_px": TEXT_PX}
    return G.Figure(name, "dots.gp", title(fam), "\n".join(rows + ["\n", *segments]) + "\n",
                    settings, drawn(fam), DOTS_NOTE)


# Lines

def line_axis(fam):
    """(unit, least, end, whether logarithmic)."""
    least, most = reach(fam)
    unit = S.unit_for(most)
    if least > 0 and most / least >= LOG_FROM:
        return unit, least / unit.ns / 1.25, most / unit.ns * 1.25, True
    return unit, 0, most / unit.ns * 1.1, False


def line_rows(recs, axis, shift, is_floor):
    """One line: size, median, whisker and whether it is cut, kind of point."""
    unit, least, end = axis[:3]
    return [f"{x * 2 ** shift:.6g} {claims.middle(r) / unit.ns:.9g} "
            f"{whisker(r, unit, least, end)} {point_kind(r, is_floor)}"
            for x, r in sorted(recs.items())]


def point_kind(rec, is_floor):
    """0 floor 1 attested 2 unattested 3 contradicted 4 oversubscribed."""
    kind = dot_kind(rec, is_floor)
    kind = 1 if kind == 5 else kind
    return 4 if kind == 1 and rec.get("crowded") else kind


def line_label(name, recs, _is_floor):
    """Its name, its last median, and whatever is wrong anywhere on it."""
    text = f"{G.shortened(name)} {S.with_unit(claims.middle(recs[max(recs)]))}"
    for verdict, said in (("contradicted", "CONTRADICTED"), ("unattested", "unattested")):
        at = [x for x, r in sorted(recs.items()) if S.verdict(r) == verdict]
        if at:
            text += f", {said}" + (f" at {', '.join(map(str, at))}" if len(at) < len(recs) else "")
    return text


def spread_apart(places, gap, low, high):
    """The places, moved as little as needed to be a gap apart, in their order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = list(places)
    for before, i in zip([None] + order, order):
        floor = low if before is None else out[before] + gap
        out[i] = max(out[i], floor)
    over = high
    for i in reversed(order):
        out[i] = min(out[i], over)
        over = out[i] - gap
    return out


def lines(name, fam, _result):
    axis = unit, ymin, ymax, log = line_axis(fam)
    several = [(n, r, False) for n, r in fam.series.items()] + \
        [(n, r, True) for n, r in fam.floors.items()]
    count = len(several)
    plot_px = max(LINE_PLOT_PX, (LABEL_GAP_PX + 2) * count)
    height = plot_px + LINE_TOP_PX + LINE_BOTTOM_PX
    data, ends = [], []
    for i, (_, recs, is_floor) in enumerate(several):
        # Whiskers of one size stand beside each other.
        shift = 0 if is_floor else (i - (count - 1) / 2) * 0.24 / max(count, 2)
        data += [*line_rows(recs, axis, shift, is_floor), "\n"]
        value = claims.middle(recs[max(recs)]) / unit.ns
        part = math.log(value / ymin) / math.log(ymax / ymin) if log else value / ymax
        ends.append((max(recs) * 2 ** shift, value, LINE_BOTTOM_PX + part * plot_px))
    texts = [line_label(*line) for line in several]
    at = spread_apart([e[2] for e in ends], LABEL_GAP_PX, LINE_BOTTOM_PX + 4, height - LINE_TOP_PX)
    every = F.sizes(fam)
    settings = {"width": G.WIDTH, "height": height, "unit": unit.name, "nline": count,
                "styles": words(line_style(i, *line) for i, line in enumerate(several)),
                "xlabel": AXES[fam.x], "logy": log, "xmin": min(every) / 1.25,
                "xmax": max(every) * 1.25, "ymin": ymin, "ymax": ymax, "xticks": words(every),
                "yticks": G.log_ticks(ymin, ymax) if log else "", "texts": words(map(cell, texts)),
                "top_px": LINE_TOP_PX, "bottom_px": LINE_BOTTOM_PX,
                "places": words(f"{p / height:.5f}" for p in at),
                "endx": words(f"{x:.6g}" for x, _, _ in ends),
                "endy": words(f"{y:.9g}" for _, y, _ in ends),
                "label_px": min(430, max(map(len, texts)) * FONT_PX + 36)}
    return G.Figure(name, "lines.gp", title(fam), "\n".join(data) + "\n", settings, drawn(fam),
                    LINES_NOTE)


def words(values):
    return " ".join(map(str, values))


def line_style(i, _name, recs, is_floor):
    """Of styles 1 to 8 the 7th is that of floors; 10 more: all contradicted."""
    bad = all(S.verdict(r) == "contradicted" for r in recs.values())
    return 7 + 10 * bad if is_floor else (1, 2, 3, 4, 5, 6, 8)[i % 7] + 10 * bad
