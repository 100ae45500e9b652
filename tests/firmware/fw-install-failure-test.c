/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The device side of an upgrade on flash that fails: blocks, sectors, the seal, the record. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "install-bench.h"

enum { STATUS = 10 }; /* of IAP on the bench, when a block fails aloud */

static void a_failed_erase_is_told_and_begin_may_be_tried_again(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  bench->flash.fail_erases = 1;
  install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN, WIRE_CAUSE_ERASE_FAILED,
                    9);
  install_check_nak(bench, install_ask_data(bench, 1), WIRE_DATA, WIRE_CAUSE_NOT_NOW,
                    FW_INSTALL_IDLE);
  install_check_old_stays(bench);
  install_all(bench);
  install_check_new_starts(bench);
}

/* Asks for blocks as the status says until none is missing. Returns the DATA frames it took. */
static unsigned send_missing(InstallBench *bench, unsigned missing)
{
  unsigned frames = 0;

  while (missing < INSTALL_BLOCKS) {
    missing = install_send_data(bench, missing).missing;
    frames++;
    assert_true(frames < 100);
  }
  return frames;
}

static void a_block_that_fails_heals_and_its_lost_neighbours_are_asked_again(void **state)
{
  InstallBench *bench = *state;

  for (unsigned silently = 0; silently < 2; silently++) {
    WireDataStatus status;

    install_prepare(bench, WIRE_BANK_LOW);
    bench->flash.fail_addr = 0x10000 + 9 * WIRE_BLOCK_SIZE;
    bench->flash.fail_times = 1;
    bench->flash.fail_silently = silently;
    install_begin(bench);
    for (unsigned block = 0; block < 9; block++)
      install_send_data(bench, block);
    install_send_data(bench, 17); /* of the next sector: not lost */
    status = install_send_data(bench, 9);
    assert_int_equal(status.verified, 0);
    assert_int_equal(status.repeats, 1);
    assert_int_equal(status.missing, 0); /* though it waits in RAM: all of the sector */
    assert_int_equal(status.following, 1 << 16);
    assert_int_equal(send_missing(bench, status.missing), INSTALL_BLOCKS - 1);
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

static void a_block_that_fails_twice_heals_too(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000 + 18 * WIRE_BLOCK_SIZE;
  bench->flash.fail_times = 2;
  install_begin(bench);
  send_missing(bench, 0);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* Sends blocks until the device gives up, which it tells with the flash's status; returns how often
 * the bad block was tried. */
static unsigned send_until_given_up(InstallBench *bench, uint32_t bad, uint32_t status_word)
{
  unsigned tries = 0;

  for (unsigned missing = 0, frames = 0; frames < 100; frames++) {
    WireDataStatus status;

    tries += missing == bad;
    if (install_ask_data(bench, missing) == WIRE_NAK)
      break;
    assert_true(wire_data_status_read(&bench->answer, &status));
    missing = status.missing;
  }
  install_check_nak(bench, bench->answer.type, WIRE_DATA, WIRE_CAUSE_PROGRAM_FAILED,
                    bad | status_word << 16);
  return tries;
}

static void a_block_that_fails_three_times_ends_the_upgrade(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000 + 4 * WIRE_BLOCK_SIZE;
  bench->flash.fail_times = 100;
  install_begin(bench);
  assert_int_equal(send_until_given_up(bench, 4, STATUS), FW_PROGRAM_ATTEMPTS);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_FLASH);
  install_check_nak(bench, install_ask_data(bench, 5), WIRE_DATA, WIRE_CAUSE_NOT_NOW,
                    FW_INSTALL_IDLE);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW,
                    FW_INSTALL_IDLE);
  install_check_old_stays(bench);
}

/* The flash said that all went well, and the bytes are wrong. */
static void a_block_that_fails_without_a_word_is_told_with_status_0(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000 + 4 * WIRE_BLOCK_SIZE;
  bench->flash.fail_times = 100;
  bench->flash.fail_silently = true;
  install_begin(bench);
  assert_int_equal(send_until_given_up(bench, 4, 0), FW_PROGRAM_ATTEMPTS);
  install_check_old_stays(bench);
}

static void a_sector_that_cannot_be_erased_anew_ends_the_upgrade(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000 + 4 * WIRE_BLOCK_SIZE;
  bench->flash.fail_times = 1;
  install_begin(bench);
  bench->flash.fail_erases = 1;
  assert_int_equal(send_until_given_up(bench, 4, STATUS), 1);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_FLASH);
  install_check_old_stays(bench);
}

static void a_seal_that_fails_heals_with_its_sector_sent_again(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000;
  bench->flash.fail_times = 2;
  install_begin(bench);
  install_send_blocks(bench);
  for (unsigned round = 0; round < 2; round++) {
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
    install_check_old_stays(bench);
    assert_int_equal(send_missing(bench, 0), 16);
  }
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void a_seal_that_fails_three_times_ends_the_upgrade(void **state)
{
  InstallBench *bench = *state;

  bench->flash.fail_addr = 0x10000;
  bench->flash.fail_times = 3;
  install_begin(bench);
  install_send_blocks(bench);
  for (unsigned round = 0; round < 2; round++) {
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
    send_missing(bench, 0);
  }
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_PROGRAM_FAILED,
                    (uint32_t)STATUS << 16);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_FLASH);
  install_check_old_stays(bench);
}

/* With one block there is no neighbour to ask for: the seal itself is tried again. */
static void the_seal_of_an_image_of_one_block_heals(void **state)
{
  InstallBench *bench = *state;

  bench_image_make(&bench->new, WIRE_BANK_HIGH, INSTALL_NEW, 0x180);
  bench->flash.fail_addr = 0x10000;
  bench->flash.fail_times = 1;
  install_begin(bench);
  install_send_blocks(bench);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 0);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* One of BEGIN's two, or COMMIT's. */
static void a_record_slot_that_fails_is_stepped_over(void **state)
{
  InstallBench *bench = *state;

  for (unsigned slot = 1; slot <= 3; slot++) {
    install_prepare(bench, WIRE_BANK_LOW);
    bench->flash.fail_addr = WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
    bench->flash.fail_times = 1;
    install_all(bench);
    install_check_new_starts(bench);
    assert_int_equal(bench_flash_get_record(&bench->flash).sequence, 4);
    install_prove_new(bench);
  }
}

/* Whatever the rest of the log does, the seal must not be programmed twice. */
static void commit_may_be_repeated_though_no_record_could_be_written(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  install_send_blocks(bench);
  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 100;
  for (unsigned round = 0; round < 3; round++)
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_RECORD_FAILED, 0);
  install_check_old_stays(bench); /* the old record is in force, the old program starts */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_failed_erase_is_told_and_begin_may_be_tried_again),
      TEST(a_block_that_fails_heals_and_its_lost_neighbours_are_asked_again),
      TEST(a_block_that_fails_twice_heals_too),
      TEST(a_block_that_fails_three_times_ends_the_upgrade),
      TEST(a_block_that_fails_without_a_word_is_told_with_status_0),
      TEST(a_sector_that_cannot_be_erased_anew_ends_the_upgrade),
      TEST(a_seal_that_fails_heals_with_its_sector_sent_again),
      TEST(a_seal_that_fails_three_times_ends_the_upgrade),
      TEST(the_seal_of_an_image_of_one_block_heals),
      TEST(a_record_slot_that_fails_is_stepped_over),
      TEST(commit_may_be_repeated_though_no_record_could_be_written),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
