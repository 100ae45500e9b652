/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyStation: DTR and RTS of its port, when they are changed. */

#include "net-peer.h"
#include "sy-station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { NO_FLOW = 1, DTR_ON = 8, DTR_OFF = 9, RTS_ON = 11, RTS_OFF = 12 };

/* Answers telnet, and is a line on which nobody says anything. */
static void serve(NetPeer *peer)
{
  while (net_peer_serve(peer, G_MAXSIZE))
    ;
}

static void on_identified(GObject *source, GAsyncResult *result, gpointer user_data)
{
  assert_false(sy_station_identify_finish(SY_STATION(source), result, NULL));
  g_main_loop_quit(user_data);
}

/* With settings that somebody chooses while it runs; NULL: nobody does. */
static void ask(SyStation *station, const SyLinkSettings *meanwhile)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

  sy_station_identify_async(station, FALSE, NULL, on_identified, loop);
  if (meanwhile)
    sy_station_set_link_settings(station, meanwhile);
  g_main_loop_run(loop);
}

static void
a_port_that_is_open_is_opened_anew_when_its_lines_change_but_not_within_a_job(void **state)
{
  static const guint8 wanted[] = {NO_FLOW, RTS_OFF, DTR_OFF, NO_FLOW, RTS_OFF,
                                  DTR_ON,  NO_FLOW, RTS_ON,  DTR_OFF};
  NetPeer peer = {.connections = 3};
  SyStation *station;

  (void)state;
  net_peer_start(&peer, "rfc2217", serve);
  station = sy_station_new(peer.port);
  ask(station, NULL);
  sy_station_set_link_settings(station, &(SyLinkSettings){.dtr = FALSE});
  ask(station, NULL); /* nothing has changed: the same connection */
  sy_station_set_link_settings(station, &(SyLinkSettings){.dtr = TRUE});
  ask(station, &(SyLinkSettings){.rts = TRUE});
  ask(station, NULL);
  sy_station_release(station);
  g_object_unref(station);
  shutdown(peer.listener, SHUT_RDWR); /* ends an accept: there is no further connection */
  g_thread_join(g_steal_pointer(&peer.thread));
  assert_int_equal(peer.controls->len, sizeof wanted);
  assert_memory_equal(peer.controls->data, wanted, sizeof wanted);
  net_peer_stop(&peer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(
          a_port_that_is_open_is_opened_anew_when_its_lines_change_but_not_within_a_job),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
