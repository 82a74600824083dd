#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""headers.py CC CXX|none: each installed header compiles alone, in C and C++,
and netbsd.h leaves none of NetBSD's names in an object."""
import os
import sys
import tempfile

from common import must, path, run, tree, verdict

cc, cxx = sys.argv[1], sys.argv[2]
include = '-I' + path('lib/include')
complaints = []
looked_at = 0


def alone(header, compiler, language, standard):
    source = f'#include <ipi/{header}>\n#include <ipi/{header}>\n'
    code, out = run([compiler, '-x', language, f'-std={standard}', '-Wall',
                     '-Wextra', '-Wpedantic', '-Werror', include,
                     '-fsyntax-only', '-'], input=source)
    if code:
        complaints.append(f'{header} as {standard}:\n{out}')


headers = [os.path.basename(name) for name in tree('lib/include/ipi')
           if name.endswith('.h')]
for name in headers:
    looked_at += 1
    for standard in ('c11', 'gnu11', 'c17'):
        alone(name, cc, 'c', standard)
    if cxx != 'none':
        for standard in ('c++11', 'c++20'):
            alone(name, cxx, 'c++', standard)

with tempfile.TemporaryDirectory() as folder:
    obj = os.path.join(folder, 'caller.o')
    must([cc, '-std=c11', '-Wall', '-Werror', include, '-c', '-o', obj,
          path('lib/tests/netbsd_caller.c')])
    for line in must(['nm', '-g', obj]).splitlines():
        symbol = line.split()[-1]
        looked_at += 1
        if not symbol.startswith('ipi_') and symbol not in (
                'caller_run', '_GLOBAL_OFFSET_TABLE_'):
            complaints.append(f'netbsd.h: {symbol} came into an object')
if cxx == 'none':
    print('no C++ compiler: looked at in C only')
verdict(looked_at, complaints)
