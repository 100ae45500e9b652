/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Images made in memory and the flash with the chip's rules. */

#include "fw-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "fw-errand.h"
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
  image->header.crc = wire_image_crc(image->bytes, image->bytes, image->length);
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
  if (cut == BENCH_CUT_UNSEEN) {
    set_used(flash, addr, end, true);
    return 1;
  }
  if (cut == BENCH_CUT_TORN || cut == BENCH_CUT_BLANK) {
    memset(flash->memory + addr, 0xff, cut == BENCH_CUT_TORN ? (end - addr) / 2 : end - addr);
    set_used(flash, addr, end, true);
    return 1;
  }
  if (flash->fail_erases > 0 || flash->fail_erase_at == 1) {
    flash->fail_erases -= flash->fail_erases > 0;
    flash->fail_erase_at = 0;
    set_used(flash, addr, end, true);
    return 9;
  }
  flash->fail_erase_at -= flash->fail_erase_at > 0;
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
  if (flash->used[addr / WIRE_BLOCK_SIZE] && !(flash->forgiving && addr >= WIRE_RECORD_ADDR))
    fail_msg("block at 0x%05x is programmed without having been erased", addr);
}

/* Programming only clears bits: where the block was not erased, what comes out is both. */
static void put_bits(BenchFlash *flash, uint32_t addr, const uint8_t *block, unsigned length)
{
  for (unsigned i = 0; i < length; i++)
    flash->memory[addr + i] &= block[i];
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
  if (cut == BENCH_CUT_BEFORE || (cut == BENCH_CUT_UNSEEN && addr >= WIRE_RECORD_ADDR))
    return 1;
  flash->used[addr / WIRE_BLOCK_SIZE] = true;
  if (cut == BENCH_CUT_UNSEEN)
    return 1;
  if (cut == BENCH_CUT_TORN || cut == BENCH_CUT_BLANK) {
    put_bits(flash, addr, block, cut == BENCH_CUT_TORN ? 20 : WIRE_BLOCK_SIZE - 16);
    return 1;
  }
  if (is_to_fail(flash, addr)) {
    put_bits(flash, addr, block, 16);
    return flash->fail_silently ? 0 : 10;
  }
  put_bits(flash, addr, block, WIRE_BLOCK_SIZE);
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

WireRecord bench_record_make(const BenchFlash *flash, WireBank bank, WireRecordState state,
                             uint32_t sequence)
{
  WireRecord record = {.bank = bank, .sequence = sequence, .state = state};
  WireImageHeader header = {.crc = 0};

  wire_image_header_parse(flash->memory + wire_bank_map(bank)->addr, &header);
  record.version = header.version;
  record.crc = header.crc;
  return record;
}

void bench_flash_put_any_record(BenchFlash *flash, unsigned slot, const WireRecord *record)
{
  uint32_t addr = WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;

  wire_record_write(record, flash->memory + addr);
  set_used(flash, addr, addr + 1, true);
}

void bench_flash_put_record(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence)
{
  WireRecord record = bench_record_make(flash, bank, WIRE_RECORD_CONFIRMED, sequence);

  bench_flash_put_any_record(flash, slot, &record);
}

void bench_flash_put_trial(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence,
                           uint8_t starts)
{
  WireRecord record = bench_record_make(flash, bank, WIRE_RECORD_TRIAL, sequence);

  record.starts = starts;
  bench_flash_put_any_record(flash, slot, &record);
}

void bench_flash_put_first(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence)
{
  WireRecord record = bench_record_make(flash, bank, WIRE_RECORD_FIRST, sequence);

  bench_flash_put_any_record(flash, slot, &record);
}

void bench_flash_put_garbage(BenchFlash *flash, unsigned slot, unsigned last_slot, uint32_t seed)
{
  WireRandom random = wire_random(seed);
  uint32_t addr = WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
  uint32_t end = WIRE_RECORD_ADDR + (last_slot + 1) * WIRE_BLOCK_SIZE;

  wire_random_fill(&random, flash->memory + addr, end - addr);
  set_used(flash, addr, end, true);
}

void bench_flash_erase_log(BenchFlash *flash)
{
  memset(flash->memory + WIRE_RECORD_ADDR, 0xff, WIRE_SECTOR_SIZE);
  set_used(flash, WIRE_RECORD_ADDR, WIRE_RECORD_ADDR + WIRE_SECTOR_SIZE, false);
}

WireRecord bench_flash_get_record(const BenchFlash *flash)
{
  const uint8_t *newest = fw_boot_find_record(flash->memory);
  WireRecord record = {.bank = WIRE_BANK_NONE};

  if (newest)
    assert_true(wire_record_read(newest, &record));
  return record;
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

WireBank bench_flash_get_start(const BenchFlash *flash)
{
  uint32_t word = fw_boot_choose(flash->memory);
  FwEntryKind kind = fw_entry_get_kind(word);

  assert_true(fw_entry_is_wanted(word));
  if (kind == FW_ENTRY_NO_PROGRAM)
    return WIRE_BANK_NONE;
  if (kind != FW_ENTRY_PROGRAM && kind != FW_ENTRY_LISTEN)
    fail_msg("kind %d, not a start", kind);
  return (WireBank)fw_entry_get_bank(word);
}

/* The loader's session when nobody speaks to it: it ends with the program it was sent to, or with
 * what the jump program makes of it. */
static WireBank listen(BenchFlash *flash)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER};
  FwInstall install;
  WireBank running;

  memset(&install, 0xa5, sizeof install); /* RAM is not zero */
  fw_install_init(&install, &flash->flash, &self, WIRE_BANK_NONE, 0);
  running = fw_install_get_running(&install);
  assert_false(install.proven);
  assert_int_equal(fw_install_get_leaving(&install, FW_SILENCE_MS), WIRE_LEAVING_SILENCE);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_LISTEN, running));
  return running;
}

WireBank bench_flash_enter(BenchFlash *flash, WireTrialCause *evidence)
{
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];
  uint32_t word = fw_boot_choose(flash->memory);
  WireBank bank = (WireBank)fw_entry_get_bank(word);
  WireTrialCause found = *evidence;

  if (fw_entry_get_kind(word) == FW_ENTRY_NO_PROGRAM)
    return WIRE_BANK_NONE;
  if (fw_entry_get_kind(word) == FW_ENTRY_PROGRAM)
    return bank;
  *evidence = WIRE_TRIAL_CAUSE_NONE; /* the loader has looked at it */
  return fw_entry_get_kind(word) == FW_ENTRY_LISTEN
             ? listen(flash)
             : fw_errand_count_start(&flash->flash, bank, found, scratch);
}

WireBank bench_flash_boot(BenchFlash *flash, WireTrialCause evidence)
{
  WireBank bank = bench_flash_enter(flash, &evidence);
  FwTrial trial;

  if (bank != WIRE_BANK_NONE)
    bench_trial_start_with(&trial, flash, bank, evidence);
  return bank;
}

void bench_identity_fill(WireIdentity *identity, const BenchFlash *flash, const FwSelf *self,
                         WireBank running)
{
  memset(identity, 0xa5, sizeof *identity); /* RAM is not zero */
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    fw_identity_fill_bank(identity, flash->memory, bank, fw_boot_judge(flash->memory, NULL, bank));
  fw_identity_set_running(identity, flash->memory, running);
  fw_identity_fill(identity, self);
}

WireIdentity bench_trial_start_with(FwTrial *trial, BenchFlash *flash, WireBank bank,
                                    WireTrialCause evidence)
{
  const FwSelf self = {.mode = WIRE_MODE_PROGRAM, .part_id = 16908050, .boots = 1};
  WireIdentity identity;

  memset(trial, 0xa5, sizeof *trial);
  bench_identity_fill(&identity, flash, &self, bank);
  fw_trial_init(trial, &flash->flash, &identity, evidence, (uint32_t)(flash->now_us / 1000));
  return identity;
}

void bench_trial_start(FwTrial *trial, BenchFlash *flash, WireBank bank)
{
  bench_trial_start_with(trial, flash, bank, WIRE_TRIAL_CAUSE_NONE);
}

void bench_trial_confirm(BenchFlash *flash, WireBank bank)
{
  WireConfirm heard = {.crc = wire_image_get_crc(flash->memory + wire_bank_map(bank)->addr)};
  uint8_t payload[WIRE_CONFIRM_LENGTH], reply[WIRE_FRAME_MAX];
  WireFrame request = {.type = WIRE_CONFIRM, .length = WIRE_CONFIRM_LENGTH, .payload = payload};
  FwTrial trial;

  wire_confirm_write(&heard, payload);
  bench_trial_start(&trial, flash, bank);
  fw_trial_end_self_test(&trial, 0);
  fw_trial_handle_confirm(&trial, &request, reply);
  assert_int_equal(reply[WIRE_FRAME_TYPE_OFFSET], WIRE_CONFIRM | WIRE_REPLY);
  assert_int_equal(bench_flash_get_start(flash), bank);
}
