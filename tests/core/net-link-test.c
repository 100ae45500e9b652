/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links over TCP, to servers that do as they should and to others. */

#include "net-peer.h"
#include "sy-link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { WAIT_MS = 60000, FLOOD = 1 << 20 };
enum { SE = 240, SB = 250, WILL = 251, DO = 253, IAC = 255, COM_PORT = 44 };

static SyLink *open_link(const char *port)
{
  GError *error = NULL;
  SyLink *link = sy_link_open(port, NULL, &error);

  if (error)
    fail_msg("%s", error->message);
  return link;
}

static void assert_refused(const char *port, SyLinkError code, SyTroubleKind kind)
{
  g_autoptr(GError) error = NULL;
  SyLink *link = sy_link_open(port, NULL, &error);

  assert_null(link);
  assert_true(g_error_matches(error, SY_LINK_ERROR, (int)code));
  assert_non_null(sy_link_error_get_trouble(error));
  assert_int_equal(sy_link_error_get_trouble(error)->kind, kind);
}

static gssize read_some(SyLink *link, guint8 *bytes, gsize room, GError **error)
{
  struct pollfd state = {.fd = sy_link_get_fd(link), .events = POLLIN};

  if (!sy_link_has_input(link))
    assert_int_equal(poll(&state, 1, WAIT_MS), 1);
  return sy_link_read(link, bytes, room, error);
}

static void read_all(SyLink *link, guint8 *bytes, gsize length)
{
  for (gsize got = 0; got < length;) {
    gssize count = read_some(link, bytes + got, length - got, NULL);

    assert_true(count >= 0);
    got += (gsize)count;
  }
}

/* Reads until the link is lost. */
static GError *read_to_the_end(SyLink *link)
{
  GError *error = NULL;
  guint8 bytes[256];

  while (read_some(link, bytes, sizeof bytes, &error) >= 0)
    ;
  return error;
}

static void assert_lost(const GError *error, SyLinkError code, SyTroubleKind kind, const char *said)
{
  assert_true(g_error_matches(error, SY_LINK_ERROR, (int)code));
  assert_int_equal(sy_link_error_get_trouble(error)->kind, kind);
  if (!strstr(error->message, said))
    fail_msg("“%s”: no “%s”", error->message, said);
}

/* --- raw --- */

static void echo(NetPeer *peer)
{
  guint8 bytes[256];

  for (;;) {
    gssize length = recv(peer->fd, bytes, sizeof bytes, 0);

    if (length <= 0)
      return;
    net_peer_send(peer, bytes, (gsize)length);
  }
}

static void bytes_pass_a_raw_server_unchanged_and_it_has_no_rate(void **state)
{
  NetPeer peer = {0};
  guint8 all[256], back[256];
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "socket", echo);
  link = open_link(peer.port);
  for (guint n = 0; n < sizeof all; n++)
    all[n] = (guint8)n;
  assert_int_equal(sy_link_read(link, back, sizeof back, NULL), 0); /* nothing yet, no wait */
  assert_int_equal(sy_link_write(link, all, sizeof all, NULL), sizeof all);
  read_all(link, back, sizeof back);
  assert_memory_equal(all, back, sizeof all);
  assert_false(sy_link_has_rate(link));
  assert_int_equal(sy_link_set_rate(link, 230400), 0);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static int get_option(SyLink *link, int level, int option)
{
  int value = -1;
  socklen_t length = sizeof value;

  assert_int_equal(getsockopt(sy_link_get_fd(link), level, option, &value, &length), 0);
  return value;
}

static void a_connection_without_an_end_is_over_after_15_s_and_bytes_are_sent_at_once(void **state)
{
  NetPeer peer = {0};
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "socket", echo);
  link = open_link(peer.port);
  assert_int_not_equal(get_option(link, IPPROTO_TCP, TCP_NODELAY), 0);
  assert_int_not_equal(get_option(link, SOL_SOCKET, SO_KEEPALIVE), 0);
  assert_in_range(get_option(link, IPPROTO_TCP, TCP_KEEPIDLE), 1, 5);
  assert_in_range(get_option(link, IPPROTO_TCP, TCP_KEEPIDLE) +
                      get_option(link, IPPROTO_TCP, TCP_KEEPINTVL) *
                          get_option(link, IPPROTO_TCP, TCP_KEEPCNT),
                  5, 15);
  assert_in_range(get_option(link, IPPROTO_TCP, TCP_USER_TIMEOUT), 1000, 15000);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void close_at_once(NetPeer *peer)
{
  (void)peer;
}

static void say_in_use(NetPeer *peer)
{
  static const char words[] = "Port already in use\r\n";

  net_peer_send(peer, words, sizeof words - 1);
}

static void say_failure(NetPeer *peer)
{
  static const char words[] = "Device open failure\r\n";

  net_peer_send(peer, words, sizeof words - 1);
}

static void send_bytes(NetPeer *peer)
{
  static const guint8 bytes[] = {0x7e, 0x00, 0xc3, 'i', 'n', ' ', 'u', 's', 'e'};

  net_peer_send(peer, bytes, sizeof bytes);
}

static void assert_ends(NetPeerScript script, SyLinkError code, SyTroubleKind kind,
                        const char *said, const char *not_said)
{
  NetPeer peer = {0};
  g_autoptr(GError) error = NULL;
  SyLink *link;

  net_peer_start(&peer, "socket", script);
  link = open_link(peer.port);
  error = read_to_the_end(link);
  assert_lost(error, code, kind, said);
  if (not_said)
    assert_null(strstr(error->message, not_said));
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void a_server_that_closes_is_told_with_its_words_not_as_a_pulled_cable(void **state)
{
  (void)state;
  assert_ends(close_at_once, SY_LINK_ERROR_LOST, SY_TROUBLE_CLOSED, "closed the connection. Check",
              "cable was pulled");
  assert_ends(say_failure, SY_LINK_ERROR_LOST, SY_TROUBLE_CLOSED, "“Device open failure”", NULL);
  assert_ends(say_in_use, SY_LINK_ERROR_BUSY, SY_TROUBLE_TAKEN, "“Port already in use”", NULL);
  assert_ends(send_bytes, SY_LINK_ERROR_LOST, SY_TROUBLE_CLOSED, "closed the connection. Check",
              "in use");
}

static void offer_com_port(NetPeer *peer)
{
  static const guint8 bytes[] = {IAC, DO, COM_PORT};

  net_peer_send(peer, bytes, sizeof bytes);
}

static void send_noise_of_a_verb(NetPeer *peer)
{
  static const guint8 bytes[] = {IAC, DO, 3, 0xc3, 0x7e, 0x00};

  net_peer_send(peer, bytes, sizeof bytes);
}

static void a_server_that_speaks_telnet_is_told_as_no_raw_one(void **state)
{
  (void)state;
  assert_ends(offer_com_port, SY_LINK_ERROR_FAILED, SY_TROUBLE_NOT_RAW,
              "the port is rfc2217://127.0.0.1:", "closed");
  assert_ends(send_noise_of_a_verb, SY_LINK_ERROR_LOST, SY_TROUBLE_CLOSED, "closed", "telnet");
}

static void a_port_in_use_is_told_to_who_writes_first_too(void **state)
{
  NetPeer peer = {0};
  g_autoptr(GError) error = NULL;
  SyLink *link;
  gssize written = 0;

  (void)state;
  net_peer_start(&peer, "socket", say_in_use);
  link = open_link(peer.port);
  for (guint n = 0; n < 60000 && written >= 0; n++) {
    written = sy_link_write(link, (const guint8 *)"hello", 5, &error);
    g_usleep(1000);
  }
  assert_int_equal(written, -1);
  assert_lost(error, SY_LINK_ERROR_BUSY, SY_TROUBLE_TAKEN, "“Port already in use”");
  g_object_unref(link);
  net_peer_stop(&peer);
}

/* --- nobody there --- */

static void refused_unknown_and_mute_hosts_are_told_apart(void **state)
{
  NetPeer peer = {0};
  gint64 start_us;

  (void)state;
  net_peer_start(&peer, "socket", close_at_once);
  net_peer_stop(&(NetPeer){.listener = peer.listener});
  assert_refused(peer.port, SY_LINK_ERROR_ABSENT, SY_TROUBLE_REFUSED);
  g_thread_join(peer.thread);
  g_free(peer.port);
  g_byte_array_unref(peer.data);
  g_byte_array_unref(peer.controls);
  assert_refused("socket://no-such-host.invalid:2001", SY_LINK_ERROR_ABSENT, SY_TROUBLE_NO_HOST);

  peer = (NetPeer){0};
  net_peer_start_mute(&peer);
  start_us = g_get_monotonic_time();
  assert_refused(peer.port, SY_LINK_ERROR_ABSENT, SY_TROUBLE_UNREACHABLE);
  assert_in_range(g_get_monotonic_time() - start_us, 1000000, 60000000);
  net_peer_stop(&peer);
}

static gpointer cancel_soon(gpointer cancellable)
{
  g_usleep(100 * 1000);
  g_cancellable_cancel(cancellable);
  return NULL;
}

static void connecting_ends_at_once_when_it_is_cancelled(void **state)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(GError) error = NULL;
  NetPeer peer = {0};
  GThread *thread;

  (void)state;
  net_peer_start_mute(&peer);
  thread = g_thread_new("cancel", cancel_soon, cancellable);
  assert_null(sy_link_open(peer.port, cancellable, &error));
  /* Who waits for the end of its time says that nobody answers. */
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_thread_join(thread);
  net_peer_stop(&peer);
}

/* --- RFC 2217 --- */

static void serve(NetPeer *peer)
{
  net_peer_serve_until(peer, G_MAXSIZE);
}

static void serve_flood(NetPeer *peer)
{
  net_peer_serve_until(peer, 1);
  net_peer_wait_step(peer, 1); /* both ends' buffers are full */
  while (peer->data->len < FLOOD && net_peer_serve(peer, 1 + peer->data->len % 997))
    ;
}

/* Half of it is 0xFF, so that many a write ends within a doubled one. */
static void what_was_written_is_counted_exactly_when_the_line_is_full(void **state)
{
  NetPeer peer = {0};
  g_autofree guint8 *bytes = g_malloc(FLOOD);
  g_autoptr(GRand) random = g_rand_new_with_seed(7);
  gsize written = 0, full = 0;
  SyLink *link;

  (void)state;
  for (gsize n = 0; n < FLOOD; n++)
    bytes[n] = g_rand_boolean(random) ? 0xff : (guint8)g_rand_int(random);
  net_peer_start(&peer, "rfc2217", serve_flood);
  link = open_link(peer.port);
  assert_int_equal(setsockopt(sy_link_get_fd(link), SOL_SOCKET, SO_SNDBUF, &(int){4096}, 4), 0);
  while (written < FLOOD) {
    struct pollfd poll_out = {.fd = sy_link_get_fd(link), .events = POLLOUT};
    gsize piece = (gsize)g_rand_int_range(random, 1, 5000);
    gssize count = sy_link_write(link, bytes + written, MIN(piece, FLOOD - written), NULL);

    assert_true(count >= 0);
    written += (gsize)count;
    if (count > 0)
      continue;
    full++;
    net_peer_set_step(&peer, 1);
    assert_int_equal(poll(&poll_out, 1, WAIT_MS), 1);
  }
  net_peer_set_step(&peer, 1);
  g_thread_join(g_steal_pointer(&peer.thread));
  assert_true(full > 0);
  assert_int_equal(peer.data->len, FLOOD);
  assert_memory_equal(peer.data->data, bytes, FLOOD);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void a_rate_is_what_the_server_answers(void **state)
{
  NetPeer peer = {0};
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve);
  link = open_link(peer.port);
  assert_true(sy_link_has_rate(link));
  assert_int_equal(sy_link_set_rate(link, 691200), 691200);
  peer.rate = 230400;
  assert_int_equal(sy_link_set_rate(link, 691200), 230400);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void a_rate_that_is_not_answered_is_refused_and_the_next_is_not_mistaken(void **state)
{
  NetPeer peer = {0};
  gint64 start_us;
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve);
  link = open_link(peer.port);
  peer.deaf_to_rates = TRUE;
  start_us = g_get_monotonic_time();
  assert_int_equal(sy_link_set_rate(link, 691200), 0);
  assert_in_range(g_get_monotonic_time() - start_us, 100000, 60000000);
  peer.deaf_to_rates = FALSE;
  assert_int_equal(sy_link_set_rate(link, 115200), 115200);
  assert_int_equal(sy_link_set_rate(link, 230400), 230400);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void serve_and_speak(NetPeer *peer)
{
  net_peer_serve_until(peer, 1); /* opened */
  net_peer_send(peer, "before\xff\xff", 8);
  net_peer_set_step(peer, 1);
  net_peer_serve_until(peer, G_MAXSIZE);
}

static void data_that_come_with_a_rate_are_kept_and_told_of(void **state)
{
  NetPeer peer = {0};
  guint8 bytes[32];
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve_and_speak);
  link = open_link(peer.port);
  assert_int_equal(sy_link_write(link, (const guint8 *)"x", 1, NULL), 1);
  net_peer_wait_step(&peer, 1);
  assert_false(sy_link_has_input(link));
  assert_int_equal(sy_link_set_rate(link, 345600), 345600);
  assert_true(sy_link_has_input(link));
  assert_int_equal(sy_link_read(link, bytes, 3, NULL), 3);
  assert_true(sy_link_has_input(link));
  assert_int_equal(sy_link_read(link, bytes + 3, sizeof bytes - 3, NULL), 4);
  assert_memory_equal(bytes, "before\xff", 7);
  assert_false(sy_link_has_input(link));
  g_object_unref(link);
  net_peer_stop(&peer);
}

/* What nobody asked for, without end as it seems. */
static void serve_and_flood(NetPeer *peer)
{
  static const guint8 piece[1024];

  net_peer_serve_until(peer, 1); /* opened */
  for (guint n = 0; n < 256; n++)
    net_peer_send(peer, piece, sizeof piece);
  net_peer_set_step(peer, 1);
  net_peer_serve_until(peer, G_MAXSIZE);
}

static void of_a_flood_before_a_rate_only_so_much_is_kept(void **state)
{
  NetPeer peer = {0};
  guint8 bytes[1024];
  gssize kept = 0;
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve_and_flood);
  link = open_link(peer.port);
  assert_int_equal(sy_link_write(link, (const guint8 *)"x", 1, NULL), 1);
  net_peer_wait_step(&peer, 1);
  assert_int_equal(sy_link_set_rate(link, 345600), 345600);
  while (sy_link_has_input(link)) {
    gssize length = sy_link_read(link, bytes, sizeof bytes, NULL);

    assert_true(length > 0);
    kept += length;
  }
  assert_in_range(kept, 1, 65536);
  g_object_unref(link);
  net_peer_stop(&peer);
}

static void serve_suspended(NetPeer *peer)
{
  const guint8 suspend[] = {IAC, SB, COM_PORT, 108, IAC, SE, '!'};
  const guint8 resume[] = {IAC, SB, COM_PORT, 109, IAC, SE, '?'};

  net_peer_serve_until(peer, 1);
  net_peer_send(peer, suspend, sizeof suspend);
  net_peer_serve_for(peer, 300);
  net_peer_set_step(peer, (gint)peer->data->len);
  net_peer_wait_step(peer, 10);
  net_peer_send(peer, resume, sizeof resume);
  net_peer_serve_until(peer, 6);
}

static void what_a_server_suspends_goes_when_it_resumes(void **state)
{
  NetPeer peer = {0};
  guint8 byte;
  SyLink *link;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve_suspended);
  link = open_link(peer.port);
  assert_int_equal(sy_link_write(link, (const guint8 *)"a", 1, NULL), 1);
  read_all(link, &byte, 1);
  assert_int_equal(byte, '!');
  assert_int_equal(sy_link_write(link, (const guint8 *)"bc\xff", 3, NULL), 3);
  assert_int_equal(sy_link_write(link, (const guint8 *)"d", 1, NULL), 1);
  net_peer_wait_step(&peer, 1);
  assert_int_equal(g_atomic_int_get(&peer.step), 1); /* only the first came */
  net_peer_set_step(&peer, 10);
  read_all(link, &byte, 1);
  assert_int_equal(byte, '?');
  assert_int_equal(sy_link_write(link, (const guint8 *)"e", 1, NULL), 1);
  g_thread_join(g_steal_pointer(&peer.thread));
  assert_memory_equal(peer.data->data,
                      "abc\xff"
                      "de",
                      6);
  g_object_unref(link);
  net_peer_stop(&peer);
}

/* It agrees to nothing and asks for everything, for ever. */
static void negotiate_for_ever(NetPeer *peer)
{
  for (guint n = 0;; n++) {
    const guint8 bytes[] = {IAC, n % 2 ? WILL : DO, (guint8)(n / 2 % 40)};

    if (send(peer->fd, bytes, sizeof bytes, MSG_NOSIGNAL) <= 0)
      return;
    g_usleep(100);
  }
}

static void assert_no_rfc2217(NetPeerScript script, gboolean refuses)
{
  NetPeer peer = {.refuses = refuses};

  net_peer_start(&peer, "rfc2217", script);
  assert_refused(peer.port, SY_LINK_ERROR_FAILED, SY_TROUBLE_NO_RFC2217);
  net_peer_stop(&peer);
}

static void a_server_without_rfc2217_is_told_as_such(void **state)
{
  (void)state;
  assert_no_rfc2217(serve, TRUE);
  assert_no_rfc2217(negotiate_for_ever, FALSE);
}

static void a_server_that_cannot_be_set_is_not_used(void **state)
{
  /* Also one so high that what it is off wraps around, times 50. */
  static const guint rates[] = {9600, 115200 + 85899346};

  (void)state;
  for (guint n = 0; n < G_N_ELEMENTS(rates); n++) {
    NetPeer peer = {.rate = rates[n]};
    g_autoptr(GError) error = NULL;
    g_autofree char *said = g_strdup_printf("it says it is at %u", rates[n]);

    net_peer_start(&peer, "rfc2217", serve);
    assert_null(sy_link_open(peer.port, NULL, &error));
    assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED));
    assert_non_null(strstr(error->message, said));
    net_peer_stop(&peer);
  }
}

static void a_port_in_use_is_told_behind_rfc2217_too(void **state)
{
  NetPeer peer = {0};

  (void)state;
  net_peer_start(&peer, "rfc2217", say_in_use);
  assert_refused(peer.port, SY_LINK_ERROR_BUSY, SY_TROUBLE_TAKEN);
  net_peer_stop(&peer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_pass_a_raw_server_unchanged_and_it_has_no_rate),
      cmocka_unit_test(a_connection_without_an_end_is_over_after_15_s_and_bytes_are_sent_at_once),
      cmocka_unit_test(a_server_that_closes_is_told_with_its_words_not_as_a_pulled_cable),
      cmocka_unit_test(a_server_that_speaks_telnet_is_told_as_no_raw_one),
      cmocka_unit_test(a_port_in_use_is_told_to_who_writes_first_too),
      cmocka_unit_test(refused_unknown_and_mute_hosts_are_told_apart),
      cmocka_unit_test(connecting_ends_at_once_when_it_is_cancelled),
      cmocka_unit_test(what_was_written_is_counted_exactly_when_the_line_is_full),
      cmocka_unit_test(a_rate_is_what_the_server_answers),
      cmocka_unit_test(a_rate_that_is_not_answered_is_refused_and_the_next_is_not_mistaken),
      cmocka_unit_test(data_that_come_with_a_rate_are_kept_and_told_of),
      cmocka_unit_test(of_a_flood_before_a_rate_only_so_much_is_kept),
      cmocka_unit_test(what_a_server_suspends_goes_when_it_resumes),
      cmocka_unit_test(a_server_without_rfc2217_is_told_as_such),
      cmocka_unit_test(a_server_that_cannot_be_set_is_not_used),
      cmocka_unit_test(a_port_in_use_is_told_behind_rfc2217_too),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
