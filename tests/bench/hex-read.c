/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Loads an Intel HEX file and says how long that took and how much memory it wanted at its peak:
 *
 *   hex-read-bench FILE [OUT]
 *   0.091 s, 65904 KB
 *
 * Then writes the image to OUT, as the programs do that it is measured beside.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sy-hex.h"

/* A line of /proc/self/status, in KB. getrusage will not do: it counts in whoever started us. */
static long ask_kb(const char *name)
{
  g_autofree char *status = NULL;

  if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
    g_error("the system does not tell how much memory is used");

  const char *line = strstr(status, name);

  return line ? strtol(line + strlen(name), NULL, 10) : 0;
}

/* The file has no gaps, so its segments are written one behind the other. */
static void write_image(SyImage *image, const char *path)
{
  FILE *out = fopen(path, "wb");

  if (!out)
    g_error("cannot write %s", path);
  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    if (fwrite(segment->bytes, 1, segment->length, out) != segment->length)
      g_error("cannot write all of %s", path);
  }
  if (fclose(out) != 0)
    g_error("cannot write all of %s", path);
}

int main(int argc, char **argv)
{
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s FILE [OUT]\n", argv[0]);
    return EXIT_FAILURE;
  }

  g_autoptr(GFile) file = g_file_new_for_commandline_arg(argv[1]);
  g_autoptr(GError) error = NULL;
  long before_kb = ask_kb("\nVmRSS:");
  gint64 start_us = g_get_monotonic_time();
  g_autoptr(SyImage) image = sy_hex_load(file, NULL, &error);
  gint64 took_us = g_get_monotonic_time() - start_us;

  if (!image) {
    fprintf(stderr, "%s\n", error->message);
    return EXIT_FAILURE;
  }
  printf("%.6f s, %ld KB\n", (double)took_us / G_USEC_PER_SEC, ask_kb("\nVmHWM:") - before_kb);
  if (argc > 2)
    write_image(image, argv[2]);
  return EXIT_SUCCESS;
}
