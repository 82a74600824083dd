#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bare.py CC WORLD -- CFLAGS -- SOURCES: core compiles against a world that
has nothing, and asks for nothing but the seam's own functions."""
import os
import re
import sys
import tempfile

from common import must, path, text, verdict

cc, world = sys.argv[1], sys.argv[2]
rest = sys.argv[4:]
flags, sources = rest[:rest.index('--')], rest[rest.index('--') + 1:]
# What a compiler may call by itself, even freestanding.
COMPILER = {'memcpy', 'memmove', 'memset', 'memcmp', '_GLOBAL_OFFSET_TABLE_'}
header = re.sub(r'/\*.*?\*/', '', text('lib/env/common/ipi/calls.h') +
                text('lib/env/common/ipi/extern.h') +
                text(f'lib/env/{world}/ipi/env.h'), flags=re.S)
seam = set(re.findall(r'^[a-z][\w \*]*?\b(ipi_(?:env|model)_\w+)\(', header, re.M))

with tempfile.TemporaryDirectory() as folder:
    objects = []
    for source in sources:
        objects.append(os.path.join(folder, os.path.basename(source) + '.o'))
        must([cc, '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror',
              '-Wno-unused-parameter', '-Wno-missing-field-initializers',
              '-ffreestanding', '-fno-stack-protector',
              *flags, '-I' + path('lib/env', world), '-I' + path('lib/env/common'),
              '-I' + path('lib/include'), '-I' + path('lib'), '-c', source,
              '-o', objects[-1]])
    whole = os.path.join(folder, 'core.o')
    must([cc, '-nostdlib', '-r', '-o', whole, *objects])
    missing = {line.split()[-1] for line in must(['nm', '-u', whole]).splitlines()}
print('asks for:', ' '.join(sorted(missing)))
complaints = [f'{name}: not of the seam' for name in
              sorted(missing - seam - COMPILER)]
if not missing & seam:
    complaints.append('core asks the seam for nothing: was it compiled?')
verdict(len(sources), complaints)
