/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How drills are judged: by the result of the upgrade, and by what really happened. */

#include "sy-drill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const SyResult done = {.outcome = SY_OUTCOME_DONE, .phase = SY_PHASE_FINISHED};
static const SyResult lost = {.outcome = SY_OUTCOME_UNKNOWN, .reason = SY_REASON_LINK_LOST};
static const SyResult silent = {.outcome = SY_OUTCOME_UNKNOWN, .reason = SY_REASON_SILENT};
static const SyResult stopped = {.outcome = SY_OUTCOME_OLD_RUNS, .reason = SY_REASON_SILENT};
static const SyResult restarted = {.outcome = SY_OUTCOME_OLD_RUNS, .reason = SY_REASON_RESTARTED};
static const SyResult worn = {.outcome = SY_OUTCOME_OLD_RUNS,
                              .reason = SY_REASON_NAK,
                              .nak = {.cause = WIRE_CAUSE_PROGRAM_FAILED}};
static const SyResult refused = {.outcome = SY_OUTCOME_OLD_RUNS,
                                 .reason = SY_REASON_NAK,
                                 .nak = {.cause = WIRE_CAUSE_WRONG_IMAGE}};
static const SyResult hung = {.outcome = SY_OUTCOME_OLD_RUNS,
                              .reason = SY_REASON_RETURNED,
                              .identified = true,
                              .identity = {.trial_cause = WIRE_TRIAL_CAUSE_HANG}};
static const SyResult crashed = {.outcome = SY_OUTCOME_OLD_RUNS,
                                 .reason = SY_REASON_RETURNED,
                                 .identified = true,
                                 .identity = {.trial_cause = WIRE_TRIAL_CAUSE_CRASH}};
static const SyResult cancelled = {.outcome = SY_OUTCOME_OLD_RUNS, .reason = SY_REASON_CANCELLED};

static const SyResult *const results[] = {&done, &lost,    &silent, &stopped, &restarted,
                                          &worn, &refused, &hung,   &crashed};

static SyDrillVerdict judge(SyDrillKind kind, const SyResult *result)
{
  return sy_drill_judge(sy_drill_get(kind), result, 1);
}

/* Of all results only those up to NULL are as expected. */
static void assert_expected(SyDrillKind kind, const SyResult *const *expected)
{
  for (guint n = 0; n < G_N_ELEMENTS(results); n++) {
    gboolean wanted = FALSE;

    for (guint i = 0; expected[i]; i++)
      wanted |= expected[i] == results[n];
    if (judge(kind, results[n]) != (wanted ? SY_DRILL_AS_EXPECTED : SY_DRILL_OTHERWISE))
      fail_msg("%s: result %u", sy_drill_get(kind)->name, n);
  }
}

static void each_drill_expects_its_own_end(void **state)
{
  (void)state;
  assert_expected(SY_DRILL_NOISE, (const SyResult *const[]){&done, NULL});
  assert_expected(SY_DRILL_DROP, (const SyResult *const[]){&done, NULL});
  assert_expected(SY_DRILL_CABLE, (const SyResult *const[]){&lost, NULL});
  assert_expected(SY_DRILL_POWER, (const SyResult *const[]){&restarted, NULL});
  assert_expected(SY_DRILL_SILENT,
                  (const SyResult *const[]){&silent, &stopped, &restarted, &done, NULL});
  assert_expected(SY_DRILL_WORN, (const SyResult *const[]){&worn, NULL});
  assert_expected(SY_DRILL_HANG, (const SyResult *const[]){&hung, NULL});
}

static void without_its_fault_no_end_is_as_expected(void **state)
{
  (void)state;
  for (SyDrillKind kind = 0; kind < SY_DRILL_COUNT; kind++)
    for (guint n = 0; n < G_N_ELEMENTS(results); n++)
      if (sy_drill_get(kind)->fault)
        assert_int_equal(sy_drill_judge(sy_drill_get(kind), results[n], 0), SY_DRILL_NO_FAULT);
}

static void what_was_cancelled_or_did_not_begin_is_not_judged(void **state)
{
  (void)state;
  for (SyDrillKind kind = 0; kind < SY_DRILL_COUNT; kind++) {
    assert_int_equal(judge(kind, &cancelled), SY_DRILL_CANCELLED);
    assert_int_equal(judge(kind, NULL), SY_DRILL_NOT_BEGUN);
  }
}

static void each_verdict_has_words_of_its_own(void **state)
{
  (void)state;
  for (SyDrillVerdict one = SY_DRILL_AS_EXPECTED; one <= SY_DRILL_NOT_BEGUN; one++)
    for (SyDrillVerdict other = SY_DRILL_AS_EXPECTED; other < one; other++)
      assert_string_not_equal(sy_drill_verdict_to_string(one), sy_drill_verdict_to_string(other));
}

static void drills_are_found_by_name_and_say_all_there_is_to_say(void **state)
{
  (void)state;
  assert_null(sy_drill_find("fire"));
  for (SyDrillKind kind = 0; kind < SY_DRILL_COUNT; kind++) {
    const SyDrill *drill = sy_drill_get(kind);

    assert_ptr_equal(sy_drill_find(drill->name), drill);
    assert_true(drill->title && drill->what && drill->expect && drill->proof);
    assert_true(!drill->fault != !drill->file);
    assert_true(!drill->standing == !drill->remedy && !drill->standing == !drill->next);
  }
}

static void the_worn_block_lies_in_the_bank_to_be_written(void **state)
{
  const SyDrill *drill = sy_drill_get(SY_DRILL_WORN);

  (void)state;
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    guint32 addr = sy_drill_get_number(drill, bank) * WIRE_BLOCK_SIZE;

    assert_true(addr > wire_bank_get_addr(bank));
    assert_true(addr < wire_bank_get_addr(bank) + 10 * WIRE_BLOCK_SIZE);
  }
}

static char *dup_end(SyDrillKind kind, const SyResult *result, guint fired, gboolean stands)
{
  return sy_drill_dup_end_text(sy_drill_get(kind), result, fired, stands);
}

static void the_end_has_figures_and_what_to_do_next(void **state)
{
  SyResult noisy = done;
  g_autofree char *figures = NULL;
  g_autofree char *again = dup_end(SY_DRILL_NOISE, &done, 0, FALSE);
  g_autofree char *standing = dup_end(SY_DRILL_CABLE, &lost, 1, TRUE);
  g_autofree char *ended = dup_end(SY_DRILL_CABLE, &lost, 1, FALSE);

  (void)state;
  noisy.counts.retries = 5;
  figures = dup_end(SY_DRILL_NOISE, &noisy, 12, FALSE);
  assert_non_null(strstr(figures, "Bits turned: 12. Frames sent again: 5."));
  assert_null(strstr(again, "Bits"));
  assert_non_null(strstr(again, "Start the drill again."));
  assert_non_null(strstr(standing, "Now plug it in again"));
  assert_null(strstr(ended, "Now plug it in again"));
}

static void while_it_runs_it_is_told_whether_the_fault_has_happened(void **state)
{
  const SyDrill *drill = sy_drill_get(SY_DRILL_NOISE);
  g_autofree char *none = sy_drill_dup_running_text(drill, 0);
  g_autofree char *once = sy_drill_dup_running_text(drill, 1);
  g_autofree char *often = sy_drill_dup_running_text(drill, 3);

  (void)state;
  assert_string_equal(none, "The fault has not happened yet.");
  assert_string_equal(once, "The fault has happened.");
  assert_string_equal(often, "The fault has happened 3 times.");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_drill_expects_its_own_end),
      cmocka_unit_test(without_its_fault_no_end_is_as_expected),
      cmocka_unit_test(what_was_cancelled_or_did_not_begin_is_not_judged),
      cmocka_unit_test(each_verdict_has_words_of_its_own),
      cmocka_unit_test(drills_are_found_by_name_and_say_all_there_is_to_say),
      cmocka_unit_test(the_worn_block_lies_in_the_bank_to_be_written),
      cmocka_unit_test(the_end_has_figures_and_what_to_do_next),
      cmocka_unit_test(while_it_runs_it_is_told_whether_the_fault_has_happened),
  };

  return cmocka_run_group_tests_name("drills judged", tests, NULL, NULL);
}
