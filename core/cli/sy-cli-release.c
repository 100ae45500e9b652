/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The files that commands are given. */

#include "sy-cli.h"

#include "sy-address.h"
#include "sy-library.h"

#include <glib/gi18n-lib.h>
#include <string.h>

SyRelease *sy_cli_open_release(const SyCliOptions *options)
{
  g_autoptr(GFile) file = g_file_new_for_commandline_arg(options->files[0]);
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  g_autoptr(GError) error = NULL;
  SyRelease *release = sy_release_load(file, NULL, &error);

  if (release)
    sy_library_add_release(library, release);
  else
    sy_cli_fail(options, SY_EXIT_REFUSED, error->message);
  return release;
}

/* The half that is not written now may be the one that is next time. */
void sy_cli_warn_of_unusable_halves(SyRelease *release,
                                    void (*warn)(const char *text, gpointer data), gpointer data)
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    for (guint i = 0; program && i < SY_CHECK_COUNT; i++) {
      const SyFinding *finding = &program->findings[i];
      g_autofree char *text = NULL;

      if (finding->severity != SY_SEVERITY_ERROR)
        continue;
      text = g_strdup_printf(_("The file's %s half cannot be used. %s"), sy_bank_to_string(bank),
                             finding->text);
      warn(text, data);
    }
  }
}

gboolean sy_cli_parse_range(const SyCliOptions *options, const char *text, guint64 usual_length,
                            SyRange *range)
{
  g_autoptr(GError) error = NULL;

  if (sy_range_parse(text, usual_length, range, &error))
    return TRUE;
  sy_cli_complain(options, "%s", error->message);
  return FALSE;
}

static const char *const format_keys[] = {"auto", "hex", "srec", "bin"};

const char *sy_cli_format_key(SyFormat format)
{
  return format_keys[format];
}

gboolean sy_cli_parse_format(const char *text, SyFormat *format)
{
  for (SyFormat i = SY_FORMAT_HEX; i <= SY_FORMAT_BINARY; i++)
    if (g_ascii_strcasecmp(text, format_keys[i]) == 0) {
      *format = i;
      return TRUE;
    }
  return FALSE;
}

SyFormat sy_cli_guess_format(const char *path)
{
  static const struct {
    const char *suffix;
    SyFormat format;
  } names[] = {
      {".hex", SY_FORMAT_HEX},   {".ihex", SY_FORMAT_HEX}, {".ihx", SY_FORMAT_HEX},
      {".srec", SY_FORMAT_SREC}, {".s19", SY_FORMAT_SREC}, {".s28", SY_FORMAT_SREC},
      {".s37", SY_FORMAT_SREC},  {".mot", SY_FORMAT_SREC}, {".bin", SY_FORMAT_BINARY},
  };
  g_autofree char *lower = g_ascii_strdown(path, -1);

  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (g_str_has_suffix(lower, names[i].suffix))
      return names[i].format;
  return SY_FORMAT_AUTO;
}

static gboolean read_file_options(const SyCliOptions *options, SyFileOptions *reading)
{
  g_autoptr(GError) error = NULL;

  *reading = (SyFileOptions){SY_FORMAT_AUTO, options->address != NULL, 0};
  if (options->format && !sy_cli_parse_format(options->format, &reading->format))
    sy_cli_complain(options, _("“%s” is no format: hex, srec or bin"), options->format);
  else if (options->address && !sy_address_parse(options->address, &reading->addr, &error))
    sy_cli_complain(options, "%s", error->message);
  else if (reading->format == SY_FORMAT_BINARY && !options->address)
    sy_cli_complain(options, _("raw bytes need --address: where does the first one belong?"));
  else
    return TRUE;
  return FALSE;
}

SyImageFile *sy_cli_load_file(const SyCliOptions *options, const char *name, SyExit *code)
{
  g_autoptr(GFile) file = g_file_new_for_commandline_arg(name);
  g_autoptr(GError) error = NULL;
  SyFileOptions reading;
  SyImageFile *loaded;

  *code = SY_EXIT_USAGE;
  if (!read_file_options(options, &reading))
    return NULL;
  *code = SY_EXIT_DONE;
  loaded = sy_image_file_load(file, &reading, NULL, &error);
  if (!loaded) {
    /* With several files, which one; but GIO says so itself. */
    g_autofree char *message = options->n_files > 1 && error->domain != G_IO_ERROR
                                   ? g_strdup_printf("%s: %s", name, error->message)
                                   : g_strdup(error->message);

    g_autofree char *hint =
        g_error_matches(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS) && !options->address
            ? g_strdup_printf(_("%s Add --address ADDR."), message)
            : g_strdup(message);

    *code = sy_cli_fail(options, SY_EXIT_REFUSED, hint);
  }
  return loaded;
}
