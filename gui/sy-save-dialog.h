/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SySaveDialog: asks what of a file is to be saved, and as what: everything, a bank, a segment, the
 * selection, or each bank or segment to a file of its own; Intel HEX, S-records or raw bytes.
 *
 * Signal "chosen": a person pressed Save As…; the dialog closes by itself then. Where to, the
 * caller asks.
 */

#pragma once

#include "sy-convert.h"
#include "sy-part.h"
#include "sy-release.h"

#include <adwaita.h>

G_BEGIN_DECLS

typedef struct {
  gboolean split; /* each of `kind` to a file of its own; else `range` to one file */
  SySplit kind;
  SyRange range;
  char *stem;            /* what to call the file: "release-low" */
  SySaveOptions options; /* `replace` is not asked for */
  gboolean fill_gaps;    /* with options.fill, before it is saved */
} SySaveChoice;

void sy_save_choice_free(SySaveChoice *choice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SySaveChoice, sy_save_choice_free)

#define SY_TYPE_SAVE_DIALOG (sy_save_dialog_get_type())
G_DECLARE_FINAL_TYPE(SySaveDialog, sy_save_dialog, SY, SAVE_DIALOG, AdwWindow)

/* `selection` may be NULL or of no length; `cursor` says which segment is offered. */
SySaveDialog *sy_save_dialog_new(GtkWindow *parent, SyRelease *release, const SyRange *selection,
                                 guint32 cursor);

/* Free with sy_save_choice_free. */
SySaveChoice *sy_save_dialog_dup_choice(SySaveDialog *self);

/* "hex", "s19" or "bin". */
const char *sy_save_get_extension(SyFormat format);

G_END_DECLS
