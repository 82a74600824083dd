#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exports.py LIBRARY.so: it exports what ipi.h declares, and nothing else."""
import re
import sys

from common import must, text, verdict

NOT_HERE = {'ipi_func_t'}
header = re.sub(r'/\*.*?\*/|#define(?:[^\n]*\\\n)*[^\n]*', '',
                text('lib/include/ipi/ipi.h'), flags=re.S)
declared = set(re.findall(r'\b(ipi_\w+)\s*\(', header)) - NOT_HERE
script = text('lib/libipi.map')
exported = {line.split()[-1].split('@')[0] for line in
            must(['nm', '-D', '--defined-only', sys.argv[1]]).splitlines()}
exported -= set(re.findall(r'^(\w+) \{', script, re.M)) # the version's own name

complaints = [f'{name}: exported, not declared in ipi.h'
              for name in sorted(exported - declared)]
complaints += [f'{name}: declared in ipi.h, not exported'
               for name in sorted(declared - exported)]
if re.findall(r'([^\s{};]+);', script) != ['ipi_*', '*']:
    complaints.append('libipi.map: exports something else than ipi_*')
verdict(len(declared), complaints)
