/* SPDX-License-Identifier: GPL-3.0-or-later */

/* convert: files put together, taken apart, filled, and saved as another format. */

#include "sy-cli.h"

#include "sy-address.h"
#include "sy-convert.h"
#include "sy-part.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

enum { ERASED = 0xff, PER_LINE_MAX = 250 };

/* The options, understood. */
typedef struct {
  const SyCliOptions *options;
  GCancellable *cancellable;
  SySaveOptions saving;
  SySplit split; /* when there is a --split */
  gboolean only_range;
  SyRange only;
  guint only_segment; /* from 1; 0: none is named */
  gboolean fill_range;
  SyRange fill;
} Plan;

/* A file to be written, and what was. */
typedef struct {
  char *path;
  SyImage *image;
  SyDigest digest; /* of the file, when it is told */
} Output;

static void output_clear(gpointer data)
{
  Output *part = data;

  g_free(part->path);
  sy_image_unref(part->image);
}

/* ---- Understanding ---- */

/* "segment N" or "segment:N". */
static gboolean parse_segment(const char *text, guint *number)
{
  static const char word[] = "segment";
  guint64 value;

  if (g_ascii_strncasecmp(text, word, strlen(word)) != 0)
    return FALSE;
  text += strlen(word);
  if (*text != ' ' && *text != ':')
    return FALSE;
  if (!g_ascii_string_to_unsigned(text + 1, 10, 1, G_MAXUINT32, &value, NULL))
    return FALSE;
  *number = (guint)value;
  return TRUE;
}

static gboolean parse_fill(const char *text, guint8 *fill)
{
  guint32 value;

  if (!sy_address_parse(text, &value, NULL) || value > G_MAXUINT8)
    return FALSE;
  *fill = (guint8)value;
  return TRUE;
}

static gboolean plan_saving(Plan *plan)
{
  const SyCliOptions *options = plan->options;
  SySaveOptions *saving = &plan->saving;

  *saving = (SySaveOptions){.fill = ERASED, .replace = options->force};
  if (!options->output || options->output[0] == '\0')
    sy_cli_complain(options, _("convert needs --output: which file is to be written?"));
  else if (options->to && !sy_cli_parse_format(options->to, &saving->format))
    sy_cli_complain(options, _("“%s” is no format: hex, srec or bin"), options->to);
  else if (!options->to &&
           (saving->format = sy_cli_guess_format(options->output)) == SY_FORMAT_AUTO)
    sy_cli_complain(options, _("The name “%s” does not tell the format: add --to"),
                    options->output);
  else if (options->per_line < 0 || options->per_line > PER_LINE_MAX)
    sy_cli_complain(options, _("--per-line must be from 1 to %d"), PER_LINE_MAX);
  else if (options->fill && !parse_fill(options->fill, &saving->fill))
    sy_cli_complain(options, _("“%s” is no byte: two hexadecimal digits"), options->fill);
  else
    return TRUE;
  return FALSE;
}

static gboolean plan_parts(Plan *plan)
{
  const SyCliOptions *options = plan->options;
  const char *split = options->split;

  plan->saving.per_line = (guint)options->per_line;
  plan->split = g_strcmp0(split, "segments") == 0 ? SY_SPLIT_SEGMENTS : SY_SPLIT_BANKS;
  plan->fill_range = options->range != NULL;
  if (options->only && !parse_segment(options->only, &plan->only_segment))
    plan->only_range = sy_range_parse(options->only, 0, &plan->only, NULL);
  if (options->only && !plan->only_range && plan->only_segment == 0)
    sy_cli_complain(options, _("“%s” is no part: LOW, HIGH, \"segment N\" or ADDR:LENGTH"),
                    options->only);
  else if (split && plan->split == SY_SPLIT_BANKS && !g_str_equal(split, "banks"))
    sy_cli_complain(options, _("Files can be split into segments or banks, not into “%s”"), split);
  else if (options->range && !options->fill)
    sy_cli_complain(options, _("--range says where to fill, but there is no --fill"));
  else
    return !options->range || sy_cli_parse_range(options, options->range, 0, &plan->fill);
  return FALSE;
}

/* ---- From files to one image ---- */

static SyExit refuse(const Plan *plan, const char *name, const char *message)
{
  g_autofree char *text = name ? g_strdup_printf("%s: %s", name, message) : g_strdup(message);

  return sy_cli_fail(plan->options, SY_EXIT_REFUSED, text);
}

/* A damaged file would be saved as if it were whole, with nothing left that tells. */
static gboolean add_file(const Plan *plan, const char *name, SyImage **all, SyExit *code)
{
  g_autoptr(SyImageFile) file = sy_cli_load_file(plan->options, name, code);
  g_autoptr(SyImage) before = g_steal_pointer(all);
  g_autoptr(GError) error = NULL;
  const SyProblem *first;

  if (!file)
    return FALSE;
  first = sy_problems_get_first_error(sy_image_file_get_problems(file));
  if (first) {
    g_autofree char *sentence = sy_problem_dup_sentence(first);
    g_autofree char *message = g_strdup_printf(_("%s Nothing was written."), sentence);

    *code = refuse(plan, name, message);
    return FALSE;
  }
  if (!before) {
    *all = sy_image_ref(sy_image_file_get_image(file));
    return TRUE;
  }
  *all = sy_image_merge((SyImage *[]){before, sy_image_file_get_image(file)}, 2, &error);
  if (!*all)
    *code = refuse(plan, name, error->message);
  return *all != NULL;
}

/* Two halves that are no release together are found out here, not at the substation. Images that
 * hold no program are none of its business. */
static void warn_of_findings(const Plan *plan, SyImage *image)
{
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  if (!sy_release_get_program(release, WIRE_BANK_LOW) &&
      !sy_release_get_program(release, WIRE_BANK_HIGH))
    return;
  for (guint i = 0; i < sy_release_get_n_findings(release); i++)
    if (sy_release_get_finding(release, i)->severity != SY_SEVERITY_OK)
      sy_cli_warn(plan->options, sy_release_get_finding(release, i)->text);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    for (guint i = 0; program && i < SY_CHECK_COUNT; i++) {
      g_autofree char *text =
          g_strdup_printf("%s: %s", sy_bank_to_string(bank), program->findings[i].text);

      if (program->findings[i].severity != SY_SEVERITY_OK)
        sy_cli_warn(plan->options, text);
    }
  }
}

static gboolean keep_only(const Plan *plan, SyImage **image, SyExit *code)
{
  g_autoptr(SyImage) all = NULL;
  SyRange only = plan->only;

  if (plan->only_segment > sy_image_get_n_segments(*image)) {
    g_autofree char *message = g_strdup_printf(_("There is no segment %u. There are %u."),
                                               plan->only_segment, sy_image_get_n_segments(*image));

    *code = refuse(plan, NULL, message);
    return FALSE;
  }
  if (plan->only_segment > 0) {
    const SySegment *segment = sy_image_get_segment(*image, plan->only_segment - 1);

    only = (SyRange){segment->addr, segment->length};
  }
  all = g_steal_pointer(image);
  *image = sy_image_extract(all, &only, 1);
  return TRUE;
}

static gboolean fill(const Plan *plan, SyImage **image, SyExit *code)
{
  g_autoptr(SyImage) apart = g_steal_pointer(image);
  g_autoptr(GError) error = NULL;
  const SyRange everywhere = {0, G_GUINT64_CONSTANT(1) << 32};
  SyRange range = plan->fill;

  if (!plan->fill_range && !sy_image_find_extent(apart, &everywhere, &range))
    range = (SyRange){0, 0};
  *image = sy_image_fill(apart, &range, plan->saving.fill, &error);
  if (!*image)
    *code = refuse(plan, NULL, error->message);
  return *image != NULL;
}

/* Everything that was asked for, in one image. */
static SyImage *make_image(const Plan *plan, SyExit *code)
{
  const SyCliOptions *options = plan->options;
  g_autoptr(SyImage) image = NULL;

  for (guint i = 0; i < options->n_files; i++)
    if (!add_file(plan, options->files[i], &image, code))
      return NULL;
  if (options->n_files > 1)
    warn_of_findings(plan, image);
  if (options->only && !keep_only(plan, &image, code))
    return NULL;
  /* Raw bytes have every gap filled as they are written. */
  if (options->fill && (plan->fill_range || plan->saving.format != SY_FORMAT_BINARY) &&
      !fill(plan, &image, code))
    return NULL;
  return g_steal_pointer(&image);
}

/* ---- From one image to files ---- */

/* "out.hex" and "low" make "out-low.hex". */
static char *name_part(const char *output, const char *part)
{
  g_autofree char *base = g_path_get_basename(output);
  const char *dot = strrchr(base, '.');
  gsize suffix = dot && dot != base ? strlen(dot) : 0;
  gsize stem = strlen(output) - suffix;

  return g_strdup_printf("%.*s-%s%s", (int)stem, output, part, output + stem);
}

static void add_part(GArray *parts, SyImage *image, const SyRange *range, char *path)
{
  Output part = {.path = path, .image = sy_image_extract(image, range, 1)};

  g_array_append_val(parts, part);
}

/* What is outside both banks is in neither file, and that is said. */
static void warn_of_rest(const Plan *plan, guint64 outside)
{
  g_autofree char *text =
      g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%lu byte outside both banks is left out.",
                                  "%lu bytes outside both banks are left out.", (gulong)outside),
                      (gulong)outside);

  if (outside > 0)
    sy_cli_warn(plan->options, text);
}

/* Banks go by their names, segments by their numbers, as inspect and --only have them. */
static gboolean split(const Plan *plan, SyImage *image, GArray *parts, SyExit *code)
{
  g_autoptr(GArray) split = sy_image_split(image, plan->split);
  guint64 outside = sy_image_get_size(image);

  if (split->len > SY_PARTS_MAX) {
    g_autofree char *text =
        g_strdup_printf(_("That would be %u files, and at most %u are written."),
                        sy_image_get_n_segments(image), SY_PARTS_MAX);

    *code = refuse(plan, NULL, text);
    return FALSE;
  }
  for (guint i = 0; i < split->len; i++) {
    const SyPart *part = &g_array_index(split, SyPart, i);

    outside -= sy_image_count(image, part->range.addr, part->range.length, NULL);
    add_part(parts, image, &part->range, name_part(plan->options->output, part->name));
  }
  if (split->len > 0)
    warn_of_rest(plan, outside);
  return TRUE;
}

static gboolean make_parts(const Plan *plan, SyImage *image, GArray *parts, SyExit *code)
{
  if (plan->options->split) {
    if (!split(plan, image, parts, code))
      return FALSE;
  } else if (sy_image_get_n_segments(image) > 0) {
    Output whole = {.path = g_strdup(plan->options->output), .image = sy_image_ref(image)};

    g_array_append_val(parts, whole);
  }
  if (parts->len == 0)
    *code = refuse(plan, NULL, _("There is nothing to write: no byte lies there."));
  return parts->len > 0;
}

/* All places are looked at before the first file is written, so that not half of a set is there
 * when the rest is refused. */
static gboolean check_places(const Plan *plan, GArray *parts, SyExit *code)
{
  for (guint i = 0; i < parts->len && !plan->saving.replace; i++) {
    const char *path = g_array_index(parts, Output, i).path;

    if (g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
      *code = refuse(plan, path, _("This file is there already. Add --force to replace it."));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean write_parts(const Plan *plan, GArray *parts, SyExit *code)
{
  for (guint i = 0; i < parts->len; i++) {
    Output *part = &g_array_index(parts, Output, i);
    g_autoptr(GFile) file = g_file_new_for_path(part->path);
    g_autoptr(GError) error = NULL;

    if (!sy_image_save(part->image, file, &plan->saving, plan->cancellable, &error) ||
        (plan->options->json && !sy_digest_file(file, NULL, &part->digest, &error))) {
      g_autofree char *text = i == 0 ? g_strdup(error->message)
                                     : g_strdup_printf(_("%s %u of %u files were written before."),
                                                       error->message, i, parts->len);

      *code = refuse(plan, NULL, text);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- What was done ---- */

static char *dup_sentence(const Plan *plan, GArray *parts)
{
  const char *format = sy_format_to_string(plan->saving.format);
  gulong bytes = 0;

  for (guint i = 0; i < parts->len; i++)
    bytes += (gulong)sy_image_get_size(g_array_index(parts, Output, i).image);
  if (parts->len == 1)
    return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%lu byte was written to %s as %s.",
                                       "%lu bytes were written to %s as %s.", bytes),
                           bytes, g_array_index(parts, Output, 0).path, format);
  return g_strdup_printf(_("%lu bytes were written to %u files as %s, %s to %s."), bytes,
                         parts->len, format, g_array_index(parts, Output, 0).path,
                         g_array_index(parts, Output, parts->len - 1).path);
}

static void tell(const Plan *plan, GArray *parts)
{
  g_autofree char *sentence = dup_sentence(plan, parts);
  JsonBuilder *builder;

  if (!plan->options->json) {
    printf("%s\n", sentence);
    return;
  }
  builder = sy_cli_event_begin("result");
  sy_cli_add_string(builder, "outcome", "done");
  sy_cli_add_int(builder, "exit", SY_EXIT_DONE);
  sy_cli_add_string(builder, "text", sentence);
  json_builder_set_member_name(builder, "files");
  json_builder_begin_array(builder);
  for (guint i = 0; i < parts->len; i++) {
    const Output *part = &g_array_index(parts, Output, i);

    json_builder_begin_object(builder);
    sy_cli_add_string(builder, "path", part->path);
    sy_cli_add_string(builder, "format", sy_cli_format_key(plan->saving.format));
    sy_cli_add_int(builder, "bytes", (gint64)sy_image_get_size(part->image));
    sy_cli_add_int(builder, "file_bytes", (gint64)part->digest.length);
    sy_cli_add_digest(builder, &part->digest);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  sy_cli_event_end(builder);
}

SyExit sy_cli_convert(const SyCliOptions *options)
{
  g_autoptr(GCancellable) cancellable = NULL;
  g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Output));
  g_autoptr(SyImage) image = NULL;
  Plan plan = {.options = options};
  SyExit code = SY_EXIT_DONE;

  g_array_set_clear_func(parts, output_clear);
  if (!plan_saving(&plan) || !plan_parts(&plan))
    return SY_EXIT_USAGE;
  image = make_image(&plan, &code);
  if (!image || !make_parts(&plan, image, parts, &code) || !check_places(&plan, parts, &code))
    return code;
  /* Up to here there is nothing to clear away. */
  cancellable = sy_cli_watch_interrupts();
  plan.cancellable = cancellable;
  if (write_parts(&plan, parts, &code))
    tell(&plan, parts);
  return code;
}
