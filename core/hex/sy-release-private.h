/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The checks behind SyRelease. Not for others.
 */

#pragma once

#include "sy-release.h"

G_BEGIN_DECLS

/* Fills the SY_CHECK_COUNT findings of a program. Everything but `findings` and `usable` is set. */
void sy_release_check_program(SyImage *image, const SyProgram *program, SyFinding *findings);

/* Appends what there is to say about the whole file to an array of SyFinding. `low` and `high` may
 * be NULL. */
void sy_release_check_file(SyImage *image, const SyProgram *low, const SyProgram *high,
                           GArray *findings);

/* Puts first what is wrong or odd with the file's text, in one finding; none when it is as it
 * should be. */
void sy_release_check_text(SyProblems *problems, GArray *findings);

G_END_DECLS
