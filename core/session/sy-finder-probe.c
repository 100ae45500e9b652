/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One port: listened to, and asked at most once at each rate. */

#include "sy-finder-private.h"

#include "sy-hearing.h"
#include "sy-link.h"
#include "sy-poll.h"
#include "sy-transfer.h"

enum {
  LISTEN_MS = 1200, /* a program says its readings once a second */
  ANSWER_MS = 2000, /* for the one question: nothing is asked twice */
  HEARD_MS = 5000,  /* the same, of what is a substation beyond doubt */
  RATE_LISTEN_MS = 1200,
  RATE_ANSWER_MS = 600,
};

struct _SyProbe {
  SyFinderPort *port;
  SyLinkSettings settings;
  GCancellable *cancellable; /* may be NULL */
  SyLink *link;              /* NULL: not open, or gone */
  guint8 token;
  WireDecoder decoder;
  SyHearing hearing; /* at this rate */
};

SyProbe *sy_probe_new(SyFinderPort *port, const SyLinkSettings *settings, GCancellable *cancellable)
{
  SyProbe *probe = g_new0(SyProbe, 1);

  probe->port = port;
  probe->settings = *settings;
  if (cancellable)
    probe->cancellable = g_object_ref(cancellable);
  probe->token = sy_transfer_new_token();
  return probe;
}

void sy_probe_free(SyProbe *probe)
{
  g_clear_object(&probe->link);
  g_clear_object(&probe->cancellable);
  g_free(probe);
}

static void set_trouble(SyProbe *probe, SyTrouble *trouble)
{
  g_clear_pointer(&probe->port->trouble, sy_trouble_unref);
  probe->port->trouble = trouble;
}

/* Takes the error: the port could not be opened, or is gone. */
static void fail(SyProbe *probe, GError *error)
{
  SyTrouble *carried = sy_link_error_get_trouble(error);

  set_trouble(probe, carried
                         ? sy_trouble_ref(carried)
                         : sy_trouble_find(SY_TROUBLE_OTHER, probe->port->port, error->message));
  g_error_free(error);
  g_clear_object(&probe->link);
}

static gboolean is_over(const SyProbe *probe)
{
  return !probe->link || probe->port->found || g_cancellable_is_cancelled(probe->cancellable);
}

static void take_frame(SyProbe *probe, const WireFrame *frame)
{
  SyFinderPort *port = probe->port;

  probe->hearing.frames++;
  if (frame->type == WIRE_IDENTIFY)
    probe->hearing.echoes++;
  if (frame->type == (WIRE_IDENTIFY | WIRE_REPLY) && frame->token == probe->token &&
      wire_identity_read(frame, &port->identity))
    port->found = TRUE;
}

static void take_bytes(SyProbe *probe, const guint8 *bytes, gsize length)
{
  WireFrame frame;

  for (gsize n = 0; n < length; n++, probe->hearing.bytes++)
    if (probe->hearing.bytes < SY_HEARING_SAMPLE)
      probe->hearing.sample[probe->hearing.bytes] = bytes[n];
  for (gsize taken = 0; taken < length;) {
    taken += wire_decoder_push(&probe->decoder, bytes + taken, length - taken);
    while (wire_decoder_next(&probe->decoder, &frame))
      take_frame(probe, &frame);
  }
}

static void wait(SyProbe *probe, GIOCondition condition, gint64 end_us)
{
  sy_poll(sy_link_get_fd(probe->link), condition, end_us, probe->cancellable);
}

static gboolean read_some(SyProbe *probe)
{
  guint8 bytes[1024];
  GError *error = NULL;
  gssize length = sy_link_read(probe->link, bytes, sizeof bytes, &error);

  if (length < 0)
    fail(probe, error);
  else
    take_bytes(probe, bytes, (gsize)length);
  return length > 0;
}

static gboolean is_substation_heard(const SyProbe *probe)
{
  return probe->hearing.frames > probe->hearing.echoes;
}

/* Before it is asked a substation that is heard is reason enough to ask; behind that it is waited
 * for longer. */
static void hear(SyProbe *probe, guint ms, gboolean asked)
{
  gint64 begin_us = g_get_monotonic_time();

  for (;;) {
    gboolean heard = is_substation_heard(probe);
    gint64 end_us = begin_us + (asked && heard ? MAX(ms, HEARD_MS) : ms) * G_GINT64_CONSTANT(1000);

    if (is_over(probe) || (heard && !asked) || g_get_monotonic_time() >= end_us)
      return;
    wait(probe, G_IO_IN, end_us);
    read_some(probe);
  }
}

static void ask(SyProbe *probe)
{
  const WireFrame frame = {.type = WIRE_IDENTIFY, .token = probe->token, .seq = 1};
  guint8 bytes[WIRE_FRAME_OVERHEAD];
  gsize length = wire_frame_write(&frame, bytes), sent = 0;
  gint64 end_us = g_get_monotonic_time() + G_USEC_PER_SEC;
  GError *error = NULL;

  probe->port->asked++;
  while (sent < length && !is_over(probe) && g_get_monotonic_time() < end_us) {
    gssize count = sy_link_write(probe->link, bytes + sent, length - sent, &error);

    if (count < 0)
      fail(probe, error);
    else if (count == 0)
      wait(probe, G_IO_OUT, end_us);
    else
      sent += (gsize)count;
  }
}

/* What is to be made of the line at this rate. */
static SyTroubleKind listen_and_ask(SyProbe *probe, guint rate)
{
  gboolean usual = rate == WIRE_RATE_DEFAULT;
  SyTroubleKind kind;

  probe->hearing = (SyHearing){.bytes = 0};
  wire_decoder_init(&probe->decoder);
  hear(probe, usual ? LISTEN_MS : RATE_LISTEN_MS, FALSE);
  kind = sy_hearing_judge(&probe->hearing);
  /* Another device speaks; or, at a rate that was only guessed, one that this is not. */
  if (is_over(probe) || kind == SY_TROUBLE_NOT_A_SUBSTATION ||
      (kind == SY_TROUBLE_WRONG_RATE && !usual))
    return kind;
  ask(probe);
  hear(probe, usual ? ANSWER_MS : RATE_ANSWER_MS, TRUE);
  probe->port->rate = probe->port->found ? rate : 0;
  return sy_hearing_judge(&probe->hearing);
}

static void tell(SyProbe *probe, SyTroubleKind kind)
{
  g_autofree char *quote = NULL;

  if (is_over(probe))
    return; /* found, gone, or nobody asks any more */
  if (kind == SY_TROUBLE_NOT_A_SUBSTATION)
    quote = sy_hearing_dup_quote(&probe->hearing);
  set_trouble(probe, sy_trouble_find(kind, probe->port->port, quote));
}

/* A program that has the port open and does not lock it would lose what it set up there. */
static gboolean is_used(SyProbe *probe)
{
  g_autofree char *device = sy_port_name_dup_device(probe->port->port);
  g_autoptr(SyPortHolders) holders = NULL;

  if (!g_path_is_absolute(device))
    return FALSE;
  holders = sy_port_holders_find(device, "/proc");
  if (holders->found->len == 0)
    return FALSE;
  set_trouble(probe, sy_trouble_find(SY_TROUBLE_BUSY, probe->port->port, NULL));
  return TRUE;
}

void sy_probe_ask(SyProbe *probe)
{
  GError *error = NULL;

  if (is_used(probe))
    return;
  probe->link = sy_link_open_with(probe->port->port, &probe->settings, probe->cancellable, &error);
  if (!probe->link) {
    fail(probe, error);
    return;
  }
  tell(probe, listen_and_ask(probe, WIRE_RATE_DEFAULT));
  if (!sy_probe_may_try_rates(probe))
    g_clear_object(&probe->link);
}

gboolean sy_probe_may_try_rates(const SyProbe *probe)
{
  const SyTrouble *trouble = probe->port->trouble;

  return probe->link && trouble && sy_link_has_rate(probe->link) &&
         (trouble->kind == SY_TROUBLE_SILENT || trouble->kind == SY_TROUBLE_WRONG_RATE);
}

/* FALSE when the port does not take it. */
static gboolean set_rate(SyProbe *probe, guint rate)
{
  if (!sy_link_is_rate_near(sy_link_set_rate(probe->link, rate), rate))
    return FALSE;
  while (!is_over(probe) && read_some(probe))
    continue; /* what came at the last rate */
  return TRUE;
}

void sy_probe_try_rates(SyProbe *probe)
{
  /* Those of a loader in an upgrade first: it does not stay there for long. */
  static const guint rates[] = {230400, 345600, 691200, 57600, 38400, 19200, 9600};
  SyTroubleKind kind;

  for (guint n = 0; n < G_N_ELEMENTS(rates) && !is_over(probe); n++) {
    if (!set_rate(probe, rates[n]))
      continue;
    kind = listen_and_ask(probe, rates[n]);
    if (kind == SY_TROUBLE_NOT_A_SUBSTATION || kind == SY_TROUBLE_NOT_HEARD ||
        kind == SY_TROUBLE_ECHO) {
      tell(probe, kind);
      break;
    }
  }
  if (probe->link)
    sy_link_set_rate(probe->link, WIRE_RATE_DEFAULT);
  if (probe->port->found)
    set_trouble(probe, NULL);
  g_clear_object(&probe->link);
}
