# SPDX-License-Identifier: GPL-3.0-or-later

"""The cable between a serial port of the guest and the pty of a virtual substation.

The substation garbles what comes at another rate than its own, by the rate that is set at its pty. The
guest's driver programs its rate into a modelled chip; QEMU's trace tells which, and that one is set at
the pty. So a line works only if the driver really did what it said.
"""

import array
import fcntl
import os
import re
import select
import socket
import struct
import termios
import threading
import time
import tty

ROOM = 4096  # bytes that may wait, each way
LOOK_S = 0.005  # how often the trace is looked at when nothing moves
TCGETS2, TCSETS2 = 0x802C542A, 0x402C542B
TERMIOS2 = struct.Struct("=IIIIB19sII")
CBAUD, BOTHER = 0o010017, 0o010000
# FTDI's requests: which of DTR and RTS to set, and how; how long received bytes are held back.
SET_MODEM_LINES, SET_LATENCY = 0x4001, 0x4009
DTR, RTS = 1, 2
_CONTROL = re.compile(r"usb_serial_handle_control .*got control 0x([0-9a-f]+), value 0x([0-9a-f]+)")
_RATES = {
    "usb": re.compile(r"usb_serial_set_baud .*?(\d+)$"),
    "isa": re.compile(r"serial_update_parameters baudrate=(\d+) "),
}


def set_rate(fd, baud):
    settings = array.array("B", bytes(TERMIOS2.size))
    fcntl.ioctl(fd, TCGETS2, settings)
    values = list(TERMIOS2.unpack(settings))
    values[2] = values[2] & ~(CBAUD | CBAUD << 16) | BOTHER
    values[6] = values[7] = baud
    fcntl.ioctl(fd, TCSETS2, array.array("B", TERMIOS2.pack(*values)))


class Trace:
    """What QEMU tells of the chips; it writes each line whole, at once."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_RDONLY)
        self._rest = b""
        self._lock = threading.Lock()
        self.rates = {"usb": [], "isa": []}  # as they were programmed, one after the other
        self.latencies = []  # ms, as they were requested; USB only, as the next
        self.modem_lines = []  # (DTR, RTS) as they were after each request

    def catch_up(self):
        with self._lock:
            while more := os.read(self._fd, 1 << 16):
                *lines, self._rest = (self._rest + more).split(b"\n")
                for line in lines:
                    self._take(line.decode())

    def _take(self, line):
        for kind, pattern in _RATES.items():
            if found := pattern.search(line):
                self.rates[kind].append(int(found.group(1)))
        if not (found := _CONTROL.search(line)):
            return
        request, value = (int(text, 16) for text in found.groups())
        if request == SET_LATENCY:
            self.latencies.append(value)
        if request == SET_MODEM_LINES:
            before = self.modem_lines[-1] if self.modem_lines else (False, False)
            self.modem_lines.append(
                tuple(
                    bool(value & bit) if value & bit << 8 else old
                    for bit, old in zip((DTR, RTS), before)
                )
            )


class Line:
    """Carries bytes in a thread; each way they wait where the reader does not keep up."""

    def __init__(self, kind, path, trace):
        self.kind, self._trace = kind, trace
        self._guest = socket.socket(socket.AF_UNIX)
        self._guest.connect(str(path))
        self._guest.setblocking(False)
        self._pty, self._rate = None, 0
        self._lock = threading.RLock()
        self._wake = os.pipe()
        self._over = False
        self._held = False  # nothing is taken from the guest
        self._plugged = True
        self._to_guest, self._to_station = b"", b""
        self.carried = 0  # bytes, both ways together, since it was made
        self._watch = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def connect(self, path):
        """From now on the substation whose pty it is has the other end; None: nobody."""
        with self._lock:
            if self._pty is not None:
                os.close(self._pty)
            self._pty, self._rate = None, 0
            self._to_guest = self._to_station = b""
            self._watch = None
            if path:
                self._pty = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
                tty.setraw(self._pty, termios.TCSANOW)
        self._nudge()

    def at(self, count, function):
        """Calls once when so many more bytes were carried, before the next; in the line's thread."""
        with self._lock:
            self._watch = (self.carried + count, function)

    def hold(self, held):
        """Takes nothing from the guest, as a line that is stopped."""
        self._held = held
        self._nudge()

    def set_plugged(self, plugged):
        """What was under way when the cable is pulled is lost."""
        with self._lock:
            self._plugged = plugged
            self._to_guest = self._to_station = b""
            if self._pty is not None and not plugged:
                termios.tcflush(self._pty, termios.TCOFLUSH)
        self._nudge()

    def close(self):
        self._over = True
        self._nudge()
        self._thread.join()
        self.connect(None)
        self._guest.close()
        for fd in self._wake:
            os.close(fd)

    def _nudge(self):
        os.write(self._wake[1], b"!")

    def _run(self):
        while not self._over:
            with self._lock:
                pty = self._pty
                reads, writes = [self._wake[0]], []
                if not self._held and len(self._to_station) < ROOM:
                    reads.append(self._guest)
                if pty is not None and len(self._to_guest) < ROOM:
                    reads.append(pty)
                if self._to_guest:
                    writes.append(self._guest)
                if self._to_station and pty is not None:
                    writes.append(pty)
            try:
                ready, _, _ = select.select(reads, writes, [], LOOK_S)
                if self._wake[0] in ready:
                    os.read(self._wake[0], 64)
                self._carry()
            except BlockingIOError:
                continue
            except OSError:  # the substation or the guest ended
                time.sleep(LOOK_S)

    def _carry(self):
        with self._lock:
            if not self._held and len(self._to_station) < ROOM:
                self._to_station += self._take(self._read_guest())
            self._follow_rate()
            if self._pty is None:
                self._to_station = b""
                return
            if self._to_station:
                written = _try(os.write, self._pty, self._to_station) or 0
                self._to_station = self._to_station[written:]
            if len(self._to_guest) < ROOM:
                self._to_guest += self._take(_try(os.read, self._pty, 512) or b"")
            if self._to_guest:
                written = _try(self._guest.send, self._to_guest) or 0
                self._to_guest = self._to_guest[written:]

    def _read_guest(self):
        return _try(self._guest.recv, 512) or b""

    def _take(self, some):
        """What the cable carries of these bytes; the watch may pull it before the last of them."""
        if not self._plugged:
            return b""
        if self._watch and self.carried + len(some) >= self._watch[0]:
            count, function = self._watch
            some, self._watch = some[: max(count - self.carried, 0)], None
            self.carried += len(some)
            function()
            return some
        self.carried += len(some)
        return some

    def _follow_rate(self):
        self._trace.catch_up()
        rates = self._trace.rates[self.kind]
        if self._pty is not None and rates and rates[-1] != self._rate:
            self._rate = rates[-1]
            set_rate(self._pty, self._rate)


def _try(function, *arguments):
    """None where nothing can be read or written now, or nobody is there any more."""
    try:
        return function(*arguments)
    except OSError:
        return None
