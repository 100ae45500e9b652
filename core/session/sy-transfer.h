/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A job on a link: drives a SySession with its own poll until it is finished. Blocking; for the
 * command line as it is, for a window in a thread (SyStation).
 */

#pragma once

#include "sy-dictionary.h"
#include "sy-frame-text.h"
#include "sy-link.h"
#include "sy-release.h"
#include "sy-session.h"

G_BEGIN_DECLS

/* Told of each event in the calling thread. `session` may be read, not touched. */
typedef void (*SyTransferFunc)(const SySession *session, const SyEvent *event, gpointer user_data);

/* What is told while a session runs, in the calling thread. */
typedef struct {
  SyTransferFunc event; /* may be NULL */
  gpointer user_data;   /* of event */
  SyFrameTrace *trace;  /* is fed with all that goes and comes; may be NULL. Borrowed. */
} SyTransferWatch;

/* Runs a session that has been started until it is finished; session->result stands afterwards.
 * `watch` may be NULL. A lost link ends it too and is then returned as SY_LINK_ERROR_LOST in
 * `error`, for its text. */
void sy_transfer_run(SySession *session, SyLink *link, const SyTransferWatch *watch,
                     GCancellable *cancellable, GError **error);

/* Starts an upgrade that makes use of what the link and the dictionary (may be NULL) offer: higher
 * rates, packing. Both must stay until the session is finished. */
void sy_transfer_start_upgrade(SySession *session, SyLink *link, SyRelease *release,
                               SyDictionary *dictionary);

/* Starts a dry run, as sy_session_start_check. */
void sy_transfer_start_check(SySession *session, SyRelease *release);

/* Starts a read, as sy_session_start_read, at the highest rate that the link offers. The link and
 * `flash` must stay until the session is finished. */
void sy_transfer_start_read(SySession *session, SyLink *link, const guint8 pages[SY_READ_MAP_SIZE],
                            guint8 *flash);

/* The halves of a release that may be sent, for sy_session_start_upgrade; LOW, HIGH. Borrowed from
 * the release. */
void sy_transfer_get_uploads(SyRelease *release, SyUpload halves[2]);

/* A number for sy_session_init: differs from call to call in this process, and by chance between
 * processes. */
guint8 sy_transfer_new_token(void);

/* Now, for sy_session_start_…: the clock that sy_transfer_run goes by. */
guint64 sy_transfer_now_us(void);

G_END_DECLS
