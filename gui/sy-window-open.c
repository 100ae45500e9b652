/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: opening a file, however broken. Raw bytes say nothing of where they belong, so a person
 * is asked. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-address.h"
#include "sy-library.h"

#include <glib/gi18n.h>

typedef struct {
  GFile *file;
  SyFileOptions options;
} Opening;

static void opening_free(gpointer data)
{
  Opening *opening = data;

  g_object_unref(opening->file);
  g_free(opening);
}

typedef struct {
  GTask *task;
  SyImage *beginning;
} Preview;

static void preview_free(gpointer data)
{
  Preview *preview = data;

  g_object_unref(preview->task);
  sy_image_unref(preview->beginning);
  g_free(preview);
}

static gboolean show_preview(gpointer data)
{
  Preview *preview = data;
  SyWindow *self = g_task_get_source_object(preview->task);

  /* All of it may have come meanwhile, or another file. */
  if (g_task_get_cancellable(preview->task) == self->load_cancellable)
    sy_image_panel_show_preview(self->image_panel, preview->beginning);
  return G_SOURCE_REMOVE;
}

static void on_preview(SyImage *beginning, gpointer task)
{
  Preview *preview = g_new0(Preview, 1);

  preview->task = g_object_ref(task);
  preview->beginning = sy_image_ref(beginning);
  g_idle_add_full(G_PRIORITY_DEFAULT, show_preview, preview, preview_free);
}

static void load_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Opening *opening = data;
  SyFileOptions options = opening->options;
  g_autoptr(SyImageFile) file = NULL;
  GError *error = NULL;

  options.preview = on_preview;
  options.preview_data = task;
  file = sy_image_file_load(opening->file, &options, cancellable, &error);

  if (file)
    g_task_return_pointer(task, sy_release_new_from_file(file), (GDestroyNotify)sy_release_unref);
  else
    g_task_return_error(task, error);
}

static void keep_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr(SyLibrary) library = sy_library_new(NULL);

  sy_library_add_release(library, data);
  g_task_return_boolean(task, TRUE);
}

/* Nobody waits for it. */
static void keep_for_later(SyRelease *release)
{
  g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);

  g_task_set_task_data(task, sy_release_ref(release), (GDestroyNotify)sy_release_unref);
  g_task_run_in_thread(task, keep_in_thread);
}

static void log_error(SyWindow *self, const char *message)
{
  g_autofree char *text = g_strdup_printf("%s: %s", self->file_name, message);

  if (self->station)
    sy_station_log(self->station, SY_LOG_ERROR, text);
}

static void take_release(SyWindow *self, SyRelease *release)
{
  self->release = sy_release_ref(release);
  sy_window_update_image(self);
  if (sy_release_get_error(release))
    log_error(self, sy_release_get_error(release));
}

/* --- raw bytes --- */

typedef struct {
  SyWindow *window; /* borrowed: the question is gone before it */
  GFile *file;
  AdwMessageDialog *dialog;
  GtkEditable *entry;
} Question;

static void question_free(gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref(question->file);
  g_free(question);
}

static void on_address_typed(Question *question)
{
  guint32 addr;

  adw_message_dialog_set_response_enabled(
      question->dialog, "open",
      sy_address_parse(gtk_editable_get_text(question->entry), &addr, NULL));
}

static void on_address_response(AdwMessageDialog *dialog, const char *response, Question *question)
{
  SyFileOptions options = {.format = SY_FORMAT_BINARY, .has_addr = TRUE};

  if (g_strcmp0(response, "open") == 0 &&
      sy_address_parse(gtk_editable_get_text(question->entry), &options.addr, NULL))
    sy_window_open_with(question->window, question->file, &options);
}

static void ask_address(SyWindow *self, GFile *file, const char *reason)
{
  GtkWidget *dialog =
      adw_message_dialog_new(GTK_WINDOW(self), _("Where Do These Bytes Belong?"), reason);
  GtkWidget *group = adw_preferences_group_new();
  GtkWidget *entry = adw_entry_row_new();
  Question *question = g_new0(Question, 1);

  question->window = self;
  question->file = g_object_ref(file);
  question->dialog = ADW_MESSAGE_DIALOG(dialog);
  question->entry = GTK_EDITABLE(entry);
  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(entry),
                                _("Address of the first byte, or LOW or HIGH"));
  adw_entry_row_set_activates_default(ADW_ENTRY_ROW(entry), TRUE);
  adw_preferences_group_add(ADW_PREFERENCES_GROUP(group), entry);
  adw_message_dialog_set_extra_child(question->dialog, group);
  adw_message_dialog_add_responses(question->dialog, "cancel", _("_Cancel"), "open", _("_Open"),
                                   NULL);
  adw_message_dialog_set_default_response(question->dialog, "open");
  adw_message_dialog_set_close_response(question->dialog, "cancel");
  adw_message_dialog_set_response_appearance(question->dialog, "open", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled(question->dialog, "open", FALSE);
  gtk_window_set_destroy_with_parent(GTK_WINDOW(dialog), TRUE);
  g_signal_connect_data(dialog, "response", G_CALLBACK(on_address_response), question,
                        question_free, 0);
  g_signal_connect_swapped(entry, "changed", G_CALLBACK(on_address_typed), question);
  gtk_window_present(GTK_WINDOW(dialog));
}

/* --- opening --- */

static void on_loaded(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyWindow *self = SY_WINDOW(source);
  GTask *task = G_TASK(result);
  const Opening *opening = g_task_get_task_data(task);
  g_autoptr(GError) error = NULL;
  g_autoptr(SyRelease) release = g_task_propagate_pointer(task, &error);

  /* Another file was opened meanwhile, or the window is gone. */
  if (g_task_get_cancellable(task) != self->load_cancellable)
    return;
  g_clear_object(&self->load_cancellable);
  if (release) {
    take_release(self, release);
    sy_window_remember_file(self, sy_release_get_file(release));
    keep_for_later(release);
  } else {
    self->load_failed = TRUE;
    sy_image_panel_show_error(self->image_panel, self->file_name, error->message);
    log_error(self, error->message);
  }
  sy_window_update_plan(self);
  if (g_error_matches(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS))
    ask_address(self, opening->file, error->message);
}

void sy_window_cancel_open(SyWindow *self)
{
  if (self->load_cancellable)
    g_cancellable_cancel(self->load_cancellable);
  g_clear_object(&self->load_cancellable);
}

/* Takes over the name. */
static void leave_file(SyWindow *self, char *next_name)
{
  sy_window_cancel_open(self);
  sy_window_cancel_pairing(self);
  g_clear_pointer(&self->release, sy_release_unref);
  g_free(self->file_name);
  self->file_name = next_name;
  self->load_failed = FALSE;
  sy_window_forget_end(self);
  sy_window_present_image(self);
}

void sy_window_open_with(SyWindow *self, GFile *file, const SyFileOptions *options)
{
  g_return_if_fail(SY_IS_WINDOW(self));
  g_return_if_fail(G_IS_FILE(file) && options);

  g_autofree char *name = g_file_get_basename(file);
  g_autoptr(GTask) task = NULL;
  Opening *opening;

  if (sy_window_is_working(self)) {
    sy_window_tell(self, _("A file can be opened when the running job has ended"));
    return;
  }
  leave_file(self, g_filename_display_name(name));
  self->load_cancellable = g_cancellable_new();
  sy_image_panel_show_loading(self->image_panel, self->file_name);
  sy_window_update_plan(self);

  opening = g_new0(Opening, 1);
  opening->file = g_object_ref(file);
  opening->options = *options;
  task = g_task_new(self, self->load_cancellable, on_loaded, NULL);
  g_task_set_source_tag(task, sy_window_open);
  g_task_set_task_data(task, opening, opening_free);
  g_task_run_in_thread(task, load_in_thread);
}

void sy_window_open(SyWindow *self, GFile *file)
{
  const SyFileOptions options = {.format = SY_FORMAT_AUTO};

  sy_window_open_with(self, file, &options);
}

void sy_window_show_made(SyWindow *self, SyRelease *release)
{
  if (sy_window_is_working(self))
    return;
  leave_file(self, g_strdup(_("Merged, not saved yet")));
  take_release(self, release);
  sy_window_update_plan(self);
}
