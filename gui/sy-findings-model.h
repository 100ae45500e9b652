/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFindingItem: one thing that was found about a file, whoever found it, ready to be shown.
 * Immutable. SyFindings: all of them, worst first.
 */

#pragma once

#include "sy-release.h"

G_BEGIN_DECLS

#define SY_TYPE_FINDING_ITEM (sy_finding_item_get_type())
G_DECLARE_FINAL_TYPE(SyFindingItem, sy_finding_item, SY, FINDING_ITEM, GObject)

SySeverity sy_finding_item_get_severity(SyFindingItem *self);
/* Borrowed: "LOW · Vectors", "File"; one sentence or more; "0x00010014 · line 12", NULL for the
 * file as a whole. */
const char *sy_finding_item_get_source(SyFindingItem *self);
const char *sy_finding_item_get_text(SyFindingItem *self);
const char *sy_finding_item_get_place(SyFindingItem *self);
/* G_MAXUINT32 and 0 for none. */
guint32 sy_finding_item_get_addr(SyFindingItem *self);
guint sy_finding_item_get_line(SyFindingItem *self);
/* All of it as one line of text; free with g_free. */
char *sy_finding_item_dup_sentence(SyFindingItem *self);
/* "Error", "Warning", "Passed"; translated, not to be freed. */
const char *sy_severity_get_word(SySeverity severity);

typedef struct {
  GPtrArray *items;                    /* of SyFindingItem */
  guint counts[SY_SEVERITY_ERROR + 1]; /* of what was found; more than the items where not all are
                                          kept */
  char *verdict;                       /* whether the file can be sent, in one sentence */
} SyFindings;

/* `problems` of the release's file; NULL when there is none. */
SyFindings *sy_findings_new(SyRelease *release, SyProblems *problems) G_GNUC_WARN_UNUSED_RESULT;
void sy_findings_free(SyFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyFindings, sy_findings_free)

G_END_DECLS
