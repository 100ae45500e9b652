#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line as scripts see it, over a pty and over `virtual`, while nothing goes wrong on the line.

SWITCHYARD_CLI and SWITCHYARD_SUBSTATION name the programs, SWITCHYARD_FIRMWARE_DIR the folder with
the hex files the build makes.
"""

import errno
import os
import pty
import signal
import stat
import subprocess
import threading

import hextool
import station
import tap
from station import (
    BLOCKS,
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    FACTORY_RUNS,
    FIRMWARE,
    OLD_RELEASE,
    RELEASE,
    SUBSTATION,
    UPGRADED,
    Client,
    Station,
    cli,
)


# ---- Without a substation ----


def test_ports_lists_the_virtual_substation_first(case):
    first = cli(case, "ports").exited(EXIT_DONE).out.splitlines()[0]
    case.equal(first.split()[0], "virtual", "the first word of the first line")


def test_ports_in_json_has_one_object_a_port(case):
    events = cli(case, "ports", "--json").exited(EXIT_DONE).events()
    case.equal(events[0]["port"], "virtual", "the first port")
    case.equal(events[0]["virtual"], True, "its mark")
    for event in events:
        case.equal(event["event"], "port", "each event")
        case.equal(event["virtual"], event["port"] == "virtual", f"the mark of {event['port']}")


def test_help_and_version_end_with_0(case):
    out = cli(case, "--help").exited(EXIT_DONE).out
    commands = ("ports", "identify", "inspect", "compare", "convert", "upgrade", "confirm", "rollback")
    for word in (*commands, "--dry-run", "--figures", "pty:PATH"):
        case.contains(out, word, "the help")
    case.contains(out, "is confirmed", "when the help calls an upgrade done")
    case.equal(cli(case, "-h").exited(EXIT_DONE).out, out, "the short option's help")
    version = cli(case, "--version").exited(EXIT_DONE).out
    case.check(version.startswith("switchyard-cli 0."), f"no version: {version}")
    out = cli(case, "upgrade", "--help").exited(EXIT_DONE).out
    case.contains(out, "--dry-run", "the command's help")


def test_texts_come_in_the_language_asked_for_from_the_build_folder_too(case):
    chinese = {**station.environment(), "LANGUAGE": "zh_CN"}
    case.contains(cli(case, "--help", env=chinese).exited(EXIT_DONE).out, "子站", "the help")
    elsewhere = {**chinese, "SWITCHYARD_LOCALE_DIR": str(station.folder(case))}
    out = cli(case, "--help", env=elsewhere).exited(EXIT_DONE).out
    case.contains(out, "substations", "the help, with an empty folder of translations")


def test_wrong_usage_ends_with_2_and_says_why_on_stderr(case):
    wrong = [
        [],
        ["frobnicate"],
        ["--frobnicate"],
        ["ports", "--frobnicate"],
        ["ports", "--port", "virtual"],
        ["ports", "surplus"],
        ["ports", "--dry-run"],
        ["identify", "--port", "virtual", "--figures"],
        ["identify"],
        ["identify", "--port"],
        ["identify", "--port", "virtual", "surplus"],
        ["identify", "--port", "virtual", "--dry-run"],
        ["confirm"],
        ["confirm", "--port", "virtual", "surplus"],
        ["rollback"],
        ["rollback", "--port", "virtual", "surplus"],
        ["rollback", "--port", "virtual", "--dry-run"],
        ["inspect"],
        ["inspect", RELEASE, "surplus"],
        ["inspect", "--port", "virtual", RELEASE],
        ["upgrade", RELEASE],
        ["upgrade", "--port", "virtual"],
        ["upgrade", "--port", "virtual", RELEASE, "surplus"],
    ]
    for arguments in wrong:
        run = cli(case, *arguments).exited(EXIT_USAGE)
        case.equal(run.out, "", f"stdout of {run.arguments}")
        case.contains(run.err, "switchyard-cli", f"stderr of {run.arguments}")


def test_a_trace_shows_each_frame_on_stderr(case):
    run = cli(case, "identify", "--port", "virtual", "--trace").exited(EXIT_DONE)
    case.contains(run.err, "→ IDENTIFY seq 1\n", "the question")
    case.contains(run.err, "← reply to IDENTIFY seq 1: program, bank LOW 1.0.0", "the answer")
    case.check("IDENTIFY" not in run.out, "frames stand among the results")
    case.equal(cli(case, "identify", "--port", "virtual").exited(EXIT_DONE).err, "", "untraced")
    events = cli(case, "identify", "--port", "virtual", "--trace", "--json").exited(EXIT_DONE).events()
    frames = [event for event in events if event["event"] == "frame"]
    case.equal(frames[0]["direction"], "out", "who speaks first")
    case.equal((frames[0]["type"], frames[0]["bytes"]), ("IDENTIFY", 13), "the question")


def test_dtr_and_rts_are_on_or_off(case):
    for line in ("--dtr", "--rts"):
        run = cli(case, "identify", "--port", "virtual", line, "maybe").exited(EXIT_USAGE)
        case.contains(run.err, f"{line} is on or off, not “maybe”", "stderr")
        for value in ("on", "off"):  # what has no such lines takes them too
            cli(case, "identify", "--port", "virtual", line, value).exited(EXIT_DONE)


def test_a_name_that_is_no_port_ends_with_2(case):
    for name in ("nonsense", "", "pty:", "ttyUSB0", "VIRTUAL"):
        run = cli(case, "identify", "--port", name).exited(EXIT_USAGE)
        case.contains(run.err, "is no port", f"stderr for “{name}”")
        cli(case, "upgrade", "--port", name, RELEASE).exited(EXIT_USAGE)


def test_inspect_finds_the_built_files_sound(case):
    for name in ("release.hex", "release-1.0.0.hex", "program-low.hex", "program-high.hex"):
        run = cli(case, "inspect", FIRMWARE / name).exited(EXIT_DONE)
        case.contains(run.out, "The file is sound.", name)
        case.equal(run.err, "", f"stderr for {name}")


def test_inspect_in_json_tells_programs_findings_and_a_summary(case):
    run = cli(case, "inspect", RELEASE, "--json").exited(EXIT_DONE)
    events = run.events()
    programs = {event["bank"]: event for event in events if event["event"] == "program"}
    case.equal(sorted(programs), ["HIGH", "LOW"], "the banks")
    for bank, program in programs.items():
        case.equal(program["version"], "1.1.0", f"{bank}'s version")
        case.equal(program["usable"], True, f"{bank}")
        checks = [e["check"] for e in events if e["event"] == "finding" and e["bank"] == bank]
        wanted = ["bank", "header", "product", "length", "crc", "vectors", "crp"]
        case.equal(checks, wanted, f"{bank}'s checks")
    case.equal(events[-1]["event"], "summary", "the last event")
    case.equal(events[-1]["sound"], True, "the summary")


def test_inspect_refuses_a_damaged_line_and_names_it(case):
    file = station.folder(case) / "damaged.hex"
    hextool.damage_line(RELEASE, file, 100)
    run = cli(case, "inspect", file).exited(EXIT_REFUSED)
    case.contains(run.out + run.err, "line 100", "what it says")
    case.check("The file is sound." not in run.out, "it is found sound")
    events = cli(case, "inspect", "--json", file).exited(EXIT_REFUSED).events()
    told = [event for event in events if event.get("line") == 100 or "line 100" in event.get("text", "")]
    case.check(told, "no event is about line 100")


def test_inspect_refuses_a_program_whose_CRC_is_wrong(case):
    file = station.folder(case) / "wrong-crc.hex"
    hextool.write_wrong_crc(RELEASE, file)
    out = cli(case, "inspect", file).exited(EXIT_REFUSED).out
    case.contains(out, "must not be used", "stdout")
    events = cli(case, "inspect", "--json", file).exited(EXIT_REFUSED).events()
    wrong = [event for event in events if event.get("severity") == "error"]
    case.equal([(e["bank"], e["check"]) for e in wrong], [("LOW", "crc"), ("HIGH", "crc")], "errors")
    case.equal(events[-1]["sound"], False, "the summary")


def test_inspect_refuses_what_is_not_there_or_no_hex_file(case):
    home = station.folder(case)
    empty, text = home / "empty.hex", home / "text.hex"
    empty.write_bytes(b"")
    text.write_text("nothing of the kind\n")
    for file in (home / "absent.hex", home):
        run = cli(case, "inspect", file).exited(EXIT_REFUSED)
        case.check(run.err.startswith("switchyard-cli: "), f"no reason for {file.name}")
        last = cli(case, "inspect", "--json", file).exited(EXIT_REFUSED).last()
        case.equal((last["event"], last["exit"]), ("error", EXIT_REFUSED), "the last event")
    for file in (empty, text):
        run = cli(case, "inspect", file).exited(EXIT_REFUSED)
        case.check("The file is sound." not in run.out, f"{file.name} is found sound")


# ---- All goes well ----


def test_identify_over_virtual_says_LOW_1_0_0(case):
    last = cli(case, "identify", "--port", "virtual", "--json").exited(EXIT_DONE).last()
    case.equal((last["bank"], last["version"]), FACTORY_RUNS, "what runs")
    out = cli(case, "identify", "--port", "virtual").exited(EXIT_DONE).out
    case.contains(out, "The substation runs LOW 1.0.0.", "the text")


def test_identify_over_a_pty_says_what_runs_and_what_each_bank_holds(case):
    with Station(case) as there:
        run = cli(case, "identify", "--port", there.port, "--json").exited(EXIT_DONE)
        last = run.last()
        case.equal(list(last)[-2:], ["bank", "version"], "the last keys")
        case.equal((last["bank"], last["version"]), FACTORY_RUNS, "what runs")
        case.equal((last["mode"], last["loader"]), ("program", "1.3.0"), "mode and loader")
        case.equal((last["low"]["state"], last["high"]["state"]), ("valid", "empty"), "the banks")
        out = cli(case, "identify", "-p", there.port).exited(EXIT_DONE).out
        case.contains(out, "HIGH  empty", "the text")


def test_upgrades_go_from_LOW_to_HIGH_and_back_to_LOW(case):
    with Station(case) as there:
        run = there.upgrade(RELEASE).exited(EXIT_DONE)
        last = run.last()
        case.equal((last["event"], last["outcome"], last["exit"]), ("result", "done", 0), "result")
        case.equal((last["bank"], last["version"]), UPGRADED, "the result's program")
        case.equal(there.identify(), UPGRADED, "what runs after the first upgrade")
        last = there.upgrade(OLD_RELEASE).exited(EXIT_DONE).last()
        case.equal((last["bank"], last["version"]), ("LOW", "1.0.0"), "the second result's program")
        case.equal(there.identify(), ("LOW", "1.0.0"), "what runs after the second upgrade")
        last = cli(case, "identify", "--port", there.port, "--json").last()
        case.equal(last["high"]["version"], "1.1.0", "what HIGH still holds")
        case.equal(there.stderr(), "", "the substation's stderr")


def test_an_upgrade_tells_phases_progress_and_every_block(case):
    with Station(case) as there:
        events = there.upgrade().exited(EXIT_DONE).events()
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    wanted = ["connect", "enter", "rate", "erase", "write"]
    wanted += ["commit", "start", "trial", "finished"]
    case.equal(phases, wanted, "the phases")
    percents = [event["percent"] for event in events if event["event"] == "progress"]
    case.check(percents, "no progress at all")
    case.equal(percents, sorted(percents), "the progress")
    told = [event["text"] for event in events if event["event"] == "log"]
    for block in range(BLOCKS):
        case.check(f"Block {block} is written and read back" in told, f"block {block} is not told")


def test_an_upgrade_over_virtual_ends_with_the_new_bank(case):
    run = cli(case, "upgrade", "--port", "virtual", "--json", RELEASE).exited(EXIT_DONE)
    case.equal((run.last()["bank"], run.last()["version"]), UPGRADED, "the result's program")
    # Nobody stops its substation, so this is the only place to hear what its firmware did.
    case.equal(run.err, "", "stderr, which its substation shares")
    run = cli(case, "upgrade", "--port", "virtual", OLD_RELEASE).exited(EXIT_DONE)
    case.contains(run.out, "The substation runs HIGH 1.0.0.", "the text")


def test_one_half_alone_serves_when_it_is_for_the_idle_bank(case):
    with Station(case) as there:
        there.upgrade(FIRMWARE / "program-high.hex").exited(EXIT_DONE)
        there.upgrade(FIRMWARE / "program-low.hex").exited(EXIT_DONE)
        case.equal(there.identify(), ("LOW", "1.1.0"), "what runs")


def test_a_dry_run_checks_and_changes_nothing(case):
    home = station.folder(case)
    flash = home / "flash"
    with Station(case, "--flash", flash, home=home):
        pass
    before = flash.read_bytes()
    with Station(case, "--flash", flash, home=home) as there:
        run = there.upgrade(RELEASE, "--dry-run").exited(EXIT_DONE)
        case.equal(run.last()["outcome"], "dry-run", "the outcome")
        case.contains(run.last()["text"], "HIGH 1.1.0 would be written", "the text")
        case.equal((run.last()["bank"], run.last()["version"]), FACTORY_RUNS, "what runs")
        out = cli(case, "upgrade", "-n", "-p", there.port, RELEASE).exited(EXIT_DONE).out
        case.contains(out, "nothing was changed", "the text without JSON")
        case.equal(there.identify(), FACTORY_RUNS, "what runs afterwards")
    case.check(flash.read_bytes() == before, "the dry run changed flash")
    with Station(case, "--flash", flash, home=home) as there:
        there.upgrade().exited(EXIT_DONE)
    case.check(flash.read_bytes() != before, "the upgrade did not change flash, so this sees nothing")


def test_the_flash_file_keeps_an_upgrade_between_runs(case):
    home = station.folder(case)
    flash = home / "flash"
    with Station(case, "--flash", flash, home=home) as there:
        there.upgrade().exited(EXIT_DONE)
    whole = station.FLASH_BYTES + station.FLASH_LINES
    case.equal(flash.stat().st_size, whole, "the flash file's length")
    with Station(case, "--flash", flash, home=home) as there:
        case.equal(there.identify(), UPGRADED, "what runs in the second run")


def test_a_flash_file_of_bytes_alone_is_taken(case):
    home = station.folder(case)
    flash = home / "flash"
    with Station(case, "--flash", flash, home=home) as there:
        there.upgrade().exited(EXIT_DONE)
    flash.write_bytes(flash.read_bytes()[: station.FLASH_BYTES])
    with Station(case, "--flash", flash, home=home) as there:
        case.equal(there.identify(), UPGRADED, "what runs in the second run")


def test_what_cannot_be_a_flash_file_is_refused_and_stays(case):
    home = station.folder(case)
    flash = home / "flash"
    with Station(case, "--flash", flash, home=home):
        pass
    good = flash.read_bytes()
    bytes_only = station.FLASH_BYTES
    length, cells = "neither 128 KB", "do not fit together"
    wrong = [
        (b"", length),
        (good[: bytes_only - 1], length),
        (good[: bytes_only + 1], length),
        (good[:-1], length),
        (good + b"\0", length),
        (good[:bytes_only] + b"\4" + good[bytes_only + 1 :], cells),  # no state is called 4
        (good[:bytes_only] + b"\0" + good[bytes_only + 1 :], cells),  # blank, says it; it is not
        (good[:-1] + b"\xff", cells),
    ]
    for content, said in wrong:
        flash.write_bytes(content)
        run = cli(case, "--pty", home / "line", "--flash", flash, program=SUBSTATION).exited(1)
        case.contains(run.err, said, f"stderr for {len(content)} bytes")
        case.check(flash.read_bytes() == content, "the file was changed")


def test_a_substation_without_a_program_takes_an_upgrade(case):
    home = station.folder(case)
    bare = home / "bare.hex"
    factory = hextool.read(FIRMWARE / "factory.hex")
    hextool.write(bare, {at: byte for at, byte in factory.items() if at < hextool.LOW})
    with Station(case, "--factory", bare, home=home) as there:
        case.equal(there.identify(), (None, None), "what runs")
        run = there.upgrade(RELEASE, "--dry-run").exited(EXIT_DONE)
        case.contains(run.last()["text"], "LOW 1.1.0 would be written", "the dry run's text")
        there.upgrade().exited(EXIT_DONE)
        case.equal(there.identify(), ("LOW", "1.1.0"), "what runs afterwards")


# ---- Exit 1: refused before anything was erased ----


def refused(case, there, file, text):
    """Upgrade and dry run both refuse, with this text, and the substation is as it was."""
    for more in ([], ["--dry-run"]):
        run = there.upgrade(file, *more).exited(EXIT_REFUSED)
        case.equal(run.last()["exit"], EXIT_REFUSED, "the last event's exit")
        case.contains(run.last()["text"], text, f"the text {more}")
    last = cli(case, "identify", "--port", there.port, "--json").exited(EXIT_DONE).last()
    case.equal((last["bank"], last["version"]), FACTORY_RUNS, "what runs")
    # The other half was put there first, to see that it is still there.
    case.equal(last["high"]["state"], "valid", "the idle bank")


def test_files_that_do_not_fit_are_refused_before_anything_is_erased(case):
    home = station.folder(case)
    names = ("line", "crc", "other", "crp", "merged")
    damaged, crc, other, locked, merged = (home / f"{name}.hex" for name in names)
    hextool.damage_line(RELEASE, damaged, 7)
    hextool.write_wrong_crc(RELEASE, crc)
    hextool.write_other_product(RELEASE, other, 0x12345678)
    memory = hextool.read(RELEASE)
    hextool.put_word(memory, 0x1FC, 0x87654321)
    hextool.write(locked, memory)
    # HIGH alone would do.
    halves = {at: byte for at, byte in hextool.read(other).items() if at < hextool.HIGH}
    hextool.write(merged, {**hextool.read(RELEASE), **halves})
    cli(case, "inspect", other).exited(EXIT_DONE)
    with Station(case, home=home) as there:
        there.upgrade(RELEASE).exited(EXIT_DONE)
        there.upgrade(OLD_RELEASE).exited(EXIT_DONE)
        refused(case, there, damaged, "line 7")
        refused(case, there, home / "absent.hex", "absent.hex")
        refused(case, there, FIRMWARE / "program-low.hex", "for LOW only")
        refused(case, there, crc, "CRC")
        refused(case, there, other, "product 0x12345678")
        refused(case, there, locked, "1FC")
        refused(case, there, merged, "two different releases")


# ---- Output ----


def test_output_to_a_file_has_no_carriage_returns_or_escapes(case):
    file = station.folder(case) / "log"
    for more in ([], ["--json"]):
        with open(file, "wb") as out:
            run = cli(case, "upgrade", "--port", "virtual", *more, RELEASE, stdout=out)
        run.exited(EXIT_DONE)
        text = file.read_bytes()
        case.check(b"HIGH 1.1.0" in text, "nothing was written")
        controls = sorted({byte for byte in text if byte < 0x20 and byte != 0x0A or byte == 0x7F})
        case.equal(controls, [], f"control characters {more}")


def test_output_to_a_terminal_draws_over_its_progress_line(case):
    master, slave = pty.openpty()
    text = b""

    def read():
        nonlocal text
        try:
            while more := os.read(master, 4096):
                text += more
        except OSError as error:
            case.check(error.errno == errno.EIO, error)

    reader = threading.Thread(target=read)
    reader.start()
    client = Client(case, "upgrade", "--port", "virtual", RELEASE, stdout=slave)
    os.close(slave)
    client.end().exited(EXIT_DONE)
    reader.join()
    os.close(master)
    case.contains(text, b"\r\x1b[K", "the terminal's bytes")
    case.check(b"The substation runs HIGH 1.1.0." in text.splitlines()[-1], "the last line")


def test_a_reader_that_goes_away_does_the_upgrade_no_harm(case):
    for more in (["--json"], []):
        with Station(case, fast=False) as there:
            client = Client(case, "upgrade", "--port", there.port, *more, RELEASE)
            client.read_until(b"\n")
            client.process.stdout.close()
            client.process.stdout = None
            client.end().exited(EXIT_DONE)
            case.equal(there.identify(), UPGRADED, "what runs")


def test_stdout_closed_from_the_start_does_the_upgrade_no_harm(case):
    with Station(case) as there:
        reading, writing = os.pipe()
        os.close(reading)
        client = Client(case, "upgrade", "--port", there.port, RELEASE, stdout=writing)
        os.close(writing)
        client.end().exited(EXIT_DONE)
        case.equal(there.identify(), UPGRADED, "what runs")


# ---- Processes and files that must not be left ----


def test_virtual_leaves_no_substation_behind(case):
    mark = station.Mark()
    words = ("upgrade", "--port", "virtual", "--json", RELEASE)
    client = Client(case, *words, held=True, env=mark.env)
    client.read_until(b'"phase":"write"')
    case.equal(len(mark.processes(SUBSTATION)), 1, "substations in the middle")
    client.end().exited(EXIT_DONE)
    station.wait_until(lambda: not mark.processes(SUBSTATION), "the substation's end")


def test_virtual_leaves_no_substation_behind_when_it_is_killed(case):
    mark = station.Mark()
    words = ("upgrade", "--port", "virtual", "--json", RELEASE)
    client = Client(case, *words, held=True, env=mark.env)
    client.read_until(b'"phase":"write"')
    case.equal(len(mark.processes(SUBSTATION)), 1, "substations in the middle")
    client.signal(signal.SIGKILL)
    client.end().exited(-signal.SIGKILL)
    station.wait_until(lambda: not mark.processes(SUBSTATION), "the substation's end")


def test_the_link_to_the_pty_is_made_and_removed(case):
    for number in (signal.SIGTERM, signal.SIGINT):
        with Station(case) as there:
            case.check(station.is_link(there.path), "no symbolic link")
            case.check(stat.S_ISCHR(there.path.stat().st_mode), "it leads to no terminal")
            case.equal(there.stop(number), 0, "the substation's exit")
            case.check(not os.path.lexists(there.path), "the link is left")


def test_a_link_left_over_is_replaced_and_its_next_owner_keeps_it(case):
    home = station.folder(case)
    with Station(case, home=home) as first:
        with Station(case, home=home) as second:
            first.stop()
            case.check(station.is_link(second.path), "the first took the second's link along")
            case.equal(second.identify(), FACTORY_RUNS, "what runs")
        case.check(not os.path.lexists(second.path), "the link is left")


def test_a_file_in_the_place_of_the_pty_is_refused_and_kept(case):
    file = station.folder(case) / "line"
    file.write_text("kept\n")
    done = subprocess.run(
        [SUBSTATION, "--pty", file], capture_output=True, text=True, timeout=20, check=False
    )
    case.check(done.returncode != 0, "it started")
    case.contains(done.stderr, "no symbolic link", "stderr")
    case.equal(done.stdout, "", "stdout")
    case.equal(file.read_text(), "kept\n", "the file")


def test_the_substation_refuses_wrong_options(case):
    wrong = (["--fault", "rain=1"], ["--fault", "drop-rx"], ["--fault", "drop-rx=x"], ["surplus"])
    for options in (*wrong, ["--erase-ms", "0"]):
        done = subprocess.run(
            [SUBSTATION, *options], capture_output=True, text=True, timeout=20, check=False
        )
        case.equal(done.returncode, 2, f"exit with {options}")
        case.check(done.stderr != "", f"no reason with {options}")


def test_firmware_that_does_something_wrong_is_reported(case):
    # What the other tests take for silence must be heard when there is something to say.
    home = station.folder(case)
    hextool.write_misbehaving_factory(home / "wrong.hex")
    with Station(case, "--factory", home / "wrong.hex", home=home, clean=False) as there:
        case.contains(there.stderr(), "firmware: ", "the substation's stderr")


if __name__ == "__main__":
    tap.main(globals(), jobs=8)
