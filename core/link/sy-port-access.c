/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may open a device. */

#define _GNU_SOURCE /* getgrouplist */
#include "sy-port-access.h"

#include "sy-port-rule.h"
#include "sy-stable-name.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 1024, ENTRY_MAX = 1 << 16 };

static gboolean is_among(gid_t group, const gid_t *groups, int count)
{
  for (int i = 0; i < count; i++)
    if (groups[i] == group)
      return TRUE;
  return FALSE;
}

static gboolean is_member(const char *user, gid_t group)
{
  g_autofree gid_t *groups = g_new(gid_t, GROUPS_MAX);
  g_autofree char *room = g_malloc(ENTRY_MAX);
  struct passwd entry, *found = NULL;
  int count = GROUPS_MAX;

  getpwuid_r(getuid(), &entry, room, ENTRY_MAX, &found);
  return found && getgrouplist(user, found->pw_gid, groups, &count) >= 0 &&
         is_among(group, groups, count);
}

static gboolean has_group(gid_t group)
{
  g_autofree gid_t *groups = g_new(gid_t, GROUPS_MAX);

  return getegid() == group || is_among(group, groups, getgroups(GROUPS_MAX, groups));
}

static char *dup_group_name(gid_t group)
{
  g_autofree char *room = g_malloc(ENTRY_MAX);
  struct group entry, *found = NULL;

  getgrgid_r(group, &entry, room, ENTRY_MAX, &found);
  return found ? g_strdup(found->gr_name) : g_strdup_printf("%u", (guint)group);
}

/* Whether a sandbox that has no devices keeps this one, too; the kernel's own list is there. Names
 * that stay are not in that list: for them it counts that there is any adapter without a device. */
static gboolean is_kept_away(const char *device, const char *root)
{
  gboolean stays = sy_stable_name_is_link(device) || sy_stable_name_is_usb(device);
  g_autofree char *wanted = stays ? NULL : g_path_get_basename(device);
  g_autofree char *folder = g_build_filename(root, "sys/class/tty", NULL);
  g_autoptr(GDir) known = g_dir_open(folder, 0, NULL);
  const char *name;

  while (known && (name = g_dir_read_name(known))) {
    g_autofree char *path = g_build_filename(root, "dev", name, NULL);

    if (wanted ? g_str_equal(name, wanted)
               : (g_str_has_prefix(name, "ttyUSB") || g_str_has_prefix(name, "ttyACM")) &&
                     !g_file_test(path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  return FALSE;
}

SyPortAccess *sy_port_access_look(const char *device, const char *root)
{
  SyPortAccess *access = g_new0(SyPortAccess, 1);
  const mode_t both = S_IRGRP | S_IWGRP;
  struct stat status;

  access->user = g_strdup(g_get_user_name());
  access->is_remote = g_getenv("SSH_CONNECTION") != NULL;
  access->is_confined = sy_port_is_confined(root);
  if (stat(device, &status) < 0) {
    access->is_hidden = access->is_confined && is_kept_away(device, root);
    return access;
  }
  access->group = dup_group_name(status.st_gid);
  access->group_may = (status.st_mode & both) == both && status.st_gid != 0;
  access->is_member = is_member(access->user, status.st_gid);
  access->has_group = has_group(status.st_gid);
  return access;
}

void sy_port_access_free(SyPortAccess *access)
{
  g_free(access->user);
  g_free(access->group);
  g_free(access);
}
