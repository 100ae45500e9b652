/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Transfers that are interrupted and go on. */

#include "resume-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

void resume_prepare(InstallBench *bench, WireBank running)
{
  install_prepare(bench, running);
  bench_image_make(&bench->new, wire_bank_other(running), INSTALL_NEW, RESUME_LENGTH);
}

unsigned resume_begin(InstallBench *bench, WireBeginMode mode, WireBegun *begun)
{
  WireBegin request = install_make_begin(bench);
  unsigned answer;

  request.encoding = (uint8_t)mode;
  answer = install_ask_begin(bench, &request);
  if (answer == (WIRE_BEGIN | WIRE_REPLY))
    assert_true(wire_begun_read(&bench->answer, begun));
  return answer;
}

bool resume_is_kept(const WireBegun *begun, unsigned block)
{
  return begun->verified[block / 8] >> block % 8 & 1;
}

unsigned resume_count_kept(const WireBegun *begun)
{
  unsigned count = 0;

  for (unsigned block = 0; block < 8 * sizeof begun->verified; block++)
    count += resume_is_kept(begun, block);
  return count;
}

void resume_send_missing(InstallBench *bench, unsigned missing, unsigned limit, ResumeOrder order)
{
  WireRandom random = wire_random(order);

  for (unsigned frames = 0; missing < limit && !bench->flash.dead; frames++) {
    unsigned block = missing;
    WireDataStatus status;

    if (order != 0 && wire_random_below(&random, 3) != 0)
      block += wire_random_below(&random, FW_WINDOW);
    if (block >= RESUME_BLOCKS)
      continue;
    if (install_ask_data(bench, block) == (WIRE_DATA | WIRE_REPLY)) {
      assert_true(wire_data_status_read(&bench->answer, &status));
      missing = status.missing;
    }
    assert_true(frames < 4000);
  }
}

void resume_try_all(InstallBench *bench, WireBeginMode mode, ResumeOrder order)
{
  WireBegun begun = {0};

  if (resume_begin(bench, mode, &begun) == (WIRE_BEGIN | WIRE_REPLY) && !bench->flash.dead)
    resume_send_missing(bench, begun.missing, RESUME_BLOCKS, order);
  if (!bench->flash.dead)
    install_ask_commit(bench);
}

/* What the loader says is kept lies in flash as it was sent, but for block 0, which is not said. */
static void check_kept(const InstallBench *bench, const WireBegun *begun)
{
  const uint8_t *bank = bench->flash.memory + bench->new.header.bank_addr;

  assert_int_equal(begun->blocks, RESUME_BLOCKS);
  assert_false(resume_is_kept(begun, 0));
  assert_int_equal(begun->missing, 0);
  for (unsigned block = 0; block < RESUME_BLOCKS; block++) {
    uint8_t sent[WIRE_BLOCK_SIZE];

    bench_image_get_block(&bench->new, block, sent);
    if (resume_is_kept(begun, block) &&
        memcmp(bank + block * WIRE_BLOCK_SIZE, sent, sizeof sent) != 0)
      fail_msg("cut %d at operation %u: block %u is kept and is not what was sent",
               bench->flash.cut, bench->flash.cut_at, block);
  }
}

bool resume_come_back(InstallBench *bench)
{
  WireBank bank;

  bench_flash_power_on(&bench->flash);
  bench->flash.forgiving = true; /* behind an erase of the log that was cut */
  bank = bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
  bench->flash.forgiving = false;
  if (bank == bench->new.bank) {
    assert_true(bench_flash_holds(&bench->flash, &bench->new));
    return false;
  }
  assert_int_equal(bank, bench->running);
  assert_true(bench_flash_holds(&bench->flash, &bench->old));
  bench->token++;
  bench->flash.count = 0;
  install_start(bench);
  return true;
}

unsigned resume_go_on(InstallBench *bench, ResumeOrder order)
{
  WireBegun begun = {0};

  assert_int_equal(resume_begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  check_kept(bench, &begun);
  resume_send_missing(bench, begun.missing, RESUME_BLOCKS, order);
  if (install_ask_commit(bench) != (WIRE_COMMIT | WIRE_REPLY))
    fail_msg("COMMIT is refused behind a transfer that kept %u blocks", resume_count_kept(&begun));
  install_check_new_starts(bench);
  return resume_count_kept(&begun);
}

unsigned resume_expect_kept(unsigned used)
{
  unsigned kept = used < FW_WINDOW ? 0 : (used - FW_WINDOW) / RESUME_SECTOR * RESUME_SECTOR;

  return kept > 0 ? kept - RESUME_NEVER_KEPT : 0;
}

void resume_interrupt(InstallBench *bench, WireBank running, unsigned blocks)
{
  WireBegun begun = {0};

  resume_prepare(bench, running);
  assert_int_equal(resume_begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
  resume_send_missing(bench, 0, blocks, 0);
  assert_true(resume_come_back(bench));
}

void resume_prepare_log(InstallBench *bench, WireBank running, unsigned used)
{
  resume_prepare(bench, running);
  for (unsigned slot = 1; slot < used; slot++)
    bench_flash_put_record(&bench->flash, slot, running, slot + 1);
  install_start(bench);
}

void resume_fill_log(InstallBench *bench, unsigned used)
{
  WireRecord record = bench_flash_get_record(&bench->flash);

  for (unsigned slot = fw_record_find_free_slot(bench->flash.memory); slot < used; slot++) {
    record.sequence++;
    bench_flash_put_any_record(&bench->flash, slot, &record);
  }
}
