/* SPDX-License-Identifier: GPL-3.0-or-later */

/* read: what lies in the substation's flash, as a file. */

#include "sy-cli.h"

#include "sy-convert.h"
#include "sy-read-back.h"
#include "sy-text.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>

/* What to read, or the end of the command. */
static gboolean choose_range(const SyCliOptions *options, SyRange *range, SyExit *code)
{
  *range = (SyRange){WIRE_READABLE_START, WIRE_READABLE_END - WIRE_READABLE_START};
  if (options->only && !sy_cli_parse_range(options, options->only, 0, range)) {
    *code = SY_EXIT_USAGE;
    return FALSE;
  }
  if (sy_read_back_count(range, 1) == 0) {
    *code = sy_cli_fail(options, SY_EXIT_USAGE,
                        _("Nothing of that can be read: the substation shows its flash from 0x40 "
                          "to 0x1DFFF. Below lie the loader's vectors while it runs, above the "
                          "chip's own boot block."));
    return FALSE;
  }
  return TRUE;
}

/* Asked before the substation is: nobody is to be stopped for a file that cannot be kept. */
static gboolean may_save(const SyCliOptions *options, SyExit *code)
{
  g_autofree char *folder = g_path_get_dirname(options->output);
  g_autofree char *text = NULL;

  if (g_access(folder, W_OK) != 0)
    text = g_strdup_printf(_("Nothing can be written in %s: %s. Nothing was read."), folder,
                           g_strerror(errno));
  else if (!options->force && (g_file_test(options->output, G_FILE_TEST_EXISTS) ||
                               g_file_test(options->output, G_FILE_TEST_IS_SYMLINK)))
    text = g_strdup_printf(_("%s is there already. Nothing was read. Name another file, or say "
                             "--force to replace it."),
                           options->output);
  else
    return TRUE;
  *code = sy_cli_fail(options, SY_EXIT_REFUSED, text);
  return FALSE;
}

/* What was asked for and nobody can read stays a gap, and that is said. */
static void tell_saved(const SyCliOptions *options, const SyRange *range, SyImage *image)
{
  guint64 size = sy_image_get_size(image), missing = range->length - size;

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("saved");

    sy_cli_add_string(builder, "file", options->output);
    sy_cli_add_hex(builder, "address", sy_image_get_segment(image, 0)->addr);
    sy_cli_add_int(builder, "bytes", (gint64)size);
    sy_cli_add_int(builder, "unreadable", (gint64)missing);
    sy_cli_event_end(builder);
    return;
  }
  printf(_("%s holds %u bytes from 0x%05X on."), options->output, (guint)size,
         sy_image_get_segment(image, 0)->addr);
  printf("\n");
  if (missing == 0)
    return;
  printf(g_dngettext(GETTEXT_PACKAGE,
                     "%u byte of what was asked for cannot be read back and is a gap in it.",
                     "%u bytes of what was asked for cannot be read back and are a gap in it.",
                     (gulong)missing),
         (guint)missing);
  printf("\n");
}

SyExit sy_cli_read(const SyCliOptions *options)
{
  SyExit code = SY_EXIT_DONE;
  SyRange range;
  SyResult result;
  SySaveOptions saving = {.format = SY_FORMAT_HEX, .replace = options->force};
  g_autoptr(SyImage) image = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *sentence = NULL;

  if (!options->output)
    return sy_cli_complain(options, _("read needs --output: which file is to be written?"));
  saving.format = sy_cli_guess_format(options->output);
  if (saving.format == SY_FORMAT_AUTO)
    return sy_cli_complain(
        options, _("The name “%s” does not tell the format: .hex, .srec or .bin"), options->output);
  file = g_file_new_for_path(options->output);
  if (!choose_range(options, &range, &code) || !may_save(options, &code))
    return code;
  image = sy_cli_read_back(options, &range, 1, &result, &code);
  if (!image)
    return code;
  if (!sy_image_save(image, file, &saving, NULL, &error))
    return sy_cli_fail(options, SY_EXIT_REFUSED, error->message);
  tell_saved(options, &range, image);
  sentence = sy_result_dup_sentence(SY_JOB_READ, &result);
  return sy_cli_print_result(options, sy_cli_outcome_key(result.outcome), SY_EXIT_DONE, &result,
                             sentence);
}
