# SPDX-License-Identifier: GPL-2.0-only
"""The command line of `ipi vm`."""
import argparse
import os
import platform
import shutil

from ipivm import cache, elf, guest, kernels, run
from ipivm.fail import CANNOT, Stop

EXAMPLES = """examples:
  ipi vm run -- ipi doctor
  ipi vm run --topology configs/topo/4x2.conf -- ipi bench run configs/quick.conf --json /out/r.json
  ipi vm run --kernel 6.1-rt --tap -- ./build/lib/tests/contract-send-hooks
  ipi vm run --kernel kasan --module ./mine.ko --script test.sh
  ipi vm shell --kernel 6.12
  ipi vm fetch --headers 6.1         to build modules against
  ipi vm list

exit status of run: the command's own; 70 if the guest itself failed (hang,
panic, silence, a splat in its log); 1 or 2 if none was started; 77 if this
machine can't start one. ipi-vm(1) has the rest.
"""


def _seconds(text):
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError("a number of seconds, or 0 for no limit")
    return value


def _guest_options(parser):
    add = parser.add_argument
    add("--kernel", default="6.1", metavar="KERNEL",
        help=f"{', '.join(kernels.names())}, or the path of an image or of a build's folder (6.1)")
    add("--topology", metavar="FILE", help="CPUs, nodes, memory, distances; lstopo's XML too (2 CPUs)")
    add("--share", metavar="DIR", help="the guest's /out (the current directory)")
    add("--append", action="append", default=[], metavar="WORDS", help="more words for the kernel's command line")
    add("--module", action="append", default=[], metavar="FILE.ko", help="loaded before the command; repeatable")
    add("--program", action="append", default=[], metavar="FILE",
        help="copied along with its libraries, into /bin; repeatable")
    add("--threads", choices=("single", "multi"),
        help=f"QEMU's: one for all CPUs, or one each (multi up to {guest.SINGLE_ABOVE} CPUs)")
    add("--plugin", action="append", default=[], metavar="FILE.so[,NAME=VALUE]",
        help="of QEMU's emulator; repeatable")
    add("--console", metavar="FILE", help="write the kernel's console there")


def parser():
    top = argparse.ArgumentParser(
        prog="ipi vm", description="Boot guests with other kernels and other topologies, and run programs in them.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, what):
        return verbs.add_parser(name, help=what, description=what, epilog=EXAMPLES, allow_abbrev=False,
                                formatter_class=argparse.RawDescriptionHelpFormatter)

    one = verb("run", "run a command in a guest")
    _guest_options(one)
    one.add_argument("--script", metavar="FILE", help="run this shell script of ours instead of a command")
    one.add_argument("--tap", action="store_true", help="standard output is TAP, and judged")
    one.add_argument("--time-limit", type=_seconds, default=600, metavar="S", help="of the whole guest (600)")
    one.add_argument("--silence", type=_seconds, default=120, metavar="S",
                     help="the longest without a word on any channel (120)")
    one.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    two = verb("shell", "a shell in a guest, on this terminal")
    _guest_options(two)
    two.set_defaults(tap=False, time_limit=0, silence=0)
    verb("list", "the kernels, and which can be run here")
    three = verb("fetch", "fetch the newest of a kernel, so that no network is needed later")
    three.add_argument("--headers", action="store_true", help="and what modules are built against; prints where")
    three.add_argument("kernel", nargs="*", default=["6.1"], metavar="KERNEL")
    return top


def _can_run():
    """None, or why no guest can be started here."""
    try:
        if platform.machine() != "x86_64":
            return f"guests are x86-64, as their programs; this machine is {platform.machine()}"
        guest.qemu()
        elf.busybox()
    except Stop as stop:
        return str(stop)
    return None


def _list():
    why = _can_run()
    rows = [("kernel", "release", "headers", "run", "what it is")]
    for ident, what, release, headers in kernels.table():
        can, reason = ("no", why) if why else ("yes", None)
        if not release:
            needs = "apt-get" if ident in kernels.DEBIAN else kernels.BUILDER
            if not why and not (shutil.which(needs) or os.path.exists(needs)):
                can, reason = "no", f"{needs} is missing"
        lacks = "not cached" if ident in kernels.DEBIAN else "not built"
        rows.append((ident, release or lacks, "yes" if headers else "no", can,
                     what + (f"; {reason}" if reason else "")))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]))
    run.say(f"cache: {cache.root()}")
    return 0


def _fetch(args):
    for ident in args.kernel:
        kernels.check(ident, kernels.names())
    for ident in args.kernel:
        if args.headers and ident in kernels.DEBIAN:
            print(kernels.fetch_headers(ident))
        else:
            folder = kernels.fetch(ident)
            print(os.path.join(folder, "build") if args.headers else folder)
    return 0


def main(argv):
    top = parser()
    args = top.parse_args(argv)
    if args.verb == "list":
        return _list()
    if args.verb == "fetch":
        return _fetch(args)
    if args.verb == "run":
        args.command = args.command[1:] if args.command[:1] == ["--"] else args.command
        if bool(args.command) == bool(args.script):
            top.error("run: one command, or one --script, is needed")
    why = _can_run()
    if why:
        raise Stop(why, CANNOT)
    return run.run(args) if args.verb == "run" else run.shell(args)
