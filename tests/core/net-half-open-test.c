/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network that goes away without a word. In a network of the process's own, whose only interface
 * is switched off. */

#define _GNU_SOURCE /* unshare */
#include "net-peer.h"
#include "sy-link.h"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 60000 }; /* the kernel's own patience is a quarter of an hour, or endless */

static gboolean set_up_loopback(gboolean up)
{
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0};
  gboolean done = ioctl(fd, SIOCSIFFLAGS, &request) == 0;

  close(fd);
  return done;
}

static void wait_for_step(NetPeer *peer)
{
  net_peer_wait_step(peer, 1);
}

static void assert_noticed(SyLink *link)
{
  struct pollfd state = {.fd = sy_link_get_fd(link), .events = POLLIN};
  g_autoptr(GError) error = NULL;
  guint8 byte;

  assert_int_equal(poll(&state, 1, WAIT_MS), 1);
  assert_int_equal(sy_link_read(link, &byte, 1, &error), -1);
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_LOST));
  assert_int_equal(sy_link_error_get_trouble(error)->kind, SY_TROUBLE_UNREACHABLE);
}

/* Side by side: one that has nothing to say, and one whose bytes nobody acknowledges. */
static void a_connection_that_went_dead_is_noticed_idle_or_not(void **state)
{
  NetPeer idle = {0}, busy = {0};
  SyLink *idle_link, *busy_link;

  (void)state;
  net_peer_start(&idle, "socket", wait_for_step);
  net_peer_start(&busy, "socket", wait_for_step);
  idle_link = sy_link_open(idle.port, NULL, NULL);
  busy_link = sy_link_open(busy.port, NULL, NULL);
  assert_non_null(idle_link);
  assert_non_null(busy_link);
  assert_true(set_up_loopback(FALSE));
  assert_int_equal(sy_link_write(busy_link, (const guint8 *)"?", 1, NULL), 1);
  assert_noticed(idle_link);
  assert_noticed(busy_link);
  assert_true(set_up_loopback(TRUE));
  net_peer_set_step(&idle, 1);
  net_peer_set_step(&busy, 1);
  g_object_unref(idle_link);
  g_object_unref(busy_link);
  net_peer_stop(&idle);
  net_peer_stop(&busy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_connection_that_went_dead_is_noticed_idle_or_not),
  };

  /* Before the first thread. */
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || !set_up_loopback(TRUE)) {
    g_print("1..0 # SKIP a network of its own is not allowed here\n");
    return 0;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
