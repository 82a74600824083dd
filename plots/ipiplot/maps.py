# SPDX-License-Identifier: GPL-2.0-only
"""Who tells whom: pairs and targets, in the order of the topology."""
import math

from . import series as S
from .figures import LOG_FROM, WIDTH, Figure, log_ticks, verdict_word
from .gnuplot import cell

NUMBERS_UP_TO = 16
NAMES_UP_TO = 40
NODE_CHAR_PX = 8.5
# Fewer measured pairs than this share, of many CPUs: marks, not an image.
IMAGE_FROM = 0.25


class Order:
    """Places of CPUs on an axis, and where one node or socket ends."""

    def __init__(self, result):
        self.cpus = (result.get("topology") or {}).get("cpus") or []
        self.place = {c["cpu"]: i for i, c in enumerate(self.cpus)}
        self.names = len(self.cpus) <= NAMES_UP_TO

    def edges(self):
        """[(place, 1 node or 2 socket)] between neighbours that differ."""
        out = []
        for i in range(1, len(self.cpus)):
            a, b = self.cpus[i - 1], self.cpus[i]
            if a.get("socket") != b.get("socket"):
                out.append((i - .5, 2))
            elif a.get("node") != b.get("node"):
                out.append((i - .5, 1))
        return out

    def ticks(self):
        return [f"{i} {cell(c['cpu'])}" for i, c in enumerate(self.cpus)]

    def node_middles(self):
        """[(place, name)] of each node."""
        spans = {}
        for i, c in enumerate(self.cpus):
            spans.setdefault((c.get("socket"), c.get("node")), []).append(i)
        return [((at[0] + at[-1]) / 2, self.node_name(*key)) for key, at in spans.items()]

    def node_ticks(self):
        return [f"{at} {cell(name)}" for at, name in self.node_middles()]

    def node_name(self, socket, node):
        """The socket too where it has other nodes than this, and is not the only one."""
        nodes = len({(c.get("socket"), c.get("node")) for c in self.cpus})
        tells = 1 < len({c.get("socket") for c in self.cpus}) < nodes
        return " ".join([f"S{socket}"] * (socket is not None and (tells or node is None))
                        + [f"N{node}"] * (node is not None))

    def squares(self):
        """Boundaries of a matrix as rows of x, y, dx, dy, rank."""
        n = len(self.cpus)
        out = ["-1 -1 0 0 0"]
        for at, rank in sorted(self.edges(), key=lambda e: e[1]):
            out += [f"{at} -.5 0 {n} {rank}", f"-.5 {at} {n} 0 {rank}"]
        return out


def pair_cells(recs, order):
    """{(row, column): (p50 ns, n)}; of a pair measured twice, the larger n."""
    out, twice = {}, 0
    for rec in recs:
        cols = rec["pairs"]
        counts = cols.get("n") or [0] * len(cols["source"])
        for src, dst, p50, n in zip(cols["source"], cols["target"], cols["p50_ns"], counts):
            if p50 is None or src not in order.place or dst not in order.place:
                continue
            at = order.place[src], order.place[dst]
            twice += at in out
            if at not in out or (n or 0) > out[at][1]:
                out[at] = p50, n or 0
    return out, twice


def mapped(result):
    """[(panel, name, records)] whose pairs make a map: one other CPU, round
    trip or one way."""
    records = [r for r in S.measured(result) if r.get("pairs")
               and r["pairs"]["source"] != r["pairs"]["target"]]
    name = S.names(records)
    out = []
    for panel, recs in S.panels(records).items():
        if panel.multi or panel.metric not in ("rtt", "one_way"):
            continue
        by_name = {}
        for rec in recs:
            # Class and row of one series are numbered apart, their pairs are not.
            by_name.setdefault(name[id(rec)].split(" #")[0], []).append(rec)
        out += [(panel, label, part) for label, part in by_name.items()]
    return out


def scales(results):
    """{panel: (unit, smallest, largest)}: one colour scale for like things."""
    ends = {}
    for result in results:
        for panel, _, recs in mapped(result):
            values = [v for r in recs for v in r["pairs"]["p50_ns"] if v is not None]
            if values:
                old = ends.get(panel, (values[0], values[0]))
                ends[panel] = min([old[0]] + values), max([old[1]] + values)
    return {panel: (S.unit_for(high), low, high) for panel, (low, high) in ends.items()}


def heat_figures(result, results, prefix):
    order = Order(result)
    out = []
    scale = scales(results)
    for panel, label, recs in mapped(result):
        cells, twice = pair_cells(recs, order)
        # One pair is no map: its bar says it all.
        if len(order.cpus) < 2 or len(cells) < 2:
            continue
        word = sorted({verdict_word(r) for r in recs})
        title = S.panel_title(panel), f"{label} ({', '.join(word)})"
        unit, low, high = scale[panel]
        out.append(heatmap(f"{prefix}pairs-{len(out) + 1}", title, order, cells, unit,
                           (low / unit.ns, high / unit.ns), recs, twice))
        out += whole_rows(f"{prefix}row-{len(out) + 1}", title, order, cells, unit,
                          (low / unit.ns, high / unit.ns), recs)
    return out


def on_dark(value, low, high, log):
    """Whether the map's colour for a value asks for light digits."""
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return int((value - low) / (high - low) < .6)


def limits(ends):
    """(smallest, largest, log). The scale spans a factor of 1.5 at least: a
    few per cent should not look like night and day."""
    low, high = ends
    if low <= 0:
        return low, max(high, low + 1), False
    if high / low < 1.5:
        middle = math.sqrt(low * high)
        low, high = middle / math.sqrt(1.5), middle * math.sqrt(1.5)
    return low, high, low > 0 and high / low >= LOG_FROM / 2


def heatmap(name, title, order, cells, unit, ends, recs, twice):
    n = len(order.cpus)
    low, high, log = limits(ends)
    image = n <= NAMES_UP_TO or len(cells) >= IMAGE_FROM * n * n
    if image:
        rows = [["NaN"] * n for _ in range(n)]
        for (y, x), (p50, _) in cells.items():
            rows[y][x] = f"{p50 / unit.ns:.6g}"
        body = [" ".join(row) for row in rows]
    else:
        body = [f"{x} {y} {p50 / unit.ns:.6g}" for (y, x), (p50, _) in cells.items()]
    text = ['-9 -9 "" 0']
    if n <= NUMBERS_UP_TO:
        text += [f"{x} {y} {cell(S.number(p50, unit))} {on_dark(p50 / unit.ns, low, high, log)}"
                 for (y, x), (p50, _) in cells.items()]
    data = []
    for part in (body, order.squares(), order.ticks(), order.node_ticks(), text):
        data += part + ["\n"]
    side = min(680, max(200, n * (44 if n <= NUMBERS_UP_TO else 20)))
    nodes = order.node_middles() if order.names and order.edges() else []
    room = side / n * (nodes[1][0] - nodes[0][0]) if nodes else 0
    turned = any(len(name) * NODE_CHAR_PX > room for _, name in nodes)
    top, left = (92 if turned else 72, 128) if nodes else (52, 96)
    wide = max(left + side + 110, round(max(map(len, title)) * 6.6) + 16)
    settings = {"width": wide, "height": side + top + 62, "title2": title[1],
                "nodes": " ".join(cell(name) for _, name in nodes),
                "places": " ".join(str(at) for at, _ in nodes), "turned": turned,
                "top_px": top, "left_px": left,
                "unit": unit.name, "ncpu": n,
                "mode": "image" if image else "marks", "cmin": low, "cmax": high, "logc": log,
                "cbticks": log_ticks(low, high) if log else "",
                "names": order.names, "side_px": side}
    note = (f"{len(cells)} of {n * n} ordered pairs; blank: not measured. CPUs by socket (S), "
            "node (N), LLC, core, SMT; thin lines part nodes, thick ones sockets.")
    if not image:
        note += " Marks are larger than one pair's cell."
    if twice:
        note += f" {twice} pairs were measured twice: the one with more samples is shown."
    return Figure(name, "heatmap.gp", title[0], "\n".join(data), settings, recs, note)


def row_figure(name, title, order, values, settings, recs, note):
    """values: {place: number}. One mark for each CPU, ordered."""
    body = [f"{at} {value:.6g}" for at, value in sorted(values.items())]
    edges = [f"{at} {rank}" for at, rank in order.edges()] or ["-9 0"]
    data = []
    for part in (body, edges, order.ticks(), order.node_ticks()):
        data += part + ["\n"]
    base = {"width": WIDTH, "height": 300, "ncpu": len(order.cpus), "names": order.names}
    return Figure(name, "row.gp", title, "\n".join(data), dict(base, **settings), recs, note)


def whole_rows(name, title, order, cells, unit, ends, recs):
    """The one source that was measured with everybody, when it stands alone."""
    n = len(order.cpus)
    if order.names or len(cells) >= IMAGE_FROM * n * n:
        return []
    count = {}
    for source, _ in cells:
        count[source] = count.get(source, 0) + 1
    best = max(count, key=count.get)
    if count[best] < n // 2:
        return []
    values = {x: p50 / unit.ns for (y, x), (p50, _) in cells.items() if y == best}
    low, high, log = limits(ends)
    settings = {"ylabel": f"p50, {unit.name}", "ymin": low / 1.1 if log else 0,
                "ymax": high * 1.1, "logy": log, "impulses": False}
    source = order.cpus[best]["cpu"]
    return [row_figure(name, f"{'. '.join(title)}. From CPU {source}", order, values, settings,
                       recs, f"One whole row of the map: source CPU {source} to every other.")]


def last_figures(result, prefix):
    """Which target of a broadcast was the last, how often."""
    order = Order(result)
    records = S.measured(result)
    name = S.names(records)
    out = []
    for rec in records:
        cols = rec.get("last_target_n")
        if not cols or len(order.cpus) < 3:
            continue
        values = {order.place[c]: n for c, n in zip(cols["cpu"], cols["count"])
                  if c in order.place}
        if not values:
            continue
        settings = {"ylabel": "times it was the last", "ymin": 0,
                    "ymax": max(values.values()) * 1.1 or 1, "logy": False, "impulses": True}
        title = f"Which target was last: {name[id(rec)]}, {rec['metric']} ({verdict_word(rec)})"
        out.append(row_figure(f"{prefix}last-{len(out) + 1}", title, order, values, settings,
                              [rec], "How often each target was the last of its broadcast."))
    return out
