/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyProblems: what is odd or wrong with a file, each with its line, and all of it, not only the
 * first; capped, because a file may be wrong in every line.
 *
 * Filled by one thread; not changed afterwards, and then safe in any. Texts are translated when
 * they are made.
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  SY_SEVERITY_OK,
  SY_SEVERITY_WARNING, /* an upgrade may go on */
  SY_SEVERITY_ERROR,   /* an upgrade is refused */
} SySeverity;

typedef struct {
  SySeverity severity; /* never OK */
  int code;            /* SyHexError */
  guint line;          /* from 1; 0: the file as a whole */
  guint column;        /* from 1, in bytes; 0: the line as a whole */
  guint32 addr;        /* that the line is about, or G_MAXUINT32 */
  char *text;          /* a sentence: what, what it means, what to do. Without the line */
} SyProblem;

enum { SY_PROBLEMS_MAX = 500 }; /* kept of each severity; all are counted */

typedef struct _SyProblems SyProblems;

#define SY_TYPE_PROBLEMS (sy_problems_get_type())
GType sy_problems_get_type(void);

SyProblems *sy_problems_new(void) G_GNUC_WARN_UNUSED_RESULT;
SyProblems *sy_problems_ref(SyProblems *problems);
void sy_problems_unref(SyProblems *problems);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyProblems, sy_problems_unref)

/* Whether another text of this severity would be kept; if not, none need be made. */
gboolean sy_problems_has_room(SyProblems *problems, SySeverity severity);
/* Counts it, and keeps it while there is room. `problem->text` is taken over, may be NULL when
 * there is no room. */
void sy_problems_take(SyProblems *problems, const SyProblem *problem);

/* Those that are kept, in the order they were found. */
guint sy_problems_get_n(SyProblems *problems);
const SyProblem *sy_problems_get(SyProblems *problems, guint index);
/* All that were found of this severity. */
guint64 sy_problems_count(SyProblems *problems, SySeverity severity);
/* The first error, NULL with none. */
const SyProblem *sy_problems_get_first_error(SyProblems *problems);
/* "line 42, column 7: …", or the text alone where no line is known; free with g_free. */
char *sy_problem_dup_sentence(const SyProblem *problem);

G_END_DECLS
