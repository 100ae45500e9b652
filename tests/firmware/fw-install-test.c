/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The device side of an upgrade: its normal course and the order of commitment, requests that come
 * twice, and what is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

static void a_program_is_installed_from_each_bank_into_the_other(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    WireCommitted committed;

    install_prepare(bench, running);
    install_all(bench);
    assert_true(wire_committed_read(&bench->answer, &committed));
    assert_int_equal(committed.bank, wire_bank_other(running));
    assert_int_equal(committed.sequence, 4); /* 1 was there, 2 and 3 came with BEGIN */
    assert_int_equal(committed.crc, bench->new.header.crc);
    install_check_new_starts(bench);
    assert_int_equal(fw_install_get_running(&bench->install), bench->new.bank);
  }
}

/* As far as the window reaches. */
static void blocks_may_come_in_any_order(void **state)
{
  InstallBench *bench = *state;

  for (uint32_t seed = 1; seed <= 20; seed++) {
    WireRandom random = wire_random(seed);
    unsigned missing = 0, frames = 0;

    install_prepare(bench, WIRE_BANK_LOW);
    install_begin(bench);
    for (; missing < INSTALL_BLOCKS; frames++) {
      unsigned block = missing + wire_random_below(&random, FW_WINDOW);

      if (block < INSTALL_BLOCKS)
        missing = install_send_data(bench, block).missing;
      assert_true(frames < 1000);
    }
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

static void each_status_says_what_is_missing(void **state)
{
  InstallBench *bench = *state;
  WireDataStatus status;

  install_begin(bench);
  install_send_data(bench, 5);
  status = install_send_data(bench, 3);
  assert_int_equal(status.missing, 0);
  assert_int_equal(status.following, 1 << 2 | 1 << 4); /* bit n: block 0 + 1 + n */
  install_send_data(bench, 0);
  install_send_data(bench, 1);
  status = install_send_data(bench, 17);
  assert_int_equal(status.missing, 2);
  assert_int_equal(status.following, 1 << 0 | 1 << 2 | 1 << 14);
}

static unsigned count_programs(const InstallBench *bench)
{
  unsigned programs = 0;

  for (unsigned i = 0; i < bench->flash.count; i++)
    programs += !bench->flash.operations[i].erase;
  return programs;
}

static void the_record_comes_behind_all_blocks_and_the_seal_behind_the_record(void **state)
{
  InstallBench *bench = *state;
  const BenchOperation *operations = bench->flash.operations;

  install_all(bench);
  assert_int_equal(bench->flash.count, 3 + INSTALL_BLOCKS + 1);
  assert_false(operations[0].erase);
  assert_int_equal(operations[0].addr, WIRE_RECORD_ADDR + WIRE_BLOCK_SIZE);
  assert_true(operations[1].erase);
  assert_int_equal(operations[1].addr, 0x10000);
  assert_int_equal(operations[1].last_sector, 13);
  assert_int_equal(operations[2].addr, WIRE_RECORD_ADDR + 2 * WIRE_BLOCK_SIZE);
  for (unsigned i = 1; i < INSTALL_BLOCKS; i++)
    assert_int_equal(operations[2 + i].addr, 0x10000 + i * WIRE_BLOCK_SIZE);
  assert_int_equal(operations[INSTALL_BLOCKS + 2].addr, WIRE_RECORD_ADDR + 3 * WIRE_BLOCK_SIZE);
  assert_int_equal(operations[INSTALL_BLOCKS + 3].addr, 0x10000);
  assert_int_equal(count_programs(bench), INSTALL_BLOCKS + 3);
}

/* The same request twice: the same answer but for its number, no second flash operation. */
static void check_again(InstallBench *bench, uint8_t type, const uint8_t *payload, size_t length)
{
  uint8_t first[WIRE_FRAME_MAX];
  size_t first_length;
  unsigned before;

  assert_true(install_ask(bench, type, payload, length) != 0);
  first_length = bench->reply_length;
  memcpy(first, bench->reply, first_length);
  assert_int_equal(install_work(bench), 0);
  before = bench->flash.count;
  for (unsigned round = 0; round < 3; round++) {
    bench->seq--; /* a repeated request has the same number */
    assert_true(install_ask(bench, type, payload, length) != 0);
    assert_int_equal(bench->reply_length, first_length);
    assert_memory_equal(bench->reply, first, first_length);
    assert_int_equal(install_work(bench), 0); /* there is none left */
  }
  assert_int_equal(bench->flash.count, before);
}

static void every_request_may_be_repeated(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);
  WireCommit commit = {.length = INSTALL_LENGTH, .crc = bench->new.header.crc};
  uint8_t payload[WIRE_DATA_LENGTH_MAX] = {0};

  check_again(bench, WIRE_IDENTIFY, payload, 0);
  wire_enter_write(&(WireEnter){.product = WIRE_PRODUCT_DEMO}, payload);
  check_again(bench, WIRE_ENTER_LOADER, payload, WIRE_ENTER_LENGTH);
  wire_begin_write(&request, payload);
  check_again(bench, WIRE_BEGIN, payload, WIRE_BEGIN_LENGTH);
  for (unsigned block = 0; block < INSTALL_BLOCKS; block++) {
    uint8_t bytes[WIRE_BLOCK_SIZE];
    WireData data = {
        .block = (uint16_t)block, .count = 1, .length = WIRE_BLOCK_SIZE, .bytes = bytes};

    bench_image_get_block(&bench->new, block, bytes);
    check_again(bench, WIRE_DATA, payload, wire_data_write(&data, payload));
  }
  wire_commit_write(&commit, payload);
  check_again(bench, WIRE_COMMIT, payload, WIRE_COMMIT_LENGTH);
  install_check_new_starts(bench);
  check_again(bench, WIRE_ECHO, payload, 20);
  wire_read_write(&(WireRead){.page = 5}, payload);
  check_again(bench, WIRE_READ, payload, WIRE_READ_LENGTH);
}

static void a_repeated_begin_in_the_middle_keeps_what_is_verified(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};

  install_begin(bench);
  install_send_data(bench, 0);
  install_send_data(bench, 1);
  install_send_data(bench, 9);
  install_begin(bench);
  assert_true(wire_begun_read(&bench->answer, &begun));
  assert_int_equal(begun.missing, 2);
  assert_int_equal(begun.blocks, INSTALL_BLOCKS);
  assert_int_equal(begun.erase_ms, 0); /* it comes before the erase */
  assert_int_equal(begun.verified[0], 1 << 0 | 1 << 1);
  assert_int_equal(begun.verified[1], 1 << 1);
  for (unsigned i = 2; i < sizeof begun.verified; i++)
    assert_int_equal(begun.verified[i], 0);
}

static void requests_of_unknown_type_are_refused(void **state)
{
  static const uint8_t types[] = {0x00, 0x0d, 0x3f, WIRE_READING, WIRE_ANNOUNCE, 0x7e, 0x7f};

  for (unsigned i = 0; i < sizeof types; i++)
    install_check_nak(*state, install_ask(*state, types[i], (const uint8_t *)"", 0), types[i],
                      WIRE_CAUSE_UNKNOWN_TYPE, types[i]);
}

static void what_only_the_program_grants_is_refused_for_now(void **state)
{
  static const uint8_t types[] = {WIRE_CONFIRM, WIRE_GO_BACK};

  for (unsigned i = 0; i < sizeof types; i++)
    install_check_nak(*state, install_ask(*state, types[i], (const uint8_t *)"DSS1", 4), types[i],
                      WIRE_CAUSE_NOT_NOW, 0);
}

static void replies_are_not_answered(void **state)
{
  for (unsigned type = 0x80; type <= 0xff; type++)
    assert_int_equal(install_ask(*state, (uint8_t)type, (const uint8_t *)"", 0), 0);
}

static void short_payloads_are_refused(void **state)
{
  static const uint8_t types[] = {WIRE_BEGIN, WIRE_DATA, WIRE_COMMIT, WIRE_READ};
  static const uint16_t lengths[] = {WIRE_BEGIN_LENGTH, WIRE_DATA_HEAD + WIRE_BLOCK_SIZE,
                                     WIRE_COMMIT_LENGTH, WIRE_READ_LENGTH};
  uint8_t payload[WIRE_DATA_LENGTH_MAX] = {0};
  InstallBench *bench = *state;
  unsigned before;

  install_begin(bench);
  before = bench->flash.count;
  for (unsigned i = 0; i < sizeof types; i++)
    for (unsigned length = 0; length < lengths[i]; length += 1 + length / 16)
      install_check_nak(bench, install_ask(bench, types[i], payload, length), types[i],
                        WIRE_CAUSE_BAD_LENGTH, length);
  assert_int_equal(bench->flash.count, before);
}

/* A BEGIN spoilt in one field, its cause and detail. */
static void check_begin(InstallBench *bench, const WireBegin *request, WireCause cause,
                        uint32_t detail)
{
  install_check_nak(bench, install_ask_begin(bench, request), WIRE_BEGIN, cause, detail);
  assert_int_equal(bench->flash.count, 0); /* refused before anything is touched */
  install_check_nak(bench, install_ask_data(bench, 1), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
}

static void a_begin_with_something_wrong_is_refused_before_anything_is_erased(void **state)
{
  static const uint8_t banks[] = {WIRE_BANK_LOW /* runs */, WIRE_BANK_NONE, 3, 255};
  static const uint32_t lengths[] = {0, WIRE_IMAGE_LENGTH_MIN - 1, 0xc001, UINT32_MAX};
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  request.product++;
  check_begin(bench, &request, WIRE_CAUSE_WRONG_PRODUCT, WIRE_PRODUCT_DEMO);
  for (unsigned i = 0; i < sizeof banks; i++) {
    request = install_make_begin(bench);
    request.bank = banks[i];
    check_begin(bench, &request, WIRE_CAUSE_WRONG_BANK, WIRE_BANK_HIGH);
  }
  for (unsigned i = 0; i < 4; i++) {
    request = install_make_begin(bench);
    request.length = lengths[i];
    request.blocks = (uint16_t)wire_block_count(lengths[i]);
    check_begin(bench, &request, WIRE_CAUSE_WRONG_SIZE, 0xc000);
  }
  for (int more = -1; more <= 1; more += 2) {
    request = install_make_begin(bench);
    request.blocks = (uint16_t)(request.blocks + more);
    check_begin(bench, &request, WIRE_CAUSE_WRONG_SIZE, 0xc000);
  }
  request = install_make_begin(bench);
  for (unsigned mode = WIRE_BEGIN_KEEP + 1; mode < 256; mode++) {
    request.encoding = (uint8_t)mode;
    check_begin(bench, &request, WIRE_CAUSE_BAD_ENCODING, mode);
  }
}

/* It has been obeyed: what is wrong with the product BEGIN will say. */
static void the_upgrade_command_is_answered_whatever_product_it_names(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_ENTER_LENGTH];

  for (unsigned more = 0; more < 2; more++) {
    wire_enter_write(&(WireEnter){.product = WIRE_PRODUCT_DEMO + more}, payload);
    assert_int_equal(install_ask(bench, WIRE_ENTER_LOADER, payload, sizeof payload), 0x82);
    assert_int_equal(bench->answer.length, 0);
  }
  assert_int_equal(bench->flash.count, 0);
}

static void data_and_commit_before_begin_are_refused(void **state)
{
  install_check_nak(*state, install_ask_data(*state, 0), WIRE_DATA, WIRE_CAUSE_NOT_NOW,
                    FW_INSTALL_IDLE);
  install_check_nak(*state, install_ask_commit(*state), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW,
                    FW_INSTALL_IDLE);
}

static void a_block_behind_the_end_is_refused(void **state)
{
  static const uint16_t blocks[] = {INSTALL_BLOCKS, INSTALL_BLOCKS + 1, WIRE_BLOCKS_MAX, 0x3fe,
                                    0x3ff};
  InstallBench *bench = *state;
  uint8_t payload[WIRE_DATA_LENGTH_MAX] = {0};
  unsigned before;

  install_begin(bench);
  for (unsigned block = 0; block < 10; block++)
    install_send_data(bench, block); /* the window's end is behind the last block */
  before = bench->flash.count;
  for (unsigned i = 0; i < 5; i++) {
    payload[0] = (uint8_t)blocks[i];
    payload[1] = (uint8_t)(blocks[i] >> 8);
    install_check_nak(bench, install_ask(bench, WIRE_DATA, payload, sizeof payload), WIRE_DATA,
                      WIRE_CAUSE_OUT_OF_RANGE, INSTALL_BLOCKS);
  }
  assert_int_equal(bench->flash.count, before);
}

/* Bits 10 to 13: a later version may know what more blocks in a frame mean. */
static void a_frame_of_more_than_two_blocks_is_refused(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_PAYLOAD_MAX] = {0};
  unsigned before;

  install_begin(bench);
  before = bench->flash.count;
  for (unsigned packed = 0; packed < 2; packed++)
    for (unsigned count = 3; count <= 16; count++) {
      payload[1] = (uint8_t)((count - 1) << 2 | packed << 7);
      install_check_nak(bench, install_ask(bench, WIRE_DATA, payload, sizeof payload), WIRE_DATA,
                        WIRE_CAUSE_BAD_LENGTH, sizeof payload);
    }
  assert_int_equal(bench->flash.count, before);
}

static void commit_with_a_block_missing_names_it(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  for (unsigned missing = 0; missing < INSTALL_BLOCKS; missing++) {
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE,
                      missing);
    install_send_data(bench, missing);
  }
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
}

/* Nothing sealed, no record, and asking again gives the same answer. */
static void check_not_sealed(InstallBench *bench, WireCause cause)
{
  const uint8_t *seal = bench->flash.memory + wire_bank_map(bench->new.bank)->addr;
  unsigned before = bench->flash.count;

  for (unsigned round = 0; round < 2; round++)
    install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, cause, 0);
  assert_int_equal(bench->flash.count, before);
  for (unsigned i = 0; i < WIRE_BLOCK_SIZE; i++)
    assert_int_equal(seal[i], 0xff);
  install_check_old_stays(bench);
}

static void a_wrong_image_crc_seals_nothing(void **state)
{
  InstallBench *bench = *state;
  uint32_t announced = bench->new.header.crc, found;

  bench->new.bytes[INSTALL_LENGTH - 3] ^= 0x20; /* the header still says what the CRC was */
  install_begin(bench);
  install_send_blocks(bench);
  found = wire_image_crc(bench->new.bytes, bench->new.bytes, INSTALL_LENGTH);
  assert_int_not_equal(found, announced);
  check_not_sealed(bench, WIRE_CAUSE_IMAGE_CRC);
}

/* Bytes that come wrong in the seal's own block are found as well: it is still in RAM then. */
static void a_wrong_byte_in_the_first_block_seals_nothing(void **state)
{
  InstallBench *bench = *state;

  bench->new.bytes[0x1f0] ^= 1;
  install_begin(bench);
  install_send_blocks(bench);
  check_not_sealed(bench, WIRE_CAUSE_IMAGE_CRC);
}

/* BEGIN announces `request`; the image that comes then is another one, right in itself. */
static void check_bad_image(InstallBench *bench, const WireBegin *request)
{
  BenchImage sent = bench->new;

  install_start(bench);
  assert_int_equal(install_ask_begin(bench, request), WIRE_BEGIN | WIRE_REPLY);
  for (unsigned block = 0; block < request->blocks; block++)
    install_send_data(bench, block);
  bench->new.length = request->length;
  bench->new.header.crc = request->crc;
  check_not_sealed(bench, WIRE_CAUSE_BAD_IMAGE);
  bench->new = sent;
}

static void an_image_that_is_not_the_one_announced_seals_nothing(void **state)
{
  InstallBench *bench = *state;
  WireBegin request = install_make_begin(bench);

  request.version++;
  check_bad_image(bench, &request);
  request = install_make_begin(bench);
  request.length--;
  check_bad_image(bench, &request);
  request = install_make_begin(bench);
  request.crc++;
  check_bad_image(bench, &request);
  bench->new.header.product++;
  bench_image_seal(&bench->new);
  request = install_make_begin(bench);
  request.product--;
  check_bad_image(bench, &request);
}

static void an_image_of_the_other_bank_or_with_a_wrong_vector_sum_seals_nothing(void **state)
{
  InstallBench *bench = *state;
  WireBegin request;

  bench->new.header.bank_addr = 0x2000;
  bench_image_seal(&bench->new);
  request = install_make_begin(bench);
  check_bad_image(bench, &request);
  bench->new.header.bank_addr = 0x10000;
  bench->new.bytes[3] ^= 1;
  bench_image_seal(&bench->new);
  bench->new.bytes[WIRE_VECTOR_SUM_ADDR] ^= 1; /* and a CRC that agrees with it */
  bench->new.header.crc = wire_image_crc(bench->new.bytes, bench->new.bytes, INSTALL_LENGTH);
  wire_image_header_write(&bench->new.header, bench->new.bytes);
  request = install_make_begin(bench);
  check_bad_image(bench, &request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_program_is_installed_from_each_bank_into_the_other),
      TEST(blocks_may_come_in_any_order),
      TEST(each_status_says_what_is_missing),
      TEST(the_record_comes_behind_all_blocks_and_the_seal_behind_the_record),
      TEST(every_request_may_be_repeated),
      TEST(a_repeated_begin_in_the_middle_keeps_what_is_verified),
      TEST(requests_of_unknown_type_are_refused),
      TEST(what_only_the_program_grants_is_refused_for_now),
      TEST(replies_are_not_answered),
      TEST(short_payloads_are_refused),
      TEST(a_begin_with_something_wrong_is_refused_before_anything_is_erased),
      TEST(the_upgrade_command_is_answered_whatever_product_it_names),
      TEST(data_and_commit_before_begin_are_refused),
      TEST(a_block_behind_the_end_is_refused),
      TEST(a_frame_of_more_than_two_blocks_is_refused),
      TEST(commit_with_a_block_missing_names_it),
      TEST(a_wrong_image_crc_seals_nothing),
      TEST(a_wrong_byte_in_the_first_block_seals_nothing),
      TEST(an_image_that_is_not_the_one_announced_seals_nothing),
      TEST(an_image_of_the_other_bank_or_with_a_wrong_vector_sum_seals_nothing),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
