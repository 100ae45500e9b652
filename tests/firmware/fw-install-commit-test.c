/* SPDX-License-Identifier: GPL-3.0-or-later */

/* COMMIT: the record, then the seal. What starts when one of them fails or power fails between or
 * in them, that nothing of the transfer is kept once the seal was begun, and what the loader says
 * starts behind it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resume-bench.h"

static uint32_t choose(const InstallBench *bench)
{
  return fw_install_choose(&bench->install);
}

static void check_choice_is_the_jump_programs(const InstallBench *bench, FwEntryKind kind,
                                              WireBank bank)
{
  assert_int_equal(choose(bench), fw_entry_make(kind, bank));
  assert_int_equal(choose(bench), fw_boot_choose(bench->flash.memory));
}

/* Nobody in the bank that runs; what comes is a first program. */
static void prepare_without_program(InstallBench *bench)
{
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_init(&bench->flash);
  bench->came_from = WIRE_BANK_NONE;
  install_start(bench);
}

/* The loader has just read both programs: it reads neither once more, which is what the spoilt byte
 * shows. */
static void behind_a_commit_the_new_program_is_chosen_and_no_image_read_again(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    install_prepare(bench, running);
    install_all(bench);
    check_choice_is_the_jump_programs(bench, FW_ENTRY_START, bench->new.bank);
    bench->flash.memory[bench->new.header.bank_addr + 0x300] ^= 1;
    assert_int_equal(choose(bench), fw_entry_make(FW_ENTRY_START, bench->new.bank));
    bench->flash.memory[bench->new.header.bank_addr + 0x300] ^= 1;
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY); /* repeated */
    check_choice_is_the_jump_programs(bench, FW_ENTRY_START, bench->new.bank);
  }
}

/* Before BEGIN and behind it, while blocks come, when COMMIT is refused: what flash says. */
static void before_a_commit_the_choice_is_the_jump_programs(void **state)
{
  InstallBench *bench = *state;

  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
  install_begin(bench);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
  install_send_blocks(bench);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
  bench->flash.memory[bench->new.header.bank_addr + 0x300] ^= 1;
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_IMAGE_CRC, 0);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
}

static void behind_a_commit_with_none_to_go_back_to_the_choice_is_the_jump_programs(void **state)
{
  InstallBench *bench = *state;

  prepare_without_program(bench);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_NO_PROGRAM, WIRE_BANK_LOW);
  install_all(bench);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_LISTEN, bench->new.bank);

  /* One that runs and has not proved itself is none to go back to either. */
  install_prepare(bench, WIRE_BANK_LOW);
  bench_flash_put_first(&bench->flash, 1, WIRE_BANK_LOW, 2);
  bench->came_from = WIRE_BANK_NONE;
  install_start(bench);
  assert_false(bench->install.proven);
  install_all(bench);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_FIRST);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_LISTEN, bench->new.bank);
}

static void send_missing(InstallBench *bench)
{
  for (unsigned missing = 0, frames = 0; missing < INSTALL_BLOCKS; frames++) {
    missing = install_send_data(bench, missing).missing;
    assert_true(frames < 100);
  }
}

/* From `before` on: the record, the seal, the erase of its sector. */
static void check_operations(const InstallBench *bench, unsigned before, unsigned slot)
{
  const BenchOperation *operations = bench->flash.operations + before;

  assert_int_equal(bench->flash.count, before + 3);
  assert_false(operations[0].erase);
  assert_int_equal(operations[0].addr, WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE);
  assert_false(operations[1].erase);
  assert_int_equal(operations[1].addr, bench->new.header.bank_addr);
  assert_true(operations[2].erase);
  assert_int_equal(operations[2].addr, bench->new.header.bank_addr);
  assert_int_equal(operations[2].last_sector, bench->new.header.bank_addr / WIRE_SECTOR_SIZE);
}

/* COMMIT while the seal fails; a repetition before the blocks have come again changes nothing. */
static void commit_in_vain(InstallBench *bench, unsigned slot, WireRecordState state)
{
  unsigned before = bench->flash.count;
  WireRecord record;

  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
  check_operations(bench, before, slot);
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, bench->new.bank);
  assert_int_equal(record.state, state);
  assert_int_equal(record.incoming, 0);
  assert_int_equal(choose(bench), fw_boot_choose(bench->flash.memory));
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, bench->new.bank), WIRE_BANK_EMPTY);
  before = bench->flash.count;
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
  assert_int_equal(bench->flash.count, before);
}

static void a_commit_is_repeated_when_the_record_stood_and_the_seal_failed(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned failures = 1; failures < FW_PROGRAM_ATTEMPTS; failures++)
      for (unsigned silently = 0; silently < 2; silently++) {
        install_prepare(bench, running);
        install_begin(bench);
        install_send_blocks(bench);
        bench->flash.fail_addr = bench->new.header.bank_addr;
        bench->flash.fail_times = failures;
        bench->flash.fail_silently = silently;
        for (unsigned round = 0; round < failures; round++) {
          commit_in_vain(bench, 3 + round, WIRE_RECORD_TRIAL);
          install_check_old_stays(bench);
          send_missing(bench);
        }
        assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
        install_check_new_starts(bench);
        check_choice_is_the_jump_programs(bench, FW_ENTRY_START, bench->new.bank);
        for (unsigned start = 0; start < WIRE_TRIAL_STARTS; start++)
          assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), bench->new.bank);
        bench_trial_confirm(&bench->flash, bench->new.bank);
      }
}

static void a_commit_of_a_first_program_is_repeated_when_the_seal_failed(void **state)
{
  InstallBench *bench = *state;

  prepare_without_program(bench);
  install_begin(bench);
  install_send_blocks(bench);
  bench->flash.fail_addr = bench->new.header.bank_addr;
  bench->flash.fail_times = 1;
  commit_in_vain(bench, 0, WIRE_RECORD_FIRST);
  assert_int_equal(bench_flash_get_start(&bench->flash), WIRE_BANK_NONE);
  send_missing(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_LISTEN, bench->new.bank);
  install_prove_new(bench);
}

/* The seal failed; then another image is sent, or the same one anew, and power fails in that BEGIN.
 */
static void begin_behind_a_failed_seal(InstallBench *bench, bool another, BenchCut cut, unsigned at)
{
  WireBegun begun = {0};

  install_prepare(bench, WIRE_BANK_LOW);
  install_begin(bench);
  install_send_blocks(bench);
  bench->flash.fail_addr = bench->new.header.bank_addr;
  bench->flash.fail_times = 1;
  commit_in_vain(bench, 3, WIRE_RECORD_TRIAL);
  bench->token++;
  if (another)
    bench_image_make(&bench->new, WIRE_BANK_HIGH, INSTALL_NEW + 1, INSTALL_LENGTH);
  bench->flash.cut = cut;
  bench->flash.cut_at = bench->flash.count + at;
  resume_begin(bench, WIRE_BEGIN_ANEW, &begun);
}

static void upgrade_behind_a_failed_seal(InstallBench *bench)
{
  install_all(bench);
  install_check_new_starts(bench);
  install_prove_new(bench);
}

static void behind_a_seal_that_failed_another_upgrade_may_begin(void **state)
{
  InstallBench *bench = *state;

  for (unsigned another = 0; another < 2; another++) {
    begin_behind_a_failed_seal(bench, another, BENCH_CUT_NONE, 0);
    upgrade_behind_a_failed_seal(bench);
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
      for (unsigned at = 0; at < 3; at++) {
        begin_behind_a_failed_seal(bench, another, cut, at);
        assert_true(bench->flash.dead);
        assert_true(resume_come_back(bench));
        upgrade_behind_a_failed_seal(bench);
      }
  }
}

/* Also where the erase of the log, if there is one, was cut and nothing of it can be seen: the
 * records read as before, and the places behind them are not erased. */
static void
behind_a_seal_that_failed_no_place_is_used_of_a_log_whose_erase_was_cut_unseen(void **state)
{
  InstallBench *bench = *state;

  for (unsigned another = 0; another < 2; another++)
    for (unsigned at = 0; at < 3; at++) {
      begin_behind_a_failed_seal(bench, another, BENCH_CUT_UNSEEN, at);
      assert_true(bench->flash.dead);
      assert_true(resume_come_back(bench));
      upgrade_behind_a_failed_seal(bench);
    }
}

/* Power fails behind the record: the old program starts, says why the new one does not, and is
 * upgraded as ever. */
static void a_record_without_its_seal_is_told_as_a_damaged_program(void **state)
{
  static const BenchCut cuts[] = {BENCH_CUT_BEFORE, BENCH_CUT_TORN, BENCH_CUT_UNSEEN};
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned i = 0; i < 3; i++) {
      WireTrialCause evidence = WIRE_TRIAL_CAUSE_HANG; /* it was not that */
      WireIdentity identity;
      WireRecord record;
      FwTrial trial;

      install_prepare(bench, running);
      install_begin(bench);
      install_send_blocks(bench);
      bench->flash.cut = cuts[i];
      bench->flash.cut_at = bench->flash.count + 1;
      install_ask_commit(bench);
      assert_true(bench->flash.dead);
      bench_flash_power_on(&bench->flash);
      assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_TRIAL);
      install_check_old_stays(bench);
      assert_int_equal(bench_flash_enter(&bench->flash, &evidence), running);
      identity = bench_trial_start_with(&trial, &bench->flash, running, evidence);
      assert_int_equal(identity.trial, WIRE_TRIAL_RETURNED);
      assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_DAMAGED);
      record = bench_flash_get_record(&bench->flash);
      assert_int_equal(record.state, WIRE_RECORD_RETURNED);
      assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_DAMAGED);
      assert_int_equal(record.bank, running);
      assert_int_equal(record.incoming, 0);
      bench->flash.count = 0;
      install_start(bench);
      install_all(bench);
      install_prove_new(bench);
    }
}

/* The image comes in full, kept blocks or not, and power fails in the seal. */
static void cut_in_seal(InstallBench *bench, BenchCut cut)
{
  WireBegun begun = {0};

  assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  resume_send_missing(bench, begun.missing, RESUME_BLOCKS, 0);
  bench->flash.cut = cut;
  bench->flash.cut_at = bench->flash.count + 1;
  install_ask_commit(bench);
  assert_true(bench->flash.dead);
  assert_int_equal(bench->flash.operations[bench->flash.count - 1].addr,
                   bench->new.header.bank_addr);
}

/* In which cut_in_seal leaves no program. */
static const BenchCut seal_cuts[] = {BENCH_CUT_BEFORE, BENCH_CUT_TORN, BENCH_CUT_UNSEEN};

/* Again and again: whatever the log has room for. */
static void a_seal_torn_behind_a_resume_is_not_programmed_twice(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned blocks = 0; blocks <= RESUME_BLOCKS; blocks++)
      for (unsigned rounds = 1; rounds <= 3; rounds++) {
        resume_interrupt(bench, running, blocks);
        for (unsigned round = 0; round < rounds; round++) {
          cut_in_seal(bench, seal_cuts[(blocks + round) % 3]);
          assert_true(resume_come_back(bench));
        }
        assert_int_equal(resume_go_on(bench, 0), 0); /* nothing is kept once the seal was begun */
        install_prove_new(bench);
      }
}

/* All of its bytes but the last read as they should: it is no header, or the program is whole. */
static void a_seal_torn_at_its_end_is_not_programmed_twice(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 3; used <= WIRE_RECORD_COUNT; used++) {
    resume_interrupt(bench, WIRE_BANK_LOW, 50);
    resume_fill_log(bench, used);
    install_start(bench);
    cut_in_seal(bench, BENCH_CUT_BLANK);
    if (resume_come_back(bench))
      assert_int_equal(resume_go_on(bench, 0), 0);
    install_prove_new(bench);
  }
}

/* Power fails in the record of the return, too. */
static void a_seal_torn_and_a_return_that_is_cut_keep_nothing(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned used = 3; used <= 9; used++)
      for (unsigned i = 0; i < 3; i++) {
        resume_interrupt(bench, WIRE_BANK_HIGH, 50);
        resume_fill_log(bench, used);
        install_start(bench);
        cut_in_seal(bench, seal_cuts[i]);
        bench_flash_power_on(&bench->flash);
        bench->flash.cut = cut;
        bench->flash.cut_at = bench->flash.count;
        bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
        assert_true(bench->flash.dead);
        assert_true(resume_come_back(bench));
        assert_int_equal(resume_go_on(bench, 0), 0);
        install_prove_new(bench);
      }
}

/* Nor if the loader is there at once, before the old program could record anything. */
static void a_seal_torn_and_no_program_between_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 3; used <= 9; used++)
    for (unsigned i = 0; i < 6; i++) {
      resume_interrupt(bench, WIRE_BANK_LOW, 50);
      resume_fill_log(bench, used);
      install_start(bench);
      cut_in_seal(bench, seal_cuts[i % 3]);
      bench->came_from = i < 3 ? WIRE_BANK_NONE : WIRE_BANK_LOW;
      bench->token++;
      bench->flash.count = 0;
      install_start(bench);
      assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_LOW);
      assert_int_equal(resume_go_on(bench, 0), 0);
      install_prove_new(bench);
    }
}

/* As long as the record did not stand the seal was not begun, and all below the window may be kept.
 */
static void a_cut_in_the_record_of_the_commit_may_keep_what_lies_below_the_window(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++) {
    bool no_record = cut == BENCH_CUT_BEFORE || cut == BENCH_CUT_UNSEEN;

    resume_prepare(bench, WIRE_BANK_LOW);
    bench->flash.cut = cut;
    bench->flash.cut_at = RESUME_AT_RECORD;
    resume_try_all(bench, WIRE_BEGIN_ANEW, 0);
    assert_true(bench->flash.dead);
    assert_true(resume_come_back(bench));
    assert_int_equal(resume_go_on(bench, 0), no_record ? resume_expect_kept(RESUME_BLOCKS) : 0);
    install_prove_new(bench);
  }
}

/* The places that were left fail: no record, no seal. */
static void a_commit_whose_record_fails_does_not_begin_the_seal(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  install_send_blocks(bench);
  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 100;
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_RECORD_FAILED, 0);
  assert_int_equal(bench->flash.memory[bench->new.header.bank_addr], 0xff);
  assert_false(bench->flash.used[bench->new.header.bank_addr / WIRE_BLOCK_SIZE]);
  check_choice_is_the_jump_programs(bench, FW_ENTRY_PROGRAM, WIRE_BANK_LOW);
  bench->flash.fail_times = 0;
  bench->token++;
  install_all(bench); /* anew, and the log is emptied */
  install_check_new_starts(bench);
  install_prove_new(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(behind_a_commit_the_new_program_is_chosen_and_no_image_read_again),
      TEST(before_a_commit_the_choice_is_the_jump_programs),
      TEST(behind_a_commit_with_none_to_go_back_to_the_choice_is_the_jump_programs),
      TEST(a_commit_is_repeated_when_the_record_stood_and_the_seal_failed),
      TEST(a_commit_of_a_first_program_is_repeated_when_the_seal_failed),
      TEST(behind_a_seal_that_failed_another_upgrade_may_begin),
      TEST(behind_a_seal_that_failed_no_place_is_used_of_a_log_whose_erase_was_cut_unseen),
      TEST(a_record_without_its_seal_is_told_as_a_damaged_program),
      TEST(a_seal_torn_behind_a_resume_is_not_programmed_twice),
      TEST(a_seal_torn_at_its_end_is_not_programmed_twice),
      TEST(a_seal_torn_and_a_return_that_is_cut_keep_nothing),
      TEST(a_seal_torn_and_no_program_between_keeps_nothing),
      TEST(a_cut_in_the_record_of_the_commit_may_keep_what_lies_below_the_window),
      TEST(a_commit_whose_record_fails_does_not_begin_the_seal),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
