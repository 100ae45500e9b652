/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The header every program image carries behind its vectors, and the bank record in sector 14:
 * what lies in flash and therefore must never change its meaning. PROTOCOL.md §6 and §7.
 *
 * On the chip the pointers to images and blocks must be word aligned, as flash and IAP's buffers
 * are; on the host they may lie anywhere. */

#pragma once

#include "wire-crc.h"
#include "wire-flash-map.h"

/* Image header: 64 bytes at offset 0x40 of the image, behind eight vectors and their literals. It
 * lies in the block that an upgrade programs last, so a header that can be read is the seal. */
enum {
  WIRE_IMAGE_MAGIC = 0x48595753, /* "SWYH" */
  WIRE_IMAGE_FORMAT = 1,
  WIRE_IMAGE_HEADER_OFFSET = 0x40,
  WIRE_IMAGE_HEADER_SIZE = 64,
  WIRE_IMAGE_CRC_OFFSET = 0x7c, /* of the image, not of the header */
  WIRE_IMAGE_LENGTH_MIN = 0x80,
  WIRE_IMAGE_NAME_SIZE = 28,
};

/* The product this project's firmware says it is: "DSS1", dual-bank substation 1. */
enum { WIRE_PRODUCT_DEMO = 0x31535344 };

typedef struct {
  uint32_t product;
  uint32_t version;                    /* see WIRE_VERSION */
  uint32_t length;                     /* bytes from the bank's first address */
  uint32_t bank_addr;                  /* where it is linked */
  uint32_t crc;                        /* see wire_image_crc */
  char name[WIRE_IMAGE_NAME_SIZE + 1]; /* printable ASCII, for people; NUL terminated here */
} WireImageHeader;

/* Versions travel as one word that compares like the version: major 8 bits, minor 8, patch 16. */
#define WIRE_VERSION(major, minor, patch)                                                          \
  ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16 | (uint32_t)(patch))

/* Reads the header out of the first WIRE_IMAGE_LENGTH_MIN bytes of an image; false when magic or
 * format is another. Nothing else is judged. */
bool wire_image_header_parse(const uint8_t *image, WireImageHeader *header);

/* Whether a header is one for this bank: linked there, long enough to hold itself, not too long. */
bool wire_image_header_fits(const WireImageHeader *header, WireBank bank);

/* Whether there is a header for this bank at `image`: magic, format, and it fits. */
bool wire_image_is_sealed(const uint8_t *image, WireBank bank);

/* Fields of a header, where it lies. */
uint32_t wire_image_get_product(const uint8_t *image);
uint32_t wire_image_get_version(const uint8_t *image);
uint32_t wire_image_get_length(const uint8_t *image);
uint32_t wire_image_get_crc(const uint8_t *image);

/* Parses, and asks that it fits LOW or HIGH. The image's CRC is not checked. */
bool wire_image_header_read(const uint8_t *image, WireImageHeader *header);

/* Writes the 64 bytes at offset 0x40. */
void wire_image_header_write(const WireImageHeader *header, uint8_t *image);

/* CRC-32 of [0, 0x7c) and [0x80, length): everything but the CRC's own word. The first block,
 * `head`, may lie elsewhere than in the image. */
uint32_t wire_image_crc(const uint8_t *head, const uint8_t *image, uint32_t length);

/* The word for 0x14 that makes the eight words at `vectors` sum to zero. */
uint32_t wire_vector_sum(const uint8_t *vectors);

/* Bank record: one 512-byte block of sector 14, programmed once. Only its first 32 bytes are used,
 * the rest is 0xFF. */
enum {
  WIRE_RECORD_MAGIC = 0x52595753, /* "SWYR" */
  WIRE_RECORD_LENGTH = 32,
};

typedef enum {
  WIRE_RECORD_CONFIRMED = 1, /* the program in the named bank runs and has proved itself */
  WIRE_RECORD_TRIAL = 2,     /* it runs on trial; `starts` of its starts are used up */
  WIRE_RECORD_RETURNED = 3,  /* it runs again: the one in the other bank was left, see `cause` */
  WIRE_RECORD_FIRST = 4,     /* it is not proven, and there was no program to go back to */
} WireRecordState;

typedef struct {
  WireBank bank;
  uint32_t sequence; /* newest wins; starts at 1 */
  uint32_t state;    /* WireRecordState */
  uint32_t version;  /* of the program in the bank */
  uint32_t crc;      /* of that program's image */
  uint8_t starts;    /* TRIAL: starts begun so far */
  uint8_t cause; /* WireTrialCause: RETURNED, why; TRIAL, why an earlier start ended, if known */
  uint16_t incoming; /* settled: mark of the image that the erased idle bank takes; 0: none */
} WireRecord;

/* Whether a block holds a record: token, magic, CRC, and a state that this version knows: on any
 * other it must not act. */
WIRE_SHARED bool wire_record_is_valid(const uint8_t *block);

/* Fields of a valid record, where it lies. */
WireBank wire_record_get_bank(const uint8_t *block);
uint32_t wire_record_get_sequence(const uint8_t *block);
WireRecordState wire_record_get_state(const uint8_t *block);
uint32_t wire_record_get_image_crc(const uint8_t *block);
uint8_t wire_record_get_starts(const uint8_t *block);
uint16_t wire_record_get_incoming(const uint8_t *block);

/* The mark of an image: its CRC folded to 16 bits, never 0. */
static inline uint16_t wire_record_mark(uint32_t image_crc)
{
  return (uint16_t)((image_crc ^ image_crc >> 16) | 1);
}

/* Reads a record; false when it is not valid. */
bool wire_record_read(const uint8_t *block, WireRecord *record);

/* Fills a whole block of WIRE_BLOCK_SIZE bytes. */
void wire_record_write(const WireRecord *record, uint8_t *block);
