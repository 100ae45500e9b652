#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests/run ends with counts all that was run and says why something failed."""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

SUMMARY = HERE.parent / "summary.py"


def entry(name, stdout="", result="OK", **more):
    return {"name": name, "stdout": stdout, "result": result, "duration": 1.5, "returncode": 0, **more}


def summarize(case, *logs):
    """(exit status, lines printed) for logs: lists of entries, texts of TAP, None for a file that is
    not there."""
    with tempfile.TemporaryDirectory() as home:
        paths = []
        for number, log in enumerate(logs):
            folder = pathlib.Path(home) / f"build-{number}" / "meson-logs"
            folder.mkdir(parents=True)
            path = folder / ("checks.tap" if isinstance(log, str) else "testlog.json")
            if isinstance(log, str):
                path.write_text(log)
            elif log is not None:
                path.write_text("".join(json.dumps(test) + "\n" for test in log))
            paths.append(path)
        done = subprocess.run(
            [sys.executable, SUMMARY, *paths], capture_output=True, text=True, check=False
        )
    case.note(done.stdout)
    case.equal(done.stderr, "", "stderr")
    return done.returncode, done.stdout.splitlines()


def test_lines_of_tap_are_counted_over_all_logs(case):
    tests = [entry("one", "1..2\nok 1 - a\nok 2 - b\n"), entry("two")]
    code, lines = summarize(case, tests, [entry("three", "1..1\nok 1 - c\n")], "1..1\nok 1 - d\n")
    case.equal((code, lines), (0, ["5 passed, 0 failed"]), "what is said")


def test_what_is_skipped_is_named_with_its_reason(case):
    tests = [entry("one", "1..2\nok 1 - a # SKIP no cat\nok 2 - b\n"), entry("two", result="SKIP")]
    code, lines = summarize(case, tests)
    wanted = ["skipped: a: no cat", "skipped: two (build-0): skipped as a whole",
              "1 passed, 0 failed, 2 skipped"]
    case.equal((code, lines), (0, wanted), "what is said")


def test_a_failed_subtest_is_told_with_its_reason_just_above_the_last_line(case):
    output = "1..3\nok 1 - a\n# fine\nnot ok 2 - b\n# it rains\n# and snows\nok 3 - c # SKIP no\n"
    code, lines = summarize(case, [entry("one", output, "ERROR", returncode=1), entry("two")])
    wanted = ["FAILED: one (build-0)", "  ERROR: 2 s, exit status 1", "  not ok 2 - b",
              "    it rains", "    and snows", "2 passed, 1 failed, 1 skipped"]
    case.equal((code, lines[-6:]), (1, wanted), "what is said")
    case.check("fine" not in "".join(lines), "what passed is told")


def test_of_much_that_is_said_beginning_and_end_are_left(case):
    said = [f"# line {number}" for number in range(100)] + ["# " + "x" * 1000]
    output = "1..1\nnot ok 1 - a\n" + "\n".join(said) + "\n"
    _, lines = summarize(case, [entry("one", output, "ERROR")])
    text = "\n".join(lines)
    case.contains(text, "line 0\n", "the beginning")
    case.contains(text, "line 99\n", "the end")
    case.check("line 50" not in text, "the middle is told")
    case.check(len(lines) < 22, f"{len(lines)} lines")
    case.check(max(map(len, lines)) < 220, "a line is too long")


def test_a_crash_is_told_from_its_cause_on(case):
    errors = "\n".join(["warning"] * 50 + ["==1==ERROR: AddressSanitizer: heap-use"] + ["  #0 here"])
    crash = entry("one", "1..2\nok 1 - a\n", "ERROR", stderr=errors, returncode=1)
    code, lines = summarize(case, [crash])
    wanted = ["  ==1==ERROR: AddressSanitizer: heap-use", "    #0 here", "1 passed, 1 failed"]
    case.equal((code, lines[-3:]), (1, wanted), "what is said")
    case.check("warning" not in "".join(lines), "what was said before is told")


def test_what_a_program_says_beside_its_tap_is_told(case):
    failed = entry("one", "1..1\nnot ok 1 - a\n# x.c:1: Failure!\n", "ERROR",
                   stderr="Warning: old\nERROR: waited 60 s in vain: rain\n")
    _, lines = summarize(case, [failed])
    wanted = ["  not ok 1 - a", "    x.c:1: Failure!", "  ERROR: waited 60 s in vain: rain"]
    case.equal(lines[2:5], wanted, "what is said")


def test_what_ends_without_a_reason_is_told_with_what_it_said_last(case):
    late = entry("one", "1..2\nok 1 - a\n", "TIMEOUT", stderr="still waiting\n")
    _, lines = summarize(case, [late])
    wanted = ["  TIMEOUT: 2 s, exit status 0", "  1..2", "  ok 1 - a", "  still waiting"]
    case.equal(lines[1:], [*wanted, "1 passed, 1 failed"], "what is said")


def test_of_very_many_failures_all_are_named(case):
    tests = [entry(f"t{number}", "1..1\nnot ok 1 - a\n# why\n", "ERROR") for number in range(40)]
    _, lines = summarize(case, tests)
    case.equal(sum(line.startswith("FAILED: t") for line in lines), 40, "those that are named")
    case.check(lines.count("    why") < 20, "each is explained")
    case.equal(lines[-1], "0 passed, 40 failed", "the last line")


def test_a_log_without_a_test_is_a_failure(case):
    for log in (None, [], ""):
        code, lines = summarize(case, log, [entry("one")])
        case.contains(lines[0], "FAILED: no test was run for ", "the failure")
        case.equal((code, lines[-1]), (1, "1 passed, 1 failed"), "the last line")


def test_a_file_of_tap_fails_by_a_line_and_when_it_is_not_whole(case):
    for text, good, bad in (
        ("1..2\nok 1 - a\nnot ok 2 - b\n# why\n", 1, 1),
        ("1..2\nok 1 - a\n", 1, 1),
        ("ok 1 - a\n", 1, 1),
        ("1..1\nok 1 - a\nBail out! exit 3\n", 1, 1),
        ("something else\n", 0, 1),
    ):
        code, lines = summarize(case, text)
        case.equal((code, lines[0]), (1, "FAILED: checks"), f"what is said of {text!r}")
        case.equal(lines[-1], f"{good} passed, {bad} failed", f"the last line for {text!r}")
    code, lines = summarize(case, "ok 1 - a\nok 2 - b # SKIP no network\n1..2\n")
    case.equal((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"), "a plan at the end")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
