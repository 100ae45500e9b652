/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cuts what goes over a line into frames, and tells each. */

#include "sy-frame-text.h"

#include "wire-message.h"

#include <string.h>

enum {
  GAP_US = 100 * 1000,         /* of silence end a frame that is begun */
  STALE_US = 10 * GAP_US,      /* a job ended in between, and nobody asked the time */
  SKIPPED_MAX = WIRE_FRAME_MAX /* so many bytes of noise are worth a line */
};
/* Of bytes that make no frame so many are shown. */
enum { SAMPLE_MAX = 48 };

/* One direction. */
typedef struct {
  WireDecoder decoder;
  gint64 fed_us;
  guint32 skipped; /* of the decoder's, told so far */
  guint32 bad_headers, bad_crcs;
  guint8 sample[SAMPLE_MAX]; /* the first bytes skipped since the last line */
  gsize sample_length;
  WireFrame cut; /* header of a frame that was begun and not finished … */
  gsize cut_length;
  gboolean has_cut; /* … if there was one since the last line */
} Lane;

struct _SyFrameTrace {
  SyFrameFunc func;
  gpointer user_data;
  gint on;         /* atomic */
  gboolean was_on; /* when bytes came last */
  Lane lanes[2];   /* by SyDirection */
};

static void lane_reset(Lane *lane)
{
  *lane = (Lane){.has_cut = FALSE};
  wire_decoder_init(&lane->decoder);
}

SyFrameTrace *sy_frame_trace_new(SyFrameFunc func, gpointer user_data)
{
  SyFrameTrace *self = g_new0(SyFrameTrace, 1);

  self->func = func;
  self->user_data = user_data;
  return self;
}

void sy_frame_trace_free(SyFrameTrace *self)
{
  g_free(self);
}

void sy_frame_trace_set_on(SyFrameTrace *self, gboolean on)
{
  g_atomic_int_set(&self->on, on);
}

gboolean sy_frame_trace_is_on(SyFrameTrace *self)
{
  return g_atomic_int_get(&self->on);
}

/* TRUE when bytes are wanted; begins anew when they were not wanted before. */
static gboolean wake(SyFrameTrace *self)
{
  gboolean on = sy_frame_trace_is_on(self);

  if (on && !self->was_on)
    for (guint i = 0; i < G_N_ELEMENTS(self->lanes); i++)
      lane_reset(&self->lanes[i]);
  self->was_on = on;
  return on;
}

/* Text as text, as a program's boot message is; all else as hexadecimal. */
static char *dup_sample_text(const Lane *lane)
{
  GString *text = g_string_new(NULL);
  gboolean printable = TRUE;

  for (gsize i = 0; i < lane->sample_length; i++)
    if (!g_ascii_isprint(lane->sample[i]) && !g_ascii_isspace(lane->sample[i]))
      printable = FALSE;
  for (gsize i = 0; i < lane->sample_length; i++)
    if (!printable)
      g_string_append_printf(text, "%s%02x", i > 0 ? " " : "", lane->sample[i]);
    else
      g_string_append_c(text, g_ascii_isspace(lane->sample[i]) ? ' ' : (char)lane->sample[i]);
  if (printable) {
    g_strchomp(text->str);
    g_string_set_size(text, strlen(text->str));
    g_string_prepend(text, "“");
    g_string_append(text, "”");
  }
  return g_string_free(text, FALSE);
}

static char *dup_skipped_text(SyDirection direction, const Lane *lane, guint32 count)
{
  const char *arrow = direction == SY_DIRECTION_OUT ? "→" : "←";
  const WireDecoder *decoder = &lane->decoder;
  g_autofree char *header = NULL;
  g_autofree char *sample = NULL;

  if (lane->has_cut) {
    header = sy_frame_dup_name(&lane->cut);
    return g_strdup_printf("%s %s cut off: %" G_GSIZE_FORMAT " of %u bytes; %u skipped", arrow,
                           header, lane->cut_length, lane->cut.length + WIRE_FRAME_OVERHEAD, count);
  }
  if (decoder->has_damaged && decoder->bad_crcs != lane->bad_crcs) {
    header = sy_frame_dup_name(&decoder->damaged);
    return g_strdup_printf("%s %s damaged: wrong CRC over %u bytes; %u skipped", arrow, header,
                           decoder->damaged.length + WIRE_FRAME_OVERHEAD, count);
  }
  if (decoder->bad_headers != lane->bad_headers)
    return g_strdup_printf("%s damaged frame header; %u byte%s skipped", arrow, count,
                           count == 1 ? "" : "s");
  sample = dup_sample_text(lane);
  return g_strdup_printf("%s no frame, %u byte%s: %s%s", arrow, count, count == 1 ? "" : "s",
                         sample, count > lane->sample_length ? " …" : "");
}

/* What was skipped since the last line. */
static void tell_skipped(SyFrameTrace *self, SyDirection direction)
{
  Lane *lane = &self->lanes[direction];
  guint32 count = lane->decoder.skipped - lane->skipped;
  g_autofree char *text = NULL;
  SyFrameLine line = {.direction = direction, .length = count};

  if (count == 0)
    return;
  line.text = text = dup_skipped_text(direction, lane, count);
  self->func(&line, self->user_data);
  lane->skipped = lane->decoder.skipped;
  lane->bad_headers = lane->decoder.bad_headers;
  lane->bad_crcs = lane->decoder.bad_crcs;
  lane->has_cut = FALSE;
  lane->sample_length = 0;
}

/* The next frame; what is skipped before it goes into the sample. */
static gboolean next_frame(Lane *lane, WireFrame *frame)
{
  WireDecoder *decoder = &lane->decoder;
  gsize room = SAMPLE_MAX - lane->sample_length;
  gsize there = MIN(room, (gsize)decoder->length - decoder->taken);
  guint32 skipped = decoder->skipped;
  gboolean found;

  memcpy(lane->sample + lane->sample_length, decoder->buffer + decoder->taken, there);
  found = wire_decoder_next(decoder, frame);
  lane->sample_length += MIN(there, decoder->skipped - skipped);
  return found;
}

static void take_frames(SyFrameTrace *self, SyDirection direction)
{
  Lane *lane = &self->lanes[direction];
  WireFrame frame;

  while (next_frame(lane, &frame)) {
    g_autofree char *text = sy_frame_dup_text(direction, &frame);
    SyFrameLine line = {
        .direction = direction,
        .frame = &frame,
        .length = (gsize)frame.length + WIRE_FRAME_OVERHEAD,
        .text = text,
    };

    tell_skipped(self, direction);
    self->func(&line, self->user_data);
  }
  /* More of the same may follow. */
  if (lane->decoder.skipped - lane->skipped >= SKIPPED_MAX)
    tell_skipped(self, direction);
}

/* The line has fallen silent: what is begun stays as it is. */
static void end_run(SyFrameTrace *self, SyDirection direction)
{
  Lane *lane = &self->lanes[direction];

  while (wire_decoder_is_inside(&lane->decoder)) {
    if (!lane->has_cut && wire_decoder_peek(&lane->decoder, &lane->cut)) {
      lane->cut_length = (gsize)lane->decoder.length - lane->decoder.taken;
      lane->has_cut = TRUE;
    }
    if (lane->sample_length < SAMPLE_MAX)
      lane->sample[lane->sample_length++] = lane->decoder.buffer[lane->decoder.taken];
    wire_decoder_gap(&lane->decoder);
    take_frames(self, direction);
  }
  tell_skipped(self, direction);
}

void sy_frame_trace_feed(SyFrameTrace *self, SyDirection direction, const guint8 *bytes,
                         gsize length)
{
  Lane *lane = &self->lanes[direction];
  gint64 now_us;

  if (!wake(self) || length == 0)
    return;
  now_us = g_get_monotonic_time();
  if (direction == SY_DIRECTION_IN && now_us - lane->fed_us > STALE_US)
    end_run(self, direction);
  lane->fed_us = now_us;
  for (gsize taken = 0; taken < length;) {
    taken += wire_decoder_push(&lane->decoder, bytes + taken, length - taken);
    take_frames(self, direction);
  }
}

void sy_frame_trace_tick(SyFrameTrace *self)
{
  if (wake(self) && g_get_monotonic_time() - self->lanes[SY_DIRECTION_IN].fed_us >= GAP_US)
    end_run(self, SY_DIRECTION_IN);
}
