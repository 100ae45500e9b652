/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What holds of every hex text that is read, whatever it is; for fuzz targets. What does not hold
 * ends the program.
 */

#pragma once

#include <stdint.h>

#include "sy-text-reader.h"

/* The text gives the same image and problems in pieces, whose size its bytes choose. `text` gets
 * what came of it; FALSE when it is refused as a whole. */
gboolean text_check(SyFormat format, const uint8_t *data, size_t size, SyText *text);

/* Every problem is a sentence about a line of the file. */
void text_check_problems(SyProblems *problems, guint n_lines);

/* Each byte comes from a line of the file; `is_text` FALSE: from none. */
void text_check_lines(SyImage *image, guint n_lines, gboolean is_text);

void text_check_same(SyImage *one, SyImage *two);
