# SPDX-License-Identifier: GPL-2.0-only
"""Where an interrupt's time goes: the stages of traced records, stacked."""
import math

from . import figures as F
from . import series as S
from .gnuplot import cell

# In the order of the path; the module's own stages of its messages are
# another way through the same time, and so in a figure of their own.
PATHS = (("", ("queue", "flight", "handler", "dispatch", "function", "exit")),
         ("in ipi.ko", ("ko-post", "ko-flight", "ko-dequeue", "ko-handler")))
# The handler as a whole, where its parts are not seen.
PARTS = ("dispatch", "function", "exit")
LONG = ("flight", "ko-flight")
# The whole call as its sender sees it: no part of the way, but its measure.
COMPLETE = "complete"

# Records that a caption names.
SAID_MOST = 8
LABEL_PX, WHOLE_PX, REST_PX, GAP_PX, CELL_PX = 230, 290, 190, 44, 66
HEAD_PX, FOOT_PX, ROW_PX, BAR_PX, FLOOR_PX = 88, 40, 36, 14, 6


def seen(stage):
    return stage is not None and stage.get("p50_ns") is not None


def stages_of(rec, path):
    """{name: stage} of a record, those of the path that were seen."""
    said = (rec.get("trace") or {}).get("stages") or []
    found = {s["name"]: s for s in said if s["name"] in path and seen(s)}
    if any(name in found for name in PARTS):
        found.pop("handler", None)
    return found


def complete_of(rec, path):
    """The stage, where it was seen, for the path that it measures."""
    said = (rec.get("trace") or {}).get("stages") or []
    return next((s for s in said if s["name"] == COMPLETE and seen(s)
                 and "flight" in path), None)


def longest(rec, path):
    complete = complete_of(rec, path)
    return max(total(stages_of(rec, path)), complete["p50_ns"] if complete else 0)


def total(stages, without=()):
    return sum(s["p50_ns"] for name, s in stages.items() if name not in without)


# In the order of their indices in the data.
KINDS = ("box", "blank", "floor", "line", "left", "right", "dim", "faint", "bad", "mark")
NOWHERE = {"box": "-9 -9 -9 -9 -9 -9 1", "blank": "-9 -9 -9 -9 -9 -9 1",
           "floor": "-9 -9 -9 -9 -9 -9 0", "line": "-9 -9 0 0", "mark": "-9 -9 0 0"}


class Drawing:
    """Everything in pixels from the left and from the top: what is beside what
    stays so."""

    def __init__(self):
        self.parts = {key: [] for key in KINDS}

    def box(self, kind, x, end, y, height, colour):
        self.parts[kind].append(f"{x:.2f} {y:.2f} {x:.2f} {max(end, x + .5):.2f} {y:.2f} "
                                f"{y + height:.2f} {colour}")

    def line(self, x, y, dx, dy, kind="line"):
        self.parts[kind].append(f"{x:.2f} {y:.2f} {dx:.2f} {dy:.2f}")

    def text(self, kind, x, y, said):
        self.parts[kind].append(f"{x:.2f} {y:.2f} {cell(said)}")

    def data(self):
        # An index without rows would not count as one.
        return "\n\n\n".join("\n".join([NOWHERE.get(kind, '-99 -9 ""')] + rows)
                             for kind, rows in self.parts.items()) + "\n"


class Axis:
    """A place for bars that begin at 0."""

    def __init__(self, left, width, longest, head):
        self.left, self.width, self.head = left, width, head
        self.unit = S.unit_for(longest)
        self.step = F.nice_step(longest / self.unit.ns, 3)
        self.end = max(1, math.ceil(longest * 1.02 / self.unit.ns / self.step)) * self.step

    def at(self, ns):
        return self.left + self.width * ns / self.unit.ns / self.end

    def draw(self, to, bottom):
        to.text("left", self.left, HEAD_PX - 10, self.head)
        to.line(self.left, HEAD_PX - 2, 0, bottom - HEAD_PX + 2)
        for i in range(round(self.end / self.step) + 1):
            x = self.at(i * self.step * self.unit.ns)
            to.line(x, bottom, 0, 4)
            to.text("dim", x, bottom + 13, S.number(i * self.step))
        to.text("dim", self.left + self.width / 2, bottom + 29, self.unit.name)


def bar(to, axis, stages, path, y, without=()):
    at = 0
    for name in path:
        if name not in stages or name in without:
            continue
        stage = stages[name]
        to.box("box", axis.at(at), axis.at(at + stage["p50_ns"]), y, BAR_PX, path.index(name) + 1)
        if stage.get("floor_ns"):
            to.box("floor", axis.at(at), axis.at(at + min(stage["floor_ns"], stage["p50_ns"])) - 1,
                   y + BAR_PX + 2, FLOOR_PX, 0)
        at += stage["p50_ns"]


def numbers(to, left, rec, path, heads, y):
    """Medians, and below each what the probes cost in it."""
    stages, complete = stages_of(rec, path), complete_of(rec, path)
    value = {name: (s["p50_ns"], s.get("floor_ns")) for name, s in stages.items()}
    value["sum"] = (total(stages), None)
    if complete:
        value[COMPLETE] = (complete["p50_ns"], complete.get("floor_ns"))
    if rec["metric"] == "rtt":
        value["rtt"] = (rec["latency_ns_p50"], None)
    for i, head in enumerate(heads, 1):
        median, floor = value.get(head, (None, None))
        if median is not None:
            to.text("right", left + i * CELL_PX, y + 6, S.with_unit(median))
        if floor is not None:
            to.text("faint", left + i * CELL_PX, y + 20, S.number(floor))


def key(to, path, names, hidden):
    """What each colour is; an empty frame: it is not to be seen."""
    x = 8
    for name in [n for n in path + (COMPLETE,) if n in names or n in hidden]:
        kind = "box" if name in names else "blank"
        to.box(kind, x, x + 12, 34, 12, (path + (COMPLETE,)).index(name) + 1)
        said = name if name in names else name + " (not seen)"
        to.text("left", x + 18, 40, said)
        x += 36 + F.LABEL_CHAR_PX * len(said)
    to.box("floor", x, x + 12, 37, FLOOR_PX, 0)
    to.text("left", x + 18, 40, "the probes' own part")


def hidden_of(records, path, names):
    """{name: why} of stages that no record has."""
    path = path + ((COMPLETE,) if "flight" in path else ())
    out = {}
    for rec in records:
        for stage in rec["trace"]["stages"]:
            name = stage["name"]
            whole = name == "handler" and any(part in names for part in PARTS)
            if name in path and name not in names and not whole and not seen(stage):
                out[name] = stage.get("why") or "none came"
    return out


def label(rec, name):
    return F.shortened(f"{name}: {rec['metric']}")


def layout(records, name):
    """[(relation or None, record or None)]: a head above each relation."""
    rows = []
    for rel in S.relations(records):
        rows.append((rel, None))
        rows += [(rel, r) for r in records if r.get("relation") == rel]
    return rows


def drawn(records, every, path, name, names, hidden):
    to, rows = Drawing(), layout(records, name)
    bottom = HEAD_PX + ROW_PX * sum(r is not None for _, r in rows) + 22 * sum(
        r is None for _, r in rows)
    axes = [(Axis(LABEL_PX, WHOLE_PX, max(longest(r, path) for r in every), "the whole way"),
             ())]
    short = max(total(stages_of(r, path), LONG) for r in every)
    if short and any(n in LONG for n in names):
        axes.append((Axis(LABEL_PX + WHOLE_PX + GAP_PX, REST_PX, short, "without the flight"),
                     LONG))
    left = axes[-1][0].left + axes[-1][0].width + 8
    heads = list(names) + ["sum"]
    heads += [COMPLETE] if any(complete_of(r, path) for r in records) else []
    heads += ["rtt"] if any(r["metric"] == "rtt" for r in records) else []
    for i, head in enumerate(heads, 1):
        to.text("right", left + i * CELL_PX, HEAD_PX - 10, head.replace("ko-", ""))
    key(to, path, names, hidden)
    for axis, _ in axes:
        axis.draw(to, bottom)
    y = HEAD_PX
    for rel, rec in rows:
        if rec is None:
            to.text("left", 8, y + 11, S.relation_name(rel))
            y += 22
            continue
        kind = "bad" if (rec["trace"].get("verdict") == "contradicted"
                         or S.verdict(rec) == "contradicted") else "right"
        to.text(kind, LABEL_PX - 8, y + 10, label(rec, name[id(rec)]))
        stages = stages_of(rec, path)
        for axis, without in axes:
            bar(to, axis, stages, path, y + 3, without)
        complete = complete_of(rec, path)
        if complete:
            to.line(axes[0][0].at(complete["p50_ns"]), y, 0, BAR_PX + 8, "mark")
        numbers(to, left, rec, path, heads, y + 3)
        y += ROW_PX
    return to.data(), {"width": round(left + len(heads) * CELL_PX + 14),
                       "height": bottom + FOOT_PX}


NOTE = ("Coloured: the median of each stage, one after the other; on the right the same without "
        "the flight, on an axis of its own. Grey below a stage, and the second line of numbers "
        "(ns): what the probes themselves cost in it, drawn as long as the stage at most; a stage "
        "that is not much longer is mostly probe. Where the sender's whole call was seen, "
        "complete, a line says where it ended. A sum of medians is about the median of the sum, "
        "no more. All of these are of traced interrupts, which take longer than others; those "
        "that others sent to the same CPUs in the same blocks are among them. ")


def beside(rec, path, name):
    """What the stages are of the round trip, or how much more."""
    whole, stages = rec["latency_ns_p50"], total(stages_of(rec, path))
    said = (f"{name[id(rec)]}, {S.relation_name(rec.get('relation'))}: of a round trip of "
            f"{S.with_unit(whole)} the stages are {S.with_unit(stages)}")
    if stages > whole:
        said += ", more than all of it: the handler goes on when the sender has its answer"
    return said


def not_covered(records, path, name):
    """What the round trip has beyond its stages."""
    whole = [r for r in records if r["metric"] == "rtt"]
    if not whole:
        return ""
    said = [beside(r, path, name) for r in whole[:SAID_MOST]]
    if len(whole) > SAID_MOST:
        said.append(f"of the other {len(whole) - SAID_MOST} both stand beside their bars")
    return ("Not covered are the sender's way into the kernel, what it does after the last "
            "target has answered, and the way back: " + "; ".join(said) + ". ")


def denied(records, name):
    """What the second witness says against them."""
    said = {f"{name[id(r)]}: {r['trace'].get('why') or 'no reason given'}": None
            for r in records if r["trace"].get("verdict") == "contradicted"}
    return f"CONTRADICTED by the probes: {'; '.join(said)}. " if said else ""


def stage_figures(result, every, prefix):
    """Records of the same series on one axis, a figure for each path."""
    name = S.names(S.measured(result))
    out = []
    for what, path in PATHS:
        sides = {}
        for rec in S.measured(result):
            if stages_of(rec, path):
                sides.setdefault(S.side_of(rec), []).append(rec)
        for side, records in sides.items():
            same = [r for r in every if stages_of(r, path) and S.side_of(r) == side]
            names = [n for n in path if any(n in stages_of(r, path) for r in records)]
            hidden = hidden_of(records, path, names)
            data, settings = drawn(records, same, path, name, names, hidden)
            blank = "".join(f"Not seen: {n} ({why}). " for n, why in hidden.items())
            out.append(F.Figure(
                f"{prefix}stages-{len(out) + 1}", "stages.gp",
                ": ".join(filter(None, ("Where the time goes", what, S.panel_subject(side)))),
                data, settings, records, NOTE,
                denied(records, name) + blank + not_covered(records, path, name)))
    return out
