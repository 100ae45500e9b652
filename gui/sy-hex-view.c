/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bytes of an image to look at. */

#include "sy-config.h"

#include "sy-hex-view-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum { NATURAL_ROWS = 24, MINIMUM_ROWS = 4 };

enum { PROP_0, PROP_HADJUSTMENT, PROP_VADJUSTMENT, PROP_HSCROLL_POLICY, PROP_VSCROLL_POLICY };

enum { CURSOR_MOVED, SELECTION_CHANGED, MESSAGE, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static gboolean sy_hex_view_get_border(GtkScrollable *scrollable, GtkBorder *border);

static void sy_hex_view_scrollable_init(GtkScrollableInterface *iface)
{
  iface->get_border = sy_hex_view_get_border;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(SyHexView, sy_hex_view, GTK_TYPE_WIDGET,
                              G_IMPLEMENT_INTERFACE(GTK_TYPE_SCROLLABLE,
                                                    sy_hex_view_scrollable_init))

/* --- what is shown --- */

static void update_actions(SyHexView *self)
{
  static const char *const names[] = {"hex.copy-hex",  "hex.copy-text",      "hex.copy-c",
                                      "hex.copy-dump", "hex.select-segment", "hex.select-all"};

  for (guint n = 0; n < G_N_ELEMENTS(names); n++)
    gtk_widget_action_set_enabled(GTK_WIDGET(self), names[n], self->has_cursor);
}

/* `other` is the one whose rows are shown too. */
static void show_image(SyHexView *self, SyImage *image, SyImage *other)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  guint32 first = 0;

  if (image)
    sy_image_ref(image);
  g_clear_pointer(&self->image, sy_image_unref);
  g_clear_pointer(&self->rows, sy_hex_rows_unref);
  g_clear_pointer(&self->pattern, g_bytes_unref);
  g_array_set_size(self->matches, 0);
  self->image = image;
  if (image)
    self->rows = sy_hex_rows_new(image, other, self->layout.per_row);
  self->has_cursor = image && sy_hex_rows_find_from(self->rows, 0, &first);
  self->cursor = self->anchor = first;
  self->has_selection = FALSE;
  self->reveal = FALSE;
  self->n_shown = 0; /* of rows that are no more */
  self->stale = TRUE;
  if (vertical)
    gtk_adjustment_set_value(vertical, 0);
  update_actions(self);
  sy_hex_view_describe_cursor(self);
  gtk_widget_queue_allocate(GTK_WIDGET(self));
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

void sy_hex_view_set_image(SyHexView *self, SyImage *image)
{
  g_return_if_fail(SY_IS_HEX_VIEW(self));

  g_clear_pointer(&self->comparison, sy_comparison_unref);
  show_image(self, image, NULL);
}

void sy_hex_view_set_comparison(SyHexView *self, SyComparison *comparison, gboolean show_b)
{
  SyImage *a;
  SyImage *b;

  g_return_if_fail(SY_IS_HEX_VIEW(self));

  if (!comparison) {
    sy_hex_view_set_image(self, NULL);
    return;
  }
  sy_comparison_ref(comparison);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  self->comparison = comparison;
  self->show_b = show_b;
  a = sy_comparison_get_a(comparison);
  b = sy_comparison_get_b(comparison);
  show_image(self, show_b ? b : a, show_b ? a : b);
}

SyImage *sy_hex_view_get_image(SyHexView *self)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self), NULL);

  return self->image;
}

SyHexRows *sy_hex_view_get_rows(SyHexView *self)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self), NULL);

  return self->rows;
}

guint sy_hex_view_get_bytes_per_row(SyHexView *self)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self), 0);

  return self->layout.per_row;
}

gboolean sy_hex_view_get_shows_text(SyHexView *self)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self), FALSE);

  return self->layout.has_text;
}

gboolean sy_hex_view_get_difference(SyHexView *self, guint32 addr, SyDiffKind *kind)
{
  gint index;

  g_return_val_if_fail(SY_IS_HEX_VIEW(self) && kind, FALSE);

  index = self->comparison ? sy_comparison_find_at(self->comparison, addr) : -1;
  if (index >= 0)
    *kind = sy_comparison_get(self->comparison, (guint)index)->kind;
  return index >= 0;
}

void sy_hex_view_set_pattern(SyHexView *self, GBytes *pattern)
{
  g_return_if_fail(SY_IS_HEX_VIEW(self));

  g_clear_pointer(&self->pattern, g_bytes_unref);
  if (pattern && g_bytes_get_size(pattern) > 0)
    self->pattern = g_bytes_ref(pattern);
  self->stale = TRUE;
  gtk_widget_queue_allocate(GTK_WIDGET(self));
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

/* --- cursor and selection --- */

void sy_hex_view_set_state(SyHexView *self, guint32 cursor, guint32 anchor, gboolean selection)
{
  guint64 before[2] = {0, 0};
  guint64 after[2] = {0, 0};
  gboolean moved = self->cursor != cursor;

  if (!self->has_cursor)
    return;
  sy_hex_view_get_selection(self, &before[0], &before[1]);
  self->cursor = cursor;
  self->anchor = anchor;
  self->has_selection = selection;
  sy_hex_view_get_selection(self, &after[0], &after[1]);
  if (!moved && before[0] == after[0] && before[1] == after[1])
    return;
  sy_hex_view_describe_cursor(self);
  gtk_widget_queue_draw(GTK_WIDGET(self));
  if (before[0] != after[0] || before[1] != after[1])
    g_signal_emit(self, signals[SELECTION_CHANGED], 0);
  if (moved)
    g_signal_emit(self, signals[CURSOR_MOVED], 0);
}

void sy_hex_view_move_to(SyHexView *self, guint32 addr, gboolean extend)
{
  sy_hex_view_set_state(self, addr, extend ? self->anchor : addr, extend && addr != self->anchor);
}

gboolean sy_hex_view_get_cursor(SyHexView *self, guint32 *addr)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self) && addr, FALSE);

  if (self->has_cursor)
    *addr = self->cursor;
  return self->has_cursor;
}

gboolean sy_hex_view_get_selection(SyHexView *self, guint64 *addr, guint64 *end)
{
  g_return_val_if_fail(SY_IS_HEX_VIEW(self) && addr && end, FALSE);

  if (self->has_selection) {
    *addr = MIN(self->cursor, self->anchor);
    *end = (guint64)MAX(self->cursor, self->anchor) + 1;
  }
  return self->has_selection;
}

void sy_hex_view_select(SyHexView *self, guint64 addr, guint64 end)
{
  guint32 first;
  guint32 last;

  g_return_if_fail(SY_IS_HEX_VIEW(self));

  if (!self->has_cursor)
    return;
  if (addr < end && sy_hex_rows_find_from(self->rows, addr, &first) && first < end &&
      sy_hex_rows_find_below(self->rows, end, &last))
    sy_hex_view_set_state(self, last, first, TRUE);
  else
    sy_hex_view_set_state(self, self->cursor, self->cursor, FALSE);
}

gboolean sy_hex_view_go_to(SyHexView *self, guint32 addr, guint64 select_len)
{
  guint32 there;
  guint32 last;
  gboolean exact;

  g_return_val_if_fail(SY_IS_HEX_VIEW(self), FALSE);

  if (!self->has_cursor)
    return FALSE;
  if (!sy_hex_rows_find_from(self->rows, addr, &there))
    sy_hex_rows_find_below(self->rows, addr, &there);
  exact = there == addr;
  if (exact && select_len > 0 && sy_hex_rows_find_below(self->rows, addr + select_len, &last))
    sy_hex_view_set_state(self, addr, last, TRUE);
  else
    sy_hex_view_set_state(self, there, there, FALSE);
  sy_hex_view_reveal(self, there, TRUE);
  return exact;
}

void sy_hex_view_select_row(SyHexView *self, const SyRow *row)
{
  sy_hex_view_select(self, row->addr, row->addr + row->length);
}

gboolean sy_hex_view_copy(SyHexView *self, SyCopyFormat format, GError **error)
{
  guint64 addr;
  guint64 end;
  g_autofree char *text = NULL;

  g_return_val_if_fail(SY_IS_HEX_VIEW(self), FALSE);

  if (!self->has_cursor) {
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        _("There is nothing to copy. Open a file first."));
    return FALSE;
  }
  if (!sy_hex_view_get_selection(self, &addr, &end)) {
    addr = self->cursor;
    end = addr + 1;
  }
  text = sy_hex_copy(self->image, addr, end, format, error);
  if (text)
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), text);
  return text != NULL;
}

void sy_hex_view_say(SyHexView *self, const char *message)
{
  g_signal_emit(self, signals[MESSAGE], 0, message);
}

/* --- as a widget --- */

static gboolean sy_hex_view_get_border(GtkScrollable *scrollable, GtkBorder *border)
{
  SyHexView *self = SY_HEX_VIEW(scrollable);

  if (self->layout.char_width == 0)
    return FALSE;
  *border = (GtkBorder){.top = (gint16)sy_hex_view_get_header_height(self)};
  return TRUE;
}

/* Laid out here and now, and not by asking for it: what was asked for while somebody else was being
 * laid out would not be heard. One that is not to be seen waits until it is. */
static void on_value_changed(SyHexView *self)
{
  GtkWidget *widget = GTK_WIDGET(self);

  if (self->laying_out || !gtk_widget_get_mapped(widget))
    return;
  sy_hex_view_lay_out(self, gtk_widget_get_width(widget), gtk_widget_get_height(widget));
  gtk_widget_queue_draw(widget);
}

static void set_adjustment(SyHexView *self, GtkOrientation orientation, GtkAdjustment *adjustment)
{
  GtkAdjustment **place = &self->adjustments[orientation];

  if (adjustment && *place == adjustment)
    return;
  if (*place)
    g_signal_handlers_disconnect_by_func(*place, on_value_changed, self);
  g_clear_object(place);
  if (!adjustment)
    adjustment = gtk_adjustment_new(0, 0, 0, 0, 0, 0);
  *place = g_object_ref_sink(adjustment);
  g_signal_connect_swapped(adjustment, "value-changed", G_CALLBACK(on_value_changed), self);
  gtk_widget_queue_allocate(GTK_WIDGET(self));
}

static void sy_hex_view_set_property(GObject *object, guint id, const GValue *value,
                                     GParamSpec *pspec)
{
  SyHexView *self = SY_HEX_VIEW(object);

  switch (id) {
  case PROP_HADJUSTMENT:
    set_adjustment(self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object(value));
    break;
  case PROP_VADJUSTMENT:
    set_adjustment(self, GTK_ORIENTATION_VERTICAL, g_value_get_object(value));
    break;
  case PROP_HSCROLL_POLICY:
    self->policies[GTK_ORIENTATION_HORIZONTAL] = g_value_get_enum(value);
    break;
  case PROP_VSCROLL_POLICY:
    self->policies[GTK_ORIENTATION_VERTICAL] = g_value_get_enum(value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sy_hex_view_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SyHexView *self = SY_HEX_VIEW(object);

  switch (id) {
  case PROP_HADJUSTMENT:
    g_value_set_object(value, self->adjustments[GTK_ORIENTATION_HORIZONTAL]);
    break;
  case PROP_VADJUSTMENT:
    g_value_set_object(value, self->adjustments[GTK_ORIENTATION_VERTICAL]);
    break;
  case PROP_HSCROLL_POLICY:
    g_value_set_enum(value, self->policies[GTK_ORIENTATION_HORIZONTAL]);
    break;
  case PROP_VSCROLL_POLICY:
    g_value_set_enum(value, self->policies[GTK_ORIENTATION_VERTICAL]);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void measure_font(SyHexView *self)
{
  if (self->layout.char_width == 0)
    sy_hex_view_measure_font(self);
}

static void sy_hex_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                int *minimum, int *natural, int *minimum_baseline,
                                int *natural_baseline)
{
  SyHexView *self = SY_HEX_VIEW(widget);

  measure_font(self);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = sy_hex_view_get_width_for(self, 4, FALSE);
    *natural = sy_hex_view_get_width_for(self, SY_ROW_WIDTH_MAX, TRUE);
  } else {
    int header = sy_hex_view_get_header_height(self);

    *minimum = header + MINIMUM_ROWS * self->layout.row_height;
    *natural = header + NATURAL_ROWS * self->layout.row_height;
  }
}

static void sy_hex_view_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  SyHexView *self = SY_HEX_VIEW(widget);

  measure_font(self);
  sy_hex_view_lay_out(self, width, height);
  if (self->menu)
    gtk_popover_present(GTK_POPOVER(self->menu));
}

static void sy_hex_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  sy_hex_view_draw(SY_HEX_VIEW(widget), snapshot);
}

/* The font may be another one. */
static void forget_font(SyHexView *self)
{
  self->layout.char_width = 0;
  self->stale = TRUE;
  gtk_widget_queue_resize(GTK_WIDGET(self));
}

static void sy_hex_view_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS(sy_hex_view_parent_class)->css_changed(widget, change);
  forget_font(SY_HEX_VIEW(widget));
}

static void sy_hex_view_system_setting_changed(GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS(sy_hex_view_parent_class)->system_setting_changed(widget, setting);
  forget_font(SY_HEX_VIEW(widget));
}

static void sy_hex_view_unmap(GtkWidget *widget)
{
  sy_hex_view_stop_scrolling(SY_HEX_VIEW(widget));
  GTK_WIDGET_CLASS(sy_hex_view_parent_class)->unmap(widget);
}

static void sy_hex_view_dispose(GObject *object)
{
  SyHexView *self = SY_HEX_VIEW(object);

  sy_hex_view_stop_scrolling(self);
  for (guint n = 0; n < G_N_ELEMENTS(self->adjustments); n++)
    if (self->adjustments[n]) {
      g_signal_handlers_disconnect_by_func(self->adjustments[n], on_value_changed, self);
      g_clear_object(&self->adjustments[n]);
    }
  g_ptr_array_set_size(self->lines, 0);
  g_clear_pointer(&self->menu, gtk_widget_unparent);
  g_clear_pointer(&self->header, gtk_widget_unparent);
  g_clear_pointer(&self->rows, sy_hex_rows_unref);
  g_clear_pointer(&self->image, sy_image_unref);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  g_clear_pointer(&self->pattern, g_bytes_unref);
  G_OBJECT_CLASS(sy_hex_view_parent_class)->dispose(object);
}

static void sy_hex_view_finalize(GObject *object)
{
  SyHexView *self = SY_HEX_VIEW(object);

  g_ptr_array_unref(self->lines);
  g_array_unref(self->matches);
  G_OBJECT_CLASS(sy_hex_view_parent_class)->finalize(object);
}

static void sy_hex_view_class_init(SyHexViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->set_property = sy_hex_view_set_property;
  object_class->get_property = sy_hex_view_get_property;
  object_class->dispose = sy_hex_view_dispose;
  object_class->finalize = sy_hex_view_finalize;
  widget_class->measure = sy_hex_view_measure;
  widget_class->size_allocate = sy_hex_view_size_allocate;
  widget_class->snapshot = sy_hex_view_snapshot;
  widget_class->css_changed = sy_hex_view_css_changed;
  widget_class->system_setting_changed = sy_hex_view_system_setting_changed;
  widget_class->unmap = sy_hex_view_unmap;
  g_object_class_override_property(object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property(object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property(object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property(object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  signals[CURSOR_MOVED] = g_signal_new("cursor-moved", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SELECTION_CHANGED] = g_signal_new("selection-changed", G_TYPE_FROM_CLASS(klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new("message", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  sy_hex_view_init_keys(klass);
  sy_hex_view_init_actions(klass);
  gtk_widget_class_set_css_name(widget_class, "hexview");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void sy_hex_view_init(SyHexView *self)
{
  /* Addresses and bytes run one way in every language. */
  gtk_widget_set_direction(GTK_WIDGET(self), GTK_TEXT_DIR_LTR);
  self->layout.per_row = SY_ROW_WIDTH_MAX;
  self->layout.has_text = TRUE;
  self->stale = TRUE;
  self->matches = g_array_new(FALSE, FALSE, sizeof(SyRange));
  self->lines = g_ptr_array_new_with_free_func((GDestroyNotify)gtk_widget_unparent);
  /* Numbers and code go from left to right in every language. */
  gtk_widget_set_direction(GTK_WIDGET(self), GTK_TEXT_DIR_LTR);
  gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
  gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Bytes"),
                                 -1);
  self->header = sy_hex_line_new();
  gtk_widget_add_css_class(self->header, "header");
  gtk_accessible_update_state(GTK_ACCESSIBLE(self->header), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_parent(self->header, GTK_WIDGET(self));
  sy_hex_view_init_pointer(self);
  update_actions(self);
  g_signal_connect_object(adw_style_manager_get_default(), "notify::dark",
                          G_CALLBACK(gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(adw_style_manager_get_default(), "notify::high-contrast",
                          G_CALLBACK(gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *sy_hex_view_new(void)
{
  return g_object_new(SY_TYPE_HEX_VIEW, NULL);
}
