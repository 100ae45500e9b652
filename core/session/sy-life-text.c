/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an upgrade's time went, in words. */

#include "sy-life.h"

#include <glib/gi18n-lib.h>

enum { LABEL_WIDTH = 30, VALUE_WIDTH = 11, LINE_WIDTH = 2 + LABEL_WIDTH + 3 * VALUE_WIDTH };

const char *sy_life_stage_get_label(SyLifeStage stage)
{
  switch (stage) {
  case SY_LIFE_HOST:
    return _("Packing on this computer");
  case SY_LIFE_WIRE:
    return _("On the wire");
  case SY_LIFE_UART:
    return _("Receiving, by interrupt");
  case SY_LIFE_FRAME:
    return _("Finding and checking frames");
  case SY_LIFE_UNPACK:
    return _("Unpacking and reading back");
  case SY_LIFE_FLASH:
    return _("Programming flash");
  case SY_LIFE_ANSWER:
    return _("Until the answer is back");
  case SY_LIFE_ERASE:
    return _("Erasing the bank");
  case SY_LIFE_START:
  case SY_LIFE_STAGES:
  default:
    return _("Starting loader and program");
  }
}

char *sy_life_dup_time(double us)
{
  double ms = us / 1000;

  if (us < 1000)
    /* Translators: microseconds. */
    return g_strdup_printf(_("%.0f µs"), us);
  if (ms < 1000)
    /* Translators: milliseconds, with as many decimals as the first number says. */
    return g_strdup_printf(_("%.*f ms"), ms < 10 ? 2 : ms < 100 ? 1 : 0, ms);
  /* Translators: seconds. */
  return g_strdup_printf(_("%.2f s"), ms / 1000);
}

static int get_percent(double share)
{
  return (int)(share * 100 + 0.5);
}

char *sy_life_dup_summary(const SyLifeTable *table)
{
  const SyLife *life = &table->life;
  /* Translators: a size; KB is 1024 bytes. */
  g_autofree char *size = g_strdup_printf(_("%.1f KB"), table->image_bytes / 1024.0);
  g_autofree char *seconds =
      g_strdup_printf(_("%.1f s"), MAX(table->total_us / G_USEC_PER_SEC, 0.1));
  GString *text = g_string_new(NULL);

  /* Translators: size, time and rate, as in "48.0 KB in 2.8 s at 115200 baud". */
  g_string_printf(text, _("%s in %s at %u baud"), size, seconds, life->baud);
  if (life->blocks_packed > 0)
    g_string_append_printf(text,
                           life->knows_running ? _(", packed against the old program to %d %%")
                                               : _(", packed to %d %%"),
                           get_percent(table->wire_share));
  if (life->blocks_kept > 0)
    g_string_append_printf(text,
                           g_dngettext(GETTEXT_PACKAGE, ", %u block was there already",
                                       ", %u blocks were there already", life->blocks_kept),
                           life->blocks_kept);
  return g_string_free(text, FALSE);
}

char *sy_life_dup_stages_note(const SyLifeTable *table)
{
  g_autofree char *total = sy_life_dup_time(table->total_us);

  return g_strdup_printf(_("Shares are of %s, from the upgrade command until the new program was "
                           "heard. Stages overlap: while one block is programmed the next come, so "
                           "shares do not add up to 100 %%."),
                         total);
}

char *sy_life_dup_interrupts_note(const SyLifeTable *table)
{
  guint32 lost = table->life.loader.fields[WIRE_LIFE_OVERRUNS];
  g_autofree char *losses =
      lost == 0 ? g_strdup(_("No byte was lost."))
                : g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "Bytes were lost %u time.",
                                              "Bytes were lost %u times.", lost),
                                  lost);

  return g_strdup_printf(_("In clocks of the substation's processor (11.0592 MHz). At %u baud a "
                           "byte lasts %.0f clocks. %s"),
                         table->life.baud, table->byte_clocks, losses);
}

static char *dup_blocks_sent(const SyLife *life)
{
  g_autofree char *sent = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "%u block sent", "%u blocks sent", life->blocks_sent),
      life->blocks_sent);
  g_autofree char *frames = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "in %u frame", "in %u frames", life->frames), life->frames);

  /* Translators: "97 blocks sent", "in 52 frames", and of the blocks how many packed and kept. */
  return g_strdup_printf(_("%s %s, %u of them packed; %u kept from an earlier transfer."), sent,
                         frames, life->blocks_packed, life->blocks_kept);
}

char *sy_life_dup_blocks_note(const SyLifeTable *table)
{
  const SyLife *life = &table->life;
  g_autofree char *blocks = dup_blocks_sent(life);

  return g_strdup_printf(_("%s %u bytes on the wire for %u bytes of the program (%d %%)."), blocks,
                         life->frame_bytes, life->blocks_sent * WIRE_BLOCK_SIZE,
                         get_percent(table->wire_share));
}

/* ---- Columns ---- */

/* Fills up with spaces; a byte is not always a character. */
static void append_cell(GString *text, const char *cell, int width, gboolean to_right)
{
  int spaces = width - (int)g_utf8_strlen(cell, -1);

  if (!to_right)
    g_string_append(text, cell);
  g_string_append_printf(text, "%*s", MAX(spaces, 0), "");
  if (to_right)
    g_string_append(text, cell);
}

static void append_line(GString *text, const char *label, const char *first, const char *second,
                        const char *third)
{
  g_string_append(text, "  ");
  append_cell(text, label, LABEL_WIDTH, FALSE);
  append_cell(text, first, VALUE_WIDTH, TRUE);
  append_cell(text, second, VALUE_WIDTH, TRUE);
  append_cell(text, third, VALUE_WIDTH, TRUE);
  g_string_append_c(text, '\n');
}

/* Words, broken to lines. */
static void append_note(GString *text, const char *note)
{
  g_auto(GStrv) words = g_strsplit(note, " ", -1);
  int column = LINE_WIDTH;

  for (char **word = words; *word; word++) {
    int width = 1 + (int)g_utf8_strlen(*word, -1);

    column += width;
    if (column > LINE_WIDTH) {
      g_string_append(text, word == words ? " " : "\n ");
      column = 1 + width;
    }
    g_string_append_printf(text, " %s", *word);
  }
  g_string_append_c(text, '\n');
}

static void append_row(GString *text, const SyLifeRow *row)
{
  g_autofree char *per_block =
      row->per_block_us < 0 ? g_strdup(_("once")) : sy_life_dup_time(row->per_block_us);
  g_autofree char *all = sy_life_dup_time(row->us);
  g_autofree char *share = g_strdup_printf(_("%d %%"), get_percent(row->share));

  append_line(text, sy_life_stage_get_label(row->stage), per_block, all, share);
}

static void append_interrupts(GString *text, const SyLifeTable *table)
{
  const guint32 *fields = table->life.loader.fields;
  g_autofree char *note = sy_life_dup_interrupts_note(table);
  g_autofree char *uart_count = g_strdup_printf("%u", fields[WIRE_LIFE_UART_COUNT]);
  g_autofree char *uart_clocks = g_strdup_printf("%u", fields[WIRE_LIFE_UART_CLOCKS]);
  g_autofree char *per_byte = g_strdup_printf("%.1f", table->uart_clocks);
  g_autofree char *tick_count = g_strdup_printf("%u", fields[WIRE_LIFE_TICK_COUNT]);
  g_autofree char *tick_clocks = g_strdup_printf("%u", fields[WIRE_LIFE_TICK_CLOCKS]);

  g_string_append_c(text, '\n');
  append_line(text, _("Interrupts"), _("times"), _("clocks"), _("per byte"));
  append_line(text, _("Serial line"), uart_count, uart_clocks, per_byte);
  append_line(text, _("Clock tick"), tick_count, tick_clocks, "–");
  append_note(text, note);
}

char *sy_life_dup_text(const SyLifeTable *table)
{
  GString *text = g_string_new(NULL);
  g_autofree char *stages = sy_life_dup_stages_note(table);
  g_autofree char *blocks = sy_life_dup_blocks_note(table);

  append_line(text, _("Life of a block"), _("per block"), _("in all"), _("share"));
  for (guint n = 0; n < table->n_rows; n++)
    append_row(text, &table->rows[n]);
  append_note(text, stages);
  if (table->told)
    append_interrupts(text, table);
  g_string_append_c(text, '\n');
  append_note(text, blocks);
  return g_string_free(text, FALSE);
}
