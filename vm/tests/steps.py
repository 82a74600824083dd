# SPDX-License-Identifier: GPL-2.0-only
"""Steps of one guest: a script that keeps what each says and how it ended, and points told as TAP."""
import os


def lines(steps):
    """The script of [(name, command)]: NAME.out, NAME.err and NAME.code in /out."""
    return "".join(f"{command} >/out/{name}.out 2>/out/{name}.err; echo $? >/out/{name}.code\n"
                   for name, command in steps)


def text(folder, name):
    """What a step left there; '' where it was not reached."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def ended(folder, name):
    """(did it end well, in words)."""
    code = text(folder, f"{name}.code").strip()
    return code == "0", f"it ended with {code or 'nothing: it was not reached'}"


def tell(points):
    """Prints each (right, what, remarks) as it comes; true: one is wrong, or there is none."""
    number, wrong = 0, False
    for number, (right, what, remarks) in enumerate(points, 1):
        print(f"{'ok' if right else 'not ok'} {number} - {what}", flush=True)
        for line in remarks:
            print(f"# {line.removeprefix('# ')}")
        wrong |= not right
    print(f"1..{number}")
    return wrong or not number


def skip(why):
    """The whole test can't be run here: the last line of why says what is missing."""
    print(f"1..0 # SKIP {why.strip().splitlines()[-1]}")
    return 0
