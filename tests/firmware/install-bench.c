/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader under test, what it is asked, and the judgement of its answers. */

#include "install-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

void install_start(InstallBench *bench)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER, .part_id = 16908050, .boots = 3};

  bench_flash_power_on(&bench->flash);
  memset(&bench->install, 0xa5, sizeof bench->install); /* RAM is not zero */
  fw_install_init(&bench->install, &bench->flash.flash, &self, bench->came_from,
                  (uint32_t)(bench->flash.now_us / 1000));
  bench->install.life = &bench->life;
}

void install_prepare(InstallBench *bench, WireBank running)
{
  memset(bench, 0, sizeof *bench);
  bench->running = bench->came_from = running;
  bench->token = INSTALL_TOKEN;
  bench_image_make(&bench->old, running, INSTALL_OLD, 0x700);
  bench_image_make(&bench->new, wire_bank_other(running), INSTALL_NEW, INSTALL_LENGTH);
  bench_flash_init(&bench->flash);
  bench_flash_put(&bench->flash, &bench->old);
  bench_flash_put_record(&bench->flash, 0, running, 1);
  install_start(bench);
}

int install_set_up(void **state)
{
  *state = malloc(sizeof(InstallBench));
  install_prepare(*state, WIRE_BANK_LOW);
  return 0;
}

int install_tear_down(void **state)
{
  free(*state);
  return 0;
}

uint32_t install_now_ms(const InstallBench *bench)
{
  return (uint32_t)(bench->flash.now_us / 1000);
}

/* The reply, which must be one whole frame that answers the last request; its type, or 0. */
static unsigned read_answer(InstallBench *bench)
{
  if (bench->reply_length == 0)
    return 0;
  wire_decoder_init(&bench->decoder);
  wire_decoder_push(&bench->decoder, bench->reply, bench->reply_length);
  assert_true(wire_decoder_next(&bench->decoder, &bench->answer));
  assert_int_equal(bench->answer.token, bench->token);
  assert_int_equal(bench->answer.seq, bench->seq);
  assert_false(wire_decoder_is_inside(&bench->decoder));
  return bench->answer.type;
}

unsigned install_ask(InstallBench *bench, uint8_t type, const uint8_t *payload, size_t length)
{
  uint8_t *copy = malloc(length ? length : 1);
  WireFrame request = {type, bench->token, ++bench->seq, (uint16_t)length, copy};

  assert_non_null(copy);
  memcpy(copy, payload, length);
  bench->reply_length =
      fw_install_handle(&bench->install, &request, install_now_ms(bench), bench->reply);
  free(copy); /* nobody may look at it any more, also not in the work behind the reply */
  return read_answer(bench);
}

unsigned install_work(InstallBench *bench)
{
  bench->reply_length = fw_install_work(&bench->install, bench->reply);
  return read_answer(bench);
}

WireBegin install_make_begin(const InstallBench *bench)
{
  return (WireBegin){
      .bank = (uint8_t)bench->new.bank,
      .encoding = WIRE_BEGIN_ANEW,
      .blocks = (uint16_t)wire_block_count(bench->new.length),
      .product = bench->new.header.product,
      .version = bench->new.header.version,
      .length = bench->new.length,
      .crc = bench->new.header.crc,
  };
}

unsigned install_ask_begin(InstallBench *bench, const WireBegin *begin)
{
  uint8_t payload[WIRE_BEGIN_LENGTH], begun[WIRE_FRAME_MAX];
  unsigned answer = install_ask(bench, WIRE_BEGIN, payload, wire_begin_write(begin, payload));
  size_t length = bench->reply_length;

  memcpy(begun, bench->reply, length);
  if (install_work(bench) != 0)
    return bench->answer.type;
  memcpy(bench->reply, begun, length);
  bench->reply_length = length;
  assert_int_equal(read_answer(bench), answer);
  return answer;
}

void install_begin(InstallBench *bench)
{
  WireBegin request = install_make_begin(bench);

  assert_int_equal(install_ask_begin(bench, &request), WIRE_BEGIN | WIRE_REPLY);
}

unsigned install_ask_blocks(InstallBench *bench, unsigned block, unsigned count)
{
  uint8_t bytes[WIRE_DATA_BLOCKS_MAX * WIRE_BLOCK_SIZE], payload[WIRE_DATA_LENGTH_MAX];
  WireData data = {.block = (uint16_t)block,
                   .count = (uint8_t)count,
                   .length = (uint16_t)(count * WIRE_BLOCK_SIZE),
                   .bytes = bytes};

  assert_in_range(count, 1, WIRE_DATA_BLOCKS_MAX);
  for (unsigned i = 0; i < count; i++)
    bench_image_get_block(&bench->new, block + i, bytes + i * WIRE_BLOCK_SIZE);
  return install_ask(bench, WIRE_DATA, payload, wire_data_write(&data, payload));
}

unsigned install_ask_data(InstallBench *bench, unsigned block)
{
  return install_ask_blocks(bench, block, 1);
}

WireDataStatus install_send_data(InstallBench *bench, unsigned block)
{
  WireDataStatus status = {0};

  assert_int_equal(install_ask_data(bench, block), WIRE_DATA | WIRE_REPLY);
  assert_true(wire_data_status_read(&bench->answer, &status));
  assert_int_equal(status.block, block);
  return status;
}

unsigned install_ask_commit(InstallBench *bench)
{
  WireCommit commit = {.length = bench->new.length, .crc = bench->new.header.crc};
  uint8_t payload[WIRE_COMMIT_LENGTH];

  return install_ask(bench, WIRE_COMMIT, payload, wire_commit_write(&commit, payload));
}

void install_send_blocks(InstallBench *bench)
{
  for (unsigned block = 0; block < wire_block_count(bench->new.length); block++)
    assert_int_equal(install_send_data(bench, block).verified, 1);
}

void install_all(InstallBench *bench)
{
  install_begin(bench);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
}

void install_check_nak(InstallBench *bench, unsigned answer, uint8_t type, WireCause cause,
                       uint32_t detail)
{
  WireNak nak = {0};

  assert_int_equal(answer, WIRE_NAK);
  assert_true(wire_nak_read(&bench->answer, &nak));
  assert_int_equal(nak.cause, cause);
  assert_int_equal(nak.type, type);
  assert_int_equal(nak.detail, detail);
}

void install_check_new_starts(InstallBench *bench)
{
  assert_true(bench_flash_holds(&bench->flash, &bench->new));
  assert_true(bench_flash_holds(&bench->flash, &bench->old));
  assert_int_equal(fw_boot_choose(bench->flash.memory),
                   fw_entry_make(FW_ENTRY_START, bench->new.bank));
}

void install_prove_new(InstallBench *bench)
{
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), bench->new.bank);
  bench_trial_confirm(&bench->flash, bench->new.bank);
}

void install_turn(InstallBench *bench, uint32_t version)
{
  bench->old = bench->new;
  bench->running = bench->came_from = bench->old.bank;
  bench->token++;
  bench_image_make(&bench->new, wire_bank_other(bench->running), version, INSTALL_LENGTH);
  bench->flash.count = 0;
  install_start(bench);
}

void install_check_old_stays(InstallBench *bench)
{
  assert_true(bench_flash_holds(&bench->flash, &bench->old));
  assert_int_equal(bench_flash_get_start(&bench->flash), bench->running);
}

void install_try_all(InstallBench *bench)
{
  WireBegin request = install_make_begin(bench);

  install_ask_begin(bench, &request);
  for (unsigned block = 0; block < INSTALL_BLOCKS && !bench->flash.dead; block++)
    install_ask_data(bench, block);
  if (!bench->flash.dead)
    install_ask_commit(bench);
}
