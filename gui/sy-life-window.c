/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an upgrade's time went, as a window. */

#include "sy-config.h"

#include "sy-life-window.h"

#include <glib/gi18n.h>

enum { VALUES = 3 };

/* A list with a name and values in columns. */
typedef struct {
  GtkListBox *list;
  GtkSizeGroup *columns[VALUES];
} Table;

struct _SyLifeWindow {
  AdwWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkLabel *summary_label;
  AdwPreferencesGroup *stages_group;
  GtkListBox *stages_list;
  AdwPreferencesGroup *interrupts_group;
  GtkListBox *interrupts_list;
  AdwPreferencesGroup *blocks_group;

  Table stages, interrupts;
  char *text;
};

G_DEFINE_FINAL_TYPE(SyLifeWindow, sy_life_window, ADW_TYPE_WINDOW)

static void table_init(Table *table, GtkListBox *list)
{
  table->list = list;
  for (int n = 0; n < VALUES; n++)
    table->columns[n] = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
}

static void table_clear(Table *table)
{
  for (int n = 0; n < VALUES; n++)
    g_clear_object(&table->columns[n]);
}

static GtkWidget *create_label(const char *text, float xalign)
{
  GtkWidget *label = gtk_label_new(text);

  gtk_label_set_xalign(GTK_LABEL(label), xalign);
  return label;
}

/* A name and three values in columns. */
static GtkWidget *create_line(const Table *table, const char *name,
                              const char *const values[VALUES])
{
  GtkWidget *grid = gtk_grid_new();
  GtkWidget *label = create_label(name, 0);

  gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
  gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
  gtk_label_set_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand(label, TRUE);
  gtk_grid_attach(GTK_GRID(grid), label, 0, 0, 1, 1);
  for (int n = 0; n < VALUES; n++) {
    GtkWidget *value = create_label(values[n], 1);

    gtk_widget_add_css_class(value, "numeric");
    gtk_size_group_add_widget(table->columns[n], value);
    gtk_grid_attach(GTK_GRID(grid), value, n + 1, 0, 1, 1);
  }
  return grid;
}

static GtkWidget *create_row(GtkWidget *child)
{
  GtkWidget *row = gtk_list_box_row_new();

  gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
  gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), child);
  gtk_widget_add_css_class(row, "life");
  return row;
}

static void add_heading(const Table *table, const char *name, const char *const values[VALUES])
{
  GtkWidget *line = create_line(table, name, values);
  GtkWidget *row = create_row(line);

  gtk_widget_add_css_class(line, "dim-label");
  gtk_widget_add_css_class(line, "caption-heading");
  gtk_widget_set_focusable(row, FALSE);
  gtk_list_box_append(table->list, row);
}

/* The number stands above it, so that it needs no words of its own. */
static GtkWidget *create_bar(double share)
{
  GtkWidget *bar =
      g_object_new(GTK_TYPE_LEVEL_BAR, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "value",
                   CLAMP(share, 0, 1), NULL);

  gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_FULL);
  return bar;
}

/* `spoken` is the whole row for who does not see the columns; no bar with a negative share. */
static void add_line(const Table *table, const char *name, const char *const values[VALUES],
                     double share, const char *spoken)
{
  GtkWidget *line = create_line(table, name, values);
  GtkWidget *row = create_row(line);

  if (share >= 0)
    gtk_grid_attach(GTK_GRID(line), create_bar(share), 0, 1, 1 + VALUES, 1);
  gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_list_box_append(table->list, row);
}

static void add_stage(SyLifeWindow *self, const SyLifeRow *row)
{
  const char *name = sy_life_stage_get_label(row->stage);
  gboolean once = row->per_block_us < 0;
  g_autofree char *per_block = once ? g_strdup(_("once")) : sy_life_dup_time(row->per_block_us);
  g_autofree char *all = sy_life_dup_time(row->us);
  g_autofree char *share = g_strdup_printf(_("%d %%"), (int)(row->share * 100 + 0.5));
  /* Translators: a stage, then its time for a block, its time in all, and its share. */
  g_autofree char *spoken =
      once ? g_strdup_printf(_("%s: once, %s, %s"), name, all, share)
           : g_strdup_printf(_("%s: %s per block, %s in all, %s"), name, per_block, all, share);
  const char *const values[VALUES] = {per_block, all, share};

  add_line(&self->stages, name, values, row->share, spoken);
}

static void fill_stages(SyLifeWindow *self, const SyLifeTable *table)
{
  const char *const headings[VALUES] = {_("A Block"), _("In All"), _("Share")};
  g_autofree char *note = sy_life_dup_stages_note(table);

  adw_preferences_group_set_description(self->stages_group, note);
  add_heading(&self->stages, _("Stage"), headings);
  for (guint n = 0; n < table->n_rows; n++)
    add_stage(self, &table->rows[n]);
}

static void add_interrupt(SyLifeWindow *self, const char *name, guint32 count, guint32 clocks,
                          const char *per_byte, double share)
{
  g_autofree char *counted = g_strdup_printf("%u", count);
  g_autofree char *spent = g_strdup_printf("%u", clocks);
  g_autofree char *times = g_strdup_printf(ngettext("%u time", "%u times", count), count);
  g_autofree char *cost = g_strdup_printf(ngettext("%u clock", "%u clocks", clocks), clocks);
  /* Translators: an interrupt, how often it came, what it took. */
  g_autofree char *spoken = g_strdup_printf(_("%s: %s, %s"), name, times, cost);
  const char *const values[VALUES] = {counted, spent, per_byte};

  add_line(&self->interrupts, name, values, share, spoken);
}

static void fill_interrupts(SyLifeWindow *self, const SyLifeTable *table)
{
  const char *const headings[VALUES] = {_("Times"), _("Clocks"), _("A Byte")};
  const guint32 *fields = table->life.loader.fields;
  g_autofree char *note = sy_life_dup_interrupts_note(table);
  /* Translators: clocks that an interrupt takes for each byte, of those that a byte lasts. */
  g_autofree char *per_byte =
      g_strdup_printf(_("%.0f of %.0f"), table->uart_clocks, table->byte_clocks);

  gtk_widget_set_visible(GTK_WIDGET(self->interrupts_group), table->told);
  if (!table->told)
    return;
  adw_preferences_group_set_description(self->interrupts_group, note);
  add_heading(&self->interrupts, _("Cause"), headings);
  add_interrupt(self, _("Serial line"), fields[WIRE_LIFE_UART_COUNT], fields[WIRE_LIFE_UART_CLOCKS],
                per_byte, table->uart_clocks / table->byte_clocks);
  add_interrupt(self, _("Clock tick"), fields[WIRE_LIFE_TICK_COUNT], fields[WIRE_LIFE_TICK_CLOCKS],
                "–", -1);
}

SyLifeWindow *sy_life_window_new(GtkWindow *parent, const SyLifeTable *table)
{
  SyLifeWindow *self =
      g_object_new(SY_TYPE_LIFE_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  g_autofree char *summary = sy_life_dup_summary(table);
  g_autofree char *blocks = sy_life_dup_blocks_note(table);
  g_autofree char *text = sy_life_dup_text(table);

  gtk_label_set_text(self->summary_label, summary);
  fill_stages(self, table);
  fill_interrupts(self, table);
  adw_preferences_group_set_description(self->blocks_group, blocks);
  self->text = g_strdup_printf("%s\n\n%s", summary, text);
  return self;
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyLifeWindow *self = SY_LIFE_WINDOW(widget);
  AdwToast *toast = adw_toast_new(_("Copied"));

  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), self->text);
  adw_toast_set_timeout(toast, 2);
  adw_toast_overlay_add_toast(self->toasts, toast);
}

static void sy_life_window_finalize(GObject *object)
{
  SyLifeWindow *self = SY_LIFE_WINDOW(object);

  table_clear(&self->stages);
  table_clear(&self->interrupts);
  g_free(self->text);
  G_OBJECT_CLASS(sy_life_window_parent_class)->finalize(object);
}

static void sy_life_window_class_init(SyLifeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->finalize = sy_life_window_finalize;
  gtk_widget_class_install_action(widget_class, "life.copy", NULL, activate_copy);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "life.copy", NULL);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-life-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyLifeWindow, name)
  BIND(toasts);
  BIND(summary_label);
  BIND(stages_group);
  BIND(stages_list);
  BIND(interrupts_group);
  BIND(interrupts_list);
  BIND(blocks_group);
#undef BIND
}

static void sy_life_window_init(SyLifeWindow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  table_init(&self->stages, self->stages_list);
  table_init(&self->interrupts, self->interrupts_list);
}
