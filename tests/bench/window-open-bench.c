/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Opens a large file in a window that is there already, and scrolls through it.
 *
 *   window-open-bench FILE ROUNDS
 *
 * Prints, of all rounds, the median time from the request until a frame with rows of bytes has been
 * painted, and until all of the file is there; how long the frames took that a scroll through all
 * of the file painted; and how much memory grew by the file.
 */

#include "sy-application.h"
#include "sy-bytes-page.h"
#include "sy-hex-view.h"
#include "sy-image-panel.h"
#include "sy-window.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 300, SETTLE_MS = 300, ROUNDS_MAX = 100 };

typedef struct {
  SyHexView *view;
  gint64 shown_us; /* when a frame with rows had been painted; 0: not yet */
  gint64 begun_us; /* the frame being painted */
  gint64 frame_us; /* how long the last one took */
} Watch;

static gint64 median(gint64 *values, guint count)
{
  for (guint i = 1; i < count; i++)
    for (guint j = i; j > 0 && values[j] < values[j - 1]; j--) {
      gint64 other = values[j];

      values[j] = values[j - 1];
      values[j - 1] = other;
    }
  return values[count / 2];
}

static long read_rss_kb(void)
{
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");

  if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
    exit(EXIT_FAILURE);
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void on_before_paint(GdkFrameClock *clock, Watch *watch)
{
  (void)clock;
  watch->begun_us = g_get_monotonic_time();
}

static void on_after_paint(GdkFrameClock *clock, Watch *watch)
{
  guint64 addr, end;

  (void)clock;
  watch->frame_us = g_get_monotonic_time() - watch->begun_us;
  if (watch->shown_us == 0 && gtk_widget_get_mapped(GTK_WIDGET(watch->view)) &&
      sy_hex_view_get_visible(watch->view, &addr, &end) && end > addr)
    watch->shown_us = g_get_monotonic_time();
}

static gboolean raise_flag(gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

static void settle(guint ms)
{
  gboolean over = FALSE;

  g_timeout_add(ms, raise_flag, &over);
  while (!over)
    g_main_context_iteration(NULL, TRUE);
}

/* Microseconds until its first rows were painted, and until all of it was there. */
static void open_file(SyWindow *window, GFile *file, Watch *watch, gint64 *rows_us, gint64 *all_us)
{
  gint64 start_us = g_get_monotonic_time();

  watch->shown_us = 0;
  sy_window_open(window, file);
  while (watch->shown_us == 0 || !sy_window_get_release(window))
    g_main_context_iteration(NULL, TRUE);
  *rows_us = watch->shown_us - start_us;
  *all_us = g_get_monotonic_time() - start_us;
  settle(SETTLE_MS);
}

static void scroll_through(SyHexView *view, Watch *watch, gint64 *frames_us)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(view));
  double end = gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment);

  for (guint i = 0; i < FRAMES; i++) {
    watch->frame_us = 0;
    gtk_adjustment_set_value(adjustment, end * (i + 1) / FRAMES);
    while (watch->frame_us == 0)
      g_main_context_iteration(NULL, TRUE);
    frames_us[i] = watch->frame_us;
  }
}

static SyHexView *find_view(SyWindow *window)
{
  GObject *panel = gtk_widget_get_template_child(GTK_WIDGET(window), SY_TYPE_WINDOW, "image_panel");
  GObject *page = gtk_widget_get_template_child(GTK_WIDGET(panel), SY_TYPE_IMAGE_PANEL, "bytes");

  return SY_HEX_VIEW(gtk_widget_get_template_child(GTK_WIDGET(page), SY_TYPE_BYTES_PAGE, "view_a"));
}

int main(int argc, char **argv)
{
  guint rounds = argc == 3 ? (guint)MIN(strtoul(argv[2], NULL, 10), ROUNDS_MAX) : 0;

  if (rounds == 0 || !gtk_init_check())
    return EXIT_FAILURE;

  g_autoptr(SyApplication) application = sy_application_new();
  g_autoptr(GFile) file = g_file_new_for_path(argv[1]);
  gint64 rows_us[ROUNDS_MAX], all_us[ROUNDS_MAX], frames_us[FRAMES];
  Watch watch = {0};

  g_application_set_flags(G_APPLICATION(application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register(G_APPLICATION(application), NULL, NULL))
    return EXIT_FAILURE;

  SyWindow *window = sy_window_new(GTK_APPLICATION(application));

  gtk_window_present(GTK_WINDOW(window));
  settle(SETTLE_MS);
  watch.view = find_view(window);

  GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(window));
  long before_kb = read_rss_kb();

  g_signal_connect(clock, "before-paint", G_CALLBACK(on_before_paint), &watch);
  g_signal_connect(clock, "after-paint", G_CALLBACK(on_after_paint), &watch);
  open_file(window, file, &watch, &rows_us[0], &all_us[0]);

  long after_kb = read_rss_kb();
  guint64 size = sy_image_get_size(sy_release_get_image(sy_window_get_release(window)));

  scroll_through(watch.view, &watch, frames_us);
  for (guint i = 1; i < rounds; i++)
    open_file(window, file, &watch, &rows_us[i], &all_us[i]);

  gint64 frame_us = median(frames_us, FRAMES);

  printf(
      "In a window that is open: first rows after %.0f ms, of 150; all read after %.0f ms (medians "
      "of %u)\n",
      (double)median(rows_us, rounds) / 1000, (double)median(all_us, rounds) / 1000, rounds);
  printf("Scrolling through it: a frame takes %.1f ms, the longest but 1 %% %.1f, of 16.7\n",
         (double)frame_us / 1000, (double)frames_us[FRAMES * 99 / 100] / 1000);
  printf(
      "Memory: %.0f MB before, %.0f more with the file open; 1.3 times its bytes and 40 are %.0f\n",
      (double)before_kb / 1024, (double)(after_kb - before_kb) / 1024,
      1.3 * (double)size / 1048576 + 40);
  return EXIT_SUCCESS;
}
