#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The house rules over this tree, and over fixtures that break them.

Each folder in fixtures/ is a little tree of its own. Its file `expected` lists what the rules find in
it, all of them, as lines "path:line: rule"; nothing more and nothing less must be found. So a rule
that does not fire is noticed, and one that fires too often too.

    house-rules.py            everything, as TAP
    house-rules.py WORD…      the tests whose names contain a word
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURES = HERE / "fixtures"
sys.path.insert(0, str(HERE.parent))

import rules  # noqa: E402
import tap  # noqa: E402


def open_repository():
    """The files of the repository, those not yet added too; None where there is no git."""
    if not (ROOT / ".git").exists():
        return None
    # The files are only listed, so it is no matter whose they are.
    command = ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z"]
    done = subprocess.run(
        [*command, "--cached", "--others", "--exclude-standard"], capture_output=True, check=False
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    fixtures = str(FIXTURES.relative_to(ROOT)) + "/"
    paths = {path for path in done.stdout.decode().split("\0") if path}
    return rules.Tree(
        ROOT, [p for p in paths if not p.startswith(fixtures) and (ROOT / p).is_file()]
    )


def open_fixture(folder):
    paths = [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()]
    return rules.Tree(folder, [path for path in paths if path != "expected"])


def skip_without_clang_format(rule):
    if rule is rules.clang_format and not rules.find_clang_format():
        raise tap.Skip(f"there is no clang-format {rules.CLANG_FORMAT_VERSION}")


def read_expected(folder):
    file = folder / "expected"
    lines = file.read_text().split("\n") if file.exists() else []
    return sorted(line for line in lines if line and not line.startswith("#"))


def find_all(tree):
    found = []
    for name, rule in rules.RULES.items():
        if rule is rules.clang_format and not rules.find_clang_format():
            continue
        found += [f"{path}:{line}: {name}" for path, line, _ in rule(tree)]
    return sorted(found)


def fixture_test(folder):
    def test(case):
        if folder.name == "clang-format":
            skip_without_clang_format(rules.clang_format)
        case.equal(find_all(open_fixture(folder)), read_expected(folder), "what the rules find")

    test.__name__ = f"test_fixture_{folder.name}: " + (
        "its breaches are found, and nothing else" if read_expected(folder) else "nothing is found"
    )
    return test


def rule_test(rule):
    def test(case):
        tree = open_repository()
        if tree is None:
            raise tap.Skip("this is no git repository")
        skip_without_clang_format(rule)
        case.check(len(tree.paths) > 100, f"only {len(tree.paths)} files: that is not the tree")
        found = list(rule(tree))
        for path, line, text in found:
            case.note(f"{path}:{line}: {text}")
        case.check(not found, f"broken {len(found)} times:")

    test.__name__ = "test_" + rule.sentence
    return test


def test_every_rule_has_a_fixture_that_breaks_it(case):
    broken = set()
    for folder in FIXTURES.iterdir():
        broken.update(line.rsplit(": ", 1)[1] for line in read_expected(folder))
    case.equal(sorted(broken), sorted(rules.RULES), "rules with a fixture")


def test_a_clean_fixture_exists(case):
    case.equal(read_expected(FIXTURES / "clean"), [], "what is expected of it")
    case.check(len(open_fixture(FIXTURES / "clean").paths) >= 5, "it is too small to mean anything")


def main():
    tests = {
        "test_a": test_every_rule_has_a_fixture_that_breaks_it,
        "test_b": test_a_clean_fixture_exists,
    }
    for folder in sorted(FIXTURES.iterdir()):
        tests[f"test_fixture_{folder.name}"] = fixture_test(folder)
    for name, rule in rules.RULES.items():
        tests[f"test_rule_{name}"] = rule_test(rule)
    tap.main(tests, jobs=2)


if __name__ == "__main__":
    main()
