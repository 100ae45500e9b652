/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Going faster, on the ARM images: the session and the loader agree on a rate, leave one that does
 * not carry, and meet again at the default one whatever became of the other. */

#include "rig.h"
#include "sy-transfer.h"
#include "wire-bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HIGHEST = 691200, SECOND = 345600, THIRD = 230400 };

static void upgrade_up_to(Rig *rig, uint32_t baud_max)
{
  g_autoptr(SyRelease) release = rig_load_release("release-large-1.3.0.hex");
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, baud_max, NULL);
  rig_finish(rig);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->reports, 0);
  rig_assert_bank_holds(rig, release, WIRE_BANK_HIGH);
}

static unsigned count_answers(const Rig *rig, WireType type)
{
  return rig->heard[type | WIRE_REPLY];
}

/* ---- What session and loader agree on ---- */

static void the_highest_rate_is_agreed_on_and_the_program_speaks_the_default_one(void **state)
{
  Rig *rig = rig_new();
  unsigned readings;

  (void)state;
  upgrade_up_to(rig, HIGHEST);
  assert_int_equal(rig->session.result.life.baud, HIGHEST);
  assert_int_equal(count_answers(rig, WIRE_RATE), 1);
  assert_int_equal(count_answers(rig, WIRE_ECHO), 1);
  assert_int_equal(rig->rates_failed, 0);
  assert_int_equal(rig->session.result.counts.timeouts, 0);
  /* Without a new session that would bring the line back. */
  assert_int_equal(rig->baud, WIRE_RATE_DEFAULT);
  readings = rig->readings;
  rig_run_ms(rig, 1100);
  assert_true(rig->readings > readings);
  assert_int_equal(rig_identify(rig).mode, WIRE_MODE_PROGRAM);
  rig_free(rig);
}

static void each_rate_works_when_none_above_it_may_be_tried(void **state)
{
  static const struct {
    uint32_t baud_max, baud;
  } cases[] = {{HIGHEST, HIGHEST},
               {HIGHEST - 1, SECOND},
               {SECOND, SECOND},
               {SECOND - 1, THIRD},
               {THIRD, THIRD},
               {THIRD - 1, WIRE_RATE_DEFAULT},
               {WIRE_RATE_DEFAULT, WIRE_RATE_DEFAULT}};

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
    Rig *rig = rig_new();

    upgrade_up_to(rig, cases[i].baud_max);
    assert_int_equal(rig->session.result.life.baud, cases[i].baud);
    assert_int_equal(count_answers(rig, WIRE_RATE), cases[i].baud > WIRE_RATE_DEFAULT);
    assert_int_equal(rig->rates_failed, 0);
    print_message("# %u baud: blocks took %u ms\n", cases[i].baud,
                  (unsigned)(rig->session.result.life.phases_us[SY_PHASE_WRITE] / 1000));
    rig_free(rig);
  }
}

static void an_adapter_that_makes_another_rate_is_given_the_next_one(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  rig->misread_baud = HIGHEST;
  upgrade_up_to(rig, HIGHEST);
  assert_int_equal(rig->rates_failed, 1);
  assert_int_equal(rig->session.result.life.baud, SECOND);
  /* The loader had gone to the first already, and came back by itself. */
  assert_int_equal(count_answers(rig, WIRE_RATE), 2);
  rig_free(rig);
}

static void a_rate_that_garbles_is_left_and_the_next_one_is_used(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  rig->garbled_baud = HIGHEST;
  upgrade_up_to(rig, HIGHEST);
  assert_true(rig->garbled > 0);
  assert_int_equal(rig->rates_failed, 1);
  assert_int_equal(rig->session.result.life.baud, SECOND);
  assert_int_equal(count_answers(rig, WIRE_RATE), 2);
  rig_free(rig);
}

static void a_rate_that_dies_in_the_middle_ends_at_the_default_one(void **state)
{
  static const unsigned frames[] = {1, 2, 3, 13, 20, 40, 47, 48};

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
    Rig *rig = rig_new();

    rig->garbled_baud = HIGHEST;
    rig->garbled_from = frames[i];
    upgrade_up_to(rig, HIGHEST);
    assert_true(rig->garbled > 0);
    assert_int_equal(rig->rates_failed, 1);
    assert_int_equal(rig->session.result.life.baud, WIRE_RATE_DEFAULT);
    /* What had come is kept: answers that were garbled on their way back do not matter. */
    assert_true(rig->session.result.life.blocks_kept >= (frames[i] - 1) * WIRE_DATA_BLOCKS_MAX);
    for (uint32_t at = WIRE_HIGH_ADDR; at < WIRE_HIGH_ADDR + WIRE_HIGH_SIZE; at += WIRE_BLOCK_SIZE)
      assert_true(rig->programs[at / WIRE_BLOCK_SIZE] <= 1);
    print_message("# garbled from DATA frame %u on: %u blocks kept, %u frames in all\n", frames[i],
                  rig->session.result.life.blocks_kept, rig->data_frames);
    rig_free(rig);
  }
}

/* ---- What the loader does by itself ---- */

static void enter_loader(Rig *rig)
{
  const WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];

  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 200);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
}

static void ask_for_rate(Rig *rig, uint32_t baud)
{
  const WireRate rate = {.baud = baud};
  uint8_t payload[WIRE_RATE_LENGTH];

  rig_send(rig, WIRE_RATE, payload, (uint16_t)wire_rate_write(&rate, payload));
  rig_run_ms(rig, 10);
}

/* Whether an ECHO comes back at this rate; takes 10 ms. */
static bool is_heard_at(Rig *rig, uint32_t baud)
{
  static const uint8_t payload[] = {0x00, 0xff, 0x55, 0xaa};
  unsigned before = count_answers(rig, WIRE_ECHO);

  rig_set_baud(rig, baud);
  rig_send(rig, WIRE_ECHO, payload, sizeof payload);
  rig_run_ms(rig, 10);
  return count_answers(rig, WIRE_ECHO) > before;
}

static void the_loader_leaves_a_rate_that_is_not_proven_within_300_ms(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  enter_loader(rig);
  ask_for_rate(rig, HIGHEST);
  assert_int_equal(count_answers(rig, WIRE_RATE), 1);
  rig_run_ms(rig, WIRE_RATE_PROOF_MS - 50);
  assert_false(is_heard_at(rig, WIRE_RATE_DEFAULT)); /* and proves nothing: it is no good frame */
  rig_run_ms(rig, 50);
  assert_true(is_heard_at(rig, WIRE_RATE_DEFAULT));
  assert_int_equal(rig->leavings, 0);
  rig_free(rig);
}

static void the_loader_leaves_a_proven_rate_after_a_second_and_a_half_of_silence(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  enter_loader(rig);
  ask_for_rate(rig, HIGHEST);
  assert_true(is_heard_at(rig, HIGHEST));
  rig_run_ms(rig, WIRE_RATE_PROOF_MS + 100);
  assert_true(is_heard_at(rig, HIGHEST)); /* that one frame was proof enough */
  rig_run_ms(rig, WIRE_RATE_SILENCE_MS - 60);
  assert_false(is_heard_at(rig, WIRE_RATE_DEFAULT));
  rig_run_ms(rig, 60);
  assert_false(is_heard_at(rig, HIGHEST));
  rig_run_ms(rig, 50); /* what that was to the loader is over */
  assert_true(is_heard_at(rig, WIRE_RATE_DEFAULT));
  rig_free(rig);
}

static void a_rate_that_the_uart_cannot_make_is_refused_and_nothing_changes(void **state)
{
  static const uint32_t rates[] = {0,      1,      9600,   57600,   115199,    230399,
                                   460800, 691201, 921600, 1382400, 0xffffffff};
  Rig *rig = rig_new();

  (void)state;
  enter_loader(rig);
  for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
    ask_for_rate(rig, rates[i]);
    assert_int_equal(rig->naks, i + 1);
    assert_int_equal(rig->nak.cause, WIRE_CAUSE_BAD_RATE);
    assert_int_equal(rig->nak.detail, rates[i]);
    assert_true(is_heard_at(rig, WIRE_RATE_DEFAULT));
  }
  assert_int_equal(count_answers(rig, WIRE_RATE), 0);
  rig_free(rig);
}

static void
the_loader_leaves_for_the_program_at_the_default_rate_when_nobody_comes_back(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  enter_loader(rig);
  ask_for_rate(rig, HIGHEST);
  assert_true(is_heard_at(rig, HIGHEST));
  rig_set_baud(rig, WIRE_RATE_DEFAULT);
  rig_run_ms(rig, 12 * 1000);
  assert_int_equal(rig->leavings, 1);
  assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
  assert_int_equal(rig_identify(rig).mode, WIRE_MODE_PROGRAM);
  rig_free(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_highest_rate_is_agreed_on_and_the_program_speaks_the_default_one),
      cmocka_unit_test(each_rate_works_when_none_above_it_may_be_tried),
      cmocka_unit_test(an_adapter_that_makes_another_rate_is_given_the_next_one),
      cmocka_unit_test(a_rate_that_garbles_is_left_and_the_next_one_is_used),
      cmocka_unit_test(a_rate_that_dies_in_the_middle_ends_at_the_default_one),
      cmocka_unit_test(the_loader_leaves_a_rate_that_is_not_proven_within_300_ms),
      cmocka_unit_test(the_loader_leaves_a_proven_rate_after_a_second_and_a_half_of_silence),
      cmocka_unit_test(a_rate_that_the_uart_cannot_make_is_refused_and_nothing_changes),
      cmocka_unit_test(
          the_loader_leaves_for_the_program_at_the_default_rate_when_nobody_comes_back),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
