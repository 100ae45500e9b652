/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The overview map: its scale, where keys and clicks lead, what it tells. */

#include "part-fixture.h"
#include "release-builder.h"

#include "sy-image-map.h"
#include "sy-image-scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MAP_HEIGHT = 600, MANY = 65536, NO_GO = -1 };

/* --- scale --- */

static SyImage *image_of(const SyRange *ranges, guint n_ranges)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint n = 0; n < n_ranges; n++) {
    g_autofree guint8 *bytes = g_malloc0(ranges[n].length);

    release_add(builder, ranges[n].addr, bytes, (guint32)ranges[n].length);
  }
  return sy_image_builder_end(builder);
}

/* Pieces fill the strip without room between and rise; both ways agree. */
static void scale_is_sound(SyImage *image, int height)
{
  g_autoptr(SyImageScale) scale = sy_image_scale_new(image, height);
  int y = 0;

  for (guint n = 0; n < sy_image_scale_get_n(scale); n++) {
    const SyScalePiece *piece = sy_image_scale_get(scale, n);

    assert_int_equal(piece->y, y);
    assert_true(piece->end_addr > piece->begin_addr);
    assert_true(piece->height >= 0);
    if (n > 0)
      assert_true(piece->begin_addr == sy_image_scale_get(scale, n - 1)->end_addr);
    assert_int_equal(piece->is_break, n % 2);
    y += piece->height;
  }
  assert_int_equal(y, height);
  for (guint n = 0; n < sy_image_get_n_segments(image); n += 1 + n / 7) {
    const SySegment *segment = sy_image_get_segment(image, n);
    double at = sy_image_scale_get_y(scale, segment->addr);

    assert_true(at >= 0 && at < height);
    assert_true(sy_image_scale_get_y(scale, (guint64)segment->addr + segment->length) >= at);
    assert_true(sy_image_scale_get_addr(scale, at) <= segment->addr);
  }
}

static void two_bytes_at_both_ends_of_memory_are_both_seen(void **state)
{
  const SyRange ranges[] = {{0, 1}, {G_MAXUINT32, 1}};
  g_autoptr(SyImage) image = image_of(ranges, G_N_ELEMENTS(ranges));
  g_autoptr(SyImageScale) scale = sy_image_scale_new(image, MAP_HEIGHT);

  scale_is_sound(image, MAP_HEIGHT);
  assert_int_equal(sy_image_scale_get_n(scale), 3);
  assert_int_equal(sy_image_scale_get(scale, 1)->height, SY_SCALE_BREAK_HEIGHT);
  assert_true(sy_image_scale_get(scale, 0)->height > 200);
  assert_true(sy_image_scale_get(scale, 2)->height > 200);
  assert_true(sy_image_scale_get_y(scale, G_MAXUINT32) > 300);
  assert_true(sy_image_scale_get_addr(scale, MAP_HEIGHT + 50) == G_GUINT64_CONSTANT(1) << 32);
  assert_true(sy_image_scale_get_addr(scale, -50) == 0);
}

static void a_few_bytes_beside_many_keep_a_place_to_click(void **state)
{
  const SyRange ranges[] = {{0x2000, 16}, {0x1000000, 0x1000000}, {0x40000000, 4}};
  g_autoptr(SyImage) image = image_of(ranges, G_N_ELEMENTS(ranges));
  g_autoptr(SyImageScale) scale = sy_image_scale_new(image, MAP_HEIGHT);

  scale_is_sound(image, MAP_HEIGHT);
  assert_int_equal(sy_image_scale_get_n(scale), 5);
  assert_true(sy_image_scale_get(scale, 0)->height >= SY_SCALE_PIECE_MIN);
  assert_true(sy_image_scale_get(scale, 4)->height >= SY_SCALE_PIECE_MIN);
  assert_true(sy_image_scale_get(scale, 2)->height > 400);
}

static void short_gaps_are_drawn_to_scale(void **state)
{
  const SyRange ranges[] = {{0x2000, 0x1000}, {0x3010, 0x1000}};
  g_autoptr(SyImage) image = image_of(ranges, G_N_ELEMENTS(ranges));
  g_autoptr(SyImageScale) scale = sy_image_scale_new(image, MAP_HEIGHT);

  assert_int_equal(sy_image_scale_get_n(scale), 1);
}

static SyImage *image_of_many(guint32 apart)
{
  SyImageBuilder *builder = sy_image_builder_new();
  const guint8 bytes[4] = {1, 2, 3, 4};

  for (guint32 n = 0; n < MANY; n++)
    release_add(builder, n * apart, bytes, sizeof bytes);
  return sy_image_builder_end(builder);
}

static void any_shape_fits_any_height(void **state)
{
  g_autoptr(SyImage) many = image_of_many(0x10000);
  g_autoptr(SyImage) dense = image_of_many(8);
  g_autoptr(SyImage) none = image_of(NULL, 0);
  g_autoptr(SyImageScale) empty = sy_image_scale_new(none, 100);

  for (int height = 1; height < 1200; height = height * 3 / 2 + 1) {
    scale_is_sound(many, height);
    scale_is_sound(dense, height);
  }
  assert_int_equal(sy_image_scale_get_n(empty), 0);
  assert_null(sy_image_scale_find(empty, 0));
  assert_true(sy_image_scale_get_addr(empty, 10) == 0);
}

/* --- the widget --- */

static void take_address(SyImageMap *map, guint addr, gint64 *went)
{
  *went = addr;
}

static GtkWidget *map_new(SyRelease *release, gint64 *went)
{
  GtkWidget *map = sy_image_map_new();

  *went = NO_GO;
  g_signal_connect(map, "go-to", G_CALLBACK(take_address), went);
  gtk_widget_set_halign(map, GTK_ALIGN_START);
  sy_image_map_set_release(SY_IMAGE_MAP(map), release);
  return map;
}

/* LOW, HIGH, a record and some RAM. */
static SyRelease *release_with_all(void)
{
  SyImageBuilder *builder = sy_image_builder_new();
  guint8 sector[WIRE_SECTOR_SIZE] = {0};

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    g_autofree guint8 *program = release_build_program(bank, RELEASE_VERSION, 0xa000);

    program[0x400] ^= bank == WIRE_BANK_HIGH;
    release_add(builder, release_addr_of(bank), program, 0xa000);
  }
  release_add(builder, 0, sector, sizeof sector);
  release_add(builder, WIRE_RECORD_ADDR, sector, sizeof sector);
  release_add(builder, 0x40000000, sector, sizeof sector);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, "all.hex");
}

static void keys_walk_from_part_to_part_and_enter_goes(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  static const guint32 stops[] = {0, 0x400, 0x2000, 0x10000, 0x1c000, 0x40000000};
  guint32 chosen;

  assert_true(gtk_widget_get_focusable(map));
  assert_false(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  for (guint n = 0; n < G_N_ELEMENTS(stops); n++) {
    assert_true(part_press_key(map, GDK_KEY_Down));
    assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
    assert_int_equal(chosen, stops[n]);
  }
  assert_true(part_press_key(map, GDK_KEY_Down));
  assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  assert_int_equal(chosen, 0x40000000);
  assert_int_equal(went, NO_GO);
  assert_true(part_press_key(map, GDK_KEY_Return));
  assert_int_equal(went, 0x40000000);
  for (guint n = G_N_ELEMENTS(stops) - 1; n > 0; n--) {
    assert_true(part_press_key(map, GDK_KEY_Up));
    assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
    assert_int_equal(chosen, stops[n - 1]);
  }
  assert_true(part_press_key(map, GDK_KEY_End));
  assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  assert_int_equal(chosen, 0x40000000);
  assert_true(part_press_key(map, GDK_KEY_Home));
  assert_true(part_press_key(map, GDK_KEY_space));
  assert_int_equal(went, 0);
  /* From the middle of a part, up is its begin. */
  sy_image_map_set_cursor(SY_IMAGE_MAP(map), 0x10123);
  assert_true(part_press_key(map, GDK_KEY_Up));
  assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  assert_int_equal(chosen, 0x10000);
  assert_false(part_press_key(map, GDK_KEY_Tab));
  part_window_close(window);
}

static void every_pixel_leads_to_a_byte_that_is_there(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  guint32 before = 0;

  for (int y = -10; y < MAP_HEIGHT + 10; y++) {
    guint32 addr;

    assert_true(sy_image_map_get_addr(SY_IMAGE_MAP(map), y, &addr));
    assert_non_null(sy_image_find_segment(sy_release_get_image(release), addr));
    assert_true(addr >= before);
    before = addr;
  }
  assert_int_equal(before, 0x40001fff);
  part_window_close(window);
}

static void a_drag_goes_where_it_points(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(map);
  double y;

  assert_true(sy_image_map_get_y(SY_IMAGE_MAP(map), 0x12000, &y));
  for (guint n = 0; n < g_list_model_get_n_items(controllers); n++) {
    g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, n);

    if (GTK_IS_GESTURE_DRAG(controller))
      g_signal_emit_by_name(controller, "drag-begin", 20.0, y);
  }
  assert_true(ABS(went - 0x12000) < 0x400);
  part_window_close(window);
}

static void it_says_what_it_shows_and_where_one_is(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  g_autofree char *label = NULL;
  g_autofree char *description = NULL;

  gtk_test_accessible_assert_role(map, GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_property(map, GTK_ACCESSIBLE_PROPERTY_LABEL, "Map of the image");
  gtk_test_accessible_assert_property(map, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      "4 segments, from 0x00000 to 0x40001FFF. Up and Down choose "
                                      "a segment, Enter goes there.");
  part_press_key(map, GDK_KEY_End);
  gtk_test_accessible_assert_property(
      map, GTK_ACCESSIBLE_PROPERTY_LABEL,
      "Map of the image: 0x40000000 · Outside flash · segment 4 of 4, 0x40000000 to 0x40001FFF");
  sy_image_map_set_release(SY_IMAGE_MAP(map), NULL);
  gtk_test_accessible_assert_property(map, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      "There is nothing to show.");
  assert_false(part_press_key(map, GDK_KEY_Down));
  part_window_close(window);
}

/* --- pictures and speed --- */

/* The map as it is drawn now, and how long that took. */
static cairo_surface_t *draw(GtkWidget *map, double *ms)
{
  cairo_surface_t *surface = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, gtk_widget_get_width(map), gtk_widget_get_height(map));
  cairo_t *cr = cairo_create(surface);
  GtkSnapshot *snapshot = gtk_snapshot_new();
  gint64 begin_us = g_get_monotonic_time();
  g_autoptr(GskRenderNode) node = NULL;

  GTK_WIDGET_GET_CLASS(map)->snapshot(map, snapshot);
  node = gtk_snapshot_free_to_node(snapshot);
  gsk_render_node_draw(node, cr);
  cairo_surface_flush(surface);
  *ms = (double)(g_get_monotonic_time() - begin_us) / 1e3;
  cairo_destroy(cr);
  return surface;
}

/* Whether a pixel of about this colour is near the height of an address, from x on. */
static gboolean has_colour(GtkWidget *map, cairo_surface_t *surface, guint32 addr, int x, int width,
                           guint32 colour)
{
  const guint8 *data = cairo_image_surface_get_data(surface);
  int stride = cairo_image_surface_get_stride(surface);
  double y;

  assert_true(sy_image_map_get_y(SY_IMAGE_MAP(map), addr, &y));
  for (int row = MAX((int)y - 4, 0); row < MIN(y + 4, cairo_image_surface_get_height(surface));
       row++)
    for (int column = x; column < x + width; column++) {
      const guint32 *pixel = (const guint32 *)(gconstpointer)(data + row * stride) + column;
      gboolean like = TRUE;

      for (int shift = 0; shift < 24; shift += 8)
        like &= ABS((int)(*pixel >> shift & 0xff) - (int)(colour >> shift & 0xff)) < 4;
      if (like)
        return TRUE;
    }
  return FALSE;
}

enum { MARK_X = 2, BAR_X = 14, SIDE_X = 42, MARK_WIDTH = 10, BAR_WIDTH = 26, SIDE_WIDTH = 6 };
enum { BLUE = 0x1c71d8, PURPLE = 0x813d9c, RED = 0xc01c28, ORANGE = 0xc64600, YELLOW = 0x9c6e03 };

static void it_draws_banks_marks_differences_and_matches(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  g_autoptr(SyImage) other = release_build_both(RELEASE_VERSION, 0xa000);
  g_autoptr(SyComparison) comparison =
      sy_comparison_new(sy_release_get_image(release), other, NULL, 0);
  const guint32 matches[] = {0x4000, 0x14000, 0x2100, 0x14010};
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  cairo_surface_t *surface;
  double first_ms;
  double next_ms;

  sy_image_map_set_view(SY_IMAGE_MAP(map), 0x11000, 0x800);
  sy_image_map_set_cursor(SY_IMAGE_MAP(map), 0x11200);
  sy_image_map_set_comparison(SY_IMAGE_MAP(map), comparison);
  sy_image_map_set_matches(SY_IMAGE_MAP(map), matches, G_N_ELEMENTS(matches));
  gtk_widget_grab_focus(map);
  part_press_key(map, GDK_KEY_Down);
  surface = draw(map, &first_ms);
  cairo_surface_destroy(draw(map, &next_ms));
  print_message("# a frame of the map: %.2f ms, and %.2f ms when it only scrolls\n", first_ms,
                next_ms);
  assert_true(has_colour(map, surface, 0x4800, BAR_X, BAR_WIDTH, BLUE));
  assert_false(has_colour(map, surface, 0x4800, BAR_X, BAR_WIDTH, PURPLE));
  assert_true(has_colour(map, surface, 0x14800, BAR_X, BAR_WIDTH, PURPLE));
  /* The CRC of HIGH is wrong, in LOW nothing is. */
  assert_true(has_colour(map, surface, 0x1007c, MARK_X, MARK_WIDTH, RED));
  assert_false(has_colour(map, surface, 0x4800, MARK_X, MARK_WIDTH, RED));
  assert_true(has_colour(map, surface, 0x10400, SIDE_X, SIDE_WIDTH, ORANGE));
  assert_false(has_colour(map, surface, 0x6000, SIDE_X, SIDE_WIDTH, ORANGE));
  assert_true(has_colour(map, surface, 0x14000, SIDE_X, SIDE_WIDTH, YELLOW));
  assert_false(has_colour(map, surface, 0x6000, SIDE_X, SIDE_WIDTH, YELLOW));
  cairo_surface_destroy(surface);
  part_pictures(window, "image-map");
  part_window_close(window);
}

static gboolean same_rows(GtkWidget *map, cairo_surface_t *a, cairo_surface_t *b, guint32 addr)
{
  int stride = cairo_image_surface_get_stride(a);
  double y;

  assert_true(sy_image_map_get_y(SY_IMAGE_MAP(map), addr, &y));
  return memcmp(cairo_image_surface_get_data(a) + (int)y * stride,
                cairo_image_surface_get_data(b) + (int)y * stride, (gsize)stride) == 0;
}

static void the_visible_part_is_framed_and_the_cursor_drawn(void **state)
{
  g_autoptr(SyRelease) release = release_with_all();
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, MAP_HEIGHT);
  cairo_surface_t *bare;
  cairo_surface_t *framed;
  double ms;

  bare = draw(map, &ms);
  sy_image_map_set_view(SY_IMAGE_MAP(map), 0x12000, 0x2000);
  sy_image_map_set_cursor(SY_IMAGE_MAP(map), 0x18000);
  framed = draw(map, &ms);
  assert_false(same_rows(map, bare, framed, 0x13000));
  assert_false(same_rows(map, bare, framed, 0x18000));
  assert_true(same_rows(map, bare, framed, 0x16000));
  cairo_surface_destroy(bare);
  cairo_surface_destroy(framed);
  part_window_close(window);
}

static void many_segments_and_differences_are_drawn_quickly(void **state)
{
  g_autoptr(SyImage) image = image_of_many(0x10000);
  g_autoptr(SyImage) other = image_of_many(0x8000);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  g_autoptr(SyComparison) comparison = sy_comparison_new(image, other, NULL, 0);
  gint64 went;
  GtkWidget *map = map_new(release, &went);
  GtkWidget *window = part_window_new(map, 200, 1100);
  double first_ms;
  double next_ms;
  guint32 chosen;

  sy_image_map_set_comparison(SY_IMAGE_MAP(map), comparison);
  cairo_surface_destroy(draw(map, &first_ms));
  cairo_surface_destroy(draw(map, &next_ms));
  print_message("# a frame of the map of %d segments and %u differences: %.2f ms, then %.2f ms\n",
                MANY, sy_comparison_get_n(comparison), first_ms, next_ms);
  part_press_key(map, GDK_KEY_End);
  assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  assert_int_equal(chosen, 0xffff0000);
  assert_true(part_press_key(map, GDK_KEY_Up));
  assert_true(sy_image_map_get_chosen(SY_IMAGE_MAP(map), &chosen));
  assert_int_equal(chosen, 0xfffe0000);
  part_pictures(window, "image-map-many");
  part_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_bytes_at_both_ends_of_memory_are_both_seen),
      cmocka_unit_test(a_few_bytes_beside_many_keep_a_place_to_click),
      cmocka_unit_test(short_gaps_are_drawn_to_scale),
      cmocka_unit_test(any_shape_fits_any_height),
      cmocka_unit_test(keys_walk_from_part_to_part_and_enter_goes),
      cmocka_unit_test(every_pixel_leads_to_a_byte_that_is_there),
      cmocka_unit_test(a_drag_goes_where_it_points),
      cmocka_unit_test(it_says_what_it_shows_and_where_one_is),
      cmocka_unit_test(it_draws_banks_marks_differences_and_matches),
      cmocka_unit_test(the_visible_part_is_framed_and_the_cursor_drawn),
      cmocka_unit_test(many_segments_and_differences_are_drawn_quickly),
  };
  int failed;

  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  test_application_stop();
  return failed;
}
