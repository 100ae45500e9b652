/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is told to people: every cause has words of its own. */

#include "sy-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static void assert_all_differ(GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    for (guint k = 0; k < i; k++)
      assert_string_not_equal(g_ptr_array_index(texts, i), g_ptr_array_index(texts, k));
}

static void every_refusal_has_words_of_its_own(void **state)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

  (void)state;
  for (guint8 cause = WIRE_CAUSE_NONE; cause <= WIRE_CAUSE_UNPACKABLE; cause++) {
    WireNak nak = {.cause = cause, .type = WIRE_DATA, .detail = 1};

    g_ptr_array_add(texts, sy_nak_dup_text(&nak));
    assert_true(cause == WIRE_CAUSE_NONE || !strstr(g_ptr_array_index(texts, cause), "unknown"));
  }
  assert_all_differ(texts);
}

static void every_way_of_the_loader_to_leave_has_words_of_its_own(void **state)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  g_autofree SySession *session = g_new0(SySession, 1);
  SyLogLevel level;

  (void)state;
  for (guint8 cause = 0; cause <= WIRE_LEAVING_RUBBISH; cause++) {
    SyEvent event = {.kind = SY_EVENT_LEAVING, .cause = cause};

    g_ptr_array_add(texts, sy_event_dup_text(session, &event, &level));
  }
  assert_all_differ(texts);
}

static void every_end_of_a_trial_has_words_of_its_own(void **state)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new();

  (void)state;
  for (guint cause = WIRE_TRIAL_CAUSE_NONE; cause <= WIRE_TRIAL_CAUSE_OPERATOR; cause++)
    g_ptr_array_add(texts, (gpointer)sy_trial_cause_to_string(cause));
  assert_all_differ(texts);
}

static void a_block_that_the_rom_refused_is_told_from_one_that_did_not_hold(void **state)
{
  WireNak held = {.cause = WIRE_CAUSE_PROGRAM_FAILED, .detail = 7};
  WireNak refused = {.cause = WIRE_CAUSE_PROGRAM_FAILED, .detail = 7 | 11 << 16};
  g_autofree char *held_text = sy_nak_dup_text(&held);
  g_autofree char *refused_text = sy_nak_dup_text(&refused);

  (void)state;
  assert_non_null(strstr(held_text, "block 7 "));
  assert_non_null(strstr(refused_text, "block 7 "));
  assert_non_null(strstr(refused_text, "11"));
  assert_string_not_equal(held_text, refused_text);
}

static void what_is_unusual_about_the_loader_is_in_the_log(void **state)
{
  g_autofree SySession *session = g_new0(SySession, 1);
  SyEvent event = {.kind = SY_EVENT_IDENTITY};
  SyLogLevel level;

  (void)state;
  session->result.identity = (WireIdentity){.mode = WIRE_MODE_LOADER,
                                            .running_bank = WIRE_BANK_LOW,
                                            .flags = WIRE_FLAG_WATCHDOG | WIRE_FLAG_USER_MODE};
  g_autofree char *text = sy_event_dup_text(session, &event, &level);

  assert_non_null(strstr(text, "watchdog"));
  assert_non_null(strstr(text, "user mode"));
}

static void a_rate_and_what_was_left_there_are_told_in_plain_words(void **state)
{
  static const struct {
    SyEvent event;
    SyLogLevel level;
    const char *text;
  } cases[] = {
      {{.kind = SY_EVENT_RATE, .number = 691200},
       SY_LOG_INFO,
       "The line runs at 691200 baud from here"},
      {{.kind = SY_EVENT_RATE_FAILED, .number = 345600},
       SY_LOG_WARNING,
       "The line does not carry 345600 baud"},
      {{.kind = SY_EVENT_RATE_FAR, .number = 310},
       SY_LOG_INFO,
       "An answer takes 310 ms: too long to prove another rate, so this one stays"},
      {{.kind = SY_EVENT_RESUMED, .number = 1},
       SY_LOG_INFO,
       "1 block is there from an interrupted upgrade and stays"},
      {{.kind = SY_EVENT_RESUMED, .number = 48},
       SY_LOG_INFO,
       "48 blocks are there from an interrupted upgrade and stay"},
  };
  g_autofree SySession *session = g_new0(SySession, 1);

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    SyLogLevel level;
    g_autofree char *text = sy_event_dup_text(session, &cases[i].event, &level);

    assert_string_equal(text, cases[i].text);
    assert_int_equal(level, cases[i].level);
  }
}

static void every_phase_has_words_of_its_own(void **state)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

  (void)state;
  for (SyPhase phase = SY_PHASE_IDLE; phase < SY_PHASE_COUNT; phase++) {
    SyProgress progress = {.phase = phase, .bank = WIRE_BANK_HIGH, .version = 0x01010000};

    g_ptr_array_add(texts, sy_progress_dup_phase_text(&progress));
  }
  assert_all_differ(texts);
}

/* A frame has more than one block, and only its first is named. */
static void a_block_that_did_not_hold_is_told_by_its_sector(void **state)
{
  g_autofree SySession *session = g_new0(SySession, 1);
  SyEvent event = {.kind = SY_EVENT_BLOCK, .block = 17, .number = SY_BLOCK_FAILED};
  SyLogLevel level;
  g_autofree char *text = NULL;

  (void)state;
  session->progress.bank = WIRE_BANK_HIGH;
  text = sy_event_dup_text(session, &event, &level);
  assert_non_null(strstr(text, "sector 9 "));
  assert_int_equal(level, SY_LOG_WARNING);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_refusal_has_words_of_its_own),
      cmocka_unit_test(every_way_of_the_loader_to_leave_has_words_of_its_own),
      cmocka_unit_test(every_end_of_a_trial_has_words_of_its_own),
      cmocka_unit_test(a_block_that_the_rom_refused_is_told_from_one_that_did_not_hold),
      cmocka_unit_test(what_is_unusual_about_the_loader_is_in_the_log),
      cmocka_unit_test(a_rate_and_what_was_left_there_are_told_in_plain_words),
      cmocka_unit_test(a_block_that_did_not_hold_is_told_by_its_sector),
      cmocka_unit_test(every_phase_has_words_of_its_own),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
