/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Payload layouts, field by field. PROTOCOL.md §4 has the same offsets. */

#include "wire-message.h"

#include "wire-bytes.h"

/* Many structures lie exactly as their payload. The chip, which has the same byte order and 7 KB
 * for everything, copies those; the rest of such a function is then not compiled into it. */
#ifdef WIRE_ON_CHIP
#define COPY_OUT_ON_CHIP(message, to, length)                                                      \
  do {                                                                                             \
    _Static_assert(sizeof *(message) == (length), "the structure lies as the payload");            \
    wire_copy(to, (const uint8_t *)(message), length);                                             \
    return length;                                                                                 \
  } while (0)
#define COPY_IN_ON_CHIP(frame, message, needed)                                                    \
  do {                                                                                             \
    _Static_assert(sizeof *(message) == (needed), "the structure lies as the payload");            \
    if ((frame)->length < (needed))                                                                \
      return false;                                                                                \
    wire_copy((uint8_t *)(message), (frame)->payload, needed);                                     \
    return true;                                                                                   \
  } while (0)
#else
#define COPY_OUT_ON_CHIP(message, to, length)   ((void)0)
#define COPY_IN_ON_CHIP(frame, message, needed) ((void)0)
#endif

enum { IDENTITY_BANKS = 36, IDENTITY_BANK_LENGTH = 16, IDENTITY_TRIAL = 68 };

size_t wire_identity_write(const WireIdentity *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_IDENTITY_LENGTH);
  to[0] = message->protocol_major;
  to[1] = message->protocol_minor;
  to[2] = message->mode;
  to[3] = message->running_bank;
  wire_put_u32(to + 4, message->product);
  wire_put_u32(to + 8, message->part_id);
  wire_put_u32(to + 12, message->loader_version);
  wire_put_u32(to + 16, message->program_version);
  to[20] = message->reset_cause;
  to[21] = message->trial;
  wire_put_u16(to + 22, message->boots);
  wire_put_u32(to + 24, message->capabilities);
  wire_put_u16(to + 28, message->payload_max);
  wire_put_u16(to + 30, message->window);
  wire_put_u32(to + 32, message->uptime_ms);
  for (unsigned i = 0; i < 2; i++) {
    uint8_t *bank = to + IDENTITY_BANKS + i * IDENTITY_BANK_LENGTH;

    wire_put_u32(bank, message->banks[i].state);
    wire_put_u32(bank + 4, message->banks[i].version);
    wire_put_u32(bank + 8, message->banks[i].length);
    wire_put_u32(bank + 12, message->banks[i].crc);
  }
  to[IDENTITY_TRIAL] = message->trial_starts;
  to[IDENTITY_TRIAL + 1] = message->trial_cause;
  to[IDENTITY_TRIAL + 2] = message->flags;
  to[IDENTITY_TRIAL + 3] = message->reserved;
  wire_put_u16(to + IDENTITY_TRIAL + 4, message->trial_left_s);
  wire_put_u16(to + IDENTITY_TRIAL + 6, message->room);
  return WIRE_IDENTITY_LENGTH;
}

bool wire_identity_read(const WireFrame *frame, WireIdentity *message)
{
  const uint8_t *from = frame->payload;
  bool has_trial = frame->length >= WIRE_IDENTITY_LENGTH;

  if (frame->length < WIRE_IDENTITY_LENGTH_1_0)
    return false;
  message->protocol_major = from[0];
  message->protocol_minor = from[1];
  message->mode = from[2];
  message->running_bank = from[3];
  message->product = wire_get_u32(from + 4);
  message->part_id = wire_get_u32(from + 8);
  message->loader_version = wire_get_u32(from + 12);
  message->program_version = wire_get_u32(from + 16);
  message->reset_cause = from[20];
  message->trial = from[21];
  message->boots = wire_get_u16(from + 22);
  message->capabilities = wire_get_u32(from + 24);
  message->payload_max = wire_get_u16(from + 28);
  message->window = wire_get_u16(from + 30);
  message->uptime_ms = wire_get_u32(from + 32);
  for (unsigned i = 0; i < 2; i++) {
    const uint8_t *bank = from + IDENTITY_BANKS + i * IDENTITY_BANK_LENGTH;

    message->banks[i].state = bank[0];
    message->banks[i].version = wire_get_u32(bank + 4);
    message->banks[i].length = wire_get_u32(bank + 8);
    message->banks[i].crc = wire_get_u32(bank + 12);
  }
  message->trial_starts = has_trial ? from[IDENTITY_TRIAL] : 0;
  message->trial_cause = has_trial ? from[IDENTITY_TRIAL + 1] : 0;
  message->flags = has_trial ? from[IDENTITY_TRIAL + 2] : 0;
  message->reserved = 0;
  message->trial_left_s = has_trial ? wire_get_u16(from + IDENTITY_TRIAL + 4) : 0;
  message->room = has_trial ? wire_get_u16(from + IDENTITY_TRIAL + 6) : 0;
  return true;
}

size_t wire_enter_write(const WireEnter *message, uint8_t *to)
{
  wire_put_u32(to, message->product);
  return WIRE_ENTER_LENGTH;
}

bool wire_enter_read(const WireFrame *frame, WireEnter *message)
{
  COPY_IN_ON_CHIP(frame, message, WIRE_ENTER_LENGTH);
  if (frame->length < WIRE_ENTER_LENGTH)
    return false;
  message->product = wire_get_u32(frame->payload);
  return true;
}

size_t wire_begin_write(const WireBegin *message, uint8_t *to)
{
  to[0] = message->bank;
  to[1] = message->encoding;
  wire_put_u16(to + 2, message->blocks);
  wire_put_u32(to + 4, message->product);
  wire_put_u32(to + 8, message->version);
  wire_put_u32(to + 12, message->length);
  wire_put_u32(to + 16, message->crc);
  return WIRE_BEGIN_LENGTH;
}

bool wire_begin_read(const WireFrame *frame, WireBegin *message)
{
  COPY_IN_ON_CHIP(frame, message, WIRE_BEGIN_LENGTH);
  const uint8_t *from = frame->payload;

  if (frame->length < WIRE_BEGIN_LENGTH)
    return false;
  message->bank = from[0];
  message->encoding = from[1];
  message->blocks = wire_get_u16(from + 2);
  message->product = wire_get_u32(from + 4);
  message->version = wire_get_u32(from + 8);
  message->length = wire_get_u32(from + 12);
  message->crc = wire_get_u32(from + 16);
  return true;
}

size_t wire_begun_write(const WireBegun *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_BEGUN_LENGTH);
  to[0] = message->bank;
  to[1] = message->reserved;
  wire_put_u16(to + 2, message->blocks);
  wire_put_u16(to + 4, message->missing);
  wire_put_u16(to + 6, message->erase_ms);
  wire_copy(to + WIRE_BEGUN_LENGTH_1_1, message->verified, sizeof message->verified);
  return WIRE_BEGUN_LENGTH;
}

bool wire_begun_read(const WireFrame *frame, WireBegun *message)
{
  const uint8_t *from = frame->payload;

  if (frame->length < WIRE_BEGUN_LENGTH_1_1)
    return false;
  message->bank = from[0];
  message->reserved = from[1];
  message->blocks = wire_get_u16(from + 2);
  message->missing = wire_get_u16(from + 4);
  message->erase_ms = wire_get_u16(from + 6);
  wire_fill(message->verified, 0, sizeof message->verified);
  if (frame->length >= WIRE_BEGUN_LENGTH)
    wire_copy(message->verified, from + WIRE_BEGUN_LENGTH_1_1, sizeof message->verified);
  return true;
}

/* Block, count and whether they are packed share a word in which an unpacked single block is just
 * its number. */
enum {
  DATA_BLOCK_MASK = 0x3ff,
  DATA_COUNT_SHIFT = 10,
  DATA_COUNT_MASK = 0xf,
  DATA_PACKED = 0x8000
};

size_t wire_data_write(const WireData *message, uint8_t *to)
{
  wire_put_u16(to, (uint16_t)(message->block | (message->count - 1) << DATA_COUNT_SHIFT |
                              (message->packed ? DATA_PACKED : 0)));
  if (message->bytes != to + WIRE_DATA_HEAD)
    wire_copy(to + WIRE_DATA_HEAD, message->bytes, message->length);
  return WIRE_DATA_HEAD + (size_t)message->length;
}

bool wire_data_read(const WireFrame *frame, WireData *message)
{
  if (frame->length < WIRE_DATA_HEAD)
    return false;

  uint32_t head = wire_get_u16(frame->payload);

  message->block = head & DATA_BLOCK_MASK;
  message->count = (uint8_t)((head >> DATA_COUNT_SHIFT & DATA_COUNT_MASK) + 1);
  message->packed = (head & DATA_PACKED) != 0;
  message->length = (uint16_t)(frame->length - WIRE_DATA_HEAD);
  message->bytes = frame->payload + WIRE_DATA_HEAD;
  return message->count <= WIRE_DATA_BLOCKS_MAX &&
         (message->packed || message->length >= message->count * WIRE_BLOCK_SIZE);
}

size_t wire_data_status_write(const WireDataStatus *message, uint8_t *to)
{
  wire_put_u16(to, message->block);
  to[2] = message->verified;
  to[3] = message->repeats;
  wire_put_u16(to + 4, message->missing);
  wire_put_u32(to + 6, message->following);
  return WIRE_DATA_STATUS_LENGTH;
}

bool wire_data_status_read(const WireFrame *frame, WireDataStatus *message)
{
  const uint8_t *from = frame->payload;

  if (frame->length < WIRE_DATA_STATUS_LENGTH)
    return false;
  message->block = wire_get_u16(from);
  message->verified = from[2];
  message->repeats = from[3];
  message->missing = wire_get_u16(from + 4);
  message->following = wire_get_u32(from + 6);
  return true;
}

size_t wire_commit_write(const WireCommit *message, uint8_t *to)
{
  wire_put_u32(to, message->length);
  wire_put_u32(to + 4, message->crc);
  return WIRE_COMMIT_LENGTH;
}

bool wire_commit_read(const WireFrame *frame, WireCommit *message)
{
  COPY_IN_ON_CHIP(frame, message, WIRE_COMMIT_LENGTH);
  if (frame->length < WIRE_COMMIT_LENGTH)
    return false;
  message->length = wire_get_u32(frame->payload);
  message->crc = wire_get_u32(frame->payload + 4);
  return true;
}

size_t wire_committed_write(const WireCommitted *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_COMMITTED_LENGTH);
  wire_put_u32(to, message->bank);
  wire_put_u32(to + 4, message->sequence);
  wire_put_u32(to + 8, message->crc);
  for (unsigned i = 0; i < WIRE_LIFE_COUNT; i++)
    wire_put_u32(to + WIRE_COMMITTED_LENGTH_1_1 + 4 * i, message->life.fields[i]);
  return WIRE_COMMITTED_LENGTH;
}

bool wire_committed_read(const WireFrame *frame, WireCommitted *message)
{
  const uint8_t *from = frame->payload;

  bool has_life = frame->length >= WIRE_COMMITTED_LENGTH;

  if (frame->length < WIRE_COMMITTED_LENGTH_1_1)
    return false;
  message->bank = from[0];
  message->sequence = wire_get_u32(from + 4);
  message->crc = wire_get_u32(from + 8);
  for (unsigned i = 0; i < WIRE_LIFE_COUNT; i++)
    message->life.fields[i] = has_life ? wire_get_u32(from + WIRE_COMMITTED_LENGTH_1_1 + 4 * i) : 0;
  return true;
}

size_t wire_rate_write(const WireRate *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_RATE_LENGTH);
  wire_put_u32(to, message->baud);
  return WIRE_RATE_LENGTH;
}

bool wire_rate_read(const WireFrame *frame, WireRate *message)
{
  COPY_IN_ON_CHIP(frame, message, WIRE_RATE_LENGTH);
  if (frame->length < WIRE_RATE_LENGTH)
    return false;
  message->baud = wire_get_u32(frame->payload);
  return true;
}

size_t wire_read_write(const WireRead *message, uint8_t *to)
{
  to[0] = message->page;
  return WIRE_READ_LENGTH;
}

bool wire_read_read(const WireFrame *frame, WireRead *message)
{
  if (frame->length < WIRE_READ_LENGTH)
    return false;
  message->page = frame->payload[0];
  return true;
}

size_t wire_read_back_write(const WireReadBack *message, uint8_t *to)
{
  wire_copy(to, message->bytes, WIRE_READ_BACK_LENGTH);
  return WIRE_READ_BACK_LENGTH;
}

bool wire_read_back_read(const WireFrame *frame, WireReadBack *message)
{
  if (frame->length < WIRE_READ_BACK_LENGTH)
    return false;
  message->bytes = frame->payload;
  return true;
}

size_t wire_confirm_write(const WireConfirm *message, uint8_t *to)
{
  wire_put_u32(to, message->crc);
  return WIRE_CONFIRM_LENGTH;
}

bool wire_confirm_read(const WireFrame *frame, WireConfirm *message)
{
  COPY_IN_ON_CHIP(frame, message, WIRE_CONFIRM_LENGTH);
  if (frame->length < WIRE_CONFIRM_LENGTH)
    return false;
  message->crc = wire_get_u32(frame->payload);
  return true;
}

size_t wire_confirmed_write(const WireConfirmed *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_CONFIRMED_LENGTH);
  wire_put_u32(to, message->sequence);
  return WIRE_CONFIRMED_LENGTH;
}

bool wire_confirmed_read(const WireFrame *frame, WireConfirmed *message)
{
  if (frame->length < WIRE_CONFIRMED_LENGTH)
    return false;
  message->sequence = wire_get_u32(frame->payload);
  return true;
}

size_t wire_nak_write(const WireNak *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_NAK_LENGTH);
  to[0] = message->cause;
  to[1] = message->type;
  wire_put_u16(to + 2, message->reserved);
  wire_put_u32(to + 4, message->detail);
  return WIRE_NAK_LENGTH;
}

bool wire_nak_read(const WireFrame *frame, WireNak *message)
{
  const uint8_t *from = frame->payload;

  if (frame->length < WIRE_NAK_LENGTH)
    return false;
  message->cause = from[0];
  message->type = from[1];
  message->reserved = 0;
  message->detail = wire_get_u32(from + 4);
  return true;
}

size_t wire_reading_write(const WireReading *message, uint8_t *to)
{
  wire_put_u32(to, message->uptime_ms);
  wire_put_u16(to + 4, message->number);
  for (unsigned i = 0; i < WIRE_CHANNELS; i++) {
    wire_put_u16(to + 6 + 2 * i, message->raw[i]);
    wire_put_u16(to + 6 + 2 * (WIRE_CHANNELS + i), (uint16_t)message->value[i]);
  }
  return WIRE_READING_LENGTH;
}

bool wire_reading_read(const WireFrame *frame, WireReading *message)
{
  const uint8_t *from = frame->payload;

  if (frame->length < WIRE_READING_LENGTH)
    return false;
  message->uptime_ms = wire_get_u32(from);
  message->number = wire_get_u16(from + 4);
  for (unsigned i = 0; i < WIRE_CHANNELS; i++) {
    message->raw[i] = wire_get_u16(from + 6 + 2 * i);
    message->value[i] = (int16_t)wire_get_u16(from + 6 + 2 * (WIRE_CHANNELS + i));
  }
  return true;
}

size_t wire_leaving_write(const WireLeaving *message, uint8_t *to)
{
  COPY_OUT_ON_CHIP(message, to, WIRE_LEAVING_LENGTH);
  to[0] = message->cause;
  to[1] = message->bank;
  return WIRE_LEAVING_LENGTH;
}

bool wire_leaving_read(const WireFrame *frame, WireLeaving *message)
{
  if (frame->length < WIRE_LEAVING_LENGTH)
    return false;
  message->cause = frame->payload[0];
  message->bank = frame->payload[1];
  return true;
}
