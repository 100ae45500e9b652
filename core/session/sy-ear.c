/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of a line is a frame, and what is text. */

#include "sy-ear.h"

#include <glib/gi18n-lib.h>

struct _SyEar {
  const SyEarFuncs *funcs;
  gpointer user_data;
  WireDecoder decoder;
  GByteArray *open; /* bytes of which the decoder has not said yet what they are */
  guint32 skipped;  /* of the decoder's, those taken out of `open` */
  GString *line;
  gboolean deaf;
  guint joining;    /* bytes that may yet be the end of a frame whose begin was not heard */
  gint64 second_us; /* when the second began for which text is counted */
  guint told;       /* in it */
  guint untold;
};

SyEar *sy_ear_new(const SyEarFuncs *funcs, gpointer user_data)
{
  SyEar *self = g_new0(SyEar, 1);

  self->funcs = funcs;
  self->user_data = user_data;
  self->open = g_byte_array_new();
  self->line = g_string_new(NULL);
  sy_ear_forget(self);
  return self;
}

void sy_ear_free(SyEar *self)
{
  g_byte_array_unref(self->open);
  g_string_free(self->line, TRUE);
  g_free(self);
}

void sy_ear_forget(SyEar *self)
{
  wire_decoder_init(&self->decoder);
  self->joining = WIRE_FRAME_MAX;
  self->skipped = 0;
  g_byte_array_set_size(self->open, 0);
  g_string_truncate(self->line, 0);
  self->untold = 0;
}

void sy_ear_set_deaf_to_text(SyEar *self, gboolean deaf)
{
  self->deaf = deaf;
}

static void end_line(SyEar *self)
{
  if (self->line->len > 0)
    self->funcs->text(self->line->str, self->user_data);
  g_string_truncate(self->line, 0);
}

static void tell_untold(SyEar *self)
{
  g_autofree char *text = NULL;

  if (self->untold == 0)
    return;
  /* Translators: behind bytes that came and are shown as text. */
  text = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "… and %u byte more", "… and %u bytes more", self->untold),
      self->untold);
  self->untold = 0;
  self->funcs->text(text, self->user_data);
}

static void take_text(SyEar *self, guint8 byte)
{
  if (self->told == SY_EAR_TEXT_PER_SECOND) {
    end_line(self);
    self->untold++;
    return;
  }
  self->told++;
  if (byte == '\n')
    end_line(self);
  else if (byte == '\r')
    return;
  else if (g_ascii_isprint((gchar)byte))
    g_string_append_c(self->line, (gchar)byte);
  else
    g_string_append_printf(self->line, "\\x%02X", byte);
  if (self->line->len >= SY_EAR_LINE_MAX)
    end_line(self);
}

/* What the decoder has skipped since the last time is text. */
static void take_skipped(SyEar *self)
{
  guint count = self->decoder.skipped - self->skipped;

  if (count == 0)
    return;
  self->skipped = self->decoder.skipped;
  for (guint n = 0; n < count && !self->deaf; n++)
    if (self->joining > 0)
      self->joining--;
    else
      take_text(self, self->open->data[n]);
  g_byte_array_remove_range(self->open, 0, count);
}

static void take_frames(SyEar *self)
{
  WireFrame frame;

  while (wire_decoder_next(&self->decoder, &frame)) {
    take_skipped(self);
    g_byte_array_remove_range(self->open, 0, frame.length + WIRE_FRAME_OVERHEAD);
    self->joining = 0;
    self->funcs->frame(&frame, self->user_data);
  }
  take_skipped(self);
}

void sy_ear_feed(SyEar *self, const guint8 *bytes, gsize length, gint64 now_us)
{
  gsize taken = 0;

  if (now_us - self->second_us >= G_USEC_PER_SEC) {
    tell_untold(self);
    self->second_us = now_us;
    self->told = 0;
  }
  while (taken < length) {
    gsize count = wire_decoder_push(&self->decoder, bytes + taken, length - taken);

    g_byte_array_append(self->open, bytes + taken, (guint)count);
    take_frames(self);
    taken += count;
  }
}

gboolean sy_ear_is_waiting(const SyEar *self)
{
  return wire_decoder_is_inside(&self->decoder) || self->joining > 0 || self->line->len > 0 ||
         self->untold > 0;
}

void sy_ear_gap(SyEar *self)
{
  wire_decoder_gap(&self->decoder);
  self->joining = 0;
  take_frames(self);
  end_line(self);
  tell_untold(self);
}
