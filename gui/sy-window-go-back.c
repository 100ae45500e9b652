/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the two ways out of a trial. Keeping the program is done at once: it is what the
 * substation was upgraded for. Going back to the one in the other bank is asked for first. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-way-back.h"

#include <glib/gi18n.h>

/* In the menu, where what can't be chosen says why in its own label. */
void sy_window_update_go_back(SyWindow *self)
{
  g_autoptr(SyWayBack) way = sy_way_back_new(self->station);

  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.go-back",
                                way->ready && !self->job_cancellable);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.keep", way->keep && !self->job_cancellable);
  if (g_strcmp0(way->label, self->go_back_label) == 0 &&
      g_strcmp0(way->keep, self->keep_label) == 0)
    return; /* an open menu would close */
  g_free(self->go_back_label);
  g_free(self->keep_label);
  self->go_back_label = g_strdup(way->label);
  self->keep_label = g_strdup(way->keep);
  g_menu_remove_all(self->station_menu);
  if (way->keep)
    g_menu_append(self->station_menu, way->keep, "win.keep");
  g_menu_append(self->station_menu, way->label, "win.go-back");
}

void sy_window_keep(SyWindow *self)
{
  g_autoptr(SyWayBack) way = sy_way_back_new(self->station);

  if (way->keep && !self->job_cancellable)
    sy_window_start_job(self, SY_JOB_CONFIRM);
}

static void on_go_back_response(AdwMessageDialog *dialog, const char *response, SyWindow *self)
{
  g_autoptr(SyWayBack) way = sy_way_back_new(self->station);

  if (g_strcmp0(response, "go-back") != 0 || self->job_cancellable)
    return;
  /* A trial may have ended while the question stood. */
  if (!way->ready || way->bank != self->go_back_bank)
    adw_toast_overlay_add_toast(
        self->toasts, adw_toast_new(_("The substation runs another program by now; look again")));
  else
    sy_window_start_job(self, SY_JOB_GO_BACK);
}

static void on_go_back_dialog_destroyed(SyWindow *self)
{
  self->go_back_dialog = NULL;
}

void sy_window_ask_go_back(SyWindow *self)
{
  g_autoptr(SyWayBack) way = sy_way_back_new(self->station);

  if (!way->ready || self->job_cancellable || self->go_back_dialog)
    return;
  self->go_back_bank = way->bank;
  self->go_back_dialog =
      ADW_MESSAGE_DIALOG(adw_message_dialog_new(GTK_WINDOW(self), way->heading, way->body));
  adw_message_dialog_add_responses(self->go_back_dialog, "cancel", _("_Cancel"), "go-back",
                                   _("_Go Back"), NULL);
  adw_message_dialog_set_default_response(self->go_back_dialog, "cancel");
  adw_message_dialog_set_close_response(self->go_back_dialog, "cancel");
  g_signal_connect_object(self->go_back_dialog, "response", G_CALLBACK(on_go_back_response), self,
                          0);
  g_signal_connect_object(self->go_back_dialog, "destroy", G_CALLBACK(on_go_back_dialog_destroyed),
                          self, G_CONNECT_SWAPPED);
  gtk_window_present(GTK_WINDOW(self->go_back_dialog));
}
