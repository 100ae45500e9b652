/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding companions. */

#include "sy-locate.h"

#include "sy-config.h"
#include "sy-port-rule.h"

/* `relative` to the top of the build folder, if this program runs from one: programs lie one folder
 * below its top (gui/switchyard) or two (core/cli/switchyard-cli). */
static char *find_in_build(const char *relative, GFileTest kind)
{
  g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;

  for (int level = 0; folder && level < 3; level++) {
    g_autofree char *path = g_build_filename(folder, relative, NULL);
    char *parent;

    if (g_file_test(path, kind))
      return g_steal_pointer(&path);
    parent = g_path_get_dirname(folder);
    g_free(folder);
    folder = parent;
  }
  return NULL;
}

char *sy_locate_substation(void)
{
  const char *named = g_getenv("SWITCHYARD_SUBSTATION");
  char *built;

  if (named)
    return g_strdup(named);
  built = find_in_build("firmware/simulator/switchyard-substation", G_FILE_TEST_IS_REGULAR);
  return built ? built : g_build_filename(SY_BIN_DIR, "switchyard-substation", NULL);
}

char *sy_locate_firmware(const char *name)
{
  const char *folder = g_getenv("SWITCHYARD_FIRMWARE_DIR");
  g_autofree char *relative = g_build_filename("firmware", name, NULL);
  char *built;

  if (folder)
    return g_build_filename(folder, name, NULL);
  built = find_in_build(relative, G_FILE_TEST_IS_REGULAR);
  return built ? built : g_build_filename(SY_FIRMWARE_DIR, name, NULL);
}

char *sy_locate_translations(void)
{
  const char *folder = g_getenv("SWITCHYARD_LOCALE_DIR");
  char *built;

  if (folder)
    return g_strdup(folder);
  built = find_in_build("po", G_FILE_TEST_IS_DIR);
  return built ? built : g_strdup(SY_LOCALE_DIR);
}

char *sy_locate_schemas(void)
{
  const char *folder = g_getenv("SWITCHYARD_SCHEMA_DIR");
  g_autofree char *built = NULL;

  if (folder)
    return g_strdup(folder);
  built = find_in_build("data/gschemas.compiled", G_FILE_TEST_IS_REGULAR);
  return built ? g_path_get_dirname(built) : NULL;
}

char *sy_locate_rule(void)
{
  char *built = find_in_build("data/udev/" SY_PORT_RULE_NAME, G_FILE_TEST_IS_REGULAR);

  return built ? built : g_build_filename(SY_DATA_DIR, SY_PORT_RULE_NAME, NULL);
}

const char *sy_locate_devices(void)
{
  const char *folder = g_getenv("SWITCHYARD_DEVICES");

  return folder ? folder : "/dev";
}
