#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mandoc finds nothing to warn of in any page: lint.py MANDIR"""
import glob
import os
import shutil
import subprocess
import sys

if not shutil.which("mandoc"):
    print("mandoc is not installed")
    sys.exit(77)
PAGES = sorted(glob.glob(os.path.join(sys.argv[1], "*.[0-9]")))
if not PAGES:
    sys.exit(f"no pages in {sys.argv[1]}")
sys.exit(subprocess.run(["mandoc", "-Tlint", "-Wwarning", *PAGES], check=False).returncode)
