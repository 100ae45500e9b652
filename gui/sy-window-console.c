/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: saves the console's readings. */

#include "sy-config.h"

#include "sy-window-private.h"

#include <glib/gi18n.h>

typedef struct {
  GWeakRef window;
  GBytes *csv;
  guint count;
} Saving;

static void saving_free(Saving *saving)
{
  g_weak_ref_clear(&saving->window);
  g_bytes_unref(saving->csv);
  g_free(saving);
}

static void on_saved(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = user_data;
  g_autoptr(SyWindow) window = g_weak_ref_get(&saving->window);
  g_autoptr(GError) error = NULL;
  gboolean saved = g_file_replace_contents_finish(G_FILE(source), result, NULL, &error);

  if (!window && error)
    g_warning("%s", error->message);
  else if (!saved)
    sy_window_tell_trouble(window, _("The Readings Can’t Be Saved"), error);
  else if (window) {
    g_autofree char *name = g_file_get_basename(G_FILE(source));
    g_autofree char *shown = g_filename_display_name(name);
    g_autofree char *text = g_strdup_printf(
        /* Translators: a number, and a file's name. */
        ngettext("%u reading saved as %s", "%u readings saved as %s", saving->count), saving->count,
        shown);

    sy_window_tell(window, text);
  }
  saving_free(saving);
  g_application_release(g_application_get_default());
}

void sy_window_save_readings_to(SyWindow *self, GFile *target)
{
  SyConsole *console;
  Saving *saving;
  char *csv;

  g_return_if_fail(SY_IS_WINDOW(self) && G_IS_FILE(target));

  if (!self->station)
    return;
  console = sy_station_get_console(self->station);
  csv = sy_console_dup_csv(console);
  saving = g_new0(Saving, 1);
  g_weak_ref_init(&saving->window, self);
  saving->csv = g_bytes_new_take(csv, strlen(csv));
  saving->count = sy_console_get_n_readings(console);
  /* The program stays until all is written, whatever becomes of the window. */
  g_application_hold(g_application_get_default());
  g_file_replace_contents_bytes_async(target, saving->csv, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                      on_saved, saving);
}

static void on_target(GtkNativeDialog *chooser, int response, SyWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));

    if (file)
      sy_window_save_readings_to(self, file);
  }
  g_object_unref(chooser);
}

void sy_window_ask_save_readings(SyWindow *self)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
      _("Save Readings"), GTK_WINDOW(self), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), NULL);
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  g_autofree char *name = g_date_time_format(now, "readings-%Y-%m-%d-%H%M.csv");

  gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(chooser), name);
  g_signal_connect_object(chooser, "response", G_CALLBACK(on_target), self, 0);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}
