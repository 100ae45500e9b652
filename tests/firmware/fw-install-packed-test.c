/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packed blocks in an upgrade: what they may lean on, and that a frame that leans on anything else
 * changes nothing. How they are unpacked is a matter of wire-unpack-test. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"
#include "pack-bits.h"

enum { CIRCLE = WIRE_FLASH_SIZE, SAME_BLOCK = 6 };

static unsigned ask_packed(InstallBench *bench, unsigned block, unsigned count,
                           const PackBits *pack)
{
  uint8_t payload[WIRE_PAYLOAD_MAX];
  WireData data = {.block = (uint16_t)block,
                   .count = (uint8_t)count,
                   .packed = true,
                   .length = (uint16_t)pack->length,
                   .bytes = pack->bytes};

  assert_true(WIRE_DATA_HEAD + pack->length <= sizeof payload);
  return install_ask(bench, WIRE_DATA, payload, wire_data_write(&data, payload));
}

static WireDataStatus send_packed(InstallBench *bench, unsigned block, unsigned count,
                                  const PackBits *pack)
{
  WireDataStatus status = {0};

  assert_int_equal(ask_packed(bench, block, count, pack), WIRE_DATA | WIRE_REPLY);
  assert_true(wire_data_status_read(&bench->answer, &status));
  assert_int_equal(status.block, block);
  return status;
}

/* Refused with the first block as detail; nothing is written, and it stands where it stood. */
static void check_unpackable(InstallBench *bench, unsigned block, unsigned count,
                             const PackBits *pack)
{
  unsigned before = bench->flash.count;
  uint8_t sound[FW_SOUND_SIZE];

  memcpy(sound, bench->install.sound, sizeof sound);
  install_check_nak(bench, ask_packed(bench, block, count, pack), WIRE_DATA, WIRE_CAUSE_UNPACKABLE,
                    block);
  assert_int_equal(bench->flash.count, before);
  assert_memory_equal(bench->install.sound, sound, sizeof sound);
  assert_int_equal(bench->install.state, FW_INSTALL_RECEIVING);
}

/* Bytes of the new program from `at` on that stand for themselves. */
static void put_own(PackBits *pack, const InstallBench *bench, unsigned block, unsigned at,
                    unsigned count)
{
  uint8_t bytes[2 * WIRE_BLOCK_SIZE];

  bench_image_get_block(&bench->new, block, bytes);
  if ((block + 1) * WIRE_BLOCK_SIZE < bench->new.length)
    bench_image_get_block(&bench->new, block + 1, bytes + WIRE_BLOCK_SIZE);
  pack_put_bytes(pack, bytes + at, count);
}

/* The new program has this block from the old one, from the same offset, and again two blocks
 * later. What is copied from near by has no Thumb call in it. */
static void share_blocks(InstallBench *bench)
{
  uint8_t *at = bench->new.bytes + SAME_BLOCK *WIRE_BLOCK_SIZE;

  bench_image_make(&bench->old, bench->running, INSTALL_OLD, INSTALL_LENGTH);
  for (unsigned i = 0; i < WIRE_BLOCK_SIZE; i++)
    bench->old.bytes[SAME_BLOCK * WIRE_BLOCK_SIZE + i] = (uint8_t)(i & 0x7f);
  bench_image_seal(&bench->old);
  bench_flash_put(&bench->flash, &bench->old);
  bench_flash_put_record(&bench->flash, 0, bench->running, 1);
  memcpy(at, bench->old.bytes + SAME_BLOCK * WIRE_BLOCK_SIZE, WIRE_BLOCK_SIZE);
  memcpy(at + 2 * WIRE_BLOCK_SIZE, at, WIRE_BLOCK_SIZE);
  bench_image_seal(&bench->new);
  install_start(bench);
}

static uint32_t from_other_bank(const InstallBench *bench)
{
  return (bench->new.header.bank_addr - bench->old.header.bank_addr) % CIRCLE;
}

static void a_program_goes_over_in_frames_that_are_packed(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    install_prepare(bench, running);
    install_begin(bench);
    for (unsigned block = 0; block < INSTALL_BLOCKS; block += 2) {
      unsigned count = block + 1 < INSTALL_BLOCKS ? 2 : 1;
      PackBits pack;

      pack_init(&pack);
      put_own(&pack, bench, block, 0, count * WIRE_BLOCK_SIZE);
      assert_true(pack.length <= count * WIRE_BLOCK_SIZE + 8);
      assert_int_equal(send_packed(bench, block, count, &pack).missing, block + count);
    }
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

static void a_packed_frame_may_lean_on_the_running_program(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    PackBits pack;

    install_prepare(bench, running);
    share_blocks(bench);
    install_begin(bench);
    pack_init(&pack);
    pack_put_copy(&pack, from_other_bank(bench), WIRE_BLOCK_SIZE);
    assert_true(pack.length < 16);
    assert_int_equal(send_packed(bench, SAME_BLOCK, 1, &pack).verified, 1);
    install_send_blocks(bench);
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

/* Also on what lies behind its end: the whole of its bank stays as it is. */
static void a_packed_frame_may_lean_on_the_blank_end_of_the_running_bank(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;

  memset(bench->new.bytes + 10 * WIRE_BLOCK_SIZE, 0xff, WIRE_BLOCK_SIZE);
  bench_image_seal(&bench->new);
  install_begin(bench);
  pack_init(&pack);
  pack_put_copy(&pack, from_other_bank(bench), WIRE_BLOCK_SIZE); /* the old one has 4 blocks */
  assert_int_equal(send_packed(bench, 10, 1, &pack).verified, 1);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
}

static void
a_packed_frame_that_leans_on_a_missing_block_is_refused_and_changes_nothing(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;

  share_blocks(bench);
  install_begin(bench);
  pack_init(&pack);
  pack_put_copy(&pack, 2 * WIRE_BLOCK_SIZE, WIRE_BLOCK_SIZE);
  check_unpackable(bench, SAME_BLOCK + 2, 1, &pack);
  install_send_data(bench, SAME_BLOCK - 1);
  install_send_data(bench, SAME_BLOCK + 1);
  check_unpackable(bench, SAME_BLOCK + 2, 1, &pack);
  install_send_data(bench, SAME_BLOCK);
  assert_int_equal(send_packed(bench, SAME_BLOCK + 2, 1, &pack).verified, 1);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* By two bytes before it, or behind it. */
static void a_copy_that_reaches_into_a_missing_block_is_refused(void **state)
{
  static const uint32_t distances[] = {4 * WIRE_BLOCK_SIZE - 2, 4 * WIRE_BLOCK_SIZE + 2,
                                       4 * WIRE_BLOCK_SIZE};
  InstallBench *bench = *state;

  install_begin(bench);
  install_send_data(bench, 4);
  for (unsigned i = 0; i < 3; i++) {
    PackBits pack;

    pack_init(&pack);
    pack_put_copy(&pack, distances[i], WIRE_BLOCK_SIZE);
    if (i < 2)
      check_unpackable(bench, 8, 1, &pack);
    else
      assert_int_equal(send_packed(bench, 8, 1, &pack).verified, 1);
  }
}

/* The loader, the records, the factory's boot block, and what is programmed last. */
static void a_copy_of_what_is_no_programs_is_refused(void **state)
{
  static const uint32_t places[] = {0, 0x400, 0x1e00, 0x1c000, 0x1dff0, 0x1e000, 0x1fe00};
  InstallBench *bench = *state;

  install_begin(bench);
  for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
    PackBits pack;

    pack_init(&pack);
    pack_put_copy(&pack, (0x10000 + 8 * WIRE_BLOCK_SIZE - places[i]) % CIRCLE, 16);
    put_own(&pack, bench, 8, 16, WIRE_BLOCK_SIZE - 16);
    check_unpackable(bench, 8, 1, &pack);
  }
}

static void a_packed_frame_that_makes_no_sense_is_refused_and_changes_nothing(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;

  install_begin(bench);
  pack_init(&pack);
  check_unpackable(bench, 2, 1, &pack); /* nothing at all */
  put_own(&pack, bench, 2, 0, WIRE_BLOCK_SIZE);
  check_unpackable(bench, 2, 2, &pack); /* too little */
  pack.length--;
  check_unpackable(bench, 2, 1, &pack);
  pack.length += 2;
  check_unpackable(bench, 2, 1, &pack); /* a byte too many */
  pack.length--;
  assert_int_equal(send_packed(bench, 2, 1, &pack).verified, 1);
}

/* A frame that comes again, and one that says something else of those blocks: what is there stays.
 * One that makes no sense is refused also there. */
static void packed_blocks_that_are_verified_are_not_programmed_again(void **state)
{
  InstallBench *bench = *state;
  PackBits pack, other, nothing;
  unsigned before;

  install_begin(bench);
  pack_init(&pack);
  put_own(&pack, bench, 2, 0, 2 * WIRE_BLOCK_SIZE);
  assert_int_equal(send_packed(bench, 2, 2, &pack).verified, 1);
  before = bench->flash.count;
  assert_int_equal(send_packed(bench, 2, 2, &pack).verified, 1);
  pack_init(&other);
  put_own(&other, bench, 6, 0, 2 * WIRE_BLOCK_SIZE);
  assert_int_equal(send_packed(bench, 2, 2, &other).verified, 1);
  assert_int_equal(bench->flash.count, before);
  pack_init(&nothing);
  check_unpackable(bench, 2, 2, &nothing);
  check_unpackable(bench, 3, 2, &nothing);
  pack_init(&pack);
  put_own(&pack, bench, 3, 0, 2 * WIRE_BLOCK_SIZE); /* one of these is missing */
  assert_int_equal(send_packed(bench, 3, 2, &pack).verified, 1);
  assert_int_equal(bench->flash.count, before + 1);
  assert_int_equal(bench->flash.operations[before].addr, 0x10000 + 4 * WIRE_BLOCK_SIZE);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* The first block waits in RAM, and is there all the same. */
static void a_packed_first_block_that_is_there_stays_what_it_is(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;
  unsigned before;

  install_begin(bench);
  install_send_blocks(bench);
  before = bench->flash.count;
  pack_init(&pack);
  put_own(&pack, bench, 6, 0, WIRE_BLOCK_SIZE);
  assert_int_equal(send_packed(bench, 0, 1, &pack).verified, 1);
  assert_int_equal(bench->flash.count, before);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

/* The block that failed has gone, and with its sector what others leaned on. */
static void
behind_a_sector_that_was_erased_anew_its_blocks_are_no_longer_there_to_lean_on(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;

  share_blocks(bench);
  bench->flash.fail_addr = 0x10000 + 9 * WIRE_BLOCK_SIZE;
  bench->flash.fail_times = 1;
  install_begin(bench);
  install_send_data(bench, SAME_BLOCK);
  assert_int_equal(install_send_data(bench, 9).verified, 0);
  pack_init(&pack);
  pack_put_copy(&pack, 2 * WIRE_BLOCK_SIZE, WIRE_BLOCK_SIZE);
  check_unpackable(bench, SAME_BLOCK + 2, 1, &pack);
}

/* With no program that runs there is nothing to lean on but what has come. */
static void with_no_program_only_what_has_come_may_be_leant_on(void **state)
{
  InstallBench *bench = *state;
  PackBits pack;

  bench_flash_init(&bench->flash);
  bench->came_from = WIRE_BANK_NONE;
  install_start(bench);
  install_begin(bench);
  pack_init(&pack);
  pack_put_copy(&pack, from_other_bank(bench), WIRE_BLOCK_SIZE);
  check_unpackable(bench, SAME_BLOCK, 1, &pack);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_program_goes_over_in_frames_that_are_packed),
      TEST(a_packed_frame_may_lean_on_the_running_program),
      TEST(a_packed_frame_may_lean_on_the_blank_end_of_the_running_bank),
      TEST(a_packed_frame_that_leans_on_a_missing_block_is_refused_and_changes_nothing),
      TEST(a_copy_that_reaches_into_a_missing_block_is_refused),
      TEST(a_copy_of_what_is_no_programs_is_refused),
      TEST(a_packed_frame_that_makes_no_sense_is_refused_and_changes_nothing),
      TEST(packed_blocks_that_are_verified_are_not_programmed_again),
      TEST(a_packed_first_block_that_is_there_stays_what_it_is),
      TEST(behind_a_sector_that_was_erased_anew_its_blocks_are_no_longer_there_to_lean_on),
      TEST(with_no_program_only_what_has_come_may_be_leant_on),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
