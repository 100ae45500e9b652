/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CRC-32 by the table that wire_crc_prepare() fills: by words of input where they are aligned, 7 clocks
 * a byte, because an upgrade waits for it over whole images. In ARM state, whose barrel shifter halves
 * the work; by hand, because it lies in the jump program's 1 KB.
 *
 * uint32_t wire_crc32(uint32_t crc, const uint8_t *bytes, size_t length) */

        .syntax unified
        .cpu    arm7tdmi
        .arm

        .equ    TABLE, 0x40000240           /* WIRE_CRC_TABLE_ADDR */

crc     .req    r0
bytes   .req    r1
length  .req    r2
entry   .req    r3
table   .req    r12

        .macro  step
        and     entry, crc, #0xff
        ldr     entry, [table, entry, lsl #2]
        eor     crc, entry, crc, lsr #8
        .endm

        .section .text.wire_crc32, "ax"
        .global wire_crc32
        .type   wire_crc32, %function
wire_crc32:
        ldr     table, =TABLE
        mvn     crc, crc
next:
        tst     bytes, #3
        bne     by_byte
        subs    length, length, #4
        blo     rest
by_word:
        ldr     entry, [bytes], #4
        eor     crc, crc, entry
        step
        step
        step
        step
        subs    length, length, #4
        bhs     by_word
rest:
        add     length, length, #4
by_byte:
        subs    length, length, #1
        mvnlo   crc, crc
        bxlo    lr
        ldrb    entry, [bytes], #1
        eor     crc, crc, entry
        step
        b       next
