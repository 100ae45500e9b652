/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may open a device. */

#define _GNU_SOURCE /* getgrouplist */
#include "sy-port-access.h"

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

SyPortAccess *sy_port_access_look(const char *device)
{
  SyPortAccess *access = g_new0(SyPortAccess, 1);
  const mode_t both = S_IRGRP | S_IWGRP;
  struct stat status;

  access->user = g_strdup(g_get_user_name());
  access->is_confined = g_file_test("/.flatpak-info", G_FILE_TEST_EXISTS);
  if (stat(device, &status) < 0)
    return access;
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
