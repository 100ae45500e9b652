#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line and programs on trial: releases that fail on purpose, and the way back.

Takes the same environment variables as cli-test.py.
"""

import signal

import station
import tap
from station import (
    EXIT_DONE,
    EXIT_LINK,
    EXIT_OLD_RUNS,
    EXIT_REFUSED,
    FACTORY_RUNS,
    FIRMWARE,
    RELEASE,
    UPGRADED,
    Client,
    Station,
    cli,
    wait_until,
)

BACK_ON_LOW = ("LOW", "1.0.0")


def identify(case, there):
    return cli(case, "identify", "--port", there.port, "--json").exited(EXIT_DONE).last()


def rollback(case, there, *more):
    return cli(case, "rollback", "--port", there.port, "--json", *more)


# ---- Programs that fail on purpose ----


def left_again(case, drill, cause, words, clean):
    """The drill's upgrade ends with 4, says why, and the next one succeeds."""
    with Station(case, clean=clean) as there:
        run = there.upgrade(FIRMWARE / f"drill-{drill}.hex").exited(EXIT_OLD_RUNS)
        last = run.last()
        case.equal((last["outcome"], last["reason"]), ("old-runs", "returned"), "the result")
        case.equal((last["trial"]["state"], last["trial"]["cause"]), ("returned", cause), "why")
        case.equal((last["bank"], last["version"]), FACTORY_RUNS, "the result's program")
        case.contains(last["text"], f"The upgrade failed. HIGH 1.2.0 was left: {words}", "the text")
        case.contains(last["text"], "The substation runs LOW 1.0.0, as before.", "the text")
        case.check("confirms it" not in run.texts(), "it was called confirmed on the way")
        case.check("finished" not in percents(run), "it was called finished")
        said = identify(case, there)
        case.equal((said["bank"], said["version"]), FACTORY_RUNS, "what runs")
        case.equal(said["trial"]["cause"], cause, "why, as it says itself")
        out = cli(case, "identify", "--port", there.port).exited(EXIT_DONE).out
        case.contains(out, f"HIGH  1.2.0  left: {words}", "the line of the bank that was left")
        there.upgrade().exited(EXIT_DONE)
        case.equal(there.identify(), UPGRADED, "what runs after the next upgrade")
        case.equal(identify(case, there)["trial"]["state"], "confirmed", "its trial")


def percents(run):
    """The phases in which the bar was full."""
    return [e["phase"] for e in run.events() if e["event"] == "progress" and e["percent"] == 100]


def test_a_program_that_hangs_is_left_and_the_old_one_runs(case):
    left_again(case, "hang", "hang", "it hung (the watchdog ran out)", clean=False)


def test_a_program_that_crashes_is_left_and_the_old_one_runs(case):
    left_again(case, "crash", "crash", "it crashed", clean=False)


def test_a_program_that_reads_where_nothing_is_is_left_and_the_old_one_runs(case):
    left_again(case, "abort", "crash", "it crashed", clean=False)


def test_a_program_whose_self_test_fails_is_left_and_the_old_one_runs(case):
    left_again(case, "self-test", "self-test", "its self-test failed", clean=True)


@tap.limit(240)
def test_a_program_that_nobody_hears_is_left_and_the_old_one_runs(case):
    left_again(case, "mute", "not-heard", "nobody confirmed it in time", clean=True)


def test_without_json_a_failed_trial_is_told_on_stderr(case):
    with Station(case) as there:
        file = FIRMWARE / "drill-self-test.hex"
        run = cli(case, "upgrade", "--port", there.port, file).exited(EXIT_OLD_RUNS)
        case.contains(run.err, "its self-test failed. The substation runs LOW 1.0.0", "stderr")
        case.contains(run.out, "HIGH 1.2.0 tests itself", "stdout")
        case.check("100 %" not in run.out, "the bar was full")


# ---- On trial, and nobody there ----


def leave_on_trial(case, there, file=RELEASE):
    """An upgrade whose workstation dies after the new program started: nobody confirms it."""
    client = Client(case, "upgrade", "--port", there.port, "--json", file, held=True)
    client.read_until(b"The loader starts the program")
    client.signal(signal.SIGKILL)
    client.end()


def test_identify_shows_a_program_on_trial_and_confirms_nothing(case):
    with Station(case, fast=False) as there:
        leave_on_trial(case, there)
        for _ in range(2):
            said = identify(case, there)
            trial = said["trial"]
            case.equal((said["bank"], said["version"]), UPGRADED, "what runs")
            case.equal((trial["state"], trial["starts"]), ("running", 1), "its trial")
            case.equal(trial["starts_allowed"], 3, "starts that it has")
            case.check(0 < trial["seconds_left"] <= 30, f"seconds left: {trial}")
        out = cli(case, "identify", "--port", there.port).exited(EXIT_DONE).out
        case.contains(out, "HIGH  1.1.0  running on trial (start 1 of 3, ", "the running bank")
        case.contains(out, "LOW   1.0.0  idle", "the other bank")
        case.contains(out, "The substation runs HIGH 1.1.0 on trial.", "the sentence")


def test_a_rollback_from_a_trial_goes_back_at_once(case):
    with Station(case, fast=False) as there:
        leave_on_trial(case, there)
        last = rollback(case, there).exited(EXIT_DONE).last()
        case.equal((last["bank"], last["version"]), BACK_ON_LOW, "the result's program")
        trial = identify(case, there)["trial"]
        case.equal((trial["state"], trial["cause"]), ("returned", "operator"), "the trial")


def test_an_upgrade_behind_a_trial_confirms_it_first(case):
    with Station(case, fast=False) as there:
        leave_on_trial(case, there)
        there.upgrade().exited(EXIT_DONE)
        said = identify(case, there)
        case.equal((said["bank"], said["version"]), ("LOW", "1.1.0"), "what runs")
        case.equal(said["high"]["state"], "valid", "the program that was on trial")


def interrupt_trial(client):
    """The result, unless the program was quicker."""
    client.read_until(b'"phase":"trial"')
    client.signal(signal.SIGINT)
    run = client.end()
    if "has proved itself" in run.out:
        raise station.Behind(f"confirmed before the interrupt\n{run}")
    return run.exited(EXIT_OLD_RUNS).last()


@station.keeping_pace
def test_an_interrupt_while_the_new_program_tests_itself_ends_with_4(case):
    with Station(case, fast=False) as there:
        client = Client(case, "upgrade", "--port", there.port, "--json", RELEASE, held=True)
        last = interrupt_trial(client)
        case.equal((last["outcome"], last["reason"]), ("old-runs", "cancelled"), "the result")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


# ---- identify ----


def test_identify_tells_trial_and_flags(case):
    with Station(case) as there:
        said = identify(case, there)
        case.equal(sorted(said["flags"]), ["self_test", "user_mode", "watchdog"], "the flags")
        case.equal(said["flags"]["watchdog"], True, "the program's watchdog")
        keys = ["cause", "seconds_left", "starts", "starts_allowed", "state"]
        case.equal(sorted(said["trial"]), keys, "the trial")
        there.upgrade().exited(EXIT_DONE)
        out = cli(case, "identify", "--port", there.port).exited(EXIT_DONE).out
        case.contains(out, "HIGH  1.1.0  running, confirmed\n", "the running bank")
        case.contains(out, "LOW   1.0.0  idle\n", "the other bank")


# ---- confirm ----


def confirm(case, there, *more):
    return cli(case, "confirm", "--port", there.port, "--json", *more)


def test_a_program_that_was_found_on_trial_and_kept_survives_power_cycles(case):
    home = station.folder(case)
    flash = home / "flash.bin"
    with Station(case, "--flash", flash, home=home, fast=False) as there:
        leave_on_trial(case, there)
        run = confirm(case, there).exited(EXIT_DONE)
        last = run.last()
        case.equal((last["event"], last["outcome"], last["reason"]), ("result", "done", "none"),
                   "the result")
        case.equal((last["bank"], last["version"]), UPGRADED, "the result's program")
        case.equal(last["text"], "The substation runs HIGH 1.1.0, confirmed.", "the text")
        case.equal(last["naks"], 0, "refusals while it tested itself")
        phases = [event["phase"] for event in run.events() if event["event"] == "phase"]
        case.equal(phases, ["connect", "trial", "finished"], "the phases")
        case.contains(run.texts(), "confirms it", "the log")
        case.check("none" not in run.texts(), f"a program without a name: {run.texts()}")
        trial = identify(case, there)["trial"]
        case.equal((trial["state"], trial["seconds_left"]), ("confirmed", 0), "its trial")
    # One more than a program on trial has starts.
    for _ in range(4):
        with Station(case, "--flash", flash, home=home) as there:
            said = identify(case, there)
            case.equal((said["bank"], said["version"]), UPGRADED, "what runs")
            case.equal(said["trial"]["state"], "confirmed", "its trial")


def test_without_a_trial_a_confirmation_says_so_and_ends_with_0(case):
    with Station(case) as there:
        there.upgrade().exited(EXIT_DONE)
        run = confirm(case, there).exited(EXIT_DONE)
        case.equal(run.last()["outcome"], "done", "the result")
        case.equal((run.last()["bank"], run.last()["version"]), UPGRADED, "the result's program")
        case.check("confirms it" not in run.texts(), "it was called confirmed by this")
        out = cli(case, "confirm", "--port", there.port).exited(EXIT_DONE).out
        words = "No program is on trial. The substation runs HIGH 1.1.0, confirmed."
        case.equal(out.splitlines()[-1], words, "the last line")
        there.upgrade(FIRMWARE / "drill-self-test.hex").exited(EXIT_OLD_RUNS)
        last = confirm(case, there).exited(EXIT_DONE).last()
        words = "No program is on trial. The substation runs HIGH 1.1.0."
        case.equal(last["text"], words, "the text behind a trial that failed")


def test_a_program_whose_self_test_fails_cannot_be_kept(case):
    with Station(case, fast=False) as there:
        leave_on_trial(case, there, FIRMWARE / "drill-self-test.hex")
        run = confirm(case, there)
        last = run.last()
        # Whether it still answers when it has failed, or its successor does, or it is gone before it
        # is asked, is a matter of chance.
        if last["exit"] == EXIT_DONE:
            case.check("No program is on trial" in last["text"], f"the text: {last['text']}")
        else:
            run.exited(EXIT_REFUSED)
            case.equal((last["outcome"], last["reason"]), ("refused", "refused"), "the result")
            words = ("HIGH 1.2.0 is not confirmed", "HIGH 1.2.0 was left before it was confirmed")
            case.check(any(text in last["text"] for text in words), f"the text: {last['text']}")
            case.equal(last["bank"], None, "what runs, which is changing")
        case.check("confirms it" not in run.texts(), "it was called confirmed")
        wait_until(lambda: there.identify() == FACTORY_RUNS, "the old program to run")
        trial = identify(case, there)["trial"]
        case.equal((trial["state"], trial["cause"]), ("returned", "self-test"), "the trial")


def test_a_confirmation_without_a_substation_ends_with_3(case):
    home = station.folder(case)
    cli(case, "confirm", "--port", f"pty:{home}/absent").exited(EXIT_LINK)
    with Station(case, *station.faults("silent-after=0")) as there:
        last = confirm(case, there).exited(EXIT_LINK).last()
        case.equal((last["outcome"], last["reason"]), ("link", "silent"), "the result")
        case.equal(last["bank"], None, "what runs")
        there.happened("silent-after=0")


# ---- rollback ----


def test_a_rollback_goes_back_and_forth_and_is_confirmed(case):
    with Station(case) as there:
        there.upgrade().exited(EXIT_DONE)
        for wanted in (BACK_ON_LOW, UPGRADED):
            run = rollback(case, there).exited(EXIT_DONE)
            last = run.last()
            case.equal((last["event"], last["outcome"]), ("result", "done"), "the result")
            case.equal((last["bank"], last["version"]), wanted, "the result's program")
            phases = [event["phase"] for event in run.events() if event["event"] == "phase"]
            case.equal(phases, ["connect", "start", "trial", "finished"], "the phases")
            said = identify(case, there)
            case.equal((said["bank"], said["version"]), wanted, "what runs")
            case.equal(said["trial"]["state"], "confirmed", "its trial")
        # The record log is full of ways back by now; an upgrade empties it, as the refusal says.
        last = rollback(case, there).exited(EXIT_REFUSED).last()
        case.contains(last["text"], "an upgrade empties it. Nothing was changed.", "the text")
        case.equal(there.identify(), UPGRADED, "what runs after the refusal")
        there.upgrade().exited(EXIT_DONE)
        run = cli(case, "rollback", "--port", there.port).exited(EXIT_DONE)
        case.equal(run.out.splitlines()[-1], "The substation runs HIGH 1.1.0.", "the last line")
        case.check("KB" not in run.out, "the bar tells of bytes that nobody sent")


def test_a_rollback_is_refused_when_the_other_bank_is_empty(case):
    with Station(case) as there:
        last = rollback(case, there).exited(EXIT_REFUSED).last()
        case.equal((last["outcome"], last["reason"]), ("refused", "no-other"), "the result")
        case.equal((last["bank"], last["version"]), FACTORY_RUNS, "the result's program")
        case.contains(last["text"], "Nothing was changed.", "the text")
        run = cli(case, "rollback", "--port", there.port).exited(EXIT_REFUSED)
        case.contains(run.err, "no whole program in the other bank", "stderr")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_a_rollback_to_a_program_that_was_left_before_comes_back(case):
    with Station(case) as there:
        there.upgrade(FIRMWARE / "drill-self-test.hex").exited(EXIT_OLD_RUNS)
        last = rollback(case, there).exited(EXIT_OLD_RUNS).last()
        why = (last["reason"], last["trial"]["cause"])
        case.equal(why, ("returned", "self-test"), "the result")
        case.contains(last["text"], "Going back failed. HIGH 1.2.0 was left", "the text")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_a_rollback_without_a_substation_ends_with_3(case):
    home = station.folder(case)
    cli(case, "rollback", "--port", f"pty:{home}/absent").exited(EXIT_LINK)
    with Station(case, *station.faults("silent-after=0")) as there:
        last = rollback(case, there).exited(EXIT_LINK).last()
        case.equal((last["outcome"], last["reason"]), ("link", "silent"), "the result")
        case.equal(last["bank"], None, "what runs")
        there.happened("silent-after=0")


@station.keeping_pace
def test_an_interrupted_rollback_runs_what_ran_before(case):
    with Station(case, fast=False) as there:
        there.upgrade().exited(EXIT_DONE)
        last = interrupt_trial(Client(case, "rollback", "--port", there.port, "--json", held=True))
        case.equal((last["outcome"], last["reason"]), ("old-runs", "cancelled"), "the result")
        case.contains(last["text"], "Going back was cancelled", "the text")
        case.equal(there.identify(), UPGRADED, "what runs")


def test_every_result_has_a_reason(case):
    with Station(case) as there:
        refused = there.upgrade(FIRMWARE / "program-low.hex").exited(EXIT_REFUSED).last()
        case.equal(refused["reason"], "bank", "of a file for the wrong bank")
        dry = there.upgrade(FIRMWARE / "program-low.hex", "--dry-run").exited(EXIT_REFUSED).last()
        case.equal(dry["reason"], "bank", "of a dry run")
        case.equal(there.upgrade().exited(EXIT_DONE).last()["reason"], "none", "of an upgrade")


if __name__ == "__main__":
    tap.main(globals(), jobs=8)
