#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the udev rule makes of an adapter that is really plugged in, and of a port that is none of its own.

Takes the same environment variables as cli-test.py, and SWITCHYARD_GUEST_AGENT.
"""

import pathlib

import guest
from guest import ISA, USB

RULE = pathlib.Path(__file__).resolve().parents[2] / "data" / "udev" / "70-switchyard.rules"

guest.MORE["/lib/udev/rules.d/70-switchyard.rules"] = RULE


def find_properties(there, port):
    lines = there.run(f"udevadm info --query=property {port}").exited(0).out.splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def check_ruled(case, properties):
    case.equal(properties["ID_VENDOR_ID"], "0403", "the adapter's maker")
    case.equal(properties.get("ID_MM_DEVICE_IGNORE"), "1", "ModemManager is kept away")
    case.contains(properties.get("CURRENT_TAGS", ""), ":uaccess:", "the seat's user is let in")


def test_an_adapter_is_let_in_and_kept_from_modem_manager(case):
    with guest.shared(case) as there:
        check_ruled(case, find_properties(there, USB))


def test_an_adapter_that_is_plugged_in_again_is_so_too(case):
    with guest.shared(case) as there:
        there.pull()
        there.plug()
        check_ruled(case, find_properties(there, USB))


def test_a_port_on_the_board_is_left_alone(case):
    with guest.shared(case) as there:
        properties = find_properties(there, ISA)
        case.check("ID_MM_DEVICE_IGNORE" not in properties, f"it is ruled: {properties}")
        case.check(":uaccess:" not in properties.get("TAGS", ""), f"it is tagged: {properties}")


if __name__ == "__main__":
    guest.main(globals())
