/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBankTile: one bank as a card. What it does, its name, what it holds, and how that stands
 * between an old and a new program.
 */

#pragma once

#include "wire-flash-map.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BANK_TILE (sy_bank_tile_get_type())
G_DECLARE_FINAL_TYPE(SyBankTile, sy_bank_tile, SY, BANK_TILE, GtkWidget)

typedef struct {
  gboolean runs;           /* drawn as the one that runs */
  const char *role;        /* "Running" */
  const char *detail;      /* "1.1.0" */
  const char *state;       /* "confirmed"; NULL or empty: nothing to say */
  const char *state_class; /* of style.css: confirmed, trial, returned; NULL: plain */
} SyBankLook;

/* Copied. */
void sy_bank_tile_show(SyBankTile *self, WireBank bank, const SyBankLook *look);

G_END_DECLS
