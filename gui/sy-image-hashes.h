/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The file's hashes, as a group of rows of the image page. */

#pragma once

#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A new, floating widget: CRC-32 and SHA-256 of the file as it lies on disk, each with a button
 * that copies it. They are computed in a thread; until then the rows say so. NULL when the release
 * is in no file. */
GtkWidget *sy_image_hashes_create(SyRelease *release);

G_END_DECLS
