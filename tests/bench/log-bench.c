/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a log of 100,000 lines costs: lines that come at 1000/s while it is followed, another
 * filter, memory. Needs a display:
 *
 *   xvfb-run -a -s "-screen 0 1920x1200x24" env GSK_RENDERER=cairo build/tests/bench/log-bench
 *
 * The limit for whatever holds up the window is one frame of a 60 Hz screen. */

#include "bench-usage.h"

#include "sy-log-view.h"
#include "sy-station-private.h"

#include <adwaita.h>

#include <glib/gstdio.h>
#include <stdio.h>

enum {
  WIDTH = 1200,
  HEIGHT = 800,
  LINES_PER_S = 1000,
  BURST_MS = 16, /* as SyStation tells its news */
  SECONDS = 5,
  SETTLE_MS = 500,
  FRAME_LIMIT_US = 16700,
};

typedef struct {
  GMainLoop *loop;
  SyStation *station;
  guint lines;
  gint64 start_us;
  gint64 began_cpu_us;
  guint frames;
  double frame_ms, frame_max_ms;
  double burst_max_ms;
  gint64 shown_us;
} Run;

/* With the journals in it. */
static void remove_folder(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);

    (void)g_remove(path);
  }
  (void)g_rmdir(folder);
}

/* As a station that takes over what a job told. */
static void log_lines(SyStation *station, guint first, guint count)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_object_unref);

  for (guint n = first; n < first + count; n++) {
    g_autofree char *text = g_strdup_printf("← reply to DATA seq %u: block %u verified, first "
                                            "missing %u, following 0x%08x",
                                            n & 255, n % 96, n % 96 + 2, n);

    g_ptr_array_add(entries, sy_log_entry_new(n % 50 ? SY_LOG_DEBUG : SY_LOG_INFO, text));
  }
  sy_station_append_log(station, (SyLogEntry *const *)entries->pdata, count);
}

static gboolean on_burst(gpointer user_data)
{
  Run *run = user_data;
  gint64 now_us = g_get_monotonic_time();
  guint wanted = (guint)((now_us - run->start_us) * LINES_PER_S / G_USEC_PER_SEC);
  gint64 before_us = bench_get_cpu_us();

  log_lines(run->station, run->lines, wanted - run->lines);
  run->lines = wanted;
  run->burst_max_ms = MAX(run->burst_max_ms, (double)(bench_get_cpu_us() - before_us) / 1000);
  if (now_us - run->start_us < (gint64)SECONDS * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit(run->loop);
  return G_SOURCE_REMOVE;
}

static void on_before_paint(GdkFrameClock *clock, Run *run)
{
  run->began_cpu_us = bench_get_cpu_us();
}

static void on_after_paint(GdkFrameClock *clock, Run *run)
{
  double ms = (double)(bench_get_cpu_us() - run->began_cpu_us) / 1000;

  run->frames++;
  run->frame_ms += ms;
  run->frame_max_ms = MAX(run->frame_max_ms, ms);
}

static gboolean on_settled(gpointer loop)
{
  g_main_loop_quit(loop);
  return G_SOURCE_REMOVE;
}

static void settle(GMainLoop *loop)
{
  g_timeout_add(SETTLE_MS, on_settled, loop);
  g_main_loop_run(loop);
}

static void tell(const char *name, double ms)
{
  g_print("%-44s %6.2f ms, %5.2f of a frame's %.1f ms\n", name, ms, ms * 1000 / FRAME_LIMIT_US,
          FRAME_LIMIT_US / 1000.0);
}

static void bench_append(Run *run, GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
  gulong before = g_signal_connect(clock, "before-paint", G_CALLBACK(on_before_paint), run);
  gulong after = g_signal_connect(clock, "after-paint", G_CALLBACK(on_after_paint), run);
  gint64 cpu_us = bench_get_cpu_us();

  run->start_us = g_get_monotonic_time();
  run->lines = 0;
  g_timeout_add(BURST_MS, on_burst, run);
  g_main_loop_run(run->loop);
  cpu_us = bench_get_cpu_us() - cpu_us;
  g_signal_handler_disconnect(clock, before);
  g_signal_handler_disconnect(clock, after);
  g_print("%u lines came in %u s, %u frames: %.0f %% of one processor\n", run->lines, SECONDS,
          run->frames, (double)cpu_us / (SECONDS * 10000.0));
  tell("a burst of lines, worst", run->burst_max_ms);
  tell("a frame, mean", run->frame_ms / MAX(run->frames, 1));
  tell("a frame, worst", run->frame_max_ms);
}

static void on_shown(GListModel *model, guint position, guint removed, guint added, Run *run)
{
  run->shown_us = g_get_monotonic_time();
}

/* What the window stands still for: whatever the main loop does in one go, which is looking for
 * lines, letting go of others, and the frame that shows what is left. */
static void bench_filter(Run *run, SyLogFilter *filter, const char *name, SyLogLevel level,
                         const char *search)
{
  gulong shown = g_signal_connect(filter, "items-changed", G_CALLBACK(on_shown), run);
  gint64 start_us = g_get_monotonic_time();
  gint64 before_us = bench_get_cpu_us();
  gint64 worst_us = 0;

  sy_log_filter_set_level(filter, level);
  sy_log_filter_set_search(filter, search);
  do {
    worst_us = MAX(worst_us, bench_get_cpu_us() - before_us);
    before_us = bench_get_cpu_us();
    g_main_context_iteration(NULL, FALSE);
  } while (g_get_monotonic_time() - start_us < SETTLE_MS * 1000);
  g_signal_handler_disconnect(filter, shown);
  tell(name, (double)worst_us / 1000);
  g_print("  complete after %.0f ms\n", (double)(run->shown_us - start_us) / 1000);
}

static void bench_filters(Run *run, GtkWidget *view)
{
  GtkListView *list = GTK_LIST_VIEW(gtk_widget_get_template_child(view, SY_TYPE_LOG_VIEW, "list"));
  GtkMultiSelection *selection = GTK_MULTI_SELECTION(gtk_list_view_get_model(list));
  SyLogFilter *filter = SY_LOG_FILTER(gtk_multi_selection_get_model(selection));

  bench_filter(run, filter, "level: one line in 50", SY_LOG_INFO, "");
  bench_filter(run, filter, "level: all again", SY_LOG_DEBUG, "");
  bench_filter(run, filter, "text that many lines have", SY_LOG_DEBUG, "block 9");
  bench_filter(run, filter, "text that no line has", SY_LOG_DEBUG, "following 0y");
  bench_filter(run, filter, "text with letters beyond ASCII", SY_LOG_DEBUG, "größe");
  bench_filter(run, filter, "all again", SY_LOG_DEBUG, "");
}

int main(void)
{
  g_autofree char *folder = g_dir_make_tmp("switchyard-bench-XXXXXX", NULL);
  g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
  Run run = {.loop = loop};
  GtkWidget *window, *view;
  gint64 start_us;
  double before_mb;

  adw_init();
  window = gtk_window_new();
  view = g_object_new(SY_TYPE_LOG_VIEW, NULL);
  run.station = sy_station_new("virtual");
  sy_station_keep_log(run.station, folder);
  sy_log_view_set_station(SY_LOG_VIEW(view), run.station);
  gtk_window_set_child(GTK_WINDOW(window), view);
  gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, HEIGHT);
  before_mb = bench_get_rss_mb();
  start_us = bench_get_cpu_us();
  for (guint n = 0; n < SY_STATION_LOG_MAX; n += 16)
    log_lines(run.station, n, 16);
  g_print("%u lines, 16 at a time, to disk too: %.1f µs a line\n", SY_STATION_LOG_MAX,
          (double)(bench_get_cpu_us() - start_us) / SY_STATION_LOG_MAX);
  g_print("memory for the lines: %+.1f MB\n", bench_get_rss_mb() - before_mb);
  gtk_window_present(GTK_WINDOW(window));
  settle(loop);
  bench_append(&run, window);
  bench_filters(&run, view);
  g_print("memory at the end: %.1f MB\n", bench_get_rss_mb());
  gtk_window_destroy(GTK_WINDOW(window));
  g_object_unref(run.station); /* which closes the journal */
  remove_folder(folder);
  return 0;
}
