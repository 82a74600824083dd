#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""weaken.py MODEL ROOT: each labelled memory order of core is needed.

For every label (A0, B1, ...) at every place the operation that follows it is
made relaxed, and the model checker must find a violation. UNFOUND names the
places where it does not, and why."""
import concurrent.futures
import os
import re
import subprocess
import sys

# Places whose weaker order is not found, and why. The first group is redundant,
# as the table in domain.h says; the second is beyond the bounds of this test.
# C1#1 is the file's first place of C1.
EITHER = 'the mailbox (A0, A1) and the claim (H2, H0) order the same'
DEATH = 'needs an old value read and a death in one run, which this test does not explore'
UNFOUND = {
    ('lib/core/queue_slots.c', 'A0'): EITHER,
    ('lib/core/queue_slots.c', 'A1'): EITHER,
    ('lib/core/path.h', 'H0'): EITHER,
    ('lib/core/path.h', 'H2'): EITHER,
    ('lib/core/internal.h', 'H1'): 'who gives up takes nothing over from the target',
    ('lib/core/internal.h', 'C0'): 'the target of a node that was given up has stored nothing',
    ('lib/core/wait.c', 'H3'): 'the pool is the caller\'s own, or ordered before it by the caller',
    ('lib/core/cpu.c', 'H3'): 'the pool is the CPU\'s own, or that of a dead one, which its burial is ordered after',
    ('lib/core/serve.c', 'G1'): 'who triggers knows of the registration: A0 and A1 hand it on',
    ('lib/core/cpu.c', 'E1'): 'its load is D1\'s, in wait_even()',
    ('lib/core/cpu.c', 'L0'): DEATH,
    ('lib/core/ack.c', 'L1'): DEATH,
    ('lib/core/ack.c', 'J1'): 'needs somebody else than the sender who waits',
    ('lib/core/ack.c', 'C1#1'): 'who sends again has waited for the block, mostly',
    ('lib/core/ack.c', 'C1#2'): 'needs somebody else than the sender who gives up',
    ('lib/core/queue_pair.c', 'A0#1'): EITHER,
    ('lib/core/queue_pair.c', 'A1#1'): EITHER,
    ('lib/core/queue_pair.c', 'A1#2'): EITHER,
    ('lib/core/queue_ring.c', 'A0#1'): EITHER,
    ('lib/core/queue_ring.c', 'A1#2'): EITHER,
    ('lib/core/queue_ring.c', 'A0#3'): DEATH,
    ('lib/core/cpu.c', 'F0'): DEATH,
    ('lib/core/cpu.c', 'J1'): DEATH,
    ('lib/core/path.h', 'J0'): DEATH,
}
SECONDS = '2' # for one exploration

# Where what a file orders is met soonest; then all scenarios are tried.
NEAREST = {
    'ack.c': ['broadcast'],
    'cpu.c': ['leave-destroy', 'leave-unicast', 'unregister-trigger'],
    'internal.h': ['unicast-wait', 'unicast-two-messages', 'leave-unicast', 'unregister-reuse', 'unregister-trigger',
                   'hold-unregister'],
    'ipi.c': ['trigger-handler', 'register-freed', 'unregister-reuse', 'unregister-trigger'],
    'path.h': ['unicast-wait'],
    'queue_ring.c': ['full-mailbox'],
    'serve.c': ['trigger-handler', 'trigger-nested-wait'],
    'wait.c': ['unregister-trigger', 'trigger-nested-wait'],
}

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


def design(name):
    """Options that select what a file takes part in."""
    queue = re.fullmatch(r'lib/core/queue_(\w+)\.c', name)
    return ['-q', queue[1] if queue else 'slots'] + ([] if name == 'lib/core/ack.c' else ['-a', 'counter'])


def sites_of(model, name):
    """(file, line) of each operation that is made where this file takes part: soon after a scenario's begin."""
    # A queue's own: with full mailboxes all are met.
    few = ['--scenario', 'full*'] if 'queue_' in name else []
    out = subprocess.run([model, '--seconds', '0.1', '--events', '1', '--sites', *design(name), *few],
                         stdout=subprocess.PIPE, text=True, check=False).stdout
    return {(f, int(n)) for f, n in re.findall(r'^site (lib/core/\S+):(\d+)$', out, re.M)}


def main():
    model, root = sys.argv[1], sys.argv[2]
    files = {name for _, name, _ in places(root)}
    sites = sites_of(model, 'lib/core/ack.c') # with every acknowledgement: most of all
    for name in files:
        if 'queue_' in name:
            sites |= sites_of(model, name)
    todo, complaints = [], []
    excused, met = set(), {}
    for label, name, line in places(root):
        met[name, label] = met.get((name, label), 0) + 1
        keys = {(name, label), (name, f'{label}#{met[name, label]}')} & UNFOUND.keys()
        if keys:
            excused |= keys
            continue
        near = sorted(n for f, n in sites if f == name and line <= n <= line + REACH)
        if near:
            todo.append((label, name, near[0]))
        else:
            complaints.append(f'{name}:{line}: no operation of {label} was ever made')

    def judge(item):
        label, name, line = item
        nearest = NEAREST.get(os.path.basename(name), ['trigger-nested-wait', 'unicast-two-senders'])
        for scenario, events in [(s, '0') for s in nearest] + [('*', '0'), ('*', '1')]:
            done = subprocess.run([model, *design(name), '--memory', 'c11', '--events', events, '--first', '--seconds', SECONDS,
                                   '--scenario', scenario, '--weaken', f'{name}:{line}'],
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
    for place in sorted(UNFOUND):
        print(f'{place[1]} {place[0]}: not judged here: {UNFOUND[place]}')
        if place not in excused:
            complaints.append(f'{place[0]}: has no {place[1]} any more')
    for complaint in complaints:
        print(complaint)
    print(f'{len(todo)} orders weakened, {len(complaints)} complaints')
    sys.exit(1 if complaints or not todo else 0)


main()
