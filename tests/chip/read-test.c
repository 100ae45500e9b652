/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading flash back through the loader, on the ARM images: what comes is what lies in the chip,
 * but for what the chip does not show; and a read that is broken off leaves flash as it was, bit
 * for bit, and the program running. */

#include "rig.h"
#include "sy-read-back.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
  HIGHEST = 691200,
  UNREAD = 0x5a,
  PAGES = WIRE_READABLE_END / WIRE_PAGE_SIZE,
  SILENCE_MS = 10000,
  BACK_MS = 1000,
};

static const SyRange everything = {.addr = 0, .length = 1ull << 32};

/* 1.0.0 in LOW ran first, and 1.3.0, which fills the bank, runs in HIGH. What its start has to
 * record is recorded. */
static Rig *rig_with_both(void)
{
  g_autoptr(SyRelease) release = rig_load_release("release-large-1.3.0.hex");
  Rig *rig = rig_new();

  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  sim_chip_power_off(rig_chip(rig));
  sim_chip_power_on(rig_chip(rig));
  rig_run_ms(rig, 3000);
  assert_int_equal(rig_identify(rig).running_bank, WIRE_BANK_HIGH);
  return rig;
}

static unsigned count_operations(Rig *rig)
{
  return sim_chip_count_operations(rig_chip(rig), SIM_FLASH_ERASE) +
         sim_chip_count_operations(rig_chip(rig), SIM_FLASH_PROGRAM);
}

/* Flash as it was, to be held against flash as it is; free with g_free. */
typedef struct {
  uint8_t flash[WIRE_FLASH_SIZE];
  uint8_t read[WIRE_FLASH_SIZE];
  unsigned operations;
} Before;

static Before *start_read(Rig *rig, const SyRange *range, uint32_t baud_max)
{
  Before *before = g_new0(Before, 1);
  uint8_t pages[SY_READ_MAP_SIZE];

  memcpy(before->flash, sim_chip_flash(rig_chip(rig)), sizeof before->flash);
  memset(before->read, UNREAD, sizeof before->read);
  before->operations = count_operations(rig);
  sy_read_back_get_pages(range, 1, pages);
  rig_start_read(rig, pages, before->read, baud_max);
  return before;
}

static void assert_unchanged(Rig *rig, const Before *before)
{
  WireIdentity identity = rig_identify(rig);

  assert_int_equal(identity.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(identity.running_bank, WIRE_BANK_HIGH);
  assert_int_equal(identity.program_version, WIRE_VERSION(1, 3, 0));
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  assert_memory_equal(sim_chip_flash(rig_chip(rig)), before->flash, WIRE_FLASH_SIZE);
  assert_int_equal(count_operations(rig), before->operations);
  assert_int_equal(rig->reports, 0);
}

static void assert_all_read(Rig *rig, const Before *before)
{
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_memory_equal(before->read + WIRE_READABLE_START, before->flash + WIRE_READABLE_START,
                      WIRE_READABLE_END - WIRE_READABLE_START);
}

static void both_banks_are_read_as_they_lie_in_the_chip_at_each_rate(void **state)
{
  static const uint32_t rates[] = {115200, 230400, 345600, HIGHEST};
  Rig *rig = rig_with_both();

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
    unsigned echoes = rig->heard[WIRE_ECHO | WIRE_REPLY];
    uint64_t read_us;
    Before *before = start_read(rig, &everything, rates[i]);

    rig_finish(rig);
    assert_all_read(rig, before);
    assert_int_equal(rig->session.result.counts.retries, 0);
    assert_int_equal(rig->session.result.counts.bad_frames, 0);
    assert_int_equal(rig->heard[WIRE_ECHO | WIRE_REPLY] - echoes, rates[i] != WIRE_RATE_DEFAULT);
    read_us = rig->session.result.life.phases_us[SY_PHASE_READ];
    print_message("# %u baud: %u KB in %u ms, %.1f KB/s\n", rates[i], PAGES,
                  (unsigned)(read_us / 1000), PAGES * 1e6 / (double)read_us);
    /* The line carries hardly anything else. */
    assert_true(read_us <= (uint64_t)PAGES * (WIRE_PAGE_SIZE + WIRE_FRAME_OVERHEAD) * 10 * 1000000 /
                               rates[i] * 125 / 100);
    assert_int_equal(rig->baud, WIRE_RATE_DEFAULT);
    assert_unchanged(rig, before);
    g_free(before);
  }
  rig_free(rig);
}

/* The loader's vectors in RAM lie over the first 64 bytes of flash: they come, and are not it. */
static void the_first_64_bytes_cannot_be_read_and_are_a_gap(void **state)
{
  static const SyRange first = {.addr = 0, .length = WIRE_PAGE_SIZE};
  Rig *rig = rig_with_both();
  Before *before = start_read(rig, &first, HIGHEST);
  g_autoptr(SyImage) image = NULL;

  (void)state;
  rig_finish(rig);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_memory_not_equal(before->read, before->flash, WIRE_READABLE_START);
  assert_memory_equal(before->read + WIRE_READABLE_START, before->flash + WIRE_READABLE_START,
                      WIRE_PAGE_SIZE - WIRE_READABLE_START);
  assert_int_equal(before->read[WIRE_PAGE_SIZE], UNREAD);
  image = sy_read_back_make_image(&first, 1, before->read);
  assert_int_equal(sy_image_get_n_segments(image), 1);
  assert_int_equal(sy_image_get_segment(image, 0)->addr, WIRE_READABLE_START);
  assert_int_equal(sy_image_get_size(image), WIRE_PAGE_SIZE - WIRE_READABLE_START);
  assert_unchanged(rig, before);
  g_free(before);
  rig_free(rig);
}

/* Whoever asks for what means nothing: the loader answers, and the chip is all right. */
static void no_page_number_makes_the_loader_read_outside_flash(void **state)
{
  Rig *rig = rig_with_both();
  Before *before = start_read(rig, &everything, 0);
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];

  (void)state;
  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 300);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
  for (unsigned page = 0; page < 256; page += page == 1 ? 118 : 1) {
    WireRead request = {.page = (uint8_t)page};
    unsigned heard = rig->heard[WIRE_READ | WIRE_REPLY];

    rig_send(rig, WIRE_READ, payload, (uint16_t)wire_read_write(&request, payload));
    rig_run_ms(rig, 110);
    assert_int_equal(rig->heard[WIRE_READ | WIRE_REPLY], heard + 1);
  }
  rig_send(rig, WIRE_ABORT, NULL, 0);
  rig_run_ms(rig, BACK_MS);
  assert_unchanged(rig, before);
  g_free(before);
  rig_free(rig);
}

static void a_program_refuses_to_be_read(void **state)
{
  Rig *rig = rig_with_both();
  uint8_t payload[WIRE_READ_LENGTH] = {8};

  (void)state;
  rig_send(rig, WIRE_READ, payload, sizeof payload);
  rig_run_ms(rig, 100);
  assert_int_equal(rig->nak.type, WIRE_READ);
  assert_int_equal(rig->nak.cause, WIRE_CAUSE_NOT_NOW);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

/* Runs the read until so many more pages have come. */
static void read_pages(Rig *rig, unsigned pages)
{
  unsigned heard = rig->heard[WIRE_READ | WIRE_REPLY];

  while (rig->heard[WIRE_READ | WIRE_REPLY] < heard + pages) {
    assert_false(sy_session_is_finished(&rig->session));
    rig_turn(rig);
  }
}

static void a_cable_that_is_pulled_during_a_read_changes_nothing(void **state)
{
  static const unsigned pages[] = {1, 2, 17, 60, PAGES - 1};
  static const uint32_t rates[] = {WIRE_RATE_DEFAULT, HIGHEST};
  Rig *rig = rig_with_both();

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++)
    for (unsigned j = 0; j < G_N_ELEMENTS(rates); j++) {
      Before *before = start_read(rig, &everything, rates[j]);
      unsigned leavings = rig->leavings;
      uint64_t pulled_us;

      read_pages(rig, pages[i]);
      assert_int_equal(rig->baud, rates[j]);
      pulled_us = rig_now_us(rig);
      rig_hang_up(rig);
      rig_run_ms(rig, SILENCE_MS + BACK_MS);
      assert_int_equal(rig->leavings, leavings + 1);
      assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
      assert_true(rig->leaving_us - pulled_us > (SILENCE_MS - 100) * 1000ull);
      assert_true(rig->leaving_us - pulled_us < (SILENCE_MS + 500) * 1000ull);
      assert_unchanged(rig, before);
      g_free(before);
    }
  rig_free(rig);
}

static void power_that_fails_during_a_read_changes_nothing(void **state)
{
  static const unsigned pages[] = {1, 40, PAGES - 1};
  Rig *rig = rig_with_both();

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++) {
    Before *before = start_read(rig, &everything, HIGHEST);

    read_pages(rig, pages[i]);
    sim_chip_power_off(rig_chip(rig));
    sim_chip_power_on(rig_chip(rig));
    rig_finish(rig);
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_REFUSED);
    assert_false(rig->session.result.touched);
    rig_run_ms(rig, BACK_MS);
    assert_unchanged(rig, before);
    g_free(before);
  }
  rig_free(rig);
}

static void a_cancel_brings_the_program_back_at_once(void **state)
{
  static const uint32_t rates[] = {WIRE_RATE_DEFAULT, HIGHEST};
  Rig *rig = rig_with_both();

  (void)state;
  for (unsigned j = 0; j < G_N_ELEMENTS(rates); j++) {
    Before *before = start_read(rig, &everything, rates[j]);
    uint64_t cancelled_us;

    read_pages(rig, 30);
    cancelled_us = rig_now_us(rig);
    sy_session_cancel(&rig->session, cancelled_us);
    rig_finish(rig);
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_REFUSED);
    assert_int_equal(rig->session.result.reason, SY_REASON_CANCELLED);
    assert_true(rig_now_us(rig) - cancelled_us < 2500 * 1000);
    print_message("# %u baud: the program was heard %u ms after the cancel\n", rates[j],
                  (unsigned)((rig_now_us(rig) - cancelled_us) / 1000));
    assert_unchanged(rig, before);
    g_free(before);
  }
  rig_free(rig);
}

static void a_line_with_latency_and_noise_is_read_through(void **state)
{
  Rig *rig = rig_with_both();
  Before *before;

  (void)state;
  rig_set_line(rig, 8000, 2e-5, 11);
  before = start_read(rig, &everything, HIGHEST);
  rig_finish(rig);
  assert_all_read(rig, before);
  assert_true(rig->session.result.counts.retries > 0); /* it was that bad */
  rig_set_line(rig, 0, 0, 1);
  assert_unchanged(rig, before);
  g_free(before);
  rig_free(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_banks_are_read_as_they_lie_in_the_chip_at_each_rate),
      cmocka_unit_test(the_first_64_bytes_cannot_be_read_and_are_a_gap),
      cmocka_unit_test(no_page_number_makes_the_loader_read_outside_flash),
      cmocka_unit_test(a_program_refuses_to_be_read),
      cmocka_unit_test(a_cable_that_is_pulled_during_a_read_changes_nothing),
      cmocka_unit_test(power_that_fails_during_a_read_changes_nothing),
      cmocka_unit_test(a_cancel_brings_the_program_back_at_once),
      cmocka_unit_test(a_line_with_latency_and_noise_is_read_through),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
