/* SPDX-License-Identifier: GPL-3.0-or-later */

/* compare: where two files differ, or a file and what a substation holds. */

#include "sy-cli.h"

#include "sy-compare.h"
#include "sy-read-back.h"
#include "sy-text.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

enum {
  LISTED_MAX = 100, /* unless all are asked for */
  SHOWN_BYTES = 8,  /* of each side */
};

static const char *kind_key(SyDiffKind kind)
{
  static const char *const keys[SY_DIFF_COUNT] = {"changed", "only-a", "only-b"};

  return keys[kind];
}

/* The first bytes of one side, NULL where it has none. */
static const guint8 *peek(SyImage *image, const SyDiff *diff, guint32 *shown)
{
  *shown = MIN(diff->length, SHOWN_BYTES);
  return sy_image_peek(image, diff->addr, *shown);
}

static void print_side(SyImage *image, const SyDiff *diff)
{
  guint32 shown;
  const guint8 *bytes = peek(image, diff, &shown);

  for (guint i = 0; i < SHOWN_BYTES; i++)
    if (bytes && i < shown)
      printf(" %02x", bytes[i]);
    else
      printf("   ");
  printf(bytes && diff->length > shown ? " …" : "  ");
}

static void print_json_side(JsonBuilder *builder, const char *key, SyImage *image,
                            const SyDiff *diff)
{
  guint32 shown;
  const guint8 *bytes = peek(image, diff, &shown);

  sy_cli_add_bytes(builder, key, bytes, shown);
}

static void print_diff(const SyCliOptions *options, SyComparison *comparison, const SyDiff *diff)
{
  static const char *const kinds[SY_DIFF_COUNT] = {N_("changed"), N_("only in A"), N_("only in B")};
  SyImage *a = sy_comparison_get_a(comparison);
  SyImage *b = sy_comparison_get_b(comparison);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("difference");

    sy_cli_add_hex(builder, "address", diff->addr);
    sy_cli_add_int(builder, "bytes", diff->length);
    sy_cli_add_string(builder, "kind", kind_key(diff->kind));
    print_json_side(builder, "a", a, diff);
    print_json_side(builder, "b", b, diff);
    sy_cli_event_end(builder);
    return;
  }
  printf("  %08x %8u  ", diff->addr, diff->length);
  print_side(a, diff);
  printf("  |");
  print_side(b, diff);
  printf("  %s\n", _(kinds[diff->kind]));
}

static void print_json_summary(SyComparison *comparison, gboolean alike)
{
  static const char *const keys[SY_DIFF_COUNT] = {"changed_bytes", "only_a_bytes", "only_b_bytes"};
  JsonBuilder *builder = sy_cli_event_begin("summary");

  sy_cli_add_bool(builder, "alike", alike);
  sy_cli_add_int(builder, "differences", (gint64)sy_comparison_get_total(comparison));
  for (SyDiffKind kind = 0; kind < SY_DIFF_COUNT; kind++)
    sy_cli_add_int(builder, keys[kind], (gint64)sy_comparison_count_bytes(comparison, kind));
  sy_cli_add_int(builder, "same_bytes", (gint64)sy_comparison_count_same(comparison));
  sy_cli_event_end(builder);
}

static void print_summary(SyComparison *comparison, gboolean whole)
{
  gulong same = (gulong)sy_comparison_count_same(comparison);
  gulong total = (gulong)sy_comparison_get_total(comparison);

  if (total == 0 && whole) {
    printf(g_dngettext(GETTEXT_PACKAGE, "Alike: %lu byte.", "Alike: %lu bytes.", same), same);
  } else if (total == 0) {
    printf("%s", _("What could be read is alike."));
  } else {
    printf(g_dngettext(GETTEXT_PACKAGE, "%lu difference", "%lu differences", total), total);
    printf(_(": %lu bytes changed, %lu only in A, %lu only in B; %lu are alike."),
           (gulong)sy_comparison_count_bytes(comparison, SY_DIFF_CHANGED),
           (gulong)sy_comparison_count_bytes(comparison, SY_DIFF_ONLY_A),
           (gulong)sy_comparison_count_bytes(comparison, SY_DIFF_ONLY_B), same);
  }
  printf("\n");
}

static SyExit tell(const SyCliOptions *options, SyComparison *comparison, gboolean whole)
{
  guint kept = sy_comparison_get_n(comparison);
  guint listed = options->all ? kept : MIN(kept, LISTED_MAX);
  guint64 total = sy_comparison_get_total(comparison);

  for (guint i = 0; i < listed; i++)
    print_diff(options, comparison, sy_comparison_get(comparison, i));
  if (options->json) {
    print_json_summary(comparison, total == 0 && whole);
  } else {
    if (total > listed) {
      gulong more = (gulong)(total - listed);

      printf(g_dngettext(GETTEXT_PACKAGE, "    and %lu more\n", "    and %lu more\n", more), more);
    }
    print_summary(comparison, whole);
  }
  return total == 0 && whole ? SY_EXIT_DONE : SY_EXIT_REFUSED;
}

/* A file that cannot be read to its end cannot be found alike, but what there is may be looked at.
 */
static gboolean warn_of_errors(const SyCliOptions *options, const char *name, SyImageFile *file)
{
  const SyProblem *first = sy_problems_get_first_error(sy_image_file_get_problems(file));
  g_autofree char *sentence = first ? sy_problem_dup_sentence(first) : NULL;
  g_autofree char *message = first ? g_strdup_printf(_("%s is damaged: %s"), name, sentence) : NULL;

  if (first)
    sy_cli_warn(options, message);
  return first != NULL;
}

static SyExit compare_files(const SyCliOptions *options, SyImageFile *a, const SyRange *within,
                            gboolean damaged)
{
  SyExit code;
  g_autoptr(SyImageFile) b = sy_cli_load_file(options, options->files[1], &code);
  g_autoptr(SyComparison) comparison = NULL;

  if (!b)
    return code;
  damaged = warn_of_errors(options, options->files[1], b) || damaged;
  comparison = sy_comparison_new(sy_image_file_get_image(a), sy_image_file_get_image(b), within,
                                 within ? 1 : 0);
  return tell(options, comparison, !damaged);
}

/* What of the file nobody can read back is no difference, but said. */
static void tell_left_out(const SyCliOptions *options, guint64 left_out)
{
  g_autofree char *text = NULL;

  if (left_out == 0)
    return;
  text = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "%lu byte of the file was not compared: it cannot be read back.",
                  "%lu bytes of the file were not compared: they cannot be read back.",
                  (gulong)left_out),
      (gulong)left_out);
  sy_cli_warn(options, text);
}

static SyExit compare_substation(const SyCliOptions *options, SyImageFile *file,
                                 const SyRange *within, gboolean damaged)
{
  SyImage *image = sy_image_file_get_image(file);
  g_autoptr(GArray) ranges = sy_read_back_find_ranges(image, within);
  const SyRange *parts = (const SyRange *)(gpointer)ranges->data;
  g_autoptr(SyImage) read = NULL;
  g_autoptr(SyComparison) comparison = NULL;
  g_autofree char *sentence = NULL;
  SyResult result;
  SyExit code;

  if (ranges->len == 0)
    return sy_cli_fail(options, SY_EXIT_REFUSED,
                       _("Nothing of the file lies where a substation's flash can be read back, "
                         "0x40 to 0x1DFFF."));
  read = sy_cli_read_back(options, parts, ranges->len, &result, &code);
  if (!read)
    return code;
  comparison = sy_comparison_new(image, read, parts, ranges->len);
  sentence = sy_result_dup_sentence(SY_JOB_READ, &result);
  sy_cli_print_result(options, sy_cli_outcome_key(result.outcome), SY_EXIT_DONE, &result, sentence);
  tell_left_out(options, within ? sy_image_count(image, within->addr, within->length, NULL) -
                                      sy_image_get_size(read)
                                : sy_image_get_size(image) - sy_image_get_size(read));
  return tell(options, comparison, !damaged);
}

SyExit sy_cli_compare(const SyCliOptions *options)
{
  SyRange range;
  const SyRange *within = options->within ? &range : NULL;
  g_autoptr(SyImageFile) a = NULL;
  gboolean damaged;
  SyExit code;

  if (options->n_files != (options->port ? 1 : 2))
    return sy_cli_complain(options,
                           _("compare needs two files, or one and --port with a substation"));
  if (within && !sy_cli_parse_range(options, options->within, 0, &range))
    return SY_EXIT_USAGE;
  a = sy_cli_load_file(options, options->files[0], &code);
  if (!a)
    return code;
  damaged = warn_of_errors(options, options->files[0], a);
  return options->port ? compare_substation(options, a, within, damaged)
                       : compare_files(options, a, within, damaged);
}
