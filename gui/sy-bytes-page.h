/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBytesPage: the bytes of the opened file, with the map of all of it at the left, what stands at
 * the cursor below, a bar to find bytes or text, and, while it is compared with something, that
 * beside it and a bar to walk the differences.
 *
 * Actions (all without parameter): bytes.find, bytes.find-next, bytes.find-previous, bytes.go-to,
 * bytes.next-difference, bytes.previous-difference, bytes.end-comparison, bytes.close, and those of
 * SyHexView where the focus is.
 *
 * Signal "message" (const char *): a sentence for a person.
 */

#pragma once

#include "sy-compare.h"
#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BYTES_PAGE (sy_bytes_page_get_type())
G_DECLARE_FINAL_TYPE(SyBytesPage, sy_bytes_page, SY, BYTES_PAGE, GtkWidget)

/* Referenced; NULL: nothing. Ends a comparison. Behind a preview the cursor stays where it is. */
void sy_bytes_page_set_release(SyBytesPage *self, SyRelease *release);

/* Shows an image without a release, until there is one: just the bytes. */
void sy_bytes_page_show_preview(SyBytesPage *self, SyImage *beginning);

/* Compares: side A is the release's image. `name_b` is what B is called, `note` what was not
 * compared and why, may be NULL. NULL for the comparison ends it. Goes to the first difference. */
void sy_bytes_page_set_comparison(SyBytesPage *self, SyComparison *comparison, const char *name_b,
                                  const char *note);
SyComparison *sy_bytes_page_get_comparison(SyBytesPage *self);

/* Puts the cursor there and selects `length` bytes, 0: none. FALSE when nothing is there: it is
 * then on the nearest byte. */
gboolean sy_bytes_page_go_to(SyBytesPage *self, guint32 addr, guint64 length);
/* To the bytes. */
void sy_bytes_page_take_focus(SyBytesPage *self);
/* 0 when nothing is shown. */
guint32 sy_bytes_page_get_cursor(SyBytesPage *self);
/* Of no length when nothing is selected. */
SyRange sy_bytes_page_get_selection(SyBytesPage *self);

/* One column: no map, and what is compared below instead of beside. */
void sy_bytes_page_set_narrow(SyBytesPage *self, gboolean narrow);

G_END_DECLS
