/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A serial port behind a server that speaks RFC 2217: it has a rate, and is set to 8N1. */

#include "sy-link-private.h"
#include "sy-rfc2217.h"
#include "sy-socket-link.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum {
  DEFAULT_BAUD = 115200,
  AGREE_MS = 5000,  /* most that the server gets to agree, on a slow path too */
  RATE_MS = 600,    /* most that it gets to answer a new rate */
  PIECE = 2048,     /* bytes escaped at a time */
  HELD_MAX = 65536, /* bytes, while the server takes none */
  KEPT_MAX = 65536  /* bytes, while an answer is waited for: nobody asked for more */
};

#define SY_TYPE_RFC2217_LINK (sy_rfc2217_link_get_type())
G_DECLARE_FINAL_TYPE(SyRfc2217Link, sy_rfc2217_link, SY, RFC2217_LINK, SySocketLink)

struct _SyRfc2217Link {
  SySocketLink parent_instance;

  SyRfc2217 telnet;
  GByteArray *rest; /* goes out before all else: the second half of a 0xFF, or what was held */
  gboolean halved;  /* the half in `rest` belongs to a byte that was not counted yet */
  GByteArray *held; /* written while the server took nothing, escaped */
  GByteArray *kept; /* data that came while an answer was waited for */
};

G_DEFINE_FINAL_TYPE(SyRfc2217Link, sy_rfc2217_link, SY_TYPE_SOCKET_LINK)

static gboolean flush_rest(SyRfc2217Link *self, GError **error)
{
  gssize sent;

  if (self->rest->len == 0)
    return TRUE;
  sent = sy_socket_link_send(SY_SOCKET_LINK(self), self->rest->data, self->rest->len, error);
  if (sent > 0)
    g_byte_array_remove_range(self->rest, 0, (guint)sent);
  return sent >= 0;
}

/* What telnet wants to say, never within a 0xFF. */
static gboolean flush(SyRfc2217Link *self, GError **error)
{
  gsize length;
  const guint8 *out;
  gssize sent;

  if (!self->telnet.suspended && self->held->len > 0) {
    g_byte_array_append(self->rest, self->held->data, self->held->len);
    g_byte_array_set_size(self->held, 0);
  }
  if (!flush_rest(self, error))
    return FALSE;
  out = sy_rfc2217_peek_out(&self->telnet, &length);
  if (self->rest->len > 0 || length == 0)
    return TRUE;
  sent = sy_socket_link_send(SY_SOCKET_LINK(self), out, length, error);
  if (sent > 0) { /* messages are not to be cut by data either */
    g_byte_array_append(self->rest, out + sent, (guint)(length - (gsize)sent));
    sy_rfc2217_sent(&self->telnet, length);
  }
  return sent >= 0;
}

/* Data that came now; -1 when lost. */
static gssize take(SyRfc2217Link *self, guint8 *bytes, gsize room, GError **error)
{
  gssize length = sy_socket_link_receive(SY_SOCKET_LINK(self), bytes, room, error);
  gsize count;

  if (length <= 0)
    return length;
  count = sy_rfc2217_take(&self->telnet, bytes, (gsize)length, bytes);
  sy_socket_link_hear(SY_SOCKET_LINK(self), bytes, count);
  return flush(self, error) ? (gssize)count : -1;
}

static gssize sy_rfc2217_link_read_impl(SyLink *link, guint8 *bytes, gsize room, GError **error)
{
  SyRfc2217Link *self = SY_RFC2217_LINK(link);
  gsize length = MIN(room, self->kept->len);

  if (length == 0)
    return take(self, bytes, room, error);
  memcpy(bytes, self->kept->data, length);
  g_byte_array_remove_range(self->kept, 0, (guint)length);
  return (gssize)length;
}

static gboolean sy_rfc2217_link_has_input_impl(SyLink *link)
{
  return SY_RFC2217_LINK(link)->kept->len > 0;
}

/* How many of `bytes` went out whole, when `sent` of them escaped did; the half of one more. */
static gsize count_whole(const guint8 *bytes, gsize sent, gboolean *half)
{
  gsize count = 0;

  for (; sent > 0; count++) {
    gsize width = bytes[count] == 0xff ? 2 : 1;

    *half = sent < width;
    if (*half)
      break;
    sent -= width;
  }
  return count;
}

/* Not to be written now, and nobody can wait for when it may. What is more than any session has
 * under way is lost, as on a line that is held for good. */
static gssize hold(SyRfc2217Link *self, const guint8 *bytes, gsize length)
{
  guint8 escaped[2 * PIECE];
  gsize count = MIN(length, PIECE);
  gsize escaped_length = sy_rfc2217_escape(bytes, count, escaped);

  if (self->held->len + escaped_length <= HELD_MAX)
    g_byte_array_append(self->held, escaped, (guint)escaped_length);
  return (gssize)count;
}

static gssize sy_rfc2217_link_write_impl(SyLink *link, const guint8 *bytes, gsize length,
                                         GError **error)
{
  static const guint8 iac = 0xff;
  SyRfc2217Link *self = SY_RFC2217_LINK(link);
  guint8 escaped[2 * PIECE];
  gsize before = 0, count = MIN(length, PIECE);
  gboolean half = FALSE;
  gssize sent;

  if (!flush(self, error))
    return -1;
  if (self->rest->len > 0 || length == 0)
    return 0;
  if (self->halved) { /* its second half went just now */
    self->halved = FALSE;
    before = bytes[0] == iac ? 1 : 0;
  }
  if (count == before)
    return (gssize)before;
  if (self->telnet.suspended)
    return (gssize)before + hold(self, bytes + before, count - before);
  sent = sy_socket_link_send(SY_SOCKET_LINK(self), escaped,
                             sy_rfc2217_escape(bytes + before, count - before, escaped), error);
  if (sent < 0)
    return -1;
  count = count_whole(bytes + before, (gsize)sent, &half);
  if (half)
    g_byte_array_append(self->rest, &iac, 1);
  self->halved = half;
  return (gssize)(before + count);
}

/* Takes what comes until the server has said what is waited for; data are kept. FALSE with an error
 * when it is lost, FALSE without when the time is over or it was cancelled. */
static gboolean wait_until(SyRfc2217Link *self, gboolean (*is_there)(const SyRfc2217 *telnet),
                           guint ms, GCancellable *cancellable, GError **error)
{
  gint64 end_us = g_get_monotonic_time() + (gint64)ms * 1000;
  guint8 bytes[PIECE];

  if (!flush(self, error))
    return FALSE;
  while (!is_there(&self->telnet)) {
    gssize length;

    if (!sy_socket_link_wait(SY_SOCKET_LINK(self), end_us, cancellable))
      return FALSE;
    length = take(self, bytes, sizeof bytes, error);
    if (length < 0)
      return FALSE;
    g_byte_array_append(self->kept, bytes, MIN((guint)length, KEPT_MAX - self->kept->len));
  }
  return TRUE;
}

static gboolean has_rate(const SyRfc2217 *telnet)
{
  return telnet->unanswered[SY_COM_BAUD_RATE] == 0;
}

/* Each request is answered in its turn, so an answer that was not waited for any longer is not
 * taken for the next one's. */
static guint sy_rfc2217_link_set_rate_impl(SyLink *link, guint baud)
{
  SyRfc2217Link *self = SY_RFC2217_LINK(link);
  g_autoptr(GError) error = NULL;
  guint asked;

  sy_rfc2217_ask(&self->telnet, SY_COM_BAUD_RATE, baud);
  asked = self->telnet.unanswered[SY_COM_BAUD_RATE];
  if (wait_until(self, has_rate, RATE_MS, NULL, &error))
    return self->telnet.value[SY_COM_BAUD_RATE];
  if (error) /* who reads next learns it anew */
    g_debug("rate: %s", error->message);
  /* A server that once left a request unanswered still answers this one. */
  if (self->telnet.unanswered[SY_COM_BAUD_RATE] < asked &&
      self->telnet.value[SY_COM_BAUD_RATE] == baud) {
    self->telnet.unanswered[SY_COM_BAUD_RATE] = 0;
    return baud;
  }
  return 0;
}

static void sy_rfc2217_link_finalize(GObject *object)
{
  SyRfc2217Link *self = SY_RFC2217_LINK(object);

  g_byte_array_unref(self->rest);
  g_byte_array_unref(self->held);
  g_byte_array_unref(self->kept);
  G_OBJECT_CLASS(sy_rfc2217_link_parent_class)->finalize(object);
}

static void sy_rfc2217_link_class_init(SyRfc2217LinkClass *klass)
{
  SyLinkClass *link_class = SY_LINK_CLASS(klass);

  G_OBJECT_CLASS(klass)->finalize = sy_rfc2217_link_finalize;
  link_class->read = sy_rfc2217_link_read_impl;
  link_class->write = sy_rfc2217_link_write_impl;
  link_class->set_rate = sy_rfc2217_link_set_rate_impl;
  link_class->has_input = sy_rfc2217_link_has_input_impl;
}

static void sy_rfc2217_link_init(SyRfc2217Link *self)
{
  sy_rfc2217_init(&self->telnet);
  self->rest = g_byte_array_new();
  self->held = g_byte_array_new();
  self->kept = g_byte_array_new();
}

/* --- opening --- */

static gboolean has_answered_option(const SyRfc2217 *telnet)
{
  return sy_rfc2217_get_com_port(telnet) != SY_OPTION_ASKED;
}

static gboolean has_settled(const SyRfc2217 *telnet)
{
  return has_rate(telnet) && telnet->unanswered[SY_COM_DATA_SIZE] == 0 &&
         telnet->unanswered[SY_COM_PARITY] == 0 && telnet->unanswered[SY_COM_STOP_SIZE] == 0 &&
         sy_rfc2217_get_binary(telnet) != SY_OPTION_ASKED;
}

/* RTS before DTR: a board that leaves its reset looks at P0.14. The rate comes last: what it
 * answers is what all of it came to. */
static void ask_settings(SyRfc2217 *telnet, const SyLinkSettings *lines)
{
  const struct {
    SyComCommand command;
    guint32 value;
  } settings[] = {
      {SY_COM_LINE_MASK, 0},
      {SY_COM_MODEM_MASK, 0},
      {SY_COM_CONTROL, SY_COM_NO_FLOW_CONTROL},
      {SY_COM_CONTROL, lines->rts ? SY_COM_RTS_ON : SY_COM_RTS_OFF},
      {SY_COM_CONTROL, lines->dtr ? SY_COM_DTR_ON : SY_COM_DTR_OFF},
      {SY_COM_DATA_SIZE, 8},
      {SY_COM_PARITY, SY_COM_PARITY_NONE},
      {SY_COM_STOP_SIZE, SY_COM_STOP_ONE},
      {SY_COM_BAUD_RATE, DEFAULT_BAUD},
      {SY_COM_PURGE, SY_COM_PURGE_BOTH},
  };

  for (guint n = 0; n < G_N_ELEMENTS(settings); n++)
    sy_rfc2217_ask(telnet, settings[n].command, settings[n].value);
}

static gboolean is_as_asked(const SyRfc2217 *telnet)
{
  return sy_link_is_rate_near(telnet->value[SY_COM_BAUD_RATE], DEFAULT_BAUD) &&
         telnet->value[SY_COM_DATA_SIZE] == 8 &&
         telnet->value[SY_COM_PARITY] == SY_COM_PARITY_NONE &&
         telnet->value[SY_COM_STOP_SIZE] == SY_COM_STOP_ONE;
}

static gboolean agree(SyRfc2217Link *self, const SyLinkSettings *settings,
                      GCancellable *cancellable, GError **error)
{
  const char *port = sy_socket_link_get_port(SY_SOCKET_LINK(self));
  GError *lost = NULL;
  gboolean agreed = wait_until(self, has_answered_option, AGREE_MS, cancellable, &lost) &&
                    sy_rfc2217_get_com_port(&self->telnet) == SY_OPTION_ON;

  if (agreed) {
    ask_settings(&self->telnet, settings);
    agreed = wait_until(self, has_settled, AGREE_MS, cancellable, &lost) &&
             sy_rfc2217_get_binary(&self->telnet) == SY_OPTION_ON;
  }
  if (lost) {
    g_propagate_error(error, lost);
    return FALSE;
  }
  if (!agreed && g_cancellable_set_error_if_cancelled(cancellable, error))
    return FALSE;
  if (!agreed) {
    sy_socket_link_set_error(error, SY_LINK_ERROR_FAILED, SY_TROUBLE_NO_RFC2217, port, NULL);
    return FALSE;
  }
  if (!is_as_asked(&self->telnet)) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED,
                _("%s cannot be set to %d baud, 8N1; it says it is at %u"), port, DEFAULT_BAUD,
                self->telnet.value[SY_COM_BAUD_RATE]);
    return FALSE;
  }
  return TRUE;
}

SyLink *sy_rfc2217_link_open(const char *port, const SyLinkSettings *settings,
                             GCancellable *cancellable, GError **error)
{
  SySocketLink *socket_link =
      sy_socket_link_connect(SY_TYPE_RFC2217_LINK, port, cancellable, error);

  if (!socket_link)
    return NULL;
  if (!agree(SY_RFC2217_LINK(socket_link), settings, cancellable, error)) {
    g_object_unref(socket_link);
    return NULL;
  }
  /* It is older than what the line was set to. */
  g_byte_array_set_size(SY_RFC2217_LINK(socket_link)->kept, 0);
  return SY_LINK(socket_link);
}
