/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX: a whole text, or a file, in which nothing may be wrong.
 */

#include "sy-hex.h"

#include <glib/gi18n-lib.h>

#include "sy-hex-private.h"
#include "sy-text-private.h"

G_DEFINE_QUARK(sy - hex - error - quark, sy_hex_error)

gboolean sy_hex_check_length(guint64 length, GError **error)
{
  if (length <= SY_HEX_TEXT_MAX)
    return TRUE;
  g_set_error(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT,
              _("The file is larger than %u MB, more than this program takes."),
              SY_HEX_TEXT_MAX >> 20);
  return FALSE;
}

gboolean sy_text_check_problems(SyProblems *problems, GError **error)
{
  const SyProblem *problem = sy_problems_get_first_error(problems);

  if (!problem)
    return TRUE;

  g_autofree char *sentence = sy_problem_dup_sentence(problem);

  g_set_error_literal(error, SY_HEX_ERROR, problem->code, sentence);
  return FALSE;
}

SyImage *sy_hex_load(GFile *file, GCancellable *cancellable, GError **error)
{
  static const SyFileOptions options = {.format = SY_FORMAT_HEX};

  g_return_val_if_fail(G_IS_FILE(file), NULL);

  g_autoptr(SyImageFile) loaded = sy_image_file_load(file, &options, cancellable, error);

  if (!loaded || !sy_text_check_problems(sy_image_file_get_problems(loaded), error))
    return NULL;
  return sy_image_ref(sy_image_file_get_image(loaded));
}

SyImage *sy_hex_read(const char *text, gsize length, GError **error)
{
  g_return_val_if_fail(text || length == 0, NULL);

  SyTextReader *reader = sy_text_reader_new(SY_FORMAT_HEX, length);
  g_auto(SyText) read = {NULL, NULL, NULL};

  sy_text_reader_feed(reader, text, length);
  if (!sy_text_reader_end(reader, &read, error) || !sy_text_check_problems(read.problems, error))
    return NULL;
  return g_steal_pointer(&read.image);
}
