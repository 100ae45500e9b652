# SPDX-License-Identifier: GPL-3.0-or-later

"""A small writer of TAP for tests in Python.

A test is a function whose name begins with test_ and goes on as a sentence; it is given a Case. Tests
run in threads, `jobs` at a time, and are reported in the order in which they stand in the file:

    def test_two_and_two_are_four(case):
        case.equal(2 + 2, 4, "the sum")

    if __name__ == "__main__":
        tap.main(globals(), jobs=4)

Words on the command line choose the tests whose names contain any of them. The exit status is 0 only
when every test passed or was skipped.
"""

import os
import queue
import sys
import threading
import time
import traceback

TIMEOUT_S = 120
ABANDON_S = 10  # what a test gets to end in after its processes were killed


class Skip(Exception):
    """Raised to skip a test; the text is the reason."""


class Case:
    """What one test has to hand: checks, diagnostics, and the processes that must not outlive it."""

    def __init__(self, name):
        self.name = name
        self.notes = []
        self._processes = []
        self._cleanups = []
        self._lock = threading.Lock()
        self._ended = False

    def note(self, text):
        """A line that is shown when the test fails."""
        self.notes.append(str(text))

    def check(self, truth, text):
        if not truth:
            raise AssertionError(text)

    def equal(self, found, wanted, what):
        if found != wanted:
            raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")

    def contains(self, text, part, what):
        if part not in text:
            raise AssertionError(f"{what}: no {part!r} in {text!r}")

    def track(self, process):
        """A subprocess.Popen that is killed at the latest when the test ends or takes too long."""
        with self._lock:
            if self._ended:
                process.kill()
            self._processes.append(process)
        return process

    def on_end(self, function):
        """Called after the test, the last one first."""
        self._cleanups.append(function)

    def kill_processes(self):
        with self._lock:
            self._ended = True
            for process in self._processes:
                if process.poll() is None:
                    process.kill()

    def clean_up(self):
        self.kill_processes()
        for process in self._processes:
            process.wait()
        for function in reversed(self._cleanups):
            function()


def limit(seconds):
    """Decorator: gives a test another time limit."""

    def mark(function):
        function.tap_timeout_s = seconds
        return function

    return mark


class _Run:
    """A test and how it went."""

    def __init__(self, function):
        self.function = function
        self.name = function.__name__.removeprefix("test_").replace("_", " ")
        self.case = Case(self.name)
        self.timeout_s = getattr(function, "tap_timeout_s", TIMEOUT_S)
        self.done = threading.Event()
        self.skip = None
        self.failure = None
        self.timed_out = False
        self.seconds = 0.0

    def execute(self):
        watchdog = threading.Timer(self.timeout_s, self._time_out)
        watchdog.daemon = True
        start = time.monotonic()
        watchdog.start()
        try:
            self.function(self.case)
        except Skip as reason:
            self.skip = str(reason)
        except AssertionError as error:
            self.failure = str(error) or traceback.format_exc()
        except BaseException:  # a test must never take the others with it
            self.failure = traceback.format_exc()
        finally:
            watchdog.cancel()
        try:
            self.case.clean_up()
        except BaseException:
            self.failure = self.failure or traceback.format_exc()
        self.seconds = time.monotonic() - start
        self.done.set()

    def _time_out(self):
        self.timed_out = True
        self.case.kill_processes()
        if not self.done.wait(ABANDON_S):
            self.seconds = self.timeout_s + ABANDON_S
            self.done.set()

    def report(self, number, to):
        failed = self.failure is not None or self.timed_out
        line = f"{'not ok' if failed else 'ok'} {number} - {self.name}"
        if not failed and self.skip is not None:
            line += f" # SKIP {self.skip}"
        print(line, file=to)
        if failed:
            if self.timed_out:
                _comment(f"took longer than {self.timeout_s} s", to)
            for text in [self.failure or "", *self.case.notes]:
                _comment(text, to)
        if os.environ.get("TAP_TIMES"):
            _comment(f"{self.seconds:.1f} s", to)
        to.flush()
        return not failed


def _comment(text, to):
    for line in text.splitlines():
        print(f"# {line}", file=to)


def _work(waiting):
    while True:
        try:
            run = waiting.get_nowait()
        except queue.Empty:
            return
        run.execute()


def run_tests(functions, jobs=1, to=sys.stdout):
    """Runs and reports; returns whether nothing failed."""
    runs = [_Run(function) for function in functions]
    waiting = queue.SimpleQueue()
    good = True
    print(f"1..{len(runs)}", file=to)
    # What takes longest begins first: the whole then takes little longer than that.
    for run in sorted(runs, key=lambda run: -run.timeout_s):
        waiting.put(run)
    for _ in range(min(jobs, len(runs))):
        threading.Thread(target=_work, args=(waiting,), daemon=True).start()
    for number, run in enumerate(runs, 1):
        run.done.wait()
        good = run.report(number, to) and good
    return good


def bail_out(reason):
    print(f"Bail out! {reason}", flush=True)
    os._exit(1)


def main(namespace, jobs=1, at_end=None):
    words = [word.lower() for word in sys.argv[1:]]
    functions = [
        function
        for name, function in namespace.items()
        if name.startswith("test_") and callable(function)
    ]
    if words:
        functions = [
            function
            for function in functions
            if any(word in function.__name__.replace("_", " ").lower() for word in words)
        ]
    if not functions:
        bail_out("no test has such a name")
    good = run_tests(functions, jobs)
    if at_end:
        at_end()
    # Threads of tests that were given up may still sit somewhere; they do not hold this up.
    sys.stdout.flush()
    os._exit(0 if good else 1)
