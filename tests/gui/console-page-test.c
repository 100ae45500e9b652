/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The console page by itself: what it says in each state, its numbers, its plot, its messages. */

#include "line-peer.h"
#include "part-fixture.h"

#include "sy-console-page.h"
#include "sy-ink.h"
#include "sy-plot-scale.h"
#include "sy-plot.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 800, HEIGHT = 640, NARROW = 360, PERIOD_MS = 500 };

typedef struct {
  LinePeer peer;
  SyStation *station;
  SyConsolePage *page;
  GtkWidget *window;
} Scene;

static int set_up_sized(void **state, int width)
{
  Scene *scene = g_new0(Scene, 1);

  line_peer_start(&scene->peer);
  scene->station = sy_station_new(scene->peer.pty.port);
  scene->page = g_object_new(SY_TYPE_CONSOLE_PAGE, NULL);
  sy_console_page_set_station(scene->page, scene->station);
  scene->window = part_window_new(GTK_WIDGET(scene->page), width, HEIGHT);
  *state = scene;
  return 0;
}

static int set_up(void **state)
{
  return set_up_sized(state, WIDTH);
}

static int set_up_narrow(void **state)
{
  return set_up_sized(state, NARROW);
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  g_object_unref(scene->station);
  part_window_close(scene->window);
  line_peer_stop(&scene->peer);
  g_free(scene);
  return 0;
}

static GtkWidget *child(Scene *scene, const char *name)
{
  return test_child(scene->page, SY_TYPE_CONSOLE_PAGE, name);
}

static void on_identified(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!sy_station_identify_finish(SY_STATION(source), result, &error))
    print_message("# %s\n", error->message);
  *(gboolean *)user_data = TRUE;
}

static void identify(Scene *scene)
{
  gboolean done = FALSE;

  sy_station_identify_async(scene->station, FALSE, NULL, on_identified, &done);
  while (!done)
    g_main_context_iteration(NULL, TRUE);
}

static const char *shown_page(Scene *scene)
{
  return gtk_stack_get_visible_child_name(GTK_STACK(child(scene, "stack")));
}

static void assert_status(Scene *scene, const char *title)
{
  AdwStatusPage *status = ADW_STATUS_PAGE(child(scene, "status_page"));

  assert_string_equal(shown_page(scene), "status");
  assert_string_equal(adw_status_page_get_title(status), title);
}

static const char *notice(Scene *scene)
{
  GtkWidget *label = child(scene, "notice_label");

  return gtk_widget_get_visible(label) ? gtk_label_get_text(GTK_LABEL(label)) : NULL;
}

/* As a program sends them that reads slow waves; the newest came `age_ms` ago. */
static void add_history(Scene *scene, guint count, guint first, gint64 age_ms)
{
  SyConsole *console = sy_station_get_console(scene->station);
  gint64 end_us = g_get_real_time() - age_ms * 1000;
  g_autofree SyConsoleReading *heard = g_new0(SyConsoleReading, count);

  for (guint n = 0; n < count; n++) {
    guint at = first + n;

    heard[n].time_us = end_us - (gint64)(count - 1 - n) * PERIOD_MS * 1000;
    heard[n].reading = (WireReading){
        .uptime_ms = at * PERIOD_MS,
        .number = (guint16)at,
        .value = {(gint16)(212 + 30 * sin(at / 40.0)), (gint16)(198 + 9 * sin(at / 90.0)),
                  (gint16)(500 + 400 * sin(at / 150.0)), 126},
    };
  }
  sy_console_add_readings(console, heard, count);
}

static gboolean plot_says(Scene *scene, const char *text)
{
  g_autofree char *label = gtk_test_accessible_check_property(GTK_ACCESSIBLE(child(scene, "plot")),
                                                              GTK_ACCESSIBLE_PROPERTY_LABEL, "?");

  return strstr(label, text) != NULL;
}

/* --- numbers --- */

static void scales_have_round_steps_and_hold_their_values(void **state)
{
  for (int min = -1500; min < 1500; min += 37)
    for (int range = 0; range < 3000; range += 91)
      for (int steps = 2; steps < 7; steps++) {
        SyPlotScale scale = sy_plot_scale_new(min, min + range, steps);

        assert_true(scale.low <= min && scale.high >= min + range);
        assert_true(scale.low < scale.high);
        assert_true((scale.high - scale.low) / scale.step <= steps);
        assert_int_equal(scale.low % scale.step, 0);
        assert_int_equal((scale.high - scale.low) % scale.step, 0);
      }
}

static void one_value_alone_does_not_fill_its_scale(void **state)
{
  SyPlotScale scale = sy_plot_scale_new(126, 126, 4);

  assert_int_equal(scale.low, 125);
  assert_int_equal(scale.high, 130);
  scale = sy_plot_scale_new(500, 500, 4);
  assert_int_equal(scale.low, 495);
  assert_int_equal(scale.high, 505);
}

static void the_time_shown_grows_with_what_was_heard(void **state)
{
  assert_int_equal(sy_plot_choose_span(0), 60);
  assert_int_equal(sy_plot_choose_span(61), 120);
  assert_int_equal(sy_plot_choose_span(121), 300);
  assert_int_equal(sy_plot_choose_span(86400), 300);
  assert_int_equal(sy_plot_choose_time_step(60, 600, 70), 15);
  assert_int_equal(sy_plot_choose_time_step(300, 240, 70), 120);
}

static double luminance(const char *color)
{
  GdkRGBA rgba;
  double parts[3];

  assert_true(gdk_rgba_parse(&rgba, color));
  parts[0] = rgba.red, parts[1] = rgba.green, parts[2] = rgba.blue;
  for (guint n = 0; n < 3; n++)
    parts[n] = parts[n] <= 0.04045 ? parts[n] / 12.92 : pow((parts[n] + 0.055) / 1.055, 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

static double contrast(const char *one, const char *two)
{
  double a = luminance(one), b = luminance(two);

  return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

static void lines_stand_out_from_light_and_dark_ground(void **state)
{
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++) {
    assert_true(contrast(sy_channel_inks[channel].light, "#f0f0f0") >= 3);
    assert_true(contrast(sy_channel_inks[channel].dark, "#383838") >= 3);
  }
}

/* --- states --- */

static void without_a_port_it_says_so(void **state)
{
  Scene *scene = *state;

  sy_console_page_set_station(scene->page, NULL);
  assert_status(scene, "No Port Is Chosen");
}

static void before_anything_is_heard_it_says_what_is_the_matter(void **state)
{
  Scene *scene = *state;

  assert_status(scene, "Listening…");
  scene->peer.mute = TRUE;
  identify(scene);
  assert_status(scene, "Nothing Is Heard");
  scene->peer.mute = FALSE;
  identify(scene);
  assert_status(scene, "Nothing Sent Yet");
  part_pictures(scene->window, "console-nothing");
  scene->peer.identity.mode = WIRE_MODE_LOADER;
  identify(scene);
  assert_status(scene, "The Loader Sends No Readings");
}

static gboolean shows_reading(GtkWidget *window)
{
  return part_find_label(window, "21.4\u202f°C") != NULL;
}

static void a_reading_shows_at_once_with_names_and_units(void **state)
{
  Scene *scene = *state;

  identify(scene);
  line_peer_send_reading(&scene->peer);
  part_wait(scene->window, shows_reading, "the reading");
  assert_string_equal(shown_page(scene), "console");
  assert_non_null(part_find_label(scene->window, "NTC temperature"));
  assert_non_null(part_find_label(scene->window, "50.5\u202f%"));
  assert_non_null(part_find_label(scene->window, "12.6\u202fV"));
  assert_non_null(part_find_label(scene->window, "1 reading · 0 lost"));
  assert_null(notice(scene));
  part_pictures(scene->window, "console-one");
}

static void the_plot_tells_newest_lowest_and_highest(void **state)
{
  Scene *scene = *state;

  assert_true(plot_says(scene, "there are none yet"));
  identify(scene);
  scene->peer.reading.value[0] = 300;
  line_peer_send_reading(&scene->peer);
  scene->peer.reading.value[0] = -15;
  line_peer_send_reading(&scene->peer);
  scene->peer.reading.value[0] = 214;
  line_peer_send_reading(&scene->peer);
  part_wait(scene->window, shows_reading, "the readings");
  assert_true(plot_says(scene, "of the last 1 minute."));
  assert_true(plot_says(scene, "NTC temperature: now 21.4\u202f°C, lowest -1.5\u202f°C, highest "
                               "30.0\u202f°C."));
  assert_true(plot_says(scene, "Battery: now 12.6\u202fV"));
}

static void add_busy_history(Scene *scene)
{
  identify(scene);
  add_history(scene, 200, 100, 160000);
  add_history(scene, 110, 310, 100000); /* ten were lost */
  add_history(scene, 180, 0, 300);      /* the program began anew */
  line_peer_announce(&scene->peer);
  line_peer_send(&scene->peer, "adc: input 2 saturated\r\n", 24);
}

static gboolean has_text(GtkWidget *window)
{
  GtkWidget *page = adw_window_get_content(ADW_WINDOW(window));
  GtkTextBuffer *buffer =
      gtk_text_view_get_buffer(GTK_TEXT_VIEW(test_child(page, SY_TYPE_CONSOLE_PAGE, "view")));
  GtkTextIter begin, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds(buffer, &begin, &end);
  text = gtk_text_buffer_get_text(buffer, &begin, &end, FALSE);
  return strstr(text, "saturated\n") != NULL;
}

static void messages_tell_losses_starts_and_text(void **state)
{
  Scene *scene = *state;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(child(scene, "view")));
  GtkTextIter begin, end;
  g_autofree char *text = NULL;

  add_busy_history(scene);
  part_wait(scene->window, has_text, "the messages");
  gtk_text_buffer_get_bounds(buffer, &begin, &end);
  text = gtk_text_buffer_get_text(buffer, &begin, &end, FALSE);
  assert_non_null(strstr(text, "  10 readings were lost on the way\n"));
  assert_non_null(strstr(text, "  LOW 1.0.0 started (boot 1, last reset: power or reset pin)\n"));
  assert_non_null(part_find_label(scene->window, "490 readings · 10 lost"));
  test_spin_ms(300);
  part_pictures(scene->window, "console-page");
}

/* Whether a channel's line is where readings of so long ago are; the plot shows `span_s`, about
 * from a tenth of its width on. */
static gboolean has_ink(Scene *scene, double ago_s, double span_s)
{
  GtkWidget *plot = child(scene, "plot");
  int width = gtk_widget_get_width(plot), height = gtk_widget_get_height(plot);
  int x = (int)(width * (1 - 0.9 * ago_s / span_s));
  GtkSnapshot *snapshot = gtk_snapshot_new();
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  g_autofree guint8 *pixels = g_malloc0((gsize)width * (gsize)height * 4);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
  gboolean found = FALSE;

  GTK_WIDGET_GET_CLASS(plot)->snapshot(plot, snapshot);
  node = gtk_snapshot_free_to_node(snapshot);
  texture = gsk_renderer_render_texture(gtk_native_get_renderer(gtk_widget_get_native(plot)), node,
                                        &bounds);
  gdk_texture_download(texture, pixels, (gsize)width * 4);
  for (int y = 0; y < height; y++) {
    const guint8 *pixel = pixels + ((gsize)y * (gsize)width + (gsize)x) * 4;
    guint8 most = MAX(pixel[0], MAX(pixel[1], pixel[2]));
    guint8 least = MIN(pixel[0], MIN(pixel[1], pixel[2]));

    found |= most - least > 60; /* all else is grey */
  }
  return found;
}

static void where_readings_were_lost_the_lines_are_broken(void **state)
{
  Scene *scene = *state;

  identify(scene);
  add_history(scene, 60, 0, 40000);
  add_history(scene, 20, 80, 0); /* 40 s ago to 10 s ago, nothing */
  test_spin_ms(100);
  assert_true(has_ink(scene, 55, 120));
  assert_false(has_ink(scene, 25, 120));
  assert_true(has_ink(scene, 5, 120));
}

static void narrow_it_still_shows_all(void **state)
{
  Scene *scene = *state;

  add_busy_history(scene);
  part_wait(scene->window, has_text, "the messages");
  test_spin_ms(300);
  assert_true(gtk_widget_get_width(GTK_WIDGET(scene->page)) <= NARROW);
  assert_non_null(part_find_label(scene->window, "12.6\u202fV"));
  part_pictures(scene->window, "console-narrow");
}

static void when_readings_stop_it_says_since_when(void **state)
{
  Scene *scene = *state;

  identify(scene);
  add_history(scene, 40, 0, 20000);
  assert_non_null(strstr(notice(scene), "The program has sent no readings since "));
  assert_true(gtk_widget_has_css_class(child(scene, "tiles"), "stale"));
  line_peer_stop(&scene->peer);
  while (sy_station_get_state(scene->station) != SY_STATION_UNREACHABLE)
    g_main_context_iteration(NULL, TRUE);
  assert_non_null(strstr(notice(scene), "not reachable. These were heard until "));
  part_pictures(scene->window, "console-unreachable");
}

/* --- seen and not seen --- */

static void out_of_sight_it_does_nothing_and_then_catches_up(void **state)
{
  Scene *scene = *state;
  GtkLabel *figures = GTK_LABEL(child(scene, "figures_label"));

  gtk_widget_set_visible(scene->window, FALSE);
  add_history(scene, 3, 0, 0);
  assert_string_equal(gtk_label_get_text(figures), "");
  assert_true(plot_says(scene, "there are none yet"));
  gtk_widget_set_visible(scene->window, TRUE);
  assert_string_equal(gtk_label_get_text(figures), "3 readings · 0 lost");
  assert_false(plot_says(scene, "there are none yet"));
}

/* --- messages --- */

static void add_lines(Scene *scene, guint count)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (guint n = 0; n < count; n++)
    g_string_append_printf(text, "%u\n", n);
  line_peer_send(&scene->peer, text->str, text->len);
  line_peer_send(&scene->peer, "saturated\n", 10);
}

static gboolean is_at_end(GtkWidget *window)
{
  GtkWidget *page = adw_window_get_content(ADW_WINDOW(window));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(
      GTK_SCROLLED_WINDOW(test_child(page, SY_TYPE_CONSOLE_PAGE, "scroller")));

  return gtk_adjustment_get_upper(adjustment) > gtk_adjustment_get_page_size(adjustment) + 50 &&
         gtk_adjustment_get_value(adjustment) >=
             gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment) - 1;
}

static void the_newest_message_is_followed_until_somebody_scrolls_up(void **state)
{
  Scene *scene = *state;
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(child(scene, "scroller")));

  identify(scene);
  add_lines(scene, 100);
  part_wait(scene->window, has_text, "the lines");
  part_wait(scene->window, is_at_end, "the newest line to be in sight");
  gtk_adjustment_set_value(adjustment, 10);
  line_peer_send(&scene->peer, "more\n", 5);
  test_spin_ms(300);
  assert_true(gtk_adjustment_get_value(adjustment) == 10);
  gtk_adjustment_set_value(adjustment, gtk_adjustment_get_upper(adjustment));
  line_peer_send(&scene->peer, "more\nmore\nmore\nmore\n", 20);
  test_spin_ms(300);
  part_wait(scene->window, is_at_end, "the newest line to be in sight again");
}

static void clearing_forgets_messages_only(void **state)
{
  Scene *scene = *state;

  identify(scene);
  add_history(scene, 2, 0, 0);
  add_lines(scene, 3);
  part_wait(scene->window, has_text, "the lines");
  gtk_widget_activate_action(GTK_WIDGET(scene->page), "console.clear", NULL);
  assert_false(has_text(scene->window));
  assert_string_equal(shown_page(scene), "console");
  assert_non_null(part_find_label(scene->window, "2 readings · 0 lost"));
}

static void on_text(GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **)user_data = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, NULL);
}

static char *read_clipboard(Scene *scene)
{
  char *text = NULL;

  gdk_clipboard_read_text_async(gtk_widget_get_clipboard(scene->window), NULL, on_text, &text);
  while (!text)
    g_main_context_iteration(NULL, TRUE);
  return text;
}

static void note_message(SyConsolePage *page, const char *message, char **kept)
{
  g_free(*kept);
  *kept = g_strdup(message);
}

static void readings_and_messages_can_be_copied(void **state)
{
  Scene *scene = *state;
  g_autofree char *message = NULL;
  g_autofree char *csv = NULL;
  g_autofree char *text = NULL;

  g_signal_connect(scene->page, "message", G_CALLBACK(note_message), &message);
  identify(scene);
  add_history(scene, 2, 0, 0);
  add_lines(scene, 1);
  part_wait(scene->window, has_text, "the lines");
  gtk_widget_activate_action(GTK_WIDGET(scene->page), "console.copy-readings", NULL);
  assert_string_equal(message, "2 readings copied");
  csv = read_clipboard(scene);
  assert_true(g_str_has_prefix(csv, "time,uptime_ms,"));
  gtk_widget_activate_action(GTK_WIDGET(scene->page), "console.copy-messages", NULL);
  assert_string_equal(message, "Messages copied");
  text = read_clipboard(scene);
  assert_true(g_str_has_suffix(text, "  saturated\n"));
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scales_have_round_steps_and_hold_their_values),
      cmocka_unit_test(one_value_alone_does_not_fill_its_scale),
      cmocka_unit_test(the_time_shown_grows_with_what_was_heard),
      cmocka_unit_test(lines_stand_out_from_light_and_dark_ground),
      SCENE_TEST(without_a_port_it_says_so),
      SCENE_TEST(before_anything_is_heard_it_says_what_is_the_matter),
      SCENE_TEST(a_reading_shows_at_once_with_names_and_units),
      SCENE_TEST(the_plot_tells_newest_lowest_and_highest),
      SCENE_TEST(messages_tell_losses_starts_and_text),
      SCENE_TEST(where_readings_were_lost_the_lines_are_broken),
      cmocka_unit_test_setup_teardown(narrow_it_still_shows_all, set_up_narrow, tear_down),
      SCENE_TEST(when_readings_stop_it_says_since_when),
      SCENE_TEST(out_of_sight_it_does_nothing_and_then_catches_up),
      SCENE_TEST(the_newest_message_is_followed_until_somebody_scrolls_up),
      SCENE_TEST(clearing_forgets_messages_only),
      SCENE_TEST(readings_and_messages_can_be_copied),
  };
  int failed;

  if (!test_application_start()) {
    print_message("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("console page", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
