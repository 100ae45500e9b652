/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which bank starts: every combination of record and banks against the table below; records torn,
 * old and doubled; images spoilt byte by byte. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fw-bench.h"

enum { LENGTH = 0x500, OLD = WIRE_VERSION(1, 0, 0), NEW = WIRE_VERSION(1, 1, 0) };

#define NONE WIRE_BANK_NONE
#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

#define EMPTY   WIRE_BANK_EMPTY
#define DAMAGED WIRE_BANK_DAMAGED
#define VALID   WIRE_BANK_VALID

typedef struct {
  WireBank record;
  WireBankState low, high;
  WireBank start;
} BootCase;

/* HIGH holds the newer version here. */
static const BootCase boot_table[27] = {
    {NONE, EMPTY, EMPTY, NONE},   {NONE, EMPTY, DAMAGED, NONE},   {NONE, EMPTY, VALID, HIGH},
    {NONE, DAMAGED, EMPTY, NONE}, {NONE, DAMAGED, DAMAGED, NONE}, {NONE, DAMAGED, VALID, HIGH},
    {NONE, VALID, EMPTY, LOW},    {NONE, VALID, DAMAGED, LOW},    {NONE, VALID, VALID, HIGH},
    {LOW, EMPTY, EMPTY, NONE},    {LOW, EMPTY, DAMAGED, NONE},    {LOW, EMPTY, VALID, HIGH},
    {LOW, DAMAGED, EMPTY, NONE},  {LOW, DAMAGED, DAMAGED, NONE},  {LOW, DAMAGED, VALID, HIGH},
    {LOW, VALID, EMPTY, LOW},     {LOW, VALID, DAMAGED, LOW},     {LOW, VALID, VALID, LOW},
    {HIGH, EMPTY, EMPTY, NONE},   {HIGH, EMPTY, DAMAGED, NONE},   {HIGH, EMPTY, VALID, HIGH},
    {HIGH, DAMAGED, EMPTY, NONE}, {HIGH, DAMAGED, DAMAGED, NONE}, {HIGH, DAMAGED, VALID, HIGH},
    {HIGH, VALID, EMPTY, LOW},    {HIGH, VALID, DAMAGED, LOW},    {HIGH, VALID, VALID, HIGH},
};

static int set_up(void **state)
{
  *state = malloc(sizeof(BenchFlash));
  bench_flash_init(*state);
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static void put_bank(BenchFlash *flash, WireBank bank, uint32_t version, WireBankState wanted)
{
  BenchImage image;

  bench_image_make(&image, bank, version, LENGTH);
  bench_flash_erase_bank(flash, bank);
  if (wanted == EMPTY)
    return;
  bench_flash_put(flash, &image);
  if (wanted == DAMAGED)
    flash->memory[image.header.bank_addr + LENGTH - 1] ^= 1;
}

static void check_case(BenchFlash *flash, const BootCase *row, uint32_t low, uint32_t high)
{
  WireBank start;

  put_bank(flash, LOW, low, row->low);
  put_bank(flash, HIGH, high, row->high);
  memset(flash->memory + WIRE_RECORD_ADDR, 0xff, WIRE_SECTOR_SIZE);
  if (row->record != NONE)
    bench_flash_put_record(flash, 0, row->record, 1);
  start = fw_boot_choose(flash->memory);
  if (start != row->start)
    fail_msg("record %d, LOW %d, HIGH %d: %d starts and not %d", row->record, row->low, row->high,
             start, row->start);
}

static void every_combination_starts_what_the_table_says(void **state)
{
  for (unsigned i = 0; i < 27; i++)
    check_case(*state, &boot_table[i], OLD, NEW);
}

static void the_record_counts_more_than_the_version(void **state)
{
  for (unsigned i = 9; i < 27; i++)
    check_case(*state, &boot_table[i], NEW, OLD);
}

static void without_a_record_the_newer_version_starts_and_low_when_alike(void **state)
{
  const BootCase low_wins = {NONE, VALID, VALID, LOW};

  check_case(*state, &low_wins, NEW, OLD);
  check_case(*state, &low_wins, NEW, NEW);
}

/* A damaged bank that claims a newer version does not hide the whole one. */
static void without_a_record_a_newer_but_damaged_bank_does_not_start(void **state)
{
  check_case(*state, &(BootCase){NONE, VALID, DAMAGED, LOW}, OLD, NEW);
  check_case(*state, &(BootCase){NONE, DAMAGED, VALID, HIGH}, NEW, OLD);
}

static void each_spoilt_byte_of_an_image_makes_it_unfit(void **state)
{
  BenchFlash *flash = *state;
  WireImageHeader header;

  put_bank(flash, LOW, OLD, VALID);
  for (uint32_t at = 0; at < LENGTH; at++) {
    uint8_t *byte = flash->memory + wire_bank_map(LOW)->addr + at;

    *byte ^= 0x04;
    assert_int_not_equal(fw_boot_judge(flash->memory, LOW, &header), VALID);
    assert_int_equal(fw_boot_choose(flash->memory), NONE);
    *byte ^= 0x04;
  }
  assert_int_equal(fw_boot_judge(flash->memory, LOW, &header), VALID);
  assert_int_equal(header.version, OLD);
  assert_int_equal(header.length, LENGTH);
}

/* Sealed, but power went before its record was written: the record of the program that was in this
 * bank before does not speak for the new one. */
static void a_record_of_another_image_does_not_start_this_one(void **state)
{
  BenchFlash *flash = *state;

  put_bank(flash, HIGH, OLD, VALID);
  bench_flash_put_record(flash, 0, HIGH, 1);
  put_bank(flash, LOW, OLD, VALID);
  assert_int_equal(fw_boot_choose(flash->memory), HIGH);
  put_bank(flash, HIGH, NEW, VALID);
  assert_int_equal(fw_boot_choose(flash->memory), LOW);
  put_bank(flash, LOW, OLD, DAMAGED); /* then something whole rather than nothing */
  assert_int_equal(fw_boot_choose(flash->memory), HIGH);
}

static void bytes_behind_the_image_do_not_matter(void **state)
{
  BenchFlash *flash = *state;
  WireImageHeader header;

  put_bank(flash, HIGH, OLD, VALID);
  flash->memory[wire_bank_map(HIGH)->addr + LENGTH] = 0;
  assert_int_equal(fw_boot_judge(flash->memory, HIGH, &header), VALID);
}

static void an_image_of_the_other_bank_is_not_started(void **state)
{
  BenchFlash *flash = *state;
  BenchImage image;
  WireImageHeader header;

  bench_image_make(&image, HIGH, NEW, LENGTH);
  memcpy(flash->memory + wire_bank_map(LOW)->addr, image.bytes, image.length);
  assert_int_equal(fw_boot_judge(flash->memory, LOW, &header), EMPTY);
  assert_int_equal(fw_boot_choose(flash->memory), NONE);
}

static void an_image_that_fills_its_bank_is_valid_and_one_byte_more_is_not(void **state)
{
  BenchFlash *flash = *state;
  BenchImage image;
  uint8_t *at = flash->memory + wire_bank_map(HIGH)->addr;
  uint32_t size = wire_bank_map(HIGH)->size;
  WireImageHeader header;

  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(flash, &image);
  for (uint32_t more = 0; more < 2; more++) {
    image.header.length = size + more;
    wire_image_header_write(&image.header, at);
    image.header.crc = wire_image_crc(at, 0x200, at + 0x200, size + more);
    wire_image_header_write(&image.header, at);
    assert_int_equal(fw_boot_judge(flash->memory, HIGH, &header), more == 0 ? VALID : EMPTY);
  }
}

static void an_image_shorter_than_a_block_is_judged_right(void **state)
{
  static const uint32_t lengths[] = {0x80, 0x81, 0x1ff, 0x200, 0x201};
  BenchFlash *flash = *state;

  for (unsigned i = 0; i < 5; i++) {
    BenchImage image;
    WireImageHeader header;

    bench_image_make(&image, LOW, OLD, lengths[i]);
    bench_flash_put(flash, &image);
    assert_int_equal(fw_boot_judge(flash->memory, LOW, &header), VALID);
  }
}

static void the_newest_record_wins_wherever_it_stands(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record;

  fw_boot_find_record(flash->memory, &record);
  assert_int_equal(record.bank, NONE);
  assert_int_equal(record.sequence, 0);
  bench_flash_put_record(flash, 0, LOW, 4);
  bench_flash_put_record(flash, 1, HIGH, 9);
  bench_flash_put_record(flash, 2, LOW, 8);
  bench_flash_put_record(flash, 15, LOW, 7);
  fw_boot_find_record(flash->memory, &record);
  assert_int_equal(record.bank, HIGH);
  assert_int_equal(record.sequence, 9);
  bench_flash_put_record(flash, 15, LOW, UINT32_MAX);
  fw_boot_find_record(flash->memory, &record);
  assert_int_equal(record.bank, LOW);
}

static void a_torn_record_leaves_the_one_before_in_force(void **state)
{
  BenchFlash *flash = *state;
  uint8_t *slot = flash->memory + WIRE_RECORD_ADDR + WIRE_BLOCK_SIZE;

  put_bank(flash, LOW, OLD, VALID);
  put_bank(flash, HIGH, NEW, VALID);
  bench_flash_put_record(flash, 0, LOW, 5);
  for (unsigned torn = 0; torn < WIRE_RECORD_LENGTH; torn++) {
    bench_flash_put_record(flash, 1, HIGH, 6);
    memset(slot + torn, 0xff, WIRE_RECORD_LENGTH - torn);
    assert_int_equal(fw_boot_choose(flash->memory), LOW);
  }
  bench_flash_put_record(flash, 1, HIGH, 6);
  assert_int_equal(fw_boot_choose(flash->memory), HIGH);
}

static void a_log_of_garbage_lets_the_headers_decide(void **state)
{
  BenchFlash *flash = *state;
  WireRandom random = wire_random(1);

  put_bank(flash, LOW, OLD, VALID);
  put_bank(flash, HIGH, NEW, VALID);
  for (unsigned round = 0; round < 20; round++) {
    wire_random_fill(&random, flash->memory + WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE);
    assert_int_equal(fw_boot_choose(flash->memory), HIGH);
  }
}

static void the_free_slot_is_behind_everything_that_is_not_blank(void **state)
{
  BenchFlash *flash = *state;

  assert_int_equal(fw_boot_find_free_slot(flash->memory), 0);
  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    bench_flash_put_record(flash, slot, LOW, slot + 1);
    assert_int_equal(fw_boot_find_free_slot(flash->memory), slot + 1);
  }
}

/* A record torn so that one bit of its slot is programmed: the slot is not free any more, and no
 * slot before it is. */
static void one_programmed_bit_takes_a_slot(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++)
    for (unsigned at = 0; at < WIRE_BLOCK_SIZE; at += WIRE_BLOCK_SIZE - 1) {
      uint8_t *byte = flash->memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE + at;

      *byte = 0xfe;
      assert_int_equal(fw_boot_find_free_slot(flash->memory), slot + 1);
      *byte = 0xff;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(every_combination_starts_what_the_table_says),
      TEST(the_record_counts_more_than_the_version),
      TEST(without_a_record_the_newer_version_starts_and_low_when_alike),
      TEST(without_a_record_a_newer_but_damaged_bank_does_not_start),
      TEST(each_spoilt_byte_of_an_image_makes_it_unfit),
      TEST(a_record_of_another_image_does_not_start_this_one),
      TEST(bytes_behind_the_image_do_not_matter),
      TEST(an_image_of_the_other_bank_is_not_started),
      TEST(an_image_that_fills_its_bank_is_valid_and_one_byte_more_is_not),
      TEST(an_image_shorter_than_a_block_is_judged_right),
      TEST(the_newest_record_wins_wherever_it_stands),
      TEST(a_torn_record_leaves_the_one_before_in_force),
      TEST(a_log_of_garbage_lets_the_headers_decide),
      TEST(the_free_slot_is_behind_everything_that_is_not_blank),
      TEST(one_programmed_bit_takes_a_slot),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
