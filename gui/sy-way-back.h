/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyWayBack: what going back to the program in the other bank would do now, or why it can't be
 * done; and whether there is a program on trial to be kept instead. Made from the substation alone,
 * so that the window only shows it.
 */

#pragma once

#include "sy-station.h"

G_BEGIN_DECLS

typedef struct {
  gboolean ready;
  WireBank bank; /* to go back to; NONE when not ready */
  char *label;   /* of the menu item, with mnemonic: "_Go Back to LOW 1.0.0…", or why not */
  char *heading; /* of the question; NULL when not ready */
  char *body;    /* what will happen; NULL when not ready */
  char *keep;    /* with mnemonic: "_Keep HIGH 1.1.0"; NULL when no program is on trial */
} SyWayBack;

/* `station` may be NULL. */
SyWayBack *sy_way_back_new(SyStation *station);
void sy_way_back_free(SyWayBack *way);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyWayBack, sy_way_back_free)

G_END_DECLS
