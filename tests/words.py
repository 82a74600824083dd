#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""words.py: each source names its licence; nothing in the tree points out of
it: no path of some machine, no place that packages are fetched from."""
import re

from common import SOURCE, text, tree, verdict

# Written so that this file does not find itself.
FORBIDDEN = re.compile('|'.join((
    r'/wo[r]k(?:/|\b)', r'\.\./sha[r]ed', r'(?<!user/)sha[r]ed/\w+\.md',
    r'/ho[m]e/(?!someone/|x/)\w', r'/ro[o]t/', r'/t[m]p/(?:spec|wt|build)-?',
    r'(?:deb|security|snapshot|ftp)\.debian\.o[r]g', r'pypi\.o[r]g',
    r'registry\.npmjs', r'crates\.i[o]\b', r'proxy\.golang', r'ghcr\.i[o]\b',
    r'docker\.i[o]\b')))
LICENCE = {'lib/core/': 'GPL-2.0-only OR BSD-2-Clause',
           'lib/include/': 'GPL-2.0-only OR BSD-2-Clause'}

complaints = []
looked_at = 0
for name in tree():
    if name == '.git' or name.startswith('LICENSES/'):
        continue
    try:
        content = text(name)
    except UnicodeDecodeError:
        continue
    looked_at += 1
    for number, line in enumerate(content.splitlines(), 1):
        if FORBIDDEN.search(line):
            complaints.append(f'{name}:{number}: {line.strip()}')
    if not SOURCE.search(name.rsplit('/', 1)[-1]):
        continue
    head = '\n'.join(content.splitlines()[:4])
    found = re.search(r'SPDX-License-Identifier: (.+?)(?: \*/)?$', head, re.M)
    wanted = next((LICENCE[f] for f in LICENCE if name.startswith(f)), None)
    if not found:
        complaints.append(f'{name}: no SPDX line')
    elif wanted and found[1] != wanted:
        complaints.append(f'{name}: {found[1]}, not {wanted}')
verdict(looked_at, complaints)
