/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The proof that an upgrade cannot kill a substation: power cuts, the reset pin and the watchdog at
 * every flash operation and at thousands of instruction boundaries of whole upgrades, on the ARM
 * images. Short in the tests; with --full it takes its time and remembers nothing.
 *
 *   power-cut [--full | --few] [--jobs N] [--factory FILE] [--caught]
 *
 * --factory takes another firmware, --caught turns the verdict round: a mutant has to be found. */

#include "sweep.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 16 };

typedef struct {
  enum { SOME, FEW, FULL } much;
  bool caught;
  unsigned jobs, job; /* of the worker */
  const char *factory;
} Options;

typedef void (*ProofFunc)(const Options *options, Sweep *sweep, SweepCount *count);

static unsigned pick(const Options *options, unsigned few, unsigned some, unsigned full)
{
  return options->much == FULL ? full : options->much == FEW ? few : some;
}

static void cut_operations(const Options *options, Sweep *sweep, SweepCount *count)
{
  static const struct {
    SimFlashFate fate;
    uint8_t depth;
  } fates[] = {
      {SIM_FLASH_CUT_BEFORE, 0},   {SIM_FLASH_CUT_INSIDE, 4},   {SIM_FLASH_CUT_INSIDE, 12},
      {SIM_FLASH_CUT_INSIDE, 64},  {SIM_FLASH_CUT_INSIDE, 128}, {SIM_FLASH_CUT_INSIDE, 192},
      {SIM_FLASH_CUT_INSIDE, 250}, {SIM_FLASH_CUT_AFTER, 0},
  };
  unsigned index = 0;

  for (unsigned n = 1; n <= sweep->operations; n++) {
    /* The data blocks in the middle are all alike: the full run cuts them all, recoveries too. */
    bool edge = n <= 4 || n + 5 > sweep->operations;

    if (options->much == FEW && !edge)
      continue;
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++)
      if (index++ % options->jobs == options->job)
        sweep_cut_operation(sweep, n, fates[i].fate, fates[i].depth,
                            options->much == FULL || (options->much == SOME && edge && i % 2 == 0),
                            count);
  }
}

static void cut_spread(const Options *options, Sweep *sweep, SweepKind kind, unsigned boundaries,
                       SweepCount *count)
{
  g_autofree uint64_t *at = g_new(uint64_t, boundaries);

  for (unsigned i = 0; i < boundaries; i++)
    at[i] = sweep->begin + 1 + (sweep->end - sweep->begin) * i / boundaries;
  sweep_cut_instructions(sweep, at, boundaries, kind, options->job, options->jobs, count);
}

static void cut_instructions(const Options *options, Sweep *sweep, SweepCount *count)
{
  cut_spread(options, sweep, SWEEP_POWER, pick(options, 8, 150, 3000), count);
}

/* Every boundary around the operations that decide: the running program's record and the erases
 * before the transfer, seal and records behind it. */
static void cut_around_commit(const Options *options, Sweep *sweep, SweepCount *count)
{
  enum { EDGES_BEFORE = 4, EDGES_BEHIND = 8 };
  unsigned window = pick(options, 1, 12, 200);
  g_autoptr(GArray) at = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  uint64_t last = 0;

  for (unsigned i = 0; i < sweep->edges->len; i++) {
    uint64_t edge = g_array_index(sweep->edges, uint64_t, i);

    if (i >= EDGES_BEFORE && i + EDGES_BEHIND < sweep->edges->len)
      continue;
    for (uint64_t point = MAX(edge - window, last + 1); point <= edge + window; point++)
      g_array_append_val(at, point);
    last = edge + window;
  }
  sweep_cut_instructions(sweep, (const uint64_t *)(const void *)at->data, at->len, SWEEP_POWER,
                         options->job, options->jobs, count);
}

static void reset_instead(const Options *options, Sweep *sweep, SweepKind kind, SweepCount *count)
{
  static const unsigned percents[] = {10, 50, 90};
  unsigned index = 0;

  for (unsigned n = 1; n <= sweep->operations; n += pick(options, 7, 1, 1))
    for (unsigned i = 0; i < G_N_ELEMENTS(percents); i++)
      if (index++ % options->jobs == options->job)
        sweep_reset_inside(sweep, n, kind, percents[i], count);
  cut_spread(options, sweep, kind, pick(options, 4, 60, 1000), count);
}

static void pull_reset_pin(const Options *options, Sweep *sweep, SweepCount *count)
{
  reset_instead(options, sweep, SWEEP_PIN, count);
}

static void let_watchdog_bite(const Options *options, Sweep *sweep, SweepCount *count)
{
  reset_instead(options, sweep, SWEEP_WATCHDOG, count);
}

static void cut_at_random(const Options *options, Sweep *sweep, SweepCount *count)
{
  g_autoptr(SyRelease) second = rig_load_release("release-1.0.0.hex");
  unsigned seeds = pick(options, 1, 8, 200);
  uint32_t scene = (uint32_t)(sweep->scene - sweep_scenes);

  for (uint32_t seed = 0; seed < seeds; seed++)
    if (seed % options->jobs == options->job)
      sweep_random(sweep, second, seed * sweep_scene_count + scene, count);
}

static const struct {
  const char *name;
  ProofFunc run;
} proofs[] = {
    {"power cut before, inside and after each flash operation, and again in the recovery",
     cut_operations},
    {"power cut at instruction boundaries spread over upgrade, switch and trial", cut_instructions},
    {"power cut at all instruction boundaries around commit and records", cut_around_commit},
    {"reset pin", pull_reset_pin},
    {"watchdog", let_watchdog_bite},
    {"two upgrades in a row under random cuts, resets and bites", cut_at_random},
};

/* ---- Work spread over processes ---- */

static void work(const Options *options, ProofFunc run, const SweepScene *scene, int to)
{
  SweepCount count = {0};
  Sweep *sweep = sweep_new(scene, options->factory, options->much != FULL);

  run(options, sweep, &count);
  sweep_free(sweep);
  fflush(stdout);
  _exit(write(to, &count, sizeof count) == (ssize_t)sizeof count ? 0 : 1);
}

/* One proof in one scene, spread over processes and summed up. */
static SweepCount run_proof(Options options, ProofFunc run, const SweepScene *scene)
{
  SweepCount sum = {0};
  int from[JOBS_MAX];

  fflush(stdout);
  for (options.job = 0; options.job < options.jobs; options.job++) {
    int ends[2];

    if (pipe(ends) != 0)
      g_error("no pipe");
    if (fork() == 0)
      work(&options, run, scene, ends[1]);
    close(ends[1]);
    from[options.job] = ends[0];
  }
  for (unsigned job = 0; job < options.jobs; job++) {
    SweepCount count;

    if (read(from[job], &count, sizeof count) != (ssize_t)sizeof count)
      count = (SweepCount){.dead = 1}; /* a worker that does not answer is no success */
    close(from[job]);
    sweep_count_add(&sum, &count);
  }
  while (wait(NULL) > 0)
    continue;
  return sum;
}

static void print_count(const char *name, const SweepCount *count)
{
  printf("# %s: cases %" G_GUINT64_FORMAT ", cuts fired %" G_GUINT64_FORMAT
         ", old %" G_GUINT64_FORMAT ", new %" G_GUINT64_FORMAT ", dead %" G_GUINT64_FORMAT
         ", wrong %" G_GUINT64_FORMAT ", upgraded again %" G_GUINT64_FORMAT
         " (flash seen before: %" G_GUINT64_FORMAT "), not %" G_GUINT64_FORMAT
         ", firmware errors %" G_GUINT64_FORMAT "\n",
         name, count->cases, count->fired, count->old, count->new, count->dead, count->wrong,
         count->upgraded, count->known, count->not_upgraded, count->reports);
}

/* Ten times the source design's own figure. */
static bool run_many(const Options *options)
{
  enum { UPGRADES = 500 };
  Rig *rig = rig_new_with_factory(options->factory);
  g_autoptr(SyRelease) newer = rig_load_release("release.hex");
  g_autoptr(SyRelease) older = rig_load_release("release-1.0.0.hex");
  unsigned done = 0;

  for (unsigned i = 0; i < UPGRADES; i++) {
    rig_upgrade(rig, i % 2 == 0 ? newer : older);
    done += rig->session.result.outcome == SY_OUTCOME_DONE;
  }
  printf("# %d upgrades in a row: %u done, firmware errors %u\n", UPGRADES, done, rig->reports);
  rig_free(rig);
  return done == UPGRADES;
}

static bool run_all(const Options *options)
{
  SweepCount total = {0};
  bool clean = true;

  printf("1..%d\n", (int)G_N_ELEMENTS(proofs) + (options->much == FULL));
  for (unsigned i = 0; i < G_N_ELEMENTS(proofs); i++) {
    SweepCount sum = {0};
    bool right = true;

    for (unsigned scene = 0; scene < sweep_scene_count; scene++) {
      SweepCount count = run_proof(*options, proofs[i].run, &sweep_scenes[scene]);

      print_count(sweep_scenes[scene].name, &count);
      right &= sweep_count_is_clean(&count);
      sweep_count_add(&sum, &count);
    }
    print_count("in all", &sum);
    printf("%sok %u - %s\n", right ? "" : "not ", i + 1, proofs[i].name);
    sweep_count_add(&total, &sum);
    clean &= right;
  }
  print_count("everything", &total);
  if (options->much == FULL) {
    bool right = run_many(options);

    printf("%sok %d - 500 upgrades in a row\n", right ? "" : "not ", (int)G_N_ELEMENTS(proofs) + 1);
    clean &= right;
  }
  return clean;
}

/* True when a firmware with a deliberate mistake does not get through. */
static bool is_caught(const Options *options)
{
  bool clean = true;

  printf("1..1\n");
  /* From the last: there most of what can be done wrong is done. */
  for (unsigned scene = sweep_scene_count; scene-- > 0 && clean;) {
    SweepCount count = run_proof(*options, cut_operations, &sweep_scenes[scene]);

    print_count(sweep_scenes[scene].name, &count);
    clean = sweep_count_is_clean(&count);
  }
  printf("%sok 1 - the sweep finds the mistake in %s\n", clean ? "not " : "", options->factory);
  return !clean;
}

int main(int argc, char **argv)
{
  Options options = {.jobs = 2, .factory = "factory.hex"};

  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--full") == 0) {
      options.much = FULL;
    } else if (strcmp(argv[i], "--few") == 0) {
      options.much = FEW;
    } else if (strcmp(argv[i], "--caught") == 0) {
      options.caught = true;
    } else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc) {
      int jobs = atoi(argv[++i]);

      options.jobs = (unsigned)CLAMP(jobs, 1, JOBS_MAX);
    } else if (strcmp(argv[i], "--factory") == 0 && i + 1 < argc) {
      options.factory = argv[++i];
    } else {
      fprintf(stderr, "usage: power-cut [--full | --few] [--jobs N] [--factory FILE] [--caught]\n");
      return 2;
    }
  }
  return options.caught ? !is_caught(&options) : !run_all(&options);
}
