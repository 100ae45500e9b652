/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the end of a job that is shown, to be copied as text. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-report.h"

#include <glib/gi18n.h>

struct _SyEnd {
  SyResult result;
  SyJob job;
  gint64 time_us;
  char *port;
  char *file; /* NULL where none was sent */
  gboolean settled;
};

static void end_free(SyEnd *end)
{
  g_free(end->port);
  g_free(end->file);
  g_free(end);
}

/* A drill may send another file than the one that is open. */
static char *dup_sent_file(SyWindow *self)
{
  SyImageFile *file = self->drill_release ? sy_release_get_file(self->drill_release) : NULL;
  g_autofree char *basename = NULL;

  if (self->job != SY_JOB_UPGRADE && self->job != SY_JOB_CHECK)
    return NULL;
  if (!file)
    return g_strdup(self->file_name);
  basename = g_file_get_basename(sy_image_file_get_file(file));
  return g_filename_display_name(basename);
}

void sy_window_set_end(SyWindow *self, const SyResult *result)
{
  g_clear_pointer(&self->end, end_free);
  if (result) {
    self->end = g_new0(SyEnd, 1);
    self->end->result = *result;
    self->end->job = self->job;
    self->end->time_us = g_get_real_time();
    self->end->port = g_strdup(sy_station_get_port(self->station));
    self->end->file = dup_sent_file(self);
  }
  sy_window_update_copy(self);
}

/* Of the board while that is in front. */
void sy_window_update_copy(SyWindow *self)
{
  gboolean can =
      sy_window_is_board_shown(self) ? sy_window_can_copy_board(self) : self->end != NULL;

  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.copy-result", can);
}

void sy_window_settle_end(SyWindow *self)
{
  if (self->end)
    self->end->settled = TRUE;
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autofree char *text = NULL;
  SyReport report;

  if (sy_window_is_board_shown(self)) {
    sy_window_copy_board(self, FALSE);
    return;
  }
  if (!self->end)
    return;
  report = (SyReport){
      .time_us = self->end->time_us,
      .port = self->end->port,
      .file = self->end->file,
      .sentence = sy_progress_panel_get_sentence(self->progress_panel),
      .settled = self->end->settled,
      .job = self->end->job,
      .result = &self->end->result,
  };
  text = sy_report_dup_text(&report);
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  sy_window_tell(self, _("Copied"));
}

void sy_window_forget_end(SyWindow *self)
{
  sy_progress_panel_clear(self->progress_panel);
  sy_window_set_life(self, NULL);
  sy_window_set_end(self, NULL);
  self->doubt = SY_DOUBT_NONE;
}

static void activate_forget(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_forget_end(SY_WINDOW(widget));
}

void sy_window_class_init_end_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.copy-result", NULL, activate_copy);
  gtk_widget_class_install_action(widget_class, "win.forget-result", NULL, activate_forget);
}
