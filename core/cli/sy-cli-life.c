/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an upgrade's time went, as lines and as JSON. */

#include "sy-cli.h"

#include "sy-life.h"

#include <stdio.h>

static void add_double(JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name(builder, key);
  json_builder_add_double_value(builder, value);
}

static void add_stage(JsonBuilder *builder, const SyLifeRow *row)
{
  json_builder_begin_object(builder);
  sy_cli_add_string(builder, "id", sy_life_stage_get_key(row->stage));
  sy_cli_add_int(builder, "microseconds", (gint64)(row->us + 0.5));
  if (row->per_block_us >= 0)
    add_double(builder, "per_block_us", row->per_block_us);
  else
    sy_cli_add_string(builder, "per_block_us", NULL);
  add_double(builder, "share", row->share);
  json_builder_end_object(builder);
}

static void add_interrupts(JsonBuilder *builder, const SyLifeTable *table)
{
  const guint32 *fields = table->life.loader.fields;

  json_builder_set_member_name(builder, "interrupts");
  json_builder_begin_object(builder);
  json_builder_set_member_name(builder, "uart");
  json_builder_begin_object(builder);
  sy_cli_add_int(builder, "count", fields[WIRE_LIFE_UART_COUNT]);
  sy_cli_add_int(builder, "clocks", fields[WIRE_LIFE_UART_CLOCKS]);
  add_double(builder, "clocks_per_byte", table->uart_clocks);
  add_double(builder, "clocks_of_a_byte", table->byte_clocks);
  json_builder_end_object(builder);
  json_builder_set_member_name(builder, "tick");
  json_builder_begin_object(builder);
  sy_cli_add_int(builder, "count", fields[WIRE_LIFE_TICK_COUNT]);
  sy_cli_add_int(builder, "clocks", fields[WIRE_LIFE_TICK_CLOCKS]);
  json_builder_end_object(builder);
  json_builder_end_object(builder);
  sy_cli_add_int(builder, "overruns", fields[WIRE_LIFE_OVERRUNS]);
}

void sy_cli_add_round_trip(JsonBuilder *builder, const SyLife *life)
{
  if (life->wait_us > 0)
    add_double(builder, "round_trip_ms", (double)life->wait_us / 1000);
  else
    sy_cli_add_string(builder, "round_trip_ms", NULL);
}

void sy_cli_add_life(JsonBuilder *builder, const SyResult *result)
{
  SyLifeTable table;

  if (!sy_life_table_fill(&table, result))
    return;
  json_builder_set_member_name(builder, "life");
  json_builder_begin_object(builder);
  sy_cli_add_int(builder, "microseconds", (gint64)(table.total_us + 0.5));
  json_builder_set_member_name(builder, "stages");
  json_builder_begin_array(builder);
  for (guint n = 0; n < table.n_rows; n++)
    add_stage(builder, &table.rows[n]);
  json_builder_end_array(builder);
  if (table.told)
    add_interrupts(builder, &table);
  sy_cli_add_int(builder, "baud", table.life.baud);
  sy_cli_add_int(builder, "frames", table.life.frames);
  sy_cli_add_int(builder, "bytes_on_wire", table.life.frame_bytes);
  sy_cli_add_int(builder, "image_bytes", table.image_bytes);
  sy_cli_add_int(builder, "blocks_sent", table.life.blocks_sent);
  sy_cli_add_int(builder, "blocks_packed", table.life.blocks_packed);
  sy_cli_add_int(builder, "blocks_kept", table.life.blocks_kept);
  sy_cli_add_int(builder, "host_microseconds", (gint64)table.life.host_us);
  sy_cli_add_bool(builder, "difference", table.life.knows_running);
  json_builder_end_object(builder);
}

void sy_cli_print_life(const SyCliOptions *options, const SyResult *result)
{
  SyLifeTable table;
  g_autofree char *summary = NULL;
  g_autofree char *text = NULL;

  if (!sy_life_table_fill(&table, result))
    return;
  summary = sy_life_dup_summary(&table);
  printf("%s\n", summary);
  if (!options->figures)
    return;
  text = sy_life_dup_text(&table);
  printf("\n%s\n", text);
}
