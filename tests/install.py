#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""install.py MESON CC: the library as a stranger meets it: installed, found by
pkg-config, linked shared and static, with the single-design build as well; and
the module's sources, where DKMS finds them."""
import os
import re
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

def module_source(folder):
    """All that its Kbuild compiles and includes, and nothing that the library's owner keeps for himself."""
    [name] = os.listdir(folder)
    found = {os.path.relpath(os.path.join(where, file), os.path.join(folder, name))
             for where, _, files in os.walk(os.path.join(folder, name)) for file in files}
    with open(os.path.join(folder, name, 'dkms.conf'), encoding='utf-8') as file:
        conf = file.read()
    with open(os.path.join(ROOT, 'kmod', 'Kbuild'), encoding='utf-8') as file:
        objects = re.findall(r'\b(\w+)\.o\b', file.read())
    wanted = {object + '.c' for object in objects if object not in ('ipi', 'hist')}
    wanted |= {'Kbuild', 'env/ipi/env.h', 'lib/core/ipi.c', 'lib/include/ipi/uapi.h', 'lib/env/common/ipi/atomics.h'}
    missing = sorted(wanted - found)
    extra = sorted(file for file in found if file.startswith(('tests', 'example', 'lib/user')))
    version = re.search(r'^PACKAGE_VERSION="(.*)"$', conf, flags=re.M)[1]
    if missing or extra or len(wanted) < 15 or name != f'ipi-{version}' or '@' in conf:
        sys.exit(f"the module's source in {name}: missing {missing}, too much {extra}; {conf}")


tried = 0
with tempfile.TemporaryDirectory() as work:
    source = os.path.join(work, 'stranger.c')
    with open(source, 'w', encoding='utf-8') as file:
        file.write(PROGRAM)
    for name, options in (('all', []), ('single', ['-Dsingle_design=true'])):
        prefix = os.path.join(work, name)
        build = prefix + '-build'
        must([*meson, 'setup', build, ROOT, '--prefix', prefix, '--libdir', 'lib',
              '-Dprograms=false', '-Doptimization=1', f'-Dkmod_source={prefix}-src', *options])
        # What is installed, and nothing else: its tests are built elsewhere.
        must([*meson, 'compile', '-C', build, 'ipi:shared_library', 'ipi:static_library'])
        must([*meson, 'install', '-C', build, '--quiet', '--no-rebuild'])
        module_source(prefix + '-src')
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
