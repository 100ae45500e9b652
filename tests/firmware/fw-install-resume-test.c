/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A transfer that goes on where it was interrupted: in a loader that still runs, and behind a power
 * cut between two flash operations; what is kept, and what room of the log that takes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resume-bench.h"

static void another_conversation_goes_on_in_the_same_loader_without_an_erase(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};
  unsigned before;

  resume_prepare(bench, WIRE_BANK_LOW);
  assert_int_equal(resume_begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
  resume_send_missing(bench, 0, 40, 0);
  install_send_data(bench, 44);
  before = bench->flash.count;
  bench->token++;
  assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(bench->flash.count, before);
  assert_int_equal(begun.missing, 40);
  assert_int_equal(resume_count_kept(&begun), 41);
  assert_true(resume_is_kept(&begun, 0)); /* RAM has it */
  assert_true(resume_is_kept(&begun, 44));
  bench->token--; /* the first one has nothing more to say */
  install_check_nak(bench, install_ask_data(bench, 41), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  bench->token++;
  resume_send_missing(bench, 40, RESUME_BLOCKS, 0);
  assert_int_equal(bench->flash.count, 3 + RESUME_BLOCKS - 1); /* each block once */
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void in_the_same_loader_another_image_or_a_wish_to_begin_anew_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  for (unsigned round = 0; round < 3; round++) {
    WireBegun begun = {0};

    resume_prepare(bench, WIRE_BANK_LOW);
    assert_int_equal(resume_begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
    resume_send_missing(bench, 0, 40, 0);
    bench->token++;
    if (round > 0) {
      bench->new.bytes[RESUME_LENGTH - 1] ^= 1;
      bench->new.header.version += round == 2;
      bench_image_seal(&bench->new);
    }
    assert_int_equal(resume_begin(bench, round == 0 ? WIRE_BEGIN_ANEW : WIRE_BEGIN_KEEP, &begun),
                     WIRE_BEGIN | WIRE_REPLY);
    assert_int_equal(resume_count_kept(&begun), 0);
    assert_int_equal(begun.missing, 0);
    resume_send_missing(bench, 0, RESUME_BLOCKS, 0);
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

static void behind_a_power_cut_whole_sectors_below_the_window_are_kept_and_not_erased(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned blocks = 0; blocks <= RESUME_BLOCKS; blocks++) {
      unsigned erases = 0;

      resume_interrupt(bench, running, blocks);
      assert_int_equal(resume_go_on(bench, 0), resume_expect_kept(blocks));
      for (unsigned i = 0; i < bench->flash.count; i++)
        if (bench->flash.operations[i].erase) {
          erases++;
          assert_true(bench->flash.operations[i].addr < WIRE_RECORD_ADDR);
        }
      assert_true(erases > 0);
      install_prove_new(bench);
    }
}

/* Also where the bank beside it is the smaller one: the map ends with the bank. */
static void what_is_kept_may_be_leant_on_by_packed_blocks(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};
  unsigned first;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  first = bench->new.header.bank_addr / WIRE_BLOCK_SIZE;
  for (unsigned block = 0; block < WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE; block++) {
    bool of_running = block >= WIRE_LOW_ADDR / WIRE_BLOCK_SIZE && block < first;
    bool is_kept = block > first && block <= first + resume_expect_kept(50);

    assert_int_equal(bench->install.sound[block / 8] >> block % 8 & 1, of_running || is_kept);
  }
}

/* Three ways to be another transfer: the image, the wish, the log. */
static void check_nothing_kept(InstallBench *bench, WireBeginMode mode)
{
  WireBegun begun = {0};
  const WireBankMap *map = wire_bank_map(bench->new.bank);

  assert_int_equal(resume_begin(bench, mode, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(resume_count_kept(&begun), 0);
  assert_int_equal(begun.missing, 0);
  for (uint32_t at = 0; at < map->size; at++)
    assert_int_equal(bench->flash.memory[map->addr + at], 0xff);
  resume_send_missing(bench, 0, RESUME_BLOCKS, 0);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void behind_a_power_cut_another_image_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  bench->new.bytes[RESUME_LENGTH - 1] ^= 1;
  bench_image_seal(&bench->new);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

static void behind_a_power_cut_a_wish_to_begin_anew_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  check_nothing_kept(bench, WIRE_BEGIN_ANEW);
}

static void behind_a_power_cut_a_log_that_is_not_sound_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  bench_flash_put_garbage(&bench->flash, 6, 6, 1);
  install_start(bench);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

/* The bank was erased for it, and then something else was recorded: nobody knows what for. */
static void a_newer_record_without_the_mark_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  bench_flash_put_record(&bench->flash, 3, WIRE_BANK_LOW, 4);
  install_start(bench);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

/* What the loader says of the bank while it is filled again. */
static void what_is_kept_is_no_program_to_anybody(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(bench->install.identity.banks[1].state, WIRE_BANK_EMPTY);
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, WIRE_BANK_HIGH), WIRE_BANK_EMPTY);
  install_check_old_stays(bench);
  resume_send_missing(bench, 0, RESUME_BLOCKS, 0);
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, WIRE_BANK_HIGH), WIRE_BANK_EMPTY);
  install_check_old_stays(bench);
}

/* Each of them proven, and started once more if `again`: then what settled it is recorded twice. */
static void upgrade_often(InstallBench *bench, unsigned upgrades, bool again)
{
  resume_prepare(bench, WIRE_BANK_LOW);
  for (unsigned round = 0; round < upgrades; round++) {
    install_all(bench);
    install_prove_new(bench);
    if (again)
      bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
    install_turn(bench, INSTALL_NEW);
    bench_image_make(&bench->new, bench->new.bank, INSTALL_NEW + 1 + round, RESUME_LENGTH);
  }
}

static void whatever_room_upgrades_before_have_left_in_the_log_one_can_be_gone_on_with(void **state)
{
  InstallBench *bench = *state;

  for (unsigned upgrades = 0; upgrades < 6; upgrades++)
    for (unsigned again = 0; again < 2; again++) {
      WireBegun begun = {0};
      unsigned used, kept;

      upgrade_often(bench, upgrades, again);
      used = fw_record_find_free_slot(bench->flash.memory);
      assert_int_equal(resume_begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
      resume_send_missing(bench, 0, 50, 0);
      assert_true(resume_come_back(bench));
      kept = resume_go_on(bench, 0);
      if (kept != resume_expect_kept(50))
        fail_msg("behind %u upgrades, with %u places of the log used: %u blocks are kept", upgrades,
                 used, kept);
    }
}

/* That leaves room for the record of the trial, for all its starts, and for the one that confirms.
 */
static void with_up_to_nine_places_used_it_goes_on_and_the_trial_finds_room(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 3; used <= WIRE_RECORD_COUNT; used++)
    for (unsigned starts = 1; starts <= WIRE_TRIAL_STARTS; starts++) {
      resume_interrupt(bench, WIRE_BANK_LOW, 50);
      resume_fill_log(bench, used);
      install_start(bench);
      assert_int_equal(resume_go_on(bench, 0), used <= 9 ? resume_expect_kept(50) : 0);
      assert_int_equal(fw_record_find_free_slot(bench->flash.memory), used <= 9 ? used + 3 : 3);
      for (unsigned start = 0; start < starts; start++)
        assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), bench->new.bank);
      bench_trial_confirm(&bench->flash, bench->new.bank);
      install_turn(bench, INSTALL_NEW + 1);
      install_all(bench); /* and the one behind it goes, whatever is left of the log */
      install_prove_new(bench);
    }
}

/* Nobody hears it: that it was left is recorded too. */
static void with_up_to_nine_places_used_the_return_finds_room(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 3; used <= WIRE_RECORD_COUNT; used++) {
    WireRecord record;

    resume_interrupt(bench, WIRE_BANK_HIGH, 50);
    resume_fill_log(bench, used);
    install_start(bench);
    resume_go_on(bench, 0);
    for (unsigned start = 0; start < WIRE_TRIAL_STARTS; start++)
      assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), bench->new.bank);
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), bench->running);
    record = bench_flash_get_record(&bench->flash);
    assert_int_equal(record.state, WIRE_RECORD_RETURNED);
    assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_HANG);
    assert_int_equal(record.incoming, 0);
    bench->flash.count = 0;
    install_start(bench);
    install_all(bench);
    install_prove_new(bench);
  }
}

/* Each time it takes two places, until there is no room for one more. */
static void interrupted_again_and_again_it_keeps_what_it_may_and_comes_to_its_end(void **state)
{
  InstallBench *bench = *state;
  unsigned whole = 0;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  for (unsigned round = 0; round < 20; round++) {
    unsigned used = fw_record_find_free_slot(bench->flash.memory);
    WireBegun begun = {0};

    assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
    assert_int_equal(resume_count_kept(&begun), used <= 9 ? resume_expect_kept(50) : 0);
    whole += used > 9;
    resume_send_missing(bench, begun.missing, 50, 0);
    assert_true(resume_come_back(bench));
  }
  assert_in_range(whole, 1, 5);
  resume_go_on(bench, 0);
  install_prove_new(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(another_conversation_goes_on_in_the_same_loader_without_an_erase),
      TEST(in_the_same_loader_another_image_or_a_wish_to_begin_anew_keeps_nothing),
      TEST(behind_a_power_cut_whole_sectors_below_the_window_are_kept_and_not_erased),
      TEST(what_is_kept_may_be_leant_on_by_packed_blocks),
      TEST(behind_a_power_cut_another_image_keeps_nothing),
      TEST(behind_a_power_cut_a_wish_to_begin_anew_keeps_nothing),
      TEST(behind_a_power_cut_a_log_that_is_not_sound_keeps_nothing),
      TEST(a_newer_record_without_the_mark_keeps_nothing),
      TEST(what_is_kept_is_no_program_to_anybody),
      TEST(whatever_room_upgrades_before_have_left_in_the_log_one_can_be_gone_on_with),
      TEST(with_up_to_nine_places_used_it_goes_on_and_the_trial_finds_room),
      TEST(with_up_to_nine_places_used_the_return_finds_room),
      TEST(interrupted_again_and_again_it_keeps_what_it_may_and_comes_to_its_end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
