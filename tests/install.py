#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""install.py MESON CC: the library as a stranger meets it: installed, found by
pkg-config, linked shared and static, with the single-design build as well."""
import os
import shutil
import sys
import tempfile

from common import ROOT, must

PROGRAM = '''
#include <ipi/ipi.h>
int main(void)
{
	struct ipi_cpu *cpu;
	int err = ipi_init(0);

	if (!err)
		err = ipi_cpu_attach(0, &cpu);
	if (!err)
		err = ipi_cpu_index(cpu) != 0 || ipi_cpu_lookup(0) != cpu ||
		      !ipi_register((ipi_func_t)main, 0);
	if (!err)
		err = ipi_cpu_detach();
	if (!err)
		err = ipi_fini();
	return err ? 1 : 0;
}
'''
meson, cc = sys.argv[1].split(), sys.argv[2]
if not shutil.which('pkg-config'):
    print('skipped: pkg-config is not installed')
    sys.exit(77)

tried = 0
with tempfile.TemporaryDirectory() as work:
    source = os.path.join(work, 'stranger.c')
    with open(source, 'w', encoding='utf-8') as file:
        file.write(PROGRAM)
    for name, options in (('all', []), ('single', ['-Dsingle_design=true'])):
        prefix = os.path.join(work, name)
        build = prefix + '-build'
        must([*meson, 'setup', build, ROOT, '--prefix', prefix, '--libdir', 'lib',
              '-Dprograms=false', '-Doptimization=1', *options])
        must([*meson, 'install', '-C', build, '--quiet'])
        env = {**os.environ, 'PKG_CONFIG_PATH': os.path.join(prefix, 'lib/pkgconfig'),
               'LD_LIBRARY_PATH': os.path.join(prefix, 'lib')}
        flags = must(['pkg-config', '--cflags', '--libs', 'ipi'], env=env).split()
        static = [os.path.join(prefix, 'lib/libipi.a'), '-pthread']
        for how, link in (('shared', flags), ('static', flags[:1] + static)):
            program = os.path.join(work, f'{name}-{how}')
            must([cc, '-Wall', '-Werror', source, '-o', program, *link])
            must([program], env=env)
            tried += 1
print(f'{tried} ways to link tried')
sys.exit(0 if tried == 4 else 1)
