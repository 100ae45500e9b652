/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One drill of the list. */

#include "sy-config.h"

#include "sy-drill-row.h"

#include <glib/gi18n.h>

struct _SyDrillRow {
  GtkListBoxRow parent_instance;

  GtkLabel *title_label;
  GtkButton *start_button;
  GtkLabel *what_label;
  GtkLabel *expect_label;
  GtkLabel *proof_label;
  GtkWidget *state_box;
  GtkImage *state_icon;
  GtkLabel *state_label;
  GtkLabel *end_label;

  const SyDrill *drill;
};

G_DEFINE_FINAL_TYPE(SyDrillRow, sy_drill_row, GTK_TYPE_LIST_BOX_ROW)

static void show_state(SyDrillRow *self, const char *icon, const char *css_class, const char *state,
                       const char *text)
{
  const char *classes[] = {"drill-state", css_class, NULL};

  gtk_image_set_from_icon_name(self->state_icon, icon);
  gtk_widget_set_css_classes(GTK_WIDGET(self->state_icon), classes);
  gtk_widget_set_css_classes(GTK_WIDGET(self->state_label), classes);
  gtk_label_set_text(self->state_label, state);
  gtk_label_set_text(self->end_label, text);
  gtk_widget_set_visible(self->state_box, TRUE);
}

void sy_drill_row_show_running(SyDrillRow *self, guint fired)
{
  g_autofree char *text = NULL;

  g_return_if_fail(SY_IS_DRILL_ROW(self));

  text = sy_drill_dup_running_text(self->drill, fired);
  show_state(self, "media-playback-start-symbolic", NULL, _("Running"), text);
}

void sy_drill_row_show_end(SyDrillRow *self, SyDrillVerdict verdict, const char *text)
{
  gboolean good = verdict == SY_DRILL_AS_EXPECTED;
  gboolean bad = verdict == SY_DRILL_OTHERWISE;
  const char *icon = "emblem-important-symbolic";

  g_return_if_fail(SY_IS_DRILL_ROW(self));

  if (good)
    icon = "object-select-symbolic";
  else if (bad)
    icon = "dialog-warning-symbolic";
  show_state(self, icon,
             good  ? "success"
             : bad ? "error"
                   : NULL,
             sy_drill_verdict_to_string(verdict), text);
}

void sy_drill_row_clear(SyDrillRow *self)
{
  g_return_if_fail(SY_IS_DRILL_ROW(self));

  gtk_widget_set_visible(self->state_box, FALSE);
  gtk_label_set_text(self->state_label, "");
  gtk_label_set_text(self->end_label, "");
}

const SyDrill *sy_drill_row_get_drill(SyDrillRow *self)
{
  g_return_val_if_fail(SY_IS_DRILL_ROW(self), NULL);

  return self->drill;
}

static void sy_drill_row_class_init(SyDrillRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-drill-row.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyDrillRow, name)
  BIND(title_label);
  BIND(start_button);
  BIND(what_label);
  BIND(expect_label);
  BIND(proof_label);
  BIND(state_box);
  BIND(state_icon);
  BIND(state_label);
  BIND(end_label);
#undef BIND
}

static void sy_drill_row_init(SyDrillRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

/* "Expect: …", its first word apart. */
static void set_headed_text(GtkLabel *label, const char *head, const char *text)
{
  g_autofree char *markup = g_markup_printf_escaped("<b>%s</b> %s", head, text);

  gtk_label_set_markup(label, markup);
}

GtkWidget *sy_drill_row_new(const SyDrill *drill)
{
  SyDrillRow *self = g_object_new(SY_TYPE_DRILL_ROW, NULL);
  g_autofree char *label = NULL;

  self->drill = drill;
  gtk_label_set_text(self->title_label, _(drill->title));
  gtk_label_set_text(self->what_label, _(drill->what));
  /* Translators: before what will happen in a drill. */
  set_headed_text(self->expect_label, _("Expect:"), _(drill->expect));
  /* Translators: before what a drill will have proved. */
  set_headed_text(self->proof_label, _("Shows:"), _(drill->proof));
  /* Translators: the name of a drill's Start button, %s is the drill's title. */
  label = g_strdup_printf(_("Start: %s"), _(drill->title));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->start_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 label, -1);
  gtk_actionable_set_action_target(GTK_ACTIONABLE(self->start_button), "s", drill->name);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(self->start_button), "win.drill");
  return GTK_WIDGET(self);
}
