/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The file's hashes. */

#include "sy-config.h"

#include "sy-image-hashes.h"

#include "sy-digest.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct {
  GtkWidget *row;
  GtkWidget *button;
} Line;

typedef struct {
  Line crc;
  Line sha256;
} Lines;

static void digest_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree SyDigest *digest = g_new0(SyDigest, 1);
  GError *error = NULL;

  if (sy_digest_file(data, cancellable, digest, &error))
    g_task_return_pointer(task, g_steal_pointer(&digest), g_free);
  else
    g_task_return_error(task, error);
}

static void fill_line(const Line *line, const char *value)
{
  adw_action_row_set_subtitle(ADW_ACTION_ROW(line->row), value);
  gtk_actionable_set_action_target(GTK_ACTIONABLE(line->button), "s", value);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(line->button), "image.copy");
  gtk_widget_set_sensitive(line->button, TRUE);
}

static void on_digest(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lines *lines = g_object_get_data(source, "lines");
  g_autoptr(GError) error = NULL;
  g_autofree SyDigest *digest = g_task_propagate_pointer(G_TASK(result), &error);

  if (digest) {
    g_autofree char *crc = g_strdup_printf("%08X", digest->crc);

    fill_line(&lines->crc, crc);
    fill_line(&lines->sha256, digest->sha256);
  } else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    adw_action_row_set_subtitle(ADW_ACTION_ROW(lines->crc.row), error->message);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(lines->sha256.row), error->message);
  }
}

static void release_cancellable(gpointer cancellable, GClosure *closure)
{
  g_object_unref(cancellable);
}

/* Whoever leaves the file does not wait for a large one to be read. The task keeps the group, so
 * this is told by where it hangs. */
static void on_root(GtkWidget *group, GParamSpec *spec, GCancellable *cancellable)
{
  if (!gtk_widget_get_root(group))
    g_cancellable_cancel(cancellable);
}

static Line create_line(AdwPreferencesGroup *group, const char *title)
{
  GtkWidget *row = adw_action_row_new();
  GtkWidget *button = gtk_button_new_from_icon_name("edit-copy-symbolic");
  g_autofree char *label = g_strdup_printf(_("Copy %s"), title);

  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
  adw_action_row_set_subtitle(ADW_ACTION_ROW(row), _("Computing…"));
  adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
  gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class(button, "flat");
  gtk_widget_set_tooltip_text(button, label);
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_sensitive(button, FALSE);
  adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
  adw_preferences_group_add(group, row);
  return (Line){row, button};
}

GtkWidget *sy_image_hashes_create(SyRelease *release)
{
  SyImageFile *file = sy_release_get_file(release);
  GtkWidget *group;
  Lines *lines;
  g_autoptr(GCancellable) cancellable = NULL;
  g_autoptr(GTask) task = NULL;

  if (!file)
    return NULL;
  group = adw_preferences_group_new();
  lines = g_new0(Lines, 1);
  cancellable = g_cancellable_new();
  adw_preferences_group_set_title(ADW_PREFERENCES_GROUP(group), _("Hashes of the File"));
  lines->sha256 = create_line(ADW_PREFERENCES_GROUP(group), "SHA-256");
  lines->crc = create_line(ADW_PREFERENCES_GROUP(group), "CRC-32");
  g_object_set_data_full(G_OBJECT(group), "lines", lines, g_free);
  g_signal_connect_data(group, "notify::root", G_CALLBACK(on_root), g_object_ref(cancellable),
                        release_cancellable, 0);
  task = g_task_new(group, cancellable, on_digest, NULL);
  g_task_set_task_data(task, g_object_ref(sy_image_file_get_file(file)), g_object_unref);
  g_task_run_in_thread(task, digest_in_thread);
  return group;
}
