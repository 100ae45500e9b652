/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What settled a trial is written once more by the next start of the program that it settled, at
 * the end of its self-test: when, and when not. LOW settled, HIGH was put on trial. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fw-bench.h"

enum { LENGTH = 0x500, OLD = WIRE_VERSION(1, 0, 0), NEW = WIRE_VERSION(1, 1, 0) };

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

typedef struct {
  BenchFlash flash;
  FwTrial trial;
} SettleBench;

static void prepare(SettleBench *bench)
{
  BenchImage image;

  bench_flash_init(&bench->flash);
  bench_image_make(&image, LOW, OLD, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_flash_put_record(&bench->flash, 0, LOW, 1);
  bench_flash_put_trial(&bench->flash, 1, HIGH, 2, 1);
}

static int set_up(void **state)
{
  *state = malloc(sizeof(SettleBench));
  assert_non_null(*state);
  prepare(*state);
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

/* A start of the program in LOW or HIGH, its self-test done: how many records that made. */
static unsigned count_copies(SettleBench *bench, WireBank bank, uint8_t failed)
{
  unsigned before = bench->flash.count;

  bench_trial_start(&bench->trial, &bench->flash, bank);
  fw_trial_end_self_test(&bench->trial, failed);
  return bench->flash.count - before;
}

static void what_settled_a_trial_is_written_once_more_by_the_next_start_and_not_twice(void **state)
{
  SettleBench *bench = *state;
  WireRecord settled = bench_record_make(&bench->flash, HIGH, WIRE_RECORD_CONFIRMED, 3), copy;

  for (unsigned returned = 0; returned < 2; returned++)
    for (uint8_t failed = 0; failed < 2; failed++) {
      prepare(bench);
      if (returned) {
        settled = bench_record_make(&bench->flash, LOW, WIRE_RECORD_RETURNED, 3);
        settled.cause = WIRE_TRIAL_CAUSE_CRASH;
      }
      bench_flash_put_any_record(&bench->flash, 2, &settled);
      assert_int_equal(count_copies(bench, settled.bank, failed), 1);
      copy = bench_flash_get_record(&bench->flash);
      assert_int_equal(copy.sequence, 4);
      copy.sequence = 3;
      assert_memory_equal(&copy, &settled, sizeof copy);
      assert_int_equal(bench_flash_get_start(&bench->flash), settled.bank);
      for (unsigned round = 0; round < 3; round++)
        assert_int_equal(count_copies(bench, settled.bank, failed), 0);
    }
}

static void the_start_that_is_confirmed_leaves_the_copy_to_the_next(void **state)
{
  SettleBench *bench = *state;

  bench_trial_confirm(&bench->flash, HIGH);
  assert_int_equal(bench->flash.count, 1);
  assert_int_equal(count_copies(bench, HIGH, 0), 1);
  assert_int_equal(count_copies(bench, HIGH, 0), 0);
}

static void a_copy_that_fails_does_no_harm_and_is_tried_at_each_start(void **state)
{
  SettleBench *bench = *state;

  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  for (unsigned start = 0; start < 3; start++) {
    bench->flash.fail_addr = WIRE_RECORD_ADDR;
    bench->flash.fail_sector = true;
    bench->flash.fail_times = 2;
    bench->flash.cut = BENCH_CUT_TORN;
    bench->flash.cut_at = bench->flash.count + 2;
    assert_int_equal(count_copies(bench, HIGH, 0),
                     3); /* two places fail, power fails in the next */
    bench_flash_power_on(&bench->flash);
    assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
    assert_int_equal(bench_flash_get_record(&bench->flash).sequence, 3);
  }
  bench->flash.fail_times = 0;
  assert_int_equal(count_copies(bench, HIGH, 0), 1);
  assert_int_equal(bench_flash_get_record(&bench->flash).sequence, 4);
}

static void a_full_log_takes_no_copy(void **state)
{
  SettleBench *bench = *state;

  bench_flash_put_record(&bench->flash, WIRE_RECORD_COUNT - 1, HIGH, 30);
  assert_int_equal(count_copies(bench, HIGH, 0), 0);
  assert_true(fw_trial_is_proven(&bench->trial));
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
}

static void a_program_copies_no_record_of_the_other_bank_and_none_that_settles_nothing(void **state)
{
  SettleBench *bench = *state;

  assert_int_equal(count_copies(bench, HIGH, 0), 0); /* on trial */
  assert_int_equal(count_copies(bench, LOW, 0), 1);  /* the other was: a record of its end */
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_RETURNED);
  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  assert_int_equal(count_copies(bench, LOW, 0), 0);
  bench_flash_put_record(&bench->flash, 2, LOW, 3);
  assert_int_equal(count_copies(bench, HIGH, 0), 0);
  bench_flash_put_first(&bench->flash, 2, LOW, 3);
  assert_int_equal(count_copies(bench, HIGH, 0), 0);
  bench_flash_erase_log(&bench->flash);
  assert_int_equal(count_copies(bench, HIGH, 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(what_settled_a_trial_is_written_once_more_by_the_next_start_and_not_twice),
      TEST(the_start_that_is_confirmed_leaves_the_copy_to_the_next),
      TEST(a_copy_that_fails_does_no_harm_and_is_tried_at_each_start),
      TEST(a_full_log_takes_no_copy),
      TEST(a_program_copies_no_record_of_the_other_bank_and_none_that_settles_nothing),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
