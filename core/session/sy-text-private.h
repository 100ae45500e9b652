/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Words that the files behind sy-text.h share; nobody else includes it. */

#pragma once

#include "sy-text.h"

/* Why the loader leaves, as the beginning of a sentence. */
const char *sy_leaving_to_string(guint8 cause);
/* The program that was tried and left; only its bank when there is nothing of it any more. */
char *sy_identity_dup_left_text(const WireIdentity *identity);
