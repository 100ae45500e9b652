/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyComparison: where two images differ. Gaps are nothing, so a byte that only one image has is a
 * difference, whatever its value.
 *
 * Immutable, reference counted, any thread. Keeps both images.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef enum {
  SY_DIFF_CHANGED, /* both have it, with different values */
  SY_DIFF_ONLY_A,
  SY_DIFF_ONLY_B,
  SY_DIFF_COUNT,
} SyDiffKind;

/* A run of one kind, as long as it goes. */
typedef struct {
  guint32 addr;
  guint32 length;
  SyDiffKind kind;
} SyDiff;

enum { SY_DIFFS_MAX = 1000000 }; /* kept; all are counted */

typedef struct _SyComparison SyComparison;

#define SY_TYPE_COMPARISON (sy_comparison_get_type())
GType sy_comparison_get_type(void);

/* `within` are ranges, rising and apart, outside which nothing is compared; NULL: everywhere. */
SyComparison *sy_comparison_new(SyImage *a, SyImage *b, const SyRange *within,
                                guint n_within) G_GNUC_WARN_UNUSED_RESULT;
SyComparison *sy_comparison_ref(SyComparison *self);
void sy_comparison_unref(SyComparison *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyComparison, sy_comparison_unref)

SyImage *sy_comparison_get_a(SyComparison *self);
SyImage *sy_comparison_get_b(SyComparison *self);

/* Kept ones, in rising order, and how many there are in all. */
guint sy_comparison_get_n(SyComparison *self);
guint64 sy_comparison_get_total(SyComparison *self);
const SyDiff *sy_comparison_get(SyComparison *self, guint index);
/* Bytes of all differences of a kind, and bytes that both have alike. */
guint64 sy_comparison_count_bytes(SyComparison *self, SyDiffKind kind);
guint64 sy_comparison_count_same(SyComparison *self);

/* Indexes; -1 when there is none. At: the difference that holds `addr`. Next: the first that begins
 * above `addr`. Previous: the last that begins below it. */
gint sy_comparison_find_at(SyComparison *self, guint32 addr);
gint sy_comparison_find_next(SyComparison *self, guint32 addr);
gint sy_comparison_find_previous(SyComparison *self, guint32 addr);

G_END_DECLS
