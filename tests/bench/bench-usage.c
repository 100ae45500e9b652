/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What this program uses. */

#include "bench-usage.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

double bench_get_rss_mb(void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
    sscanf(text, "%*d %ld", &pages);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static gint64 read_clock(clockid_t clock)
{
  struct timespec used;

  clock_gettime(clock, &used);
  return (gint64)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

gint64 bench_get_cpu_us(void)
{
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

gint64 bench_get_process_cpu_us(void)
{
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* Ticks of a hundredth of a second would be too coarse for many that each do little. */
static gint64 read_ran_us(const char *process)
{
  g_autofree char *path = g_build_filename("/proc", process, "schedstat", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return 0;
  return (gint64)(g_ascii_strtoull(text, NULL, 10) / 1000);
}

gint64 bench_get_children_cpu_us(void)
{
  g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
  const char *thread;
  gint64 sum_us = 0;

  while (threads && (thread = g_dir_read_name(threads))) {
    g_autofree char *path = g_build_filename("/proc/self/task", thread, "children", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) children = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
      continue;
    children = g_strsplit(g_strchomp(text), " ", -1);
    for (guint n = 0; children[n]; n++)
      sum_us += *children[n] ? read_ran_us(children[n]) : 0;
  }
  return sum_us;
}
