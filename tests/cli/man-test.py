#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manual pages: sound, and of the same opinion as --help."""

import os
import pathlib
import re
import shutil
import subprocess

import station
import tap

PAGES = pathlib.Path(__file__).resolve().parent.parent.parent / "data" / "man"
PROGRAMS = {
    "switchyard": os.environ["SWITCHYARD"],
    "switchyard-cli": str(station.CLI),
    "switchyard-substation": str(station.SUBSTATION),
}
COMMANDS = ("ports", "find", "identify", "upgrade", "confirm", "rollback", "read", "inspect", "compare", "convert")
# What every program of the toolkit has, and how help is asked for.
COMMON = {"--help", "--help-all", "--help-gapplication", "--version"}
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]|(?<![\w-])-[a-z](?![\w-])")


def ask_help(program, *words):
    done = subprocess.run([program, *words, "--help"], env=station.environment(), text=True,
                          capture_output=True, check=False, timeout=30)
    if done.returncode != 0:
        raise AssertionError(f"{program} {' '.join(words)} --help: {done.stderr}")
    return done.stdout


def get_help(name):
    program = PROGRAMS[name]
    said = ask_help(program)
    if name == "switchyard-cli":
        said += "".join(ask_help(program, command) for command in COMMANDS)
    return said


def list_options(text):
    return set(_OPTION.findall(text)) - COMMON - {"-h"}


def read_page(name):
    """Without what makes it a page: fonts, and hyphens that are none."""
    text = (PAGES / f"{name}.1").read_text(encoding="utf-8")
    return re.sub(r"\\f.", "", text).replace("\\-", "-")


def strip_examples(page):
    """An example may call another of the programs."""
    return re.sub(r"\n\.SH EXAMPLES\n.*?(?=\n\.SH )", "", page, flags=re.DOTALL)


def strip_help_examples(text):
    return re.sub(r"\nExamples?:\n(?:  .*\n)+", "\n", text)


def compare(case, name):
    said = list_options(strip_help_examples(get_help(name)))
    written = list_options(strip_examples(read_page(name)))
    case.check(said, f"{name} --help names no option")
    case.equal(sorted(said - written), [], f"options that the page of {name} leaves out")
    case.equal(sorted(written - said), [], f"options that {name} --help leaves out")


def test_the_page_of_the_window_has_its_options_and_no_others(case):
    compare(case, "switchyard")


def test_the_page_of_the_command_line_has_its_options_and_no_others(case):
    compare(case, "switchyard-cli")


def test_the_page_of_the_virtual_substation_has_its_options_and_no_others(case):
    compare(case, "switchyard-substation")


def test_the_page_of_the_command_line_has_each_command(case):
    said = ask_help(PROGRAMS["switchyard-cli"])
    for command in COMMANDS:
        case.contains(said, f"switchyard-cli {command} ", "the help")
        case.check(re.search(rf'^\.(?:B|BI) "?{command}\b', read_page("switchyard-cli"), re.M),
                   f"the page leaves out {command}")
    named = set(re.findall(r"^  switchyard-cli ([a-z]+) ", strip_help_examples(said), re.M))
    case.equal(named, set(COMMANDS), "the commands of the help")


def test_the_page_of_the_virtual_substation_has_each_fault(case):
    kinds = set(re.findall(r"[a-z]+-[a-z]+(?:-[a-z]+)?(?==N)", get_help("switchyard-substation")))
    case.check(len(kinds) > 8, f"the help names {kinds}")
    for kind in kinds:
        case.contains(read_page("switchyard-substation"), f"{kind}=", "the page")


def test_every_help_has_an_example_and_the_exit_status(case):
    for name, program in PROGRAMS.items():
        said = ask_help(program)
        case.check(re.search(r"^Examples?:$", said, re.M), f"{name} --help has no example")
        case.contains(said, "Exit status", f"{name} --help")
        case.contains(said, f"man {name}", f"{name} --help")


def test_both_programs_that_take_a_port_say_which_there_are(case):
    for name in ("switchyard", "switchyard-cli"):
        for port in ("virtual", "/dev/tty", "pty:PATH", "socket://HOST:PORT", "rfc2217://HOST:PORT"):
            case.contains(ask_help(PROGRAMS[name]), port, f"{name} --help")


def test_the_pages_are_sound(case):
    checkers = (["mandoc", "-T", "lint", "-W", "warning"], ["man", "--warnings", "-E", "UTF-8", "-l"])
    checker = next((words for words in checkers if shutil.which(words[0])), None)
    if checker is None:
        raise tap.Skip("neither mandoc nor man is installed")
    for name in PROGRAMS:
        done = subprocess.run([*checker, str(PAGES / f"{name}.1")], env=station.environment(),
                              capture_output=True, text=True, check=False, timeout=60)
        case.equal((done.returncode, done.stderr), (0, ""), f"{checker[0]} of {name}.1")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
