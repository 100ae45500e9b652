/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings without a schema anywhere: a program that was copied, or is not installed yet. */

#include "sy-settings.h"

#include "temp-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void without_a_schema_there_are_defaults_and_what_is_set_holds(void **state)
{
  g_autofree char *page = g_settings_get_string(sy_settings_get(), "page");
  g_autofree char *port = NULL;

  assert_string_equal(page, "image");
  assert_int_equal(g_settings_get_int(sy_settings_get(), "window-width"), 1200);
  assert_true(g_settings_set_string(sy_settings_get(), "last-port", "virtual"));
  port = g_settings_get_string(sy_settings_get(), "last-port");
  assert_string_equal(port, "virtual");
  assert_ptr_equal(sy_settings_get(), sy_settings_get());
}

static void nothing_is_left_behind(void **state)
{
  g_autoptr(GDir) folder = g_dir_open(g_getenv("TMPDIR"), 0, NULL);

  assert_non_null(folder);
  assert_null(g_dir_read_name(folder));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_schema_there_are_defaults_and_what_is_set_holds),
      cmocka_unit_test(nothing_is_left_behind),
  };
  g_autofree char *empty = temp_folder_new();
  int failed;

  /* Neither the build's nor, should there be one, the system's. */
  g_setenv("SWITCHYARD_SCHEMA_DIR", empty, TRUE);
  g_setenv("XDG_DATA_DIRS", empty, TRUE);
  g_setenv("XDG_DATA_HOME", empty, TRUE);
  g_setenv("TMPDIR", empty, TRUE);
  failed = cmocka_run_group_tests_name("settings", tests, NULL, NULL);
  temp_folder_remove(g_steal_pointer(&empty));
  return failed;
}
