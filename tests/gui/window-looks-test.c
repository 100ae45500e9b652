/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The window as it is for others than most: on half a laptop's screen and on 360 pixels, from right
 * to left, in high contrast.
 *
 *   window-looks-test [--high-contrast]
 */

#include "board-fixture.h"

#include "sy-bytes-page.h"
#include "sy-flash-map.h"
#include "sy-hex-view.h"
#include "sy-image-map.h"
#include "sy-image-panel.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BORDER = 2, NARROW_WIDTH = 360, NARROW_HEIGHT = 640, HALF_WIDTH = 683, HALF_HEIGHT = 700 };

static const struct {
  const char *name, *page, *view;
} places[] = {
    {"substation", "substation", NULL},
    {"summary", "image", "summary"},
    {"bytes", "image", "bytes"},
    {"findings", "image", "findings"},
    {"board", "board", NULL},
    {"log", "log", NULL}, /* the last one: Upgrade is the window's own again */
};

static void go_to(SyWindow *window, guint place)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", places[place].page);
  if (places[place].view)
    gtk_widget_activate_action(GTK_WIDGET(window), "win.view", "s", places[place].view);
  if (strcmp(places[place].page, "board") == 0)
    test_wait(window, board_is_all_told, "the board's substations to answer");
  test_spin_ms(500); /* what slides has arrived: for the picture */
}

static SyWindow *open_window(int width, int height)
{
  SyWindow *window = test_window_new_sized(width, height);

  test_open(window, test_file("SWITCHYARD_TEST_LARGE"));
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
  return window;
}

/* --- small --- */

/* Whatever may be scrolled is elsewhere on purpose. */
static gboolean may_reach_out(GtkWidget *widget)
{
  return GTK_IS_SCROLLED_WINDOW(widget) || GTK_IS_SCROLLABLE(widget) || GTK_IS_REVEALER(widget) ||
         GTK_IS_STACK(widget);
}

static void find_cut(GtkWidget *window, GtkWidget *widget)
{
  graphene_rect_t bounds;

  if (!gtk_widget_get_mapped(widget) || gtk_widget_get_width(widget) == 0 ||
      GTK_IS_SCROLLBAR(widget))
    return;
  /* The window's own bounds are with its shadow. */
  if (widget != window && gtk_widget_compute_bounds(widget, window, &bounds) &&
      (bounds.origin.x < -BORDER ||
       bounds.origin.x + bounds.size.width > (float)gtk_widget_get_width(window) + BORDER))
    fail_msg("%s reaches from %.0f to %.0f of %d", G_OBJECT_TYPE_NAME(widget),
             (double)bounds.origin.x, (double)(bounds.origin.x + bounds.size.width),
             gtk_widget_get_width(window));
  if (GTK_IS_SCROLLED_WINDOW(widget)) {
    GtkAdjustment *sideways = gtk_scrolled_window_get_hadjustment(GTK_SCROLLED_WINDOW(widget));

    if (!gtk_widget_get_ancestor(widget, SY_TYPE_BYTES_PAGE) &&
        gtk_adjustment_get_upper(sideways) > gtk_adjustment_get_page_size(sideways) + 1)
      fail_msg("a page of %.0f is scrolled sideways in %.0f", gtk_adjustment_get_upper(sideways),
               gtk_adjustment_get_page_size(sideways));
  }
  if (may_reach_out(widget) && !GTK_IS_SCROLLED_WINDOW(widget))
    return;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    find_cut(window, child);
}

/* Nothing of the leaflet, which folds and slides, is outside any more. */
static gboolean has_folded(SyWindow *window)
{
  static const char *const names[] = {"station_page", "file_page"};
  float width = (float)gtk_widget_get_width(GTK_WIDGET(window));

  for (guint n = 0; n < G_N_ELEMENTS(names); n++) {
    GtkWidget *page = test_child(window, SY_TYPE_WINDOW, names[n]);
    graphene_rect_t bounds;

    if (gtk_widget_get_mapped(page) &&
        gtk_widget_compute_bounds(page, GTK_WIDGET(window), &bounds) &&
        (bounds.origin.x < -BORDER || bounds.origin.x + bounds.size.width > width + BORDER))
      return FALSE;
  }
  return TRUE;
}

/* One that can be upgraded, one that is not there. */
static void fill_board(SyWindow *window)
{
  board_show(window);
  board_act(window, "win.board-practise", 1);
  sy_window_add_to_board(window, "/dev/ttyNone0");
  board_toggle(window, 1);
}

static void walk_places(SyWindow *window, int width, const char *prefix)
{
  fill_board(window);
  for (guint n = 0; n < G_N_ELEMENTS(places); n++) {
    g_autofree char *picture = g_strdup_printf("%s-%s", prefix, places[n].name);

    go_to(window, n);
    test_wait(window, has_folded, "the pages to be in their places");
    assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= width);
    find_cut(GTK_WIDGET(window), GTK_WIDGET(window));
    test_picture(window, picture);
  }
}

static void nothing_is_cut_at(int width, int height, const char *prefix)
{
  SyWindow *window = open_window(width, height);
  g_autofree char *writing = g_strdup_printf("%s-writing", prefix);
  g_autofree char *end = g_strdup_printf("%s-end", prefix);

  walk_places(window, width, prefix);
  test_start_writing(window);
  test_spin_ms(300);
  find_cut(GTK_WIDGET(window), GTK_WIDGET(window));
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= width);
  test_picture(window, writing);
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_spin_ms(300);
  find_cut(GTK_WIDGET(window), GTK_WIDGET(window));
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= width);
  test_picture(window, end);
  test_window_close(window);
}

static void nothing_is_cut_on_360_pixels(void **state)
{
  nothing_is_cut_at(NARROW_WIDTH, NARROW_HEIGHT, "narrow");
}

static void nothing_is_cut_on_half_a_laptop(void **state)
{
  nothing_is_cut_at(HALF_WIDTH, HALF_HEIGHT, "half");
}

/* --- from right to left --- */

static float get_middle(SyWindow *window, const char *name)
{
  GtkWidget *widget = test_child(window, SY_TYPE_WINDOW, name);
  graphene_rect_t bounds;

  assert_true(gtk_widget_compute_bounds(widget, GTK_WIDGET(window), &bounds));
  return bounds.origin.x + bounds.size.width / 2;
}

static void from_right_to_left_the_window_is_mirrored_and_bytes_are_not(void **state)
{
  SyWindow *window;
  GtkWidget *panel, *page;

  gtk_widget_set_default_direction(GTK_TEXT_DIR_RTL);
  window = open_window(1200, 820);
  walk_places(window, 1200, "rtl");
  assert_true(get_middle(window, "station_panel") > get_middle(window, "pages"));
  panel = test_child(window, SY_TYPE_WINDOW, "image_panel");
  page = test_child(panel, SY_TYPE_IMAGE_PANEL, "bytes");
  /* Bytes and addresses run one way, whatever the language. */
  assert_int_equal(gtk_widget_get_direction(test_child(page, SY_TYPE_BYTES_PAGE, "view_a")),
                   GTK_TEXT_DIR_LTR);
  assert_int_equal(gtk_widget_get_direction(GTK_WIDGET(test_flash_map(window))), GTK_TEXT_DIR_LTR);
  test_window_close(window);
  window = open_window(NARROW_WIDTH, NARROW_HEIGHT);
  walk_places(window, NARROW_WIDTH, "rtl-narrow");
  test_window_close(window);
  gtk_widget_set_default_direction(GTK_TEXT_DIR_LTR);
}

/* --- high contrast --- */

static void high_contrast(AdwColorScheme scheme, const char *prefix)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *writing = g_strdup_printf("%s-writing", prefix);
  SyWindow *window;

  adw_style_manager_set_color_scheme(style, scheme);
  assert_true(adw_style_manager_get_high_contrast(style));
  window = open_window(1200, 820);
  walk_places(window, 1200, prefix);
  test_start_writing(window);
  test_picture(window, writing);
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_window_close(window);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
}

static void in_high_contrast_it_is_whole(void **state)
{
  high_contrast(ADW_COLOR_SCHEME_FORCE_LIGHT, "contrast");
}

static void in_dark_high_contrast_it_is_whole(void **state)
{
  high_contrast(ADW_COLOR_SCHEME_FORCE_DARK, "contrast-dark");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_cut_on_360_pixels),
      cmocka_unit_test(nothing_is_cut_on_half_a_laptop),
      cmocka_unit_test(from_right_to_left_the_window_is_mirrored_and_bytes_are_not),
  };
  const struct CMUnitTest contrast_tests[] = {
      cmocka_unit_test(in_high_contrast_it_is_whole),
      cmocka_unit_test(in_dark_high_contrast_it_is_whole),
  };
  gboolean contrast = argc > 1 && strcmp(argv[1], "--high-contrast") == 0;
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (contrast)
    g_setenv("ADW_DEBUG_HIGH_CONTRAST", "1", TRUE);
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = contrast ? cmocka_run_group_tests_name("high contrast", contrast_tests, NULL, NULL)
                    : cmocka_run_group_tests_name("small and mirrored", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
