#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial lines of a real kernel that go away, come back, or stand still.

Takes the same environment variables as cli-test.py, and SWITCHYARD_GUEST_AGENT.
"""

import contextlib
import statistics

import guest
import tap
from guest import ISA, SERIAL, USB
from station import EXIT_DONE, EXIT_LINK, EXIT_UNKNOWN, FACTORY_RUNS, UPGRADED

BY_ID = f"/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_{SERIAL}-if00-port0"
USB_NAME = f"usb:0403:6001:{SERIAL}"
UPGRADE = ["upgrade", "--json", "/release.hex", "--port"]
IDENTIFY = ["identify", "--json", "--port"]
# An upgrade carries some 12,600 bytes; what is on trial, if it gets there, runs after 12,000.
POINTS, APART = 20, 550
SECOND = 1000000  # in the guest's time
# On a busy machine the guest itself stands still at times: one of many may be as late as that.
LATE = 10 * SECOND


def upgrade_until(there, count, port=USB):
    """An upgrade whose cable is pulled when so many bytes have gone over it; `late` is how long after
    the kernel noticed it was over, `idle_cpu` what it worked in that time."""
    before = len(there.kernel)
    there.usb.at(count, there.pull)
    run = there.cli(*UPGRADE, port)
    if there.plugged:
        raise AssertionError(f"it ended before {count} bytes\n{run}")
    pulled = there.unplugged_since(before)
    run.late = run.ended - pulled
    run.idle_cpu = run.cpu - max(used for at, used in run.cpu_then if used <= run.cpu)
    return run


@tap.limit(400)
def test_a_cable_pulled_at_20_points_of_an_upgrade_is_told_at_once_and_the_old_program_runs(case):
    runs = []
    with guest.shared(case) as there, contextlib.ExitStack() as all_lines:
        lines = []
        for point in range(1, POINTS + 1):
            lines.append(all_lines.enter_context(there.station(case, "usb")))
            runs.append(upgrade_until(there, point * APART))
            there.usb.connect(None)
            there.plug()
        for run in runs:
            case.check(run.code in (EXIT_LINK, EXIT_UNKNOWN), f"no pulled cable: {run}")
            case.equal(run.last()["reason"], "link-lost", "the reason")
        late = [run.late for run in runs]
        cpu = [run.idle_cpu for run in runs]
        case.note(f"told after (µs): {late}; CPU from then on (µs): {cpu}")
        case.check(statistics.median(late) < SECOND and max(late) < LATE, f"told after {late} µs")
        case.check(max(cpu) < SECOND, f"worked {cpu} µs after the cable was pulled")
        for line in lines:
            case.equal(line.wait_for_program(), FACTORY_RUNS, "what runs")


@contextlib.contextmanager
def old_name_kept(there):
    """Who has the adapter open all the time keeps its name from it when it comes back."""
    keeper = there.start(f"trap '' HUP; exec 3<>{USB}; echo ready; exec sleep 1000")
    try:
        keeper.wait_line("ready")
        yield
    finally:
        keeper.signal(9)
        keeper.wait()
        there.pull()


def goes_on_under_another_name(case, there):
    """False when the kernel gave it its old name, which now and then it does all the same."""
    with there.station(case, "usb") as line, old_name_kept(there):
        upgrade_until(there, 18 * APART, port=BY_ID)
        name = there.plug()
        if name == USB:
            return False
        led = there.run(f"readlink -f {BY_ID}").out.strip()
        case.equal(led, name, "what the adapter's name leads to")
        run = there.cli(*UPGRADE, USB_NAME).exited(EXIT_DONE)
        case.contains(run.texts(), "from an interrupted upgrade", "the log")
        case.equal(line.identify(), UPGRADED, "what runs")
    return True


@tap.limit(240)
def test_an_adapter_that_comes_back_under_another_name_is_found_and_the_upgrade_goes_on(case):
    with guest.shared(case) as there:
        while not goes_on_under_another_name(case, there):
            there.plug()


def test_waiting_for_an_answer_takes_no_cpu(case):
    with guest.shared(case) as there:
        for port in (USB, ISA):
            job = there.start_cli(*IDENTIFY, port, "--trace")  # nobody is there
            job.wait_line('"direction":"out"')
            there.run("echo one >/dev/kmsg; sleep 1; echo two >/dev/kmsg").exited(0)
            run = job.wait().exited(EXIT_LINK)
            (start, before), *_, (end, after) = run.cpu_then
            case.check(end - start > SECOND * 0.9, "it ended too early")
            used = after - before
            case.check(used < (end - start) / 5, f"{used} µs of CPU in {end - start} µs on {port}")


def count_sent(there):
    """Bytes that the port on the board took from the kernel since it started."""
    line = there.run("grep ^1: /proc/tty/driver/serial").exited(0).out
    return int(line.split(" tx:")[1].split(" ")[0])


@tap.limit(120)
def test_a_line_that_stands_still_does_not_hold_up_the_end(case):
    # The kernel would wait half a minute for what is unsent when a port is closed.
    with guest.shared(case) as there:
        there.isa.hold(True)
        try:
            there.run(f"stty -F {ISA} 115200 raw; timeout 3 cat /dev/zero >{ISA}")
            before = count_sent(there)
            run = there.cli(*IDENTIFY, ISA, "--trace").exited(EXIT_LINK)
            sent = count_sent(there) - before
        finally:
            there.isa.hold(False)
        frames = [event for event in run.events() if event["event"] == "frame"]
        written = sum(frame["bytes"] for frame in frames if frame["direction"] == "out")
        case.check(sent < written, f"it did not stand still: {sent} of {written} bytes were sent")
        late = run.ended - run.lines[-1][0]
        case.check(late < LATE, f"it ended {late} µs after its last word")


if __name__ == "__main__":
    guest.main(globals())
