/* SPDX-License-Identifier: GPL-3.0-or-later */

/* inspect --bytes, --find and --find-text: what stands where, and where something stands. */

#include "sy-cli.h"

#include "sy-search.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

enum {
  ROW = 16,
  USUAL_LENGTH = 256,
  JSON_PIECE = 256,  /* bytes in an event */
  FOUND_LISTED = 100 /* matches; all are counted */
};

/* ---- Bytes ---- */

static guint64 end_of(const SyRange *range)
{
  return range->addr + range->length;
}

/* The bytes of a row that lie in the range; what the image does not hold stays blank. */
static void print_row(SyImage *image, const SyRange *range, guint32 row)
{
  char text[ROW + 1] = "";

  printf("%08x ", row);
  for (guint i = 0; i < ROW; i++) {
    guint32 addr = row + i;
    gboolean within = addr >= range->addr && addr < end_of(range);
    const guint8 *byte = within ? sy_image_peek(image, addr, 1) : NULL;

    printf(i == ROW / 2 ? "  " : " ");
    if (byte)
      printf("%02x", *byte);
    else
      printf("  ");
    text[i] = !byte ? ' ' : g_ascii_isprint(*byte) ? (char)*byte : '.';
  }
  printf("  |%s|\n", text);
}

static void print_gap(const SyCliOptions *options, guint64 addr, guint64 length)
{
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("gap");

    sy_cli_add_hex(builder, "address", (guint32)addr);
    sy_cli_add_int(builder, "bytes", (gint64)length);
    sy_cli_event_end(builder);
  } else {
    printf("%08x  ", (guint32)addr);
    printf(g_dngettext(GETTEXT_PACKAGE, "gap of %lu byte", "gap of %lu bytes", (gulong)length),
           (gulong)length);
    printf("\n");
  }
}

/* Rows of the range from `at` to `stop`; returns the address behind the last one. */
static guint64 print_rows(SyImage *image, const SyRange *range, guint64 at, guint64 stop)
{
  guint64 row = at & ~(guint64)(ROW - 1);

  for (; row < stop; row += ROW)
    print_row(image, range, (guint32)row);
  return row;
}

static guint64 print_pieces(SyImage *image, guint64 at, guint64 stop)
{
  while (at < stop) {
    guint32 length = (guint32)MIN(stop - at, JSON_PIECE);
    JsonBuilder *builder = sy_cli_event_begin("bytes");

    sy_cli_add_hex(builder, "address", (guint32)at);
    sy_cli_add_bytes(builder, "hex", sy_image_peek(image, (guint32)at, length), length);
    sy_cli_event_end(builder);
    at += length;
  }
  return at;
}

/* Gaps are told apart from bytes, and a large one is one line. */
SyExit sy_cli_dump_bytes(const SyCliOptions *options, SyImageFile *file)
{
  SyImage *image = sy_image_file_get_image(file);
  SyRange range;
  guint64 at;

  if (!sy_cli_parse_range(options, options->bytes, USUAL_LENGTH, &range))
    return SY_EXIT_USAGE;
  at = range.addr;
  while (at < end_of(&range)) {
    guint32 next = 0;
    gboolean more = sy_image_count(image, (guint32)at, end_of(&range) - at, &next) > 0;
    guint64 from = more ? next : end_of(&range);
    const SySegment *segment = more ? sy_image_find_segment(image, next) : NULL;

    /* A gap within a row of bytes shows there. */
    if (options->json ? from > at : (from | (ROW - 1)) > (at | (ROW - 1)) || !more)
      print_gap(options, at, from - at);
    if (!more)
      break;

    guint64 stop = MIN((guint64)segment->addr + segment->length, end_of(&range));

    at = options->json ? print_pieces(image, from, stop) : print_rows(image, &range, from, stop);
  }
  return sy_image_count(image, range.addr, range.length, NULL) > 0 ? SY_EXIT_DONE : SY_EXIT_REFUSED;
}

/* ---- Finding ---- */

static void print_match(const SyCliOptions *options, SyImage *image, guint32 addr)
{
  guint line = sy_image_find_line(image, addr);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("match");

    sy_cli_add_hex(builder, "address", addr);
    if (line != 0)
      sy_cli_add_int(builder, "line", line);
    sy_cli_event_end(builder);
    return;
  }
  printf("  %08x", addr);
  if (line != 0)
    printf(_("  line %u"), line);
  printf("\n");
}

SyExit sy_cli_find(const SyCliOptions *options, SyImageFile *file)
{
  SyImage *image = sy_image_file_get_image(file);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) pattern = options->find ? sy_pattern_parse_hex(options->find, &error)
                                            : sy_pattern_from_text(options->find_text, &error);
  gulong count = 0;
  guint64 from = 0;
  guint32 addr;

  if (!pattern)
    return sy_cli_complain(options, "%s", error->message);
  for (; sy_image_search_forward(image, pattern, from, &addr); from = (guint64)addr + 1)
    if (++count <= FOUND_LISTED)
      print_match(options, image, addr);
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("summary");

    sy_cli_add_int(builder, "matches", (gint64)count);
    sy_cli_add_int(builder, "listed", (gint64)MIN(count, FOUND_LISTED));
    sy_cli_event_end(builder);
  } else if (count == 0) {
    printf("%s\n", _("It is nowhere in the file."));
  } else {
    printf(g_dngettext(GETTEXT_PACKAGE, "Found once.", "Found %lu times.", count), count);
    printf(count > FOUND_LISTED ? _(" The first %u are listed.\n") : "\n", FOUND_LISTED);
  }
  return count > 0 ? SY_EXIT_DONE : SY_EXIT_REFUSED;
}
