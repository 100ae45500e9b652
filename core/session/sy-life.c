/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an upgrade's time went, as numbers. */

#include "sy-life.h"

static double clocks_to_us(double clocks)
{
  return clocks * G_USEC_PER_SEC / SY_LIFE_CLOCK_HZ;
}

static void add_row(SyLifeTable *table, SyLifeStage stage, double us, double per_block_us)
{
  table->rows[table->n_rows++] = (SyLifeRow){
      .stage = stage,
      .us = us,
      .per_block_us = per_block_us,
      .share = table->total_us > 0 ? us / table->total_us : 0,
  };
}

static void add_blocks_row(SyLifeTable *table, SyLifeStage stage, double us)
{
  guint32 blocks = table->life.blocks_sent;

  add_row(table, stage, us, blocks > 0 ? us / blocks : 0);
}

/* Of handling DATA, what is not programming. The loader's records and the seal are programmed
 * outside of that. */
static double get_unpack_clocks(const SyLife *life)
{
  const guint32 *fields = life->loader.fields;
  guint32 programmed = fields[WIRE_LIFE_BLOCKS];
  double per_block = programmed > 0 ? (double)fields[WIRE_LIFE_PROGRAM_CLOCKS] / programmed : 0;
  double clocks = fields[WIRE_LIFE_HANDLE_CLOCKS] - per_block * MIN(programmed, life->blocks_sent);

  return MAX(clocks, 0);
}

static void add_loader_rows(SyLifeTable *table)
{
  const guint32 *fields = table->life.loader.fields;

  add_blocks_row(table, SY_LIFE_UART, clocks_to_us(fields[WIRE_LIFE_UART_CLOCKS]));
  add_blocks_row(table, SY_LIFE_FRAME, clocks_to_us(fields[WIRE_LIFE_FRAME_CLOCKS]));
  add_blocks_row(table, SY_LIFE_UNPACK, clocks_to_us(get_unpack_clocks(&table->life)));
  add_blocks_row(table, SY_LIFE_FLASH, clocks_to_us(fields[WIRE_LIFE_PROGRAM_CLOCKS]));
}

static void add_rows(SyLifeTable *table)
{
  const SyLife *life = &table->life;
  const guint32 *fields = life->loader.fields;

  if (life->host_us > 0)
    add_blocks_row(table, SY_LIFE_HOST, life->host_us);
  add_blocks_row(table, SY_LIFE_WIRE, life->frame_bytes * 10.0 * G_USEC_PER_SEC / life->baud);
  if (table->told)
    add_loader_rows(table);
  /* Each block's answer takes that long, while the next blocks are on their way. */
  if (life->wait_us > 0)
    add_row(table, SY_LIFE_ANSWER, life->wait_us, life->wait_us);
  if (table->told)
    add_row(table, SY_LIFE_ERASE, clocks_to_us(fields[WIRE_LIFE_ERASE_CLOCKS]), -1);
  add_row(table, SY_LIFE_START,
          (double)(life->phases_us[SY_PHASE_ENTER] + life->phases_us[SY_PHASE_RATE] +
                   life->phases_us[SY_PHASE_START]),
          -1);
}

static gboolean is_told(const WireLife *loader)
{
  for (guint n = 0; n < WIRE_LIFE_COUNT; n++)
    if (loader->fields[n] != 0)
      return TRUE;
  return FALSE;
}

gboolean sy_life_table_fill(SyLifeTable *table, const SyResult *result)
{
  const SyLife *life = &result->life;
  const WireIdentity *identity = &result->identity;
  guint32 bytes = life->loader.fields[WIRE_LIFE_BYTES];
  guint32 block_bytes = life->blocks_sent * WIRE_BLOCK_SIZE;

  if (result->outcome != SY_OUTCOME_DONE || life->baud == 0)
    return FALSE;
  *table = (SyLifeTable){
      .image_bytes = identity->banks[identity->running_bank == WIRE_BANK_HIGH].length,
      .wire_share = block_bytes > 0 ? (double)life->frame_bytes / block_bytes : 0,
      .told = is_told(&life->loader),
      .byte_clocks = SY_LIFE_CLOCK_HZ * 10.0 / life->baud,
      .life = *life,
  };
  if (bytes > 0)
    table->uart_clocks = (double)life->loader.fields[WIRE_LIFE_UART_CLOCKS] / bytes;
  for (SyPhase phase = SY_PHASE_ENTER; phase <= SY_PHASE_START; phase++)
    table->total_us += (double)life->phases_us[phase];
  add_rows(table);
  return TRUE;
}

const char *sy_life_stage_get_key(SyLifeStage stage)
{
  static const char *const keys[SY_LIFE_STAGES] = {
      [SY_LIFE_HOST] = "host",     [SY_LIFE_WIRE] = "wire",     [SY_LIFE_UART] = "uart",
      [SY_LIFE_FRAME] = "frame",   [SY_LIFE_UNPACK] = "unpack", [SY_LIFE_FLASH] = "flash",
      [SY_LIFE_ANSWER] = "answer", [SY_LIFE_ERASE] = "erase",   [SY_LIFE_START] = "start",
  };

  return keys[stage];
}
