#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Fetching: which package, from an apt that is made up here, fails in each way, or has no network."""
import hashlib
import json
import lzma
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest

from common import VM, Case
from ipivm import kernels, packages

KERNEL = b"\x7fELF" + b"kernel " * 1000 + b"Linux version 6.1.0-56-amd64 (x)"
NAMES = ["linux-image-6.1.0-9-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.1.0-56-amd64-dbg",
         "linux-image-6.1.0-57-amd64-unsigned", "linux-image-6.1.0-55-rt-amd64", "linux-image-6.1.0-60-cloud-amd64",
         "linux-image-6.12.9+deb12-amd64", "linux-image-6.12.117+deb12-amd64", "linux-image-6.12.200+deb12-rt-amd64",
         "linux-image-6.12.117-amd64", "linux-image-amd64", "linux-image-6.10.3-amd64"]


class Choice(Case):
    def newest(self, ident):
        return packages.matching(NAMES, kernels.DEBIAN[ident][0])

    def test_each_kernel_has_its_own(self):
        self.assertEqual(self.newest("6.1"), ["linux-image-6.1.0-56-amd64", "linux-image-6.1.0-9-amd64"])
        self.assertEqual(self.newest("6.1-rt"), ["linux-image-6.1.0-55-rt-amd64"])
        self.assertEqual(self.newest("6.1-cloud"), ["linux-image-6.1.0-60-cloud-amd64"])
        self.assertEqual(self.newest("6.12"), ["linux-image-6.12.117+deb12-amd64", "linux-image-6.12.9+deb12-amd64"])

    def test_what_headers_need(self):
        for needs in ("linux-headers-6.1.0-56-common (= 6.1.192-2), linux-kbuild-6.1 (>= 6.1.192-2), linux-compiler-gcc",
                      "linux-headers-6.1.0-56-common, gcc-12, linux-kbuild-6.1"):
            self.assertEqual(kernels.headers_needed({"Depends": needs}),
                             ["linux-headers-6.1.0-56-common", "linux-kbuild-6.1"])

    def test_what_apt_says_is_told_in_a_sentence(self):
        for said, sentence in (("E: Temporary failure resolving 'mirror'", "is there a network"),
                               ("E: Could not connect to 127.0.0.1:9", "is there a network"),
                               ("E: Failed to fetch x  404  Not Found", "apt's lists are older"),
                               ("E: Write error - write (28: No space left on device)", "disk is full"),
                               ("E: strange", "apt failed: strange"), ("", "it gave no reason")):
            self.assertIn(sentence, packages.failure(said))


def bzimage():
    payload = lzma.compress(KERNEL) + struct.pack("<I", len(KERNEL))
    head = bytearray(1024)
    head[0x1f1], head[0x202:0x206] = 1, b"HdrS"
    struct.pack_into("<H", head, 0x20e, 0x180)
    head[0x380:0x380 + 18] = b"6.1.0-56-amd64 (x)"
    struct.pack_into("<II", head, 0x248, 0, len(payload))
    return bytes(head) + payload


class FakeApt(Case):
    """An apt whose only package is made here; `after` is what its apt-get does behind the download."""
    NAME, VERSION = "linux-image-6.1.0-56-amd64", "6.1.192-2"

    def setUp(self):
        super().setUp()
        self.cache = self.path("cache")
        self.write("pkg/boot/vmlinuz-6.1.0-56-amd64", bzimage())
        self.write("pkg/boot/config-6.1.0-56-amd64", "CONFIG_X=y\n")
        for name, needs in (("9p", "9pnet"), ("9pnet", ""), ("virtio_pci", "")):
            self.write(f"pkg/lib/modules/6.1.0-56-amd64/kernel/{name}.ko", f"\x7fELF\0depends={needs}\0x\0")
        self.write("pkg/DEBIAN/control", f"Package: {self.NAME}\nVersion: {self.VERSION}\nArchitecture: amd64\n"
                   "Maintainer: nobody <nobody@localhost>\nDescription: x\n")
        self.deb = self.path(f"{self.NAME}_{self.VERSION}_amd64.deb")
        subprocess.run(["dpkg-deb", "-Znone", "-b", self.path("pkg"), self.deb], check=True,
                       stdout=subprocess.DEVNULL)
        self.apt()

    def apt(self, get=None, sha256=None):
        with open(self.deb, "rb") as file:
            sha256 = sha256 or hashlib.sha256(file.read()).hexdigest()
        show = (f"Package: {self.NAME}\nVersion: {self.VERSION}\nSize: {os.path.getsize(self.deb)}\n"
                f"Filename: x\nSHA256: {sha256}\n")
        names = f"{self.NAME}\nlinux-image-6.1.0-99-amd64\n"  # the newer one cannot be had
        self.write("bin/apt-cache", f"#!/bin/sh\ncase \"$*\" in pkgnames*) printf '{names}' ;;\n"
                   f"*{self.NAME}) printf '{show}' ;; *) exit 100 ;; esac\n", 0o755)
        self.write("bin/apt-get", "#!/bin/sh\n" + (get or f"cp {self.deb} .\n"), 0o755)
        self.env = {"PATH": f"{self.path('bin')}:{os.environ['PATH']}", "IPI_VM_CACHE": self.cache}

    def fetch(self):
        return self.vm("fetch", env=self.env)

    def refused(self, code, says):
        done = self.fetch()
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], says)
        self.nothing_aside()
        self.assertNotIn("kernels", os.listdir(self.cache))

    def nothing_aside(self):
        self.assertEqual([name for name in os.listdir(self.cache) if name.startswith(".")], [])

    def test_whole_entry(self):
        done = self.fetch()
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = done.stdout.strip()
        with open(os.path.join(folder, "vmlinux"), "rb") as file:
            self.assertEqual(file.read(), KERNEL)
        self.assertEqual(sorted(os.listdir(os.path.join(folder, "modules"))), ["9p.ko", "9pnet.ko", "virtio_pci.ko"])
        with open(os.path.join(folder, "about.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["release"], "6.1.0-56-amd64")
        self.nothing_aside()
        # Once there it is used without apt-get, and seen by list.
        self.apt(get="exit 1\n")
        self.assertEqual(self.fetch().stdout.strip(), folder)
        self.assertRegex(self.vm("list", env=self.env).stdout, r"(?m)^6\.1 +6\.1\.0-56-amd64 +no ")

    def test_a_damaged_entry_is_fetched_again(self):
        folder = self.fetch().stdout.strip()
        with open(os.path.join(folder, "vmlinux"), "r+b") as file:
            file.write(b"XXXX")
        done = self.fetch()
        self.assertIn("fetching", done.stderr)
        with open(os.path.join(folder, "vmlinux"), "rb") as file:
            self.assertEqual(file.read(), KERNEL)

    def test_another_hash_than_the_lists_have(self):
        self.apt(sha256="0" * 64)
        self.refused(1, "not what apt's lists promise")

    def test_apt_fails(self):
        self.apt(get="echo 'E: Failed to fetch x  404  Not Found' >&2; exit 100\n")
        self.refused(77, f"cannot fetch {self.NAME}: apt's lists are older")

    def test_no_network(self):
        self.apt(get="echo \"Err:1 x Temporary failure resolving 'm'\"; echo 'E: Failed to fetch x' >&2; exit 100\n")
        self.refused(77, "is there a network")

    def test_no_kernel_in_the_package(self):
        os.remove(self.path("pkg", "boot", "vmlinuz-6.1.0-56-amd64"))
        subprocess.run(["dpkg-deb", "-Znone", "-b", self.path("pkg"), self.deb], check=True, stdout=subprocess.DEVNULL)
        self.apt()
        self.refused(1, "holds no kernel")

    def test_no_package(self):
        self.write("bin/apt-cache", "#!/bin/sh\nexit 0\n", 0o755)
        self.refused_without_cache(77, "apt knows no package .*apt-get update")

    def refused_without_cache(self, code, says):
        done = self.fetch()
        self.assertEqual((done.returncode, done.stderr.count("\n")), (code, 1), done.stderr)
        self.assertRegex(done.stderr, says)

    def test_no_apt(self):
        self.env["PATH"] = self.path("empty")
        done = subprocess.run([sys.executable, os.path.join(VM, "ipi-vm"), "fetch"], env=self.env,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 77)
        self.assertIn("apt-cache is missing", done.stderr)

    def test_unknown_kernels(self):
        for ident, says in (("6.1-rf", "did you mean 6.1-rt"), ("7", "no kernel '7': 6.1,")):
            done = self.vm("fetch", ident, env=self.env)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)

    def test_interrupted(self):
        self.apt(get=f"cp {self.deb} .\ntouch {self.path('reached')}\nexec sleep 60\n")
        for sig in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(sig), subprocess.Popen([os.path.join(VM, "ipi-vm"), "fetch"], start_new_session=True,
                                                     env={**os.environ, **self.env}, stderr=subprocess.DEVNULL) as vm:
                while not os.path.exists(self.path("reached")):
                    self.assertIsNone(vm.poll())
                    time.sleep(0.02)
                os.killpg(vm.pid, sig)
                self.assertEqual(vm.wait(20), 1)
                os.remove(self.path("reached"))
            self.nothing_aside()

    def test_what_a_killed_one_left_goes(self):
        self.write("cache/.aside-left/x", "x")
        self.fetch()
        self.nothing_aside()

    def test_the_cache_cannot_be_written(self):
        self.cache = self.env["IPI_VM_CACHE"] = os.path.join(self.write("file", ""), "cache")
        self.refused_without_cache(1, "cannot be written .*IPI_VM_CACHE")


class RealApt(Case):
    @unittest.skipUnless(shutil.which("apt-cache"), "no apt here")
    def test_an_apt_that_knows_nothing(self):
        os.makedirs(self.path("lists", "partial"))
        os.makedirs(self.path("parts"))
        conf = self.write("apt.conf", f'Dir::State::lists "{self.path("lists")}";\nDir::Etc::sourcelist "/dev/null";\n'
                          f'Dir::Etc::sourceparts "{self.path("parts")}";\nDir::Cache "{self.path("apt")}";\n'
                          'Dir::State::status "/dev/null";\n')
        done = self.vm("fetch", "6.1", env={"APT_CONFIG": conf, "IPI_VM_CACHE": self.path("cache")})
        self.assertEqual(done.returncode, 77)
        self.assertEqual(len(re.findall(r"\n", done.stderr)), 1, done.stderr)
        self.assertIn("apt knows no package", done.stderr)


if __name__ == "__main__":
    if not shutil.which("dpkg-deb"):
        print("dpkg-deb is missing: no package can be made")
        sys.exit(77)
    unittest.main()
