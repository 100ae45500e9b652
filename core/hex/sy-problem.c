/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyProblems.
 */

#include "sy-problem.h"

#include <glib/gi18n-lib.h>

struct _SyProblems {
  gatomicrefcount ref_count;
  GArray *kept; /* of SyProblem */
  guint64 counts[SY_SEVERITY_ERROR + 1];
};

G_DEFINE_BOXED_TYPE(SyProblems, sy_problems, sy_problems_ref, sy_problems_unref)

static void clear_problem(gpointer problem)
{
  g_clear_pointer(&((SyProblem *)problem)->text, g_free);
}

SyProblems *sy_problems_new(void)
{
  SyProblems *problems = g_new0(SyProblems, 1);

  g_atomic_ref_count_init(&problems->ref_count);
  problems->kept = g_array_new(FALSE, FALSE, sizeof(SyProblem));
  g_array_set_clear_func(problems->kept, clear_problem);
  return problems;
}

SyProblems *sy_problems_ref(SyProblems *problems)
{
  g_return_val_if_fail(problems, NULL);
  g_atomic_ref_count_inc(&problems->ref_count);
  return problems;
}

void sy_problems_unref(SyProblems *problems)
{
  g_return_if_fail(problems);
  if (!g_atomic_ref_count_dec(&problems->ref_count))
    return;
  g_array_unref(problems->kept);
  g_free(problems);
}

gboolean sy_problems_has_room(SyProblems *problems, SySeverity severity)
{
  g_return_val_if_fail(problems && severity <= SY_SEVERITY_ERROR, FALSE);
  return problems->counts[severity] < SY_PROBLEMS_MAX;
}

void sy_problems_take(SyProblems *problems, const SyProblem *problem)
{
  g_return_if_fail(problems && problem);
  g_return_if_fail(problem->severity == SY_SEVERITY_WARNING ||
                   problem->severity == SY_SEVERITY_ERROR);

  if (sy_problems_has_room(problems, problem->severity))
    g_array_append_val(problems->kept, *problem);
  else
    g_free(problem->text);
  problems->counts[problem->severity]++;
}

guint sy_problems_get_n(SyProblems *problems)
{
  g_return_val_if_fail(problems, 0);
  return problems->kept->len;
}

const SyProblem *sy_problems_get(SyProblems *problems, guint index)
{
  g_return_val_if_fail(problems && index < problems->kept->len, NULL);
  return &g_array_index(problems->kept, SyProblem, index);
}

guint64 sy_problems_count(SyProblems *problems, SySeverity severity)
{
  g_return_val_if_fail(problems && severity <= SY_SEVERITY_ERROR, 0);
  return problems->counts[severity];
}

const SyProblem *sy_problems_get_first_error(SyProblems *problems)
{
  for (guint i = 0; i < sy_problems_get_n(problems); i++)
    if (sy_problems_get(problems, i)->severity == SY_SEVERITY_ERROR)
      return sy_problems_get(problems, i);
  return NULL;
}

char *sy_problem_dup_sentence(const SyProblem *problem)
{
  g_return_val_if_fail(problem, NULL);

  if (problem->line == 0)
    return g_strdup(problem->text);
  if (problem->column == 0)
    return g_strdup_printf(_("line %u: %s"), problem->line, problem->text);
  return g_strdup_printf(_("line %u, column %u: %s"), problem->line, problem->column,
                         problem->text);
}
