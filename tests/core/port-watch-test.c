/* SPDX-License-Identifier: GPL-3.0-or-later */

/* News of ports, told by the kernel: nobody looks by himself in these tests, unless it says so. */

#include "spin.h"
#include "sy-port-watch.h"
#include "temp-folder.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { QUIET_MS = 100, BURST = 50 };

typedef struct {
  char *folder; /* of devices, empty at first */
  char *serial, *by_id;
  SyPortWatch *watch;
  guint told;
} Scene;

static void count(Scene *scene)
{
  scene->told++;
}

static void begin_to_watch(Scene *scene)
{
  scene->watch = sy_port_watch_new();
  g_signal_connect_swapped(scene->watch, "changed", G_CALLBACK(count), scene);
}

static int set_up(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  scene->folder = temp_folder_new();
  scene->serial = g_build_filename(scene->folder, "serial", NULL);
  scene->by_id = g_build_filename(scene->serial, "by-id", NULL);
  g_setenv("SWITCHYARD_DEVICES", scene->folder, TRUE);
  g_setenv("SWITCHYARD_PORT_POLL_MS", "0", TRUE);
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  g_clear_object(&scene->watch);
  g_unsetenv("SWITCHYARD_DEVICES");
  g_unsetenv("SWITCHYARD_PORT_POLL_MS");
  temp_folder_remove(scene->folder);
  g_free(scene->serial);
  g_free(scene->by_id);
  g_free(scene);
  return 0;
}

static gboolean is_told(gpointer scene)
{
  return ((Scene *)scene)->told > 0;
}

static void wait_for_news(Scene *scene, const char *what)
{
  spin_until(is_told, scene, what);
  scene->told = 0;
}

static void stay_quiet(Scene *scene)
{
  spin_ms(QUIET_MS);
  assert_int_equal(scene->told, 0);
}

static char *plug_in(Scene *scene, const char *name)
{
  char *path = g_build_filename(scene->by_id, name, NULL);

  assert_int_equal(symlink("/dev/pts/0", path), 0);
  return path;
}

static void an_adapter_that_comes_and_goes_is_told_of(void **state)
{
  Scene *scene = *state;
  g_autofree char *link = NULL;

  g_mkdir_with_parents(scene->by_id, 0755);
  begin_to_watch(scene);
  assert_true(sy_port_watch_is_told(scene->watch));
  link = plug_in(scene, "usb-One");
  wait_for_news(scene, "the adapter that came");
  g_remove(link);
  wait_for_news(scene, "the adapter that went");
  stay_quiet(scene);
}

static void folders_that_udev_makes_later_are_watched_too(void **state)
{
  Scene *scene = *state;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  begin_to_watch(scene);
  for (int n = 0; n < 2; n++) { /* it takes them away with the last adapter */
    g_mkdir(scene->serial, 0755);
    wait_for_news(scene, "serial");
    g_mkdir(scene->by_id, 0755);
    wait_for_news(scene, "serial/by-id");
    g_free(first);
    first = plug_in(scene, "usb-One");
    wait_for_news(scene, "the adapter");
    g_remove(first);
    wait_for_news(scene, "the adapter that went");
    g_rmdir(scene->by_id);
    wait_for_news(scene, "serial/by-id that went");
    g_rmdir(scene->serial);
    wait_for_news(scene, "serial that went");
  }
  /* All at once: what was made before it could be watched is seen by whoever looks then. */
  g_mkdir_with_parents(scene->by_id, 0755);
  g_free(first);
  first = plug_in(scene, "usb-One");
  wait_for_news(scene, "all of it");
  second = plug_in(scene, "usb-Two");
  wait_for_news(scene, "the second adapter");
  g_remove(first);
  g_remove(second);
}

static void a_port_that_is_given_to_its_group_is_news(void **state)
{
  Scene *scene = *state;
  g_autofree char *node = g_build_filename(scene->folder, "ttyUSB0", NULL);

  assert_true(g_file_set_contents(node, "", 0, NULL));
  assert_int_equal(g_chmod(node, 0600), 0);
  begin_to_watch(scene);
  assert_int_equal(g_chmod(node, 0660), 0);
  wait_for_news(scene, "its rights");
}

static void a_burst_is_told_once(void **state)
{
  Scene *scene = *state;

  g_mkdir_with_parents(scene->by_id, 0755);
  begin_to_watch(scene);
  for (guint n = 0; n < BURST; n++) {
    g_autofree char *name = g_strdup_printf("usb-%u", n);
    g_autofree char *link = plug_in(scene, name);

    assert_non_null(link);
  }
  wait_for_news(scene, "the burst");
  stay_quiet(scene);
}

static void what_is_written_to_a_port_is_no_news(void **state)
{
  Scene *scene = *state;
  g_autofree char *node = g_build_filename(scene->folder, "ttyUSB0", NULL);
  FILE *file;

  assert_true(g_file_set_contents(node, "", 0, NULL));
  begin_to_watch(scene);
  file = fopen(node, "r+");
  assert_non_null(file);
  fputs("written", file);
  fclose(file);
  stay_quiet(scene);
}

static void where_the_kernel_tells_nothing_it_is_looked_at_again_and_again(void **state)
{
  Scene *scene = *state;

  g_setenv("SWITCHYARD_DEVICES", scene->serial, TRUE); /* which is not there */
  g_unsetenv("SWITCHYARD_PORT_POLL_MS");
  begin_to_watch(scene);
  assert_false(sy_port_watch_is_told(scene->watch));
  wait_for_news(scene, "the first look");
  wait_for_news(scene, "the second look");
  g_mkdir(scene->serial, 0755);
  wait_for_news(scene, "the third look");
  assert_true(sy_port_watch_is_told(scene->watch));
}

static void drop_the_watch(Scene *scene)
{
  g_clear_object(&scene->watch);
}

static void who_is_told_may_drop_the_watch(void **state)
{
  Scene *scene = *state;

  begin_to_watch(scene);
  g_signal_connect_swapped(scene->watch, "changed", G_CALLBACK(drop_the_watch), scene);
  g_mkdir(scene->serial, 0755);
  wait_for_news(scene, "serial");
  assert_null(scene->watch);
  g_mkdir(scene->by_id, 0755);
  stay_quiet(scene);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(an_adapter_that_comes_and_goes_is_told_of),
      TEST(folders_that_udev_makes_later_are_watched_too),
      TEST(a_port_that_is_given_to_its_group_is_news),
      TEST(a_burst_is_told_once),
      TEST(what_is_written_to_a_port_is_no_news),
      TEST(where_the_kernel_tells_nothing_it_is_looked_at_again_and_again),
      TEST(who_is_told_may_drop_the_watch),
  };

  return cmocka_run_group_tests_name("port-watch", tests, NULL, NULL);
}
