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

/* Whether it decides which program runs: a record, the erase of the idle bank or its seal. */
static bool decides(const Sweep *sweep, const SweepOperation *operation)
{
  WireBank to = wire_bank_other((WireBank)sweep->before.running_bank);

  return operation->addr >= WIRE_RECORD_ADDR || operation->addr == wire_bank_map(to)->addr;
}

/* A torn erase leaves one of several kinds of damage, which is drawn once: each stream is one try.
 */
static void tear_erase(const Options *options, Sweep *sweep, unsigned n, unsigned *index,
                       SweepCount *count)
{
  static const uint8_t depths[] = {24, 128, 208};
  unsigned streams = pick(options, 1, 5, 20);

  for (unsigned stream = 1; stream <= streams; stream++)
    for (unsigned i = 0; i < G_N_ELEMENTS(depths); i++) {
      SweepCut cut = {
          .n = n, .fate = SIM_FLASH_CUT_INSIDE, .depth = depths[i], .power_cycles = stream};

      if ((*index)++ % options->jobs == options->job)
        sweep_cut_operation(sweep, &cut, options->much == FULL && stream == 1, count);
    }
}

static void cut_operations(const Options *options, Sweep *sweep, SweepCount *count)
{
  static const struct {
    SimFlashFate fate;
    uint8_t depth;
    bool few;
  } fates[] = {
      {SIM_FLASH_CUT_BEFORE, 0, false},   {SIM_FLASH_CUT_INSIDE, 4, false},
      {SIM_FLASH_CUT_INSIDE, 12, true},   {SIM_FLASH_CUT_INSIDE, 64, false},
      {SIM_FLASH_CUT_INSIDE, 128, true},  {SIM_FLASH_CUT_INSIDE, 192, false},
      {SIM_FLASH_CUT_INSIDE, 250, false}, {SIM_FLASH_CUT_AFTER, 0, true},
  };
  unsigned index = 0;

  for (unsigned n = 1; n <= sweep->operations->len; n++) {
    /* The data blocks are all alike: only the full run cuts them all. */
    bool edge = decides(sweep, sweep_get_operation(sweep, n));

    if (!edge && (options->much == FEW || (options->much == SOME && n % 6 != 0)))
      continue;
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
      SweepCut cut = {.n = n, .fate = fates[i].fate, .depth = fates[i].depth};

      if (!fates[i].few && (options->much == FEW || (options->much == SOME && !edge)))
        continue;
      if (index++ % options->jobs == options->job)
        sweep_cut_operation(
            sweep, &cut,
            edge && (options->much == FULL || (options->much == SOME && n % 2 == 0 && i == 4)),
            count);
    }
    if (sweep_get_operation(sweep, n)->erase)
      tear_erase(options, sweep, n, &index, count);
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
  cut_spread(options, sweep, SWEEP_POWER, pick(options, 4, 24, 1700), count);
}

static void add_window(GArray *at, uint64_t edge, unsigned window)
{
  for (uint64_t point = edge - window; point <= edge + window; point++)
    g_array_append_val(at, point);
}

static int compare_points(const void *a, const void *b)
{
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

  return left < right ? -1 : left > right;
}

/* Every boundary around the operations that decide, where they begin and where they end. */
static void cut_around_commit(const Options *options, Sweep *sweep, SweepCount *count)
{
  unsigned window = pick(options, 0, 1, 30);
  g_autoptr(GArray) at = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  unsigned points = 0;

  for (unsigned n = 1; n <= sweep->operations->len; n++) {
    const SweepOperation *operation = sweep_get_operation(sweep, n);

    if (decides(sweep, operation)) {
      add_window(at, operation->begun_at, window);
      add_window(at, operation->done_at, window);
    }
  }
  g_array_sort(at, compare_points);

  uint64_t *sorted = (uint64_t *)(void *)at->data;

  for (unsigned i = 0; i < at->len; i++)
    if (points == 0 || sorted[i] != sorted[points - 1])
      sorted[points++] = sorted[i];
  sweep_cut_instructions(sweep, sorted, points, SWEEP_POWER, options->job, options->jobs, count);
}

static void reset_instead(const Options *options, Sweep *sweep, SweepKind kind, SweepCount *count)
{
  static const unsigned percents[] = {10, 50, 90};
  unsigned index = 0;

  for (unsigned n = 1; n <= sweep->operations->len; n += pick(options, 29, 9, 1))
    for (unsigned i = 0; i < G_N_ELEMENTS(percents); i++)
      if (index++ % options->jobs == options->job)
        sweep_reset_inside(sweep, n, kind, percents[i], count);
  cut_spread(options, sweep, kind, pick(options, 2, 10, 150), count);
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
  unsigned seeds = pick(options, 1, 2, 175);
  uint32_t scene = (uint32_t)(sweep->scene - sweep_scenes);

  for (uint32_t seed = 0; seed < seeds; seed++)
    if (seed % options->jobs == options->job)
      sweep_random(sweep, second, seed * sweep_scene_count + scene, count);
}

/* What --full must come to, or the proof does not stand. */
enum { FULL_SPREAD_CASES = 10000, FULL_RANDOM_SEEDS = 1000 };

static const struct {
  const char *name;
  ProofFunc run;
  uint64_t full_cases, full_seeds;
} proofs[] = {
    {"power cut before, inside and after each flash operation, and again in the recovery",
     cut_operations},
    {"power cut at instruction boundaries spread over upgrade, switch and trial", cut_instructions,
     .full_cases = FULL_SPREAD_CASES},
    {"power cut at all instruction boundaries around commit and records", cut_around_commit},
    {"reset pin", pull_reset_pin},
    {"watchdog", let_watchdog_bite},
    {"two upgrades in a row under random cuts, resets and bites", cut_at_random,
     .full_seeds = FULL_RANDOM_SEEDS},
};

/* ---- Work spread over processes ---- */

static void work(const Options *options, ProofFunc run, Sweep *sweep, int to)
{
  SweepCount count = {0};

  run(options, sweep, &count);
  fflush(stdout);
  _exit(write(to, &count, sizeof count) == (ssize_t)sizeof count ? 0 : 1);
}

/* One proof in one scene, spread over processes and summed up. */
static SweepCount run_proof(Options options, ProofFunc run, Sweep *sweep)
{
  SweepCount sum = {0};
  int from[JOBS_MAX];

  if (sweep->broken)
    return (SweepCount){.broken = 1};
  fflush(stdout);
  for (options.job = 0; options.job < options.jobs; options.job++) {
    int ends[2];

    if (pipe(ends) != 0)
      g_error("no pipe");
    if (fork() == 0)
      work(&options, run, sweep, ends[1]);
    close(ends[1]);
    from[options.job] = ends[0];
  }
  for (unsigned job = 0; job < options.jobs; job++) {
    SweepCount count;

    if (read(from[job], &count, sizeof count) != (ssize_t)sizeof count)
      count = (SweepCount){.broken = 1}; /* a worker that does not answer is no success */
    close(from[job]);
    sweep_count_add(&sum, &count);
  }
  while (wait(NULL) > 0)
    continue;
  return sum;
}

static void print_count(const char *name, const SweepCount *count)
{
  const struct {
    const char *name;
    uint64_t number;
  } parts[] = {
      {"planned", count->planned},
      {"cases", count->cases},
      {"skipped", count->skipped},
      {"cuts fired", count->fired},
      {"old", count->old},
      {"new", count->new},
      {"dead", count->dead},
      {"wrong", count->wrong},
      {"upgraded again", count->upgraded},
      {"flash seen before", count->known},
      {"not upgraded", count->not_upgraded},
      {"lasting", count->lasted},
      {"firmware errors", count->reports},
      {"broken", count->broken},
  };

  printf("# %s:", name);
  for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++)
    printf("%s %s %" G_GUINT64_FORMAT, i > 0 ? "," : "", parts[i].name, parts[i].number);
  printf("\n");
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

/* Ready once, for all proofs: a worker has them from its parent. */
static Sweep *new_sweep(const Options *options, unsigned scene)
{
  return sweep_new(&sweep_scenes[scene], options->factory, options->much != FULL);
}

static bool run_all(const Options *options)
{
  g_autofree Sweep **sweeps = g_new(Sweep *, sweep_scene_count);
  SweepCount total = {0};
  bool clean = true;

  for (unsigned scene = 0; scene < sweep_scene_count; scene++)
    sweeps[scene] = new_sweep(options, scene);

  printf("1..%d\n", (int)G_N_ELEMENTS(proofs) + (options->much == FULL));
  for (unsigned i = 0; i < G_N_ELEMENTS(proofs); i++) {
    SweepCount sum = {0};
    bool right = true;

    for (unsigned scene = 0; scene < sweep_scene_count; scene++) {
      SweepCount count = run_proof(*options, proofs[i].run, sweeps[scene]);

      print_count(sweep_scenes[scene].name, &count);
      right &= sweep_count_is_clean(&count);
      sweep_count_add(&sum, &count);
    }
    print_count("in all", &sum);
    if (options->much == FULL)
      right &= sum.cases >= proofs[i].full_cases && sum.seeds >= proofs[i].full_seeds;
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
  for (unsigned scene = 0; scene < sweep_scene_count; scene++)
    sweep_free(sweeps[scene]);
  return clean;
}

/* True when a firmware with a deliberate mistake does not get through. A scene that cannot even be
 * prepared, or a worker that died, finds no mistake of the kind that is meant. */
static bool is_caught(const Options *options)
{
  bool caught = false;

  printf("1..1\n");
  /* From the last: there most of what can be done wrong is done. */
  for (unsigned scene = sweep_scene_count; scene-- > 0 && !caught;) {
    Sweep *sweep = new_sweep(options, scene);
    SweepCount count = run_proof(*options, cut_operations, sweep);

    sweep_free(sweep);
    print_count(sweep_scenes[scene].name, &count);
    caught = count.broken == 0 && sweep_count_has_caught(&count);
  }
  printf("%sok 1 - the sweep finds the mistake in %s\n", caught ? "" : "not ", options->factory);
  return caught;
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
