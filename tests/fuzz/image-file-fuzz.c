/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for opening a file whose kind nobody told: with any input it must be opened, or an
 * address be asked for; with an address it must be opened. A release of it must hold an error when
 * its text does.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "sy-image-file-private.h"
#include "sy-release.h"
#include "text-check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SyImageFile *open_bytes(const uint8_t *data, size_t size, const SyFileOptions *options,
                               GError **error)
{
  g_autoptr(GFile) nowhere = g_file_new_for_path("/nowhere/fuzz.hex");
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(data, (gssize)size, NULL);

  return sy_image_file_read(nowhere, stream, size, options, NULL, error);
}

static void check_file(SyImageFile *file, size_t size)
{
  SyProblems *problems = sy_image_file_get_problems(file);
  guint n_lines = sy_image_file_get_n_lines(file);
  gboolean is_text = sy_image_file_get_format(file) != SY_FORMAT_BINARY;
  g_autoptr(SyRelease) release = sy_release_new_from_file(file);
  g_autofree char *line = sy_image_file_dup_line(file, 1, NULL);

  g_assert_null(line);
  g_assert_cmpuint(sy_image_file_get_length(file), ==, size);
  text_check_problems(problems, n_lines);
  text_check_lines(sy_image_file_get_image(file), n_lines, is_text);
  if (sy_problems_count(problems, SY_SEVERITY_ERROR) > 0)
    g_assert_nonnull(sy_release_get_error(release));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const SyFileOptions with_addr = {SY_FORMAT_AUTO, TRUE, 0x2000};
  static const SyFileOptions raw = {SY_FORMAT_BINARY, TRUE, 0x0fffffff};
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImageFile) told = open_bytes(data, size, NULL, &error);
  g_autoptr(SyImageFile) placed = open_bytes(data, size, &with_addr, NULL);
  g_autoptr(SyImageFile) bytes = open_bytes(data, size, &raw, NULL);

  if (told)
    check_file(told, size);
  else
    g_assert_error(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS);
  g_assert_nonnull(placed);
  g_assert_true(told != NULL || sy_image_file_get_format(placed) == SY_FORMAT_BINARY);
  check_file(placed, size);
  g_assert_nonnull(bytes);
  check_file(bytes, size);
  g_assert_cmpuint(sy_image_get_size(sy_image_file_get_image(bytes)), ==, size);
  return 0;
}
