/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: how an upgrade begins. An ordinary one at once; one that loses what somebody may still
 * want is asked about first. And what its checks advise: a dry run, another port, the findings. */

#include "sy-config.h"

#include "sy-window-private.h"

#include <glib/gi18n.h>

static void on_response(AdwMessageDialog *dialog, const char *response, SyWindow *self)
{
  const char *asked = adw_message_dialog_get_body(dialog);
  g_autoptr(SyPlan) plan = NULL;

  if (g_strcmp0(response, "upgrade") != 0 || self->job_cancellable)
    return;
  plan = sy_window_make_plan(self);
  /* The substation may have gone or another program may run by now. */
  if (!plan->ready || g_strcmp0(plan->body, asked) != 0)
    sy_window_tell(self, _("The substation or the file is another by now; look again"));
  else
    sy_window_start_job(self, SY_JOB_UPGRADE);
}

static void on_destroyed(SyWindow *self)
{
  self->upgrade_dialog = NULL;
}

static void ask(SyWindow *self, const SyPlan *plan)
{
  GtkWidget *dialog = adw_message_dialog_new(GTK_WINDOW(self), plan->question, plan->body);

  self->upgrade_dialog = ADW_MESSAGE_DIALOG(dialog);
  adw_message_dialog_add_responses(self->upgrade_dialog, "cancel", _("_Cancel"), "upgrade",
                                   plan->answer, NULL);
  adw_message_dialog_set_response_appearance(self->upgrade_dialog, "upgrade",
                                             ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response(self->upgrade_dialog, "cancel");
  adw_message_dialog_set_close_response(self->upgrade_dialog, "cancel");
  g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self, 0);
  g_signal_connect_object(dialog, "destroy", G_CALLBACK(on_destroyed), self, G_CONNECT_SWAPPED);
  gtk_window_present(GTK_WINDOW(dialog));
}

static void activate_upgrade(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autoptr(SyPlan) plan = sy_window_make_plan(self);

  if (sy_window_is_board_shown(self)) {
    sy_window_upgrade_board(self);
    return;
  }
  if (!plan->ready || self->job_cancellable || self->upgrade_dialog)
    return;
  if (plan->question)
    ask(self, plan);
  else
    sy_window_start_job(self, SY_JOB_UPGRADE);
}

static void activate_dry_run(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autoptr(SyPlan) plan = sy_window_make_plan(self);

  if (plan->checkable && !self->job_cancellable)
    sy_window_start_job(self, SY_JOB_CHECK);
}

static void activate_choose_port(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  adw_view_stack_set_visible_child_name(self->narrow_pages, "substation");
  sy_station_panel_choose_port(self->station_panel);
}

static void activate_findings(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  sy_window_present_image(self);
  sy_image_panel_show_view(self->image_panel, "findings");
}

void sy_window_class_init_upgrade_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.upgrade", NULL, activate_upgrade);
  gtk_widget_class_install_action(widget_class, "win.dry-run", NULL, activate_dry_run);
  gtk_widget_class_install_action(widget_class, "win.choose-port", NULL, activate_choose_port);
  gtk_widget_class_install_action(widget_class, "win.show-findings", NULL, activate_findings);
}

void sy_window_update_board_keys(SyWindow *self)
{
  /* While a job of the window runs, its own button is in sight, which does nothing then. */
  gboolean can = sy_window_is_board_shown(self) && !self->job_cancellable
                     ? sy_window_can_upgrade_board(self)
                     : self->can_upgrade;

  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.upgrade", can);
  sy_window_update_copy(self);
}

void sy_window_update_upgrade_actions(SyWindow *self, const SyPlan *plan)
{
  GtkWidget *widget = GTK_WIDGET(self);
  gboolean running = self->job_cancellable != NULL;

  self->can_upgrade = plan->ready && !running;
  sy_window_update_board_keys(self);
  gtk_widget_action_set_enabled(widget, "win.dry-run", plan->checkable && !running);
  gtk_widget_action_set_enabled(widget, "win.choose-port", !running);
  gtk_widget_action_set_enabled(widget, "win.show-findings", self->release != NULL);
}
