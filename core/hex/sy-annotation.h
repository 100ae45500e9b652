/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What an address of a release means to people: the part of the chip's flash it lies in, and the
 * fields of known places: vectors, program headers (PROTOCOL.md §6), bank records (§7) and the
 * code read protection word.
 *
 * A field is there only when the file holds all its bytes. Texts are translated when they are made.
 */

#pragma once

#include "sy-release.h"

G_BEGIN_DECLS

/* In rising order, and together all of 4 GiB. */
typedef enum {
  SY_PART_JUMP,    /* jump program: first in sector 0 */
  SY_PART_LOADER,  /* behind it in sector 0 */
  SY_PART_LOW,     /* bank */
  SY_PART_HIGH,    /* bank */
  SY_PART_RECORDS, /* bank records: sector 14 */
  SY_PART_BOOT,    /* the chip's own boot loader: sector 15 */
  SY_PART_OUTSIDE, /* no flash of this chip */
  SY_PART_COUNT,
} SyFlashPart;

SyFlashPart sy_flash_part_at(guint32 addr);
SyRange sy_flash_part_get_range(SyFlashPart part);
/* "LOW", "Loader", "Outside flash": as the flash map names them; translated, not to be freed. */
const char *sy_flash_part_get_name(SyFlashPart part);
/* The sector of 8 KB that holds `addr`; -1 outside flash. */
gint sy_sector_at(guint32 addr);

/* One field. `severity` is that of the release's checks for it. */
typedef struct {
  guint32 addr;
  guint32 length; /* at least 1 */
  char *name;     /* "reset vector" */
  char *value;    /* "→ 0x02100", "right", "wrong, FC120934 is needed" */
  SySeverity severity;
  gboolean has_target;
  guint32 target_addr; /* where a vector leads, when has_target */
} SyAnnotation;

/* All fields of a release, in rising order and apart. Immutable, reference counted, any thread. */
typedef struct _SyAnnotations SyAnnotations;

#define SY_TYPE_ANNOTATIONS (sy_annotations_get_type())
GType sy_annotations_get_type(void);

/* Takes well under a millisecond. */
SyAnnotations *sy_annotations_new(SyRelease *release) G_GNUC_WARN_UNUSED_RESULT;
SyAnnotations *sy_annotations_ref(SyAnnotations *self);
void sy_annotations_unref(SyAnnotations *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyAnnotations, sy_annotations_unref)

guint sy_annotations_get_n(SyAnnotations *self);
const SyAnnotation *sy_annotations_get(SyAnnotations *self, guint index);
/* The index of the field that holds `addr`; -1 with none. Takes the logarithm of the fields. */
gint sy_annotations_find(SyAnnotations *self, guint32 addr);
/* "reset vector → 0x02100", "version: 1.1.0"; free with g_free. */
char *sy_annotation_dup_text(const SyAnnotation *annotation);

/* What there is to say of an address, in short pieces: "LOW, sector 1", "segment 2 of 3, 0x02000 to
 * 0x0577F" or "no byte: a gap of …", and the field if there is one. Free with g_strfreev. */
GStrv sy_annotations_describe(SyAnnotations *self, guint32 addr);
/* The same for who asks but once. */
GStrv sy_annotation_describe(SyRelease *release, guint32 addr);

G_END_DECLS
