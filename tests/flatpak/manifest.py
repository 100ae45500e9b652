# SPDX-License-Identifier: GPL-3.0-or-later

"""The Flatpak's manifest: reading it, and the copy that builds where nothing can be downloaded."""

import copy
import json
import pathlib

import yaml

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
APP_ID = "dev.switchyard.Workstation"
SHIPPED = TOP / "flatpak" / f"{APP_ID}.yml"
# Debian's own copy stands for the one module whose source is on the network.
DOWNLOADED = "libserialport"


def read(path=SHIPPED):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def find_module(manifest, name):
    (module,) = [module for module in manifest["modules"] if module["name"] == name]
    return module


def without_downloads(manifest, library_folder):
    """A copy whose downloaded module copies `library_folder`, made like /app, instead. Paths of
    sources become absolute, as the copy lies elsewhere."""
    swapped = copy.deepcopy(manifest)
    module = find_module(swapped, DOWNLOADED)
    module.clear()
    module.update(
        name=DOWNLOADED,
        buildsystem="simple",
        **{"build-commands": ["cp -a . /app"]},
        sources=[{"type": "dir", "path": str(library_folder)}],
    )
    for module in swapped["modules"]:
        for source in module["sources"]:
            if source["type"] == "dir":
                source["path"] = str((SHIPPED.parent / source["path"]).resolve())
    return swapped


def write(manifest, path):
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
