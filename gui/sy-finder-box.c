/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The search for the substation, as it is seen. */

#include "sy-config.h"

#include "sy-finder-box.h"

#include "sy-announce.h"
#include "sy-finder.h"

#include <glib/gi18n.h>

struct _SyFinderBox {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkSpinner *spinner;
  GtkLabel *title_label;
  GtkButton *end_button;
  GtkWidget *rows;

  gboolean searching;
  gboolean choosing;
};

enum { STOP, CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyFinderBox, sy_finder_box, GTK_TYPE_WIDGET)

static void clear_rows(SyFinderBox *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child(self->rows)))
    gtk_box_remove(GTK_BOX(self->rows), child);
  gtk_widget_set_visible(self->rows, FALSE);
}

static void show(SyFinderBox *self, const char *title, const char *css_class, gboolean searching)
{
  const char *const classes[] = {css_class, NULL};

  self->searching = searching;
  self->choosing = FALSE;
  gtk_label_set_text(self->title_label, title);
  gtk_widget_set_visible(GTK_WIDGET(self->spinner), searching);
  gtk_spinner_set_spinning(self->spinner, searching);
  gtk_button_set_label(self->end_button, searching ? _("_Stop") : _("_Close"));
  gtk_widget_set_css_classes(GTK_WIDGET(self), (const char **)classes);
  clear_rows(self);
  gtk_widget_set_visible(GTK_WIDGET(self), TRUE);
  sy_announce(GTK_WIDGET(self), title, SY_URGENCY_POLITE);
}

void sy_finder_box_show_progress(SyFinderBox *self, guint waiting, gboolean trying_rates)
{
  g_autofree char *title = NULL;

  g_return_if_fail(SY_IS_FINDER_BOX(self));

  if (trying_rates)
    title = g_strdup_printf(ngettext("Nobody answers. Trying other rates on %u port…",
                                     "Nobody answers. Trying other rates on %u ports…", waiting),
                            waiting);
  else
    title = g_strdup_printf(ngettext("Asking %u port…", "Asking %u ports…", waiting), waiting);
  show(self, title, "notice", TRUE);
}

static GtkWidget *label_new(const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new(text);

  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_label_set_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode(GTK_LABEL(label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_max_width_chars(GTK_LABEL(label), 34);
  if (css_class)
    gtk_widget_add_css_class(label, css_class);
  return label;
}

static void on_chosen(SyFinderBox *self, GtkButton *button)
{
  g_autofree char *port = g_strdup(g_object_get_data(G_OBJECT(button), "port"));

  g_signal_emit(self, signals[CHOSEN], 0, port);
}

static void add_port(SyFinderBox *self, const SyFinderPort *port, gboolean choice)
{
  GtkWidget *lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *text = sy_finder_port_dup_text(port);
  GtkWidget *name = label_new(port->label, "heading");
  GtkWidget *said = label_new(text, choice ? "caption" : NULL);
  GtkWidget *button;

  gtk_box_append(GTK_BOX(lines), name);
  gtk_box_append(GTK_BOX(lines), said);
  if (!choice) {
    gtk_label_set_selectable(GTK_LABEL(said), TRUE);
    gtk_box_append(GTK_BOX(self->rows), lines);
    return;
  }
  button = gtk_button_new();
  gtk_button_set_child(GTK_BUTTON(button), lines);
  g_object_set_data_full(G_OBJECT(button), "port", g_strdup(port->port), g_free);
  g_signal_connect_object(button, "clicked", G_CALLBACK(on_chosen), self, G_CONNECT_SWAPPED);
  gtk_box_append(GTK_BOX(self->rows), button);
}

void sy_finder_box_show_ports(SyFinderBox *self, GPtrArray *ports)
{
  gboolean choice = FALSE;

  g_return_if_fail(SY_IS_FINDER_BOX(self));

  for (guint n = 0; n < ports->len; n++)
    choice = choice || sy_finder_port_is_usable(g_ptr_array_index(ports, n));
  show(self, choice ? _("Several Substations Answer") : _("No Substation Was Found"),
       choice ? "notice" : "trouble", FALSE);
  if (choice)
    gtk_box_append(GTK_BOX(self->rows), label_new(_("Choose one:"), NULL));
  else if (ports->len == 0)
    gtk_box_append(
        GTK_BOX(self->rows),
        label_new(_("No adapter is plugged in. Plug one in: it is listed by itself."), NULL));
  for (guint n = 0; n < ports->len; n++) {
    const SyFinderPort *port = g_ptr_array_index(ports, n);

    if (!choice || sy_finder_port_is_usable(port))
      add_port(self, port, choice);
  }
  gtk_widget_set_visible(self->rows, TRUE);
  self->choosing = choice;
}

gboolean sy_finder_box_is_choosing(SyFinderBox *self)
{
  g_return_val_if_fail(SY_IS_FINDER_BOX(self), FALSE);

  return self->choosing;
}

void sy_finder_box_clear(SyFinderBox *self)
{
  g_return_if_fail(SY_IS_FINDER_BOX(self));

  self->searching = FALSE;
  self->choosing = FALSE;
  clear_rows(self);
  gtk_spinner_set_spinning(self->spinner, FALSE);
  gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

static void on_end(SyFinderBox *self)
{
  if (self->searching)
    g_signal_emit(self, signals[STOP], 0);
  else
    sy_finder_box_clear(self);
}

static void sy_finder_box_dispose(GObject *object)
{
  g_clear_pointer(&SY_FINDER_BOX(object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_finder_box_parent_class)->dispose(object);
}

static void sy_finder_box_class_init(SyFinderBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_finder_box_dispose;
  signals[STOP] = g_signal_new("stop", SY_TYPE_FINDER_BOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
  signals[CHOSEN] = g_signal_new("chosen", SY_TYPE_FINDER_BOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-finder-box.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyFinderBox, name)
  BIND(box);
  BIND(spinner);
  BIND(title_label);
  BIND(end_button);
  BIND(rows);
#undef BIND
}

static void sy_finder_box_init(SyFinderBox *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_accessible_update_relation(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                 self->title_label, NULL, -1);
  g_signal_connect_swapped(self->end_button, "clicked", G_CALLBACK(on_end), self);
}
