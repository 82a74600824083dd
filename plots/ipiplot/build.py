# SPDX-License-Identifier: GPL-2.0-only
"""Makes the report aside and puts it in place whole, or not at all."""
import os
import shutil
import tempfile

from . import emulated, figures, gnuplot, maps, page, stages, sweeps
from . import series as S


class OutputError(Exception):
    """Why the report can't be put where it was asked for."""


def report(results, titles, out):
    """Writes the report of results into the directory out; index.html's path."""
    out = os.path.abspath(out)
    check_place(out)
    gnuplot.find()
    sections = plan(results, titles)
    try:
        aside = tempfile.mkdtemp(prefix=f".{os.path.basename(out)}.", dir=os.path.dirname(out))
    except OSError as err:
        raise OutputError(f"{out}: can't be written: {err.strerror}; name another place "
                          "with -o") from None
    try:
        drawn = gnuplot.draw_all([f for s in sections for p in s.parts for f in p[2]], aside)
        for sec in sections:
            sec.svg = drawn
        with open(os.path.join(aside, "index.html"), "w", encoding="utf-8") as dst:
            dst.write(page.page(sections))
        os.chmod(aside, 0o777 & ~umask())
        put(aside, out)
    except OSError as err:
        raise OutputError(f"{out}: can't be written: {err.strerror}; name another place "
                          "with -o") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return os.path.join(out, "index.html")


def umask():
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


def plan(results, titles):
    """Sections with everything to be drawn; axes are shared among all that are
    alike."""
    sections = []
    for i, (result, title) in enumerate(zip(results, titles)):
        prefix = f"{i + 1}-" if len(results) > 1 else ""
        sec = page.Section(title, result, prefix and "r" + prefix)
        near = emulated.alike(result, results)
        every = [r for other in near for r in S.measured(other)]
        args = result, every, sec.prefix
        sec.parts = [
            ("answers", "Answers", sweeps.answer_figures(result, sec.prefix)),
            ("bars", "Latency by distance", figures.bar_figures(*args)),
            ("sides", "Send, round trip, stolen", figures.side_figures(*args)),
            ("stages", "Where the time goes", stages.stage_figures(*args)),
            ("pairs", "Who tells whom", maps.heat_figures(result, near, sec.prefix)),
            ("broadcast", "Broadcast", figures.broadcast_figures(*args)
             + maps.last_figures(result, sec.prefix)),
            ("cdf", "Distributions", figures.cdf_figures(*args)),
            ("time", "Blocks over time", figures.timeline_figures(*args))]
        banner = emulated.line(result)
        sec.parts = [(anchor, heading, [fig._replace(banner=banner) for fig in figs])
                     for anchor, heading, figs in sec.parts]
        sections.append(sec)
    return sections


def check_place(out):
    """Only nothing, an empty directory or an old report is ever replaced."""
    if not os.path.lexists(out):
        return
    if os.path.islink(out) or not os.path.isdir(out):
        raise OutputError(f"{out}: exists and is no directory; name another place with -o")
    try:
        names = os.listdir(out)
        ours = not names or is_report(out, names)
    except OSError as err:
        raise OutputError(f"{out}: can't be read: {err.strerror}; name another place "
                          "with -o") from None
    if not ours:
        raise OutputError(f"{out}: holds other things than a report of ipi plot, and is left "
                          "alone; name another place with -o")


def is_report(out, names):
    if "index.html" not in names or any(not n.endswith((".svg", ".html")) for n in names):
        return False
    with open(os.path.join(out, "index.html"), encoding="utf-8", errors="replace") as src:
        return page.GENERATOR in src.read(4096)


def put(aside, out):
    """aside becomes out; what was out is back in place if that fails."""
    if not os.path.exists(out):
        os.rename(aside, out)
        return
    old = tempfile.mkdtemp(prefix=f".{os.path.basename(out)}.old.", dir=os.path.dirname(out))
    os.rename(out, old)
    try:
        os.rename(aside, out)
    except OSError:
        os.rename(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)
