# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that reading and showing are measured with: 64 MB without a pattern, as Intel HEX in
records of 16 bytes with CR LF, or as raw bytes."""

import hashlib
import os
import random

IMAGE_LEN = 64 << 20
PAGE_LEN = 1 << 16
RECORD_LEN = 16


def record(kind, offset, data):
    raw = bytes([len(data), offset >> 8, offset & 0xFF, kind]) + data
    return b":%s\r\n" % (raw + bytes([-sum(raw) & 0xFF])).hex().upper().encode()


def make_pages():
    chance = random.Random(1)
    for _ in range(IMAGE_LEN // PAGE_LEN):
        yield chance.randbytes(PAGE_LEN)


def settle(file):
    file.flush()
    os.fsync(file.fileno())


def write_hex(path):
    """Writes the file, a page at a time; returns the digest of its bytes."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for page, data in enumerate(make_pages()):
            digest.update(data)
            file.write(record(4, 0, page.to_bytes(2, "big")))
            for at in range(0, PAGE_LEN, RECORD_LEN):
                file.write(record(0, at, data[at : at + RECORD_LEN]))
        file.write(record(1, 0, b""))
        settle(file)
    return digest.hexdigest()


def write_raw(path):
    with open(path, "wb") as file:
        for data in make_pages():
            file.write(data)
        settle(file)
