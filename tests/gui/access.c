/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What people who hear the window, or have no pointer, get of it. */

#include "access.h"

enum { STOPS_MAX = 400 };

static void append_mapped(GPtrArray *list, GtkWidget *widget)
{
  if (!gtk_widget_get_mapped(widget) || !gtk_widget_get_child_visible(widget))
    return;
  g_ptr_array_add(list, widget);
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    append_mapped(list, child);
}

GPtrArray *access_list_mapped(GtkWidget *root)
{
  GPtrArray *list = g_ptr_array_new();

  append_mapped(list, root);
  return list;
}

static char *dup_if_any(const char *text)
{
  return text && text[0] != '\0' ? g_strdup(text) : NULL;
}

/* A value that none has: what is there is told then. */
static char *dup_label_property(GtkWidget *widget)
{
  g_autofree char *text = NULL;

  if (!gtk_test_accessible_has_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL))
    return NULL;
  text = gtk_test_accessible_check_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                            "\001");
  return dup_if_any(text);
}

static char *dup_text(GtkWidget *widget)
{
  if (GTK_IS_LABEL(widget))
    return dup_if_any(gtk_label_get_text(GTK_LABEL(widget)));
  if (GTK_IS_INSCRIPTION(widget))
    return dup_if_any(gtk_inscription_get_text(GTK_INSCRIPTION(widget)));
  if (GTK_IS_BUTTON(widget))
    return dup_if_any(gtk_button_get_label(GTK_BUTTON(widget)));
  return NULL;
}

static char *dup_texts_below(GtkWidget *widget)
{
  g_autoptr(GPtrArray) below = access_list_mapped(widget);
  g_autoptr(GString) texts = g_string_new(NULL);

  for (guint n = 1; n < below->len; n++) {
    g_autofree char *text = access_dup_name(below->pdata[n]);

    if (text)
      g_string_append_printf(texts, "%s%s", texts->len > 0 ? " " : "", text);
  }
  return dup_if_any(texts->str);
}

char *access_dup_name(GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent(widget);
  char *name = dup_label_property(widget);

  if (!name)
    name = dup_text(widget);
  if (!name &&
      gtk_test_accessible_has_relation(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    /* GTK says that of a button and the icon in it, which has no name either. */
    name = GTK_IS_BUTTON(widget) ? dup_texts_below(widget) : g_strdup("(labelled)");
  /* The line of text in an entry, and the button in a menu button, are the same thing to a person.
   */
  if (!name && parent && (GTK_IS_TEXT(widget) || GTK_IS_MENU_BUTTON(parent)))
    return access_dup_name(parent);
  return name;
}

char *access_dup_spoken(GtkWidget *widget)
{
  char *name = access_dup_name(widget);

  return name ? name : dup_texts_below(widget);
}

char *access_dup_path(GtkWidget *widget)
{
  GString *path = g_string_new(NULL);

  for (GtkWidget *at = widget; at; at = gtk_widget_get_parent(at)) {
    const char *id = gtk_buildable_get_buildable_id(GTK_BUILDABLE(at));

    g_string_prepend(path, id ? id : G_OBJECT_TYPE_NAME(at));
    if (gtk_widget_get_parent(at))
      g_string_prepend(path, " > ");
  }
  return g_string_free(path, FALSE);
}

GPtrArray *access_walk_focus(GtkWindow *window, GtkDirectionType direction)
{
  GPtrArray *stops = g_ptr_array_new();

  gtk_window_set_focus(window, NULL);
  while (stops->len < STOPS_MAX) {
    GtkWidget *focus;

    gtk_widget_child_focus(GTK_WIDGET(window), direction);
    focus = gtk_window_get_focus(window);
    if (!focus || g_ptr_array_find(stops, focus, NULL))
      break;
    g_ptr_array_add(stops, focus);
  }
  return stops;
}
