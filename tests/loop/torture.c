/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs, table, verdict. */

#include "torture.h"

#include "sy-text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 16, CAUSES_SHOWN = 6 };

typedef struct {
  bool full;
  unsigned jobs;
  int path, seed; /* -1: all */
} Options;

/* What became of the runs of one path. */
typedef struct {
  const RelayPath *path;
  unsigned runs, done, old_runs, not_known, wrong;
  uint64_t sent, needed;
  unsigned retries;
  uint64_t median_us, slowest_us;
  unsigned happened[RELAY_IMPAIRMENTS];
} Row;

void torture_note_result(TortureRun *run, const SyResult *result)
{
  g_autofree char *words = sy_result_dup_account(SY_JOB_UPGRADE, result);

  run->outcome = result->outcome;
  run->reason = result->reason;
  run->phase = result->phase;
  run->took_us += result->duration_us;
  run->sent += result->counts.bytes_sent;
  run->retries += result->counts.retries;
  g_strlcpy(run->words, words, sizeof run->words);
  if (result->outcome != SY_OUTCOME_DONE &&
      (result->reason == SY_REASON_NONE || result->phase == SY_PHASE_IDLE || words[0] == '\0'))
    run->faults[TORTURE_NO_REASON] = true;
}

void torture_note_relay(TortureRun *run, const Relay *relay)
{
  for (RelayWay way = RELAY_TO_DEVICE; way < RELAY_WAYS; way++)
    for (unsigned i = 0; i < RELAY_IMPAIRMENTS; i++)
      run->happened[i] += relay->ways[way].counts[i];
}

static bool is_wrong(const TortureRun *run)
{
  for (unsigned i = 0; i < TORTURE_FAULTS; i++)
    if (run->faults[i])
      return true;
  return !run->ended;
}

/* ---- The runs ---- */

static void run_share(TortureRun *runs, unsigned count, TortureFunc func, unsigned job,
                      unsigned jobs)
{
  for (unsigned i = job; i < count; i += jobs) {
    runs[i].begun = true;
    func(&runs[i]);
    runs[i].ended = true;
  }
}

/* One run after the other, in several processes: what a worker that dies has not ended stays so. */
static void run_all(TortureRun *runs, unsigned count, TortureFunc func, unsigned jobs)
{
  fflush(stdout);
  for (unsigned job = 0; job < jobs; job++)
    if (fork() == 0) {
      run_share(runs, count, func, job, jobs);
      fflush(stdout);
      _exit(0);
    }
  while (wait(NULL) > 0)
    continue;
}

/* ---- The table ---- */

static int compare_times(const void *a, const void *b)
{
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

  return left < right ? -1 : left > right;
}

static void add_run(Row *row, const TortureRun *run)
{
  row->runs++;
  row->wrong += is_wrong(run);
  if (!run->ended)
    return;
  row->done += run->outcome == SY_OUTCOME_DONE;
  row->not_known += run->outcome == SY_OUTCOME_UNKNOWN;
  row->old_runs += run->outcome != SY_OUTCOME_DONE && run->outcome != SY_OUTCOME_UNKNOWN;
  row->retries += run->retries;
  if (run->took_us > row->slowest_us)
    row->slowest_us = run->took_us;
  if (run->outcome == SY_OUTCOME_DONE) {
    row->sent += run->sent;
    row->needed += run->needed;
  }
  for (unsigned i = 0; i < RELAY_IMPAIRMENTS; i++)
    row->happened[i] += run->happened[i];
}

static Row sum_up(const RelayPath *path, const TortureRun *runs, unsigned count)
{
  g_autofree uint64_t *times = g_new(uint64_t, count);
  Row row = {.path = path};
  unsigned done = 0;

  for (unsigned i = 0; i < count; i++)
    if (runs[i].path == path) {
      add_run(&row, &runs[i]);
      if (runs[i].ended && runs[i].outcome == SY_OUTCOME_DONE)
        times[done++] = runs[i].took_us;
    }
  qsort(times, done, sizeof *times, compare_times);
  row.median_us = done > 0 ? times[done / 2] : 0;
  return row;
}

static void print_row(const Row *row, const Row *clean)
{
  printf("# | %s | %u | %u | %u | %u | %u | ", row->path->name, row->runs, row->done, row->old_runs,
         row->not_known, row->wrong);
  if (row->done > 0)
    printf("%.1f s (%.1f ×) | %.2f | ", (double)row->median_us / 1e6,
           (double)row->median_us / (double)MAX(clean->median_us, 1),
           (double)row->sent / (double)MAX(row->needed, 1));
  else
    printf("– | – | ");
  printf("%.1f | %.0f s |\n", (double)row->retries / MAX(row->runs, 1),
         (double)row->slowest_us / 1e6);
}

static void print_happened(const Row *row)
{
  for (unsigned i = 0; i < RELAY_IMPAIRMENTS; i++)
    if (relay_path_has(row->path, i))
      printf("# %s: %s %u\n", row->path->name, relay_impairment_name(i), row->happened[i]);
}

static bool is_same_end(const TortureRun *a, const TortureRun *b)
{
  return a->path == b->path && a->outcome == b->outcome && a->reason == b->reason &&
         a->phase == b->phase;
}

/* Why upgrades of a path were given up, in the words that a person reads. */
static void print_causes(const RelayPath *path, const TortureRun *runs, unsigned count)
{
  unsigned shown = 0;

  for (unsigned i = 0; i < count && shown < CAUSES_SHOWN; i++) {
    unsigned times = 0;

    if (runs[i].path != path || !runs[i].ended || runs[i].outcome == SY_OUTCOME_DONE)
      continue;
    for (unsigned at = 0; at < count; at++) {
      if (!runs[at].ended || !is_same_end(&runs[at], &runs[i]))
        continue;
      if (at < i)
        break; /* told before */
      times++;
    }
    if (times == 0)
      continue;
    printf("# %s: %u ×: %s\n", path->name, times, runs[i].words);
    shown++;
  }
}

static void print_wrong(const TortureRun *runs, unsigned count)
{
  static const char *const names[TORTURE_FAULTS] = {"false success", "false failure", "hurt",
                                                    "no reason",     "endless",       "not again"};

  for (unsigned i = 0; i < count; i++) {
    if (!is_wrong(&runs[i]))
      continue;
    printf("# --path %d --seed %u, outcome %d, reason %d, phase %d:%s",
           (int)(runs[i].path - relay_paths), runs[i].seed, runs[i].outcome, runs[i].reason,
           runs[i].phase,
           runs[i].ended   ? ""
           : runs[i].begun ? " died"
                           : " not run");
    for (unsigned fault = 0; fault < TORTURE_FAULTS; fault++)
      if (runs[i].faults[fault])
        printf(" %s", names[fault]);
    printf("; %s\n", runs[i].words);
  }
}

/* ---- The verdict ---- */

static bool tell(unsigned *number, bool right, const char *sentence)
{
  printf("%sok %u - %s\n", right ? "" : "not ", ++*number, sentence);
  return right;
}

static bool judge_faults(unsigned *number, const TortureRun *runs, unsigned count)
{
  static const char *const sentences[TORTURE_FAULTS] = {
      "what is said to be done is done",
      "what is said to run as before does",
      "the old program or the new one runs",
      "who gives up says why",
      "each session ends",
      "on a clean line the next upgrade is done",
  };
  bool right = true;

  for (unsigned fault = 0; fault < TORTURE_FAULTS; fault++) {
    unsigned wrong = 0;

    for (unsigned i = 0; i < count; i++)
      wrong += runs[i].faults[fault];
    right &= tell(number, wrong == 0, sentences[fault]);
  }
  return right;
}

/* With few runs what is rare may not happen on each path, but on one of those that have it. */
static bool has_happened(const Row *rows, bool full)
{
  unsigned all[RELAY_IMPAIRMENTS] = {0};
  bool each = true, some = true;

  for (unsigned i = 0; i < relay_path_count; i++)
    for (unsigned at = 0; at < RELAY_IMPAIRMENTS; at++) {
      all[at] += rows[i].happened[at];
      each &= rows[i].happened[at] > 0 || !relay_path_has(rows[i].path, at);
    }
  for (unsigned at = 0; at < RELAY_IMPAIRMENTS; at++)
    some &= all[at] > 0;
  return full ? each : some;
}

/* One in a few is no share: it may miss, but on a path that always does. */
static bool has_enough(const Row *row)
{
  unsigned percent = row->path->done_percent, spared = percent < 100;

  return (row->done + spared) * 100 >= percent * row->runs;
}

static bool judge(const Options *options, const Row *rows, const TortureRun *runs, unsigned count)
{
  bool all = options->path < 0, ended = true, enough = true, right;
  unsigned number = 0;

  for (unsigned i = 0; i < count; i++)
    ended &= runs[i].ended;
  for (unsigned i = 0; i < relay_path_count; i++)
    enough &= has_enough(&rows[i]);
  printf("1..%d\n", TORTURE_FAULTS + (all ? 3 : 1));
  right = judge_faults(&number, runs, count);
  right &= tell(&number, ended, "each run was made");
  if (!all)
    return right;
  right &=
      tell(&number, has_happened(rows, options->full), "the paths did what they are there for");
  return right & tell(&number, enough, "as many upgrades came through as each path lets");
}

static bool report(const Options *options, const TortureRun *runs, unsigned count)
{
  g_autofree Row *rows = g_new0(Row, relay_path_count);

  printf("# %u runs\n", count);
  printf("# | path | runs | done | gave up, old runs | not known | false | median time (against "
         "clean) | bytes sent / needed | retries a run | slowest |\n"
         "# |---|---|---|---|---|---|---|---|---|---|\n");
  for (unsigned i = 0; i < relay_path_count; i++) {
    rows[i] = sum_up(&relay_paths[i], runs, count);
    if (rows[i].runs > 0)
      print_row(&rows[i], &rows[0]);
  }
  for (unsigned i = 0; i < relay_path_count; i++)
    if (rows[i].runs > 0) {
      print_happened(&rows[i]);
      print_causes(rows[i].path, runs, count);
    }
  print_wrong(runs, count);
  return judge(options, rows, runs, count);
}

static bool read_options(int argc, char **argv, Options *options)
{
  for (int i = 1; i < argc; i++) {
    const char *name = argv[i];
    int number;

    if (strcmp(name, "--full") == 0) {
      options->full = true;
      continue;
    }
    if (++i == argc)
      return false;
    number = atoi(argv[i]);
    if (strcmp(name, "--jobs") == 0)
      options->jobs = (unsigned)CLAMP(number, 1, JOBS_MAX);
    else if (strcmp(name, "--path") == 0)
      options->path = CLAMP(number, 0, (int)relay_path_count - 1);
    else if (strcmp(name, "--seed") == 0)
      options->seed = number;
    else
      return false;
  }
  return true;
}

int torture_main(int argc, char **argv, TortureFunc func, unsigned few, unsigned full)
{
  Options options = {.jobs = 2, .path = -1, .seed = -1};
  unsigned each, count;
  TortureRun *runs;
  bool right;

  if (!read_options(argc, argv, &options)) {
    fprintf(stderr, "usage: %s [--full] [--jobs N] [--path N [--seed N]]\n", argv[0]);
    return 2;
  }
  each = options.full ? full : few;
  count = options.path >= 0 ? (options.seed >= 0 ? 1 : each) : each * relay_path_count;
  runs =
      mmap(NULL, count * sizeof *runs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (runs == MAP_FAILED)
    g_error("no memory");
  for (unsigned i = 0; i < count; i++) {
    runs[i].path = &relay_paths[options.path >= 0 ? (unsigned)options.path : i % relay_path_count];
    runs[i].seed = options.seed >= 0   ? (uint32_t)options.seed
                   : options.path >= 0 ? i
                                       : i / relay_path_count;
  }
  run_all(runs, count, func, options.jobs);
  right = report(&options, runs, count);
  munmap(runs, count * sizeof *runs);
  return right ? 0 : 1;
}
