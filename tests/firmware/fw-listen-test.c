/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader that listens before a program that is not proven: what an upgrade records then, what a
 * power cut leaves of it, and which old records may come to light while an upgrade empties the log.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

/* Why it listens. */
typedef enum {
  WHY_FIRST,        /* a first program, nothing beside it */
  WHY_FIRST_BESIDE, /* another lies beside it */
  WHY_FIRST_GONE,   /* the first program is not whole, the other is started */
  WHY_TRIAL,        /* on trial, and what it would go back to has gone */
  WHY_SPENT,        /* and its starts are used up */
  WHY_ANOTHER,      /* the record is of what was in the bank before */
  WHY_KINDS,
} Why;

static void put_beside(InstallBench *bench, bool whole)
{
  BenchImage image;

  bench_image_make(&image, bench->new.bank, INSTALL_OLD - 1, 0x900);
  bench_flash_put(&bench->flash, &image);
  if (!whole)
    bench->flash.memory[image.header.bank_addr + 0x8ff] ^= 1;
}

static uint32_t listen_to(WireBank bank)
{
  return fw_entry_make(FW_ENTRY_LISTEN, bank);
}

/* The loader listens before `running`. */
static void prepare(InstallBench *bench, WireBank running, Why why)
{
  BenchFlash *flash = &bench->flash;
  WireRecord record;

  install_prepare(bench, running);
  bench_flash_erase_log(flash);
  bench->came_from = WIRE_BANK_NONE;
  switch (why) {
  case WHY_FIRST_BESIDE:
  case WHY_FIRST:
    if (why == WHY_FIRST_BESIDE)
      put_beside(bench, true);
    bench_flash_put_first(flash, 0, running, 1);
    break;
  case WHY_FIRST_GONE:
    put_beside(bench, false);
    bench_flash_put_first(flash, 0, bench->new.bank, 1);
    break;
  case WHY_ANOTHER:
    record = bench_record_make(flash, running, WIRE_RECORD_TRIAL, 1);
    record.crc ^= 1;
    bench_flash_put_any_record(flash, 0, &record);
    break;
  case WHY_TRIAL:
  case WHY_SPENT:
  case WHY_KINDS:
    bench_flash_put_trial(flash, 0, running, 1, why == WHY_SPENT ? WIRE_TRIAL_STARTS : 0);
    break;
  }
  install_start(bench);
  assert_int_equal(fw_boot_choose(flash->memory), listen_to(running));
  assert_int_equal(fw_install_get_running(&bench->install), running);
}

static void check_first(InstallBench *bench, const BenchImage *image)
{
  WireRecord record = bench_flash_get_record(&bench->flash);

  assert_int_equal(record.state, WIRE_RECORD_FIRST);
  assert_int_equal(record.bank, image->bank);
  assert_int_equal(record.crc, image->header.crc);
  assert_int_equal(record.version, image->header.version);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
}

static void an_upgrade_records_the_running_program_and_the_new_one_as_first(void **state)
{
  InstallBench *bench = *state;
  const BenchFlash *flash = &bench->flash;

  for (WireBank running = LOW; running <= HIGH; running++)
    for (Why why = WHY_FIRST; why < WHY_KINDS; why++) {
      prepare(bench, running, why);
      install_begin(bench);
      check_first(bench, &bench->old);
      assert_int_equal(fw_boot_choose(flash->memory), listen_to(running));
      install_send_blocks(bench);
      check_first(bench, &bench->old); /* until COMMIT, whatever came */
      assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
      check_first(bench, &bench->new);
      /* its record, and the seal behind it */
      assert_int_equal(flash->operations[flash->count - 2].addr / WIRE_SECTOR_SIZE,
                       WIRE_RECORD_SECTOR);
      assert_int_equal(flash->operations[flash->count - 1].addr, bench->new.header.bank_addr);
      assert_int_equal(fw_boot_choose(flash->memory), listen_to(bench->new.bank));
      assert_int_equal(fw_install_get_running(&bench->install), bench->new.bank);
      assert_true(bench_flash_holds(flash, &bench->old));
      install_prove_new(bench);
    }
}

/* Nothing is on trial that could go back, so another upgrade may come over what the first one left;
 * but not in the same session, behind its COMMIT. */
static void what_it_listens_before_may_be_upgraded_again_and_again(void **state)
{
  InstallBench *bench = *state;
  WireBegin request;

  prepare(bench, LOW, WHY_FIRST);
  for (unsigned round = 0; round < 30; round++) {
    install_all(bench);
    bench->token++;
    request = install_make_begin(bench);
    request.bank = (uint8_t)bench->running;
    install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN, WIRE_CAUSE_ON_TRIAL,
                      0);
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), bench->new.bank);
    install_turn(bench, INSTALL_NEW + 1 + round);
    bench->came_from = WIRE_BANK_NONE; /* nobody confirmed it */
    install_start(bench);
  }
}

/* The program that entered the loader has proved itself: it is confirmed and gone back to. */
static void a_program_that_comes_itself_is_confirmed_whatever_the_log_says(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = LOW; running <= HIGH; running++)
    for (Why why = WHY_FIRST; why < WHY_KINDS; why++) {
      WireRecord record;

      prepare(bench, running, why);
      bench->came_from = running;
      install_start(bench);
      install_begin(bench);
      record = bench_flash_get_record(&bench->flash);
      assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
      assert_int_equal(record.bank, running);
      assert_int_equal(record.crc, bench->old.header.crc);
      install_check_old_stays(bench);
      install_send_blocks(bench);
      assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
      install_check_new_starts(bench);
      install_prove_new(bench);
    }
}

/* Neither the record nor, without it, the seal. */
static void without_room_for_the_record_of_the_new_program_it_is_not_sealed(void **state)
{
  InstallBench *bench = *state;

  prepare(bench, LOW, WHY_FIRST);
  install_begin(bench);
  install_send_blocks(bench);
  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 1000;
  for (unsigned round = 0; round < 3; round++)
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_RECORD_FAILED, 0);
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, HIGH), WIRE_BANK_EMPTY);
  assert_int_equal(fw_boot_choose(bench->flash.memory), listen_to(LOW));
}

/* Nothing here has settled, so whatever starts the loader has listened before; it is whole, and it
 * is one of the two. */
static WireBank boot_after_cut(InstallBench *bench)
{
  BenchFlash *flash = &bench->flash;
  uint32_t word = fw_boot_choose(flash->memory);
  WireBank bank = (WireBank)fw_entry_get_bank(word);

  if (fw_entry_get_kind(word) != FW_ENTRY_LISTEN)
    fail_msg("bank %d not proven, cut %d at operation %u: entry %08x", bench->running, flash->cut,
             flash->cut_at, word);
  bench_flash_power_on(flash);
  assert_int_equal(fw_boot_judge(flash->memory, NULL, bank), WIRE_BANK_VALID);
  if (bank == bench->new.bank && !bench_flash_holds(flash, &bench->new))
    assert_int_equal(wire_image_get_version(flash->memory + bench->new.header.bank_addr),
                     INSTALL_OLD - 1); /* what was put beside */
  assert_true(bench_flash_holds(flash, &bench->old));
  assert_int_equal(bench_flash_boot(flash, WIRE_TRIAL_CAUSE_HANG), bank);
  return bank;
}

/* And the next upgrade goes through: again with nobody but the loader to take it. */
static void upgrade_after_cut(InstallBench *bench, WireBank bank)
{
  bench->token++;
  if (bank == bench->new.bank) {
    install_turn(bench, INSTALL_NEW + 1);
    bench->came_from = WIRE_BANK_NONE;
  }
  bench->flash.count = 0;
  install_start(bench);
  install_all(bench);
  assert_int_equal(fw_boot_choose(bench->flash.memory), listen_to(bench->new.bank));
  install_prove_new(bench);
}

static unsigned cut_everywhere(InstallBench *bench, WireBank running, BenchCut cut, Why why)
{
  for (unsigned at = 0;; at++) {
    prepare(bench, running, why);
    bench->flash.cut = cut;
    bench->flash.cut_at = at;
    install_try_all(bench);
    if (!bench->flash.dead)
      return at;
    upgrade_after_cut(bench, boot_after_cut(bench));
  }
}

static void
power_lost_in_an_upgrade_of_what_is_not_proven_leaves_a_loader_that_listens(void **state)
{
  InstallBench *bench = *state;

  for (Why why = WHY_FIRST; why < WHY_KINDS; why++)
    for (WireBank running = LOW; running <= HIGH; running++)
      for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
        assert_true(cut_everywhere(bench, running, cut, why) >= INSTALL_BLOCKS + 3);
}

/* The life of a substation: a first program in LOW; another in HIGH, with its trial; `failed`: one
 * more in LOW that was left; then the upgrade began that has just erased the other bank. */
static unsigned put_history(InstallBench *bench, bool failed)
{
  BenchFlash *flash = &bench->flash;
  WireRecord other = {.bank = LOW, .version = INSTALL_OLD - 1, .crc = 0x12345678};
  const struct {
    WireBank bank;
    WireRecordState state;
    uint8_t starts;
  } records[] = {
      {LOW, WIRE_RECORD_FIRST, 0},      {LOW, WIRE_RECORD_CONFIRMED, 0},
      {LOW, WIRE_RECORD_CONFIRMED, 0},  {HIGH, WIRE_RECORD_FIRST, 0},
      {HIGH, WIRE_RECORD_TRIAL, 0},     {HIGH, WIRE_RECORD_TRIAL, 1},
      {HIGH, WIRE_RECORD_TRIAL, 3},     {HIGH, WIRE_RECORD_CONFIRMED, 0},
      {HIGH, WIRE_RECORD_CONFIRMED, 0}, {LOW, WIRE_RECORD_TRIAL, 3},
      {HIGH, WIRE_RECORD_RETURNED, 0},
  };
  unsigned count = failed ? 11 : 9;

  install_prepare(bench, HIGH);
  bench_flash_erase_log(flash);
  for (unsigned slot = 0; slot < count; slot++) {
    WireRecord record = bench_record_make(flash, HIGH, records[slot].state, slot + 1);

    if (records[slot].bank == LOW) {
      other.state = records[slot].state;
      other.sequence = slot + 1;
      record = other;
    }
    record.starts = records[slot].starts;
    bench_flash_put_any_record(flash, slot, &record);
  }
  return count;
}

/* The erase of the log was cut: what the mask names is left of it. HIGH had settled. */
static void check_remains(InstallBench *bench, bool failed, unsigned mask)
{
  BenchFlash *flash = &bench->flash;
  unsigned count = put_history(bench, failed);
  uint32_t word;
  FwTrial trial;

  for (unsigned slot = 0; slot < count; slot++)
    if ((mask >> slot & 1) == 0)
      memset(flash->memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE, 0xff, WIRE_BLOCK_SIZE);
  flash->forgiving = true; /* blank is not erased there */
  word = fw_boot_choose(flash->memory);
  if (fw_entry_get_bank(word) != HIGH ||
      (fw_entry_get_kind(word) != FW_ENTRY_PROGRAM && fw_entry_get_kind(word) != FW_ENTRY_LISTEN))
    fail_msg("records %x: entry %08x", mask, word);
  assert_int_equal(bench_flash_boot(flash, WIRE_TRIAL_CAUSE_NONE), HIGH);
  bench_trial_start(&trial, flash, HIGH);
  fw_trial_end_self_test(&trial, 0);
  assert_true(fw_trial_is_proven(&trial));
  word = fw_boot_choose(flash->memory);
  assert_int_equal(fw_entry_get_bank(word), HIGH);
  /* An old record of its own is settled by that. One of what lay in LOW is no matter of HIGH's: the
   * loader goes on listening until the next upgrade. */
  if (bench_flash_get_record(flash).bank == HIGH)
    assert_int_equal(fw_entry_get_kind(word), FW_ENTRY_PROGRAM);
  /* Where the end of the log is what was lost, nobody can tell that from a log that is sound. */
  flash->forgiving =
      fw_record_is_log_sound(flash->memory, HIGH, bench->old.header.crc, FW_RECORD_ROOM);
  flash->count = 0;
  bench->came_from = HIGH;
  install_start(bench);
  assert_false(bench->install.on_trial);
  install_begin(bench);
  install_check_old_stays(bench);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void whatever_is_left_of_a_log_the_program_that_settled_is_reached(void **state)
{
  for (unsigned failed = 0; failed < 2; failed++)
    for (unsigned mask = 0; mask < 1u << (failed ? 11 : 9); mask++)
      check_remains(*state, failed, mask);
}

/* The newest of what is left names a bank where nothing lies, and nobody comes from the program. */
static void
an_upgrade_beside_an_old_record_of_an_empty_bank_goes_through_the_listening_loader(void **state)
{
  InstallBench *bench = *state;

  for (unsigned slot = 0; slot < 2; slot++) {
    put_history(bench, false);
    for (unsigned gone = slot == 0 ? 1 : 4; gone < 9; gone++)
      memset(bench->flash.memory + WIRE_RECORD_ADDR + gone * WIRE_BLOCK_SIZE, 0xff,
             WIRE_BLOCK_SIZE);
    bench->came_from = WIRE_BANK_NONE;
    assert_int_equal(fw_boot_choose(bench->flash.memory), listen_to(HIGH));
    install_start(bench);
    install_all(bench);
    assert_int_equal(fw_boot_choose(bench->flash.memory), listen_to(LOW));
    install_prove_new(bench);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(an_upgrade_records_the_running_program_and_the_new_one_as_first),
      TEST(what_it_listens_before_may_be_upgraded_again_and_again),
      TEST(a_program_that_comes_itself_is_confirmed_whatever_the_log_says),
      TEST(without_room_for_the_record_of_the_new_program_it_is_not_sealed),
      TEST(power_lost_in_an_upgrade_of_what_is_not_proven_leaves_a_loader_that_listens),
      TEST(whatever_is_left_of_a_log_the_program_that_settled_is_reached),
      TEST(an_upgrade_beside_an_old_record_of_an_empty_bank_goes_through_the_listening_loader),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
