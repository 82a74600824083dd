#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""layers.py: who includes whom, one direction only:
bench -> lib/tool -> lib/user -> lib/core -> <ipi/...> -> <ipi/env.h>; trace -> lib/tool."""
import re

from common import text, tree, verdict

INCLUDE = re.compile(r'^\s*#\s*include\s+(<[^>]+>|"[^"]+")', re.M)

# Folder of the includer: what its quoted includes may begin with, and which
# angle-bracketed ones it may have. None: any.
IPI = r'<ipi/[a-z]+\.(h|def)>'
RULES = (
    ('lib/core/', ('core/',), IPI),
    ('lib/include/', (), r'<ipi/[a-z]+\.(h|def)>|<std(bool|def|int)\.h>|<linux/ioctl\.h>'),
    ('lib/env/model/', ('core/', 'model/'), None),
    ('lib/env/', (), None),
    ('lib/user/', ('core/', 'user/'), None),
    ('lib/layers/', ('layers/',), IPI),
    ('lib/tool/', ('tool/', 'core/hist.h', ''), None),
)
# The tracer watches the kernel, whatever sends there: it knows no library of ours.
NOT_IN_TRACE = re.compile(r'"(core|user|env|model|bench|kmod)/|"(front|bench)\.h"|<ipi/(?!uapi\.h)')
BENCH = re.compile(r'bench|front\.h|harness|trace/|kmod/')
NOT_IN_CORE = re.compile(r'__KERNEL__|\b(?:(?:malloc|free|printf) ?\(|errno\b)')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)

complaints = []
looked_at = 0
sources = {name for name in tree('lib') if name.endswith(('.c', '.h', '.def'))}
for name in sorted(sources):
    source = text(name)
    looked_at += 1
    if name.startswith('lib/core/') and NOT_IN_CORE.search(COMMENT.sub('', source)):
        complaints.append(f'{name}: core knows no libc and no kernel')
    for found in INCLUDE.findall(source):
        inner = found[1:-1]
        if found[0] == '"' and BENCH.search(inner) and '/tests/' not in name:
            complaints.append(f'{name}: includes {found}: lib knows no program')
        for folder, quoted, angled in RULES:
            if not name.startswith(folder) or '/tests/' in name:
                continue
            beside = '/' not in inner and folder + inner in sources
            if found[0] == '"' and not beside and not inner.startswith(quoted):
                complaints.append(f'{name}: includes {found}')
            if found[0] == '<' and angled and not re.fullmatch(angled, found):
                complaints.append(f'{name}: includes {found}')
            break # the first rule, the nearest folder's
for name in sorted(name for name in tree('trace') if name.endswith(('.c', '.h'))):
    looked_at += 1
    complaints += [f'{name}: includes {found}' for found in INCLUDE.findall(text(name)) if NOT_IN_TRACE.match(found)]
verdict(looked_at, complaints)
