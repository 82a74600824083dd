# SPDX-License-Identifier: GPL-2.0-only
"""Kernel modules as files: what they need, and the order in which they can be loaded."""
import lzma
import os
import re
import zlib

from ipivm.fail import Stop

# A guest needs these, as far as they are not built in.
WANTED = ("virtio_pci", "9p", "9pnet_virtio")
SUFFIX = re.compile(r"\.ko(\.xz|\.gz)?$")


def name_of(path):
    """As the kernel calls it; None: no module."""
    base = os.path.basename(path)
    return SUFFIX.sub("", base).replace("-", "_") if SUFFIX.search(base) else None


def content(data, path):
    """A module's ELF file, unpacked."""
    if path.endswith(".xz"):
        data = lzma.decompress(data)
    elif path.endswith(".gz"):
        data = zlib.decompress(data, zlib.MAX_WBITS | 16)
    if not data.startswith(b"\x7fELF"):
        raise Stop(f"{path}: not a kernel module")
    return data


def _modinfo(data, key):
    found = re.search(rb"\0" + key + rb"=([^\0]*)\0", data)
    return found.group(1).decode("ascii", "replace") if found else ""


def depends(data):
    return [name.replace("-", "_") for name in _modinfo(data, b"depends").split(",") if name]


def release(data):
    """The kernel that a module was built for."""
    return _modinfo(data, b"vermagic").split(" ")[0]


def missing(found):
    """What the modules in {name: content} need and is not among them."""
    return {need for data in found.values() for need in depends(data)} - set(found)


def order(found):
    """Names so that each stands behind what it needs."""
    done = []

    def visit(name):
        if name in done or name not in found:
            return
        for need in depends(found[name]):
            visit(need)
        done.append(name)

    for name in sorted(found):
        visit(name)
    return done


def closure(folder):
    """Those that a guest needs, as {name: content}, out of a folder of modules."""
    files = {name_of(name): os.path.join(where, name)
             for where, _, names in os.walk(folder) for name in names if name_of(name)}
    found, todo = {}, list(WANTED)
    while todo:
        name = todo.pop()
        if name in files and name not in found:
            found[name] = load(files[name])[1]
            todo += depends(found[name])
    return found


def load(path):
    """A module's name and content."""
    try:
        with open(path, "rb") as file:
            return name_of(path) or os.path.basename(path), content(file.read(), path)
    except OSError as err:
        raise Stop(f"{path}: {err.strerror}") from err
    except (lzma.LZMAError, zlib.error) as err:
        raise Stop(f"{path}: damaged: {err}") from err
