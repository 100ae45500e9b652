/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: where the time of the upgrade went that ended last. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-life-window.h"

/* Shown are the figures of the end that is shown. */
void sy_window_set_life(SyWindow *self, const SyResult *result)
{
  SyLifeTable table;

  g_clear_pointer(&self->life, g_free);
  if (result && sy_life_table_fill(&table, result))
    self->life = g_memdup2(&table, sizeof table);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.life", self->life != NULL);
  if (self->life_window)
    gtk_window_destroy(GTK_WINDOW(self->life_window));
}

static void on_life_window_destroyed(SyWindow *self)
{
  self->life_window = NULL;
}

void sy_window_show_life(SyWindow *self)
{
  if (!self->life)
    return;
  if (!self->life_window) {
    self->life_window = GTK_WIDGET(sy_life_window_new(GTK_WINDOW(self), self->life));
    g_signal_connect_object(self->life_window, "destroy", G_CALLBACK(on_life_window_destroyed),
                            self, G_CONNECT_SWAPPED);
  }
  gtk_window_present(GTK_WINDOW(self->life_window));
}
