#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the command line does with files alone: inspect, compare and convert.

Takes the same environment variables as cli-test.py.
"""

import hashlib
import os
import signal
import zlib

import hextool
import station
import tap
from station import (
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    FIRMWARE,
    OLD_RELEASE,
    RELEASE,
    Client,
    cli,
)

LOW, HIGH = hextool.LOW, hextool.HIGH
END = 1 << 32
LOW_HALF, HIGH_HALF = FIRMWARE / "program-low.hex", FIRMWARE / "program-high.hex"


def put(home, name, *pieces, start=None):
    """A hex file with (address, bytes)."""
    memory = {}
    for address, payload in pieces:
        memory.update((address + i, byte) for i, byte in enumerate(payload))
    path = home / name
    hextool.write(path, memory)
    if start is not None:
        lines = path.read_text().splitlines()
        lines.insert(-1, hextool.record(5, 0, start.to_bytes(4, "big")))
        path.write_text("\n".join(lines) + "\n")
    return path


def memory_of(*pieces):
    return {address + i: byte for address, payload in pieces for i, byte in enumerate(payload)}


def of_kind(events, kind):
    return [event for event in events if event["event"] == kind]


def bank_of(memory, bank):
    """The bytes of one bank, and what is there of it."""
    end = {LOW: 0x10000, HIGH: 0x1C000}[bank]
    return {address: byte for address, byte in memory.items() if bank <= address < end}


def sum_of(payload):
    return f"0x{zlib.crc32(payload):08x}", hashlib.sha256(payload).hexdigest()


# ---- inspect ----


def test_inspect_tells_the_file_its_segments_and_where_they_lie(case):
    events = cli(case, "inspect", RELEASE, "--json").exited(EXIT_DONE).events()
    (file,) = of_kind(events, "file")
    memory = hextool.read(RELEASE)
    case.equal((file["path"], file["format"]), (str(RELEASE), "hex"), "the file")
    case.equal(file["bytes"], len(memory), "its bytes")
    low, high = of_kind(events, "segment")
    case.equal((low["address"], low["parts"]), ("0x00002000", ["LOW"]), "the first segment")
    case.equal((high["address"], high["parts"]), ("0x00010000", ["HIGH"]), "the second segment")
    last = LOW + low["bytes"] - 1
    case.equal((low["first_sector"], low["last_sector"]), (1, last >> 13), "LOW's sectors")
    out = cli(case, "inspect", RELEASE).exited(EXIT_DONE).out
    case.contains(out, f"00002000 – {last:08x}", "the text")
    case.contains(out, f"{HIGH - LOW - low['bytes']} bytes", "the gap in the text")


def test_inspect_knows_each_part_of_the_chip(case):
    home = station.folder(case)
    file = put(home, "all.hex", (0, bytes(0x20000)), (0x40000000, b"r"), (0x80000000, b"x"))
    flash, ram, other = of_kind(cli(case, "inspect", file, "--json").events(), "segment")
    case.equal(flash["parts"], ["loader", "LOW", "HIGH", "records", "boot block"], "the flash")
    case.equal((flash["first_sector"], flash["last_sector"]), (0, 15), "the sectors")
    case.equal((ram["parts"], "first_sector" in ram), (["RAM"], False), "the RAM")
    case.equal(other["parts"], [], "what is no part of the chip")


def test_inspect_tells_the_start_address(case):
    file = put(station.folder(case), "start.hex", (0x10, b"a"), start=0x12345678)
    (told,) = of_kind(cli(case, "inspect", file, "--json").events(), "file")
    case.equal(told["start"], "0x12345678", "the start address")
    case.contains(cli(case, "inspect", file).out, "starts at 12345678", "the text")


def test_inspect_decodes_the_eight_vectors_of_each_program(case):
    events = cli(case, "inspect", RELEASE, "--json").exited(EXIT_DONE).events()
    memory = hextool.read(RELEASE)
    names = ["reset", "undefined", "swi", "prefetch-abort", "data-abort", "sum", "irq", "fiq"]
    for bank, base in (("LOW", LOW), ("HIGH", HIGH)):
        vectors = [event for event in of_kind(events, "vector") if event["bank"] == bank]
        case.equal([vector["vector"] for vector in vectors], names, f"{bank}'s vectors")
        addresses = [f"0x{base + 4 * i:08x}" for i in range(8)]
        case.equal([vector["address"] for vector in vectors], addresses, "their addresses")
        literal = f"0x{hextool.get_word(memory, base + 0x20):08x}"
        case.equal((vectors[0]["kind"], vectors[0]["target"]), ("literal", literal), "reset")
        case.equal(vectors[5]["kind"], "other", "the sum")
    factory = cli(case, "inspect", FIRMWARE / "factory.hex", "--json").exited(EXIT_DONE).events()
    banks = [event["bank"] for event in of_kind(factory, "vector")]
    case.equal(banks, [None] * 8 + ["LOW"] * 8, "whose vectors a factory file's are")


def test_inspect_tells_the_hashes_of_the_file_and_of_each_program(case):
    events = cli(case, "inspect", RELEASE, "--json").exited(EXIT_DONE).events()
    memory = hextool.read(RELEASE)
    wanted = {"file": RELEASE.read_bytes()}
    for name, base in (("LOW", LOW), ("HIGH", HIGH)):
        length = hextool.get_length(RELEASE, base)
        wanted[name] = bytes(memory[base + i] for i in range(length))
    hashes = {event["of"]: event for event in of_kind(events, "hash")}
    case.equal(list(hashes), list(wanted), "what has hashes")
    for name, payload in wanted.items():
        found = (hashes[name]["crc32"], hashes[name]["sha256"])
        case.equal(found, sum_of(payload), f"{name}'s hashes")
        case.equal(hashes[name]["bytes"], len(payload), f"{name}'s length")
    case.equal([event["event"] for event in events[-2:]], ["hash", "summary"], "the last events")


def test_inspect_hash_tells_the_hashes_alone(case):
    events = cli(case, "inspect", RELEASE, "--hash", "--json").exited(EXIT_DONE).events()
    case.equal([event["event"] for event in events], ["hash"] * 3, "the events")
    file = put(station.folder(case), "plain.hex", (0x10, b"a"))
    out = cli(case, "inspect", file, "--hash").exited(EXIT_DONE).out
    case.contains(out, hashlib.sha256(file.read_bytes()).hexdigest(), "the text")
    case.equal(len(out.splitlines()), 1, "its lines")


def test_a_file_without_a_program_is_inspected_and_not_sound(case):
    file = put(station.folder(case), "plain.hex", (0x80000000, b"abc"))
    run = cli(case, "inspect", file).exited(EXIT_REFUSED)
    case.contains(run.out, "80000000 – 80000002", "the segment")
    case.contains(run.out, "must not be used", "the verdict")


def test_many_segments_are_cut_short_for_people_but_not_in_json(case):
    file = put(station.folder(case), "many.hex", *((i * 16, b"x") for i in range(150)))
    case.contains(cli(case, "inspect", file).out, "and 50 more", "the text")
    events = cli(case, "inspect", file, "--json").events()
    case.equal(len(of_kind(events, "segment")), 150, "segments in JSON")


# ---- inspect --bytes and --find ----


def test_bytes_are_shown_in_rows_with_gaps_as_gaps(case):
    file = put(station.folder(case), "gaps.hex", (0x14, b"Hi\x00\xff"), (0x1A, b"z"), (0x2000, b"end"))
    out = cli(case, "inspect", file, "--bytes", "10:0x2000").exited(EXIT_DONE).out.splitlines()
    cells = ["  "] * 4 + ["48", "69", "00", "ff", "  ", "  ", "7a"] + ["  "] * 5
    row = "00000010  " + " ".join(cells[:8]) + "  " + " ".join(cells[8:]) + "  |    Hi..  z     |"
    case.equal(out[0], row, "the first row")
    case.equal(out[1].split(), f"00000020 gap of {0x2000 - 0x20} bytes".split(), "the gap")
    case.check(out[2].startswith("00002000  65 6e 64   "), f"the last row: {out[2]}")
    case.equal(len(out), 3, "the lines")


def test_bytes_of_256_are_shown_where_no_length_is_given(case):
    out = cli(case, "inspect", RELEASE, "--bytes", "0x2000").exited(EXIT_DONE).out.splitlines()
    case.equal((len(out), out[0][:8], out[-1][:8]), (16, "00002000", "000020f0"), "the rows")


def test_bytes_in_json_are_all_bytes_and_all_gaps(case):
    pieces = ((0x14, bytes(range(256)) * 2), (END - 5, b"abcde"))
    file = put(station.folder(case), "gaps.hex", *pieces)
    run = cli(case, "inspect", file, "--bytes", f"0:{END}", "--json").exited(EXIT_DONE)
    memory, at = {}, 0
    for event in run.events():
        case.equal(int(event["address"], 16), at, "each begins where the one before ended")
        if event["event"] == "bytes":
            payload = bytes.fromhex(event["hex"])
            memory.update((at + i, byte) for i, byte in enumerate(payload))
            at += len(payload)
        else:
            at += event["bytes"]
    case.equal(at, END, "the end")
    case.equal(memory, memory_of(*pieces), "the bytes")


def test_bytes_at_the_last_address_are_shown(case):
    file = put(station.folder(case), "end.hex", (END - 1, b"z"))
    out = cli(case, "inspect", file, "--bytes", "FFFFFFFF").exited(EXIT_DONE).out
    case.check(out.startswith("fffffff0  ") and out.endswith("|               z|\n"), out)
    case.equal(len(out.splitlines()), 1, "the rows")


def test_where_no_byte_is_the_exit_status_is_1(case):
    file = put(station.folder(case), "gaps.hex", (0x14, b"a"))
    out = cli(case, "inspect", file, "--bytes", "100:32").exited(EXIT_REFUSED).out
    case.equal(out.split(), "00000100 gap of 32 bytes".split(), "the text")


def test_find_lists_every_place(case):
    file = put(station.folder(case), "find.hex", (0x10, b"aXaXa"), (END - 3, b"aXa"))
    for option, what in (("--find", "61 58"), ("--find", "6158"), ("--find-text", "aX")):
        events = cli(case, "inspect", file, option, what, "--json").exited(EXIT_DONE).events()
        places = [event["address"] for event in of_kind(events, "match")]
        case.equal(places, ["0x00000010", "0x00000012", "0xfffffffd"], f"{option} {what}")
        case.equal((events[-1]["matches"], events[-1]["listed"]), (3, 3), "the summary")
    out = cli(case, "inspect", file, "--find", "61").exited(EXIT_DONE).out
    case.contains(out, "ffffffff", "the last address")
    case.contains(out, "Found 5 times.", "the count")
    case.contains(cli(case, "inspect", file, "--find-text", "aXaXa").out, "Found once.", "one place")
    run = cli(case, "inspect", file, "--find-text", "ax").exited(EXIT_REFUSED)
    case.contains(run.out, "nowhere", "what is not there")


def test_find_lists_100_places_and_counts_all(case):
    file = put(station.folder(case), "many.hex", (0, bytes(1000)))
    out = cli(case, "inspect", file, "--find", "00").exited(EXIT_DONE).out
    case.contains(out, "Found 1000 times. The first 100 are listed.", "the text")
    case.equal(len(out.splitlines()), 101, "its lines")


# ---- compare ----


def test_alike_files_compare_as_alike(case):
    for more in ([], ["--within", "LOW"], ["--all"]):
        out = cli(case, "compare", RELEASE, RELEASE, *more).exited(EXIT_DONE).out
        case.contains(out, "Alike", "the text")
    last = cli(case, "compare", RELEASE, RELEASE, "--json").exited(EXIT_DONE).last()
    case.equal((last["event"], last["alike"], last["differences"]), ("summary", True, 0), "summary")
    case.equal(last["same_bytes"], len(hextool.read(RELEASE)), "what is alike")


def test_differences_are_listed_with_the_bytes_of_both(case):
    home = station.folder(case)
    a = put(home, "a.hex", (0x10, b"abcdefghijkl"), (0x100, b"only"))
    b = put(home, "b.hex", (0x10, b"aXXdefghijkl"), (END - 10, b"0123456789"))
    run = cli(case, "compare", a, b, "--json").exited(EXIT_REFUSED)
    found = [
        (event["address"], event["bytes"], event["kind"], event["a"], event["b"])
        for event in of_kind(run.events(), "difference")
    ]
    wanted = [
        ("0x00000011", 2, "changed", b"bc".hex(), b"XX".hex()),
        ("0x00000100", 4, "only-a", b"only".hex(), None),
        ("0xfffffff6", 10, "only-b", None, b"01234567".hex()),
    ]
    case.equal(found, wanted, "the differences")
    last = run.last()
    counts = [last[key] for key in ("changed_bytes", "only_a_bytes", "only_b_bytes", "same_bytes")]
    case.equal((last["alike"], counts), (False, [2, 4, 10, 10]), "the summary")
    out = cli(case, "compare", a, b).exited(EXIT_REFUSED).out
    case.contains(out, "62 63", "A's bytes")
    case.contains(out, "30 31 32 33 34 35 36 37 …", "the first of B's bytes")
    case.contains(out, "3 differences: 2 bytes changed, 4 only in A, 10 only in B; 10 are", "the text")


def test_nothing_is_compared_outside_of_within(case):
    home = station.folder(case)
    a = put(home, "a.hex", (LOW, b"abcd"), (HIGH, b"abcd"))
    b = put(home, "b.hex", (LOW, b"abcd"), (HIGH, b"abcX"))
    cli(case, "compare", a, b).exited(EXIT_REFUSED)
    for within, code in (
        ("LOW", EXIT_DONE),
        ("low", EXIT_DONE),
        ("HIGH", EXIT_REFUSED),
        ("10000:3", EXIT_DONE),
        ("10000:4", EXIT_REFUSED),
        ("0x10003:0x1", EXIT_REFUSED),
        (f"0:{END}", EXIT_REFUSED),
    ):
        cli(case, "compare", a, b, "--within", within).exited(code)


def test_100_differences_are_listed_unless_all_are_asked_for(case):
    home = station.folder(case)
    a = put(home, "a.hex", (0, bytes(300)))
    b = put(home, "b.hex", (0, bytes([0, 1] * 150)))
    out = cli(case, "compare", a, b).exited(EXIT_REFUSED).out
    case.equal(len(out.splitlines()), 102, "the lines")
    case.contains(out, "and 50 more", "the text")
    out = cli(case, "compare", a, b, "--all").exited(EXIT_REFUSED).out
    case.equal(len(out.splitlines()), 151, "the lines of all")
    events = cli(case, "compare", a, b, "--json", "-a").exited(EXIT_REFUSED).events()
    case.equal(len(of_kind(events, "difference")), 150, "all in JSON")


def test_a_damaged_file_is_never_found_alike(case):
    damaged = station.folder(case) / "damaged.hex"
    hextool.damage_line(RELEASE, damaged, 7)
    for pair in ((damaged, RELEASE), (RELEASE, damaged), (damaged, damaged)):
        run = cli(case, "compare", *pair).exited(EXIT_REFUSED)
        case.contains(run.err, "line 7", "stderr")
    run = cli(case, "compare", RELEASE, damaged.parent / "absent.hex").exited(EXIT_REFUSED)
    case.contains(run.err, "absent.hex", "stderr")


# ---- convert ----


def test_both_halves_merged_are_the_release(case):
    out = station.folder(case) / "merged.hex"
    run = cli(case, "convert", LOW_HALF, HIGH_HALF, "--output", out).exited(EXIT_DONE)
    case.equal(run.err, "", "warnings")
    case.equal(hextool.read(out), hextool.read(RELEASE), "the bytes")
    case.contains(run.out, f"bytes were written to {out} as Intel HEX.", "the text")
    cli(case, "inspect", out).exited(EXIT_DONE)


def test_halves_of_two_versions_are_merged_with_a_warning(case):
    home = station.folder(case)
    old = home / "old-low.hex"
    cli(case, "convert", OLD_RELEASE, "--only", "LOW", "-o", old).exited(EXIT_DONE)
    run = cli(case, "convert", old, HIGH_HALF, "-o", home / "mixed.hex").exited(EXIT_DONE)
    case.contains(run.err, "LOW half is version 1.0.0, the HIGH half 1.1.0", "stderr")
    events = cli(case, "convert", old, HIGH_HALF, "-o", home / "m.hex", "--json").events()
    case.equal([event["event"] for event in events], ["warning", "result"], "the events")


def test_files_that_disagree_are_not_merged(case):
    home = station.folder(case)
    a, b = put(home, "a.hex", (0x10, b"abc")), put(home, "b.hex", (0x11, b"bX"))
    run = cli(case, "convert", a, b, "-o", home / "out.hex").exited(EXIT_REFUSED)
    case.contains(run.err, "0x00000012", "stderr")
    case.check(not (home / "out.hex").exists(), "it was written")


def test_only_a_part_is_saved(case):
    home = station.folder(case)
    memory = hextool.read(RELEASE)
    for only, wanted in (
        ("HIGH", bank_of(memory, HIGH)),
        ("segment 1", bank_of(memory, LOW)),
        ("segment:2", bank_of(memory, HIGH)),
        ("2010:0x10", {address: memory[address] for address in range(0x2010, 0x2020)}),
    ):
        out = home / "part.hex"
        cli(case, "convert", RELEASE, "--only", only, "-o", out, "--force").exited(EXIT_DONE)
        case.equal(hextool.read(out), wanted, f"--only {only}")
    for only in ("segment 3", "80000000:16"):
        cli(case, "convert", RELEASE, "--only", only, "-o", home / "no.hex").exited(EXIT_REFUSED)
    case.check(not (home / "no.hex").exists(), "nothing was written as a file")


def test_splits_write_a_file_each(case):
    home = station.folder(case)
    memory = hextool.read(RELEASE)
    for split, names in (("banks", ("low", "high")), ("segments", ("segment-0x00002000", "segment-0x00010000"))):
        run = cli(case, "convert", RELEASE, "--split", split, "-o", home / "x.y.hex").exited(EXIT_DONE)
        case.contains(run.out, "2 files", "the text")
        for name, bank in zip(names, (LOW, HIGH)):
            file = home / f"x.y-{name}.hex"
            case.equal(hextool.read(file), bank_of(memory, bank), file.name)
    case.equal(len(list(home.iterdir())), 4, "files in all")
    run = cli(case, "convert", FIRMWARE / "factory.hex", "--split", "banks", "-o", home / "f.hex")
    case.contains(run.exited(EXIT_DONE).err, "bytes outside both banks are left out", "stderr")
    plain = put(home, "plain.hex", (0x80000000, b"a"))
    cli(case, "convert", plain, "--split", "banks", "-o", home / "p.hex").exited(EXIT_REFUSED)
    dots = home / "a.b"
    dots.mkdir()
    cli(case, "convert", RELEASE, "--split", "banks", "--to", "hex", "-o", dots / "c").exited(EXIT_DONE)
    case.equal(sorted(file.name for file in dots.iterdir()), ["c-high", "c-low"], "without a suffix")


def test_gaps_are_filled_where_asked(case):
    home = station.folder(case)
    file = put(home, "gaps.hex", (0x10, b"ab"), (0x14, b"c"))
    out = home / "out.hex"
    for more, wanted in (
        (["--fill", "5A"], (0x10, b"abZZc")),
        (["--fill", "0x5a", "--range", "12:1"], (0x10, b"abZ")),
        (["--fill", "5A", "--range", "0E:8"], (0x0E, b"ZZabZZcZ")),
    ):
        cli(case, "convert", file, "-o", out, "--force", *more).exited(EXIT_DONE)
        case.equal(hextool.read(out), {**memory_of((0x14, b"c")), **memory_of(wanted)}, str(more))
    run = cli(case, "convert", file, "-o", out, "--force", "--fill", "0", "--range", f"0:{END}")
    case.contains(run.exited(EXIT_REFUSED).err, "Fill a smaller range", "stderr")
    case.equal(hextool.read(out), memory_of((0x0E, b"ZZabZZcZ")), "the file before")


def test_raw_bytes_have_their_gaps_filled(case):
    home = station.folder(case)
    file = put(home, "gaps.hex", (0x10, b"ab"), (0x14, b"c"))
    out = home / "out.bin"
    for more, wanted in (([], b"ab\xff\xffc"), (["--fill", "2e"], b"ab..c"),
                         (["--fill", "2e", "--range", "e:2"], b"..ab..c")):
        cli(case, "convert", file, "-o", out, "--force", *more).exited(EXIT_DONE)
        case.equal(out.read_bytes(), wanted, str(more))
    far = put(home, "far.hex", (0, b"a"), (END - 1, b"b"))
    run = cli(case, "convert", far, "-o", home / "far.bin").exited(EXIT_REFUSED)
    case.contains(run.err, "256 MB", "stderr")


def test_s_records_are_written(case):
    home = station.folder(case)
    file = put(home, "a.hex", (0x10, b"abcd"), start=0x1234)
    wanted = "S00600004844521B\nS1070010616263645E\nS5030001FB\nS9031234B6\n"
    for name, more in (("a.s19", []), ("a.SREC", []), ("a.txt", ["--to", "srec"])):
        cli(case, "convert", file, "-o", home / name, *more).exited(EXIT_DONE)
        case.equal((home / name).read_text(), wanted, name)


def test_records_hold_as_many_bytes_as_asked(case):
    home = station.folder(case)
    file = put(home, "a.hex", (0, bytes(500)))
    for per_line, lines in ((1, 501), (32, 17), (250, 3)):
        out = home / "out.hex"
        cli(case, "convert", file, "-o", out, "--force", "--per-line", per_line).exited(EXIT_DONE)
        case.equal(len(out.read_text().splitlines()), lines, f"lines of {per_line}")


def test_the_result_in_json_lists_the_files_with_their_hashes(case):
    home = station.folder(case)
    run = cli(case, "convert", RELEASE, "--split", "banks", "-o", home / "x.hex", "--json")
    result = run.exited(EXIT_DONE).last()
    case.equal((result["event"], result["outcome"], result["exit"]), ("result", "done", 0), "result")
    paths = [home / "x-low.hex", home / "x-high.hex"]
    case.equal([file["path"] for file in result["files"]], [str(path) for path in paths], "paths")
    for file, path in zip(result["files"], paths):
        case.equal((file["crc32"], file["sha256"]), sum_of(path.read_bytes()), path.name)
        case.equal(file["file_bytes"], path.stat().st_size, "the file's length")
        case.equal(file["bytes"], len(hextool.read(path)), "the bytes in it")


def test_no_file_is_replaced_without_force(case):
    home = station.folder(case)
    file = put(home, "a.hex", (0x10, b"abcd"))
    before = file.read_bytes()
    other = home / "other.hex"
    other.write_text("precious\n")
    link = home / "link.hex"
    link.symlink_to("nowhere")
    for out in (file, other, link):
        run = cli(case, "convert", file, "-o", out, "--per-line", "2").exited(EXIT_REFUSED)
        case.contains(run.err, "--force", "stderr")
    # One of two is in the way: neither is written.
    (home / "x-high.hex").write_text("precious\n")
    cli(case, "convert", RELEASE, "--split", "banks", "-o", home / "x.hex").exited(EXIT_REFUSED)
    case.check(not (home / "x-low.hex").exists(), "half of a split was written")
    case.equal(file.read_bytes(), before, "the input")
    case.equal(other.read_text(), "precious\n", "the other file")
    cli(case, "convert", file, "-o", file, "--per-line", "2", "--force").exited(EXIT_DONE)
    case.equal(hextool.read(file), memory_of((0x10, b"abcd")), "the input after --force")
    case.check(file.read_bytes() != before, "it was not replaced")
    case.check(not list(home.glob(".switchyard*")), "a draft is left")


def test_damaged_files_are_not_converted(case):
    home = station.folder(case)
    damaged = home / "damaged.hex"
    hextool.damage_line(RELEASE, damaged, 7)
    run = cli(case, "convert", damaged, "-o", home / "out.hex").exited(EXIT_REFUSED)
    case.contains(run.err, "line 7", "stderr")
    run = cli(case, "convert", RELEASE, damaged, "-o", home / "out.hex").exited(EXIT_REFUSED)
    case.contains(run.err, "damaged.hex", "stderr")
    last = cli(case, "convert", home / "absent.hex", "-o", home / "out.hex", "--json").last()
    case.equal((last["event"], last["exit"]), ("error", EXIT_REFUSED), "the last event")
    case.equal([file.name for file in home.iterdir()], ["damaged.hex"], "the files")


def test_where_nothing_can_be_written_the_reason_is_said(case):
    home = station.folder(case)
    run = cli(case, "convert", RELEASE, "-o", home / "absent" / "out.hex").exited(EXIT_REFUSED)
    case.contains(run.err, "cannot be saved", "stderr")
    cli(case, "convert", RELEASE, "-o", home, "--to", "hex", "--force").exited(EXIT_REFUSED)
    fifo = home / "fifo"
    os.mkfifo(fifo)
    cli(case, "convert", RELEASE, "-o", fifo, "--to", "hex", "--force").exited(EXIT_REFUSED)
    case.equal([file.name for file in home.iterdir()], ["fifo"], "the files")


def test_an_interrupt_while_it_writes_leaves_no_draft(case):
    home = station.folder(case)
    file, out = put(home, "a.hex", (0, b"a")), home / "out" / "out.hex"
    out.parent.mkdir()
    # So much that it takes a while.
    much = ["--fill", "FF", "--range", "0:0x400000", "--per-line", "1"]
    client = Client(case, "convert", file, *much, "-o", out)
    station.wait_until(lambda: list(out.parent.iterdir()), "the draft")
    client.signal(signal.SIGINT)
    run = client.end()
    # It may have been faster than the signal; then all of it is there.
    run.exited(EXIT_REFUSED if run.err else EXIT_DONE)
    wanted = [] if run.err else ["out.hex"]
    case.equal([file.name for file in out.parent.iterdir()], wanted, "the files")


def test_an_interrupt_while_it_reads_ends_it(case):
    home = station.folder(case)
    fifo, out = home / "input", home / "out.hex"
    os.mkfifo(fifo)
    client = Client(case, "convert", fifo, "-o", out)
    with open(fifo, "w", encoding="ascii"):  # opens when the other side does
        client.signal(signal.SIGINT)
        client.end().exited(-signal.SIGINT)
    case.check(not out.exists(), "it was written")


# ---- Wrong usage ----


def test_wrong_options_end_with_2_and_write_nothing(case):
    home = station.folder(case)
    out = home / "out.hex"
    convert = ["convert", RELEASE, "-o", out]
    wrong = [
        ["compare"],
        ["compare", RELEASE],
        ["compare", RELEASE, RELEASE, RELEASE],
        ["compare", RELEASE, RELEASE, "--force"],
        ["compare", "--port", "virtual", RELEASE, RELEASE],
        *(["compare", RELEASE, RELEASE, "--within", text] for text in BAD_RANGES),
        *(["inspect", RELEASE, "--bytes", text] for text in BAD_RANGES if text not in USUAL),
        ["inspect", RELEASE, "--find", "DE A"],
        ["inspect", RELEASE, "--find", ""],
        ["inspect", RELEASE, "--find-text", ""],
        ["inspect", RELEASE, "--find-text", "x" * 257],
        ["inspect", RELEASE, "--find", "DE", "--find-text", "x"],
        ["inspect", RELEASE, "--hash", "--bytes", "2000"],
        ["inspect", RELEASE, "--format", "elf"],
        ["inspect", RELEASE, "--format", "bin"],
        ["inspect", RELEASE, "--format", "bin", "--address", "100000000"],
        ["inspect", RELEASE, "--address", "here"],
        ["convert", "-o", out],
        ["convert", RELEASE],
        ["convert", RELEASE, "-o", ""],
        ["convert", RELEASE, "-o", home / "out.txt"],
        ["convert", *[RELEASE] * 65, "-o", out],
        [*convert, "--to", "elf"],
        *([*convert, "--only", text] for text in (*BAD_RANGES, "segment 0", "segment", "segment x")),
        [*convert, "--split", "sectors"],
        *([*convert, "--fill", text] for text in ("", "100", "-1", "xx", "0x")),
        [*convert, "--range", "LOW"],
        *([*convert, "--fill", "FF", "--range", text] for text in BAD_RANGES),
        *([*convert, "--per-line", text] for text in ("-1", "251", "x", "99999999999")),
    ]
    for arguments in wrong:
        run = cli(case, *arguments).exited(EXIT_USAGE)
        case.equal(run.out, "", f"stdout of {run.arguments}")
        case.contains(run.err, "switchyard-cli", f"stderr of {run.arguments}")
    case.equal(list(home.iterdir()), [], "files")
    last = cli(case, *convert, "--to", "elf", "--json").exited(EXIT_USAGE).last()
    case.equal((last["event"], last["exit"]), ("error", EXIT_USAGE), "the event")


USUAL = ("2000",)  # an address alone, where a length is usual
BAD_RANGES = (
    *USUAL,
    "",
    ":",
    "2000:",
    ":16",
    "2000:0",
    "2000:-1",
    "2000:x",
    "2000:16:16",
    "-1:16",
    "+1:16",
    "g:16",
    "100000000:1",
    "FFFFFFFF:2",
    "0:4294967297",
    "0:0x100000001",
    "0:99999999999999999999999",
    "0x0x1:1",
    "MIDDLE",
)


if __name__ == "__main__":
    tap.main(globals(), jobs=8)
