/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader around an upgrade: when it leaves, what it says of itself, echo, and which
 * conversation it listens to. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

static void ten_seconds_of_silence_and_it_leaves(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  install_send_data(bench, 0);
  bench->flash.now_us += (FW_SILENCE_MS - 1) * 1000;
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)), 0);
  bench->flash.now_us += 1000;
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_SILENCE);
  install_check_old_stays(bench);
}

static void the_silence_counts_from_the_end_of_the_work_not_from_its_beginning(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  bench->flash.now_us += FW_SILENCE_MS * 1000 - BENCH_ERASE_MS * 1000 / 2;
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)), 0);
}

/* Lets 9 s go by, asks, and another 9 s: whether the loader is still there. */
static bool is_prolonged_by(InstallBench *bench, uint8_t type, const uint8_t *payload,
                            size_t length)
{
  uint32_t half_us = (FW_SILENCE_MS - 1000) * 1000;

  bench->flash.now_us += half_us;
  install_ask(bench, type, payload, length);
  bench->flash.now_us += half_us;
  return fw_install_get_leaving(&bench->install, install_now_ms(bench)) == 0;
}

static void only_what_helps_the_upgrade_on_prolongs_it(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_DATA_HEAD + WIRE_BLOCK_SIZE] = {0};

  assert_false(is_prolonged_by(bench, WIRE_IDENTIFY, payload, 0));
  install_start(bench);
  assert_false(is_prolonged_by(bench, WIRE_ECHO, payload, 4));
  install_start(bench);
  assert_false(is_prolonged_by(bench, 0x33, payload, 0));
  install_start(bench);
  assert_false(
      is_prolonged_by(bench, WIRE_DATA, payload, WIRE_DATA_HEAD + WIRE_BLOCK_SIZE)); /* refused */
  install_start(bench);
  assert_false(is_prolonged_by(bench, WIRE_COMMIT, payload, WIRE_COMMIT_LENGTH)); /* that too */
  install_start(bench);
  assert_false(is_prolonged_by(bench, WIRE_READ, payload, 0)); /* and that */
  install_start(bench);
  assert_true(is_prolonged_by(bench, WIRE_READ, payload, WIRE_READ_LENGTH));
  install_start(bench);
  wire_enter_write(&(WireEnter){.product = WIRE_PRODUCT_DEMO}, payload);
  assert_true(is_prolonged_by(bench, WIRE_ENTER_LOADER, payload, WIRE_ENTER_LENGTH));
  install_start(bench);
  install_begin(bench);
  memset(payload, 0, sizeof payload);
  assert_true(is_prolonged_by(bench, WIRE_DATA, payload, WIRE_DATA_HEAD + WIRE_BLOCK_SIZE));
}

/* Why it leaves when from now on nothing more comes. */
static WireLeavingCause fall_silent(InstallBench *bench)
{
  bench->flash.now_us += FW_SILENCE_MS * 1000;
  return fw_install_get_leaving(&bench->install, install_now_ms(bench));
}

static void rubbish_on_the_line_is_told_from_silence(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_DATA_HEAD + WIRE_BLOCK_SIZE] = {0};

  assert_int_equal(fall_silent(bench), WIRE_LEAVING_SILENCE);
  install_start(bench);
  fw_install_note_rubbish(&bench->install);
  assert_int_equal(fall_silent(bench), WIRE_LEAVING_RUBBISH);
  install_start(bench);
  install_ask(bench, WIRE_DATA, payload,
              WIRE_DATA_HEAD + WIRE_BLOCK_SIZE); /* refused: of no use either */
  assert_int_equal(fall_silent(bench), WIRE_LEAVING_RUBBISH);
  install_start(bench);
  install_ask(bench, 0x33, payload, 0);
  assert_int_equal(fall_silent(bench), WIRE_LEAVING_RUBBISH);
}

static void rubbish_does_not_prolong_and_good_traffic_behind_it_wipes_it_out(void **state)
{
  InstallBench *bench = *state;

  install_begin(bench);
  bench->flash.now_us += (FW_SILENCE_MS - 1) * 1000;
  fw_install_note_rubbish(&bench->install);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)), 0);
  install_send_data(bench, 0);
  assert_int_equal(fall_silent(bench), WIRE_LEAVING_SILENCE);
  install_start(bench);
  bench->flash.now_us += (FW_SILENCE_MS - 1) * 1000;
  fw_install_note_rubbish(&bench->install);
  bench->flash.now_us += 1000;
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_RUBBISH);
}

/* Good frames, though they do not prolong anything. */
static void asking_who_is_there_is_no_rubbish_and_wipes_it_out(void **state)
{
  static const uint8_t types[] = {WIRE_IDENTIFY, WIRE_ECHO};
  InstallBench *bench = *state;

  for (unsigned i = 0; i < sizeof types; i++) {
    install_start(bench);
    install_ask(bench, types[i], (const uint8_t *)"", 0);
    assert_int_equal(fall_silent(bench), WIRE_LEAVING_SILENCE);
    install_start(bench);
    fw_install_note_rubbish(&bench->install);
    install_ask(bench, types[i], (const uint8_t *)"", 0);
    assert_int_equal(fall_silent(bench), WIRE_LEAVING_SILENCE);
    install_start(bench);
    install_ask(bench, types[i], (const uint8_t *)"", 0);
    fw_install_note_rubbish(&bench->install);
    assert_int_equal(fall_silent(bench), WIRE_LEAVING_RUBBISH);
  }
}

static void what_is_refused_behind_good_traffic_is_rubbish(void **state)
{
  static const uint8_t types[] = {WIRE_BEGIN, WIRE_DATA,    WIRE_COMMIT,
                                  0x33,       WIRE_CONFIRM, WIRE_GO_BACK};
  InstallBench *bench = *state;

  for (unsigned i = 0; i < sizeof types; i++) {
    install_start(bench);
    install_ask(bench, WIRE_IDENTIFY, (const uint8_t *)"", 0);
    assert_int_equal(install_ask(bench, types[i], (const uint8_t *)"", 0), WIRE_NAK);
    assert_int_equal(fall_silent(bench), WIRE_LEAVING_RUBBISH);
  }
}

static void once_it_is_leaving_it_obeys_nothing_any_more(void **state)
{
  InstallBench *bench = *state;
  static const uint8_t others[] = {WIRE_IDENTIFY, WIRE_RUN, WIRE_ABORT, WIRE_ECHO, WIRE_READ};
  WireBegin request = install_make_begin(bench);
  uint8_t payload[WIRE_ENTER_LENGTH];

  install_ask(bench, WIRE_RUN, (const uint8_t *)"", 0);
  wire_enter_write(&(WireEnter){.product = WIRE_PRODUCT_DEMO}, payload);
  install_check_nak(bench, install_ask(bench, WIRE_ENTER_LOADER, payload, sizeof payload),
                    WIRE_ENTER_LOADER, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_begin(bench, &request), WIRE_BEGIN, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_data(bench, 0), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  for (unsigned i = 0; i < sizeof others; i++) /* as the program will, to RUN, ABORT and READ */
    install_check_nak(bench, install_ask(bench, others[i], (const uint8_t *)"", 1), others[i],
                      WIRE_CAUSE_NOT_NOW, 0);
  assert_int_equal(bench->flash.count, 0);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_RUN);
}

static void run_and_abort_make_it_leave(void **state)
{
  InstallBench *bench = *state;

  assert_int_equal(install_ask(bench, WIRE_RUN, (const uint8_t *)"", 0), WIRE_RUN | WIRE_REPLY);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_RUN);
  install_start(bench);
  assert_int_equal(install_ask(bench, WIRE_ABORT, (const uint8_t *)"", 0), WIRE_ABORT | WIRE_REPLY);
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_ABORT);
}

static void with_no_program_it_never_leaves_and_takes_either_bank(void **state)
{
  InstallBench *bench = *state;

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    bench_flash_init(&bench->flash);
    bench_image_make(&bench->new, bank, INSTALL_NEW, INSTALL_LENGTH);
    bench->came_from = WIRE_BANK_NONE;
    install_start(bench);
    assert_int_equal(fw_install_get_running(&bench->install), WIRE_BANK_NONE);
    install_ask(bench, WIRE_ABORT, (const uint8_t *)"", 0);
    bench->flash.now_us += 100 * FW_SILENCE_MS * 1000ull;
    assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)), 0);
    install_all(bench);
    assert_true(bench_flash_holds(&bench->flash, &bench->new));
    assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_LISTEN, bank));
    bench->flash.now_us += FW_SILENCE_MS * 1000;
    assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                     WIRE_LEAVING_SILENCE);
  }
}

static WireIdentity identify(InstallBench *bench)
{
  WireIdentity identity = {0};

  assert_int_equal(install_ask(bench, WIRE_IDENTIFY, (const uint8_t *)"", 0),
                   WIRE_IDENTIFY | WIRE_REPLY);
  assert_true(wire_identity_read(&bench->answer, &identity));
  return identity;
}

static void identify_tells_the_truth_before_during_and_after(void **state)
{
  InstallBench *bench = *state;
  WireIdentity identity;

  bench_flash_put(&bench->flash, &bench->new); /* something valid is idle */
  install_start(bench);
  identity = identify(bench);
  assert_int_equal(identity.mode, WIRE_MODE_LOADER);
  assert_int_equal(identity.product, WIRE_PRODUCT_DEMO);
  assert_int_equal(identity.boots, 3);
  assert_int_equal(identity.running_bank, WIRE_BANK_LOW);
  assert_int_equal(identity.program_version, INSTALL_OLD);
  assert_int_equal(identity.banks[0].state, WIRE_BANK_VALID);
  assert_int_equal(identity.banks[0].crc, bench->old.header.crc);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_VALID);
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  install_begin(bench);
  identity = identify(bench);
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED); /* by BEGIN's fresh record */
  assert_int_equal(identity.running_bank, WIRE_BANK_LOW);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_EMPTY);
  assert_int_equal(identity.banks[1].crc, 0);
  install_send_blocks(bench);
  install_ask_commit(bench);
  identity = identify(bench);
  assert_int_equal(identity.running_bank, WIRE_BANK_HIGH);
  assert_int_equal(identity.program_version, INSTALL_NEW);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_VALID);
  assert_int_equal(identity.banks[1].length, INSTALL_LENGTH);
  assert_int_equal(identity.banks[1].crc, bench->new.header.crc);
  assert_int_equal(identity.trial, WIRE_TRIAL_RUNNING);
  assert_int_equal(identity.trial_starts, 0);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_NONE);
}

static void echo_gives_back_what_came(void **state)
{
  InstallBench *bench = *state;
  uint8_t payload[WIRE_PAYLOAD_MAX];

  for (unsigned i = 0; i < sizeof payload; i++)
    payload[i] = (uint8_t)(i * 3);
  for (unsigned length = 0; length <= sizeof payload; length += 129) {
    assert_int_equal(install_ask(bench, WIRE_ECHO, payload, length), WIRE_ECHO | WIRE_REPLY);
    assert_int_equal(bench->answer.length, length);
    assert_memory_equal(bench->answer.payload, payload, length);
  }
}

static void a_stale_or_foreign_conversation_is_refused(void **state)
{
  InstallBench *bench = *state;
  unsigned before;

  install_begin(bench);
  install_send_blocks(bench);
  before = bench->flash.count;
  bench->token = INSTALL_TOKEN - 1;
  install_check_nak(bench, install_ask_data(bench, 3), WIRE_DATA, WIRE_CAUSE_NOT_NOW, 0);
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  bench->token = INSTALL_TOKEN;
  bench->new.header.crc++; /* a COMMIT of another image than BEGIN's */
  install_check_nak(bench, install_ask_commit(bench), WIRE_COMMIT, WIRE_CAUSE_NOT_NOW, 0);
  bench->new.header.crc--;
  assert_int_equal(bench->flash.count, before);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
}

/* Another conversation starts from the beginning, erased anew. */
static void a_begin_of_another_conversation_starts_anew(void **state)
{
  InstallBench *bench = *state;
  WireBegun begun = {0};

  install_begin(bench);
  install_send_blocks(bench);
  bench->token++;
  install_begin(bench);
  assert_true(wire_begun_read(&bench->answer, &begun));
  assert_int_equal(begun.missing, 0);
  install_send_blocks(bench);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  install_check_new_starts(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(ten_seconds_of_silence_and_it_leaves),
      TEST(the_silence_counts_from_the_end_of_the_work_not_from_its_beginning),
      TEST(only_what_helps_the_upgrade_on_prolongs_it),
      TEST(rubbish_on_the_line_is_told_from_silence),
      TEST(rubbish_does_not_prolong_and_good_traffic_behind_it_wipes_it_out),
      TEST(asking_who_is_there_is_no_rubbish_and_wipes_it_out),
      TEST(what_is_refused_behind_good_traffic_is_rubbish),
      TEST(once_it_is_leaving_it_obeys_nothing_any_more),
      TEST(run_and_abort_make_it_leave),
      TEST(with_no_program_it_never_leaves_and_takes_either_bank),
      TEST(identify_tells_the_truth_before_during_and_after),
      TEST(echo_gives_back_what_came),
      TEST(a_stale_or_foreign_conversation_is_refused),
      TEST(a_begin_of_another_conversation_starts_anew),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
