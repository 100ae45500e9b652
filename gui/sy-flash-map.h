/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFlashMap: the LPC2114's flash as a picture. 16 sectors of 16 blocks of 512 bytes, each drawn
 * with a colour and a pattern of its own; what it knows comes from the substation's identity and,
 * on top, from a running upgrade. SyFlashLegend says what the patterns mean.
 */

#pragma once

#include "sy-outcome.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  SY_CELL_UNKNOWN,
  SY_CELL_FIXED,   /* jump program, loader, bank record, boot block: never part of an upgrade */
  SY_CELL_RUNNING, /* program that runs */
  SY_CELL_IDLE,    /* program that waits in the other bank */
  SY_CELL_DAMAGED, /* program whose checksum is wrong */
  SY_CELL_FREE,    /* nothing of a program */
  SY_CELL_ERASED,
  SY_CELL_SENT,
  SY_CELL_VERIFIED,
  SY_CELL_REPEATED, /* verified, but sent more than once */
  SY_CELL_FAILED,
  SY_CELL_COUNT,
} SyCell;

#define SY_TYPE_FLASH_MAP (sy_flash_map_get_type())
G_DECLARE_FINAL_TYPE(SyFlashMap, sy_flash_map, SY, FLASH_MAP, GtkWidget)

/* NULL: nothing is known. Copied. */
void sy_flash_map_set_identity(SyFlashMap *self, const WireIdentity *identity);
/* What an upgrade did to its bank; NULL: forget it. Copied. */
void sy_flash_map_set_progress(SyFlashMap *self, const SyProgress *progress);

/* What is drawn for a block; for tests and the tooltip. */
SyCell sy_flash_map_get_cell(SyFlashMap *self, guint sector, guint block);
/* Bit n set: SyCell n is somewhere on the map. Signal "cells-changed" (void) tells of news. */
guint sy_flash_map_get_kinds(SyFlashMap *self);

#define SY_TYPE_FLASH_LEGEND (sy_flash_legend_get_type())
G_DECLARE_FINAL_TYPE(SyFlashLegend, sy_flash_legend, SY, FLASH_LEGEND, GtkWidget)

/* Follows the map; shows the patterns that are on it. */
void sy_flash_legend_set_map(SyFlashLegend *self, SyFlashMap *map);

G_END_DECLS
