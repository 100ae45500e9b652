/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ports and inspect: what can be said without a substation. */

#include "sy-cli.h"

#include "sy-library.h"
#include "sy-port-list.h"
#include "sy-vector.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

enum {
  LISTED_MAX = 100, /* lines for a person of what there may be thousands of */
  NAME_WIDTH = 5,
  RANGE_WIDTH = 19,
  BYTES_WIDTH = 16,
  RAM_ADDR = 0x40000000,
  RAM_SIZE = 0x4000, /* LPC2114 (UM10114 §2.1) */
};

SyExit sy_cli_ports(const SyCliOptions *options)
{
  g_autoptr(SyPortList) ports = sy_port_list_new();
  guint count = g_list_model_get_n_items(G_LIST_MODEL(ports));

  for (guint i = 0; i < count; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(ports), i);

    if (options->json) {
      JsonBuilder *builder = sy_cli_event_begin("port");

      sy_cli_add_string(builder, "port", sy_port_get_name(port));
      sy_cli_add_string(builder, "label", sy_port_get_label(port));
      sy_cli_add_string(builder, "stable_name", sy_port_get_stable_name(port));
      sy_cli_add_bool(builder, "virtual", sy_port_is_virtual(port));
      sy_cli_event_end(builder);
    } else {
      printf("%-16s %s\n", sy_port_get_name(port), sy_port_get_label(port));
      if (!g_str_equal(sy_port_get_stable_name(port), sy_port_get_name(port)))
        printf("%-16s %s\n", "", sy_port_get_stable_name(port));
    }
  }
  return SY_EXIT_DONE;
}

const char *sy_cli_severity_key(SySeverity severity)
{
  static const char *const keys[] = {"ok", "warning", "error"};

  return keys[severity];
}

static const char *severity_mark(SySeverity severity)
{
  static const char *const marks[] = {"✓", "!", "✗"};

  return marks[severity];
}

static const char *check_key(SyCheck check)
{
  static const char *const keys[SY_CHECK_COUNT] = {"bank", "header",  "product", "length",
                                                   "crc",  "vectors", "crp"};

  return check < SY_CHECK_COUNT ? keys[check] : "file";
}

/* ---- The file ---- */

static void print_file(const SyCliOptions *options, SyImageFile *file)
{
  SyImage *image = sy_image_file_get_image(file);
  guint lines = sy_image_file_get_n_lines(file);
  guint32 start;
  gboolean has_start = sy_image_get_start(image, &start);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("file");

    sy_cli_add_string(builder, "path", options->files[0]);
    sy_cli_add_string(builder, "format", sy_cli_format_key(sy_image_file_get_format(file)));
    sy_cli_add_int(builder, "file_bytes", (gint64)sy_image_file_get_length(file));
    sy_cli_add_int(builder, "lines", lines);
    sy_cli_add_int(builder, "bytes", (gint64)sy_image_get_size(image));
    if (has_start)
      sy_cli_add_hex(builder, "start", start);
    sy_cli_event_end(builder);
    return;
  }
  printf("%s: %s", options->files[0], sy_format_to_string(sy_image_file_get_format(file)));
  if (lines > 0)
    printf(g_dngettext(GETTEXT_PACKAGE, ", %u line", ", %u lines", lines), lines);
  printf(
      g_dngettext(GETTEXT_PACKAGE, ", %lu byte", ", %lu bytes", (gulong)sy_image_get_size(image)),
      (gulong)sy_image_get_size(image));
  if (has_start)
    printf(_(", starts at %08x"), start);
  printf("\n");
}

static void print_problem(const SyCliOptions *options, const SyProblem *problem)
{
  g_autofree char *sentence = sy_problem_dup_sentence(problem);

  if (!options->json) {
    printf("  %s %s\n", severity_mark(problem->severity), sentence);
    return;
  }

  JsonBuilder *builder = sy_cli_event_begin("problem");

  sy_cli_add_string(builder, "severity", sy_cli_severity_key(problem->severity));
  sy_cli_add_string(builder, "text", problem->text);
  if (problem->line != 0)
    sy_cli_add_int(builder, "line", problem->line);
  if (problem->column != 0)
    sy_cli_add_int(builder, "column", problem->column);
  if (problem->addr != G_MAXUINT32)
    sy_cli_add_hex(builder, "address", problem->addr);
  sy_cli_event_end(builder);
}

/* A line instead of what is not listed. */
static void print_rest(const SyCliOptions *options, guint64 total, guint listed)
{
  if (!options->json && total > listed) {
    gulong more = (gulong)(total - listed);

    printf("    ");
    printf(g_dngettext(GETTEXT_PACKAGE, "and %lu more", "and %lu more", more), more);
    printf("\n");
  }
}

static void print_problems(const SyCliOptions *options, SyProblems *problems)
{
  guint kept = sy_problems_get_n(problems);
  guint listed = options->json ? kept : MIN(kept, LISTED_MAX);

  for (guint i = 0; i < listed; i++)
    print_problem(options, sy_problems_get(problems, i));
  print_rest(options,
             sy_problems_count(problems, SY_SEVERITY_ERROR) +
                 sy_problems_count(problems, SY_SEVERITY_WARNING),
             listed);
}

/* ---- Segments ---- */

typedef struct {
  guint32 addr;
  guint32 size;
  const char *name; /* as scripts know it */
} Part;

static const Part parts[] = {
    {0, WIRE_LOW_ADDR, "loader"},
    {WIRE_LOW_ADDR, WIRE_LOW_SIZE, "LOW"},
    {WIRE_HIGH_ADDR, WIRE_HIGH_SIZE, "HIGH"},
    {WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE, "records"},
    {WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE, WIRE_SECTOR_SIZE, "boot block"},
    {RAM_ADDR, RAM_SIZE, "RAM"},
};

static guint64 end_of(const SySegment *segment)
{
  return (guint64)segment->addr + segment->length;
}

static gboolean touches(const SySegment *segment, const Part *part)
{
  return segment->addr < part->addr + part->size && end_of(segment) > part->addr;
}

static void print_json_segment(const SySegment *segment)
{
  JsonBuilder *builder = sy_cli_event_begin("segment");

  sy_cli_add_hex(builder, "address", segment->addr);
  sy_cli_add_int(builder, "bytes", segment->length);
  sy_cli_add_int(builder, "line", segment->line);
  json_builder_set_member_name(builder, "parts");
  json_builder_begin_array(builder);
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
    if (touches(segment, &parts[i]))
      json_builder_add_string_value(builder, parts[i].name);
  json_builder_end_array(builder);
  if (segment->addr < WIRE_FLASH_SIZE) {
    sy_cli_add_int(builder, "first_sector", segment->addr / WIRE_SECTOR_SIZE);
    sy_cli_add_int(builder, "last_sector",
                   (gint64)((MIN(end_of(segment), WIRE_FLASH_SIZE) - 1) / WIRE_SECTOR_SIZE));
  }
  sy_cli_event_end(builder);
}

/* Which parts of the chip a segment lies in: "LOW, sectors 1 – 7". */
static void print_place(const SySegment *segment)
{
  const char *before = "  ";

  for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
    if (touches(segment, &parts[i])) {
      printf("%s%s", before, parts[i].name);
      before = ", ";
    }
  if (segment->addr < WIRE_FLASH_SIZE) {
    guint first = segment->addr / WIRE_SECTOR_SIZE;
    guint last = (guint)((MIN(end_of(segment), WIRE_FLASH_SIZE) - 1) / WIRE_SECTOR_SIZE);

    printf("%s", before);
    if (first == last)
      printf(_("sector %u"), first);
    else
      printf(_("sectors %u – %u"), first, last);
  }
}

static char *dup_bytes(guint64 count)
{
  return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%lu byte", "%lu bytes", (gulong)count),
                         (gulong)count);
}

/* How many bytes, in a column; a byte of the text is not always a character. */
static void print_column(guint64 count)
{
  g_autofree char *text = dup_bytes(count);

  printf("%*s%s", MAX(BYTES_WIDTH - (int)g_utf8_strlen(text, -1), 0), "", text);
}

static void print_gap(guint64 length)
{
  const char *gap = _("gap");

  printf("  %s%*s ", gap, MAX(RANGE_WIDTH - (int)g_utf8_strlen(gap, -1), 0), "");
  print_column(length);
  printf("\n");
}

static void print_segments(const SyCliOptions *options, SyImage *image)
{
  guint count = sy_image_get_n_segments(image);
  guint listed = options->json ? count : MIN(count, LISTED_MAX);
  guint64 end = 0;

  for (guint i = 0; i < listed; i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    if (options->json) {
      print_json_segment(segment);
      continue;
    }
    if (i > 0)
      print_gap(segment->addr - end);
    end = end_of(segment);
    printf("  %08x – %08x ", segment->addr, (guint32)(end - 1));
    print_column(segment->length);
    print_place(segment);
    printf("\n");
  }
  print_rest(options, count, listed);
}

/* ---- Programs ---- */

static void print_finding(const SyCliOptions *options, const SyFinding *finding, WireBank bank)
{
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("finding");

    sy_cli_add_string(builder, "bank", bank == WIRE_BANK_NONE ? NULL : sy_bank_to_string(bank));
    sy_cli_add_string(builder, "check",
                      bank == WIRE_BANK_NONE ? "file" : check_key(finding->check));
    sy_cli_add_string(builder, "severity", sy_cli_severity_key(finding->severity));
    sy_cli_add_string(builder, "text", finding->text);
    if (finding->addr != G_MAXUINT32)
      sy_cli_add_hex(builder, "address", finding->addr);
    if (finding->line != 0)
      sy_cli_add_int(builder, "line", finding->line);
    sy_cli_event_end(builder);
  } else {
    printf("  %s %s", severity_mark(finding->severity), finding->text);
    if (finding->severity != SY_SEVERITY_OK && finding->line != 0)
      printf(_(" (line %u)"), finding->line);
    printf("\n");
  }
}

static const char *vector_key(SyVectorKind kind)
{
  static const char *const keys[] = {"missing", "literal", "branch", "vic", "other"};

  return keys[kind];
}

static void print_json_vector(WireBank bank, const SyVector *vector, guint index)
{
  static const char *const names[WIRE_VECTOR_COUNT] = {
      "reset", "undefined", "swi", "prefetch-abort", "data-abort", "sum", "irq", "fiq"};
  JsonBuilder *builder = sy_cli_event_begin("vector");

  sy_cli_add_string(builder, "bank", bank == WIRE_BANK_NONE ? NULL : sy_bank_to_string(bank));
  sy_cli_add_string(builder, "vector", names[index]);
  sy_cli_add_hex(builder, "address", vector->addr);
  sy_cli_add_string(builder, "kind", vector_key(vector->kind));
  if (vector->kind == SY_VECTOR_LITERAL || vector->kind == SY_VECTOR_BRANCH)
    sy_cli_add_hex(builder, "target", vector->target);
  sy_cli_event_end(builder);
}

static void print_vector(SyImage *image, const SyVector *vector, guint index)
{
  const guint8 *word = sy_image_peek(image, vector->addr, 4);

  printf("    %08x  ", vector->addr);
  switch (vector->kind) {
  case SY_VECTOR_LITERAL:
  case SY_VECTOR_BRANCH:
    printf("→ %08x", vector->target);
    break;
  case SY_VECTOR_VIC:
    printf("→ %-8s", "VIC");
    break;
  case SY_VECTOR_OTHER:
    printf("  %02x%02x%02x%02x", word[3], word[2], word[1], word[0]);
    break;
  case SY_VECTOR_MISSING:
  default:
    printf("  %-8s", word ? "?" : "-");
    break;
  }
  printf("  %s\n", sy_vector_get_name(index));
}

/* Where the eight exceptions lead; nothing where none of them is. */
static void print_vectors(const SyCliOptions *options, SyImage *image, WireBank bank, guint32 addr)
{
  if (sy_image_count(image, addr, WIRE_VECTOR_COUNT * 4, NULL) == 0)
    return;
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++) {
    SyVector vector = sy_vector_decode(image, addr, i);

    if (options->json)
      print_json_vector(bank, &vector, i);
    else
      print_vector(image, &vector, i);
  }
}

static gboolean print_program(const SyCliOptions *options, SyImage *image, const SyProgram *program)
{
  g_autofree char *version = sy_version_to_string(program->header.version);
  g_autofree char *length = dup_bytes(program->length);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("program");

    sy_cli_add_string(builder, "bank", sy_bank_to_string(program->bank));
    sy_cli_add_string(builder, "version", version);
    sy_cli_add_string(builder, "name", program->header.name);
    sy_cli_add_hex(builder, "product", program->header.product);
    sy_cli_add_int(builder, "bytes", program->length);
    sy_cli_add_hex(builder, "crc", program->header.crc);
    sy_cli_add_bool(builder, "usable", program->usable);
    sy_cli_event_end(builder);
  } else if (program->header.length == 0) {
    printf("\n%s  %s  %s\n", sy_bank_to_string(program->bank), length, _("no program header"));
  } else {
    g_autofree char *product = sy_product_to_string(program->header.product);

    printf("\n%s %s  %s  %s  %s  CRC %08x\n", sy_bank_to_string(program->bank), version, length,
           product, program->header.name, program->header.crc);
  }
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    print_finding(options, &program->findings[i], program->bank);
  print_vectors(options, image, program->bank, program->addr);
  return program->usable;
}

/* ---- Hashes ---- */

/* `of` is NULL for the whole file. */
static void print_hash(const SyCliOptions *options, const char *of, const SyDigest *digest)
{
  const char *name = of ? of : _("file");

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("hash");

    sy_cli_add_string(builder, "of", of ? of : "file");
    sy_cli_add_int(builder, "bytes", (gint64)digest->length);
    sy_cli_add_digest(builder, digest);
    sy_cli_event_end(builder);
  } else {
    printf("  %s%*s CRC-32 %08x  SHA-256 %s\n", name,
           MAX(NAME_WIDTH - (int)g_utf8_strlen(name, -1), 0), "", digest->crc, digest->sha256);
  }
}

/* As it would lie in flash, which is what an upgrade reads back. */
static void print_program_hash(const SyCliOptions *options, const SyProgram *program)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data(program->bytes, &length);
  g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, program->bytes);
  SyDigest digest = {.length = length, .crc = wire_crc32(0, bytes, length)};

  g_strlcpy(digest.sha256, sha256, sizeof digest.sha256);
  print_hash(options, sy_bank_to_string(program->bank), &digest);
}

/* Comes last, as it takes a while for a large file. */
static void print_hashes(const SyCliOptions *options, SyRelease *release)
{
  GFile *file = sy_image_file_get_file(sy_release_get_file(release));
  g_autoptr(GError) error = NULL;
  SyDigest digest;

  if (sy_digest_file(file, NULL, &digest, &error))
    print_hash(options, NULL, &digest);
  else
    sy_cli_warn(options, error->message);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    if (sy_release_get_program(release, bank))
      print_program_hash(options, sy_release_get_program(release, bank));
}

/* ---- All of it ---- */

/* What is wrong with the text is a finding too, as it hinders an upgrade; people need it once. */
static gboolean is_told(const SyFinding *finding, SyProblems *problems)
{
  for (guint i = 0; i < sy_problems_get_n(problems); i++) {
    const SyProblem *problem = sy_problems_get(problems, i);

    if (finding->line == problem->line && strstr(finding->text, problem->text))
      return TRUE;
  }
  return FALSE;
}

/* All that is to be said of a file; whether anything in it is wrong. */
static gboolean print_release(const SyCliOptions *options, SyRelease *release)
{
  SyImage *image = sy_release_get_image(release);
  SyProblems *problems = sy_image_file_get_problems(sy_release_get_file(release));
  gboolean sound = sy_problems_count(problems, SY_SEVERITY_ERROR) == 0;
  gboolean any = sy_release_is_factory(release);

  print_file(options, sy_release_get_file(release));
  print_segments(options, image);
  print_problems(options, problems);
  for (guint i = 0; i < sy_release_get_n_findings(release); i++) {
    const SyFinding *finding = sy_release_get_finding(release, i);

    if (options->json || !is_told(finding, problems))
      print_finding(options, finding, WIRE_BANK_NONE);
    sound = sound && finding->severity != SY_SEVERITY_ERROR;
  }
  if (sy_release_is_factory(release))
    print_vectors(options, image, WIRE_BANK_NONE, 0);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    any = any || program;
    if (program && !print_program(options, image, program))
      sound = FALSE;
  }
  if (!options->json)
    printf("\n");
  fflush(stdout);
  print_hashes(options, release);
  return sound && any;
}

static SyExit inspect(const SyCliOptions *options, SyImageFile *file)
{
  g_autoptr(SyRelease) release = sy_release_new_from_file(file);
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  SyProblems *problems = sy_image_file_get_problems(file);
  gboolean sound;

  if (options->hash) {
    print_hashes(options, release);
    return SY_EXIT_DONE;
  }
  sound = print_release(options, release);
  if (sy_problems_count(problems, SY_SEVERITY_ERROR) == 0)
    sy_library_add_release(library, release);
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("summary");

    sy_cli_add_bool(builder, "sound", sound);
    sy_cli_add_bool(builder, "factory", sy_release_is_factory(release));
    sy_cli_add_int(builder, "bytes", (gint64)sy_image_get_size(sy_release_get_image(release)));
    sy_cli_add_int(builder, "errors", (gint64)sy_problems_count(problems, SY_SEVERITY_ERROR));
    sy_cli_add_int(builder, "warnings", (gint64)sy_problems_count(problems, SY_SEVERITY_WARNING));
    sy_cli_event_end(builder);
  } else {
    printf("\n%s\n",
           sound ? _("The file is sound.") : _("The file must not be used for an upgrade."));
  }
  return sound ? SY_EXIT_DONE : SY_EXIT_REFUSED;
}

SyExit sy_cli_inspect(const SyCliOptions *options)
{
  guint wishes = (options->bytes != NULL) + (options->find != NULL) + (options->find_text != NULL) +
                 (options->hash != FALSE);
  SyExit code;

  if (wishes > 1)
    return sy_cli_complain(options,
                           _("--bytes, --find, --find-text and --hash are not for one run"));

  g_autoptr(SyImageFile) file = sy_cli_load_file(options, options->files[0], &code);

  if (!file)
    return code;
  if (options->bytes)
    return sy_cli_dump_bytes(options, file);
  if (options->find || options->find_text)
    return sy_cli_find(options, file);
  return inspect(options, file);
}
