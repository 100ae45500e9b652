#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a catalogue of a language that nobody speaks: each message in letters that no English text
has, and some 40 % longer. What is still plain on screen was never given to gettext; what is cut
would be cut in German, too.

pseudo-language.py XGETTEXT SOURCE_DIR OUTPUT.mo
"""

import re
import struct
import subprocess
import sys

KEYWORDS = [
    '_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2', 'g_dgettext:2', 'g_dngettext:2,3',
    'g_dcgettext:2', 'g_dpgettext2:2c,3',
]
LETTERS = str.maketrans(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    'ÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž')
# What is not words: the begin of a number, conversions, markup, entities, and what C calls a newline.
KEPT = re.compile(r"(0x|%[-+ #0']*[0-9.*$]*(?:hh|h|ll|l|z|j)?[A-Za-z%]|<[^<>]+>|&[a-z]+;)")
LONGER = 0.4


def change_message(text):
    """Line ends around it stay outside, as msgfmt wants it of every translation."""
    body = text.strip('\n')
    longer_by = 2 if body else 0  # the brackets

    def change_word(match):
        nonlocal longer_by
        word = match.group()
        wanted = round(LONGER * len(word))
        dots = max(wanted - longer_by, 0)
        longer_by -= wanted - dots
        return word.translate(LETTERS) + '·' * dots

    pieces = KEPT.split(body)
    pieces[0::2] = [re.sub('[A-Za-z]+', change_word, piece) for piece in pieces[0::2]]
    return text.replace(body, '⟦' + ''.join(pieces) + '⟧') if body else text


def unquote(line):
    return line[line.index('"') + 1:line.rindex('"')].encode().decode('unicode_escape').encode(
        'latin-1').decode()


def read_template(text):
    """{(context, one, many)}; no message is none of the three."""
    for block in text.split('\n\n'):
        fields, field = {}, None
        for line in block.split('\n'):
            if re.match('msg(ctxt|id|id_plural|str)\\b', line):
                field = line.split(' ')[0].split('[')[0]
                fields[field] = fields.get(field, '') + unquote(line)
            elif line.startswith('"'):
                fields[field] += unquote(line)
        if fields.get('msgid'):
            yield fields.get('msgctxt'), fields['msgid'], fields.get('msgid_plural')


def make_catalogue(messages):
    entries = {'': 'Content-Type: text/plain; charset=UTF-8\n'
                   'Plural-Forms: nplurals=2; plural=n != 1;\n'}
    for context, one, many in messages:
        key = one if many is None else one + '\0' + many
        value = '\0'.join(change_message(text) for text in ([one] if many is None else [one, many]))
        entries[key if context is None else context + '\4' + key] = value
    return sorted((key.encode(), value.encode()) for key, value in entries.items())


def write_mo(path, entries):
    count, head = len(entries), 28
    at = head + 16 * count
    table, data = [], b''
    for column in (0, 1):
        for entry in entries:
            table.append(struct.pack('<II', len(entry[column]), at + len(data)))
            data += entry[column] + b'\0'
    with open(path, 'wb') as file:
        file.write(struct.pack('<7I', 0x950412de, 0, count, head, head + 8 * count, 0, at))
        file.write(b''.join(table) + data)


def make_template(xgettext, source_dir):
    return subprocess.run(
        [xgettext, '--from-code=UTF-8', '--files-from=po/POTFILES', '--output=-',
         *('--keyword=' + keyword for keyword in KEYWORDS)],
        cwd=source_dir, check=True, stdout=subprocess.PIPE).stdout.decode()


def main():
    xgettext, source_dir, output = sys.argv[1:]
    write_mo(output, make_catalogue(read_template(make_template(xgettext, source_dir))))


if __name__ == '__main__':
    main()
