/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mouse, and the context menu. */

#include "sy-config.h"

#include "sy-hex-view-private.h"

#include <glib/gi18n.h>

enum { WORD_LEN = 4, US_PER_S = 1000000 };

/* Rows a second for each pixel that the pointer is beyond the edge. */
#define SCROLL_SPEED 1.0

/* --- menu --- */

static GMenuModel *make_menu(SyHexView *self)
{
  GMenu *menu = g_menu_new();
  g_autoptr(GMenu) copies = g_menu_new();
  g_autoptr(GMenu) selections = g_menu_new();

  g_menu_append(copies, _("Copy as _Hex"), "hex.copy-hex");
  g_menu_append(copies, _("Copy as _Text"), "hex.copy-text");
  g_menu_append(copies, _("Copy as _C Array"), "hex.copy-c");
  g_menu_append(copies, _("Copy with A_ddresses"), "hex.copy-dump");
  g_menu_append(selections, _("Select _Segment"), "hex.select-segment");
  g_menu_append(selections, _("Select _All"), "hex.select-all");
  g_menu_append_section(menu, NULL, G_MENU_MODEL(copies));
  g_menu_append_section(menu, NULL, G_MENU_MODEL(selections));
  return G_MENU_MODEL(menu);
}

static void open_menu(SyHexView *self, double x, double y)
{
  GdkRectangle at = {.x = (int)x, .y = (int)y, .width = 1, .height = 1};

  if (!self->menu) {
    g_autoptr(GMenuModel) model = make_menu(self);

    self->menu = gtk_popover_menu_new_from_model(model);
    gtk_popover_set_has_arrow(GTK_POPOVER(self->menu), FALSE);
    gtk_widget_set_halign(self->menu, GTK_ALIGN_START);
    gtk_widget_set_parent(self->menu, GTK_WIDGET(self));
  }
  gtk_popover_set_pointing_to(GTK_POPOVER(self->menu), &at);
  gtk_popover_popup(GTK_POPOVER(self->menu));
}

void sy_hex_view_open_menu_at_cursor(SyHexView *self)
{
  guint row = sy_hex_rows_find(self->rows, self->cursor);
  double y = sy_hex_view_get_line_y(self, 0) +
             ((double)row - self->first_row + 1) * self->layout.row_height;

  open_menu(self, sy_hex_view_get_byte_x(self, self->cursor % self->layout.per_row), y);
}

/* A click outside of the selection asks about the byte that it hits. */
static void on_secondary_pressed(GtkGestureClick *gesture, int n_press, double x, double y,
                                 SyHexView *self)
{
  guint64 addr;
  guint64 end;
  guint32 hit;

  if (!sy_hex_view_pick(self, x, y, &hit))
    return;
  gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus(GTK_WIDGET(self));
  if (!sy_hex_view_get_selection(self, &addr, &end) || hit < addr || hit >= end)
    sy_hex_view_move_to(self, hit, FALSE);
  open_menu(self, x, y);
}

/* --- clicks --- */

static gboolean is_on_header(SyHexView *self, double y)
{
  return y < sy_hex_view_get_header_height(self);
}

static void select_word(SyHexView *self, guint32 addr)
{
  guint64 word = addr / WORD_LEN * WORD_LEN;

  sy_hex_view_select(self, word, word + WORD_LEN);
}

/* Twice on a byte: its word. Twice on a heading: what it is for. */
static void select_under(SyHexView *self, double y, guint32 hit)
{
  SyRow row;

  sy_hex_rows_get(self->rows, sy_hex_view_pick_row(self, y), &row);
  if (row.kind == SY_ROW_BYTES)
    select_word(self, hit);
  else if (row.kind != SY_ROW_GAP)
    sy_hex_view_select_row(self, &row);
}

static void on_pressed(GtkGestureClick *gesture, int n_press, double x, double y, SyHexView *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture));
  guint32 hit;

  gtk_widget_grab_focus(GTK_WIDGET(self));
  if (is_on_header(self, y) || !sy_hex_view_pick(self, x, y, &hit))
    return;
  if (n_press == 2)
    select_under(self, y, hit);
  else if (n_press == 1)
    sy_hex_view_move_to(self, hit, (state & GDK_SHIFT_MASK) != 0);
}

/* --- dragging --- */

static void drag_to(SyHexView *self, double x, double y)
{
  int height = gtk_widget_get_height(GTK_WIDGET(self));
  guint32 hit;

  y = CLAMP(y, sy_hex_view_get_header_height(self), height - 1);
  if (sy_hex_view_pick(self, x, y, &hit))
    sy_hex_view_move_to(self, hit, TRUE);
}

/* How far the pointer is beyond an edge; 0 inside. */
static double get_beyond(SyHexView *self)
{
  double top = sy_hex_view_get_header_height(self);
  double bottom = gtk_widget_get_height(GTK_WIDGET(self));

  if (self->drag_y < top)
    return self->drag_y - top;
  return self->drag_y > bottom ? self->drag_y - bottom : 0;
}

static gboolean on_scroll_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  SyHexView *self = SY_HEX_VIEW(widget);
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  gint64 now_us = gdk_frame_clock_get_frame_time(clock);
  double passed_s = self->scroll_us > 0 ? (double)(now_us - self->scroll_us) / US_PER_S : 0;
  double rows = get_beyond(self) * SCROLL_SPEED * passed_s;

  self->scroll_us = now_us;
  gtk_adjustment_set_value(vertical,
                           gtk_adjustment_get_value(vertical) + rows * self->layout.row_height);
  drag_to(self, self->drag_x, self->drag_y);
  return G_SOURCE_CONTINUE;
}

void sy_hex_view_stop_scrolling(SyHexView *self)
{
  if (self->scroll_tick != 0)
    gtk_widget_remove_tick_callback(GTK_WIDGET(self), self->scroll_tick);
  self->scroll_tick = 0;
  self->scroll_us = 0;
}

/* A finger moves the page instead. */
static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, SyHexView *self)
{
  GdkDevice *device = gtk_event_controller_get_current_event_device(GTK_EVENT_CONTROLLER(gesture));

  self->dragging = FALSE;
  if (is_on_header(self, y) || (device && gdk_device_get_source(device) == GDK_SOURCE_TOUCHSCREEN))
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_DENIED);
}

static void on_drag_update(GtkGestureDrag *gesture, double offset_x, double offset_y,
                           SyHexView *self)
{
  double x = 0;
  double y = 0;

  if (!self->has_cursor ||
      (!self->dragging &&
       !gtk_drag_check_threshold(GTK_WIDGET(self), 0, 0, (int)offset_x, (int)offset_y)))
    return; /* a hand that shakes does not undo what two clicks selected */
  self->dragging = TRUE;
  gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_gesture_drag_get_start_point(gesture, &x, &y);
  self->drag_x = x + offset_x;
  self->drag_y = y + offset_y;
  drag_to(self, self->drag_x, self->drag_y);
  if (get_beyond(self) == 0)
    sy_hex_view_stop_scrolling(self);
  else if (self->scroll_tick == 0)
    self->scroll_tick = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_scroll_tick, NULL, NULL);
}

void sy_hex_view_init_pointer(SyHexView *self)
{
  GtkGesture *primary = gtk_gesture_click_new();
  GtkGesture *secondary = gtk_gesture_click_new();
  GtkGesture *drag = gtk_gesture_drag_new();
  GtkEventController *focus = gtk_event_controller_focus_new();

  g_signal_connect(primary, "pressed", G_CALLBACK(on_pressed), self);
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect(secondary, "pressed", G_CALLBACK(on_secondary_pressed), self);
  g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
  g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), self);
  g_signal_connect_swapped(drag, "drag-end", G_CALLBACK(sy_hex_view_stop_scrolling), self);
  g_signal_connect_swapped(drag, "cancel", G_CALLBACK(sy_hex_view_stop_scrolling), self);
  /* The cursor and the selection show whether keys go here. */
  g_signal_connect_swapped(focus, "enter", G_CALLBACK(gtk_widget_queue_draw), self);
  g_signal_connect_swapped(focus, "leave", G_CALLBACK(gtk_widget_queue_draw), self);
  gtk_gesture_group(drag, primary);
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(primary));
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(secondary));
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(drag));
  gtk_widget_add_controller(GTK_WIDGET(self), focus);
  gtk_widget_set_cursor_from_name(GTK_WIDGET(self), "text");
}
