# SPDX-License-Identifier: GPL-2.0-only
"""Writes an initramfs (cpio, format newc) without root: owners and devices are only numbers in it."""
import stat

TRAILER = "TRAILER!!!"


class Archive:
    """Files by their path in the guest; the directories above them come by themselves."""

    def __init__(self):
        self.parts = []
        self.names = set()

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        raw = name.encode() + b"\0"
        fields = (len(self.names) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        for part in (head, data):
            self.parts.append(part + bytes(-len(part) % 4))
        self.names.add(name)

    def _parents(self, name):
        above = name.rpartition("/")[0]
        if above and above not in self.names:
            self._parents(above)
            self._entry(above, stat.S_IFDIR | 0o755)

    def _add(self, path, *entry):
        name = path.strip("/")
        if name in self.names:  # the first one stays
            return
        self._parents(name)
        self._entry(name, *entry)

    def directory(self, path):
        self._add(path, stat.S_IFDIR | 0o755)

    def file(self, path, data, executable=False):
        self._add(path, stat.S_IFREG | (0o755 if executable else 0o644), data)

    def link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def device(self, path, major, minor):
        self._add(path, stat.S_IFCHR | 0o600, b"", (major, minor))

    def data(self):
        whole = Archive()
        whole._entry(TRAILER, 0)
        return b"".join(self.parts + whole.parts)
