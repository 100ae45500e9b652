/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What pressing Upgrade or Retry on a board would do now. */

#include "sy-config.h"

#include "sy-board-plan.h"

#include <glib/gi18n.h>

SyPlan *sy_board_plan_row(SyBoardRow *row, const SyPlanInput *input)
{
  SyPlanInput own = *input;

  own.station = sy_board_row_get_station(row);
  return sy_plan_new(&own);
}

gboolean sy_board_plan_is_settled(SyBoardRow *row, const SyPlan *plan)
{
  return sy_board_row_get_state(row) == SY_BOARD_PASSED && plan->ready &&
         plan->loss == SY_PLAN_REINSTALLS;
}

static gboolean has_failed(SyBoardRow *row)
{
  SyBoardState state = sy_board_row_get_state(row);

  return state == SY_BOARD_FAILED || state == SY_BOARD_NOT_REACHED || state == SY_BOARD_CANCELLED;
}

/* Why none of the substations can be upgraded, whichever they are; NULL when it is not the file. */
static char *dup_file_reason(const SyPlanInput *input)
{
  const char *error = input->release ? sy_release_get_error(input->release) : NULL;
  SyPlanInput nobody = *input;
  g_autoptr(SyPlan) plan = NULL;

  if (input->release && !input->loading && !input->load_failed)
    return g_strdup(error);
  nobody.station = NULL;
  plan = sy_plan_new(&nobody);
  return g_steal_pointer(&plan->reason);
}

static char *dup_reason(SyBoard *board, const SyBoardPlan *plan, guint settled,
                        const SyPlanInput *input)
{
  char *reason = dup_file_reason(input);

  if (reason)
    return reason;
  if (sy_board_is_running(board))
    return g_strdup(_("Upgrades are running."));
  if (plan->ready->len > 0)
    return NULL;
  if (settled > 0 && settled == g_list_model_get_n_items(G_LIST_MODEL(board)))
    return g_strdup(_("All substations run this release."));
  return g_strdup(_("No substation is ready."));
}

SyBoardPlan *sy_board_plan_new(SyBoard *board, const SyPlanInput *input)
{
  SyBoardPlan *plan = g_new0(SyBoardPlan, 1);
  guint settled = 0;
  SyBoardRow *row;

  plan->ready = g_ptr_array_new_with_free_func(g_object_unref);
  plan->failures = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = 0; (row = sy_board_get_row(board, n)); n++) {
    g_autoptr(SyPlan) own = sy_board_row_is_busy(row) ? NULL : sy_board_plan_row(row, input);

    if (!own)
      continue;
    if (sy_board_plan_is_settled(row, own))
      settled++;
    else if (own->ready)
      g_ptr_array_add(plan->ready, g_object_ref(row));
    /* Nobody has to have answered since: trying is finding out. */
    if (has_failed(row) && sy_station_get_state(sy_board_row_get_station(row)) != SY_STATION_BUSY)
      g_ptr_array_add(plan->failures, g_object_ref(row));
  }
  plan->reason = dup_reason(board, plan, settled, input);
  return plan;
}

void sy_board_plan_free(SyBoardPlan *plan)
{
  g_ptr_array_unref(plan->ready);
  g_ptr_array_unref(plan->failures);
  g_free(plan->reason);
  g_free(plan);
}

/* --- what is lost --- */

static char *dup_loss_text(SyPlanLoss loss, guint count)
{
  const char *format = NULL;

  switch (loss) {
  case SY_PLAN_SENDS_AGAIN:
    format = ngettext("%u substation has tried this program and left it.",
                      "%u substations have tried this program and left it.", count);
    break;
  case SY_PLAN_CONFIRMS_FIRST:
    format = ngettext("%u runs a program on trial, which is confirmed first, proven or not.",
                      "%u run a program on trial, which is confirmed first, proven or not.", count);
    break;
  case SY_PLAN_DOWNGRADES:
    format = ngettext("%u runs a newer version and is downgraded.",
                      "%u run a newer version and are downgraded.", count);
    break;
  case SY_PLAN_REINSTALLS:
    format = ngettext("%u runs this version already.", "%u run this version already.", count);
    break;
  case SY_PLAN_LOSES_NOTHING:
  case SY_PLAN_LOSSES:
  default:
    return NULL;
  }
  return g_strdup_printf(format, count);
}

SyBoardQuestion *sy_board_question_new(GPtrArray *rows, const SyPlanInput *input)
{
  SyBoardQuestion *question = g_new0(SyBoardQuestion, 1);
  GString *body = g_string_new(NULL);
  guint losses[SY_PLAN_LOSSES] = {0};

  question->harmless = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = 0; n < rows->len; n++) {
    g_autoptr(SyPlan) plan = sy_board_plan_row(rows->pdata[n], input);

    losses[plan->loss]++;
    if (plan->loss == SY_PLAN_LOSES_NOTHING)
      g_ptr_array_add(question->harmless, g_object_ref(rows->pdata[n]));
  }
  for (guint loss = SY_PLAN_LOSES_NOTHING + 1; loss < SY_PLAN_LOSSES; loss++) {
    g_autofree char *text = losses[loss] > 0 ? dup_loss_text(loss, losses[loss]) : NULL;

    if (text)
      g_string_append_printf(body, "%s\n", text);
  }
  if (body->len > 0)
    g_string_append(body, _("What their other banks hold is overwritten: there is no going back "
                            "to it."));
  question->body = g_string_free(body, body->len == 0);
  return question;
}

void sy_board_question_free(SyBoardQuestion *question)
{
  g_ptr_array_unref(question->harmless);
  g_free(question->body);
  g_free(question);
}
