/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sector and bank table: nothing belongs to two owners, nothing to nobody. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire-flash-map.h"

enum { LOW_END = 0x10000, HIGH_END = 0x1c000 };

static void the_banks_are_where_the_design_puts_them(void **state)
{
  const WireBankMap *low = wire_bank_map(WIRE_BANK_LOW), *high = wire_bank_map(WIRE_BANK_HIGH);

  (void)state;
  assert_int_equal(low->addr, 0x2000);
  assert_int_equal(low->addr + low->size, LOW_END);
  assert_int_equal(low->token, 0x8000);
  assert_int_equal(high->addr, 0x10000);
  assert_int_equal(high->addr + high->size, HIGH_END);
  assert_int_equal(high->token, 0x10000);
}

static void only_low_and_high_have_a_map(void **state)
{
  (void)state;
  assert_null(wire_bank_map(WIRE_BANK_NONE));
  assert_null(wire_bank_map((WireBank)3));
  assert_null(wire_bank_map((WireBank)255));
}

static void each_bank_is_the_others_other(void **state)
{
  (void)state;
  assert_int_equal(wire_bank_other(WIRE_BANK_LOW), WIRE_BANK_HIGH);
  assert_int_equal(wire_bank_other(WIRE_BANK_HIGH), WIRE_BANK_LOW);
  assert_int_equal(wire_bank_other(WIRE_BANK_NONE), WIRE_BANK_NONE);
}

static void sectors_and_addresses_of_a_bank_agree(void **state)
{
  (void)state;
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const WireBankMap *map = wire_bank_map(bank);

    assert_int_equal(wire_bank_get_addr(bank), map->addr);
    assert_int_equal(wire_bank_get_size(bank), map->size);
    assert_int_equal(map->addr, map->first_sector * WIRE_SECTOR_SIZE);
    assert_int_equal(map->addr + map->size, (map->last_sector + 1) * WIRE_SECTOR_SIZE);
    assert_int_equal(map->size % WIRE_BLOCK_SIZE, 0);
    assert_true(wire_block_count(map->size) <= WIRE_BLOCKS_MAX);
    assert_true(map->size >= WIRE_RELEASE_SIZE_MAX);
  }
}

static void every_sector_has_exactly_one_owner(void **state)
{
  unsigned owners[WIRE_SECTOR_COUNT] = {0};

  (void)state;
  owners[0]++; /* jump and loader */
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    for (unsigned at = wire_bank_map(bank)->first_sector; at <= wire_bank_map(bank)->last_sector;
         at++)
      owners[at]++;
  owners[WIRE_RECORD_SECTOR]++;
  owners[WIRE_BOOT_SECTOR]++;
  for (unsigned sector = 0; sector < WIRE_SECTOR_COUNT; sector++)
    assert_int_equal(owners[sector], 1);
}

static void sector_0_is_jump_and_loader_without_gap(void **state)
{
  (void)state;
  assert_int_equal(WIRE_JUMP_ADDR + WIRE_JUMP_SIZE, WIRE_LOADER_ADDR);
  assert_int_equal(WIRE_LOADER_ADDR + WIRE_LOADER_SIZE, WIRE_SECTOR_SIZE);
  assert_int_equal(WIRE_SECTOR_COUNT * WIRE_SECTOR_SIZE, WIRE_FLASH_SIZE);
  assert_int_equal(WIRE_RECORD_ADDR, WIRE_RECORD_SECTOR * WIRE_SECTOR_SIZE);
  assert_int_equal(WIRE_RECORD_COUNT * WIRE_BLOCK_SIZE, WIRE_SECTOR_SIZE);
}

static void each_byte_of_flash_has_the_bank_of_its_sector(void **state)
{
  (void)state;
  for (uint32_t addr = 0; addr < WIRE_FLASH_SIZE; addr++) {
    unsigned sector = addr / WIRE_SECTOR_SIZE;
    WireBank expected = sector >= 1 && sector <= 7    ? WIRE_BANK_LOW
                        : sector >= 8 && sector <= 13 ? WIRE_BANK_HIGH
                                                      : WIRE_BANK_NONE;

    assert_int_equal(wire_bank_of_range(addr, 1), expected);
  }
}

typedef struct {
  uint32_t addr, length;
  WireBank bank;
} RangeCase;

static void the_edges_of_a_range_are_the_edges_of_a_bank(void **state)
{
  static const RangeCase cases[] = {
      {0x02000, 0xe000, WIRE_BANK_LOW},  {0x02000, 0xe001, WIRE_BANK_NONE},
      {0x01fff, 2, WIRE_BANK_NONE},      {0x0ffff, 1, WIRE_BANK_LOW},
      {0x0ffff, 2, WIRE_BANK_NONE}, /* from LOW into HIGH: in neither */
      {0x10000, 0xc000, WIRE_BANK_HIGH}, {0x10000, 0xc001, WIRE_BANK_NONE},
      {0x1bfff, 1, WIRE_BANK_HIGH},      {0x1bfff, 2, WIRE_BANK_NONE},
      {0x1c000, 1, WIRE_BANK_NONE},      {0, WIRE_FLASH_SIZE, WIRE_BANK_NONE},
  };

  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(wire_bank_of_range(cases[i].addr, cases[i].length), cases[i].bank);
}

/* An empty range is where its address is; the address behind a bank is the next owner's. */
static void an_empty_range_lies_where_its_address_lies(void **state)
{
  (void)state;
  assert_int_equal(wire_bank_of_range(0x01fff, 0), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(0x02000, 0), WIRE_BANK_LOW);
  assert_int_equal(wire_bank_of_range(LOW_END, 0), WIRE_BANK_HIGH);
  assert_int_equal(wire_bank_of_range(HIGH_END, 0), WIRE_BANK_NONE);
}

static void a_range_that_wraps_round_is_in_no_bank(void **state)
{
  (void)state;
  assert_int_equal(wire_bank_of_range(0x02000, UINT32_MAX), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(0x10000, UINT32_MAX - 0xffff), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(0x02200, UINT32_MAX - 0x100), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(0x1be00, UINT32_MAX), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(UINT32_MAX, 0x2002), WIRE_BANK_NONE);
  assert_int_equal(wire_bank_of_range(UINT32_MAX, 1), WIRE_BANK_NONE);
}

static void a_part_of_a_block_counts_as_a_block(void **state)
{
  (void)state;
  assert_int_equal(wire_block_count(0), 0);
  assert_int_equal(wire_block_count(1), 1);
  assert_int_equal(wire_block_count(511), 1);
  assert_int_equal(wire_block_count(512), 1);
  assert_int_equal(wire_block_count(513), 2);
  assert_int_equal(wire_block_count(UINT32_MAX), 0x800000); /* no overflow on the way */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_banks_are_where_the_design_puts_them),
      cmocka_unit_test(only_low_and_high_have_a_map),
      cmocka_unit_test(each_bank_is_the_others_other),
      cmocka_unit_test(sectors_and_addresses_of_a_bank_agree),
      cmocka_unit_test(every_sector_has_exactly_one_owner),
      cmocka_unit_test(sector_0_is_jump_and_loader_without_gap),
      cmocka_unit_test(each_byte_of_flash_has_the_bank_of_its_sector),
      cmocka_unit_test(the_edges_of_a_range_are_the_edges_of_a_bank),
      cmocka_unit_test(an_empty_range_lies_where_its_address_lies),
      cmocka_unit_test(a_range_that_wraps_round_is_in_no_bank),
      cmocka_unit_test(a_part_of_a_block_counts_as_a_block),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
