# SPDX-License-Identifier: GPL-2.0-only
"""What the structure tests share: the tree, commands, the verdict."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = re.compile(r'\.(c|h|def|py|sh|map|gp|build)$|^run$|meson_options\.txt$')


def path(*parts):
    return os.path.join(ROOT, *parts)


def text(name):
    with open(path(name), encoding='utf-8') as file:
        return file.read()


def tree(top=''):
    """Every file of the project, by name from its root, build trees left out."""
    found = []
    for folder, folders, names in os.walk(path(top)):
        folders[:] = [f for f in folders if f not in ('.git', '__pycache__') and
                      not os.path.exists(os.path.join(folder, f, 'meson-private'))]
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    return sorted(found)


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)
    return done.returncode, done.stdout


def must(command, **more):
    code, out = run(command, **more)
    if code:
        sys.exit(f"{' '.join(command)}\n{out}")
    return out


def verdict(looked_at, complaints):
    """A test that looked at nothing fails, too."""
    for complaint in complaints:
        print(complaint)
    print(f'{looked_at} looked at, {len(complaints)} complaints')
    sys.exit(1 if complaints or not looked_at else 0)
