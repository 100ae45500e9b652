/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links by which a port is found again. */

#include "sy-stable-name.h"

#include "sy-locate.h"

#include <stdlib.h>
#include <string.h>

#define PTY_FOLDER "/dev/pts/"

static char *dup_folder(const char *kind)
{
  return g_build_filename(sy_locate_devices(), "serial", kind, NULL);
}

/* NULL when it leads nowhere. */
static char *dup_target(const char *link)
{
  char *found = realpath(link, NULL);
  char *target = g_strdup(found);

  free(found);
  return target;
}

/* Several links may lead to one device: the first by name, so that it is always the same. */
static char *find_in(const char *kind, const char *device)
{
  g_autofree char *folder = dup_folder(kind);
  g_autoptr(GDir) links = g_dir_open(folder, 0, NULL);
  g_autofree char *wanted = dup_target(device);
  char *found = NULL;
  const char *name;

  while (links && wanted && (name = g_dir_read_name(links))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *target = dup_target(path);

    if (g_strcmp0(target, wanted) != 0 || (found && strcmp(found, path) <= 0))
      continue;
    g_free(found);
    found = g_steal_pointer(&path);
  }
  return found;
}

char *sy_stable_name_find(const char *device, gboolean with_serial)
{
  char *found = find_in(with_serial ? "by-id" : "by-path", device);

  return found ? found : find_in(with_serial ? "by-path" : "by-id", device);
}

GPtrArray *sy_stable_name_list_terminals(void)
{
  GPtrArray *ports = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *folder = dup_folder("by-id");
  g_autoptr(GDir) links = g_dir_open(folder, 0, NULL);
  const char *name;

  while (links && (name = g_dir_read_name(links))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *target = dup_target(path);

    if (target && g_str_has_prefix(target, PTY_FOLDER))
      g_ptr_array_add(ports, g_strconcat("pty:", target, NULL));
  }
  return ports;
}

gboolean sy_stable_name_is_link(const char *port)
{
  g_autofree char *by_id = dup_folder("by-id");
  g_autofree char *by_path = dup_folder("by-path");
  g_autofree char *folder = g_path_get_dirname(port);

  return g_str_equal(folder, by_id) || g_str_equal(folder, by_path);
}

gboolean sy_stable_name_is_usb(const char *port)
{
  return g_str_has_prefix(port, "usb:");
}

char *sy_stable_name_resolve(const char *link)
{
  g_autofree char *target = dup_target(link);

  if (target && g_str_has_prefix(target, PTY_FOLDER))
    return g_strconcat("pty:", target, NULL);
  return g_steal_pointer(&target);
}

/* Cuts what udev adds behind the adapter's own names: "-if00-port0". */
static void cut_interface(char *name)
{
  char *found = g_strrstr(name, "-if");

  if (found && g_ascii_isxdigit(found[3]))
    *found = '\0';
}

void sy_stable_name_read(const char *link, char **product, char **serial)
{
  g_autofree char *name = g_path_get_basename(link);
  char *last;

  *product = *serial = NULL;
  if (!g_str_has_prefix(name, "usb-") || strstr(link, "/by-path/"))
    return;
  cut_interface(name);
  last = strrchr(name, '_');
  /* A maker and a model at least come before a serial number, which has a digit. */
  if (last && last != strchr(name, '_') && strpbrk(last, "0123456789")) {
    *serial = g_strdup(last + 1);
    *last = '\0';
  }
  *product = g_strdelimit(g_strdup(name + strlen("usb-")), "_", ' ');
}
