/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys and actions of the view. */

#include "sy-config.h"

#include "sy-hex-view-private.h"

typedef enum {
  MOVE_BYTE,
  MOVE_ROW,
  MOVE_PAGE,
  MOVE_ROW_ENDS,
  MOVE_ENDS,
} Move;

/* Some rows of bytes further, at the same column. */
static guint32 move_by_rows(SyHexView *self, gint64 count)
{
  guint column = self->cursor % self->layout.per_row;
  gint64 target = (gint64)sy_hex_rows_find(self->rows, self->cursor) + count;
  gint64 last = (gint64)sy_hex_rows_get_n(self->rows) - 1;
  int step = count < 0 ? -1 : 1;
  SyRow row;

  target = CLAMP(target, 0, last);
  if (!sy_hex_view_find_byte_row(self, target, step, &row) &&
      !sy_hex_view_find_byte_row(self, target, -step, &row))
    return self->cursor;
  return sy_hex_view_find_in_row(self, &row, column);
}

static gint64 get_page_rows(SyHexView *self)
{
  int height = gtk_widget_get_height(GTK_WIDGET(self)) - sy_hex_view_get_header_height(self);

  return self->layout.row_height > 0 ? MAX(height / self->layout.row_height - 1, 1) : 1;
}

static guint32 find_target(SyHexView *self, Move move, int direction)
{
  guint32 to = self->cursor;
  guint64 row = self->cursor / self->layout.per_row * self->layout.per_row;

  switch (move) {
  case MOVE_BYTE:
    if (direction > 0)
      sy_hex_rows_find_from(self->rows, (guint64)to + 1, &to);
    else
      sy_hex_rows_find_below(self->rows, to, &to);
    break;
  case MOVE_ROW:
    to = move_by_rows(self, direction);
    break;
  case MOVE_PAGE:
    to = move_by_rows(self, direction * get_page_rows(self));
    break;
  case MOVE_ROW_ENDS:
    if (direction > 0)
      sy_hex_rows_find_below(self->rows, row + self->layout.per_row, &to);
    else
      sy_hex_rows_find_from(self->rows, row, &to);
    break;
  case MOVE_ENDS:
    if (direction > 0)
      sy_hex_rows_find_below(self->rows, (guint64)G_MAXUINT32 + 1, &to);
    else
      sy_hex_rows_find_from(self->rows, 0, &to);
    break;
  }
  return to;
}

/* The heading over the first byte comes into sight with it. */
static void reveal_cursor(SyHexView *self)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  guint32 first;

  if (vertical && sy_hex_rows_find_from(self->rows, 0, &first) &&
      sy_hex_rows_find(self->rows, self->cursor) == sy_hex_rows_find(self->rows, first))
    gtk_adjustment_set_value(vertical, 0);
  else
    sy_hex_view_reveal(self, self->cursor, FALSE);
}

static gboolean on_move(GtkWidget *widget, GVariant *args, gpointer user_data)
{
  SyHexView *self = SY_HEX_VIEW(widget);
  int move;
  int direction;
  gboolean extend;

  if (!self->has_cursor)
    return FALSE;
  g_variant_get(args, "(iib)", &move, &direction, &extend);
  sy_hex_view_move_to(self, find_target(self, (Move)move, direction), extend);
  reveal_cursor(self);
  return TRUE;
}

/* What the key is bound to in the window keeps working while nothing is selected. */
static gboolean on_escape(GtkWidget *widget, GVariant *args, gpointer user_data)
{
  SyHexView *self = SY_HEX_VIEW(widget);

  if (!self->has_selection)
    return FALSE;
  sy_hex_view_set_state(self, self->cursor, self->cursor, FALSE);
  return TRUE;
}

static gboolean on_menu_key(GtkWidget *widget, GVariant *args, gpointer user_data)
{
  SyHexView *self = SY_HEX_VIEW(widget);

  if (!self->has_cursor)
    return FALSE;
  sy_hex_view_reveal(self, self->cursor, FALSE);
  sy_hex_view_open_menu_at_cursor(self);
  return TRUE;
}

static void bind_move(GtkWidgetClass *class, guint key, guint keypad_key, GdkModifierType modifiers,
                      Move move, int direction)
{
  const guint keys[] = {key, keypad_key};

  for (guint n = 0; n < G_N_ELEMENTS(keys); n++) {
    gtk_widget_class_add_binding(class, keys[n], modifiers, on_move, "(iib)", move, direction,
                                 FALSE);
    gtk_widget_class_add_binding(class, keys[n], modifiers | GDK_SHIFT_MASK, on_move, "(iib)", move,
                                 direction, TRUE);
  }
}

void sy_hex_view_init_keys(SyHexViewClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS(klass);

  bind_move(class, GDK_KEY_Left, GDK_KEY_KP_Left, 0, MOVE_BYTE, -1);
  bind_move(class, GDK_KEY_Right, GDK_KEY_KP_Right, 0, MOVE_BYTE, 1);
  bind_move(class, GDK_KEY_Up, GDK_KEY_KP_Up, 0, MOVE_ROW, -1);
  bind_move(class, GDK_KEY_Down, GDK_KEY_KP_Down, 0, MOVE_ROW, 1);
  bind_move(class, GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, 0, MOVE_PAGE, -1);
  bind_move(class, GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, 0, MOVE_PAGE, 1);
  bind_move(class, GDK_KEY_Home, GDK_KEY_KP_Home, 0, MOVE_ROW_ENDS, -1);
  bind_move(class, GDK_KEY_End, GDK_KEY_KP_End, 0, MOVE_ROW_ENDS, 1);
  bind_move(class, GDK_KEY_Home, GDK_KEY_KP_Home, GDK_CONTROL_MASK, MOVE_ENDS, -1);
  bind_move(class, GDK_KEY_End, GDK_KEY_KP_End, GDK_CONTROL_MASK, MOVE_ENDS, 1);
  gtk_widget_class_add_binding(class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding(class, GDK_KEY_Menu, 0, on_menu_key, NULL);
  gtk_widget_class_add_binding(class, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key, NULL);
  gtk_widget_class_add_binding_action(class, GDK_KEY_a, GDK_CONTROL_MASK, "hex.select-all", NULL);
  gtk_widget_class_add_binding_action(class, GDK_KEY_Insert, GDK_CONTROL_MASK, "hex.copy-hex",
                                      NULL);
  /* Behind the other, as menus show the last. */
  gtk_widget_class_add_binding_action(class, GDK_KEY_c, GDK_CONTROL_MASK, "hex.copy-hex", NULL);
}

/* --- actions --- */

static void copy(GtkWidget *widget, SyCopyFormat format)
{
  g_autoptr(GError) error = NULL;

  if (!sy_hex_view_copy(SY_HEX_VIEW(widget), format, &error))
    sy_hex_view_say(SY_HEX_VIEW(widget), error->message);
}

static void copy_hex(GtkWidget *widget, const char *action, GVariant *parameter)
{
  copy(widget, SY_COPY_HEX);
}

static void copy_text(GtkWidget *widget, const char *action, GVariant *parameter)
{
  copy(widget, SY_COPY_TEXT);
}

static void copy_c(GtkWidget *widget, const char *action, GVariant *parameter)
{
  copy(widget, SY_COPY_C);
}

static void copy_dump(GtkWidget *widget, const char *action, GVariant *parameter)
{
  copy(widget, SY_COPY_DUMP);
}

static void select_all(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_hex_view_select(SY_HEX_VIEW(widget), 0, (guint64)G_MAXUINT32 + 1);
}

static void select_segment(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyHexView *self = SY_HEX_VIEW(widget);
  const SySegment *segment = sy_image_find_segment(self->image, self->cursor);

  if (segment) /* in a comparison the other image may have it */
    sy_hex_view_select(self, segment->addr, (guint64)segment->addr + segment->length);
}

void sy_hex_view_init_actions(SyHexViewClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS(klass);

  gtk_widget_class_install_action(class, "hex.copy-hex", NULL, copy_hex);
  gtk_widget_class_install_action(class, "hex.copy-text", NULL, copy_text);
  gtk_widget_class_install_action(class, "hex.copy-c", NULL, copy_c);
  gtk_widget_class_install_action(class, "hex.copy-dump", NULL, copy_dump);
  gtk_widget_class_install_action(class, "hex.select-all", NULL, select_all);
  gtk_widget_class_install_action(class, "hex.select-segment", NULL, select_segment);
}
