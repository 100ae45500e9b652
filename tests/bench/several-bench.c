/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Several virtual substations upgraded at once, against one alone.
 *
 *   several-bench [RELEASE [ROUNDS]]     release-large-1.3.0.hex of this build, 3
 *
 * Each is a private one, paced to real time, with the factory image, and starts before the clock
 * does. Time is from the start of all until the last is confirmed, the median of the rounds; what
 * was asked twice is counted over all rounds. Processor time is counted, not guessed from the load:
 * the workstation's (this program's, all threads) and the models', each also for one upgrade. On a
 * machine whose processors the models fill it is the substations that are slow. Ends with 1 when an
 * upgrade failed.
 */

#include "bench-usage.h"
#include "sy-board.h"
#include "sy-locate.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 99 };

typedef struct {
  double ms;
  double workstation_ms, models_ms; /* of processor time */
  guint retries, timeouts, bad_frames, failed;
} Round;

static gboolean is_known(SyBoard *board)
{
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(board, n)); n++)
    if (sy_station_get_state(sy_board_row_get_station(row)) != SY_STATION_CONNECTED)
      return FALSE;
  return TRUE;
}

static SyBoard *make_board(guint count)
{
  SyBoard *board = sy_board_new();

  for (guint n = 0; n < count; n++) {
    g_autoptr(SyStation) station = sy_station_new("virtual");

    sy_board_add(board, station, NULL);
  }
  sy_board_identify(board);
  while (!is_known(board))
    g_main_context_iteration(NULL, TRUE);
  return board;
}

static void count(SyBoard *board, Round *round)
{
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(board, n)); n++) {
    const SyCounts *counts = &sy_board_row_get_result(row)->counts;

    round->retries += counts->retries;
    round->timeouts += counts->timeouts;
    round->bad_frames += counts->bad_frames;
    if (sy_board_row_get_state(row) == SY_BOARD_PASSED)
      continue;
    round->failed++;
    fprintf(stderr, "FAILED: %s\n", sy_board_row_get_sentence(row));
  }
}

static Round run(SyRelease *release, guint count_of_them)
{
  g_autoptr(SyBoard) board = make_board(count_of_them);
  gint64 models_us = bench_get_children_cpu_us();
  gint64 own_us = bench_get_process_cpu_us();
  gint64 start_us = g_get_monotonic_time();
  Round round = {0};

  sy_board_start(board, release, FALSE, SY_BOARD_ALL);
  while (sy_board_is_running(board))
    g_main_context_iteration(NULL, TRUE);
  round.ms = (double)(g_get_monotonic_time() - start_us) / 1000;
  round.workstation_ms = (double)(bench_get_process_cpu_us() - own_us) / 1000;
  round.models_ms = (double)(bench_get_children_cpu_us() - models_us) / 1000;
  count(board, &round);
  return round;
}

static int compare(const void *a, const void *b)
{
  double difference = ((const Round *)a)->ms - ((const Round *)b)->ms;

  return (difference > 0) - (difference < 0);
}

/* The round of the median time, with what was counted in all of them. */
static Round run_rounds(SyRelease *release, guint count_of_them, guint rounds)
{
  Round all[ROUNDS_MAX], sum = {0}, median;

  for (guint n = 0; n < rounds; n++) {
    all[n] = run(release, count_of_them);
    sum.retries += all[n].retries;
    sum.timeouts += all[n].timeouts;
    sum.bad_frames += all[n].bad_frames;
    sum.failed += all[n].failed;
  }
  qsort(all, rounds, sizeof all[0], compare);
  median = all[rounds / 2];
  sum.ms = median.ms;
  sum.workstation_ms = median.workstation_ms;
  sum.models_ms = median.models_ms;
  return sum;
}

static void print_row(guint count_of_them, const Round *round, double alone_ms)
{
  printf("%5u%9.2f%9.2f%9u%10u%9u%12.0f %%%8.1f%12.0f %%%8.1f\n", count_of_them, round->ms / 1000,
         round->ms / alone_ms, round->retries, round->timeouts, round->bad_frames,
         100 * round->workstation_ms / round->ms, round->workstation_ms / count_of_them,
         100 * round->models_ms / round->ms, round->models_ms / count_of_them);
  fflush(stdout);
}

int main(int argc, char **argv)
{
  static const guint counts[] = {1, 2, 4, 8, 16, 32};
  g_autofree char *usual = sy_locate_firmware("release-large-1.3.0.hex");
  g_autoptr(GFile) file = g_file_new_for_commandline_arg(argc > 1 ? argv[1] : usual);
  guint rounds = argc > 2 ? (guint)CLAMP(atoi(argv[2]), 1, ROUNDS_MAX) : 3;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyRelease) release = NULL;
  double alone_ms = 0;
  guint failed = 0;

  g_setenv("XDG_DATA_HOME", "/nonexistent", TRUE); /* no run finds what another one kept */
  release = sy_release_load(file, NULL, &error);
  if (!release) {
    fprintf(stderr, "several-bench: %s\n", error->message);
    return 1;
  }
  printf("%u processors; shares are of one. Counts are of %u rounds.\n\n", g_get_num_processors(),
         rounds);
  printf("%5s%9s%9s%9s%10s%9s%14s%8s%14s%8s\n", "", "time, s", "x alone", "retries", "time-outs",
         "damaged", "workstation", "ms each", "models", "ms each");
  for (guint n = 0; n < G_N_ELEMENTS(counts); n++) {
    Round round = run_rounds(release, counts[n], rounds);

    alone_ms = n == 0 ? round.ms : alone_ms;
    print_row(counts[n], &round, alone_ms);
    failed += round.failed;
  }
  return failed > 0 ? 1 : 0;
}
