# SPDX-License-Identifier: GPL-2.0-only
"""Takes the uncompressed kernel out of a bzImage, so that QEMU enters it directly (PVH)."""
import bz2
import lzma
import shutil
import struct
import subprocess
import zlib

from ipivm.fail import CANNOT, Stop

ELF = b"\x7fELF"


def _gunzip(data):
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)


def _program(name, *args):
    """A decompressor that Python's library lacks; what stands behind the stream is no matter."""
    def unpack(data):
        if not shutil.which(name):
            raise Stop(f"the kernel is compressed with {name}: install the package {name}", CANNOT)
        return subprocess.run([name, *args], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False).stdout
    return unpack


UNPACKERS = (
    (b"\x1f\x8b", _gunzip),
    (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"\x5d\0\0", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data)),
    (b"\x02\x21\x4c\x18", _program("lz4", "-dc")),
    (b"\x28\xb5\x2f\xfd", _program("zstd", "-dc")),
)


def _payload(image, path):
    """The compressed kernel, from where the boot protocol's header (2.08 on) says it is."""
    if len(image) < 0x250 or image[0x202:0x206] != b"HdrS":
        raise Stop(f"{path}: neither a bzImage nor a vmlinux: name a kernel image")
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = ((image[0x1f1] or 4) + 1) * 512 + offset
    if not length or start + length > len(image):
        raise Stop(f"{path}: cut short: copy or fetch it again")
    return image[start:start + length]


def extract(image, path):
    """The ELF file within; the payload's last four bytes say how long it has to be."""
    if image.startswith(ELF):
        return image
    payload = _payload(image, path)
    for magic, unpack in UNPACKERS:
        if payload.startswith(magic):
            break
    else:
        raise Stop(f"{path}: compressed in a way that is not known here "
                   f"(it begins with {payload[:4].hex()}): name its vmlinux instead")
    try:
        found = unpack(payload)
    except (zlib.error, lzma.LZMAError, OSError) as err:
        raise Stop(f"{path}: damaged ({err}): copy or fetch it again") from err
    if not found.startswith(ELF) or len(found) != struct.unpack("<I", payload[-4:])[0]:
        raise Stop(f"{path}: damaged: copy or fetch it again")
    return found


def release(image, path):
    """The kernel's own name, as uname -r will say it."""
    if image.startswith(ELF):
        at = image.find(b"Linux version ")
        words = image[at:at + 200].split()
        if at < 0 or len(words) < 3:
            raise Stop(f"{path}: an ELF file, but no kernel")
        return words[2].decode("ascii", "replace")
    _payload(image, path)
    at = struct.unpack_from("<H", image, 0x20e)[0] + 0x200
    return image[at:at + 200].split(None, 1)[0].decode("ascii", "replace")
