/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bytes view on screen: what its lines say, scrolling, differences, and how it looks. */

#include "hex-view-fixture.h"
#include "window-fixture.h"

#include "sy-hex.h"

#include <adwaita.h>
#include <locale.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const guint64 address_end = (guint64)G_MAXUINT32 + 1;

/* --- lines --- */

static void lines_say_bytes_gaps_and_sectors(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  assert_int_equal(sy_hex_view_get_bytes_per_row(page.view), 16);
  assert_true(sy_hex_view_get_shows_text(page.view));
  hex_page_assert_line(&page, 0, "Sector 1 · LOW · 0x02000 to 0x03FFF");
  hex_page_assert_line(&page, 1,
                       "0x00002000: 00 01 02 03 04 05 06 07  08 09 0A 0B 0C 0D 0E 0F, text ......");
  hex_page_assert_line(&page, 3,
                       "0x00002020: 20 21 22 23 24 25 26 27  28 29 2A 2B 2C 2D 2E 2F, text  !\"#$");
  hex_page_assert_line(&page, 5, "Gap of 55.9\302\240KB · 0x00002040 to 0x0000FFFF");
  hex_page_assert_line(&page, 6, "Sector 8 · HIGH");
  hex_page_assert_line(&page, 8, "0x00010010: 10 11 12 13              18 19 1A");
  hex_page_assert_line(&page, 11, "Gap of 4.0\302\240GB");
  hex_page_assert_line(&page, 12, "Segment 4 · 0xFFFFFFFC to 0xFFFFFFFF · 4\302\240bytes");
  hex_page_assert_line(&page, 13, "0xFFFFFFF0: FC FD FE FF, text");
  assert_null(hex_page_get_line(&page, 14));
  hex_page_close(&page);
}

static void a_screen_reader_finds_every_line_and_where_the_cursor_is(void **state)
{
  HexPage page;
  GtkAccessible *view;
  g_autofree char *said = NULL;

  hex_page_open_image(&page, HEX_WIDE);
  view = GTK_ACCESSIBLE(page.view);
  assert_int_equal(gtk_accessible_get_accessible_role(view), GTK_ACCESSIBLE_ROLE_LIST);
  for (GtkWidget *line = gtk_widget_get_first_child(GTK_WIDGET(page.view));
       line != page.view->header; line = gtk_widget_get_next_sibling(line)) {
    const char *label = sy_hex_line_get_label(SY_HEX_LINE(line));

    assert_true(gtk_test_accessible_has_role(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_ROLE_LIST_ITEM));
    said = gtk_test_accessible_check_property(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                              label);
    assert_null(said);
  }
  sy_hex_view_go_to(page.view, 0x2024, 0);
  said = gtk_test_accessible_check_property(view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                            "0x00002024: 24, decimal 36, text $");
  assert_null(said);
  sy_hex_view_go_to(page.view, 0x2001, 3);
  said = gtk_test_accessible_check_property(view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                            "0x00002001: 01, decimal 1, 3\302\240bytes selected");
  assert_null(said);
  hex_page_close(&page);
}

static void nothing_to_show_is_no_trouble(void **state)
{
  g_autoptr(SyImage) empty = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(GError) error = NULL;
  HexPage page;
  guint32 cursor;

  hex_page_open_image(&page, HEX_WIDE);
  for (int round = 0; round < 2; round++) {
    sy_hex_view_set_image(page.view, round == 0 ? NULL : empty);
    hex_page_settle(&page);
    assert_null(hex_page_get_line(&page, 0));
    assert_false(sy_hex_view_get_cursor(page.view, &cursor));
    assert_false(sy_hex_view_go_to(page.view, 0x2000, 4));
    hex_page_press(&page, GDK_KEY_Down, 0);
    hex_page_press(&page, GDK_KEY_a, GDK_CONTROL_MASK);
    hex_page_click(&page, 1, 100, 100);
    hex_page_click(&page, 2, 100, 100);
    hex_page_assert_no_selection(&page);
    assert_false(sy_hex_view_copy(page.view, SY_COPY_HEX, &error));
    assert_non_null(error);
    g_clear_error(&error);
  }
  hex_page_close(&page);
}

static void a_narrow_page_has_fewer_bytes_a_row_and_the_same_on_top(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  HexPage page;
  guint64 addr;
  guint64 end;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  hex_page_settle(&page);
  gtk_adjustment_set_value(page.vertical, 1000.0 * page.view->layout.row_height);
  hex_page_settle(&page);
  assert_true(sy_hex_view_get_visible(page.view, &addr, &end));
  assert_int_equal(addr, 0x8000000 + 999 * 16);
  gtk_window_set_default_size(page.window, HEX_NARROW, HEX_HEIGHT);
  for (int n = 0; n < 200 && gtk_widget_get_width(GTK_WIDGET(page.view)) > HEX_NARROW; n++)
    hex_page_settle(&page);
  assert_true(sy_hex_view_get_bytes_per_row(page.view) <= 8);
  assert_true(gtk_widget_get_width(GTK_WIDGET(page.view)) <= HEX_NARROW);
  assert_true(sy_hex_view_get_shows_text(page.view));
  assert_true(sy_hex_view_get_visible(page.view, &addr, &end));
  assert_int_equal(addr, 0x8000000 + 999 * 16);
  hex_page_close(&page);
}

/* Where Pango puts a byte's digits, from the begin of the column. */
static double measure_byte(HexPage *page, int first_char)
{
  const char *text = "00 01 02 03 04 05 06 07  08 09 0A 0B 0C 0D 0E 0F";
  g_autoptr(PangoLayout) layout = sy_hex_line_create_layout(SY_HEX_LINE(page->view->header), text);
  PangoRectangle place;

  pango_layout_index_to_pos(layout, first_char, &place);
  return pango_units_to_double(place.x);
}

static void columns_lie_where_the_text_is_in_any_size_of_font(void **state)
{
  enum { LAST_BYTE_CHAR = 46, DPI = 96 * PANGO_SCALE };
  GtkSettings *settings = gtk_settings_get_default();
  HexPage page;
  double width;
  int height;

  hex_page_open_image(&page, HEX_WIDE);
  for (int round = 0; round < 2; round++) {
    double byte_x = sy_hex_view_get_byte_x(page.view, 15) - sy_hex_view_get_byte_x(page.view, 0);

    assert_true(ABS(byte_x - measure_byte(&page, LAST_BYTE_CHAR)) < 1);
    if (round == 1)
      break;
    width = page.view->layout.char_width;
    height = page.view->layout.row_height;
    g_object_set(settings, "gtk-xft-dpi", DPI * 5 / 4, NULL);
    hex_page_settle(&page);
    assert_true(page.view->layout.char_width > 1.1 * width);
    assert_true(page.view->layout.row_height > height);
  }
  gtk_settings_reset_property(settings, "gtk-xft-dpi");
  hex_page_close(&page);
}

/* --- scrolling --- */

static void going_to_an_address_brings_it_into_sight_with_rows_around(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  guint32 target = 0x8000000 + HEX_LARGE_LEN / 2 + 5;
  HexPage page;
  guint64 addr;
  guint64 end;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  hex_page_settle(&page);
  assert_true(sy_hex_view_go_to(page.view, target, 4));
  hex_page_settle(&page);
  hex_page_assert_cursor(&page, target);
  hex_page_assert_selection(&page, target, target + 4);
  assert_true(sy_hex_view_get_visible(page.view, &addr, &end));
  assert_true(addr + 3 * 16 < target && target + 3 * 16 < end);
  assert_true(sy_hex_view_go_to(page.view, target + 16, 0)); /* already in sight: stays */
  hex_page_settle(&page);
  hex_page_assert_no_selection(&page);
  hex_page_assert_line(&page, 0, "0x08");
  {
    guint64 after[2];

    assert_true(sy_hex_view_get_visible(page.view, &after[0], &after[1]));
    assert_int_equal(after[0], addr);
  }
  assert_true(sy_hex_view_go_to(page.view, 0x8000000 + HEX_LARGE_LEN - 1, 0));
  hex_page_settle(&page);
  assert_true(sy_hex_view_get_visible(page.view, &addr, &end));
  assert_int_equal(end, 0x8000000 + HEX_LARGE_LEN);
  hex_page_close(&page);
}

static void going_to_a_gap_takes_the_next_byte_and_says_so(void **state)
{
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  assert_false(sy_hex_view_go_to(page.view, 0x3000, 4));
  hex_page_assert_cursor(&page, 0x10000);
  hex_page_assert_no_selection(&page);
  assert_true(sy_hex_view_go_to(page.view, 0xffffffff, 1));
  hex_page_assert_selection(&page, 0xffffffff, address_end);
  hex_page_close(&page);
}

static void what_was_gone_to_before_it_was_shown_is_in_sight_then(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  GtkWidget *scrolled = gtk_scrolled_window_new();
  HexPage page = {.window = GTK_WINDOW(gtk_window_new()), .view = SY_HEX_VIEW(sy_hex_view_new())};
  guint64 addr;
  guint64 end;

  sy_hex_view_set_image(page.view, image);
  sy_hex_view_go_to(page.view, 0x8100000, 0);
  gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(page.view));
  gtk_window_set_child(page.window, scrolled);
  gtk_window_set_default_size(page.window, HEX_WIDE, HEX_HEIGHT);
  gtk_window_present(page.window);
  hex_page_settle(&page);
  assert_true(sy_hex_view_get_visible(page.view, &addr, &end));
  assert_true(addr < 0x8100000 && 0x8100000 < end);
  hex_page_close(&page);
}

/* --- matches and differences --- */

static void every_match_in_sight_is_boxed(void **state)
{
  static const guint8 wanted[] = {0x0e, 0x0f, 0x10};
  static const guint8 nowhere[] = {0x3f, 0x00}; /* only over a gap */
  g_autoptr(GBytes) pattern = g_bytes_new_static(wanted, sizeof wanted);
  g_autoptr(GBytes) gap_pattern = g_bytes_new_static(nowhere, sizeof nowhere);
  HexPage page;

  hex_page_open_image(&page, HEX_WIDE);
  sy_hex_view_set_pattern(page.view, pattern);
  hex_page_settle(&page);
  assert_int_equal(page.view->matches->len, 2);
  assert_int_equal(g_array_index(page.view->matches, SyRange, 0).addr, 0x200e);
  assert_int_equal(g_array_index(page.view->matches, SyRange, 1).addr, 0x1000e);
  sy_hex_view_set_pattern(page.view, gap_pattern);
  hex_page_settle(&page);
  assert_int_equal(page.view->matches->len, 0);
  hex_page_close(&page);
}

static void a_match_that_begins_above_the_top_is_boxed_too(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  g_autofree guint8 *wanted = g_malloc(64);
  g_autoptr(GBytes) pattern = NULL;
  HexPage page;

  for (guint n = 0; n < 64; n++)
    wanted[n] = (guint8)(0xf0 + n);
  pattern = g_bytes_new(wanted, 64);
  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  hex_page_settle(&page);
  gtk_adjustment_set_value(page.vertical, 18.0 * page.view->layout.row_height);
  sy_hex_view_set_pattern(page.view, pattern);
  hex_page_settle(&page);
  hex_page_assert_line(&page, 0, "0x08000110");
  assert_true(page.view->matches->len >= 1);
  assert_int_equal(g_array_index(page.view->matches, SyRange, 0).addr, 0x80000f0);
  hex_page_close(&page);
}

static SyComparison *make_comparison(void)
{
  SyImageBuilder *builder = sy_image_builder_new();
  g_autoptr(SyImage) a = hex_image_new();
  g_autoptr(SyImage) b = NULL;

  hex_image_add(builder, 0x2000, 0x10);
  assert_true(sy_image_builder_add(builder, 0x2010, (const guint8 *)"\x10\xaa\xbb", 3, 0, NULL));
  hex_image_add(builder, 0x2013, 0x35);
  hex_image_add(builder, 0x30000, 0x10);
  b = sy_image_builder_end(builder);
  return sy_comparison_new(a, b, NULL, 0);
}

static void both_sides_of_a_comparison_have_the_same_rows(void **state)
{
  g_autoptr(SyComparison) comparison = make_comparison();
  SyHexMarks marks[2];
  SyDiffKind kind;
  HexPage pages[2];
  SyRow row;

  for (guint n = 0; n < 2; n++) {
    hex_page_open(&pages[n], HEX_WIDE);
    sy_hex_view_set_comparison(pages[n].view, comparison, n == 1);
    hex_page_settle(&pages[n]);
  }
  assert_int_equal(sy_hex_rows_get_n(sy_hex_view_get_rows(pages[0].view)),
                   sy_hex_rows_get_n(sy_hex_view_get_rows(pages[1].view)));
  hex_page_assert_line(&pages[0], 2, "0x00002010: 10 11 12 13");
  assert_non_null(strstr(hex_page_get_line(&pages[0], 2), "2 bytes differ"));
  hex_page_assert_line(&pages[1], 2, "0x00002010: 10 AA BB 13");
  assert_null(strstr(hex_page_get_line(&pages[0], 1), "differ"));
  hex_page_assert_line(&pages[0], 5, "0x00002040: , text");
  hex_page_assert_line(&pages[1], 5, "0x00002040: 40 41 42");
  assert_true(sy_hex_view_get_difference(pages[0].view, 0x2011, &kind));
  assert_int_equal(kind, SY_DIFF_CHANGED);
  assert_true(sy_hex_view_get_difference(pages[0].view, 0x2040, &kind));
  assert_int_equal(kind, SY_DIFF_ONLY_B);
  assert_false(sy_hex_view_get_difference(pages[0].view, 0x2010, &kind));
  sy_hex_rows_get(sy_hex_view_get_rows(pages[0].view), 2, &row);
  for (guint n = 0; n < 2; n++) {
    sy_hex_view_read_marks(pages[n].view, &row, &marks[n]);
    assert_int_equal(marks[n].differs[SY_DIFF_CHANGED], 0x6);
    assert_int_equal(marks[n].differs[SY_DIFF_ONLY_A], 0);
    assert_int_equal(marks[n].there, 0xffff);
  }
  assert_true(sy_hex_view_go_to(pages[0].view, 0x2041, 0)); /* there on the other side */
  hex_page_assert_cursor(&pages[0], 0x2041);
  hex_page_close(&pages[0]);
  hex_page_close(&pages[1]);
}

static void two_views_scroll_together_by_one_adjustment(void **state)
{
  g_autoptr(SyImage) image = hex_image_new_large();
  g_autoptr(SyComparison) comparison = sy_comparison_new(image, image, NULL, 0);
  GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  SyHexView *views[2];
  HexPage page = {.window = GTK_WINDOW(gtk_window_new())};
  guint64 seen[2][2];

  gtk_box_set_homogeneous(GTK_BOX(box), TRUE);
  for (guint n = 0; n < 2; n++) {
    GtkWidget *scrolled = gtk_scrolled_window_new();

    views[n] = SY_HEX_VIEW(sy_hex_view_new());
    if (n == 1)
      gtk_scrolled_window_set_vadjustment(GTK_SCROLLED_WINDOW(scrolled), page.vertical);
    page.vertical = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled));
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(views[n]));
    gtk_box_append(GTK_BOX(box), scrolled);
    sy_hex_view_set_comparison(views[n], comparison, n == 1);
  }
  page.view = views[0];
  gtk_window_set_child(page.window, box);
  gtk_window_set_default_size(page.window, HEX_WIDE, HEX_HEIGHT);
  gtk_window_present(page.window);
  hex_page_settle(&page);
  sy_hex_view_go_to(views[1], 0x8200000, 0);
  hex_page_settle(&page);
  for (guint n = 0; n < 2; n++)
    assert_true(sy_hex_view_get_visible(views[n], &seen[n][0], &seen[n][1]));
  assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
  assert_true(seen[0][0] < 0x8200000 && 0x8200000 < seen[0][1]);
  hex_page_close(&page);
}

/* --- how it looks --- */

static SyImage *load_image(const char *name)
{
  g_autofree char *path = g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyImage *image = sy_hex_load(file, NULL, NULL);

  assert_non_null(image);
  return image;
}

static void picture(HexPage *page, const char *name)
{
  hex_page_settle(page);
  test_picture_of(GTK_WIDGET(page->window), name);
}

static void it_can_be_read_in_light_dark_and_narrow(void **state)
{
  static const guint8 wanted[] = {0x9f, 0xe5};
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autoptr(SyImage) image = load_image("factory.hex");
  g_autoptr(GBytes) pattern = g_bytes_new_static(wanted, sizeof wanted);
  HexPage page;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_image(page.view, image);
  sy_hex_view_set_pattern(page.view, pattern);
  sy_hex_view_go_to(page.view, 0x30, 0x24);
  picture(&page, "hex-view");
  sy_hex_view_set_pattern(page.view, NULL);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  sy_hex_view_go_to(page.view, 0x10000, 0x40);
  picture(&page, "hex-view-dark");
  gtk_window_set_default_size(page.window, HEX_NARROW, HEX_HEIGHT);
  for (int n = 0; n < 200 && gtk_widget_get_width(GTK_WIDGET(page.window)) > HEX_NARROW; n++)
    hex_page_settle(&page);
  picture(&page, "hex-view-narrow-dark");
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  picture(&page, "hex-view-narrow");
  assert_true(gtk_widget_get_width(GTK_WIDGET(page.window)) <= HEX_NARROW);
  hex_page_close(&page);
}

static void differences_can_be_told_without_colour(void **state)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autoptr(SyComparison) comparison = make_comparison();
  HexPage page;

  hex_page_open(&page, HEX_WIDE);
  sy_hex_view_set_comparison(page.view, comparison, FALSE);
  picture(&page, "hex-view-compare-a");
  sy_hex_view_set_comparison(page.view, comparison, TRUE);
  sy_hex_view_select(page.view, 0x2004, 0x2008);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  picture(&page, "hex-view-compare-b-dark");
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  hex_page_close(&page);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_say_bytes_gaps_and_sectors),
      cmocka_unit_test(a_screen_reader_finds_every_line_and_where_the_cursor_is),
      cmocka_unit_test(nothing_to_show_is_no_trouble),
      cmocka_unit_test(a_narrow_page_has_fewer_bytes_a_row_and_the_same_on_top),
      cmocka_unit_test(columns_lie_where_the_text_is_in_any_size_of_font),
      cmocka_unit_test(going_to_an_address_brings_it_into_sight_with_rows_around),
      cmocka_unit_test(going_to_a_gap_takes_the_next_byte_and_says_so),
      cmocka_unit_test(what_was_gone_to_before_it_was_shown_is_in_sight_then),
      cmocka_unit_test(every_match_in_sight_is_boxed),
      cmocka_unit_test(a_match_that_begins_above_the_top_is_boxed_too),
      cmocka_unit_test(both_sides_of_a_comparison_have_the_same_rows),
      cmocka_unit_test(two_views_scroll_together_by_one_adjustment),
      cmocka_unit_test(it_can_be_read_in_light_dark_and_narrow),
      cmocka_unit_test(differences_can_be_told_without_colour),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("bytes view", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
