/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A folder for one test's files.
 */

#pragma once

#include <glib.h>

/* A new folder's path; free with temp_folder_remove. */
char *temp_folder_new(void);

/* Removes the folder with all that is in it, following no link, and frees the path. */
void temp_folder_remove(char *path);
