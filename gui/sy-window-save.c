/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: saving bytes of the opened file: what, as what, where to, and over what. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-image-save.h"

#include <glib/gi18n.h>

/* Shared by a question and the thread that saves, one after the other. Neither keeps the window. */
typedef struct {
  GWeakRef window;
  SyRelease *release;
  SySaveChoice *choice;
  GFile *target;
} Saving;

static void saving_clear(gpointer data)
{
  Saving *saving = data;

  g_weak_ref_clear(&saving->window);
  sy_release_unref(saving->release);
  sy_save_choice_free(saving->choice);
  g_object_unref(saving->target);
}

static void saving_release(Saving *saving)
{
  g_rc_box_release_full(saving, saving_clear);
}

static void forget_saving(gpointer data, GClosure *closure)
{
  saving_release(data);
}

static void save(Saving *saving, gboolean replace);

static void on_replace_response(AdwMessageDialog *dialog, const char *response, Saving *saving)
{
  if (g_strcmp0(response, "replace") == 0)
    save(saving, TRUE);
}

static void ask_to_replace(SyWindow *self, Saving *saving, const char *heading, const char *body)
{
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG(adw_message_dialog_new(GTK_WINDOW(self), heading, body));

  adw_message_dialog_add_responses(dialog, "cancel", _("_Cancel"), "replace", _("_Replace"), NULL);
  adw_message_dialog_set_response_appearance(dialog, "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response(dialog, "cancel");
  adw_message_dialog_set_close_response(dialog, "cancel");
  gtk_window_set_destroy_with_parent(GTK_WINDOW(dialog), TRUE);
  g_signal_connect_data(dialog, "response", G_CALLBACK(on_replace_response),
                        g_rc_box_acquire(saving), forget_saving, 0);
  gtk_window_present(GTK_WINDOW(dialog));
}

static void tell_end(SyWindow *self, Saving *saving, const char *sentence, const GError *error)
{
  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    ask_to_replace(self, saving, _("Replace Files?"), error->message);
  else if (sentence)
    sy_window_tell(self, sentence);
  else
    sy_window_tell_trouble(self, _("The Bytes Can’t Be Saved"), error);
}

static void on_saved(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = user_data;
  g_autoptr(SyWindow) window = g_weak_ref_get(&saving->window);
  g_autoptr(GError) error = NULL;
  g_autofree char *sentence = sy_image_save_finish(result, &error);

  if (window) /* else it was closed meanwhile */
    tell_end(window, saving, sentence, error);
  else if (error)
    g_warning("%s", error->message);
  saving_release(saving);
  g_application_release(g_application_get_default());
}

/* The program stays until all is written, whatever becomes of the window. */
static void save(Saving *saving, gboolean replace)
{
  g_application_hold(g_application_get_default());
  sy_image_save_async(saving->release, saving->choice, saving->target, replace, NULL, on_saved,
                      g_rc_box_acquire(saving));
}

/* Whether two names lead to one file, also by a link. */
static gboolean is_same_file(GFile *one, GFile *two)
{
  g_autoptr(GFileInfo) one_info =
      g_file_query_info(one, G_FILE_ATTRIBUTE_ID_FILE, G_FILE_QUERY_INFO_NONE, NULL, NULL);
  g_autoptr(GFileInfo) two_info =
      g_file_query_info(two, G_FILE_ATTRIBUTE_ID_FILE, G_FILE_QUERY_INFO_NONE, NULL, NULL);

  if (g_file_equal(one, two))
    return TRUE;
  return one_info && two_info &&
         g_strcmp0(g_file_info_get_attribute_string(one_info, G_FILE_ATTRIBUTE_ID_FILE),
                   g_file_info_get_attribute_string(two_info, G_FILE_ATTRIBUTE_ID_FILE)) == 0;
}

void sy_window_save_to(SyWindow *self, SySaveChoice *choice, GFile *target)
{
  g_return_if_fail(SY_IS_WINDOW(self) && choice && G_IS_FILE(target));
  g_return_if_fail(self->release);

  SyImageFile *file = sy_release_get_file(self->release);
  Saving *saving = g_rc_box_new0(Saving);

  g_weak_ref_init(&saving->window, self);
  saving->release = sy_release_ref(self->release);
  saving->choice = choice;
  saving->target = g_object_ref(target);
  if (!choice->split && file && is_same_file(sy_image_file_get_file(file), target))
    ask_to_replace(self, saving, _("Replace the Opened File?"),
                   _("The file that is open here would be written over. What it holds besides the "
                     "bytes that you save is lost."));
  else
    save(saving, !choice->split); /* the chooser has asked about one file */
  saving_release(saving);
}

static void on_target(GtkNativeDialog *chooser, int response, SyWindow *self)
{
  SySaveChoice *choice = g_object_steal_data(G_OBJECT(chooser), "choice");

  if (response == GTK_RESPONSE_ACCEPT && self->release) {
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));

    sy_window_save_to(self, g_steal_pointer(&choice), file);
  }
  sy_save_choice_free(choice);
  g_object_unref(chooser);
}

/* Takes over the choice. */
static void ask_target(SyWindow *self, SySaveChoice *choice)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
      choice->split ? _("Folder for the Files") : _("Save Bytes"), GTK_WINDOW(self),
      choice->split ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_SAVE,
      choice->split ? _("_Save Here") : _("_Save"), NULL);
  g_autofree char *name =
      g_strconcat(choice->stem, ".", sy_save_get_extension(choice->options.format), NULL);

  if (!choice->split)
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(chooser), name);
  g_object_set_data_full(G_OBJECT(chooser), "choice", choice, (GDestroyNotify)sy_save_choice_free);
  g_signal_connect_object(chooser, "response", G_CALLBACK(on_target), self, 0);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

static void on_save_chosen(SySaveDialog *dialog, SyWindow *self)
{
  ask_target(self, sy_save_dialog_dup_choice(dialog));
}

void sy_window_ask_save(SyWindow *self)
{
  SyBytesPage *bytes = sy_image_panel_get_bytes(self->image_panel);
  SyRange selection = sy_bytes_page_get_selection(bytes);
  SySaveDialog *dialog;

  if (!self->release)
    return;
  dialog = sy_save_dialog_new(GTK_WINDOW(self), self->release, &selection,
                              sy_bytes_page_get_cursor(bytes));
  g_signal_connect_object(dialog, "chosen", G_CALLBACK(on_save_chosen), self, 0);
  gtk_window_present(GTK_WINDOW(dialog));
}
