#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""test_dkms.py FOLDER: DKMS takes the module's source as it is installed, and builds it for a kernel's headers.

Debian's dkms is fetched and unpacked, not installed; its trees are made in
FOLDER, anew each time, and in the same place, so that ccache knows them.
"""
import os
import re
import shutil
import subprocess
import sys

from common import VM
from ipivm import kernels, packages
from ipivm.fail import CANNOT, Stop

ROOT = os.path.dirname(VM)
KERNEL = "6.1"


def run(*command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


def unpacked(folder):
    """The path of dkms."""
    fields = packages.show("dkms")
    if not fields:
        raise Stop("apt knows no package dkms: run 'apt-get update' as root", CANNOT)
    packages.unpack(packages.download(fields, folder), os.path.join(folder, "root"))
    return os.path.join(folder, "root", "usr", "sbin", "dkms")


def main(work):
    for tool, package in (("modinfo", "kmod"), ("depmod", "kmod")):
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            raise Stop(f"{tool} is missing: as root, apt-get install {package}", CANNOT)
    tree = kernels.fetch_headers(KERNEL)
    release = os.path.basename(tree).removeprefix("linux-headers-")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    dkms = unpacked(work)
    sources, state = os.path.join(work, "src"), os.path.join(work, "state")
    run(os.path.join(ROOT, "kmod", "stage"), os.path.join(sources, "ipi-0"))
    with open(os.path.join(sources, "ipi-0", "dkms.conf"), encoding="utf-8") as file:
        version = re.search(r'^PACKAGE_VERSION="(.*)"$', file.read(), flags=re.M)[1]
    os.rename(os.path.join(sources, "ipi-0"), os.path.join(sources, f"ipi-{version}"))
    os.mkdir(state)
    common = ["--sourcetree", sources, "--dkmstree", state, "-m", f"ipi/{version}"]
    env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    run("bash", dkms, "add", *common, env=env)
    said = run("bash", dkms, "build", *common, "-k", release, "-a", "x86_64", "--kernelsourcedir", tree, env=env)
    if "bad exit status" in said:
        sys.exit(said)
    module = os.path.join(state, "ipi", version, release, "x86_64", "module", "ipi.ko")
    about = [run("modinfo", "-F", field, module, env=env).strip() for field in ("version", "vermagic")]
    print(f"ipi.ko {about[0]} for {about[1]}")
    return 0 if about[0] == version and about[1].split()[0] == release else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Stop as stop:
        print(stop)
        sys.exit(stop.code)
