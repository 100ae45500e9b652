/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The parts that a file can be split into.
 */

#include "sy-part.h"

#include <string.h>

#include "wire-flash-map.h"

static void clear_part(gpointer part)
{
  g_clear_pointer(&((SyPart *)part)->name, g_free);
}

static void add_part(GArray *parts, char *name, guint32 addr, guint64 length)
{
  SyPart part = {name, {addr, length}};

  g_array_append_val(parts, part);
}

static void add_banks(SyImage *image, GArray *parts)
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const WireBankMap *map = wire_bank_map(bank);

    if (sy_image_count(image, map->addr, map->size, NULL) > 0)
      add_part(parts, g_strdup(bank == WIRE_BANK_LOW ? "low" : "high"), map->addr, map->size);
  }
}

static void add_segments(SyImage *image, GArray *parts)
{
  guint count = MIN(sy_image_get_n_segments(image), SY_PARTS_MAX + 1);

  for (guint i = 0; i < count; i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    add_part(parts, g_strdup_printf("segment-0x%08x", segment->addr), segment->addr,
             segment->length);
  }
}

GArray *sy_image_split(SyImage *image, SySplit split)
{
  g_return_val_if_fail(image, NULL);

  GArray *parts = g_array_new(FALSE, FALSE, sizeof(SyPart));

  g_array_set_clear_func(parts, clear_part);
  if (split == SY_SPLIT_BANKS)
    add_banks(image, parts);
  else
    add_segments(image, parts);
  return parts;
}

char *sy_part_dup_file_name(const SyPart *part, const char *file_name, const char *extension)
{
  g_return_val_if_fail(part && file_name && extension, NULL);

  const char *slash = strrchr(file_name, G_DIR_SEPARATOR);
  const char *dot = strrchr(slash ? slash : file_name, '.');
  /* A name that begins with its only dot is a hidden file's, and has no extension. */
  gsize stem =
      dot && dot > (slash ? slash + 1 : file_name) ? (gsize)(dot - file_name) : strlen(file_name);

  return g_strdup_printf("%.*s-%s.%s", (int)stem, file_name, part->name, extension);
}
