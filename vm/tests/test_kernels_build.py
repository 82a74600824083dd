#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""vm/kernels/build from outside, on a source tree of ten lines: what it refuses, keeps and leaves.

Every test is one function, in a directory and with a cache of its own.
"""
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

VM = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
# Configures to all that it is asked for, but for CONFIG_$(DROP); counts its runs.
MAKEFILE = """allnoconfig:
\tgrep -v -e '=n$$' -e '^$(if $(DROP),CONFIG_$(DROP)=,#)' $(KCONFIG_ALLCONFIG) >$(O)/.config
bzImage:
\techo x >>../../count; $(WAIT)
\tmkdir -p $(O)/arch/x86/boot $(O)/include/config $(O)/scripts
\techo image >$@.new; mv $@.new $(O)/arch/x86/boot/bzImage
\techo 9.9 >$(O)/include/config/kernel.release
\ttouch $(O)/vmlinux.o $(O)/scripts/tool.o
modules:
"""


def build(*args, script=None, **env):
    return subprocess.run([script or os.path.join(VM, "kernels", "build"), *args], text=True, check=False,
                          capture_output=True, timeout=60, env={**os.environ, **env})


def builder():
    """The script, as a module."""
    path = os.path.join(VM, "kernels", "build")
    loader = importlib.machinery.SourceFileLoader("builder", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("builder", loader))
    loader.exec_module(module)
    return module


TREE = "cache/source/9.9-1" + builder().TAKEN


def source(version="9.9-1", taken=builder().TAKEN):
    tree = os.path.join("cache", "source", version + taken)
    os.makedirs(tree)
    with open(os.path.join(tree, "Makefile"), "w", encoding="ascii") as file:
        file.write(MAKEFILE)
    os.environ["IPI_VM_CACHE"] = os.path.abspath("cache")


def runs():
    with open("cache/count", encoding="ascii") as file:
        return len(file.readlines())


def expect(done, code, *words):
    said = f"exit {done.returncode}: {done.stderr}"
    assert done.returncode == code, said
    for word in words:
        assert word in done.stderr, f"no '{word}' in {said}"


def nothing_half(*kept):
    left = sorted(name for name in os.listdir("out") if not name.endswith(".lock"))
    assert left == sorted(kept), left


def test_leaves_what_was_promised():
    source()
    expect(build("kasan", "out/kasan"), 0)
    nothing_half("kasan")
    for name in ("bzImage", "release", "config", "log", "build/.config", "build/scripts/tool.o"):
        assert os.path.exists(os.path.join("out/kasan", name)), name
    assert not os.path.exists("out/kasan/build/vmlinux.o")


def test_second_call_is_cached():
    source()
    for _ in range(2):
        began = time.monotonic()
        expect(build("kasan", "out/kasan"), 0)
        took = time.monotonic() - began
    assert runs() == 1, runs()
    assert took < 5, took      # less than 1 s on an idle machine
    expect(build("kcsan", "out/kcsan"), 0)
    assert runs() == 2, runs()


def test_what_it_is_made_of_is_noticed():
    """A fragment, the source."""
    source()
    shutil.copytree(VM, "vm", ignore=shutil.ignore_patterns("tests", "canary"))
    script = os.path.abspath("vm/kernels/build")
    expect(build("kasan", "out/kasan", script=script), 0)
    with open("vm/kernels/common.config", "a", encoding="ascii") as file:
        file.write("CONFIG_OTHER=y\n")
    expect(build("kasan", "out/kasan", script=script), 0)
    assert runs() == 2, runs()
    source("9.9-2")
    expect(build("kasan", "out/kasan", script=script), 0)
    assert runs() == 3, runs()
    nothing_half("kasan")


def test_source_unpacked_for_another_list_is_not_used():
    source(taken="-0badcafe")
    assert builder().sources() == []
    source()
    assert builder().sources() == [os.path.abspath(TREE)]


def test_dropped_option_is_named():
    source()
    expect(build("kcsan", "out/kcsan", DROP="KCSAN_STRICT"), 1, "dropped kcsan.config: CONFIG_KCSAN_STRICT=y: ")
    nothing_half()


def test_option_that_should_be_off_is_named():
    source()
    with open(TREE + "/Makefile", "a", encoding="ascii") as file:
        file.write("allnoconfig: on\non:\n\tsed -i s/EARLY_ENABLE=n/EARLY_ENABLE=y/ $(KCONFIG_ALLCONFIG)\n")
    expect(build("kcsan", "out/kcsan"), 1, "dropped kcsan.config: CONFIG_KCSAN_EARLY_ENABLE=n: ")


def test_missing_packages_are_named():
    source()
    os.mkdir("bin")
    for tool in ("python3", "gcc", "ld", "make", "bison"):
        os.symlink(shutil.which(tool), os.path.join("bin", tool))
    expect(build("kasan", "out/kasan", PATH=os.path.abspath("bin")), 77, "flex, bc", "apt-get install")
    nothing_half()


def test_failed_build_says_why():
    source()
    expect(build("kasan", "out/kasan", WAIT="echo no such thing; false"), 1, "  | no such thing", "make bzImage")
    nothing_half()


def test_failed_build_keeps_the_old():
    source()
    expect(build("kasan", "out/kasan"), 0)
    source("9.9-2")
    expect(build("kasan", "out/kasan", WAIT="false"), 1)
    nothing_half("kasan")


def test_interrupted_build_leaves_nothing_half():
    source()
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([os.path.join(VM, "kernels", "build"), "kasan", "out/kasan"], stderr=subprocess.PIPE,
                              env={**os.environ, "WAIT": "echo $$PPID >../../pid; sleep 60"}) as process:
            while process.poll() is None and not (os.path.exists("cache/pid") and os.path.getsize("cache/pid")):
                time.sleep(0.05)
            process.send_signal(number)
            assert process.wait(timeout=20) == 1
        with open("cache/pid", encoding="ascii") as file:
            assert not os.path.exists(f"/proc/{file.read().strip()}"), "make is still running"
        os.unlink("cache/pid")
        nothing_half()


def test_killed_build_is_cleared_up():
    source()
    os.makedirs("out/.kasan-abc/made")
    expect(build("kasan", "out/kasan"), 0)
    nothing_half("kasan")


def test_unknown_kernel_and_usage():
    expect(build("kmsan", "out"), 2, "no kernel 'kmsan'", "kasan, kcsan")
    expect(build("kasan"), 2, "usage:")


def main():
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        source()
        cannot = build("kasan", "out/kasan")
        if cannot.returncode == 77:
            print(cannot.stderr.strip())
            return 77
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory() as here:
            os.chdir(here)
            os.environ.pop("IPI_VM_CACHE", None)
            began = time.monotonic()
            try:
                test()
                print(f"ok - {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as why:  # told, counted, and on to the next
                failed += 1
                print(f"not ok - {name}: {type(why).__name__}: {why}", flush=True)
            os.chdir("/")
    print(f"{len(tests)} run, {failed} failed")
    return 1 if failed or not tests else 0


sys.exit(main())
