/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyRelease: takes an image apart into programs and keeps what the checks found.
 */

#include "sy-release-private.h"

#include <glib/gi18n-lib.h>

#include "sy-text-private.h"

typedef struct {
  SyProgram program;
  SyFinding findings[SY_CHECK_COUNT];
  gboolean present;
} Half;

struct _SyRelease {
  gatomicrefcount ref_count;
  SyImage *image;
  SyImageFile *file; /* NULL without one */
  char *name;
  Half low;
  Half high;
  GArray *findings; /* of SyFinding, about the file */
};

G_DEFINE_BOXED_TYPE(SyRelease, sy_release, sy_release_ref, sy_release_unref)
G_DEFINE_QUARK(sy - release - error - quark, sy_release_error)

char *sy_product_to_string(guint32 product)
{
  char letters[4];

  for (guint i = 0; i < sizeof letters; i++) {
    letters[i] = (char)(product >> 8 * i);
    if (!g_ascii_isgraph(letters[i]))
      return g_strdup_printf("0x%08X", product);
  }
  return g_strndup(letters, sizeof letters);
}

char *sy_version_to_string(guint32 version)
{
  return g_strdup_printf("%u.%u.%u", version >> 24, version >> 16 & 0xff, version & 0xffff);
}

const char *sy_bank_to_string(WireBank bank)
{
  switch (bank) {
  case WIRE_BANK_LOW:
    return "LOW";
  case WIRE_BANK_HIGH:
    return "HIGH";
  case WIRE_BANK_NONE:
  default:
    return "none";
  }
}

static void clear_finding(gpointer finding)
{
  g_clear_pointer(&((SyFinding *)finding)->text, g_free);
}

static void clear_half(Half *half)
{
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    clear_finding(&half->findings[i]);
  g_clear_pointer(&half->program.bytes, g_bytes_unref);
}

SyRelease *sy_release_ref(SyRelease *release)
{
  g_return_val_if_fail(release, NULL);
  g_atomic_ref_count_inc(&release->ref_count);
  return release;
}

void sy_release_unref(SyRelease *release)
{
  g_return_if_fail(release);
  if (!g_atomic_ref_count_dec(&release->ref_count))
    return;
  clear_half(&release->low);
  clear_half(&release->high);
  g_array_unref(release->findings);
  sy_image_unref(release->image);
  g_clear_pointer(&release->file, sy_image_file_unref);
  g_free(release->name);
  g_free(release);
}

/* The header, or zeroes. Its name comes from a file that nobody vouches for, and goes to windows.
 */
static WireImageHeader read_header(SyImage *image, guint32 addr)
{
  const guint8 *head = sy_image_peek(image, addr, WIRE_IMAGE_LENGTH_MIN);
  WireImageHeader header = {0};

  if (!head || !wire_image_header_read(head, &header))
    return (WireImageHeader){0};
  for (char *c = header.name; *c; c++)
    if (!g_ascii_isprint(*c))
      *c = '?';
  return header;
}

/* Bytes from the bank's begin to the last one that the file holds in it. */
static guint32 find_extent(SyImage *image, const WireBankMap *map)
{
  guint32 end = map->addr;

  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    if (segment->addr >= map->addr + map->size)
      break;
    end = (guint32)MAX((guint64)segment->addr + segment->length, end);
  }
  return MIN(end - map->addr, map->size);
}

static void take_half(SyImage *image, WireBank bank, Half *half)
{
  const WireBankMap *map = wire_bank_map(bank);
  SyProgram *program = &half->program;

  half->present = sy_image_count(image, map->addr, map->size, NULL) > 0;
  if (!half->present)
    return;
  program->bank = bank;
  program->addr = map->addr;
  program->header = read_header(image, map->addr);
  program->length = program->header.length;
  if (program->length == 0 || program->length > map->size)
    program->length = find_extent(image, map);

  guint8 *bytes = g_malloc(program->length);

  (void)sy_image_copy(image, map->addr, program->length, 0xff, bytes);
  program->bytes = g_bytes_new_take(bytes, program->length);
  sy_release_check_program(image, program, half->findings);
  program->findings = half->findings;
  program->usable = TRUE;
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    if (half->findings[i].severity == SY_SEVERITY_ERROR)
      program->usable = FALSE;
}

SyRelease *sy_release_new(SyImage *image, const char *name)
{
  g_return_val_if_fail(image, NULL);

  SyRelease *release = g_new0(SyRelease, 1);

  g_atomic_ref_count_init(&release->ref_count);
  release->image = sy_image_ref(image);
  release->name = g_strdup(name);
  release->findings = g_array_new(FALSE, FALSE, sizeof(SyFinding));
  g_array_set_clear_func(release->findings, clear_finding);
  take_half(image, WIRE_BANK_LOW, &release->low);
  take_half(image, WIRE_BANK_HIGH, &release->high);
  sy_release_check_file(image, sy_release_get_program(release, WIRE_BANK_LOW),
                        sy_release_get_program(release, WIRE_BANK_HIGH), release->findings);
  return release;
}

/* The file's name as people see it. */
static char *get_display_name(GFile *file)
{
  g_autofree char *name = g_file_get_basename(file);

  return name ? g_filename_display_name(name) : NULL;
}

SyRelease *sy_release_load(GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr(SyImageFile) loaded = sy_image_file_load(file, NULL, cancellable, error);

  if (!loaded || !sy_text_check_problems(sy_image_file_get_problems(loaded), error))
    return NULL;
  return sy_release_new_from_file(loaded);
}

SyRelease *sy_release_new_from_file(SyImageFile *file)
{
  g_return_val_if_fail(file, NULL);

  g_autofree char *name = get_display_name(sy_image_file_get_file(file));
  SyRelease *release = sy_release_new(sy_image_file_get_image(file), name);

  release->file = sy_image_file_ref(file);
  sy_release_check_text(sy_image_file_get_problems(file), release->findings);
  return release;
}

SyImageFile *sy_release_get_file(SyRelease *release)
{
  g_return_val_if_fail(release, NULL);
  return release->file;
}

SyImage *sy_release_get_image(SyRelease *release)
{
  g_return_val_if_fail(release, NULL);
  return release->image;
}

const char *sy_release_get_name(SyRelease *release)
{
  g_return_val_if_fail(release, NULL);
  return release->name;
}

const SyProgram *sy_release_get_program(SyRelease *release, WireBank bank)
{
  g_return_val_if_fail(release, NULL);
  if (bank == WIRE_BANK_LOW && release->low.present)
    return &release->low.program;
  if (bank == WIRE_BANK_HIGH && release->high.present)
    return &release->high.program;
  return NULL;
}

guint32 sy_release_get_version(SyRelease *release)
{
  g_return_val_if_fail(release, 0);

  guint32 low = release->low.program.usable ? release->low.program.header.version : 0;
  guint32 high = release->high.program.usable ? release->high.program.header.version : 0;

  return MAX(low, high);
}

gboolean sy_release_is_factory(SyRelease *release)
{
  g_return_val_if_fail(release, FALSE);
  return sy_image_count(release->image, WIRE_JUMP_ADDR, WIRE_SECTOR_SIZE, NULL) > 0;
}

guint sy_release_get_n_findings(SyRelease *release)
{
  g_return_val_if_fail(release, 0);
  return release->findings->len;
}

const SyFinding *sy_release_get_finding(SyRelease *release, guint index)
{
  g_return_val_if_fail(release && index < release->findings->len, NULL);
  return &g_array_index(release->findings, SyFinding, index);
}

static const SyFinding *first_error(const SyFinding *findings, guint n_findings)
{
  for (guint i = 0; i < n_findings; i++)
    if (findings[i].severity == SY_SEVERITY_ERROR)
      return &findings[i];
  return NULL;
}

static void refuse_missing(SyRelease *release, WireBank idle, GError **error)
{
  WireBank other = wire_bank_other(idle);

  if (other == WIRE_BANK_NONE)
    g_set_error_literal(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_BANK,
                        _("The substation did not say which bank is idle, so no program can be "
                          "chosen. Connect again."));
  else if (sy_release_get_program(release, other))
    g_set_error(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_BANK,
                _("The file holds a program for %s only; this substation runs %s, so %s must be "
                  "written. Open the release with both halves."),
                sy_bank_to_string(other), sy_bank_to_string(other), sy_bank_to_string(idle));
  else
    g_set_error_literal(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_BANK,
                        _("The file holds no program for a substation. Open a release file."));
}

static void refuse_product(const SyProgram *program, guint32 product, GError **error)
{
  g_autofree char *theirs = sy_product_to_string(program->header.product);
  g_autofree char *ours = sy_product_to_string(product);

  g_set_error(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_PRODUCT,
              _("The program is for product %s; this substation is %s. Open the release for this "
                "product."),
              theirs, ours);
}

static void refuse_finding(const SyProgram *program, const SyFinding *finding, GError **error)
{
  const char *bank = sy_bank_to_string(program->bank);

  if (finding->check == SY_CHECK_BANK)
    g_set_error(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_BANK,
                _("The file's %s half cannot be used. %s Open the release with both halves."), bank,
                finding->text);
  else
    g_set_error(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_DAMAGED,
                _("The file's %s half cannot be used. %s Get the file again."), bank,
                finding->text);
}

/* What is wrong with the text says by itself what to do. */
static void refuse_file(SyRelease *release, GError **error)
{
  gboolean text_is_wrong =
      release->file &&
      sy_problems_count(sy_image_file_get_problems(release->file), SY_SEVERITY_ERROR);

  g_set_error(error, SY_RELEASE_ERROR, SY_RELEASE_ERROR_DAMAGED,
              text_is_wrong ? _("The file is damaged: %s")
                            : _("The file cannot be used. %s Get the file again."),
              sy_release_get_error(release));
}

const char *sy_release_get_error(SyRelease *release)
{
  const SyFinding *finding =
      first_error((const SyFinding *)(gpointer)release->findings->data, release->findings->len);

  return finding ? finding->text : NULL;
}

WireBank sy_release_choose_bank(SyRelease *release, WireBank running)
{
  const SyProgram *low = sy_release_get_program(release, WIRE_BANK_LOW);

  if (running != WIRE_BANK_NONE)
    return wire_bank_other(running);
  return low && low->usable ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
}

const SyProgram *sy_release_pick(SyRelease *release, guint32 product, WireBank idle, GError **error)
{
  g_return_val_if_fail(release, NULL);

  const SyProgram *program = sy_release_get_program(release, idle);

  if (!program)
    refuse_missing(release, idle, error);
  else if (program->header.length != 0 && program->header.product != product)
    refuse_product(program, product, error);
  else if (!program->usable)
    refuse_finding(program, first_error(program->findings, SY_CHECK_COUNT), error);
  else if (sy_release_get_error(release))
    refuse_file(release, error);
  else
    return program;
  return NULL;
}
