/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the view's lines say. */

#include "sy-config.h"

#include "sy-format.h"
#include "sy-hex-view-private.h"

#include <glib/gi18n.h>

/* Bytes that memory is filled with stand back, but stay readable (6:1 on either ground). */
#define FILL_ALPHA 0.62

enum { GROUP = 8, BYTES_TEXT_MAX = SY_ROW_WIDTH_MAX * 3 + 2 };

static const char digits[] = "0123456789ABCDEF";

/* Two digits, or two blanks, for each byte; another blank between groups. */
static void write_bytes(char *text, const guint8 *bytes, guint there, guint length)
{
  for (guint n = 0; n < length; n++) {
    if (n > 0 && n % GROUP == 0)
      *text++ = ' ';
    *text++ = there >> n & 1 ? digits[bytes[n] >> 4] : ' ';
    *text++ = there >> n & 1 ? digits[bytes[n] & 0xf] : ' ';
    *text++ = ' ';
  }
  *text = '\0';
}

static gboolean is_fill(const guint8 *bytes, guint there, guint n)
{
  return there >> n & 1 && (bytes[n] == 0x00 || bytes[n] == 0xff);
}

/* One for each run; NULL with none. */
static PangoAttrList *make_attributes(const guint8 *bytes, guint there, guint length)
{
  PangoAttrList *attributes = NULL;

  for (guint n = 0; n < length; n++) {
    PangoAttribute *attribute;
    guint from = n;

    while (n < length && is_fill(bytes, there, n))
      n++;
    if (n == from)
      continue;
    attribute = pango_attr_foreground_alpha_new((guint16)(FILL_ALPHA * G_MAXUINT16));
    attribute->start_index = from * 3 + from / GROUP;
    attribute->end_index = n * 3 + n / GROUP;
    if (!attributes)
      attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, attribute);
  }
  return attributes;
}

static guint count_differences(const SyHexMarks *marks)
{
  guint count = 0;

  for (guint kind = 0; kind < SY_DIFF_COUNT; kind++)
    count += (guint)__builtin_popcount(marks->differs[kind]);
  return count;
}

static char *make_label(SyHexView *self, const SyRow *row, const char *bytes, const char *letters)
{
  g_autofree char *spoken = g_strstrip(g_strdup(bytes));
  /* Translators: what a screen reader says of a line: address, bytes, the same as text. */
  char *label = g_strdup_printf(_("0x%08X: %s, text %s"), row->addr, spoken, letters);
  SyHexMarks marks;
  guint count;

  if (!self->comparison)
    return label;
  sy_hex_view_read_marks(self, row, &marks);
  count = count_differences(&marks);
  if (count > 0) {
    g_autofree char *plain = label;
    g_autofree char *differs =
        g_strdup_printf(ngettext("%u byte differs", "%u bytes differ", count), count);

    label = g_strdup_printf("%s, %s", plain, differs);
  }
  return label;
}

static void fill_bytes(SyHexView *self, SyHexLine *line, const SyRow *row)
{
  guint length = (guint)row->length;
  guint8 bytes[SY_ROW_WIDTH_MAX] = {0};
  guint there = sy_row_read(self->image, row->addr, length, bytes);
  g_autoptr(PangoAttrList) attributes = make_attributes(bytes, there, length);
  g_autofree char *label = NULL;
  char address[sizeof "00000000"];
  char text[BYTES_TEXT_MAX];
  char letters[SY_ROW_WIDTH_MAX + 1] = {0};

  g_snprintf(address, sizeof address, "%08X", row->addr);
  write_bytes(text, bytes, there, length);
  for (guint n = 0; n < length; n++)
    if (there >> n & 1)
      letters[n] = g_ascii_isprint(bytes[n]) ? (char)bytes[n] : '.';
    else
      letters[n] = ' ';
  label = make_label(self, row, text, letters);
  sy_hex_line_set_pieces(line, address, text, attributes, letters);
  sy_hex_line_set_label(line, label);
}

char *sy_hex_view_dup_title(SyHexView *self, const SyRow *row)
{
  guint last = (guint)(row->addr + row->length - 1);
  g_autofree char *size = sy_format_size(row->length);
  /* Sector 0 begins with the jump program, and is the loader's for all that. */
  SyFlashPart part = row->part == SY_PART_JUMP ? SY_PART_LOADER : row->part;

  switch (row->kind) {
  case SY_ROW_GAP:
    /* Translators: where nothing is: how much, first and last address. */
    return g_strdup_printf(_("Gap of %s · 0x%08X to 0x%08X"), size, row->addr, last);
  case SY_ROW_SECTOR:
    /* Translators: a heading: number, whose it is ("LOW", "Loader"), first and last address. */
    return g_strdup_printf(_("Sector %u · %s · 0x%05X to 0x%05X"), row->number,
                           sy_flash_part_get_name(part), row->addr, last);
  case SY_ROW_SEGMENT:
    if (row->n_segments == 0)
      return g_strdup_printf(_("0x%08X to 0x%08X · %s"), row->addr, last, size);
    if (row->n_segments == 1)
      return g_strdup_printf(_("Segment %u · 0x%08X to 0x%08X · %s"), row->number, row->addr, last,
                             size);
    return g_strdup_printf(_("Segments %u to %u · 0x%08X to 0x%08X · %s"), row->number,
                           row->number + row->n_segments - 1, row->addr, last, size);
  case SY_ROW_BYTES:
  default:
    return NULL;
  }
}

void sy_hex_view_fill_line(SyHexView *self, guint n)
{
  SyHexLine *line = g_ptr_array_index(self->lines, n);
  g_autofree char *title = NULL;
  SyRow row;

  sy_hex_rows_get(self->rows, self->first_row + n, &row);
  if (row.kind == SY_ROW_BYTES) {
    fill_bytes(self, line, &row);
    return;
  }
  title = sy_hex_view_dup_title(self, &row);
  if (row.kind == SY_ROW_GAP)
    sy_hex_line_set_gap(line, title);
  else
    sy_hex_line_set_heading(line, title);
  sy_hex_line_set_label(line, title);
}

void sy_hex_view_fill_header(SyHexView *self)
{
  guint8 offsets[SY_ROW_WIDTH_MAX];
  char text[BYTES_TEXT_MAX];

  for (guint n = 0; n < SY_ROW_WIDTH_MAX; n++)
    offsets[n] = (guint8)n;
  write_bytes(text, offsets, (1u << SY_ROW_WIDTH_MAX) - 1, self->layout.per_row);
  /* Translators: heads of columns, at most 8 and 4 letters wide. */
  sy_hex_line_set_pieces(SY_HEX_LINE(self->header), _("Address"), text, NULL, _("Text"));
}

void sy_hex_view_describe_cursor(SyHexView *self)
{
  g_autoptr(GString) text = g_string_new(NULL);
  guint8 byte;
  SyDiffKind kind;

  if (!self->has_cursor) {
    gtk_accessible_reset_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
    return;
  }
  if (sy_row_read(self->image, self->cursor, 1, &byte) == 0)
    g_string_append_printf(text, _("0x%08X: nothing"), self->cursor);
  else if (g_ascii_isgraph(byte))
    g_string_append_printf(text, _("0x%08X: %02X, decimal %u, text %c"), self->cursor, byte, byte,
                           byte);
  else
    g_string_append_printf(text, _("0x%08X: %02X, decimal %u"), self->cursor, byte, byte);
  if (sy_hex_view_get_difference(self, self->cursor, &kind))
    g_string_append_printf(text, ", %s",
                           kind == SY_DIFF_CHANGED ? _("differs") : _("in one of the images only"));
  if (self->has_selection) {
    guint64 addr;
    guint64 end;
    g_autofree char *size = NULL;

    sy_hex_view_get_selection(self, &addr, &end);
    size = sy_format_size(sy_image_count(self->image, (guint32)addr, end - addr, NULL));
    g_string_append(text, ", ");
    /* Translators: an amount, as in "16 bytes". */
    g_string_append_printf(text, _("%s selected"), size);
  }
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                 text->str, -1);
}
