# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of this machine to install into: an overlay over its root, gone with the mount namespace.

What is written lies in a layer of its own, so what an installation leaves behind is found by looking
through that layer. To be used by root, in a mount namespace that nobody else sees.
"""

import os
import pathlib
import stat
import subprocess

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/tmp",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "AUTOPKGTEST_TMP": "/tmp",
}
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}

# What the package manager writes down, and what it makes anew of all that is installed.
NOTES = (
    "etc/ld.so.cache",
    "var/cache/apt",
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/cache/man",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/log",
)
MADE_ANEW = (
    "usr/share/applications/mimeinfo.cache",
    "usr/share/glib-2.0/schemas/gschemas.compiled",
    "usr/share/icons/hicolor/icon-theme.cache",
    "usr/share/mime",
)


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def _is_in(path, places):
    return any(path == place or path.startswith(place + "/") for place in places)


class Apart:
    """The machine as it was, and a layer over it; `room` is a folder of a tmpfs."""

    def __init__(self, room):
        self.room = pathlib.Path(room)
        self.root = self.room / "root"
        self.layers = []
        self.root.mkdir()

    def open(self):
        """Begins a layer over all before it."""
        if self.layers:
            subprocess.run(["umount", "--recursive", "--lazy", self.root], check=True)
        layer, work = (self.room / f"{kind}{len(self.layers)}" for kind in ("layer", "work"))
        layer.mkdir()
        work.mkdir()
        below = ":".join(map(str, [*reversed(self.layers), "/"]))
        where = f"lowerdir={below},upperdir={layer},workdir={work}"
        mount("-t", "overlay", "-o", where, "overlay", self.root)
        self.layers.append(layer)
        for folder in ("tmp", "run"):
            mount("-t", "tmpfs", "none", self.root / folder)
        mount("-t", "proc", "none", self.root / "proc")
        mount("--rbind", "-o", "ro", "/sys", self.root / "sys")
        self._make_devices()
        (self.root / "tmp").chmod(0o1777)

    def _make_devices(self):
        devices = self.root / "dev"
        mount("-t", "tmpfs", "-o", "mode=755", "none", devices)
        for name, (major, minor) in DEVICES.items():
            os.mknod(devices / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
            (devices / name).chmod(0o666)
        (devices / "pts").mkdir()
        mount("-t", "devpts", "-o", "newinstance,ptmxmode=666", "none", devices / "pts")
        (devices / "ptmx").symlink_to("pts/ptmx")
        (devices / "shm").mkdir(mode=0o1777)
        (devices / "fd").symlink_to("/proc/self/fd")

    def run(self, *words, **more):
        """The command's exit status and all that it said."""
        done = subprocess.run(
            ["chroot", self.root, *map(str, words)], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False, timeout=300, **more,
        )
        return done.returncode, done.stdout

    def path(self, name):
        return self.root / str(name).lstrip("/")

    def _below(self, name):
        """What lay there before the layer; None if nothing did."""
        for layer in [*reversed(self.layers[:-1]), pathlib.Path("/")]:
            path = layer / name
            if os.path.lexists(path):
                return None if _is_whiteout(path) else path
        return None

    def changes(self, word):
        """Each path that is not as it was before the layer, and how. Of what is made anew from all that
        is installed only `word` counts, in it or in its name."""
        for folder, folders, files in os.walk(self.layers[-1]):
            for path in (pathlib.Path(folder, name) for name in [*folders, *files]):
                name = str(path.relative_to(self.layers[-1]))
                if _is_in(name, NOTES) and word not in path.name:
                    continue
                if _is_in(name, MADE_ANEW) and not _holds(path, word):
                    continue
                if how := _compare(path, self._below(name)):
                    yield f"/{name} {how}"


def _is_whiteout(path):
    status = path.lstat()
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == 0


def _holds(path, word):
    is_file = path.is_file() and not path.is_symlink()
    return word in path.name or (is_file and word.encode() in path.read_bytes())


def _compare(path, before):
    if _is_whiteout(path):
        return None if before is None else "is gone"
    if before is None:
        return "is left"
    one, other = path.lstat(), before.lstat()
    if (one.st_mode, one.st_uid, one.st_gid) != (other.st_mode, other.st_uid, other.st_gid):
        return "has another kind, mode or owner"
    if path.is_symlink():
        return None if os.readlink(path) == os.readlink(before) else "leads elsewhere"
    if path.is_file() and path.read_bytes() != before.read_bytes():
        return "has another content"
    return None
