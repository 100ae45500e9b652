# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs under test, started and stopped: the command line and virtual substations."""

import fcntl
import functools
import json
import os
import pathlib
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import uuid

import hextool

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

FLASH_BYTES = 128 * 1024
FLASH_LINES = FLASH_BYTES // 16  # a byte for each stands behind them in a flash file
NOBODY = 65534
TRIES = 10  # of what a machine with other things to do spoils


def _program(name):
    value = os.environ.get(name)
    if not value:
        tap.bail_out(f"{name} is not set")
    path = pathlib.Path(value).resolve()
    if not path.exists():
        tap.bail_out(f"{name}: there is no {path}")
    return path


CLI = _program("SWITCHYARD_CLI")
SUBSTATION = _program("SWITCHYARD_SUBSTATION")
FIRMWARE = _program("SWITCHYARD_FIRMWARE_DIR")
RELEASE = FIRMWARE / "release.hex"  # 1.1.0
OLD_RELEASE = FIRMWARE / "release-1.0.0.hex"
FACTORY_RUNS = ("LOW", "1.0.0")
UPGRADED = ("HIGH", "1.1.0")
BLOCKS = -(-hextool.get_length(FIRMWARE / "program-high.hex", hextool.HIGH) // 512)

EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_LINK, EXIT_OLD_RUNS, EXIT_UNKNOWN = range(6)


def folder(case):
    """A folder that is gone when the test has ended."""
    temporary = tempfile.TemporaryDirectory(prefix="switchyard-cli-")
    case.on_end(temporary.cleanup)
    return pathlib.Path(temporary.name)


def environment(**more):
    # Set, not inherited: the tests compare texts, and no run is to find what another one kept.
    own = ("LC_", "XDG_DATA_HOME")
    env = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    env.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", LANGUAGE="", **more)
    return env


def wait_until(truth, what, seconds=60):
    end = time.monotonic() + seconds
    while not truth():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


class Behind(AssertionError):
    """This machine stood still while the substation went on: what was asked does not show."""


def keeping_pace(test):
    """Where the machine stood still the test begins again; whatever else fails, fails at once."""

    @functools.wraps(test)
    def tried(case):
        for _ in range(TRIES - 1):
            try:
                return test(case)
            except Behind as reason:
                case.note(f"tried again: {reason}")
        return test(case)

    return tried


def check_sanitizers(stderr):
    """In a build with sanitizers, what they say is a failure whatever the exit status."""
    if "Sanitizer" in stderr or "runtime error:" in stderr:
        raise AssertionError(stderr)


# ---- switchyard-cli ----


class Run:
    """A run of the command line that has ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code = arguments, code
        self.out, self.err = out.decode(), err.decode()

    def __str__(self):
        return (
            f"switchyard-cli {' '.join(self.arguments)}: exit {self.code}\n"
            f"stdout: {self.out[-1500:]}\nstderr: {self.err[-1500:]}"
        )

    def exited(self, code):
        if self.code != code:
            raise AssertionError(f"wanted exit {code}\n{self}")
        return self

    def events(self):
        """The JSON objects; each a line of its own that begins with "event"."""
        events = []
        for line in self.out.splitlines():
            pairs = json.loads(line, object_pairs_hook=list)
            if not isinstance(pairs, list) or not pairs or pairs[0][0] != "event":
                raise AssertionError(f'no object with "event" as its first key: {line}')
            events.append(json.loads(line))
        if not events:
            raise AssertionError(f"no JSON at all\n{self}")
        return events

    def last(self):
        return self.events()[-1]

    def texts(self):
        return "\n".join(event.get("text", "") for event in self.events())

    def went_at(self, baud):
        """For tests that keep pace: a rate that is not proven within 300 ms is left again."""
        if f" at {baud} baud" not in self.out or f"does not carry {baud} baud" in self.out:
            raise Behind(f"not all the time at {baud} baud\n{self}")
        return self


def open_narrow_pipe():
    """(reading, writing) end of a pipe that holds one write: who writes more waits for the reader."""
    ends = os.pipe2(os.O_CLOEXEC | os.O_DIRECT)
    fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 1)  # the least it takes, a page; each write has one
    return ends


class Client:
    """switchyard-cli while it runs; with an empty library unless `env` has an XDG_DATA_HOME.

    `held`: it is never more than two lines ahead of what was read of it, so that a test which is
    itself held up still finds it where read_until() met it.
    """

    def __init__(self, case, *arguments, stdout=subprocess.PIPE, env=None, held=False, **options):
        env = env or environment()
        env = {**env, "XDG_DATA_HOME": env.get("XDG_DATA_HOME") or folder(case)}
        self.arguments = [str(argument) for argument in arguments]
        self.seen = b""
        if held:
            reading, stdout = open_narrow_pipe()
        self.process = case.track(
            subprocess.Popen(
                [options.pop("program", CLI), *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                env=env,
                # Its own group, so that a signal to all of it meets nobody else.
                start_new_session=True,
                **options,
            )
        )
        if held:
            os.close(stdout)
            self.process.stdout = open(reading, "rb", buffering=0)

    def read_until(self, part):
        """Reads stdout until `part` has been there."""
        while part not in self.seen:
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise AssertionError(f"ended before it said {part!r}: {self.seen!r}")
            self.seen += more

    def signal(self, number):
        os.kill(self.process.pid, number)

    def end(self):
        out, err = self.process.communicate()
        check_sanitizers(err.decode())
        return Run(self.arguments, self.process.returncode, self.seen + (out or b""), err)


def cli(case, *arguments, **options):
    run = Client(case, *arguments, **options).end()
    case.note(run)
    return run


def reachable_cli(case):
    """A copy of switchyard-cli that another user can start wherever the build folder lies."""
    home = folder(case)
    os.chmod(home, 0o755)
    copy = home / "switchyard-cli"
    shutil.copy(CLI, copy)
    os.chmod(copy, 0o755)
    return copy


# ---- switchyard-substation ----


class Station:
    """A virtual substation behind a pty, for a with statement. Its firmware must do nothing wrong."""

    def __init__(self, case, *options, fast=True, name="line", home=None, clean=True):
        self.case, self.clean = case, clean
        self.home = home or folder(case)
        self.path = self.home / name
        self._log = tempfile.TemporaryFile()
        case.on_end(self._log.close)
        command = [SUBSTATION, "--pty", self.path, *(["--fast"] if fast else []), *options]
        self.process = case.track(
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._log,
                # Not this machine's installed firmware.
                env=environment(),
                start_new_session=True,
            )
        )
        self.said = self._read_line()
        if self.said != f"pty:{self.path}\n":
            raise AssertionError(f"the substation said {self.said!r}; stderr: {self.stderr()}")
        self.port = f"pty:{self.path}"

    def _read_line(self, seconds=60):
        end, line = time.monotonic() + seconds, b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            more = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not more:
                break
            line += more
        return line.decode()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        code = self.stop() if self.process.poll() is None else 0
        self.process.stdout.close()
        self.case.note(f"substation's stderr: {self.stderr()}")
        if kind is not None:
            return
        check_sanitizers(self.stderr())
        self.case.equal(code, 0, "the substation's exit")
        if self.clean and self._has_done_wrong():
            raise AssertionError("the chip reported that the firmware does something wrong")

    def _has_done_wrong(self):
        # A byte that comes while the substation restarts is lost, and nobody's mistake.
        said = [line for line in self.stderr().splitlines() if line.startswith("firmware: ")]
        return any(not line.startswith("firmware: UART overrun, ") for line in said)

    def stop(self, number=signal.SIGTERM):
        os.kill(self.process.pid, number)
        self.process.wait()
        return self.process.returncode

    def stderr(self):
        # Not through a pipe, which nobody would empty while the test waits for something else.
        return os.pread(self._log.fileno(), 1 << 20, 0).decode()

    def happened(self, *faults):
        for fault in faults:
            line = f"fault: {fault} happened\n"
            if self.stderr().count(line) != 1:
                raise AssertionError(f"not once: {line!r}; stderr: {self.stderr()!r}")

    def identify(self):
        """(bank, version) as identify tells them."""
        last = cli(self.case, "identify", "--port", self.port, "--json").exited(0).last()
        return last["bank"], last["version"]

    def upgrade(self, file=RELEASE, *more):
        return cli(self.case, "upgrade", "--port", self.port, "--json", *more, file)


def faults(*specs):
    return [word for spec in specs for word in ("--fault", spec)]


# ---- What a run of `virtual` leaves behind ----


class Mark:
    """An environment variable by which the processes that a run started are known again."""

    def __init__(self):
        self.value = uuid.uuid4().hex
        self.env = environment(SWITCHYARD_TEST_MARK=self.value)

    def processes(self, program):
        """Ids of living processes with the mark that run `program`."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                marked = self.value.encode() in (entry / "environ").read_bytes()
                if marked and os.readlink(entry / "exe") == str(program):
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended, or it is another user's
        return found


def is_link(path):
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except FileNotFoundError:
        return False
