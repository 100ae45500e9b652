/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is new in version 1.2 of the protocol about a transfer: BEGIN is answered before the erase,
 * the window bounds what may come, two blocks in one frame, and blank blocks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

/* BEGIN without the work behind its reply. */
static unsigned ask_begin_only(InstallBench *bench, const WireBegin *begin)
{
  uint8_t payload[WIRE_BEGIN_LENGTH];

  return install_ask(bench, WIRE_BEGIN, payload, wire_begin_write(begin, payload));
}

static void begin_is_answered_before_anything_is_erased_or_written(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);
  WireBegun begun = {.erase_ms = 1};

  bench_flash_put(&bench->flash, &bench->new); /* so that one can see it go */
  install_start(bench);
  assert_int_equal(ask_begin_only(bench, &request), WIRE_BEGIN | WIRE_REPLY);
  assert_true(wire_begun_read(&bench->answer, &begun));
  assert_int_equal(begun.bank, bench->new.bank);
  assert_int_equal(begun.blocks, INSTALL_BLOCKS);
  assert_int_equal(begun.missing, 0);
  assert_int_equal(begun.erase_ms, 0);
  for (unsigned i = 0; i < sizeof begun.verified; i++)
    assert_int_equal(begun.verified[i], 0);
  assert_int_equal(bench->flash.count, 0);
  assert_true(bench_flash_holds(&bench->flash, &bench->new));
  assert_int_equal(install_work(bench), 0);
  assert_int_equal(bench->flash.count, 3);
  assert_false(bench_flash_holds(&bench->flash, &bench->new));
}

static void the_work_behind_begin_is_done_once(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  assert_int_equal(install_work(bench), 0); /* nothing was asked for */
  assert_int_equal(bench->flash.count, 0);
  for (unsigned round = 0; round < 3; round++) { /* and also when BEGIN comes twice before it */
    assert_int_equal(ask_begin_only(bench, &request), WIRE_BEGIN | WIRE_REPLY);
    assert_int_equal(bench->flash.count, 0);
  }
  for (unsigned round = 0; round < 3; round++) {
    assert_int_equal(install_work(bench), 0);
    assert_int_equal(bench->flash.count, 3);
  }
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void a_begin_that_is_refused_leaves_no_work(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  request.product++;
  assert_int_equal(ask_begin_only(bench, &request), WIRE_NAK);
  assert_int_equal(install_work(bench), 0);
  assert_int_equal(bench->flash.count, 0);
}

/* The same number, token and type as BEGIN has: it is a second answer to it. */
static void an_erase_that_fails_is_told_in_a_second_answer_and_nothing_was_begun(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);
  unsigned before;

  bench->flash.fail_erases = 1;
  assert_int_equal(ask_begin_only(bench, &request), WIRE_BEGIN | WIRE_REPLY);
  install_check_nak(bench, install_work(bench), WIRE_BEGIN, WIRE_CAUSE_ERASE_FAILED, 9);
  before = bench->flash.count;
  assert_int_equal(install_work(bench), 0);
  install_check_nak(bench, install_ask_data(bench, 1), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  assert_int_equal(bench->flash.count, before);
  install_check_old_stays(bench);
  assert_int_equal(bench_flash_get_record(&bench->flash).incoming, 0); /* nothing can go on there */
  install_all(bench); /* the same BEGIN once more, which is done once more */
  install_check_new_starts(bench);
}

static void a_failed_erase_is_told_in_both_modes_and_keeps_nothing(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);
  WireBegun begun = {.missing = 99};

  for (unsigned round = 0; round < 2; round++) {
    bench->flash.fail_erases = 1;
    request.encoding = WIRE_BEGIN_KEEP;
    install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN,
                      WIRE_CAUSE_ERASE_FAILED, 9);
  }
  assert_int_equal(install_ask_begin(bench, &request), WIRE_BEGIN | WIRE_REPLY);
  assert_true(wire_begun_read(&bench->answer, &begun));
  assert_int_equal(begun.missing, 0);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* What bounds the blocks that a power cut makes doubtful: a block behind the window is refused and
 * changes nothing, the last one within it is taken, whatever is missing before. */
static void a_block_behind_the_window_is_refused_and_the_last_within_it_is_taken(void **state)
{
  InstallBench *bench = *state;

  bench_image_make(&bench->new, WIRE_BANK_HIGH, INSTALL_NEW, 44 * WIRE_BLOCK_SIZE);
  install_begin(bench);
  for (unsigned missing = 0; missing + FW_WINDOW < 44;) {
    unsigned before = bench->flash.count, end = missing + FW_WINDOW;

    for (unsigned block = end; block < 44; block++)
      install_check_nak(bench, install_ask_data(bench, block), WIRE_DATA, WIRE_CAUSE_OUT_OF_RANGE,
                        44);
    install_check_nak(bench, install_ask_blocks(bench, end - 1, 2), WIRE_DATA,
                      WIRE_CAUSE_OUT_OF_RANGE, 44); /* the second of two counts */
    assert_int_equal(bench->flash.count, before);
    assert_int_equal(install_send_data(bench, end - 1).missing, missing);
    assert_int_equal(bench->flash.count, before + 1);
    missing = install_send_data(bench, missing).missing;
  }
}

static WireDataStatus send_blocks(InstallBench *bench, unsigned block, unsigned count)
{
  WireDataStatus status = {0};

  assert_int_equal(install_ask_blocks(bench, block, count), WIRE_DATA | WIRE_REPLY);
  assert_true(wire_data_status_read(&bench->answer, &status));
  assert_int_equal(status.block, block);
  return status;
}

static void a_program_goes_over_two_blocks_at_a_time(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    install_prepare(bench, running);
    install_begin(bench);
    for (unsigned block = 0; block < INSTALL_BLOCKS; block += 2) {
      unsigned count = block + 1 < INSTALL_BLOCKS ? 2 : 1;
      WireDataStatus status = send_blocks(bench, block, count);

      assert_int_equal(status.verified, 1);
      assert_int_equal(status.missing, block + count);
    }
    assert_int_equal(bench->flash.count, 3 + INSTALL_BLOCKS - 1); /* block 0 waits in RAM */
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

static void of_two_blocks_one_that_is_verified_is_not_programmed_again(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  install_send_data(bench, 3);
  install_send_data(bench, 6);
  assert_int_equal(bench->flash.count, 3 + 2);
  assert_int_equal(send_blocks(bench, 3, 2).verified, 1); /* the first is there */
  assert_int_equal(bench->flash.count, 3 + 3);
  assert_int_equal(send_blocks(bench, 5, 2).verified, 1); /* the second is */
  assert_int_equal(bench->flash.count, 3 + 4);
  assert_int_equal(send_blocks(bench, 3, 2).verified, 1); /* both are */
  assert_int_equal(bench->flash.count, 3 + 4);
  for (unsigned block = 0; block < INSTALL_BLOCKS; block++)
    install_send_data(bench, block);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* One goes to RAM and one to flash. */
static void block_0_comes_with_block_1_and_only_that_is_programmed(void **state)
{
  InstallBench *bench = *state;
  uint8_t head[WIRE_BLOCK_SIZE];

  install_begin(bench);
  assert_int_equal(send_blocks(bench, 0, 2).missing, 2);
  assert_int_equal(bench->flash.count, 3 + 1);
  assert_int_equal(bench->flash.operations[3].addr, 0x10000 + WIRE_BLOCK_SIZE);
  bench_image_get_block(&bench->new, 0, head);
  assert_memory_equal(bench->install.seal, head, sizeof head);
  for (unsigned block = 2; block < INSTALL_BLOCKS; block++)
    install_send_data(bench, block);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* Their sector goes, whichever of the two it was; what is missing then says the status. */
static void of_two_blocks_one_that_fails_heals(void **state)
{
  InstallBench *bench = *state;

  for (unsigned bad = 14; bad <= 17; bad++)
    for (unsigned first = bad - 1; first <= bad; first++) {
      WireDataStatus status = {0};

      install_prepare(bench, WIRE_BANK_LOW);
      bench->flash.fail_addr = 0x10000 + bad * WIRE_BLOCK_SIZE;
      bench->flash.fail_times = 1;
      install_begin(bench);
      for (unsigned block = 0; block < first; block++)
        install_send_data(bench, block);
      status = send_blocks(bench, first, 2);
      assert_int_equal(status.missing, bad / 16 * 16);
      for (unsigned frames = 0; status.missing < INSTALL_BLOCKS; frames++) {
        status = send_blocks(bench, status.missing, status.missing + 1 < INSTALL_BLOCKS ? 2 : 1);
        assert_true(frames < 40);
      }
      assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
      install_check_new_starts(bench);
    }
}

static void a_frame_of_two_behind_the_end_is_refused(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_DATA_LENGTH_MAX] = {INSTALL_BLOCKS - 1, 1 << 2};
  unsigned before;

  install_begin(bench);
  for (unsigned block = 0; block < INSTALL_BLOCKS - 1; block++)
    install_send_data(bench, block);
  before = bench->flash.count;
  install_check_nak(bench, install_ask(bench, WIRE_DATA, payload, sizeof payload), WIRE_DATA,
                    WIRE_CAUSE_OUT_OF_RANGE, INSTALL_BLOCKS);
  assert_int_equal(bench->flash.count, before);
  assert_int_equal(send_blocks(bench, INSTALL_BLOCKS - 2, 2).missing, INSTALL_BLOCKS);
}

/* The image with a hole of 0xFF from `first` to `last`. */
static void make_hole(InstallBench *bench, unsigned first, unsigned last)
{
  memset(bench->new.bytes + first *WIRE_BLOCK_SIZE, 0xff, (last - first + 1) * WIRE_BLOCK_SIZE);
  bench_image_seal(&bench->new);
}

static unsigned count_programs_of(const InstallBench *bench, unsigned block)
{
  unsigned count = 0;

  for (unsigned i = 0; i < bench->flash.count; i++)
    count += !bench->flash.operations[i].erase &&
             bench->flash.operations[i].addr == 0x10000 + block * WIRE_BLOCK_SIZE;
  return count;
}

static void a_blank_block_is_verified_and_not_programmed(void **state)
{
  InstallBench *bench = *state;

  make_hole(bench, 5, 8);
  install_all(bench);
  for (unsigned block = 0; block < INSTALL_BLOCKS; block++)
    assert_int_equal(count_programs_of(bench, block), block < 5 || block > 8);
  assert_int_equal(bench->flash.count, 3 + INSTALL_BLOCKS - 4 + 1);
  install_check_new_starts(bench);
}

static void a_blank_block_beside_one_that_is_not_costs_one_operation(void **state)
{
  InstallBench *bench = *state;

  make_hole(bench, 5, 5);
  install_begin(bench);
  assert_int_equal(send_blocks(bench, 4, 2).verified, 1);
  assert_int_equal(bench->flash.count, 3 + 1);
  assert_int_equal(count_programs_of(bench, 4), 1);
  assert_int_equal(send_blocks(bench, 5, 2).verified, 1);
  assert_int_equal(bench->flash.count, 3 + 2);
  assert_int_equal(count_programs_of(bench, 6), 1);
}

/* Each field has a number of its own, so that none is another's. */
static void commit_tells_of_the_loaders_life(void **state)
{
  InstallBench *bench = *state;
  WireCommitted committed;

  for (unsigned field = 0; field < WIRE_LIFE_COUNT; field++)
    bench->life.fields[field] = 1000 + field;
  install_all(bench);
  assert_int_equal(bench->answer.length, WIRE_COMMITTED_LENGTH);
  assert_true(wire_committed_read(&bench->answer, &committed));
  for (unsigned field = 0; field < WIRE_LIFE_COUNT; field++)
    assert_int_equal(committed.life.fields[field], 1000 + field);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(begin_is_answered_before_anything_is_erased_or_written),
      TEST(the_work_behind_begin_is_done_once),
      TEST(a_begin_that_is_refused_leaves_no_work),
      TEST(an_erase_that_fails_is_told_in_a_second_answer_and_nothing_was_begun),
      TEST(a_failed_erase_is_told_in_both_modes_and_keeps_nothing),
      TEST(a_block_behind_the_window_is_refused_and_the_last_within_it_is_taken),
      TEST(a_program_goes_over_two_blocks_at_a_time),
      TEST(of_two_blocks_one_that_is_verified_is_not_programmed_again),
      TEST(block_0_comes_with_block_1_and_only_that_is_programmed),
      TEST(of_two_blocks_one_that_fails_heals),
      TEST(a_frame_of_two_behind_the_end_is_refused),
      TEST(a_blank_block_is_verified_and_not_programmed),
      TEST(a_blank_block_beside_one_that_is_not_costs_one_operation),
      TEST(commit_tells_of_the_loaders_life),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
