# SPDX-License-Identifier: GPL-2.0-only
"""Which kernels there are, where each comes from, and what a guest needs to know of it."""
import dataclasses
import difflib
import os
import re
import subprocess
import sys
import tempfile

from ipivm import cache, modules, packages, vmlinux
from ipivm.fail import CANNOT, USAGE, Stop

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILDER = os.path.join(HERE, "kernels", "build")


@dataclasses.dataclass
class Kernel:
    """What a guest is started with."""
    id: str
    release: str
    image: str                  # what QEMU's -kernel takes
    modules: str = None         # folder of those that a guest needs; None: built in
    append: str = ""            # more words for the kernel's command line
    drop: tuple = ()            # words of the fixed command line to leave out
    max_cpus: int = None


DEBIAN = {
    "6.1": (r"linux-image-6\.1\.0-\d+-amd64", "Debian 12's kernel"),
    "6.1-rt": (r"linux-image-6\.1\.0-\d+-rt-amd64", "the same with PREEMPT_RT"),
    "6.1-cloud": (r"linux-image-6\.1\.0-\d+-cloud-amd64", "the same for clouds: few drivers, no 9p"),
    "6.12": (r"linux-image-6\.12\.\d+\+deb12-amd64", "Debian 12's newer one: ipi:* and csd:* tracepoints"),
}
BUILT = {
    "kasan": "built here: KASAN, lockdep, UBSAN, sleeping in atomic context",
    "kcsan": "built here: KCSAN, data races",
}
# Builders' own words: their kernels are slow, and have what `nowatchdog` turns off.
BUILT_DROP = ("nowatchdog",)
# A warning from an interrupt ("hrtimer: interrupt took", on a busy machine) takes
# the console's own lock, which lockdep reports before it falls silent. Warnings
# are read from the kernel's log; an oops is on the console whatever the level.
# Calls that no CPU answers are looked for only when asked, and told before the
# tests' own waits give up, after 15 s.
BUILT_APPEND = "loglevel=4 csdlock_debug=1 smp.csd_lock_timeout=10000"
BUILT_CPUS = 64


def say(text):
    sys.stderr.write(f"ipi vm: {text}\n")


# ---- Debian's ---------------------------------------------------------------

def _take(deb, folder):
    """Kernel, config and the few modules out of an image package."""
    found, wanted, image, tried = {}, set(modules.WANTED), None, set()
    while wanted:
        with packages.members(deb) as archive:
            for member in archive:
                name = modules.name_of(member.name)
                if name in wanted:
                    found[name] = modules.content(archive.extractfile(member).read(), member.name)
                elif member.name.startswith("./boot/vmlinuz-"):
                    image = archive.extractfile(member).read()
                elif member.name.startswith("./boot/config-"):
                    _write(folder, "config", archive.extractfile(member).read())
        tried |= wanted
        wanted = modules.missing(found) - tried
    if not image:
        raise Stop(f"{os.path.basename(deb)} holds no kernel")
    _write(folder, "vmlinux", vmlinux.extract(image, os.path.basename(deb)))
    for name, data in found.items():
        _write(os.path.join(folder, "modules"), name + ".ko", data)
    return vmlinux.release(image, deb)


def _write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def _entries(kind, ident):
    """Whole entries of one kernel, newest first."""
    above = os.path.join(cache.root(), kind, ident)
    names = os.listdir(above) if os.path.isdir(above) else []
    paths = [os.path.join(above, name) for name in sorted(names, key=packages.natural, reverse=True)]
    return [path for path in paths if cache.about(path)]


def _fetch_debian(ident):
    fields = packages.newest(DEBIAN[ident][0])
    entry = os.path.join("kernels", ident, f"{fields['Package']}_{fields['Version']}")
    with cache.locked():
        if cache.whole(os.path.join(cache.root(), entry)):
            return os.path.join(cache.root(), entry)
        say(f"fetching {fields['Package']}, {int(fields['Size']) >> 20} MB")

        def fill(folder):
            with tempfile.TemporaryDirectory(prefix=".aside-", dir=cache.root()) as work:
                release = _take(packages.download(fields, work), folder)
            about["release"] = release

        about = {"package": fields["Package"], "version": fields["Version"], "sha256": fields["SHA256"]}
        return cache.put(entry, about, fill)


def _debian(ident):
    for path in _entries("kernels", ident):
        if cache.right_sizes(path):
            break
        say(f"{path}: damaged; fetching it again")
    else:
        path = _fetch_debian(ident)
    release = cache.about(path)["release"]
    folder = os.path.join(path, "modules")
    return Kernel(ident, release, os.path.join(path, "vmlinux"), folder if os.path.isdir(folder) else None)


# ---- headers ----------------------------------------------------------------

def _headers_of(ident, release):
    for path in _entries("headers", ident):
        if cache.about(path)["release"] == release:
            return os.path.join(path, cache.about(path)["tree"])
    return None


def _mend(tree):
    """The one absolute path in the headers: the common Makefile's."""
    path = os.path.join(tree, "Makefile")
    with open(path, encoding="ascii") as file:
        text = file.read()
    with open(path, "w", encoding="ascii") as file:
        file.write(re.sub(r"^include /usr/src/", "include $(dir $(lastword $(MAKEFILE_LIST)))../",
                          text, flags=re.M))


def headers_needed(fields):
    """The packages that a package of headers builds upon, compilers aside."""
    return re.findall(r"linux-(?:headers|kbuild)-[^\s,]+", fields.get("Depends", ""))


def fetch_headers(ident):
    """The headers of the newest kernel, which is fetched too: the two must be of one release."""
    about = cache.about(_fetch_debian(ident))
    release, version = about["release"], about["version"]
    ready = _headers_of(ident, release)
    if ready:
        return ready
    wanted, done = [f"linux-headers-{release}"], []

    def fill(folder):
        with tempfile.TemporaryDirectory(prefix=".aside-", dir=cache.root()) as work:
            while wanted:
                name = wanted.pop()
                fields = packages.show(name)
                if not fields:
                    raise Stop(f"apt knows no package {name}: run 'apt-get update' as root", CANNOT)
                say(f"fetching {name}")
                packages.unpack(packages.download(fields, work), folder)
                done.append(name)
                wanted.extend(set(headers_needed(fields)) - set(done))
        _mend(os.path.join(folder, tree))

    tree = os.path.join("usr", "src", f"linux-headers-{release}")
    entry = os.path.join("headers", ident, f"{release}_{version}")
    with cache.locked():
        return os.path.join(cache.put(entry, {"release": release, "tree": tree}, fill), tree)


# ---- built here, and named by path --------------------------------------------

def _built(ident):
    if not os.path.exists(BUILDER):
        raise Stop(f"{ident} is built by {BUILDER}, which is missing: use a whole source tree", CANNOT)
    folder = os.path.join(cache.root(), "built", ident)
    if not os.path.exists(os.path.join(folder, "release")):
        say(f"building {ident}; that takes minutes, once")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    done = subprocess.run([BUILDER, ident, folder], stdout=sys.stderr, check=False)
    if done.returncode:
        raise Stop(f"{ident} could not be built: what its build said stands above", done.returncode)
    return _folder(ident, folder, append=BUILT_APPEND, drop=BUILT_DROP, max_cpus=BUILT_CPUS)


def _folder(ident, folder, **more):
    """A folder as the builder leaves it."""
    for name in ("vmlinux", "bzImage"):
        image = os.path.join(folder, name)
        if os.path.exists(image):
            break
    else:
        raise Stop(f"{folder}: holds neither vmlinux nor bzImage")
    with open(os.path.join(folder, "release"), encoding="ascii") as file:
        release = file.read().strip()
    return Kernel(ident, release, image, **more)


def _installed_modules(image, release):
    """The folder of a kernel's modules: beside it, as in a package laid out anywhere, or this machine's."""
    above = os.path.dirname(os.path.dirname(os.path.realpath(image)))
    for root in (above, "/"):
        folder = os.path.join(root, "lib", "modules", release)
        if os.path.isdir(folder):
            return folder
    return None


def _by_path(path):
    if os.path.isdir(path):
        return _folder(path, path)
    try:
        with open(path, "rb") as file:
            release = vmlinux.release(file.read(), path)
    except OSError as err:
        raise Stop(f"{path}: {err.strerror}") from err
    return Kernel(path, release, path, _installed_modules(path, release))


# ---- the table --------------------------------------------------------------

def names():
    return [*DEBIAN, *BUILT]


def check(ident, among):
    if ident not in among:
        near = difflib.get_close_matches(ident, among, 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else f": {', '.join(among)}"
        raise Stop(f"no kernel '{ident}'{hint}", USAGE)


def find(ident):
    """A kernel ready to run; fetched or built if it is not there."""
    if "/" in ident or os.path.isfile(ident):
        return _by_path(ident)
    check(ident, names())
    return _debian(ident) if ident in DEBIAN else _built(ident)


def fetch(ident):
    """The newest of a kernel, as a folder."""
    check(ident, names())
    return _fetch_debian(ident) if ident in DEBIAN else os.path.dirname(_built(ident).image)


def table():
    """(id, what it is, release or None, headers or None) of each kernel, from what is cached alone."""
    rows = []
    for ident, (_, what) in DEBIAN.items():
        entries = _entries("kernels", ident)
        release = cache.about(entries[0])["release"] if entries else None
        rows.append((ident, what, release, release and _headers_of(ident, release)))
    for ident, what in BUILT.items():
        folder = os.path.join(cache.root(), "built", ident)
        try:
            rows.append((ident, what, _folder(ident, folder).release, os.path.isdir(os.path.join(folder, "build"))))
        except (OSError, Stop):
            rows.append((ident, what, None, None))
    return rows
