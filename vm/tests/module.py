# SPDX-License-Identifier: GPL-2.0-only
"""Building the module for a guest's kernel, and whose turn it is to boot one."""
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.join(ROOT, "kmod", "build")
# Where the module's sources are; kmod/build takes no others.
SOURCES = ("kmod", "lib/core", "lib/include", "lib/env/common", "lib/tests")
CANNOT = 77


def said(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def headers(ipi, kernel):
    """(code, what a module for this kernel is built in, why there is none)."""
    code, out, err = said(ipi, "vm", "fetch", "--headers", kernel)
    return code, out.strip(), err


def build(tree, out, *words):
    """What is wrong, a warning too; none: the *.ko are in out."""
    code, text, errors = said(BUILD, tree, out, *words)
    lines = (text + errors).splitlines()
    noise = [line for line in lines if "warning:" in line or "error:" in line]
    return [f"kmod/build ended with {code}", *(noise or lines[-12:])] if code or noise else []


@contextlib.contextmanager
def turn(cache):
    """Beside one busy program or two its points hold, not beside another guest whose CPUs wait for each other."""
    with open(os.path.join(os.path.dirname(os.path.abspath(cache)), "turn"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def files_of(folder):
    for where, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        yield from (os.path.join(where, name) for name in sorted(names))


def key(tree, *words):
    """What the module is made of, and for, in one word."""
    made_of = hashlib.sha256("\0".join((tree, *words, said("gcc", "--version")[1])).encode())
    for path in (os.path.join(tree, "Module.symvers"), *(path for folder in SOURCES for path in files_of(folder))):
        with open(path, "rb") as file:
            made_of.update(path.encode() + b"\0" + file.read())
    return made_of.hexdigest()


def built(tree, cache, *words):
    """The folder with the *.ko, built there unless these sources and words made what it holds; None and why."""
    os.makedirs(cache, exist_ok=True)
    stamp, wanted = os.path.join(cache, "key"), key(tree, *words)
    with open(os.path.join(cache, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # two tests may want the same one
        if os.path.exists(stamp):
            with open(stamp, encoding="ascii") as file:
                if file.read() == wanted:
                    return cache, []
            os.unlink(stamp)
        wrong = build(tree, cache, *words)
        if wrong:
            return None, wrong
        with open(stamp, "w", encoding="ascii") as file:
            file.write(wanted)
    return cache, []


def btf_base(ipi, kernel):
    """The kernel that the module's type information builds upon; None: there is none, or no pahole."""
    folder = said(ipi, "vm", "fetch", kernel)[1].strip()
    image = os.path.join(folder, "vmlinux")
    if not shutil.which("pahole") or b" .BTF " not in subprocess.run(
            ["readelf", "-SW", image], capture_output=True, check=False).stdout:
        return None
    return image


def usual(tree, cache, base):
    """As built(): what most guests load, with types known to BPF if base has some; and what counts."""
    return built(tree, cache, *([f"BTF_BASE={base}"] if base else []), "W=1", "IPI_TESTS=1")
