/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an upgrade's time went: numbers by hand. */

#include "sy-life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { BLOCKS = 96, MS = 1000, CLOCKS_PER_MS = SY_LIFE_CLOCK_HZ / 1000, TOLERANCE_US = 6 };

/* An upgrade in a second: 96 blocks in 24,000 bytes at 691200 baud. */
static SyResult create_result(void)
{
  SyResult result = {
      .outcome = SY_OUTCOME_DONE,
      .identity = {.running_bank = WIRE_BANK_HIGH, .banks = {{0}, {.length = 48 * 1024}}},
      .life = {.baud = 691200,
               .wait_us = 2 * MS,
               .frames = 48,
               .frame_bytes = 24000,
               .blocks_sent = BLOCKS,
               .blocks_packed = BLOCKS,
               .host_us = 48 * MS},
  };
  guint32 *fields = result.life.loader.fields;

  result.life.phases_us[SY_PHASE_CONNECT] = 5000 * MS; /* not the upgrade's */
  result.life.phases_us[SY_PHASE_ENTER] = 100 * MS;
  result.life.phases_us[SY_PHASE_RATE] = 50 * MS;
  result.life.phases_us[SY_PHASE_WRITE] = 800 * MS;
  result.life.phases_us[SY_PHASE_START] = 50 * MS;
  result.life.phases_us[SY_PHASE_TRIAL] = 5000 * MS;
  fields[WIRE_LIFE_UART_CLOCKS] = 1250000;
  fields[WIRE_LIFE_UART_COUNT] = 3000;
  fields[WIRE_LIFE_BYTES] = 25000;
  fields[WIRE_LIFE_FRAME_CLOCKS] = 96 * CLOCKS_PER_MS;
  fields[WIRE_LIFE_HANDLE_CLOCKS] = 288 * CLOCKS_PER_MS;
  fields[WIRE_LIFE_PROGRAM_CLOCKS] = 100 * CLOCKS_PER_MS;
  fields[WIRE_LIFE_BLOCKS] = 100; /* with the records and the seal, which HANDLE does not hold */
  fields[WIRE_LIFE_ERASE_CLOCKS] = 100 * CLOCKS_PER_MS;
  return result;
}

static const SyLifeRow *find_row(const SyLifeTable *table, SyLifeStage stage)
{
  for (guint n = 0; n < table->n_rows; n++)
    if (table->rows[n].stage == stage)
      return &table->rows[n];
  return NULL;
}

static void assert_row(const SyLifeTable *table, SyLifeStage stage, double ms, double per_block_ms)
{
  const SyLifeRow *row = find_row(table, stage);

  assert_non_null(row);
  assert_float_equal(row->us, ms * MS, TOLERANCE_US);
  assert_float_equal(row->share, ms / 1000, 1e-5);
  if (per_block_ms < 0)
    assert_true(row->per_block_us < 0);
  else
    assert_float_equal(row->per_block_us, per_block_ms * MS, TOLERANCE_US);
}

static void each_stage_has_its_time_and_its_share(void **state)
{
  SyResult result = create_result();
  SyLifeTable table;

  (void)state;
  assert_true(sy_life_table_fill(&table, &result));
  assert_int_equal(table.n_rows, SY_LIFE_STAGES);
  assert_float_equal(table.total_us, 1000 * MS, 1);
  assert_row(&table, SY_LIFE_HOST, 48, 0.5);
  assert_row(&table, SY_LIFE_WIRE, 347.222, 347.222 / BLOCKS);
  assert_row(&table, SY_LIFE_UART, 113.028, 113.028 / BLOCKS);
  assert_row(&table, SY_LIFE_FRAME, 96, 1);
  assert_row(&table, SY_LIFE_UNPACK, 192, 2);
  assert_row(&table, SY_LIFE_FLASH, 100, 100.0 / BLOCKS);
  assert_row(&table, SY_LIFE_ANSWER, 2, 2);
  assert_row(&table, SY_LIFE_ERASE, 100, -1);
  assert_row(&table, SY_LIFE_START, 200, -1);
  assert_float_equal(table.uart_clocks, 50, 1e-6);
  assert_float_equal(table.byte_clocks, 160, 1e-6);
}

static void a_loader_that_tells_nothing_has_no_rows(void **state)
{
  SyResult result = create_result();
  SyLifeTable table;
  g_autofree char *text = NULL;

  (void)state;
  result.life.loader = (WireLife){0};
  assert_true(sy_life_table_fill(&table, &result));
  assert_int_equal(table.n_rows, 4);
  assert_non_null(find_row(&table, SY_LIFE_HOST));
  assert_non_null(find_row(&table, SY_LIFE_WIRE));
  assert_non_null(find_row(&table, SY_LIFE_ANSWER));
  assert_non_null(find_row(&table, SY_LIFE_START));
  assert_false(table.told);
  text = sy_life_dup_text(&table);
  assert_null(strstr(text, "Interrupts"));
}

static void only_an_upgrade_that_is_done_has_a_table(void **state)
{
  SyResult result = create_result();
  SyLifeTable table;

  (void)state;
  result.outcome = SY_OUTCOME_OLD_RUNS;
  assert_false(sy_life_table_fill(&table, &result));
  result.outcome = SY_OUTCOME_DONE;
  result.life = (SyLife){0};
  assert_false(sy_life_table_fill(&table, &result));
}

static void assert_summary(const SyResult *result, const char *wanted)
{
  SyLifeTable table;
  g_autofree char *summary = NULL;

  assert_true(sy_life_table_fill(&table, result));
  summary = sy_life_dup_summary(&table);
  assert_string_equal(summary, wanted);
}

static void the_summary_says_how_it_was_sent(void **state)
{
  SyResult result = create_result();

  (void)state;
  assert_summary(&result, "48.0 KB in 1.0 s at 691200 baud, packed to 49 %");
  result.life.knows_running = true;
  assert_summary(&result,
                 "48.0 KB in 1.0 s at 691200 baud, packed against the old program to 49 %");
  result.life.blocks_kept = 1;
  result.life.blocks_packed = 0;
  assert_summary(&result, "48.0 KB in 1.0 s at 691200 baud, 1 block was there already");
  result.life.blocks_kept = 32;
  assert_summary(&result, "48.0 KB in 1.0 s at 691200 baud, 32 blocks were there already");
}

/* All was there: nothing is divided by what was not sent. */
static void without_a_block_sent_nothing_is_divided(void **state)
{
  SyResult result = create_result();
  SyLifeTable table;
  g_autofree char *text = NULL;

  (void)state;
  result.life.blocks_sent = result.life.frames = result.life.frame_bytes = 0;
  result.life.loader.fields[WIRE_LIFE_BYTES] = 0;
  assert_true(sy_life_table_fill(&table, &result));
  text = sy_life_dup_text(&table);
  assert_null(strstr(text, "nan"));
  assert_null(strstr(text, "inf"));
}

static void times_have_three_digits(void **state)
{
  static const struct {
    double us;
    const char *text;
  } cases[] = {
      {0, "0 µs"},          {712.4, "712 µs"},     {1140, "1.14 ms"},      {31800, "31.8 ms"},
      {592 * MS, "592 ms"}, {1284 * MS, "1.28 s"}, {95.04 * MS, "95.0 ms"}};

  (void)state;
  for (guint n = 0; n < G_N_ELEMENTS(cases); n++) {
    g_autofree char *text = sy_life_dup_time(cases[n].us);

    assert_string_equal(text, cases[n].text);
  }
}

static void the_text_stands_in_columns(void **state)
{
  SyResult result = create_result();
  SyLifeTable table;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  (void)state;
  assert_true(sy_life_table_fill(&table, &result));
  text = sy_life_dup_text(&table);
  lines = g_strsplit(text, "\n", -1);
  for (guint n = 1; n <= table.n_rows; n++)
    assert_int_equal(g_utf8_strlen(lines[n], -1), g_utf8_strlen(lines[0], -1));
  for (char **line = lines; *line; line++)
    assert_true(g_utf8_strlen(*line, -1) < 80);
  assert_non_null(strstr(text, "691200 baud"));
  assert_non_null(strstr(text, "96 blocks sent in 48 frames, 96 of them packed"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_stage_has_its_time_and_its_share),
      cmocka_unit_test(a_loader_that_tells_nothing_has_no_rows),
      cmocka_unit_test(only_an_upgrade_that_is_done_has_a_table),
      cmocka_unit_test(the_summary_says_how_it_was_sent),
      cmocka_unit_test(without_a_block_sent_nothing_is_divided),
      cmocka_unit_test(times_have_three_digits),
      cmocka_unit_test(the_text_stands_in_columns),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
