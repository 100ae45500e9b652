/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyJournal: a log on disk, so that a crash loses nothing: a file for each start of the program on
 * a port, a JSON object a line. The first names program, version, port and start; the others have
 * "time" (ISO 8601, milliseconds and zone), "level" and "text".
 *
 * Lines are handed to the kernel in one write() before append returns: a program that crashes or is
 * killed afterwards loses none of them. The disk has them some seconds later: a power cut of this
 * computer may lose what was written in the last half minute. Waiting for the disk would hold up
 * whoever logs.
 *
 * A file is for its owner only. Too long a file is followed by another, numbered; of too many the
 * ones that were written longest ago go. One thread at a time; several processes on one folder.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SyJournal SyJournal;

enum {
  SY_JOURNAL_BYTES_MAX = 4 << 20, /* of a file */
  SY_JOURNAL_FILES_MAX = 64,      /* that are kept */
};

typedef struct {
  gint64 time_us;    /* as g_get_real_time() */
  const char *level; /* a word for programs */
  const char *text;  /* UTF-8, or what is none of it is replaced */
} SyJournalLine;

/* switchyard/log in the user's state folder, $XDG_STATE_HOME; free with g_free. */
char *sy_journal_dup_folder(void) G_GNUC_WARN_UNUSED_RESULT;

/* `folder` is made, and a file in it, when the first line is added; NULL: the one above. `version`
 * is the program's, `port` the substation's, as a person would write it. */
SyJournal *sy_journal_new(const char *folder, const char *version,
                          const char *port) G_GNUC_WARN_UNUSED_RESULT;
void sy_journal_free(SyJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyJournal, sy_journal_free)

/* The file that is written now; NULL while there is none. Borrowed until the next append. */
const char *sy_journal_get_path(SyJournal *self);

/* Adds lines. FALSE with G_IO_ERROR when they could not be written: a full disk, a folder that
 * takes nothing. Each append tries anew; when it works again, a line says how many are missing. */
gboolean sy_journal_append(SyJournal *self, const SyJournalLine *lines, guint count,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The object of one line, as it is in the file, without the line's end. */
void sy_journal_format(GString *to, const SyJournalLine *line);

G_END_DECLS
