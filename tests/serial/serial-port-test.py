#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial ports of a real kernel: listed, upgraded over at every rate they have, held as configured, and
told apart when they do not open.

Takes the same environment variables as cli-test.py, SWITCHYARD_GUEST_AGENT and SWITCHYARD_GUEST_RATES.
"""

import contextlib
import os

import guest
from guest import ISA, SERIAL, USB
from station import EXIT_DONE, EXIT_LINK, EXIT_USAGE, FACTORY_RUNS, UPGRADED

BY_ID = f"/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_{SERIAL}-if00-port0"
USB_NAME = f"usb:0403:6001:{SERIAL}"
ON, OFF = (True, True), (False, False)
UPGRADE = ["upgrade", "--json", "/release.hex", "--port"]
IDENTIFY = ["identify", "--json", "--port"]

guest.MORE["/bin/guest-rates"] = os.environ["SWITCHYARD_GUEST_RATES"]
guest.MORE["/bin/flock"] = "/usr/bin/flock"


# ---- What there is ----


def test_ports_are_listed_with_product_and_serial_number(case):
    with guest.shared(case) as there:
        events = there.cli("ports", "--json").exited(EXIT_DONE).events()
        told = {event["port"]: event for event in events}
        case.contains(told[USB]["label"], f"QEMU USB SERIAL · {SERIAL}", "the adapter's label")
        case.equal(told[USB]["stable_name"], BY_ID, "the name that stays")
        case.check(ISA in told, "the port on the board is not listed")
        case.check("/dev/ttyS2" not in told, "a port without a chip is listed")


def test_an_adapter_is_found_by_what_it_says_of_itself(case):
    with guest.shared(case) as there, there.station(case, "usb"):
        for name in (BY_ID, USB_NAME):
            last = there.cli(*IDENTIFY, name).exited(EXIT_DONE).last()
            case.equal((last["bank"], last["version"]), FACTORY_RUNS, f"what runs behind {name}")
        run = there.cli(*IDENTIFY, USB_NAME + "X").exited(EXIT_LINK)
        case.equal(run.last()["trouble"], "absent", "another adapter's trouble")
        for name in (BY_ID, USB_NAME):
            run = there.cli(*UPGRADE, USB, "--port", name).exited(EXIT_USAGE)
            case.contains(run.texts(), "by another name", f"what is said of {USB} and {name} at once")


def test_of_an_adapter_known_by_its_number_what_it_is_now_is_told(case):
    with guest.shared(case) as there, waiting(there, USB, user="tech"):
        last = there.cli(*IDENTIFY, USB_NAME, user="tech").exited(EXIT_LINK).last()
        case.equal(last["trouble"], "busy", "the trouble")
        event = there.cli("find", "--json", USB_NAME, user="tech").exited(EXIT_LINK).events()[0]
        case.equal((event["state"], event["asked"]), ("busy", 0), "what the search says of it")
        case.contains(event["text"], "switchyard-cli (process ", "who has it")


# ---- Upgrades and rates ----


def check_upgraded(case, line, run):
    last = run.exited(EXIT_DONE).last()
    case.equal((last["bank"], last["version"]), UPGRADED, "what is said to run")
    case.equal(line.identify(), UPGRADED, "what runs")
    return last


def test_an_upgrade_goes_over_a_usb_adapter_at_the_highest_rate_it_makes(case):
    with guest.shared(case) as there, there.station(case, "usb") as line:
        case.equal(line.identify(), FACTORY_RUNS, "what runs before")
        carried, rates = there.usb.carried, len(there.trace.rates["usb"])
        last = check_upgraded(case, line, there.cli(*UPGRADE, USB))
        case.check(there.usb.carried - carried > 5000, "nothing went over the line")
        case.equal(last["life"]["baud"], 691200, "the rate that is told")
        case.equal(max(there.trace.rates["usb"][rates:]), 685714, "what the adapter made of it")
        case.equal(last["bad_frames"], 0, "frames that were damaged")


def test_an_upgrade_goes_over_a_port_on_the_board_which_refuses_higher_rates(case):
    with guest.shared(case) as there, there.station(case, "isa") as line:
        carried, rates = there.isa.carried, len(there.trace.rates["isa"])
        run = there.cli(*UPGRADE, ISA)
        last = check_upgraded(case, line, run)
        case.contains(run.texts(), "The line does not carry 691200 baud", "the log")
        case.check(there.isa.carried - carried > 5000, "nothing went over the line")
        case.equal(last["life"]["baud"], 115200, "the rate that is told")
        case.equal(set(there.trace.rates["isa"][rates:]) - {9600}, {115200}, "the chip's rates")
        case.equal(last["bad_frames"], 0, "frames that were damaged")


def test_every_rate_is_read_back_and_a_refused_one_stays_what_it_was(case):
    rates = (115200, 230400, 345600, 691200, 9600)
    with guest.shared(case) as there:
        for port, kind, told, real in (
            (USB, "usb", rates, [115384, 230769, 347826, 685714, 9600]),
            (ISA, "isa", (115200, 115200, 115200, 115200, 9600), [115200, 9600]),
        ):
            before = len(there.trace.rates[kind])
            words = " ".join(map(str, rates))
            out = there.run(f"guest-rates {port} {words}").exited(0).out
            wanted = [f"{rate} {now}" for rate, now in zip(rates, told)]
            case.equal(out.splitlines(), wanted, f"rates of {port} as set, and as read back")
            there.trace.catch_up()
            made = there.trace.rates[kind][before:]
            once = [rate for n, rate in enumerate(made) if n == 0 or made[n - 1] != rate]
            case.equal(once[-len(real) :], real, f"what the chip of {port} made")


# ---- DTR and RTS ----


def test_dtr_and_rts_are_off_after_the_shortest_moment_and_stay_so_through_an_upgrade(case):
    with guest.shared(case) as there, there.station(case, "usb") as line:
        told, rates = len(there.trace.modem_lines), len(there.trace.rates["usb"])
        check_upgraded(case, line, there.cli(*UPGRADE, USB))
        there.trace.catch_up()
        case.check({115384, 685714} <= set(there.trace.rates["usb"][rates:]), "the rate did not change")
        # The kernel's, ours with RTS first, and the kernel's at closing.
        wanted = [ON, (True, False), OFF, OFF]
        case.equal(there.trace.modem_lines[told:], wanted, "(DTR, RTS), one request after the other")


def test_dtr_and_rts_are_as_asked_for_while_the_port_is_open(case):
    with guest.shared(case) as there, there.station(case, "usb"):
        for dtr, rts in (("on", "on"), ("on", "off"), ("off", "on")):
            told = len(there.trace.modem_lines)
            there.cli(*IDENTIFY, USB, "--dtr", dtr, "--rts", rts).exited(EXIT_DONE)
            there.trace.catch_up()
            seen = there.trace.modem_lines[told:]
            case.equal((seen[0], seen[-1]), (ON, OFF), "the kernel's own, at opening and closing")
            case.equal(seen[-2], (dtr == "on", rts == "on"), "while it was open")


@contextlib.contextmanager
def waiting(there, port, *words, user="root"):
    """While an identify has the port open and waits in vain for an answer."""
    job = there.start_cli(*IDENTIFY, port, "--trace", *words, user=user)
    job.wait_line('"direction":"out"')
    yield job
    if job.code is not None:
        raise AssertionError("identify ended before anybody looked")
    job.wait().exited(EXIT_LINK)


def test_a_port_on_the_board_has_dtr_and_rts_as_asked_for(case):
    # The kernel's list shows what of a port's lines is on.
    with guest.shared(case) as there:
        for words, wanted in ((["--dtr", "on", "--rts", "on"], {"DTR", "RTS"}), ([], set())):
            with waiting(there, ISA, *words):
                told = there.run("grep ^1: /proc/tty/driver/serial").exited(0).out.strip()
                lines = set(told.split(" ")[-1].split("|"))
                case.equal({"DTR", "RTS"} & lines, wanted, f"lines of {told}")


def test_an_adapter_hands_over_bytes_at_once_while_it_is_open_and_as_before_afterwards(case):
    with guest.shared(case) as there, there.station(case, "usb"):
        timer = "cat /sys/bus/usb-serial/devices/ttyUSB0/latency_timer"
        there.run(f"exec 3<>{USB}").exited(0)
        before = int(there.run(timer).exited(0).out)
        told = len(there.trace.latencies)
        there.cli(*IDENTIFY, USB, user="tech").exited(EXIT_DONE)
        there.trace.catch_up()
        case.check(before != 1, "it did so anyway")
        case.equal(there.trace.latencies[told:], [1, before], "milliseconds, one after the other")


# ---- Ports that do not open ----


def test_a_port_without_permission_is_told_with_the_command_that_mends_it(case):
    with guest.shared(case) as there, there.station(case, "usb"):
        for port in (USB, ISA):
            last = there.cli(*IDENTIFY, port, user="guest").exited(EXIT_LINK).last()
            case.equal(last["trouble"], "denied", "the trouble")
            case.equal(last["command"], "sudo usermod -aG dialout guest", "the command")
        there.cli(*IDENTIFY, USB, user="tech").exited(EXIT_DONE)


def test_an_absent_port_is_told(case):
    with guest.shared(case) as there:
        for port in ("/dev/ttyUSB7", "/dev/serial/by-id/usb-Nobody-if00"):
            last = there.cli(*IDENTIFY, port).exited(EXIT_LINK).last()
            case.equal(last["trouble"], "absent", f"the trouble of {port}")


@contextlib.contextmanager
def held(there, program, user="root"):
    """While a program that never ends by itself, and says “ready” when it has the port, runs."""
    job = there.start(program, user=user)
    try:
        job.wait_line("ready")
        yield job
    finally:
        job.signal(9)
        job.wait()


def test_a_port_that_another_program_locks_is_busy_and_named(case):
    with guest.shared(case) as there, there.station(case, "usb"):
        locks = f"exec 3<>{USB}; flock 3 || exit 1; echo ready; sleep 100; :"
        with held(there, locks):
            last = there.cli(*IDENTIFY, USB).exited(EXIT_LINK).last()
            case.equal(last["trouble"], "busy", "the trouble")
            case.contains(last["text"], "(process ", "the text")
        there.cli(*IDENTIFY, USB).exited(EXIT_DONE)


def test_a_second_switchyard_cannot_take_the_port_nor_touch_its_lines(case):
    with guest.shared(case) as there, waiting(there, USB, user="tech"):
        told = len(there.trace.modem_lines)
        case.equal(there.trace.modem_lines[-1], OFF, "(DTR, RTS) before")
        second = [there.start_cli(*IDENTIFY, USB, user=user) for user in ("tech", "root")]
        for run in (job.wait().exited(EXIT_LINK) for job in second):
            case.equal(run.last()["trouble"], "busy", "the trouble")
            case.contains(run.last()["text"], "switchyard-cli (process ", "the text")
        there.trace.catch_up()
        case.equal(there.trace.modem_lines[told:], [], "(DTR, RTS) from then on")


def test_a_port_is_exclusive_to_programs_that_do_not_lock_and_free_afterwards(case):
    with guest.shared(case) as there:
        with waiting(there, USB, user="tech"):
            run = there.run(f"exec 3<>{USB}", user="tech")
            case.contains(run.err, "Device or resource busy", "what the shell says")
        there.run(f"exec 3<>{USB}", user="tech").exited(0)


if __name__ == "__main__":
    guest.main(globals())
