#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What udev makes of adapters that are not there: `udevadm test` over a /sys of our own.

Started in a mount namespace of its own, with the rule's path and words like ttyUSB0=0403:6001; prints
for each what udevadm said, behind a line with its name. The system's own rules run too.
"""

import pathlib
import subprocess
import sys

HIDDEN = ("/sys", "/run", "/etc/udev", "/dev")


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def hide():
    """Nothing that udevadm writes is seen outside; of the devices only the null one stays."""
    null = pathlib.Path("/etc/udev/null")
    mount("-t", "tmpfs", "none", "/etc/udev")
    null.touch()
    mount("--bind", "/dev/null", str(null))
    for folder in HIDDEN:
        if folder != "/etc/udev":
            mount("-t", "tmpfs", "none", folder)
    pathlib.Path("/dev/null").touch()
    mount("--bind", str(null), "/dev/null")


def put(folder, uevent, subsystem, **attributes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "uevent").write_text(uevent)
    for name, value in attributes.items():
        (folder / name).write_text(value + "\n")
    target = pathlib.Path("/sys") / subsystem
    target.mkdir(parents=True, exist_ok=True)
    (folder / "subsystem").symlink_to(target)


def plug_in(number, name, ids):
    """An adapter as sysfs has it: USB device, interface, what the driver makes of it, terminal."""
    vendor, product = ids.split(":")
    usb = pathlib.Path(f"/sys/devices/pci0000:00/0000:00:01.0/usb1/1-{number}")
    interface = usb / f"1-{number}:1.0"
    acm = name.startswith("ttyACM")
    port = interface if acm else interface / name
    terminal = port / "tty" / name
    put(usb, "DEVTYPE=usb_device\n", "bus/usb", idVendor=vendor, idProduct=product,
        manufacturer="Maker", product="Bridge", serial=f"SIM{number:04}", bcdDevice="0400")
    put(interface, "DEVTYPE=usb_interface\n", "bus/usb", bInterfaceClass="ff",
        bInterfaceSubClass="ff", bInterfaceProtocol="ff", bInterfaceNumber="00")
    if not acm:
        put(port, "", "bus/usb-serial", port_number="0")
    put(terminal, f"MAJOR=188\nMINOR={number}\nDEVNAME={name}\n", "class/tty", dev=f"188:{number}")
    (terminal / "device").symlink_to(port)
    (pathlib.Path("/sys/class/tty") / name).symlink_to(terminal)
    return terminal


def main():
    rule = pathlib.Path(sys.argv[1])
    text = rule.read_bytes()
    hide()
    folder = pathlib.Path("/etc/udev/rules.d")
    folder.mkdir()
    (folder / rule.name).write_bytes(text)
    for number, word in enumerate(sys.argv[2:], 1):
        name, ids = word.split("=")
        terminal = plug_in(number, name, ids)
        done = subprocess.run(
            ["udevadm", "test", "--action=add", terminal],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60,
        )
        print(f"== {word} {done.returncode}\n{done.stdout}", flush=True)


main()
