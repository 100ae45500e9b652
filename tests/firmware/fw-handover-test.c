/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mailbox in RAM that nobody clears, random after power-on and kept over resets: boot count,
 * reset cause and crash. And the word with which the loader is entered. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "fw-handover.h"
#include "wire-random.h"

static void random_memory_holds_no_boots(void **state)
{
  WireRandom random = wire_random(1);

  (void)state;
  for (unsigned round = 0; round < 1000; round++) {
    FwMailbox mailbox;

    wire_random_fill(&random, (uint8_t *)&mailbox, sizeof mailbox);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), 0);
    fw_mailbox_count_boot(&mailbox);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), 1);
  }
}

static void uniform_memory_holds_no_boots(void **state)
{
  static const uint8_t values[] = {0x00, 0xff, 0x55, 0xaa};

  (void)state;
  for (unsigned i = 0; i < sizeof values; i++) {
    FwMailbox mailbox;

    memset(&mailbox, values[i], sizeof mailbox);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), 0);
  }
}

static void each_boot_counts_one(void **state)
{
  FwMailbox mailbox = {0};

  (void)state;
  for (uint32_t boots = 1; boots <= 70000; boots++) {
    fw_mailbox_count_boot(&mailbox);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), boots);
  }
}

static void reading_the_count_changes_nothing(void **state)
{
  FwMailbox mailbox = {0}, before;

  (void)state;
  fw_mailbox_count_boot(&mailbox);
  before = mailbox;
  assert_int_equal(fw_mailbox_get_boots(&mailbox), 1);
  assert_memory_equal(&mailbox, &before, sizeof before);
}

static void each_flipped_bit_of_the_count_starts_it_anew(void **state)
{
  (void)state;
  for (unsigned bit = 0; bit < 8 * offsetof(FwMailbox, reset_cause); bit++) {
    FwMailbox mailbox = {0};

    fw_mailbox_count_boot(&mailbox);
    fw_mailbox_count_boot(&mailbox);
    ((uint8_t *)&mailbox)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), 0);
    fw_mailbox_count_boot(&mailbox);
    assert_int_equal(fw_mailbox_get_boots(&mailbox), 1);
  }
}

static void the_reset_cause_is_kept_and_believed_only_whole(void **state)
{
  FwMailbox mailbox;

  (void)state;
  memset(&mailbox, 0x5a, sizeof mailbox);
  assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 0);
  fw_mailbox_set_reset_cause(&mailbox, 2);
  assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 2);
  fw_mailbox_count_boot(&mailbox);
  assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 2);
  mailbox.reset_cause ^= 1;
  assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 0);
}

static void each_flipped_bit_of_the_reset_cause_makes_it_unknown(void **state)
{
  (void)state;
  for (unsigned bit = 0; bit < 64; bit++) {
    FwMailbox mailbox = {0};

    fw_mailbox_set_reset_cause(&mailbox, 1);
    ((uint8_t *)&mailbox.reset_cause)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 0);
  }
}

static void a_crash_is_taken_once(void **state)
{
  FwMailbox mailbox = {0};

  (void)state;
  fw_mailbox_count_boot(&mailbox);
  fw_mailbox_set_reset_cause(&mailbox, 2);
  fw_mailbox_set_crash(&mailbox, 0x17);
  assert_int_equal(fw_mailbox_take_crash(&mailbox), 0x17);
  assert_int_equal(fw_mailbox_take_crash(&mailbox), 0);
  assert_int_equal(fw_mailbox_get_boots(&mailbox), 1);
  assert_int_equal(fw_mailbox_get_reset_cause(&mailbox), 2);
}

static void random_memory_holds_no_crash(void **state)
{
  WireRandom random = wire_random(2);

  (void)state;
  for (unsigned round = 0; round < 1000; round++) {
    FwMailbox mailbox;

    wire_random_fill(&random, (uint8_t *)&mailbox, sizeof mailbox);
    assert_int_equal(fw_mailbox_take_crash(&mailbox), 0);
  }
}

static void each_flipped_bit_of_a_crash_makes_it_none(void **state)
{
  (void)state;
  for (unsigned bit = 0; bit < 64; bit++) {
    FwMailbox mailbox = {0};

    fw_mailbox_set_crash(&mailbox, 0x1b);
    ((uint8_t *)&mailbox.crash)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(fw_mailbox_take_crash(&mailbox), 0);
  }
}

/* The words are pinned: a program and a loader may be of different age. */
static void an_entry_word_is_as_published_and_reads_back(void **state)
{
  (void)state;
  assert_int_equal(fw_entry_make(FW_ENTRY_PROGRAM, 2), 0x53570002);
  assert_int_equal(fw_entry_make(FW_ENTRY_NO_PROGRAM, 0), 0x53570100);
  assert_int_equal(fw_entry_make(FW_ENTRY_UPGRADE, 1), 0x53570201);
  assert_int_equal(fw_entry_make(FW_ENTRY_START, 2), 0x53570302);
  assert_int_equal(fw_entry_make(FW_ENTRY_START, 0), 0x53570300);
  assert_int_equal(fw_entry_make(FW_ENTRY_LISTEN, 2), 0x53570602);
  for (unsigned kind = FW_ENTRY_PROGRAM; kind <= FW_ENTRY_LISTEN; kind++)
    for (unsigned bank = 0; bank <= 2; bank++) {
      uint32_t word = fw_entry_make((FwEntryKind)kind, bank);

      assert_true(fw_entry_is_wanted(word));
      assert_int_equal(word & FW_ENTRY_USER_MODE, 0);
      assert_int_equal(fw_entry_get_kind(word), kind);
      assert_int_equal(fw_entry_get_bank(word), bank);
    }
}

static void user_mode_is_one_bit_and_changes_nothing_else(void **state)
{
  uint32_t word = fw_entry_make(FW_ENTRY_UPGRADE, 2) | (uint32_t)FW_ENTRY_USER_MODE;

  (void)state;
  assert_int_equal(word, 0x53578202);
  assert_true(fw_entry_is_wanted(word));
  assert_int_equal(fw_entry_get_kind(word), FW_ENTRY_UPGRADE);
  assert_int_equal(fw_entry_get_bank(word), 2);
}

/* The upgrade command of version 1.1 had a cause in bits 7 to 4, which was 0. */
static void the_four_bits_above_the_bank_mean_nothing(void **state)
{
  (void)state;
  for (uint32_t bits = 0; bits < 16; bits++) {
    uint32_t word = fw_entry_make(FW_ENTRY_UPGRADE, 1) | bits << 4;

    assert_int_equal(fw_entry_get_kind(word), FW_ENTRY_UPGRADE);
    assert_int_equal(fw_entry_get_bank(word), 1);
  }
}

static void a_word_without_the_mark_is_not_wanted(void **state)
{
  uint32_t word = fw_entry_make(FW_ENTRY_UPGRADE, 1);

  (void)state;
  assert_false(fw_entry_is_wanted(0));
  assert_false(fw_entry_is_wanted(UINT32_MAX));
  for (unsigned bit = 0; bit < 32; bit++)
    assert_int_equal(fw_entry_is_wanted(word ^ 1u << bit), bit < 16);
}

static void the_mailbox_fits_its_place(void **state)
{
  (void)state;
  assert_true(sizeof(FwMailbox) <= FW_MAILBOX_SIZE);
  assert_int_equal(sizeof(FwMailbox), 24); /* six words without gaps, as a debugger reads it */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_memory_holds_no_boots),
      cmocka_unit_test(uniform_memory_holds_no_boots),
      cmocka_unit_test(each_boot_counts_one),
      cmocka_unit_test(reading_the_count_changes_nothing),
      cmocka_unit_test(each_flipped_bit_of_the_count_starts_it_anew),
      cmocka_unit_test(the_reset_cause_is_kept_and_believed_only_whole),
      cmocka_unit_test(each_flipped_bit_of_the_reset_cause_makes_it_unknown),
      cmocka_unit_test(a_crash_is_taken_once),
      cmocka_unit_test(random_memory_holds_no_crash),
      cmocka_unit_test(each_flipped_bit_of_a_crash_makes_it_none),
      cmocka_unit_test(an_entry_word_is_as_published_and_reads_back),
      cmocka_unit_test(user_mode_is_one_bit_and_changes_nothing_else),
      cmocka_unit_test(the_four_bits_above_the_bank_mean_nothing),
      cmocka_unit_test(a_word_without_the_mark_is_not_wanted),
      cmocka_unit_test(the_mailbox_fits_its_place),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
