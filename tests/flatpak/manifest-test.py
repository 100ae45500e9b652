#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Flatpak's manifest asks for what Switchyard needs and for nothing else, and says exactly what is
downloaded. Each rule is shown to fire, too."""

import copy
import pathlib
import re
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import tap  # noqa: E402

try:
    import manifest  # noqa: E402
except ImportError as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

PERMISSIONS = [
    "--share=ipc",  # X11's shared memory
    "--socket=wayland",
    "--socket=fallback-x11",
    "--device=all",  # serial ports
    "--share=network",  # serial servers
]
KEYS = {"id", "runtime", "runtime-version", "sdk", "command", "finish-args", "separate-locales",
        "appstream-compose", "cleanup", "modules"}
SHA256 = re.compile(r"[0-9a-f]{64}")
CHECKED_OUT = ("git", "bzr", "svn")


def check_head(it):
    wanted = {"id": manifest.APP_ID, "runtime": "org.gnome.Platform", "sdk": "org.gnome.Sdk",
              "command": "switchyard", "separate-locales": False}
    for key, value in wanted.items():
        if it.get(key) != value:
            yield f"{key} is {it.get(key)!r}, not {value!r}"
    for key in sorted(set(it) - KEYS):
        yield f"nobody knows why there is a {key}"
    if not isinstance(it.get("runtime-version"), str):
        yield "runtime-version is no text: 3.10 would become 3.1"


def check_permissions(it):
    asked = it.get("finish-args", [])
    for permission in sorted(set(asked) - set(PERMISSIONS)):
        yield f"it asks for {permission}"
    for permission in sorted(set(PERMISSIONS) - set(asked)):
        yield f"{permission} is missing"
    if len(asked) != len(set(asked)):
        yield "a permission is there twice"


def check_source(name, source):
    kind = source.get("type")
    if kind in CHECKED_OUT:
        yield f"{name}: a {kind} checkout has no hash"
    elif kind == "dir":
        if (manifest.SHIPPED.parent / source["path"]).resolve() != manifest.TOP:
            yield f"{name}: {source['path']} is not this project"
    elif "url" in source:
        if urllib.parse.urlsplit(source["url"]).scheme != "https":
            yield f"{name}: {source['url']} is not https"
        if not SHA256.fullmatch(str(source.get("sha256", ""))):
            yield f"{name}: {source['url']} has no sha256"
    else:
        yield f"{name}: a source of type {kind} from nowhere"


def check_modules(it):
    names = [module.get("name") for module in it.get("modules", [])]
    if names != [manifest.DOWNLOADED, "switchyard"]:
        yield f"the modules are {names}"
    for module in it.get("modules", []):
        if "build-args" in str(module.get("build-options", {})):
            yield f"{module['name']}: it may leave the sandbox while it is built"
        if not module.get("sources"):
            yield f"{module['name']}: there is nothing to build"
        for source in module.get("sources", []):
            yield from check_source(module["name"], source)


def find_faults(it):
    return [*check_head(it), *check_permissions(it), *check_modules(it)]


def test_the_shipped_manifest_is_right(case):
    case.equal(find_faults(manifest.read()), [], "faults")


def test_each_rule_fires(case):
    library, ours = 0, 1
    for change, part in [
        (lambda it: it.update(runtime="org.kde.Platform"), "runtime is"),
        (lambda it: it.update({"runtime-version": 50}), "no text"),
        (lambda it: it.update({"separate-locales": True}), "separate-locales"),
        (lambda it: it.update({"sdk-extensions": []}), "nobody knows"),
        (lambda it: it["finish-args"].append("--filesystem=home"), "--filesystem=home"),
        (lambda it: it["finish-args"].remove("--device=all"), "--device=all is missing"),
        (lambda it: it["finish-args"].append("--share=ipc"), "twice"),
        (lambda it: it["modules"][library]["sources"][0].update(url="http://x.org/a"), "not https"),
        (lambda it: it["modules"][library]["sources"][0].update(sha256="5deb"), "no sha256"),
        (lambda it: it["modules"][library]["sources"][0].pop("sha256"), "no sha256"),
        (lambda it: it["modules"][library]["sources"][0].update(type="git"), "checkout"),
        (lambda it: it["modules"][library]["sources"].clear(), "nothing to build"),
        (lambda it: it["modules"][library].update(
            {"build-options": {"build-args": ["--share=network"]}}), "leave the sandbox"),
        (lambda it: it["modules"].insert(0, {"name": "more", "sources": [{"type": "x"}]}), "modules are"),
        (lambda it: it["modules"][ours]["sources"][0].update(path="/etc"), "not this project"),
    ]:
        changed = copy.deepcopy(manifest.read())
        change(changed)
        case.contains("; ".join(find_faults(changed)), part, "faults")


def test_what_a_build_leaves_in_the_tree_is_not_copied(case):
    """A folder of a build is larger than the rest, and may hold another build's objects."""
    source = manifest.find_module(manifest.read(), "switchyard")["sources"][0]
    for folder in (".git", "build", "build-tests", "build-sanitized", "build-flatpak"):
        case.check(folder in source["skip"], f"{folder} would be copied")


def test_the_readme_names_the_runtime_that_it_wants(case):
    text = (manifest.TOP / "README.md").read_text(encoding="utf-8")
    branch = manifest.read()["runtime-version"]
    for part in (f"`org.gnome.Platform` {branch}:", f"org.gnome.Platform-{branch}-"):
        case.check(part in text, f"README.md has no {part!r}")


def test_only_the_download_is_swapped_where_there_is_no_network(case):
    shipped = manifest.read()
    swapped = manifest.without_downloads(shipped, pathlib.Path("/somewhere"))
    module = manifest.find_module(swapped, manifest.DOWNLOADED)
    case.equal(module["sources"], [{"type": "dir", "path": "/somewhere"}], "where it comes from")
    source = manifest.find_module(swapped, "switchyard")["sources"][0]
    case.equal(source["path"], str(manifest.TOP), "where we come from")
    source["path"] = ".."
    swapped["modules"][0] = shipped["modules"][0]
    case.equal(swapped, shipped, "all the rest")


if __name__ == "__main__":
    tap.main(globals(), jobs=1)
