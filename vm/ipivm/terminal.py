# SPDX-License-Identifier: GPL-2.0-only
"""Our terminal as the guest's: raw, until the guest ends or Ctrl-] is typed."""
import contextlib
import os
import queue
import shutil
import sys
import termios
import threading
import tty

ESCAPE = b"\x1d"
MOTD = "The guest's shell. 'exit' or Ctrl-] ends it; what is left in /out is kept.\n"


def size():
    columns, rows = shutil.get_terminal_size()
    return f"rows {rows} cols {columns}"


@contextlib.contextmanager
def raw():
    """Keys go to the guest as they are; without a terminal nothing is done."""
    if not sys.stdin.isatty():
        yield
        return
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def feed(guest):
    """Sends what is typed once the shell is there to read it; the end of a file is Ctrl-D."""
    keys = queue.SimpleQueue()

    def read():
        data = True
        while data:
            data = os.read(sys.stdin.fileno(), 4096)
            if ESCAPE in data and sys.stdin.isatty():
                guest.process.kill()
            keys.put(data or b"\x04")

    def send():
        guest.spoke.wait()
        while True:
            guest.send("out", keys.get())

    for work in (read, send):
        threading.Thread(target=work, daemon=True).start()
