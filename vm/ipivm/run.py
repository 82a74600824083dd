# SPDX-License-Identifier: GPL-2.0-only
"""`ipi vm run` and `ipi vm shell`: a guest from its first word to the verdict."""
import io
import os
import sys
import tarfile
import tempfile

from ipivm import cache, guest, initramfs, kernels, terminal, topology, verdict
from ipivm.fail import FAILED, GUEST, Stop

LINES = 15           # of the console, shown on failure


def say(text):
    sys.stderr.write(f"ipi vm: {text}\n")


def _kernel_and_topology(args):
    """A bad topology is told before a kernel is fetched; then it is fitted to the kernel."""
    try:
        shape = topology.load(args.topology) if args.topology else topology.default()
        kernel = kernels.find(args.kernel)
        if kernel.max_cpus and shape.cpus > kernel.max_cpus:
            shape = topology.load(args.topology, kernel.max_cpus)
    except topology.Bad as err:
        raise Stop(str(err)) from err
    if shape.note:
        say(shape.note)
    return kernel, shape


def _listen(vm, args):
    """Passes on what the guest says, and keeps what it is judged by."""
    kept = {name: bytearray() for name in guest.PORTS}
    sinks = {"out": sys.stdout.buffer, "err": sys.stderr.buffer}
    heard = verdict.Heard()
    for name, data in vm.events(args.time_limit, args.silence):
        if data is None:
            heard.ended, heard.limit = name, args.time_limit if name == "time" else args.silence
            vm.process.kill()
            break
        if name != "out" or args.tap:
            kept[name] += data
        if sinks.get(name):
            sinks[name].write(data)
            sinks[name].flush()
    heard.qemu, heard.complaint = vm.status()
    vm.console.seek(0)
    heard.console = vm.console.read().decode(errors="replace")
    heard.verdict, heard.out = (kept[name].decode(errors="replace") for name in ("verdict", "out"))
    return heard


def _keep_console(text):
    """The last failure's, whole."""
    path = os.path.join(cache.root(), "console.log")
    with cache.locked():
        fd, aside = tempfile.mkstemp(prefix=".aside-", dir=cache.root())
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(aside, path)
    return path


def _complain(heard, sentence, console):
    """The console's telling part, where all of it is kept, then the sentence."""
    for line in verdict.excerpt(heard.console, LINES):
        sys.stderr.write(f"  | {line}\n")
    say(f"console: {console or _keep_console(heard.console)}")
    say(sentence)


def _copy_out(heard, share):
    """Where the guest had no 9p: its /out, laid into the shared directory."""
    data = verdict.bulk(heard.verdict)
    if data is None:
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        wild = [m.name for m in archive if m.name.startswith("/") or ".." in m.name.split("/")]
        if wild:
            raise Stop(f"the guest's /out holds {wild[0]}, which is not laid out here", GUEST)
        members = [m for m in archive if m.isdir() or m.isfile()]
        archive.extractall(share, [m for m in members if m.name not in (".", "./")], numeric_owner=True)


def _share(args):
    share = os.path.abspath(args.share or ".")
    if not os.path.isdir(share):
        raise Stop(f"{share}: no such directory: --share names one of this machine", FAILED)
    return share


def _plugins(args):
    """As QEMU takes them; a name without a slash would be looked for among the system's libraries."""
    for file, comma, words in (plugin.partition(",") for plugin in args.plugin):
        if not os.path.isfile(file):
            raise Stop(f"{file}: no such file: --plugin names a shared library", FAILED)
        yield os.path.abspath(file) + comma + words


def _start(args, **contents):
    guest.qemu()
    plugins = list(_plugins(args))
    share = _share(args)
    kernel, shape = _kernel_and_topology(args)
    image = initramfs.make(kernel, programs=args.program, own_modules=args.module,
                           ipi=os.environ.get("IPI_VM_PROGRAM"), configs=os.environ.get("IPI_VM_CONFIGS"),
                           **contents)
    append = [word for words in args.append for word in words.split()]
    return share, guest.running(kernel, shape, image, args.console, share, append, args.threads,
                                plugins)


def run(args):
    share, started = _start(args, command=args.command, script=args.script)
    with started as vm:
        heard = _listen(vm, args)
    if verdict.said(heard.verdict, "out") == "copied":
        say("this kernel has no 9p: /out was empty at first, and is copied back at the end")
        _copy_out(heard, share)
    sentence, code = verdict.judge(heard, args.tap)
    if code == GUEST:
        _complain(heard, sentence, args.console)
    elif sentence:
        say(sentence)
    return code


def shell(args):
    share, started = _start(args, motd=terminal.MOTD, size=terminal.size())
    with started as vm, terminal.raw():
        terminal.feed(vm)
        heard = _listen(vm, args)
    _copy_out(heard, share)
    if verdict.said(heard.verdict, "exit") is None and heard.qemu == -9 and not heard.ended:
        say("ended by Ctrl-]")
        return 0
    sentence, code = verdict.judge(heard)
    if code == GUEST:
        _complain(heard, sentence, args.console)
    return code
