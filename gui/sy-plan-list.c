/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything that an upgrade depends on, as rows. */

#include "sy-config.h"

#include "sy-plan-list.h"

#include <glib/gi18n.h>

enum { HEIGHT_MAX = 260, ROW_SPACING = 6, COLUMN_SPACING = 9 };

typedef struct {
  GtkWidget *widget;
  SyPlanState state;
  char *text; /* as it is heard */
} Row;

struct _SyPlanList {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkBox *box;
  GArray *rows;
  GtkSizeGroup *words;
  gboolean expanded, hushed;
};

G_DEFINE_FINAL_TYPE(SyPlanList, sy_plan_list, GTK_TYPE_WIDGET)

const char *sy_plan_state_get_icon(SyPlanState state)
{
  static const char *const icons[SY_PLAN_STATES] = {
      [SY_PLAN_PASSED] = "object-select-symbolic", [SY_PLAN_WAITS] = "content-loading-symbolic",
      [SY_PLAN_NOTE] = "sy-information-symbolic",  [SY_PLAN_WARNING] = "dialog-warning-symbolic",
      [SY_PLAN_FAILED] = "dialog-error-symbolic",
  };

  return icons[state];
}

const char *sy_plan_state_get_class(SyPlanState state)
{
  static const char *const classes[SY_PLAN_STATES] = {
      [SY_PLAN_PASSED] = "check-passed", [SY_PLAN_WAITS] = "dim-label", [SY_PLAN_NOTE] = "neutral",
      [SY_PLAN_WARNING] = "warning",     [SY_PLAN_FAILED] = "error",
  };

  return classes[state];
}

static const char *get_word(SyPlanState state)
{
  switch (state) {
  case SY_PLAN_PASSED:
    return _("Passed");
  case SY_PLAN_WAITS:
    return _("Open");
  case SY_PLAN_NOTE:
    return _("Note");
  case SY_PLAN_WARNING:
    return _("Warning");
  case SY_PLAN_FAILED:
  case SY_PLAN_STATES:
  default:
    return _("Missing");
  }
}

static char *dup_words(const SyPlanCheck *check)
{
  g_autofree char *what = NULL;

  /* Translators: a check and what was found, as in "Port: None is chosen." */
  what = g_strdup_printf(_("%s: %s"), check->name, check->text);
  return check->fix ? g_strdup_printf("%s %s", what, check->fix) : g_steal_pointer(&what);
}

static GtkWidget *create_words(const SyPlanCheck *check)
{
  g_autofree char *words = dup_words(check);
  g_autofree char *escaped = g_markup_escape_text(words, -1);
  GtkWidget *label = gtk_label_new(NULL);

  gtk_label_set_markup(GTK_LABEL(label), escaped);
  gtk_label_set_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode(GTK_LABEL(label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_set_hexpand(label, TRUE);
  return label;
}

static GtkWidget *create_button(const SyPlanCheck *check)
{
  GtkWidget *button = gtk_button_new_with_mnemonic(check->action_label);

  gtk_actionable_set_detailed_action_name(GTK_ACTIONABLE(button), check->action);
  gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class(button, "check-fix");
  return button;
}

static GtkWidget *create_row(SyPlanList *self, const SyPlanCheck *check)
{
  GtkWidget *row = g_object_new(GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_ITEM,
                                "spacing", COLUMN_SPACING, NULL);
  GtkWidget *icon =
      g_object_new(GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "icon-name",
                   sy_plan_state_get_icon(check->state), NULL);
  GtkWidget *word = gtk_label_new(get_word(check->state));

  gtk_label_set_xalign(GTK_LABEL(word), 0);
  gtk_widget_add_css_class(icon, sy_plan_state_get_class(check->state));
  gtk_widget_add_css_class(word, "check-state");
  gtk_size_group_add_widget(self->words, word);
  gtk_box_append(GTK_BOX(row), icon);
  gtk_box_append(GTK_BOX(row), word);
  gtk_box_append(GTK_BOX(row), create_words(check));
  if (check->action)
    gtk_box_append(GTK_BOX(row), create_button(check));
  return row;
}

static char *dup_heard(const SyPlanCheck *check)
{
  g_autofree char *words = dup_words(check);

  /* Translators: how a check stands, and what was found. */
  return g_strdup_printf(_("%s: %s"), get_word(check->state), words);
}

static gboolean is_shown(SyPlanList *self, SyPlanState state)
{
  return !self->hushed && (self->expanded || state >= SY_PLAN_WARNING);
}

static void update_visible(SyPlanList *self)
{
  gboolean any = FALSE;

  for (guint n = 0; n < self->rows->len; n++) {
    const Row *row = &g_array_index(self->rows, Row, n);

    gtk_widget_set_visible(row->widget, is_shown(self, row->state));
    any |= is_shown(self, row->state);
  }
  /* What can scroll is never lower than its scrollbar. */
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_NEVER,
                                 self->expanded ? GTK_POLICY_AUTOMATIC : GTK_POLICY_NEVER);
  gtk_widget_set_visible(GTK_WIDGET(self), any);
}

/* Rows stay while they say the same: one of their buttons may have the focus. */
static gboolean says_the_same(SyPlanList *self, const GArray *checks)
{
  if (checks->len != self->rows->len)
    return FALSE;
  for (guint n = 0; n < checks->len; n++) {
    g_autofree char *heard = dup_heard(&g_array_index(checks, SyPlanCheck, n));

    if (g_strcmp0(heard, g_array_index(self->rows, Row, n).text) != 0)
      return FALSE;
  }
  return TRUE;
}

static void clear_row(gpointer data)
{
  Row *row = data;

  g_free(row->text);
}

static void clear_rows(SyPlanList *self)
{
  for (guint n = 0; n < self->rows->len; n++)
    gtk_box_remove(self->box, g_array_index(self->rows, Row, n).widget);
  g_array_set_size(self->rows, 0);
}

static void add_row(SyPlanList *self, const SyPlanCheck *check)
{
  Row row = {create_row(self, check), check->state, dup_heard(check)};

  gtk_accessible_update_property(GTK_ACCESSIBLE(row.widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 row.text, -1);
  gtk_box_append(self->box, row.widget);
  g_array_append_val(self->rows, row);
}

/* What did not pass comes first: the list may be longer than its room. */
static GArray *dup_in_order(const GArray *checks)
{
  GArray *ordered = g_array_sized_new(FALSE, FALSE, sizeof(SyPlanCheck), checks->len);

  for (guint round = 0; round < 2; round++)
    for (guint n = 0; n < checks->len; n++) {
      const SyPlanCheck *check = &g_array_index(checks, SyPlanCheck, n);

      if ((check->state == SY_PLAN_PASSED) == (round == 1))
        g_array_append_val(ordered, *check);
    }
  return ordered;
}

void sy_plan_list_set_checks(SyPlanList *self, const GArray *checks)
{
  g_autoptr(GArray) ordered = NULL;

  g_return_if_fail(SY_IS_PLAN_LIST(self));

  ordered = dup_in_order(checks);
  if (says_the_same(self, ordered))
    return;
  clear_rows(self);
  for (guint n = 0; n < ordered->len; n++)
    add_row(self, &g_array_index(ordered, SyPlanCheck, n));
  update_visible(self);
}

void sy_plan_list_set_expanded(SyPlanList *self, gboolean expanded)
{
  g_return_if_fail(SY_IS_PLAN_LIST(self));

  self->expanded = expanded;
  update_visible(self);
}

void sy_plan_list_set_hushed(SyPlanList *self, gboolean hushed)
{
  g_return_if_fail(SY_IS_PLAN_LIST(self));

  self->hushed = hushed;
  update_visible(self);
}

char *sy_plan_list_dup_summary(SyPlanList *self)
{
  guint passed = 0;

  g_return_val_if_fail(SY_IS_PLAN_LIST(self), NULL);

  for (guint n = 0; n < self->rows->len; n++)
    passed += g_array_index(self->rows, Row, n).state == SY_PLAN_PASSED;
  if (passed == self->rows->len)
    return g_strdup_printf(ngettext("%u check passed", "%u checks passed", passed), passed);
  /* Translators: how many passed, of how many in all. */
  return g_strdup_printf(
      ngettext("%u of %u check passed", "%u of %u checks passed", self->rows->len), passed,
      self->rows->len);
}

SyPlanState sy_plan_list_get_worst(SyPlanList *self)
{
  SyPlanState worst = SY_PLAN_PASSED;

  g_return_val_if_fail(SY_IS_PLAN_LIST(self), worst);

  for (guint n = 0; n < self->rows->len; n++)
    worst = MAX(worst, g_array_index(self->rows, Row, n).state);
  return worst;
}

char *sy_plan_list_dup_text(SyPlanList *self)
{
  GString *text = g_string_new(NULL);

  g_return_val_if_fail(SY_IS_PLAN_LIST(self), g_string_free(text, FALSE));

  for (guint n = 0; n < self->rows->len; n++) {
    const Row *row = &g_array_index(self->rows, Row, n);

    if (is_shown(self, row->state))
      g_string_append_printf(text, "%s\n", row->text);
  }
  return g_string_free(text, FALSE);
}

static void sy_plan_list_dispose(GObject *object)
{
  SyPlanList *self = SY_PLAN_LIST(object);

  g_clear_pointer(&self->scroller, gtk_widget_unparent);
  g_clear_pointer(&self->rows, g_array_unref);
  g_clear_object(&self->words);
  G_OBJECT_CLASS(sy_plan_list_parent_class)->dispose(object);
}

static GtkSizeRequestMode sy_plan_list_get_request_mode(GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* A scrolled window asks for the height that its child has at its widest: lines that wrap would be
 * cut. */
static void sy_plan_list_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline)
{
  SyPlanList *self = SY_PLAN_LIST(widget);
  int height = 0;

  gtk_widget_measure(self->scroller, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  gtk_widget_measure(GTK_WIDGET(self->box), orientation, for_size, &height, NULL, NULL, NULL);
  if (!self->expanded)
    *minimum = height;
  *natural = MAX(*minimum, MIN(height, HEIGHT_MAX));
}

static void sy_plan_list_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate(SY_PLAN_LIST(widget)->scroller, width, height, baseline, NULL);
}

static void sy_plan_list_class_init(SyPlanListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_plan_list_dispose;
  widget_class->get_request_mode = sy_plan_list_get_request_mode;
  widget_class->measure = sy_plan_list_measure;
  widget_class->size_allocate = sy_plan_list_size_allocate;
  gtk_widget_class_set_css_name(widget_class, "planlist");
}

static void sy_plan_list_init(SyPlanList *self)
{
  self->rows = g_array_new(FALSE, FALSE, sizeof(Row));
  g_array_set_clear_func(self->rows, clear_row);
  self->words = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
  self->box = g_object_new(GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_LIST, "orientation",
                           GTK_ORIENTATION_VERTICAL, "spacing", ROW_SPACING, NULL);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 _("What the upgrade depends on"), -1);
  self->scroller = gtk_scrolled_window_new();
  gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(self->scroller), TRUE);
  gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(self->scroller), HEIGHT_MAX);
  gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), GTK_WIDGET(self->box));
  gtk_widget_set_parent(self->scroller, GTK_WIDGET(self));
  gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
