/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Images to files, whole or not at all: a draft beside the file takes its name when all is on the
 * disk.
 *
 * GIO has g_file_replace for this, but writes into the old file itself when that is a symbolic
 * link, has another hard link or lies in a folder that takes no new files, and into the final name
 * when there was none; a cancel or a full disk in the middle would spoil it.
 */

#define _GNU_SOURCE /* renameat2 */
#include "sy-convert.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sy-image-private.h"
#include "sy-text-sink.h"

enum {
  PER_LINE_DEFAULT = 16,
  PER_LINE_MAX = 250, /* an S3 record with more would not fit its length byte */
};

typedef struct {
  char *path; /* of the file itself, where a symbolic link leads */
  char *name; /* for people */
  gboolean exists;
  struct stat before; /* when it exists */
  char *draft_path;
  int draft; /* -1: there is none */
  GCancellable *cancellable;
} Target;

static void target_clear(Target *target)
{
  if (target->draft >= 0)
    close(target->draft);
  g_free(target->path);
  g_free(target->name);
  g_free(target->draft_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Target, target_clear)

static gboolean fail_errno(const Target *target, int code, GError **error)
{
  g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), _("“%s” cannot be saved: %s."),
              target->name, g_strerror(code));
  return FALSE;
}

static gboolean fail_exists(const Target *target, GError **error)
{
  g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("“%s” is there already. It is as it was."),
              target->name);
  return FALSE;
}

/* Finds out what stands in the file's place. Nothing but a plain file that may be written gives way
 * to another. */
static gboolean target_find(Target *target, GFile *file, gboolean replace, GError **error)
{
  g_autofree char *given = g_file_get_path(file);
  struct stat info;
  char *real;

  target->name = g_file_get_basename(file);
  if (!given) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                _("“%s” cannot be saved there. Choose a folder of this computer."), target->name);
    return FALSE;
  }
  if (g_lstat(given, &info) != 0) {
    target->path = g_strdup(given);
    return errno == ENOENT || fail_errno(target, errno, error);
  }
  if (!replace)
    return fail_exists(target, error);
  real = realpath(given, NULL);
  if (!real || g_stat(real, &target->before) != 0) {
    int code = errno;

    free(real);
    return fail_errno(target, code, error);
  }
  target->path = g_strdup(real);
  free(real);
  target->exists = TRUE;
  if (S_ISDIR(target->before.st_mode))
    return fail_errno(target, EISDIR, error);
  if (!S_ISREG(target->before.st_mode)) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                _("“%s” is no plain file, so it is not written over."), target->name);
    return FALSE;
  }
  return faccessat(AT_FDCWD, target->path, W_OK, AT_EACCESS) == 0 ||
         fail_errno(target, errno, error);
}

/* The draft gets what the file before it had; a new file what the person's settings say. */
static gboolean target_open_draft(Target *target, GError **error)
{
  enum { NEW_FILE_MODE = 0666, PERMISSIONS = 0777 };
  g_autofree char *folder = g_path_get_dirname(target->path);

  target->draft_path = g_build_filename(folder, ".switchyard-XXXXXX", NULL);
  target->draft = g_mkstemp_full(target->draft_path, O_WRONLY | O_CLOEXEC, NEW_FILE_MODE);
  if (target->draft < 0)
    return fail_errno(target, errno, error);
  if (!target->exists)
    return TRUE;
  /* Somebody else's file becomes ours where we may not give it away. */
  if (fchown(target->draft, target->before.st_uid, target->before.st_gid) != 0)
    g_debug("save: the owner is not kept: %s", g_strerror(errno));
  if (fchmod(target->draft, target->before.st_mode & PERMISSIONS) != 0)
    g_debug("save: the permissions are not kept: %s", g_strerror(errno));
  return TRUE;
}

static gboolean write_draft(const void *bytes, gsize length, gpointer user_data, GError **error)
{
  Target *target = user_data;

  for (gsize done = 0; done < length;) {
    gssize wrote;

    if (g_cancellable_set_error_if_cancelled(target->cancellable, error))
      return FALSE;
    wrote = write(target->draft, (const char *)bytes + done, length - done);
    if (wrote < 0 && errno != EINTR)
      return fail_errno(target, errno, error);
    done += wrote > 0 ? (gsize)wrote : 0;
  }
  return TRUE;
}

/* A file that came to be in the meantime is not replaced unasked. Old file systems know renames
 * only that replace, but have links. */
static gboolean rename_to_nothing(const char *from, const char *to)
{
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (link(from, to) != 0)
    return FALSE;
  (void)g_unlink(from);
  return TRUE;
}

static gboolean target_finish(Target *target, GError **error)
{
  int draft = target->draft;
  gboolean renamed;

  if (fsync(draft) != 0)
    return fail_errno(target, errno, error);
  target->draft = -1;
  if (close(draft) != 0)
    return fail_errno(target, errno, error);
  if (g_cancellable_set_error_if_cancelled(target->cancellable, error))
    return FALSE;
  renamed = target->exists ? g_rename(target->draft_path, target->path) == 0
                           : rename_to_nothing(target->draft_path, target->path);
  if (renamed)
    return TRUE;
  return errno == EEXIST ? fail_exists(target, error) : fail_errno(target, errno, error);
}

/* From the first byte to the last; there are some. */
static SyRange get_extent(SyImage *image)
{
  const SyRange everywhere = {0, SY_IMAGE_ADDR_END};
  SyRange extent = {0, 0};

  (void)sy_image_find_extent(image, &everywhere, &extent);
  return extent;
}

static gboolean write_raw(SyImage *image, guint8 fill, Target *target, GError **error)
{
  SyRange extent = get_extent(image);
  g_autofree guint8 *piece = g_malloc(SY_TEXT_PIECE_SIZE);

  for (guint64 done = 0; done < extent.length;) {
    guint32 length = (guint32)MIN(extent.length - done, SY_TEXT_PIECE_SIZE);

    sy_image_copy(image, (guint32)(extent.addr + done), length, fill, piece);
    if (!write_draft(piece, length, target, error))
      return FALSE;
    done += length;
  }
  return TRUE;
}

static gboolean write_image(SyImage *image, const SySaveOptions *options, Target *target,
                            GError **error)
{
  guint per_line = options->per_line ? options->per_line : PER_LINE_DEFAULT;
  g_autoptr(GString) text = g_string_sized_new(SY_TEXT_PIECE_SIZE);
  SyTextSink sink = {text, write_draft, target};

  if (options->format == SY_FORMAT_BINARY)
    return write_raw(image, options->fill, target, error);
  if (options->format == SY_FORMAT_SREC)
    return sy_srec_write_to(image, per_line, &sink, error);
  return sy_hex_write_to(image, per_line, &sink, error);
}

/* Whether this can be saved at all, wherever. */
static gboolean check(SyImage *image, const SySaveOptions *options, GError **error)
{
  if (sy_image_get_size(image) == 0) {
    g_set_error_literal(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_EMPTY,
                        _("There is not one byte to save."));
    return FALSE;
  }
  if (options->format == SY_FORMAT_BINARY && get_extent(image).length > SY_SAVE_BINARY_MAX) {
    g_set_error(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE,
                _("With its gaps filled the file would be larger than %u MB. Save less of it, or "
                  "as Intel HEX."),
                SY_SAVE_BINARY_MAX >> 20);
    return FALSE;
  }
  return TRUE;
}

gboolean sy_image_save(SyImage *image, GFile *file, const SySaveOptions *options,
                       GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail(image && file && options, FALSE);
  g_return_val_if_fail(options->format != SY_FORMAT_AUTO, FALSE);
  g_return_val_if_fail(options->per_line <= PER_LINE_MAX, FALSE);

  g_auto(Target) target = {.draft = -1, .cancellable = cancellable};

  if (g_cancellable_set_error_if_cancelled(cancellable, error) || !check(image, options, error) ||
      !target_find(&target, file, options->replace, error) || !target_open_draft(&target, error))
    return FALSE;
  if (write_image(image, options, &target, error) && target_finish(&target, error))
    return TRUE;
  (void)g_unlink(target.draft_path);
  return FALSE;
}
