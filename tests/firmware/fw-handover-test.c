/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The boot count in RAM that nobody clears: random after power-on, kept over resets. */

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

static void the_mailbox_fits_its_place(void **state)
{
  (void)state;
  assert_true(sizeof(FwMailbox) <= FW_MAILBOX_SIZE);
  assert_int_equal(sizeof(FwMailbox), 16); /* four words without gaps, as a debugger reads it */
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
      cmocka_unit_test(the_mailbox_fits_its_place),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
