/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Image headers and bank records, field by field. */

#include "wire-image-layout.h"

#include "wire-bytes.h"
#include "wire-crc.h"

uint32_t wire_image_get_product(const uint8_t *image)
{
  return wire_get_word(image + HEADER_PRODUCT);
}

uint32_t wire_image_get_version(const uint8_t *image)
{
  return wire_get_word(image + HEADER_VERSION);
}

uint32_t wire_image_get_length(const uint8_t *image)
{
  return wire_get_word(image + HEADER_LENGTH);
}

uint32_t wire_image_get_crc(const uint8_t *image)
{
  return wire_get_word(image + HEADER_CRC);
}

bool wire_image_is_sealed(const uint8_t *image, WireBank bank)
{
  return wire_image_has_header(image) &&
         wire_image_fits(wire_get_word(image + HEADER_BANK_ADDR),
                         wire_get_word(image + HEADER_LENGTH), bank);
}

uint32_t wire_image_crc(const uint8_t *head, const uint8_t *image, uint32_t length)
{
  uint32_t head_length = length < WIRE_BLOCK_SIZE ? length : WIRE_BLOCK_SIZE;
  uint32_t crc = wire_crc32(0, head, HEADER_CRC);

  crc = wire_crc32(crc, head + HEADER_CRC + 4, head_length - HEADER_CRC - 4);
  return wire_crc32(crc, image + head_length, length - head_length);
}

bool wire_image_header_parse(const uint8_t *image, WireImageHeader *header)
{
  if (!wire_image_has_header(image))
    return false;
  header->product = wire_get_word(image + HEADER_PRODUCT);
  header->version = wire_get_word(image + HEADER_VERSION);
  header->length = wire_get_word(image + HEADER_LENGTH);
  header->bank_addr = wire_get_word(image + HEADER_BANK_ADDR);
  header->crc = wire_get_word(image + HEADER_CRC);
  wire_copy((uint8_t *)header->name, image + HEADER_NAME, WIRE_IMAGE_NAME_SIZE);
  header->name[WIRE_IMAGE_NAME_SIZE] = 0;
  return true;
}

bool wire_image_header_fits(const WireImageHeader *header, WireBank bank)
{
  return bank != WIRE_BANK_NONE && wire_image_fits(header->bank_addr, header->length, bank);
}

bool wire_image_header_read(const uint8_t *image, WireImageHeader *header)
{
  return wire_image_header_parse(image, header) && (wire_image_header_fits(header, WIRE_BANK_LOW) ||
                                                    wire_image_header_fits(header, WIRE_BANK_HIGH));
}

void wire_image_header_write(const WireImageHeader *header, uint8_t *image)
{
  wire_put_u32(image + HEADER_MAGIC, WIRE_IMAGE_MAGIC);
  wire_put_u32(image + HEADER_FORMAT, WIRE_IMAGE_FORMAT | (uint32_t)WIRE_IMAGE_HEADER_SIZE << 16);
  wire_put_u32(image + HEADER_PRODUCT, header->product);
  wire_put_u32(image + HEADER_VERSION, header->version);
  wire_put_u32(image + HEADER_LENGTH, header->length);
  wire_put_u32(image + HEADER_BANK_ADDR, header->bank_addr);
  wire_copy(image + HEADER_NAME, (const uint8_t *)header->name, WIRE_IMAGE_NAME_SIZE);
  wire_fill(image + HEADER_RESERVED, 0, HEADER_CRC - HEADER_RESERVED);
  wire_put_u32(image + HEADER_CRC, header->crc);
}

uint32_t wire_vector_sum(const uint8_t *vectors)
{
  uint32_t sum = 0;

  for (unsigned i = 0; i < WIRE_VECTOR_COUNT; i++)
    if (i * 4 != WIRE_VECTOR_SUM_ADDR)
      sum += wire_get_word(vectors + i * 4);
  return 0 - sum;
}

WireBank wire_record_get_bank(const uint8_t *block)
{
  uint32_t token = wire_get_word(block + RECORD_TOKEN);

  if (token == WIRE_LOW_TOKEN)
    return WIRE_BANK_LOW;
  return token == WIRE_HIGH_TOKEN ? WIRE_BANK_HIGH : WIRE_BANK_NONE;
}

uint32_t wire_record_get_sequence(const uint8_t *block)
{
  return wire_get_word(block + RECORD_SEQUENCE);
}

WireRecordState wire_record_get_state(const uint8_t *block)
{
  return (WireRecordState)wire_get_word(block + RECORD_STATE);
}

uint32_t wire_record_get_image_crc(const uint8_t *block)
{
  return wire_get_word(block + RECORD_IMAGE_CRC);
}

uint8_t wire_record_get_starts(const uint8_t *block)
{
  return (uint8_t)wire_get_word(block + RECORD_TRIAL);
}

uint16_t wire_record_get_incoming(const uint8_t *block)
{
  return (uint16_t)(wire_get_word(block + RECORD_TRIAL) >> 16);
}

bool wire_record_read(const uint8_t *block, WireRecord *record)
{
  if (!wire_record_is_valid(block))
    return false;
  record->bank = wire_record_get_bank(block);
#ifdef WIRE_ON_CHIP
  wire_copy((uint8_t *)&record->sequence, block + RECORD_SEQUENCE, RECORD_CRC - RECORD_SEQUENCE);
  return true;
#endif
  record->sequence = wire_record_get_sequence(block);
  record->state = wire_record_get_state(block);
  record->version = wire_get_word(block + RECORD_VERSION);
  record->crc = wire_record_get_image_crc(block);
  record->starts = wire_record_get_starts(block);
  record->cause = (uint8_t)(wire_get_word(block + RECORD_TRIAL) >> 8);
  record->incoming = wire_record_get_incoming(block);
  return true;
}

void wire_record_write(const WireRecord *record, uint8_t *block)
{
  wire_fill(block, 0xff, WIRE_BLOCK_SIZE);
  wire_put_u32(block + RECORD_TOKEN,
               record->bank == WIRE_BANK_HIGH ? WIRE_HIGH_TOKEN : WIRE_LOW_TOKEN);
  wire_put_u32(block + RECORD_MAGIC, WIRE_RECORD_MAGIC);
#ifdef WIRE_ON_CHIP
  wire_copy(block + RECORD_SEQUENCE, (const uint8_t *)&record->sequence,
            RECORD_CRC - RECORD_SEQUENCE);
#else
  wire_put_u32(block + RECORD_SEQUENCE, record->sequence);
  wire_put_u32(block + RECORD_STATE, record->state);
  wire_put_u32(block + RECORD_VERSION, record->version);
  wire_put_u32(block + RECORD_IMAGE_CRC, record->crc);
  wire_put_u32(block + RECORD_TRIAL,
               record->starts | (uint32_t)record->cause << 8 | (uint32_t)record->incoming << 16);
#endif
  wire_put_u32(block + RECORD_CRC, wire_crc32(0, block, RECORD_CRC));
}
