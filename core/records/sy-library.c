/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLibrary: a file for each program, named by bank, length and CRC, nothing in it but the program.
 * When it was used last is the file's own time, so there is no index that could be wrong.
 */

#include "sy-library.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _SyLibrary {
  char *folder;
};

typedef struct {
  char *path;
  gint64 used_us; /* as g_get_real_time() */
} Kept;

SyLibrary *sy_library_new(const char *folder)
{
  SyLibrary *self = g_new0(SyLibrary, 1);

  self->folder = folder ? g_strdup(folder)
                        : g_build_filename(g_get_user_data_dir(), "switchyard", "images", NULL);
  return self;
}

void sy_library_free(SyLibrary *self)
{
  g_return_if_fail(self);
  g_free(self->folder);
  g_free(self);
}

/* ---- One program ---- */

static char *dup_path(SyLibrary *self, WireBank bank, guint32 length, guint32 crc)
{
  g_autofree char *name =
      g_strdup_printf("%s-%u-%08x.bin", bank == WIRE_BANK_LOW ? "low" : "high", length, crc);

  return g_build_filename(self->folder, name, NULL);
}

/* Opens a plain file of just this length; anything else that may lie there is neither followed nor
 * waited for. -1 when there is none. */
static int open_plain(const char *path, guint32 length)
{
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat info;

  if (fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (guint64)info.st_size == length))
    return fd;
  close(fd);
  return -1;
}

/* The file may have been cut since its length was asked. */
static gboolean read_all(int fd, guint8 *bytes, gsize length)
{
  for (gsize got = 0; got < length;) {
    gssize count = read(fd, bytes + got, length - got);

    if (count == 0 || (count < 0 && errno != EINTR))
      return FALSE;
    got += (gsize)MAX(count, 0);
  }
  return TRUE;
}

/* Whether the bytes are the program that their file's name says. */
static gboolean is_program(const guint8 *image, WireBank bank, guint32 length, guint32 crc)
{
  return wire_image_is_sealed(image, bank) && wire_image_get_length(image) == length &&
         wire_image_get_crc(image) == crc && wire_image_crc(image, image, length) == crc;
}

GBytes *sy_library_find(SyLibrary *self, WireBank bank, guint32 length, guint32 crc)
{
  const WireBankMap *map = wire_bank_map(bank);
  g_autofree char *path = NULL;
  g_autofree guint8 *image = NULL;
  gboolean good;
  int fd;

  g_return_val_if_fail(self, NULL);
  if (!map || length < WIRE_IMAGE_LENGTH_MIN || length > map->size)
    return NULL;
  path = dup_path(self, bank, length, crc);
  fd = open_plain(path, length);
  if (fd < 0)
    return NULL;
  image = g_malloc(length);
  good = read_all(fd, image, length) && is_program(image, bank, length, crc);
  if (good)
    (void)futimens(fd, NULL); /* used now */
  else
    g_debug("library: %s is damaged", path);
  close(fd);
  return good ? g_bytes_new_take(g_steal_pointer(&image), length) : NULL;
}

/* By a draft and a rename, so that nobody meets half a file. GLib's own way to do that waits for
 * the disk, four times a release; here what a power cut leaves is noticed when it is looked up. */
static void write_program(const char *path, GBytes *program)
{
  g_autofree char *draft = g_strdup_printf("%s.%08x", path, g_random_int());
  g_autoptr(GError) error = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data(program, &length);

  if (!g_file_set_contents_full(draft, bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600,
                                &error))
    g_debug("library: %s", error->message);
  else if (g_rename(draft, path) == 0)
    return;
  g_unlink(draft);
}

static void keep_program(SyLibrary *self, const SyProgram *program)
{
  guint32 crc = program->header.crc;
  g_autofree char *path = dup_path(self, program->bank, program->length, crc);
  g_autoptr(GBytes) kept = sy_library_find(self, program->bank, program->length, crc);

  if (kept && g_bytes_equal(kept, program->bytes))
    return;
  (void)g_mkdir_with_parents(self->folder, 0700); /* or the next line says why */
  write_program(path, program->bytes);
}

/* ---- All of them ---- */

static void clear_kept(gpointer kept)
{
  g_free(((Kept *)kept)->path);
}

static gint compare_use(gconstpointer a, gconstpointer b)
{
  gint64 a_us = ((const Kept *)a)->used_us, b_us = ((const Kept *)b)->used_us;

  return (a_us > b_us) - (a_us < b_us);
}

/* A draft too: one that a crash left goes in its time, like a program that nobody uses. */
static gboolean is_our_name(const char *name)
{
  return g_regex_match_simple("^(low|high)-[0-9]+-[0-9a-f]{8}\\.bin(\\.[0-9a-f]{8})?\\z", name,
                              G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);
}

/* The files that are ours. What else lies in the folder is somebody's, and not counted. */
static GArray *list_kept(SyLibrary *self)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Kept));
  g_autoptr(GDir) folder = g_dir_open(self->folder, 0, NULL);
  const char *name;

  g_array_set_clear_func(list, clear_kept);
  while (folder && (name = g_dir_read_name(folder))) {
    g_autofree char *path = g_build_filename(self->folder, name, NULL);
    GStatBuf info;

    if (is_our_name(name) && g_lstat(path, &info) == 0 && S_ISREG(info.st_mode)) {
      Kept kept = {
          .path = g_steal_pointer(&path),
          .used_us = info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000,
      };

      g_array_append_val(list, kept);
    }
  }
  return list;
}

static void forget_oldest(SyLibrary *self)
{
  g_autoptr(GArray) list = list_kept(self);
  gint64 future_us = g_get_real_time() + G_TIME_SPAN_HOUR;

  /* The clock went wrong and was put right since: that must not keep a file for ever, and newer
   * ones out. The hour is for file servers, whose clock is another. */
  for (guint i = 0; i < list->len; i++) {
    Kept *kept = &g_array_index(list, Kept, i);

    if (kept->used_us > future_us)
      kept->used_us = 0;
  }
  g_array_sort(list, compare_use);
  for (guint i = 0; i + SY_LIBRARY_MAX < list->len; i++)
    g_unlink(g_array_index(list, Kept, i).path);
}

void sy_library_add_release(SyLibrary *self, SyRelease *release)
{
  g_return_if_fail(self && release);

  if (sy_release_get_error(release))
    return;
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    if (program && program->usable)
      keep_program(self, program);
  }
  forget_oldest(self);
}
