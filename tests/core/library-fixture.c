/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A library in a folder of its own, and a look behind it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "library-fixture.h"
#include "temp-folder.h"

char *library_home;
char *library_folder;

int library_set_up(void **state)
{
  (void)state;
  library_home = temp_folder_new();
  library_folder = g_build_filename(library_home, "kept", "images", NULL);
  return 0;
}

int library_tear_down(void **state)
{
  (void)state;
  g_clear_pointer(&library_folder, g_free);
  g_clear_pointer(&library_home, temp_folder_remove);
  return 0;
}

SyRelease *library_release_new(guint32 version)
{
  g_autoptr(SyImage) image = release_build_both(version, RELEASE_LENGTH);

  return sy_release_new(image, NULL);
}

SyRelease *library_half_new(WireBank bank, guint32 version)
{
  g_autofree guint8 *program = release_build_program(bank, version, RELEASE_LENGTH);

  return release_of(bank, program, RELEASE_LENGTH);
}

guint32 library_crc_of(SyRelease *release, WireBank bank)
{
  return sy_release_get_program(release, bank)->header.crc;
}

void library_add(SyRelease *release)
{
  g_autoptr(SyLibrary) library = sy_library_new(library_folder);

  sy_library_add_release(library, release);
}

GBytes *library_find(WireBank bank, guint32 length, guint32 crc)
{
  g_autoptr(SyLibrary) library = sy_library_new(library_folder);

  return sy_library_find(library, bank, length, crc);
}

gboolean library_is_found(SyRelease *release, WireBank bank)
{
  const SyProgram *program = sy_release_get_program(release, bank);
  g_autoptr(GBytes) found = library_find(bank, program->length, program->header.crc);

  if (found)
    assert_true(g_bytes_equal(found, program->bytes));
  return found != NULL;
}

static char *path_for(WireBank bank, guint32 length, guint32 crc)
{
  g_autofree char *name =
      g_strdup_printf("%s-%u-%08x.bin", bank == WIRE_BANK_LOW ? "low" : "high", length, crc);

  return g_build_filename(library_folder, name, NULL);
}

char *library_path_of(SyRelease *release, WireBank bank)
{
  return path_for(bank, RELEASE_LENGTH, library_crc_of(release, bank));
}

void library_put(const char *path, gconstpointer bytes, gsize length)
{
  assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

void library_plant(WireBank bank, guint32 length, guint32 crc, gconstpointer bytes)
{
  g_autofree char *path = path_for(bank, length, crc);

  assert_int_equal(g_mkdir_with_parents(library_folder, 0700), 0);
  library_put(path, bytes, length);
}

guint library_count_files(void)
{
  g_autoptr(GDir) dir = g_dir_open(library_folder, 0, NULL);
  guint count = 0;

  while (dir && g_dir_read_name(dir))
    count++;
  return count;
}

GStatBuf library_stat(const char *path)
{
  GStatBuf info;

  assert_int_equal(g_lstat(path, &info), 0);
  return info;
}

void library_set_used(SyRelease *release, WireBank bank, int seconds_ago)
{
  g_autofree char *path = library_path_of(release, bank);
  time_t then = time(NULL) - seconds_ago;
  const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};

  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}
