/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Runs a fuzz target without libFuzzer: each file given as it is, then a fixed number of seeded
 * mutations of them, the same at every run. A crash or a sanitizer's finding ends it; the input
 * that did it is written to the current folder.
 *
 *   some-fuzz MUTATIONS FILE…
 */

#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EDITS_MAX = 8, GROWTH = 64 };

static GBytes *running; /* for the crash handler */

static void save_input(int signal_number)
{
  static const char name[] = "fuzz-crash.bin";
  gsize length;
  gconstpointer bytes = g_bytes_get_data(running, &length);
  FILE *file = fopen(name, "wb");

  if (file) {
    fwrite(bytes, 1, length, file);
    fclose(file);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static void run_one(GBytes *input)
{
  gsize length;
  const uint8_t *bytes = g_bytes_get_data(input, &length);
  uint8_t *copy = malloc(length); /* exactly as long, so that reading past it is seen */

  if (length > 0)
    memcpy(copy, bytes, length);
  running = input;
  LLVMFuzzerTestOneInput(copy, length);
  free(copy);
}

/* One edit: a bit, a byte, a piece moved, cut or doubled. */
static void edit(GByteArray *bytes, GRand *random)
{
  guint at = bytes->len ? (guint)g_rand_int_range(random, 0, (gint32)bytes->len) : 0;
  guint reach = (guint)g_rand_int_range(random, 1, GROWTH);
  guint length = MIN(bytes->len - at, reach);
  guint8 byte = (guint8)g_rand_int(random);

  switch (g_rand_int_range(random, 0, 5)) {
  case 0:
    if (bytes->len > 0)
      bytes->data[at] ^= (guint8)(1 << g_rand_int_range(random, 0, 8));
    break;
  case 1:
    if (bytes->len > 0)
      bytes->data[at] = byte;
    break;
  case 2:
    if (length > 0)
      g_byte_array_remove_range(bytes, at, length);
    break;
  case 3:
    if (length > 0) {
      g_autofree guint8 *piece = g_memdup2(bytes->data + at, length);

      g_byte_array_append(bytes, piece, length);
    }
    break;
  default:
    g_byte_array_append(bytes, &byte, 1);
  }
}

static GBytes *mutate(GBytes *seed, GRand *random)
{
  GByteArray *bytes = g_byte_array_new();
  gsize length;
  gconstpointer start = g_bytes_get_data(seed, &length);

  g_byte_array_append(bytes, start, (guint)length);
  for (gint edits = g_rand_int_range(random, 1, EDITS_MAX); edits > 0; edits--)
    edit(bytes, random);
  return g_byte_array_free_to_bytes(bytes);
}

int main(int argc, char **argv)
{
  g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
  g_autoptr(GRand) random = g_rand_new_with_seed(1);
  guint mutations;

  if (argc < 3)
    return 2;
  mutations = (guint)strtoul(argv[1], NULL, 10);
  signal(SIGABRT, save_input);
  signal(SIGSEGV, save_input);
  for (int i = 2; i < argc; i++) {
    char *contents;
    gsize length;

    if (!g_file_get_contents(argv[i], &contents, &length, NULL))
      return 2;
    g_ptr_array_add(seeds, g_bytes_new_take(contents, length));
    run_one(g_ptr_array_index(seeds, seeds->len - 1));
  }
  for (guint i = 0; i < mutations; i++) {
    guint pick = (guint)g_rand_int_range(random, 0, (gint32)seeds->len);
    g_autoptr(GBytes) input = mutate(g_ptr_array_index(seeds, pick), random);

    run_one(input);
  }
  printf("1..1\nok 1 - %s survives %u files and %u mutations of them\n", argv[0], seeds->len,
         mutations);
  return 0;
}
