# SPDX-License-Identifier: GPL-2.0-only
"""What a guest finds at its root: busybox, our programs with their libraries, modules, the command.

Programs lie at the paths that they have here, so that they find what lies
beside them, and are linked from /bin; libraries lie where the C library is.
"""
import os
import shlex
import shutil

from ipivm import cpio, elf, kernels, modules
from ipivm.fail import USAGE, Stop

INIT = os.path.join(kernels.HERE, "init")
FOLDERS = ("/dev", "/proc", "/sys", "/tmp", "/out", "/run", "/root", "/mnt", "/etc")


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as err:
        raise Stop(f"{path}: {err.strerror}") from err


def _base(archive):
    for path in FOLDERS:
        archive.directory(path)
    archive.device("/dev/console", 5, 1)
    archive.file("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    archive.file("/init", _read(INIT), True)


def _applets(archive, busybox):
    """After the programs: what has its name in /bin keeps it."""
    archive.file("/bin/busybox", _read(busybox), True)
    for name in elf.applets(busybox):
        archive.link("/bin/" + name, "busybox")


def program(archive, path):
    """Puts a program and its libraries there; gives its name in /bin."""
    real = os.path.realpath(path)
    libs = elf.libraries(real)
    home = next((os.path.dirname(lib) for lib in libs if os.path.basename(lib).startswith("libc.so")), "/lib")
    for lib in libs:
        loader = os.path.basename(lib).startswith("ld-linux")
        archive.file(lib if loader else os.path.join(home, os.path.basename(lib)), _read(lib), True)
    archive.file(real, _read(real), True)
    name = os.path.basename(path)
    archive.link("/bin/" + name, real)
    return name


def _configs(archive, folder):
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            archive.file(os.path.realpath(path), _read(path))
    archive.link("/configs", os.path.realpath(folder))


def _modules(archive, kernel, more):
    """Those that a guest needs, in order, then the user's."""
    found = modules.closure(kernel.modules) if kernel.modules else {}
    needed, mine = modules.order(found), []
    for name in needed:
        archive.file(f"/lib/needed/{name}.ko", found[name])
    for path in more:
        name, data = modules.load(path)
        if modules.release(data) != kernel.release:
            raise Stop(f"{path}: built for {modules.release(data) or 'no kernel'}, but {kernel.id} is "
                       f"{kernel.release}: build it against its headers (ipi vm fetch --headers {kernel.id})")
        archive.file(f"/lib/mine/{name}.ko", data)
        mine.append(name)
    for names, path in ((needed, "/etc/needed"), (mine, "/etc/mine")):
        archive.file(path, "".join(name + "\n" for name in names).encode())


def _command(archive, words, script, there):
    """The file that the guest runs; the command's program comes along if the guest has none."""
    if script:
        archive.file("/etc/command", _read(script), True)
        return
    words, path = list(words), words[0]
    if "/" not in path and path not in there:
        path = shutil.which(path)
        if not path:
            raise Stop(f"{words[0]}: no such program, neither in a guest nor here", USAGE)
    if "/" in path and os.path.isfile(path):
        words[0] = program(archive, path)
    archive.file("/etc/command", f"exec {shlex.join(words)}\n".encode(), True)


def make(kernel, command=(), script=None, programs=(), own_modules=(), ipi=None, configs=None, motd="", size=""):
    """The archive as bytes; without command and script it is a shell's."""
    archive = cpio.Archive()
    busybox = elf.busybox()
    _base(archive)
    there = {program(archive, path) for path in (*programs, *([ipi] if ipi else []))}
    if command or script:
        _command(archive, command, script, there | set(elf.applets(busybox)))
    _applets(archive, busybox)
    if configs:
        _configs(archive, configs)
    _modules(archive, kernel, own_modules)
    archive.file("/etc/motd", motd.encode())
    archive.file("/etc/size", size.encode())
    return archive.data()
