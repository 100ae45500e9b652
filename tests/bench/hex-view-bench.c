/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long the bytes view takes until it shows the first rows of a large image, how long a frame
 * takes while it scrolls, and what memory that costs. Needs a display:
 *
 *   xvfb-run -a -s "-screen 0 1920x1200x24" env GSK_RENDERER=cairo build/tests/bench/hex-view-bench
 *
 * The one argument it may have is the image's size in MB. */

#include "bench-usage.h"

#include "sy-hex-view.h"

#include <adwaita.h>

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 1900, HEIGHT = 1150, FRAMES = 300, MB = 1 << 20, SEED = 7 };

typedef struct {
  const char *name;
  double rows; /* a frame */
  gboolean pattern;
} Way;

typedef struct {
  GMainLoop *loop;
  SyHexView *view;
  GtkAdjustment *vertical;
  double step; /* pixels a frame */
  gint64 began_us;
  gint64 first_us;
  gint64 last_us;
  gint64 began_cpu_us;
  guint frames;
  double sum_ms;
  double max_ms;
  double cpu_ms;
} Run;

/* Half of it noise, half of it FF, as flash images are. */
static SyImage *make_image(guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *bytes = g_malloc(length);
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);

  for (guint32 n = 0; n < length; n++)
    bytes[n] = n / 4096 % 2 ? 0xff : (guint8)g_rand_int(random);
  if (!sy_image_builder_add(builder, 0, bytes, length, 0, NULL))
    g_error("the image cannot be built");
  return sy_image_builder_end(builder);
}

static SyImage *make_pieces(guint count)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint n = 0; n < count; n++)
    if (!sy_image_builder_add(builder, n * 0x10000, (const guint8 *)"piece", 5, 0, NULL))
      g_error("the image cannot be built");
  return sy_image_builder_end(builder);
}

static void on_before_paint(GdkFrameClock *clock, Run *run)
{
  run->began_us = g_get_monotonic_time();
  run->began_cpu_us = bench_get_cpu_us();
}

static void on_after_paint(GdkFrameClock *clock, Run *run)
{
  gint64 now_us = g_get_monotonic_time();
  double frame_ms = (double)(now_us - run->began_us) / 1000;

  if (run->began_us == 0)
    return;
  if (run->frames++ == 0)
    run->first_us = now_us;
  run->last_us = now_us;
  run->sum_ms += frame_ms;
  run->cpu_ms += (double)(bench_get_cpu_us() - run->began_cpu_us) / 1000;
  run->max_ms = MAX(run->max_ms, frame_ms);
  if (run->frames == FRAMES || run->step == 0)
    g_main_loop_quit(run->loop);
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Run *run = user_data;

  gtk_adjustment_set_value(run->vertical, gtk_adjustment_get_value(run->vertical) + run->step);
  return G_SOURCE_CONTINUE;
}

/* Frames until there were enough of them, or the first with no step. */
static void run_frames(Run *run)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(run->view));
  gulong before = g_signal_connect(clock, "before-paint", G_CALLBACK(on_before_paint), run);
  gulong after = g_signal_connect(clock, "after-paint", G_CALLBACK(on_after_paint), run);
  guint tick = 0;

  if (run->step > 0)
    tick = gtk_widget_add_tick_callback(GTK_WIDGET(run->view), on_tick, run, NULL);
  else
    gtk_widget_queue_draw(GTK_WIDGET(run->view));
  g_main_loop_run(run->loop);
  if (tick)
    gtk_widget_remove_tick_callback(GTK_WIDGET(run->view), tick);
  g_signal_handler_disconnect(clock, before);
  g_signal_handler_disconnect(clock, after);
}

static void bench_show(GMainLoop *loop, SyHexView *view, const char *name, SyImage *image)
{
  Run run = {.loop = loop, .view = view};
  gint64 start_us = g_get_monotonic_time();
  gint64 set_us;

  sy_hex_view_set_image(view, image);
  set_us = g_get_monotonic_time() - start_us;
  run_frames(&run);
  g_print("%-28s set %5.2f ms, its frame %5.2f ms (%5.2f ms of processor)\n", name,
          (double)set_us / 1000, run.sum_ms, run.cpu_ms);
}

static void bench_scroll(GMainLoop *loop, SyHexView *view, GtkAdjustment *vertical, const Way *way)
{
  static const guint8 wanted[] = {0xff, 0xff};
  g_autoptr(GBytes) pattern = g_bytes_new_static(wanted, sizeof wanted);
  Run run = {.loop = loop, .view = view, .vertical = vertical};
  double before_mb = bench_get_rss_mb();

  run.step = way->rows * gtk_adjustment_get_step_increment(vertical);
  gtk_adjustment_set_value(vertical, 0);
  sy_hex_view_set_pattern(view, way->pattern ? pattern : NULL);
  run_frames(&run);
  g_print("%-28s mean %5.2f ms (%5.2f ms of processor), worst %5.2f ms a frame, %4.1f frames/s, "
          "RSS %+.1f MB\n",
          way->name, run.sum_ms / run.frames, run.cpu_ms / run.frames, run.max_ms,
          (run.frames - 1) * 1e6 / (double)(run.last_us - run.first_us),
          bench_get_rss_mb() - before_mb);
}

static void load_style(void)
{
  GtkCssProvider *provider = gtk_css_provider_new();

  gtk_css_provider_load_from_resource(provider, "/dev/switchyard/Workstation/style.css");
  gtk_style_context_add_provider_for_display(gdk_display_get_default(),
                                             GTK_STYLE_PROVIDER(provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_object_unref(provider);
}

int main(int argc, char **argv)
{
  static const Way ways[] = {
      {"a third of a row a frame", 1.0 / 3, FALSE},
      {"three rows a frame", 3, FALSE},
      {"a page a frame", 40, FALSE},
      {"10000 rows a frame", 10000, FALSE},
      {"three rows, many matches", 3, TRUE},
  };
  guint32 size_mb = argc > 1 ? (guint32)CLAMP(atoi(argv[1]), 1, 1024) : 64;
  g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
  g_autoptr(SyImage) image = make_image(size_mb * MB);
  g_autoptr(SyImage) pieces = make_pieces(65536);
  GtkWidget *scrolled;
  GtkWidget *window;
  SyHexView *view;
  double before_mb;

  adw_init();
  load_style();
  window = gtk_window_new();
  scrolled = gtk_scrolled_window_new();
  view = SY_HEX_VIEW(sy_hex_view_new());
  gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(view));
  gtk_window_set_child(GTK_WINDOW(window), scrolled);
  gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, HEIGHT);
  gtk_window_present(GTK_WINDOW(window));
  bench_show(loop, view, "no image", NULL);
  before_mb = bench_get_rss_mb();
  bench_show(loop, view, "65536 pieces", pieces);
  bench_show(loop, view, "the image", image);
  for (guint n = 0; n < G_N_ELEMENTS(ways); n++)
    bench_scroll(loop, view, gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled)),
                 &ways[n]);
  g_print("%u MB of bytes; RSS %.1f MB, of which %+.1f MB since the empty window\n", size_mb,
          bench_get_rss_mb(), bench_get_rss_mb() - before_mb);
  gtk_window_destroy(GTK_WINDOW(window));
  return 0;
}
