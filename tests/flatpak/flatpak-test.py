#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Flatpak as people get it: built from the shipped manifest, made one file, installed without a
network, tried in its sandbox, removed. TAP; words choose tests, as in tap.py. Started by `check`.

On a stand-in runtime of Debian packages, as Flathub may be out of reach; installed for a person of its
own, in build-flatpak/check, so that this machine's Flatpaks are left alone.
"""

import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import manifest  # noqa: E402
import tap  # noqa: E402
from manifest import APP_ID, TOP  # noqa: E402

ROOM = TOP / "build-flatpak" / "check"
PICTURES = TOP / "build-flatpak" / "pictures"
BUILD_S, RUN_S, LIMIT_S = 1200, 240, 600
FIRMWARE = "/app/share/switchyard/firmware"
UPGRADED = "The substation runs HIGH 1.1.0."
PERMISSIONS = {
    "shared": {"network", "ipc"},
    # fallback-x11 is X11 where there is no Wayland; flatpak info names both.
    "sockets": {"x11", "wayland", "fallback-x11"},
    "devices": {"all"},
}
EXPORTS = {
    f"applications/{APP_ID}.desktop",
    f"dbus-1/services/{APP_ID}.service",
    f"icons/hicolor/scalable/apps/{APP_ID}.svg",
    f"icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg",
    f"metainfo/{APP_ID}.appdata.xml",
    f"mime/packages/{APP_ID}.xml",
}


class Person:
    """Whose laptop it is: a home, an installation of Flatpaks, nothing of the machine's own session."""

    home = ROOM / "home"
    installation = ROOM / "installation"
    data = home / ".var" / "app" / APP_ID
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "FLATPAK_USER_DIR": str(installation),
        "FLATPAK_SYSTEM_DIR": str(ROOM / "system"),
    }


def run(*command, cwd=ROOM, limit_s=RUN_S, **environment):
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=Person.environment | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s, check=False)


def succeed(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def in_sandbox(program, *arguments, options=(), **environment):
    return run("flatpak", "run", "--user", *options, f"--command={program}", APP_ID, *arguments, **environment)


def succeed_in_sandbox(case, program, *arguments, **more):
    done = in_sandbox(program, *arguments, **more)
    case.equal(done.returncode, 0, f"the exit status of {program}, which said {done.stdout[-2000:]}")
    return done.stdout


# ---- Setting up: the runtime, the library that is not downloaded, the bundle ----


def install_runtime():
    branch = manifest.read()["runtime-version"]
    cache = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")}
    repository = succeed(HERE / "stand-in-runtime", branch, limit_s=BUILD_S, **cache).splitlines()[-1]
    succeed("flatpak", "remote-add", "--user", "--no-gpg-verify", "stand-in",
            pathlib.Path(repository).as_uri())
    succeed("flatpak", "install", "--user", "--noninteractive", "stand-in",
            f"org.gnome.Platform//{branch}", f"org.gnome.Sdk//{branch}")


def stage_library(folder):
    """libserialport of this machine, laid out as its module would leave it in /app."""
    def ask(variable):
        return pathlib.Path(succeed("pkg-config", f"--variable={variable}", manifest.DOWNLOADED).strip())

    libraries, headers = ask("libdir"), ask("includedir")
    (folder / "lib" / "pkgconfig").mkdir(parents=True)
    (folder / "include").mkdir()
    for path in libraries.glob("libserialport.so*"):
        shutil.copy2(path, folder / "lib", follow_symlinks=False)
    shutil.copy2(headers / "libserialport.h", folder / "include")
    described = (libraries / "pkgconfig" / "libserialport.pc").read_text(encoding="utf-8")
    for variable, value in {"prefix": "/app", "libdir": "/app/lib", "includedir": "/app/include"}.items():
        described = re.sub(f"^{variable}=.*", f"{variable}={value}", described, flags=re.MULTILINE)
    (folder / "lib" / "pkgconfig" / "libserialport.pc").write_text(described, encoding="utf-8")


def make_bundle():
    """By the command that people use; returns the one file."""
    library = ROOM / "libserialport"
    stage_library(library)
    swapped = ROOM / f"{APP_ID}.json"
    manifest.write(manifest.without_downloads(manifest.read(), library), swapped)
    said = succeed(TOP / "flatpak" / "bundle", "--offline", "--manifest", swapped, ROOM, limit_s=BUILD_S)
    (ROOM / "bundle.log").write_text(said, encoding="utf-8")
    (file,) = ROOM.glob("switchyard-*.flatpak")
    return file


def install_offline(bundle):
    """No network at all: what the file needs and does not hold would be asked for there."""
    succeed("unshare", "--net", "flatpak", "install", "--user", "--noninteractive", bundle)


def set_up():
    for folder in (ROOM, PICTURES):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (Person.home, Person.installation, PICTURES):
        folder.mkdir(parents=True, exist_ok=True)
    install_runtime()
    install_offline(make_bundle())


# ---- What was installed ----


def test_one_file_was_all_it_took(case):
    (file,) = ROOM.glob("switchyard-*.flatpak")
    version = re.search(r"version: '(.*)'", (TOP / "meson.build").read_text(encoding="utf-8")).group(1)
    case.contains(file.name, f"switchyard-{version}-", "the file's name")
    apps = succeed("flatpak", "list", "--user", "--app", "--columns=application,version")
    case.contains(apps, APP_ID, "what is installed")


def test_it_may_do_what_it_needs_and_nothing_else(case):
    said = succeed("flatpak", "info", "--user", "--show-permissions", APP_ID)
    found = {}
    for line in said.splitlines():
        if "=" in line:
            name, values = line.split("=", 1)
            found[name] = {value for value in values.split(";") if value}
    case.equal(found, PERMISSIONS, "permissions")
    case.equal(re.findall(r"^\[(.*)\]", said, re.MULTILINE), ["Context"], "kinds of permissions")


def test_the_desktop_gets_entry_icons_types_service_and_metainfo(case):
    share = Person.installation / "exports" / "share"
    found = {str(path.relative_to(share)) for path in share.rglob("*")
             if APP_ID in path.name and not path.is_dir()}
    case.equal(found, EXPORTS, "exports")
    entry = (share / "applications" / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    case.contains(entry, "@@ %f @@", "how a file reaches the sandbox")
    case.contains(entry, "Name[de]=", "the entry's translations")


def test_software_centres_find_its_description(case):
    folder = Person.installation / "app" / APP_ID / "current" / "active" / "files" / "share" / "app-info"
    text = gzip.decompress((folder / "xmls" / f"{APP_ID}.xml.gz").read_bytes()).decode()
    case.contains(text, f"<id>{APP_ID}</id>", "the catalogue")
    case.contains(text, 'xml:lang="de"', "the catalogue's translations")
    case.check(list(folder.rglob("*.png")), "the catalogue has no icon")


def test_the_rule_for_the_host_can_be_had_as_the_program_says(case):
    said = succeed_in_sandbox(case, "cat", "/app/share/switchyard/70-switchyard.rules")
    rule = (TOP / "data" / "udev" / "70-switchyard.rules").read_text(encoding="utf-8")
    case.equal(said, rule, "the rule")


def test_the_firmware_is_that_of_every_other_package(case):
    """Its images come from firmware/images, and a test holds those against the sources."""
    said = succeed_in_sandbox(case, "sh", "-c", f"cd {FIRMWARE} && sha256sum -- *")
    found = {name: digest for digest, name in map(str.split, said.splitlines())}
    built = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
             for path in find_built("release.hex").parent.glob("*.hex")}
    case.equal(found, built, "the files")


# ---- The command line inside ----


def test_the_command_line_upgrades_a_virtual_substation(case):
    said = succeed_in_sandbox(case, "switchyard-cli", "upgrade", "--port", "virtual", f"{FIRMWARE}/release.hex")
    case.equal(said.splitlines()[-1], UPGRADED, "the last line")


def test_it_speaks_the_persons_language(case):
    for language, last in {"de": "Auf der Unterstation läuft HIGH 1.1.0.", "zh_CN": "HIGH 1.1.0"}.items():
        said = succeed_in_sandbox(case, "switchyard-cli", "upgrade", "--port", "virtual",
                                  f"{FIRMWARE}/release.hex", LANGUAGE=language)
        case.contains(said.splitlines()[-1], last, f"the last line in {language}")
        case.check("The substation" not in said, f"English in {language}: {said[-500:]}")


def find_built(path):
    """What tests/run has built: here it stands outside the sandbox."""
    built = TOP / "build-tests" / "firmware" / path
    if not built.exists():
        raise tap.Skip("tests/run has built nothing here that could stand outside")
    return built


def make_line(case):
    """The device of a substation that stands outside, made when the Flatpak was long installed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sy-flatpak-"))
    case.on_end(lambda: shutil.rmtree(folder))
    line = folder / "line"
    model = find_built("simulator/switchyard-substation")
    case.track(subprocess.Popen([model, "--pty", line, "--factory", find_built("factory.hex")],
                                stdout=subprocess.DEVNULL))
    end = time.monotonic() + 60
    while not line.exists():
        case.check(time.monotonic() < end, "the substation never opened its line")
        time.sleep(0.05)
    return os.readlink(line)


def test_a_device_outside_is_reached(case):
    said = succeed_in_sandbox(case, "switchyard-cli", "upgrade", "--port", make_line(case),
                              f"{FIRMWARE}/release.hex")
    case.equal(said.splitlines()[-1], UPGRADED, "the last line")


def test_without_the_permission_it_says_which_one(case):
    devices = [name for name in os.listdir("/sys/class/tty") if re.fullmatch(r"tty(S|USB|ACM)?\d+", name)]
    if not devices:
        raise tap.Skip("this machine has no port that could be kept away")
    device = f"/dev/{min(devices)}"
    done = in_sandbox("switchyard-cli", "identify", "--port", device, options=["--nodevice=all"])
    case.check(done.returncode != 0, f"it reached {device}: {done.stdout}")
    case.contains(done.stdout, "--device=all", "what it says")


# ---- The window ----


def run_in_session(*command, **environment):
    """Where a person's session keeps its sockets, and the document portal shows files: root has none,
    so it gets a /run of its own. No process of the session outlives it; the shell stays, as the first
    process of its kind is not sent the signal by which an X server says that it is ready."""
    prepare = 'mount -t tmpfs none /run && mkdir -p -m 700 "$XDG_RUNTIME_DIR" && "$@"; exit $?'
    apart = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return run("unshare", *apart, "sh", "-c", prepare, "sh", *command,
               XDG_RUNTIME_DIR="/run/user/0", **environment)


def use_window(case, *words):
    """Runs window-steps.py; returns its exit status and report."""
    done = run_in_session(HERE / "window-steps.py", APP_ID, *words, SWITCHYARD_TEST_OUTPUT=str(PICTURES))
    case.note(done.stdout)
    return done.returncode, done.stdout


def keep_release(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.copy(find_built("release.hex"), folder / "release-of-mine.hex")


def test_the_window_opens_a_file_of_the_persons_and_upgrades(case):
    """Through the document portal: nothing else of the person's folders is seen inside."""
    if not os.path.exists("/dev/fuse"):
        raise tap.Skip("there is no /dev/fuse, which the document portal shows files by")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sy-flatpak-"))
    case.on_end(lambda: shutil.rmtree(folder))
    file = keep_release(folder)
    case.check(in_sandbox("ls", file).returncode != 0, f"the sandbox sees {file} as it is")
    code, said = use_window(case, "@@", file, "@@")
    case.equal(code, 0, "the exit status")
    case.contains(said, "ok 5 - ctrl+q ends it", "the last step")
    case.check((PICTURES / "flatpak-window.png").exists(), "there is no picture")


def test_the_window_opens_a_file_named_on_the_command_line(case):
    code, said = use_window(case, keep_release(Person.data / "data"))
    case.equal(code, 0, "the exit status")
    case.contains(said, "ok 2 - the file is open", "the second step")


def test_a_program_that_does_not_start_is_noticed(case):
    """What would go wrong with a broken build: the steps above must not pass without a window."""
    code, said = use_window(case, "--command=true")
    case.check(code != 0, "nothing started, and nobody noticed")
    case.contains(said, "not ok 1 - it starts", "the first step")


# ---- Replaced and removed ----


def test_a_newer_file_replaces_it_and_keeps_what_the_person_has(case):
    newer, kept = ROOM / "newer", Person.data / "data" / "kept"
    shutil.copytree(TOP / "build-flatpak" / "app", newer, symlinks=True)
    (newer / "files" / "share" / "switchyard" / "news").write_text("newer\n", encoding="utf-8")
    succeed("flatpak", "build-export", ROOM / "newer-repo", newer, "stable")
    succeed("flatpak", "build-bundle", ROOM / "newer-repo", ROOM / "newer.flatpak", APP_ID, "stable")
    kept.write_text("mine\n", encoding="utf-8")
    case.check(in_sandbox("cat", "/app/share/switchyard/news").returncode != 0, "it is there already")
    install_offline(ROOM / "newer.flatpak")
    case.equal(succeed_in_sandbox(case, "cat", "/app/share/switchyard/news", kept), "newer\nmine\n", "files")


def test_removed_nothing_is_left_of_it(case):
    done = run_in_session("dbus-run-session", "--", "flatpak", "uninstall", "--user", "--noninteractive",
                          "--delete-data", APP_ID)
    case.equal(done.returncode, 0, f"the exit status of uninstalling, which said {done.stdout}")
    left = [path for folder in (Person.home / ".var", Person.installation)
            for path in folder.rglob("*") if APP_ID in str(path) and not path.is_dir()]
    case.equal([str(path.relative_to(ROOM)) for path in left], [], "what is left")
    case.check(in_sandbox("switchyard-cli", "--version").returncode != 0, "it still runs")


if __name__ == "__main__":
    if os.geteuid() != 0:
        tap.bail_out("this needs root: only root makes the stand-in runtime, and takes the network away")
    set_up()
    tap.main({name: tap.limit(LIMIT_S)(test) for name, test in globals().items()
              if name.startswith("test_")}, jobs=1, at_end=lambda: shutil.rmtree(Person.installation))
