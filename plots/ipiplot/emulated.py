# SPDX-License-Identifier: GPL-2.0-only
"""Results whose times are an emulator's: what says so, wherever they are shown."""

NAMES = {"tcg": "QEMU TCG", "user-mode": "user-mode emulation", "unknown": "unknown emulator"}


def emulator(result):
    """Which one; None: no emulator was seen."""
    by = ((result.get("context") or {}).get("emulated") or {}).get("by")
    return by or ("unknown" if result.get("machine") == "emulated" else None)


def line(result):
    """The sentence that stands before its numbers; "": it is not emulated."""
    by = emulator(result)
    if not by:
        return ""
    context = result.get("context") or {}
    cpus = len((result.get("topology") or {}).get("cpus") or []) or context.get("cpus_online")
    said = [NAMES.get(by, by)] + [count(cpus, "vCPU")] * bool(cpus)
    host = context.get("host_cpus")
    where = f" on {count(host, 'host CPU')}" if host and cpus else ""
    return (f"EMULATED ({', '.join(said)}{where}): order of events and counts hold, times are "
            "no processor's")


def count(n, what):
    return f"{n} {what}{'' if n == 1 else 's'}"


def headline(result):
    """The file's own first line; of a file that does not say it, with the sentence."""
    said = result["headline"]
    return said if not emulator(result) or "EMULATED" in said else f"{line(result)}; {said}"


def alike(result, results):
    """Those that ran under the same emulator, or none: only these share axes."""
    return [r for r in results if emulator(r) == emulator(result)]
