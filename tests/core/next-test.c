/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What to do when a job has ended, and the end as plain text. */

#include "sy-next.h"
#include "sy-report.h"
#include "sy-text.h"
#include "wire-image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

/* HIGH 1.1.0 was wanted; LOW 1.0.0 runs. */
static SyResult create_result(SyOutcome outcome, SyReason reason)
{
  return (SyResult){
      .outcome = outcome,
      .reason = reason,
      .identified = true,
      .bank = WIRE_BANK_HIGH,
      .version = WIRE_VERSION(1, 1, 0),
      .blocks_total = 97,
      .duration_us = 3200 * 1000,
      .identity = {.mode = WIRE_MODE_PROGRAM,
                   .running_bank = WIRE_BANK_LOW,
                   .program_version = WIRE_VERSION(1, 0, 0),
                   .loader_version = WIRE_VERSION(1, 3, 0),
                   .product = 0x31535344,
                   .capabilities = WIRE_CAP_UPGRADE | WIRE_CAP_TRIAL,
                   .banks = {{.state = WIRE_BANK_VALID}, {.state = WIRE_BANK_EMPTY}}},
      .counts = {.retries = 4, .timeouts = 1, .bad_frames = 2, .naks = 3, .frames = 400},
  };
}

static void an_upgrade_that_is_done_can_be_disconnected_or_left_again(void **state)
{
  SyResult result = create_result(SY_OUTCOME_DONE, SY_REASON_NONE);
  g_autofree char *first = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  g_autofree char *second = NULL;

  (void)state;
  assert_string_equal(first, "You can disconnect the substation.");
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_NOTHING);
  result.identity.banks[1].state = WIRE_BANK_VALID;
  second = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  assert_non_null(strstr(second, "Its other program is kept"));
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_GO_BACK);
}

static void a_cancelled_upgrade_says_how_much_the_next_one_need_not_send(void **state)
{
  SyResult result = create_result(SY_OUTCOME_OLD_RUNS, SY_REASON_CANCELLED);
  g_autofree char *nothing = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  g_autofree char *some = NULL;

  (void)state;
  assert_string_equal(nothing, "You can upgrade again.");
  result.blocks_left = 32;
  some = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  assert_string_equal(some, "Upgrade again: it goes on where it stopped. About 32 of the 97 blocks "
                            "are kept.");
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_TRY_AGAIN);
}

static void a_program_that_failed_here_is_not_tried_again_at_once(void **state)
{
  SyResult result = create_result(SY_OUTCOME_OLD_RUNS, SY_REASON_RETURNED);
  g_autofree char *text = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);

  (void)state;
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_OPEN);
  assert_non_null(strstr(text, "open another one"));
}

static void a_file_that_does_not_fit_leads_to_another(void **state)
{
  SyResult result = create_result(SY_OUTCOME_REFUSED, SY_REASON_PRODUCT);

  (void)state;
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_OPEN);
  assert_int_equal(sy_result_get_next(SY_JOB_CHECK, &result), SY_NEXT_OPEN);
}

static void a_checksum_that_did_not_hold_in_flash_is_tried_again(void **state)
{
  SyResult result = create_result(SY_OUTCOME_OLD_RUNS, SY_REASON_NAK);
  g_autofree char *text = NULL;

  (void)state;
  result.nak.cause = WIRE_CAUSE_IMAGE_CRC;
  text = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  assert_string_equal(text, "You can upgrade again.");
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_TRY_AGAIN);
}

static void silence_leads_to_cable_and_power_and_another_try(void **state)
{
  SyResult result = create_result(SY_OUTCOME_LINK, SY_REASON_SILENT);
  g_autofree char *text = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);
  g_autofree char *sentence = sy_result_dup_sentence(SY_JOB_UPGRADE, &result);

  (void)state;
  assert_non_null(strstr(text, "cable and port"));
  assert_true(g_str_has_suffix(sentence, text));
  assert_int_equal(sy_result_get_next(SY_JOB_UPGRADE, &result), SY_NEXT_TRY_AGAIN);
}

static void a_dry_run_says_that_nothing_was_changed_and_leads_to_the_upgrade(void **state)
{
  SyResult result = create_result(SY_OUTCOME_DONE, SY_REASON_NONE);
  g_autofree char *sentence = sy_result_dup_sentence(SY_JOB_CHECK, &result);

  (void)state;
  assert_string_equal(sentence, "HIGH 1.1.0 would be written; nothing was changed.");
  assert_int_equal(sy_result_get_next(SY_JOB_CHECK, &result), SY_NEXT_UPGRADE);
}

static void every_end_that_failed_says_what_to_do_or_that_nothing_can_be_done(void **state)
{
  (void)state;
  for (SyOutcome outcome = SY_OUTCOME_LINK; outcome <= SY_OUTCOME_UNKNOWN; outcome++)
    for (SyReason reason = SY_REASON_CANCELLED; reason <= SY_REASON_ON_TRIAL; reason++) {
      SyResult result = create_result(outcome, reason);
      g_autofree char *text = sy_result_dup_next_text(SY_JOB_UPGRADE, &result);

      assert_non_null(text);
    }
}

static void refusals_are_told_by_their_cause(void **state)
{
  SyCounts counts = {.naks = 3};
  g_autofree char *none = sy_counts_dup_refusals_text(&(SyCounts){.naks = 0});
  g_autofree char *text = NULL;

  (void)state;
  counts.naks_by_cause[WIRE_CAUSE_DAMAGED] = 2;
  counts.naks_by_cause[WIRE_CAUSE_NOT_NOW] = 1;
  text = sy_counts_dup_refusals_text(&counts);
  assert_null(none);
  assert_string_equal(text, "3 refusals (not now 1, arrived damaged 2)");
  for (guint i = 0; i < SY_CAUSE_COUNT; i++)
    for (guint k = 0; k < i; k++) {
      assert_string_not_equal(sy_cause_get_label(i), sy_cause_get_label(k));
      assert_string_not_equal(sy_cause_get_key(i), sy_cause_get_key(k));
    }
}

static void the_report_has_everything_that_somebody_else_has_to_know(void **state)
{
  static const char *const pieces[] = {
      "Date: 2026-",
      "Port: /dev/ttyUSB0\n",
      "Substation: DSS1, loader 1.3.0\n",
      "File: release.hex\n",
      "Release: 1.1.0 for HIGH\n",
      "Result: It was cancelled.\n",
      "Next: You can upgrade again.\n",
      "Took: 3.20 s\n",
      "Line: good\n",
      "Retries: 4\n",
      "Timeouts: 1\n",
      "Bad frames: 2\n",
      "Refusals: 3 refusals (arrived damaged 3)\n",
  };
  SyResult result = create_result(SY_OUTCOME_OLD_RUNS, SY_REASON_CANCELLED);
  SyReport report = {.time_us = G_GINT64_CONSTANT(1790000000000000),
                     .port = "/dev/ttyUSB0",
                     .file = "release.hex",
                     .sentence = "It was cancelled.",
                     .job = SY_JOB_UPGRADE,
                     .result = &result};
  g_autofree char *text = NULL;

  (void)state;
  result.counts.naks_by_cause[WIRE_CAUSE_DAMAGED] = 3;
  result.counts.frames = 4000;
  text = sy_report_dup_text(&report);
  for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
    if (!strstr(text, pieces[i]))
      fail_msg("no “%s” in\n%s", pieces[i], text);
  report.file = NULL;
  report.settled = TRUE;
  g_free(text);
  text = sy_report_dup_text(&report);
  assert_null(strstr(text, "File:"));
  assert_null(strstr(text, "Next:"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_upgrade_that_is_done_can_be_disconnected_or_left_again),
      cmocka_unit_test(a_cancelled_upgrade_says_how_much_the_next_one_need_not_send),
      cmocka_unit_test(a_program_that_failed_here_is_not_tried_again_at_once),
      cmocka_unit_test(a_file_that_does_not_fit_leads_to_another),
      cmocka_unit_test(a_checksum_that_did_not_hold_in_flash_is_tried_again),
      cmocka_unit_test(silence_leads_to_cable_and_power_and_another_try),
      cmocka_unit_test(a_dry_run_says_that_nothing_was_changed_and_leads_to_the_upgrade),
      cmocka_unit_test(every_end_that_failed_says_what_to_do_or_that_nothing_can_be_done),
      cmocka_unit_test(refusals_are_told_by_their_cause),
      cmocka_unit_test(the_report_has_everything_that_somebody_else_has_to_know),
  };

  return cmocka_run_group_tests_name("next", tests, NULL, NULL);
}
