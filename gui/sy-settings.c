/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the workstation remembers between two starts. */

#include "sy-config.h"

#include "sy-settings.h"

#include "sy-locate.h"

#define G_SETTINGS_ENABLE_BACKEND
#include <gio/gsettingsbackend.h>
#include <glib/gstdio.h>

#define COMPILED "gschemas.compiled"

static GSettingsSchema *look_up_in(const char *folder)
{
  g_autoptr(GSettingsSchemaSource) source = NULL;

  source = g_settings_schema_source_new_from_directory(folder, NULL, FALSE, NULL);
  return source ? g_settings_schema_source_lookup(source, SY_APP_ID, FALSE) : NULL;
}

static GSettingsSchema *look_up(void)
{
  g_autofree char *folder = sy_locate_schemas();
  GSettingsSchemaSource *source = g_settings_schema_source_get_default();
  GSettingsSchema *schema = folder ? look_up_in(folder) : NULL;

  if (!schema && source)
    schema = g_settings_schema_source_lookup(source, SY_APP_ID, TRUE);
  return schema;
}

/* GIO reads schemas from folders only, so for a moment there is one. */
static GSettingsSchema *unpack_below(const char *parent)
{
  g_autoptr(GBytes) bytes = g_resources_lookup_data("/dev/switchyard/Workstation/" COMPILED,
                                                    G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *folder = g_build_filename(parent, "switchyard-XXXXXX", NULL);
  g_autofree char *path = NULL;
  GSettingsSchema *schema = NULL;

  if (!g_mkdtemp(folder))
    return NULL;
  path = g_build_filename(folder, COMPILED, NULL);
  if (g_file_set_contents(path, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes),
                          NULL))
    schema = look_up_in(folder);
  g_unlink(path);
  g_rmdir(folder);
  return schema;
}

static GSettingsSchema *unpack(void)
{
  const char *const parents[] = {g_get_tmp_dir(), g_get_user_runtime_dir(), g_get_home_dir()};
  GSettingsSchema *schema = NULL;

  for (guint n = 0; n < G_N_ELEMENTS(parents) && !schema; n++)
    schema = unpack_below(parents[n]);
  if (!schema)
    g_error("There is no folder that can be written to, not even %s", g_get_tmp_dir());
  return schema;
}

GSettings *sy_settings_get(void)
{
  static GSettings *settings;

  if (!settings) {
    g_autoptr(GSettingsSchema) schema = look_up();
    g_autoptr(GSettingsBackend) backend = NULL;

    if (!schema) {
      schema = unpack();
      backend = g_memory_settings_backend_new();
    }
    settings = g_settings_new_full(schema, backend, NULL);
  }
  return settings;
}
