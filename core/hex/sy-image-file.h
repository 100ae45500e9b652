/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImageFile: a file that was opened to be looked at, however broken: its image, as far as it can
 * be understood, and all that is odd or wrong with it. Intel HEX, Motorola S-records or raw bytes.
 *
 * Immutable, reference counted, any thread. Holds the image and never the text: a line of it is
 * read again from the file when somebody asks for it.
 */

#pragma once

#include "sy-image.h"
#include "sy-problem.h"

G_BEGIN_DECLS

typedef enum {
  SY_FORMAT_AUTO, /* told by how the file begins; its name is not looked at */
  SY_FORMAT_HEX,
  SY_FORMAT_SREC,
  SY_FORMAT_BINARY, /* needs an address from a person */
} SyFormat;

/* Told once, in the thread that loads, what the beginning of a large file holds, long before all of
 * it is read. Borrowed. */
typedef void (*SyPreviewFunc)(SyImage *beginning, gpointer user_data);

typedef struct {
  SyFormat format;
  gboolean has_addr;
  guint32 addr;          /* of the first byte of raw bytes, when has_addr */
  SyPreviewFunc preview; /* NULL: nobody wants one */
  gpointer preview_data;
} SyFileOptions;

#define SY_FILE_ERROR (sy_file_error_quark())
GQuark sy_file_error_quark(void);

typedef enum {
  SY_FILE_ERROR_ADDRESS, /* raw bytes: ask where they belong, load again with has_addr */
} SyFileError;

typedef struct _SyImageFile SyImageFile;

#define SY_TYPE_IMAGE_FILE (sy_image_file_get_type())
GType sy_image_file_get_type(void);

SyImageFile *sy_image_file_ref(SyImageFile *file);
void sy_image_file_unref(SyImageFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyImageFile, sy_image_file_unref)

/* Reads a file (blocking: use a thread for a window). What is wrong inside is no error here but
 * stands among the problems. NULL with G_IO_ERROR when it cannot be read, with
 * SY_HEX_ERROR_LIMIT when it is larger than this program takes, with SY_FILE_ERROR_ADDRESS.
 * `options` may be NULL: AUTO. */
SyImageFile *sy_image_file_load(GFile *file, const SyFileOptions *options,
                                GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

SyFormat sy_image_file_get_format(SyImageFile *self); /* never AUTO */
GFile *sy_image_file_get_file(SyImageFile *self);
SyImage *sy_image_file_get_image(SyImageFile *self);
SyProblems *sy_image_file_get_problems(SyImageFile *self);
/* Bytes of the file, and lines, 0 for raw bytes. */
guint64 sy_image_file_get_length(SyImageFile *self);
guint sy_image_file_get_n_lines(SyImageFile *self);

/* The text of a line without its end, cut behind 600 bytes, made valid UTF-8; NULL with
 * G_IO_ERROR when it cannot be read, or the file has changed since. Blocking, but reads 256 KB at
 * most. Free with g_free. */
char *sy_image_file_dup_line(SyImageFile *self, guint line,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "Intel HEX", "S-record", "raw bytes"; translated. */
const char *sy_format_to_string(SyFormat format);

G_END_DECLS
