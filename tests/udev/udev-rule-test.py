#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule for adapters, asked of udev itself."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RULE = HERE.parent.parent / "data" / "udev" / "70-switchyard.rules"
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

# A mount namespace, in one for users where we are not root.
APART = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])


def ask(case, *devices):
    """{name: what udevadm said} of words like ttyUSB0=0403:6001."""
    if not shutil.which("udevadm", path="/usr/bin:/usr/sbin:/sbin:/bin"):
        raise tap.Skip("there is no udevadm")
    if subprocess.run([*APART, "mount", "-t", "tmpfs", "none", "/sys"], capture_output=True,
                      check=False).returncode != 0:
        raise tap.Skip("nothing may be mounted here, not even in a namespace")
    done = subprocess.run([*APART, sys.executable, HERE / "ask-udev.py", RULE, *devices], text=True,
                          capture_output=True, check=False, timeout=300)
    case.note(done.stderr)
    case.equal(done.returncode, 0, "the exit status of asking")
    found = {}
    for part in re.split(r"^== ", done.stdout, flags=re.MULTILINE)[1:]:
        head, said = part.split("\n", 1)
        name, status = head.split("=")[0], head.split(" ")[1]
        case.equal(status, "0", f"udevadm's exit status for {name}")
        found[name] = said
    return found


def properties(said):
    return dict(re.findall(r"^([A-Z][A-Z_]*)=(.*)$", said, re.MULTILINE))


def list_ids():
    """Each "0403:6001" of the rule."""
    lines = re.findall(r'^ATTRS\{idVendor\}=="(\w+)", ATTRS\{idProduct\}=="([\w|]+)"',
                       RULE.read_text(encoding="utf-8"), re.MULTILINE)
    return [f"{vendor}:{product}" for vendor, all_of_it in lines for product in all_of_it.split("|")]


def check_given(case, name, said):
    found = properties(said)
    case.equal(found.get("ID_MM_DEVICE_IGNORE"), "1", f"{name} for ModemManager")
    case.equal(found.get("ID_MM_PORT_IGNORE"), "1", f"{name}'s port for ModemManager")
    case.contains(found.get("TAGS", ""), ":uaccess:", f"{name}'s tags")
    # By a rule of the system's, behind ours: what gives the device to the seat.
    case.check("run: 'uaccess'" in said, f"{name} is not given to the seat")


def test_udev_finds_nothing_wrong_with_the_rule(case):
    said = ask(case, "ttyUSB0=0403:6001")["ttyUSB0"]
    case.contains(said, f"/etc/udev/rules.d/{RULE.name}", "what udev read")
    wrong = [line for line in said.splitlines()
             if re.search(rf"{RULE.name}:\d+.*(invalid|unknown|ignor|expect|fail|unused|must)", line,
                          re.IGNORECASE)]
    case.equal(wrong, [], "what udev finds wrong")


def test_every_adapter_of_the_list_goes_to_the_seat_and_not_to_modem_manager(case):
    ids = list_ids()
    case.check(len(ids) > 40, "the list was not read")
    asked = ask(case, *(f"ttyUSB{number}={pair}" for number, pair in enumerate(ids)))
    case.equal(len(asked), len(ids), "how many udev was asked about")
    for number, pair in enumerate(ids):
        check_given(case, pair, asked[f"ttyUSB{number}"])


def test_adapters_that_are_cdc_acm_are_given_too(case):
    asked = ask(case, "ttyACM0=04d8:00dd", "ttyACM1=1a86:55d4")
    for name, said in asked.items():
        check_given(case, name, said)
    case.equal(len(asked), 2, "how many udev was asked about")


def test_an_adapter_keeps_the_name_that_stays(case):
    said = ask(case, "ttyUSB0=0403:6001")["ttyUSB0"]
    case.contains(properties(said).get("DEVLINKS", ""),
                  "/dev/serial/by-id/usb-Maker_Bridge_SIM0001-if00-port0", "its names")


def test_a_modem_is_left_alone(case):
    # Huawei, Quectel, Telit, Sierra; then what has a listed product of another maker.
    asked = ask(case, "ttyUSB0=12d1:1001", "ttyUSB1=2c7c:0125", "ttyACM0=1bc7:0021",
                "ttyUSB3=1199:68a2", "ttyUSB4=0403:ea60")
    case.equal(len(asked), 5, "how many udev was asked about")
    for name, said in asked.items():
        found = properties(said)
        case.equal(found.get("SUBSYSTEM"), "tty", f"what {name} is")
        case.equal([key for key in found if "ID_MM" in key or "SWITCHYARD" in key], [],
                   f"what {name} was given")
        case.check("uaccess" not in found.get("TAGS", ""), f"{name} is tagged")
        case.check("run: 'uaccess'" not in said, f"{name} is given to the seat")


if __name__ == "__main__":
    tap.main(globals())
