/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loop between a link and a session. */

#include "sy-transfer.h"

#include "sy-poll.h"

guint64 sy_transfer_now_us(void)
{
  return (guint64)g_get_monotonic_time();
}

guint8 sy_transfer_new_token(void)
{
  static gint count;

  if (g_atomic_int_get(&count) == 0)
    g_atomic_int_compare_and_exchange(&count, 0, (gint)g_random_int_range(1, 0x10000));
  return (guint8)(g_atomic_int_add(&count, 1) % 255 + 1); /* 0 marks what nobody asked for */
}

void sy_transfer_get_uploads(SyRelease *release, SyUpload halves[2])
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);
    SyUpload *half = &halves[bank - WIRE_BANK_LOW];

    *half = (SyUpload){.length = 0};
    if (!program || !program->usable || sy_release_get_error(release))
      continue;
    half->product = program->header.product;
    half->version = program->header.version;
    half->length = program->length;
    half->crc = program->header.crc;
    half->bytes = g_bytes_get_data(program->bytes, NULL);
  }
}

static void tell_events(SySession *session, const SyTransferWatch *watch)
{
  SyEvent event;

  while (sy_session_next_event(session, &event))
    if (watch->event)
      watch->event(session, &event, watch->user_data);
}

static void trace(const SyTransferWatch *watch, SyDirection direction, const guint8 *bytes,
                  gsize length)
{
  if (watch->trace)
    sy_frame_trace_feed(watch->trace, direction, bytes, length);
}

/* Writes what can be written; FALSE when the link is gone. */
static gboolean pump_out(SySession *session, SyLink *link, const SyTransferWatch *watch,
                         GError **error)
{
  size_t length;
  const uint8_t *bytes = sy_session_peek_output(session, &length);

  while (length > 0) {
    gssize written = sy_link_write(link, bytes, length, error);

    if (written < 0)
      return FALSE;
    if (written == 0)
      return TRUE;
    trace(watch, SY_DIRECTION_OUT, bytes, (gsize)written);
    sy_session_sent(session, (size_t)written, sy_transfer_now_us());
    bytes = sy_session_peek_output(session, &length);
  }
  return TRUE;
}

static gboolean pump_in(SySession *session, SyLink *link, const SyTransferWatch *watch,
                        GError **error)
{
  guint8 bytes[4096];
  gssize length = sy_link_read(link, bytes, sizeof bytes, error);
  gsize taken = 0;

  if (length < 0)
    return FALSE;
  trace(watch, SY_DIRECTION_IN, bytes, (gsize)length);
  while (taken < (gsize)length) {
    taken += sy_session_feed(session, bytes + taken, (gsize)length - taken, sy_transfer_now_us());
    tell_events(session, watch);
  }
  return TRUE;
}

/* Sleeps until the link, the deadline or a cancel wants something. */
static void wait(SySession *session, SyLink *link, GCancellable *cancellable)
{
  GIOCondition condition = G_IO_IN;
  guint64 deadline_us = sy_session_get_deadline(session);
  size_t unsent;

  sy_session_peek_output(session, &unsent);
  if (unsent > 0)
    condition |= G_IO_OUT;
  if (sy_link_has_input(link))
    deadline_us = 0;
  if (g_cancellable_is_cancelled(cancellable)) /* the session knows, and ends in its time */
    cancellable = NULL;
  sy_poll(sy_link_get_fd(link), condition, (gint64)MIN(deadline_us, G_MAXINT64), cancellable);
}

/* Highest that the substation's crystal makes. */
enum { BAUD_MAX = 691200 };

void sy_transfer_start_upgrade(SySession *session, SyLink *link, SyRelease *release,
                               SyDictionary *dictionary)
{
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  if (sy_link_has_rate(link))
    sy_session_allow_rates(session, BAUD_MAX);
  if (dictionary)
    sy_session_allow_packing(session, sy_dictionary_get_packing(dictionary));
  sy_session_start_upgrade(session, halves, sy_transfer_now_us());
}

void sy_transfer_start_check(SySession *session, SyRelease *release)
{
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  sy_session_start_check(session, halves, sy_transfer_now_us());
}

void sy_transfer_start_read(SySession *session, SyLink *link, const guint8 pages[SY_READ_MAP_SIZE],
                            guint8 *flash)
{
  if (sy_link_has_rate(link))
    sy_session_allow_rates(session, BAUD_MAX);
  sy_session_start_read(session, pages, flash, sy_transfer_now_us());
}

/* Brings the line to the rate that the session wants, between two frames. `rate` is what was set
 * last. */
static void follow_rate(SySession *session, SyLink *link, guint *rate)
{
  guint wanted = sy_session_get_rate(session);

  if (wanted == *rate)
    return;
  *rate = wanted;
  sy_session_rate_set(session, sy_link_set_rate(link, wanted), sy_transfer_now_us());
}

void sy_transfer_run(SySession *session, SyLink *link, const SyTransferWatch *watch,
                     GCancellable *cancellable, GError **error)
{
  static const SyTransferWatch nobody;
  guint rate = WIRE_RATE_DEFAULT;
  guint64 now_us;

  if (!watch)
    watch = &nobody;
  while (!sy_session_is_finished(session)) {
    if (g_cancellable_is_cancelled(cancellable))
      sy_session_cancel(session, sy_transfer_now_us());
    follow_rate(session, link, &rate);
    if (!pump_out(session, link, watch, error)) {
      sy_session_lose_link(session, sy_transfer_now_us());
      break;
    }
    tell_events(session, watch);
    if (sy_session_is_finished(session))
      break;
    wait(session, link, cancellable);
    now_us = sy_transfer_now_us();
    if (!pump_in(session, link, watch, error)) {
      sy_session_lose_link(session, sy_transfer_now_us());
      break;
    }
    /* As late as it was before the read: who answered by then was in time, however long this thread
     * had to wait for a processor since. */
    sy_session_tick(session, now_us);
    if (watch->trace)
      sy_frame_trace_tick(watch->trace);
    tell_events(session, watch);
  }
  tell_events(session, watch);
  follow_rate(session, link, &rate);
}
