/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links over a pty and to a private virtual substation; the list of ports. */

#include "pty-fixture.h"
#include "sy-link.h"
#include "sy-locate.h"
#include "sy-port-list.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 5000 };

static SyLink *open_link(const char *port)
{
  GError *error = NULL;
  SyLink *link = sy_link_open(port, NULL, &error);

  assert_null(error);
  assert_non_null(link);
  return link;
}

static void assert_refused(const char *port, SyLinkError code)
{
  GError *error = NULL;
  SyLink *link = sy_link_open(port, NULL, &error);

  assert_null(link);
  assert_true(g_error_matches(error, SY_LINK_ERROR, (int)code));
  assert_true(strlen(error->message) > 10);
  g_error_free(error);
}

static void wait_readable(SyLink *link)
{
  struct pollfd state = {.fd = sy_link_get_fd(link), .events = POLLIN};

  assert_int_equal(poll(&state, 1, WAIT_MS), 1);
}

static void bytes_pass_both_ways_unchanged(void **state)
{
  Pty pty = pty_open();
  g_autoptr(SyLink) link = open_link(pty.port);
  guint8 all[256], back[256];
  gsize got = 0;

  (void)state;
  for (guint i = 0; i < 256; i++)
    all[i] = (guint8)i;
  assert_int_equal(sy_link_write(link, all, sizeof all, NULL), 256);
  while (got < sizeof back)
    got += (gsize)read(pty.master, back + got, sizeof back - got);
  assert_memory_equal(all, back, sizeof all);
  assert_int_equal(write(pty.master, all, sizeof all), 256);
  for (got = 0; got < sizeof back;) {
    gssize length;

    wait_readable(link);
    length = sy_link_read(link, back + got, sizeof back - got, NULL);
    assert_true(length > 0);
    got += (gsize)length;
  }
  assert_memory_equal(all, back, sizeof all);
  pty_close(&pty);
}

static void reading_nothing_is_no_error_and_does_not_block(void **state)
{
  Pty pty = pty_open();
  g_autoptr(SyLink) link = open_link(pty.port);
  GError *error = NULL;
  guint8 byte;

  (void)state;
  assert_int_equal(sy_link_read(link, &byte, 1, &error), 0);
  assert_null(error);
  pty_close(&pty);
}

static void a_closed_other_end_is_a_lost_link(void **state)
{
  Pty pty = pty_open();
  g_autoptr(SyLink) link = open_link(pty.port);
  GError *error = NULL;
  guint8 byte;

  (void)state;
  close(pty.slave);
  close(pty.master);
  g_free(pty.port);
  assert_int_equal(sy_link_read(link, &byte, 1, &error), -1);
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_LOST));
  g_error_free(error);
}

static void writing_to_a_closed_other_end_is_a_lost_link(void **state)
{
  Pty pty = pty_open();
  g_autoptr(SyLink) link = open_link(pty.port);
  g_autoptr(GError) error = NULL;

  (void)state;
  close(pty.slave);
  close(pty.master);
  g_free(pty.port);
  assert_int_equal(sy_link_write(link, (const guint8 *)"x", 1, &error), -1);
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_LOST));
}

static void a_terminal_is_8n1_without_flow_control_whatever_it_was(void **state)
{
  Pty pty = pty_open();
  g_autoptr(SyLink) link = NULL;
  struct termios settings;

  (void)state;
  assert_int_equal(tcgetattr(pty.slave, &settings), 0);
  settings.c_iflag |= IXON | IXOFF | IXANY | ICRNL;
  settings.c_cflag |= CSTOPB | CRTSCTS;
  settings.c_cflag &= ~(tcflag_t)CLOCAL;
  assert_int_equal(tcsetattr(pty.slave, TCSANOW, &settings), 0);
  link = open_link(pty.port);
  assert_int_equal(tcgetattr(pty.slave, &settings), 0);
  assert_int_equal(settings.c_iflag & (IXON | IXOFF | IXANY | ICRNL), 0);
  assert_int_equal(settings.c_cflag & (CSTOPB | CRTSCTS | PARENB), 0);
  assert_int_equal(settings.c_cflag & (CLOCAL | CREAD | CSIZE), CLOCAL | CREAD | CS8);
  g_clear_object(&link);
  pty_close(&pty);
}

static void what_was_sent_is_there_when_the_link_is_closed_at_once(void **state)
{
  Pty pty = pty_open();
  SyLink *link = open_link(pty.port);
  char back[3];

  (void)state;
  assert_int_equal(sy_link_write(link, (const guint8 *)"end", 3, NULL), 3);
  g_object_unref(link);
  assert_int_equal(fcntl(pty.master, F_SETFL, O_NONBLOCK), 0);
  assert_int_equal(read(pty.master, back, sizeof back), 3);
  assert_memory_equal(back, "end", 3);
  pty_close(&pty);
}

static void a_port_that_is_held_is_busy_and_free_again_afterwards(void **state)
{
  Pty pty = pty_open();
  SyLink *link = open_link(pty.port);

  (void)state;
  assert_refused(pty.port, SY_LINK_ERROR_BUSY);
  g_object_unref(link);
  link = open_link(pty.port);
  g_object_unref(link);
  pty_close(&pty);
}

static void absent_wrong_and_foreign_ports_are_told_apart(void **state)
{
  g_autofree char *folder = g_dir_make_tmp("switchyard-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "plain", NULL);
  g_autofree char *port = g_strconcat("pty:", path, NULL);

  (void)state;
  assert_refused(port, SY_LINK_ERROR_ABSENT);
  assert_true(g_file_set_contents(path, "x", 1, NULL));
  assert_refused(port, SY_LINK_ERROR_FAILED);
  assert_refused("/dev/ttyNOSUCH7", SY_LINK_ERROR_ABSENT);
  assert_refused("COM1", SY_LINK_ERROR_PORT);
  assert_refused("pty:", SY_LINK_ERROR_PORT);
  assert_refused("", SY_LINK_ERROR_PORT);
  g_unlink(path);
  g_rmdir(folder);
}

static void a_private_virtual_substation_ends_with_its_link(void **state)
{
  SyLink *link = open_link("virtual");
  GError *error = NULL;
  guint8 byte;

  (void)state;
  wait_readable(link); /* its readings */
  assert_true(sy_link_read(link, &byte, 1, &error) > 0);
  g_object_unref(link);
}

static void a_missing_virtual_substation_is_an_error_that_says_so(void **state)
{
  g_autofree char *before = g_strdup(g_getenv("SWITCHYARD_SUBSTATION"));

  (void)state;
  g_setenv("SWITCHYARD_SUBSTATION", "/nonexistent/switchyard-substation", TRUE);
  assert_refused("virtual", SY_LINK_ERROR_ABSENT);
  g_setenv("SWITCHYARD_SUBSTATION", before, TRUE);
}

static void the_virtual_substation_is_the_first_port_and_stays_through_a_refresh(void **state)
{
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autoptr(SyPort) first = g_list_model_get_item(G_LIST_MODEL(ports), 0);
  g_autoptr(SyPort) again = NULL;

  (void)state;
  assert_string_equal(sy_port_get_name(first), "virtual");
  assert_true(sy_port_is_virtual(first));
  assert_int_equal(sy_port_list_find(ports, "virtual"), 0);
  assert_int_equal(sy_port_list_find(ports, "/dev/ttyNOSUCH7"), G_MAXUINT);
  sy_port_list_refresh(ports);
  again = g_list_model_get_item(G_LIST_MODEL(ports), 0);
  assert_ptr_equal(first, again);
}

static void firmware_is_found_where_the_environment_says(void **state)
{
  g_autofree char *path = sy_locate_firmware("factory.hex");

  (void)state;
  assert_true(g_str_has_prefix(path, g_getenv("SWITCHYARD_FIRMWARE_DIR")));
  assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_pass_both_ways_unchanged),
      cmocka_unit_test(reading_nothing_is_no_error_and_does_not_block),
      cmocka_unit_test(a_closed_other_end_is_a_lost_link),
      cmocka_unit_test(writing_to_a_closed_other_end_is_a_lost_link),
      cmocka_unit_test(a_terminal_is_8n1_without_flow_control_whatever_it_was),
      cmocka_unit_test(what_was_sent_is_there_when_the_link_is_closed_at_once),
      cmocka_unit_test(a_port_that_is_held_is_busy_and_free_again_afterwards),
      cmocka_unit_test(absent_wrong_and_foreign_ports_are_told_apart),
      cmocka_unit_test(a_private_virtual_substation_ends_with_its_link),
      cmocka_unit_test(a_missing_virtual_substation_is_an_error_that_says_so),
      cmocka_unit_test(the_virtual_substation_is_the_first_port_and_stays_through_a_refresh),
      cmocka_unit_test(firmware_is_found_where_the_environment_says),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
