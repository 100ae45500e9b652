/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What is written can be read by people who see little, and what a colour says is said by something
 * else, too. Measured in what is painted: 4.5 to 1 for text, 3 to 1 for large text and icons, as
 * WCAG 2.1 AA wants. What cannot be used at the moment is left out, as it is there.
 */

#include "access.h"
#include "contrast.h"
#include "states.h"

#include "sy-flash-cell.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WIDTH = 1200, HEIGHT = 820, FADE_MS = 400 };

#define TEXT_MIN  4.5
#define LARGE_MIN 3.0
/* At this many pixels a pixel the strokes of small text are more than their soft rims. */
#define SCALE 3.0f
/* What is cut off more than this is not judged. */
#define CUT_MAX 0.6f
/* Of large text, in pixels. */
#define LARGE_PX      24.0
#define LARGE_BOLD_PX 18.66

typedef struct {
  const char *state;
  const char *style;
  guint seen;
  guint faults;
} Inspection;

/* --- text and icons --- */

static gboolean is_large(GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context(widget);
  const PangoFontDescription *font = pango_context_get_font_description(context);
  double size = (double)pango_font_description_get_size(font) / PANGO_SCALE;

  if (!pango_font_description_get_size_is_absolute(font))
    size *= 96.0 / 72.0;
  return size >=
         (pango_font_description_get_weight(font) >= PANGO_WEIGHT_BOLD ? LARGE_BOLD_PX : LARGE_PX);
}

/* 0 for what is neither text nor an icon. */
static double get_least(GtkWidget *widget)
{
  if (GTK_IS_LABEL(widget) || GTK_IS_INSCRIPTION(widget) || GTK_IS_TEXT(widget))
    return is_large(widget) ? LARGE_MIN : TEXT_MIN;
  return GTK_IS_IMAGE(widget) ? LARGE_MIN : 0;
}

static gboolean has_something(GtkWidget *widget)
{
  g_autofree char *text = NULL;

  if (GTK_IS_IMAGE(widget))
    return gtk_image_get_storage_type(GTK_IMAGE(widget)) != GTK_IMAGE_EMPTY;
  if (GTK_IS_TEXT(widget))
    return gtk_entry_buffer_get_length(gtk_text_get_buffer(GTK_TEXT(widget))) > 0;
  text = GTK_IS_LABEL(widget) ? g_strdup(gtk_label_get_text(GTK_LABEL(widget)))
                              : g_strdup(gtk_inscription_get_text(GTK_INSCRIPTION(widget)));
  return text && g_strstrip(text)[0] != '\0';
}

/* The part of it that no parent cuts off; FALSE when too little is left to judge by. */
static gboolean get_visible_part(GtkWidget *widget, GtkWidget *window, graphene_rect_t *part)
{
  float area;

  if (!gtk_widget_compute_bounds(widget, window, part))
    return FALSE;
  area = part->size.width * part->size.height;
  for (GtkWidget *at = gtk_widget_get_parent(widget); at; at = gtk_widget_get_parent(at)) {
    graphene_rect_t bounds;

    if (!gtk_widget_compute_bounds(at, window, &bounds))
      return FALSE;
    if ((gtk_widget_get_overflow(at) == GTK_OVERFLOW_HIDDEN || at == window) &&
        !graphene_rect_intersection(part, &bounds, part))
      return FALSE;
  }
  return part->size.width * part->size.height > area * CUT_MAX;
}

static gboolean is_left_out(GtkWidget *widget)
{
  return !gtk_widget_is_sensitive(widget) || !GTK_IS_WIDGET(gtk_widget_get_parent(widget)) ||
         gtk_widget_get_ancestor(widget, GTK_TYPE_WINDOW_CONTROLS) != NULL;
}

static void inspect_widget(Inspection *inspection, GtkWidget *widget, GtkWidget *window,
                           const Pixels *pixels, const char *page)
{
  double least = get_least(widget);
  g_autofree char *path = NULL;
  graphene_rect_t part;
  double contrast;

  if (least == 0 || is_left_out(widget) || !has_something(widget) ||
      !get_visible_part(widget, window, &part))
    return;
  inspection->seen++;
  contrast =
      pixels_measure_contrast(pixels, (int)(part.origin.x * SCALE), (int)(part.origin.y * SCALE),
                              (int)(part.size.width * SCALE), (int)(part.size.height * SCALE));
  /* One colour alone is a row of a list that is only half there, or a gap between glyphs. */
  if (contrast >= least || contrast == 1)
    return;
  path = access_dup_path(widget);
  print_message("# %s, %s, %s: %.2f of %.1f: %s “%s”\n", inspection->state, page, inspection->style,
                contrast, least, path,
                GTK_IS_LABEL(widget) ? gtk_label_get_text(GTK_LABEL(widget)) : "");
  inspection->faults++;
}

static void inspect(SyWindow *window, const char *page, gpointer user_data)
{
  g_autoptr(GPtrArray) widgets = access_list_mapped(GTK_WIDGET(window));
  g_autoptr(GdkTexture) texture = test_render(GTK_WIDGET(window), SCALE);
  Pixels pixels = pixels_download(texture);

  for (guint n = 0; n < widgets->len; n++)
    inspect_widget(user_data, widgets->pdata[n], GTK_WIDGET(window), &pixels, page);
  pixels_clear(&pixels);
}

static void set_dark(gboolean dark)
{
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                     dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                          : ADW_COLOR_SCHEME_FORCE_LIGHT);
  test_spin_ms(FADE_MS);
}

static void inspect_styles(Inspection *inspection, const TestState *state, int first, int last)
{
  TestScene scene;

  set_dark(first);
  test_scene_enter(&scene, state, WIDTH, HEIGHT);
  for (int dark = first; dark <= last; dark++) {
    inspection->style = dark ? "dark" : "light";
    if (dark > first)
      set_dark(dark);
    test_visit_pages(&scene, state, inspect, inspection);
  }
  test_scene_leave(&scene);
}

static void all_that_is_written_can_be_read(void **state)
{
  const TestState *test_state = *state;
  Inspection inspection = {.state = test_state->name};

  if (test_state->running) { /* it does not wait for another style */
    inspect_styles(&inspection, test_state, FALSE, FALSE);
    inspect_styles(&inspection, test_state, TRUE, TRUE);
  } else {
    inspect_styles(&inspection, test_state, FALSE, TRUE);
  }
  assert_true(inspection.seen > 50);
  assert_int_equal(inspection.faults, 0);
}

static void what_is_too_pale_is_found(void **state)
{
  Inspection inspection = {.state = "pale", .style = "light"};
  SyWindow *window;

  set_dark(FALSE);
  window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  test_wait(window, test_can_upgrade, "the button to be ready");
  gtk_widget_set_opacity(test_panel_child(window, "checks_label"), 0.4);
  test_spin_ms(FADE_MS);
  inspect(window, "image", &inspection);
  assert_int_equal(inspection.faults, 1);
  test_window_close(window);
}

/* --- the flash map without its colours --- */

enum { CELL_WIDTH = 11, CELL_HEIGHT = 13, CELL_SCALE = 8 };

/* Mean difference of two cells' pixels, of 255. */
#define DIFFERENCE_MIN 6.0

typedef struct {
  guint8 grey[CELL_WIDTH * CELL_SCALE * CELL_HEIGHT * CELL_SCALE];
} Cell;

static void draw_cell(Cell *cell, SyCell kind, gboolean dark)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CELL_WIDTH * CELL_SCALE,
                                                        CELL_HEIGHT * CELL_SCALE);
  cairo_t *cr = cairo_create(surface);
  const GdkRGBA ink = dark ? (GdkRGBA){1, 1, 1, 1} : (GdkRGBA){0, 0, 0, 0.8f};
  double ground = dark ? 0.14 : 0.98;
  int stride = cairo_image_surface_get_stride(surface);

  cairo_set_source_rgb(cr, ground, ground, ground);
  cairo_paint(cr);
  cairo_scale(cr, CELL_SCALE, CELL_SCALE);
  sy_flash_cell_draw(cr, kind, &ink, 0, 0, CELL_WIDTH, CELL_HEIGHT);
  cairo_surface_flush(surface);
  for (int y = 0; y < CELL_HEIGHT * CELL_SCALE; y++)
    for (int x = 0; x < CELL_WIDTH * CELL_SCALE; x++) {
      const guint8 *at = cairo_image_surface_get_data(surface) + y * stride + x * 4;

      cell->grey[y * CELL_WIDTH * CELL_SCALE + x] =
          (guint8)(0.0722 * at[0] + 0.7152 * at[1] + 0.2126 * at[2]);
    }
  cairo_destroy(cr);
  cairo_surface_destroy(surface);
}

static double compare_cells(const Cell *one, const Cell *other)
{
  double sum = 0;

  for (gsize n = 0; n < sizeof one->grey; n++)
    sum += abs(one->grey[n] - other->grey[n]);
  return sum / (double)sizeof one->grey;
}

/* Where nothing is known there is nothing else. */
static void blocks_can_be_told_apart_without_colour(void **state)
{
  Cell cells[SY_CELL_COUNT];

  for (int dark = 0; dark < 2; dark++) {
    set_dark(dark);
    for (guint n = 0; n < SY_CELL_COUNT; n++)
      draw_cell(&cells[n], n, dark);
    for (guint a = 0; a < SY_CELL_COUNT; a++)
      for (guint b = a + 1; b < SY_CELL_COUNT; b++) {
        double difference = compare_cells(&cells[a], &cells[b]);

        if (a != SY_CELL_UNKNOWN && difference < DIFFERENCE_MIN)
          fail_msg("%s and %s look alike without colour: %.1f (%s)", sy_flash_cell_name(a),
                   sy_flash_cell_name(b), difference, dark ? "dark" : "light");
      }
  }
}

static void every_kind_of_block_has_a_word_of_its_own(void **state)
{
  g_autoptr(GHashTable) words = g_hash_table_new(g_str_hash, g_str_equal);

  for (guint n = 0; n < SY_CELL_COUNT; n++) {
    const char *word = sy_flash_cell_name(n);

    assert_true(word[0] != '\0');
    assert_true(g_hash_table_add(words, (gpointer)word));
  }
}

int main(void)
{
  g_autoptr(GArray) tests = g_array_new(FALSE, TRUE, sizeof(struct CMUnitTest));
  const struct CMUnitTest more[] = {
      cmocka_unit_test(what_is_too_pale_is_found),
      cmocka_unit_test(blocks_can_be_told_apart_without_colour),
      cmocka_unit_test(every_kind_of_block_has_a_word_of_its_own),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  test_add_for_states(tests, all_that_is_written_can_be_read);
  g_array_append_vals(tests, more, G_N_ELEMENTS(more));
  failed = test_run(tests, "contrast");
  test_application_stop();
  return failed;
}
