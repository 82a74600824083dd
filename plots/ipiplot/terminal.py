# SPDX-License-Identifier: GPL-2.0-only
"""Bars and distributions as plain characters, for a terminal or a mail."""
import itertools
import os
import tempfile
import textwrap

from . import emulated, figures, gnuplot
from . import series as S

# What the dumb terminal draws its line types with.
SIGNS = "*#$%@&="
NARROWEST, WIDEST = 60, 200


def show(results, titles, out):
    """The headline, bars and CDFs of each result, no wider than the terminal."""
    gnuplot.find()
    width = columns(out)
    with tempfile.TemporaryDirectory(prefix="ipi-plot.") as folder:
        for result, title in zip(results, titles):
            text = [head(result, title if len(results) > 1 else None)]
            every = [r for other in emulated.alike(result, results) for r in S.measured(other)]
            records = S.measured(result)
            name = S.names(records)
            for panel, recs in S.panels(records).items():
                same = [r for r in every if S.panel_of(r) == panel]
                text.append(rule(S.panel_title(panel), width))
                text += filter(None, [emulated.line(result)])
                text += alarms(recs)
                text.append(bars(recs, same, name, width, folder))
                text += cdfs(recs, same, name, width, folder)
            for line in "\n".join(text).splitlines():
                # Plots fit; only sentences are ever folded.
                for part in textwrap.wrap(ascii_only(line), width, drop_whitespace=False) or [""]:
                    out.write(part.rstrip() + "\n")


def columns(out):
    """The terminal's width; COLUMNS goes before it, 80 stands for no terminal."""
    asked = os.environ.get("COLUMNS", "").strip()
    if asked.isdigit() and int(asked):
        wide = int(asked)
    else:
        wide = os.get_terminal_size(out.fileno()).columns if out.isatty() else 80
    return max(NARROWEST, min(WIDEST, wide))


def ascii_only(text):
    return text.replace("µ", "u").replace("±", "+-").encode("ascii", "replace").decode()


def head(result, title):
    bad = sum(S.verdict(r) == "contradicted" for r in S.measured(result))
    said = emulated.headline(result)
    lines = [f"{title}: {said}" if title else said]
    if not result["complete"]:
        lines.append("INCOMPLETE: the run was cut short")
    if bad:
        lines.append(f"CONTRADICTED: {bad} of {len(S.measured(result))} records, see below")
    for rec in result["records"]:
        if rec["status"] != "ok":
            lines.append(f"{rec['status']}: {rec['run']} {rec.get('metric') or ''}: "
                         f"{rec.get('reason') or 'no reason given'}")
    return "\n".join(lines) + "\n"


def rule(title, width):
    return f"\n{title}\n" + "-" * min(width, len(title))


def alarms(recs):
    return [f"CONTRADICTED: {r['run']}: {(r.get('attestation') or {}).get('why')}"
            for r in recs if S.verdict(r) == "contradicted"]


def plot(script, settings, data, folder):
    path = os.path.join(folder, "data")
    with open(path, "w", encoding="utf-8") as dst:
        dst.write(data)
    said, complaint = gnuplot.run(script, dict(settings, data=path), script)
    if not said.strip():
        raise gnuplot.GnuplotError(f"{script}: gnuplot drew nothing; it said: "
                                   f"{complaint.strip() or 'nothing'}")
    return "\n".join(line for line in said.replace("\f", "").splitlines() if line.strip())


def bars(recs, same, name, width, folder):
    unit, end, _ = figures.bar_axis(same)
    rows, text = [], []
    for rec in sorted(recs, key=lambda r: S.relation_rank(r.get("relation"))):
        p50, p99 = rec["latency_ns_p50"], rec.get("latency_ns_p99")
        rows.append((f"{name[id(rec)]}, {rec.get('relation')}", p50 / unit.ns,
                     None if p99 is None or p99 / unit.ns > end else p99 / unit.ns))
        text.append(f"{S.number(p50, unit):>6}{S.number(p99, unit):>7} "
                    f"{figures.verdict_word(rec)}")
    right = max(map(len, text)) + 2
    left = min(max(len(r[0]) for r in rows) + 2, width - right - 20)
    data = [f"{y} {gnuplot.cell(short(row[0], left - 2))} {row[1]:.9g} "
            f"{'NaN' if row[2] is None else format(row[2], '.9g')} {gnuplot.cell(said)}"
            for y, (row, said) in enumerate(zip(rows, text))]
    settings = {"width": width, "height": len(rows) + 7, "unit": unit.name, "nrow": len(rows),
                "title": f"p50 =   p99 |, {unit.name}", "xmax": end,
                "xstep": figures.nice_step(end, max(1, (width - left - right) // 9)),
                "left": left, "right": right}
    return plot("terminal-bars.gp", settings, "\n".join(data) + "\n", folder)


def short(label, room):
    return label if len(label) <= room else label[:max(1, room - 2)] + ".."


def cdfs(recs, same, name, width, folder):
    recs = [r for r in recs if figures.buckets(r)]
    if not recs:
        return []
    axis, unit = figures.cdf_axis([r for r in same if figures.buckets(r)])
    axis = {k: axis[k] for k in ("unit", "xmin", "xmax", "logx", "xticks")}
    out = []
    for subtitle, lines in figures.groups(recs, name):
        data = []
        for _, _, rec in lines:
            data += figures.cdf_rows(rec, unit)[0] + ["\n"]
        settings = dict(axis, width=width, height=18, nseries=len(lines),
                        title=f"samples at most this long: {subtitle}")
        out.append("\n" + plot("terminal-cdf.gp", settings, "\n".join(data), folder))
        out += [f"  {sign} {figures.legend(label, rec)}"
                for sign, (label, _, rec) in zip(itertools.cycle(SIGNS), lines)]
    return out
