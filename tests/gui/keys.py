# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests share that drive the real program by a real pointer and real keys.

Positions come from AT-SPI, clicks and keys go through the X server by xdotool. TAP on stdout.
Environment: SWITCHYARD_TEST_PROGRAM (or the first argument), SWITCHYARD_TEST_OUTPUT (a folder for
pictures; none are taken without it). A test starts itself again under Xvfb with a session bus of its
own: a person's desktop is left alone.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE_S = 60
TABS_MAX = 60

# A picture of an empty window compresses to less than this.
BLANK_PICTURE = 10000


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def restart_under_xvfb():
    for tool in ("xvfb-run", "dbus-run-session"):
        if not shutil.which(tool):
            skip(f"{tool} is missing")
    # What the session's services print must not get between the lines of the report.
    report = os.dup(sys.stdout.fileno())
    os.set_inheritable(report, True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ["SWITCHYARD_TEST_REPORT_FD"] = str(report)
    in_display = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in-display")
    os.execv(in_display, [in_display, sys.executable, *sys.argv])


for tool in ("xdotool", "import"):
    if not shutil.which(tool):
        skip(f"{tool} is missing")
try:
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError) as error:
    skip(f"AT-SPI for Python is missing: {error}")
if "SWITCHYARD_TEST_REPORT_FD" not in os.environ:
    restart_under_xvfb()
sys.stdout = os.fdopen(int(os.environ["SWITCHYARD_TEST_REPORT_FD"]), "w")


def is_on_screen(node):
    """What is hidden or on another page has no size; GTK 4 does not report the showing state."""
    if not node.get_component_iface():
        return True  # applications and pages of a stack: only what is in them has a size
    box = node.get_extents(Atspi.CoordType.WINDOW)
    return box.width > 0 and box.height > 0


def walk(node):
    """All that is on screen below a node, last first: what changes stands at the bottom."""
    try:
        children = [node.get_child_at_index(n) for n in range(node.get_child_count())]
    except GLib.Error:  # it vanished while we looked
        return
    for child in reversed(children):
        try:
            if not child or not is_on_screen(child):
                continue
        except GLib.Error:
            continue
        yield child
        yield from walk(child)


def find(texts, role=None):
    """The first thing on screen whose name contains one of the texts: names may come doubled."""
    for node in walk(Atspi.get_desktop(0)):
        try:
            name = node.get_name() or ""
            if node.get_role() == Atspi.Role.FRAME:
                continue  # a window goes by what was announced last, also when it is long over
            if any(text in name for text in texts) and (not role or node.get_role() == role):
                return node
        except GLib.Error:
            continue
    return None


def listen():
    """Without this the library never hears what changed."""
    time.sleep(0.05)
    while GLib.MainContext.default().iteration(False):
        pass


def wait_for(*texts, role=None):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        listen()
        Atspi.get_desktop(0).clear_cache()
        node = find(texts, role)
        if node:
            return node
    raise AssertionError(f"waited {DEADLINE_S} s in vain for {texts}")


def xdotool(*arguments):
    command = ["xdotool", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.stderr}")
    return result.stdout.strip()


def ask_of_window(*arguments):
    """A window that comes or goes while it is asked about is an X error: asked again, it is harmless."""
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            return xdotool(*arguments)
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def get_window(pid):
    return ask_of_window("search", "--onlyvisible", "--pid", pid).split()[-1]


def click(node, window):
    node.clear_cache()
    box = node.get_extents(Atspi.CoordType.WINDOW)
    xdotool("mousemove", "--window", window, box.x + box.width // 2, box.y + box.height // 2)
    time.sleep(0.1)
    xdotool("click", 1)


def press(keys, window):
    # There is no window manager to give the focus, and the program must hear of it first.
    ask_of_window("windowfocus", "--sync", window)
    time.sleep(0.2)
    xdotool("key", "--clearmodifiers", keys)


def press_here(keys):
    """To whatever has the focus: a menu or a question takes it by itself."""
    time.sleep(0.5)
    xdotool("key", "--clearmodifiers", keys)


def take_picture(window, name="keys-done.png"):
    folder = os.environ.get("SWITCHYARD_TEST_OUTPUT")
    if not folder:
        return
    os.makedirs(folder, exist_ok=True)
    picture = os.path.join(folder, name)
    subprocess.run(["import", "-window", window, picture], check=True, timeout=30)
    size = os.path.getsize(picture)
    if size < BLANK_PICTURE:
        raise AssertionError(f"the picture has only {size} bytes: the window is blank")


def get_program():
    program = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SWITCHYARD_TEST_PROGRAM")
    return program or skip("SWITCHYARD_TEST_PROGRAM is not set")


def get_path(variable):
    return os.environ.get(variable) or skip(f"{variable} is not set")


class Window:
    """The program with its window; what it keeps goes into a folder of its own."""

    def __init__(self, home, *arguments):
        environment = dict(os.environ, GSK_RENDERER="cairo", GTK_A11Y="atspi", LC_ALL="C.UTF-8", LANGUAGE="",
                           XDG_DATA_HOME=home, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home,
                           XDG_CACHE_HOME=home)
        environment.pop("G_DEBUG", None)
        self.process = subprocess.Popen([get_program(), *arguments], env=environment)
        self.window = None
        self.button = None

    def find_window(self):
        """The number of the window on top."""
        return get_window(self.process.pid)

    def wait_until_ready(self, label):
        """Until the button of that label can be pressed."""
        self.button = wait_for(label, role=Atspi.Role.PUSH_BUTTON)
        if not self.window:
            self.window = self.find_window()
        end = time.monotonic() + DEADLINE_S
        while not self.button.get_state_set().contains(Atspi.StateType.SENSITIVE):
            assert time.monotonic() < end, "the button never became sensitive"
            time.sleep(0.05)

    def wait_until_alone(self):
        end = time.monotonic() + DEADLINE_S
        while self.find_window() != self.window:
            assert time.monotonic() < end, "the other window never closed"
            time.sleep(0.1)

    def tab_to_button(self):
        for _ in range(TABS_MAX):
            press("Tab", self.window)
            time.sleep(0.1)
            self.button.clear_cache()
            if self.button.get_state_set().contains(Atspi.StateType.FOCUSED):
                return
        raise AssertionError(f"{TABS_MAX} times Tab did not reach the button")

    def quits(self):
        press("ctrl+q", self.window)
        assert self.process.wait(timeout=DEADLINE_S) == 0, "it ended with an error"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Substation:
    """A virtual one from the factory behind a pseudo-terminal, with a fault if one is given."""

    def __init__(self, home, *faults):
        self.line = os.path.join(home, "line")
        factory = os.path.join(get_path("SWITCHYARD_FIRMWARE_DIR"), "factory.hex")
        command = [get_path("SWITCHYARD_SUBSTATION"), "--pty", self.line, "--factory", factory]
        for fault in faults:
            command += ["--fault", fault]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE_S
        while not os.path.exists(self.line):
            assert time.monotonic() < end, "the substation never opened its line"
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()


def run_steps(tests):
    """TAP of (sentence, step); once one has failed, so have those that come after it."""
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, step) in enumerate(tests, 1):
        if failed:
            print(f"not ok {number} - {name} # what came before failed")
            failed += 1
            continue
        try:
            step()
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, subprocess.SubprocessError, GLib.Error) as error:
            reason = str(error).replace("\n", "\n# ")
            print(f"not ok {number} - {name}\n# {reason}", flush=True)
            failed += 1
            with contextlib.suppress(AssertionError, subprocess.SubprocessError):
                take_picture("root", f"failed-{os.path.basename(sys.argv[0])}.png")
    return failed


def main(tests_of):
    """Runs what `tests_of` gives for a folder that is there until the end; a list of (sentence, step)
    and what is to be killed if it is still there."""
    # The registry must stand before the program looks for it.
    Atspi.get_desktop(0).get_child_count()
    with tempfile.TemporaryDirectory() as home:
        tests, programs = tests_of(home)
        try:
            failed = run_steps(tests)
        finally:
            for program in programs:
                program.kill()
    sys.exit(1 if failed else 0)
