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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_refusal_has_words_of_its_own),
      cmocka_unit_test(every_way_of_the_loader_to_leave_has_words_of_its_own),
      cmocka_unit_test(every_end_of_a_trial_has_words_of_its_own),
      cmocka_unit_test(a_block_that_the_rom_refused_is_told_from_one_that_did_not_hold),
      cmocka_unit_test(what_is_unusual_about_the_loader_is_in_the_log),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
