/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Images made in memory and the flash with the chip's rules. */

#include "fw-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "wire-bytes.h"

void bench_image_make(BenchImage *image, WireBank bank, uint32_t version, uint32_t length)
{
  WireRandom random = wire_random(version * 4 + bank);

  assert_in_range(length, WIRE_IMAGE_LENGTH_MIN, BENCH_LENGTH_MAX);
  memset(image, 0, sizeof *image);
  image->bank = bank;
  image->length = length;
  image->header = (WireImageHeader){
      .product = WIRE_PRODUCT_DEMO,
      .version = version,
      .length = length,
      .bank_addr = wire_bank_map(bank)->addr,
      .name = "bench",
  };
  wire_random_fill(&random, image->bytes, length);
  bench_image_seal(image);
}

void bench_image_seal(BenchImage *image)
{
  wire_put_u32(image->bytes + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(image->bytes));
  wire_image_header_write(&image->header, image->bytes);
  image->header.crc = wire_image_crc(image->bytes, WIRE_IMAGE_LENGTH_MIN,
                                     image->bytes + WIRE_IMAGE_LENGTH_MIN, image->length);
  wire_put_u32(image->bytes + WIRE_IMAGE_CRC_OFFSET, image->header.crc);
}

void bench_image_get_block(const BenchImage *image, unsigned block, uint8_t *to)
{
  uint32_t offset = block * WIRE_BLOCK_SIZE;
  uint32_t left = image->length - offset;

  memset(to, 0xff, WIRE_BLOCK_SIZE);
  memcpy(to, image->bytes + offset, left < WIRE_BLOCK_SIZE ? left : WIRE_BLOCK_SIZE);
}

/* Logs an operation and says how it is to be cut. */
static BenchCut begin_operation(BenchFlash *flash, bool erase, uint32_t addr, unsigned last_sector)
{
  unsigned at = flash->count;

  assert_true(at < BENCH_OPERATIONS_MAX);
  flash->operations[at] = (BenchOperation){erase, false, addr, last_sector};
  flash->count++;
  if (flash->cut == BENCH_CUT_NONE || at != flash->cut_at)
    return BENCH_CUT_NONE;
  flash->dead = true;
  return flash->cut;
}

static void set_used(BenchFlash *flash, uint32_t addr, uint32_t end, bool used)
{
  for (uint32_t at = addr; at < end; at += WIRE_BLOCK_SIZE)
    flash->used[at / WIRE_BLOCK_SIZE] = used;
}

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  BenchFlash *flash = context;
  uint32_t addr = first_sector * WIRE_SECTOR_SIZE, end = (last_sector + 1) * WIRE_SECTOR_SIZE;
  BenchCut cut;

  if (flash->dead)
    return 1;
  if (first_sector < 1 || last_sector > WIRE_RECORD_SECTOR || first_sector > last_sector)
    fail_msg("sectors %u to %u are erased", first_sector, last_sector);
  cut = begin_operation(flash, true, addr, last_sector);
  flash->now_us += BENCH_ERASE_MS * 1000;
  if (cut == BENCH_CUT_BEFORE)
    return 1;
  if (cut == BENCH_CUT_TORN || cut == BENCH_CUT_BLANK) {
    memset(flash->memory + addr, 0xff, cut == BENCH_CUT_TORN ? (end - addr) / 2 : end - addr);
    set_used(flash, addr, end, true);
    return 1;
  }
  if (flash->fail_erases > 0) {
    flash->fail_erases--;
    set_used(flash, addr, end, true);
    return 9;
  }
  memset(flash->memory + addr, 0xff, end - addr);
  set_used(flash, addr, end, false);
  flash->operations[flash->count - 1].done = true;
  return 0;
}

static bool is_to_fail(BenchFlash *flash, uint32_t addr)
{
  bool here =
      addr == flash->fail_addr ||
      (flash->fail_sector && addr / WIRE_SECTOR_SIZE == flash->fail_addr / WIRE_SECTOR_SIZE);

  if (!here || flash->fail_times == 0)
    return false;
  flash->fail_times--;
  return true;
}

static void check_program(const BenchFlash *flash, uint32_t addr, const uint8_t *block)
{
  if (addr % WIRE_BLOCK_SIZE != 0 || (uintptr_t)block % 4 != 0)
    fail_msg("block at 0x%05x is programmed unaligned", addr);
  if (addr < WIRE_SECTOR_SIZE || addr >= WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE)
    fail_msg("block at 0x%05x is programmed", addr);
  if (flash->used[addr / WIRE_BLOCK_SIZE])
    fail_msg("block at 0x%05x is programmed without having been erased", addr);
}

static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  BenchFlash *flash = context;
  BenchCut cut;

  if (flash->dead)
    return 1;
  check_program(flash, addr, block);
  cut = begin_operation(flash, false, addr, 0);
  flash->now_us += BENCH_PROGRAM_MS * 1000;
  if (cut == BENCH_CUT_BEFORE)
    return 1;
  flash->used[addr / WIRE_BLOCK_SIZE] = true;
  if (cut == BENCH_CUT_TORN || cut == BENCH_CUT_BLANK) {
    memcpy(flash->memory + addr, block, cut == BENCH_CUT_TORN ? 20 : WIRE_BLOCK_SIZE - 16);
    return 1;
  }
  if (is_to_fail(flash, addr)) {
    memcpy(flash->memory + addr, block, 16);
    return flash->fail_silently ? 0 : 10;
  }
  memcpy(flash->memory + addr, block, WIRE_BLOCK_SIZE);
  flash->operations[flash->count - 1].done = true;
  return flash->dead; /* cut just after: nobody is there to see the status */
}

static uint32_t now_ms(void *context)
{
  return (uint32_t)(((BenchFlash *)context)->now_us / 1000);
}

void bench_flash_init(BenchFlash *flash)
{
  memset(flash, 0, sizeof *flash);
  memset(flash->memory, 0xff, sizeof flash->memory);
  flash->flash = (FwFlash){flash, flash->memory, erase, program, now_ms};
}

void bench_flash_power_on(BenchFlash *flash)
{
  flash->dead = false;
  flash->cut = BENCH_CUT_NONE;
}

void bench_flash_put(BenchFlash *flash, const BenchImage *image)
{
  uint32_t addr = image->header.bank_addr;

  bench_flash_erase_bank(flash, image->bank);
  memcpy(flash->memory + addr, image->bytes, image->length);
  set_used(flash, addr, addr + image->length, true);
}

void bench_flash_put_record(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence)
{
  WireRecord record = {.bank = bank, .sequence = sequence, .state = WIRE_RECORD_CONFIRMED};
  WireImageHeader header = {.crc = 0};
  uint32_t addr = WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;

  wire_image_header_parse(flash->memory + wire_bank_map(bank)->addr, &header);
  record.version = header.version;
  record.crc = header.crc;
  wire_record_write(&record, flash->memory + addr);
  set_used(flash, addr, addr + 1, true);
}

void bench_flash_erase_bank(BenchFlash *flash, WireBank bank)
{
  const WireBankMap *map = wire_bank_map(bank);

  memset(flash->memory + map->addr, 0xff, map->size);
  set_used(flash, map->addr, map->addr + map->size, false);
}

bool bench_flash_holds(const BenchFlash *flash, const BenchImage *image)
{
  const uint8_t *at = flash->memory + image->header.bank_addr;

  return memcmp(at, image->bytes, image->length) == 0;
}
