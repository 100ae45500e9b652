/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which bank starts: every combination of settled record and banks against the table below, and of
 * any record and banks against the rules in words; records torn, old and doubled; images spoilt
 * byte by byte. */

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
  start = bench_flash_get_start(flash);
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

/* Any record and any banks, and what then must happen, rule by rule. */
typedef struct {
  uint32_t state; /* WireRecordState of the newest record, 0: there is none */
  uint8_t starts;
  WireBank bank; /* that it names */
  bool is_as_recorded;
  WireBankState there, other; /* in that bank, and in the other one */
  uint32_t low, high;         /* versions */
} Situation;

static uint32_t start_the_newer_one(const Situation *at)
{
  WireBankState low = at->bank == LOW ? at->there : at->other;
  WireBankState high = at->bank == HIGH ? at->there : at->other;

  if (low == VALID && high == VALID)
    return fw_entry_make(FW_ENTRY_PROGRAM, at->high > at->low ? HIGH : LOW);
  /* Alone and without a record nothing says that it is proven. */
  return fw_entry_make(FW_ENTRY_LISTEN, low == VALID ? LOW : HIGH);
}

static uint32_t expect_entry(const Situation *at)
{
  WireBank other = at->bank == LOW ? HIGH : LOW;
  bool on_trial = at->state == WIRE_RECORD_TRIAL, first = at->state == WIRE_RECORD_FIRST;

  /* Nothing can be started when nothing is whole, whatever the log says. */
  if (at->there != VALID && at->other != VALID)
    return fw_entry_make(FW_ENTRY_NO_PROGRAM, 0);
  /* A log that says nothing leaves it to the versions. */
  if (at->state == 0)
    return start_the_newer_one(at);
  /* Where a first program was recorded nothing is proven, neither it nor what lies beside it: the
   * loader listens before either, however often. It is the recorded one that starts, unless another
   * program lies in its place and there is a choice. */
  if (first && at->there == VALID && (at->is_as_recorded || at->other != VALID))
    return fw_entry_make(FW_ENTRY_LISTEN, at->bank);
  if (first)
    return fw_entry_make(FW_ENTRY_LISTEN, other);
  /* A trial is one only beside a program to go back to: alone, it is not proven either. */
  if (on_trial && at->other != VALID)
    return fw_entry_make(FW_ENTRY_LISTEN, at->bank);
  /* Each start is counted before it is made. What is not there as it was sent, or used its three
   * starts up, does not start again: the other program starts, which notes that. */
  if (on_trial && at->there == VALID && at->is_as_recorded && at->starts < 3)
    return fw_entry_make(FW_ENTRY_START, at->bank);
  if (on_trial)
    return fw_entry_make(FW_ENTRY_PROGRAM, other);
  /* It has settled. If it is not there the other runs, and if that is not either, some whole
   * program rather than none. */
  if (at->there == VALID && (at->is_as_recorded || at->other != VALID))
    return fw_entry_make(FW_ENTRY_PROGRAM, at->bank);
  return fw_entry_make(FW_ENTRY_PROGRAM, other);
}

static void check_situation(BenchFlash *flash, const Situation *at)
{
  uint32_t wanted = expect_entry(at), word;

  put_bank(flash, at->bank, at->bank == LOW ? at->low : at->high, at->there);
  put_bank(flash, wire_bank_other(at->bank), at->bank == LOW ? at->high : at->low, at->other);
  bench_flash_erase_log(flash);
  if (at->state != 0) {
    BenchImage image;
    WireRecord record = {.bank = at->bank, .sequence = 5, .state = at->state, .starts = at->starts};

    bench_image_make(&image, at->bank, at->bank == LOW ? at->low : at->high, LENGTH);
    record.crc = image.header.crc ^ !at->is_as_recorded;
    bench_flash_put_any_record(flash, 4, &record);
    bench_flash_put_record(flash, 9, wire_bank_other(at->bank), 4); /* old: must not matter */
  }
  word = fw_boot_choose(flash->memory);
  if (fw_entry_get_kind(word) == FW_ENTRY_NO_PROGRAM)
    word = fw_entry_make(FW_ENTRY_NO_PROGRAM, 0); /* the bank means nothing then */
  if (word != wanted)
    fail_msg("state %u, %u starts, of bank %d (%s): there %d, other %d, versions %x, %x: "
             "%08x and not %08x",
             at->state, at->starts, at->bank, at->is_as_recorded ? "as recorded" : "another",
             at->there, at->other, at->low, at->high, word, wanted);
}

/* Each pair of bank contents in both orders of versions. Returns the situations looked at. */
static unsigned check_banks(BenchFlash *flash, Situation at)
{
  static const uint32_t versions[][2] = {{OLD, NEW}, {NEW, OLD}, {NEW, NEW}, {0, 0}};
  unsigned count = 0;

  for (int there = EMPTY; there <= VALID; there++)
    for (int other = EMPTY; other <= VALID; other++)
      for (unsigned i = 0; i < 4; i++, count++) {
        at.there = (WireBankState)there;
        at.other = (WireBankState)other;
        at.low = versions[i][0];
        at.high = versions[i][1];
        check_situation(flash, &at);
      }
  return count;
}

static void every_record_and_every_pair_of_banks_leads_where_the_rules_say(void **state)
{
  static const struct {
    uint32_t state;
    uint8_t starts;
  } records[] = {
      {0, 0},
      {WIRE_RECORD_CONFIRMED, 0},
      {WIRE_RECORD_CONFIRMED, 3}, /* starts mean nothing there */
      {WIRE_RECORD_RETURNED, 0},
      {WIRE_RECORD_RETURNED, 255},
      {WIRE_RECORD_TRIAL, 0},
      {WIRE_RECORD_TRIAL, 1},
      {WIRE_RECORD_TRIAL, 2},
      {WIRE_RECORD_TRIAL, 3},
      {WIRE_RECORD_TRIAL, 4},
      {WIRE_RECORD_TRIAL, 128},
      {WIRE_RECORD_TRIAL, 255},
      {WIRE_RECORD_FIRST, 0}, /* nor there */
      {WIRE_RECORD_FIRST, 1},
      {WIRE_RECORD_FIRST, 2},
      {WIRE_RECORD_FIRST, 3},
      {WIRE_RECORD_FIRST, 4},
      {WIRE_RECORD_FIRST, 255},
  };
  unsigned count = 0;

  for (unsigned i = 0; i < sizeof records / sizeof *records; i++)
    for (WireBank bank = LOW; bank <= HIGH; bank++)
      for (int same = 0; same < 2; same++)
        count += check_banks(*state, (Situation){.state = records[i].state,
                                                 .starts = records[i].starts,
                                                 .bank = bank,
                                                 .is_as_recorded = same});
  assert_int_equal(count, 18 * 2 * 2 * 9 * 4);
}

static void each_spoilt_byte_of_an_image_makes_it_unfit(void **state)
{
  BenchFlash *flash = *state;

  put_bank(flash, LOW, OLD, VALID);
  for (uint32_t at = 0; at < LENGTH; at++) {
    uint8_t *byte = flash->memory + wire_bank_map(LOW)->addr + at;

    *byte ^= 0x04;
    assert_int_not_equal(fw_boot_judge(flash->memory, NULL, LOW), VALID);
    assert_int_equal(bench_flash_get_start(flash), NONE);
    *byte ^= 0x04;
  }
  assert_int_equal(fw_boot_judge(flash->memory, NULL, LOW), VALID);
  assert_int_equal(wire_image_get_version(flash->memory + wire_bank_map(LOW)->addr), OLD);
  assert_int_equal(wire_image_get_length(flash->memory + wire_bank_map(LOW)->addr), LENGTH);
}

/* Sealed, but power went before its record was written: the record of the program that was in this
 * bank before does not speak for the new one. */
static void a_record_of_another_image_does_not_start_this_one(void **state)
{
  BenchFlash *flash = *state;

  put_bank(flash, HIGH, OLD, VALID);
  bench_flash_put_record(flash, 0, HIGH, 1);
  put_bank(flash, LOW, OLD, VALID);
  assert_int_equal(bench_flash_get_start(flash), HIGH);
  put_bank(flash, HIGH, NEW, VALID);
  assert_int_equal(bench_flash_get_start(flash), LOW);
  put_bank(flash, LOW, OLD, DAMAGED); /* then something whole rather than nothing */
  assert_int_equal(bench_flash_get_start(flash), HIGH);
}

static void bytes_behind_the_image_do_not_matter(void **state)
{
  BenchFlash *flash = *state;

  put_bank(flash, HIGH, OLD, VALID);
  flash->memory[wire_bank_map(HIGH)->addr + LENGTH] = 0;
  assert_int_equal(fw_boot_judge(flash->memory, NULL, HIGH), VALID);
}

static void an_image_of_the_other_bank_is_not_started(void **state)
{
  BenchFlash *flash = *state;
  BenchImage image;

  bench_image_make(&image, HIGH, NEW, LENGTH);
  memcpy(flash->memory + wire_bank_map(LOW)->addr, image.bytes, image.length);
  assert_int_equal(fw_boot_judge(flash->memory, NULL, LOW), EMPTY);
  assert_int_equal(bench_flash_get_start(flash), NONE);
}

static void an_image_that_fills_its_bank_is_valid_and_one_byte_more_is_not(void **state)
{
  BenchFlash *flash = *state;
  BenchImage image;
  uint8_t *at = flash->memory + wire_bank_map(HIGH)->addr;
  uint32_t size = wire_bank_map(HIGH)->size;

  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(flash, &image);
  for (uint32_t more = 0; more < 2; more++) {
    image.header.length = size + more;
    wire_image_header_write(&image.header, at);
    image.header.crc = wire_image_crc(at, at, size + more);
    wire_image_header_write(&image.header, at);
    assert_int_equal(fw_boot_judge(flash->memory, NULL, HIGH), more == 0 ? VALID : EMPTY);
  }
}

static void an_image_shorter_than_a_block_is_judged_right(void **state)
{
  static const uint32_t lengths[] = {0x80, 0x81, 0x1ff, 0x200, 0x201};
  BenchFlash *flash = *state;

  for (unsigned i = 0; i < 5; i++) {
    BenchImage image;

    bench_image_make(&image, LOW, OLD, lengths[i]);
    bench_flash_put(flash, &image);
    assert_int_equal(fw_boot_judge(flash->memory, NULL, LOW), VALID);
  }
}

/* As the loader has it before it seals: the first block in RAM, the rest in flash. */
static void an_image_is_judged_by_a_first_block_that_lies_elsewhere(void **state)
{
  static const uint32_t lengths[] = {0x80, 0x1ff, 0x200, 0x201, LENGTH};
  BenchFlash *flash = *state;

  for (unsigned i = 0; i < 5; i++) {
    BenchImage image;
    uint8_t head[WIRE_BLOCK_SIZE];

    bench_image_make(&image, HIGH, NEW, lengths[i]);
    bench_flash_put(flash, &image);
    bench_image_get_block(&image, 0, head);
    memset(flash->memory + wire_bank_map(HIGH)->addr, 0xff, WIRE_BLOCK_SIZE);
    assert_int_equal(fw_boot_judge(flash->memory, NULL, HIGH), EMPTY);
    assert_int_equal(fw_boot_judge(flash->memory, head, HIGH), VALID);
    assert_int_equal(fw_boot_judge(flash->memory, head, LOW), EMPTY);
    head[0x60] ^= 1; /* of its name */
    assert_int_equal(fw_boot_judge(flash->memory, head, HIGH), DAMAGED);
    head[0x40] ^= 1; /* of its magic */
    assert_int_equal(fw_boot_judge(flash->memory, head, HIGH), EMPTY);
  }
}

static void check_newest(const BenchFlash *flash, unsigned slot)
{
  assert_ptr_equal(fw_boot_find_record(flash->memory),
                   flash->memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE);
}

static void the_newest_record_wins_wherever_it_stands(void **state)
{
  BenchFlash *flash = *state;

  assert_null(fw_boot_find_record(flash->memory));
  bench_flash_put_record(flash, 0, LOW, 4);
  bench_flash_put_record(flash, 1, HIGH, 9);
  bench_flash_put_record(flash, 2, LOW, 8);
  bench_flash_put_record(flash, 15, LOW, 7);
  check_newest(flash, 1);
  assert_int_equal(bench_flash_get_record(flash).bank, HIGH);
  assert_int_equal(bench_flash_get_record(flash).sequence, 9);
  bench_flash_put_record(flash, 15, LOW, UINT32_MAX);
  check_newest(flash, 15);
}

/* What was written into the later place was written later. */
static void of_records_that_are_alike_the_one_in_the_later_place_wins(void **state)
{
  BenchFlash *flash = *state;

  for (unsigned first = 0; first < WIRE_RECORD_COUNT; first++)
    for (unsigned second = first + 1; second < WIRE_RECORD_COUNT; second++) {
      bench_flash_erase_log(flash);
      bench_flash_put_record(flash, second, HIGH, 7);
      bench_flash_put_record(flash, first, LOW, 7);
      check_newest(flash, second);
      assert_int_equal(bench_flash_get_record(flash).bank, HIGH);
      bench_flash_put_record(flash, first, LOW, 8);
      check_newest(flash, first);
    }
}

/* Sequence 0 is written by nobody; a record is a record all the same. */
static void a_record_of_any_sequence_counts(void **state)
{
  bench_flash_put_record(*state, 3, HIGH, 0);
  check_newest(*state, 3);
}

static void a_record_of_a_state_nobody_knows_counts_for_nothing(void **state)
{
  static const uint32_t states[] = {0, 5, 0xff, UINT32_MAX};
  BenchFlash *flash = *state;

  put_bank(flash, LOW, OLD, VALID);
  put_bank(flash, HIGH, NEW, VALID);
  bench_flash_put_record(flash, 0, LOW, 1);
  for (unsigned i = 0; i < 4; i++) {
    WireRecord record = bench_record_make(flash, HIGH, WIRE_RECORD_CONFIRMED, 2);

    record.state = states[i];
    bench_flash_put_any_record(flash, 1, &record);
    check_newest(flash, 0);
    assert_int_equal(bench_flash_get_start(flash), LOW);
  }
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
    assert_int_equal(bench_flash_get_start(flash), LOW);
  }
  bench_flash_put_record(flash, 1, HIGH, 6);
  assert_int_equal(bench_flash_get_start(flash), HIGH);
}

static void a_log_of_garbage_lets_the_headers_decide(void **state)
{
  BenchFlash *flash = *state;
  WireRandom random = wire_random(1);

  put_bank(flash, LOW, OLD, VALID);
  put_bank(flash, HIGH, NEW, VALID);
  for (unsigned round = 0; round < 20; round++) {
    wire_random_fill(&random, flash->memory + WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE);
    assert_int_equal(bench_flash_get_start(flash), HIGH);
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
      TEST(every_record_and_every_pair_of_banks_leads_where_the_rules_say),
      TEST(each_spoilt_byte_of_an_image_makes_it_unfit),
      TEST(a_record_of_another_image_does_not_start_this_one),
      TEST(bytes_behind_the_image_do_not_matter),
      TEST(an_image_of_the_other_bank_is_not_started),
      TEST(an_image_that_fills_its_bank_is_valid_and_one_byte_more_is_not),
      TEST(an_image_shorter_than_a_block_is_judged_right),
      TEST(an_image_is_judged_by_a_first_block_that_lies_elsewhere),
      TEST(the_newest_record_wins_wherever_it_stands),
      TEST(of_records_that_are_alike_the_one_in_the_later_place_wins),
      TEST(a_record_of_any_sequence_counts),
      TEST(a_record_of_a_state_nobody_knows_counts_for_nothing),
      TEST(a_torn_record_leaves_the_one_before_in_force),
      TEST(a_log_of_garbage_lets_the_headers_decide),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
