/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Power lost at and inside each flash operation of an upgrade, with a sound log and with every sort
 * of unsound one: after that the old or the new program starts, whole, also when its start is
 * counted or it records what has ended, and the next upgrade succeeds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "install-bench.h"

/* How the log is found. */
typedef enum {
  LOG_ONE,          /* one record of what runs */
  LOG_FULL,         /* so many that there is no room for an upgrade */
  LOG_BLANK,        /* none, as from the factory */
  LOG_TORN,         /* the last one is torn */
  LOG_GARBAGE,      /* nothing but random bytes */
  LOG_HALF_GARBAGE, /* random bytes and free places behind them */
  LOG_STALE,        /* the newest record names the other bank, where nothing lies */
  LOG_RETURNED,     /* what runs was returned to; the program that was left still lies there */
  LOG_WORN,         /* full, and the newest record says that the other one is on trial */
  LOG_SPENT,        /* full, and the newest says that the other one used up its trial */
  LOG_KINDS,
} LogKind;

static void fill_log(BenchFlash *flash, WireBank bank, unsigned from, unsigned to)
{
  for (unsigned slot = from; slot < to; slot++)
    bench_flash_put_record(flash, slot, bank, slot + 1);
}

static void put_last_program(InstallBench *bench)
{
  BenchImage image;

  bench_image_make(&image, bench->new.bank, INSTALL_OLD - 1, 0x900);
  bench_flash_put(&bench->flash, &image);
}

static void prepare_log(InstallBench *bench, LogKind kind)
{
  BenchFlash *flash = &bench->flash;
  WireBank running = bench->running, idle = bench->new.bank;
  WireRecord record = bench_record_make(flash, running, WIRE_RECORD_RETURNED, 2);

  switch (kind) {
  case LOG_FULL:
    fill_log(flash, running, 1, WIRE_RECORD_COUNT);
    break;
  case LOG_BLANK:
    bench_flash_erase_log(flash);
    break;
  case LOG_TORN:
    bench_flash_put_garbage(flash, 1, 1, 5);
    break;
  case LOG_GARBAGE:
    bench_flash_put_garbage(flash, 0, WIRE_RECORD_COUNT - 1, 6);
    break;
  case LOG_HALF_GARBAGE:
    bench_flash_put_garbage(flash, 0, 6, 7);
    break;
  case LOG_STALE:
    bench_flash_put_record(flash, 1, idle, 2);
    break;
  case LOG_RETURNED:
    put_last_program(bench);
    bench_flash_put_any_record(flash, 1, &record);
    break;
  case LOG_WORN:
  case LOG_SPENT:
    put_last_program(bench);
    fill_log(flash, running, 1, WIRE_RECORD_COUNT - 1);
    bench_flash_put_trial(flash, WIRE_RECORD_COUNT - 1, idle, WIRE_RECORD_COUNT,
                          kind == LOG_WORN ? 1 : WIRE_TRIAL_STARTS);
    break;
  case LOG_ONE:
  case LOG_KINDS:
    break;
  }
}

/* Power comes back: what starts is whole, and behind what it recorded it starts again. */
static WireBank boot_after_cut(InstallBench *bench)
{
  WireBank bank, again;

  bench_flash_power_on(&bench->flash);
  bench->flash.fail_times = 0;
  bench->flash.forgiving = true;
  bank = bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
  again = bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
  bench->flash.forgiving = false;
  assert_true(bench_flash_holds(&bench->flash, &bench->old));
  if (bank == bench->new.bank)
    assert_true(bench_flash_holds(&bench->flash, &bench->new));
  else if (bank != bench->running)
    fail_msg("after a cut at operation %u bank %d starts", bench->flash.cut_at, bank);
  assert_int_equal(again, bank);
  return bank;
}

/* The next upgrade, which meets the flash as the cut has left it, goes into the bank that does not
 * run then, and through its whole trial. */
static void upgrade_after_cut(InstallBench *bench, WireBank bank)
{
  bench->token++;
  if (bank == bench->new.bank) {
    bench_trial_confirm(&bench->flash, bank);
    install_turn(bench, INSTALL_NEW + 1);
  }
  bench->flash.count = 0;
  install_start(bench);
  install_all(bench);
  install_check_new_starts(bench);
  install_prove_new(bench);
}

/* Runs upgrades with a cut of this kind at each operation in turn, until one is not cut any more.
 * Returns how many were. */
static unsigned cut_everywhere(InstallBench *bench, WireBank running, BenchCut cut, LogKind kind)
{
  for (unsigned at = 0;; at++) {
    install_prepare(bench, running);
    prepare_log(bench, kind);
    bench->flash.fail_addr = bench->new.header.bank_addr + 17 * WIRE_BLOCK_SIZE;
    bench->flash.fail_times = 1; /* so that a sector is erased anew, too */
    install_start(bench);
    bench->flash.cut = cut;
    bench->flash.cut_at = at;
    install_try_all(bench);
    if (!bench->flash.dead)
      return at;
    upgrade_after_cut(bench, boot_after_cut(bench));
  }
}

static void power_lost_at_and_inside_each_flash_operation_costs_no_program(void **state)
{
  InstallBench *bench = *state;

  for (LogKind kind = LOG_ONE; kind < LOG_KINDS; kind++)
    for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
      for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++) {
        unsigned cuts = cut_everywhere(bench, running, cut, kind);

        /* one erase, two records, 19 blocks in flash less block 0 and those the failure leaves
         * missing; and the erase of a log that is not sound */
        assert_true(cuts >= INSTALL_BLOCKS + (kind == LOG_ONE || kind == LOG_RETURNED ? 2 : 3));
      }
}

/* As above with nothing lost on the way, so that record and seal are reached. The seal is what
 * counts. */
static void power_lost_around_the_seal_starts_the_old_program_or_the_new_one_on_trial(void **state)
{
  InstallBench *bench = *state;
  unsigned news = 0, olds = 0;

  for (LogKind kind = LOG_ONE; kind < LOG_KINDS; kind++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
      for (unsigned at = INSTALL_BLOCKS; at < INSTALL_BLOCKS + 5; at++) {
        uint32_t word;

        install_prepare(bench, WIRE_BANK_HIGH);
        prepare_log(bench, kind);
        install_start(bench);
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        install_try_all(bench);
        word = fw_boot_choose(bench->flash.memory);
        if (word == fw_entry_make(FW_ENTRY_START, bench->new.bank)) {
          news++;
        } else {
          assert_int_equal(word, fw_entry_make(FW_ENTRY_PROGRAM, bench->running));
          olds++;
        }
        upgrade_after_cut(bench, boot_after_cut(bench));
      }
  assert_true(news >= LOG_KINDS);
  assert_true(olds >= 8 * LOG_KINDS);
}

/* Nothing runs: the program there is not whole. Whatever the cut, it does not come back, nothing
 * new starts before the loader has listened, and the loader takes the next upgrade. */
static void power_lost_with_nothing_that_could_start_never_starts_what_is_not_whole(void **state)
{
  InstallBench *bench = *state;

  for (WireBank broken = WIRE_BANK_LOW; broken <= WIRE_BANK_HIGH; broken++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
      for (unsigned at = 0;; at++) {
        WireBank bank;

        install_prepare(bench, broken);
        bench_flash_put_first(&bench->flash, 1, broken, 2);
        bench->flash.memory[bench->old.header.bank_addr + bench->old.length - 1] ^= 1;
        bench->came_from = WIRE_BANK_NONE;
        install_start(bench);
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        install_try_all(bench);
        if (!bench->flash.dead)
          break;
        bench_flash_power_on(&bench->flash);
        assert_int_not_equal(fw_entry_get_kind(fw_boot_choose(bench->flash.memory)),
                             FW_ENTRY_PROGRAM); /* nothing unproven without listening */
        bank = bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
        assert_int_not_equal(bank, broken);
        if (bank != WIRE_BANK_NONE) {
          assert_true(bench_flash_holds(&bench->flash, &bench->new));
          bench_trial_confirm(&bench->flash, bank);
          install_turn(bench, INSTALL_NEW + 1);
        }
        bench->token++;
        install_start(bench);
        install_all(bench);
        install_prove_new(bench);
      }
}

/* What a trial records, cut: whatever became of the record, a whole program starts. */
typedef enum { TRIAL_COUNT, TRIAL_GIVE_UP, TRIAL_SWITCH, TRIAL_RETURN, TRIAL_KINDS } TrialStep;

/* The flash before that step; the program that takes it has started. */
static void prepare_trial(InstallBench *bench, FwTrial *trial, TrialStep step)
{
  BenchFlash *flash = &bench->flash;

  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_put(flash, &bench->new);
  if (step == TRIAL_COUNT)
    bench_flash_put_trial(flash, 1, bench->new.bank, 2, 0);
  if (step == TRIAL_GIVE_UP)
    bench_flash_put_trial(flash, 1, bench->new.bank, 2, 1);
  if (step == TRIAL_RETURN)
    bench_flash_put_trial(flash, 1, bench->new.bank, 2, WIRE_TRIAL_STARTS);
  if (step == TRIAL_SWITCH)
    bench_flash_put_record(flash, 1, bench->running, 2); /* so that there is nothing to copy */
  if (step == TRIAL_GIVE_UP || step == TRIAL_SWITCH)
    bench_trial_start(trial, flash, step == TRIAL_SWITCH ? bench->running : bench->new.bank);
  assert_int_equal(flash->count, 0);
}

static void take_step(InstallBench *bench, FwTrial *trial, TrialStep step)
{
  if (step == TRIAL_SWITCH)
    trial->operator_wants_back = true;
  if (step == TRIAL_GIVE_UP || step == TRIAL_SWITCH)
    assert_true(fw_trial_is_over(trial, trial->start_ms + WIRE_TRIAL_MS));
  else
    bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
}

static void power_lost_in_what_a_trial_records_costs_no_program(void **state)
{
  InstallBench *bench = *state;

  for (TrialStep step = TRIAL_COUNT; step < TRIAL_KINDS; step++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++) {
      FwTrial trial;
      WireBank bank;

      prepare_trial(bench, &trial, step);
      bench->flash.cut = cut;
      bench->flash.cut_at = 0;
      take_step(bench, &trial, step);
      assert_true(bench->flash.dead);
      bank = boot_after_cut(bench);
      bench->token++;
      if (bank == bench->new.bank) {
        bench_trial_confirm(&bench->flash, bank);
        install_turn(bench, INSTALL_NEW + 1);
      }
      install_start(bench);
      install_all(bench);
      install_prove_new(bench);
    }
}

/* Power fails at every start, inside the record that counts it: the starts come to an end all the
 * same, because the places do. */
static void starts_that_are_never_counted_whole_come_to_an_end(void **state)
{
  InstallBench *bench = *state;
  unsigned starts = 0;
  FwTrial trial;

  prepare_trial(bench, &trial, TRIAL_COUNT);
  for (;; starts++) {
    bench_flash_power_on(&bench->flash);
    bench->flash.cut = BENCH_CUT_TORN;
    bench->flash.cut_at = bench->flash.count;
    bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
    if (!bench->flash.dead)
      break;
  }
  assert_int_equal(starts, WIRE_RECORD_COUNT - 2);
  bench_flash_power_on(&bench->flash);
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), bench->running);
  install_start(bench);
  install_all(bench);
  install_prove_new(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(power_lost_at_and_inside_each_flash_operation_costs_no_program),
      TEST(power_lost_around_the_seal_starts_the_old_program_or_the_new_one_on_trial),
      TEST(power_lost_with_nothing_that_could_start_never_starts_what_is_not_whole),
      TEST(power_lost_in_what_a_trial_records_costs_no_program),
      TEST(starts_that_are_never_counted_whole_come_to_an_end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
