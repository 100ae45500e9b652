/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for what reads and writes the record log. The input is a list of steps: bytes,
 * records and images put into flash, right or wrong ones; flash that fails; boots, trials, records
 * appended and a loader that begins an upgrade. Whatever lies in flash: nothing is read or written
 * out of bounds, no place of the log is programmed twice, a whole program starts if there is one,
 * no program on trial starts for ever, and none that is not proven before the loader has listened.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "fw-errand.h"
#include "fw-handover.h"
#include "fw-install.h"
#include "fw-trial.h"
#include "wire-bytes.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 48, LENGTH_MORE = 0x180 };

typedef struct {
  FwFlash flash;
  uint8_t *memory;   /* an allocation of just the flash's size */
  unsigned programs; /* done since the step began */
  unsigned failures; /* that are to come */
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];
  const uint8_t *data;
  size_t size;
} Fuzz;

static uint8_t take(Fuzz *fuzz)
{
  if (fuzz->size == 0)
    return 0;
  fuzz->size--;
  return *fuzz->data++;
}

static uint32_t take_word(Fuzz *fuzz)
{
  uint32_t word = take(fuzz);

  word |= (uint32_t)take(fuzz) << 8;
  word |= (uint32_t)take(fuzz) << 16;
  return word | (uint32_t)take(fuzz) << 24;
}

static WireBank take_bank(Fuzz *fuzz)
{
  return take(fuzz) % 2 == 0 ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
}

static uint8_t *bank_at(Fuzz *fuzz, WireBank bank)
{
  return fuzz->memory + wire_bank_map(bank)->addr;
}

static uint8_t *slot_at(Fuzz *fuzz, unsigned slot)
{
  return fuzz->memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
}

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  Fuzz *fuzz = context;

  g_assert_cmpuint(first_sector, >, 0);
  g_assert_cmpuint(last_sector, <=, WIRE_RECORD_SECTOR);
  g_assert_cmpuint(first_sector, <=, last_sector);
  memset(fuzz->memory + first_sector * WIRE_SECTOR_SIZE, 0xff,
         (last_sector - first_sector + 1) * WIRE_SECTOR_SIZE);
  return 0;
}

/* Only records are programmed here, and only where nothing stands. */
static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  Fuzz *fuzz = context;

  g_assert_cmpuint(addr, >=, WIRE_RECORD_ADDR);
  g_assert_cmpuint(addr, <, WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE);
  g_assert_cmpuint(addr % WIRE_BLOCK_SIZE, ==, 0);
  g_assert_cmpuint((uintptr_t)block % 4, ==, 0);
  for (unsigned i = 0; i < WIRE_BLOCK_SIZE; i++)
    g_assert_cmpuint(fuzz->memory[addr + i], ==, 0xff);
  g_assert_cmpuint(++fuzz->programs, <=, 2 * WIRE_RECORD_COUNT);
  if (fuzz->failures > 0) {
    fuzz->failures--;
    memcpy(fuzz->memory + addr, block, 16);
    return fuzz->failures % 2 == 0 ? 10 : 0;
  }
  memcpy(fuzz->memory + addr, block, WIRE_BLOCK_SIZE);
  return 0;
}

static uint32_t now_ms(void *context)
{
  (void)context;
  return 0;
}

static void put_bytes(Fuzz *fuzz, uint8_t *to, size_t room)
{
  size_t at = take_word(fuzz) % room;

  size_t wish = take(fuzz);

  for (size_t end = at + MIN(wish, room - at); at < end; at++)
    to[at] = take(fuzz);
}

static WireRecord take_record(Fuzz *fuzz)
{
  WireRecord record = {.bank = take(fuzz) % 4, .state = take(fuzz) % 6};

  record.sequence = take_word(fuzz);
  record.starts = take(fuzz);
  record.cause = take(fuzz);
  record.incoming = (uint16_t)record.sequence;
  if (record.bank == WIRE_BANK_LOW || record.bank == WIRE_BANK_HIGH)
    record.crc = wire_image_get_crc(bank_at(fuzz, record.bank)) + (take(fuzz) == 1);
  return record;
}

static void put_image(Fuzz *fuzz)
{
  WireBank bank = take_bank(fuzz);
  uint8_t *image = bank_at(fuzz, bank);
  WireImageHeader header = {
      .product = WIRE_PRODUCT_DEMO, .version = take(fuzz), .bank_addr = wire_bank_map(bank)->addr};

  header.length = WIRE_IMAGE_LENGTH_MIN + take_word(fuzz) % LENGTH_MORE;
  memset(image, 0xff, wire_bank_map(bank)->size);
  wire_image_header_write(&header, image);
  header.crc = wire_image_crc(image, image, header.length) + (take(fuzz) == 1);
  wire_image_header_write(&header, image);
}

static bool is_whole(Fuzz *fuzz, WireBank bank)
{
  return fw_boot_judge(fuzz->memory, NULL, bank) == WIRE_BANK_VALID;
}

/* The newest record is one, and no other is newer. */
static void check_newest(Fuzz *fuzz)
{
  const uint8_t *newest = fw_boot_find_record(fuzz->memory);

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    WireRecord record, other;

    if (!wire_record_read(slot_at(fuzz, slot), &other))
      continue;
    g_assert_nonnull(newest);
    g_assert_true(wire_record_read(newest, &record));
    g_assert_cmpuint(record.sequence, >=, other.sequence);
    g_assert_true(record.bank == WIRE_BANK_LOW || record.bank == WIRE_BANK_HIGH);
  }
  if (newest)
    g_assert_cmpuint((size_t)(newest - slot_at(fuzz, 0)) % WIRE_BLOCK_SIZE, ==, 0);
}

static void check_soundness(Fuzz *fuzz, WireBank bank)
{
  uint32_t crc = wire_image_get_crc(bank_at(fuzz, bank));
  unsigned used = fw_record_find_free_slot(fuzz->memory);
  WireRecord record;

  g_assert_cmpuint(used, <=, WIRE_RECORD_COUNT);
  if (fw_record_is_log_sound(fuzz->memory, bank, crc, FW_RECORD_ROOM))
    g_assert_cmpuint(used + FW_RECORD_ROOM, <=, WIRE_RECORD_COUNT);
  if (!fw_record_is_log_sound(fuzz->memory, bank, crc, FW_RECORD_ROOM_AGAIN))
    return;
  g_assert_cmpuint(used, >, 0);
  g_assert_cmpuint(used + FW_RECORD_ROOM_AGAIN, <=, WIRE_RECORD_COUNT);
  g_assert_true(wire_record_read(slot_at(fuzz, used - 1), &record));
  g_assert_cmpint(record.bank, ==, bank);
  g_assert_cmpuint(record.crc, ==, crc);
}

static bool is_unproven(Fuzz *fuzz)
{
  const uint8_t *newest = fw_boot_find_record(fuzz->memory);

  if (!newest) /* nothing says that it is proven, unless there is a choice */
    return !is_whole(fuzz, WIRE_BANK_LOW) || !is_whole(fuzz, WIRE_BANK_HIGH);
  return wire_record_get_state(newest) == WIRE_RECORD_TRIAL ||
         wire_record_get_state(newest) == WIRE_RECORD_FIRST;
}

static bool is_trial_of_other(Fuzz *fuzz, WireBank bank)
{
  const uint8_t *newest = fw_boot_find_record(fuzz->memory);

  return newest && wire_record_get_state(newest) == WIRE_RECORD_TRIAL &&
         wire_record_get_bank(newest) != bank;
}

/* The choice names a program that is whole, if there is one. What a record says is not proven is
 * counted, gone back from or listened before, and nothing else is. */
static uint32_t choose(Fuzz *fuzz)
{
  uint32_t word = fw_boot_choose(fuzz->memory);
  FwEntryKind kind = fw_entry_get_kind(word);
  WireBank bank = (WireBank)fw_entry_get_bank(word);

  g_assert_true(fw_entry_is_wanted(word));
  g_assert_cmpuint(word & FW_ENTRY_USER_MODE, ==, 0);
  g_assert_true(kind == FW_ENTRY_PROGRAM || kind == FW_ENTRY_NO_PROGRAM || kind == FW_ENTRY_START ||
                kind == FW_ENTRY_LISTEN);
  if (kind == FW_ENTRY_NO_PROGRAM) {
    g_assert_false(is_whole(fuzz, WIRE_BANK_LOW) || is_whole(fuzz, WIRE_BANK_HIGH));
    return word;
  }
  g_assert_true(is_whole(fuzz, bank));
  g_assert_cmpint(kind == FW_ENTRY_PROGRAM, ==,
                  !is_unproven(fuzz) || is_trial_of_other(fuzz, bank));
  if (kind == FW_ENTRY_START)
    g_assert_true(is_whole(fuzz, wire_bank_other(bank)));
  return word;
}

/* A whole program starts if the jump program has one, and what it records of another's trial is
 * that it was returned to. */
static WireBank start_program(Fuzz *fuzz, uint32_t word)
{
  static const FwSelf self = {.mode = WIRE_MODE_PROGRAM};
  g_autofree FwTrial *trial = g_new0(FwTrial, 1);
  WireBank running = (WireBank)fw_entry_get_bank(word);
  WireTrialCause evidence = (WireTrialCause)(take(fuzz) % 3);
  WireIdentity identity;

  if (fw_entry_get_kind(word) == FW_ENTRY_NO_PROGRAM)
    return WIRE_BANK_NONE;
  if (fw_entry_get_kind(word) == FW_ENTRY_START)
    running = fw_errand_count_start(&fuzz->flash, running, evidence, fuzz->scratch);
  g_assert_true(is_whole(fuzz, running));
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    fw_identity_fill_bank(&identity, fuzz->memory, bank, fw_boot_judge(fuzz->memory, NULL, bank));
  fw_identity_set_running(&identity, fuzz->memory, running);

  unsigned before = fuzz->programs;
  bool ends = is_trial_of_other(fuzz, running);

  fw_identity_fill(&identity, &self);
  fw_trial_init(trial, &fuzz->flash, &identity, evidence, 0);
  if (ends && fuzz->programs > before && fuzz->failures == 0)
    g_assert_cmpint(wire_record_get_state(fw_boot_find_record(fuzz->memory)), ==,
                    WIRE_RECORD_RETURNED);
  if (ends)
    g_assert_cmpint(identity.trial_cause, !=, WIRE_TRIAL_CAUSE_NONE);
  fw_trial_end_self_test(trial, take(fuzz) % 2);
  trial->operator_wants_back = take(fuzz) % 4 == 0 && !trial->alone;
  fw_trial_is_over(trial, take(fuzz) * 1000u);
  return running;
}

/* Reset after reset: a program on trial that has another one beside it starts no oftener than the
 * log has places. */
static void boot_often(Fuzz *fuzz)
{
  unsigned starts = 0;

  for (unsigned boot = 0; boot < 2 * WIRE_RECORD_COUNT; boot++) {
    uint32_t word = choose(fuzz);
    WireBank bank = (WireBank)fw_entry_get_bank(word);

    fuzz->programs = 0;
    if (fw_entry_get_kind(word) != FW_ENTRY_START)
      break;
    starts +=
        fw_errand_count_start(&fuzz->flash, bank, WIRE_TRIAL_CAUSE_NONE, fuzz->scratch) == bank;
    if (fuzz->programs == 0)
      break; /* the log is full: each boot from here on goes like this one */
  }
  g_assert_cmpuint(starts, <=, WIRE_RECORD_COUNT);
}

static void append(Fuzz *fuzz)
{
  unsigned free = fw_record_find_free_slot(fuzz->memory);
  WireRecord record = take_record(fuzz);

  if (!fw_record_append(&fuzz->flash, &record, fuzz->scratch))
    return;
  g_assert_cmpuint(free, <, WIRE_RECORD_COUNT);
  g_assert_true(memcmp(slot_at(fuzz, fw_record_find_free_slot(fuzz->memory) - 1), fuzz->scratch,
                       WIRE_BLOCK_SIZE) == 0);
}

/* The running program is the one that is kept, and behind BEGIN the log says so or is no matter; it
 * says no more of it than it proved. */
static void begin_upgrade(Fuzz *fuzz)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER};
  g_autofree FwInstall *install = g_new0(FwInstall, 1);
  WireBegin begin = {.product = WIRE_PRODUCT_DEMO, .blocks = 1, .length = WIRE_BLOCK_SIZE};
  uint8_t payload[WIRE_BEGIN_LENGTH], reply[WIRE_FRAME_MAX];
  WireFrame request = {.type = WIRE_BEGIN, .length = WIRE_BEGIN_LENGTH, .payload = payload};
  WireRecord record;
  WireBank came_from = (WireBank)(take(fuzz) % 16);
  bool listened = fw_entry_get_kind(choose(fuzz)) == FW_ENTRY_LISTEN;

  fw_install_init(install, &fuzz->flash, &self, came_from, 0);

  WireBank running = fw_install_get_running(install);

  g_assert_true(running == WIRE_BANK_NONE || is_whole(fuzz, running));
  begin.bank = running == WIRE_BANK_LOW ? WIRE_BANK_HIGH : WIRE_BANK_LOW;
  begin.encoding = take(fuzz) % 2;
  begin.crc = take(fuzz);
  wire_begin_write(&begin, payload);
  g_assert_cmpuint(fw_install_handle(install, &request, 0, reply), <=, sizeof reply);
  if (reply[WIRE_FRAME_TYPE_OFFSET] == WIRE_NAK || fw_install_work(install, reply) != 0)
    return;

  uint32_t word = choose(fuzz);
  FwEntryKind kind = came_from == running || !listened ? FW_ENTRY_PROGRAM : FW_ENTRY_LISTEN;

  g_assert_cmpint(fw_entry_get_kind(word), ==,
                  running == WIRE_BANK_NONE ? FW_ENTRY_NO_PROGRAM : kind);
  if (running == WIRE_BANK_NONE)
    return;
  g_assert_cmpint(fw_entry_get_bank(word), ==, running);
  g_assert_true(wire_record_read(fw_boot_find_record(fuzz->memory), &record));
  g_assert_cmpint(record.bank, ==, running);
  g_assert_cmpuint(record.incoming, ==, wire_record_mark(begin.crc));
}

static void step(Fuzz *fuzz)
{
  unsigned slot;
  WireRecord record;

  fuzz->programs = 0;
  switch (take(fuzz) % 8) {
  case 0:
    put_bytes(fuzz, slot_at(fuzz, 0), WIRE_SECTOR_SIZE);
    break;
  case 1:
    slot = take(fuzz) % WIRE_RECORD_COUNT;
    record = take_record(fuzz);
    wire_record_write(&record, slot_at(fuzz, slot));
    break;
  case 2:
    put_image(fuzz);
    break;
  case 3:
    put_bytes(fuzz, bank_at(fuzz, take_bank(fuzz)), WIRE_IMAGE_LENGTH_MIN);
    break;
  case 4:
    fuzz->failures = take(fuzz) % (2 * WIRE_RECORD_COUNT);
    break;
  case 5:
    start_program(fuzz, choose(fuzz));
    break;
  case 6:
    append(fuzz);
    break;
  default:
    begin_upgrade(fuzz);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Fuzz fuzz = {.memory = malloc(WIRE_FLASH_SIZE), .data = data, .size = size};

  g_assert_nonnull(fuzz.memory);
  memset(fuzz.memory, 0xff, WIRE_FLASH_SIZE);
  fuzz.flash = (FwFlash){&fuzz, fuzz.memory, erase, program, now_ms};
  for (unsigned steps = 0; fuzz.size > 0 && steps < STEPS_MAX; steps++) {
    step(&fuzz);
    check_newest(&fuzz);
    check_soundness(&fuzz, WIRE_BANK_LOW);
    check_soundness(&fuzz, WIRE_BANK_HIGH);
    choose(&fuzz);
  }
  boot_often(&fuzz);
  free(fuzz.memory);
  return 0;
}
