# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs programs under an X server of their own, drawn by cairo, as benches beside this file do."""

import os
import subprocess
import sys

# On a desktop the accessibility bus is there before any program: its start is not theirs.
ON_A_DESKTOP = """
gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus --method org.a11y.Bus.GetAddress >&2
exec "$@"
"""
SERVER = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", "dbus-run-session", "--", "sh", "-c",
          ON_A_DESKTOP, "sh"]


def run(command, home):
    """What it prints; `home` is the folder of all that programs keep."""
    environment = dict(os.environ, GSK_RENDERER="cairo", LC_ALL="C.UTF-8")
    for name in ("DATA", "STATE", "CONFIG", "CACHE"):
        environment[f"XDG_{name}_HOME"] = home
    done = subprocess.run([*SERVER, *command], env=environment, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"{command} failed")
    # The session's services speak on the same line.
    lines = done.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("SpiRegistry"))
