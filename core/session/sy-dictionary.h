/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyDictionary: packing for an upgrade (SyPacking), with the program that runs in the substation as
 * a dictionary when the library has it. Without it the image is packed by itself; nobody is told.
 *
 * One upgrade and one thread at a time.
 */

#pragma once

#include "sy-library.h"
#include "sy-session.h"

G_BEGIN_DECLS

typedef struct _SyDictionary SyDictionary;

/* `library` may be NULL; else it must stay. */
SyDictionary *sy_dictionary_new(SyLibrary *library);
void sy_dictionary_free(SyDictionary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyDictionary, sy_dictionary_free)

/* Borrowed. */
const SyPacking *sy_dictionary_get_packing(SyDictionary *self);

/* Whether the running program was found. */
gboolean sy_dictionary_knows_running(SyDictionary *self);
/* Time that packing took so far. */
guint64 sy_dictionary_get_time_us(SyDictionary *self);
/* Adds both to an upgrade's figures when it has ended. */
void sy_dictionary_tell_life(SyDictionary *self, SyLife *life);

G_END_DECLS
