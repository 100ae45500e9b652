# SPDX-License-Identifier: GPL-3.0-or-later

"""Intel HEX files for the tests: read, changed, written. Independent of core/hex on purpose."""

import struct
import zlib

# PROTOCOL.md, the image header.
HEADER_PRODUCT = 0x48
HEADER_LENGTH = 0x50
HEADER_CRC = 0x7C
VECTOR_SUM = 0x14
LOW, HIGH = 0x2000, 0x10000


def record(kind, address, payload):
    body = bytes([len(payload), address >> 8 & 0xFF, address & 0xFF, kind]) + payload
    return ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper()


def read(path):
    """The file's bytes as {address: byte}."""
    memory, base = {}, 0
    for line in path.read_text().split():
        raw = bytes.fromhex(line[1:])
        count, address, kind = raw[0], raw[1] << 8 | raw[2], raw[3]
        payload = raw[4 : 4 + count]
        if kind == 0:
            memory.update((base + address + i, byte) for i, byte in enumerate(payload))
        elif kind == 2:
            base = int.from_bytes(payload, "big") << 4
        elif kind == 4:
            base = int.from_bytes(payload, "big") << 16
    return memory


def write(path, memory):
    lines, upper, addresses = [], 0, sorted(memory)
    while addresses:
        start = addresses[0]
        length = 1
        while (
            length < 16
            and length < len(addresses)
            and addresses[length] == start + length
            and (start + length) >> 16 == start >> 16
        ):
            length += 1
        if start >> 16 != upper:
            upper = start >> 16
            lines.append(record(4, 0, upper.to_bytes(2, "big")))
        lines.append(record(0, start & 0xFFFF, bytes(memory[start + i] for i in range(length))))
        del addresses[:length]
    lines.append(record(1, 0, b""))
    path.write_text("\n".join(lines) + "\n")


def get_word(memory, address):
    return int.from_bytes(bytes(memory[address + i] for i in range(4)), "little")


def put_word(memory, address, value):
    memory.update((address + i, byte) for i, byte in enumerate(struct.pack("<I", value)))


def get_length(path, bank):
    """Of the image at `bank`, in bytes."""
    return get_word(read(path), bank + HEADER_LENGTH)


def seal(memory, bank):
    """Makes the CRC in the header of the image at `bank` right again."""
    length = get_word(memory, bank + HEADER_LENGTH)
    image = bytes(memory[bank + i] for i in range(length))
    crc = zlib.crc32(image[HEADER_CRC + 4 :], zlib.crc32(image[:HEADER_CRC]))
    put_word(memory, bank + HEADER_CRC, crc)


def write_other_product(source, path, product):
    """A sound release, made for another product than the one in `source`."""
    memory = read(source)
    for bank in (LOW, HIGH):
        put_word(memory, bank + HEADER_PRODUCT, product)
        seal(memory, bank)
    write(path, memory)


def write_wrong_crc(source, path):
    """Every HEX line is right, but a byte in each program is not the one its CRC was made of."""
    memory = read(source)
    for bank in (LOW, HIGH):
        memory[bank + 0x400] ^= 0x01
    write(path, memory)


def damage_line(source, path, number):
    """One digit of line `number` (from 1) is another, so that line's checksum is wrong."""
    lines = source.read_text().splitlines()
    line = lines[number - 1]
    lines[number - 1] = line[:10] + ("1" if line[10] != "1" else "2") + line[11:]
    path.write_text("\n".join(lines) + "\n")


def write_misbehaving_factory(path):
    """Firmware that the chip starts and that at once reads where nothing is."""
    memory = {}
    words = [
        0xE59F0018,  # ldr r0, [pc, #0x18]: the word at 0x20
        0xE5901000,  # ldr r1, [r0]
        0xEAFFFFFE,  # b .
        0xEAFFFFFE,
        0xEAFFFFFE,
        0,
        0xEAFFFFFE,
        0xEAFFFFFE,
        0x30000000,
    ]
    words[VECTOR_SUM // 4] = -sum(words[:8]) & 0xFFFFFFFF
    for i, word in enumerate(words):
        put_word(memory, i * 4, word)
    write(path, memory)
