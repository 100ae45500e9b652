/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the opened file and another, or what the substation holds: comparing and merging. And
 * what the bytes' page does, by actions of the window. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-format.h"
#include "sy-read-back.h"

#include <glib/gi18n.h>

void sy_window_tell(SyWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new("");
  g_autofree char *escaped = g_markup_escape_text(text, -1);

  adw_toast_set_title(toast, escaped);
  adw_toast_overlay_add_toast(self->toasts, toast);
}

/* A toast is short; what went wrong may take a whole sentence and more. */
void sy_window_tell_trouble(SyWindow *self, const char *heading, const GError *error)
{
  GtkWidget *dialog;

  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  dialog = adw_message_dialog_new(GTK_WINDOW(self), heading, error->message);
  adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("_Close"));
  gtk_window_present(GTK_WINDOW(dialog));
}

/* --- comparing --- */

typedef struct {
  GFile *file;
  SyRelease *release;
} Pairing;

static void pairing_free(gpointer data)
{
  Pairing *pairing = data;

  g_object_unref(pairing->file);
  sy_release_unref(pairing->release);
  g_free(pairing);
}

void sy_window_cancel_pairing(SyWindow *self)
{
  if (self->pairing_cancellable)
    g_cancellable_cancel(self->pairing_cancellable);
  g_clear_object(&self->pairing_cancellable);
}

/* Something else was asked for meanwhile, another file is open, or the window is closed. */
static gboolean is_overtaken(SyWindow *self, GAsyncResult *result)
{
  return g_task_get_cancellable(G_TASK(result)) != self->pairing_cancellable;
}

static GTask *start_pairing(SyWindow *self, GFile *file, GAsyncReadyCallback callback,
                            GTaskThreadFunc func)
{
  GTask *task;
  Pairing *pairing = g_new0(Pairing, 1);

  /* What is asked for last counts. */
  sy_window_cancel_pairing(self);
  self->pairing_cancellable = g_cancellable_new();
  task = g_task_new(self, self->pairing_cancellable, callback, NULL);

  pairing->file = g_object_ref(file);
  pairing->release = sy_release_ref(self->release);
  g_task_set_task_data(task, pairing, pairing_free);
  g_task_run_in_thread(task, func);
  return task;
}

static void compare_in_thread(GTask *task, gpointer source, gpointer data,
                              GCancellable *cancellable)
{
  Pairing *pairing = data;
  GError *error = NULL;
  g_autoptr(SyImageFile) other = sy_image_file_load(pairing->file, NULL, cancellable, &error);

  if (!other)
    g_task_return_error(task, error);
  else
    g_task_return_pointer(task,
                          sy_comparison_new(sy_release_get_image(pairing->release),
                                            sy_image_file_get_image(other), NULL, 0),
                          (GDestroyNotify)sy_comparison_unref);
}

void sy_window_show_comparison(SyWindow *self, SyComparison *comparison, const char *name_b,
                               const char *note)
{
  sy_bytes_page_set_comparison(sy_image_panel_get_bytes(self->image_panel), comparison, name_b,
                               note);
  sy_image_panel_show_view(self->image_panel, "bytes");
  sy_window_present_image(self);
}

static void on_compared(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyWindow *self = SY_WINDOW(source);
  Pairing *pairing = g_task_get_task_data(G_TASK(result));
  g_autoptr(GError) error = NULL;
  g_autoptr(SyComparison) comparison = g_task_propagate_pointer(G_TASK(result), &error);
  g_autofree char *name = g_file_get_basename(pairing->file);
  g_autofree char *shown = g_filename_display_name(name);

  if (is_overtaken(self, result))
    return;
  if (comparison)
    sy_window_show_comparison(self, comparison, shown, NULL);
  else
    sy_window_tell_trouble(self, _("The File Can’t Be Compared"), error);
}

void sy_window_compare_with(SyWindow *self, GFile *file)
{
  g_return_if_fail(SY_IS_WINDOW(self) && G_IS_FILE(file));

  if (self->release)
    g_object_unref(start_pairing(self, file, on_compared, compare_in_thread));
}

/* --- comparing with the substation --- */

/* Of the opened file; length 0: nothing of it can be read back. */
static GArray *find_ranges(SyWindow *self)
{
  return sy_read_back_find_ranges(sy_release_get_image(self->release), NULL);
}

void sy_window_begin_read(SyWindow *self, GAsyncReadyCallback callback)
{
  g_autoptr(GArray) ranges = find_ranges(self);

  sy_station_read_async(self->station, (const SyRange *)(gpointer)ranges->data, ranges->len,
                        self->job_cancellable, callback, g_object_ref(self));
}

void sy_window_show_read(SyWindow *self, SyImage *read)
{
  SyImage *image = sy_release_get_image(self->release);
  guint64 left_out = sy_image_get_size(image) - sy_image_get_size(read);
  g_autoptr(GArray) ranges = find_ranges(self);
  g_autoptr(SyComparison) comparison =
      sy_comparison_new(image, read, (const SyRange *)(gpointer)ranges->data, ranges->len);
  const WireIdentity *identity = sy_station_get_identity(self->station);
  g_autofree char *version = sy_version_to_string(identity->program_version);
  /* Translators: what is compared with: the substation that runs this bank's program. */
  g_autofree char *name = g_strdup_printf(
      _("Substation (%s %s)"), sy_bank_to_string((WireBank)identity->running_bank), version);
  g_autofree char *size = sy_format_size(left_out);
  /* Translators: bytes of the file. */
  g_autofree char *note =
      left_out > 0
          ? g_strdup_printf(_("%s of the file were not compared: they cannot be read back."), size)
          : NULL;

  sy_window_show_comparison(self, comparison, name, note);
}

static void on_read_response(AdwMessageDialog *dialog, const char *response, SyWindow *self)
{
  gboolean same = g_object_get_data(G_OBJECT(dialog), "release") == self->release;

  /* Another file may have been opened while the question stood. */
  if (g_strcmp0(response, "read") == 0 && same && self->station && !self->job_cancellable)
    sy_window_start_job(self, SY_JOB_READ);
}

static void activate_compare_station(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autoptr(GArray) ranges = find_ranges(self);
  AdwMessageDialog *dialog;

  if (ranges->len == 0) {
    sy_window_tell(self, _("Nothing of this file lies in flash that can be read back"));
    return;
  }
  dialog = ADW_MESSAGE_DIALOG(adw_message_dialog_new(
      GTK_WINDOW(self), _("Read the Substation Back?"),
      _("Its program stands still for some seconds, up to 15 on a slow line, and then runs again. "
        "Nothing is changed.")));
  adw_message_dialog_add_responses(dialog, "cancel", _("_Cancel"), "read", _("_Read and Compare"),
                                   NULL);
  g_object_set_data_full(G_OBJECT(dialog), "release", sy_release_ref(self->release),
                         (GDestroyNotify)sy_release_unref);
  gtk_window_set_destroy_with_parent(GTK_WINDOW(dialog), TRUE);
  adw_message_dialog_set_default_response(dialog, "read");
  adw_message_dialog_set_close_response(dialog, "cancel");
  adw_message_dialog_set_response_appearance(dialog, "read", ADW_RESPONSE_SUGGESTED);
  g_signal_connect_object(dialog, "response", G_CALLBACK(on_read_response), self, 0);
  gtk_window_present(GTK_WINDOW(dialog));
}

/* --- merging --- */

/* "low.hex + high.hex" */
static SyRelease *name_merged(SyRelease *one, SyRelease *two, SyImage *merged)
{
  g_autofree char *name =
      g_strdup_printf("%s + %s", sy_release_get_name(one), sy_release_get_name(two));

  return sy_release_new(merged, name);
}

static void merge_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Pairing *pairing = data;
  GError *error = NULL;
  g_autoptr(SyRelease) other = sy_release_load(pairing->file, cancellable, &error);
  g_autoptr(SyImage) merged = NULL;

  if (other) {
    SyImage *const images[] = {sy_release_get_image(pairing->release), sy_release_get_image(other)};

    merged = sy_image_merge(images, G_N_ELEMENTS(images), &error);
  }
  if (merged)
    g_task_return_pointer(task, name_merged(pairing->release, other, merged),
                          (GDestroyNotify)sy_release_unref);
  else
    g_task_return_error(task, error);
}

static void on_merged(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyWindow *self = SY_WINDOW(source);
  g_autoptr(GError) error = NULL;
  g_autoptr(SyRelease) merged = g_task_propagate_pointer(G_TASK(result), &error);

  if (is_overtaken(self, result))
    return;
  if (merged) {
    sy_window_show_made(self, merged);
    sy_window_ask_save(self); /* it is in no file yet */
  } else {
    sy_window_tell_trouble(self, _("The Files Can’t Be Merged"), error);
  }
}

void sy_window_merge_with(SyWindow *self, GFile *file)
{
  g_return_if_fail(SY_IS_WINDOW(self) && G_IS_FILE(file));

  const char *trouble = self->release ? sy_release_get_error(self->release) : NULL;

  if (trouble && sy_release_get_file(self->release) &&
      sy_problems_get_first_error(sy_image_file_get_problems(sy_release_get_file(self->release)))) {
    g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, trouble);

    sy_window_tell_trouble(self, _("The Files Can’t Be Merged"), error);
  } else if (self->release) {
    g_object_unref(start_pairing(self, file, on_merged, merge_in_thread));
  }
}

/* --- actions --- */

static void choose(SyWindow *self, const char *title, const char *accept, GCallback chosen)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
      title, GTK_WINDOW(self), GTK_FILE_CHOOSER_ACTION_OPEN, accept, NULL);

  sy_window_add_filters(GTK_FILE_CHOOSER(chooser));
  sy_window_begin_beside(self, GTK_FILE_CHOOSER(chooser));
  g_signal_connect_object(chooser, "response", chosen, self, 0);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

static void on_compare_chosen(GtkNativeDialog *chooser, int response, SyWindow *self)
{
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));

  if (response == GTK_RESPONSE_ACCEPT && file)
    sy_window_compare_with(self, file);
  g_object_unref(chooser);
}

static void on_merge_chosen(GtkNativeDialog *chooser, int response, SyWindow *self)
{
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));

  if (response == GTK_RESPONSE_ACCEPT && file)
    sy_window_merge_with(self, file);
  g_object_unref(chooser);
}

static void activate_compare(GtkWidget *widget, const char *action, GVariant *parameter)
{
  choose(SY_WINDOW(widget), _("Compare With"), _("_Compare"), G_CALLBACK(on_compare_chosen));
}

static void activate_merge(GtkWidget *widget, const char *action, GVariant *parameter)
{
  choose(SY_WINDOW(widget), _("Merge With"), _("_Merge"), G_CALLBACK(on_merge_chosen));
}

static void activate_save(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_ask_save(SY_WINDOW(widget));
}

static void activate_view(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  sy_window_present_image(self);
  sy_image_panel_show_view(self->image_panel, g_variant_get_string(parameter, NULL));
}

/* What the bytes' page does, from anywhere in the window. */
static const struct {
  const char *action;
  const char *of_page;
} bytes_actions[] = {
    {"win.find", "bytes.find"},
    {"win.find-next", "bytes.find-next"},
    {"win.find-previous", "bytes.find-previous"},
    {"win.go-to", "bytes.go-to"},
    {"win.next-difference", "bytes.next-difference"},
    {"win.previous-difference", "bytes.previous-difference"},
};

/* The page that is seen has a search of its own. */
static gboolean shows_log(SyWindow *self)
{
  AdwViewStack *pages = adw_leaflet_get_folded(self->leaflet) ? self->narrow_pages : self->pages;

  return g_strcmp0(adw_view_stack_get_visible_child_name(pages), "log") == 0;
}

static void activate_bytes(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  if (g_str_equal(action, "win.find") && shows_log(self)) {
    gtk_widget_activate_action(GTK_WIDGET(self->log_view), "log.find", NULL);
    return;
  }
  sy_window_present_image(self);
  for (guint i = 0; i < G_N_ELEMENTS(bytes_actions); i++)
    if (g_str_equal(bytes_actions[i].action, action))
      sy_image_panel_run(self->image_panel, bytes_actions[i].of_page);
}

void sy_window_class_init_image_actions(GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS(bytes_actions); i++)
    gtk_widget_class_install_action(widget_class, bytes_actions[i].action, NULL, activate_bytes);
  gtk_widget_class_install_action(widget_class, "win.view", "s", activate_view);
  gtk_widget_class_install_action(widget_class, "win.compare-file", NULL, activate_compare);
  gtk_widget_class_install_action(widget_class, "win.compare-station", NULL,
                                  activate_compare_station);
  gtk_widget_class_install_action(widget_class, "win.merge", NULL, activate_merge);
  gtk_widget_class_install_action(widget_class, "win.save", NULL, activate_save);
}

/* It is there, has a program to go back to, and a loader that shows its flash. */
static gboolean can_be_read(SyWindow *self)
{
  const WireIdentity *identity = self->station ? sy_station_get_identity(self->station) : NULL;

  return identity && sy_station_get_state(self->station) == SY_STATION_CONNECTED &&
         (identity->capabilities & WIRE_CAP_READ) != 0 &&
         identity->running_bank != WIRE_BANK_NONE && identity->trial != WIRE_TRIAL_RUNNING;
}

void sy_window_update_image_actions(SyWindow *self)
{
  static const char *const more[] = {"win.compare-file", "win.merge", "win.save", "win.view"};
  GtkWidget *widget = GTK_WIDGET(self);
  gboolean open = self->release != NULL;

  for (guint i = 0; i < G_N_ELEMENTS(bytes_actions); i++)
    gtk_widget_action_set_enabled(widget, bytes_actions[i].action, open);
  gtk_widget_action_set_enabled(widget, "win.find", open || shows_log(self));
  for (guint i = 0; i < G_N_ELEMENTS(more); i++)
    gtk_widget_action_set_enabled(widget, more[i], open);
  gtk_widget_action_set_enabled(widget, "win.merge", open && !sy_window_is_working(self));
  gtk_widget_action_set_enabled(widget, "win.compare-station",
                                open && !self->job_cancellable && can_be_read(self));
}
