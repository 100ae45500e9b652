/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The substation is found among other ports, and those are left in peace. */

#include "line-peer.h"
#include "spin.h"
#include "sy-finder.h"
#include "sy-link.h"
#include "sy-tty-rate.h"
#include "wire-image.h"

#include <glib-unix.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SPEAK_MS = 20, OTHER_RATE = 57600 };

static const char PROMPT[] = "\r\nbox login: ";

/* A device that is no substation: it counts what it gets, and says something when it gets
 * something, or by itself. */
typedef struct {
  Pty pty;
  const char *answer; /* NULL: none */
  const char *speech; /* said again and again; NULL: nothing */
  gboolean is_pulled; /* when it gets something */
  guint got, got_source, speak_source;
} Device;

typedef struct {
  SyFinder *finder;
  GCancellable *cancellable;
  GPtrArray *ports; /* once it is done */
  GError *error;
  gboolean done;
  guint news;
  LinePeer peer;
  Device device, second;
} Scene;

static void device_stop(Device *device)
{
  g_clear_handle_id(&device->got_source, g_source_remove);
  g_clear_handle_id(&device->speak_source, g_source_remove);
  pty_close(&device->pty);
}

static gboolean on_bytes(gint fd, GIOCondition condition, gpointer user_data)
{
  Device *device = user_data;
  guint8 bytes[256];
  gssize length = read(fd, bytes, sizeof bytes);

  (void)condition;
  assert_true(length > 0);
  device->got += (guint)length;
  if (device->is_pulled) {
    device_stop(device);
    return G_SOURCE_REMOVE;
  }
  if (device->answer)
    assert_true(write(fd, device->answer, strlen(device->answer)) > 0);
  return G_SOURCE_CONTINUE;
}

static gboolean on_speak(gpointer user_data)
{
  Device *device = user_data;

  assert_true(write(device->pty.master, device->speech, strlen(device->speech)) > 0);
  return G_SOURCE_CONTINUE;
}

static void device_start(Device *device, const char *answer, const char *speech)
{
  *device = (Device){.pty = pty_open(), .answer = answer, .speech = speech};
  device->got_source = g_unix_fd_add(device->pty.master, G_IO_IN, on_bytes, device);
  if (speech)
    device->speak_source = g_timeout_add(SPEAK_MS, on_speak, device);
}

static void on_progress(SyFinder *finder, Scene *scene)
{
  (void)finder;
  scene->news++;
}

static int set_up(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  scene->finder = sy_finder_new();
  scene->cancellable = g_cancellable_new();
  g_signal_connect(scene->finder, "progress-changed", G_CALLBACK(on_progress), scene);
  line_peer_start(&scene->peer);
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  g_clear_pointer(&scene->ports, g_ptr_array_unref);
  g_clear_error(&scene->error);
  assert_int_equal(G_OBJECT(scene->finder)->ref_count, 1);
  g_object_unref(scene->finder);
  g_object_unref(scene->cancellable);
  line_peer_stop(&scene->peer);
  device_stop(&scene->device);
  device_stop(&scene->second);
  g_free(scene);
  return 0;
}

static void on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scene *scene = user_data;

  scene->ports = sy_finder_find_finish(SY_FINDER(source), result, &scene->error);
  scene->done = TRUE;
}

static gboolean is_done(gpointer scene)
{
  return ((Scene *)scene)->done;
}

static void wait_for_end(Scene *scene)
{
  spin_until(is_done, scene, "the search to end");
}

static void find_all(Scene *scene, const char *const *ports)
{
  sy_finder_find_async(scene->finder, ports, scene->cancellable, on_found, scene);
  wait_for_end(scene);
  assert_null(scene->error);
  assert_int_equal(scene->ports->len, g_strv_length((char **)ports));
  assert_int_equal(sy_finder_count_waiting(scene->finder), 0);
}

static void find(Scene *scene, const char *one, const char *two)
{
  const char *const ports[] = {one, two, NULL};

  find_all(scene, ports);
}

static const SyFinderPort *get_port(Scene *scene, guint n)
{
  return g_ptr_array_index(scene->ports, n);
}

static void assert_trouble(const SyFinderPort *port, SyTroubleKind kind)
{
  g_autofree char *text = sy_finder_port_dup_text(port);

  assert_false(port->found);
  assert_non_null(port->trouble);
  assert_int_equal(port->trouble->kind, kind);
  assert_true(strlen(text) > 10);
}

static guint get_rate(const Pty *pty)
{
  return sy_tty_get_rate(pty->master);
}

static void the_substation_is_found_by_one_question(void **state)
{
  Scene *scene = *state;
  const SyFinderPort *port;
  g_autofree char *text = NULL;

  device_start(&scene->device, NULL, NULL);
  find(scene, scene->device.pty.port, scene->peer.pty.port);
  port = get_port(scene, 1);
  assert_true(sy_finder_port_is_usable(port));
  assert_int_equal(port->rate, 115200);
  assert_int_equal(port->identity.program_version, 0x01000000);
  assert_null(port->trouble);
  text = sy_finder_port_dup_text(port);
  assert_non_null(strstr(text, "1.0.0"));
  assert_int_equal(scene->peer.asked, 1);
  assert_int_equal(scene->news, 3); /* it began, and each port was done */
  /* One was found: nobody is troubled with other rates. */
  assert_trouble(get_port(scene, 0), SY_TROUBLE_SILENT);
  assert_int_equal(scene->device.got, WIRE_FRAME_OVERHEAD);
  assert_false(sy_finder_is_trying_rates(scene->finder));
}

static gboolean say_reading(gpointer peer)
{
  line_peer_send_reading(peer);
  return G_SOURCE_CONTINUE;
}

static void one_that_is_heard_and_does_not_hear_is_told_as_that(void **state)
{
  Scene *scene = *state;
  guint source = g_timeout_add(SPEAK_MS, say_reading, &scene->peer);

  scene->peer.mute = TRUE;
  find(scene, scene->peer.pty.port, NULL);
  g_source_remove(source);
  assert_trouble(get_port(scene, 0), SY_TROUBLE_NOT_HEARD);
  assert_int_equal(scene->peer.asked, 1);
}

static void another_device_gets_one_frame_and_one_that_speaks_by_itself_none(void **state)
{
  Scene *scene = *state;
  const SyFinderPort *port;

  device_start(&scene->device, PROMPT, NULL);
  device_start(&scene->second, NULL, "$GPGGA,120000,4717.11,N,00833.91,E\r\n");
  find(scene, scene->device.pty.port, scene->second.pty.port);
  port = get_port(scene, 0);
  assert_trouble(port, SY_TROUBLE_NOT_A_SUBSTATION);
  assert_non_null(strstr(port->trouble->text, "login:"));
  assert_int_equal(port->asked, 1);
  assert_int_equal(scene->device.got, WIRE_FRAME_OVERHEAD);
  port = get_port(scene, 1);
  assert_trouble(port, SY_TROUBLE_NOT_A_SUBSTATION);
  assert_non_null(strstr(port->trouble->text, "GPGGA"));
  assert_int_equal(port->asked, 0);
  assert_int_equal(scene->second.got, 0);
}

/* Answers at its rate only. */
static gboolean follow_rate(gpointer user_data)
{
  LinePeer *peer = user_data;

  peer->mute = get_rate(&peer->pty) != OTHER_RATE;
  return G_SOURCE_CONTINUE;
}

static void assert_at_other_rate(const SyFinderPort *port)
{
  g_autofree char *text = sy_finder_port_dup_text(port);

  assert_true(port->found);
  assert_int_equal(port->rate, OTHER_RATE);
  assert_false(sy_finder_port_is_usable(port));
  assert_null(port->trouble);
  assert_non_null(strstr(text, "57600"));
}

/* The silent one once at each rate; what speaks without sense not where nothing was heard of it
 * that a substation says. */
static void with_none_at_the_usual_rate_others_are_tried_and_ports_left_at_the_usual(void **state)
{
  Scene *scene = *state;
  guint source = g_timeout_add(SPEAK_MS, follow_rate, &scene->peer);
  const char *ports[4] = {NULL};

  scene->peer.mute = TRUE;
  device_start(&scene->device, NULL, NULL);
  device_start(&scene->second, NULL, "\x81\xfe\x9c\xe0\xf8\x80\x86\xfe");
  ports[0] = scene->device.pty.port;
  ports[1] = scene->second.pty.port;
  ports[2] = scene->peer.pty.port;
  find_all(scene, ports);
  g_source_remove(source);
  assert_true(sy_finder_is_trying_rates(scene->finder));
  assert_trouble(get_port(scene, 0), SY_TROUBLE_SILENT);
  assert_int_equal(get_port(scene, 0)->asked, 8);
  assert_int_equal(scene->device.got, 8 * WIRE_FRAME_OVERHEAD);
  assert_trouble(get_port(scene, 1), SY_TROUBLE_WRONG_RATE);
  assert_int_equal(get_port(scene, 1)->asked, 1);
  assert_int_equal(scene->second.got, WIRE_FRAME_OVERHEAD);
  assert_at_other_rate(get_port(scene, 2));
  assert_int_equal(get_rate(&scene->device.pty), 115200);
  assert_int_equal(get_rate(&scene->second.pty), 115200);
  assert_int_equal(get_rate(&scene->peer.pty), 115200);
}

static void a_port_that_is_used_is_not_touched(void **state)
{
  Scene *scene = *state;
  g_autoptr(SyLink) held = NULL;

  device_start(&scene->device, NULL, NULL);
  held = sy_link_open(scene->device.pty.port, NULL, NULL);
  assert_non_null(held);
  assert_int_equal(sy_link_set_rate(held, 9600), 9600);
  find(scene, scene->device.pty.port, scene->peer.pty.port);
  assert_trouble(get_port(scene, 0), SY_TROUBLE_BUSY);
  assert_int_equal(get_port(scene, 0)->asked, 0);
  assert_int_equal(scene->device.got, 0);
  assert_int_equal(get_rate(&scene->device.pty), 9600);
  assert_true(get_port(scene, 1)->found);
}

static void absent_and_wrong_names_say_so(void **state)
{
  Scene *scene = *state;

  find(scene, "/dev/ttyNOSUCH7", "COM1");
  assert_trouble(get_port(scene, 0), SY_TROUBLE_ABSENT);
  assert_trouble(get_port(scene, 1), SY_TROUBLE_OTHER);
  assert_non_null(strstr(get_port(scene, 1)->trouble->text, "COM1"));
}

static void the_callers_own_port_counts_as_found_and_is_left_alone(void **state)
{
  Scene *scene = *state;

  device_start(&scene->device, NULL, NULL);
  sy_finder_know(scene->finder, scene->peer.pty.port, &scene->peer.identity);
  find(scene, scene->peer.pty.port, scene->device.pty.port);
  assert_true(sy_finder_port_is_usable(get_port(scene, 0)));
  assert_int_equal(scene->peer.asked, 0);
  assert_int_equal(scene->device.got, WIRE_FRAME_OVERHEAD);
}

static void all_ports_that_the_caller_has_open_are_left_alone(void **state)
{
  Scene *scene = *state;
  const WireIdentity own = {.product = 7}, other = {.product = 8};

  device_start(&scene->device, NULL, NULL);
  sy_finder_know(scene->finder, scene->device.pty.port, &own);
  sy_finder_know(scene->finder, scene->peer.pty.port, &other);
  find(scene, scene->peer.pty.port, scene->device.pty.port);
  assert_int_equal(get_port(scene, 0)->identity.product, 8);
  assert_int_equal(get_port(scene, 1)->identity.product, 7);
  assert_int_equal(scene->peer.asked, 0);
  assert_int_equal(scene->device.got, 0);
}

static void where_there_is_no_port_nothing_is_found(void **state)
{
  Scene *scene = *state;
  const char *const none[] = {NULL};

  sy_finder_find_async(scene->finder, none, NULL, on_found, scene);
  wait_for_end(scene);
  assert_null(scene->error);
  assert_int_equal(scene->ports->len, 0);
}

static void a_pulled_adapter_is_gone_and_the_others_are_found(void **state)
{
  Scene *scene = *state;

  device_start(&scene->device, NULL, NULL);
  scene->device.is_pulled = TRUE;
  find(scene, scene->device.pty.port, scene->peer.pty.port);
  assert_trouble(get_port(scene, 0), SY_TROUBLE_GONE);
  assert_true(get_port(scene, 1)->found);
}

static void a_search_is_given_up_at_once(void **state)
{
  Scene *scene = *state;
  const char *ports[] = {NULL, NULL};

  device_start(&scene->device, NULL, NULL);
  ports[0] = scene->device.pty.port;
  sy_finder_find_async(scene->finder, ports, scene->cancellable, on_found, scene);
  g_cancellable_cancel(scene->cancellable);
  wait_for_end(scene);
  assert_true(g_error_matches(scene->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_null(scene->ports);
  assert_int_equal(scene->device.got, 0);
  assert_false(sy_finder_is_trying_rates(scene->finder));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_substation_is_found_by_one_question),
      TEST(one_that_is_heard_and_does_not_hear_is_told_as_that),
      TEST(another_device_gets_one_frame_and_one_that_speaks_by_itself_none),
      TEST(with_none_at_the_usual_rate_others_are_tried_and_ports_left_at_the_usual),
      TEST(a_port_that_is_used_is_not_touched),
      TEST(absent_and_wrong_names_say_so),
      TEST(the_callers_own_port_counts_as_found_and_is_left_alone),
      TEST(all_ports_that_the_caller_has_open_are_left_alone),
      TEST(where_there_is_no_port_nothing_is_found),
      TEST(a_pulled_adapter_is_gone_and_the_others_are_found),
      TEST(a_search_is_given_up_at_once),
  };

  return cmocka_run_group_tests_name("finder", tests, NULL, NULL);
}
