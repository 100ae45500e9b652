/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The life of a block: where an upgrade's time went, stage by stage, as a table and in words. One
 * place for window and command line.
 *
 * Times are microseconds. The substation's own are counted in clocks of its processor, interrupts
 * of each stage included. Strings are translated; free with g_free. Any thread.
 */

#pragma once

#include "sy-outcome.h"

#include <glib.h>

G_BEGIN_DECLS

/* UM10114 §4.6: no PLL, so a clock is one of the crystal. */
enum { SY_LIFE_CLOCK_HZ = 11059200 };

typedef enum {
  SY_LIFE_HOST,   /* packing on this computer */
  SY_LIFE_WIRE,   /* DATA frames on the line */
  SY_LIFE_UART,   /* the interrupt that receives them */
  SY_LIFE_FRAME,  /* finding and checking frames */
  SY_LIFE_UNPACK, /* unpacking, and reading back what was programmed */
  SY_LIFE_FLASH,  /* programming */
  SY_LIFE_ANSWER, /* until an answer is back; only the last is waited for */
  SY_LIFE_ERASE,  /* once */
  SY_LIFE_START,  /* once: starting the loader, finding the rate, starting the new program */
  SY_LIFE_STAGES,
} SyLifeStage;

typedef struct {
  SyLifeStage stage;
  double us;           /* in all */
  double per_block_us; /* of a block sent; negative for what happens once */
  double share;        /* of total_us, 0 to 1; stages overlap, so that shares do not add up to 1 */
} SyLifeRow;

/* What the loader does not tell has no row. */
typedef struct {
  SyLifeRow rows[SY_LIFE_STAGES];
  guint n_rows;
  double total_us;     /* from the upgrade command until the new program was heard */
  guint32 image_bytes; /* of the new program */
  double wire_share;   /* bytes on the wire for each byte of the blocks sent */
  gboolean told;       /* the loader told its clocks */
  double uart_clocks;  /* of the UART interrupt for each byte received */
  double byte_clocks;  /* that a byte lasts on the line */
  SyLife life;
} SyLifeTable;

/* FALSE when there is nothing to tell: only an upgrade that is done has a table. */
gboolean sy_life_table_fill(SyLifeTable *table, const SyResult *result);

/* For scripts: "wire". */
const char *sy_life_stage_get_key(SyLifeStage stage);
/* "On the wire". */
const char *sy_life_stage_get_label(SyLifeStage stage);
/* "712 µs", "9.41 ms", "1.28 s". */
char *sy_life_dup_time(double us);
/* "48.0 KB in 2.8 s at 115200 baud, packed to 64 %". */
char *sy_life_dup_summary(const SyLifeTable *table);
/* What the shares are shares of, and why they do not add up. */
char *sy_life_dup_stages_note(const SyLifeTable *table);
/* What a clock is, how many a byte lasts, and whether bytes were lost. */
char *sy_life_dup_interrupts_note(const SyLifeTable *table);
/* What was sent of the new program. */
char *sy_life_dup_blocks_note(const SyLifeTable *table);
/* All of it as lines, in columns of a fixed-width font. */
char *sy_life_dup_text(const SyLifeTable *table);

G_END_DECLS
