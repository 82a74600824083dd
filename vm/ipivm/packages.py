# SPDX-License-Identifier: GPL-2.0-only
"""Debian's packages by apt, without root and without installing anything."""
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tarfile

from ipivm.fail import CANNOT, Stop

ENV = {**os.environ, "LC_ALL": "C"}
# What apt says, and what it means; the first that is found counts.
MEANING = (
    (r"Temporary failure resolving|Could not (connect|resolve)|unreachable|timed out",
     "apt could not reach its mirror: is there a network? What was fetched once needs none"),
    (r"404 +Not Found", "apt's lists are older than its mirror: run 'apt-get update' as root"),
    (r"No space left|enough free space", "the disk is full"),
    (r"Hash Sum mismatch|unexpected size", "what came is not what apt's lists promise: run 'apt-get update' as root"),
)


def natural(text):
    """A key that puts 6.1.0-9 before 6.1.0-56."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def matching(names, pattern):
    """The packages of a pattern, newest first."""
    return sorted((name for name in names if re.fullmatch(pattern, name)), key=natural, reverse=True)


def _apt(*command, cwd=None):
    if not shutil.which(command[0]):
        raise Stop(f"{command[0]} is missing: kernels are fetched with apt, from Debian 12", CANNOT)
    return subprocess.run(command, cwd=cwd, env=ENV, capture_output=True, text=True, check=False)


def _fields(stanza):
    return dict(re.findall(r"^([A-Z][\w-]*): (.*)$", stanza, flags=re.M))


def show(name):
    """What apt knows of the newest version of a package; None: nothing that can be fetched."""
    done = _apt("apt-cache", "show", "--no-all-versions", name)
    fields = _fields(done.stdout.split("\n\n")[0])
    return fields if done.returncode == 0 and "SHA256" in fields and "Filename" in fields else None


def newest(pattern):
    """The newest package of a pattern that can be fetched."""
    for name in matching(_apt("apt-cache", "pkgnames", "linux-").stdout.split(), pattern):
        fields = show(name)
        if fields:
            return fields
    raise Stop(f"apt knows no package {pattern}: run 'apt-get update' as root "
               "(Debian 12's main has 6.1, its security suite 6.1 and 6.12)", CANNOT)


def failure(said):
    """One sentence for what apt had to say."""
    for pattern, sentence in MEANING:
        if re.search(pattern, said):
            return sentence
    errors = re.findall(r"^E: (.*)$", said, flags=re.M)
    return f"apt failed: {errors[-1] if errors else 'it gave no reason'}"


def download(fields, folder):
    """Fetches a package into a folder; apt checks it, and so do we, against apt's signed lists."""
    name = fields["Package"]
    done = _apt("apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1",
                "download", f"{name}={fields['Version']}", cwd=folder)
    found = [file for file in os.listdir(folder) if file.startswith(name + "_")]
    if done.returncode or len(found) != 1:
        raise Stop(f"cannot fetch {name}: {failure(done.stdout + done.stderr)}", CANNOT)
    path = os.path.join(folder, found[0])
    with open(path, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != fields["SHA256"]:
            raise Stop(f"{found[0]}: not what apt's lists promise: run 'apt-get update' as root")
    return path


@contextlib.contextmanager
def members(deb):
    """The files in a package, as a stream: each can be read once, in order."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as unpacker:
        try:
            with tarfile.open(fileobj=unpacker.stdout, mode="r|") as archive:
                yield archive
        except tarfile.TarError as err:
            raise Stop(f"{deb}: cannot be read: {err}") from err
        finally:
            unpacker.kill()


def unpack(deb, folder):
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
