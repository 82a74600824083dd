#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""arm64.py MESON FOLDER: the library and its tests, compiled for arm64 and run
under an emulator in a build tree of their own."""
import os
import shutil
import sys

from common import ROOT, path, run

meson, folder = sys.argv[1].split(), sys.argv[2]
for program, why in (('aarch64-linux-gnu-gcc', 'no compiler for arm64'),
                     ('qemu-aarch64-static', 'no emulator for arm64'),
                     ('ninja', 'no ninja')):
    if not shutil.which(program):
        print(f'skipped: {why} ({program} is not installed)')
        sys.exit(77)
if not os.path.exists(os.path.join(folder, 'build.ninja')):
    code, out = run([*meson, 'setup', folder, ROOT, '-Dprograms=false',
                     '--cross-file', path('tests/cross/aarch64.ini')])
    if code:
        sys.exit(out)
os.environ.pop('MESON_TEST_ITERATION', None)
code, out = run([*meson, 'test', '-C', folder, '--num-processes', '2',
                 '--print-errorlogs', '--suite', 'unit', '--suite', 'contract'])
print(out[-8000:])
if not code and 'Ok:' not in out:
    code = 1
sys.exit(code)
