# SPDX-License-Identifier: GPL-2.0-only
"""How anything here ends badly: one sentence, and the exit code."""

FAILED = 1
USAGE = 2
GUEST = 70      # the guest itself failed; no command of ours ends with it
CANNOT = 77     # this machine can't do it, and why


class Stop(Exception):
    """Ends the program with a sentence and an exit code."""

    def __init__(self, sentence, code=FAILED):
        super().__init__(sentence)
        self.code = code
