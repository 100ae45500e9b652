/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The groups of rows that make up the summary of a file; each returns a new, floating widget. Rows
 * that are about an address lead there by the action image.go-to.
 */

#pragma once

#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The file as a whole: name, size, version, and what is wrong with all of it. */
GtkWidget *sy_image_rows_create_file(SyRelease *release);
/* One program with all its checks, vectors and header. `idle`: the bank an upgrade would write, or
 * NONE. */
GtkWidget *sy_image_rows_create_program(SyRelease *release, const SyProgram *program,
                                        WireBank idle);
/* Segments and the gaps between them. */
GtkWidget *sy_image_rows_create_segments(SyImage *image);

G_END_DECLS
