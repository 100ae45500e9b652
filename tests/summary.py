#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says why tests failed, and prints "N passed, N failed, N skipped" as the last line.

usage: summary.py TESTLOG.json|RESULTS.tap...
A TAP program counts by its lines. One that failed without a "not ok" (a crash, a time-out, no plan)
counts as one failure more, and so does a log without any test. Skips are named with their reason.
A file of TAP is a program of its own; it failed when its plan does not say how many lines it has.
"""

import json
import os
import re
import sys

RESULT = re.compile(r"^(not )?ok\b[ \d]*-? ?([^#]*)(#\s*skip\b:?\s*(.*))?", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")
# The first is what cmocka's fail_msg() says, which is not in its TAP.
FINDING = re.compile(
    r"^ERROR: |ERROR: \w+Sanitizer|runtime error:|CRITICAL|Assertion|Bail out!", re.MULTILINE
)

# Of each cause the end of a log holds so much.
LINES_AT_FIRST, LINES_AT_LAST, COLUMNS = 9, 6, 200
PROGRAMS_EXPLAINED, SUBTESTS_EXPLAINED = 12, 6


def match_result(line):
    return RESULT.match(line.strip())


def is_failure(match):
    return bool(match.group(1)) and not match.group(3)


def count(test):
    """(passed, failed, [(name, reason)]) of one test program."""
    passed, failed, skipped = 0, 0, []
    for line in (test.get("stdout") or "").splitlines():
        match = match_result(line)
        if not match:
            continue
        if match.group(3):
            skipped.append((match.group(2).strip(), match.group(4) or "no reason given"))
        elif match.group(1):
            failed += 1
        else:
            passed += 1
    if test["result"] == "SKIP" and not skipped:
        skipped.append((test["name"], "skipped as a whole"))
    elif test["result"] == "OK" and passed == 0 and failed == 0 and not skipped:
        passed = 1  # no TAP: the exit status is the test
    elif test["result"] not in ("OK", "SKIP") and failed == 0:
        failed = 1
    return passed, failed, skipped


def shorten(lines):
    """As much of them as shows the cause: it stands first, or last in a traceback."""
    lines = [line.rstrip() for line in lines if line.strip()]
    left_out = len(lines) - LINES_AT_FIRST - LINES_AT_LAST
    if left_out > 1:
        more = f"… {left_out} more lines …"
        lines = [*lines[:LINES_AT_FIRST], more, *lines[-LINES_AT_LAST:]]
    return [line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…" for line in lines]


def explain_subtests(output):
    """The subtests that failed, each with what stands below it."""
    found, taken = [], None
    for line in output.splitlines():
        match = match_result(line)
        if match:
            taken = [line.strip()] if is_failure(match) else None
            if taken:
                found.append(taken)
        elif taken:
            taken.append("  " + line.strip().removeprefix("# "))
    said = [line for one in found[:SUBTESTS_EXPLAINED] for line in shorten(one)]
    if len(found) > SUBTESTS_EXPLAINED:
        said.append(f"… and {len(found) - SUBTESTS_EXPLAINED} more subtests")
    return said


def explain_end(test):
    """What a program that failed as a whole said at last, from what sounds like the cause on."""
    lines = (test.get("stdout") or "").splitlines()[-LINES_AT_LAST:]
    lines += (test.get("stderr") or "").splitlines()
    for number, line in enumerate(lines):
        if FINDING.search(line):
            return shorten(lines[number:])
    return shorten(lines)


def explain(test):
    said = explain_subtests(test.get("stdout") or "")
    if not said or test.get("stderr") and FINDING.search(test["stderr"]):
        said += explain_end(test)
    took = f"{test['duration']:.0f} s, " if "duration" in test else ""
    return [f"{test['result']}: {took}exit status {test.get('returncode', '?')}", *said]


def read_tap(path):
    """The file as meson would log it."""
    with open(path, encoding="utf-8", errors="replace") as log:
        text = log.read()
    lines = text.splitlines()
    plans = [int(match.group(1)) for match in map(PLAN.match, lines) if match]
    results = list(filter(None, map(match_result, lines)))
    whole = plans == [len(results)] and not any(line.startswith("Bail out!") for line in lines)
    good = whole and not any(map(is_failure, results))
    name = os.path.splitext(os.path.basename(path))[0]
    return {"name": name, "stdout": text, "result": "OK" if good else "ERROR"}


def read(path):
    try:
        if path.endswith(".tap"):
            return [read_tap(path)] if os.path.getsize(path) > 0 else []
        with open(path, encoding="utf-8") as log:
            tests = [json.loads(line) for line in log]
    except FileNotFoundError:
        return []
    folder = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(path))))
    return [{**test, "name": f"{test['name']} ({folder})"} for test in tests]


def main():
    passed, failed, skipped, causes = 0, 0, [], []
    for path in sys.argv[1:]:
        tests = read(path)
        if not tests:
            causes.append([f"FAILED: no test was run for {path}"])
            failed += 1
        for test in tests:
            good, bad, left = count(test)
            passed, failed = passed + good, failed + bad
            skipped += left
            if bad:
                causes.append([f"FAILED: {test['name']}", *("  " + line for line in explain(test))])
    for name, reason in skipped:
        print(f"skipped: {name}: {reason}")
    for number, lines in enumerate(causes):
        print("\n".join(lines if number < PROGRAMS_EXPLAINED else lines[:1]))
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed else 0


sys.exit(main())
