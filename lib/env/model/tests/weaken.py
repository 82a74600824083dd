#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""weaken.py MODEL ROOT: each labelled memory order of core is needed.

For every label (A0, B1, ...) at every place the operation that follows it is
made relaxed, and the model checker must find a violation; an order that can be
taken away without one is either not needed or not judged. REDUNDANT names the
places that need none, and why: they must stay unfound."""
import concurrent.futures
import os
import re
import subprocess
import sys

# Where to look first: a label's own scenarios, then all others.
HINTS = {}
# file:label -> why the weaker order is not found.
REDUNDANT = {}

LABEL = r'[A-Z][0-9]'
COMMENT = re.compile(r'/\*.*?\*/', re.S)
PLACE = re.compile(rf'(?:^/\*\s*|\.\s+)({LABEL}(?:(?:,| and) {LABEL})*): ')
REACH = 9 # lines from a comment to its operation


def places(root):
    """(label, file, line of the comment's end) of each labelled place in core."""
    for folder, _, names in os.walk(os.path.join(root, 'lib/core')):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, encoding='utf-8') as file:
                text = file.read()
            for found in COMMENT.finditer(text):
                flat = re.sub(r'\s+', ' ', re.sub(r'\n\s*\*', ' ', found[0]))
                if '->' in flat:
                    continue
                line = text.count('\n', 0, found.end()) + 1
                for labels in PLACE.findall(flat):
                    for label in re.findall(LABEL, labels):
                        yield label, os.path.relpath(path, root), line


def main():
    model, root = sys.argv[1], sys.argv[2]
    out = subprocess.run([model, '--seconds', '1', '--events', '1', '--sites'],
                         stdout=subprocess.PIPE, text=True, check=False).stdout
    sites = [(f, int(n)) for f, n in re.findall(r'^site (lib/core/\S+):(\d+)$', out, re.M)]
    todo, complaints = [], []
    for label, name, line in places(root):
        near = sorted(n for f, n in sites if f == name and line <= n <= line + REACH)
        if near:
            todo.append((label, name, near[0]))
        else:
            complaints.append(f'{name}:{line}: no operation of {label} was ever made')

    def judge(item):
        label, name, line = item
        for events in ('0', '1'):
            done = subprocess.run([model, '--memory', 'c11', '--events', events, '--first', '--seconds', '6',
                                   '--weaken', f'{name}:{line}'],
                                  stdout=subprocess.PIPE, text=True, check=False)
            if 'VIOLATION' in done.stdout:
                row = next(l for l in done.stdout.splitlines() if 'VIOLATION' in l).split()
                return item, f'{row[0]} {row[2]} {row[4]}: ' + done.stdout.split('VIOLATION')[1].split('\n')[2].strip()
        return item, None

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (label, name, line), found in pool.map(judge, todo):
            print(f'{label} {name}:{line}: {found or "NOT FOUND"}', flush=True)
            if not found:
                complaints.append(f'{name}:{line}: {label} can be relaxed and nothing is found')
    for complaint in complaints:
        print(complaint)
    print(f'{len(todo)} orders weakened, {len(complaints)} complaints')
    sys.exit(1 if complaints or not todo else 0)


main()
