#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the desktop does with us: starts the program over D-Bus, and knows our kinds of files.

Environment: SWITCHYARD, the program; SWITCHYARD_DESKTOP_DATA, the build's folder of desktop files;
SWITCHYARD_FIRMWARE_DIR. Starts an X server and a session of its own.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

APP_ID = "dev.switchyard.Workstation"
OBJECT = "/dev/switchyard/Workstation"
FIRMWARE = pathlib.Path(os.environ["SWITCHYARD_FIRMWARE_DIR"])
PROGRAM = pathlib.Path(os.environ["SWITCHYARD"]).resolve()
DATA = pathlib.Path(os.environ["SWITCHYARD_DESKTOP_DATA"])
DEADLINE_S = 60

# Runs in the session: what is on the bus and what the window's title says.
SCRIPT = """
import sys, time
from gi.repository import Gio, GLib
APP_ID, OBJECT, file = sys.argv[1:4]
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def call(interface, method, arguments, name=APP_ID, path=OBJECT):
    return bus.call_sync(name, path, interface, method, arguments, None,
                         Gio.DBusCallFlags.NONE, 55000, None)
def owned():
    return call("org.freedesktop.DBus", "NameHasOwner", GLib.Variant("(s)", (APP_ID,)),
                "org.freedesktop.DBus", "/org/freedesktop/DBus").unpack()[0]
print("owned before:", owned())
call("org.freedesktop.Application", "Open",
     GLib.Variant("(asa{sv})", (["file://" + file], {})))
print("owned after:", owned())
call("org.freedesktop.Application", "ActivateAction",
     GLib.Variant("(sava{sv})", ("practise", [], {})))
names = call("org.gtk.Actions", "List", None).unpack()[0]
print("actions:", " ".join(sorted(names)))
windows = []
end = time.monotonic() + 55
while not windows and time.monotonic() < end:
    xml = call("org.freedesktop.DBus.Introspectable", "Introspect", None, path=OBJECT + "/window")
    windows = [line for line in xml.unpack()[0].splitlines() if "<node name=" in line]
    time.sleep(0.05)
print("windows:", len(windows))
call("org.gtk.Actions", "Activate", GLib.Variant("(sava{sv})", ("quit", [], {})))
end = time.monotonic() + 55
while owned() and time.monotonic() < end:
    time.sleep(0.05)
print("owned at the end:", owned())
"""


def new_home(case):
    temporary = tempfile.TemporaryDirectory(prefix="switchyard-desktop-")
    case.on_end(temporary.cleanup)
    return pathlib.Path(temporary.name)


def need(*commands):
    for command in commands:
        if not shutil.which(command):
            raise tap.Skip(f"{command} is not installed")


def install_service(home):
    """The build's own, but for where the program is."""
    text = (DATA / f"{APP_ID}.service").read_text(encoding="utf-8")
    lines = [f"Exec={PROGRAM} --gapplication-service" if line.startswith("Exec=") else line
             for line in text.splitlines()]
    if not any(line.startswith("Exec=") and line.endswith("/switchyard --gapplication-service")
               for line in text.splitlines()):
        raise AssertionError(f"the service starts something else: {text}")
    folder = home / "dbus-1" / "services"
    folder.mkdir(parents=True)
    (folder / f"{APP_ID}.service").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_desktop_starts_the_program_over_the_bus_with_a_file(case):
    need("xvfb-run", "dbus-run-session")
    home = new_home(case)
    install_service(home)
    env = dict(os.environ, XDG_DATA_HOME=str(home), XDG_CONFIG_HOME=str(home),
               XDG_CACHE_HOME=str(home), GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory")
    env.pop("GTK_A11Y", None)
    process = case.track(subprocess.Popen(
        [str(pathlib.Path(__file__).with_name("in-display")), sys.executable, "-c", SCRIPT, APP_ID,
         OBJECT, str(FIRMWARE / "release.hex")],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    out, errors = process.communicate(timeout=4 * DEADLINE_S)
    case.note(errors)
    for line in ("owned before: False", "owned after: True", "windows: 1", "owned at the end: False"):
        case.contains(out, line, "what was seen on the bus")
    case.contains(out, "about practise quit style", "the program's actions")


def ask_type(home, path):
    env = dict(os.environ, XDG_DATA_HOME=str(home), LC_ALL="C.UTF-8")
    out = subprocess.run(["gio", "info", "-a", "standard::content-type", str(path)], env=env,
                         capture_output=True, text=True, check=True, timeout=DEADLINE_S).stdout
    return out.split("standard::content-type:")[1].split()[0]


def test_hex_files_are_known_by_name_and_by_content(case):
    need("update-mime-database", "gio")
    home = new_home(case)
    packages = home / "mime" / "packages"
    packages.mkdir(parents=True)
    shutil.copy(DATA / f"{APP_ID}.xml", packages)
    done = subprocess.run(["update-mime-database", str(home / "mime")], capture_output=True, text=True,
                          check=False, timeout=DEADLINE_S)
    case.equal(done.returncode, 0, f"update-mime-database: {done.stderr}")
    release = FIRMWARE / "release.hex"
    case.equal(ask_type(home, release), "text/x-hex", "a release")
    nameless = home / "nameless"
    shutil.copy(release, nameless)
    case.equal(ask_type(home, nameless), "text/x-hex", "a release without its name")
    record = home / "record"
    record.write_text("S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n", encoding="ascii")
    case.equal(ask_type(home, record), "text/x-srecord", "an S-record without a name")
    note = home / "note"
    note.write_text(": a note that begins with a colon\n", encoding="ascii")
    case.equal(ask_type(home, note), "text/plain", "a note")


def test_the_desktop_entry_hands_over_what_the_program_opens(case):
    entry = (DATA / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    for line in ("DBusActivatable=true", "StartupNotify=true", "MimeType=text/x-hex;text/x-srecord;"):
        case.contains(entry, line, "the entry")


if __name__ == "__main__":
    tap.main(globals(), jobs=2)
