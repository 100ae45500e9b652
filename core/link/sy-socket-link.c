/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A serial port behind TCP. */

#include "sy-socket-link.h"

#include "sy-link-private.h"
#include "sy-poll.h"
#include "sy-rfc2217.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* A connection with nobody behind it any more is noticed within KEEP_IDLE_S + DEAD_MS, whether
 * something was sent or not. */
enum { KEEP_IDLE_S = 4, KEEP_INTERVAL_S = 3, KEEP_COUNT = 3, DEAD_MS = 10000 };

enum { WORDS_MAX = 160 }; /* bytes; more is no server's complaint */

typedef struct {
  GSocketConnection *connection;
  int fd;
  char *port;
  guint8 words[WORDS_MAX]; /* what came first */
  gsize heard;             /* bytes of it, kept or not */
} SySocketLinkPrivate;

G_DEFINE_TYPE_WITH_PRIVATE(SySocketLink, sy_socket_link, SY_TYPE_LINK)

void sy_socket_link_set_error(GError **error, SyLinkError code, SyTroubleKind kind,
                              const char *port, const char *said)
{
  g_autoptr(SyTrouble) trouble = sy_trouble_find(kind, port, said);

  g_propagate_error(error, sy_link_error_new(code, trouble));
}

const char *sy_socket_link_get_port(SySocketLink *self)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);

  return priv->port;
}

void sy_socket_link_hear(SySocketLink *self, const guint8 *data, gsize length)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);

  if (priv->heard < WORDS_MAX)
    memcpy(priv->words + priv->heard, data, MIN(length, WORDS_MAX - priv->heard));
  priv->heard += length;
}

/* What the server said before it closed the connection, if that is all that ever came; free with
 * g_free. */
static char *dup_words(const SySocketLinkPrivate *priv)
{
  g_autofree char *text = NULL;

  if (priv->heard == 0 || priv->heard > WORDS_MAX)
    return NULL;
  for (gsize n = 0; n < priv->heard; n++)
    if (!g_ascii_isprint((char)priv->words[n]) && !g_ascii_isspace((char)priv->words[n]))
      return NULL;
  text = g_strndup((const char *)priv->words, priv->heard);
  g_strdelimit(text, "\t\n\v\f\r", ' ');
  g_strstrip(text);
  return *text ? g_steal_pointer(&text) : NULL;
}

static gboolean is_in_use(const char *words)
{
  g_autofree char *small = g_ascii_strdown(words, -1);

  return strstr(small, "in use") || strstr(small, "busy");
}

static void set_lost(SySocketLinkPrivate *priv, int error_number, GError **error)
{
  g_autofree char *words = dup_words(priv);

  if (error_number == ETIMEDOUT || error_number == EHOSTUNREACH || error_number == ENETUNREACH)
    sy_socket_link_set_error(error, SY_LINK_ERROR_LOST, SY_TROUBLE_UNREACHABLE, priv->port, NULL);
  else if (words && is_in_use(words))
    sy_socket_link_set_error(error, SY_LINK_ERROR_BUSY, SY_TROUBLE_TAKEN, priv->port, words);
  else
    sy_socket_link_set_error(error, SY_LINK_ERROR_LOST, SY_TROUBLE_CLOSED, priv->port, words);
}

static gboolean is_later(int error_number)
{
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

gssize sy_socket_link_receive(SySocketLink *self, guint8 *bytes, gsize room, GError **error)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);
  gssize length = recv(priv->fd, bytes, room, MSG_DONTWAIT);

  if (length > 0)
    return length;
  if (length < 0 && is_later(errno))
    return 0;
  set_lost(priv, length < 0 ? errno : 0, error);
  return -1;
}

/* A server that closed the connection may have said why. */
static void hear_last_words(SySocketLink *self)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);
  guint8 bytes[WORDS_MAX];
  gssize length = recv(priv->fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (length > 0)
    sy_socket_link_hear(self, bytes, (gsize)length);
}

gssize sy_socket_link_send(SySocketLink *self, const guint8 *bytes, gsize length, GError **error)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);
  gssize sent = send(priv->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  int error_number = errno;

  if (sent >= 0)
    return sent;
  if (is_later(error_number))
    return 0;
  hear_last_words(self);
  set_lost(priv, error_number, error);
  return -1;
}

static int sy_socket_link_get_fd_impl(SyLink *link)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(SY_SOCKET_LINK(link));

  return priv->fd;
}

static gssize sy_socket_link_read_impl(SyLink *link, guint8 *bytes, gsize room, GError **error)
{
  SySocketLink *self = SY_SOCKET_LINK(link);
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);
  gssize length = sy_socket_link_receive(self, bytes, room, error);

  if (length <= 0)
    return length;
  sy_socket_link_hear(self, bytes, (gsize)length);
  if (!sy_rfc2217_is_telnet(priv->words, MIN(priv->heard, WORDS_MAX)))
    return length;
  /* It would take each 0xFF of an upgrade for a command. */
  sy_socket_link_set_error(error, SY_LINK_ERROR_FAILED, SY_TROUBLE_NOT_RAW, priv->port, NULL);
  return -1;
}

static gssize sy_socket_link_write_impl(SyLink *link, const guint8 *bytes, gsize length,
                                        GError **error)
{
  return sy_socket_link_send(SY_SOCKET_LINK(link), bytes, length, error);
}

gboolean sy_socket_link_wait(SySocketLink *self, gint64 end_us, GCancellable *cancellable)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);

  if (g_get_monotonic_time() >= end_us || g_cancellable_is_cancelled(cancellable))
    return FALSE;
  return sy_poll(priv->fd, G_IO_IN, end_us, cancellable) != 0;
}

static void sy_socket_link_finalize(GObject *object)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(SY_SOCKET_LINK(object));

  g_clear_object(&priv->connection);
  g_free(priv->port);
  G_OBJECT_CLASS(sy_socket_link_parent_class)->finalize(object);
}

/* No set_rate: what the server's serial port is set to, only its owner can say. */
static void sy_socket_link_class_init(SySocketLinkClass *klass)
{
  SyLinkClass *link_class = SY_LINK_CLASS(klass);

  G_OBJECT_CLASS(klass)->finalize = sy_socket_link_finalize;
  link_class->get_fd = sy_socket_link_get_fd_impl;
  link_class->read = sy_socket_link_read_impl;
  link_class->write = sy_socket_link_write_impl;
}

static void sy_socket_link_init(SySocketLink *self)
{
  SySocketLinkPrivate *priv = sy_socket_link_get_instance_private(self);

  priv->fd = -1;
}

/* --- connecting --- */

typedef struct {
  GMainLoop *loop;
  GCancellable *cancellable; /* our own: the caller's, and the time, end it */
  GSocketConnection *connection;
  GError *error;
  gboolean late;
} Attempt;

static void on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->connection =
      g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &attempt->error);
  g_main_loop_quit(attempt->loop);
}

static gboolean on_late(gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->late = TRUE;
  g_cancellable_cancel(attempt->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean on_cancelled(GCancellable *cancellable, gpointer user_data)
{
  Attempt *attempt = user_data;

  (void)cancellable;
  g_cancellable_cancel(attempt->cancellable);
  return G_SOURCE_REMOVE;
}

static void add_source(GMainContext *context, GSource *source, GSourceFunc function,
                       Attempt *attempt)
{
  g_source_set_callback(source, function, attempt, NULL);
  g_source_attach(source, context);
  g_source_unref(source);
}

/* In a main context of its own: only there are name and connection bounded in time together, and
 * IPv6 and IPv4 tried side by side. */
static void attempt_run(Attempt *attempt, const SyNetName *name, GCancellable *cancellable)
{
  g_autoptr(GMainContext) context = g_main_context_new();
  g_autoptr(GSocketClient) client = g_socket_client_new();
  g_autoptr(GSocketConnectable) address = g_network_address_new(name->host, name->port);

  attempt->loop = g_main_loop_new(context, FALSE);
  attempt->cancellable = g_cancellable_new();
  g_socket_client_set_enable_proxy(client, FALSE);
  g_main_context_push_thread_default(context);
  add_source(context, g_timeout_source_new(SY_CONNECT_MS), on_late, attempt);
  if (cancellable)
    add_source(context, g_cancellable_source_new(cancellable), G_SOURCE_FUNC(on_cancelled),
               attempt);
  g_socket_client_connect_async(client, address, attempt->cancellable, on_connected, attempt);
  g_main_loop_run(attempt->loop);
  g_main_context_pop_thread_default(context);
  g_object_unref(attempt->cancellable);
  g_main_loop_unref(attempt->loop);
}

static void set_connect_error(const Attempt *attempt, const char *port, GCancellable *cancellable,
                              GError **error)
{
  const GError *from = attempt->error;

  if (!attempt->late && g_cancellable_set_error_if_cancelled(cancellable, error))
    return;
  if (attempt->late || g_error_matches(from, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches(from, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
      g_error_matches(from, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE))
    sy_socket_link_set_error(error, SY_LINK_ERROR_ABSENT, SY_TROUBLE_UNREACHABLE, port, NULL);
  else if (from->domain == G_RESOLVER_ERROR ||
           g_error_matches(from, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    sy_socket_link_set_error(error, SY_LINK_ERROR_ABSENT, SY_TROUBLE_NO_HOST, port, NULL);
  else if (g_error_matches(from, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    sy_socket_link_set_error(error, SY_LINK_ERROR_ABSENT, SY_TROUBLE_REFUSED, port, NULL);
  else
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, _("%s cannot be opened: %s"), port,
                from->message);
}

/* What the kernel refuses is left as it is: the connection works all the same. */
static void tune(GSocket *socket)
{
  const struct {
    int level, option, value;
  } wanted[] = {
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S},
      {IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S},
      {IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS},
  };

  for (guint n = 0; n < G_N_ELEMENTS(wanted); n++)
    if (!g_socket_set_option(socket, wanted[n].level, wanted[n].option, wanted[n].value, NULL))
      g_debug("option %d of the socket stays as it is", wanted[n].option);
}

SySocketLink *sy_socket_link_connect(GType type, const char *port, GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr(SyNetName) name = sy_net_name_parse(port, error);
  Attempt attempt = {.late = FALSE};
  SySocketLinkPrivate *priv;
  SySocketLink *self;

  if (!name)
    return NULL;
  attempt_run(&attempt, name, cancellable);
  if (!attempt.connection) {
    set_connect_error(&attempt, port, cancellable, error);
    g_clear_error(&attempt.error);
    return NULL;
  }
  self = g_object_new(type, NULL);
  priv = sy_socket_link_get_instance_private(self);
  priv->connection = attempt.connection;
  priv->port = g_strdup(port);
  tune(g_socket_connection_get_socket(priv->connection));
  priv->fd = g_socket_get_fd(g_socket_connection_get_socket(priv->connection));
  return self;
}

SyLink *sy_net_link_open(const char *port, const SyLinkSettings *settings,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr(SyNetName) name = sy_net_name_parse(port, error);
  SySocketLink *self;

  if (!name)
    return NULL;
  if (name->kind == SY_NET_RFC2217)
    return sy_rfc2217_link_open(port, settings, cancellable, error);
  self = sy_socket_link_connect(SY_TYPE_SOCKET_LINK, port, cancellable, error);
  return self ? SY_LINK(self) : NULL;
}
