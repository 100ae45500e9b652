#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line in other languages: everything a person reads is translated, numbers are written
as the country does, and what programs read stays as it is.

Takes the same environment variables as cli-test.py, and SWITCHYARD_TEST_PSEUDO, the script that makes
the language that nobody speaks, and SWITCHYARD_TEST_SOURCES, what it is made of.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import station
import tap
from station import EXIT_DONE, EXIT_REFUSED, OLD_RELEASE, RELEASE, Station, cli

PSEUDO = "pseudo"
LOCALE = "de_DE.UTF-8"
# Plain in every language, and why.
PLAIN = re.compile(
    "|".join(
        (
            r"(?<!\w)(pty:)?/[\w./-]+",  # paths and ports
            r"\b(virtual|tty\w+|pty)\b",  # ports as they are typed
            r"\b0x[0-9A-Fa-f]+|\b[0-9A-Fa-f]{8}\b|\b[0-9A-Fa-f]{64}\b",  # addresses, checksums
            r"\b[0-9a-f]{2}\b",  # bytes
            r"\b(LOW|HIGH|CRC(-32)?|SHA-256)\b",  # names, the same everywhere
            r"\b(DSS1|Demo substation)\b",  # the product's, as the file has them
            r"\b(switchyard-cli|upgrade|frobnicate)\b|(?<!\w)--?[a-z][a-z-]*",  # what is typed
        )
    )
)
SEEN = re.compile("[A-Za-z]{2,}")


def make_language(case):
    """An environment in which the program speaks what nobody speaks."""
    if not shutil.which("xgettext"):
        raise tap.Skip("there is no xgettext")
    home = station.folder(case)
    catalogue = home / PSEUDO / "LC_MESSAGES" / "switchyard.mo"
    catalogue.parent.mkdir(parents=True)
    script, sources = os.environ["SWITCHYARD_TEST_PSEUDO"], os.environ["SWITCHYARD_TEST_SOURCES"]
    subprocess.run([sys.executable, script, "xgettext", sources, catalogue], check=True)
    return station.environment() | {"LANGUAGE": PSEUDO, "SWITCHYARD_LOCALE_DIR": str(home)}


def plain_lines(text):
    return [line for line in text.splitlines() if SEEN.search(PLAIN.sub("", line))]


def make_locale(case):
    """An environment of a country that writes 1,5; made here, for few machines have it."""
    if not shutil.which("localedef") or not pathlib.Path("/usr/share/i18n/locales/de_DE").exists():
        raise tap.Skip("localedef or its sources are not installed")
    home = station.folder(case)
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", home / LOCALE], stdout=subprocess.DEVNULL, check=False
    )
    if made.returncode > 1:  # 1 is a warning
        raise tap.Skip("localedef cannot make the locale")
    return station.environment() | {"LC_ALL": LOCALE, "LANGUAGE": "de", "LOCPATH": str(home)}


def test_no_line_is_left_in_plain_english(case):
    env = make_language(case)
    with Station(case) as there:
        runs = [
            cli(case, "ports", env=env),
            cli(case, "inspect", RELEASE, env=env),
            cli(case, "inspect", RELEASE, "--hash", env=env),
            cli(case, "inspect", RELEASE, "--find", "DEAD", env=env),
            cli(case, "compare", RELEASE, OLD_RELEASE, env=env),
            cli(case, "identify", "--port", there.port, env=env),
            cli(case, "upgrade", "--port", there.port, "--dry-run", RELEASE, env=env),
            cli(case, "upgrade", "--port", there.port, "--figures", RELEASE, env=env),
            cli(case, "rollback", "--port", there.port, env=env),
            cli(case, "confirm", "--port", there.port, env=env),
            cli(case, "upgrade", env=env),
            cli(case, "frobnicate", env=env),
        ]
    for run in runs:
        case.check("⟦" in run.out + run.err, f"nothing is translated\n{run}")
        case.equal(plain_lines(run.out + run.err), [], f"plain lines of {run.arguments}")


def test_plain_english_would_be_noticed(case):
    case.equal(plain_lines("⟦Ļîñé⟧\nAlike: 5 bytes."), ["Alike: 5 bytes."], "the plain lines")


def test_people_read_a_decimal_comma_and_programs_a_point(case):
    env = make_locale(case)
    with Station(case) as there:
        run = cli(case, "upgrade", "--port", there.port, "--figures", RELEASE, env=env).exited(EXIT_DONE)
        case.check(re.search(r"\d,\d\u00a0KB/s", run.out), f"no decimal comma\n{run}")
        case.check(not re.search(r"\d\.\d+\s(KB|ms|s)\b", run.out), f"a point\n{run}")
        cli(case, "rollback", "--port", there.port, env=env).exited(EXIT_DONE)
        run = cli(case, "upgrade", "--port", there.port, "--json", RELEASE, env=env).exited(EXIT_DONE)
    life = run.last()["life"]
    shares = [stage["share"] for stage in life["stages"]]
    case.check(any(share != int(share) for share in shares), f"no fraction: {shares}")


def test_what_programs_read_is_the_same_in_every_country(case):
    env = make_locale(case)
    for arguments in (("inspect", RELEASE, "--json"), ("inspect", RELEASE, "--hash", "--json")):
        there, here = (cli(case, *arguments, env=each).exited(EXIT_DONE).events() for each in (env, None))
        for event in there + here:
            event.pop("text", None)
        case.equal(there, here, f"the objects of {arguments}")
    run = cli(case, "compare", RELEASE, OLD_RELEASE, env=env).exited(EXIT_REFUSED)
    case.contains(run.out, "Unterschied", "the text")


if __name__ == "__main__":
    tap.main(globals(), jobs=2)
