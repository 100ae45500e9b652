# SPDX-License-Identifier: GPL-3.0-or-later

"""A Debian kernel in QEMU with real serial ports, for tests of what a pty cannot show.

    with guest.shared(case) as there, there.station(case, "usb") as line:
        there.cli("upgrade", "--port", USB, "/release.hex").exited(0)
        case.equal(line.identify(), UPGRADED, "what runs")

To add a test: write a function test_… in a file that ends with `guest.main(globals())`, and add the
file to meson.build. One guest is booted for a whole file and serves its tests one after the other; each
finds the adapter plugged in as /dev/ttyUSB0 (links by udevd), /dev/ttyS1 free, and nobody behind
either. What a test needs inside is there or goes into MORE before the first test: files by their place
in the guest, programs with their libraries, rules of udev too.

    there.cli(*words, user=…)      runs switchyard-cli and waits: a Run with events, times and CPU
    there.run(command, user=…)     the same of a command for a shell
    there.start(…), start_cli(…)   the same, without waiting: a Job
    there.station(case, "usb")     a virtual substation, outside, behind ttyUSB0; "isa": behind ttyS1
    there.pull(), there.plug()     the adapter's cable, by QMP
    there.usb, there.isa           the lines between, see line.py; there.trace: what the chips were told
    there.kernel                   what the kernel said, as (µs, text)

Users: root; tech, in the group dialout; guest, in none. Times are the guest's own, in microseconds.
Skipped with the reason where there is no QEMU, busybox, udev or kernel.
"""

import contextlib
import json
import os
import pathlib
import platform
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import tty

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "cli")]
import station  # noqa: E402
import tap  # noqa: E402
from line import Line, Trace, set_rate  # noqa: E402

QEMU = "qemu-system-x86_64"
UDEVD, UDEVADM = "/lib/systemd/systemd-udevd", "/bin/udevadm"
AGENT = os.environ.get("SWITCHYARD_GUEST_AGENT", "")
CLI = "switchyard-cli"
USB, ISA = "/dev/ttyUSB0", "/dev/ttyS1"
SERIAL = "SIM0001"
WAIT_S = 60
MORE = {}  # place in the guest: file; programs with their libraries
RULES = ["50-udev-default.rules", "60-serial.rules"]
MODULES = [
    *("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"),
    *("virtio_console", "usb-common", "usbcore", "xhci-hcd", "xhci-pci", "usbserial", "ftdi_sio"),
]
USERS = "root:x:0:0::/root:/bin/sh\ntech:x:1000:1000::/tmp:/bin/sh\nguest:x:1001:1001::/tmp:/bin/sh\n"
GROUPS = "root:x:0:\ntty:x:5:\ndialout:x:20:tech\ntech:x:1000:\nguest:x:1001:\n"
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
chmod 1777 /tmp
for module in {modules}; do insmod /modules/$module.ko; done
{udevd} --daemon
{udevadm} trigger --action=add --subsystem-match=usb --subsystem-match=tty
{udevadm} settle
while ! ls /dev/vport*; do :; done >/dev/null 2>&1
exec /bin/guest-agent /dev/vport*
"""


# ---- What it boots ----


def _need(program):
    found = shutil.which(program) or (program if os.path.exists(program) else None)
    if not found:
        raise tap.Skip(f"there is no {program}")
    return found


def _find_kernel():
    done = subprocess.run(
        [HERE.parent.parent / ".ci" / "kernel"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise tap.Skip(f"no kernel for the guest: {done.stderr.strip()}")
    return pathlib.Path(done.stdout.strip())


def _libraries(program):
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def _put(tree, place, file, mode=None):
    to = tree / place.lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)
    to.chmod(mode if mode is not None else os.stat(file).st_mode & 0o777)


def _write(tree, place, text, mode=0o644):
    to = tree / place.lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text)
    to.chmod(mode)


def _fill(tree, kernel):
    for folder in ("proc", "sys", "dev", "run", "tmp", "root", "bin"):
        (tree / folder).mkdir()
    _put(tree, "/bin/busybox", _need("busybox"))
    programs = {
        f"/bin/{CLI}": station.CLI,
        "/bin/guest-agent": AGENT,
        UDEVD: UDEVD,
        UDEVADM: UDEVADM,
        **MORE,
    }
    for place, file in programs.items():
        _put(tree, place, _need(str(file)))
        for library in _libraries(file):
            _put(tree, library, library)
    for rules in RULES:
        _put(tree, f"/lib/udev/rules.d/{rules}", f"/lib/udev/rules.d/{rules}")
    for name in MODULES:
        _put(tree, f"/modules/{name}.ko", kernel / f"{name}.ko")
    _put(tree, "/release.hex", station.RELEASE)
    _write(tree, "/etc/passwd", USERS)
    _write(tree, "/etc/group", GROUPS)
    _write(tree, "/etc/nsswitch.conf", "passwd: files\ngroup: files\n")
    init = INIT.format(modules=" ".join(MODULES), udevd=UDEVD, udevadm=UDEVADM)
    _write(tree, "/init", init, 0o755)


def _pack(tree, to):
    names = b"\0".join(str(path.relative_to(tree)).encode() for path in sorted(tree.rglob("*")))
    with open(to, "wb") as file:
        subprocess.run(
            [_need("cpio"), "--null", "--create", "--format=newc", "--owner=0:0", "--quiet"],
            input=names,
            stdout=file,
            cwd=tree,
            check=True,
        )


# ---- What runs in it ----


class Run(station.Run):
    """A command that has ended: code, out, err; `lines` as (time, kind, text), `cpu` at the end."""

    def __init__(self, job):
        self.lines = job.lines
        out, err = ("".join(t + "\n" for _, k, t in job.lines if k == kind) for kind in "oe")
        super().__init__([job.command], job.code, out.encode(), err.encode())
        self.started, self.ended, self.cpu = job.started, job.ended, job.cpu
        self.cpu_then = job.cpu_then

    def time_of(self, part):
        """When the last line with `part` came."""
        times = [at for at, _, text in self.lines if part in text]
        if not times:
            raise AssertionError(f"nobody said {part!r}\n{self}")
        return times[-1]


class Job:
    """A command that runs; what it says is added in the agent's thread."""

    def __init__(self, agent, number, command):
        self._agent, self.number, self.command = agent, number, command
        self.lines, self.cpu_then = [], []  # the latter: (time, CPU) when the kernel spoke
        self.code = self.started = self.ended = self.cpu = None

    def signal(self, number):
        self._agent.send(f"signal {self.number} {number}")

    def wait_line(self, part, seconds=WAIT_S):
        self._agent.wait(
            lambda: any(part in text for _, _, text in self.lines) or self.code is not None,
            f"{self.command} says {part!r}",
            seconds,
        )
        if not any(part in text for _, _, text in self.lines):
            raise AssertionError(f"ended before it said {part!r}\n{Run(self)}")

    def wait(self, seconds=WAIT_S):
        self._agent.wait(lambda: self.code is not None, f"{self.command} ends", seconds)
        return Run(self)


class Agent:
    """The other end of guest-agent.c."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._news = threading.Condition()
        self._jobs = {}
        self._count = 0
        self.kernel = []
        self.gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, line):
        self._socket.sendall(line.encode() + b"\n")

    def start(self, command, user):
        with self._news:
            self._count += 1
            job = self._jobs[self._count] = Job(self, self._count, command)
        self.send(f"run {job.number} {user} {command}")
        return job

    def wait(self, truth, what, seconds=WAIT_S):
        with self._news:
            if not self._news.wait_for(lambda: truth() or self.gone, seconds) or self.gone:
                raise AssertionError(f"{'the guest ended' if self.gone else 'in vain'}: {what}")

    def close(self):
        self._socket.close()

    def _read(self):
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                with self._news:
                    self._take(line.decode("utf-8", "replace").rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self.gone = True
            self._news.notify_all()

    def _take(self, line):
        at, kind, number, text = line.split(" ", 3)
        job = self._jobs.get(int(number))
        if kind == "k":
            self.kernel.append((int(at), text))
        elif kind == "c":
            job.cpu_then.append((int(at), int(text)))
        elif kind == "x":
            code, cpu = text.split()
            job.ended, job.cpu, job.code = int(at), int(cpu), int(code)
        else:
            job.lines.append((int(at), kind, text))


class Monitor:
    """QMP: the machine from outside."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT_S)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, until=None, **arguments):
        """Until it is done, or until this event."""
        order = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        returned = False
        while True:
            answer = json.loads(self._lines.readline())
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']['desc']}")
            returned = returned or "return" in answer
            if answer.get("event") == until or (returned and not until):
                return

    def close(self):
        self._lines.close()
        self._socket.close()


class Station(station.Station):
    """A virtual substation at its real pace, at the other end of a line of the guest's."""

    def __init__(self, case, line, **options):
        options.setdefault("fast", False)
        options.setdefault("clean", False)  # a line that breaks off is no mistake of the firmware
        super().__init__(case, **options)
        self._line = line

    def join(self):
        self._line.connect(os.path.realpath(self.path))

    def wait_for_program(self):
        """identify() when a program says by itself that it runs: its loader, which waits whether an
        upgrade goes on, would wait on if it were asked."""
        self._line.connect(None)
        line = os.open(self.path, os.O_RDONLY | os.O_NOCTTY)
        try:
            tty.setraw(line, termios.TCSANOW)
            set_rate(line, 115200)
            if not select.select([line], [], [], WAIT_S)[0]:
                raise AssertionError("no program started")
        finally:
            os.close(line)
        return super().identify()

    def identify(self):
        """As the substation itself is asked, past the guest, whose line is off for that time."""
        self._line.connect(None)
        try:
            return super().identify()
        finally:
            self.join()


class Guest:
    """The machine. Made by shared()."""

    def __init__(self):
        if platform.machine() != "x86_64":
            raise tap.Skip("the guest is a PC, and this machine is none")
        if not AGENT:
            raise tap.Skip("SWITCHYARD_GUEST_AGENT is not set")
        _need(QEMU)
        _need("setpriv")
        kernel = _find_kernel()
        self._hand = threading.Lock()  # that pulls and plugs; a line pulls in its own thread
        self._home = tempfile.TemporaryDirectory(prefix="switchyard-guest-")
        self.home = pathlib.Path(self._home.name)
        tree = self.home / "tree"
        tree.mkdir()
        _fill(tree, kernel)
        _pack(tree, self.home / "initramfs")
        self._boot(kernel / "vmlinux")

    def _boot(self, kernel):
        home, chardevs = self.home, []
        (home / "trace").touch()
        for name in ("usb", "isa", "agent"):
            chardevs += ["-chardev", f"socket,id={name},path={home / name},server=on,wait=off"]
        words = [
            *("setpriv", "--pdeathsig", "KILL"),  # it never outlives the tests
            *(QEMU, "-accel", "tcg", "-machine", "q35", "-m", "256", "-nodefaults", "-display", "none"),
            *("-no-reboot", "-kernel", kernel, "-initrd", home / "initramfs"),
            *("-append", "console=ttyS0 quiet panic=-1"),
            *("-serial", f"file:{home / 'console'}"),
            *("-qmp", f"unix:{home / 'qmp'},server=on,wait=off"),
            *chardevs,
            *("-device", "isa-serial,index=1,chardev=isa"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=agent"),
            *("-device", "qemu-xhci,id=xhci"),
            *("-device", f"usb-serial,id=u0,chardev=usb,serial={SERIAL},always-plugged=on"),
            *("-trace", "usb_serial_set_baud", "-trace", "usb_serial_handle_control"),
            *("-trace", "serial_update_parameters", "-D", home / "trace"),
        ]
        with open(home / "errors", "wb") as errors:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )
        self._until(lambda: all((home / name).exists() for name in ("usb", "isa", "agent", "qmp")))
        self.monitor = Monitor(home / "qmp")
        self.agent = Agent(home / "agent")
        self.trace = Trace(home / "trace")
        self.usb = Line("usb", home / "usb", self.trace)
        self.isa = Line("isa", home / "isa", self.trace)
        try:
            self.agent.wait(lambda: any("is ready" in text for _, text in self.kernel), "it boots")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(home / 'console').read_text()[-4000:]}") from error
        self.plugged = True

    def _until(self, truth):
        end = time.monotonic() + WAIT_S
        while not truth():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"QEMU: {(self.home / 'errors').read_text()}")
            time.sleep(0.01)

    @property
    def kernel(self):
        return self.agent.kernel

    def start(self, command, user="root"):
        return self.agent.start(f"export LANG=C.UTF-8 XDG_DATA_HOME=$(mktemp -d); {command}", user)

    def run(self, command, user="root", seconds=WAIT_S):
        return self.start(command, user).wait(seconds)

    def cli(self, *words, **options):
        """Runs switchyard-cli alone, so that its CPU is nobody else's."""
        return self.start_cli(*words, **options).wait()

    def start_cli(self, *words, **options):
        return self.start(" ".join(["exec", CLI, *map(str, words)]), **options)

    @contextlib.contextmanager
    def station(self, case, kind, **options):
        """A fresh one each time."""
        line = {"usb": self.usb, "isa": self.isa}[kind]
        with Station(case, line, **options) as there:
            there.join()
            try:
                yield there
            finally:
                line.connect(None)

    def pull(self):
        """Pulls the cable; when this returns the kernel may not know yet."""
        with self._hand:
            self.plugged = False
            self.usb.set_plugged(False)
            self.monitor.ask("device_del", until="DEVICE_DELETED", id="u0")

    def plug(self):
        """Plugs it in, waits for it, with its links, and gives its name."""
        with self._hand:
            said = len(self.kernel)
            adapter = {"driver": "usb-serial", "id": "u0", "chardev": "usb", "serial": SERIAL}
            self.monitor.ask("device_add", **adapter, **{"always-plugged": True})
            self.plugged = True
            self.usb.set_plugged(True)

        def names():
            return [text.split()[-1] for _, text in self.kernel[said:] if "now attached to" in text]

        self.agent.wait(names, "the kernel attaches the adapter")
        name = f"/dev/{names()[0]}"
        self.run(f"until test -c {name}; do :; done; {UDEVADM} settle").exited(0)
        return name

    def unplugged_since(self, count):
        """When the kernel noticed that the adapter is gone, if its log was so long before."""

        def times():
            return [at for at, text in self.kernel[count:] if "USB disconnect" in text]

        self.agent.wait(times, "the kernel notices the pulled cable")
        return times()[0]

    def end(self):
        for part in (self.usb, self.isa, self.agent, self.monitor):
            part.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self._home.cleanup()


_guest = None
_failure = None


@contextlib.contextmanager
def shared(case):
    """The file's guest, as a test wants to find it; booted by the first that asks."""
    global _guest, _failure
    if _failure:
        raise _failure
    if not _guest:
        try:
            _guest = Guest()
        except BaseException as failure:
            _failure = failure
            raise
    if not _guest.plugged:
        _guest.plug()
    said = len(_guest.kernel)
    try:
        yield _guest
    finally:
        for at, text in _guest.kernel[said:]:
            case.note(f"kernel {at}: {text}")


def main(namespace):
    tap.main(namespace, at_end=lambda: _guest and _guest.end())
