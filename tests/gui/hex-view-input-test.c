/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bytes view under hands: keys, mouse, copies. */

#include "hex-view-fixture.h"
#include "window-fixture.h"

#include <locale.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const guint64 address_end = (guint64)G_MAXUINT32 + 1;

/* --- keys --- */

static void arrows_step_over_gaps_and_headings(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  hex_page_assert_cursor(&page, 0x2000);
  assert_true(hex_page_press(&page, GDK_KEY_Left, 0));
  hex_page_assert_cursor(&page, 0x2000);
  hex_page_press(&page, GDK_KEY_Right, 0);
  hex_page_assert_cursor(&page, 0x2001);
  hex_page_press(&page, GDK_KEY_Down, 0);
  hex_page_assert_cursor(&page, 0x2011);
  sy_hex_view_go_to(page.view, 0x203f, 0);
  hex_page_press(&page, GDK_KEY_Right, 0);
  hex_page_assert_cursor(&page, 0x10000);
  hex_page_press(&page, GDK_KEY_Left, 0);
  hex_page_assert_cursor(&page, 0x203f);
  sy_hex_view_go_to(page.view, 0x2035, 0);
  hex_page_press(&page, GDK_KEY_Down, 0);
  hex_page_assert_cursor(&page, 0x10005);
  hex_page_press(&page, GDK_KEY_Down, 0); /* there is a hole from 14 to 17 */
  hex_page_assert_cursor(&page, 0x10013);
  hex_page_press(&page, GDK_KEY_Right, 0);
  hex_page_assert_cursor(&page, 0x10018);
  hex_page_press(&page, GDK_KEY_Up, 0);
  hex_page_assert_cursor(&page, 0x10008);
  hex_page_press(&page, GDK_KEY_Up, 0);
  hex_page_assert_cursor(&page, 0x2038);
  hex_page_close(&page);
}

static void home_end_and_pages_reach_the_ends(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  sy_hex_view_go_to(page.view, 0x1001a, 0);
  hex_page_press(&page, GDK_KEY_Home, 0);
  hex_page_assert_cursor(&page, 0x10010);
  hex_page_press(&page, GDK_KEY_End, 0);
  hex_page_assert_cursor(&page, 0x1001f);
  hex_page_press(&page, GDK_KEY_Page_Down, 0);
  hex_page_assert_cursor(&page, 0xffffffff);
  hex_page_press(&page, GDK_KEY_Page_Up, 0);
  hex_page_assert_cursor(&page, 0x200f);
  hex_page_close(&page);
}

static void control_home_and_end_go_through_the_whole_image(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  HexPage page;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  hex_page_settle(&page);
  hex_page_press(&page, GDK_KEY_End, GDK_CONTROL_MASK);
  hex_page_assert_cursor(&page, 0x8000000 + HEX_LARGE_LEN - 1);
  hex_page_settle(&page);
  assert_true(gtk_adjustment_get_value(page.vertical) > 0);
  hex_page_press(&page, GDK_KEY_Page_Up, 0);
  hex_page_press(&page, GDK_KEY_Page_Up, 0);
  hex_page_press(&page, GDK_KEY_Home, GDK_CONTROL_MASK);
  hex_page_settle(&page);
  hex_page_assert_cursor(&page, 0x8000000);
  hex_page_assert_line(&page, 0, "Segment 1"); /* its heading is in sight again */
  hex_page_close(&page);
}

static void shift_extends_and_escape_lets_go(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  assert_false(hex_page_press(&page, GDK_KEY_Escape, 0)); /* with no selection it is the window's */
  sy_hex_view_go_to(page.view, 0x203e, 0);
  hex_page_press(&page, GDK_KEY_Right, GDK_SHIFT_MASK);
  hex_page_assert_selection(&page, 0x203e, 0x2040);
  hex_page_press(&page, GDK_KEY_Right, GDK_SHIFT_MASK);
  hex_page_assert_selection(&page, 0x203e, 0x10001);
  hex_page_press(&page, GDK_KEY_Up, GDK_SHIFT_MASK);
  hex_page_assert_selection(&page, 0x2030, 0x203f);
  assert_true(hex_page_press(&page, GDK_KEY_Escape, 0));
  hex_page_assert_no_selection(&page);
  hex_page_assert_cursor(&page, 0x2030);
  hex_page_press(&page, GDK_KEY_a, GDK_CONTROL_MASK);
  hex_page_assert_selection(&page, 0x2000, address_end);
  hex_page_press(&page, GDK_KEY_Left, 0);
  hex_page_assert_no_selection(&page);
  sy_hex_view_go_to(page.view, 0x10002, 0);
  gtk_widget_activate_action(GTK_WIDGET(page.view), "hex.select-segment", NULL);
  hex_page_assert_selection(&page, 0x10000, 0x10014);
  hex_page_close(&page);
}

static void count_signal(SyHexView *view, guint *count)
{
  (*count)++;
}

static void news_is_told_once_and_only_news(void **state)
{
  HexPage page;
  guint moved = 0;
  guint selected = 0;

  hex_page_open_image(&page, HEX_WIDE);
  g_signal_connect(page.view, "cursor-moved", G_CALLBACK(count_signal), &moved);
  g_signal_connect(page.view, "selection-changed", G_CALLBACK(count_signal), &selected);
  hex_page_press(&page, GDK_KEY_Left, 0);
  assert_int_equal(moved, 0);
  hex_page_press(&page, GDK_KEY_Right, 0);
  assert_int_equal(moved, 1);
  assert_int_equal(selected, 0);
  hex_page_press(&page, GDK_KEY_Right, GDK_SHIFT_MASK);
  assert_int_equal(moved, 2);
  assert_int_equal(selected, 1);
  hex_page_press(&page, GDK_KEY_Escape, 0);
  assert_int_equal(moved, 2);
  assert_int_equal(selected, 2);
  hex_page_close(&page);
}

/* --- mouse --- */

static void a_click_puts_the_cursor_and_two_select_a_word(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 9), hex_page_line_y(&page, 2));
  hex_page_assert_cursor(&page, 0x2019);
  hex_page_click(&page, 1, hex_page_text_x(&page, 3), hex_page_line_y(&page, 1));
  hex_page_assert_cursor(&page, 0x2003);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 5),
                 hex_page_line_y(&page, 8)); /* a hole: the nearest byte */
  hex_page_assert_cursor(&page, 0x10013);
  hex_page_click(&page, 1, 50, hex_page_line_y(&page, 5)); /* a gap: the bytes behind it */
  hex_page_assert_cursor(&page, 0x10000);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 6), hex_page_line_y(&page, 1));
  hex_page_click(&page, 2, hex_page_byte_x(&page, 6), hex_page_line_y(&page, 1));
  hex_page_assert_selection(&page, 0x2004, 0x2008);
  hex_page_click(&page, 2, 50, hex_page_line_y(&page, 6)); /* a heading: all of its sector */
  hex_page_assert_selection(&page, 0x10000, 0x10040);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 6),
                 3); /* the heads of the columns are no bytes */
  hex_page_assert_selection(&page, 0x10000, 0x10040);
  hex_page_close(&page);
}

static void dragging_selects_and_scrolls_beyond_the_edge(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  GtkGesture *drag;
  HexPage page;
  double before;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  hex_page_settle(&page);
  drag = hex_page_find_gesture(&page, GTK_TYPE_GESTURE_DRAG, GDK_BUTTON_PRIMARY);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 2), hex_page_line_y(&page, 1));
  g_signal_emit_by_name(drag, "drag-update", hex_page_byte_x(&page, 5), hex_page_line_y(&page, 3));
  hex_page_assert_selection(&page, 0x8000002, 0x8000026);
  g_signal_emit_by_name(drag, "drag-update", hex_page_text_x(&page, 1), hex_page_line_y(&page, 1));
  hex_page_assert_selection(&page, 0x8000001, 0x8000003);
  before = gtk_adjustment_get_value(page.vertical);
  g_signal_emit_by_name(drag, "drag-update", hex_page_byte_x(&page, 5), HEX_HEIGHT + 90.0);
  for (int n = 0; n < 500 && gtk_adjustment_get_value(page.vertical) < before + 200; n++)
    hex_page_settle(&page);
  assert_true(gtk_adjustment_get_value(page.vertical) >= before + 200);
  g_signal_emit_by_name(drag, "drag-end", 0.0, 0.0);
  hex_page_settle(&page);
  before = gtk_adjustment_get_value(page.vertical);
  hex_page_settle(&page);
  assert_true(gtk_adjustment_get_value(page.vertical) == before);
  hex_page_close(&page);
}

static void a_hand_that_shakes_keeps_the_selected_word(void **state)
{
  GtkGesture *drag;
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  drag = hex_page_find_gesture(&page, GTK_TYPE_GESTURE_DRAG, GDK_BUTTON_PRIMARY);
  hex_page_click(&page, 1, hex_page_byte_x(&page, 6), hex_page_line_y(&page, 1));
  g_signal_emit_by_name(drag, "drag-begin", hex_page_byte_x(&page, 6), hex_page_line_y(&page, 1));
  hex_page_click(&page, 2, hex_page_byte_x(&page, 6), hex_page_line_y(&page, 1));
  g_signal_emit_by_name(drag, "drag-update", 1.0, 1.0);
  hex_page_assert_selection(&page, 0x2004, 0x2008);
  hex_page_close(&page);
}

static void the_context_menu_opens_at_mouse_and_key(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  g_signal_emit_by_name(hex_page_find_gesture(&page, GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_SECONDARY),
                        "pressed", 1, hex_page_byte_x(&page, 4), hex_page_line_y(&page, 2));
  hex_page_assert_cursor(&page, 0x2014);
  assert_true(gtk_widget_get_visible(page.view->menu));
  hex_page_settle(&page);
  gtk_popover_popdown(GTK_POPOVER(page.view->menu));
  assert_false(gtk_widget_get_visible(page.view->menu));
  assert_true(hex_page_press(&page, GDK_KEY_F10, GDK_SHIFT_MASK));
  assert_true(gtk_widget_get_visible(page.view->menu));
  hex_page_settle(&page);
  gtk_popover_popdown(GTK_POPOVER(page.view->menu));
  hex_page_close(&page);
}

/* --- copies --- */

static void assert_clipboard(HexPage *page, const char *expected)
{
  GdkContentProvider *content =
      gdk_clipboard_get_content(gtk_widget_get_clipboard(GTK_WIDGET(page->view)));
  g_auto(GValue) value = G_VALUE_INIT;

  assert_non_null(content);
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(content, &value, NULL));
  assert_string_equal(g_value_get_string(&value), expected);
}

static void keep_message(SyHexView *view, const char *message, char **kept)
{
  g_free(*kept);
  *kept = g_strdup(message);
}

static void selections_are_copied_and_a_single_byte_without_one(void **state)
{
  g_autofree char *message = NULL;
  g_autoptr(SyImage) image = hex_image_new_large();
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  g_signal_connect(page.view, "message", G_CALLBACK(keep_message), &message);
  hex_page_press(&page, GDK_KEY_Right, 0);
  hex_page_press(&page, GDK_KEY_c, GDK_CONTROL_MASK);
  assert_clipboard(&page, "01");
  sy_hex_view_select(page.view, 0x203e, 0x10002);
  hex_page_press(&page, GDK_KEY_c, GDK_CONTROL_MASK);
  assert_clipboard(&page, "3E 3F\n00 01");
  gtk_widget_activate_action(GTK_WIDGET(page.view), "hex.copy-text", NULL);
  assert_clipboard(&page, ">?\n..");
  assert_null(message);
  sy_hex_view_set_image(page.view, image);
  hex_page_press(&page, GDK_KEY_a, GDK_CONTROL_MASK);
  hex_page_press(&page, GDK_KEY_c, GDK_CONTROL_MASK);
  assert_non_null(message);
  assert_non_null(strstr(message, "4.0 MB"));
  assert_clipboard(&page, ">?\n..");
  hex_page_close(&page);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrows_step_over_gaps_and_headings),
      cmocka_unit_test(home_end_and_pages_reach_the_ends),
      cmocka_unit_test(control_home_and_end_go_through_the_whole_image),
      cmocka_unit_test(shift_extends_and_escape_lets_go),
      cmocka_unit_test(news_is_told_once_and_only_news),
      cmocka_unit_test(a_click_puts_the_cursor_and_two_select_a_word),
      cmocka_unit_test(dragging_selects_and_scrolls_beyond_the_edge),
      cmocka_unit_test(a_hand_that_shakes_keeps_the_selected_word),
      cmocka_unit_test(the_context_menu_opens_at_mouse_and_key),
      cmocka_unit_test(selections_are_copied_and_a_single_byte_without_one),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("bytes view in hands", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
