# SPDX-License-Identifier: GPL-2.0-only
"""What we tell QEMU while it runs: pin the virtual CPUs, then go."""
import json
import os

from ipivm.fail import GUEST, Stop


class Monitor:
    def __init__(self, sock):
        self.file = sock.makefile("rw", encoding="utf-8")
        self._answer()
        self.ask("qmp_capabilities")

    def _answer(self):
        """The next message that is no event."""
        while True:
            line = self.file.readline()
            if not line:
                raise Stop("QEMU ended before the guest began", GUEST)
            message = json.loads(line)
            if "event" not in message:
                return message

    def ask(self, command):
        self.file.write(json.dumps({"execute": command}) + "\n")
        self.file.flush()
        answer = self._answer()
        if "error" in answer:
            raise Stop(f"QEMU refuses {command}: {answer['error'].get('desc')}", GUEST)
        return answer["return"]


def pin(monitor):
    """Each virtual CPU's thread to one of the CPUs that we may use, in turn: unpinned ones drift and stall.

    One thread for all of them is left where there is room: pinned, it would meet that of the next guest."""
    host = sorted(os.sched_getaffinity(0))
    threads = {cpu["thread-id"]: None for cpu in monitor.ask("query-cpus-fast")}
    for i, thread in enumerate(threads if len(threads) > 1 else ()):
        os.sched_setaffinity(thread, {host[i % len(host)]})
