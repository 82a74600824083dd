# SPDX-License-Identifier: GPL-2.0-only
"""The page's tables: records, attestation, context."""
import html

from . import series as S

COLUMNS = (("series", ""), ("relation", ""), ("metric", ""), ("n", "n"), ("min", "n"),
           ("p50", "n"), ("±", "n"), ("p90", "n"), ("p99", "n"), ("p99.9", "n"), ("max", "n"),
           ("mean", "n"), ("p50 unmarked", "n"), ("steady", ""), ("verdict", ""))
QUANTITIES = ("latency_ns_min", "latency_ns_p50", "error_ns", "latency_ns_p90",
              "latency_ns_p99", "latency_ns_p999", "latency_ns_max", "latency_ns_mean",
              "p50_ns_without_marked")
COUNTERS = ("asked", "notified", "already_pending", "polled", "local", "refused", "entries",
            "merged")


def esc(value):
    return html.escape(str(value), quote=True)


def badge(rec):
    if S.is_yardstick(rec):
        return '<span class="v v-yardstick">yardstick</span>'
    word = S.verdict(rec)
    if word == "not applicable":
        return '<span class="v v-na">n/a</span>'
    said = word.upper() if word == "contradicted" else word
    return f'<span class="v v-{word}">{esc(said)}</span>'


def table(heads, rows):
    head = "".join(f'<th class="{cls}">{esc(text)}</th>' for text, cls in heads)
    return (f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>'
            + "".join(rows) + "</tbody></table></div>")


def records(result):
    """One row for each record, under a heading for each comparability key."""
    ok = S.measured(result)
    name = S.names(ok)
    rows = []
    for base, recs in S.bases(ok).items():
        rows.append(f'<tr class="group"><th colspan="{len(COLUMNS)}">'
                    f"{esc(S.panel_subject(base))}{esc(what_kind(recs))}</th></tr>")
        rows += [record_row(rec, name[id(rec)]) for rec in recs]
    bare = [r for r in result["records"] if r["status"] != "ok"]
    if bare:
        rows.append(f'<tr class="group"><th colspan="{len(COLUMNS)}">Not measured</th></tr>')
        rows += [bare_row(rec) for rec in bare]
    return ('<p class="sub">All times in ns. ±: the stated error of p50. "-": not known, or '
            "fewer than 100 samples beyond. p50 unmarked: without the blocks that were marked, "
            "where some were. Only records under one heading are alike enough to "
            "be compared.</p>" + table(COLUMNS, rows))


def what_kind(recs):
    kinds = {S.batch_of(r) for r in recs} - {None}
    return f" (means of batches of {', '.join(sorted(kinds))})" if kinds else ""


def record_row(rec, name):
    kind = S.verdict(rec) if not S.is_yardstick(rec) else "yardstick"
    values = "".join(f'<td class="n">{S.number(rec.get(key))}</td>' for key in QUANTITIES)
    steady = {True: "yes", False: '<span class="no">NO</span>'}.get(rec.get("steady"), "-")
    return (f'<tr class="{esc(kind)}" data-record="{esc(rec.get("id"))}"><td>{esc(name)}</td>'
            f'<td class="w">{esc(S.relation_name(rec.get("relation")))}</td>'
            f'<td class="w">{esc(rec["metric"])}</td>'
            f'<td class="n">{S.number(rec["samples_n"])}</td>{values}<td>{steady}</td>'
            f"<td>{badge(rec)}</td></tr>")


def bare_row(rec):
    return (f'<tr class="{esc(rec["status"])}" data-record="{esc(rec.get("id"))}">'
            f'<td>{esc(rec["run"])}</td>'
            f'<td class="w">{esc(S.relation_name(rec.get("relation")))}</td>'
            f'<td class="w">{esc(rec.get("metric") or "-")}</td>'
            f'<td colspan="{len(COLUMNS) - 4}">{esc(rec.get("reason") or "no reason given")}</td>'
            f'<td class="w">{esc(rec["status"])}</td></tr>')


def attestation(result):
    """What was asked, what the library counted, what the machine counted."""
    ok = [r for r in S.measured(result) if not S.is_yardstick(r)]
    name = S.names(ok)
    heads = [("verdict", ""), ("series", ""), ("relation", ""), ("metric", "")]
    heads += [(c.replace("_", " "), "n") for c in COUNTERS]
    heads += [("machine counter", ""), ("taken", "n"), ("background", "n"), ("expected", "n"),
              ("why", "")]
    traced = any(r.get("trace") for r in ok)
    heads += [("probes", ""), ("sends", "n"), ("entries", "n"), ("why", "")] if traced else []
    ok.sort(key=lambda r: S.VERDICTS.index(S.verdict(r)))
    rows = []
    for rec in ok:
        said = rec.get("attestation") or {}
        machine = said.get("machine") or {}
        cells = [badge(rec), esc(name[id(rec)]), esc(S.relation_name(rec.get("relation"))),
                 esc(rec["metric"])]
        numbers = [said.get(c) for c in COUNTERS]
        ends = [machine.get(c) for c in ("taken", "background", "expected")]
        rows.append(f'<tr class="{esc(S.verdict(rec))}">'
                    + "".join(f"<td>{c}</td>" for c in cells)
                    + "".join(f'<td class="n">{plain(v)}</td>' for v in numbers)
                    + f'<td class="w">{esc(machine.get("counter") or "-")}</td>'
                    + "".join(f'<td class="n">{plain(v)}</td>' for v in ends)
                    + f'<td>{esc(said.get("why") or "-")}</td>'
                    + (probes(rec.get("trace") or {}) if traced else "") + "</tr>")
    if not rows:
        return "<p>Nothing was measured that could have been an interrupt.</p>"
    return ('<p class="sub">asked = notified + already pending + polled + local + refused, and '
            "entries + merged = notified, by the library's own counters; taken: the machine's "
            "counter over the same blocks.</p>" + table(heads, rows))


def probes(said):
    """What the probes of a traced record saw: the second witness."""
    return (f'<td class="w">{esc(said.get("verdict") or "-")}</td>'
            + "".join(f'<td class="n">{plain(said.get(c))}</td>' for c in ("sends", "entries"))
            + f'<td>{esc(said.get("why") or "-")}</td>')


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return S.number(value) if isinstance(value, float) else f"{value:,}".replace(",", " ")
    return esc(value)


def context(result):
    """The machine, the doctor, the plan."""
    ctx = dict(result.get("context") or {})
    doctor = ctx.pop("doctor", None) or []
    out = ["<dl>"]
    for key, value in ctx.items():
        out.append(f"<dt>{esc(key.replace('_', ' '))}</dt><dd>{said(value)}</dd>")
    out.append(f"<dt>topology</dt><dd>{esc(shape(result))}</dd></dl>")
    if doctor:
        rows = [f'<tr><td>{esc(d.get("check"))}</td><td class="{verdict_class(d)}">'
                f'{esc(d.get("verdict"))}</td><td>{esc(d.get("why") or "")}</td></tr>'
                for d in doctor if isinstance(d, dict)]
        out.append("<h3>Doctor</h3>" + table([("check", ""), ("verdict", ""), ("why", "")], rows))
    return "".join(out) + plan(result.get("plan") or {})


def verdict_class(line):
    return {"no": "no", "warn": "warn"}.get(line.get("verdict"), "")


def said(value):
    if value is None:
        return "-"
    if isinstance(value, dict):
        return "<br>".join(f"{esc(k.replace('_', ' '))}: {said(v)}" for k, v in value.items())
    if isinstance(value, list):
        return esc(", ".join(map(str, value)))
    return esc(value)


def shape(result):
    """4 CPUs: 1 socket, 1 node, 2 LLCs, 2 cores."""
    cpus = (result.get("topology") or {}).get("cpus") or []
    count = ", ".join(f"{len({c.get(key) for c in cpus})} {word}" for key, word in
                      (("socket", "socket(s)"), ("node", "node(s)"), ("llc", "LLC(s)"),
                       ("core", "core(s)")))
    return f"{len(cpus)} CPU(s): {count}" if cpus else "not known"


def plan(what):
    cut = what.get("cut") or []
    facts = [(k, what.get(k)) for k in ("seed", "budget_s", "planned_s", "config")]
    rows = "".join(f"<dt>{esc(k.replace('_', ' '))}</dt><dd>{said(v)}</dd>" for k, v in facts)
    if cut:
        cut_said = "<ul>" + "".join(f"<li>{esc(c)}</li>" for c in cut) + "</ul>"
    else:
        cut_said = "<p>Nothing was cut from the plan.</p>"
    return f"<h3>Plan</h3><dl>{rows}</dl><h3>Cut from the plan</h3>{cut_said}"
