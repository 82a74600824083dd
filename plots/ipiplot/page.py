# SPDX-License-Identifier: GPL-2.0-only
"""The page: one HTML file that needs no other."""
import html
import os
import shlex

from . import emulated, gnuplot, tables
from . import series as S

GENERATOR = '<meta name="generator" content="ipi plot">'


def esc(value):
    return html.escape(str(value), quote=True)


def page(sections):
    """sections: [Section]. The whole document."""
    with open(os.path.join(gnuplot.HERE, "page.css"), encoding="utf-8") as src:
        style = src.read()
    title = emulated.headline(sections[0].result) if len(sections) == 1 else \
        f"{len(sections)} results of ipi bench"
    body = "".join(section_html(sec, len(sections) > 1) for sec in sections)
    if len(sections) > 1:
        body = contents(sections) + body
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="light dark">{GENERATOR}'
            f"<title>ipi: {esc(title)}</title><style>\n{style}\n{gnuplot.css()}\n</style></head>"
            f"<body>{body}</body></html>\n")


class Section:
    """One result file: its name, what it holds, what was drawn of it."""

    def __init__(self, title, result, prefix):
        self.title = title
        self.result = result
        self.prefix = prefix
        self.parts = []  # (anchor, heading, figures)
        self.svg = {}


def contents(sections):
    rows = "".join(f'<li><a href="#{s.prefix}top">{esc(s.title)}</a>: '
                   f'{esc(emulated.headline(s.result))}{alarm_words(s.result)}</li>' for s in sections)
    return (f"<h1>{len(sections)} results</h1><ol>{rows}</ol>"
            '<p class="sub">Plots of the same kind and comparability key share their axes in '
            "all sections. Results of different boots or machines differ for many reasons: "
            "nothing here says which.</p>")


def alarm_words(result):
    bad = contradicted(result)
    words = [f"{len(bad)} contradicted"] if bad else []
    words += [] if result["complete"] else ["incomplete"]
    return f' <b class="no">({", ".join(words)})</b>' if words else ""


def section_html(sec, several):
    result, at = sec.result, sec.prefix
    out = [f'<header id="{at}top"><h1>{esc(emulated.headline(result))}</h1>']
    if several:
        out.append(f'<p class="dim">{esc(sec.title)}</p>')
    out += [alarms(result), facts(result), command(result)]
    numbers = ("records", "Numbers", None)
    parts = [p for p in sec.parts if p[2]]
    # What is asked is answered first.
    parts.insert(sum(p[0] == "answers" for p in parts), numbers)
    links = [p[:2] for p in parts] + [("attestation", "Attestation"), ("context", "Context")]
    out.append("<nav>" + "".join(f'<a href="#{at}{a}">{esc(h)}</a>' for a, h in links)
               + "</nav></header>")
    for anchor, heading, figures in parts:
        out.append(f'<h2 id="{at}{anchor}">{esc(heading)}</h2>')
        if figures is None:
            out.append(tables.records(result))
            continue
        out.append(f'<div class="{esc(anchor)}">')
        notes = [None] + [fig.note for fig in figures]
        out += [figure_html(fig, sec.svg[fig.name], fig.note if fig.note != last else "")
                for fig, last in zip(figures, notes)]
        out.append("</div>")
    out.append(f'<h2 id="{at}attestation">Attestation: was it an interrupt?</h2>'
               + tables.attestation(result))
    out.append(f'<h2 id="{at}context">Context</h2>' + tables.context(result))
    return "".join(out)


def contradicted(result):
    return [r for r in result["records"] if S.verdict(r) == "contradicted"
            and r["status"] == "ok"]


def alarms(result):
    """What a reader must know before any number."""
    out = []
    if emulated.emulator(result):
        out.append(f'<div class="alarm"><strong>{esc(emulated.line(result))}.</strong> It keeps the '
                   "clock, and an instruction costs what its translation costs: don't read a "
                   "time below, in plots, tables or answers, as a processor's. Who came first, "
                   "what was counted and attested, and ratios of series that alternated are "
                   "what to look at. Axes are shared with nothing that was not emulated so.</div>")
    if not result["complete"]:
        out.append("<div class=\"alarm\"><strong>INCOMPLETE:</strong> the run was cut short; "
                   f"the {len(S.measured(result))} records measured until then are shown, the "
                   "others are missing.</div>")
    bad = contradicted(result)
    if bad:
        same = {}
        for rec in bad:
            same.setdefault((rec["run"], why(rec)), []).append(rec)
        rows = "".join(f"<li>{esc(run)} ({esc(of_what(recs))}): {esc(reason)}</li>"
                       for (run, reason), recs in same.items())
        out.append(f'<div class="alarm"><strong>CONTRADICTED:</strong> {len(bad)} of '
                   f"{len(S.measured(result))} records: the machine's own counters deny that "
                   "these were the interrupts they were asked to be. Don't read their times as "
                   f"an interrupt's.<ul>{rows}</ul></div>")
    return "".join(out) + denied_by_probes(result)


def denied_by_probes(result):
    """The second witness of a traced result."""
    bad = [r for r in S.measured(result)
           if (r.get("trace") or {}).get("verdict") == "contradicted"]
    if not bad:
        return ""
    rows = dict.fromkeys(f"{r['run']} ({of_what([r])}): "
                         f"{r['trace'].get('why') or 'no reason given'}" for r in bad)
    return (f'<div class="alarm"><strong>CONTRADICTED BY THE PROBES:</strong> {len(bad)} of '
            f"{len(S.measured(result))} records: what probes in the kernel saw is not what was "
            "asked for, or not what the machine counted."
            f"<ul>{''.join(f'<li>{esc(row)}</li>' for row in rows)}</ul></div>")


def of_what(recs):
    """Metric and relation of each, said once."""
    return "; ".join(dict.fromkeys(f"{r['metric']}, {S.relation_name(r.get('relation'))}"
                                   for r in recs))


def why(rec):
    return (rec.get("attestation") or {}).get("why") or "no reason given"


def facts(result):
    """One line of what and when, one of verdicts."""
    tool = result.get("tool") or {}
    said = [f"{tool.get('name', 'ipi')} {tool.get('version', '')}".strip(),
            result.get("started_utc"),
            f"{result['elapsed_s']:.3g} s" if result.get("elapsed_s") is not None else None,
            {"hardware": "hardware", "virtual": "virtual machine",
             "emulated": "emulated"}.get(result.get("machine"))]
    count = {}
    for rec in S.measured(result):
        word = "yardstick" if S.is_yardstick(rec) else S.verdict(rec)
        count[word] = count.get(word, 0) + 1
    for status in ("failed", "skipped"):
        n = sum(r["status"] == status for r in result["records"])
        if n:
            count[status] = n
    verdicts = ", ".join(f"{n} {word}" for word, n in count.items()) or "none"
    return (f'<p class="sub">{esc(" · ".join(s for s in said if s))}<br>Records: '
            f"{esc(verdicts)}</p>")


def command(result):
    words = result.get("command")
    if not words:
        return ""
    return ('<p class="sub">This reproduces it:</p><pre>'
            + esc(" ".join(shlex.quote(str(w)) for w in words)) + "</pre>")


def answer(fig):
    mark = "<b>Emulated:</b> " if fig.banner else ""
    items = "".join(f"<li>{mark}{esc(sentence)}</li>" for sentence in fig.answer)
    return f'<ul class="answer">{items}</ul>' if items else ""


def figure_html(fig, svg, note):
    bad = [r for r in fig.records if S.verdict(r) == "contradicted"]
    count = {}
    for rec in fig.records:
        word = "yardstick" if S.is_yardstick(rec) else S.verdict(rec)
        count[word] = count.get(word, 0) + 1
    said = ", ".join(f"{n} {word}" for word, n in count.items())
    # Metrics of one run mostly share their reason: each is said once.
    reasons = dict.fromkeys(f"{r['run']}: {why(r)}" for r in bad)
    alarm = f"<b>CONTRADICTED: {esc('. '.join(reasons))}.</b> " if bad else ""
    return (f'<figure{" class=bad" if bad else ""}>{answer(fig)}{svg}<figcaption>{alarm}{esc(note)} '
            f"{esc(fig.extra)}Records: {esc(said)}.</figcaption></figure>")
