# SPDX-License-Identifier: GPL-2.0-only
"""Where kernels are kept: whole entries, made aside and renamed, with the sums of their files."""
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile

from ipivm.fail import Stop

ABOUT = "about.json"


def root():
    given = os.environ.get("IPI_VM_CACHE")
    if given:
        return os.path.abspath(given)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "ipi", "vm")


@contextlib.contextmanager
def locked():
    """One writer at a time; what a killed one left aside goes."""
    try:
        os.makedirs(root(), exist_ok=True)
        lock = open(os.path.join(root(), "lock"), "w", encoding="ascii")
    except OSError as err:
        raise Stop(f"{root()}: cannot be written ({err.strerror}): set IPI_VM_CACHE to a place that can") from err
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in os.listdir(root()):
            if name.startswith(".aside-"):
                shutil.rmtree(os.path.join(root(), name), ignore_errors=True)
        yield


def _sums(folder):
    sums = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if name != ABOUT and not os.path.islink(path):
                with open(path, "rb") as file:
                    sums[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return sums


def put(entry, said, fill):
    """Makes an entry: fill(folder) puts its files. The caller holds the lock."""
    final = os.path.join(root(), entry)
    aside = tempfile.mkdtemp(prefix=".aside-", dir=root())
    try:
        made = os.path.join(aside, "entry")
        os.mkdir(made)
        fill(made)
        with open(os.path.join(made, ABOUT), "w", encoding="utf-8") as file:
            sums = _sums(made)
            sizes = {name: os.path.getsize(os.path.join(made, name)) for name in sums}
            json.dump({**said, "sums": sums, "sizes": sizes}, file, indent=1)
        os.makedirs(os.path.dirname(final), exist_ok=True)
        if os.path.isdir(final):
            os.rename(final, os.path.join(aside, "old"))
        os.rename(made, final)
    except OSError as err:
        raise Stop(f"{final}: cannot be written: {err.strerror}") from err
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return final


def about(folder):
    """What was said of an entry; None: there is no whole entry."""
    try:
        with open(os.path.join(folder, ABOUT), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def whole(folder):
    """Whether each file of an entry is what was put there."""
    said = about(folder)
    return bool(said) and said.get("sums") == _sums(folder)


def right_sizes(folder):
    """The same at a glance, for each run."""
    said = about(folder)
    try:
        return bool(said) and all(os.path.getsize(os.path.join(folder, name)) == size
                                  for name, size in said["sizes"].items())
    except (OSError, KeyError):
        return False
