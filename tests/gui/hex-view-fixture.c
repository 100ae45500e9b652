/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the bytes view share. */

#include "hex-view-fixture.h"

#include "window-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SYNC_FRAMES = 2 };

static void count_frame(GdkFrameClock *clock, guint *frames)
{
  (*frames)++;
}

/* Until what was asked for is laid out and painted. */
void hex_page_settle(HexPage *page)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(page->window));
  guint frames = 0;
  gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(count_frame), &frames);

  while (frames < SYNC_FRAMES) {
    gtk_widget_queue_draw(GTK_WIDGET(page->view));
    g_main_context_iteration(NULL, TRUE);
  }
  g_signal_handler_disconnect(clock, handler);
}

void hex_page_open(HexPage *page, int width)
{
  GtkWidget *scrolled = gtk_scrolled_window_new();

  page->view = SY_HEX_VIEW(sy_hex_view_new());
  page->window = GTK_WINDOW(gtk_window_new());
  gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(page->view));
  gtk_window_set_child(page->window, scrolled);
  gtk_window_set_default_size(page->window, width, HEX_HEIGHT);
  gtk_window_present(page->window);
  page->vertical = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled));
  gtk_widget_grab_focus(GTK_WIDGET(page->view));
  hex_page_settle(page);
}

void hex_page_close(HexPage *page)
{
  gpointer left = page->view;

  g_object_add_weak_pointer(G_OBJECT(page->view), &left);
  gtk_window_destroy(page->window);
  for (int n = 0; n < 500 && left; n++)
    test_spin_ms(10);
  if (left)
    fail_msg("something still holds the view");
}

void hex_image_add(SyImageBuilder *builder, guint32 addr, guint32 length)
{
  g_autofree guint8 *bytes = g_malloc(length);

  for (guint32 n = 0; n < length; n++)
    bytes[n] = (guint8)(addr + n);
  assert_true(sy_image_builder_add(builder, addr, bytes, length, 0, NULL));
}

/* Some of LOW, some of HIGH with a hole, and four bytes at the very end. */
SyImage *hex_image_new(void)
{
  SyImageBuilder *builder = sy_image_builder_new();

  hex_image_add(builder, 0x2000, 0x40);
  hex_image_add(builder, 0x10000, 0x14);
  hex_image_add(builder, 0x10018, 0x28);
  hex_image_add(builder, 0xfffffffc, 4);
  return sy_image_builder_end(builder);
}

SyImage *hex_image_new_large(void)
{
  SyImageBuilder *builder = sy_image_builder_new();

  hex_image_add(builder, 0x8000000, HEX_LARGE_LEN);
  return sy_image_builder_end(builder);
}

void hex_page_open_image(HexPage *page, int width)
{
  g_autoptr(SyImage) image = hex_image_new();

  hex_page_open(page, width);
  sy_hex_view_set_image(page->view, image);
  hex_page_settle(page);
}

/* What the nth line in sight says to a screen reader; NULL beyond the last. */
const char *hex_page_get_line(HexPage *page, guint wanted)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(page->view)); child;
       child = gtk_widget_get_next_sibling(child))
    if (SY_IS_HEX_LINE(child) && gtk_widget_get_mapped(child) &&
        !gtk_widget_has_css_class(child, "header") && n++ == wanted)
      return sy_hex_line_get_label(SY_HEX_LINE(child));
  return NULL;
}

void hex_page_assert_line(HexPage *page, guint n, const char *expected)
{
  const char *line = hex_page_get_line(page, n);

  assert_non_null(line);
  if (!g_str_has_prefix(line, expected))
    fail_msg("line %u is “%s”, not “%s”", n, line, expected);
}

void hex_page_assert_cursor(HexPage *page, guint32 addr)
{
  guint32 cursor = 0;

  assert_true(sy_hex_view_get_cursor(page->view, &cursor));
  assert_int_equal(cursor, addr);
}

void hex_page_assert_selection(HexPage *page, guint64 addr, guint64 end)
{
  guint64 found[2];

  assert_true(sy_hex_view_get_selection(page->view, &found[0], &found[1]));
  assert_int_equal(found[0], addr);
  assert_int_equal(found[1], end);
}

void hex_page_assert_no_selection(HexPage *page)
{
  guint64 found[2];

  assert_false(sy_hex_view_get_selection(page->view, &found[0], &found[1]));
}

/* What the view's own binding of a key does; FALSE when it leaves the key to others. */
gboolean hex_page_press(HexPage *page, guint key, GdkModifierType modifiers)
{
  GtkWidget *widget = GTK_WIDGET(page->view);
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(widget);

  for (guint n = 0; n < g_list_model_get_n_items(controllers); n++) {
    g_autoptr(GObject) controller = g_list_model_get_item(controllers, n);

    if (!GTK_IS_SHORTCUT_CONTROLLER(controller))
      continue;
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(controller)); i++) {
      g_autoptr(GtkShortcut) shortcut = g_list_model_get_item(G_LIST_MODEL(controller), i);
      GtkKeyvalTrigger *trigger = GTK_KEYVAL_TRIGGER(gtk_shortcut_get_trigger(shortcut));

      if (gtk_keyval_trigger_get_keyval(trigger) == key &&
          gtk_keyval_trigger_get_modifiers(trigger) == modifiers)
        return gtk_shortcut_action_activate(gtk_shortcut_get_action(shortcut), 0, widget,
                                            gtk_shortcut_get_arguments(shortcut));
    }
  }
  return FALSE;
}

GtkGesture *hex_page_find_gesture(HexPage *page, GType type, guint button)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(GTK_WIDGET(page->view));

  for (guint n = 0; n < g_list_model_get_n_items(controllers); n++) {
    g_autoptr(GtkGesture) gesture = g_list_model_get_item(controllers, n);

    if (G_TYPE_CHECK_INSTANCE_TYPE(gesture, type) &&
        gtk_gesture_single_get_button(GTK_GESTURE_SINGLE(gesture)) == button)
      return gesture;
  }
  fail_msg("no %s", g_type_name(type));
  return NULL;
}

/* In the middle of a byte's digits. */
double hex_page_byte_x(HexPage *page, guint column)
{
  return sy_hex_view_get_byte_x(page->view, column) + page->view->layout.char_width;
}

double hex_page_text_x(HexPage *page, guint column)
{
  return sy_hex_view_get_text_x(page->view, column) + page->view->layout.char_width / 2;
}

double hex_page_line_y(HexPage *page, guint line)
{
  return sy_hex_view_get_line_y(page->view, line) + page->view->layout.row_height / 2.0;
}

void hex_page_click(HexPage *page, int count, double x, double y)
{
  GtkGesture *gesture = hex_page_find_gesture(page, GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_PRIMARY);

  g_signal_emit_by_name(gesture, "pressed", count, x, y);
}
