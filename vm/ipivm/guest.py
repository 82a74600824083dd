# SPDX-License-Identifier: GPL-2.0-only
"""One guest: QEMU with its channels, from start to end, and nothing of it left."""
import contextlib
import ctypes
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time

from ipivm import kernels, qmp, tsc
from ipivm.fail import CANNOT, Stop

QEMU = "qemu-system-x86_64"
CMDLINE = os.path.join(kernels.HERE, "fast-boot.cmdline")
# Port of each channel and its line; two on one line would lose interrupts.
CONSOLE = (0x3f8, 4)        # to a file, which QEMU writes by itself
PORTS = {"out": (0x2f8, 3), "err": (0x3e8, 5), "verdict": (0x2e8, 7)}
EXIT_PORT = 0xf4            # what the guest writes there ends QEMU
SINGLE_ABOVE = 16           # virtual CPUs; more are quicker in one thread
# Until 8.1 QEMU may translate code on one thread while the guest patches it on
# another, and keep the old: a breakpoint that is long gone then kills the guest
# (fixed by its commit deba78709ae8). A kernel patches itself while it boots; so
# it boots on one CPU, and /init, once all is patched, brings up the others.
LATE = ("maxcpus=1", "noreplace-smp", "ipi.cpus=late")
PR_SET_PDEATHSIG = 1


def qemu():
    path = shutil.which(QEMU)
    if not path:
        raise Stop(f"{QEMU} is missing: install the package qemu-system-x86", CANNOT)
    return path


def fixed_words(drop=()):
    with open(CMDLINE, encoding="ascii") as file:
        lines = [line for line in file if not line.startswith("#")]
    return [word for word in " ".join(lines).split() if word not in drop]


def late(cpus, threads, append):
    """The words that leave all CPUs but one to /init; none for who says himself which come up."""
    own = any(word.split("=")[0] in ("maxcpus", "nosmp") or "nosmt" in word for word in append)
    return LATE if threads == "multi" and cpus > 1 and not own else ()


def arguments(kernel, topology, fds, share, append, threads, plugins):
    """QEMU's command line. TCG always: what else a machine has differs from place to place."""
    threads = threads or ("single" if topology.cpus > SINGLE_ABOVE else "multi")
    speed = tsc.khz()
    host = len(os.sched_getaffinity(0)) if threads == "multi" else 1
    told = ["ipi.emulated=tcg", f"ipi.host_cpus={host}", "ipi.host_pinning=round-robin",
            *late(topology.cpus, threads, append)]
    words = [*fixed_words(kernel.drop), *([f"tsc_early_khz={speed}"] if speed else []),
             *kernel.append.split(), *told, *append]
    args = [qemu(), "-accel", f"tcg,thread={threads}", "-machine", "q35", *topology.cpu_args(),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S",
            *topology.qemu_args(), "-kernel", kernel.image, "-initrd", f"/proc/self/fd/{fds['initrd']}",
            "-append", " ".join(words),
            "-device", f"isa-debug-exit,iobase={EXIT_PORT},iosize=4",
            "-chardev", f"socket,id=qmp,fd={fds['qmp']}", "-mon", "chardev=qmp,mode=control"]
    for index, (name, (port, irq)) in enumerate({"console": CONSOLE, **PORTS}.items()):
        to = f"file,path=/proc/self/fd/{fds[name]}" if name == "console" else f"socket,fd={fds[name]}"
        args += ["-chardev", f"{to},id={name}",
                 "-device", f"isa-serial,chardev={name},index={index},iobase={port},irq={irq}"]
    if share:
        path = os.path.abspath(share).replace(",", ",,")
        args += ["-virtfs", f"local,path={path},mount_tag=out,security_model=none,multidevs=remap"]
    return args + [word for plugin in plugins for word in ("-plugin", plugin)]


def _die_with_us():
    """Runs in QEMU's process before QEMU: it does not outlive us, however we end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Guest:
    """A running QEMU; events() gives what its channels say."""

    def __init__(self, process, ours, console, errors):
        self.process, self.ours, self.console, self.errors = process, ours, console, errors
        self.heard = queue.SimpleQueue()
        self.spoke = threading.Event()

    def listen(self):
        """One thread a channel: a guest whose port is not read stands still."""
        for name in PORTS:
            threading.Thread(target=self._read, args=(name,), daemon=True).start()

    def _read(self, name):
        with contextlib.suppress(OSError):
            while data := self.ours[name].recv(65536):
                self.heard.put((name, data))
                if name == "out":
                    self.spoke.set()
                time.sleep(0.005)   # bytes come one by one: the guest needs this CPU more than we do
        self.heard.put((name, None))

    def send(self, name, data):
        with contextlib.suppress(OSError):
            self.ours[name].sendall(data)

    def events(self, time_limit, silence):
        """(channel, bytes), until the guest has ended or ("time"|"silence", None); limits in s, 0: none."""
        ends = time.monotonic() + (time_limit or float("inf"))
        heard, open_channels, console = time.monotonic(), len(PORTS), 0
        while open_channels:
            silent = heard + (silence or float("inf"))
            left = min(ends, silent) - time.monotonic()
            if left <= 0:
                yield ("time" if ends <= silent else "silence"), None
                return
            with contextlib.suppress(queue.Empty):
                name, data = self.heard.get(timeout=min(left, 1))
                heard = time.monotonic()
                open_channels -= data is None
                if data:
                    yield name, data
            size = os.fstat(self.console.fileno()).st_size
            if size != console:
                heard, console = time.monotonic(), size

    def status(self):
        """QEMU's exit code once it has ended, and what it complained of."""
        code = self.process.wait()
        self.errors.seek(0)
        return code, self.errors.read().decode(errors="replace").strip()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for sock in self.ours.values():
            sock.close()


def _memory_file(name, data=b""):
    """A file that has no name anywhere, so that none is left."""
    file = os.fdopen(os.memfd_create(name), "w+b")
    file.write(data)
    file.flush()
    return file


def _start(kernel, topology, initrd, console, errors, *options):
    pairs = {name: socket.socketpair() for name in (*PORTS, "qmp")}
    fds = {name: pair[1].fileno() for name, pair in pairs.items()}
    fds.update(initrd=initrd.fileno(), console=console.fileno())
    process = subprocess.Popen(arguments(kernel, topology, fds, *options),
                               stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                               pass_fds=fds.values(), start_new_session=True, preexec_fn=_die_with_us)
    for _, sock in pairs.values():
        sock.close()
    return Guest(process, {name: pair[0] for name, pair in pairs.items()}, console, errors)


def _go(guest):
    """Pins the virtual CPUs and lets them run."""
    try:
        monitor = qmp.Monitor(guest.ours["qmp"])
        qmp.pin(monitor)
        monitor.ask("cont")
    except (Stop, OSError) as err:
        guest.process.kill()
        said = guest.status()[1]
        raise Stop(f"QEMU did not start: {said.splitlines()[-1] if said else err}") from err


@contextlib.contextmanager
def running(kernel, topology, initramfs, console=None, share=None, append=(), threads=None, plugins=()):
    """Starts a guest with its virtual CPUs pinned; at the end of the block there is no QEMU."""
    with _memory_file("initramfs", initramfs) as initrd, _memory_file("errors") as errors, \
            open(console, "w+b") if console else _memory_file("console") as log:
        guest = _start(kernel, topology, initrd, log, errors, share, append, threads, plugins)
        try:
            guest.listen()
            _go(guest)
            yield guest
        finally:
            guest.kill()
