#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""labels.py: each ordering label stands at both ends of its pair.

A place is a comment such as   A0: publishes m; pairs with A1.   Both labels
need a place of their own, each must name the other, and a table in the same
library must list them."""
import collections
import re

from common import text, tree, verdict

COMMENT = re.compile(r'/\*.*?\*/', re.S)
LABEL = r'[A-Z][0-9]'
PLACE = re.compile(rf'(?:^/\*\s*|\.\s+)({LABEL}(?:(?:,| and) {LABEL})*): ')
PAIRS = re.compile(rf'pairs\s+with\s+({LABEL}(?:(?:,| and) {LABEL})*)')
each = re.compile(LABEL).findall

places = collections.defaultdict(list)
partners = collections.defaultdict(set)
tables = ''
complaints = []
for name in tree('lib/core') + tree('lib/user') + tree('lib/env'):
    if not name.endswith(('.c', '.h')):
        continue
    for comment in COMMENT.findall(text(name)):
        flat = re.sub(r'\n\s*\*', ' ', comment)
        flat = re.sub(r'\s+', ' ', flat)
        if '->' in flat:
            tables += flat
            continue
        here = [label for group in PLACE.findall(flat) for label in each(group)]
        named = {label for group in PAIRS.findall(flat) for label in each(group)}
        if here and not named:
            complaints.append(f'{name}: {here} pairs with nothing')
        if named and not here:
            complaints.append(f'{name}: a pair of {named} without a label: {flat}')
        for label in here:
            places[label].append(name)
            partners[label] |= {other for other in named if other[0] == label[0]}

for label in sorted(places):
    if not partners[label]:
        complaints.append(f'{label}: names no partner')
    for other in sorted(partners[label]):
        if not places[other]:
            complaints.append(f'{label}: its partner {other} stands nowhere')
        elif label not in partners[other]:
            complaints.append(f'{label}: {other} does not name it back')
    if label not in each(tables):
        complaints.append(f'{label}: in no table')
for label in sorted(set(each(tables)) - set(places)):
    complaints.append(f'{label}: in a table and nowhere else')
verdict(len(places), complaints)
