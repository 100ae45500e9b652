/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an upgrade does with the record log: in which order BEGIN writes and erases, with a sound
 * log and with each sort of unsound one; what it refuses while a program is on trial; and which
 * program it keeps. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "install-bench.h"

static uint32_t slot_addr(unsigned slot)
{
  return WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
}

/* The operations from number `at` on: an erase of these sectors; a record there. */
static void check_erase(const InstallBench *bench, unsigned at, unsigned first, unsigned last)
{
  const BenchOperation *operation = &bench->flash.operations[at];

  assert_true(at < bench->flash.count);
  assert_true(operation->erase);
  assert_int_equal(operation->addr, first * WIRE_SECTOR_SIZE);
  assert_int_equal(operation->last_sector, last);
}

static void check_program(const InstallBench *bench, unsigned at, uint32_t addr)
{
  assert_true(at < bench->flash.count);
  assert_false(bench->flash.operations[at].erase);
  assert_int_equal(bench->flash.operations[at].addr, addr);
}

/* The newest record confirms what runs, and marks what is to come. */
static void check_running_record(InstallBench *bench, uint32_t sequence)
{
  WireRecord record = bench_flash_get_record(&bench->flash);

  assert_int_equal(record.bank, bench->running);
  assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(record.crc, bench->old.header.crc);
  assert_int_equal(record.version, bench->old.header.version);
  assert_int_equal(record.sequence, sequence);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
  assert_int_equal(record.incoming, wire_record_mark(bench->new.header.crc));
  install_check_old_stays(bench);
}

static void a_sound_log_gets_a_record_before_the_idle_bank_is_erased(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 1; used <= WIRE_RECORD_COUNT - FW_RECORD_ROOM; used++) {
    install_prepare(bench, WIRE_BANK_LOW);
    for (unsigned slot = 1; slot < used; slot++)
      bench_flash_put_record(&bench->flash, slot, WIRE_BANK_LOW, slot + 1);
    install_start(bench);
    install_begin(bench);
    assert_int_equal(bench->flash.count, 3);
    check_program(bench, 0, slot_addr(used));
    check_erase(bench, 1, 8, 13);
    check_program(bench, 2, slot_addr(used + 1)); /* says what the erased bank is for */
    check_running_record(bench, used + 2);
  }
}

static void a_log_that_says_where_it_returned_to_is_sound_and_becomes_a_confirmation(void **state)
{
  InstallBench *bench = *state;
  WireRecord record = bench_record_make(&bench->flash, WIRE_BANK_LOW, WIRE_RECORD_RETURNED, 2);

  record.cause = WIRE_TRIAL_CAUSE_HANG;
  bench_flash_put_any_record(&bench->flash, 1, &record);
  install_start(bench);
  assert_int_equal(bench->install.identity.trial, WIRE_TRIAL_RETURNED);
  install_begin(bench);
  assert_int_equal(bench->flash.count, 3);
  check_program(bench, 0, slot_addr(2));
  check_program(bench, 2, slot_addr(3));
  check_running_record(bench, 4);
}

/* BEGIN with the log as it is: the idle bank goes first, then the log, then come the two records.
 */
static void check_log_is_emptied(InstallBench *bench)
{
  bench->flash.count = 0;
  install_start(bench);
  install_begin(bench);
  assert_int_equal(bench->flash.count, 4);
  check_erase(bench, 0, 8, 13);
  check_erase(bench, 1, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);
  check_program(bench, 2, slot_addr(0));
  check_program(bench, 3, slot_addr(1));
  check_running_record(bench, 2);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  assert_int_equal(bench_flash_get_record(&bench->flash).sequence, 3);
  install_check_new_starts(bench);
  install_prove_new(bench);
}

static void a_full_log_is_emptied_only_while_the_idle_bank_is_erased(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = WIRE_RECORD_COUNT - FW_RECORD_ROOM + 1; used <= WIRE_RECORD_COUNT; used++) {
    install_prepare(bench, WIRE_BANK_LOW);
    for (unsigned slot = 1; slot < used; slot++)
      bench_flash_put_record(&bench->flash, slot, WIRE_BANK_LOW, slot + 1);
    check_log_is_emptied(bench);
  }
}

static void a_blank_torn_or_garbled_log_is_emptied_behind_the_idle_bank(void **state)
{
  InstallBench *bench = *state;

  bench_flash_erase_log(&bench->flash);
  check_log_is_emptied(bench);
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_put_garbage(&bench->flash, 1, 1, 3); /* a record torn behind a good one */
  check_log_is_emptied(bench);
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_put_garbage(&bench->flash, 0, WIRE_RECORD_COUNT - 1, 4);
  check_log_is_emptied(bench);
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_erase_log(&bench->flash); /* first half blank, as an interrupted erase may leave it */
  bench_flash_put_record(&bench->flash, 4, WIRE_BANK_LOW, 5);
  check_log_is_emptied(bench);
}

static void a_log_that_speaks_of_another_program_is_emptied_behind_the_idle_bank(void **state)
{
  InstallBench *bench = *state;
  WireRecord record;

  bench_flash_put_record(&bench->flash, 1, WIRE_BANK_HIGH, 2); /* no program lies there */
  check_log_is_emptied(bench);
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_HIGH, 2, WIRE_TRIAL_STARTS);
  check_log_is_emptied(bench);
  install_prepare(bench, WIRE_BANK_LOW);
  record = bench_record_make(&bench->flash, WIRE_BANK_LOW, WIRE_RECORD_CONFIRMED, 2);
  record.crc++; /* what was in the bank before */
  bench_flash_put_any_record(&bench->flash, 1, &record);
  check_log_is_emptied(bench);
}

static void a_sound_log_whose_places_all_fail_is_emptied(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = WIRE_RECORD_COUNT - 1;
  install_begin(bench);
  assert_int_equal(bench->flash.count, WIRE_RECORD_COUNT - 1 + 4);
  check_erase(bench, WIRE_RECORD_COUNT - 1, 8, 13);
  check_erase(bench, WIRE_RECORD_COUNT, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);
  check_running_record(bench, 2);
}

static void a_log_that_takes_no_record_at_all_ends_begin_and_costs_no_program(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 1000;
  for (unsigned round = 0; round < 3; round++) {
    install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN,
                      WIRE_CAUSE_RECORD_FAILED, 0);
    install_check_old_stays(bench);
    install_check_nak(bench, install_ask_data(bench, 1), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  }
  bench->flash.fail_times = 0;
  install_all(bench);
  install_check_new_starts(bench);
}

static void an_erase_that_fails_leaves_the_log_alone(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  bench_flash_put_garbage(&bench->flash, 1, 1, 3);
  install_start(bench);
  bench->flash.fail_erases = 1;
  install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN, WIRE_CAUSE_ERASE_FAILED,
                    9);
  assert_int_equal(bench->flash.count, 1);
  install_check_old_stays(bench);
}

/* The second erase is the log's. */
static void a_log_that_cannot_be_erased_ends_begin_and_costs_no_program(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  bench_flash_put_garbage(&bench->flash, 1, 1, 3);
  install_start(bench);
  bench->flash.fail_erase_at = 2;
  install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN, WIRE_CAUSE_ERASE_FAILED,
                    9);
  assert_int_equal(bench->flash.count, 2);
  install_check_old_stays(bench);
  install_all(bench);
  install_check_new_starts(bench);
}

/* What lies there is not whole: the next upgrade empties everything before the log forgets it. */
static void with_nothing_that_could_start_both_banks_go_before_the_log(void **state)
{
  InstallBench *bench = *state;

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    install_prepare(bench, wire_bank_other(bank));
    bench_flash_put_first(&bench->flash, 1, bench->running, 2);
    bench->flash.memory[bench->old.header.bank_addr + bench->old.length - 1] ^= 1;
    bench->came_from = WIRE_BANK_NONE;
    install_start(bench);
    assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_NONE);
    install_begin(bench);
    assert_int_equal(bench->flash.count, 2);
    check_erase(bench, 0, 1, 13);
    check_erase(bench, 1, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);
    assert_int_equal(bench->install.identity.banks[0].state, WIRE_BANK_EMPTY);
    assert_int_equal(bench->install.identity.banks[1].state, WIRE_BANK_EMPTY);
    assert_int_equal(bench_flash_get_start(&bench->flash), WIRE_BANK_NONE);
    install_send_blocks(bench);
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_FIRST);
    assert_int_equal(bench_flash_get_record(&bench->flash).sequence, 1);
    check_program(bench, bench->flash.count - 2, slot_addr(0)); /* and behind it the seal */
    check_program(bench, bench->flash.count - 1, bench->new.header.bank_addr);
    install_prove_new(bench);
  }
}

static void beside_a_program_to_go_back_to_the_new_one_is_recorded_on_trial(void **state)
{
  InstallBench *bench = *state;
  WireRecord record;

  install_all(bench);
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, WIRE_BANK_HIGH);
  assert_int_equal(record.state, WIRE_RECORD_TRIAL);
  assert_int_equal(record.version, INSTALL_NEW);
  assert_int_equal(record.crc, bench->new.header.crc);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
}

static void check_refused_on_trial(InstallBench *bench, const WireBegin *request)
{
  unsigned before = bench->flash.count;

  install_check_nak(bench, install_ask_begin(bench, request), WIRE_BEGIN, WIRE_CAUSE_ON_TRIAL, 0);
  assert_int_equal(bench->flash.count, before);
}

static void while_the_running_program_is_on_trial_begin_is_refused(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  for (unsigned starts = 0; starts < 2 * WIRE_TRIAL_STARTS; starts++) {
    install_prepare(bench, WIRE_BANK_LOW);
    bench_flash_put(&bench->flash, &bench->new); /* what it goes back to */
    bench->came_from = starts < WIRE_TRIAL_STARTS ? WIRE_BANK_LOW : WIRE_BANK_NONE;
    bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_LOW, 2, starts % WIRE_TRIAL_STARTS);
    install_start(bench);
    check_refused_on_trial(bench, &request);
    assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_LOW);
  }
}

/* The record is old: what came behind it was lost with the log. The program itself says that it has
 * proved itself. */
static void a_trial_without_the_program_to_go_back_to_is_no_reason_to_refuse(void **state)
{
  InstallBench *bench = *state;

  bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_LOW, 2, WIRE_TRIAL_STARTS);
  check_log_is_emptied(bench);
}

static void behind_its_own_commit_the_loader_refuses_another_begin(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench), back = request;

  install_all(bench);
  install_begin(bench); /* the same one again is only answered again */
  bench->token++;
  check_refused_on_trial(bench, &request);
  back.bank = WIRE_BANK_LOW;
  check_refused_on_trial(bench, &back);
  install_check_new_starts(bench);
}

static void a_program_that_was_returned_to_may_be_upgraded(void **state)
{
  InstallBench *bench = *state;

  bench_flash_put(&bench->flash, &bench->new);
  bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_HIGH, 2, WIRE_TRIAL_STARTS);
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), WIRE_BANK_LOW);
  install_start(bench);
  install_all(bench);
  install_check_new_starts(bench);
}

/* The log would start the other one; but it is this one that runs and runs again. */
static void the_program_it_came_from_is_the_one_it_keeps(void **state)
{
  InstallBench *bench = *state;

  bench_flash_put(&bench->flash, &bench->new);
  bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_HIGH, 2, 1);
  install_start(bench);
  assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_LOW);
  assert_int_equal(bench->install.identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(bench->install.identity.trial_starts, 1);
  install_all(bench);
  install_check_new_starts(bench);
  assert_int_equal(bench->install.identity.trial_starts, 0); /* that was another trial */
  assert_int_equal(bench->install.identity.trial_cause, WIRE_TRIAL_CAUSE_NONE);
}

static void a_bank_it_did_not_come_from_is_not_believed(void **state)
{
  static const WireBank strange[] = {WIRE_BANK_NONE, WIRE_BANK_HIGH /* nothing whole */,
                                     (WireBank)3, (WireBank)15};
  InstallBench *bench = *state;

  for (unsigned i = 0; i < 4; i++) {
    install_prepare(bench, WIRE_BANK_LOW);
    bench->came_from = strange[i];
    install_start(bench);
    assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_LOW);
    install_all(bench);
    install_check_new_starts(bench);
  }
}

/* Entered by nobody: what the jump program would start, an errand before it or not. */
static void with_nobody_it_came_from_the_choice_of_the_jump_program_counts(void **state)
{
  InstallBench *bench = *state;

  bench->came_from = WIRE_BANK_NONE;
  bench_flash_put(&bench->flash, &bench->new);
  bench_flash_put_trial(&bench->flash, 1, WIRE_BANK_HIGH, 2, 1);
  install_start(bench);
  assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_HIGH);
  assert_int_equal(bench->install.identity.trial, WIRE_TRIAL_RUNNING);
  bench_flash_put_trial(&bench->flash, 2, WIRE_BANK_HIGH, 3, WIRE_TRIAL_STARTS);
  install_start(bench);
  assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_LOW);
  assert_int_equal(bench->install.identity.trial, WIRE_TRIAL_RETURNED);
}

static void thirty_upgrades_in_a_row_never_run_out_of_room(void **state)
{
  InstallBench *bench = *state;

  for (unsigned round = 0; round < 30; round++) {
    install_all(bench);
    install_check_new_starts(bench);
    install_prove_new(bench);
    install_turn(bench, INSTALL_NEW + 1 + round);
  }
}

/* Nobody confirms: three starts, then the old one runs, each time. */
static void thirty_failed_trials_in_a_row_never_run_out_of_room(void **state)
{
  InstallBench *bench = *state;

  for (unsigned round = 0; round < 30; round++) {
    bench->flash.count = 0;
    bench->token++;
    install_start(bench);
    install_all(bench);
    for (unsigned start = 0; start < WIRE_TRIAL_STARTS; start++)
      assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), bench->new.bank);
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), bench->running);
    assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_RETURNED);
    assert_int_equal(bench_flash_get_record(&bench->flash).cause, WIRE_TRIAL_CAUSE_HANG);
    install_check_old_stays(bench);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_sound_log_gets_a_record_before_the_idle_bank_is_erased),
      TEST(a_log_that_says_where_it_returned_to_is_sound_and_becomes_a_confirmation),
      TEST(a_full_log_is_emptied_only_while_the_idle_bank_is_erased),
      TEST(a_blank_torn_or_garbled_log_is_emptied_behind_the_idle_bank),
      TEST(a_log_that_speaks_of_another_program_is_emptied_behind_the_idle_bank),
      TEST(a_sound_log_whose_places_all_fail_is_emptied),
      TEST(a_log_that_takes_no_record_at_all_ends_begin_and_costs_no_program),
      TEST(an_erase_that_fails_leaves_the_log_alone),
      TEST(a_log_that_cannot_be_erased_ends_begin_and_costs_no_program),
      TEST(with_nothing_that_could_start_both_banks_go_before_the_log),
      TEST(beside_a_program_to_go_back_to_the_new_one_is_recorded_on_trial),
      TEST(a_trial_without_the_program_to_go_back_to_is_no_reason_to_refuse),
      TEST(while_the_running_program_is_on_trial_begin_is_refused),
      TEST(behind_its_own_commit_the_loader_refuses_another_begin),
      TEST(a_program_that_was_returned_to_may_be_upgraded),
      TEST(the_program_it_came_from_is_the_one_it_keeps),
      TEST(a_bank_it_did_not_come_from_is_not_believed),
      TEST(with_nobody_it_came_from_the_choice_of_the_jump_program_counts),
      TEST(thirty_upgrades_in_a_row_never_run_out_of_room),
      TEST(thirty_failed_trials_in_a_row_never_run_out_of_room),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
