/* SPDX-License-Identifier: GPL-3.0-or-later */

#define _GNU_SOURCE /* nftw */
#include "temp-folder.h"

#include <ftw.h>
#include <stdio.h>

char *temp_folder_new(void)
{
  g_autoptr(GError) error = NULL;
  char *path = g_dir_make_tmp("switchyard-test-XXXXXX", &error);

  if (!path)
    g_error("%s", error->message);
  return path;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
  (void)info;
  (void)type;
  (void)place;
  return remove(path);
}

void temp_folder_remove(char *path)
{
  enum { OPEN_FOLDERS = 8 };

  if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
    g_error("%s cannot be removed", path);
  g_free(path);
}
