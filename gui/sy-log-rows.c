/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of the log in a list, in words and as text. */

#include "sy-config.h"

#include "sy-log-rows.h"

#include "sy-log-line.h"

#include <glib/gi18n.h>

const char *sy_log_level_get_word(SyLogLevel level)
{
  switch (level) {
  case SY_LOG_TRACE:
    /* Translators: level of a line of the log: it shows a frame of the protocol. */
    return _("Frame");
  case SY_LOG_DEBUG:
    return _("Detail");
  case SY_LOG_WARNING:
    return _("Warning");
  case SY_LOG_ERROR:
    return _("Error");
  case SY_LOG_INFO:
  default:
    return _("Info");
  }
}

char *sy_log_rows_dup_sentence(SyLogEntry *entry)
{
  g_autofree char *time = sy_log_entry_dup_time_text(entry);

  return g_strdup_printf("%s %s: %s", time, sy_log_level_get_word(sy_log_entry_get_level(entry)),
                         sy_log_entry_get_text(entry));
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child(item, sy_log_line_new(GPOINTER_TO_INT(user_data)));
  gtk_list_item_set_activatable(item, FALSE);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  SyLogEntry *entry = gtk_list_item_get_item(item);
  GtkWidget *line = gtk_list_item_get_child(item);
  g_autofree char *sentence = sy_log_rows_dup_sentence(entry);

  sy_log_line_set_entry(SY_LOG_LINE(line), entry);
  /* The row is what has the focus, so it is what is read. */
  gtk_accessible_update_property(GTK_ACCESSIBLE(gtk_widget_get_parent(line)),
                                 GTK_ACCESSIBLE_PROPERTY_LABEL, sentence, -1);
}

GtkListItemFactory *sy_log_rows_new_factory(gboolean narrow)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new();

  g_signal_connect(factory, "setup", G_CALLBACK(on_setup), GINT_TO_POINTER(narrow));
  g_signal_connect(factory, "bind", G_CALLBACK(on_bind), NULL);
  return factory;
}

void sy_log_rows_append_text(GString *to, SyLogEntry *entry)
{
  g_autofree char *time = sy_log_entry_dup_time_text(entry);

  g_string_append_printf(to, "%s %s %s\n", time,
                         sy_log_level_get_word(sy_log_entry_get_level(entry)),
                         sy_log_entry_get_text(entry));
}
