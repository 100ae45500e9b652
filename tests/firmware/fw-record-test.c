/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record log: where the next record goes, places that fail, sequence, and when the log may be
 * gone on with. */

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

static int set_up(void **state)
{
  BenchFlash *flash = malloc(sizeof *flash);
  BenchImage image;

  assert_non_null(flash);
  bench_flash_init(flash);
  bench_image_make(&image, LOW, OLD, LENGTH);
  bench_flash_put(flash, &image);
  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(flash, &image);
  *state = flash;
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static uint8_t *slot_at(BenchFlash *flash, unsigned slot)
{
  return flash->memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
}

/* A scratch block as the caller has it: aligned, full of something else. */
static bool append(BenchFlash *flash, WireRecord *record)
{
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];

  memset(scratch, 0x5a, sizeof scratch);
  return fw_record_append(&flash->flash, record, scratch);
}

static void the_free_slot_is_behind_everything_that_is_not_blank(void **state)
{
  BenchFlash *flash = *state;

  assert_int_equal(fw_record_find_free_slot(flash->memory), 0);
  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    bench_flash_put_record(flash, slot, LOW, slot + 1);
    assert_int_equal(fw_record_find_free_slot(flash->memory), slot + 1);
  }
}

/* A record torn so that one bit of its slot is programmed: the slot is not free any more, and no
 * slot before it is. */
static void one_programmed_bit_takes_a_slot(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++)
    for (unsigned at = 0; at < WIRE_BLOCK_SIZE; at += WIRE_BLOCK_SIZE - 1) {
      uint8_t *byte = slot_at(flash, slot) + at;

      *byte = 0xfe;
      assert_int_equal(fw_record_find_free_slot(flash->memory), slot + 1);
      *byte = 0xff;
    }
}

static void the_sector_behind_the_log_does_not_matter(void **state)
{
  BenchFlash *flash = *state;

  memset(flash->memory + WIRE_RECORD_ADDR + WIRE_SECTOR_SIZE, 0, WIRE_SECTOR_SIZE);
  assert_int_equal(fw_record_find_free_slot(flash->memory), 0);
}

static void records_go_into_the_log_one_behind_the_other(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    WireRecord record = {.bank = slot % 2 ? HIGH : LOW,
                         .state = WIRE_RECORD_TRIAL,
                         .sequence = 77, /* filled in, whatever stands there */
                         .version = 7,
                         .crc = 0x1000 + slot,
                         .starts = (uint8_t)slot,
                         .cause = 3};
    WireRecord back;

    assert_true(append(flash, &record));
    assert_int_equal(record.sequence, slot + 1);
    assert_true(wire_record_read(slot_at(flash, slot), &back));
    assert_memory_equal(&back, &record, sizeof back);
    assert_ptr_equal(fw_boot_find_record(flash->memory), slot_at(flash, slot));
    assert_int_equal(flash->count, slot + 1);
  }
}

static void a_full_log_takes_no_record_and_is_not_touched(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = {.bank = LOW, .state = WIRE_RECORD_CONFIRMED};

  bench_flash_put_record(flash, 0, LOW, 1);
  bench_flash_put_record(flash, WIRE_RECORD_COUNT - 1, HIGH, 2);
  assert_false(append(flash, &record));
  assert_int_equal(flash->count, 0);
  assert_int_equal(bench_flash_get_record(flash).bank, HIGH);
}

static void places_that_fail_are_stepped_over(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned silently = 0; silently < 2; silently++)
    for (unsigned bad = 0; bad <= WIRE_RECORD_COUNT; bad++) {
      WireRecord record = {.bank = HIGH, .state = WIRE_RECORD_RETURNED, .cause = 4};

      bench_flash_erase_log(flash);
      flash->count = 0;
      flash->fail_addr = WIRE_RECORD_ADDR;
      flash->fail_sector = true;
      flash->fail_times = bad;
      flash->fail_silently = silently;
      assert_int_equal(append(flash, &record), bad < WIRE_RECORD_COUNT);
      assert_int_equal(record.sequence, 1);
      assert_int_equal(flash->count, bad < WIRE_RECORD_COUNT ? bad + 1 : bad);
      if (bad < WIRE_RECORD_COUNT)
        assert_ptr_equal(fw_boot_find_record(flash->memory), slot_at(flash, bad));
      else
        assert_null(fw_boot_find_record(flash->memory));
    }
}

static void a_torn_record_is_stepped_over_and_its_sequence_used_again(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = {.bank = HIGH, .state = WIRE_RECORD_CONFIRMED};

  bench_flash_put_record(flash, 0, LOW, 5);
  flash->cut = BENCH_CUT_TORN;
  assert_false(append(flash, &record));
  assert_int_equal(bench_flash_get_record(flash).sequence, 5);
  bench_flash_power_on(flash);
  assert_true(append(flash, &record));
  assert_int_equal(record.sequence, 6);
  assert_ptr_equal(fw_boot_find_record(flash->memory), slot_at(flash, 2));
}

/* Torn so late that it reads right: the next one is newer all the same. */
static void a_torn_record_that_reads_right_is_older_than_the_next(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = {.bank = HIGH, .state = WIRE_RECORD_CONFIRMED};

  flash->cut = BENCH_CUT_BLANK;
  assert_false(append(flash, &record));
  assert_int_equal(bench_flash_get_record(flash).sequence, 1);
  bench_flash_power_on(flash);
  record.bank = LOW;
  assert_true(append(flash, &record));
  assert_int_equal(record.sequence, 2);
  assert_int_equal(bench_flash_get_record(flash).bank, LOW);
}

static void the_sequence_goes_on_from_the_newest_wherever_it_stands(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = {.bank = HIGH, .state = WIRE_RECORD_CONFIRMED};

  bench_flash_put_record(flash, 0, LOW, 40);
  bench_flash_put_record(flash, 1, LOW, 3);
  bench_flash_put_garbage(flash, 5, 6, 1);
  assert_true(append(flash, &record));
  assert_int_equal(record.sequence, 41);
  assert_ptr_equal(fw_boot_find_record(flash->memory), slot_at(flash, 7));
}

static bool has_room(const BenchFlash *flash, WireBank bank, unsigned room)
{
  return fw_record_is_log_sound(
      flash->memory, bank, wire_image_get_crc(flash->memory + wire_bank_map(bank)->addr), room);
}

static bool is_sound(const BenchFlash *flash, WireBank bank)
{
  return has_room(flash, bank, FW_RECORD_ROOM);
}

static void put_records(BenchFlash *flash, unsigned count)
{
  bench_flash_erase_log(flash);
  for (unsigned slot = 0; slot < count; slot++)
    bench_flash_put_record(flash, slot, slot + 1 == count ? LOW : HIGH, slot + 100);
}

static void a_log_is_sound_when_its_records_follow_each_other_and_leave_room(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned count = 0; count <= WIRE_RECORD_COUNT; count++) {
    put_records(flash, count);
    assert_int_equal(is_sound(flash, LOW), count > 0 && count <= 7);
    assert_int_equal(has_room(flash, LOW, FW_RECORD_ROOM_AGAIN), count > 0 && count <= 9);
    for (unsigned room = 0; room <= WIRE_RECORD_COUNT; room++) {
      assert_int_equal(has_room(flash, LOW, room), count > 0 && count + room <= WIRE_RECORD_COUNT);
      assert_false(has_room(flash, HIGH, room)); /* the newest names LOW */
    }
  }
}

static void a_log_is_sound_only_for_the_program_that_settled(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, LOW, WIRE_RECORD_RETURNED, 101);

  put_records(flash, 1);
  assert_true(is_sound(flash, LOW));
  assert_false(fw_record_is_log_sound(flash->memory, LOW, record.crc ^ 1, 0));
  assert_false(fw_record_is_log_sound(flash->memory, WIRE_BANK_NONE, record.crc, 0));
  bench_flash_put_any_record(flash, 1, &record);
  assert_true(is_sound(flash, LOW));
  for (unsigned starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
    bench_flash_put_trial(flash, 1, LOW, 101, (uint8_t)starts);
    assert_false(is_sound(flash, LOW));
  }
  bench_flash_put_first(flash, 1, LOW, 101);
  assert_false(is_sound(flash, LOW));
}

static void a_returned_record_behind_others_is_sound_when_it_follows(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, LOW, WIRE_RECORD_RETURNED, 0);

  for (uint32_t sequence = 98; sequence < 106; sequence++) {
    put_records(flash, 3); /* 100, 101, 102 */
    record.sequence = sequence;
    bench_flash_put_any_record(flash, 3, &record);
    assert_int_equal(is_sound(flash, LOW), sequence == 103);
  }
}

static void a_hole_or_a_torn_record_anywhere_makes_a_log_unsound(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned slot = 0; slot < 5; slot++) {
    put_records(flash, 5);
    assert_true(is_sound(flash, LOW));
    slot_at(flash, slot)[9] ^= 1;
    assert_false(is_sound(flash, LOW));
    put_records(flash, 5);
    memset(slot_at(flash, slot), 0xff, WIRE_BLOCK_SIZE);
    assert_false(is_sound(flash, LOW)); /* and without the last, the newest names HIGH */
  }
}

static void anything_behind_the_records_makes_a_log_unsound(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned slot = 2; slot < WIRE_RECORD_COUNT; slot++) {
    put_records(flash, 2);
    slot_at(flash, slot)[WIRE_BLOCK_SIZE - 1] = 0x7f;
    assert_false(is_sound(flash, LOW));
  }
}

static void a_log_of_another_order_is_unsound(void **state)
{
  BenchFlash *flash = *state;

  put_records(flash, 4);
  bench_flash_put_record(flash, 1, LOW, 100); /* the same number twice */
  assert_false(is_sound(flash, LOW));
  put_records(flash, 4);
  bench_flash_put_record(flash, 0, LOW, 0xffffffff);
  assert_false(is_sound(flash, LOW));
  put_records(flash, 4);
  bench_flash_put_record(flash, 3, LOW, 104); /* one is missing */
  assert_false(is_sound(flash, LOW));
}

/* The newest at slot 4 with sequence 50, and one more. */
static bool is_once_with(BenchFlash *flash, WireRecordState newest, const WireRecord *other,
                         unsigned slot)
{
  WireRecord record = bench_record_make(flash, LOW, newest, 50);

  bench_flash_erase_log(flash);
  bench_flash_put_any_record(flash, 4, &record);
  if (other)
    bench_flash_put_any_record(flash, slot, other);
  return fw_record_is_settled_once(flash->memory);
}

static void what_settled_stands_once_until_the_record_before_says_the_same(void **state)
{
  BenchFlash *flash = *state;

  assert_false(fw_record_is_settled_once(flash->memory));
  for (int newest = WIRE_RECORD_CONFIRMED; newest <= WIRE_RECORD_FIRST; newest++) {
    bool settles = newest == WIRE_RECORD_CONFIRMED || newest == WIRE_RECORD_RETURNED;

    assert_int_equal(is_once_with(flash, (WireRecordState)newest, NULL, 0), settles);
    for (int before = WIRE_RECORD_CONFIRMED; before <= WIRE_RECORD_FIRST; before++)
      for (unsigned slot = 3; slot <= 5; slot += 2) {
        WireRecord record = bench_record_make(flash, LOW, (WireRecordState)before, 49);
        bool same = before == WIRE_RECORD_CONFIRMED || before == WIRE_RECORD_RETURNED;

        assert_int_equal(is_once_with(flash, (WireRecordState)newest, &record, slot),
                         settles && !same);
      }
  }
}

static void a_record_that_says_something_else_is_no_second_one(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, LOW, WIRE_RECORD_CONFIRMED, 49);

  assert_false(is_once_with(flash, WIRE_RECORD_CONFIRMED, &record, 3));
  record.sequence = 48; /* there was something between them */
  assert_true(is_once_with(flash, WIRE_RECORD_CONFIRMED, &record, 3));
  record.sequence = 49;
  record.crc ^= 1;
  assert_true(is_once_with(flash, WIRE_RECORD_CONFIRMED, &record, 3));
  record.crc ^= 1;
  record.bank = HIGH;
  assert_true(is_once_with(flash, WIRE_RECORD_CONFIRMED, &record, 3));
}

static void a_record_of_a_bank_names_what_lies_there(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = fw_record_of_bank(flash->memory, HIGH, WIRE_RECORD_TRIAL);

  assert_int_equal(record.bank, HIGH);
  assert_int_equal(record.state, WIRE_RECORD_TRIAL);
  assert_int_equal(record.version, NEW);
  assert_int_equal(record.crc, wire_image_get_crc(flash->memory + wire_bank_map(HIGH)->addr));
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_free_slot_is_behind_everything_that_is_not_blank),
      TEST(one_programmed_bit_takes_a_slot),
      TEST(the_sector_behind_the_log_does_not_matter),
      TEST(records_go_into_the_log_one_behind_the_other),
      TEST(a_full_log_takes_no_record_and_is_not_touched),
      TEST(places_that_fail_are_stepped_over),
      TEST(a_torn_record_is_stepped_over_and_its_sequence_used_again),
      TEST(a_torn_record_that_reads_right_is_older_than_the_next),
      TEST(the_sequence_goes_on_from_the_newest_wherever_it_stands),
      TEST(a_log_is_sound_when_its_records_follow_each_other_and_leave_room),
      TEST(a_log_is_sound_only_for_the_program_that_settled),
      TEST(a_returned_record_behind_others_is_sound_when_it_follows),
      TEST(a_hole_or_a_torn_record_anywhere_makes_a_log_unsound),
      TEST(anything_behind_the_records_makes_a_log_unsound),
      TEST(a_log_of_another_order_is_unsound),
      TEST(what_settled_stands_once_until_the_record_before_says_the_same),
      TEST(a_record_that_says_something_else_is_no_second_one),
      TEST(a_record_of_a_bank_names_what_lies_there),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
