/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the files that were opened last, in the menu of the Open button. The list is our own,
 * the desktop's is told as well. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-name.h"
#include "sy-settings.h"

#include <glib/gi18n.h>

#include <string.h>

enum { RECENT_MAX = 10 };

#define KEY "recent-files"

static void forget(const char *uri)
{
  g_auto(GStrv) uris = g_settings_get_strv(sy_settings_get(), KEY);
  g_autoptr(GPtrArray) kept = g_ptr_array_new();

  for (char **other = uris; *other; other++)
    if (!g_str_equal(*other, uri))
      g_ptr_array_add(kept, *other);
  g_ptr_array_add(kept, NULL);
  g_settings_set_strv(sy_settings_get(), KEY, (const char *const *)kept->pdata);
}

static gboolean is_wanted(SyWindow *self)
{
  gboolean wanted = TRUE;

  g_object_get(gtk_widget_get_settings(GTK_WIDGET(self)), "gtk-recent-files-enabled", &wanted,
               NULL);
  return wanted;
}

static const char *get_content_type(SyImageFile *file)
{
  switch (sy_image_file_get_format(file)) {
  case SY_FORMAT_SREC:
    return "text/x-srecord";
  case SY_FORMAT_BINARY:
    return "application/octet-stream";
  case SY_FORMAT_AUTO:
  case SY_FORMAT_HEX:
  default:
    return "text/x-hex";
  }
}

static void tell_desktop(SyImageFile *file, const char *uri)
{
  char name[] = "Switchyard";
  char command[] = "switchyard %f";
  g_autofree char *type = g_strdup(get_content_type(file));
  GtkRecentData data = {.mime_type = type, .app_name = name, .app_exec = command};

  gtk_recent_manager_add_full(gtk_recent_manager_get_default(), uri, &data);
}

void sy_window_remember_file(SyWindow *self, SyImageFile *image_file)
{
  GFile *file = sy_image_file_get_file(image_file);
  g_autoptr(GFile) folder = g_file_get_parent(file);
  g_autofree char *folder_uri = folder ? g_file_get_uri(folder) : NULL;
  g_autofree char *uri = g_file_get_uri(file);
  g_auto(GStrv) uris = NULL;
  const char *kept[RECENT_MAX + 1] = {uri};
  guint count = 1;

  if (folder_uri)
    g_settings_set_string(sy_settings_get(), "last-folder", folder_uri);
  if (!is_wanted(self))
    return;
  uris = g_settings_get_strv(sy_settings_get(), KEY);
  for (char **other = uris; *other && count < RECENT_MAX; other++)
    if (!g_str_equal(*other, uri))
      kept[count++] = *other;
  g_settings_set_strv(sy_settings_get(), KEY, kept);
  tell_desktop(image_file, uri);
}

/* --- opening one of them --- */

static void on_looked(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(SyWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish(G_FILE(source), result, &error);
  g_autofree char *basename = g_file_get_basename(G_FILE(source));
  g_autofree char *name = g_filename_display_name(basename);
  g_autofree char *uri = g_file_get_uri(G_FILE(source));
  g_autofree char *text = NULL;

  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    /* Whatever else is wrong with it, opening it says. */
    sy_window_open(self, G_FILE(source));
    return;
  }
  forget(uri);
  /* Translators: %s is the name of a file. */
  text = g_strdup_printf(_("%s is no longer there. It is taken off the list."), name);
  sy_window_tell(self, text);
}

static void activate_open_recent(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autoptr(GFile) file = g_file_new_for_uri(g_variant_get_string(parameter, NULL));

  sy_window_cancel_recent(self);
  self->recent_cancellable = g_cancellable_new();
  g_file_query_info_async(file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                          G_PRIORITY_DEFAULT, self->recent_cancellable, on_looked,
                          g_object_ref(self));
}

void sy_window_cancel_recent(SyWindow *self)
{
  if (self->recent_cancellable)
    g_cancellable_cancel(self->recent_cancellable);
  g_clear_object(&self->recent_cancellable);
}

static void activate_clear_recent(GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_settings_reset(sy_settings_get(), KEY);
}

/* --- the menu --- */

static gboolean is_name_shared(char *const *uris, const char *uri)
{
  const char *name = strrchr(uri, '/');

  for (; name && *uris; uris++)
    if (!g_str_equal(*uris, uri) && g_strcmp0(strrchr(*uris, '/'), name) == 0)
      return TRUE;
  return FALSE;
}

/* The file's name, with its folder's when another has the same; an underscore is no mnemonic. */
static char *dup_label(char *const *uris, const char *uri)
{
  g_autoptr(GFile) file = g_file_new_for_uri(uri);
  g_autoptr(GFile) folder = g_file_get_parent(file);
  g_autofree char *basename = g_file_get_basename(file);
  g_autoptr(GString) label = g_string_new(NULL);
  g_autofree char *name = g_filename_display_name(basename);

  g_string_append(label, name);
  if (folder && is_name_shared(uris, uri)) {
    g_autofree char *folder_name = g_file_get_basename(folder);
    g_autofree char *shown = g_filename_display_name(folder_name);

    g_string_append_printf(label, " (%s)", shown);
  }
  g_string_replace(label, "_", "__", 0);
  return g_string_free(g_steal_pointer(&label), FALSE);
}

static void update_menu(SyWindow *self)
{
  g_auto(GStrv) uris = g_settings_get_strv(sy_settings_get(), KEY);
  g_autoptr(GMenu) files = g_menu_new();
  g_autoptr(GMenu) end = g_menu_new();

  g_menu_remove_all(self->recent_menu);
  if (!*uris)
    g_menu_append(files, _("No Recent Files"), "win.none");
  for (char **uri = uris; *uri; uri++) {
    g_autofree char *label = dup_label(uris, *uri);
    g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);

    g_menu_item_set_action_and_target(item, "win.open-recent", "s", *uri);
    g_menu_append_item(files, item);
  }
  g_menu_append_section(self->recent_menu, *uris ? _("Recent Files") : NULL, G_MENU_MODEL(files));
  if (!*uris)
    return;
  g_menu_append(end, _("_Clear Recent Files"), "win.clear-recent");
  g_menu_append_section(self->recent_menu, NULL, G_MENU_MODEL(end));
}

void sy_window_class_init_recent(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.open-recent", "s", activate_open_recent);
  gtk_widget_class_install_action(widget_class, "win.clear-recent", NULL, activate_clear_recent);
}

void sy_window_init_recent(SyWindow *self)
{
  g_signal_connect_object(sy_settings_get(), "changed::" KEY, G_CALLBACK(update_menu), self,
                          G_CONNECT_SWAPPED);
  gtk_accessible_update_property(
      GTK_ACCESSIBLE(gtk_widget_get_first_child(GTK_WIDGET(self->open_button))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _("Open Release"), -1);
  sy_name_button_in(gtk_widget_get_last_child(GTK_WIDGET(self->open_button)), _("Recent Files"));
  update_menu(self);
}
