/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reads hex texts, whole and in pieces, and asserts what came of them, for tests.
 */

#pragma once

#include "sy-hex.h"
#include "sy-text-reader.h"

G_BEGIN_DECLS

/* Reads the whole text; fails the test when it is refused. */
void text_read(SyFormat format, const char *bytes, gsize length, SyText *text);

/* The text fed in pieces gives the same image, from the same lines, and the same problems. */
void text_reads_alike_in_pieces_of(SyFormat format, const char *bytes, gsize length, gsize piece,
                                   const SyText *whole);
/* ... in pieces of any size. */
void text_reads_alike_in_pieces(SyFormat format, const char *bytes, gsize length);

/* What is expected of one problem. `addr` may be G_MAXUINT32. */
typedef struct {
  SySeverity severity;
  SyHexError code;
  guint line;
  guint column;
  guint32 addr;
  const char *holds; /* its text */
} TextProblem;

/* The problems are these and no others, in this order. A list ends with severity OK. */
void text_has_problems(const SyText *text, const TextProblem *problems);

/* The bytes at `addr`, all there. */
void text_has_bytes(const SyText *text, guint32 addr, const char *bytes, gsize length);

G_END_DECLS
