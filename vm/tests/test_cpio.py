#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The initramfs: what is written is what a reader of newc finds."""
import stat
import unittest

from common import Case
from ipivm import cpio


def read(data):
    """{path: (mode, content, device)} as the kernel's rules have it."""
    found, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701", f"no header at {at}"
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        at += 110
        name = data[at:at + field[11] - 1].decode()
        assert data[at + field[11] - 1] == 0
        at += field[11] + -(110 + field[11]) % 4
        if name == cpio.TRAILER:
            return found
        assert name not in found
        found[name] = (field[1], data[at:at + field[6]], (field[9], field[10]), field[0])
        at += field[6] + -field[6] % 4


class Cpio(Case):
    def test_everything_comes_back(self):
        archive = cpio.Archive()
        for n in range(1, 9):   # each way of padding
            archive.file("/a/" + "n" * n, b"x" * n)
        archive.file("/bin/run", b"#!", executable=True)
        archive.link("/bin/sh", "run")
        archive.device("/dev/console", 5, 1)
        found = read(archive.data())
        for n in range(1, 9):
            self.assertEqual(found["a/" + "n" * n][:2], (stat.S_IFREG | 0o644, b"x" * n))
        self.assertEqual(found["bin/run"][0], stat.S_IFREG | 0o755)
        self.assertEqual(found["bin/sh"][:2], (stat.S_IFLNK | 0o777, b"run"))
        self.assertEqual((found["dev/console"][0], found["dev/console"][2]), (stat.S_IFCHR | 0o600, (5, 1)))

    def test_folders_come_first_and_once(self):
        archive = cpio.Archive()
        archive.file("/a/b/c/one", b"1")
        archive.directory("/a/b")
        archive.file("/a/b/c/two", b"2")
        self.assertEqual(list(read(archive.data())), ["a", "a/b", "a/b/c", "a/b/c/one", "a/b/c/two"])

    def test_the_first_of_a_name_stays(self):
        archive = cpio.Archive()
        archive.file("/bin/date", b"ours")
        archive.link("/bin/date", "busybox")
        self.assertEqual(read(archive.data())["bin/date"][1], b"ours")

    def test_numbers_of_files_differ(self):
        """The kernel takes two files with one inode number for one file with two names."""
        archive = cpio.Archive()
        for name in "abcdef":
            archive.file("/" + name, name.encode())
        numbers = [entry[3] for entry in read(archive.data()).values()]
        self.assertEqual(len(set(numbers)), 6)


if __name__ == "__main__":
    unittest.main()
