/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyReadAhead: a stream in chunks, the next of which are read by a thread while somebody is busy
 * with this one: copying a large file out of the page cache takes a fourth of the time that making
 * sense of it does.
 *
 * Used by one thread. Takes the stream over as long as it lives.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

enum { SY_READ_AHEAD_CHUNK = 256 * 1024 }; /* stays in the processor's cache, and is many lines */

typedef struct _SyReadAhead SyReadAhead;

SyReadAhead *sy_read_ahead_new(GInputStream *stream, GCancellable *cancellable);
/* Waits for a read that is under way. */
void sy_read_ahead_free(SyReadAhead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyReadAhead, sy_read_ahead_free)

/* The next chunk, which is the caller's until the next call; one that is not full is the last, and
 * must be the last call. FALSE with G_IO_ERROR. */
gboolean sy_read_ahead_next(SyReadAhead *self, const char **chunk, gsize *got,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
