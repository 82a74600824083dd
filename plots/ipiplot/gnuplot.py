# SPDX-License-Identifier: GPL-2.0-only
"""Runs gnuplot and believes none of it: it leaves empty files when it fails."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import textwrap
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT_S = 60
STRIP_CHAR_PX, STRIP_LINE_PX, STRIP_PAD_PX = 8.1, 18, 8

# Colours that would vanish on a dark page, and what they become there. The
# others read well on both.
DARK = {"#000000": "#e8e8e8", "#666666": "#a9adb3", "#dddddd": "#34383e",
        "#0072b2": "#4aa8e0", "#009e73": "#1fc795", "#56b4e9": "#a6ddff",
        "#999999": "#8d9299", "#ffffff": "#16191d"}


class GnuplotError(Exception):
    """gnuplot's own words, and for which plot."""


class GnuplotMissing(Exception):
    """There is no gnuplot to run."""


def find():
    program = shutil.which("gnuplot")
    if not program:
        raise GnuplotMissing("gnuplot is missing: install it (Debian: apt install gnuplot-nox)")
    return program


def quoted(value):
    """A gnuplot literal: in single quotes nothing is expanded."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + clean(value).replace("'", "''") + "'"


def clean(text):
    """Text that gnuplot passes on as it is: one line, no control characters."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(text))


def cell(text):
    """A string as one column of a data file."""
    return '"' + clean(text).replace('"', "''").replace("\\", "/") + '"'


def run(script, settings, what):
    """Runs plots/SCRIPT with variables set; gnuplot's output, or GnuplotError."""
    words = dict(settings, here=HERE)
    assign = "; ".join(f"{key} = {quoted(value)}" for key, value in words.items())
    argv = [find(), "-d", "-e", assign, os.path.join(HERE, script)]
    env = dict(os.environ, LC_ALL="C.UTF-8", GNUTERM="unknown")
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LIMIT_S, env=env, check=False)
    except subprocess.TimeoutExpired:
        raise GnuplotError(f"{what}: gnuplot did not end within {LIMIT_S} s") from None
    except OSError as err:
        raise GnuplotError(f"{what}: gnuplot can't be run: {err.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or "nothing"
        raise GnuplotError(f"{what}: gnuplot failed (exit {done.returncode}), saying:\n{said}")
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def draw(figure, folder):
    """One figure into folder/NAME.svg; the SVG's text, without the XML head."""
    data = os.path.join(folder, figure.name + ".dat")
    with open(data, "w", encoding="utf-8") as out:
        out.write(figure.data)
    path = os.path.join(folder, figure.name + ".svg")
    _, said = run(figure.script, dict(figure.settings, data=data, out=path,
                                      title=figure.title), figure.name)
    os.unlink(data)
    try:
        with open(path, encoding="utf-8") as src:
            text = finish(src.read(), figure)
    except (OSError, xml.ParseError, ValueError) as err:
        raise GnuplotError(f"{figure.name}: gnuplot ended well but left no whole picture "
                           f"({err}); it said: {said.strip() or 'nothing'}") from None
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="utf-8"?>\n'
                  + text.replace("<g ", f"<style>{css()}</style>\n<g ", 1))
    return text


def draw_all(figures, folder):
    """{name: SVG}; the first failure is raised, the rest not begun."""
    find()
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        jobs = {pool.submit(draw, fig, folder): fig.name for fig in figures}
        out = {}
        for job in concurrent.futures.as_completed(jobs):
            if job.exception():
                for other in jobs:
                    other.cancel()
                raise job.exception()
            out[jobs[job]] = job.result()
    return out


def canonical(match):
    return "#%02x%02x%02x" % tuple(int(part) for part in match.groups())


def finish(text, figure):
    """gnuplot's SVG made fit for a page: one notation for colours, so that a
    style sheet can turn them dark; ids of its own; sharp pixels; a name."""
    text = text[text.index("<svg"):]
    text = re.sub(r"rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)", canonical, text)
    text = re.sub(r"""(?<==)(["'])black\1""", r"\1#000000\1", text)
    text = re.sub(r"""(fill\s?=\s?)(["'])none\2/>\n<defs>""", r"\1\2#ffffff\2/>\n<defs>", text)
    text = re.sub(r"fill = '", "fill='", text)
    text = re.sub(r"""\bid=(["'])""", rf"id=\1{figure.name}-", text)
    text = re.sub(r"""href=(["'])#""", rf"href=\1#{figure.name}-", text)
    text = text.replace("url(#", f"url(#{figure.name}-")
    text = text.replace("<image ", "<image image-rendering='optimizeSpeed' "
                        "style='image-rendering:pixelated' ")
    # gnuplot names each plot after its own command; viewers show that on hover.
    text = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", text, flags=re.S)
    if figure.banner:
        text = strip(text, figure.banner)
    title = ". ".join(filter(None, (figure.banner, figure.title)))
    text = text.replace(">", f">\n<title>{escape(title)}</title>", 1)
    outside = re.search(r"href=['\"](?!#|data:)([^'\"]*)", text)
    if outside:
        raise ValueError(f"it refers to the file {outside.group(1)}")
    check(text)
    return text


def strip(text, said):
    """The drawing with a sentence above it, in as many lines as its width asks
    for: figures are copied out of their page."""
    head, body = text.split(">", 1)
    width, height = (int(re.search(rf'\b{key}="(\d+)"', head).group(1))
                     for key in ("width", "height"))
    rows = textwrap.wrap(said, max(20, int((width - 2 * STRIP_PAD_PX) / STRIP_CHAR_PX)))
    high = len(rows) * STRIP_LINE_PX + STRIP_PAD_PX
    lines = "".join(f'<text x="{STRIP_PAD_PX}" y="{(i + 1) * STRIP_LINE_PX - 1 - high}">'
                    f"{escape(row)}</text>" for i, row in enumerate(rows))
    head = re.sub(r'viewBox="[^"]*"', f'viewBox="0 {-high} {width} {height + high}"', head)
    head = re.sub(r'\bheight="\d+"', f'height="{height + high}"', head)
    return (f'{head}>\n<rect class="banner" x="0" y="{-high}" width="{width}" height="{high}" '
            'fill="#000000"/>\n<g fill="#ffffff" font-family="sans-serif" font-size="13" '
            f'font-weight="bold">{lines}</g>{body}')


def escape(text):
    return (clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            .replace('"', "&quot;"))


def check(text):
    """Well-formed, with something in it, and every coordinate a number."""
    tree = xml.fromstring(text)
    shapes = ("path", "polygon", "image", "use", "polyline")
    if not any(node.tag.split("}")[-1] in shapes for node in tree.iter()
               if node.get("id") is None):
        raise ValueError("nothing is drawn in it")
    for node in tree.iter():
        for key, value in node.attrib.items():
            if key in ("d", "points", "x", "y", "transform") and re.search("nan|inf", value, re.I):
                raise ValueError(f"{key}={value[:40]!r} is no place")


def css():
    """The style sheet that makes the plots readable on a dark page."""
    rules = []
    for light, dark in DARK.items():
        for prop in ("fill", "stroke", "color"):
            rules.append(f'svg [{prop}="{light}"]{{{prop}:{dark}}}')
        rules.append(f'svg [style*="stroke:{light}"]{{stroke:{dark}!important}}')
    return "@media screen and (prefers-color-scheme:dark){" + "".join(rules) + "}"
