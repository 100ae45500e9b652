#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the sources as they are now is translated in a catalogue.

complete-test.py XGETTEXT MSGMERGE MSGATTRIB SOURCE_DIR LANGUAGE.po
"""

import importlib.util
import pathlib
import re
import subprocess
import sys


def run(*command, text, folder):
    return subprocess.run(
        command, input=text, cwd=folder, check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout


def main():
    xgettext, msgmerge, msgattrib, source_dir, catalogue = sys.argv[1:]
    script = pathlib.Path(source_dir) / 'tests/gui/pseudo-language.py'
    spec = importlib.util.spec_from_file_location('pseudo_language', script)
    pseudo_language = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pseudo_language)
    template = pseudo_language.make_template(xgettext, source_dir)
    merged = run(msgmerge, '--quiet', '--no-fuzzy-matching', catalogue, '-', text=template, folder=source_dir)
    missing = run(msgattrib, '--untranslated', '--no-obsolete', '-', text=merged, folder=source_dir)
    missing += run(msgattrib, '--only-fuzzy', '--no-obsolete', '-', text=merged, folder=source_dir)
    texts = [text for text in re.findall(r'^msgid (.*(?:\n".*")*)', missing, re.M) if text != '""']
    for text in texts:
        print(f'not translated: {text}')
    return 1 if texts else 0


if __name__ == '__main__':
    sys.exit(main())
