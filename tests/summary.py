#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what meson's test logs say and prints "N passed, N failed, N skipped" as the last line.

usage: summary.py TESTLOG.json...
A TAP program counts by its lines. One that failed without a "not ok" (a crash, a time-out, no plan)
counts as one failure more, and so does a log without any test. Skips are named with their reason.
"""

import json
import re
import sys

RESULT = re.compile(r"^(not )?ok\b[ \d]*-? ?([^#]*)(#\s*skip\b:?\s*(.*))?", re.IGNORECASE)


def count(test):
    """(passed, failed, [(name, reason)]) of one test program."""
    passed, failed, skipped = 0, 0, []
    for line in (test.get("stdout") or "").splitlines():
        match = RESULT.match(line.strip())
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


def read(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except FileNotFoundError:
        return []


def main():
    passed, failed, skipped = 0, 0, []
    for path in sys.argv[1:]:
        tests = read(path)
        if not tests:
            print(f"FAILED: no test was run for {path}")
            failed += 1
        for test in tests:
            good, bad, left = count(test)
            passed, failed = passed + good, failed + bad
            skipped += left
            if bad:
                print(f"FAILED: {test['name']}")
    for name, reason in skipped:
        print(f"skipped: {name}: {reason}")
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed else 0


sys.exit(main())
