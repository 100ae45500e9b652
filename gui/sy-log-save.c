/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log to a file that a person chose. */

#include "sy-config.h"

#include "sy-log-save.h"

#include "sy-journal.h"
#include "sy-log-rows.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* ---- Writing ---- */

typedef struct {
  GPtrArray *entries;
  GFile *file;
  gboolean json;
} Order;

static void order_free(gpointer data)
{
  Order *order = data;

  g_ptr_array_unref(order->entries);
  g_object_unref(order->file);
  g_free(order);
}

static void append_json(GString *text, GPtrArray *entries)
{
  g_string_append(text, "[\n");
  for (guint i = 0; i < entries->len; i++) {
    SyLogEntry *entry = g_ptr_array_index(entries, i);
    const SyJournalLine line = {
        .time_us = sy_log_entry_get_time(entry),
        .level = sy_log_level_to_string(sy_log_entry_get_level(entry)),
        .text = sy_log_entry_get_text(entry),
    };

    sy_journal_format(text, &line);
    g_string_append(text, i + 1 < entries->len ? ",\n" : "\n");
  }
  g_string_append(text, "]\n");
}

static void save_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Order *order = data;
  g_autofree char *path = g_file_get_path(order->file);
  g_autoptr(GString) text = g_string_new(NULL);
  GError *error = NULL;

  if (!path) {
    g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                            _("It can only be saved in a folder of this computer."));
    return;
  }
  if (order->json)
    append_json(text, order->entries);
  else
    for (guint i = 0; i < order->entries->len; i++)
      sy_log_rows_append_text(text, g_ptr_array_index(order->entries, i));
  if (g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                               0666, &error))
    g_task_return_boolean(task, TRUE);
  else
    g_task_return_error(task, error);
}

void sy_log_save_async(GPtrArray *entries, GFile *file, gboolean json, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
  Order *order = g_new0(Order, 1);

  order->entries = g_ptr_array_ref(entries);
  order->file = g_object_ref(file);
  order->json = json;
  g_task_set_task_data(task, order, order_free);
  g_task_run_in_thread(task, save_in_thread);
}

gboolean sy_log_save_finish(GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean(G_TASK(result), error);
}

/* ---- Asking ---- */

/* Of one question; neither keeps the widget. */
typedef struct {
  GWeakRef widget;
  GPtrArray *entries;
  gboolean json;
} Asking;

static void asking_free(gpointer data, GClosure *closure)
{
  Asking *asking = data;

  g_weak_ref_clear(&asking->widget);
  g_ptr_array_unref(asking->entries);
  g_free(asking);
}

static void tell_trouble(GtkWidget *widget, const GError *error)
{
  GtkRoot *root = gtk_widget_get_root(widget);
  GtkWidget *dialog = adw_message_dialog_new(GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL,
                                             _("The Log Can’t Be Saved"), error->message);

  adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("_Close"));
  gtk_window_present(GTK_WINDOW(dialog));
}

static void tell_saved(GtkWidget *widget, GFile *file)
{
  GtkWidget *toasts = gtk_widget_get_ancestor(widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *name = g_file_get_basename(file);
  g_autofree char *shown = g_filename_display_name(name);
  /* Translators: the name of a file. */
  g_autofree char *message = g_strdup_printf(_("The log is saved as “%s”"), shown);
  g_autofree char *escaped = g_markup_escape_text(message, -1);

  if (toasts)
    adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(toasts), adw_toast_new(escaped));
}

static void on_saved(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *ref = user_data;
  g_autoptr(GtkWidget) widget = g_weak_ref_get(ref);
  const Order *order = g_task_get_task_data(G_TASK(result));
  g_autoptr(GError) error = NULL;
  gboolean saved = sy_log_save_finish(result, &error);

  g_weak_ref_clear(ref);
  g_application_release(g_application_get_default());
  if (!widget)
    return;
  if (saved)
    tell_saved(widget, order->file);
  else
    tell_trouble(widget, error);
}

static void on_chosen(GtkNativeDialog *native, int response, Asking *asking)
{
  GtkFileChooser *chooser = GTK_FILE_CHOOSER(native);
  g_autoptr(GFile) file = gtk_file_chooser_get_file(chooser);
  g_autoptr(GtkWidget) widget = g_weak_ref_get(&asking->widget);

  if (response == GTK_RESPONSE_ACCEPT && file && widget) {
    g_autofree char *name = g_file_get_basename(file);
    GWeakRef *ref = g_new0(GWeakRef, 1);

    g_weak_ref_init(ref, widget);
    /* The program stays until all is written, whatever becomes of the window. */
    g_application_hold(g_application_get_default());
    /* What the name says counts. */
    sy_log_save_async(asking->entries, file,
                      g_str_has_suffix(name, ".json") ||
                          (asking->json && !g_str_has_suffix(name, ".txt")),
                      on_saved, ref);
  }
  g_object_unref(native);
}

static char *dup_name(gboolean json)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");

  return g_strdup_printf("switchyard-%s.%s", time, json ? "json" : "txt");
}

void sy_log_save_ask(GtkWidget *widget, GPtrArray *entries, gboolean json)
{
  GtkRoot *root = gtk_widget_get_root(widget);
  GtkFileChooserNative *native =
      gtk_file_chooser_native_new(_("Save Log"), GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL,
                                  GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), NULL);
  g_autofree char *name = dup_name(json);
  Asking *asking = g_new0(Asking, 1);

  g_weak_ref_init(&asking->widget, widget);
  asking->entries = g_ptr_array_ref(entries);
  asking->json = json;
  gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(native), name);
  g_signal_connect_data(native, "response", G_CALLBACK(on_chosen), asking, asking_free, 0);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(native));
}
