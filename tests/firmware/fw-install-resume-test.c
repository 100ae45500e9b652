/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A transfer that goes on where it was interrupted: in a loader that still runs, and behind a power
 * cut at and inside each flash operation. Whatever is kept is what was sent, nothing is programmed
 * twice since its erase (the bench looks at that), and the program that comes out of it is right.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

/* More than the window and two sectors, and the last block not full. */
enum { BLOCKS = 53, LENGTH = 53 * WIRE_BLOCK_SIZE - 100, SECTOR = WIRE_BLOCKS_PER_SECTOR };

/* How many blocks from the first on are never kept: block 0 waits in RAM, which is lost. */
enum { NEVER_KEPT = 1 };

/* In which order blocks are sent, as far as the window goes: 0 as they stand, else by chance. */
typedef uint32_t Order;

static void prepare(InstallBench *bench, WireBank running)
{
  install_prepare(bench, running);
  bench_image_make(&bench->new, wire_bank_other(running), INSTALL_NEW, LENGTH);
}

static unsigned begin(InstallBench *bench, WireBeginMode mode, WireBegun *begun)
{
  WireBegin request = install_make_begin(bench);
  unsigned answer;

  request.encoding = (uint8_t)mode;
  answer = install_ask_begin(bench, &request);
  if (answer == (WIRE_BEGIN | WIRE_REPLY))
    assert_true(wire_begun_read(&bench->answer, begun));
  return answer;
}

static bool is_told_verified(const WireBegun *begun, unsigned block)
{
  return begun->verified[block / 8] >> block % 8 & 1;
}

static unsigned count_told(const WireBegun *begun)
{
  unsigned count = 0;

  for (unsigned block = 0; block < 8 * sizeof begun->verified; block++)
    count += is_told_verified(begun, block);
  return count;
}

/* Sends what is missing until `limit` blocks are there from the first on, or power is lost. */
static void send_missing(InstallBench *bench, unsigned missing, unsigned limit, Order order)
{
  WireRandom random = wire_random(order);

  for (unsigned frames = 0; missing < limit && !bench->flash.dead; frames++) {
    unsigned block = missing;
    WireDataStatus status;

    if (order != 0 && wire_random_below(&random, 3) != 0)
      block += wire_random_below(&random, FW_WINDOW);
    if (block >= BLOCKS)
      continue;
    if (install_ask_data(bench, block) == (WIRE_DATA | WIRE_REPLY)) {
      assert_true(wire_data_status_read(&bench->answer, &status));
      missing = status.missing;
    }
    assert_true(frames < 4000);
  }
}

/* A whole upgrade that may lose power; no answer is judged but by what it says is missing. */
static void try_all(InstallBench *bench, WireBeginMode mode, Order order)
{
  WireBegun begun = {0};

  if (begin(bench, mode, &begun) == (WIRE_BEGIN | WIRE_REPLY) && !bench->flash.dead)
    send_missing(bench, begun.missing, BLOCKS, order);
  if (!bench->flash.dead)
    install_ask_commit(bench);
}

/* What the loader says is kept lies in flash as it was sent, but for block 0, which is not said. */
static void check_kept(const InstallBench *bench, const WireBegun *begun)
{
  const uint8_t *bank = bench->flash.memory + bench->new.header.bank_addr;

  assert_int_equal(begun->blocks, BLOCKS);
  assert_false(is_told_verified(begun, 0));
  assert_int_equal(begun->missing, 0);
  for (unsigned block = 0; block < BLOCKS; block++) {
    uint8_t sent[WIRE_BLOCK_SIZE];

    bench_image_get_block(&bench->new, block, sent);
    if (is_told_verified(begun, block) &&
        memcmp(bank + block * WIRE_BLOCK_SIZE, sent, sizeof sent) != 0)
      fail_msg("cut %d at operation %u: block %u is kept and is not what was sent",
               bench->flash.cut, bench->flash.cut_at, block);
  }
}

/* Power comes back and the old program starts; that enters the loader. Returns false when the new
 * one starts already: then there is nothing to go on with. */
static bool come_back(InstallBench *bench)
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

/* The upgrade goes on and to its end. Returns how many blocks were kept. */
static unsigned resume(InstallBench *bench, Order order)
{
  WireBegun begun = {0};

  assert_int_equal(begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  check_kept(bench, &begun);
  send_missing(bench, begun.missing, BLOCKS, order);
  if (install_ask_commit(bench) != (WIRE_COMMIT | WIRE_REPLY))
    fail_msg("COMMIT is refused behind a transfer that kept %u blocks", count_told(&begun));
  install_check_new_starts(bench);
  return count_told(&begun);
}

/* What was interrupted when `used` blocks from the first on had been programmed: whole sectors
 * below the window's doubt are kept. */
static unsigned expect_kept(unsigned used)
{
  unsigned kept = used < FW_WINDOW ? 0 : (used - FW_WINDOW) / SECTOR * SECTOR;

  return kept > 0 ? kept - NEVER_KEPT : 0;
}

static void another_conversation_goes_on_in_the_same_loader_without_an_erase(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};
  unsigned before;

  prepare(bench, WIRE_BANK_LOW);
  assert_int_equal(begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
  send_missing(bench, 0, 40, 0);
  install_send_data(bench, 44);
  before = bench->flash.count;
  bench->token++;
  assert_int_equal(begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(bench->flash.count, before);
  assert_int_equal(begun.missing, 40);
  assert_int_equal(count_told(&begun), 41);
  assert_true(is_told_verified(&begun, 0)); /* RAM has it */
  assert_true(is_told_verified(&begun, 44));
  bench->token--; /* the first one has nothing more to say */
  install_check_nak(bench, install_ask_data(bench, 41), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  bench->token++;
  send_missing(bench, 40, BLOCKS, 0);
  assert_int_equal(bench->flash.count, 3 + BLOCKS - 1); /* each block once */
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void in_the_same_loader_another_image_or_a_wish_to_begin_anew_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  for (unsigned round = 0; round < 3; round++) {
    WireBegun begun = {0};

    prepare(bench, WIRE_BANK_LOW);
    assert_int_equal(begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
    send_missing(bench, 0, 40, 0);
    bench->token++;
    if (round > 0) {
      bench->new.bytes[LENGTH - 1] ^= 1;
      bench->new.header.version += round == 2;
      bench_image_seal(&bench->new);
    }
    assert_int_equal(begin(bench, round == 0 ? WIRE_BEGIN_ANEW : WIRE_BEGIN_KEEP, &begun),
                     WIRE_BEGIN | WIRE_REPLY);
    assert_int_equal(count_told(&begun), 0);
    assert_int_equal(begun.missing, 0);
    send_missing(bench, 0, BLOCKS, 0);
    assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
    install_check_new_starts(bench);
  }
}

/* `blocks` have come when power fails, between two operations. */
static void interrupt(InstallBench *bench, WireBank running, unsigned blocks)
{
  WireBegun begun = {0};

  prepare(bench, running);
  assert_int_equal(begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
  send_missing(bench, 0, blocks, 0);
  assert_true(come_back(bench));
}

static void behind_a_power_cut_whole_sectors_below_the_window_are_kept_and_not_erased(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned blocks = 0; blocks <= BLOCKS; blocks++) {
      unsigned erases = 0;

      interrupt(bench, running, blocks);
      assert_int_equal(resume(bench, 0), expect_kept(blocks));
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

  interrupt(bench, WIRE_BANK_LOW, 50);
  assert_int_equal(begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  first = bench->new.header.bank_addr / WIRE_BLOCK_SIZE;
  for (unsigned block = 0; block < WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE; block++) {
    bool of_running = block >= WIRE_LOW_ADDR / WIRE_BLOCK_SIZE && block < first;
    bool is_kept = block >= first + NEVER_KEPT && block < first + 32;

    assert_int_equal(bench->install.sound[block / 8] >> block % 8 & 1, of_running || is_kept);
  }
}

/* How a transfer that is cut begins: with so many places of the log used, and in this mode. */
typedef struct {
  unsigned used;
  WireBeginMode mode;
  Order order;
} Start;

static void prepare_log(InstallBench *bench, WireBank running, unsigned used)
{
  prepare(bench, running);
  for (unsigned slot = 1; slot < used; slot++)
    bench_flash_put_record(&bench->flash, slot, running, slot + 1);
  install_start(bench);
}

/* Each operation of a transfer up to COMMIT, in each way; what is kept is checked in resume(). */
static unsigned cut_in_transfer(InstallBench *bench, WireBank running, BenchCut cut,
                                const Start *start)
{
  bool is_emptied = start->used + FW_RECORD_ROOM > WIRE_RECORD_COUNT;
  unsigned operations = is_emptied ? 4 : 3, kept = 0;

  for (unsigned at = 0; at < operations + BLOCKS - 1; at++) {
    prepare_log(bench, running, start->used);
    bench->flash.cut = cut;
    bench->flash.cut_at = at;
    try_all(bench, start->mode, start->order);
    assert_true(bench->flash.dead);
    assert_true(come_back(bench));
    kept += resume(bench, start->order);
    install_prove_new(bench);
  }
  return kept;
}

static void behind_a_cut_at_and_inside_each_operation_of_a_transfer_it_goes_on(void **state)
{
  static const Start starts[] = {
      {1, WIRE_BEGIN_ANEW, 0}, {1, WIRE_BEGIN_KEEP, 1},  {2, WIRE_BEGIN_ANEW, 2},
      {3, WIRE_BEGIN_KEEP, 3}, {16, WIRE_BEGIN_ANEW, 4}, {16, WIRE_BEGIN_KEEP, 5},
  };
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++)
        assert_true(cut_in_transfer(bench, running, cut, &starts[i]) > 2 * SECTOR);
}

/* The seal, which goes to a sector that may be one to keep, and the record. */
static void behind_a_cut_inside_commit_it_goes_on_or_the_new_program_starts(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned at = 3 + BLOCKS - 1; at < 3 + BLOCKS + 1; at++) {
        prepare(bench, running);
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(bench->flash.dead);
        if (come_back(bench))
          resume(bench, 0);
        install_prove_new(bench);
      }
}

/* A block fails, its sector is erased anew, and power fails at or inside any operation from there.
 */
static void behind_a_cut_around_a_sector_that_was_erased_anew_it_goes_on(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned bad = 17; bad < BLOCKS; bad += 5)
      for (unsigned at = bad; at < bad + 2 * SECTOR; at++) {
        prepare(bench, WIRE_BANK_LOW);
        bench->flash.fail_addr = bench->new.header.bank_addr + bad *WIRE_BLOCK_SIZE;
        bench->flash.fail_times = 1;
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        try_all(bench, WIRE_BEGIN_ANEW, 1 + bad);
        bench->flash.fail_times = 0;
        if (!bench->flash.dead || at >= 3 + BLOCKS - 1)
          break; /* COMMIT is another test's matter */
        assert_true(come_back(bench));
        resume(bench, 1 + bad);
      }
}

/* The seal fails and takes its sector with it, so that blocks in front of many others are missing;
 * power fails while they come again. */
static void behind_a_cut_around_a_seal_that_failed_it_goes_on(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned at = 3 + BLOCKS; at < 3 + BLOCKS + SECTOR; at++) {
      prepare(bench, WIRE_BANK_LOW);
      bench->flash.fail_addr = bench->new.header.bank_addr;
      bench->flash.fail_times = 1;
      bench->flash.cut = cut;
      bench->flash.cut_at = at;
      try_all(bench, WIRE_BEGIN_ANEW, 0);
      if (!bench->flash.dead)
        send_missing(bench, 0, BLOCKS, 0);
      bench->flash.fail_times = 0;
      assert_true(bench->flash.dead);
      assert_true(come_back(bench));
      resume(bench, 0);
    }
}

/* The last operation, where power failed, was of COMMIT: another test's matter. */
static bool was_commit(const BenchFlash *flash)
{
  const BenchOperation *last = &flash->operations[flash->count - 1];

  return !last->erase && (last->addr == WIRE_LOW_ADDR || last->addr == WIRE_HIGH_ADDR);
}

/* Power fails, it goes on, power fails once more anywhere in that, and it goes on again. */
static void behind_two_cuts_in_a_row_it_goes_on(void **state)
{
  InstallBench *bench = *state;
  unsigned kept = 0, resumed = 0;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned first = 1; first < 3 + BLOCKS - 1; first += 6)
      for (unsigned second = 0;; second++) {
        prepare(bench, WIRE_BANK_HIGH);
        bench->flash.cut = cut;
        bench->flash.cut_at = first;
        try_all(bench, WIRE_BEGIN_ANEW, 1);
        assert_true(come_back(bench));
        bench->flash.cut = cut;
        bench->flash.cut_at = second;
        try_all(bench, WIRE_BEGIN_KEEP, 2);
        assert_true(bench->flash.dead);
        if (was_commit(&bench->flash))
          break;
        assert_true(come_back(bench));
        kept += resume(bench, 3);
        resumed++;
      }
  assert_true(resumed > 5 * 9 * 20);
  assert_true(kept > 5 * 9 * 20 * SECTOR / 2);
}

/* The bank is marked for this very image and half full when the wish to begin anew is cut: what the
 * erase leaves is not taken for what was sent. */
static void behind_a_cut_in_a_begin_anew_nothing_is_kept_that_was_being_erased(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 1; used <= 6; used++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned at = 0; at < 5; at++) {
        prepare_log(bench, WIRE_BANK_LOW, used);
        bench->flash.cut = BENCH_CUT_BEFORE;
        bench->flash.cut_at = 3 + 50;
        try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(come_back(bench));
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(bench->flash.dead);
        assert_true(come_back(bench));
        resume(bench, 0);
      }
}

/* Three ways to be another transfer: the image, the wish, the log. */
static void check_nothing_kept(InstallBench *bench, WireBeginMode mode)
{
  WireBegun begun = {0};
  const WireBankMap *map = wire_bank_map(bench->new.bank);

  assert_int_equal(begin(bench, mode, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(count_told(&begun), 0);
  assert_int_equal(begun.missing, 0);
  for (uint32_t at = 0; at < map->size; at++)
    assert_int_equal(bench->flash.memory[map->addr + at], 0xff);
  send_missing(bench, 0, BLOCKS, 0);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

static void behind_a_power_cut_another_image_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  interrupt(bench, WIRE_BANK_LOW, 50);
  bench->new.bytes[LENGTH - 1] ^= 1;
  bench_image_seal(&bench->new);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

static void behind_a_power_cut_a_wish_to_begin_anew_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  interrupt(bench, WIRE_BANK_LOW, 50);
  check_nothing_kept(bench, WIRE_BEGIN_ANEW);
}

static void behind_a_power_cut_a_log_that_is_not_sound_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  interrupt(bench, WIRE_BANK_LOW, 50);
  bench_flash_put_garbage(&bench->flash, 6, 6, 1);
  install_start(bench);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

/* The bank was erased for it, and then something else was recorded: nobody knows what for. */
static void a_newer_record_without_the_mark_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  interrupt(bench, WIRE_BANK_LOW, 50);
  bench_flash_put_record(&bench->flash, 3, WIRE_BANK_LOW, 4);
  install_start(bench);
  check_nothing_kept(bench, WIRE_BEGIN_KEEP);
}

/* What the loader says of the bank while it is filled again. */
static void what_is_kept_is_no_program_to_anybody(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};

  interrupt(bench, WIRE_BANK_LOW, 50);
  assert_int_equal(begin(bench, WIRE_BEGIN_KEEP, &begun), WIRE_BEGIN | WIRE_REPLY);
  assert_int_equal(bench->install.identity.banks[1].state, WIRE_BANK_EMPTY);
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, WIRE_BANK_HIGH), WIRE_BANK_EMPTY);
  install_check_old_stays(bench);
  send_missing(bench, 0, BLOCKS, 0);
  assert_int_equal(fw_boot_judge(bench->flash.memory, NULL, WIRE_BANK_HIGH), WIRE_BANK_EMPTY);
  install_check_old_stays(bench);
}

/* Each of them proven, and started once more if `again`: then what settled it is recorded twice. */
static void upgrade_often(InstallBench *bench, unsigned upgrades, bool again)
{
  prepare(bench, WIRE_BANK_LOW);
  for (unsigned round = 0; round < upgrades; round++) {
    install_all(bench);
    install_prove_new(bench);
    if (again)
      bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE);
    install_turn(bench, INSTALL_NEW);
    bench_image_make(&bench->new, bench->new.bank, INSTALL_NEW + 1 + round, LENGTH);
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
      assert_int_equal(begin(bench, WIRE_BEGIN_ANEW, &begun), WIRE_BEGIN | WIRE_REPLY);
      send_missing(bench, 0, 50, 0);
      assert_true(come_back(bench));
      kept = resume(bench, 0);
      if (kept != expect_kept(50))
        fail_msg("behind %u upgrades, with %u places of the log used: %u blocks are kept", upgrades,
                 used, kept);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(another_conversation_goes_on_in_the_same_loader_without_an_erase),
      TEST(in_the_same_loader_another_image_or_a_wish_to_begin_anew_keeps_nothing),
      TEST(behind_a_power_cut_whole_sectors_below_the_window_are_kept_and_not_erased),
      TEST(what_is_kept_may_be_leant_on_by_packed_blocks),
      TEST(behind_a_cut_at_and_inside_each_operation_of_a_transfer_it_goes_on),
      TEST(behind_a_cut_inside_commit_it_goes_on_or_the_new_program_starts),
      TEST(behind_a_cut_around_a_sector_that_was_erased_anew_it_goes_on),
      TEST(behind_a_cut_around_a_seal_that_failed_it_goes_on),
      TEST(behind_two_cuts_in_a_row_it_goes_on),
      TEST(behind_a_cut_in_a_begin_anew_nothing_is_kept_that_was_being_erased),
      TEST(behind_a_power_cut_another_image_keeps_nothing),
      TEST(behind_a_power_cut_a_wish_to_begin_anew_keeps_nothing),
      TEST(behind_a_power_cut_a_log_that_is_not_sound_keeps_nothing),
      TEST(a_newer_record_without_the_mark_keeps_nothing),
      TEST(what_is_kept_is_no_program_to_anybody),
      TEST(whatever_room_upgrades_before_have_left_in_the_log_one_can_be_gone_on_with),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
