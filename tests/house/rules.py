# SPDX-License-Identifier: GPL-3.0-or-later

"""The house rules, each a function from a tree of files to what breaks it: (path, line, text)."""

import ast
import functools
import pathlib
import posixpath
import re
import shutil
import subprocess

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
CLANG_FORMAT_VERSION = 14  # others break lines elsewhere


class Tree:
    """Some files below a folder, named as in the repository."""

    def __init__(self, root, paths):
        self.root = pathlib.Path(root)
        self.paths = sorted(paths)
        self._bytes = {}

    def read_bytes(self, path):
        if path not in self._bytes:
            self._bytes[path] = (self.root / path).read_bytes()
        return self._bytes[path]

    def read(self, path):
        return self.read_bytes(path).decode("utf-8", "replace")

    def lines(self, path):
        """(number, line), from 1."""
        return enumerate(self.read(path).split("\n"), 1)

    def code_lines(self, path):
        """The same with C's comments and strings blanked."""
        return enumerate(blank(self.read(path)).split("\n"), 1)

    def below(self, *folders, ends=(".c", ".h")):
        return [p for p in self.paths if p.startswith(folders) and p.endswith(tuple(ends))]


_BLANK = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(code):
    return _BLANK.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), code)


_INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(tree, path):
    """(number, header, whether in angle brackets)"""
    for number, line in tree.lines(path):
        if found := _INCLUDE.match(line):
            yield number, found.group(2), found.group(1) == "<"


def matches(tree, paths, pattern, text, lines=Tree.code_lines):
    for path in paths:
        for number, line in lines(tree, path):
            if found := pattern.search(line):
                yield path, number, text.format(found.group().strip())


RULES = {}


def rule(sentence):
    """Registers a rule under the function's name; the sentence is what holds when nothing breaks it."""

    def register(function):
        function.sentence = sentence
        RULES[function.__name__.replace("_", "-")] = function
        return function

    return register


# ---- Any file ----

_LICENSED = (".c", ".h", ".S", ".ld", ".py", ".sh", ".css", "meson.build", "meson_options.txt")


@rule("every source file begins with its licence")
def spdx(tree):
    for path in tree.paths:
        lines = tree.read(path).split("\n")
        script = lines[0].startswith("#!")
        if not script and not path.endswith(_LICENSED):
            continue
        number = 2 if script else 1
        line = lines[number - 1] if len(lines) >= number else ""
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in line:
            yield path, number, "no SPDX line"


_FOREIGN = (".patch", ".hex", ".png", ".jpg", ".bin", ".gz", ".mo")


def _is_text(tree, path):
    return not path.endswith(_FOREIGN) and b"\0" not in tree.read_bytes(path)


@rule("text files keep to .editorconfig")
def editorconfig(tree):
    for path in tree.paths:
        if not _is_text(tree, path) or "/corpus/" in path:
            continue
        raw = tree.read_bytes(path)
        name = path.rsplit("/", 1)[-1]
        tabs = name.endswith((".mk", ".diff")) or name in ("Makefile", "COPYING")
        tabs = tabs or path == "debian/rules"
        lines = raw.split(b"\n")
        if raw and lines[-1]:
            yield path, len(lines), "no line end at the end"
        for number, line in enumerate(lines, 1):
            if line.endswith(b"\r"):
                yield path, number, "a carriage return"
            elif line != line.rstrip():
                yield path, number, "blanks at the end of the line"
            if b"\t" in line and not tabs:
                yield path, number, "a tab"
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            yield path, raw.count(b"\n", 0, error.start) + 1, "not UTF-8"


# Written in pieces, or this file would break its own rules.
_LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
_MACHINE = re.compile(r"(?<![\w.)}/-])/(?:work|root|home/[a-z]\w*)/")


@rule("nothing is put off: what is not done has an issue, no mark in a file")
def later(tree):
    return matches(tree, filter(lambda p: _is_text(tree, p), tree.paths), _LATER, "{}", Tree.lines)


@rule("no file names a folder of somebody's machine")
def machine_path(tree):
    texts = [path for path in tree.paths if _is_text(tree, path)]
    return matches(tree, texts, _MACHINE, "a path of one machine: {}…", Tree.lines)


@rule(f"no source file is longer than {FILE_LINES_MAX} lines")
def file_length(tree):
    for path in tree.below("", ends=(".c", ".h", ".S", ".py", ".ld", "meson.build")):
        count = tree.read(path).count("\n")
        if count > FILE_LINES_MAX:
            yield path, FILE_LINES_MAX + 1, f"{count} lines"


def _c_functions(tree, path):
    """(line of the opening brace, lines in between); the format puts both braces into column 0."""
    start, before = None, ""
    for number, line in tree.code_lines(path):
        line = line.rstrip()
        if line == "{" and before.endswith(")"):
            start = number
        elif line == "}" and start is not None:
            yield start, number - start - 1
            start = None
        before = line or before


def _python_functions(tree, path):
    for node in ast.walk(ast.parse(tree.read_bytes(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.body[0].lineno + 1


@rule(f"no function is longer than a screen, {FUNCTION_LINES_MAX} lines")
def function_length(tree):
    for path in tree.below("", ends=(".c", ".h", ".py")):
        find = _python_functions if path.endswith(".py") else _c_functions
        for number, count in find(tree, path):
            if count > FUNCTION_LINES_MAX:
                yield path, number, f"a function of {count} lines"


# ---- Who may include what ----

# The headers of its own room each may include anyway.
ROOMS = {
    "firmware/wire/": (),
    "firmware/logic/": ("firmware/wire/",),
    "firmware/lpc2114/": ("firmware/wire/", "firmware/logic/"),
    "firmware/jump/": ("firmware/wire/", "firmware/logic/", "firmware/lpc2114/"),
    "firmware/loader/": ("firmware/wire/", "firmware/logic/", "firmware/lpc2114/"),
    "firmware/program/": ("firmware/wire/", "firmware/logic/", "firmware/lpc2114/"),
    "firmware/simulator/": ("firmware/wire/", "core/hex/", "core/link/"),
    "firmware/tools/": ("firmware/wire/", "core/hex/"),
    "core/hex/": ("firmware/wire/",),
    "core/link/": (),
    "core/records/": ("firmware/wire/", "core/hex/"),
    "core/pack/": ("firmware/wire/",),
    "core/session/": (
        "firmware/wire/",
        "core/hex/",
        "core/link/",
        "core/pack/",
        "core/records/",
    ),
    "core/cli/": ("firmware/wire/", "core/hex/", "core/link/", "core/records/", "core/session/"),
    "gui/": ("firmware/wire/", "core/hex/", "core/link/", "core/records/", "core/session/"),
}
GENERATED = ("sy-config.h", "sy-resources.h", "switchyard-resources.h")
HOST = ("core/", "gui/", "firmware/simulator/", "firmware/tools/", "tests/")


@rule("each room includes only headers of its own and of the rooms below it")
def rooms(tree):
    homes = {}
    for path in tree.below(*ROOMS, ends=(".h",)):
        homes.setdefault(path.rsplit("/", 1)[1], []).append(path.rsplit("/", 1)[0] + "/")
    for room, below in ROOMS.items():
        for path in tree.below(room):
            for number, header, angle in includes(tree, path):
                if angle or header in GENERATED:
                    continue
                places = homes.get(header.rsplit("/", 1)[-1], [])
                if "/" in header or not places:
                    yield path, number, f"{header} is no header of a room, by its plain name"
                elif not any(place == room or place in below for place in places):
                    yield path, number, f"{header} is of {' and '.join(places)}"
                elif header.endswith("-private.h") and room not in places:
                    yield path, number, f"{header} is private to {' and '.join(places)}"


@rule("wire and logic include only stdint, stddef and stdbool of the system")
def freestanding(tree):
    allowed = {"stdint.h", "stddef.h", "stdbool.h"}
    for path in tree.below("firmware/wire/", "firmware/logic/"):
        for number, header, angle in includes(tree, path):
            if angle and header not in allowed:
                yield path, number, f"<{header}>"


# Peripherals, GPIO and VIC of the LPC2114, by its memory map; and a number made a pointer.
_REGISTER = re.compile(
    r"\b0x(?:e[0-9a-f]{7}|3fff[cd][0-9a-f]{3}|fffff[0-9a-e][0-9a-f]{2})[uUlL]*\b"
    r"|\*\s*\)\s*\(?\s*0x[0-9a-f]+",
    re.IGNORECASE,
)


@rule("no register stands in the decisions")
def registers_in_logic(tree):
    return matches(tree, tree.below("firmware/logic/"), _REGISTER, "{}")


@rule("core knows no GTK")
def core_without_gtk(tree):
    for path in tree.below("core/"):
        for number, header, _ in includes(tree, path):
            if re.match(r"(gtk|gdk|gsk|adwaita|libadwaita)", header):
                yield path, number, header


_ENGINE_CALL = re.compile(
    r"\b(?:g_\w+|malloc|calloc|realloc|free|s?n?printf|fprintf|puts|time|clock_gettime|"
    r"gettimeofday|sleep|usleep|read|write|poll)\s*\("
)


def _engine(tree):
    found = tree.below("core/session/sy-")
    own = re.compile(r"/sy-(?:(?:session[\w-]*|round-trip)\.[ch]|outcome\.h)$")
    return [path for path in found if own.search(path)]


@rule("the engine does no I/O, reads no clock, allocates nothing and knows no GLib")
def engine(tree):
    system = {"stdint.h", "stddef.h", "stdbool.h"}
    for path in _engine(tree):
        for number, header, angle in includes(tree, path):
            own = re.fullmatch(r"wire-[\w-]+\.h|sy-(?:session[\w-]*|round-trip|outcome)\.h", header)
            if (angle and header not in system) or (not angle and not own):
                yield path, number, f"includes {header}"
    yield from matches(tree, _engine(tree), _ENGINE_CALL, "calls {}")


@rule("only core/link/sy-serial knows libserialport")
def serialport(tree):
    for path in tree.below("core/", "gui/", "firmware/"):
        if path.startswith("core/link/sy-serial"):
            continue
        for number, header, _ in includes(tree, path):
            if header == "libserialport.h":
                yield path, number, header
        yield from matches(tree, [path], re.compile(r"\bsp_[a-z_]+\s*\("), "calls {}")


@rule("the window leaves links to core")
def links_in_gui(tree):
    call = re.compile(r"\bsy_(?:fd_|pty_|serial_|virtual_)?link_(?:open|read|write|get_fd)\w*\s*\(")
    return matches(tree, tree.below("gui/"), call, "calls {}")


# ---- How C is written ----


@functools.cache
def find_clang_format():
    """The program of the right version; None without one."""
    for name in (f"clang-format-{CLANG_FORMAT_VERSION}", "clang-format"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
            if f"version {CLANG_FORMAT_VERSION}." in said.stdout:
                return name
    return None


@rule("C is formatted as .clang-format says")
def clang_format(tree):
    paths = tree.below("", ends=(".c", ".h"))
    if not paths:
        return
    command = [find_clang_format(), "--dry-run", "-Werror", "--ferror-limit=0", "-style=file"]
    done = subprocess.run(
        command + paths, cwd=tree.root, capture_output=True, text=True, check=False
    )
    seen = set()
    for line in done.stderr.split("\n"):
        found = re.match(r"(?:\./)?([^:]+):(\d+):\d+: (error|warning)", line)
        if found and found.groups()[:2] not in seen:
            seen.add(found.groups()[:2])
            yield found.group(1), int(found.group(2)), "clang-format would write it otherwise"
    if done.returncode != 0 and not seen:
        yield paths[0], 1, done.stderr.strip()


@rule("there is no goto")
def no_goto(tree):
    return matches(tree, tree.below(*HOST, "firmware/"), re.compile(r"\bgoto\b"), "{}")


_PRINT = re.compile(r"\b(?:g_print|g_printerr|v?printf|puts|putchar|perror)\s*\(|\bstd(?:out|err)\b")
# What prints is a program's front: its command line and what it says as it starts.
_PRINTERS = ("core/cli/", "firmware/tools/", "firmware/simulator/substation-main.c", "gui/main.c")
_PRINTERS += ("gui/sy-application.c",)


@rule("only the fronts of programs print")
def printing(tree):
    paths = [p for p in tree.below("core/", "gui/", "firmware/") if not p.startswith(_PRINTERS)]
    return matches(tree, paths, _PRINT, "{}")


@rule("each header says what it is for before it declares anything, and is read once")
def header_comment(tree):
    for path in tree.below("core/", "gui/", "firmware/", ends=(".h",)):
        text = tree.read(path).split("\n")
        if "#pragma once" not in text:
            yield path, 1, "no #pragma once"
        comment = False
        for number, line in enumerate(text[1:], 2):
            if line.lstrip().startswith("/*"):
                comment = True
                break
            if line.strip() and not line.startswith("#") and not re.match(r"G_(BEGIN|END)_", line):
                break
        if not comment:
            yield path, number, "no comment says what it is for"


@rule("every C file is built: a meson.build names it")
def built(tree):
    named = {}
    for path in tree.below("", ends=("meson.build",)):
        folder = path[: -len("meson.build")]
        for name in re.findall(r"'([^'\n]+\.(?:c|S))'", tree.read(path)):
            named[posixpath.normpath(folder + name)] = True
    for path in tree.below("core/", "gui/", "firmware/", ends=(".c", ".S")):
        if path not in named:
            yield path, 1, "no meson.build names it"


# ---- The flash map ----

# Begin, end and length of LOW, HIGH and the record sector, in hex and decimal.
_MAP = r"0x0*(?:1c000|1bfff|1dfff|e000|c000|1c00)|0x0*20000|114688|57344|49152|131072"
# These are many other things too, so the line must speak of flash.
_ALSO = r"0x0*(?:2000|10000|1ffff|ffff)"
_MAP_NUMBER = re.compile(rf"\b(?:{_MAP})[uUlL]*\b", re.IGNORECASE)
_ALSO_NUMBER = re.compile(
    rf"(?=.*(?:bank|low\b|high\b|addr|flash|sector|origin|base)).*\b(?:{_ALSO})[uUlL]*\b", re.IGNORECASE
)


@rule("addresses of the flash map stand in firmware/wire only")
def flash_map(tree):
    rest = [
        path
        for path in tree.below("core/", "gui/", "firmware/")
        # Instruction decoding is full of such numbers, none of them an address.
        if not path.startswith(("firmware/wire/", "firmware/simulator/cpu"))
    ]
    yield from matches(tree, rest, _MAP_NUMBER, "{}")
    yield from matches(tree, rest, _ALSO_NUMBER, "{}")


# ---- Releases and packages ----

_METAINFO = "data/dev.switchyard.Workstation.metainfo.xml.in"
_VERSIONS = {
    "meson.build": r"^\s*version: '([^']+)'",
    "NEWS": r"^Version (\S+)$",
    _METAINFO: r'<release [^>]*version="([^"]+)"',
    "debian/changelog": r"^switchyard \(([^)]+)\)",
}
_DATES = {"NEWS": r"^Released: (\S+)$", _METAINFO: r'<release [^>]*date="([^"]+)"'}


def _disagreements(tree, patterns):
    """Where the first match is another one than in the first file."""
    wanted = None
    for path, pattern in patterns.items():
        lines = tree.lines(path) if path in tree.paths else []
        found = ((number, match.group(1)) for number, line in lines if (match := re.search(pattern, line)))
        number, text = next(found, (1, "nothing"))
        wanted = wanted or text
        if text != wanted or text == "nothing":
            yield path, number, f"{text}, not {wanted}"


@rule("version and date of the newest release are the same wherever they stand")
def release(tree):
    if "meson.build" in tree.paths and "\nproject(" in tree.read("meson.build"):
        yield from _disagreements(tree, _VERSIONS)
        yield from _disagreements(tree, _DATES)


# Of .ci/packages-run, what build-essential, meson, GTK and fontconfig bring along.
_BROUGHT = {"gcc", "libc6-dev", "ninja-build", "adwaita-icon-theme", "fonts-dejavu-core"}


def _control_packages(text, *names):
    """{package: line} of these fields of debian/control."""
    found, inside = {}, False
    for number, line in enumerate(text.split("\n"), 1):
        if head := re.match(r"([\w-]+):", line):
            inside = head.group(1) in names
        if inside:
            words = re.sub(r"^[\w-]+:", "", line).split(",")
            packages = (re.match(r"\s*([a-z0-9][a-z0-9.+-]+)", word) for word in words)
            found.update({package.group(1): number for package in packages if package})
    return found


@rule("debian/control wants to build and run what .ci/packages-run has, no more and no less")
def packages(tree):
    control, run = "debian/control", ".ci/packages-run"
    if control not in tree.paths or run not in tree.paths:
        return
    text = tree.read(control)
    listed = {line: number for number, line in tree.lines(run) if line and not line.startswith("#")}
    build = _control_packages(text, "Build-Depends")
    known = {*build, *_control_packages(text, "Depends", "Recommends"), *_BROUGHT}
    for package, number in build.items():
        if package not in listed and package != "debhelper-compat":
            yield control, number, f"{package} is not in {run}"
    for package, number in listed.items():
        if package not in known:
            yield run, number, f"{package} is not in {control}"
