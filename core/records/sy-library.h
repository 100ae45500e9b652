/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLibrary: the programs that this workstation has had in hand, kept on disk. One that is found
 * running in a substation, where it cannot be read back, is then at hand again: looked up by what
 * the substation says of it.
 *
 * Any thread, several at once; several processes too, on the same folder: the object holds nothing
 * but the folder's name. Calls block on the disk, for some 50 KB a program.
 */

#pragma once

#include "sy-release.h"

G_BEGIN_DECLS

typedef struct _SyLibrary SyLibrary;

enum { SY_LIBRARY_MAX = 64 }; /* programs kept; the one longest not used goes */

/* `folder` is made when something is kept; NULL: switchyard/images in the user's data folder,
 * $XDG_DATA_HOME. */
SyLibrary *sy_library_new(const char *folder) G_GNUC_WARN_UNUSED_RESULT;
void sy_library_free(SyLibrary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyLibrary, sy_library_free)

/* Keeps what may be sent of a release, and touches what it keeps already. Failure is silent, but
 * for g_debug: a full disk must not hinder an upgrade. */
void sy_library_add_release(SyLibrary *self, SyRelease *release);

/* The whole program as it lies in flash: `length` bytes from the bank's first address. It has been
 * checked anew: header, bank, length and CRC. NULL when it is not known, damaged or cannot be read.
 * The numbers may be any: they come from the line. */
GBytes *sy_library_find(SyLibrary *self, WireBank bank, guint32 length,
                        guint32 crc) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
