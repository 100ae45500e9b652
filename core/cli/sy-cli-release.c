/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The file that inspect and upgrade are given. */

#include "sy-cli.h"

#include "sy-library.h"

SyRelease *sy_cli_open_release(const SyCliOptions *options)
{
  g_autoptr(GFile) file = g_file_new_for_commandline_arg(options->file);
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  g_autoptr(GError) error = NULL;
  SyRelease *release = sy_release_load(file, NULL, &error);

  if (release)
    sy_library_add_release(library, release);
  else
    sy_cli_fail(options, SY_EXIT_REFUSED, error->message);
  return release;
}
