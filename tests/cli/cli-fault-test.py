#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line when the line or the substation fails: exits 3, 4 and 5, and faults that heal.

Takes the same environment variables as cli-test.py. Each test asserts that its fault happened.
"""

import grp
import os
import signal

import station
import tap
from station import (
    BLOCKS,
    CLI,
    EXIT_DONE,
    EXIT_LINK,
    EXIT_OLD_RUNS,
    EXIT_UNKNOWN,
    FACTORY_RUNS,
    NOBODY,
    RELEASE,
    SUBSTATION,
    UPGRADED,
    Client,
    Station,
    cli,
    reachable_cli,
)

# What an upgrade programs, counted: with the record log emptied the running program's record, another
# that says which program comes, then the bank from its second block on; last its first, the seal;
# then the new program's record.
FIRST_RECORD, FIRST_BLOCK = 2, 4
SEAL = FIRST_BLOCK + BLOCKS - 1
BANK_RECORD = SEAL + 1


# ---- The option --fault ----

COUNTED = ("drop-rx", "flip-rx", "drop-tx", "power-cut-block", "bad-program", "refuse-program")
COUNTED += ("power-cut-erase", "bad-erase", "refuse-erase", "drop-every", "silent-block")
COUNTED += ("unplug-block",)
OF_A_BLOCK = ("worn-block", "weak-block")


def test_every_fault_is_named_in_the_help_and_taken(case):
    out = cli(case, "--help", program=SUBSTATION).exited(0).out
    kinds = (*COUNTED, *OF_A_BLOCK, "silent-after")
    for kind in (*kinds, "noise"):
        case.contains(out, f"{kind}=N", "the help")
    specs = [f"{kind}={number}" for kind in kinds for number in ("239", "0xeF")]
    specs += ["noise=1", "noise=0x1"]
    with Station(case, *station.faults(*specs)) as there:
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_a_number_that_a_fault_does_not_take_ends_with_2_and_tells_the_range(case):
    wrong = [(f"{kind}=0", "1 to 4294967295") for kind in COUNTED]
    wrong += [(f"{kind}=0xf0", "0 to 239") for kind in OF_A_BLOCK]
    wrong += [("noise=0", "1 to 100000"), ("noise=100001", "1 to 100000")]
    for spec, said in wrong:
        run = cli(case, "--fault", spec, program=SUBSTATION).exited(2)
        case.contains(run.err, said, f"stderr for “{spec}”")


def test_what_is_no_fault_ends_with_2_and_tells_the_kinds(case):
    wrong = ["", "worn-block", "worn-block=", "worn-block=-1", "worn-block=0x", "worn-block=0x0x1"]
    wrong += ["worn-block=1x", "worn-block= 1", "drop-rx=4294967296", "worn=1", "=1"]
    for spec in wrong:
        run = cli(case, "--fault", spec, program=SUBSTATION).exited(2)
        case.contains(run.err, f"“{spec}” is no fault", "stderr")
        case.contains(run.err, "  worn-block\n", "stderr")
    many = cli(case, *station.faults(*["drop-rx=1"] * 65), program=SUBSTATION).exited(2)
    case.contains(many.err, "more than 64 faults", "stderr")


def test_a_torn_block_is_in_the_flash_file(case):
    home = station.folder(case)
    flash = home / "flash"
    options = ("--flash", flash, *station.faults("power-cut-block=7"))
    with Station(case, *options, home=home) as there:
        there.upgrade()
        there.happened("power-cut-block=7")
    cells = flash.read_bytes()[station.FLASH_BYTES :]
    torn = [line for line, state in enumerate(cells) if state > 1]
    case.equal(len(torn), 1, "lines that are neither blank nor well programmed")


def test_a_power_cut_in_the_erase_tells_the_truth(case):
    with Station(case, *station.faults("power-cut-erase=1")) as there:
        run = there.upgrade()
        there.happened("power-cut-erase=1")
        wanted = {EXIT_DONE: UPGRADED, EXIT_OLD_RUNS: FACTORY_RUNS}
        case.check(run.code in wanted, f"exit {run.code}")
        case.equal(there.identify(), wanted[run.code], "what runs")
        there.upgrade().exited(EXIT_DONE)
        case.equal(there.identify(), UPGRADED, "what runs in the end")


# ---- Exit 3: the link ----


def test_a_port_that_is_absent_ends_with_3(case):
    home = station.folder(case)
    for name in (f"pty:{home}/absent", "/dev/ttyThatIsNotThere"):
        run = cli(case, "identify", "--port", name).exited(EXIT_LINK)
        case.contains(run.err, "There is no port", "stderr")
        last = cli(case, "upgrade", "--port", name, "--json", RELEASE).exited(EXIT_LINK).last()
        case.equal((last["event"], last["exit"]), ("error", EXIT_LINK), "the last event")


def test_a_file_that_is_no_terminal_ends_with_3(case):
    file = station.folder(case) / "plain"
    file.write_text("kept\n")
    run = cli(case, "identify", "--port", f"pty:{file}").exited(EXIT_LINK)
    case.contains(run.err, "no terminal", "stderr")
    case.equal(file.read_text(), "kept\n", "the file")


def test_a_virtual_substation_that_cannot_start_ends_with_3(case):
    env = station.environment()
    env["SWITCHYARD_SUBSTATION"] = str(station.folder(case) / "absent")
    run = cli(case, "identify", "--port", "virtual", env=env).exited(EXIT_LINK)
    case.contains(run.err, "cannot be started", "stderr")


def test_a_port_that_another_upgrade_holds_is_busy_and_the_upgrade_goes_on(case):
    with Station(case, fast=False) as there:
        holder = Client(case, "upgrade", "--port", there.port, "--json", RELEASE, held=True)
        holder.read_until(b'"phase":"write"')
        run = cli(case, "identify", "--port", there.port).exited(EXIT_LINK)
        named = f"switchyard-cli (process {holder.process.pid})"
        case.contains(run.err, "Another Switchyard uses", "stderr")
        case.contains(run.err, named, "stderr")
        last = there.upgrade().exited(EXIT_LINK).last()
        case.contains(last["text"], named, "the text")
        case.equal(last["trouble"], "busy", "the trouble")
        case.check(holder.process.poll() is None, "the holder ended too early to hold anything")
        last = holder.end().exited(EXIT_DONE).last()
        case.equal((last["bank"], last["version"]), UPGRADED, "the holder's result")
        case.equal(there.identify(), UPGRADED, "what runs; and the port is free again")


def test_a_port_is_free_again_when_its_user_was_killed(case):
    # A pty stays open at the substation, so nothing may stick to it that only the user took off. The
    # superuser may open even an exclusive terminal: only others would see it.
    options = {}
    program = CLI
    with Station(case, fast=False) as there:
        if os.geteuid() == 0:
            options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            program = reachable_cli(case)
            os.chown(there.path, NOBODY, NOBODY)
            os.chmod(there.home, 0o755)
        words = ("upgrade", "--port", there.port, "--json", RELEASE)
        user = Client(case, *words, held=True, program=program, **options)
        user.read_until(b'"phase":"write"')
        user.signal(signal.SIGKILL)
        user.end().exited(-signal.SIGKILL)
        cli(
            case, "identify", "--port", there.port, program=program, **options
        ).exited(EXIT_DONE)


def test_a_port_without_permission_ends_with_3_and_tells_the_command(case):
    with Station(case) as there:
        options, wanted = {}, "sudo chown"
        os.chmod(there.path, 0)  # the terminal, through the link
        if os.geteuid() == 0:
            os.chmod(there.home, 0o755)
            options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            options["program"] = reachable_cli(case)
            os.chown(there.path, 0, grp.getgrnam("dialout").gr_gid)
            os.chmod(there.path, 0o660)
            wanted = "sudo usermod -aG dialout nobody"
        run = cli(case, "identify", "--port", there.port, **options).exited(EXIT_LINK)
        case.contains(run.err, "No permission to open", "stderr")
        case.contains(run.err, wanted, "stderr")
        if os.geteuid() == 0:
            os.chmod(there.path, 0)
            run = cli(case, "identify", "--port", there.port, "--json", **options)
            last = run.exited(EXIT_LINK).last()
            case.equal(last["trouble"], "denied", "the trouble")
            case.equal(last["command"], f"sudo chown nobody {there.path}", "the command")


def test_a_substation_that_is_silent_from_the_start_ends_with_3(case):
    with Station(case, *station.faults("silent-after=0")) as there:
        run = cli(case, "identify", "--port", there.port).exited(EXIT_LINK)
        case.contains(run.err, "No substation answers", "stderr")
        for more in ([], ["--dry-run"]):
            last = there.upgrade(RELEASE, *more).exited(EXIT_LINK).last()
            case.equal((last["outcome"], last["bank"]), ("link", None), "the result")
        there.happened("silent-after=0")


# 30 bytes are the question who is there and the upgrade command behind it; asked twice, it is less.
@tap.limit(180)
def test_silence_after_the_upgrade_command_but_before_the_erase_ends_with_3(case):
    with Station(case, *station.faults("silent-after=30")) as there:
        run = there.upgrade().exited(EXIT_LINK)
        case.contains(run.last()["text"], "Nothing was erased", "the text")
        there.happened("silent-after=30")


# ---- Exit 4: it failed, and the old program runs ----


def fails_and_old_runs(case, *specs, **options):
    with Station(case, *station.faults(*specs), **options) as there:
        run = there.upgrade().exited(EXIT_OLD_RUNS)
        last = run.last()
        case.equal((last["event"], last["outcome"]), ("result", "old-runs"), "the result")
        case.equal((last["bank"], last["version"]), FACTORY_RUNS, "the result's program")
        case.contains(last["text"], "as before", "the text")
        there.happened(*specs)
        case.equal(there.identify(), FACTORY_RUNS, "what runs")
        # Promised in the text; and the faults are spent.
        there.upgrade().exited(EXIT_DONE)
        case.equal(there.identify(), UPGRADED, "what runs after the second try")


def test_a_power_cut_in_the_running_programs_record_ends_with_4(case):
    fails_and_old_runs(case, f"power-cut-block={FIRST_RECORD}")


def test_a_power_cut_in_the_record_of_what_comes_ends_with_4(case):
    fails_and_old_runs(case, f"power-cut-block={FIRST_RECORD + 1}")


def test_a_power_cut_in_the_first_block_ends_with_4(case):
    fails_and_old_runs(case, f"power-cut-block={FIRST_BLOCK}")


def test_a_power_cut_in_the_middle_ends_with_4(case):
    fails_and_old_runs(case, "power-cut-block=7")


def test_a_power_cut_in_the_last_block_before_the_seal_ends_with_4(case):
    fails_and_old_runs(case, f"power-cut-block={SEAL - 1}")


def test_a_power_cut_in_the_seal_ends_with_4(case):
    fails_and_old_runs(case, f"power-cut-block={SEAL}")


def test_a_power_cut_in_the_bank_record_tells_the_truth(case):
    spec = f"power-cut-block={BANK_RECORD}"
    with Station(case, *station.faults(spec)) as there:
        run = there.upgrade()
        case.note(run)
        there.happened(spec)
        wanted = {EXIT_DONE: UPGRADED, EXIT_OLD_RUNS: FACTORY_RUNS}
        case.check(run.code in wanted, f"exit {run.code}")
        case.equal((run.last()["bank"], run.last()["version"]), wanted[run.code], "the result")
        case.equal(there.identify(), wanted[run.code], "what runs")


def test_a_block_that_fails_three_times_ends_with_4(case):
    fails_and_old_runs(case, *(f"bad-program={FIRST_BLOCK + n}" for n in range(3)))


def test_an_interrupt_in_the_middle_ends_with_4(case):
    with Station(case, fast=False) as there:
        client = Client(case, "upgrade", "--port", there.port, "--json", RELEASE, held=True)
        client.read_until(b"Block 5 is written")
        client.signal(signal.SIGINT)
        client.signal(signal.SIGINT)  # the impatient
        run = client.end().exited(EXIT_OLD_RUNS)
        case.contains(run.last()["text"], "cancelled", "the text")
        case.equal((run.last()["bank"], run.last()["version"]), FACTORY_RUNS, "the result")
        case.check(f"Block {BLOCKS - 1} is" not in run.out, "it came too late to interrupt anything")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def stops_by(case, number):
    with Station(case, fast=False) as there:
        client = Client(case, "upgrade", "--port", there.port, "--json", RELEASE, held=True)
        client.read_until(b"Block 5 is written")
        client.signal(number)
        run = client.end().exited(EXIT_OLD_RUNS)
        case.equal((run.last()["bank"], run.last()["version"]), FACTORY_RUNS, "the result")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_a_kill_in_the_middle_ends_with_4(case):
    stops_by(case, signal.SIGTERM)


def test_a_closed_terminal_in_the_middle_ends_with_4(case):
    stops_by(case, signal.SIGHUP)


def test_an_interrupt_from_the_terminal_leaves_the_virtual_substation_alive(case):
    # Ctrl+C reaches every process in the terminal's foreground, the private substation too.
    client = Client(case, "upgrade", "--port", "virtual", "--json", RELEASE, held=True)
    client.read_until(b"Block 5 is written")
    os.killpg(client.process.pid, signal.SIGINT)
    run = client.end().exited(EXIT_OLD_RUNS)
    case.equal((run.last()["bank"], run.last()["version"]), FACTORY_RUNS, "the result")


# ---- Exit 5: it failed, and nothing is known ----


@tap.limit(180)
def test_silence_in_the_middle_ends_with_5(case):
    with Station(case, *station.faults("silent-after=5000")) as there:
        run = there.upgrade().exited(EXIT_UNKNOWN)
        last = run.last()
        case.equal((last["outcome"], last["bank"], last["version"]), ("unknown", None, None), "result")
        case.contains(last["text"], "could not be learned", "the text")
        there.happened("silent-after=5000")


def test_a_substation_that_dies_in_the_middle_ends_with_5(case):
    with Station(case, fast=False) as there:
        client = Client(case, "upgrade", "--port", there.port, "--json", RELEASE, held=True)
        client.read_until(b"Block 5 is written")
        there.stop(signal.SIGKILL)
        last = client.end().exited(EXIT_UNKNOWN).last()
        case.equal((last["outcome"], last["bank"]), ("unknown", None), "the result")
        case.contains(last["text"], "connection was lost", "the text")


def test_a_virtual_substation_that_dies_in_the_middle_ends_with_5(case):
    mark = station.Mark()
    words = ("upgrade", "--port", "virtual", "--json", RELEASE)
    client = Client(case, *words, held=True, env=mark.env)
    client.read_until(b"Block 5 is written")
    (substation,) = mark.processes(SUBSTATION)
    os.kill(substation, signal.SIGKILL)
    client.end().exited(EXIT_UNKNOWN)


# ---- Faults that heal ----


def heals(case, *specs):
    """The upgrade is done in spite of these; returns its events."""
    with Station(case, *station.faults(*specs)) as there:
        events = there.upgrade().exited(EXIT_DONE).events()
        there.happened(*specs)
        case.equal(there.identify(), UPGRADED, "what runs")
    return events


def test_a_byte_lost_on_the_way_out_is_sent_again(case):
    result = heals(case, "drop-rx=2000")[-1]
    case.check(result["retries"] >= 1, f"no retry: {result}")


def test_a_byte_changed_on_the_way_out_is_sent_again(case):
    result = heals(case, "flip-rx=3000")[-1]
    case.check(result["retries"] >= 1, f"no retry: {result}")


def test_bytes_lost_on_the_way_back_are_asked_for_again(case):
    # The first is in the first answer; the others lie where the answers to blocks are.
    result = heals(case, "drop-tx=40", "drop-tx=400", "drop-tx=520")[-1]
    case.check(result["retries"] >= 1, f"no retry: {result}")
    case.check(result["bad_frames"] >= 1, f"no bad frame: {result}")


def test_many_lost_and_changed_bytes_are_all_sent_again(case):
    specs = [f"drop-rx={n}" for n in range(700, 12000, 2500)]
    specs += [f"flip-rx={n}" for n in range(1900, 12000, 2500)]
    result = heals(case, *specs)[-1]
    case.check(result["retries"] >= len(specs) / 2, f"too few retries: {result}")
    case.equal(sum(result["naks_by_cause"].values()), result["naks"], "refusals by cause")
    case.check(result["link_quality"] in ("fair", "poor"), f"a good line? {result}")


def test_a_block_that_fails_once_is_repeated_and_reported(case):
    events = heals(case, f"bad-program={FIRST_BLOCK + 2}")
    told = [e["text"] for e in events if e["event"] == "log" and e["level"] == "warning"]
    case.contains("\n".join(told), "A block of sector 8 did not hold in flash", "the warnings")
    written = [e["text"] for e in events if e.get("text") == "Block 1 is written and read back"]
    case.equal(len(written), 2, "times that block 1, of the same sector, was written")


def test_a_seal_that_fails_once_is_repeated(case):
    heals(case, f"bad-program={SEAL}")


if __name__ == "__main__":
    tap.main(globals(), jobs=8)
