# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs programs under an X server of their own, drawn by cairo, as benches beside this file do."""

import os
import subprocess
import sys

SERVER = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", "dbus-run-session", "--"]


def run(command, home):
    """What it prints; `home` is the folder of all that programs keep."""
    environment = dict(os.environ, GSK_RENDERER="cairo", LC_ALL="C.UTF-8")
    for name in ("DATA", "CONFIG", "CACHE"):
        environment[f"XDG_{name}_HOME"] = home
    done = subprocess.run([*SERVER, *command], env=environment, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"{command} failed")
    # The session's services speak on the same line.
    lines = done.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("SpiRegistry"))
