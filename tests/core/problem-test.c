/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyProblems: counted all, kept up to a limit, each with its sentence.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sy-problem.h"

static void take(SyProblems *problems, SySeverity severity, guint line, guint column)
{
  SyProblem problem = {severity, 0, line, column, G_MAXUINT32, g_strdup("it is odd.")};

  sy_problems_take(problems, &problem);
}

static void a_sentence_begins_with_what_is_known_of_its_place(void **state)
{
  (void)state;
  SyProblem problem = {SY_SEVERITY_ERROR, 0, 0, 0, G_MAXUINT32, (char *)"The file is empty."};
  g_autofree char *whole = sy_problem_dup_sentence(&problem);

  problem.line = 42;

  g_autofree char *line = sy_problem_dup_sentence(&problem);

  problem.column = 7;

  g_autofree char *column = sy_problem_dup_sentence(&problem);

  assert_string_equal(whole, "The file is empty.");
  assert_string_equal(line, "line 42: The file is empty.");
  assert_string_equal(column, "line 42, column 7: The file is empty.");
}

static void each_severity_has_its_own_limit_and_all_are_counted(void **state)
{
  (void)state;
  g_autoptr(SyProblems) problems = sy_problems_new();

  assert_null(sy_problems_get_first_error(problems));
  for (guint i = 0; i < SY_PROBLEMS_MAX + 10; i++)
    take(problems, SY_SEVERITY_WARNING, i + 1, 0);
  assert_false(sy_problems_has_room(problems, SY_SEVERITY_WARNING));
  assert_true(sy_problems_has_room(problems, SY_SEVERITY_ERROR));
  assert_null(sy_problems_get_first_error(problems));
  take(problems, SY_SEVERITY_ERROR, 1000, 3);
  take(problems, SY_SEVERITY_ERROR, 1001, 3);
  assert_int_equal(sy_problems_count(problems, SY_SEVERITY_WARNING), SY_PROBLEMS_MAX + 10);
  assert_int_equal(sy_problems_count(problems, SY_SEVERITY_ERROR), 2);
  assert_int_equal(sy_problems_get_n(problems), SY_PROBLEMS_MAX + 2);
  assert_int_equal(sy_problems_get(problems, SY_PROBLEMS_MAX - 1)->line, SY_PROBLEMS_MAX);
  assert_int_equal(sy_problems_get_first_error(problems)->line, 1000);
}

static void they_stay_alive_by_reference(void **state)
{
  (void)state;
  g_auto(GValue) value = G_VALUE_INIT;
  SyProblems *problems = sy_problems_new();

  take(problems, SY_SEVERITY_ERROR, 5, 0);
  g_value_init(&value, SY_TYPE_PROBLEMS);
  g_value_set_boxed(&value, problems);
  sy_problems_unref(problems);
  assert_int_equal(sy_problems_get(g_value_get_boxed(&value), 0)->line, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sentence_begins_with_what_is_known_of_its_place),
      cmocka_unit_test(each_severity_has_its_own_limit_and_all_are_counted),
      cmocka_unit_test(they_stay_alive_by_reference),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
