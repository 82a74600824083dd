# SPDX-License-Identifier: GPL-2.0-only
"""Programs of this machine, with all that they need to run in a guest."""
import os
import re
import shutil
import struct
import subprocess

from ipivm.fail import CANNOT, Stop


PT_INTERP = 3


def _dynamic(path):
    """Whether a file is a program that a loader has to load: a 64-bit ELF file that names one."""
    try:
        with open(path, "rb") as file:
            data = file.read(4096)
    except OSError as err:
        raise Stop(f"{path}: {err.strerror}") from err
    if data[:5] != b"\x7fELF\2":
        return False
    at, (size, count) = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, at + i * size)[0] for i in range(count) if at + i * size + 4 <= len(data)]
    return PT_INTERP in kinds


def libraries(program):
    """The shared libraries of a program and its loader, as ldd resolves them; none of a static one."""
    if not _dynamic(program):
        return []
    done = subprocess.run(["ldd", program], env={**os.environ, "LC_ALL": "C"},
                          capture_output=True, text=True, check=False)
    lost = re.search(r"^\s*(\S+) => not found", done.stdout, flags=re.M)
    if lost or done.returncode:
        raise Stop(f"{program}: needs {lost.group(1)}, which is not found here" if lost
                   else f"{program}: ldd can't tell what it needs: {done.stderr.strip()}")
    found = re.findall(r"(?:=> |^\s*)(/\S+) \(0x", done.stdout, flags=re.M)
    # The C library opens it by name where a thread ends or is cancelled.
    beside = [os.path.join(os.path.dirname(path), "libgcc_s.so.1") for path in found
              if os.path.basename(path) == "libc.so.6"]
    return list(dict.fromkeys(found + [path for path in beside if os.path.exists(path)]))


def busybox():
    """The static busybox that all guests live on."""
    path = shutil.which("busybox")
    if not path:
        raise Stop("busybox is missing: install the package busybox-static", CANNOT)
    if _dynamic(path):
        raise Stop(f"{path} is not static: install the package busybox-static", CANNOT)
    return path


def applets(path):
    return subprocess.run([path, "--list"], capture_output=True, text=True, check=True).stdout.split()
