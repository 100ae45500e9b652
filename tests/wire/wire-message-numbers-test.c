/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Message numbers, causes and the like are pinned: other programs know them. So is where the fields
 * of a message lie in memory, for the chip copies them, and how DATA says what it carries. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire-message.h"

/* Block, count and packing share a word; one block of 1.1 is just its number. */
static void the_head_of_data_says_which_blocks_and_whether_they_are_packed(void **state)
{
  static uint8_t payload[WIRE_PAYLOAD_MAX];
  WireFrame frame = {.length = WIRE_PAYLOAD_MAX, .payload = payload};

  (void)state;
  for (unsigned head = 0; head < 0x10000; head++) {
    unsigned count = (head >> 10 & 15) + 1;
    WireData data;

    payload[0] = (uint8_t)head;
    payload[1] = (uint8_t)(head >> 8);
    assert_int_equal(wire_data_read(&frame, &data), count <= 2);
    assert_int_equal(data.block, head & 0x3ff);
    assert_int_equal(data.count, count);
    assert_int_equal(data.packed, head >= 0x8000);
    assert_int_equal(data.length, WIRE_PAYLOAD_MAX - 2);
    assert_ptr_equal(data.bytes, payload + 2);
  }
}

/* Packed bytes may be fewer than their blocks, and none at all; whole ones not. */
static void packed_data_may_be_of_any_length_and_whole_blocks_must_be_there(void **state)
{
  static uint8_t payload[WIRE_PAYLOAD_MAX];

  (void)state;
  for (unsigned count = 1; count <= 2; count++)
    for (unsigned packed = 0; packed < 2; packed++)
      for (unsigned length = 0; length <= WIRE_PAYLOAD_MAX; length++) {
        WireFrame frame = {.length = (uint16_t)length, .payload = payload};
        WireData data;

        payload[1] = (uint8_t)((count - 1) << 2 | packed << 7);
        assert_int_equal(wire_data_read(&frame, &data), length >= (packed ? 2 : 2 + 512 * count));
      }
}

/* The chip copies the structure as it lies. */
static void an_identity_lies_in_memory_as_in_its_payload(void **state)
{
  (void)state;
  assert_int_equal(sizeof(WireIdentity), WIRE_IDENTITY_LENGTH);
  assert_int_equal(sizeof(WireBankIdentity), 16);
#define AT(field, offset) assert_int_equal(offsetof(WireIdentity, field), offset)
  AT(protocol_major, 0);
  AT(protocol_minor, 1);
  AT(mode, 2);
  AT(running_bank, 3);
  AT(product, 4);
  AT(part_id, 8);
  AT(loader_version, 12);
  AT(program_version, 16);
  AT(reset_cause, 20);
  AT(trial, 21);
  AT(boots, 22);
  AT(capabilities, 24);
  AT(payload_max, 28);
  AT(window, 30);
  AT(uptime_ms, 32);
  AT(banks, 36);
  AT(trial_starts, 68);
  AT(trial_cause, 69);
  AT(flags, 70);
  AT(reserved, 71);
  AT(trial_left_s, 72);
  AT(room, 74);
#undef AT
#define AT(field, offset) assert_int_equal(offsetof(WireBankIdentity, field), offset)
  AT(state, 0);
  AT(version, 4);
  AT(length, 8);
  AT(crc, 12);
#undef AT
}

/* The other structures that the chip copies, in and out. */
static void what_the_chip_copies_is_as_long_as_its_payload(void **state)
{
  (void)state;
  assert_int_equal(sizeof(WireEnter), WIRE_ENTER_LENGTH);
  assert_int_equal(sizeof(WireBegin), WIRE_BEGIN_LENGTH);
  assert_int_equal(sizeof(WireBegun), WIRE_BEGUN_LENGTH);
  assert_int_equal(sizeof(WireCommit), WIRE_COMMIT_LENGTH);
  assert_int_equal(sizeof(WireCommitted), WIRE_COMMITTED_LENGTH);
  assert_int_equal(sizeof(WireRate), WIRE_RATE_LENGTH);
  assert_int_equal(sizeof(WireConfirm), WIRE_CONFIRM_LENGTH);
  assert_int_equal(sizeof(WireConfirmed), WIRE_CONFIRMED_LENGTH);
  assert_int_equal(sizeof(WireNak), WIRE_NAK_LENGTH);
  assert_int_equal(sizeof(WireLeaving), WIRE_LEAVING_LENGTH);
  assert_int_equal(offsetof(WireBegin, blocks), 2);
  assert_int_equal(offsetof(WireBegin, crc), 16);
  assert_int_equal(offsetof(WireBegun, missing), 4);
  assert_int_equal(offsetof(WireBegun, verified), 8);
  assert_int_equal(offsetof(WireCommitted, life), 12);
  assert_int_equal(offsetof(WireNak, detail), 4);
}

static void message_numbers_are_the_published_ones(void **state)
{
  static const uint8_t numbers[] = {
      WIRE_IDENTIFY, WIRE_ENTER_LOADER, WIRE_BEGIN,   WIRE_DATA,    WIRE_COMMIT, WIRE_RUN,
      WIRE_ABORT,    WIRE_ECHO,         WIRE_CONFIRM, WIRE_GO_BACK, WIRE_RATE,   WIRE_READ,
      WIRE_READING,  WIRE_ANNOUNCE,     WIRE_LEAVING, WIRE_REPLY,   WIRE_NAK};
  static const uint8_t published[] = {1,  2,  3,  4,    5,    6,    7,    8,   9,
                                      10, 11, 12, 0x40, 0x41, 0x42, 0x80, 0xff};

  (void)state;
  assert_int_equal(sizeof numbers, sizeof published);
  assert_memory_equal(numbers, published, sizeof published);
}

static void causes_are_the_published_ones(void **state)
{
  (void)state;
  assert_int_equal(WIRE_CAUSE_UNKNOWN_TYPE, 1);
  assert_int_equal(WIRE_CAUSE_BAD_LENGTH, 2);
  assert_int_equal(WIRE_CAUSE_NOT_NOW, 3);
  assert_int_equal(WIRE_CAUSE_WRONG_PRODUCT, 4);
  assert_int_equal(WIRE_CAUSE_WRONG_BANK, 5);
  assert_int_equal(WIRE_CAUSE_WRONG_SIZE, 6);
  assert_int_equal(WIRE_CAUSE_OUT_OF_RANGE, 7);
  assert_int_equal(WIRE_CAUSE_BAD_ENCODING, 8);
  assert_int_equal(WIRE_CAUSE_ERASE_FAILED, 9);
  assert_int_equal(WIRE_CAUSE_PROGRAM_FAILED, 10);
  assert_int_equal(WIRE_CAUSE_INCOMPLETE, 11);
  assert_int_equal(WIRE_CAUSE_BAD_IMAGE, 12);
  assert_int_equal(WIRE_CAUSE_IMAGE_CRC, 13);
  assert_int_equal(WIRE_CAUSE_RECORD_FAILED, 14);
  assert_int_equal(WIRE_CAUSE_DAMAGED, 15);
  assert_int_equal(WIRE_CAUSE_ON_TRIAL, 16);
  assert_int_equal(WIRE_CAUSE_SELF_TEST, 17);
  assert_int_equal(WIRE_CAUSE_WRONG_IMAGE, 18);
  assert_int_equal(WIRE_CAUSE_NO_OTHER, 19);
  assert_int_equal(WIRE_CAUSE_BAD_RATE, 20);
  assert_int_equal(WIRE_CAUSE_UNPACKABLE, 21);
}

static void numbers_of_version_1_3_are_the_published_ones(void **state)
{
  (void)state;
  assert_int_equal(WIRE_PROTOCOL_MAJOR << 8 | WIRE_PROTOCOL_MINOR, 0x0103);
  assert_int_equal(WIRE_BEGIN_ANEW, 0);
  assert_int_equal(WIRE_BEGIN_KEEP, 1);
  assert_int_equal(WIRE_DATA_BLOCKS_MAX, 2);
  assert_int_equal(WIRE_RATE_DEFAULT, 115200);
  assert_int_equal(WIRE_RATE_PROOF_MS, 300);
  assert_int_equal(WIRE_RATE_SILENCE_MS, 1500);
  assert_int_equal(WIRE_RATE_LEAVING_MS, 30);
  assert_int_equal(WIRE_PAGE_SIZE, 1024);
  assert_int_equal(WIRE_PAGE_COUNT, 128);
  assert_int_equal(WIRE_READABLE_START, 0x40);
  assert_int_equal(WIRE_READABLE_END, 0x1e000);
  assert_int_equal(WIRE_LIFE_UART_CLOCKS, 0);
  assert_int_equal(WIRE_LIFE_UART_COUNT, 1);
  assert_int_equal(WIRE_LIFE_TICK_CLOCKS, 2);
  assert_int_equal(WIRE_LIFE_TICK_COUNT, 3);
  assert_int_equal(WIRE_LIFE_BYTES, 4);
  assert_int_equal(WIRE_LIFE_OVERRUNS, 5);
  assert_int_equal(WIRE_LIFE_FRAME_CLOCKS, 6);
  assert_int_equal(WIRE_LIFE_HANDLE_CLOCKS, 7);
  assert_int_equal(WIRE_LIFE_PROGRAM_CLOCKS, 8);
  assert_int_equal(WIRE_LIFE_ERASE_CLOCKS, 9);
  assert_int_equal(WIRE_LIFE_BLOCKS, 10);
  assert_int_equal(WIRE_LIFE_COUNT, 11);
}

static void numbers_of_trial_and_leaving_are_the_published_ones(void **state)
{
  (void)state;
  assert_int_equal(WIRE_BANK_EMPTY, 0);
  assert_int_equal(WIRE_BANK_DAMAGED, 1);
  assert_int_equal(WIRE_BANK_VALID, 2);
  assert_int_equal(WIRE_BANK_UNCHECKED, 3);
  assert_int_equal(WIRE_LEAVING_RUN, 1);
  assert_int_equal(WIRE_LEAVING_ABORT, 2);
  assert_int_equal(WIRE_LEAVING_SILENCE, 3);
  assert_int_equal(WIRE_LEAVING_FLASH, 4);
  assert_int_equal(WIRE_LEAVING_RUBBISH, 5);
  assert_int_equal(WIRE_TRIAL_NONE, 0);
  assert_int_equal(WIRE_TRIAL_RUNNING, 1);
  assert_int_equal(WIRE_TRIAL_CONFIRMED, 2);
  assert_int_equal(WIRE_TRIAL_RETURNED, 3);
  assert_int_equal(WIRE_TRIAL_CAUSE_NONE, 0);
  assert_int_equal(WIRE_TRIAL_CAUSE_HANG, 1);
  assert_int_equal(WIRE_TRIAL_CAUSE_CRASH, 2);
  assert_int_equal(WIRE_TRIAL_CAUSE_SELF_TEST, 3);
  assert_int_equal(WIRE_TRIAL_CAUSE_NOT_HEARD, 4);
  assert_int_equal(WIRE_TRIAL_CAUSE_STARTS, 5);
  assert_int_equal(WIRE_TRIAL_CAUSE_DAMAGED, 6);
  assert_int_equal(WIRE_TRIAL_CAUSE_OPERATOR, 7);
  assert_int_equal(WIRE_SELF_TEST_IMAGE | WIRE_SELF_TEST_INPUTS << 8, 0x0201);
  assert_int_equal(WIRE_FLAG_WATCHDOG | WIRE_FLAG_USER_MODE << 8 | WIRE_FLAG_SELF_TEST << 16,
                   0x040201);
  assert_int_equal(WIRE_CAP_UPGRADE | WIRE_CAP_TRIAL << 8, 0x0201);
  assert_int_equal(WIRE_CAP_STREAM | WIRE_CAP_PACKED << 8 | WIRE_CAP_RATE << 16, 0x100804);
  assert_int_equal(WIRE_CAP_RESUME | WIRE_CAP_READ << 8, 0x4020);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_head_of_data_says_which_blocks_and_whether_they_are_packed),
      cmocka_unit_test(packed_data_may_be_of_any_length_and_whole_blocks_must_be_there),
      cmocka_unit_test(an_identity_lies_in_memory_as_in_its_payload),
      cmocka_unit_test(what_the_chip_copies_is_as_long_as_its_payload),
      cmocka_unit_test(message_numbers_are_the_published_ones),
      cmocka_unit_test(causes_are_the_published_ones),
      cmocka_unit_test(numbers_of_version_1_3_are_the_published_ones),
      cmocka_unit_test(numbers_of_trial_and_leaving_are_the_published_ones),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
