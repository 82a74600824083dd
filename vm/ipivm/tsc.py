# SPDX-License-Identifier: GPL-2.0-only
"""How fast this machine's time stamp counter runs, which is also the guest's under TCG.

A guest calibrates it against timers that a busy machine delays, and was seen to
be wrong by a factor of four: all its clocks and time-outs with it.
"""
import ctypes
import mmap
import time

RDTSC = bytes.fromhex("0f31 48c1e220 4809d0 c3")    # rdtsc; shl $32,%rdx; or %rdx,%rax; ret
TIGHT_NS = 3000
LEAST_S = 0.05


def _reader():
    """The instruction as a function, and the memory that it stands in."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(RDTSC)
    where = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return ctypes.CFUNCTYPE(ctypes.c_uint64)(where), code


def _reading(rdtsc):
    """Nanoseconds and ticks of one moment: the tightest of some readings, none of them torn apart."""
    best = None
    for _ in range(200):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        ticks = rdtsc()
        width = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - before
        if best is None or width < best[0]:
            best = width, before + width // 2, ticks
        if width < TIGHT_NS:
            break
    return best[1:]


def khz():
    """To a ten-thousandth; None where memory may not be executed."""
    try:
        rdtsc, _code = _reader()
    except OSError:
        return None
    ns, ticks = _reading(rdtsc)
    time.sleep(LEAST_S)
    later_ns, later_ticks = _reading(rdtsc)
    return round((later_ticks - ticks) * 1e6 / (later_ns - ns))
