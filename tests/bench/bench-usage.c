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

gint64 bench_get_cpu_us(void)
{
  struct timespec used;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return (gint64)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}
