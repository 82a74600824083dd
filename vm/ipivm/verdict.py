# SPDX-License-Identifier: GPL-2.0-only
"""Judges what is left of a guest: how it ended, in one sentence, and with which exit code."""
import base64
import dataclasses
import re

from ipivm.fail import GUEST

# QEMU's exit code by the way that the guest ended it. What is written to
# isa-debug-exit comes back as (0x10 << 1) | 1.
QEMU_CODE = {"port": 33, "reboot": 0}
STAMP = re.compile(r"^(<\d+>)?(\[ *\d+\.\d+\]\s*)?(\[ *[CT]\d+\]\s*)?")
PANIC = re.compile(r"^Kernel panic - not syncing: ")
# What a kernel says only if something is wrong. At the beginning of a line:
# "RETBleed: WARNING:" is no splat.
SPLAT = re.compile(
    r"^(BUG: |\[ BUG: |WARNING: |kernel BUG at |UBSAN: |KASAN: |KCSAN: |general protection fault|"
    r"watchdog: BUG: |(NMI )?watchdog: Watchdog detected hard LOCKUP|unchecked MSR access error|"
    r"(rcu: )?INFO: rcu_\w+ (self-)?detected|INFO: task .* blocked for more than|"
    r"INFO: trying to register non-static key|turning off the locking correctness validator|"
    r"smp: csd: (Detected|Re-sending))|\[#\d+\] (PREEMPT|SMP)|^[\w ]+: [0-9a-f]{4} \[#\d+\]")


@dataclasses.dataclass
class Heard:
    """All that was heard of a guest."""
    console: str = ""
    verdict: str = ""
    out: str = ""
    ended: str = None       # "time", "silence": we ended it; None: it ended itself
    limit: float = 0        # the seconds of that
    qemu: int = None        # QEMU's exit code
    complaint: str = ""     # and what it said


def lines(text):
    """Without carriage returns and time stamps."""
    return [STAMP.sub("", line.rstrip("\r")) for line in text.split("\n")]


def section(verdict, name):
    """The lines of the verdict that stand behind "exit", "bulk" or "log", up to the next of these."""
    found, here = [], False
    for line in verdict.replace("\r", "").split("\n"):
        word = line.split(" ")[0]
        if word in ("exit", "bulk", "log", "end", "out", "broken"):
            here = word == name
        elif here:
            found.append(line)
    return found


def said(verdict, word):
    """What stands behind a word of the verdict; None: it was not said."""
    found = re.search(rf"^{word} (.*?)\r?$", verdict, flags=re.M)
    return found.group(1) if found else None


def bulk(verdict):
    """The tar archive of /out; None: there is none, or not all of it."""
    if not section(verdict, "bulk") or said(verdict, "end") is None:
        return None
    return base64.b64decode("".join(section(verdict, "bulk")))


def splats(*texts):
    """Each line that tells of something wrong, once."""
    return list(dict.fromkeys(line.strip() for text in texts for line in lines(text) if SPLAT.search(line)))


def excerpt(console, count):
    """The part of a console to be shown: from the first splat or panic on, or else its end."""
    text = [line for line in console.replace("\r", "").split("\n") if line.strip()]
    for at, line in enumerate(text):
        bare = STAMP.sub("", line)
        if SPLAT.search(bare) or PANIC.search(bare):
            return text[at:at + count]
    return text[-count:]


def tap(out):
    """What is wrong with standard output as TAP, of one program or several; None: nothing."""
    planned, seen, plans = 0, 0, 0
    for line in out.replace("\r", "").split("\n"):
        if re.match(r"not ok\b", line) and not re.search(r"# *TODO", line, flags=re.I):
            return f"a test failed: {line}"
        if line.startswith("Bail out!"):
            return f"the tests gave up: {line}"
        plan = re.match(r"1\.\.(\d+)", line)
        if plan:
            plans, planned = plans + 1, planned + int(plan.group(1))
        seen += bool(re.match(r"(not )?ok\b", line))
    if not plans:
        return "no test was planned: standard output is no TAP"
    return None if seen == planned else f"{planned} tests were planned, and {seen} ran"


def _stage(heard):
    if said(heard.verdict, "exit") is not None:
        return "while the guest was ending"
    return "while the command ran" if said(heard.verdict, "out") else "while the guest started"


def _lost(heard):
    """Why there is no verdict; None: there is one."""
    panic = [line for line in lines(heard.console) if PANIC.search(line)]
    if said(heard.verdict, "broken"):
        return f"the guest could not go on: {said(heard.verdict, 'broken')}"
    if panic:
        return f"the guest's kernel panicked {_stage(heard)}: {PANIC.sub('', panic[0])}"
    if heard.ended == "time":
        return f"the guest was stopped {_stage(heard)}: its {heard.limit:g} s were over (--time-limit)"
    if heard.ended == "silence":
        return f"the guest was stopped {_stage(heard)}: nothing was heard of it for {heard.limit:g} s (--silence)"
    how = said(heard.verdict, "end")
    code = said(heard.verdict, "exit")
    if how not in QEMU_CODE or QEMU_CODE[how] != heard.qemu or not (code or "").isdigit():
        end = f"QEMU's exit code was {heard.qemu}" + (f", its words: {heard.complaint}" if heard.complaint else "")
        return f"the guest ended without a verdict {_stage(heard)}: {end}"
    return None


def judge(heard, want_tap=False):
    """(sentence or None, exit code): the command's own code only if the guest itself did well."""
    lost = _lost(heard)
    found = splats("\n".join(section(heard.verdict, "log")), heard.console)
    if lost:
        return lost + (f"; before that the kernel said: {found[0]}" if found else ""), GUEST
    code = int(said(heard.verdict, "exit"))
    ended = f"; the command ended with {code}" if code else ""
    if found:
        more = f" (and {len(found) - 1} more such lines)" if len(found) > 1 else ""
        return f"the guest's kernel complained: {found[0]}{more}{ended}", GUEST
    wrong = tap(heard.out) if want_tap else None
    if wrong:
        return wrong + ended, code or 1
    return (f"the command ended with {code}", code) if code else (None, 0)
