/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Parts of flash, and what an address means.
 */

#include "sy-annotation-private.h"

#include <glib/gi18n-lib.h>

struct _SyAnnotations {
  gatomicrefcount ref_count;
  SyImage *image;
  GArray *fields; /* of SyAnnotation, rising and apart */
};

G_DEFINE_BOXED_TYPE(SyAnnotations, sy_annotations, sy_annotations_ref, sy_annotations_unref)

SyRange sy_flash_part_get_range(SyFlashPart part)
{
  static const SyRange ranges[SY_PART_COUNT] = {
      [SY_PART_JUMP] = {WIRE_JUMP_ADDR, WIRE_JUMP_SIZE},
      [SY_PART_LOADER] = {WIRE_LOADER_ADDR, WIRE_LOADER_SIZE},
      [SY_PART_LOW] = {WIRE_LOW_ADDR, WIRE_LOW_SIZE},
      [SY_PART_HIGH] = {WIRE_HIGH_ADDR, WIRE_HIGH_SIZE},
      [SY_PART_RECORDS] = {WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE},
      [SY_PART_BOOT] = {WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE, WIRE_SECTOR_SIZE},
      [SY_PART_OUTSIDE] = {WIRE_FLASH_SIZE, G_MAXUINT32 - WIRE_FLASH_SIZE + G_GUINT64_CONSTANT(1)},
  };

  g_return_val_if_fail(part < SY_PART_COUNT, ranges[SY_PART_OUTSIDE]);
  return ranges[part];
}

SyFlashPart sy_flash_part_at(guint32 addr)
{
  SyFlashPart part = SY_PART_OUTSIDE;

  while (addr < sy_flash_part_get_range(part).addr)
    part--;
  return part;
}

const char *sy_flash_part_get_name(SyFlashPart part)
{
  switch (part) {
  case SY_PART_JUMP:
    return _("Jump program");
  case SY_PART_LOADER:
    return _("Loader");
  case SY_PART_LOW:
    return sy_bank_to_string(WIRE_BANK_LOW);
  case SY_PART_HIGH:
    return sy_bank_to_string(WIRE_BANK_HIGH);
  case SY_PART_RECORDS:
    return _("Bank record");
  case SY_PART_BOOT:
    return _("Boot block");
  case SY_PART_OUTSIDE:
  case SY_PART_COUNT:
  default:
    return _("Outside flash");
  }
}

gint sy_sector_at(guint32 addr)
{
  return addr < WIRE_FLASH_SIZE ? (gint)(addr / WIRE_SECTOR_SIZE) : -1;
}

static void clear_field(gpointer field)
{
  SyAnnotation *annotation = field;

  g_clear_pointer(&annotation->name, g_free);
  g_clear_pointer(&annotation->value, g_free);
}

SyAnnotations *sy_annotations_new(SyRelease *release)
{
  g_return_val_if_fail(release, NULL);

  SyAnnotations *self = g_new0(SyAnnotations, 1);

  g_atomic_ref_count_init(&self->ref_count);
  self->image = sy_image_ref(sy_release_get_image(release));
  self->fields = g_array_new(FALSE, FALSE, sizeof(SyAnnotation));
  g_array_set_clear_func(self->fields, clear_field);
  sy_annotation_collect(release, self->fields);
  return self;
}

SyAnnotations *sy_annotations_ref(SyAnnotations *self)
{
  g_return_val_if_fail(self, NULL);
  g_atomic_ref_count_inc(&self->ref_count);
  return self;
}

void sy_annotations_unref(SyAnnotations *self)
{
  g_return_if_fail(self);
  if (!g_atomic_ref_count_dec(&self->ref_count))
    return;
  g_array_unref(self->fields);
  sy_image_unref(self->image);
  g_free(self);
}

guint sy_annotations_get_n(SyAnnotations *self)
{
  g_return_val_if_fail(self, 0);
  return self->fields->len;
}

const SyAnnotation *sy_annotations_get(SyAnnotations *self, guint index)
{
  g_return_val_if_fail(self && index < self->fields->len, NULL);
  return &g_array_index(self->fields, SyAnnotation, index);
}

gint sy_annotations_find(SyAnnotations *self, guint32 addr)
{
  g_return_val_if_fail(self, -1);

  guint low = 0;
  guint high = self->fields->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    const SyAnnotation *field = sy_annotations_get(self, middle);

    if (addr < field->addr)
      high = middle;
    else if (addr - field->addr >= field->length)
      low = middle + 1;
    else
      return (gint)middle;
  }
  return -1;
}

char *sy_annotation_dup_text(const SyAnnotation *annotation)
{
  g_return_val_if_fail(annotation, NULL);

  if (annotation->has_target)
    return g_strdup_printf("%s %s", annotation->name, annotation->value);
  /* Translators: a field of a program and its value: "version: 1.1.0". */
  return g_strdup_printf(_("%s: %s"), annotation->name, annotation->value);
}

static char *dup_part(guint32 addr)
{
  const char *name = sy_flash_part_get_name(sy_flash_part_at(addr));
  gint sector = sy_sector_at(addr);

  if (sector < 0)
    return g_strdup(name);
  /* Translators: part of flash, and the sector in it: "LOW, sector 1". */
  return g_strdup_printf(_("%s, sector %d"), name, sector);
}

static char *dup_gap(SyImage *image, guint index, guint count)
{
  const SySegment *before = index > 0 ? sy_image_get_segment(image, index - 1) : NULL;
  const SySegment *behind = index < count ? sy_image_get_segment(image, index) : NULL;

  if (before && behind)
    return g_strdup_printf(_("no byte: a gap from 0x%05X to 0x%05X"), before->addr + before->length,
                           behind->addr - 1);
  if (behind)
    return g_strdup_printf(_("no byte: the file begins at 0x%05X"), behind->addr);
  if (before)
    return g_strdup_printf(_("no byte: the file ends at 0x%05X"),
                           before->addr + (before->length - 1));
  return g_strdup(_("no byte: the file is empty"));
}

static char *dup_segment(SyImage *image, guint32 addr)
{
  guint count = sy_image_get_n_segments(image);
  guint index = sy_image_find_segment_index(image, addr);
  const SySegment *segment = index < count ? sy_image_get_segment(image, index) : NULL;

  if (!segment || addr < segment->addr)
    return dup_gap(image, index, count);
  return g_strdup_printf(_("segment %u of %u, 0x%05X to 0x%05X"), index + 1, count, segment->addr,
                         segment->addr + (segment->length - 1));
}

GStrv sy_annotations_describe(SyAnnotations *self, guint32 addr)
{
  g_return_val_if_fail(self, NULL);

  g_autoptr(GStrvBuilder) pieces = g_strv_builder_new();
  g_autofree char *part = dup_part(addr);
  g_autofree char *segment = dup_segment(self->image, addr);
  gint index = sy_annotations_find(self, addr);

  g_strv_builder_add(pieces, part);
  g_strv_builder_add(pieces, segment);
  if (index >= 0) {
    g_autofree char *field = sy_annotation_dup_text(sy_annotations_get(self, (guint)index));

    g_strv_builder_add(pieces, field);
  }
  return g_strv_builder_end(pieces);
}

GStrv sy_annotation_describe(SyRelease *release, guint32 addr)
{
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  return sy_annotations_describe(annotations, addr);
}
