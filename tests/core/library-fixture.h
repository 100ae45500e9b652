/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A library in a folder of its own, and a look behind it: what its tests share. Each call has a
 * library object of its own, so nothing can be remembered but on the disk.
 */

#pragma once

#include <glib/gstdio.h>

#include "release-builder.h"
#include "sy-library.h"

G_BEGIN_DECLS

/* Of one test: a folder, and the library's in it, which is not there yet. */
extern char *library_home;
extern char *library_folder;

int library_set_up(void **state);
int library_tear_down(void **state);

/* Both halves, or one, of RELEASE_LENGTH. */
SyRelease *library_release_new(guint32 version);
SyRelease *library_half_new(WireBank bank, guint32 version);
guint32 library_crc_of(SyRelease *release, WireBank bank);

void library_add(SyRelease *release);
GBytes *library_find(WireBank bank, guint32 length, guint32 crc);
/* Whether the release's program is found; it must then be just that. */
gboolean library_is_found(SyRelease *release, WireBank bank);

/* Where a program of RELEASE_LENGTH is kept; free with g_free. */
char *library_path_of(SyRelease *release, WireBank bank);
void library_put(const char *path, gconstpointer bytes, gsize length);
/* Puts bytes where a program of these numbers would be. */
void library_plant(WireBank bank, guint32 length, guint32 crc, gconstpointer bytes);
/* Whatever they are. */
guint library_count_files(void);
/* Of a link, its own. */
GStatBuf library_stat(const char *path);
/* The program was used so long ago; a negative time is one to come. */
void library_set_used(SyRelease *release, WireBank bank, int seconds_ago);

G_END_DECLS
