#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Kernels out of bzImages that are made here, in each compression; and broken ones."""
import bz2
import gzip
import lzma
import shutil
import struct
import subprocess
import unittest

from common import Case
from ipivm import vmlinux
from ipivm.fail import Stop

KERNEL = b"\x7fELF" + bytes(range(256)) * 400 + b"Linux version 6.1.0-99-amd64 (someone)"
RELEASE = b"6.1.0-99-amd64 (someone@somewhere) #1 SMP"


def image(payload, length=None):
    """A bzImage as the boot protocol has it: 5 setup sectors, 64 bytes of loader, payload, a tail."""
    head = bytearray(6 * 512)
    head[0x1f1] = 5
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x20e, 0x300)
    head[0x500:0x500 + len(RELEASE)] = RELEASE
    struct.pack_into("<II", head, 0x248, 64, len(payload) if length is None else length)
    return bytes(head) + b"\x90" * 64 + payload + b"tail" * 100


def sized(packed):
    return packed + struct.pack("<I", len(KERNEL))


def packed_by(*command):
    return subprocess.run(command, input=KERNEL, stdout=subprocess.PIPE, check=True).stdout


class Extract(Case):
    def whole(self, payload):
        self.assertEqual(vmlinux.extract(image(payload), "it"), KERNEL)

    def test_gzip(self):
        self.whole(gzip.compress(KERNEL))

    def test_xz(self):
        self.whole(sized(lzma.compress(KERNEL)))

    def test_lzma(self):
        self.whole(sized(lzma.compress(KERNEL, lzma.FORMAT_ALONE)))

    def test_bzip2(self):
        self.whole(sized(bz2.compress(KERNEL)))

    @unittest.skipUnless(shutil.which("zstd"), "zstd is not installed")
    def test_zstd(self):
        self.whole(sized(packed_by("zstd", "-qc")))

    @unittest.skipUnless(shutil.which("lz4"), "lz4 is not installed")
    def test_lz4(self):
        self.whole(sized(packed_by("lz4", "-qlc")))

    def test_an_elf_file_is_itself(self):
        self.assertEqual(vmlinux.extract(KERNEL, "it"), KERNEL)

    def test_the_release(self):
        self.assertEqual(vmlinux.release(image(gzip.compress(KERNEL)), "it"), "6.1.0-99-amd64")
        self.assertEqual(vmlinux.release(KERNEL, "it"), "6.1.0-99-amd64")


class Broken(Case):
    def refused(self, data, says):
        with self.assertRaisesRegex(Stop, says):
            vmlinux.extract(data, "it")

    def test_no_kernel(self):
        self.refused(b"#!/bin/sh\n" * 100, "it: neither a bzImage nor a vmlinux")
        self.refused(b"", "it: neither")

    def test_cut_short(self):
        self.refused(image(gzip.compress(KERNEL))[:-1000], "it: cut short")
        self.refused(image(b"", 0), "it: cut short")

    def test_damaged(self):
        packed = bytearray(sized(lzma.compress(KERNEL)))
        packed[40] ^= 0xff
        self.refused(image(bytes(packed)), "it: damaged")

    def test_shorter_than_it_says(self):
        self.refused(image(lzma.compress(KERNEL) + struct.pack("<I", len(KERNEL) + 1)), "it: damaged")

    def test_unknown_compression(self):
        self.refused(image(b"\x89LZO\0\r\n\x1a\n" + bytes(50)), r"it: compressed in a way .*894c5a4f")

    def test_an_elf_file_that_is_no_kernel(self):
        with self.assertRaisesRegex(Stop, "no kernel"):
            vmlinux.release(b"\x7fELF" + bytes(1000), "it")


if __name__ == "__main__":
    unittest.main()
